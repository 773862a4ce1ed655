"""Tables that others wrote, every file of `csv` and `zh` in CRM_REAL_DATA: what is read of each stands in a table."""

import csv
import json
import os
import shlex
from collections import Counter
from pathlib import Path

import pytest
from conftest import Crm

from crm_cli.formats.opening import open_table

REAL = Path(os.environ.get("CRM_REAL_DATA") or "/nowhere")
LINES = (Path(__file__).parent / "real_tables.tsv").read_text(encoding="utf-8").splitlines()[1:]
CASES = [line.split("\t") for line in LINES]
pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="CRM_REAL_DATA is not set")


def cells(name: str, **asked: str) -> list[list[str]]:
    """The headers and all rows of a file."""
    table = open_table(REAL / name, **asked)
    return [table.headers, *(row for _, row in table.records)]


def test_every_file_stands_in_the_table() -> None:
    there = {path.relative_to(REAL).as_posix() for folder in ("csv", "zh") for path in (REAL / folder).rglob("*.csv")}
    assert there == {case[0] for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[1]}".strip())
def test_a_file_is_read_or_refused_as_the_table_says(crm: Crm, case: list[str]) -> None:
    name, options, encoding, delimiter, columns, rows, told = case
    done = crm("import", str(REAL / name), "--dry-run", "--explain", "--json", *shlex.split(options))
    if not done.out:
        assert done.code in (2, 65)
        assert json.loads(done.err)["message"].replace(f"{REAL}/", "") == told
        return
    report, understood = done.json, done.json["understood"]
    assert f"{report['as']} {report['read']} {report['failed']}" == told
    assert report["read"] == int(rows)
    assert (understood["encoding"], understood["delimiter"]) == (encoding, delimiter)
    assert len(understood["columns"]) == int(columns)
    assert done.code == (65 if report["failed"] else 0)


SPECTRUM = sorted(path.stem for path in (REAL / "csv/spectrum/csvs").glob("*.csv"))


@pytest.mark.parametrize("name", SPECTRUM)
def test_the_spectrum_agrees_with_its_json_cell_by_cell(name: str) -> None:
    headers, *rows = cells(f"csv/spectrum/csvs/{name}.csv")
    wanted = json.loads((REAL / f"csv/spectrum/json/{name}.json").read_text(encoding="utf-8"))
    if b"\r" not in (REAL / f"csv/spectrum/csvs/{name}.csv").read_bytes():  # some copies lost what their name promises
        wanted = [{key: value.replace("\r\n", "\n") for key, value in row.items()} for row in wanted]
    assert [dict(zip(headers, row, strict=True)) for row in rows] == wanted
    again = cells(f"csv/spectrum/json/{name}.json")
    assert [[cell.replace("\r\n", "\n") for cell in row] for row in again] == [headers, *rows]


@pytest.mark.parametrize("case", [case for case in CASES if case[3] and not case[1]], ids=lambda case: case[0])
def test_the_cells_are_those_of_a_plain_reader(case: list[str]) -> None:
    """Told the encoding and the delimiter, the csv module reads the same; short rows are filled up."""
    name, _, encoding, delimiter, columns, *_ = case
    text = (REAL / name).read_bytes().decode(encoding)
    plain = [row for row in csv.reader(text.splitlines(keepends=True), delimiter=delimiter) if any(row)]
    width = int(columns)
    wanted = [[header.strip() for header in plain[0]], *(row + [""] * (width - len(row)) for row in plain[1:])]
    assert cells(name) == wanted


def test_copies_in_other_encodings_hold_the_same() -> None:
    mall = cells("zh/商场客户.csv")
    assert cells("zh/商场客户_gbk.csv") == cells("zh/商场客户_utf16le_bom.csv") == mall
    wanted = json.loads((REAL / "answers.json").read_text(encoding="utf-8"))["answers"]["zh_mall"]["answers"]
    assert (mall[0], len(mall) - 1, mall[1][0]) == (wanted["columns"], wanted["rows"], wanted["first_id"])
    assert Counter(row[1] for row in mall[1:]) == wanted["genders"]
    assert sum(int(row[2]) for row in mall[1:]) / 200 == wanted["mean_age"]
    plain = cells("csv/dataloader/csvtext.csv")
    assert cells("csv/dataloader/csvtext_BOM_UTF8.csv") == cells("csv/dataloader/csvtext_BOM_UTF16LE.csv") == plain
    assert cells("csv/sniff/example1.csv") == cells("csv/sniff/example2.csv")


def test_cells_that_are_known() -> None:
    assert cells("csv/dataloader/csvEscapedQuotes.csv")[1:] == [
        ['"The Best" Account', "bla"],
        ['The "Best" Account', "bla"],
    ]
    assert cells("csv/messy/accounts_semicolon_cp1252.csv", encoding="cp1252")[1][0] == "Acmé Corporation"
    assert cells("csv/sniff/example1.csv")[4] == ["4", "spider", "Daisy, the tarantula", "6"]
    assert len(cells("csv/messy/field_1mib.csv")[1][2]) == 1 << 20
    assert cells("zh/客户名称_crm_gbk.csv")[1][:2] == ["星河示例科技", "企业服务"]
