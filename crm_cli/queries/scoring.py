"""What `crm score` works out: one pass over orders and conversations, customer after customer, some ids at a time.

Order facts, then RFM, risk, forecasts, the stages of life, fit and priority. Nothing is written here, and no read lasts
so long that it would keep somebody else from writing.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from crm_cli.queries import rates
from crm_cli.queries.conditions import Asker
from crm_cli.queries.moments import Moments
from crm_cli.queries.rfm import MILLION, half_even
from crm_cli.rules import lifecycle, rfm
from crm_cli.rules.currencies import scale
from crm_cli.rules.histories import Purchases, Summary, median, purchases, summary
from crm_cli.rules.rhythm import Rhythm, rhythm, usual_interval
from crm_cli.store.reader import Reader

if TYPE_CHECKING:
    from crm_cli.rules.prediction import Fit

CHUNK = 5_000  # ids of customers that one statement asks for
YEAR = 365
_PIECE = 100_000  # interactions that one statement looks through


class Orders:
    """The orders of one customer until today: those with an amount of nothing or more are purchases, others returns.

    Money in minor units of the base currency, None where an order has no rate. `bought` are days with a purchase.
    """

    __slots__ = ("before", "bought", "first_on", "last_on", "margin", "millionths", "orders", "returns", "year")

    def __init__(self) -> None:
        self.orders = self.returns = 0
        self.first_on: str | None = None
        self.last_on: str | None = None
        self.millionths: int | None = 0
        self.margin: int | None = None
        self.year = self.before = 0
        self.bought = Purchases([], [])

    @property
    def revenue(self) -> int | None:
        """What was bought less what came back."""
        return None if self.millionths is None else half_even(self.millionths)

    @property
    def growth(self) -> int | None:
        """How much more in the last 365 days than in the 365 before them, in percent; None where there was nothing."""
        if self.millionths is None or self.before <= 0:
            return None
        return round(100 * (self.year - self.before) / self.before)

    @property
    def days(self) -> list[date]:
        """Days with a purchase."""
        return self.bought.days


class Began(NamedTuple):
    """What is known of a customer beside orders: its first days, and the stage that somebody set by hand."""

    created: date
    contact: date | None
    deal: date | None
    by_hand: str | None
    set_on: date | None


# What is written down of a customer, in the order of `Scored.values`; the tier comes last, from all of it.
COLUMNS = (
    "orders risk currency first_order_on last_order_on revenue margin revenue_year revenue_before growth interval_days"
    " r f m rfm_class rfm_group lifecycle lifecycle_since_on alive expected_30 expected_90 expected_365 clv"
    " next_order_on fit priority"
).split()


class Scored(NamedTuple):
    """A customer as it is written down: the values of COLUMNS, and the changes of stage as (day, from, to, reason)."""

    customer_id: int
    values: tuple[Any, ...]
    steps: list[tuple[str, str | None, str, str]]


class Population(NamedTuple):
    """What one customer is measured against: the base currency, the usual interval in days, and the scales of RFM.

    `unrated` is how many customers have an order in a currency without a rate.
    """

    currency: str | None
    usual: float | None
    scores: rfm.Scores | None
    unrated: int


# ------------------------------------------------------------------ orders


def orders_of(db: Reader, currency: str | None, today: date, ids: tuple[int, int]) -> dict[int, Orders]:
    """Orders of the customers from one id to another, by customer; orders in the future do not exist yet.

    A day is judged by its money in the base currency; where that is not known by what was paid, for its sign alone.
    """
    found: dict[int, Orders] = {}
    sql = (
        f"SELECT so.customer_id, so.ordered_on, coalesce({rates.order_amount(currency)}, so.amount), so.amount,"
        f" {rates.order_amount(currency)}, {rates.order_cost(currency)}, so.rest"
        " FROM sales_order so INDEXED BY sales_order_customer"
        " WHERE so.customer_id BETWEEN :low AND :high AND so.ordered_on <= :today AND so.removed_at IS NULL"
        " ORDER BY so.customer_id, so.ordered_on"
    )
    rows = db.rows(sql, {"low": ids[0], "high": ids[1], "today": today.isoformat()})
    since = (today - timedelta(days=YEAR)).isoformat(), (today - timedelta(days=2 * YEAR)).isoformat()
    for customer_id, group in groupby(rows, key=itemgetter(0)):
        found[customer_id] = _added(group, since)
    for customer_id, bought in purchases(rows, today):
        found[customer_id].bought = bought
    return found


def _added(rows: Iterable[Any], since: tuple[str, str]) -> Orders:
    of, millionths, margin, known, rated = Orders(), 0, 0, False, True
    year, before = since
    for _, day, _, amount, worth, cost, rest in rows:
        if amount >= 0:
            of.orders += 1
            of.first_on = of.first_on or day
            of.last_on = day
        else:
            of.returns += 1
        if worth is None:
            rated = False
            continue
        millionths += worth * MILLION + rest
        if cost is not None:
            margin, known = margin + worth - cost, True
        if day > year:
            of.year += worth
        elif day > before:
            of.before += worth
    of.millionths = millionths if rated else None
    of.margin = margin if known and rated else None
    return of


# ------------------------------------------------------------------ what else happened


def began(db: Reader, asker: Asker, ids: tuple[int, int], talks: dict[int, list[str]]) -> dict[int, Began]:
    """First days and hand-set stages of all customers in a range of ids that are not removed."""
    moments, bound = Moments(asker.now.tzinfo), {"low": ids[0], "high": ids[1]}
    deals: dict[int, str] = dict(
        db.rows(
            "SELECT customer_id, min(opened_on) FROM deal WHERE customer_id BETWEEN :low AND :high"
            " AND removed_at IS NULL GROUP BY customer_id",
            bound,
        )
    )
    rows = db.rows(
        "SELECT id, created_at, lifecycle, lifecycle_set_on FROM customer WHERE id BETWEEN :low AND :high"
        " AND removed_at IS NULL ORDER BY id",
        bound,
    )
    found = {}
    for row_id, created, by_hand, set_on in rows:
        at, opened = talks.get(row_id), deals.get(row_id)
        found[row_id] = Began(
            _day(moments.local(created)[:10]),
            _day(moments.local(at[0])[:10]) if at else None,
            _day(opened) if opened else None,
            by_hand,
            date.fromisoformat(set_on) if set_on else None,
        )
    return found


def conversations(db: Reader, ids: tuple[int, int], gone: dict[int, list[str]] | None = None) -> dict[int, list[str]]:
    """Moments of conversations by customer, as they are kept, the first one first.

    With those that are removed in `gone` the index of customers and moments is all that is read.
    """
    there = "" if gone is not None else " AND removed_at IS NULL"
    rows = db.rows(
        f"SELECT customer_id, at FROM interaction WHERE customer_id BETWEEN :low AND :high{there}"
        " ORDER BY customer_id, at",
        {"low": ids[0], "high": ids[1]},
    )
    talks = {customer_id: [at for _, at in group] for customer_id, group in groupby(rows, key=itemgetter(0))}
    if gone:
        for customer_id in talks.keys() & gone.keys():
            for at in gone[customer_id]:
                talks[customer_id].remove(at)
    return talks


def removed_conversations(db: Reader) -> dict[int, list[str]]:
    """Moments of removed conversations by customer: few, and no index has them."""
    found: dict[int, list[str]] = {}
    last = int(db.value("SELECT max(id) FROM interaction") or 0)
    for low in range(1, last + 1, _PIECE):
        for customer_id, at in db.rows(
            "SELECT customer_id, at FROM interaction WHERE id BETWEEN :low AND :high AND removed_at IS NOT NULL"
            " AND customer_id IS NOT NULL",
            {"low": low, "high": low + _PIECE - 1},
        ):
            found.setdefault(customer_id, []).append(at)
    return found


@lru_cache(maxsize=20_000)
def _day(text: str) -> date:
    return date.fromisoformat(text)


def days_of(moments: Iterable[str]) -> list[date]:
    """The days of conversations, for how contact rises or falls: those in UTC, which is near enough for halves."""
    return [_day(at[:10]) for at in moments]


def ranges(db: Reader) -> list[tuple[int, int]]:
    """All ids of customers in pieces that one statement asks for."""
    last = int(db.value("SELECT max(id) FROM customer") or 0)
    return [(low, low + CHUNK - 1) for low in range(1, last + 1, CHUNK)]


# ------------------------------------------------------------------ all of it


def population(currency: str | None, orders: dict[int, Orders], today: date, usual: float | None = None) -> Population:
    """What each customer is measured against; `usual` is the interval of all by the fit that is kept."""
    bought = [of for of in orders.values() if of.orders]
    facts = [facts_of(of, today) for of in bought if of.millionths is not None]
    unit = scale(currency) if currency else 1
    return Population(
        currency,
        usual or usual_interval(of.days for of in bought),
        rfm.scored(facts, unit=unit) if facts else None,
        sum(of.millionths is None for of in orders.values()),
    )


def facts_of(of: Orders, today: date) -> rfm.Facts:
    """Recency, frequency and money of one who ordered."""
    assert of.last_on is not None
    return rfm.Facts((today - date.fromisoformat(of.last_on)).days, of.orders, of.revenue or 0)


def scored(db: Reader, asker: Asker) -> tuple[Population, list[Scored], str | None]:
    """Every customer that is not removed, without its tier; and the day of the fit that forecasts rest on."""
    today = asker.today
    currency = rates.base(db)
    orders: dict[int, Orders] = {}
    for ids in ranges(db):
        orders |= orders_of(db, currency, today, ids)
    fit = _fit(db, currency)
    against = population(currency, orders, today, fit and fit.interval)
    forecasts = _forecasts(fit, orders, today) if fit else {}
    fits, priorities = _fits(db, asker)
    found = []
    gone = removed_conversations(db)
    for ids in ranges(db):
        talks = conversations(db, ids, gone)
        for customer_id, its in began(db, asker, ids, talks).items():
            of = orders.get(customer_id) or Orders()
            row = columns(of, against, talks.get(customer_id, ()), today)
            steps = steps_of(its, of, against, today)
            row["lifecycle"], row["lifecycle_since_on"] = steps[-1].stage, steps[-1].on.isoformat()
            row |= forecasts.get(customer_id, {})
            row["fit"], row["priority"] = fits.get(customer_id), priorities.get(customer_id)
            kept = [(step.on.isoformat(), step.before, step.stage, step.reason) for step in steps]
            found.append(Scored(customer_id, tuple(map(row.get, COLUMNS)), kept))
    return against, found, fit.as_of.isoformat() if fit else None


def columns(of: Orders, against: Population, talks: Iterable[str], today: date) -> dict[str, Any]:
    """Order facts, RFM and risk of one customer, by the columns of the table of scores."""
    row: dict[str, Any] = {
        "currency": against.currency if of.orders or of.returns else None,
        "orders": of.orders,
        "first_order_on": of.first_on,
        "last_order_on": of.last_on,
    }
    if of.orders or of.returns:
        row |= {"revenue": of.revenue, "margin": of.margin, "growth": of.growth}
        if of.millionths is not None:
            row |= {"revenue_year": of.year, "revenue_before": of.before}
    if of.orders and of.millionths is not None and against.scores is not None:
        row |= _rfm(facts_of(of, today), against.scores)
    if of.days:
        beat = rhythm_of(of, against, talks, today)
        row["risk"] = beat.risk
        row["interval_days"] = None if beat.interval is None else round(beat.interval)
    return row


def _rfm(facts: rfm.Facts, scores: rfm.Scores) -> dict[str, Any]:
    r, f, m = scores.r.score[facts.recency], scores.f.score[facts.frequency], scores.m.score[facts.monetary]
    return {"r": r, "f": f, "m": m, "rfm_class": rfm.class_of(r, f, m), "rfm_group": rfm.group_of(r, f, m)}


def rhythm_of(of: Orders, against: Population, talks: Iterable[str], today: date) -> Rhythm:
    """Whether the customer falls out of his own rhythm."""
    return rhythm(of.days, today, contact_days=days_of(talks), usual=against.usual)


def steps_of(its: Began, of: Orders, against: Population, today: date) -> list[lifecycle.Step]:
    """The stages of life, the one that was set by hand last."""
    steps = lifecycle.replay(lifecycle.Life(its.created, its.contact, its.deal, of.days), today, against.usual)
    if its.by_hand:
        return lifecycle.by_hand(steps, its.by_hand, its.set_on or today)
    return steps


# ------------------------------------------------------------------ what other parts know


def _fit(db: Reader, currency: str | None) -> "Fit | None":
    from crm_cli.queries.predictions import kept, usable

    return usable(kept(db), currency)


def _forecasts(fit: "Fit", orders: dict[int, Orders], today: date) -> dict[int, dict[str, Any]]:
    """What the kept fit says, by customer, in the columns of the table of scores."""
    from crm_cli.rules.prediction import predict_all

    found = {}
    for told in predict_all(fit, _summaries(orders, today), today):
        ahead = {f"expected_{days}": round(1000 * n) for days, n in zip((30, 90, 365), told.expected, strict=True)}
        found[told.customer] = {
            "alive": None if told.too_little else round(100 * told.alive),
            "clv": told.clv,
            "next_order_on": told.next_on.isoformat() if told.next_on else None,
            **ahead,
        }
    return found


def _summaries(orders: dict[int, Orders], today: date) -> Iterator[Summary]:
    for customer_id in sorted(orders):
        of = orders[customer_id]
        if of.days and of.millionths is not None:
            yield summary(customer_id, of.bought, today)


def _fits(db: Reader, asker: Asker) -> tuple[dict[int, int], dict[int, int]]:
    """Fit with the ideal customer, and priority of prospects, by customer."""
    from crm_cli.queries.icp import fit_scores
    from crm_cli.queries.priority import priorities

    fits = {customer_id: fit for customer_id, fit, _ in fit_scores(db) if fit is not None}
    return fits, {customer_id: own for customer_id, own in priorities(db, asker.today, fits) if own is not None}


def usual_now(db: Reader, currency: str | None, asker: Asker) -> float | None:
    """The usual interval of all customers: of the kept fit, else the middle of those scored last, else worked out."""
    fit = _fit(db, currency)
    if fit and fit.interval:
        return fit.interval
    known = median(row[0] for row in db.rows("SELECT interval_days FROM score WHERE interval_days IS NOT NULL"))
    if known is not None:
        return known
    everyone: Iterator[list[date]] = (
        of.days for ids in ranges(db) for of in orders_of(db, currency, asker.today, ids).values()
    )
    return usual_interval(everyone)
