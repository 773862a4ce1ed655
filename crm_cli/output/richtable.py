"""The table on a terminal: coloured by Rich, its columns chosen and cut by our rules, never wider than the screen."""

from collections.abc import Iterator, Sequence
from io import StringIO
from typing import TYPE_CHECKING, NamedTuple, TextIO

from crm_cli.output.plain import GAP
from crm_cli.rules.text import clean, fit, pad

if TYPE_CHECKING:
    from rich.console import Console
    from rich.segment import Segment
    from rich.style import Style

_BATCH = 200  # rows handed to Rich at once: the first screen is there at once, and memory stays flat
HEADER = "bold"
MARK = "bold underline"  # seen on any background, and without seeing colours


class Marks(NamedTuple):
    """Words that were looked for, and how they are drawn where they stand; the first column is never looked at."""

    words: Sequence[str]
    look: "Style"


def print_table(
    headers: list[str],
    rows: Sequence[list[str]],
    plan: tuple[list[int], list[int]],
    right: set[int],
    *,
    colour: bool,
    stream: TextIO,
    styles: dict[int, str] | None = None,
    marked: Sequence[str] = (),
) -> None:
    """Draws the table; `plan` is which columns there is room for, and how wide; `styles` are Rich's, by column; hits
    of the words that are `marked` stand out."""
    keep, widths = plan
    console = _console(sum(widths) + GAP * len(widths), colour)
    looks = [console.get_style((styles or {}).get(i, ""), default="") for i in keep]
    marks = Marks(marked, console.get_style(MARK)) if marked and colour else None
    heading = _heading(console, [clean(header) for header in headers], keep, widths, right)
    stream.write(_drawn(console, heading))
    for start in range(0, len(rows), _BATCH):
        batch: list[Segment] = []
        for row in rows[start : start + _BATCH]:
            cells = [row[i] for i in keep]
            shown = [cell if cell.isascii() and cell.isprintable() else clean(cell) for cell in cells]
            batch += _segments(shown, keep, widths, right, looks, marks)
        stream.write(_drawn(console, batch))


def _console(width: int, colour: bool) -> "Console":
    from rich.console import Console

    return Console(
        file=StringIO(),
        width=width,
        force_terminal=True,
        color_system="standard" if colour else None,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )


def _drawn(console: "Console", segments: "list[Segment]") -> str:
    """Segments as they are: no markup, no measuring of Rich's own that could cut or wrap a line again.

    Rich never has the stream itself: where a reader has gone, it would end the program with its own exit code.
    """
    from rich.segment import Segments

    with console.capture() as drawn:
        console.print(Segments(segments), soft_wrap=True, end="")
    return drawn.get()


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
    cells: list[str],
    keep: list[int],
    widths: list[int],
    right: set[int],
    looks: "list[Style]",
    marks: Marks | None = None,
) -> "Iterator[Segment]":
    """One line: cells cut to their column and padded, nothing trails behind the last that says something."""
    from rich.segment import Segment

    last = max((at for at, cell in enumerate(cells) if cell), default=0)
    for at, (cell, size) in enumerate(zip(cells[: last + 1], widths[: last + 1], strict=True)):
        text = pad(fit(cell, size), size, keep[at] in right)
        text = text.rstrip(" ") if at == last else text
        yield from _marked(text, looks[at], marks) if marks and at else [Segment(text, looks[at])]
        if at < last:
            yield Segment(" " * GAP)
    yield Segment.line()


def _marked(text: str, look: "Style", marks: Marks) -> "Iterator[Segment]":
    """A cell as it is shown, in pieces: what is drawn is the same text with or without them."""
    from rich.segment import Segment

    from crm_cli.rules.passages import hits

    done = 0
    for start, end in hits(text, marks.words):
        yield Segment(text[done:start], look)
        yield Segment(text[start:end], look + marks.look)
        done = end
    yield Segment(text[done:], look)
