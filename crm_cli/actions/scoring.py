"""Scores written down: one row a customer, the stages of its life, and the day. Bookkeeping: no operation, no undo."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from crm_cli.errors import CrmError
from crm_cli.queries.conditions import Asker
from crm_cli.queries.scoring import COLUMNS, Scored, scored
from crm_cli.queries.tiers import all_tiers, condition_of
from crm_cli.rules.days import to_utc_text
from crm_cli.rules.warning import AT_RISK
from crm_cli.store.reader import Reader
from crm_cli.store.writer import Plain, transaction

_LARGEST = 2**63 - 1
_CACHE = "PRAGMA cache_size=-100000"  # kB: orders lie by day, and are read customer by customer
_MONEY = [COLUMNS.index(name) for name in ("revenue", "margin", "revenue_year", "revenue_before", "clv")]
_ORDERS, _RISK = COLUMNS.index("orders"), COLUMNS.index("risk")


class Outcome(NamedTuple):
    """What a run came to. `unrated` customers have orders in a currency without a rate: their money is not known.
    `broken` are tiers whose query cannot be asked, with the reason."""

    row: dict[str, Any]
    unrated: int
    broken: list[tuple[str, str]]


def score_all(reader: Reader, asker: Asker, path: str, *, dry_run: bool = False) -> Outcome:
    """Work out the scores of all customers and write them down in one transaction; `reader` is read before it."""
    newest = reader.value("SELECT max(id) FROM operation")
    reader.connection.execute(_CACHE)
    against, rows, fitted_on = scored(reader, asker)
    with transaction(path, dry_run=dry_run) as hand:
        _write(hand, rows, asker)
        broken = _set_tiers(hand, asker)
        hand.execute("DELETE FROM score_run")
        hand.execute(
            "INSERT INTO score_run (computed_at, computed_on, operation_id, customers) VALUES (?, ?, ?, ?)",
            (to_utc_text(asker.now), asker.today.isoformat(), newest, len(rows)),
        )
        tiered = hand.value("SELECT count(*) FROM score WHERE tier IS NOT NULL")
        changes = hand.value("SELECT count(*) FROM lifecycle_change")
    row = {
        "computed_on": asker.today.isoformat(),
        "customers": len(rows),
        "buyers": sum(row.values[_ORDERS] > 0 for row in rows),
        "tiered": tiered,
        "at_risk": sum((row.values[_RISK] or 0) >= AT_RISK for row in rows),
        "changes": changes,
        "currency": against.currency,
        "fitted_on": fitted_on,
    }
    return Outcome(row, against.unrated, broken)


def _write(hand: Plain, rows: list[Scored], asker: Asker) -> None:
    today = asker.today.isoformat()
    hand.execute("DELETE FROM score")
    marks = ", ".join("?" * (len(COLUMNS) + 2))
    hand.many(
        f"INSERT INTO score (customer_id, computed_on, {', '.join(COLUMNS)}) VALUES ({marks})",
        ((row.customer_id, today, *_kept(row.values)) for row in rows),
    )
    new = _differing(hand, rows)
    hand.many("DELETE FROM lifecycle_change WHERE customer_id = ?", ((row.customer_id,) for row in new))
    hand.many(
        "INSERT INTO lifecycle_change (customer_id, changed_on, from_stage, to_stage, reason) VALUES (?, ?, ?, ?, ?)",
        ((row.customer_id, *step) for row in new for step in row.steps),
    )
    for table in ("score", "lifecycle_change"):  # of customers who went away while this was worked out
        hand.execute(f"DELETE FROM {table} WHERE customer_id NOT IN (SELECT id FROM customer WHERE removed_at IS NULL)")


def _kept(values: Sequence[Any]) -> Sequence[Any]:
    """Sums beyond what a column holds, which only made-up amounts come to, at their end."""
    if all(values[at] is None or abs(values[at]) <= _LARGEST for at in _MONEY):
        return values
    return [
        max(-_LARGEST, min(value, _LARGEST)) if at in _MONEY and value else value for at, value in enumerate(values)
    ]


def _differing(hand: Plain, rows: list[Scored]) -> list[Scored]:
    """Customers whose changes of stage are not written down as they are now: few from one day to the next."""
    kept = hand.rows(
        "SELECT customer_id, count(*), sum(CAST(replace(changed_on, '-', '') AS INTEGER)) FROM lifecycle_change"
        " GROUP BY customer_id"
    )
    # how many and the sum of their days, which one index answers: two lives that agree in both agree
    known = {customer_id: (n, days) for customer_id, n, days in kept}
    return [row for row in rows if known.get(row.customer_id) != (len(row.steps), sum(map(_number, row.steps)))]


def _number(step: tuple[str, str | None, str, str]) -> int:
    return int(step[0].replace("-", ""))


def _set_tiers(hand: Plain, asker: Asker) -> list[tuple[str, str]]:
    """Each customer's first tier whose rule holds; returns the rules that cannot be asked."""
    broken = []
    for tier in all_tiers(hand):
        try:
            where = condition_of(hand, tier, asker)
        except CrmError as error:
            broken.append((tier.name, error.message()))
            continue
        hand.execute(
            "UPDATE score SET tier = :tier_name WHERE tier IS NULL AND EXISTS"
            f" (SELECT 1 FROM customer c WHERE c.id = score.customer_id AND {where.sql})",
            {**where.params, "tier_name": tier.name},
        )
    return broken
