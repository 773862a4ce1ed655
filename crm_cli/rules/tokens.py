"""What a text is searched by: words of letters and digits, pairs of Chinese signs, the sounds of Chinese names.

A searched word is found wherever it stands in a folded text; one that begins with one or two letters or digits only
where a word begins. What an index has is chosen so that it never misses such a place; whether it is one is then asked
of the text itself (`stands`).
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from crm_cli.rules.pinyin import beginning_with, has_han, initials, parses, readings, spells, syllables
from crm_cli.rules.text import fold

VERSION = 1  # of what tokens() makes of a text: another number, and every index is built anew
SHORT = 3  # letters from which on a word is also found within words
_LONG = 64  # signs of a word as the index has it; a longer one stands there in pieces that overlap by half
_SIGNS = (
    "\u3005-\u3007\u3021-\u3029\u3038-\u303c\u3041-\u3096\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u3131-\u318e"
    "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_PLAIN_RUNS = re.compile("[a-z0-9]+")
# What an index has for a sound: no text can hold these tokens, since each begins with a sign that is no letter.
_SOUND, _FIRSTS = "\u00b7", "\u00b7\u00b7"


@cache
def _runs() -> "re.Pattern[str]":
    """Runs of signs, or of letters and digits; compiled for the first text that is not plain: that takes longer than
    most commands have."""
    return re.compile(f"[{_SIGNS}]+|[^\\W_{_SIGNS}]+")


@cache
def _sign() -> "re.Pattern[str]":
    return re.compile(f"[{_SIGNS}]")


class Word(NamedTuple):
    """One word that is looked for, in all forms that count as it; folded, without spaces."""

    forms: tuple[str, ...]


class Tokens(NamedTuple):
    """Of a text: its words, which the list of all words has too, and what else leads to it."""

    words: set[str]
    others: set[str]


def tokens(text: str, *, sounds: bool = False) -> Tokens:
    """The tokens of a text as it was typed; with `sounds` also those of the Chinese names in it."""
    folded = fold(text)
    if folded.isascii():
        words = set(_PLAIN_RUNS.findall(folded))
        return Tokens(words if len(folded) <= _LONG else _short_enough(words), set())
    words, others = set(), set()
    for run in _runs().findall(folded):
        if is_signs(run):
            others.update(run)
            others.update(run[i : i + 2] for i in range(len(run) - 1))
        else:
            words.add(run)
    if sounds and has_han(folded):
        others |= _sounds(folded)
    return Tokens(_short_enough(words), others)


def _short_enough(words: set[str]) -> set[str]:
    if all(len(word) <= _LONG for word in words):
        return words
    half = _LONG // 2
    return {word[i : i + _LONG] for word in words for i in range(0, max(1, len(word) - half), half)}


@lru_cache(maxsize=4096)
def _of_pair(pair: str) -> tuple[str, ...]:
    return tuple(_FIRSTS + one + two for one in initials(pair[0]) for two in initials(pair[1]))


def _sounds(text: str) -> set[str]:
    """Each reading of each sign, and the first letters of each two that follow each other."""
    found: set[str] = set()
    for run in syllables(text):
        found.update(_SOUND + reading for sign in run for reading in readings(sign))
        for i in range(len(run) - 1):
            found.update(_of_pair(run[i : i + 2]))
    return found


# ------------------------------------------------------------------ what an index is asked


def pieces(form: str) -> list[str]:
    """The runs of a searched word: Chinese signs, or letters and digits."""
    return (_PLAIN_RUNS if form.isascii() else _runs()).findall(form)


def is_signs(piece: str) -> bool:
    """Whether a run is of Chinese, Japanese or Korean signs."""
    return not piece.isascii() and _sign().match(piece) is not None


def leading(form: str) -> str:
    """The letters that a word begins with, which may be a part of another word; "" where there are none."""
    found = pieces(form)
    return found[0][: _LONG // 2] if found and not is_signs(found[0]) and form.startswith(found[0]) else ""


def clause(form: str, within: Iterable[str] | None) -> str:
    """What finds every text that a word may stand in, in the language of FTS5; `within` are the words that have its
    leading letters, None where they are too many. "" where nothing narrows it down."""
    found = pieces(form)
    parts = []
    for i, piece in enumerate(found):
        if is_signs(piece):
            pairs = [piece[at : at + 2] for at in range(len(piece) - 1)]
            parts += [quoted(pair) for pair in pairs] or [quoted(piece)]
        elif i == 0 and leading(form):
            if within is not None:
                parts.append("(" + " OR ".join(map(quoted, within)) + ")")
            elif len(piece) < SHORT:
                parts.append(f"{quoted(piece)} *")
        else:
            parts.append(f"{quoted(piece[:_LONG])} *")
    return " AND ".join(parts)


def sound_clauses(form: str) -> Iterator[str]:
    """The same for Chinese names that may be spelled so."""
    for parse in parses(form):
        if len(parse) == 1:
            yield "(" + " OR ".join(quoted(_SOUND + one) for one in beginning_with(parse[0])) + ")"
            continue
        parts = [quoted(_FIRSTS + parse[i][0] + parse[i + 1][0]) for i in range(len(parse) - 1)]
        yield " AND ".join(parts)


def quoted(token: str) -> str:
    """A token as FTS5 takes it, whatever is in it."""
    return '"' + token.replace('"', '""') + '"'


# ------------------------------------------------------------------ whether it is there


def stands(form: str, text: str) -> bool:
    """Whether a searched word stands in a folded text."""
    at = text.find(form)
    if at < 0:
        return False
    return not _needs_start(form) or any(_begins(text, place) for place in _places(form, text, at))


def where(form: str, text: str) -> Iterator[int]:
    """Each place where it stands."""
    if not form:
        return iter(())
    at = text.find(form)
    if not _needs_start(form):
        return _places(form, text, at)
    return (place for place in _places(form, text, at) if _begins(text, place))


def starts(form: str, text: str) -> bool:
    """The same, where a word begins."""
    at = text.find(form)
    return at >= 0 and any(_begins(text, place) for place in _places(form, text, at))


def sounds_like(form: str, name: str) -> bool:
    """Whether Latin letters spell a folded Chinese name, or signs in it that follow each other."""
    return form.isascii() and form.isalpha() and len(form) > 1 and has_han(name) and spells(form, name)


def has(word: Word, text: str) -> bool:
    """Whether one of the forms stands in it."""
    return any(stands(form, text) for form in word.forms)


@lru_cache(maxsize=64)
def _needs_start(form: str) -> bool:
    found = pieces(form)
    return bool(found) and form.startswith(found[0]) and len(found[0]) < SHORT and not is_signs(found[0])


def _places(form: str, text: str, at: int) -> Iterator[int]:
    while at >= 0:
        yield at
        at = text.find(form, at + 1)


def _begins(text: str, at: int) -> bool:
    if at == 0:
        return True
    before = text[at - 1]
    return before == "_" or not before.isalnum() or is_signs(before) or is_signs(text[at])
