"""The sheets of an open workbook: measured in the file before they are loaded, their cells as texts."""

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import IO, Any, NamedTuple
from zlib import error as zlib_error

from crm_cli.errors import BadData, FileError
from crm_cli.formats.encoding import Source
from crm_cli.formats.headings import Note

UNPACKED_LIMIT = 1 << 30  # bytes of all parts of a workbook
TEXTS_LIMIT = 1 << 28  # bytes of the texts that all sheets share, which are held at once
PART_LIMIT = 10_000
CELL_LIMIT = 1 << 24  # cells of the rectangle around all that is filled: a sheet of the older kind has as many
_EXACT = 10**15  # from here on a spreadsheet has rounded
_CHUNK = 1 << 20
_TAIL = 4096  # bytes of a tag that the end of a chunk may cut
# a cell that is no empty one, and its place
_FILLED = re.compile(rb"""<(?:\w+:)?c\b(?![^<>]*/>)[^<>]*?\br=["']([A-Z]{1,3})([0-9]{1,7})["']""")
# a place that no spreadsheet has: the library would panic over it, loudly
_NO_PLACE = re.compile(rb"""<(?:\w+:)?c\b[^<>]*?\br=["'](?![A-Z]{1,3}[0-9]{1,7}["'])""")
_BROKEN = (zipfile.BadZipFile, zlib_error, EOFError, NotImplementedError, RuntimeError, KeyError, ValueError)


class Extent(NamedTuple):
    """How far a sheet goes, and how many of its cells hold an error."""

    rows: int
    columns: int
    errors: int


