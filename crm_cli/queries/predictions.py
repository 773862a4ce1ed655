"""What customers are likely to do: when they bought, how they stand by the plain rule, and by the fit that is kept.

Orders until today in the base currency, some ids at a time, so that no read keeps somebody else from writing.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from crm_cli.queries import rates
from crm_cli.queries.conditions import EVERYTHING, Asker, Condition
from crm_cli.queries.records import count_records, ids_of
from crm_cli.rules.histories import Order, Purchases, Summary, purchases, summary
from crm_cli.rules.money import amount_number
from crm_cli.rules.prediction import HORIZONS, Fit, Prediction, fit_of, later, predict_all
from crm_cli.rules.rhythm import FEWEST_INTERVALS, Rhythm, rhythm, usual_interval
from crm_cli.store.reader import Reader

_CHUNK = 5_000  # ids of customers that one statement asks for
_FEW = 500  # customers whose orders are read one customer at a time


class Kept(NamedTuple):
    """The fit that is kept: what it was made from, its public keys, and the moment in UTC."""

    fit: Fit
    result: dict[str, Any]
    at: str

    def published(self, today: date) -> dict[str, Any]:
        """Its public keys, and how many days ago it was made."""
        age = (today - date.fromisoformat(self.at[:10])).days  # the moment is in UTC: a day may be ahead of ours
        return {**self.result, "fitted_at": self.at, "age_days": max(age, 0)}


class Forecast(NamedTuple):
    """One customer who bought: when, how it stands by the plain rule, and by the fit if there is one."""

    known: Summary
    rhythm: Rhythm
    prediction: Prediction | None


# ------------------------------------------------------------------ the orders


def currency_of(db: Reader, today: date, ids: Sequence[int] | None) -> str | None:
    """The base currency; Misuse where an order of these customers has no amount in it."""
    currency = rates.base_of_orders(db)
    if currency is not None:
        rates.refuse_without_rate(
            db,
            currency,
            where="so.ordered_on <= :today AND (:ids IS NULL OR so.customer_id IN (SELECT value FROM json_each(:ids)))",
            params={"today": today.isoformat(), "ids": None if ids is None else json.dumps(list(ids))},
        )
    return currency


def ids_of_query(db: Reader, where: Condition) -> list[int] | None:
    """The customers that a query means, in order; None for all."""
    return None if where.sql == EVERYTHING.sql else sorted(ids_of(db, "customer", where))


def _ranges(db: Reader, ids: Sequence[int] | None) -> list[tuple[int, int]]:
    """First and last ids of customers, as many as one statement asks for."""
    if ids is not None and len(ids) <= _FEW:
        return [(one, one) for one in ids]
    last = int(db.value("SELECT max(id) FROM customer") or 0)
    return [(low, low + _CHUNK - 1) for low in range(1, last + 1, _CHUNK)]


def bought_by(
    db: Reader, currency: str | None, today: date, ids: Sequence[int] | None
) -> Iterator[tuple[int, Purchases]]:
    """Each customer with an order, and the days on which it bought (rules/histories.py)."""
    wanted = None if ids is None or len(ids) <= _FEW else set(ids)
    for low, high in _ranges(db, ids):
        for customer, found in purchases(_orders(db, currency, today, low, high), today):
            if wanted is None or customer in wanted:
                yield customer, found


def _orders(db: Reader, currency: str | None, today: date, low: int, high: int) -> Sequence[Order]:
    """In the base currency; where that is not known what was paid, for its sign alone."""
    sql = (
        f"SELECT so.customer_id, so.ordered_on, coalesce({rates.order_amount(currency)}, so.amount)"
        " FROM sales_order so INDEXED BY sales_order_customer"
        " WHERE so.customer_id BETWEEN :low AND :high AND so.ordered_on <= :today AND so.removed_at IS NULL"
        " ORDER BY so.customer_id, so.ordered_on"
    )
    return db.rows(sql, {"low": low, "high": high, "today": today.isoformat()})


def _talks(db: Reader, low: int, high: int) -> dict[int, list[date]]:
    """Days of conversations by customer, as they are in UTC: near enough for the halves that they are counted in."""
    rows = db.rows(
        "SELECT customer_id, substr(at, 1, 10) FROM interaction WHERE customer_id BETWEEN :low AND :high"
        " AND removed_at IS NULL",
        {"low": low, "high": high},
    )
    days = {text: date.fromisoformat(text) for text in {text for _, text in rows}}
    found: dict[int, list[date]] = {}
    for customer, text in rows:
        found.setdefault(customer, []).append(days[text])
    return found


# ------------------------------------------------------------------ customers by the kept fit


def kept(db: Reader) -> Kept | None:
    """The newest fit; None where there is none that can be read."""
    row = db.row("SELECT result, fitted_at FROM prediction_fit ORDER BY id DESC LIMIT 1")
    if row is None:
        return None
    try:
        result = json.loads(row[0])
        return Kept(fit_of(result), result, row[1])
    except (KeyError, TypeError, ValueError):
        return None


def forecasts(
    db: Reader,
    asker: Asker,
    fit: Fit | None,
    currency: str | None,
    *,
    ids: Sequence[int] | None = None,
    usual: float | None = None,
    within: int | None = None,
) -> list[Forecast]:
    """All customers who bought, or those with these ids, in one pass; `usual` is the interval of all in days."""
    today = asker.today
    known: list[Summary] = []
    beats: list[Rhythm] = []
    pieces = iter(_ranges(db, ids))
    talks: dict[int, list[date]] = {}
    high = 0
    for customer, bought in bought_by(db, currency, today, ids):
        if not bought.days:
            continue
        while customer > high:
            low, high = next(pieces)
            talks = _talks(db, low, high) if customer <= high else {}
        known.append(summary(customer, bought, today))
        beats.append(rhythm(bought.days, today, contact_days=talks.get(customer, ()), usual=usual))
    if fit is None:
        return [Forecast(one, beat, None) for one, beat in zip(known, beats, strict=True)]
    days_ahead = HORIZONS if within is None else (*HORIZONS, within)
    predicted = predict_all(fit, known, today, days=days_ahead)
    return [Forecast(*each) for each in zip(known, beats, predicted, strict=True)]


class Answer(NamedTuple):
    """Rows with the public keys of `predict`, and how many customers have not bought and are left out."""

    rows: list[dict[str, Any]]
    left_out: int


def usable(found: Kept | None, currency: str | None) -> Fit | None:
    """The kept fit, without its money where that is in another currency than the base is now."""
    if found is None or found.fit.currency == currency:
        return found and found.fit
    return found.fit._replace(currency=None, spend=None, mean=None)


def predictions(db: Reader, asker: Asker, where: Condition, found: Kept | None, *, within: int | None = None) -> Answer:
    """A row for each customer who bought, of those that a query means, in the order of their ids."""
    ids = ids_of_query(db, where)
    currency = currency_of(db, asker.today, ids)
    fit = usable(found, currency)
    usual = fit.interval if fit else usual_of_all(db, currency, asker.today)
    names: dict[int, str] = dict(db.rows("SELECT id, name FROM customer"))
    everyone = forecasts(db, asker, fit, currency, ids=ids, usual=usual, within=within)
    rows = [_row(one, names.get(one.known.customer), currency, within) for one in everyone]
    meant = count_records(db, "customer", EVERYTHING) if ids is None else len(ids)
    return Answer(rows, meant - len(rows))


def usual_of_all(db: Reader, currency: str | None, today: date) -> float | None:
    """The usual interval of all customers, in days (rules/rhythm.py)."""
    return usual_interval(bought.days for _, bought in bought_by(db, currency, today, None))


def prediction_of(
    db: Reader, asker: Asker, customer_id: int, name: str, found: Kept | None, *, within: int | None = None
) -> dict[str, Any]:
    """One customer: the keys of `predict`, the numbers that they come from, and the fit; for who never bought most of
    them are None."""
    today, ids = asker.today, [customer_id]
    currency = currency_of(db, today, ids)
    fit = usable(found, currency)
    mine = forecasts(db, asker, fit, currency, ids=ids, usual=fit and fit.interval, within=within)
    if mine and fit is None and mine[0].rhythm.orders <= FEWEST_INTERVALS:  # too few to go by its own
        usual = usual_of_all(db, currency, today)
        mine = forecasts(db, asker, fit, currency, ids=ids, usual=usual, within=within)
    if not mine:
        nobody = rhythm((), today)
        return {**_plain_row(customer_id, name, nobody, currency), **_facts(nobody, None, None, currency), "fit": None}
    one = mine[0]
    row = _row(one, name, currency, within)
    return {**row, **_facts(one.rhythm, one.known, one.prediction, currency), "fit": found and found.published(today)}


# ------------------------------------------------------------------ public keys


def _row(one: Forecast, name: str | None, currency: str | None, within: int | None) -> dict[str, Any]:
    told, beat = one.prediction, one.rhythm
    row = _plain_row(one.known.customer, name, beat, currency)
    if told is None:
        return row
    row["too_little"], row["alive"] = told.too_little, round(100 * told.alive, 1)
    for days, orders, money in zip(HORIZONS, told.expected, told.money, strict=False):
        row[f"expected_{days}"], row[f"money_{days}"] = round(orders, 3), _money(money, currency)
    row["clv"], row["next_order_on"] = _money(told.clv, currency), _iso(told.next_on)
    if within is not None:
        row |= {
            "within_days": within,
            "expected": round(told.expected[-1], 3),
            "money": _money(told.money[-1], currency),
        }
    return row


def _plain_row(customer_id: int, name: str | None, beat: Rhythm, currency: str | None) -> dict[str, Any]:
    """All keys, filled as far as the plain rule goes."""
    ahead = [f"{what}_{days}" for what in ("expected", "money") for days in HORIZONS]
    return {
        "id": customer_id,
        "name": name,
        "orders": beat.orders,
        "first_order_on": _iso(beat.first_on),
        "last_order_on": _iso(beat.last_on),
        "silent_days": beat.silent,
        "interval_days": beat.interval,
        "state": beat.state,
        "risk": beat.risk,
        **dict.fromkeys(("too_little", "alive", *ahead, "clv")),
        "currency": currency,
        "next_order_on": _due(beat),
        **dict.fromkeys(("within_days", "expected", "money")),
    }


def _facts(beat: Rhythm, known: Summary | None, told: Prediction | None, currency: str | None) -> dict[str, Any]:
    """What the figures of one customer come from: x, t_x and T in weeks, the money of a purchase, the parts of risk."""
    history = known and known.history
    return {
        "repeats": history and history.repeats,
        "recency_weeks": history and round(history.last, 2),
        "age_weeks": history and round(history.age, 2),
        "mean": _money(round(known.mean), currency) if known and known.mean is not None else None,
        "spend": _money(told.spend, currency) if told else None,
        "basis": beat.basis,
        "warn_after_days": beat.warn_after,
        "lost_after_days": beat.lost_after,
        "parts": [part._asdict() for part in beat.parts],
    }


def _money(minor: int | None, currency: str | None) -> Any:
    return None if minor is None or currency is None else amount_number(minor, currency)


def _due(beat: Rhythm) -> str | None:
    """By the plain rule: one interval after the last order, for who is not lost; it may have passed."""
    if beat.interval is None or beat.last_on is None or beat.state == "lost":
        return None
    return _iso(later(beat.last_on, max(round(beat.interval), 1)))


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
