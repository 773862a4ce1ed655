"""Rows out: cells, formulas, exact numbers, lone surrogates."""

import csv
import io
import json
import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.formats import writing
from crm_cli.formats.writing import Exact, cell_text, to_json, write_delimited, write_json, write_jsonl
from crm_cli.rules.text import guard_formula, unguard_formula


def delimited(rows: list[Any], keys: list[str] | None = None, *, delimiter: str = ",", guard: bool = False) -> str:
    stream = io.StringIO()
    assert write_delimited(stream, keys or ["a", "b"], rows, delimiter=delimiter, guard=guard) == len(rows)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        ("x", "x"),
        (12, "12"),
        (-3, "-3"),
        (1.5, "1.5"),
        (1e22, "10000000000000000000000"),
        (1e-7, "0.0000001"),
        (True, "true"),
        (False, "false"),
        ([], ""),
        (["a", "b"], "a; b"),
        ([1, None, True], "1; true"),
        ([{"value": "a@b.c", "label": "work"}, {"value": "d@e.f", "label": None}], "a@b.c; d@e.f"),
        ([{"amount": Exact("1.10"), "currency": "EUR"}], '[{"amount":1.10,"currency":"EUR"}]'),
        ({"a": [1, "é"]}, '{"a":[1,"é"]}'),
        ({"a": Exact("90071992547409.91")}, '{"a":90071992547409.91}'),
        (Exact("-90071992547409.91"), "-90071992547409.91"),
    ],
)
@pytest.mark.parametrize("guard", [False, True])
def test_cells(value: Any, text: str, guard: bool) -> None:
    assert cell_text(value) == text
    for row in ({"a": value, "b": "x"}, [value, "x"]):
        assert list(csv.reader(io.StringIO(delimited([row], guard=guard)))) == [["a", "b"], [text, "x"]]


def test_missing_keys_are_empty_and_others_are_left_out() -> None:
    assert delimited([{"b": 1, "z": 2}]) == "a,b\n,1\n"


def test_nothing_is_a_header() -> None:
    assert delimited([]) == "a,b\n"


def test_tabs() -> None:
    assert delimited([["x\ty", "a,b"]], delimiter="\t") == 'a\tb\n"x\ty"\ta,b\n'


def test_carriage_returns_are_quoted() -> None:
    assert delimited([["x", 1], ["y\rz", None], ["p\r\nq", 2]]) == 'a,b\nx,1\n"y\rz",""\n"p\r\nq","2"\n'


@pytest.mark.parametrize(
    "text", ["=1+1", "+a", "-2+3", "@SUM(1)", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x", "'x"]
)
def test_formulas_are_guarded_and_come_back(text: str) -> None:
    cells = next(csv.DictReader(io.StringIO(delimited([[text, [text, "b"]]], guard=True), newline="")))
    assert cells == {"a": "'" + text, "b": "'" + text + "; b"}
    assert unguard_formula(cells["a"]) == text
    assert delimited([[text, 1]]).startswith("a,b\n" + ('"' if text[0] in "\r\n" else text[0]))


def test_numbers_and_phones_are_not_guarded() -> None:
    assert delimited([[-5, -1.5], [Exact("-5.10"), "+49 30 12"]], guard=True) == "a,b\n-5,-1.5\n-5.10,+49 30 12\n"


def test_headers_are_guarded_too() -> None:
    assert delimited([], ["=x", "b"], guard=True) == "'=x,b\n"


def test_our_quick_look_misses_no_guard() -> None:
    for code in range(0x110000):
        char = chr(code)
        assert char in writing.RISKY or guard_formula(char + "1+1") == char + "1+1"


def test_many_rows_and_a_mixed_batch() -> None:
    rows = [[n, "x\ry" if n == 700 else "z"] for n in range(1000)]
    back = list(csv.reader(io.StringIO(delimited(rows), newline="")))
    assert back[1:] == [[str(n), text] for n, text in rows]


def test_lone_surrogates_do_not_crash() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="utf-8", newline="")
    write_delimited(stream, ["a"], [["x\ud800y"], ["é"]], delimiter=",", guard=True)
    write_json(stream, [{"a": "x\ud800y"}])
    write_jsonl(stream, [{"a": "\udfff", "n": Exact("1.5")}])
    stream.flush()
    text = raw.getvalue().decode()
    assert text == 'a\nx\ufffdy\né\n[\n{"a": "x\\ud800y"}\n]\n{"a": "\\udfff", "n": 1.5}\n'


def test_json_is_one_array_with_a_record_a_line() -> None:
    stream = io.StringIO()
    assert write_json(stream, ({"n": n, "t": "客户"} for n in range(600))) == 600
    assert json.loads(stream.getvalue()) == [{"n": n, "t": "客户"} for n in range(600)]
    assert stream.getvalue().splitlines()[1] == '{"n": 0, "t": "客户"},'
    assert len(stream.getvalue().splitlines()) == 602


def test_no_rows_are_an_empty_array() -> None:
    stream = io.StringIO()
    assert (write_json(stream, []), stream.getvalue()) == (0, "[]\n")
    stream = io.StringIO()
    assert (write_jsonl(stream, []), stream.getvalue()) == (0, "")


def test_jsonl() -> None:
    stream = io.StringIO()
    assert write_jsonl(stream, [{"a": None}, {"a": "x\ny"}]) == 2
    assert stream.getvalue() == '{"a": null}\n{"a": "x\\ny"}\n'


@pytest.mark.parametrize("where", [lambda x: {"a": x}, lambda x: {"a": [{"b": x}]}, lambda x: [x], lambda x: x])
def test_exact_numbers_are_bare_wherever_they_stand(where: Any) -> None:
    text = "90071992547409.91"
    assert to_json(where(Exact(text))) == to_json(where(123)).replace("123", text)
    assert json.loads(to_json(where(Exact(text))), parse_float=Decimal) == where(Decimal(text))


def test_an_exact_that_is_no_number_is_a_bug_not_bad_json() -> None:
    for text in ("", "NaN", "1,5", "01", "1e5", "1.", "١"):
        with pytest.raises(ValueError):
            to_json({"a": Exact(text)})


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), PLAIN, max_size=5), st.integers(-(10**15), 10**15))
def test_the_exact_path_says_the_same_as_the_quick_one(row: dict[str, Any], minor: int) -> None:
    row.pop("exact", None)
    quick = to_json({**row, "exact": 1})
    assert to_json({**row, "exact": Exact("1")}) == quick
    assert json.loads(quick) == {**row, "exact": 1}


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_are_plain_and_exact(number: float) -> None:
    text = cell_text(number)
    assert "e" not in text and math.copysign(1, float(text)) == math.copysign(1, number) and float(text) == number
