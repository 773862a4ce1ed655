"""How a customer buys and when it is reached, by plain counts of months, discounts and hours; nothing is guessed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

MONTHS = "January February March April May June July August September October November December".split()
ABOUT = ("who", "buying", "needs", "people", "reach", "risks", "next")
FEWEST_DAYS = 8  # days with an order before a month can stand out
SPAN = 365  # days between the first and the last of them
STANDS_OUT = 2 / 12  # of the orders: twice what one month in twelve would have
FEWEST_IN_MONTH = 3
WINDOW = 3  # hours
FEWEST_TALKS = 5


class Named(NamedTuple):
    """A word of a group that has another name in Chinese: a kind, a channel, a role, a country, a month."""

    group: str
    value: str


class Sentence(NamedTuple):
    """A sentence within a sentence."""

    text: str
    holes: dict[str, Any]


class Line(NamedTuple):
    """One line: what it is about (ABOUT), a sentence with holes, what it comes from (`task:7`), and the day.

    A hole is a text, a number, a `Named`, or a list of those. `quoted`: words of somebody, which a screen may cut.
    """

    about: str
    fact: str
    holes: dict[str, Any]
    ref: str | None = None
    on: str | None = None
    quoted: bool = False

    def published(self) -> dict[str, Any]:
        """Its public keys, in English."""
        text = self.fact.format(**{name: _plain(value) for name, value in self.holes.items()})
        return {"about": self.about, "fact": text, "ref": self.ref, "on": self.on}


def _plain(value: Any) -> str:
    if isinstance(value, Sentence):
        return value.text.format(**{name: _plain(own) for name, own in value.holes.items()})
    if isinstance(value, Named):
        return {"people": "{} people", "prefers": "prefers {}", "speaks": "speaks {}"}.get(value.group, "{}").format(
            MONTHS[int(value.value) - 1] if value.group == "month" else value.value
        )
    return ", ".join(map(_plain, value)) if isinstance(value, list) else str(value)


class Season(NamedTuple):
    """Months (1 to 12) that stand out, perhaps none, and how many of the days with an order fall into them."""

    months: tuple[int, ...]
    inside: int
    days: int


def season(days: Iterable[date]) -> Season | None:
    """The months with at least twice their share and three orders; None where there is too little to tell."""
    own = sorted(set(days))
    if len(own) < FEWEST_DAYS or (own[-1] - own[0]).days < SPAN:
        return None
    counts = Counter(day.month for day in own)
    found = tuple(
        month for month in sorted(counts) if counts[month] >= FEWEST_IN_MONTH and counts[month] / len(own) >= STANDS_OUT
    )
    return Season(found, sum(counts[month] for month in found), len(own))


class Discounts(NamedTuple):
    """How often a discount was given, and how high it was over all lines; both in percent."""

    lines: int
    share: float
    mean: float


def discounts(lines: int, discounted: int, total: int) -> Discounts | None:
    """Of so many lines, `total` in hundredths of a percent added up; None of none."""
    if not lines:
        return None
    return Discounts(lines, round(100 * discounted / lines, 1), round(total / lines / 100, 1))


class Hours(NamedTuple):
    """The hours from `start` to `end` that hold `inside` of all `talks`."""

    start: int
    end: int
    inside: int
    talks: int


def hours(of: Sequence[int]) -> Hours | None:
    """The three hours of the day with most talks, where they hold half of them or more; None of fewer than five."""
    if len(of) < FEWEST_TALKS:
        return None
    counts = Counter(of)
    inside, start = max(
        (sum(counts[hour] for hour in range(first, first + WINDOW)), -first) for first in range(24 - WINDOW + 1)
    )
    return Hours(-start, -start + WINDOW, inside, len(of)) if 2 * inside >= len(of) else None
