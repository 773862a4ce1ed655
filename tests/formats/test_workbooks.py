"""Workbooks as tables: cells as texts, the sheet that is read, and what is refused before it is unpacked."""

import io
import sys
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from crm_cli.errors import BadData, CrmError, FileError, Misuse, NotFound
from crm_cli.formats import worksheets
from crm_cli.formats.opening import open_table
from crm_cli.formats.tabular import Table

xlsxwriter = pytest.importorskip("xlsxwriter")
pytest.importorskip("python_calamine")

Fill = Callable[[Any], None]


def book(tmp_path: Path, fill: Fill, name: str = "in.xlsx", **options: Any) -> Path:
    path = tmp_path / name
    made = xlsxwriter.Workbook(str(path), options)
    fill(made)
    made.close()
    return path


def sheets(*pages: tuple[str, list[list[Any]]]) -> Fill:
    def fill(made: Any) -> None:
        for name, rows in pages:
            page = made.add_worksheet(name)
            for line, row in enumerate(rows):
                page.write_row(line, 0, row)

    return fill


def told(table: Table) -> list[str]:
    return [sentence.format(**holes) for sentence, holes in table.notes]


def refusal(path: Path, kind: type[CrmError] = BadData, **asked: str) -> CrmError:
    with pytest.raises(kind) as caught:
        list(open_table(path, **asked).records)
    return caught.value


PEOPLE = [["name", "email"], ["Acme", "a@acme.example"]]


@pytest.mark.parametrize("options", [{}, {"date_1904": True}])
def test_cells_are_read_as_they_would_be_typed(tmp_path: Path, options: dict[str, Any]) -> None:
    def fill(made: Any) -> None:
        page, forms = made.add_worksheet(), {}
        for form in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm", "hh:mm", "[h]:mm", "0%"):
            forms[form] = made.add_format({"num_format": form})
        page.write_row(0, 0, ["name", "phone", "day", "moment", "clock", "long", "share", "yes", "odd", "id", "sum"])
        page.write_row(1, 0, ["Acme", 13800000000])
        page.write_datetime(1, 2, date(2026, 8, 1), forms["yyyy-mm-dd"])
        page.write_datetime(1, 3, datetime(2026, 8, 1, 14, 30), forms["yyyy-mm-dd hh:mm"])
        page.write_datetime(1, 4, time(9, 5), forms["hh:mm"])
        page.write_datetime(1, 5, timedelta(hours=30, minutes=5), forms["[h]:mm"])
        page.write_number(1, 6, 0.25, forms["0%"])
        page.write_boolean(1, 7, True)
        page.write_formula(1, 8, "=NA()", None, "#N/A")
        page.write_string(1, 9, "00123")
        page.write_number(1, 10, 0.1 + 0.2)
        page.write_row(2, 0, ["星河\n科技", -5.5, 1e-7, 4.2e18])

    table = open_table(book(tmp_path, fill, **options))
    assert (table.format, table.header_line, table.sheet) == ("xlsx", 1, "Sheet1")
    assert list(table.records) == [
        (2, ["Acme", "13800000000", "2026-08-01", "2026-08-01 14:30", "09:05", "30:05:00", "0.25", "true", "",
             "00123", "0.3"]),
        (3, ["星河\n科技", "-5.5", "0.0000001", "4200000000000000000", *[""] * 7]),
    ]  # fmt: skip
    assert told(table) == [
        "1 cell holds an error such as #N/A; it counts as empty",
        "A spreadsheet keeps 15 digits of a number: 1 longer ones have lost their end. Kept there as text they stay"
        " whole",
    ]


def test_a_merged_title_and_merged_cells(tmp_path: Path) -> None:
    def fill(made: Any) -> None:
        page = made.add_worksheet("客户")
        page.merge_range("B2:D2", "客户名单 2026")
        page.write_row("B4", ["客户名称", "联系人", "电话"])
        page.merge_range("B5:B6", "星河科技")
        page.write_row("C5", ["张三", "13800000000"])
        page.write_row("C6", ["李四", "13900000000"])

    table = open_table(book(tmp_path, fill))
    assert told(table) == ["1 line above the headers was skipped: 客户名单 2026"]
    assert (table.headers, table.header_line) == (["客户名称", "联系人", "电话"], 4)
    assert list(table.records) == [
        (5, ["星河科技", "张三", "13800000000"]),
        (6, ["星河科技", "李四", "13900000000"]),
    ]


