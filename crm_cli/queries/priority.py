"""Which prospect comes first: fit, what was said lately, and what there is to gain; with the parts.

A prospect has bought nothing yet, or has an open deal. Who was found unfit, or is closed, is none without one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from crm_cli.errors import Misuse
from crm_cli.queries import rates
from crm_cli.rules.fit import OLDEST, Prospect, decayed, half_at, prospect
from crm_cli.rules.histories import median
from crm_cli.store.reader import Reader

_OPEN = "d.removed_at IS NULL AND d.stage_id IN (SELECT id FROM stage WHERE kind = 'open')"
_BOUGHT = (
    "EXISTS (SELECT 1 FROM sales_order so WHERE so.customer_id = c.id AND so.ordered_on <= :today"
    " AND so.removed_at IS NULL AND so.amount >= 0)"
    " OR EXISTS (SELECT 1 FROM deal d WHERE d.customer_id = c.id AND d.removed_at IS NULL"
    " AND d.stage_id IN (SELECT id FROM stage WHERE kind = 'won'))"
)


def priorities(db: Reader, today: date, fits: Mapping[int, int | None]) -> Iterator[tuple[int, int | None]]:
    """Customer and priority, 0 to 100, of every prospect; `fits` by customer."""
    for customer_id, found in prospects(db, today, fits.get):
        yield customer_id, found.priority


def priority_of(db: Reader, today: date, customer_id: int, fit: int | None) -> Prospect | None:
    """The priority of one customer with its parts; None for who is no prospect."""
    found = prospects(db, today, lambda _: fit, customer_id)
    return next((own for _, own in found), None)


def prospects(
    db: Reader, today: date, fit_of: Callable[[int], int | None], only: int | None = None
) -> Iterator[tuple[int, Prospect]]:
    """Every prospect, or the one with this id, with priority and parts."""
    base, bound = rates.base(db), {"today": today.isoformat()}
    open_money = _open_money(db, base, today, only)
    typical = _typical_deal(db, base, open_money)
    touches = _touches(db, today, only)
    size = median(own for (own,) in db.rows("SELECT size FROM customer WHERE size > 0 AND removed_at IS NULL"))
    narrowed = "" if only is None else f" AND c.id = {int(only)}"
    rows = db.rows(
        f"SELECT c.id, c.size, c.status IN ('unqualified', 'closed') OR {_BOUGHT} FROM customer c"
        f" WHERE c.removed_at IS NULL{narrowed} ORDER BY c.id",
        bound,
    )
    for customer_id, own_size, is_none in rows:
        if is_none and customer_id not in open_money:
            continue
        money = open_money.get(customer_id)
        capacity = None
        if money and typical:
            capacity = half_at(money, typical)
        elif own_size is not None and size:
            capacity = half_at(own_size, size)
        yield customer_id, prospect(fit_of(customer_id), touches.get(customer_id, 0.0), capacity)


def _open_money(db: Reader, base: str | None, today: date, only: int | None) -> dict[int, int]:
    """What the open deals of each customer come to in the base currency; 0 where no amount is known, or no rate."""
    narrowed = "" if only is None else f" AND d.customer_id = {int(only)}"
    rows = db.rows(
        f"SELECT d.customer_id, d.amount, d.currency FROM deal d WHERE {_OPEN} AND d.customer_id IS NOT NULL{narrowed}"
    )
    found: dict[int, int] = {}
    converter = rates.Converter(db, base) if base else None
    for customer_id, amount, currency in rows:
        found[customer_id] = found.get(customer_id, 0) + _worth(converter, amount, currency, today)
    return found


def _worth(converter: rates.Converter | None, amount: int | None, currency: str, today: date) -> int:
    if not amount or converter is None:
        return 0
    try:
        return converter.convert(amount, currency, today.isoformat())
    except Misuse:
        return 0  # no rate: what it is worth is not known, and a score is no place to refuse


def _typical_deal(db: Reader, base: str | None, open_money: Mapping[int, int]) -> float | None:
    """The median of the won deals; without any, that of the open ones."""
    rows = db.rows(
        f"SELECT {rates.deal_amount(base)} AS money FROM deal d WHERE d.removed_at IS NULL AND d.stage_id IN"
        " (SELECT id FROM stage WHERE kind = 'won') AND d.amount > 0"
    )
    return median(money for (money,) in rows if money) or median(money for money in open_money.values() if money)


def _touches(db: Reader, today: date, only: int | None) -> dict[int, float]:
    """The decayed touches of each customer; notes to oneself are none, and what lies ahead has not been."""
    narrowed = "" if only is None else f" AND customer_id = {int(only)}"
    rows = db.stream(
        "SELECT customer_id, substr(at, 1, 10), direction IS 'in' FROM interaction"
        " WHERE at >= :oldest AND at < :tomorrow AND removed_at IS NULL AND customer_id IS NOT NULL"
        f" AND channel <> 'note'{narrowed}",
        {
            "oldest": (today - timedelta(days=OLDEST)).isoformat(),
            "tomorrow": (today + timedelta(days=1)).isoformat(),
        },
    )
    found: dict[int, float] = {}
    counts: dict[tuple[str, int], float] = {}
    for customer_id, day, incoming in rows:
        key = day, incoming
        if key not in counts:
            # a day ahead by the clock of UTC is today
            counts[key] = decayed(max(0, (today - date.fromisoformat(day)).days), incoming=bool(incoming))
        found[customer_id] = found.get(customer_id, 0.0) + counts[key]
    return found


# ------------------------------------------------------------------ on the call sheet


def by_priority(db: Reader, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Follow-ups, the highest priority of their customers first, as it was scored last; equal ones as they came."""
    kept: dict[int, int] = dict(db.rows("SELECT customer_id, priority FROM score WHERE priority IS NOT NULL"))
    return sorted(rows, key=lambda row: -kept.get(row["customer_id"], -1))
