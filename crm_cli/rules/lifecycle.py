"""The stages that a customer passes through, replayed from what happened on which day: the same days, the same answer.

prospect    known to us, and nothing happened yet
exploring   talks to us, has a deal, or has ordered on one day
growing     has ordered again
mature      has ordered on MATURE days
declining   silent for more than WARN times the usual interval
lost        silent for more than LOST times the usual interval
won-back    ordered again after being lost; what comes next is counted from there

The usual interval is the median of a customer's own intervals up to that day, where there are two of them; else that of
all customers, or USUAL days where nobody has one. It counts as FLOOR days at least: nobody declines within two months
or is lost within three, however often he ordered. The risk (rules/rhythm.py) warns of that earlier.
"""

from bisect import insort
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from crm_cli.i18n import said
from crm_cli.rules.rhythm import FEWEST_INTERVALS
from crm_cli.rules.warning import LOST, WARN

STAGES = ("prospect", "exploring", "growing", "mature", "declining", "lost", "won-back")
MATURE = 5  # days with an order
USUAL, FLOOR = 90, 30  # days


class Life(NamedTuple):
    """What happened: `orders` are the days with a purchase, in order, each once. None and empty: it did not."""

    created: date
    contact: date | None = None
    deal: date | None = None
    orders: Sequence[date] = ()


class Step(NamedTuple):
    """One change of stage. `reason` is a word, with its numbers behind it: `silent 61 30`."""

    on: date
    before: str | None
    stage: str
    reason: str


def replay(life: Life, as_of: date, usual: float | None = None) -> list[Step]:
    """Every change of stage until that day, oldest first; never empty. `usual` is the interval of all, in days."""
    steps: list[Step] = []
    began = min((day for day in (life.contact, life.deal) if day is not None), default=None)
    orders = life.orders
    if orders and orders[-1] > as_of:
        orders = [day for day in orders if day <= as_of]
    first = orders[0] if orders else None
    met = min((day for day in (began, first) if day is not None and day <= as_of), default=None)
    if met is None or life.created < met:
        _enter(steps, min(life.created, as_of).toordinal(), "prospect", "created")
    if met is not None:
        why = "contact" if met == life.contact else "deal" if met == life.deal else "order"
        _enter(steps, met.toordinal(), "exploring", why)
    if orders:
        _orders(steps, orders, as_of, usual)
    return steps


def _orders(steps: list[Step], orders: Sequence[date], as_of: date, usual: float | None) -> None:
    gaps: list[int] = []  # in order of their length
    unit = general = max(usual or USUAL, FLOOR)
    counted, before = 0, 0  # days with an order, since the customer was lost last; the day of the order before
    stage = steps[-1].stage
    for day in map(date.toordinal, orders):
        if counted:
            gap = day - before
            if gap - 1 > WARN * unit:
                stage = _silence(steps, before, gap - 1, unit)
            insort(gaps, gap)
            n = len(gaps)
            if n >= FEWEST_INTERVALS:
                unit = max((gaps[(n - 1) // 2] + gaps[n // 2]) / 2, FLOOR)
            else:
                unit = general
            if stage == "lost":
                counted, stage = 0, "won-back"
                _enter(steps, day, stage, f"back {gap}")
        counted, before = counted + 1, day
        if 1 < counted < MATURE:
            if stage != "growing":
                stage = "growing"
                _enter(steps, day, stage, f"orders {counted}")
        elif counted >= MATURE and stage != "mature":
            stage = "mature"
            _enter(steps, day, stage, f"orders {counted}")
    _silence(steps, before, as_of.toordinal() - before, unit)


def _silence(steps: list[Step], last: int, silent: int, unit: float) -> str:
    """What so many days of silence after an order did; returns the stage behind it."""
    for times, stage in ((WARN, "declining"), (LOST, "lost")):
        if silent > times * unit:
            days = int(times * unit) + 1
            _enter(steps, last + days, stage, f"silent {days} {unit:g}")
    return steps[-1].stage


def _enter(steps: list[Step], on: int, stage: str, reason: str) -> None:
    steps.append(Step(date.fromordinal(on), steps[-1].stage if steps else None, stage, reason))


def by_hand(steps: Sequence[Step], stage: str, on: date) -> list[Step]:
    """The same with a stage that somebody set on a day: what happened afterwards does not move it."""
    kept = [step for step in steps if step.on <= on]
    before = kept[-1].stage if kept else None
    return [*kept, Step(on, before, stage, "hand")]


_REASONS = {
    "created": said("added"),
    "contact": said("first contact"),
    "deal": said("first deal"),
    "order": said("first order"),
    "orders": said("ordered on {n} days"),
    "silent": said("silent for {n} days, usually {usual}"),
    "back": said("ordered again after {n} days"),
    "hand": said("set by hand"),
}


def reason_of(kept: str) -> tuple[str, dict[str, str]]:
    """A reason as it is kept -> the sentence with what fills its holes, to be said in the user's language."""
    word, *numbers = kept.split()
    return _REASONS[word], dict(zip(("n", "usual"), numbers, strict=False))
