"""Recency, frequency, monetary: scores from 1 to 5, the class of a customer, and what the scores were cut by.

Hughes, Strategic Database Marketing (1994); Bult & Wansbeek, Marketing Science 14(4), 1995. Scores are by share of the
customers (about a fifth each), not by equal width, because what people spend is skewed.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

BINS = 5
FEWEST_BINS, MOST_BINS = 2, 10
HIGH = 4  # from this score on R, F or M is high, for the eight classes

CLASSES = (
    "champions", "loyal", "potential-loyalist", "new", "promising", "needs-attention", "about-to-sleep", "at-risk",
    "cant-lose", "hibernating", "lost",
)  # fmt: skip
GROUPS = (
    "key-value", "key-keep", "key-develop", "key-retain", "value", "keep", "develop", "retain",
)  # fmt: skip

# What stands in for the quintiles where there are too few customers or no differences: 5 for up to 30 days, and so on.
FIXED_DAYS = (30, 60, 90, 180)
FIXED_ORDERS = (1, 2, 3, 4)
FIXED_MONEY = (100, 1_000, 10_000, 100_000)  # units of the currency


class Facts(NamedTuple):
    """What is known of one customer: days since the last order, how many, and their money in minor units."""

    recency: int
    frequency: int
    monetary: int


class Scale(NamedTuple):
    """How one of the three was cut: the score of a value, and the lowest and highest value with each score.

    `fixed` says why no shares of the customers could be taken: "few" customers, or a "constant" value.
    """

    score: dict[int, int]
    spans: dict[int, tuple[int, int]]
    fixed: str = ""


class Scores(NamedTuple):
    """The three scales, and how many customers they rest on."""

    r: Scale
    f: Scale
    m: Scale
    customers: int
    bins: int


def scored(facts: Sequence[Facts], *, bins: int = BINS, ties: str = "rank", unit: int = 100) -> Scores:
    """The scales for some customers; `unit` is how many minor units one unit of the currency has.

    `ties` says how equal values are cut. "rank": ceil(bins x rank / n), ranks of equal values averaged. "breaks": one
    more than the number of breaks below the value, the breaks being quantiles of type 7 (as R's package rfm does).
    """
    fixed_money = tuple(units * unit for units in FIXED_MONEY)
    return Scores(
        _scale([one.recency for one in facts], bins, ties, FIXED_DAYS, falls=True),
        _scale([one.frequency for one in facts], bins, ties, FIXED_ORDERS),
        _scale([one.monetary for one in facts], bins, ties, fixed_money),
        len(facts),
        bins,
    )


def _scale(values: list[int], bins: int, ties: str, fixed: tuple[int, ...], *, falls: bool = False) -> Scale:
    counts: dict[int, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    why = "few" if len(values) < bins else "constant" if len(counts) < 2 else ""
    if why:
        found = {value: _spread(1 + sum(limit < value for limit in fixed), bins) for value in counts}
    elif ties == "breaks":
        found = _by_breaks(sorted(values), counts, bins)
    else:
        found = _by_rank(counts, len(values), bins)
    score = {value: bins + 1 - rising if falls else rising for value, rising in found.items()}
    spans: dict[int, tuple[int, int]] = {}
    for value, its in score.items():
        low, high = spans.get(its, (value, value))
        spans[its] = (min(low, value), max(high, value))
    return Scale(score, spans, why)


def _by_rank(counts: dict[int, int], n: int, bins: int) -> dict[int, int]:
    found, below = {}, 0
    for value in sorted(counts):
        twice_rank = 2 * below + counts[value] + 1  # the mean of the ranks below+1 .. below+count, twice
        found[value] = -(-bins * twice_rank // (2 * n))
        below += counts[value]
    return found


def _by_breaks(ordered: list[int], counts: dict[int, int], bins: int) -> dict[int, int]:
    breaks = [quantile(ordered, Fraction(i, bins)) for i in range(1, bins)]
    return {value: 1 + sum(limit < value for limit in breaks) for value in counts}


def quantile(ordered: Sequence[int], share: Fraction) -> Fraction:
    """The quantile of type 7 (Hyndman & Fan, The American Statistician 50(4), 1996), exact: R's and NumPy's usual."""
    at = (len(ordered) - 1) * share
    low = floor(at)
    return ordered[low] + (at - low) * (ordered[min(ceil(at), len(ordered) - 1)] - ordered[low])


def _spread(five: int, bins: int) -> int:
    """A score of five as one of `bins`."""
    return five if bins == BINS else 1 + ((five - 1) * (bins - 1) * 2 + 4) // 8


def of_five(score: int, bins: int) -> int:
    """A score of `bins` as one of five: the names of the classes are made for five."""
    return score if bins == BINS else 1 + ((score - 1) * 4 * 2 + bins - 1) // (2 * (bins - 1))


def fm(f: int, m: int) -> int:
    """Frequency and money as one: their mean, a half rounded up."""
    return (f + m + 1) // 2


# R -> the class for FM of 1 to 5: 25 cells, each with one name (after the names that are widely copied, which overlap)
_CELLS = {
    5: ("new", "potential-loyalist", "loyal", "champions", "champions"),
    4: ("promising", "potential-loyalist", "loyal", "champions", "champions"),
    3: ("about-to-sleep", "needs-attention", "needs-attention", "loyal", "loyal"),
    2: ("about-to-sleep", "about-to-sleep", "at-risk", "at-risk", "at-risk"),
    1: ("lost", "hibernating", "at-risk", "cant-lose", "cant-lose"),
}


def class_of(r: int, f: int, m: int) -> str:
    """The name for scores of five."""
    return _CELLS[r][fm(f, m) - 1]


_GROUPS = {
    (True, True, True): "key-value",
    (False, True, True): "key-keep",
    (True, False, True): "key-develop",
    (False, False, True): "key-retain",
    (True, True, False): "value",
    (False, True, False): "keep",
    (True, False, False): "develop",
    (False, False, False): "retain",
}


def group_of(r: int, f: int, m: int) -> str:
    """One of the eight classes of Chinese practice, from high or low on each of the three; high is a score from 4 on.

    The score decides and not the mean: a few large accounts pull the mean so far up that nearly all stand below it.
    """
    return _GROUPS[r >= HIGH, f >= HIGH, m >= HIGH]