def test_the_first_sheet_whose_headers_are_understood(tmp_path: Path) -> None:
    path = book(tmp_path, sheets(("About", [["made by", "ana"], ["x", "y"]]), ("List", PEOPLE), ("Old", PEOPLE),
                                 ("Empty", [])))  # fmt: skip
    table = open_table(path)
    assert [cells for _, cells in table.records] == [["Acme", "a@acme.example"]]
    assert told(table) == ["The sheet List was read; there is also About, Old. --sheet NAME reads another"]
    for asked in ("old", "3", " OLD "):
        table = open_table(path, sheet=asked)
        assert (table.sheet, told(table)) == ("Old", [])
    error = refusal(path, NotFound, sheet="Nope")
    assert error.message() == f"{path} has no sheet Nope." and error.advice() == "Sheets: About, List, Old, Empty"
    assert refusal(path, sheet="Empty").message() == "The sheet Empty is empty."


def test_sheets_that_nobody_sees_are_read_when_asked_for(tmp_path: Path) -> None:
    def fill(made: Any) -> None:
        sheets(("Hidden", PEOPLE), ("Shown", [["account"], ["B"]]))(made)
        made.get_worksheet_by_name("Shown").activate()
        made.get_worksheet_by_name("Shown").set_first_sheet()
        made.get_worksheet_by_name("Hidden").hide()

    path = book(tmp_path, fill)
    assert (open_table(path).headers, open_table(path).notes) == (["account"], [])
    assert open_table(path, sheet="hidden").headers == ["name", "email"]


def test_several_sheets_that_nobody_understands_are_named(tmp_path: Path) -> None:
    path = book(tmp_path, sheets(("A", [["x1", "x2"], [1, 2]]), ("B", [["y1", "y2"], [1, 2]])))
    error = refusal(path)
    assert error.message() == f"{path} has several sheets, and the headers of none are understood: A, B."
    assert f"crm import {path} --sheet A. " in error.advice()
    assert open_table(path, sheet="2").headers == ["y1", "y2"]


def test_a_cover_before_the_table_is_no_table(tmp_path: Path) -> None:
    rows = [["c1", "c2", "c3", "c4"], ["x", "y", "z", "w"]]
    cover = [["Customer"], ["as of May"], ["by Ana"]]
    path = book(tmp_path, sheets(("Cover", [["Report", "May"], ["by", "Ana"]]), ("Rows 2026", rows)))
    assert f"crm import {path} --sheet 'Rows 2026'" in refusal(path).advice()
    path = book(tmp_path, sheets(("Cover", cover), ("Rows", PEOPLE)), name="two.xlsx")
    assert open_table(path).sheet == "Rows"
    path = book(tmp_path, sheets(("Names", [["name"], ["Acme"]]), ("Notes", [["x1", "x2"], ["a", "b"]])), name="3.xlsx")
    assert open_table(path).sheet == "Names"


def test_an_empty_workbook(tmp_path: Path) -> None:
    path = book(tmp_path, sheets(("A", [])))
    assert refusal(path).message() == f"{path} is empty."


def test_a_cell_far_away_does_not_fill_the_memory(tmp_path: Path) -> None:
    def fill(made: Any) -> None:
        page = made.add_worksheet("List")
        page.write_row(0, 0, ["name", "email"])
        page.write(1_048_575, 16_383, "x")

    error = refusal(book(tmp_path, fill))
    assert error.message() == (
        "The sheet List goes to line 1048576 and column 16384: more cells than the 16777216 that are read."
    )


