"""Delimited files from elsewhere: encodings, delimiters, line numbers, and what is refused."""

import csv
import io
import json
import os
import random
import sys
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crm_cli.errors import BadData, CrmError, FileError, Misuse
from crm_cli.formats import encoding, tabular
from crm_cli.formats.tabular import Table, delimiter_named, read_table
from crm_cli.formats.writing import write_delimited

REAL = os.environ.get("CRM_REAL_DATA")


def kept(tmp_path: Path, data: bytes | str) -> Path:
    path = tmp_path / "in.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def rows(table: Table) -> list[list[str]]:
    return [cells for _, cells in table.records]


def refusal(path: str | Path, kind: type[CrmError] = BadData, **options: str) -> CrmError:
    with pytest.raises(kind) as caught:
        list(read_table(path, **options).records)
    assert caught.value.message()
    assert "{" not in caught.value.message().replace('"{', "") + caught.value.advice()
    return caught.value


# --- encodings


CHINESE = "客户名称,行业,联系人\r\n星河科技,企业服务,张三\r\n远山制造,制造业,李四\r\n"
WESTERN = "name;city\r\nJosé;Müller\r\nŽofia;Bär\r\n"


@pytest.mark.parametrize(
    ("data", "label", "first"),
    [
        (CHINESE.encode(), "utf-8", "客户名称"),
        (CHINESE.encode("utf-8-sig"), "utf-8-sig", "客户名称"),
        (CHINESE.encode("utf-16"), "utf-16", "客户名称"),
        (b"\xfe\xff" + CHINESE.encode("utf-16-be"), "utf-16", "客户名称"),
        (CHINESE.encode("utf-16-le"), "utf-16-le", "客户名称"),
        (CHINESE.encode("utf-16-be"), "utf-16-be", "客户名称"),
        (CHINESE.encode("utf-32"), "utf-32", "客户名称"),
        (CHINESE.encode("gbk"), "gb18030", "客户名称"),
        (b"\x84\x31\x95\x33" + CHINESE.encode("gb18030"), "gb18030", "客户名称"),
        (b'\xef\xbb\xbf"name, first",b,c\nx,y,z\n', "utf-8-sig", "name, first"),
        (b"name,city\na,b\n", "utf-8", "name"),
        ("name,city\n北京公司,喆\n".encode("gbk"), "gb18030", "name"),
        ("name,city\nx,\U0002000b北京市\n".encode("gb18030"), "gb18030", "name"),
    ],
)
def test_encodings_are_recognised(tmp_path: Path, data: bytes, label: str, first: str) -> None:
    table = read_table(kept(tmp_path, data))
    assert (table.encoding, table.delimiter, table.headers[0]) == (label, ",", first)
    assert len(rows(table)) >= 1


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "big5", "shift_jis", "euc_jp", "utf-16-le", "utf-8-sig"])
def test_an_encoding_asked_for_is_used(tmp_path: Path, codec: str) -> None:
    text = "name,city\n東京,大阪\n"
    assert rows(read_table(kept(tmp_path, text.encode(codec)), encoding=codec)) == [["東京", "大阪"]]


@pytest.mark.parametrize(("asked", "data"), [("gbk", "张三"), ("GB2312", "镕"), (" CP936 ", "€"), ("latin-1", None)])
def test_encoding_names_are_forgiving(tmp_path: Path, asked: str, data: str | None) -> None:
    path = kept(tmp_path, b"name,b\n" + (data.encode("gb18030") if data else b"\xe9") + b",x\n")
    assert rows(read_table(path, encoding=asked)) == [[data or "é", "x"]]


@pytest.mark.parametrize(
    "asked", ["klingon", "base64", "rot13", "hex", "idna", "unicode_escape", "undefined", "a\0b", ""]
)
def test_unknown_encodings_are_misuse(tmp_path: Path, asked: str) -> None:
    assert "no encoding called" in refusal(kept(tmp_path, "a,b\n"), Misuse, encoding=asked).message()


def test_utf16_asked_for_without_a_mark(tmp_path: Path) -> None:
    assert rows(read_table(kept(tmp_path, "a,b\nc,d\n".encode("utf-16-be")), encoding="utf-16")) == [["c", "d"]]


def test_a_mark_beats_a_wrong_encoding(tmp_path: Path) -> None:
    error = refusal(kept(tmp_path, CHINESE.encode("utf-8-sig")), Misuse, encoding="gbk")
    assert "utf-8-sig" in error.message()
    assert read_table(kept(tmp_path, CHINESE.encode("utf-8-sig")), encoding="utf-8").encoding == "utf-8-sig"


