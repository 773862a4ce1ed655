"""Tables drawn without Rich, for pipes, and the column layout that the Rich table shares."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from crm_cli.rules.text import pad, width

GAP = 2  # spaces between two columns
_MEASURED = 5_000  # rows looked at for the widths; a longer table streams on with these
_SMALL = 8  # a column of words is not squeezed below this (or its header) while another can be dropped
_LEAST = 5  # nor any below this while the reference can be spared
_NAME = 16  # nor a name below this: who it is about is read first
_STIFF = 12  # columns up to this width are never squeezed: dates, stages, references
_NUMBER = 24  # nor are columns of numbers up to this width: moments, phones
_FAIR = 32  # each column may grow to this before the names take the rest


def column_widths(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """The natural width of each column, in terminal columns."""
    columns = zip(*rows, strict=True) if rows else ((),) * len(headers)
    return [max(width(header), _widest(cells)) for header, cells in zip(headers, columns, strict=True)]


def _widest(cells: Sequence[str]) -> int:
    measure = len if "".join(cells).isascii() else width
    return max(map(measure, cells), default=0)


def _lines(rows: Iterable[Sequence[str]], widths: Sequence[int], right: set[int]) -> Iterator[str]:
    """Each row with its columns padded; nothing is cut, nothing trails."""
    gap = " " * GAP
    # most rows are ASCII through and through: those are padded at a stroke
    form = gap.join(f"%{size}s" if i in right else f"%-{size}s" for i, size in enumerate(widths))
    for row in rows:
        if "".join(row).isascii():
            yield (form % tuple(row)).rstrip(" ")
        else:
            yield gap.join([pad(cell, widths[i], i in right) for i, cell in enumerate(row)]).rstrip(" ")


def draw(headers: list[str], rows: Iterable[list[str]], right: set[int]) -> Iterator[str]:
    """The lines of a table for a pipe: no colour, no box, no cut or wrapped cell. Cells are cleaned already."""
    stream = iter(rows)
    first = list(islice(stream, _MEASURED))
    widths = column_widths(headers, first)
    yield from _lines(chain((headers,), first, stream), widths, right)


# ------------------------------------------------------------------ which columns fit


def _is_stiff(cells: Iterable[str], natural: int) -> bool:
    """Whether a cut would lie: short words, and columns of dates, amounts, phones."""
    if natural <= _STIFF or natural > _NUMBER:
        return natural <= _STIFF
    return all(not cell or cell[0].isdigit() or cell[0] in "+-" for cell in cells)


def _least_widths(
    headers: Sequence[str], rows: Sequence[Sequence[str]], ranks: list[int], right: set[int], natural: list[int]
) -> list[int]:
    least: list[int] = []
    for i, full in enumerate(natural):
        stiff = i in right or _is_stiff((row[i] for row in rows), full)
        least.append(full if stiff else min(full, max(_SMALL if ranks[i] else _NAME, width(headers[i]))))
    return least


def _total(widths: Iterable[int]) -> int:
    sizes = list(widths)
    return sum(sizes) + GAP * (len(sizes) - 1)


def _share(keep: list[int], ranks: list[int], least: list[int], natural: list[int], room: int) -> list[int]:
    """Hands out the room that is left, most important column first; nobody takes all before each has a fair part."""
    widths = {i: least[i] for i in keep}
    by_rank = sorted(keep, key=lambda i: ranks[i])
    for limit in (_FAIR, max(natural, default=0)):
        for i in by_rank:
            more = max(0, min(min(natural[i], limit) - widths[i], room))
            widths[i] += more
            room -= more
    return [widths[i] for i in keep]


def _squeeze(least: list[int], keep: list[int], terminal_width: int) -> list[int]:
    """Only columns are left that may not be dropped: the widest gives until the line fits, and the first, which is
    mostly what a record is called by, only when the others have nothing left to give."""
    widths = [least[i] for i in keep]
    while _total(widths) > terminal_width and max(widths) > 1:
        others = range(1, len(widths)) if max(widths[1:], default=0) > _LEAST else range(len(widths))
        widths[max(others, key=widths.__getitem__)] -= 1
    return widths


def choose_columns(
    headers: list[str], rows: Sequence[list[str]], ranks: list[int], right: set[int], terminal_width: int
) -> tuple[list[int], list[int]]:
    """The columns to keep (highest rank number goes first, rank 0 never) and the width of each that is kept."""
    sample = rows[:_MEASURED]
    natural = column_widths(headers, sample)
    keep = list(range(len(headers)))
    if _total(natural) <= terminal_width or not keep:
        return keep, natural
    least = _least_widths(headers, sample, ranks, right, natural)
    while _total(least[i] for i in keep) > terminal_width:
        last = max(keep, key=lambda i: (ranks[i], i))
        if ranks[last] == 0:
            return keep, _squeeze(least, keep, terminal_width)
        keep.remove(last)
    room = terminal_width - _total(least[i] for i in keep)
    return keep, _share(keep, ranks, least, natural, room)


# ------------------------------------------------------------------ bars

_EIGHTHS = " ▏▎▍▌▋▊▉█"


def _bar(share: float, columns: int, ascii: bool) -> str:
    """`share` is 0 to 1; what is more than nothing shows at least the thinnest bar."""
    if not 0 < share <= 1 or columns < 1:
        return ""
    if ascii:
        return "#" * max(1, round(share * columns))
    full, part = divmod(max(1, round(share * columns * 8)), 8)
    return "█" * full + (_EIGHTHS[part] if part else "")


LONGEST_BAR, SHORTEST_BAR = 24, 6  # columns


def bars(values: Sequence[int | float], width: int, ascii: bool = False) -> list[str]:
    """One bar a value, the largest `width` columns long; nothing, less than nothing and NaN have none."""
    top = max((value for value in values if value > 0), default=0)
    return [_bar(value / top, width, ascii) if value > 0 else "" for value in values]
