"""JSON and JSONL as tables: the ways to put objects together, cells, and faults with their place."""

import json
import tracemalloc
from pathlib import Path

import pytest

from crm_cli.errors import BadData
from crm_cli.formats import jsontext
from crm_cli.formats.opening import open_table
from crm_cli.formats.tabular import Table


def opened(tmp_path: Path, data: str | bytes, name: str = "in.json") -> Table:
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return open_table(path)


def refusal(tmp_path: Path, data: str | bytes) -> str:
    with pytest.raises(BadData) as caught:
        list(opened(tmp_path, data).records)
    return caught.value.message().replace(str(tmp_path / "in.json"), "in.json")


ROWS = [(["Acme", "DE"]), (["Beta", ""])]


@pytest.mark.parametrize(
    ("data", "format_", "lines"),
    [
        ('[{"name": "Acme", "country": "DE"}, {"name": "Beta"}]', "json", [1, 1]),
        ('[\n  {"name": "Acme",\n   "country": "DE"},\n  {"name": "Beta"}\n]\n', "json", [2, 4]),
        ('{"name": "Acme", "country": "DE"}\n\n{"name": "Beta"}\n', "jsonl", [1, 3]),
        ('{"name": "Acme",\n"country": "DE"} {"name": "Beta"}', "jsonl", [1, 2]),
        ('{"total": 2, "records": [{"name": "Acme", "country": "DE"}, {"name": "Beta"}], "next": null}', "json", [1, 1]),
        ('\ufeff[{"name": "Acme", "country": "DE"}, {"country": null, "name": "Beta"}]', "json", [1, 1]),
    ],
)  # fmt: skip
def test_objects_put_together_in_several_ways(tmp_path: Path, data: str, format_: str, lines: list[int]) -> None:
    for ending in ("json", "jsonl", "txt"):
        table = opened(tmp_path, data, f"in.{ending}")
        assert (table.headers, table.format) == (["name", "country"], format_)
        found = list(table.records)
        assert ([cells for _, cells in found], [line for line, _ in found]) == (ROWS, lines)


def test_encodings(tmp_path: Path) -> None:
    for codec, label in (("utf-16", "utf-16"), ("gb18030", "gb18030"), ("utf-8-sig", "utf-8-sig")):
        table = opened(tmp_path, '[{"name": "星河科技有限公司", "city": "北京"}]'.encode(codec))
        assert (table.encoding, [cells for _, cells in table.records]) == (label, [["星河科技有限公司", "北京"]])


def test_a_single_object_is_a_record(tmp_path: Path) -> None:
    table = opened(tmp_path, '{"name": "Acme", "city": "Bonn", "emails": [{"value": "a@b.de", "label": "work"}]}')
    assert list(table.records) == [(1, ["Acme", "Bonn", "work:a@b.de"])]


def test_cells(tmp_path: Path) -> None:
    value = {
        "name": "Acme", "yes": True, "no": False, "none": None, "sum": 1.10, "list": ["a", None, 3, "b"], "empty": [],
        "address": {"city": "Bonn", "geo": {"lat": 1}}, "bare": {},
        "phones": [{"value": "1", "label": "mobile"}, {"value": "2", "label": "no such label"}, {"value": "3"}],
        "contacts": [{"name": "Ana", "role": None, "n": 1.50}], "custom": {"x": 1, "y": {"z": [True]}},
    }  # fmt: skip
    table = opened(tmp_path, json.dumps([value]))
    assert dict(zip(table.headers, next(table.records)[1], strict=True)) == {
        "name": "Acme", "yes": "true", "no": "false", "none": "", "sum": "1.1", "list": "a; 3; b", "empty": "",
        "address.city": "Bonn", "address.geo.lat": "1", "bare": "", "phones": "mobile:1; 2; 3",
        "contacts": '[{"name":"Ana","role":null,"n":1.5}]', "custom": '{"x":1,"y":{"z":[true]}}',
    }  # fmt: skip


