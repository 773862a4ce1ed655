"""Files that come in through a pipe or were put together of two: read, or refused with the place and what to do."""

import pytest
from conftest import Crm
from test_mails import JANE, ME, box, letter, take

pytestmark = pytest.mark.ci


def packed(crm: Crm) -> bytes:
    crm.ok("customer add Acme --email a@acme.example")
    crm.ok("export all -o " + str(crm.folder / "all.zip"))
    return (crm.folder / "all.zip").read_bytes()


def test_everything_comes_in_through_a_pipe(crm: Crm, tmp_path_factory: pytest.TempPathFactory) -> None:
    data = packed(crm)
    other = Crm(tmp_path_factory.mktemp("other"))
    said = other.ok("import -", stdin=data)
    assert said.out.startswith("stdin: 1 customer read")
    assert other.ok("export customers").out == crm.ok("export customers").out
    assert "does not go with a whole export" in other("import - --as deals", stdin=data).err
    assert other.ok("import -", stdin=data).out.count("1 unchanged") == 1  # it has records by now


def test_a_workbook_through_a_pipe_is_still_a_workbook(crm: Crm) -> None:
    crm.ok("customer add Acme")
    crm.ok("export customers -o " + str(crm.folder / "c.xlsx"))
    data = (crm.folder / "c.xlsx").read_bytes()
    assert crm.ok("import - --json", stdin=data).json["unchanged"] == 1


@pytest.mark.parametrize("utf8_first", [True, False])
def test_lines_of_two_encodings_are_named(crm: Crm, utf8_first: bool) -> None:
    parts = [row.encode(codec) for row, codec in (("恒达科技,上海\n", "utf-8"), ("蓝天贸易,北京的公司\n", "gb18030"))]
    first, second = parts if utf8_first else parts[::-1]
    path = crm.folder / "mixed.csv"
    path.write_bytes("名称,城市\n".encode("gb18030") + first + second * 3 + b"Acme,Bonn\n")
    result = crm("import", str(path), "--as", "customers")
    assert result.code == 65
    assert f"line {2 if utf8_first else 3} is UTF-8, line 1 is not." in result.err


def test_a_file_of_one_chinese_encoding_is_read(crm: Crm) -> None:
    path = crm.folder / "gbk.csv"
    rows = "".join(f"联通{sign}公司,上海市浦东新区{sign}\n" for sign in "甲乙丙丁戊己庚辛壬癸涓滐浜涔鍚")
    path.write_bytes(("名称,地址\n" + rows).encode("gb18030"))
    assert crm.ok("import", str(path), "--json").json["added"] == 15


def test_a_letter_begins_without_a_blank_line_before_it(acme: Crm) -> None:
    quoted = "she wrote\nFrom Jane on Tue Nov 24 10:00:00 2026\nFrom me@us.example Tue Nov 24 10:00:00 2026\nand more"
    letters = [letter(JANE, ME, "First", "1@x", body=quoted), letter(JANE, ME, "Second", "2@x")]
    whole = box(*letters)
    joined = whole.replace("\n\nFrom ", "\nFrom ")
    assert joined != whole
    report = take(acme, joined)
    assert (report["read"], report["added"], report["failed"]) == (2, 2, 0)
    assert "and more" in acme.rows("interaction list --sort id")[0]["text"]
