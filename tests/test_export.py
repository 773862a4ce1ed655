"""Records out: formats by name and ending, sheets that a spreadsheet opens, files that are whole or not there."""

import csv
import io
import json
import os
import re
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import FAST, Crm

pytestmark = pytest.mark.ci

HOSTILE = ["=1+1", "+44 20 7946 0958", "-5", "@home", "'=1", "''", "<r><f>1+1</f></r>", "_x0041_", "a\nb", "007", "张 伟", "\u202eabc"]  # fmt: skip


@pytest.fixture(scope="module")
def stock() -> Iterator[Path]:
    """The database that each `shop` begins with, made once."""
    with tempfile.TemporaryDirectory(prefix="crm-", dir=FAST, ignore_cleanup_errors=True) as folder:
        _fill(Crm(Path(folder)))
        yield Path(folder) / "crm.db"


@pytest.fixture
def shop(crm: Crm, stock: Path) -> Crm:
    """Customers with names that bite, one with days and money."""
    shutil.copy(stock, crm.db)
    return crm


def _fill(crm: Crm) -> None:
    for number, name in enumerate(HOSTILE):
        crm.ok("customer", "add", "--kind", "company", "--email", f"u{number}@x.example", "--", name)
    crm.ok("customer add Dora --kind person --birthday 1990-05-17 --size 12 --region 华东地区客户")
    crm.ok("deal add big --customer dora --amount 1234.5 --currency EUR --close 2026-12-24")
    crm.ok("deal add vast --customer dora --amount 80000000000000.01 --currency EUR")


