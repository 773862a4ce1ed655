"""Which known names a mistyped one is nearest to: the whole name, its beginning, or one of its words."""

from collections.abc import Iterable
from difflib import SequenceMatcher

_ALIKE = 0.7
_ALIKE_FOUR = 0.65
_ALIKE_SHORT = 0.5  # of two or three Chinese signs one may be wrong


def nearest_names(word: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The names most like the word, the most alike first; of those clearly less alike than the first, none."""
    low = word.lower()
    if len(low) < 2:
        return []
    least = _ALIKE_SHORT if len(low) <= 3 and not low.isascii() else _ALIKE_FOUR if len(low) <= 4 else _ALIKE
    matcher = SequenceMatcher(None, "", low, autojunk=False)
    scored = sorted(((_likeness(matcher, low, name.lower()), name) for name in set(known)), key=_best_first)
    good = [(score, name) for score, name in scored if score >= least]
    return [name for score, name in good if score > good[0][0] - 0.1][:most]


def _best_first(scored: tuple[float, str]) -> tuple[float, str]:
    return -scored[0], scored[1]


def _likeness(matcher: "SequenceMatcher[str]", low: str, name: str) -> float:
    """0 to 1: how alike a name is, or what of it somebody may have typed."""
    best = 0.0
    for piece, weight in _pieces(name, len(low)):
        matcher.set_seq1(piece)
        if matcher.real_quick_ratio() * weight > best and matcher.quick_ratio() * weight > best:
            best = max(best, matcher.ratio() * weight)
    return best


def _pieces(name: str, length: int) -> Iterable[tuple[str, float]]:
    """The name, its beginning, its words and what begins at a word, each with how much its likeness counts."""
    yield name, 1.0
    words = name.split()
    for i, word in enumerate(words):
        yield word, 0.98
        rest = " ".join(words[i:])
        if len(rest) > length:
            yield rest[:length], 0.97
    if len(name) > length and not name.isascii():
        for i in range(min(len(name) - length, 20) + 1):
            yield name[i : i + length], 0.96
