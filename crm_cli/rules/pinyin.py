"""How Chinese names are spelled in Latin letters: syllables and first letters, with the readings that surnames and
places have. The table is read when a Chinese name is looked at first."""

import os
import re
from collections.abc import Iterator
from functools import cache, lru_cache

_FILE = os.path.join(os.path.dirname(__file__), "pinyin.tsv")
_MOST_PARSES = 32
_LONGEST = 60  # letters that are taken for a spelled name


@cache
def _han() -> "re.Pattern[str]":
    return re.compile("[\u4e00-\u9fff]+")


@cache
def _table() -> dict[str, tuple[str, ...]]:
    """Sign -> its readings, the most frequent first. Lines of: reading, signs read so, signs also read so."""
    first: dict[str, tuple[str, ...]] = {}
    also: list[tuple[str, str]] = []
    with open(_FILE, encoding="utf-8") as file:
        for line in file:
            reading, usual, others = line.rstrip("\n").split("\t")
            first.update(dict.fromkeys(usual, (reading,)))
            also += [(sign, reading) for sign in others]
    for sign, reading in also:
        first[sign] = (*first.get(sign, ()), reading)
    return first


@cache
def _all() -> frozenset[str]:
    return frozenset(reading for found in _table().values() for reading in found)


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(reading[:n] for reading in _all() for n in range(1, len(reading) + 1))


def beginning_with(letters: str) -> list[str]:
    """Readings that begin so."""
    return sorted(reading for reading in _all() if reading.startswith(letters))


def has_han(text: str) -> bool:
    """Whether there is a sign in it that has a reading."""
    return not text.isascii() and _han().search(text) is not None


def syllables(text: str) -> list[str]:
    """The runs of signs that have readings."""
    return [] if text.isascii() else _han().findall(text)


def readings(sign: str) -> tuple[str, ...]:
    """The readings of one sign; none for one that is not in the table."""
    return _table().get(sign, ())


@lru_cache(maxsize=4096)
def initials(sign: str) -> tuple[str, ...]:
    """The first letters of its readings."""
    return tuple(dict.fromkeys(reading[0] for reading in readings(sign)))


def parses(letters: str) -> Iterator[tuple[str, ...]]:
    """How Latin letters may be a spelled name: whole syllables, then the beginning of one (`zhangw`), first letters
    (`zw`), or whole syllables and then first letters (`zhangsf`)."""
    if not (letters.isascii() and letters.isalpha() and letters.islower() and 1 < len(letters) <= _LONGEST):
        return
    seen: set[tuple[str, ...]] = set()
    for whole, rest in _whole(letters, ()):
        for parse in _ended(whole, rest):
            if parse not in seen:
                seen.add(parse)
                yield parse
        if len(seen) >= _MOST_PARSES:
            return


def _whole(rest: str, done: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    for n in range(min(6, len(rest)), 0, -1):
        if rest[:n] in _all() and (n > 1 or rest[0] in "aeo"):
            yield from _whole(rest[n:], (*done, rest[:n]))
    yield done, rest


def _ended(whole: tuple[str, ...], rest: str) -> Iterator[tuple[str, ...]]:
    if not rest:
        yield whole
        return
    if rest in _beginnings():
        yield (*whole, rest)
    if len(rest) > 1 and all(letter in _beginnings() for letter in rest):
        yield (*whole, *rest)


def is_spelled(letters: str) -> bool:
    """Whether letters are whole syllables, two at least."""
    return any(len(parse) > 1 and all(part in _all() for part in parse) for parse in parses(letters))


def spelled(signs: str) -> str:
    """Signs in their most frequent readings; "" where one has none."""
    found = [readings(sign) for sign in signs]
    return "".join(one[0] for one in found) if all(found) else ""


def spells(letters: str, name: str) -> bool:
    """Whether letters spell the name or signs of it that follow each other."""
    found = list(parses(letters))
    return any(
        _fits(parse, run, at) for run in syllables(name) for parse in found for at in range(len(run) - len(parse) + 1)
    )


def spells_whole(letters: str, name: str) -> bool:
    """Whether letters spell the name from its first to its last sign."""
    return any(len(parse) == len(name) and _fits(parse, name, 0) for parse in parses(letters))


def _fits(parse: tuple[str, ...], run: str, at: int) -> bool:
    """Every part but the last is a whole reading or its first letter; the last is a beginning of one."""
    last = len(parse) - 1
    for i, part in enumerate(parse):
        of = readings(run[at + i])
        if i == last or len(part) == 1:
            if not any(reading.startswith(part) for reading in of):
                return False
        elif part not in of:
            return False
    return True


def sort_key(key: str) -> str:
    """What a folded text is sorted by: Latin letters as they are and first, then Chinese signs by how they are read,
    those that are read alike by themselves, then signs that have no reading."""
    if key.isascii() or _han().search(key) is None:
        return key
    return "".join(map(_place, key))


@lru_cache(maxsize=8192)
def _place(sign: str) -> str:
    if not "\u4e00" <= sign <= "\u9fff":
        return sign
    found = readings(sign)
    return f"\u4e00{found[0] if found else '~'} {sign}"
