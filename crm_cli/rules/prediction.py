"""What the fitted models say of a customer: still one or not, orders and money to come, worth today, the likely day.

The kept fit is JSON with public keys (`Fit.published`); it is read back here. Money is in units of its currency inside
the models, as in their sources, and in minor units in what is said of a customer.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from math import ceil
from typing import Any, NamedTuple

from crm_cli.rules import bgnbd, gammagamma
from crm_cli.rules.bgnbd import BgNbd
from crm_cli.rules.currencies import scale
from crm_cli.rules.days import add_days
from crm_cli.rules.gammagamma import GammaGamma
from crm_cli.rules.histories import DAYS_A_WEEK, Summary

FEWEST_REPEATERS = bgnbd.FEWEST_CUSTOMERS  # customers who bought again, without whom nothing is fitted
HORIZONS = (30, 90, 365)  # days
PERIODS, PERIOD = 12, 13  # what lifetime value adds up: three years, in quarters of so many weeks
EVEN = 0.5  # whom the odds say is gone has no likely day
FARTHEST = 730  # days: a likely day beyond them says nothing
DISCOUNT = 0.1  # a year, where nobody says another


class Fit(NamedTuple):
    """Both models as they were fitted to orders until `as_of`.

    `mean` is what the repeat purchases of a customer come to on average, over all of them: what takes the place of
    `spend` where there is no such model. `correlation` is that of how often and how much; `interval` the usual one in
    days (rules/rhythm.py); `discount` is for a year, 0.1 for 10 %.
    """

    as_of: date
    currency: str | None
    model: BgNbd
    spend: GammaGamma | None
    mean: float | None
    correlation: float | None
    interval: float | None
    discount: float = DISCOUNT

    def spend_of(self, repeats: int, mean: float | None) -> float | None:
        """What a purchase of the customer comes to, in units; `mean` is that of the repeat purchases, in units."""
        if self.spend is None:
            return self.mean
        return gammagamma.expected_spend(self.spend, repeats if mean else 0, mean or 0.0)

    def published(self) -> dict[str, Any]:
        """The parameters by their public keys."""
        model, spend = self.model, self.spend
        return {
            "as_of": self.as_of.isoformat(),
            "currency": self.currency,
            "customers": model.customers,
            "repeaters": model.repeaters,
            "r": model.r,
            "alpha": model.alpha,
            "a": model.a,
            "b": model.b,
            "log_likelihood": model.log_likelihood,
            "converged": model.converged,
            "edge": model.edge,
            "p": spend and spend.p,
            "q": spend and spend.q,
            "v": spend and spend.v,
            "spend_customers": spend and spend.customers,
            "spend_log_likelihood": spend and spend.log_likelihood,
            "spend_converged": spend and spend.converged,
            "spend_edge": spend and spend.edge,
            "mean_spend": self.mean,
            "correlation": self.correlation,
            "interval_days": self.interval,
            "discount": round(100 * self.discount, 2),
        }


def fit_of(kept: Mapping[str, Any]) -> Fit:
    """The fit that was published so; KeyError, TypeError or ValueError where it was not."""
    as_of, currency = date.fromisoformat(kept["as_of"]), kept["currency"]
    model = BgNbd(
        float(kept["r"]),
        float(kept["alpha"]),
        float(kept["a"]),
        float(kept["b"]),
        float(kept["log_likelihood"]),
        int(kept["customers"]),
        int(kept["repeaters"]),
        histories=0,
        iterations=0,
        converged=bool(kept["converged"]),
        edge=bool(kept["edge"]),
    )
    spend = None
    if kept["p"] is not None:
        spend = GammaGamma(
            float(kept["p"]),
            float(kept["q"]),
            float(kept["v"]),
            float(kept["spend_log_likelihood"]),
            int(kept["spend_customers"]),
            iterations=0,
            converged=bool(kept["spend_converged"]),
            edge=bool(kept["spend_edge"]),
        )
    rest = kept["mean_spend"], kept["correlation"], kept["interval_days"]
    return Fit(as_of, currency, model, spend, *rest, float(kept["discount"]) / 100)


def fitted(
    everyone: Iterable[Summary], as_of: date, *, currency: str | None, interval: float | None, discount: float
) -> Fit | None:
    """Both models, fitted to what was known on that day; None where too few bought again."""
    people = list(everyone)
    if sum(1 for one in people if one.history.repeats) < FEWEST_REPEATERS:
        return None
    model = bgnbd.fit(one.history for one in people)
    if model is None:
        return None
    unit = scale(currency) if currency else 1
    spends = [(one.history.repeats, one.mean / unit) for one in people if one.mean is not None and one.mean > 0]
    mean = sum(mean for _, mean in spends) / len(spends) if spends else None
    model_of_spend = gammagamma.fit(spends) if currency else None
    return Fit(as_of, currency, model, model_of_spend, mean, gammagamma.correlation(spends), interval, discount)


class Prediction(NamedTuple):
    """What is to be expected of one customer.

    `alive` is a chance, 0 to 1, and says nothing yet where there was no repeat purchase: `too_little`. `expected` and
    `money` are for each of the days asked for, orders and minor units; `spend` is what one purchase comes to, `clv`
    what those of the next three years are worth today, both in minor units. Money that nobody knows is None.
    """

    customer: int
    too_little: bool
    alive: float
    expected: tuple[float, ...]
    spend: int | None
    money: tuple[int | None, ...]
    clv: int | None
    next_on: date | None


def predict_all(
    fit: Fit, summaries: Iterable[Summary], today: date, *, days: tuple[int, ...] = HORIZONS
) -> Iterator[Prediction]:
    """Every customer by the fit, in their order; `summaries` stand as of `today`.

    What a customer does while he is one hangs on his repeat purchases and his age alone: worked out once for all who
    share them.
    """
    while_alive: dict[tuple[int, float], tuple[tuple[float, ...], float]] = {}
    unit = scale(fit.currency) if fit.currency else 1
    for one in summaries:
        repeats, _, age = one.history
        found = while_alive.get((repeats, age))
        if found is None:
            found = while_alive[repeats, age] = _while_alive(fit, repeats, age, days)
        alive = bgnbd.p_alive(fit.model, one.history)
        expected = tuple(alive * orders for orders in found[0])
        spend = fit.spend_of(repeats, None if one.mean is None else one.mean / unit) if fit.currency else None
        worth = None if spend is None else spend * unit
        yield Prediction(
            one.customer,
            not repeats,
            alive,
            expected,
            None if worth is None else round(worth),
            tuple(None if worth is None else round(orders * worth) for orders in expected),
            None if worth is None else round(alive * found[1] * worth),
            _likely_day(fit, one, alive, today),
        )


def _while_alive(fit: Fit, repeats: int, age: float, days: tuple[int, ...]) -> tuple[tuple[float, ...], float]:
    """Orders of one who is still a customer in so many days each, and in three years with those to come discounted."""
    orders = tuple(bgnbd.expected_alive(fit.model, repeats, age, n / DAYS_A_WEEK) for n in days)
    rate = gammagamma.discount_per(PERIOD, fit.discount)
    return orders, gammagamma.discounted(fit.model, repeats, age, periods=PERIODS, weeks=PERIOD, discount=rate)


def _likely_day(fit: Fit, one: Summary, alive: float, today: date) -> date | None:
    """The day by which a further order is as likely as not, if he is still a customer; None for one who likely is not,
    or where it is far off."""
    if alive < EVEN:
        return None
    days = bgnbd.next_purchase(fit.model, one.history) * DAYS_A_WEEK
    return later(today, max(ceil(days), 1)) if days <= FARTHEST else None


def later(day: date, n: int) -> date | None:
    """So many days later; None beyond the calendar."""
    try:
        return add_days(day, n)
    except OverflowError:
        return None
