"""The funnel: where deals stand, what they are worth, how many go on, how long they stay."""

from collections import defaultdict
from typing import Any, NamedTuple

from crm_cli.errors import Misuse
from crm_cli.queries.conditions import EVERYTHING, Condition
from crm_cli.queries.quiet import median_days
from crm_cli.rules.money import amount_number
from crm_cli.store.reader import Reader


class Span(NamedTuple):
    """Which deals: opened from/to, closed from/to (ISO days, ends included), a condition on deal d, a pipeline."""

    opened_from: str | None = None
    opened_to: str | None = None
    closed_from: str | None = None
    closed_to: str | None = None
    where: Condition = EVERYTHING
    pipeline_id: int | None = None


class Stage(NamedTuple):
    id: int
    name: str
    kind: str
    probability: int | None
    position: int
    pipeline_id: int
    pipeline: str


def stages(db: Reader, pipeline_id: int | None = None) -> list[Stage]:
    """Stages in the order of their pipelines."""
    rows = db.rows(
        "SELECT s.id, s.name, s.kind, s.probability, s.position, s.pipeline_id, l.name FROM stage s"
        " JOIN pipeline l ON l.id = s.pipeline_id WHERE s.removed_at IS NULL"
        " ORDER BY l.position, l.id, s.position, s.id"
    )
    return [Stage(*row) for row in rows if pipeline_id is None or row[5] == pipeline_id]


def funnel(db: Reader, span: Span = Span(), *, by: str = "") -> list[dict[str, Any]]:  # noqa: B008 - immutable
    """Rows of stage, kind, position, deals, amount, currency, weighted, share, conversion, median_days.

    One row set per currency (and per owner or month with `by`). conversion: of the deals that reached this stage,
    the percentage that reached the next one; won counts as having reached every open stage, lost as far as its
    history goes. weighted leaves out deals that have no probability. Amounts are in the currency's units.
    """
    steps = stages(db, span.pipeline_id)
    groups = _grouped(db, span, by)
    only = span == Span(pipeline_id=span.pipeline_id)
    medians = {step.id: median_days(db, step.id) if only else _median_of(db, step.id, span) for step in steps}
    pipelines = {step.pipeline_id for step in steps}
    rows = []
    for (label, currency), cells in sorted(groups.items(), key=lambda item: _group_order(item[0])):
        for pipeline_id in sorted(pipelines):
            own = [step for step in steps if step.pipeline_id == pipeline_id]
            if len(pipelines) == 1 or any(step.id in cells.deals for step in own):
                rows += _rows(own, cells, currency, medians, label if by else None, by)
    return rows


def _group_order(group: tuple[Any, Any]) -> tuple[Any, ...]:
    label, currency = group
    return (label is None, str(label or ""), currency is None, currency or "")


class _Cells:
    """Sums by stage id, and how far the deals of a group came."""

    def __init__(self) -> None:
        self.deals: dict[int, int] = defaultdict(int)
        self.amount: dict[int, int] = defaultdict(int)
        self.weighted: dict[int, int] = defaultdict(int)
        self.unweighted: dict[int, int] = defaultdict(int)
        self.came: dict[tuple[int, int | None], int] = defaultdict(int)


def _grouped(db: Reader, span: Span, by: str) -> dict[tuple[Any, str | None], _Cells]:
    label = {"": "NULL", "owner": "(SELECT name FROM member WHERE id = d.owner_id)", "month": "substr(d.opened_on, 1, 7)"}
    if by not in label:
        raise Misuse("The funnel cannot be split by {by}", hint="Split it by owner or month.", by=by)
    tests, params = _tests(span)
    # hundredths of percent points are kept whole: amount and probability are multiplied before they are divided
    sql = (
        f"SELECT {label[by]} AS label, d.currency, d.stage_id, d.furthest_stage_id, d.probability, count(*),"
        f" sum(d.amount) FROM deal d WHERE d.removed_at IS NULL{tests}"
        f" GROUP BY d.stage_id, d.furthest_stage_id, d.currency, d.probability{', label' if by else ''}"
    )
    steps = {step.id: step for step in stages(db, span.pipeline_id)}
    groups: dict[tuple[Any, str | None], _Cells] = defaultdict(_Cells)
    rows = db.rows(sql, params)
    single = {row[1] for row in rows if row[1]}
    for name, own_currency, stage_id, furthest, own, deals, amount in rows:
        # deals without an amount have no currency: they join the row set where there is only one
        currency = next(iter(single)) if own_currency is None and len(single) == 1 else own_currency
        step = steps.get(stage_id)
        if step is None:
            continue
        cells = groups[name, currency]
        chance = {"won": 100, "lost": 0}.get(step.kind, own if own is not None else step.probability)
        cells.deals[stage_id] += deals
        cells.amount[stage_id] += amount or 0
        cells.came[stage_id, furthest] += deals
        if chance is None:
            cells.unweighted[stage_id] += deals
        else:
            cells.weighted[stage_id] += (amount or 0) * chance
    return groups or {(None, None): _Cells()}


