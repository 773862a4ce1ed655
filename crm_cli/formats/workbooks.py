"""Workbooks of spreadsheets as tables: XLSX and XLS, measured before they are read, one sheet of them."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from crm_cli.errors import BadData, CrmError, NotFound
from crm_cli.formats.encoding import Source
from crm_cli.formats.headings import LOOKED_AT, Note, above, heading, known
from crm_cli.formats.tabular import COLUMN_LIMIT, Table
from crm_cli.formats.worksheets import Book
from crm_cli.i18n import listed
from crm_cli.rules.paste import line

if TYPE_CHECKING:
    from crm_cli.formats.opening import Asked


class Sheet(NamedTuple):
    """A sheet that was loaded: its rows as texts, the number of the first, and what to tell."""

    name: str
    rows: list[list[str]]  # the first ones
    rest: Iterator[list[str]]
    place: int  # of the headers in `rows`


def is_zip(head: bytes, ending: str) -> bool:
    """Whether a file is an archive that a spreadsheet may have written; a folder in a zip is none."""
    return head.startswith(b"PK\x03\x04") and (ending in ("xlsx", "xlsm", "xltx", "ods", "xlsb") or b"xl/" in head)


def is_compound(head: bytes, ending: str) -> bool:
    """Whether a file is of the older kind."""
    return head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def read_workbook(origin: Source, asked: "Asked") -> Table:
    """A sheet of a workbook: the one that was asked for, else the first whose headers are understood."""
    packed = origin.head(4).startswith(b"PK")
    book = Book(origin, packed=packed)
    try:
        names, hidden = book.sheets()
        sheet, others = _chosen(book, names, hidden, asked.sheet)
    except CrmError:
        book.close()
        raise
    notes = _told(sheet, others)
    headers = [cell.lstrip("\ufeff").strip() for cell in sheet.rows[sheet.place]]
    while headers and not headers[-1]:
        headers.pop()
    if len(headers) > COLUMN_LIMIT:
        raise BadData(
            "Line {line}: {columns} columns are more than the {limit} that a table may have.",
            hint="Keep the columns that you need, or say the delimiter with --delimiter.",
            line=sheet.place + 1,
            columns=len(headers),
            limit=COLUMN_LIMIT,
        )
    return Table(
        headers=headers,
        records=_records(book, sheet, len(headers), notes),
        encoding="utf-8-sig",
        delimiter=",",
        header_line=sheet.place + 1,
        blank_columns=[place for place, header in enumerate(headers) if not header],
        notes=notes,
        format="xlsx" if packed else "xls",
        sheet=sheet.name,
    )


def _told(sheet: Sheet, others: Sequence[str]) -> list[Note]:
    """Which sheet was read, and what stands above its headers."""
    notes: list[Note] = []
    if others:
        notes.append(
            (
                "The sheet {sheet} was read; there is also {others}. --sheet NAME reads another",
                {"sheet": sheet.name, "others": listed(others)},
            )
        )
    title = above(sheet.rows[: sheet.place])
    if title:
        notes.append(title)
    return notes


def _records(book: Book, sheet: Sheet, width: int, notes: list[Note]) -> Iterator[tuple[int, list[str]]]:
    """The rows below the headers; what was noticed on the way joins the notes at the end."""
    try:
        below = chain(islice(sheet.rows, sheet.place + 1, None), sheet.rest)
        for line, row in enumerate(below, sheet.place + 2):
            if any(row):
                while len(row) > width and not row[-1].strip():
                    del row[-1]
                if len(row) < width:
                    row += [""] * (width - len(row))
                if any(map(str.strip, row)):
                    yield line, row
        notes += book.noticed()
    finally:
        book.close()


# --- which sheet ------------------------------------------------------------------------------------------------


def _chosen(book: Book, names: list[str], hidden: set[str], asked: str | None) -> tuple[Sheet, list[str]]:
    """The sheet to read, and the others that hold something."""
    if asked is not None:
        sheet = _loaded(book, _named(names, asked, book.name))
        if sheet is None:
            raise BadData("The sheet {sheet} is empty.", hint="Sheets: {known}", sheet=asked, known=listed(names))
        return sheet, []
    shown = [name for name in names if name not in hidden]
    filled: list[str] = []
    widths: dict[str, int] = {}
    lone = ""  # a sheet with one cell that is understood: the table, unless another sheet is one; a cover says so much
    for place, name in enumerate(shown):
        sheet = _loaded(book, name)
        if sheet is None:
            continue
        widths[name] = _width(sheet)
        if _is_understood(sheet) and widths[name] > 1:
            return sheet, filled + [other for other in shown[place + 1 :] if book.is_filled(other)]
        lone = lone or (name if _is_understood(sheet) else "")
        filled.append(name)
    if lone:
        sheet = _loaded(book, lone)
        assert sheet is not None
        return sheet, [name for name in filled if name != lone]
    if not filled:
        raise BadData("{name} is empty.", hint="A table begins with a line of column names.", name=book.name)
    if len(filled) > 1:
        raise BadData(
            "{name} has several sheets, and the headers of none are understood: {sheets}.",
            hint="Say which one holds the rows, for example: {line}. If its columns are called otherwise, add --map",
            name=book.name,
            sheets=listed(filled),
            line=line(["crm", "import", book.name, "--sheet", max(filled, key=widths.__getitem__)]),
        )
    only = _loaded(book, filled[0])
    assert only is not None
    return only, []


def _named(names: list[str], asked: str, book: str) -> str:
    """A sheet by its name, or by its number from 1."""
    plain = asked.strip().casefold()
    for name in names:
        if name.strip().casefold() == plain:
            return name
    if plain.isdecimal() and 1 <= int(plain[:6]) <= len(names):
        return names[int(plain[:6]) - 1]
    raise NotFound("{name} has no sheet {sheet}.", hint="Sheets: {known}", name=book, sheet=asked, known=listed(names))


def _loaded(book: Book, name: str) -> Sheet | None:
    """A sheet with its first rows; None where it is empty."""
    rows = book.rows(name)
    first = list(islice(rows, LOOKED_AT))
    filled = [place for place, row in enumerate(first) if any(map(str.strip, row))]
    while not filled:
        more = next(rows, None)
        if more is None:
            return None
        first.append(more)
        if any(map(str.strip, more)):
            first += islice(rows, LOOKED_AT)
            filled = [place for place, row in enumerate(first) if any(map(str.strip, row))]
    return Sheet(name, first, rows, filled[heading([first[place] for place in filled])])


def _width(sheet: Sheet) -> int:
    """How many headers a sheet has."""
    return sum(bool(cell.strip()) for cell in sheet.rows[sheet.place])


def _is_understood(sheet: Sheet) -> bool:
    headers = [cell for cell in sheet.rows[sheet.place] if cell.strip()]
    return known(headers) >= min(2, len(headers))
