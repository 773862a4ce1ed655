"""Conversion: of the deals that were opened in a time, how many came how far, from the history of their stages."""

from collections import defaultdict
from typing import Any

from crm_cli.i18n import said
from crm_cli.queries.deal_figures import Chosen, Labels, Note, Ordinals, Report, percent
from crm_cli.queries.funnel import Stage, stages
from crm_cli.queries.quiet import median, stays
from crm_cli.store.reader import Reader

SPLITS = ("month", "quarter", "year", "owner", "source", "region")
_FORMULA = said(
    "conversion = deals of the cohort that reached this stage or a later one / those that reached the one before;"
    " overall = the same / all deals of the cohort"
)
_SOURCE = said(
    "stage conversion by entry cohort (day opened) from the history of stages; a count of who stands where is none"
)


class _Cohort:
    """Deals of one cohort in one pipeline: by how far they came (place of a stage), and how it ended."""

    def __init__(self) -> None:
        self.open: dict[int, int] = defaultdict(int)
        self.lost: dict[int, int] = defaultdict(int)
        self.won = 0

    @property
    def deals(self) -> int:
        return self.won + sum(self.open.values()) + sum(self.lost.values())


Days = dict[Any, dict[int, int]]  # (label, stage id) -> days -> how often


def conversion(db: Reader, chosen: Chosen, *, by: str = "") -> Report:
    """Rows of the label, stage, kind, position, deals (of the cohort), reached, conversion, overall (percent), lost,
    open, median_days, unfinished, pipeline; a row set per label and pipeline.

    A cohort are the deals opened in a time. Every one of them counts as having reached the first stage, a won one as
    having reached all; others as far as their history goes. lost and open: those that came no further than this stage;
    an open one may yet, so a cohort that has some is unfinished and its figures can only grow. median_days: in the
    stage until it was left; of the last row, from opened to won. Formula: analysis of pipelines, stage conversion.
    """
    labels = Labels(db, by, "opened_on")
    tests, params = chosen.tests("opened_on")
    rows = db.rows(
        f"SELECT {labels.sql}, d.stage_id, d.furthest_stage_id, count(*) FROM deal d WHERE {tests} GROUP BY 1, 2, 3",
        params,
    )
    labels.learn((row[0], row[3]) for row in rows)
    pipelines: dict[int, list[Stage]] = defaultdict(list)
    for step in stages(db):
        if chosen.pipeline_id in (None, step.pipeline_id):
            pipelines[step.pipeline_id].append(step)
    cohorts, unknown = _cohorts(rows, labels, pipelines)
    are_all = not by and chosen.where.sql == "1" and not (chosen.first or chosen.last)
    days = _days_of_all(db) if are_all else _days_in_stages(db, labels, tests, params)
    days |= _days_to_win(db, labels, tests, params)
    found, places = [], list(pipelines)
    for label, pipeline in sorted(cohorts, key=lambda key: (key[0] is None, str(key[0]), places.index(key[1]))):
        for row in _rows(label, pipelines[pipeline], cohorts[label, pipeline], days):
            found.append({by: label, **row} if by else row)
    counted = {
        "deals": sum(cohort.deals for cohort in cohorts.values()),
        "won_deals": sum(cohort.won for cohort in cohorts.values()),
        "lost_deals": sum(sum(cohort.lost.values()) for cohort in cohorts.values()),
        "open_deals": sum(sum(cohort.open.values()) for cohort in cohorts.values()),
    }
    notes: list[Note] = []
    if unknown:
        sentence = said("Lost without a history of stages, counted as lost in the first one: {n}")
        notes.append((sentence, {"n": unknown}))
    return Report(found, _FORMULA, _SOURCE, counted, {"lost_without_history": unknown}, notes)


