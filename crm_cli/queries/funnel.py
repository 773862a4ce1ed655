"""The funnel: where deals stand, what they are worth, how many go on, how long they stay."""

from collections import defaultdict
from typing import Any, NamedTuple

from crm_cli.errors import Misuse
from crm_cli.queries.conditions import EVERYTHING, Condition
from crm_cli.queries.funnel_movement import Movement, Movements, compared, movements
from crm_cli.queries.funnel_products import SOLD, of_lines
from crm_cli.queries.quiet import median, stays
from crm_cli.rules.money import amount_number
from crm_cli.store.reader import Reader
from crm_cli.store.tallies import MILLION

_LABELS = {
    "": "NULL",
    "owner": "(SELECT name FROM member WHERE id = d.owner_id)",
    "month": "substr(d.opened_on, 1, 7)",
    "source": "coalesce(d.source, (SELECT source FROM customer WHERE id = d.customer_id))",
    "region": "(SELECT region FROM customer WHERE id = d.customer_id)",
    "tag": "g.name",
    "product": "y.label",
}
_JOINS = {
    "tag": " LEFT JOIN tagging y ON y.deal_id = d.id LEFT JOIN tag g ON g.id = y.tag_id",
    "product": f" LEFT JOIN ({SOLD}) y ON y.deal_id = d.id",
}
SPLITS = tuple(label for label in _LABELS if label)
Medians = dict[tuple[Any, int], float]


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
    removed_at: str | None


def stages(db: Reader) -> list[Stage]:
    """Stages in the order of their pipelines; removed ones too, since a history may name them."""
    rows = db.rows(
        "SELECT s.id, s.name, s.kind, s.probability, s.position, s.pipeline_id, l.name, s.removed_at FROM stage s"
        " JOIN pipeline l ON l.id = s.pipeline_id ORDER BY l.position, l.id, s.position, s.id"
    )
    return [Stage(*row) for row in rows]


def funnel(db: Reader, span: Span = Span(), *, by: str = "", since: str | None = None) -> list[dict[str, Any]]:  # noqa: B008 - immutable
    """Rows of stage, kind, position, deals, amount, currency, weighted, share, conversion, median_days.

    One row set per currency, and per owner, month, source, region, tag or product with `by`; a deal with two tags is in
    both, and one with two products is in both, each with the amount of its lines.
    conversion: of the deals that reached this stage, the percentage that reached the next one; won counts as having
    reached every open stage, lost as far as its history goes. weighted leaves out deals that have no probability.
    Amounts are in the currency's units. median_days is of the deals that left the stage, whatever their currency: days
    have none. With a day in `since` also before, entered, left, to_won, to_lost, change: what moved after that day, of
    the deals that are there now.
    """
    if by not in _LABELS:
        raise Misuse("The funnel cannot be split by {by}", hint="Split it by: {known}", by=by, known=" ".join(SPLITS))
    known = stages(db)
    pipelines: dict[int, list[Stage]] = {}
    for step in known:
        if span.pipeline_id in (None, step.pipeline_id):
            pipelines.setdefault(step.pipeline_id, []).append(step)
    groups, single = _grouped(db, span, by, {step.id: step for own in pipelines.values() for step in own})
    moved = _moved(db, span, by, since, single) if since else None
    if moved:
        for label, currency, _ in moved:
            groups.setdefault((label, currency), _Cells())
    medians = _medians(db, span, by, [step.id for own in pipelines.values() for step in own])
    rows = []
    for (label, currency), cells in sorted(groups.items(), key=lambda item: _group_order(item[0])):
        for own in pipelines.values():
            stands = {stage_id for stage_id, _ in cells.came}
            if len(pipelines) == 1 or not stands or any(step.id in stands for step in own):
                for row in _rows(own, cells, currency, {step.id: medians.get((label, step.id)) for step in own}):
                    if moved is not None:
                        row |= compared(row["deals"], moved.get((label, currency, row["stage_id"]), Movement()))
                    rows.append({**row, by: label} if by else row)
    return rows


def _moved(db: Reader, span: Span, by: str, since: str, single: dict[Any, str | None]) -> Movements:
    tests, params = _tests(span)
    return movements(
        db, _LABELS[by], _JOINS.get(by, ""), tests, params, since, lambda label, own: own or single.get(label)
    )


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


def _is_whole(span: Span, by: str) -> bool:
    """Whether all deals are asked for: those are counted already."""
    return not by and span == Span(pipeline_id=span.pipeline_id)


def _counts(db: Reader, span: Span, by: str) -> list[tuple[Any, ...]]:
    """Rows of label, currency, stage, furthest stage, own probability, deals, amount in minor units."""
    if _is_whole(span, by):
        rows = db.rows(
            "SELECT nullif(currency, ''), stage_id, nullif(furthest_stage_id, 0), nullif(probability, -1), deals,"
            " millions, rest FROM deal_tally"
        )
        return [(None, *row[:5], row[5] * MILLION + row[6]) for row in rows]
    tests, params = _tests(span)
    source = f"{_JOINS.get(by, '')} WHERE d.removed_at IS NULL{tests}"
    if by == "product":
        return of_lines(db, source, params)
    return db.rows(
        f"SELECT {_LABELS[by]} AS label, d.currency, d.stage_id, d.furthest_stage_id, d.probability, count(*),"
        f" sum(d.amount) FROM deal d{source}"
        f" GROUP BY d.stage_id, d.furthest_stage_id, d.currency, d.probability{', label' if by else ''}",
        params,
    )


