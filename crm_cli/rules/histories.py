"""From orders to what a forecast asks of each customer: how often, when last, since when, and how much a time."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NamedTuple

DAYS_A_WEEK = 7
Order = tuple[int, str, int]  # customer, day as YYYY-MM-DD, amount in minor units of one currency


class History(NamedTuple):
    """x, t_x and T of the literature: repeat purchases, and in weeks from the first one to the last and to today."""

    repeats: int
    last: float
    age: float


class Purchase(NamedTuple):
    """One day on which a customer bought, and the money of that day in minor units."""

    on: date
    money: int


class Summary(NamedTuple):
    """One customer on one day. `mean` is of the repeat purchases, in minor units; None where there are none."""

    customer: int
    first_on: date
    last_on: date
    history: History
    mean: float | None
    money: int

    @property
    def purchases(self) -> int:
        """Days with a purchase, the first one among them."""
        return self.history.repeats + 1


def purchases(orders: Iterable[Order], as_of: date) -> Iterator[tuple[int, list[Purchase]]]:
    """Each customer with the days on which he bought, up to and with `as_of`.

    Orders must come sorted by customer and day; ValueError where they do not. All orders of a day are one purchase. A
    day that ends below zero is a return and no purchase; so is one where a return leaves nothing. A day whose orders
    were free of charge is one. Orders after `as_of` do not exist yet. Who only returned has an empty list.
    """
    before: int | None = None
    until = as_of.isoformat()
    for customer, group in groupby(orders, key=itemgetter(0)):
        if before is not None and customer <= before:
            raise ValueError("orders must be sorted by customer")
        before = customer
        found: list[Purchase] = []
        previous, money, least = "", 0, 0
        for _, text, amount in group:
            if text == previous:
                money, least = money + amount, min(least, amount)
                continue
            if text < previous:
                raise ValueError("orders of a customer must be sorted by day")
            if previous and (money > 0 or money == least == 0) and previous <= until:
                found.append(Purchase(_day(previous), money))
            previous, money, least = text, amount, amount
        if (money > 0 or money == least == 0) and previous <= until:
            found.append(Purchase(_day(previous), money))
        yield customer, found


def summaries(orders: Iterable[Order], as_of: date) -> Iterator[Summary]:
    """What the models ask of every customer who bought by that day; orders as `purchases` takes them."""
    for customer, bought in purchases(orders, as_of):
        if bought:
            yield summary(customer, bought, as_of)


def summary(customer: int, bought: Sequence[Purchase], as_of: date) -> Summary:
    """The same of one customer; `bought` is in order, not empty and not after `as_of`.

    The first purchase is what made him a customer: it starts the clock and counts neither as a repeat nor in the mean.
    """
    first, last = bought[0].on, bought[-1].on
    repeats = len(bought) - 1
    money = sum(purchase.money for purchase in bought)
    return Summary(
        customer,
        first,
        last,
        History(repeats, (last - first).days / DAYS_A_WEEK, (as_of - first).days / DAYS_A_WEEK),
        (money - bought[0].money) / repeats if repeats else None,
        money,
    )


def median(values: Iterable[float]) -> float | None:
    """The middle value, or the mean of the two in the middle; None of none. (`statistics` is slow to load.)"""
    ordered = sorted(values)
    if not ordered:
        return None
    half = len(ordered) // 2
    return float(ordered[half]) if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def gaps(days: Sequence[date]) -> list[int]:
    """The days from each to the next; the days are in order."""
    return [(later - earlier).days for earlier, later in pairwise(days)]


@lru_cache(maxsize=20_000)
def _day(text: str) -> date:
    return date.fromisoformat(text)
