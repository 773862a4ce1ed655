"""Stages of life on the screen: how many are where, and who came from where, by month."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from crm_cli.i18n import language, t
from crm_cli.output.output import Output
from crm_cli.output.reports import show_bars, sparkline
from crm_cli.output.views import VIEWS
from crm_cli.rules import names

Row = dict[str, Any]


def show_lifecycle(
    out: Output, rows: list[Row], flows: list[Row], span: tuple[date, date], chosen: Sequence[str] | None = None
) -> None:
    """Stages with a bar for how many are in each, then the changes between them."""
    if out.is_data or chosen:
        out.records("life", rows, chosen)
        return
    if not any(row["customers"] for row in rows):
        out.say("Nothing found.")
        return
    drawn = [row for row in rows if row["customers"] or row["entered"] or row["left"]]
    show_bars(out, "life", drawn, VIEWS["life"].table_keys, [row["customers"] for row in drawn])
    if flows and out.format != "md":
        out.print()
        _show_flows(out, flows, span)
    out.say("{low} to {high}", low=span[0].isoformat(), high=span[1].isoformat())


def _show_flows(out: Output, flows: list[Row], span: tuple[date, date]) -> None:
    """A line for each way from one stage to another, with how many went it in each month."""
    months = _months(span)
    counts: dict[tuple[str | None, str], dict[str, int]] = {}
    for row in flows:
        counts.setdefault((row["from"], row["to"]), {})[row["month"]] = row["customers"]
    ways = sorted(counts, key=lambda way: -sum(counts[way].values()))
    cells = [
        [
            names.shown("lifecycle", before, language()) if before else t("added"),
            names.shown("lifecycle", to, language()),
            str(sum(counts[before, to].values())),
            sparkline([counts[before, to].get(month, 0) for month in months]),
        ]
        for before, to in ways
    ]
    out.draw([t("from"), t("to"), t("customers"), t("by month")], cells, ranks=[0, 0, 0, 1], right={2})


def _months(span: tuple[date, date]) -> list[str]:
    first, last = (day.year * 12 + day.month - 1 for day in span)
    return [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(first, last + 1)]
