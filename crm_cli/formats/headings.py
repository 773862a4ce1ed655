"""Where a table begins: titles and notes above the line of column names are told apart from it."""

from collections.abc import Sequence

from crm_cli.i18n import said
from crm_cli.rules.aliases import KINDS, target_of

LOOKED_AT = 40  # rows among which the headers must stand
_SHOWN, _LONGEST = 3, 60  # of what was skipped
Note = tuple[str, dict[str, object]]


def heading(rows: Sequence[Sequence[str]]) -> int:
    """The place of the headers among the first rows of a table; 0 unless it is plain that they stand further down.

    What stands above them fills at most half as many cells. Names of columns that are known decide; where nobody
    knows them, a lone title above a row of different words counts, with other things below those.
    """
    counts = [_filled(row) for row in rows[:LOOKED_AT]]
    if len(counts) < 2 or counts[0] * 2 > max(counts):
        return 0
    for place in range(1, len(counts)):
        if counts[place] < 2 or max(counts[:place]) * 2 > counts[place]:
            continue
        if known(rows[place]) >= max(2, counts[place] // 3):
            return place
    widest = max(counts)
    for place in range(1, len(counts) - 1):
        if counts[place - 1] > 1:
            return 0
        if counts[place] >= max(3, widest - 1) and _differs(rows[place], rows[place + 1]):
            return place
    return 0


def known(row: Sequence[str]) -> int:
    """How many cells of a row are names of columns that some kind of record has."""
    return sum(is_known(cell) for cell in row)


def is_known(cell: str) -> bool:
    """Whether a cell is the name of a column; a number, an address or a long text never is."""
    plain = cell.strip()
    if not 1 < len(plain) <= 60 or "@" in plain or not any(map(str.isalpha, plain)):
        return False
    return any(target_of(kind, plain) is not None for kind in KINDS)


def above(rows: Sequence[Sequence[str]]) -> Note | None:
    """What to tell about the rows that were skipped above the headers."""
    texts = [" ".join(cell.strip() for cell in row if cell.strip()) for row in rows]
    told = [text for text in texts if text]
    if not told:
        return None
    shown = "; ".join(_short(text) for text in told[:_SHOWN])
    holes: dict[str, object] = {"n": len(told), "lines": shown + ("; ..." if len(told) > _SHOWN else "")}
    if len(told) == 1:
        return said("1 line above the headers was skipped: {lines}"), holes
    return said("{n} lines above the headers were skipped: {lines}"), holes


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 3] + "..."


def _filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell and not cell.isspace())


def _differs(row: Sequence[str], below: Sequence[str]) -> bool:
    """Whether a row holds different words, and the one below it something that is no word."""
    words = [cell.strip() for cell in row if cell.strip()]
    if len(set(words)) < len(words) or any(map(_is_value, words)):
        return False
    return any(_is_value(cell.strip()) for cell in below if cell.strip())


def _is_value(cell: str) -> bool:
    """A number, a date, an address: what is no name of a column."""
    return "@" in cell or sum(map(str.isdigit, cell)) * 2 > len(cell)