@pytest.mark.parametrize(
    "text",
    [
        WESTERN,
        "name\nMüller\n",
        "name,city\nGröße,Straße\n",
        "name,city\nCréée,Noël\n",
        "name;a\nBjørn Ødegård;Ålesund\n",
        "name,a\nAcmé Corporation,x\n",
    ],
)
def test_western_letters_are_never_read_as_chinese(tmp_path: Path, text: str) -> None:
    path = kept(tmp_path, text.encode("cp1252"))
    error = refusal(path)
    assert "cp1252" in error.message() and "--encoding" in error.advice()
    word = next(word for word in text.replace(";", ",").replace("\n", ",").split(",") if not word.isascii())
    assert word.split()[0] in error.message()
    assert "".join(read_table(path, encoding="cp1252").headers)


def test_both_readings_are_named(tmp_path: Path) -> None:
    error = refusal(kept(tmp_path, "name;city\nMüller;x\n".encode("cp1252")))
    assert 'cp1252 "Müller' in error.message() and 'gb18030 "M黮ler' in error.message()


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp1251", "имя,город\nИван,Москва\nПетя,Тверь\n"),
        ("euc_kr", "이름,회사,도시\n김철수,삼성전자,서울\n박영희,현대자동차,부산\n이민호,엘지전자,대구광역시\n"),
    ],
)
def test_other_encodings_must_be_asked_for(tmp_path: Path, codec: str, text: str) -> None:
    path = kept(tmp_path, text.encode(codec))
    refusal(path)
    assert read_table(path, encoding=codec).headers == text.splitlines()[0].split(",")


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("big5", "客戶名稱,行業\n台灣公司,製造業\n聯絡人,電話號碼\n"),
        ("shift_jis", "会社名,担当者\nトヨタ自動車,たなか\nソニー,すずき\n"),
    ],
)
def test_big5_and_shift_jis_are_certain_by_their_characters(tmp_path: Path, codec: str, text: str) -> None:
    table = read_table(kept(tmp_path, text.encode(codec)))
    assert (table.encoding, table.headers) == (codec, text.splitlines()[0].split(","))


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("big5", "name,city\nx,台北\n"),  # too few to be certain
        ("euc_jp", "会社名,担当者\nトヨタ自動車,たなか\nソニー,すずき\n"),
        ("cp1252", "name,city\nÀBÀCÀDÂEÂFÄGÁHÃIÅJÆK,x\n"),
        ("cp1250", "jméno,město\nPříliš žluťoučký kůň,Plzeň\nÚpěl ďábelské ódy,Brno\n"),
        ("cp1253", "όνομα,πόλη\nΓιώργος,Αθήνα\nΜαρία,Θεσσαλονίκη\n"),
    ],
)
def test_what_only_decodes_is_never_certain(tmp_path: Path, codec: str, text: str) -> None:
    path = kept(tmp_path, text.encode(codec))
    assert "cp1252" in refusal(path).message()
    assert read_table(path, encoding=codec).headers == text.splitlines()[0].split(",")


@pytest.mark.parametrize(
    ("text", "first", "line", "told"),
    [
        (
            'Notes:\n"When exporting your data, you may notice that ""some"" are missing."\n\n'
            "First Name,Last Name,URL,Email Address,Company\nAna,Roth,,,Acme\n",
            "First Name", 4,
            'Notes:; When exporting your data, you may notice that "some" are ...',
        ),
        ("客户名单 2026,,,\n客户名称,行业,电话,备注\n星河,软件,1,\n", "客户名称", 2, "客户名单 2026"),
        ("Report\nAs of;2026-11-01\nAccount Name;Phone;City;Owner\nAcme;1;Bonn;ana\n", "Account Name", 3,
         "Report; As of 2026-11-01"),
        ("sep=;\nTitle\n\nname;city\nA;B\nC;D\n", "name", 4, "Title"),
        ("Trees of Bonn\nGID|Species|Girth\n1|Celtis|20\n2|Acer|30\n", "GID", 2, "Trees of Bonn"),
        ('"a note\nof two lines"\nname,email,phone\nA,a@x.de,1\n', "name", 3, "a note of two lines"),
    ],
)  # fmt: skip
def test_headers_that_stand_further_down(tmp_path: Path, text: str, first: str, line: int, told: str) -> None:
    table = read_table(kept(tmp_path, text))
    assert (table.headers[0], table.header_line) == (first, line)
    assert [note[1]["lines"] for note in table.notes] == [told]
    found = list(table.records)
    assert found[0][0] == line + 1 and len(found[0][1]) == len(table.headers)


