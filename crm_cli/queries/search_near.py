"""Where nothing has a word as it was typed: words that differ by one letter, names that sound the same or differ by
one Chinese sign. What is found so is said to be near, never to be it."""

from collections.abc import Iterable, Iterator
from itertools import islice

from crm_cli.queries.search import APOSTROPHES, Asked, Hit, found, in_name
from crm_cli.queries.search_places import RECORDS, Index
from crm_cli.rules import pinyin, tokens
from crm_cli.rules.text import fold
from crm_cli.rules.tokens import Word

_LEAST = 3  # letters of a word that may be mistyped
_BEFORE = 4  # an apostrophe that was left out stands behind at most three letters: o'brien, dell'orto
_MOST = 24  # forms that one word may stand for
_SOUNDED = 50  # names that are asked whether they are spelled so
_LOOKED = 2000  # names and texts that are looked through where no list of words has them
_LETTERS = ("abcdefghijklmnopqrstuvwxyz0123456789", "абвгдежзийклмнопрстуфхцчшщъыьэюя", "αβγδεζηθικλμνξοπρσςτυφχψω")


def near(index: Index, wanted: Asked, *, country: str | None = None) -> tuple[list[Hit], bool, Asked]:
    """Hits for what comes near the words, whether more would fit, and what was looked for instead."""
    words = [_nearest(index, word) for word in wanted.words]
    instead = Asked(wanted.text, wanted.key, words)
    if words == wanted.words:
        return [], False, instead
    hits, more = found(index, instead, country=country)
    return hits, more, instead


def _nearest(index: Index, word: Word) -> Word:
    """The word with the forms that it may have been meant as; itself where it is known, or nothing is like it."""
    form = word.forms[0]
    if len(word.forms) > 1 or len(form) < 2 or _is_known(index, word):
        return word
    forms = _of_signs(index, form) if tokens.is_signs(form[:1]) else _of_letters(index, form)
    return Word((form, *islice(dict.fromkeys(forms), _MOST))) if forms else word


def _is_known(index: Index, word: Word) -> bool:
    """Whether any text has it."""
    for place in RECORDS.values():
        match = index.match([word])
        rows = [index.unindexed(place, [word])]
        if match:
            rows.append(index.indexed(place, match, [word]))
        for row in (row for source in rows for row in islice(source, _LOOKED)):
            texts = [str(text) for text in row[1:4] if text]
            if any(in_name(word, fold(text)) for text in texts):
                return True
    return False


def variants(form: str) -> Iterator[str]:
    """All that differs by one letter: two changed about, one left out, one wrong, one too many."""
    letters = next((known for known in _LETTERS if form[0] in known), _LETTERS[0])
    for i in range(len(form) - 1):
        yield form[:i] + form[i + 1] + form[i] + form[i + 2 :]
    for i in range(len(form)):
        yield form[:i] + form[i + 1 :]
    for i in range(len(form) + 1):
        for letter in letters:
            yield form[:i] + letter + form[i:]
            if i < len(form):
                yield form[:i] + letter + form[i + 1 :]


def _of_letters(index: Index, form: str) -> list[str]:
    if len(form) < _LEAST:
        return []
    like = dict.fromkeys(one for one in variants(form) if one != form)
    known = index.known_words(like)
    cut = [f"{form[:i]}{mark}{form[i:]}" for i in range(1, _BEFORE) for mark in APOSTROPHES[:2]]
    if form.isalpha() and len(form) > _BEFORE and _is_known(index, Word(tuple(cut))):
        return cut
    return [one for one in like if one in known or (pinyin.is_spelled(one) and _is_sounded(index, one))]


def _is_sounded(index: Index, letters: str) -> bool:
    """Whether a Chinese name is spelled so; of names that are not in the index yet, one of the newest."""
    match = " OR ".join(f"({one})" for one in tokens.sound_clauses(letters))
    for place in (RECORDS["customer"], RECORDS["contact"]):
        names = (fold(str(row[1])) for row in islice(index.indexed(place, match, []), _SOUNDED))
        if any(pinyin.spells(letters, name) for name in names):
            return True
    return pinyin.spells(letters, index.fresh_names())


def _of_signs(index: Index, form: str) -> list[str]:
    """Names that sound so, and pieces of names of which one sign is another."""
    found: list[str] = []
    sound = pinyin.spelled(form)
    if sound and _is_known(index, Word((sound,))):
        found.append(sound)
    if len(form) < _LEAST:
        return found
    signs = [Word((sign,)) for sign in form]
    # all signs but one, whichever: what has them all in other places is sorted out when it is looked at
    matches = [index.match(signs[:i] + signs[i + 1 :]) for i in range(len(signs))]
    match = " OR ".join(f"({one})" for one in matches if one)
    for place in RECORDS.values():
        sources = [index.unindexed(place, signs)]
        if match:
            sources.append(index.indexed(place, match, signs))
        for row in (row for source in sources for row in islice(source, _LOOKED)):
            found += _pieces_like(form, (fold(str(text)) for text in row[1:4] if text))
    return found


def _pieces_like(form: str, texts: Iterable[str]) -> list[str]:
    """Pieces as long as the form that have all of its signs but one."""
    n = len(form)
    return [
        text[i : i + n]
        for text in texts
        for i in range(len(text) - n + 1)
        if sum(a != b for a, b in zip(form, text[i : i + n], strict=True)) == 1
    ]
