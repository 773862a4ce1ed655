"""Deals that went quiet for longer than their stage allows, and deals stuck for longer than is usual there."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from crm_cli.store.reader import Reader

Bind = Callable[[Any], str]


def quiet_deals(db: Reader, today: date, bind: Bind) -> str:
    """Condition on deal d: the last real touch is longer ago than its stage allows. Creation alone is no touch."""
    stages = db.rows(
        "SELECT id, quiet_after_days FROM stage WHERE kind = 'open' AND quiet_after_days IS NOT NULL"
        " AND removed_at IS NULL ORDER BY id"
    )
    tests = [
        f"(d.stage_id = {int(stage)} AND d.last_touch_on < {bind((today - timedelta(days=days)).isoformat())})"
        for stage, days in stages
    ]
    return "(" + (" OR ".join(tests) or "0") + ")"


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
    """Median of the days that deals spent in a stage before they left it; deals still in it are left out."""
    where = "FROM stage_change WHERE from_stage_id = :stage AND days_spent IS NOT NULL"
    count = db.value(f"SELECT count(*) {where}", {"stage": stage_id})
    if not count:
        return None
    middle = db.rows(
        f"SELECT days_spent {where} ORDER BY days_spent LIMIT :take OFFSET :skip",
        {"stage": stage_id, "take": 2 - count % 2, "skip": (count - 1) // 2},
    )
    days = [row[0] for row in middle]
    return sum(days) / len(days)