@pytest.mark.parametrize(
    "text",
    [
        "name\nMeier, Hans\nRoth, Ana\n",
        "name,city\nA,B\n",
        "name\nAcme\n",
        "account,sector\nphone,email\n",
        "name,,,\nA,1,2,3\nB,1,2,3\n",
        "Surname,FamilyName\nHomer,Simpson\n",
        "a\nb,c,d\ne,f,g\n",
        "客户,,,,\n星河,软件,北京,张三,13800000000\n远山,制造,上海,李四,13900000000\n",
    ],
)
def test_headers_of_the_first_line_stay(tmp_path: Path, text: str) -> None:
    table = read_table(kept(tmp_path, text))
    assert (table.header_line, list(table.notes)) == (1, [])


def test_a_fault_below_skipped_lines_names_its_line(tmp_path: Path) -> None:
    error = refusal(kept(tmp_path, 'Title\n\nname,email,phone\nA,a@x.de,1\nB,"b@x.de,2\n'))
    assert error.message() == "Line 5: a quote opens and is never closed."


def test_a_long_chinese_file_of_few_characters_is_chinese(tmp_path: Path) -> None:
    text = "客户编号,性别,年龄,年收入（万）,消费指数\r\n" + "0001,男,1,2,3\r\n0002,女,1,2,3\r\n" * 500
    assert read_table(kept(tmp_path, text.encode("gbk"))).encoding == "gb18030"


def test_damaged_utf8_names_line_and_byte(tmp_path: Path) -> None:
    data = ("name,city\n" + "张三,北京\n" * 20).encode() + b"Jos\xe9,x\n" + "李四,上海\n".encode()
    error = refusal(kept(tmp_path, data))
    assert error.holes["line"] == 22 and "0xE9" in error.message()


@pytest.mark.parametrize(
    ("data", "asked", "line", "byte"),
    [
        (b"a,b\r\nc,\xff\r\n", "utf-8", 2, "0xFF"),
        (b"a,b\rc,d\re,\x81\r", "cp1252", 3, "0x81"),
        (b"\xef\xbb\xbfa,b\n\n\nc,\xe9\n", None, 4, "0xE9"),
        (b"a,b\nc,\xe4\xbd", "utf-8", 2, "0xE4"),
        ("a,b\nc,d\n".encode("utf-16") + b"x", None, 3, "0x78"),
        (b"a,b\nc,\x80\x20\n", "gb18030", 2, "0x80"),
    ],
)
def test_undecodable_bytes_name_line_and_byte(
    tmp_path: Path, data: bytes, asked: str | None, line: int, byte: str
) -> None:
    error = refusal(kept(tmp_path, data), **({"encoding": asked} if asked else {}))
    assert (error.holes["line"], error.holes["byte"]) == (line, byte)


def test_lines_are_counted_over_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"a,b\r\n" + b"1,2\r\n3,4\r5,6\n" * 50 + b"bad,\xff\n"
    for size in range(1, 40):
        monkeypatch.setattr(encoding, "CHUNK", size)
        assert refusal(kept(tmp_path, data), encoding="utf-8").holes["line"] == 152
        assert refusal(kept(tmp_path, data.replace(b"\xff", b"\0"))).holes["line"] == 152


# --- what is no table


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        b"SQLite format 3\0" + bytes(100),
        b"PK\x03\x04" + bytes(30),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
        b"%PDF-1.7\n%\xe2\xe3",
        random.Random(7).randbytes(4096),
        bytes(1000),
        b"\x01\x02\x03\x04" * 100,
    ],
)
def test_binary_files_are_no_table(tmp_path: Path, data: bytes) -> None:
    error = refusal(kept(tmp_path, data))
    assert "is not a table of text" in error.message()


@pytest.mark.parametrize("data", [b"", b"\n\r\n\n", b"\xef\xbb\xbf", b"\xff\xfe", b"  \n\t\n", b",,,\n,,,\n"])
def test_empty_files_say_so(tmp_path: Path, data: bytes) -> None:
    assert "is empty" in refusal(kept(tmp_path, data)).message()


def test_a_header_alone_is_a_table_without_records(tmp_path: Path) -> None:
    for text in ("name,email", "name,email\r\n", "\nname,email\n\n\n"):
        table = read_table(kept(tmp_path, text))
        assert (table.headers, rows(table)) == (["name", "email"], [])


