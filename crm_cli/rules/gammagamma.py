"""How much a customer spends a time, and what he is worth over the time to come: the Gamma-Gamma model.

What a purchase costs varies about a mean of the customer's own as a gamma distribution (shape p), and those means vary
over the customers so that the few purchases of one are drawn towards the mean of all. It takes spend to have nothing
to do with how often somebody buys: `correlation` says how far that is true. Sources: Fader & Hardie, "The Gamma-Gamma
Model of Monetary Value", note 025 (2013); Fader, Hardie & Lee, Journal of Marketing Research 42(4) 2005, 415-430.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from math import exp, inf, lgamma, log, sqrt
from operator import mul
from typing import NamedTuple

from crm_cli.rules import bgnbd
from crm_cli.rules.histories import DAYS_A_WEEK, History
from crm_cli.rules.simplex import Point, is_at_edge, minimise_of_many

FEWEST_REPEATERS = 30  # three parameters out of fewer means would be chance
_WEEKS_A_YEAR = 365.25 / DAYS_A_WEEK
_WIDEST = (9.2, 9.2, 16.0)  # p, q and v (in mean spends) between e to the minus and to the plus of it

Spend = tuple[int, float]  # repeat purchases, and their mean in any unit of money


class GammaGamma(NamedTuple):
    """The fitted model. p, q without unit, v (gamma in the sources) in the unit of the means.

    `log_likelihood` depends on that unit; `edge`: a parameter has run to the end of its range.
    """

    p: float
    q: float
    v: float
    log_likelihood: float
    customers: int
    iterations: int
    converged: bool
    edge: bool


def fit(spends: Iterable[Spend], *, fewest: int = FEWEST_REPEATERS) -> GammaGamma | None:
    """The parameters of highest likelihood; who never bought again, or only for nothing, is left out.

    None for fewer than `fewest` customers, or where all spend the same, so that there is nothing to tell apart.
    """
    everyone = [(repeats, mean) for repeats, mean in spends if repeats > 0 and mean > 0]
    customers = len(everyone)
    if customers < max(fewest, 2) or len({mean for _, mean in everyone}) == 1:
        return None
    unit = sum(mean for _, mean in everyone) / customers
    scaled = [(repeats, mean / unit) for repeats, mean in everyone]
    found = minimise_of_many(scaled, _loss, (1.0, 1.0, 0.0), _WIDEST, tolerance=1e-11, spread=1e-4, most=1000)
    p, q, v = map(exp, found.point)
    edge = is_at_edge(found.point, _WIDEST)
    value = -found.value - customers * log(unit)  # a density over money: in another unit it is another number
    return GammaGamma(p, q, v * unit, value, customers, found.iterations, found.converged, edge)


def log_likelihood(spends: Iterable[Spend], p: float, q: float, v: float) -> float:
    """The natural logarithm of the likelihood of repeaters' means under these parameters. Equation (1a) of note 025."""
    return -_loss(spends)((log(p), log(q), log(v)))


def expected_spend(model: GammaGamma, repeats: int = 0, mean: float = 0.0) -> float | None:
    """E[M | x, m]: what he spends a time, in the unit of the means; without repeats the mean of all customers.

    It lies between his own mean and that of all, the nearer to his own the more often he bought. None where the model
    has no mean (p x + q <= 1). Equation (5) of note 025.
    """
    below = model.p * repeats + model.q - 1
    return model.p * (model.v + repeats * mean) / below if below > 0 else None


def correlation(spends: Iterable[Spend]) -> float | None:
    """Pearson's r, -1 to 1, of repeat purchases and their mean over repeaters; None where one of them is constant."""
    pairs = [(repeats, mean) for repeats, mean in spends if repeats > 0 and mean > 0]
    if not pairs:
        return None
    n = len(pairs)
    often, much = sum(x for x, _ in pairs) / n, sum(m for _, m in pairs) / n
    both = sum((x - often) * (m - much) for x, m in pairs)
    spread = sqrt(sum((x - often) ** 2 for x, _ in pairs)) * sqrt(sum((m - much) ** 2 for _, m in pairs))
    return max(-1.0, min(1.0, both / spread)) if spread > 1e-9 * n * (often + much) else None


def discount_per(weeks: float, yearly: float) -> float:
    """The discount for so many weeks that comes to `yearly` (0.1 for 10 % a year) over a year."""
    return float((1 + yearly) ** (weeks / _WEEKS_A_YEAR)) - 1


def lifetime_value(
    model: bgnbd.BgNbd, history: History, spend: float, *, periods: int, weeks: float, margin: float, discount: float
) -> float:
    """What the purchases of the coming `periods` of `weeks` each are worth today, in the unit of `spend`.

    `spend` is that of one purchase (`expected_spend`), `margin` the part of it that stays (0 to 1), `discount` that of
    one period (`discount_per`). What was earned before counts for nothing.
    Source: the sum over t of margin * E[M] * (E[Y(t)] - E[Y(t-1)]) / (1 + d)^t, after Fader, Hardie & Lee (2005, JMR).
    """
    alive = bgnbd.p_alive(model, history)
    orders = discounted(model, history.repeats, history.age, periods=periods, weeks=weeks, discount=discount)
    return margin * spend * alive * orders


def discounted(model: bgnbd.BgNbd, repeats: int, age: float, *, periods: int, weeks: float, discount: float) -> float:
    """How many purchases of today those of the coming periods are worth, of one who is known to be still a customer."""
    worth = before = 0.0
    for period in range(1, periods + 1):
        by_then = bgnbd.expected_alive(model, repeats, age, period * weeks)
        worth += (by_then - before) / (1 + discount) ** period
        before = by_then
    return worth


def _loss(spends: Iterable[Spend]) -> Callable[[Point], float]:
    """The negative log likelihood as a function of the logarithms of p, q and v; only log(v + x m) is left for each."""
    counts = Counter(spends)
    customers = counts.total()
    groups: dict[int, tuple[list[float], list[int]]] = defaultdict(lambda: ([], []))
    for (repeats, mean), n in counts.items():
        totals, people = groups[repeats]
        totals.append(repeats * mean)
        people.append(n)
    sums = [
        (x, totals, people, sum(people), sum(n * log(total / x) for total, n in zip(totals, people, strict=True)))
        for x, (totals, people) in groups.items()
    ]

    def loss(point: Point) -> float:
        if any(abs(at) > widest for at, widest in zip(point, _WIDEST, strict=True)):
            return inf
        p, q, v = map(exp, point)
        value = customers * (q * log(v) - lgamma(q))
        for x, totals, people, many, logs in sums:
            px = p * x
            value += many * (lgamma(px + q) - lgamma(px) + px * log(x)) + (px - 1) * logs
            value -= (px + q) * sum(map(mul, people, map(log, map(v.__add__, totals))))
        return -value

    return loss