@pytest.mark.parametrize(
    ("written", "cell"),
    [
        ("123456789012345678901234567890", "123456789012345678901234567890"), ("0.10", "0.10"), ("1.5e3", "1500"),
        ("-2E-3", "-0.002"), ("1e400", "1e400"), ("1" * 5000, "1" * 5000), ("-0", "-0"),
        (r'"\ud800x"', "�x"), (r'"\ud83d\ude00"', "😀"), (r'"\u5f20"', "张"),
    ],
)  # fmt: skip
def test_numbers_and_escapes_are_exact(tmp_path: Path, written: str, cell: str) -> None:
    assert next(opened(tmp_path, f'[{{"name": {written}}}]').records)[1] == [cell]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ('[{"name": "A"},\n {"name": "B",}]', "Line 2, column 1"),
        ('[{"name": "A"}\n {"name": "B"}]', "Line 2, column 2: a comma or a closing bracket is missing here."),
        ('[{"name": "A"}', "Line 1, column 15: a comma or a closing bracket is missing here."),
        ('[{"name" "A"}]', "Line 1, column 10: a colon is missing here."),
        ('[{"name": }]', "Line 1, column 11: a value is missing here."),
        ('{"name": "A"}\n{"name": "B}\n', "Line 2, column 13: a line end or control character stands in a text as it"
         " is."),
        ('[{"name": "B', "Line 1, column 11: a text begins here and never ends."),
        ('[{"a": "\\q"}]', "Line 1, column 9: there is no such escape with a backslash."),
        ('[{"a": 1},\n{"a": NaN}]', "Line 2, column 7: NaN and Infinity are no numbers in JSON."),
        ('[{"a": -Infinity}]', "Line 1, column 8: NaN and Infinity are no numbers in JSON."),
        ('[{"a": 1},\n{"a": 1, "b": 2, "a": 3}]', "Line 2, column 1: the key a stands twice in this object."),
        ("[1, 2]", 'Line 1: an object is expected in the array, such as {"name": "Acme"}.'),
        ('{"name": "A"}\n5\n', 'Line 2: an object is expected, such as {"name": "Acme"}.'),
        ('[{"a": 1}] x', "Line 1, column 12: there is more behind the end."),
        ("[]", "in.json holds no records."),
        ("5", "in.json holds no records."),
        ('{"x": [{"a": 1}], "y": [{"b": 1}]}', "in.json holds several arrays of objects: x, y."),
        ("", "in.json is empty."),
        ("[" * 100_000, "Line 1, column 2: objects lie too deep within each other."),
        ('[{"a":' + "[" * 100_000, "Line 1, column 2: objects lie too deep within each other."),
    ],
)  # fmt: skip
def test_faults_have_a_line_and_a_column(tmp_path: Path, data: str, told: str) -> None:
    assert refusal(tmp_path, data).startswith(told)


def test_deep_objects_end_in_json(tmp_path: Path) -> None:
    value: object = 1
    for _ in range(12):
        value = {"k": value}
    table = opened(tmp_path, json.dumps([{"name": value}]))
    assert table.headers == ["name" + ".k" * 7]
    assert next(table.records)[1] == ['{"k":{"k":{"k":{"k":{"k":1}}}}}']


def test_values_that_the_chunks_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from crm_cli.formats import encoding

    rows = [{"name": f"星河 {n} \U0001f600", "n": n, "list": ["a\nb", n]} for n in range(50)]
    wanted = [[f"星河 {n} \U0001f600", str(n), f"a\nb; {n}"] for n in range(50)]
    shapes = (json.dumps(rows), "\n".join(json.dumps(row, ensure_ascii=False) for row in rows),
              json.dumps({"info": [1], "rows": rows}, ensure_ascii=False, indent=1))  # fmt: skip
    for size in (1, 2, 3, 7, 100):
        monkeypatch.setattr(encoding, "CHUNK", size)
        monkeypatch.setattr(jsontext, "CHUNK", size)
        for limit in (1 << 20, 100):
            monkeypatch.setattr(jsontext, "LONG", limit)
            for shape in shapes:
                assert [cells for _, cells in opened(tmp_path, shape).records] == wanted


def test_a_record_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from crm_cli.formats import encoding

    monkeypatch.setattr(jsontext, "VALUE_LIMIT", 1000)
    for module in (encoding, jsontext):
        monkeypatch.setattr(module, "CHUNK", 100)
    told = refusal(tmp_path, '[{"name": "A"},\n{"name": [' + "1," * 50_000 + "1]}]")
    assert told == "Line 2, column 1: a record is longer than 1000 characters."


def test_a_long_object_is_a_record_or_holds_arrays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsontext, "LONG", 100)
    monkeypatch.setattr(jsontext, "CHUNK", 50)
    note = "y" * 500
    table = opened(tmp_path, json.dumps({"name": "Acme", "note": note}) + '{"name": "Beta"}')
    assert [cells for _, cells in table.records] == [["Acme", note], ["Beta", ""]]
    table = opened(tmp_path, json.dumps({"note": note, "rows": [{"name": "Acme"}], "more": []}))
    assert [cells for _, cells in table.records] == [["Acme"]]


@pytest.mark.parametrize("shape", ["lines", "array", "under a key"])
def test_a_long_file_is_read_in_little_memory(tmp_path: Path, shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from crm_cli.formats import encoding

    for module in (encoding, jsontext):
        monkeypatch.setattr(module, "CHUNK", 1 << 16)
    monkeypatch.setattr(encoding, "HEAD", 1 << 12)
    monkeypatch.setattr(jsontext, "LONG", 1 << 17)
    rows = ['{"name": "' + "x" * 4000 + '"}'] * 1000
    whole = "[" + ",".join(rows) + "]"
    text = "\n".join(rows) if shape == "lines" else whole if shape == "array" else '{"rows": ' + whole + "}"
    path = tmp_path / "long.json"
    path.write_text(text)
    tracemalloc.start()
    assert sum(1 for _ in open_table(path).records) == 1000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_500_000 < len(text) / 2
