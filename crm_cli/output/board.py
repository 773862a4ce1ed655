"""The pipeline drawn as columns: a card for each open deal, the sums above."""

from decimal import Decimal
from typing import Any

from crm_cli.i18n import language
from crm_cli.output.cells import cell, sums
from crm_cli.output.output import Output
from crm_cli.rules import names
from crm_cli.rules.text import clean, fit, pad, width, wrap

Row = dict[str, Any]
_NARROWEST = 16  # columns of a stage below which the stages stand under one another
_GAP = 2
_WIDEST = 60  # columns of the rule under a stage that stands alone
_WHOLE = 100_000  # a pipe has room for everything


def show_board(out: Output, stages: list[str], deals: list[Row]) -> None:
    """Stages side by side where there is room for them, else one under the other; whole in a pipe."""
    columns = {stage: [row for row in deals if row["stage"] == stage] for stage in stages}
    total = out.width if out.is_terminal else _WHOLE
    room = (total - _GAP * (len(stages) - 1)) // max(1, len(stages))
    if room < _NARROWEST or not out.is_terminal:
        for n, (stage, rows) in enumerate(columns.items()):
            out.lines([*([""] if n else []), *_column(stage, rows, total)])
        return
    drawn = [_column(stage, rows, room) for stage, rows in columns.items()]
    height = max((len(lines) for lines in drawn), default=0)
    for i in range(height):
        cells = [pad(lines[i] if i < len(lines) else "", room) for lines in drawn]
        out.lines([(" " * _GAP).join(cells).rstrip()])


def _column(stage: str, rows: list[Row], room: int) -> list[str]:
    """The name of the stage, how many and what they are worth, a rule, and the cards."""
    lines = [
        fit(f"{clean(names.shown('stage', stage, language()))} ({len(rows)})", room),
        *wrap(sums(_totals(rows)) or "-", room),
        "─" * min(room, _WIDEST),
    ]
    for row in rows:
        lines += _card(row, room)
    return lines


def _card(row: Row, room: int) -> list[str]:
    """What it is, who it is for, what it is worth and by when; amounts and days are never cut."""
    facts = [text for text in (cell("deal", "amount", row), row["expected_close_on"] or "") if text]
    beside = " · ".join(facts)
    last = [beside] if width(beside) <= room else [line for text in facts for line in wrap(text, room)]
    who = fit(clean(row["customer"] or ""), room)
    return [text for text in (fit(f"{row['id']} {clean(row['title'])}", room), who, *last) if text] + [""]


def _totals(rows: list[Row]) -> list[dict[str, Any]]:
    by_currency: dict[str, Any] = {}
    for row in rows:
        if row["amount"] is not None:
            by_currency[row["currency"]] = by_currency.get(row["currency"], 0) + Decimal(str(row["amount"]))
    return [{"amount": amount, "currency": currency} for currency, amount in sorted(by_currency.items())]