def _grouped(
    db: Reader, span: Span, by: str, steps: dict[int, Stage]
) -> tuple[dict[tuple[Any, str | None], _Cells], dict[Any, str | None]]:
    groups: dict[tuple[Any, str | None], _Cells] = defaultdict(_Cells)
    rows = [row for row in _counts(db, span, by) if row[2] in steps]
    single = _single_currencies(rows)
    for label, own_currency, stage_id, furthest, own, deals, amount in rows:
        step = steps[stage_id]
        cells = groups[label, own_currency or single[label]]
        chance = {"won": 100, "lost": 0}.get(step.kind, own if own is not None else step.probability)
        cells.deals[stage_id] += deals
        cells.amount[stage_id] += amount or 0
        cells.came[stage_id, furthest] += deals
        if chance is None:
            cells.unweighted[stage_id] += deals
        else:
            # hundredths of percent points are kept whole: multiplied before they are divided
            cells.weighted[stage_id] += (amount or 0) * chance
    return groups or {(None, None): _Cells()}, single


def _single_currencies(rows: list[tuple[Any, ...]]) -> dict[Any, str | None]:
    """Deals without an amount have no currency: they join the row set of their label where that is the only one."""
    known: dict[Any, set[str]] = defaultdict(set)
    for row in rows:
        known[row[0]] |= {row[1]} if row[1] else set()
    everywhere = set().union(*known.values())
    found = {}
    for label, currencies in known.items():
        chosen = currencies or everywhere
        found[label] = next(iter(chosen)) if len(chosen) == 1 else None
    return found


def _tests(span: Span) -> tuple[str, dict[str, Any]]:
    params = dict(span.where.params)
    tests = []
    ends = (("opened_on", span.opened_from, span.opened_to), ("closed_on", span.closed_from, span.closed_to))
    for column, low, high in ends:
        if low:
            tests.append(f"d.{column} >= :{column}_from")
            params[f"{column}_from"] = low
        if high:
            tests.append(f"d.{column} <= :{column}_to")
            params[f"{column}_to"] = high
    if span.pipeline_id is not None:
        tests.append(f"d.stage_id IN (SELECT id FROM stage WHERE pipeline_id = {int(span.pipeline_id)})")
    if span.where.sql != "1":
        tests.append(f"({span.where.sql})")
    return "".join(f" AND {test}" for test in tests), params


def _medians(db: Reader, span: Span, by: str, stage_ids: list[int]) -> Medians:
    """Median days by label and stage: over everything as they are counted, else deal by deal."""
    if _is_whole(span, by):
        left = stays(db)
        found = {(None, stage_id): median(left.get(stage_id, {})) for stage_id in stage_ids}
        return {key: days for key, days in found.items() if days is not None}
    tests, params = _tests(span)
    rows = db.rows(
        f"SELECT {_LABELS[by]}, x.from_stage_id, x.days_spent FROM deal d JOIN stage_change x ON x.deal_id = d.id"
        f"{_JOINS.get(by, '')}"
        f" WHERE d.removed_at IS NULL AND x.from_stage_id IS NOT NULL AND x.days_spent IS NOT NULL{tests}",
        params,
    )
    spent: dict[tuple[Any, int], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for label, stage_id, days in rows:
        spent[label, stage_id][days] += 1
    return {key: days for key, counts in spent.items() if (days := median(counts)) is not None}


def _rows(
    steps: list[Stage], cells: _Cells, currency: str | None, medians: dict[int, float | None]
) -> list[dict[str, Any]]:
    total = sum(cells.deals[step.id] for step in steps)
    reached = _reached(steps, cells)
    shown = [step for step in steps if step.removed_at is None or cells.deals[step.id]]
    rows = []
    for i, step in enumerate(shown):
        later = next((s for s in shown[i + 1 :] if s.kind != "lost"), None) if step.kind == "open" else None
        had = reached[step.id]
        rows.append(
            {
                "stage": step.name,
                "stage_id": step.id,
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
        )
    return rows


def _weighted(step: Stage, cells: _Cells, currency: str | None) -> Any:
    """Sum of amount x probability; None where the stage has no probability and no deal has its own."""
    if step.id not in cells.weighted and (
        cells.unweighted[step.id] or (step.kind == "open" and step.probability is None)
    ):
        return None
    hundredfold = cells.weighted[step.id]
    half_even = (hundredfold + 50) // 100 - (1 if hundredfold % 200 == 50 else 0)
    return _units(half_even, currency)


def _units(minor: int, currency: str | None) -> Any:
    return amount_number(minor, currency) if currency else minor


def _reached(steps: list[Stage], cells: _Cells) -> dict[int, int]:
    """How many deals of the group reached each stage or a later one."""
    known = {step.id: (i, step.kind) for i, step in enumerate(steps)}
    reached: dict[int, int] = defaultdict(int)
    for (stage_id, furthest), deals in cells.came.items():
        if stage_id not in known:
            continue  # of another pipeline
        if known[stage_id][1] == "won":
            hits = [step.id for step in steps if step.kind != "lost"]
        else:
            marks = [known[s][0] for s in (stage_id, furthest) if s in known and known[s][1] == "open"]
            hits = [step.id for i, step in enumerate(steps) if step.kind == "open" and marks and i <= max(marks)]
        for hit in hits:
            reached[hit] += deals
    return reached
