"""Deals that went quiet for longer than their stage allows, and deals stuck for longer than is usual there."""

from bisect import bisect_right
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from crm_cli.queries.slipping import slipping
from crm_cli.store.reader import Reader

Bind = Callable[[Any], str]


def quiet_deals(db: Reader, today: date, bind: Bind, *, alias: str = "d") -> str:
    """Condition on a deal: the last real touch is longer ago than its stage allows. Creation alone is no touch.

    A stage at a time, so that each uses the index by stage and last touch.
    """
    stages = db.rows(
        "SELECT id, quiet_after_days FROM stage WHERE kind = 'open' AND quiet_after_days IS NOT NULL"
        " AND removed_at IS NULL ORDER BY id"
    )
    parts = [
        f"SELECT id FROM deal WHERE removed_at IS NULL AND stage_id = {int(stage)}"
        f" AND last_touch_on < {bind((today - timedelta(days=days)).isoformat())}"
        for stage, days in stages
    ]
    return f"{alias}.id IN ({' UNION ALL '.join(parts)})" if parts else "0"


def on_the_sheet(db: Reader, today: date) -> dict[str, str]:
    """Conditions, with alias x, on the deals and customers that the call sheet names: quiet ones, run-out cadences, who
    is about to leave."""
    leaving = slipping(db, today, literal)
    return {
        "deal": quiet_deals(db, today, literal, alias="x"),
        "customer": f"(x.cadence_due_on <= '{today.isoformat()}'"
        + (f" OR x.id IN (SELECT c.id {leaving}))" if leaving else ")"),
    }


def literal(value: str | int) -> str:
    """A value as SQL has it."""
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def stuck_deals(db: Reader, today: date, bind: Bind) -> str:
    """Condition on deal d: open and longer in its stage than twice the median of those that left it."""
    tests = []
    for (stage,) in db.rows("SELECT id FROM stage WHERE kind = 'open' AND removed_at IS NULL ORDER BY id"):
        median = median_days(db, stage)
        if median is not None:
            before = today - timedelta(days=int(2 * median))
            tests.append(f"(d.stage_id = {int(stage)} AND d.stage_since_on < {bind(before.isoformat())})")
    return "(" + (" OR ".join(tests) or "0") + ")"


def median_days(db: Reader, stage_id: int) -> float | None:
    """Median of the days that deals spent in a stage before they left it; deals still in it are left out.

    Counted and fetched through the index by stage and days. Removed deals are few: theirs are read apart and skipped.
    """
    where = "FROM stage_change WHERE from_stage_id = :stage AND days_spent IS NOT NULL"
    gone = sorted(
        row[0]
        for row in db.rows(
            "SELECT x.days_spent FROM deal d CROSS JOIN stage_change x ON x.deal_id = d.id"
            " WHERE d.removed_at IS NOT NULL AND x.from_stage_id = :stage AND x.days_spent IS NOT NULL",
            {"stage": stage_id},
        )
    )
    count = int(db.value(f"SELECT count(*) {where}", {"stage": stage_id})) - len(gone)
    if not count:
        return None
    first = (count - 1) // 2
    rows = db.rows(
        f"SELECT days_spent {where} ORDER BY days_spent LIMIT :take OFFSET :skip",
        {"stage": stage_id, "take": len(gone) + 2, "skip": first},
    )
    days = [row[0] for row in rows]
    return (_without(days, gone, 0) + _without(days, gone, 1 - count % 2)) / 2


def _without(days: list[int], gone: list[int], more: int) -> int:
    """The value `more` places behind the first of the ascending `days`, were those of `gone` not among all of them.

    `days` begins somewhere within all values; up to a value there are as many fewer as `gone` has up to it.
    """
    return next(value for i, value in enumerate(days) if i + 1 > more + bisect_right(gone, value))
