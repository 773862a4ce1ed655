"""The forecast: what is won already, and what the open deals are likely to bring, by period or owner."""

from collections import defaultdict
from typing import Any

from crm_cli.i18n import said
from crm_cli.queries.deal_figures import (
    AMOUNT,
    CURRENCY,
    UNFROZEN_ON,
    Chosen,
    Labels,
    Note,
    Purse,
    Report,
    rounded,
    stage_ids,
)
from crm_cli.rules.days import period
from crm_cli.store.reader import Reader

SPLITS = ("month", "quarter", "owner")
DOUBTED = 3  # a deal that was put off as often is not believable
_FORMULA = said(
    "expected = won + sum of (open amount x probability); the probability is the deal's own, else its stage's"
)
_SOURCE = said("weighted pipeline value, as Zoho's Expected Revenue; a close put off three times is not believable")


class _Cells:
    """Sums of one row, in minor units; `weighted` in hundredths of one."""

    def __init__(self) -> None:
        self.won_deals = self.won = self.open_deals = self.open = self.weighted = 0
        self.unweighted_deals = self.unweighted = self.overdue = self.slipped = self.doubtful = 0


def forecast(db: Reader, chosen: Chosen, *, by: str) -> Report:
    """Rows of month, quarter or owner, then won_deals, won_amount, open_deals, open_amount, weighted, expected,
    currency, without_probability (open deals), unweighted_amount (what these come to), overdue, slipped, doubtful.

    An open deal stands in the period of its expected close (None without one), a won one in that of its last day.
    Without days in `chosen` the periods are those from this quarter on and any other that still has an open deal; an
    owner's won deals are then those of this quarter. weighted leaves out what has no probability; overdue: expected to
    close before today; slipped: put off at least once, doubtful: three times or more. Closed deals count by the rate
    of their day, open ones by the newest. Formula: analysis of pipelines, weighted value.
    """
    begin = period("month", -((chosen.today.month - 1) % 3), chosen.today)[0].isoformat()
    usual = not (chosen.first or chosen.last)
    cells: dict[Any, _Cells] = defaultdict(_Cells)
    purse = Purse(db, chosen.today)
    opened = _open_rows(db, chosen, by)
    won = _won_rows(db, chosen._replace(first=begin) if usual and by == "owner" else chosen, by, purse.base)
    purse.meet([*(row[3] for row in opened if row[8]), *(row[1] for row in won if row[4])])
    _add_open(cells, opened, purse, Labels(db, by, "expected_close_on"), db)
    left = {
        "without_amount": sum(row[6] - row[7] for row in opened),
        "without_probability": sum(row.unweighted_deals for row in cells.values()),
    }
    _add_won(cells, won, purse, Labels(db, by), begin if usual and by != "owner" else None)
    if not usual:
        left["without_close_day"] = _without_day(db, chosen)
    counted = {
        "won_deals": sum(row.won_deals for row in cells.values()),
        "open_deals": sum(row.open_deals for row in cells.values()),
    }
    rows = [_row(by, label, cells[label], purse) for label in _ordered(by, cells)]
    total = _row(by, None, _summed(cells), purse)
    notes = [*_warnings(cells), *purse.notes()]
    if usual and by == "owner":
        notes.insert(0, (said("What is won, is won from {day} on"), {"day": begin}))
    return Report(rows, _FORMULA, _SOURCE, counted, left, notes, total)


def _open_rows(db: Reader, chosen: Chosen, by: str) -> list[tuple[Any, ...]]:
    """Label, stage, own probability, currency, slips (3 stands for more), overdue, deals, with an amount, amount."""
    tests, params = chosen.tests("expected_close_on")
    label = Labels(db, by, "expected_close_on").sql
    return db.rows(
        f"SELECT {label}, d.stage_id, d.probability, d.currency, min(d.slips, {DOUBTED}), d.expected_close_on < :today,"
        f" count(*), count(d.amount), sum(d.amount) FROM deal d WHERE d.stage_id IN"
        f" {stage_ids(db, 'open', chosen.pipeline_id)} AND {tests} GROUP BY 1, 2, 3, 4, 5, 6",
        {**params, "today": chosen.today.isoformat()},
    )