@pytest.mark.parametrize(("data", "line"), [(b"a,b\nx\0y,z\n", 2), (b"a\0,b\n", 1), (b'a,b\n"x\n\0",z\n', 3)])
def test_nul_is_refused_with_its_line(tmp_path: Path, data: bytes, line: int) -> None:
    error = refusal(kept(tmp_path, data))
    assert "NUL" in error.message() and error.holes["line"] == line


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert "no file" in refusal(tmp_path / "none.csv", FileError).message()
    assert "no file" in refusal(kept(tmp_path, "a") / "x.csv", FileError).message()
    assert "is a folder" in refusal(tmp_path, FileError).message()
    assert "cannot be read" in refusal("a\0b", FileError).message()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_of_somebody_else(tmp_path: Path) -> None:
    path = kept(tmp_path, "a,b\n")
    path.chmod(0)
    assert "may not be read" in refusal(path, FileError).message()


@pytest.mark.ci
def test_too_wide_too_long(tmp_path: Path) -> None:
    wide = refusal(kept(tmp_path, ",".join(f"c{n}" for n in range(100_000)) + "\n"))
    assert wide.holes["columns"] == 100_000
    assert read_table(kept(tmp_path, ",".join(f"c{n}" for n in range(2_000)) + "\n")).headers[-1] == "c1999"
    assert refusal(kept(tmp_path, b"a,b\n1,2\n" + b"x" * (17 << 20))).holes["line"] == 3
    assert refusal(kept(tmp_path, b"a,b\n1,2\n3," + b"x" * (11 << 20) + b"\n")).holes["line"] == 3
    assert "longer than" in refusal(kept(tmp_path, b'a,b\n1,"x\n' + b"y" * (11 << 20) + b'"\n')).message()


def test_big_cells_are_fine(tmp_path: Path) -> None:
    assert len(rows(read_table(kept(tmp_path, b"a,b\n1," + b"x" * (9 << 20))))[0][1]) == 9 << 20


# --- delimiters


@pytest.mark.parametrize(
    ("text", "delimiter", "columns"),
    [
        ("a,b,c\n1,2,3\n", ",", 3),
        ("a;b;c\n1,5;2,5;3\n", ";", 3),
        ("a\tb\tc\n1,5\t2,5\t3;4\n", "\t", 3),
        ("a|b\n1|2\n", "|", 2),
        ('"Name, first";Age\n"Meier, Hans";4\n', ";", 2),
        ("Name, first;Age;City\nMeier, Hans;4;x\nB;5;y\n", ";", 3),
        ("Name\tCity, State\tAmount\nA\tAustin, TX\t1\nB\tReno, NV\t2\n", "\t", 3),
        ('id;note\n1;"a,b,c,d"\n2;"e,f"\n', ";", 2),
        ("name;amount,eur;x\n1;2,3;3\n2;3;4\n", ";", 3),
        ("name\nMeier, Hans\nB\nC, D, E\n", ";", 1),
        ("name\nMeier\n", ",", 1),
        ("sep=;\r\na;b\r\n1;2\r\n", ";", 2),
        ('"sep=|"\na|b\n1|2\n', "|", 2),
        ("a,b\n", ",", 2),
        ("a;b", ";", 2),
        ("a;b;\n1;2;\n", ";", 3),
    ],
)
def test_the_delimiter_is_found(tmp_path: Path, text: str, delimiter: str, columns: int) -> None:
    table = read_table(kept(tmp_path, text))
    assert (table.delimiter, len(table.headers)) == (delimiter, columns)
    assert all(len(row) == columns for row in rows(table))


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        (",", ","),
        ("tab", "\t"),
        ("\\t", "\t"),
        ("\t", "\t"),
        ("pipe", "|"),
        ("Comma", ","),
        ("semicolon", ";"),
        ("~", "~"),
    ],
)
def test_delimiters_that_can_be_asked_for(tmp_path: Path, asked: str, meant: str) -> None:
    assert rows(read_table(kept(tmp_path, f"a{meant}b\n1{meant}2\n"), delimiter=asked)) == [["1", "2"]]


@pytest.mark.parametrize("asked", ["", "::", '"', "\n", "\0", "comma separated", "\x1b"])
def test_delimiters_that_cannot(asked: str) -> None:
    with pytest.raises(Misuse):
        delimiter_named(asked)


def test_spaces_before_quotes_are_no_part_of_the_cell(tmp_path: Path) -> None:
    table = read_table(kept(tmp_path, '"name", "city"\n"Meier, H", "Bonn, D"\n'))
    assert (table.headers, rows(table)) == (["name", "city"], [["Meier, H", "Bonn, D"]])


