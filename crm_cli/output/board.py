"""The pipeline drawn as columns: a card for each open deal, the sums above."""

from typing import Any

from crm_cli.i18n import language
from crm_cli.output.cells import cell, sums
from crm_cli.output.output import Output
from crm_cli.rules import names
from crm_cli.rules.text import clean, fit, pad, wrap

Row = dict[str, Any]
_NARROWEST = 16  # columns of a stage below which the stages stand under one another
_GAP = 2
_PIPE = 100  # columns of a board that nobody reads on a screen


def show_board(out: Output, stages: list[str], deals: list[Row]) -> None:
    """Stages side by side where there is room for them, else one under the other."""
    columns = {stage: [row for row in deals if row["stage"] == stage] for stage in stages}
    total = out.width if out.is_terminal else _PIPE
    room = (total - _GAP * (len(stages) - 1)) // max(1, len(stages))
    if room < _NARROWEST:
        for stage, rows in columns.items():
            out.lines(["", *_column(stage, rows, total)])
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
        "─" * room,
    ]
    for row in rows:
        lines += _card(row, room)
    return lines


def _card(row: Row, room: int) -> list[str]:
    worth = cell("deal", "amount", row)
    last = " · ".join(text for text in (worth, row["expected_close_on"] or "") if text)
    return [
        fit(f"{row['id']} {clean(row['title'])}", room),
        fit(clean(row["customer"] or ""), room),
        *([fit(last, room)] if last else []),
        "",
    ]


def _totals(rows: list[Row]) -> list[dict[str, Any]]:
    by_currency: dict[str, Any] = {}
    for row in rows:
        if row["amount"] is not None:
            by_currency[row["currency"]] = by_currency.get(row["currency"], 0) + float(row["amount"])
    return [{"amount": amount, "currency": currency} for currency, amount in sorted(by_currency.items())]
