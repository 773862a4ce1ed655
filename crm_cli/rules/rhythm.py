"""Whether a customer falls out of his own rhythm: silent for too long, ordering less, talking less; with the evidence.

No model, and so nothing to fit: it says something about one customer with few orders too, and everybody can check it
by hand. Silent for more than twice the median of his own intervals is a warning, for more than three times he is lost:
the plain reading of "falling order frequency and contact"; the limits are a convention, and stand in the answer.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from crm_cli.rules.histories import gaps, median
from crm_cli.rules.warning import LOST, SHORTEST, WARN

FEWEST_INTERVALS = 2  # of his own; one interval alone may be anything
FEWEST_EVENTS = 3  # in both halves together, before a fall is more than chance
POINTS = {"silence": 60, "orders": 25, "contact": 15}  # of 100, where all three are known


class Part(NamedTuple):
    """One reason of the risk: `points` of at most `most`, and the numbers that they come from.

    silence: `silent` and `interval` in days. orders and contact: how many in the `earlier` and the `later` half of the
    customer's time.
    """

    name: str
    points: int
    most: int
    numbers: dict[str, float]


class Rhythm(NamedTuple):
    """One customer on one day; spans in days. What nothing is known about is None.

    `orders` are days with an order. `basis` says whose interval it is: "own", "all" (that of all customers) or None.
    `state`: "none" (never ordered), "unknown" (no interval to measure by), "steady", "warn" or "lost"; the last two
    from the day after `warn_after` and `lost_after` days of silence. `risk` is 0 to 100, the sum of the parts' points.
    """

    orders: int
    first_on: date | None
    last_on: date | None
    silent: int | None
    interval: float | None
    basis: str | None
    warn_after: float | None
    lost_after: float | None
    state: str
    risk: int | None
    parts: tuple[Part, ...]


def rhythm(
    order_days: Iterable[date], as_of: date, *, contact_days: Iterable[date] = (), usual: float | None = None
) -> Rhythm:
    """How one customer stands on that day. Days in any order and as often as they come; those after it are ignored.

    Order days are days with a purchase (`histories.purchases` leaves returns out). `usual` is the interval of all
    customers in days (`usual_interval`), for those with fewer than two of their own.
    """
    days = sorted({day for day in order_days if day <= as_of})
    contacts = sorted({day for day in contact_days if day <= as_of})
    if not days:
        return Rhythm(0, None, None, None, None, None, None, None, "none", None, ())
    silent = (as_of - days[-1]).days
    interval, basis = _interval(days, usual)
    unit = None if interval is None else max(interval, SHORTEST)
    parts = _parts(silent, unit, _halves(days, as_of), _halves(contacts, as_of))
    return Rhythm(
        len(days),
        days[0],
        days[-1],
        silent,
        interval,
        basis,
        None if unit is None else WARN * unit,
        None if unit is None else LOST * unit,
        _state(silent, unit),
        sum(part.points for part in parts) if parts else None,
        parts,
    )


def usual_interval(customers: Iterable[Sequence[date]]) -> float | None:
    """The median, in days, of the median intervals of all who have one; None where nobody ordered on two days.

    Each customer counts once, so that the few who order every week do not speak for all. Days as `rhythm` takes them.
    """
    own = (median(gaps(sorted(set(days)))) for days in customers)
    return median(each for each in own if each is not None)


def _interval(days: Sequence[date], usual: float | None) -> tuple[float | None, str | None]:
    """The interval to measure by, and whose it is: his own, that of all, or else the only one that he has."""
    between = gaps(days)
    if usual is not None and len(between) < FEWEST_INTERVALS:
        return usual, "all"
    own = median(between)
    return own, None if own is None else "own"


def _state(silent: int, unit: float | None) -> str:
    if unit is None:
        return "unknown"
    return "lost" if silent > LOST * unit else "warn" if silent > WARN * unit else "steady"


def _halves(days: Sequence[date], as_of: date) -> tuple[int, int]:
    """How many fall into the first and into the last half of the time from the first of them until today.

    The first one is left out: it begins the time, so that it could only ever be in the first half.
    """
    if not days:
        return 0, 0
    middle = days[0] + (as_of - days[0]) // 2
    earlier = bisect_right(days, middle, lo=1) - 1
    return earlier, len(days) - 1 - earlier


def _parts(silent: int, unit: float | None, orders: tuple[int, int], contact: tuple[int, int]) -> tuple[Part, ...]:
    """The reasons that are known; they share the 100 points in proportion when one is not. None without an interval."""
    if unit is None:
        return ()
    # nothing up to one interval, all of it from three on, where he counts as lost
    share = min(max(silent / unit - 1, 0.0) / (LOST - 1), 1.0)
    found: list[tuple[str, float, dict[str, float]]] = [("silence", share, {"silent": silent, "interval": unit})]
    for name, (earlier, later) in (("orders", orders), ("contact", contact)):
        if earlier + later >= FEWEST_EVENTS:
            share = 1 - later / earlier if later < earlier else 0.0
            found.append((name, share, {"earlier": earlier, "later": later}))
    most = _shared([POINTS[name] for name, _, _ in found])
    return tuple(
        Part(name, round(share * points), points, numbers)
        for (name, share, numbers), points in zip(found, most, strict=True)
    )


def _shared(weights: Sequence[int]) -> list[int]:
    """Whole numbers in proportion to the weights that add up to 100."""
    shared, given, seen = [], 0, 0
    for weight in weights:
        seen += weight
        until = round(100 * seen / sum(weights))
        shared.append(until - given)
        given = until
    return shared