def _won_rows(db: Reader, chosen: Chosen, by: str, base: str | None) -> list[tuple[Any, ...]]:
    """Label, currency, day of the rate that is still needed, deals, amount."""
    tests, params = chosen.tests("closed_on")
    return db.rows(
        f"SELECT {Labels(db, by).sql}, {CURRENCY}, {UNFROZEN_ON}, count(*), sum({AMOUNT}) FROM deal d"
        f" WHERE d.stage_id IN {stage_ids(db, 'won', chosen.pipeline_id)} AND {tests} GROUP BY 1, 2, 3 ORDER BY 3, 2",
        {**params, "base": base},
    )


def _add_open(cells: dict[Any, _Cells], rows: list[tuple[Any, ...]], purse: Purse, labels: Labels, db: Reader) -> None:
    chances: dict[int, int | None] = dict(db.rows("SELECT id, probability FROM stage"))
    for raw, stage, own, currency, slips, is_late, deals, _, amount in rows:
        row = cells[labels.of(raw)]
        row.open_deals += deals
        row.open += purse.worth(amount, currency)
        row.overdue += deals * bool(is_late)
        row.slipped += deals * (slips > 0)
        row.doubtful += deals * (slips >= DOUBTED)
        chance = chances[stage] if own is None else own
        if chance is None:
            row.unweighted_deals += deals
            row.unweighted += purse.worth(amount, currency)
        else:  # hundredths are kept whole until the end
            row.weighted += purse.worth((amount or 0) * chance, currency)


def _add_won(
    cells: dict[Any, _Cells], rows: list[tuple[Any, ...]], purse: Purse, labels: Labels, begin: str | None
) -> None:
    """Won deals; with a day in `begin` only those of periods that are shown: from it on, or with something open."""
    shown = set(cells)
    for raw, currency, day, deals, amount in rows:
        label = labels.of(raw)
        if begin and label not in shown and (raw is None or raw < begin[:7]):
            continue
        row = cells[label]
        row.won_deals += deals
        row.won += purse.worth(amount, currency, day)


def _without_day(db: Reader, chosen: Chosen) -> int:
    tests, params = chosen._replace(first=None, last=None).tests("expected_close_on")
    found = db.value(
        f"SELECT count(*) FROM deal d WHERE d.stage_id IN {stage_ids(db, 'open', chosen.pipeline_id)} AND {tests}"
        " AND d.expected_close_on IS NULL",
        params,
    )
    return int(found)


def _ordered(by: str, cells: dict[Any, _Cells]) -> list[Any]:
    """Periods in their order, owners with the largest expectation first; what has no label last."""
    if by != "owner":
        return sorted(cells, key=lambda label: (label is None, str(label)))
    return sorted(cells, key=lambda label: (label is None, -(100 * cells[label].won + cells[label].weighted), label))


def _summed(cells: dict[Any, _Cells]) -> _Cells:
    total = _Cells()
    for row in cells.values():
        for name, value in vars(row).items():
            setattr(total, name, getattr(total, name) + value)
    return total


def _row(by: str, label: Any, row: _Cells, purse: Purse) -> dict[str, Any]:
    weighted = rounded(row.weighted, 100)
    return {
        by: label,
        "won_deals": row.won_deals,
        "won_amount": purse.number(row.won),
        "open_deals": row.open_deals,
        "open_amount": purse.number(row.open),
        "weighted": purse.number(weighted),
        "expected": purse.number(row.won + weighted),
        "currency": purse.currency,
        "without_probability": row.unweighted_deals,
        "unweighted_amount": purse.number(row.unweighted),
        "overdue": row.overdue,
        "slipped": row.slipped,
        "doubtful": row.doubtful,
    }


def _warnings(cells: dict[Any, _Cells]) -> list[Note]:
    """What makes the forecast less certain, with the way to look at it."""
    late = sum(row.overdue for row in cells.values())
    doubtful = sum(row.doubtful for row in cells.values())
    apart = sum(row.unweighted_deals for row in cells.values())
    notes: list[Note] = []
    if late:
        sentence = said("Expected to close before today and still open: {n} (crm deal list close:..yesterday)")
        notes.append((sentence, {"n": late}))
    if doubtful:
        notes.append(
            (said("Put off three times or more, not believable: {n} (crm deal list slips:3..)"), {"n": doubtful})
        )
    if apart:
        notes.append((said("Without a probability, left out of the weighted sum: {n}"), {"n": apart}))
    return notes