def sheet_of(path: Path) -> tuple[str, list[dict[str, Any]]]:
    """The name of the first sheet of a workbook, and its rows by header."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(path))
    head, *rows = book.get_sheet_by_index(0).to_python()
    return book.sheet_names[0], [dict(zip(map(str, head), row, strict=True)) for row in rows]


# ------------------------------------------------------------------ spreadsheets


def test_a_workbook_has_days_as_days_numbers_as_numbers_and_text_as_text(shop: Crm) -> None:
    path = shop.folder / "客户.xlsx"
    told = shop.ok("export", "customers", "-o", str(path))
    assert told.err == f"{len(HOSTILE) + 1} records written to {path}\n"
    name, rows = sheet_of(path)
    assert name == "customers"
    assert [row["name"] for row in rows] == [*HOSTILE, "Dora"]
    assert rows[-1]["birthday"] == date(1990, 5, 17)
    assert rows[-1]["size"] == 12
    assert rows[-1]["created_at"] == datetime(2026, 11, 25, 9, 0)
    assert rows[0]["id"] == 1
    shop.ok("export", "deals", "-o", str(shop.folder / "deals.xlsx"))
    _, deals = sheet_of(shop.folder / "deals.xlsx")
    assert [(row["amount"], row["currency"]) for row in deals] == [(1234.5, "EUR"), ("80000000000000.01", "EUR")]
    assert deals[0]["expected_close_on"] == date(2026, 12, 24)


def test_no_cell_of_a_workbook_is_a_formula_and_its_head_stays(shop: Crm) -> None:
    path = shop.folder / "c.xlsx"
    shop.ok("export", "customers", "-o", str(path))
    with zipfile.ZipFile(path) as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet.replace("&lt;f&gt;", "")
    assert "&lt;r&gt;&lt;f&gt;1+1" in sheet, "what looks like the mark-up of the library stays text"
    assert 'state="frozen"' in sheet
    assert f'<autoFilter ref="A1:AQ{len(HOSTILE) + 2}"/>' in sheet
    assert 't="inlineStr"' in sheet


def test_a_text_too_long_for_a_cell_is_cut_and_told(crm: Crm) -> None:
    crm.ok("customer", "add", "Long", "--kind", "company", "--note", "x" * 40_000)
    told = crm.ok("export", "customers", "-o", str(crm.folder / "c.xlsx"))
    assert "1 texts were too long for a cell and are cut to 32767 characters" in told.err
    assert len(sheet_of(crm.folder / "c.xlsx")[1][0]["note"]) == 32_767


def test_a_workbook_goes_down_a_pipe_but_not_to_a_terminal(shop: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    path = shop.folder / "c.xlsx"
    shop.ok("export", "customers", "--format", "xlsx", "-o", str(path))
    assert sheet_of(path)[0] == "customers"
    monkeypatch.setattr("crm_cli.output.streams.is_terminal", lambda stream: True)
    refused = shop("export customers --format xlsx")
    assert (refused.code, refused.out) == (2, "")
    assert "xlsx is no text for a terminal" in refused.err


def test_without_the_library_it_says_what_to_install(shop: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    refused = shop("export", "customers", "-o", str(shop.folder / "c.xlsx"))
    assert refused.code == 5
    assert "pip install 'crm-cli[excel]'" in refused.err
    assert not list(shop.folder.glob("*.xlsx")) and not list(shop.folder.glob(".*.part"))


def test_widths_leave_room_for_chinese(shop: Crm) -> None:
    path = shop.folder / "c.xlsx"
    shop.ok("export", "customers", "-o", str(path), "--columns", "region")
    with zipfile.ZipFile(path) as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml").decode()
    found = re.search(r'<col min="1" max="1" width="([0-9.]+)"', sheet)
    assert found and 13 < float(found[1]) < 14, "six characters of two columns each, and one to spare"


# ------------------------------------------------------------------ formats


@pytest.mark.parametrize(
    ("name", "first"),
    [("a.csv", "id,name"), ("a.TSV", "id\tname"), ("a.tab", "id\tname"), ("a.json", "["), ("a.ndjson", "{"), ("a.txt", "id,name")],
)  # fmt: skip
def test_the_ending_names_the_format(shop: Crm, name: str, first: str) -> None:
    shop.ok("export", "customers", "--columns", "id,name", "-o", str(shop.folder / name))
    assert (shop.folder / name).read_text(encoding="utf-8").startswith(first)


def test_what_is_typed_counts_more_than_the_ending_and_the_usual_format_less(shop: Crm) -> None:
    path = shop.folder / "a.csv"
    shop.ok("export", "deals", "--columns", "id", "-f", "jsonl", "-o", str(path))
    assert path.read_text() == '{"id": 1}\n{"id": 2}\n'
    env = {"CRM_FORMAT": "jsonl"}
    assert shop.ok("export deals --columns id", env=env).out == '{"id": 1}\n{"id": 2}\n'
    shop.ok("export", "deals", "--columns", "id", "-o", str(path), "--force", env=env)
    assert path.read_text() == "id\n1\n2\n"
    assert shop.ok("export deals --columns id", env={"CRM_FORMAT": "md"}).out == "id\n1\n2\n"


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("export customers --format table", 2, "table is no format of this command"),
        ("export customers --format jsn", 2, "Type: crm export customers --format json"),
        ("export customers --format excel", 2, "Type: crm export customers --format xlsx"),
        ("export customers -o a.ods", 2, "ods is no format of this command"),
        ("export customers -o ''", 2, "-o may not be empty"),
        ("export custmers", 3, "Did you mean customers?"),
        ("export customers --columns nme", 2, "Did you mean name?"),
        ("export customers --sort foo", 2, "Unknown column foo"),
        ("export customers -o nowhere/a.csv", 5, "There is no folder for nowhere/a.csv."),
        ("export deals --format vcf", 2, "There are no deals in the format vcf"),
        ("export customers --format vcf --columns name", 2, "A file of vcf has no columns to choose"),
        ("export all --columns name -o x.zip", 2, "--columns does not go with all"),
        ("export all acme -o x.zip", 2, "QUERY does not go with all"),
        ("export all --format vcf -o x.zip", 2, "vcf is no format of this command"),
    ],
)
def test_what_cannot_be_is_said(shop: Crm, line: str, code: int, said: str) -> None:
    refused = shop(line)
    assert (refused.code, refused.out) == (code, ""), refused
    assert said in refused.err, refused
    assert not Path("x.zip").exists()


def test_a_file_that_is_there_stays_without_force(shop: Crm) -> None:
    path = shop.folder / "a.csv"
    path.write_text("mine")
    refused = shop("export", "deals", "-o", str(path))
    assert (refused.code, path.read_text()) == (4, "mine")
    assert "--force" in refused.err
    shop.ok("export", "deals", "-o", str(path), "--force", "--columns", "id")
    assert path.read_text() == "id\n1\n2\n"
    assert oct(path.stat().st_mode & 0o777) == "0o600"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_a_full_disk_is_an_error_and_nothing_is_left(shop: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = shop("export customers -o /dev/full")
    assert refused.code == 5
    assert "The disk is full" in refused.err
    real = os.open

    def full(path: Any, *more: Any, **named: Any) -> int:
        """Every part file lies on a disk without room."""
        if str(path).endswith(".part"):
            real(path, *more, **named)
            return real("/dev/full", os.O_WRONLY)
        return real(path, *more, **named)

    monkeypatch.setattr(os, "open", full)
    for name in ("a.csv", "a.xlsx", "a.zip"):
        refused = shop("export", "all" if name == "a.zip" else "customers", "-o", str(shop.folder / name))
        assert refused.code == 5, refused
        assert f"nothing of {shop.folder / name} was kept" in refused.err
    assert not [p.name for p in shop.folder.iterdir() if p.name.startswith((".a", "a."))]


def test_a_query_and_a_segment_choose(shop: Crm) -> None:
    shop.ok("segment add persons kind:person")
    assert shop.ok("export customers @persons --columns name").out == "name\nDora\n"
    assert shop.ok("export deals amount:..2000 --columns title").out == "title\nbig\n"


# ------------------------------------------------------------------ there and back


def test_hostile_names_go_there_and_back_in_every_format(shop: Crm, tmp_path: Path) -> None:
    before = list(csv.DictReader(io.StringIO(shop.ok("export customers --raw").out)))
    assert len(before) == len(HOSTILE) + 1
    for ending in ("csv", "tsv", "json", "jsonl", "xlsx"):
        other = Crm(tmp_path / ending)
        other.folder.mkdir()
        for kind in ("customers", "deals"):
            path = other.folder / f"{kind}.{ending}"
            shop.ok("export", kind, "-o", str(path))
            other.ok("import", str(path), "--as", kind)
        for kind in ("customers", "deals"):
            path = other.folder / f"{kind}.{ending}"
            again = other.folder / f"{kind}-2.{ending}"
            other.ok("export", kind, "-o", str(again))
            assert again.read_bytes() == path.read_bytes(), (kind, ending)


def test_namesakes_keep_apart_and_their_own(crm: Crm, tmp_path: Path) -> None:
    """Ids say which of three Acmes a deal belongs to, where the database has given none out."""
    for _ in range(3):
        crm.ok("customer add Acme --kind company --duplicate")
    crm.ok("customer remove 2 --yes")
    crm.ok("deal add rollout --customer 3 --amount 5 --currency EUR")
    crm.ok("customer edit 1 --parent 3")
    crm.ok("task add call --customer 3 --due +3d")
    other = Crm(tmp_path)
    for kind in ("customers", "contacts", "deals", "interactions", "tasks"):
        text = crm.ok("export", kind).out
        other.ok("import", "-", "--as", kind, stdin=text)
    for kind in ("customers", "deals", "tasks"):
        assert other.ok("export", kind).out == crm.ok("export", kind).out
    again = other.ok("import", "-", "--as", "customers", "--json", stdin=crm.ok("export customers").out).json
    assert (again["unchanged"], again["added"]) == (2, 0)


def test_ids_of_another_database_say_nothing_where_there_are_records(crm: Crm, tmp_path: Path) -> None:
    other = Crm(tmp_path)
    other.ok("customer add First --kind company")
    crm.ok("customer add Acme --kind company")
    crm.ok("deal add rollout --customer 1")
    other.ok("import", "-", "--as", "customers", stdin=crm.ok("export customers").out)
    other.ok("import", "-", "--as", "deals", stdin=crm.ok("export deals").out)
    assert [(row["id"], row["name"]) for row in other.rows("customer list --sort id")] == [(1, "First"), (2, "Acme")]
    assert [(row["customer"], row["customer_id"]) for row in other.rows("deal list")] == [("Acme", 2)]


def test_the_days_in_a_stage_come_back(crm: Crm, tmp_path: Path) -> None:
    crm.at("2026-10-01T09:00").ok("customer add Acme --kind company")
    crm.at("2026-10-01T09:00").ok("deal add rollout --customer 1")
    crm.at("2026-11-20T09:00").ok("deal move rollout proposal")
    other = Crm(tmp_path)
    for kind in ("customers", "deals"):
        other.ok("import", "-", "--as", kind, stdin=crm.ok("export", kind).out)
    assert [row["days_in_stage"] for row in other.rows("deal list")] == [5]
    assert json.loads(other.ok("export deals --json").out)[0]["opened_on"] == "2026-10-01"
