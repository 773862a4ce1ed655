"""Records out as XLSX: dates and numbers as such, text as text and never a formula, memory flat."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from itertools import chain, islice
from typing import Any, BinaryIO

from crm_cli.errors import FileError
from crm_cli.formats.outward import Sheet
from crm_cli.formats.writing import cell_text
from crm_cli.i18n import said
from crm_cli.rules.fields import FIELDS
from crm_cli.rules.text import clean, width

_ROWS = 1_048_575  # of a sheet, below its header
_LONGEST = 32_767  # UTF-16 units of a cell
_MEASURED = 500  # rows that the widths of the columns are taken from
_NARROW, _WIDE = 8, 60
_EXACT = 10**15  # from here on a spreadsheet rounds
_FIRST_DAY = "1900-03-01"  # before it spreadsheets count a day that never was
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_FORMS = {
    "head": {"bold": True, "num_format": "@", "bottom": 1},
    "text": {"num_format": "@"},
    "whole": {"num_format": "0"},
    "number": {"num_format": "0.######"},
    "money": {"num_format": "#,##0.00"},
    "day": {"num_format": "yyyy-mm-dd"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm:ss"},
}
_NOT_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")


def write_xlsx(stream: BinaryIO, sheet: Sheet) -> int:
    """Records on a sheet named after their kind, on several where one cannot hold them; returns how many."""
    try:
        import xlsxwriter
        from xlsxwriter.exceptions import FileCreateError
    except ImportError:
        raise FileError(
            "XLSX is written by a library that is not here",
            hint="Install it: pip install 'crm-cli[excel]'. Or take CSV, which every spreadsheet opens.",
        ) from None
    folder = tempfile.mkdtemp(prefix="crm-")
    try:
        whole = os.path.join(folder, "book.xlsx")  # the library keeps hold of a stream that has failed
        book = xlsxwriter.Workbook(
            whole, {"constant_memory": True, "tmpdir": folder, "default_date_format": "yyyy-mm-dd"}
        )
        book.use_zip64()
        created = (sheet.now or datetime(2000, 1, 1)).replace(tzinfo=None, microsecond=0)
        book.set_properties({"created": created})
        page = _Book(book, sheet)
        try:
            written = page.fill()
        finally:
            for one in book.worksheets():
                one._opt_close()  # the temporary file of its rows
        try:
            book.close()
        except FileCreateError as error:
            raise error.args[0] from None
        with open(whole, "rb") as file:
            shutil.copyfileobj(file, stream, 1 << 20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if page.cut:
        sheet.note(
            said("{n} texts were too long for a cell and are cut to {most} characters: csv and json have all of them"),
            n=page.cut,
            most=_LONGEST,
        )
    return written


class _Book:
    """The sheets of one workbook while they are filled."""

    def __init__(self, book: Any, sheet: Sheet) -> None:
        self.book, self.sheet = book, sheet
        self.forms = {name: book.add_format(how) for name, how in _FORMS.items()}
        types = {field.key: field.type for field in FIELDS.get(sheet.noun, [])}
        self.writers = [self._writer(types.get(key, "text")) for key in sheet.keys]
        self.cut = 0

    def fill(self) -> int:
        """All rows; returns how many."""
        rows: Iterator[Any] = iter(self.sheet.rows)
        written = number = 0
        while True:
            number += 1
            count = self._page(number, islice(rows, _ROWS))
            written += count
            following = next(rows, None) if count == _ROWS else None
            if following is None:
                return written
            rows = chain([following], rows)

    def _page(self, number: int, rows: Iterable[Any]) -> int:
        keys = self.sheet.keys
        page = self.book.add_worksheet(f"{self.sheet.noun}s" + (f" {number}" if number > 1 else ""))
        # the library takes a text that looks like its own mark-up for mark-up
        page._xml_rich_inline_string = lambda text, cell: page._xml_inline_string(text, True, cell)
        page.freeze_panes(1, 0)
        widths = [_NARROW] * len(keys)
        for column, key in enumerate(keys):
            page.write_string(0, column, key, self.forms["head"])
            widths[column] = max(widths[column], width(key) + 3)  # room for the button of the filter
        count = 0
        for count, row in enumerate(rows, 1):
            values = [row.get(key) for key in keys] if isinstance(row, dict) else row
            for column, value in enumerate(values):
                if value is None or value == "" or value == [] or value == {} or value == "{}":
                    continue
                self.writers[column](page, count, column, value)
                if count <= _MEASURED:
                    widths[column] = max(widths[column], self._width(column, value))
        for column, wide in enumerate(widths):
            page.set_column(column, column, min(wide, _WIDE))
        if keys:
            page.autofilter(0, 0, count, len(keys) - 1)
        return count

    def _width(self, column: int, value: Any) -> int:
        if self.writers[column] == self._moment:
            return 20
        room = 5 if self.writers[column] == self._money else 1  # for the marks between thousands
        return width(clean(cell_text(value)[:_WIDE].split("\n", 1)[0])) + room

    def _writer(self, type_: str) -> Callable[[Any, int, int, Any], None]:
        """How a value of this type is put into a cell; what a spreadsheet would change goes in as text."""
        if type_ in ("number", "percent"):
            return self._number
        if type_ == "money":
            return self._money
        if type_ == "day":
            return self._day
        return self._moment if type_ == "moment" else self._text

    def _text(self, page: Any, row: int, column: int, value: Any) -> None:
        text = value if value.__class__ is str else cell_text(value)
        if not text.isascii():
            text = _NOT_XML.sub("\ufffd", text)
        # what the public name adds is the reading of "A1"
        if page._write_string(row, column, text, self.forms["text"]) == -2:
            self.cut += 1

    def _number(self, page: Any, row: int, column: int, value: Any, form: str = "") -> None:
        if type(value) not in (int, float) or abs(value) >= _EXACT:
            self._text(page, row, column, value)
            return
        page.write_number(row, column, value, self.forms[form or ("whole" if type(value) is int else "number")])

    def _money(self, page: Any, row: int, column: int, value: Any) -> None:
        self._number(page, row, column, value, "money")

    def _day(self, page: Any, row: int, column: int, value: Any) -> None:
        if not isinstance(value, str) or not _DAY.fullmatch(value) or value < _FIRST_DAY:
            self._text(page, row, column, value)
            return
        page.write_datetime(row, column, date.fromisoformat(value), self.forms["day"])

    def _moment(self, page: Any, row: int, column: int, value: Any) -> None:
        """The time of the clock on the wall: a cell has no zone."""
        moment = datetime.fromisoformat(str(value)).replace(tzinfo=None)
        if moment.isoformat() < _FIRST_DAY:
            self._text(page, row, column, value)
            return
        page.write_datetime(row, column, moment, self.forms["moment"])
