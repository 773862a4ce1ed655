"""Deals that went quiet for longer than their stage allows, and deals stuck for longer than is usual there."""

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
    tests, left = [], stays(db)
    for (stage,) in db.rows("SELECT id FROM stage WHERE kind = 'open' AND removed_at IS NULL ORDER BY id"):
        usual = median(left.get(stage, {}))
        if usual is not None:
            before = today - timedelta(days=int(2 * usual))
            tests.append(f"(d.stage_id = {int(stage)} AND d.stage_since_on < {bind(before.isoformat())})")
    return "(" + (" OR ".join(tests) or "0") + ")"


def stays(db: Reader) -> dict[int, dict[int, int]]:
    """Stage id -> days -> how often deals left it after so many; deals still in it are left out."""
    found: dict[int, dict[int, int]] = {}
    for stage_id, days, times in db.rows("SELECT stage_id, days, times FROM stay_tally"):
        found.setdefault(stage_id, {})[days] = times
    return found


def median(found: dict[int, int]) -> float | None:
    """The median of values by how often each is there; None of none."""
    total = sum(found.values())
    if not total:
        return None
    low = high = None
    seen = 0
    for value in sorted(found):
        seen += found[value]
        if low is None and seen > (total - 1) // 2:
            low = value
        if seen > total // 2:
            high = value
            break
    assert low is not None and high is not None
    return (low + high) / 2