# --- records


def test_lines_are_those_where_records_start(tmp_path: Path) -> None:
    text = 'a,b\n1,"x\ny\nz"\n\n2,z\r\n3,"p\r\nq"\r4,"p\rq"\r\n5,end'
    assert [(line, cells[0]) for line, cells in read_table(kept(tmp_path, text)).records] == [
        (2, "1"), (6, "2"), (7, "3"), (9, "4"), (11, "5"),
    ]  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end(tmp_path: Path, end: str) -> None:
    table = read_table(kept(tmp_path, end.join(["", "a,b", "", '1,"x', 'y"', "2,z", ""])))
    assert table.header_line == 2
    assert list(table.records) == [(4, ["1", f"x{end}y"]), (6, ["2", "z"])]


def test_sep_line_counts_as_a_line(tmp_path: Path) -> None:
    table = read_table(kept(tmp_path, "sep=;\na;b\n1;2\n"))
    assert (table.header_line, list(table.records)) == (2, [(3, ["1", "2"])])
    assert refusal(kept(tmp_path, 'sep=;\na;b\n1;2\n3;"x\n')).holes["line"] == 4


def test_ragged_rows_are_padded_and_surplus_is_shown(tmp_path: Path) -> None:
    table = read_table(kept(tmp_path, "a,b,c\n1\n1,2,3,,\n1,2,3, x\n,,\n , \n1,2,3,,4,\n"))
    assert list(table.records) == [
        (2, ["1", "", ""]),
        (3, ["1", "2", "3"]),
        (4, ["1", "2", "3", " x"]),
        (7, ["1", "2", "3", "", "4"]),
    ]


def test_headers_are_trimmed_and_kept(tmp_path: Path) -> None:
    table = read_table(kept(tmp_path, "\ufeff name ,,name,\u3000客户 ,\n1,2,3,4,5\n"))
    assert (table.headers, table.blank_columns) == (["name", "", "name", "客户", ""], [1, 4])


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('a,b\n1,2\n3,"x\n4,5\n', 3, "never closed"),
        ('a,b\n1,"x\ny","z\n4,5\n', 3, "never closed"),
        ('"a,b\n1,2\n', 1, "never closed"),
        ('a,b\r1,2\r"x,y\r', 3, "never closed"),
        ('a,b\n1,"x\n4,"5"\n', 2, "closing quote"),
        ('a,b\n1,"x"y\n', 2, "closing quote"),
    ],
)
def test_quotes_are_named_where_they_open(tmp_path: Path, text: str, line: int, words: str) -> None:
    error = refusal(kept(tmp_path, text))
    assert error.holes["line"] == line and words in error.message()


def test_records_before_a_bad_quote_are_there(tmp_path: Path) -> None:
    table = read_table(kept(tmp_path, 'a,b\n1,2\n3,"x\n'))
    assert next(table.records) == (2, ["1", "2"])
    with pytest.raises(BadData):
        next(table.records)


def test_a_quote_inside_of_a_plain_cell_is_text(tmp_path: Path) -> None:
    assert rows(read_table(kept(tmp_path, 'a,b\n5" screen,6"\n'))) == [['5" screen', '6"']]


# --- standard input and pipes


class FakeIn:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


def test_dash_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", FakeIn(CHINESE.encode("gbk")))
    table = read_table("-")
    assert (table.encoding, len(rows(table))) == ("gb18030", 2)
    monkeypatch.setattr(sys, "stdin", FakeIn(b""))
    assert "stdin is empty" in refusal("-").message()
    monkeypatch.setattr(sys, "stdin", None)
    assert "closed" in refusal("-", FileError).message()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs fifos")
def test_a_fifo_is_read_like_a_file(tmp_path: Path) -> None:
    import threading

    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=lambda: fifo.write_bytes(CHINESE.encode("gbk")))
    writer.start()
    table = read_table(fifo)
    writer.join()
    assert len(rows(table)) == 2


# --- size


@pytest.mark.ci
def test_memory_stays_flat(tmp_path: Path) -> None:
    path = kept(tmp_path, b"a,b,c\n" + b"name of somebody,somebody@example.com,said hello\n" * 400_000)
    tracemalloc.start()
    assert sum(1 for _ in read_table(path).records) == 400_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


# --- what we write, we read


LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
CELLS = st.text(alphabet=LETTERS | st.sampled_from(list(" ,;|\t\"'\r\n\ufeff=+-@")), max_size=12)


