"""RFM on the screen: the classes, what the scores were cut by, and a map of five by five."""

from collections.abc import Sequence
from typing import Any

from crm_cli.i18n import language, t
from crm_cli.output.output import Output
from crm_cli.output.reports import show_bars
from crm_cli.output.views import VIEWS
from crm_cli.rules import names, rfm
from crm_cli.rules.money import format_number
from crm_cli.rules.text import fit, pad, width

Row = dict[str, Any]
_SHADES = " ░▒▓█"
_SHORT = {"potential-loyalist": "potential", "needs-attention": "attention"}
_WIDEST, _NAMED = 19, 13  # columns of a cell of the map; from how many on it says its name


def show_rfm(
    out: Output,
    rows: list[Row],
    by: str,
    spans: list[Row],
    cells: dict[tuple[int, int], int],
    chosen: Sequence[str] | None = None,
) -> None:
    """Classes or groups as data, or for a person with a bar for the share of the money, the breaks and the map."""
    keys = [by, *VIEWS["rfm"].keys]
    if out.is_data or chosen:
        out.records("rfm", rows, chosen or keys)
        return
    if not any(row["customers"] for row in rows):
        out.say("No customer has ordered yet.")
        return
    shown = [by, *VIEWS["rfm"].table_keys]
    drawn = [row for row in rows if row["customers"]]
    show_bars(out, "rfm", drawn, shown, [row["money_share"] or 0 for row in drawn])
    if out.format == "md":
        return
    out.print()
    _show_breaks(out, spans, rows[0]["currency"] or "")
    if by == "class":
        out.print()
        out.lines(_map(cells, out.width if out.is_terminal else 80))


def _show_breaks(out: Output, spans: list[Row], currency: str) -> None:
    """A line a score: what its customers have in common."""
    heads = [t("score"), t("days"), t("orders"), t("money")]
    cells = [
        [str(row["score"]), _span(row["recency"]), _span(row["frequency"]), _money(row, currency)] for row in spans
    ]
    out.draw(heads, cells, ranks=[0, 1, 1, 0], right={0, 1, 2, 3})


def _span(ends: list[Any] | None) -> str:
    if ends is None:
        return "-"
    return str(ends[0]) if ends[0] == ends[1] else f"{ends[0]}..{ends[1]}"


def _money(row: Row, currency: str) -> str:
    if row["monetary"] is None:
        return "-"
    low, high = (format_number(end, currency) for end in row["monetary"])
    return low if low == high else f"{low}..{high.removeprefix(currency).strip()}"


def _map(cells: dict[tuple[int, int], int], room: int) -> list[str]:
    """R from 5 down to 1, FM to the right; a cell says how many, shaded by how many that is, and where there is room
    what the customers in it are called."""
    wide = min(_WIDEST, (room - 4) // 5)
    top = max(cells.values())
    lines = ["".join([pad("", 4), *(pad(f"FM {fm}", wide) for fm in range(1, 6))]).rstrip()]
    for r in range(5, 0, -1):
        counts = [cells[r, fm] for fm in range(1, 6)]
        marks = [_SHADES[-(-4 * n // top)] if n else "·" for n in counts]
        numbers = "".join(_cell(n, mark, wide) for n, mark in zip(counts, marks, strict=True)).rstrip()
        if wide >= _NAMED:
            called = "".join(pad(_called(r, fm, wide - 1), wide) for fm in range(1, 6)).rstrip()
            lines += [pad(f"R {r}", 4) + called, pad("", 4) + numbers]
        else:
            lines.append(pad(f"R {r}", 4) + numbers)
    return lines


def _called(r: int, fm: int, room: int) -> str:
    name = names.shown("rfm_class", rfm.class_of(r, fm, fm), language())
    return fit(name if width(name) <= room else _SHORT.get(name, name), room)


def _cell(count: int, mark: str, wide: int) -> str:
    """`▓▓ 120`: as many marks as there is room for beside the number."""
    number = str(count) if count else ""
    marks = mark * max(1, min(3, wide - 2 - width(number)))
    return pad(f"{marks} {number}" if number else marks[:1], wide)


def show_customers(out: Output, rows: list[Row], chosen: Sequence[str] | None = None) -> None:
    """A row a customer."""
    if not rows and not out.is_data:
        out.say("No customer has ordered yet.")
        return
    out.records("rfm_customer", rows, chosen)
