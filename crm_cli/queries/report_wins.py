"""Wins and losses: how many deals were won or lost in a time, by what, and what they were worth."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from crm_cli.i18n import said
from crm_cli.queries.deal_figures import (
    AMOUNT,
    CURRENCY,
    IN_TIME,
    UNFROZEN_ON,
    Chosen,
    Labels,
    Purse,
    Report,
    percent,
    rounded,
    stage_ids,
)
from crm_cli.store.reader import Reader

SPLITS = ("reason", "source", "owner", "product", "size", "region", "industry", "month", "quarter", "year")
_FORMULA = said("share = deals of the row / all of the report; win rate = won / (won + lost), by deals and by amount")
_SOURCE = said("win rate by day of close, open deals left out; sizes are the quarters of all amounts above zero")
Fact = tuple[Any, bool, int, int, int]  # label, won or not, deals, those with an amount, amount in minor units


class _Cells:
    """Deals, those with an amount, and what they come to: of the won and of the lost ones."""

    def __init__(self) -> None:
        self.deals = [0, 0]
        self.known = [0, 0]
        self.amount = [0, 0]


def wins(db: Reader, chosen: Chosen, *, won: bool, by: str) -> Report:
    """Rows of the label, deals, amount, currency, share, amount_share, average, won, lost, win_rate, value_win_rate;
    shares and rates in percent. `won` says which deals the first five of these are about.

    By product a deal is in the row of each of its products, its amount divided as its lines are. A size is the least
    and the largest amount of its deals, `588..4800`, as a query takes it. Formula: analysis of pipelines, win rate.
    """
    purse = Purse(db, chosen.today)
    cells: dict[Any, _Cells] = defaultdict(_Cells)
    for label, is_won, deals, known, amount in _facts(db, chosen, by, purse):
        row = cells[label]
        row.deals[is_won] += deals
        row.known[is_won] += known
        row.amount[is_won] += amount
    totals = _totals(db, chosen, cells)
    kept = {label: row for label, row in cells.items() if row.deals[won]}
    rows = [_row(by, label, kept[label], totals, purse, won=won) for label in _ordered(by, kept, won=won)]
    counted = {"won_deals": totals.deals[1], "lost_deals": totals.deals[0]}
    left = {"without_amount": totals.deals[won] - totals.known[won]}
    notes = purse.notes()
    if by == "size" and None in cells:
        sentence = said("Without an amount above zero, in no size: {won} won, {lost} lost")
        notes.append((sentence, {"won": cells[None].deals[1], "lost": cells[None].deals[0]}))
    return Report(rows, _FORMULA, _SOURCE, counted, left, notes)


def _totals(db: Reader, chosen: Chosen, cells: dict[Any, _Cells]) -> _Cells:
    """What shares are of: deals as they are, though one with two products is in two rows."""
    tests, params = _tests(db, chosen)
    totals = _Cells()
    for is_won, deals, known in db.rows(
        f"SELECT d.stage_id IN {stage_ids(db, 'won', chosen.pipeline_id)}, count(*), count(d.amount) FROM deal d"
        f" WHERE {tests} GROUP BY 1",
        params,
    ):
        totals.deals[is_won], totals.known[is_won] = deals, known
    totals.amount = [sum(own.amount[n] for own in cells.values()) for n in (0, 1)]
    return totals


def _tests(db: Reader, chosen: Chosen) -> tuple[str, dict[str, Any]]:
    """Closed deals of the time."""
    tests, params = chosen.tests("closed_on")
    lost, gained = (stage_ids(db, kind, chosen.pipeline_id) for kind in ("lost", "won"))
    return f"(d.stage_id IN {gained} OR d.stage_id IN {lost}) AND {tests}", params


def _facts(db: Reader, chosen: Chosen, by: str, purse: Purse) -> Iterator[Fact]:
    tests, params = _tests(db, chosen)
    if by == "product":
        yield from _by_product(db, chosen, tests, params, purse)
        return
    labels = Labels(db, by)
    label = AMOUNT if by == "size" else labels.sql
    rows = db.rows(
        f"SELECT {label}, d.stage_id IN {stage_ids(db, 'won', chosen.pipeline_id)}, {CURRENCY}, {UNFROZEN_ON},"
        f" count(*), count(d.amount), sum({AMOUNT}) FROM deal d WHERE {tests} GROUP BY 1, 2, 3, 4 ORDER BY 4, 3",
        {**params, "base": purse.base},
    )
    purse.meet(row[2] for row in rows if row[6])
    if by == "size":
        yield from _by_size(rows, purse)
        return
    labels.learn((row[0], row[4]) for row in rows)
    for raw, is_won, currency, day, deals, known, amount in rows:
        yield labels.of(raw), bool(is_won), deals, known, purse.worth(amount, currency, day)


# ------------------------------------------------------------------ by size


def _by_size(rows: list[tuple[Any, ...]], purse: Purse) -> Iterator[Fact]:
    """Bands between the quartiles of the amounts above zero, each as (least amount, largest amount)."""
    each = [
        (purse.worth(amount, currency, day), bool(is_won), deals, known)
        for amount, is_won, currency, day, deals, known, _ in rows
    ]
    counted: dict[int, int] = defaultdict(int)
    for amount, _, deals, _ in each:
        if amount > 0:
            counted[amount] += deals
    bands = _bands(counted)
    for amount, is_won, deals, known in each:
        yield bands.get(amount), is_won, deals, known, amount * deals


def _bands(counted: dict[int, int]) -> dict[int, tuple[int, int]]:
    """Amount -> least and largest amount of its band; equal amounts are in one band, so there may be fewer than 4."""
    total, seen, band = sum(counted.values()), 0, -1
    members: dict[int, list[int]] = defaultdict(list)
    for amount in sorted(counted):
        band = max(band, min(3, 4 * seen // total))
        members[band].append(amount)
        seen += counted[amount]
    return {amount: (own[0], own[-1]) for own in members.values() for amount in own}


# ------------------------------------------------------------------ by product


def _by_product(db: Reader, chosen: Chosen, tests: str, params: dict[str, Any], purse: Purse) -> Iterator[Fact]:
    from crm_cli.queries.funnel_products import SOLD
    from crm_cli.rules.lines_of_sale import split  # with exact decimals, which no other report has to load

    rows = db.rows(
        f"SELECT d.id, d.stage_id IN {stage_ids(db, 'won', chosen.pipeline_id)}, {CURRENCY}, {UNFROZEN_ON}, {AMOUNT},"
        f" y.label, y.amount FROM deal d LEFT JOIN ({SOLD}) y ON y.deal_id = d.id WHERE {tests} ORDER BY d.id, y.label",
        {**params, "base": purse.base},
    )
    purse.meet(row[2] for row in rows if row[4])
    for (_, is_won, currency, day, amount), lines in groupby(rows, key=itemgetter(0, 1, 2, 3, 4)):
        own = list(lines)
        parts = split(purse.worth(amount, currency, day), [row[6] or 0 for row in own])
        for row, part in zip(own, parts, strict=True):
            yield row[5], bool(is_won), 1, int(amount is not None), part


# ------------------------------------------------------------------ rows


def _ordered(by: str, cells: dict[Any, _Cells], *, won: bool) -> list[Any]:
    """Times and sizes in their order, else the one with most deals first; what has no label last."""
    if by in IN_TIME or by == "size":
        return sorted(cells, key=lambda label: (label is None, label or ""))
    return sorted(
        cells, key=lambda label: (label is None, -cells[label].deals[won], -cells[label].amount[won], str(label))
    )


def _row(by: str, label: Any, row: _Cells, totals: _Cells, purse: Purse, *, won: bool) -> dict[str, Any]:
    deals, amount, known = row.deals[won], row.amount[won], row.known[won]
    lost, gained = row.deals
    has_rate = by != "reason"
    is_blind = bool(lost) and not row.amount[0]  # of what was lost nobody wrote down what it was worth
    if by == "size" and label is not None:
        label = "..".join(str(purse.number(end)) for end in label)
    return {
        by: label,
        "deals": deals,
        "amount": purse.number(amount),
        "currency": purse.currency,
        "share": percent(deals, totals.deals[won]),
        "amount_share": percent(amount, totals.amount[won]),
        "average": purse.number(rounded(amount, known)) if known else None,
        "won": gained,
        "lost": lost,
        "win_rate": percent(gained, gained + lost, 2) if has_rate else None,
        "value_win_rate": percent(row.amount[1], sum(row.amount), 2) if has_rate and not is_blind else None,
    }
