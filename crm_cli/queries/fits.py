"""The models of purchase fitted to orders, and how far off they were, beside two plain guesses."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from crm_cli.queries.conditions import Asker, Condition
from crm_cli.queries.predictions import bought_by, currency_of, forecasts, ids_of_query
from crm_cli.rules import bgnbd, holdout
from crm_cli.rules.histories import Summary, gaps, median, summary
from crm_cli.rules.prediction import FEWEST_REPEATERS, Fit, fitted
from crm_cli.store.reader import Reader

_LONGEST, _SHORTEST = 182, 28  # days that are held out where nobody says how many
_TESTED = 10_000  # customers that are enough to tell how far off a model of its own is


def fit(db: Reader, asker: Asker, where: Condition, *, hold_out: int | None = None, discount: float) -> dict[str, Any]:
    """The models fitted to the orders of the customers that a query means, with their public keys (`predict_fit`).

    With `hold_out` they know nothing of the last so many days, and are held against them. Without it they know all, and
    a model of its own, of some of the customers where they are many, is put to the same test. `too_little` where too
    few bought again: then nothing is fitted, and `rhythm` counts how customers stand by the plain rule.
    """
    today, ids = asker.today, ids_of_query(db, where)
    currency = currency_of(db, today, ids)
    if hold_out:  # before the year 1 there is nothing
        hold_out = min(hold_out, (today.toordinal() - 1) // 2)
    days = hold_out or _days_to_hold_out(db, today)
    people: list[Summary] = []
    held: list[holdout.Held] = []
    intervals: list[float | None] = []
    step = 1 if hold_out else 1 + _many(db, ids) // _TESTED
    for at, (customer, bought) in enumerate(bought_by(db, currency, today, ids)):
        known = holdout.known_at_cut(customer, bought, today, days) if days and at % step == 0 else None
        if known:
            held.append(known)
        if bought.days and not hold_out:
            people.append(summary(customer, bought, today))
            intervals.append(median(gaps(bought.days)))
    if hold_out:
        people = [one.summary for one in held]
        intervals = [median(one.gaps) for one in held]
    interval = median(own for own in intervals if own is not None)
    as_of = today - timedelta(days=hold_out or 0)
    found = fitted(people, as_of, currency=currency, interval=interval, discount=discount)
    if found is None:
        return _too_little(db, asker, ids, currency, people, as_of, interval)
    tested = _tested(found, held, today, days, apart=not hold_out) if days else None
    return {**found.published(), "too_little": False, "holdout": tested, "rhythm": None}


def _many(db: Reader, ids: Sequence[int] | None) -> int:
    """How many customers there are to fit to, at most."""
    if ids is not None:
        return len(ids)
    return int(db.value("SELECT count(DISTINCT customer_id) FROM sales_order"))


def _days_to_hold_out(db: Reader, today: date) -> int:
    """A third of the time since the first order, half a year at most; 0 where that would be no time."""
    first = db.value(
        "SELECT min(ordered_on) FROM sales_order WHERE removed_at IS NULL AND ordered_on <= :today",
        {"today": today.isoformat()},
    )
    days = min((today - date.fromisoformat(first)).days // 3, _LONGEST) if first else 0
    return days if days >= _SHORTEST else 0


def _tested(found: Fit, held: list[holdout.Held], today: date, days: int, *, apart: bool) -> dict[str, Any] | None:
    """How far off the model was, beside the two plain guesses; `apart`: a model that knows only what was before."""
    model: bgnbd.BgNbd | None = found.model
    if apart:
        repeaters = sum(1 for one in held if one.summary.history.repeats)
        enough = repeaters >= FEWEST_REPEATERS
        model = bgnbd.fit(one.summary.history for one in held) if enough else None
    if model is None:
        return None
    trial = holdout.judged(model, held, today, days)
    guesses = {"same_again": trial.same_again, "recency": trial.recency}
    return {
        "days": days,
        "from": (trial.cut + timedelta(days=1)).isoformat(),
        "until": trial.until.isoformat(),
        "customers": len(held),
        "orders": trial.bgnbd.actual,
        "fitted_apart": apart,
        **{name: _errors(its) for name, its in {"model": trial.bgnbd, **guesses}.items()},
        "nearer": {name: holdout.ahead(its, trial.bgnbd) for name, its in guesses.items()},
    }


def _errors(its: holdout.Errors) -> dict[str, Any]:
    return {
        "mae": round(its.mae, 4),
        "rmse": round(its.rmse, 4),
        "forecast": round(its.forecast, 1),
        "total_error": None if its.total_error is None else round(its.total_error, 1),
    }


def _too_little(
    db: Reader,
    asker: Asker,
    ids: Sequence[int] | None,
    currency: str | None,
    people: list[Summary],
    as_of: date,
    interval: float | None,
) -> dict[str, Any]:
    counts = {"interval_days": interval, "steady": 0, "warn": 0, "lost": 0, "unknown": 0}
    for one in forecasts(db, asker, None, currency, ids=ids, usual=interval):
        counts[one.rhythm.state] = (counts[one.rhythm.state] or 0) + 1
    return {
        "as_of": as_of.isoformat(),
        "currency": currency,
        "too_little": True,
        "customers": len(people),
        "repeaters": sum(1 for one in people if one.history.repeats),
        "interval_days": interval,
        "rhythm": counts,
    }
