"""A forecast put to the test: made from the orders before a day, held against those after it, beside plain guesses."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date
from math import sqrt
from typing import NamedTuple

from crm_cli.rules import bgnbd
from crm_cli.rules.days import add_days
from crm_cli.rules.histories import DAYS_A_WEEK, Order, Purchases, Summary, gaps, median, purchases, summary


class Held(NamedTuple):
    """One customer as he was known on the day of the cut, and how often he bought in the days just before and after."""

    summary: Summary
    before: int
    after: int
    gaps: list[int]


class Errors(NamedTuple):
    """How far a forecast was off: MAE and RMSE in purchases a customer, the totals in purchases, their error in %."""

    mae: float
    rmse: float
    forecast: float
    actual: int
    total_error: float | None


class Trial(NamedTuple):
    """The model and two plain guesses about the same customers and days."""

    cut: date
    until: date
    model: bgnbd.BgNbd
    bgnbd: Errors
    same_again: Errors
    recency: Errors


def split(orders: Iterable[Order], until: date, days: int) -> list[Held]:
    """Everyone who had bought by `days` before `until`; `after` counts what he bought since, `until` included.

    `before` counts his repeat purchases in as many days before the cut. Orders as `histories.purchases` takes them.
    OverflowError when the cut lies before the year 1.
    """
    known = (known_at_cut(customer, bought, until, days) for customer, bought in purchases(orders, until))
    return [one for one in known if one is not None]


def known_at_cut(customer: int, bought: Purchases, until: date, days: int) -> Held | None:
    """One of them; None for who had not bought by then. `bought` is in order and not after `until`."""
    cut, start = add_days(until, -days), add_days(until, -2 * days)
    count = bisect_right(bought.days, cut)
    if not count:
        return None
    known = Purchases(bought.days[:count], bought.money[:count])
    before = count - bisect_right(known.days, start, lo=1)
    return Held(summary(customer, known, cut), before, len(bought.days) - count, gaps(known.days))


def same_again(held: Sequence[Held]) -> list[float]:
    """The first plain guess: everyone buys as often as in as many days before.

    Only repeat purchases are counted: with the first ones, which nobody makes twice, the guess would be worse.
    """
    return [float(customer.before) for customer in held]


def by_recency(held: Sequence[Held], days: int) -> list[float]:
    """The second plain guess: who was here lately buys on, who was not does not.

    Lately is within the median of all days between two purchases of a customer; all of those buy at one rate, which is
    their repeat purchases over the time since their first ones.
    """
    usual = median(gap for customer in held for gap in customer.gaps)
    if usual is None:
        return [0.0] * len(held)
    here = [(c.summary.history.age - c.summary.history.last) * DAYS_A_WEEK <= usual for c in held]
    lately = [customer.summary.history for customer, is_here in zip(held, here, strict=True) if is_here]
    weeks = sum(history.age for history in lately)
    rate = sum(history.repeats for history in lately) / weeks if weeks else 0.0
    return [rate * days / DAYS_A_WEEK if is_here else 0.0 for is_here in here]


def errors(forecast: Sequence[float], actual: Sequence[int]) -> Errors:
    """How far the forecasts are from what came; ValueError for none or for lists of unequal length."""
    if not actual:
        raise ValueError("no customers to compare")
    off = [guess - count for guess, count in zip(forecast, actual, strict=True)]
    total, came = sum(forecast), sum(actual)
    return Errors(
        sum(map(abs, off)) / len(off),
        sqrt(sum(each * each for each in off) / len(off)),
        total,
        came,
        100 * (total - came) / came if came else None,
    )


def ahead(guess: Errors, model: Errors) -> list[str]:
    """By which measures a plain guess came nearer than the model: of mae, rmse and total."""
    total = abs(guess.forecast - guess.actual) < abs(model.forecast - model.actual)
    nearer = {"mae": guess.mae < model.mae, "rmse": guess.rmse < model.rmse, "total": total}
    return [name for name, is_nearer in nearer.items() if is_nearer]


def trial(orders: Iterable[Order], until: date, days: int, *, fewest: int = bgnbd.FEWEST_CUSTOMERS) -> Trial | None:
    """The model fitted to what was known `days` before `until` and held against the days since.

    None where the model cannot be fitted (`bgnbd.fit`).
    """
    held = split(orders, until, days)
    model = bgnbd.fit((customer.summary.history for customer in held), fewest=fewest)
    if model is None:
        return None
    return judged(model, held, until, days)


def judged(model: bgnbd.BgNbd, held: Sequence[Held], until: date, days: int) -> Trial:
    """A model held against what came, beside the plain guesses; `held` is not empty."""
    actual = [customer.after for customer in held]
    weeks = days / DAYS_A_WEEK
    return Trial(
        add_days(until, -days),
        until,
        model,
        errors([bgnbd.expected(model, customer.summary.history, weeks) for customer in held], actual),
        errors(same_again(held), actual),
        errors(by_recency(held, days), actual),
    )
