"""From orders to what a forecast asks of each customer: how often, when last, since when, and how much a time."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any, NamedTuple

DAYS_A_WEEK = 7
Order = Sequence[Any]  # customer, day as YYYY-MM-DD, amount in minor units of one currency; what follows is not read


class History(NamedTuple):
    """x, t_x and T of the literature: repeat purchases, and in weeks from the first one to the last and to today."""

    repeats: int
    last: float
    age: float


class Purchases(NamedTuple):
    """The days on which one customer bought, in order, and the money of each day in minor units."""

    days: list[date]
    money: list[int]


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


def purchases(orders: Iterable[Order], as_of: date) -> Iterator[tuple[int, Purchases]]:
    """Each customer with the days on which he bought, up to and with `as_of`.

    Orders must come sorted by customer and day; ValueError where they do not. All orders of a day are one purchase. A
    day that ends below zero is a return and no purchase; so is one where a return leaves nothing. A day whose orders
    were free of charge is one. Orders after `as_of` do not exist yet. Who only returned has none.
    """
    before: int | None = None
    until = as_of.isoformat()
    for customer, group in groupby(orders, key=itemgetter(0)):
        if before is not None and customer <= before:
            raise ValueError("orders must be sorted by customer")
        before = customer
        found = Purchases([], [])
        add_day, add_money = found.days.append, found.money.append
        previous, money, least = "", 0, 0
        for row in group:
            text, amount = row[1], row[2]
            if text == previous:
                money, least = money + amount, min(least, amount)
                continue
            if text < previous:
                raise ValueError("orders of a customer must be sorted by day")
            if previous and (money > 0 or money == least == 0) and previous <= until:
                add_day(_day(previous))
                add_money(money)
            previous, money, least = text, amount, amount
        if (money > 0 or money == least == 0) and previous <= until:
            add_day(_day(previous))
            add_money(money)
        yield customer, found


def summaries(orders: Iterable[Order], as_of: date) -> Iterator[Summary]:
    """What the models ask of every customer who bought by that day; orders as `purchases` takes them."""
    for customer, bought in purchases(orders, as_of):
        if bought.days:
            yield summary(customer, bought, as_of)


def summary(customer: int, bought: Purchases, as_of: date) -> Summary:
    """The same of one customer; `bought` is in order, not empty and not after `as_of`.

    The first purchase is what made him a customer: it starts the clock and counts neither as a repeat nor in the mean.
    """
    first, last = bought.days[0], bought.days[-1]
    repeats = len(bought.days) - 1
    money = sum(bought.money)
    return Summary(
        customer,
        first,
        last,
        History(repeats, (last - first).days / DAYS_A_WEEK, (as_of - first).days / DAYS_A_WEEK),
        (money - bought.money[0]) / repeats if repeats else None,
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
    return [later - earlier for earlier, later in pairwise(map(date.toordinal, days))]


@lru_cache(maxsize=20_000)
def _day(text: str) -> date:
    return date.fromisoformat(text)