@pytest.mark.ci
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1, max_size=8)),
       st.sampled_from([None, ",", ";", "\t", "|"]))  # fmt: skip
@example([["a\rb", ' "x"']], None)
@example([["\r", '"'], [' , "y"', "\ufeff"]], ",")
def test_round_trip(tmp_path: Path, cells: list[list[str]], delimiter: str | None) -> None:
    path = tmp_path / "trip.csv"
    keys = [f"k{n}" for n in range(len(cells[0]))]
    with open(path, "w", encoding="utf-8", newline="") as stream:
        write_delimited(stream, keys, cells, delimiter=delimiter or ",", guard=False)
    table = read_table(path, encoding="utf-8", delimiter=delimiter)
    assert table.headers == keys
    assert rows(table) == [row for row in cells if any(row)]  # a row of nothing is a blank line


@pytest.mark.ci
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.binary(max_size=200) | st.text(alphabet=LETTERS | st.sampled_from(list(',;"\r\n')), max_size=80).map(str.encode)
)
def test_no_bytes_end_in_a_traceback(tmp_path: Path, data: bytes) -> None:
    for asked in (None, "gb18030", "cp1252", "utf-16"):
        try:
            list(read_table(kept(tmp_path, data), encoding=asked).records)
        except (BadData, Misuse) as error:
            assert error.message()


def test_the_limit_of_the_csv_module_is_ours(tmp_path: Path) -> None:
    read_table(kept(tmp_path, "a,b\n"))
    assert csv.field_size_limit() == tabular.CELL_LIMIT


# --- real files


needs_real = pytest.mark.skipif(not REAL, reason="CRM_REAL_DATA is not set")


@needs_real
def test_the_spectrum_suite() -> None:
    folder = Path(REAL or "") / "csv" / "spectrum"
    files = sorted((folder / "csvs").glob("*.csv"))
    assert len(files) >= 10
    for file in files:
        table = read_table(file)
        expected = json.loads((folder / "json" / f"{file.stem}.json").read_text(encoding="utf-8"))
        got = [dict(zip(table.headers, cells, strict=True)) for cells in rows(table)]
        if "crlf" not in file.name:  # the answers were written with the other line ends
            assert got == expected, file.name
        else:
            assert json.dumps(got).replace("\\r\\n", "\\n") == json.dumps(expected).replace("\\r\\n", "\\n"), file.name


@needs_real
@pytest.mark.parametrize(
    ("name", "label", "delimiter", "columns", "count"),
    [
        ("zh/商场客户.csv", "utf-8", ",", 5, 200),
        ("zh/商场客户_gbk.csv", "gb18030", ",", 5, 200),
        ("zh/商场客户_utf16le_bom.csv", "utf-16", ",", 5, 200),
        ("zh/客户信息_ragged_bom.csv", "utf-8-sig", ",", 20, 10),
        ("zh/客户名称_crm_gbk.csv", "gb18030", ",", 11, 4),
        ("crm/maven/sales_pipeline.csv", "utf-8", ",", 8, 8800),
        ("crm/civicrm/specialchar_with_BOM.csv", "utf-8-sig", ",", 3, 1),
        ("csv/dataloader/csvtext_BOM_UTF16LE.csv", "utf-16", ",", 3, 2),
        ("csv/messy/field_1mib.csv", "utf-8", ",", 3, 2),
        ("csv/messy/cr_only_newlines.csv", "utf-8", ",", 2, 2),
        ("csv/sniff/example2.csv", "utf-8", ";", 4, 4),
        ("contacts_csv/outlook_com_header.csv", "utf-8-sig", ",", 61, 2),
    ],
)
def test_real_files(name: str, label: str, delimiter: str, columns: int, count: int) -> None:
    table = read_table(Path(REAL or "") / name)
    assert (table.encoding, table.delimiter, len(table.headers), len(rows(table))) == (label, delimiter, columns, count)


@needs_real
@pytest.mark.parametrize(
    ("name", "asked", "count"),
    [
        ("csv/messy/accounts_semicolon_cp1252.csv", "cp1252", 40),
        ("crm/salesforce_dataloader/accountData.csv", "cp1252", None),
    ],
)
def test_real_western_files_are_asked_about(name: str, asked: str, count: int | None) -> None:
    path = Path(REAL or "") / name
    assert "cp1252" in refusal(path).message()
    found = len(rows(read_table(path, encoding=asked)))
    assert found == count if count else found > 10
