"""How often a customer will buy again and whether he is still one, told from when he bought: the BG/NBD model.

While alive a customer buys at a rate of his own, spread over all customers as a gamma distribution (shape r, rate
alpha); after each purchase he leaves with a chance of his own, spread as a beta distribution (a, b).
Source: Fader, Hardie & Lee, "Counting Your Customers" the Easy Way, Marketing Science 24(2) 2005, 275-284; the form of
the likelihood that neither under- nor overflows: Fader & Hardie, note 027 (brucehardie.com/notes). Time is in weeks.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache
from math import ceil, exp, expm1, inf, lgamma, log, log1p
from operator import mul
from typing import NamedTuple

from crm_cli.rules.histories import History
from crm_cli.rules.simplex import Point, is_at_edge, minimise_of_many

FEWEST_CUSTOMERS = 50  # with fewer, what is fitted says more about chance than about the customers
_WIDEST = 9.2  # r, a and b between e^-9.2 and e^9.2: beyond, all customers are alike for every practical purpose
_WIDEST_SCALE = 16.0  # the same for alpha, which is a time
_SMALL = 1e-12  # where a term of the expectation is the limit that it goes to
_STEP = 0.25  # of the trapezoid rule over the log-odds, at which its error is below 1e-12 (the strip is pi/2 wide)


class BgNbd(NamedTuple):
    """The fitted model. r, a, b without unit, alpha in weeks; `edge`: a parameter has run to the end of its range."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    customers: int
    repeaters: int
    histories: int
    iterations: int
    converged: bool
    edge: bool


def fit(histories: Iterable[History], *, fewest: int = FEWEST_CUSTOMERS) -> BgNbd | None:
    """The parameters of highest likelihood; None for fewer than `fewest` customers or when nobody bought twice.

    One history a customer, in any order; equal ones are counted, not repeated.
    """
    everyone = list(histories)
    counts = Counter(everyone)
    customers = counts.total()
    repeaters = sum(n for history, n in counts.items() if history.repeats)
    if customers < max(fewest, 1) or not repeaters:
        return None
    mean_age = sum(history.age * n for history, n in counts.items()) / customers
    start: Point = (0.0, log(max(mean_age, 0.1) / 4), 0.0, 0.5)
    found = minimise_of_many(everyone, _loss, start, _WIDTHS, tolerance=1e-11, spread=1e-4, most=1000)
    r, alpha, a, b = map(exp, found.point)
    edge = is_at_edge(found.point, _WIDTHS)
    return BgNbd(
        r, alpha, a, b, -found.value, customers, repeaters, len(counts), found.iterations, found.converged, edge
    )


def log_likelihood(histories: Iterable[History], r: float, alpha: float, a: float, b: float) -> float:
    """The natural logarithm of the likelihood of the histories under these parameters."""
    return -_loss(histories)((log(r), log(alpha), log(a), log(b)))


def p_alive(model: BgNbd, history: History) -> float:
    """The chance, 0 to 1, that he is still a customer; 1 by construction for one without a repeat purchase.

    Source: Fader, Hardie & Lee, note "Computing P(alive) Using the BG/NBD Model" (2008).
    """
    x, last, age = history
    if not x:
        return 1.0
    gone = log(model.a / (model.b + x - 1)) + (model.r + x) * log((model.alpha + age) / (model.alpha + last))
    return 1 / (1 + exp(gone)) if gone < 700 else 0.0


def expected_new(model: BgNbd, weeks: float) -> float:
    """E[X(t)]: how many repeat purchases somebody makes in the weeks after his first one."""
    return _expected(model.r, model.alpha, model.a, model.b, weeks)


def expected(model: BgNbd, history: History, weeks: float) -> float:
    """E[Y(t) | x, t_x, T]: how many purchases the customer makes in the next `weeks`.

    Equation (10) of the paper is what one does who is alive, times P(alive).
    """
    return p_alive(model, history) * expected_alive(model, history.repeats, history.age, weeks)


def expected_alive(model: BgNbd, repeats: int, age: float, weeks: float) -> float:
    """The same of one who is known to be still a customer: E[X(t)] with r + x, alpha + T and b + x."""
    return _expected(model.r + repeats, model.alpha + age, model.a, model.b + repeats, weeks)


def next_purchase(model: BgNbd, history: History) -> float:
    """Weeks until it is as likely as not that he has bought again, if he is still a customer; inf beyond all numbers.

    The median of the time to the next purchase: while alive he buys at a rate that is gamma distributed with r + x and
    alpha + T by then, so that the chance of none within t is ((alpha + T) / (alpha + T + t))^(r + x). After the first
    two assumptions of the paper and Bayes' rule.
    """
    power = log(2) / (model.r + history.repeats)
    return (model.alpha + history.age) * expm1(power) if power < 700 else inf


def chance_of(model: BgNbd, count: int, weeks: float) -> float:
    """P(X(t) = n): the chance, 0 to 1, of exactly `count` repeat purchases in the first `weeks`. Equation (8)."""
    r, a, b = model.r, model.a, model.b
    if weeks <= 0:
        return float(count == 0)
    share = weeks / (model.alpha + weeks)
    stays = exp(_log_beta(a, b + count) - _log_beta(a, b) + _log_purchases(r, share, count))
    if not count:
        return stays
    leaves = exp(_log_beta(a + 1, b + count - 1) - _log_beta(a, b))
    return stays + leaves * _at_least(r, share, count)


