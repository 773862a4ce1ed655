"""Sales velocity: how much money a day the deals bring that were closed in a time."""

from collections import defaultdict
from fractions import Fraction
from typing import Any

from crm_cli.i18n import said
from crm_cli.queries.deal_figures import (
    AMOUNT,
    CURRENCY,
    UNFROZEN_ON,
    Chosen,
    Labels,
    Ordinals,
    Purse,
    Report,
    percent,
    stage_ids,
)
from crm_cli.store.reader import Reader

SPLITS = ("month", "quarter", "year", "owner", "source", "region", "industry")
_FORMULA = said(
    "velocity = opportunities x average amount of won deals x win rate / average days from opened to won;"
    " opportunities are the deals closed in the time, win rate = won / (won + lost)"
)
_SOURCE = said("sales velocity, as in 40 x 25,000 x 0.25 / 90 = 2,777.78 a day; the cohort is by day of close")


class _Cells:
    """One row: deals, money of the won ones in minor units, and their days."""

    def __init__(self) -> None:
        self.won = self.lost = self.known = self.amount = self.dated = self.days = 0
        self.first: str | None = None
        self.last: str | None = None


def velocity(db: Reader, chosen: Chosen, *, by: str = "") -> Report:
    """Rows of the label, opportunities, won, lost, win_rate (percent), average_won, cycle_days, velocity (money a day),
    currency, first_closed_on, last_closed_on.

    Where no deal was won, no won deal has an amount, or all were won on the day they were opened, velocity is None.
    Formula: analysis of pipelines, sales velocity.
    """
    labels, purse = Labels(db, by), Purse(db, chosen.today)
    rows = _closed_rows(db, chosen, labels, purse)
    labels.learn((row[0], row[4]) for row in rows)
    cells: dict[Any, _Cells] = defaultdict(_Cells)
    for raw, is_won, currency, day, deals, known, amount, first, last in rows:
        row = cells[labels.of(raw)]
        row.first = min(row.first or first, first)
        row.last = max(row.last or last, last)
        if is_won:
            row.won += deals
            row.known += known
            row.amount += purse.worth(amount, currency, day)
        else:
            row.lost += deals
    _add_days(db, chosen, labels, cells)
    counted = {"won_deals": sum(c.won for c in cells.values()), "lost_deals": sum(c.lost for c in cells.values())}
    left = {
        "won_without_amount": sum(row.won - row.known for row in cells.values()),
        "open_deals": _open_deals(db, chosen),
    }
    order = sorted(cells, key=lambda label: (label is None, str(label)))
    if by not in ("month", "quarter", "year"):
        order.sort(key=lambda label: (label is None, -cells[label].amount))
    found = [{**({by: label} if by else {}), **_row(cells[label], purse)} for label in order]
    return Report(found, _FORMULA, _SOURCE, counted, left, purse.notes())


def _closed_rows(db: Reader, chosen: Chosen, labels: Labels, purse: Purse) -> list[tuple[Any, ...]]:
    """Label, won or not, currency, day of the rate still needed, deals, with an amount, amount, first and last day."""
    tests, params = chosen.tests("closed_on")
    won, lost = (stage_ids(db, kind, chosen.pipeline_id) for kind in ("won", "lost"))
    rows = db.rows(
        f"SELECT {labels.sql}, d.stage_id IN {won}, {CURRENCY}, {UNFROZEN_ON}, count(*), count(d.amount),"
        f" sum({AMOUNT}), min(d.closed_on), max(d.closed_on) FROM deal d WHERE (d.stage_id IN {won} OR d.stage_id IN"
        f" {lost}) AND d.closed_on IS NOT NULL AND {tests} GROUP BY 1, 2, 3, 4 ORDER BY 4, 3",
        {**params, "base": purse.base},
    )
    purse.meet(row[2] for row in rows if row[1] and row[6])
    return rows


def _add_days(db: Reader, chosen: Chosen, labels: Labels, cells: dict[Any, _Cells]) -> None:
    tests, params = chosen.tests("closed_on")
    ordinals = Ordinals()
    rows = db.stream(
        f"SELECT {labels.sql}, d.opened_on, d.closed_on, count(*) FROM deal d WHERE d.stage_id IN"
        f" {stage_ids(db, 'won', chosen.pipeline_id)} AND d.closed_on IS NOT NULL AND {tests} GROUP BY 1, 2, 3",
        params,
    )
    for raw, opened, closed, n in rows:
        row = cells[labels.of(raw)]
        row.dated += n
        row.days += n * ordinals.between(opened, closed)


def _open_deals(db: Reader, chosen: Chosen) -> int:
    tests, params = chosen._replace(first=None, last=None).tests("closed_on")
    opened = stage_ids(db, "open", chosen.pipeline_id)
    return int(db.value(f"SELECT count(*) FROM deal d WHERE d.stage_id IN {opened} AND {tests}", params))


def _row(row: _Cells, purse: Purse) -> dict[str, Any]:
    opportunities = row.won + row.lost
    average = Fraction(row.amount, row.known) if row.known else None
    cycle = Fraction(row.days, row.dated) if row.dated else None
    rate = Fraction(row.won, opportunities) if opportunities else 0
    speed = opportunities * average * rate / cycle if average is not None and cycle else None
    return {
        "opportunities": opportunities,
        "won": row.won,
        "lost": row.lost,
        "win_rate": percent(row.won, opportunities, 2),
        "average_won": None if average is None else purse.number(round(average)),
        "cycle_days": None if cycle is None else round(float(cycle), 2),
        "velocity": None if speed is None else purse.number(round(speed)),
        "currency": purse.currency,
        "first_closed_on": row.first,
        "last_closed_on": row.last,
    }
