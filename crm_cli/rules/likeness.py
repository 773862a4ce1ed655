"""How alike two names are, 0 to 100: by rapidfuzz where it is installed, else by the same measure in plain Python."""

import re
from collections.abc import Callable
from functools import cache, lru_cache

from crm_cli.rules.text import fold

ALIKE = 85.0  # from here on two names may be one, misspelt
_SLIP = 0.1
_NUMBERS = re.compile(r"\d+|[〇零一二三四五六七八九十百]+")
_CALLED = frozenset("mr mrs ms miss mx dr prof sir herr frau fr hr ing dipl m mme mlle monsieur madame sr sra".split())
_CALLED_ZH = re.compile("(?<=..)(?:先生|女士|小姐|老师|博士|教授|经理)$")
_APART = re.compile(r"[\s,;./·・_]+")


@cache
def _measure() -> Callable[..., float]:
    try:
        from rapidfuzz.fuzz import ratio
    except ImportError:
        return _plainly
    return ratio


@lru_cache(maxsize=1 << 15)
def _signs(key: str) -> frozenset[str]:
    return frozenset(key)


def _plainly(one: str, other: str, *, score_cutoff: float = 0.0) -> float:
    """The longest common subsequence of both, doubled, as a share of their lengths; a bit for each sign of `one`."""
    whole = len(one) + len(other)
    if 100.0 * (whole - len(_signs(one) ^ _signs(other))) < score_cutoff * whole:
        return 0.0  # signs that only one of them has are too many already
    places: dict[str, int] = {}
    for at, sign in enumerate(one):
        places[sign] = places.get(sign, 0) | 1 << at
    full = left = (1 << len(one)) - 1
    for sign in other:
        met = left & places.get(sign, 0)
        left = (left + met | left - met) & full
    common = len(one) - left.bit_count()
    score = 200.0 * common / whole if whole else 100.0
    return score if score >= score_cutoff else 0.0


def likeness(one: str, other: str, least: float = 0.0) -> float:
    """How alike two keys of names are; 0 where that is less than `least`."""
    if one == other:
        return 100.0
    short, long = sorted((len(one), len(other)))
    if 200.0 * short < least * (short + long):
        return 0.0
    return float(_measure()(one, other, score_cutoff=least))


def is_misspelt(one: str, other: str) -> bool:
    """Whether one key may be the other with a slip of the hand: alike, the words that differ by two signs or a tenth,
    and no number by anything. Shop 12 and Shop 13 are two, as 第一中学 and 第二中学, Koch Bau and Fuchs Bau are."""
    if one == other:
        return True
    if likeness(one, other, ALIKE) < ALIKE or _NUMBERS.findall(one) != _NUMBERS.findall(other):
        return False
    mine, theirs = one.split(), other.split()
    rest = " ".join(word for word in mine if word not in theirs)
    other_rest = " ".join(word for word in theirs if word not in mine)
    whole = len(rest) + len(other_rest)
    return whole * (1 - likeness(rest, other_rest) / 100) <= max(2, whole * _SLIP) + 0.01


def person_key(name: str) -> str:
    """`Doe, Dr. Jane` and `Jane Doe` -> `doe jane`; 张伟先生 -> 张伟."""
    words = [word for word in _APART.split(fold(name)) if word]
    kept = [word for word in words if word not in _CALLED] or words
    if len(kept) == 1:
        return _CALLED_ZH.sub("", kept[0])
    return " ".join(sorted(kept))
