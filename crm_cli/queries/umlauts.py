"""Müller is Mueller: a search for one spelling finds the other, beside what has the words as they were typed."""

import unicodedata

from crm_cli.queries.search import Asked, Hit, asked
from crm_cli.rules.text import fold

_TWO = {"ä": "ae", "ö": "oe", "ü": "ue"}
_SPELLED = str.maketrans(_TWO)


def otherwise(wanted: Asked) -> Asked | None:
    """The same looked for in the other spelling, which folds to other letters; None where there is none."""
    spelled = spelled_out(wanted.text)
    if fold(spelled) != wanted.key:
        return asked(spelled)
    bare = wanted.key
    for two in _TWO.values():
        bare = bare.replace(two, two[0])
    return asked(bare) if bare != wanted.key else None


def spelled_out(text: str) -> str:
    """`Müller` -> `mueller`."""
    return text if text.isascii() else unicodedata.normalize("NFC", text).lower().translate(_SPELLED)


def together(hits: list[Hit], others: list[Hit], wanted: Asked) -> list[Hit]:
    """What was found as typed, with those of the other spelling that are the typed one when they are spelled out, the
    best first: who looks for blue is not shown Blum."""
    known = {(hit.kind, hit.id) for hit in hits}
    typed = fold(spelled_out(wanted.text)).split()
    more = [hit for hit in others if (hit.kind, hit.id) not in known and _has(hit, typed)]
    return sorted([*hits, *more], key=lambda hit: hit.order)


def _has(hit: Hit, words: list[str]) -> bool:
    text = fold(spelled_out(" ".join((hit.name, hit.customer or "", hit.passage))))
    return all(word in text for word in words)