class Book:
    """An open workbook. `packed` says that it is an XLSX, not an XLS."""

    def __init__(self, origin: Source, *, packed: bool) -> None:
        self.name = origin.name
        self.file = origin.file
        self.rounded = 0  # numbers of more digits than a spreadsheet keeps
        self.errors = 0  # cells of the sheet that was read last which hold an error
        self.parts = _parts(origin) if packed else {}
        self.extents: dict[str, Extent] = {}
        self.packed = packed
        self.book = _opened(origin, packed=packed)

    def close(self) -> None:
        """The file and what was loaded of it."""
        self.book.close()
        self.file.close()

    def sheets(self) -> tuple[list[str], set[str]]:
        """The names of the sheets, and which of them nobody sees."""
        from python_calamine import SheetTypeEnum, SheetVisibleEnum

        found = [one for one in self.book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
        return [one.name for one in found], {one.name for one in found if one.visible != SheetVisibleEnum.Visible}

    def is_filled(self, name: str) -> bool:
        """Whether a sheet holds anything."""
        return self._extent(name).rows > 0 if self.packed else self._sheet(name).height > 0

    def rows(self, name: str) -> Iterator[list[str]]:
        """All rows of a sheet as texts from its first line on, empty ones too; merged cells say below what they say
        above."""
        sheet = self._sheet(name)
        self.rounded = 0
        if not sheet.height:
            return
        merged, kept = _merged(sheet), {}
        for line, row in enumerate(sheet.iter_rows()):
            texts = [cell if type(cell) is str else self._text(cell) for cell in row]
            for column, top in merged.get(line, ()):
                if line == top:
                    kept[top, column] = texts[column]
                else:
                    texts[column] = texts[column] or kept.get((top, column), "")
            yield texts

    def noticed(self) -> list[Note]:
        """What is to be told once the rows were read."""
        found: list[Note] = []
        if self.errors == 1:
            found.append(("1 cell holds an error such as #N/A; it counts as empty", {}))
        elif self.errors:
            found.append(("{n} cells hold an error such as #N/A; they count as empty", {"n": self.errors}))
        if self.rounded:
            found.append(
                (
                    "A spreadsheet keeps 15 digits of a number: {n} longer ones have lost their end. Kept there as text"
                    " they stay whole",
                    {"n": self.rounded},
                )
            )
        return found

    def _sheet(self, name: str) -> Any:
        """Load a sheet, all of it, once it is known that it is no larger than what is read."""
        self.errors = self._extent(name).errors if self.packed else 0
        try:
            return self.book.get_sheet_by_name(name)
        except BaseException as error:
            raise _fault(error, self.name) from None

    def _extent(self, name: str) -> Extent:
        """BadData where the rectangle around the filled cells is too large to hold."""
        if name in self.extents:
            return self.extents[name]
        try:
            self.file.seek(0)
            with zipfile.ZipFile(self.file) as packed, packed.open(self.parts[name]) as part:
                found = self.extents[name] = _measured(part)
        except _BROKEN:
            raise _damaged(self.name) from None
        if found.rows * found.columns > CELL_LIMIT:
            raise BadData(
                "The sheet {sheet} goes to line {line} and column {column}: more cells than the {limit} that are read.",
                hint="Copy the filled cells to a new sheet, or save the sheet as CSV.",
                sheet=name,
                line=found.rows,
                column=found.columns,
                limit=CELL_LIMIT,
            )
        return found

    def _text(self, cell: Any) -> str:
        """A cell as it would be typed: whole numbers without a point, days as 2026-08-01."""
        if type(cell) is float or type(cell) is int:
            self.rounded += abs(cell) >= _EXACT
            return _number(cell)
        return _words(cell)


def _number(number: float) -> str:
    """13800000000 and 0.3 of what is kept as 13800000000.0 and 0.30000000000000004."""
    if number == int(number):
        return str(int(number))
    shown = f"{number:.15g}"
    return shown if "e" not in shown else f"{Decimal(shown):f}"


def _words(cell: Any) -> str:
    """Booleans, days, clocks and durations; an hour that a fraction of a day misses by a hair is that hour."""
    if cell is True or cell is False:
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        cell = (cell + timedelta(microseconds=500_000)).replace(microsecond=0)
        return str(cell.date()) if cell.time() == time(0) else str(cell).removesuffix(":00")
    if isinstance(cell, date):
        return str(cell)
    if isinstance(cell, time):
        return f"{cell:%H:%M:%S}".removesuffix(":00")
    if isinstance(cell, timedelta):
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return str(cell)


def _merged(sheet: Any) -> dict[int, list[tuple[int, int]]]:
    """By line: the columns that are merged over several lines, with the line where they begin."""
    left = sheet.start[1]
    found: dict[int, list[tuple[int, int]]] = {}
    for (top, column), (bottom, _) in sheet.merged_cell_ranges or ():
        if bottom > top and 0 <= column - left < sheet.width:
            for line in range(top, min(bottom, sheet.end[0]) + 1):
                found.setdefault(line, []).append((column - left, top))
    return found


# --- the file ---------------------------------------------------------------------------------------------------


def _opened(origin: Source, *, packed: bool) -> Any:
    try:
        from python_calamine import CalamineWorkbook
    except ImportError:
        raise FileError(
            "XLSX and XLS are read by a library that is not here",
            hint="Install it: pip install 'crm-cli[excel]'. Or save the sheet as CSV.",
        ) from None
    if not packed and _is_encrypted(origin):
        raise _locked(origin.name)
    origin.file.seek(0)
    try:
        return CalamineWorkbook.from_filelike(origin.file)
    except BaseException as error:
        raise _fault(error, origin.name) from None


def _fault(error: BaseException, name: str) -> BaseException:
    """What to say where the library refuses a file, or stumbles over it."""
    kind = type(error).__name__
    if kind == "PasswordError":
        return _locked(name)
    return _damaged(name) if isinstance(error, Exception) or kind == "PanicException" else error


def _damaged(name: str) -> BadData:
    return BadData(
        "{name} is damaged, or no workbook that can be read.",
        hint="Open it in a spreadsheet and save it as XLSX or CSV.",
        name=name,
    )


def _locked(name: str) -> BadData:
    return BadData("{name} is locked with a password.", hint="Save it without one, and import the copy.", name=name)


def _is_encrypted(origin: Source) -> bool:
    """Whether an XLSX lies encrypted in the file: a password wraps it into one of the older kind."""
    mark, tail = "EncryptedPackage".encode("utf-16-le"), b""
    for chunk in origin.chunks():
        if mark in tail + chunk:
            return True
        tail = chunk[-len(mark) :]
    return False


def _parts(origin: Source) -> dict[str, str]:
    """The part of each sheet. What is said of their sizes is checked before anything is unpacked."""
    try:
        origin.file.seek(0)
        with zipfile.ZipFile(origin.file) as packed:
            infos = packed.infolist()
            texts = sum(one.file_size for one in infos if one.filename.lower().endswith("sharedstrings.xml"))
            if len(infos) > PART_LIMIT or sum(one.file_size for one in infos) > UNPACKED_LIMIT or texts > TEXTS_LIMIT:
                raise BadData(
                    "{name} unpacks to more than the {limit} MB that are read.",
                    hint="Save the sheet that you need as CSV.",
                    name=origin.name,
                    limit=UNPACKED_LIMIT >> 20,
                )
            names = {one.filename for one in infos}
            if "xl/workbook.xml" not in names:
                raise BadData(
                    "{name} is no XLSX, though it is packed like one.",
                    hint="Open it in a spreadsheet and save it as XLSX or CSV.",
                    name=origin.name,
                )
            return _targets(packed)
    except _BROKEN:
        raise _damaged(origin.name) from None


def _targets(packed: zipfile.ZipFile) -> dict[str, str]:
    """Sheet -> part, by the relations of the workbook."""
    from xml.etree.ElementTree import ParseError, fromstring

    try:
        relations = fromstring(_small(packed, "xl/_rels/workbook.xml.rels"))  # noqa: S314
        sheets = fromstring(_small(packed, "xl/workbook.xml"))  # noqa: S314
    except ParseError:
        raise zipfile.BadZipFile from None
    target = {one.get("Id"): one.get("Target", "") for one in relations}
    found = {}
    for one in sheets.iter():
        if one.tag.endswith("}sheet"):
            ident = next((value for key, value in one.attrib.items() if key.endswith("}id")), None)
            path = target.get(ident, "")
            found[one.get("name", "")] = path[1:] if path.startswith("/") else f"xl/{path}"
    return found


def _small(packed: zipfile.ZipFile, name: str) -> bytes:
    """A part that only lists others: never long, and without definitions of its own, which could grow when read."""
    if packed.getinfo(name).file_size > 1 << 22 or b"<!DOCTYPE" in (data := packed.read(name)):
        raise zipfile.BadZipFile(name)
    return data


def _measured(part: IO[bytes]) -> Extent:
    """How far the filled cells of a sheet go: read from the places that they name, not from what the sheet says."""
    rows = errors = 0
    columns: set[bytes] = set()
    tail = b""
    while chunk := part.read(_CHUNK):
        text = tail + chunk
        end = text.rfind(b"<")
        tail = text[end:] if end >= 0 and len(text) - end < _TAIL else b""
        text = text[: len(text) - len(tail)]
        if _NO_PLACE.search(text):
            raise ValueError("a cell stands nowhere")
        found = _FILLED.findall(text)
        if found:
            names, numbers = zip(*found, strict=True)
            columns.update(names)
            rows = max(rows, max(map(int, numbers)))
            errors += text.count(b't="e"')
    return Extent(rows, max(map(_place, columns), default=0), errors)


def _place(letters: bytes) -> int:
    """AB -> 28."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
