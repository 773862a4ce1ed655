"""The table on a terminal: coloured by Rich, never wider than the screen, its columns chosen and cut by our rules."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TextIO

from crm_cli.output.plain import GAP, choose_columns
from crm_cli.rules.text import clean, fit, pad

if TYPE_CHECKING:
    from rich.console import Console
    from rich.segment import Segment
    from rich.style import Style

_BATCH = 200  # rows handed to Rich at once: the first screen is there at once, and memory stays flat
HEADER = "bold"


def print_table(
    headers: list[str],
    rows: Sequence[list[str]],
    ranks: list[int],
    right: set[int],
    *,
    width: int,
    colour: bool,
    stream: TextIO,
    styles: dict[int, str] | None = None,
) -> list[int]:
    """Draws the table; `styles` are Rich style names by column. Returns the columns that found no place."""
    headers = [clean(header) for header in headers]
    rows = [[cell if cell.isascii() and cell.isprintable() else clean(cell) for cell in row] for row in rows]
    keep, widths = choose_columns(headers, rows, ranks, right, width)
    console = _console(stream, width, colour)
    _print(console, _heading(console, headers, keep, widths, right))
    looks = [console.get_style((styles or {}).get(i, ""), default="") for i in keep]
    for start in range(0, len(rows), _BATCH):
        batch: list[Segment] = []
        for row in rows[start : start + _BATCH]:
            batch += _segments([row[i] for i in keep], keep, widths, right, looks)
        _print(console, batch)
    return [i for i in range(len(headers)) if i not in keep]


def _console(stream: TextIO, width: int, colour: bool) -> "Console":
    from rich.console import Console

    return Console(
        file=stream,
        width=width,
        force_terminal=True,
        color_system="standard" if colour else None,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )


def _print(console: "Console", segments: "list[Segment]") -> None:
    """Segments are written as they are: no markup, no measuring of Rich's own that could cut or wrap a line again."""
    from rich.segment import Segments

    if segments:
        console.print(Segments(segments), soft_wrap=True, end="")


def _heading(
    console: "Console", headers: list[str], keep: list[int], widths: list[int], right: set[int]
) -> "list[Segment]":
    from rich.box import SIMPLE_HEAD
    from rich.segment import Segment

    look = console.get_style(HEADER)
    rule = SIMPLE_HEAD.head_row_horizontal * (sum(widths) + GAP * (len(widths) - 1))
    cells = _segments([headers[i] for i in keep], keep, widths, right, [look] * len(keep))
    return [*cells, Segment(rule, console.get_style("dim")), Segment.line()]


def _segments(
    cells: list[str], keep: list[int], widths: list[int], right: set[int], looks: "list[Style]"
) -> "Iterator[Segment]":
    """One line: cells cut to their column and padded, the last one without trailing spaces."""
    from rich.segment import Segment

    last = len(cells) - 1
    for at, (cell, size) in enumerate(zip(cells, widths, strict=True)):
        text = pad(fit(cell, size), size, keep[at] in right)
        yield Segment(text.rstrip(" ") if at == last else text, looks[at])
        if at < last:
            yield Segment(" " * GAP)
    yield Segment.line()