def _tests(span: Span) -> tuple[str, dict[str, Any]]:
    params = dict(span.where.params)
    tests = []
    for column, low, high in (("opened_on", span.opened_from, span.opened_to), ("closed_on", span.closed_from, span.closed_to)):
        if low:
            tests.append(f"d.{column} >= :{column}_from")
            params[f"{column}_from"] = low
        if high:
            tests.append(f"d.{column} <= :{column}_to")
            params[f"{column}_to"] = high
    if span.pipeline_id is not None:
        tests.append(f"d.stage_id IN (SELECT id FROM stage WHERE pipeline_id = {int(span.pipeline_id)})")
    if span.where.sql != "1":
        tests.append(span.where.sql)
    return "".join(f" AND {test}" for test in tests), params


def _median_of(db: Reader, stage_id: int, span: Span) -> float | None:
    """Median days in a stage over the deals of a span only."""
    tests, params = _tests(span)
    rows = db.rows(
        "SELECT x.days_spent FROM stage_change x WHERE x.from_stage_id = :stage AND x.days_spent IS NOT NULL"
        f" AND x.deal_id IN (SELECT d.id FROM deal d WHERE d.removed_at IS NULL{tests}) ORDER BY 1",
        {**params, "stage": stage_id},
    )
    if not rows:
        return None
    half = len(rows) // 2
    return rows[half][0] if len(rows) % 2 else (rows[half - 1][0] + rows[half][0]) / 2


def _rows(
    steps: list[Stage], cells: _Cells, currency: str | None, medians: dict[int, float | None], label: Any, by: str
) -> list[dict[str, Any]]:
    total = sum(cells.deals[step.id] for step in steps)
    reached = _reached(steps, cells)
    rows = []
    for i, step in enumerate(steps):
        later = next((s for s in steps[i + 1 :] if s.kind != "lost"), None) if step.kind == "open" else None
        had = reached[step.id]
        row = {
            "stage": step.name,
            "kind": step.kind,
            "position": step.position,
            "deals": cells.deals[step.id],
            "amount": _units(cells.amount[step.id], currency),
            "currency": currency,
            "weighted": _weighted(step, cells, currency),
            "share": round(100 * cells.deals[step.id] / total, 1) if total else None,
            "conversion": round(100 * reached[later.id] / had, 1) if later and had else None,
            "median_days": medians[step.id],
            "without_probability": cells.unweighted[step.id],
            "pipeline": step.pipeline,
        }
        if by:
            row[by] = label
        rows.append(row)
    return rows


def _weighted(step: Stage, cells: _Cells, currency: str | None) -> Any:
    """Sum of amount x probability; None where the stage has no probability and no deal has its own."""
    if cells.unweighted[step.id] and step.id not in cells.weighted:
        return None
    if step.kind == "open" and step.probability is None and step.id not in cells.weighted:
        return None
    hundredfold = cells.weighted[step.id]
    half_even = (hundredfold + 50) // 100 - (1 if hundredfold % 200 == 50 else 0)
    return _units(half_even, currency)


def _units(minor: int, currency: str | None) -> Any:
    return amount_number(minor, currency) if currency else minor


def _reached(steps: list[Stage], cells: _Cells) -> dict[int, int]:
    """How many deals of the group reached each stage or a later one."""
    order = {step.id: i for i, step in enumerate(steps)}
    kinds = {step.id: step.kind for step in steps}
    reached: dict[int, int] = defaultdict(int)
    for (stage_id, furthest), deals in cells.came.items():
        if stage_id not in order:
            continue
        if kinds[stage_id] == "won":
            hits = [step.id for step in steps if step.kind != "lost"]
        else:
            marks = [order[s] for s in (stage_id, furthest) if s in order and kinds[s] != "lost"]
            hits = [step.id for step in steps if step.kind == "open" and marks and order[step.id] <= max(marks)]
            hits += [stage_id] if kinds[stage_id] == "lost" else []
        for hit in hits:
            reached[hit] += deals
    return reached
