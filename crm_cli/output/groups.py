"""A list by group on the screen: its values, counts and sums, with a bar for each where there is room."""

from collections.abc import Sequence
from typing import Any

from crm_cli.errors import Misuse
from crm_cli.i18n import t
from crm_cli.output.cells import cell, heading, sums
from crm_cli.output.output import Output
from crm_cli.output.reports import draw_bars
from crm_cli.output.views import is_right

Row = dict[str, Any]
_SUMS = ("count", "won_amount", "open_amount", "amount", "weighted", "margin", "minutes", "overdue")


def refuse_ids(out: Output) -> None:
    """A group is no record."""
    if out.format == "ids":
        raise Misuse("Groups have no ids", hint="Leave --group-by out for the ids of the records")


def show_groups(out: Output, noun: str, rows: list[Row], keys: Sequence[str], bar: Sequence[float]) -> None:
    """Rows in the order of the keys; `bar` says how long the bar of each is."""
    if out.is_data:
        out.records(noun, rows, keys)
        return
    heads = [_heading(noun, key) for key in keys]
    cells = [[_cell(noun, key, row) for key in keys] for row in rows]
    right = {n for n, key in enumerate(keys) if key in _SUMS or is_right(noun, key)}
    if out.format == "md":
        out.markdown(heads, ["---:" if n in right else "---" for n in range(len(keys))], cells)
        return
    ranks = [_rank(key, keys) for key in keys]
    draw_bars(out, heads, cells, ranks=ranks, right=right, values=bar)


def _rank(key: str, keys: Sequence[str]) -> int:
    """What a group is called, and how many are in it, stays on the narrowest screen."""
    return 0 if key == "count" or key not in _SUMS else 1 + _SUMS.index(key)


def _heading(noun: str, key: str) -> str:
    own = {"count": t("count"), "minutes": t("minutes"), "overdue": t("overdue")}
    return own.get(key) or heading(noun, key)


def _cell(noun: str, key: str, row: Row) -> str:
    if key in _SUMS:
        return sums(row[key]) if isinstance(row[key], list) else str(row[key])
    return cell(noun, key, row) or t("none")