_WIDTHS = (_WIDEST, _WIDEST_SCALE, _WIDEST, _WIDEST)


def _loss(histories: Iterable[History]) -> Callable[[Point], float]:
    """The negative log likelihood as a function of the logarithms of r, alpha, a, b.

    What depends on x alone or on T alone is added up once for all customers who share it; what is left over for each
    distinct history with x > 0 is one exp and one log1p.
    """
    counts = Counter(histories)
    times = list({time for _, last, age in counts for time in (last, age)})
    at = {time: i for i, time in enumerate(times)}
    by_repeats: Counter[int] = Counter()
    people, repeats = [0] * len(times), [0] * len(times)
    groups: dict[int, tuple[list[tuple[int, int]], list[int]]] = defaultdict(lambda: ([], []))
    for (x, last, age), n in counts.items():
        by_repeats[x] += n
        people[at[age]] += n
        repeats[at[age]] += n * x
        if x:
            groups[x][0].append((at[last], at[age]))
            groups[x][1].append(n)
    customers = counts.total()

    def loss(point: Point) -> float:
        if any(abs(value) > widest for value, widest in zip(point, _WIDTHS, strict=True)):
            return inf
        r, alpha, a, b = map(exp, point)
        logs = [log(alpha + time) for time in times]
        total: float = customers * (r * log(alpha) - lgamma(r) - _log_beta(a, b))
        total += sum(n * (lgamma(r + x) + _log_beta(a, b + x)) for x, n in by_repeats.items())
        total -= r * sum(map(mul, people, logs)) + sum(map(mul, repeats, logs))
        for x, (pairs, many) in groups.items():
            fixed, power = log(a / (b + x - 1)), r + x
            total += _softplus([fixed + power * (logs[age] - logs[last]) for last, age in pairs], many)
        return -total

    return loss


def _softplus(odds: list[float], many: list[int]) -> float:
    """The sum of log(1 + e^odds), each as often as it is there: of the log odds that somebody has left."""
    if max(odds) < 700:
        return float(sum(map(mul, many, map(log1p, map(exp, odds)))))
    # exp would overflow, and from 40 on would only be taken back by the log
    return sum(n * (log1p(exp(each)) if each < 40 else each) for each, n in zip(odds, many, strict=True))


def _log_beta(a: float, b: float) -> float:
    """The logarithm of the beta function."""
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _log_purchases(r: float, share: float, count: int) -> float:
    """The logarithm of the negative binomial chance of `count`; `share` is t / (alpha + t)."""
    return lgamma(r + count) - lgamma(r) - lgamma(count + 1) + r * log1p(-share) + count * log(share)


def _at_least(r: float, share: float, count: int) -> float:
    """The negative binomial chance of `count` or more, added up on the side where nothing cancels."""
    if count <= r * share / (1 - share):
        return 1 - sum(exp(_log_purchases(r, share, n)) for n in range(count))
    term, total, n = exp(_log_purchases(r, share, count)), 0.0, count
    while term > total * 1e-16:
        total += term
        term *= share * (r + n) / (n + 1)
        n += 1
    return total


@lru_cache(maxsize=100_000)
def _expected(r: float, alpha: float, a: float, b: float, weeks: float) -> float:
    """The mean over p ~ Beta(a, b) of (1 - (alpha / (alpha + p t))^r) / p, which is equation (9) before its integral.

    The paper's closed form has a 2F1 that is slow or cancels for long t, many purchases and a near 1; the integral is
    smooth everywhere, and its nodes are the same for all customers with the same x.
    """
    if weeks <= 0:
        return 0.0
    unit = weeks / alpha
    smallest = 8 * ceil(log(max(r * unit, 1.0) / _SMALL) / 8)
    return -sum(weight * expm1(-r * log1p(p * unit)) for p, weight in _nodes(a, b, smallest))


@lru_cache(maxsize=1024)
def _nodes(a: float, b: float, smallest: int) -> list[tuple[float, float]]:
    """Pairs p, weight / p for means over Beta(a, b): the trapezoid rule over the log-odds of p.

    The outermost nodes stand for all beyond them, where p is below e^-smallest or 1 - p below 1e-12: the density there
    is a geometric series, however slowly it falls.
    """
    spread = (1 / a + 1 / b) ** 0.5
    step = min(_STEP, 0.6 * spread)
    middle = log(a / b)

    def density(odds: float) -> float:
        return -a * log1p(exp(-odds)) - b * log1p(exp(odds))

    top = density(middle)
    nodes: list[tuple[float, float]] = []
    for direction, rate, end in ((-1, a, float(-smallest)), (1, b, -log(_SMALL))):
        i = 0 if direction < 0 else 1
        while True:
            odds = middle + direction * i * step
            weight = exp(density(odds) - top)
            out = direction * odds >= direction * end
            if out:
                weight /= -expm1(-rate * step)
            nodes.append((1 / (1 + exp(-odds)), weight))
            if out or weight < 1e-18:
                break
            i += 1
    total = sum(weight for _, weight in nodes)
    return [(p, weight / total / p) for p, weight in nodes]
