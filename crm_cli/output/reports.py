"""Reports on the screen: rows with a sparkline or a bar where a person looks."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from crm_cli.i18n import t
from crm_cli.output.cells import cell, heading
from crm_cli.output.output import Output
from crm_cli.output.plain import GAP, LONGEST_BAR, SHORTEST_BAR, bars, column_widths
from crm_cli.output.views import VIEWS, is_right

Row = dict[str, Any]
_SPARKS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[int | float]) -> str:
    """A block a value, its height against the largest; what is nothing is a dot on the ground."""
    top = max(values, default=0)
    return "".join(_SPARKS[max(0, round(value / top * 8) - 1)] if value > 0 else "·" for value in values)


def show_activity(
    out: Output, rows: list[Row], by: str, span: tuple[date, date], chosen: Sequence[str] | None = None
) -> None:
    """Rows by channel or owner with a line of their weeks, or weeks with bars."""
    keys = [by, *(key for key in VIEWS["activity"].keys if by != "week" or key != "weeks")]
    if out.is_data or chosen:
        out.records("activity", rows, chosen or keys)
        return
    if not any(row["interactions"] for row in rows):
        out.say("Nothing was logged from {low} to {high}.", low=span[0].isoformat(), high=span[1].isoformat())
        return
    shown = [by, *(key for key, _ in VIEWS["activity"].columns if by != "week" or key != "weeks")]
    if by == "week":
        show_bars(out, "activity", rows, shown, [row["interactions"] for row in rows])
    else:
        drawn = [{**row, "weeks": sparkline(row["weeks"])} for row in rows]
        _draw(out, "activity", drawn, shown)
    out.say("{low} to {high}", low=span[0].isoformat(), high=span[1].isoformat())


def show_sources(out: Output, rows: list[Row], chosen: Sequence[str] | None = None) -> None:
    """Rows by source, with a bar for how many customers it brought."""
    if out.is_data or chosen:
        out.records("sources", rows, chosen)
        return
    if not rows:
        out.say("Nothing found.")
        return
    shown = [key for key, _ in VIEWS["sources"].columns]
    named = [{**row, "source": row["source"] or t("unknown")} for row in rows]
    show_bars(out, "sources", named, shown, [row["customers"] for row in rows])


def show_bars(out: Output, noun: str, rows: list[Row], keys: list[str], values: Sequence[int | float]) -> None:
    """A table with bars in what is left of the line."""
    if out.format != "table":
        _draw(out, noun, rows, keys)
        return
    heads = [heading(noun, key) for key in keys]
    cells = [[cell(noun, key, row) for key in keys] for row in rows]
    right = {n for n, key in enumerate(keys) if is_right(noun, key)}
    draw_bars(out, heads, cells, ranks=_ranks(noun, keys), right=right, values=values)


def draw_bars(
    out: Output,
    heads: list[str],
    cells: list[list[str]],
    *,
    ranks: list[int],
    right: set[int],
    values: Sequence[int | float],
) -> None:
    """Cells with a bar at the end of each line; without where a screen has no room for one."""
    taken = sum(column_widths(heads, cells)) + GAP * len(heads)
    room = min(LONGEST_BAR, out.width - taken) if out.is_terminal else LONGEST_BAR
    if room < SHORTEST_BAR:
        out.draw(heads, cells, ranks=ranks, right=right)
        return
    drawn = [[*line, bar] for line, bar in zip(cells, bars(values, room), strict=True)]
    out.draw([*heads, ""], drawn, ranks=[*ranks, 3], right=right)


def _draw(out: Output, noun: str, rows: list[Row], keys: list[str]) -> None:
    heads = [heading(noun, key) for key in keys]
    cells = [[cell(noun, key, row) for key in keys] for row in rows]
    right = {n for n, key in enumerate(keys) if is_right(noun, key)}
    out.draw(heads, cells, ranks=_ranks(noun, keys), right=right)


def _ranks(noun: str, keys: Sequence[str]) -> list[int]:
    known = dict(VIEWS[noun].columns)
    return [known.get(key, 0) for key in keys]