def _cohorts(
    rows: list[tuple[Any, ...]], labels: Labels, pipelines: dict[int, list[Stage]]
) -> tuple[dict[tuple[Any, int], _Cohort], int]:
    """Cohorts by label and pipeline; and how many lost deals do not say how far they came."""
    places = {
        step.id: (pipeline, step.kind, place)
        for pipeline, own in pipelines.items()
        for place, step in enumerate(step for step in own if step.kind == "open")
    }
    places |= {step.id: (p, step.kind, -1) for p, own in pipelines.items() for step in own if step.kind != "open"}
    found: dict[tuple[Any, int], _Cohort] = defaultdict(_Cohort)
    unknown = 0
    for raw, stage_id, furthest, deals in rows:
        if stage_id not in places:
            continue  # of another pipeline
        pipeline, kind, place = places[stage_id]
        cohort = found[labels.of(raw), pipeline]
        came = places.get(furthest, (None, "", -1))
        place = max(place, came[2] if came[0] == pipeline and came[1] == "open" else -1)
        if kind == "won":
            cohort.won += deals
        elif kind == "lost":
            unknown += deals if place < 0 else 0
            cohort.lost[max(0, place)] += deals
        else:
            cohort.open[place] += deals
    return found, unknown


_SPENT = "x.from_stage_id IS NOT NULL AND x.days_spent IS NOT NULL"


def _days_in_stages(db: Reader, labels: Labels, tests: str, params: dict[str, Any]) -> Days:
    found: Days = defaultdict(lambda: defaultdict(int))
    rows = db.stream(
        f"SELECT {labels.sql}, x.from_stage_id, x.days_spent, count(*) FROM deal d JOIN stage_change x"
        f" ON x.deal_id = d.id WHERE {_SPENT} AND {tests} GROUP BY 1, 2, 3",
        params,
    )
    for raw, stage_id, days, n in rows:
        found[labels.of(raw), stage_id][days] += n
    return found


def _days_of_all(db: Reader) -> Days:
    """The same of all deals together, which are counted already."""
    return {(None, stage_id): days for stage_id, days in stays(db).items()}


def _days_to_win(db: Reader, labels: Labels, tests: str, params: dict[str, Any]) -> Days:
    found: Days = defaultdict(lambda: defaultdict(int))
    ordinals = Ordinals()
    rows = db.stream(
        f"SELECT {labels.sql}, d.stage_id, d.opened_on, d.closed_on, count(*) FROM deal d JOIN stage s"
        f" ON s.id = d.stage_id WHERE s.kind = 'won' AND d.closed_on IS NOT NULL AND {tests} GROUP BY 1, 2, 3, 4",
        params,
    )
    for raw, stage_id, opened, closed, n in rows:
        found[labels.of(raw), stage_id][ordinals.between(opened, closed)] += n
    return found


def _rows(label: Any, steps: list[Stage], cohort: _Cohort, days: Days) -> list[dict[str, Any]]:
    """The open stages in their order, and what was won; removed stages only where a deal got no further."""
    rows: list[dict[str, Any]] = []
    left = cohort.deals
    before: int | None = None
    for place, step in enumerate(step for step in steps if step.kind == "open"):
        ended = cohort.open[place] + cohort.lost[place]
        if step.removed_at is None or ended:
            rows.append(_row(step, cohort, left, before, days.get((label, step.id), {})))
            rows[-1] |= {"lost": cohort.lost[place], "open": cohort.open[place]}
            before = left
        left -= ended
    won = [step for step in steps if step.kind == "won"]
    if won:
        together: dict[int, int] = defaultdict(int)
        for step in won:
            for spent, n in days.get((label, step.id), {}).items():
                together[spent] += n
        shown = next((step for step in won if step.removed_at is None), won[0])
        rows.append(_row(shown, cohort, cohort.won, before, together))
    return rows


def _row(step: Stage, cohort: _Cohort, reached: int, before: int | None, days: dict[int, int]) -> dict[str, Any]:
    return {
        "stage": step.name,
        "kind": step.kind,
        "position": step.position,
        "deals": cohort.deals,
        "reached": reached,
        "conversion": None if before is None else percent(reached, before),
        "overall": percent(reached, cohort.deals),
        "lost": 0,
        "open": 0,
        "median_days": median(days),
        "unfinished": any(cohort.open.values()),
        "pipeline": step.pipeline,
    }
