"""How many customers are in which stage of life, how they came there, how long they stay."""

from datetime import date
from typing import Any

from crm_cli.queries.conditions import Condition
from crm_cli.queries.playbook import playbook
from crm_cli.rules.histories import median
from crm_cli.rules.lifecycle import STAGES
from crm_cli.store.reader import Reader

Span = tuple[date, date]


def stages(db: Reader, where: Condition, span: Span) -> list[dict[str, Any]]:
    """A row a stage: lifecycle, customers in it now, share, entered and left within the days, median_days (of the stays
    that ended within them), playbook."""
    wanted, params = _narrowed(where, span)
    counts: dict[str | None, int] = dict(
        db.rows(f"SELECT z.lifecycle, count(*) FROM score z WHERE {wanted.format('z')} GROUP BY 1", where.params)
    )
    stays: dict[str, list[float]] = {stage: [] for stage in STAGES}
    entered = dict.fromkeys(STAGES, 0)
    before = (
        "(SELECT max(y.changed_on) FROM lifecycle_change y WHERE y.customer_id = x.customer_id AND y.id < x.id"
        " AND y.changed_on <= x.changed_on)"
    )
    rows = db.rows(
        f"SELECT x.from_stage, x.to_stage, {before}, x.changed_on, count(*) FROM lifecycle_change x"
        f" WHERE x.changed_on BETWEEN :low AND :high AND {wanted.format('x')} GROUP BY 1, 2, 3, 4",
        params,
    )
    for left, to, since, on, n in rows:
        entered[to] += n
        if left is not None and since is not None:
            stays[left] += [(date.fromisoformat(on) - date.fromisoformat(since)).days] * n
    everybody = sum(counts.values())
    return [
        {
            "lifecycle": stage,
            "customers": counts.get(stage, 0),
            "share": round(100 * counts.get(stage, 0) / everybody, 1) if everybody else None,
            "entered": entered[stage],
            "left": len(stays[stage]),
            "median_days": median(stays[stage]),
            "playbook": playbook(db, stage),
        }
        for stage in STAGES
    ]


def flows(db: Reader, where: Condition, span: Span) -> list[dict[str, Any]]:
    """month, from, to, customers: every change of stage within the days, counted; from is None for who came."""
    wanted, params = _narrowed(where, span)
    rows = db.dicts(
        'SELECT substr(x.changed_on, 1, 7) AS month, x.from_stage AS "from", x.to_stage AS "to", count(*) AS customers'
        f" FROM lifecycle_change x WHERE x.changed_on BETWEEN :low AND :high AND {wanted.format('x')} GROUP BY 1, 2, 3",
        params,
    )
    place = {stage: n for n, stage in enumerate(STAGES)}
    return sorted(rows, key=lambda row: (row["month"], place.get(row["from"], -1), place[row["to"]]))


def _narrowed(where: Condition, span: Span) -> tuple[str, dict[str, Any]]:
    params = {**where.params, "low": span[0].isoformat(), "high": span[1].isoformat()}
    if where.sql == "1":
        return "1", params
    sql = where.sql.replace("{", "{{").replace("}", "}}")
    return f"{{0}}.customer_id IN (SELECT c.id FROM customer c WHERE c.removed_at IS NULL AND {sql})", params