def test_cells_that_are_only_coloured_do_not_count(tmp_path: Path) -> None:
    def fill(made: Any) -> None:
        page = made.add_worksheet("List")
        page.write_row(0, 0, ["name", "email"])
        page.write_row(1, 0, ["Acme", "a@acme.example"])
        page.write_blank(1_048_575, 16_383, None, made.add_format({"bg_color": "red"}))

    assert list(open_table(book(tmp_path, fill)).records) == [(2, ["Acme", "a@acme.example"])]


def repacked(path: Path, change: Callable[[str, bytes], bytes | None], **more: bytes) -> Path:
    """The same workbook with other parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = change(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
        for name, data in more.items():
            new.writestr(name, data)
    path.write_bytes(made.getvalue())
    return path


def test_a_bomb_is_refused_by_what_it_says_of_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worksheets, "UNPACKED_LIMIT", 1 << 22)
    path = repacked(book(tmp_path, sheets(("A", PEOPLE))), lambda _, data: data, bomb=b"\0" * (1 << 22))
    assert refusal(path).message() == f"{path} unpacks to more than the 4 MB that are read."


@pytest.mark.parametrize(
    "change",
    [
        lambda name, data: data[: len(data) // 2] if name.endswith("sheet1.xml") else data,
        lambda name, data: None if name.endswith("sheet1.xml") else data,
        lambda name, data: None if name.endswith("workbook.xml.rels") else data,
        lambda name, data: data.replace(b"?>", b"?><!DOCTYPE x>") if name == "xl/workbook.xml" else data,
        lambda name, data: b"<not" if name == "xl/workbook.xml" else data,
    ],
)
def test_damaged_parts(tmp_path: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    path = repacked(book(tmp_path, sheets(("A", PEOPLE))), change)
    assert "is damaged" in refusal(path).message()


def test_damaged_bytes_never_break_it(tmp_path: Path) -> None:
    whole = book(tmp_path, sheets(("A", PEOPLE))).read_bytes()
    for cut in (4, 40, 400, len(whole) // 2, len(whole) - 10):
        path = tmp_path / "cut.xlsx"
        path.write_bytes(whole[:cut])
        assert "is damaged" in refusal(path).message()
    for at in range(100, len(whole), 977):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x5A]) + whole[at + 1 :])
        try:
            list(open_table(path).records)
        except CrmError:
            pass


def test_other_packed_files(tmp_path: Path) -> None:
    path = repacked(book(tmp_path, sheets(("A", PEOPLE))), lambda name, data: None if "workbook.xml" in name else data)
    assert refusal(path).message() == f"{path} is no XLSX, though it is packed like one."
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a.csv", "name\nx\n")
    assert "not a table of text" in refusal(path).message()


def test_a_password_is_named(tmp_path: Path) -> None:
    path = tmp_path / "locked.xlsx"
    mark = "EncryptedPackage".encode("utf-16-le")
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + mark + bytes(400))
    error = refusal(path)
    assert (error.message(), error.advice()) == (
        f"{path} is locked with a password.", "Save it without one, and import the copy.",
    )  # fmt: skip
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000))
    assert refusal(path).message() == f"{path} is damaged, or no workbook that can be read."


def test_without_the_library_its_name_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = book(tmp_path, sheets(("A", PEOPLE)))
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    error = refusal(path, FileError)
    assert error.message() == "XLSX and XLS are read by a library that is not here"
    assert "pip install 'crm-cli[excel]'" in error.advice()


def test_a_workbook_of_the_older_kind() -> None:
    table = open_table(Path(__file__).parent.parent / "fixtures" / "tables" / "customers.xls")
    assert (table.format, table.headers) == ("xls", ["客户名称", "电话", "生日", "下次跟进", "备注"])
    assert told(table) == ["1 line above the headers was skipped: 客户名单"]
    assert list(table.records) == [(3, ["星河科技", "13800000000", "1990-05-01", "2026-12-01 09:30", "true"])]


def test_text_has_no_sheets(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name\nx\n")
    assert refusal(path, Misuse, sheet="1").message() == f"{path} has no sheets; --sheet is for XLSX and XLS."
