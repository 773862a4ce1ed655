"""Rows out to other programs: delimited text and JSON, streamed, exact and safe to open in a spreadsheet."""

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, TextIO

from crm_cli.rules.money import Exact
from crm_cli.rules.text import RISKY, guard_formula

if TYPE_CHECKING:
    from crm_cli.formats.outward import Sheet

Row = dict[str, Any] | Sequence[Any]

_BATCH = 256  # rows rendered before they are handed to the stream
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_LONE_SURROGATE = "[\ud800-\udfff]"  # compiled when there is one

_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode
_encode_compact = json.JSONEncoder(ensure_ascii=False, default=str, separators=(",", ":")).encode


def write_csv(stream: TextIO, sheet: "Sheet") -> int:
    """Records as CSV; returns how many."""
    return write_delimited(stream, sheet.keys, sheet.rows, delimiter=",", guard=sheet.guard)


def write_tsv(stream: TextIO, sheet: "Sheet") -> int:
    """Records with tabs between the cells; returns how many."""
    return write_delimited(stream, sheet.keys, sheet.rows, delimiter="\t", guard=sheet.guard)


def write_json_sheet(stream: TextIO, sheet: "Sheet") -> int:
    """Records as one JSON array; returns how many."""
    return write_json(stream, sheet.rows)


def write_jsonl_sheet(stream: TextIO, sheet: "Sheet") -> int:
    """Records as JSON lines; returns how many."""
    return write_jsonl(stream, sheet.rows)


def write_delimited(stream: TextIO, keys: list[str], rows: Iterable[Row], *, delimiter: str, guard: bool) -> int:
    """Write a header and the rows (dicts by key, or sequences in the order of `keys`); returns how many rows.

    `guard` defuses texts that a spreadsheet would take for a formula; numbers are left as they are. A cell with a
    carriage return is quoted, which the csv module forgets.
    """
    written = 0
    source = iter(rows)
    head: list[Sequence[Any]] = [list(keys)]
    while batch := head or [_values(row, keys) for row in islice(source, _BATCH)]:
        cells = _guarded(batch) if guard else _plain(batch)
        text = _delimited(cells, delimiter)
        if "\r" in text:
            text = "".join(_delimited([row], delimiter, quoted=_has_return(row)) for row in cells)
        stream.write(_encodable(text, lambda _: "\ufffd"))
        written += 0 if head else len(batch)
        head = []
    return written


def write_json(stream: TextIO, rows: Iterable[Any]) -> int:
    """Write one JSON array with a record a line; returns how many."""
    written = 0
    source = iter(rows)
    while batch := [to_json(row) for row in islice(source, _BATCH)]:
        text = ("[\n" if not written else ",\n") + ",\n".join(batch)
        stream.write(_encodable(text, _escaped))
        written += len(batch)
    stream.write("\n]\n" if written else "[]\n")
    return written


def write_jsonl(stream: TextIO, rows: Iterable[Any]) -> int:
    """Write one JSON record a line; returns how many."""
    written = 0
    source = iter(rows)
    while batch := [to_json(row) for row in islice(source, _BATCH)]:
        stream.write(_encodable("\n".join(batch) + "\n", _escaped))
        written += len(batch)
    return written


def to_json(value: Any) -> str:
    """JSON on one line, letters as they are, every Exact a bare number."""
    return _json(value, _encode, ", ", ": ") if _holds_exact(value) else _encode(value)


def cell_text(value: Any) -> str:
    """One value as the text of a cell: lists and sums joined by `; `, other structures as compact JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return str(value)
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, float):
        return _plain_float(value)
    if isinstance(value, (list, tuple)):
        parts = [_part(part) if isinstance(part, dict) else part for part in value]
        if not any(isinstance(part, (dict, list, tuple)) for part in parts):
            return "; ".join(cell_text(part) for part in parts if part is not None)
    if isinstance(value, (dict, list, tuple)):
        return _json(value, _encode_compact, ",", ":") if _holds_exact(value) else _encode_compact(value)
    return str(value)


def _part(part: dict[str, Any]) -> Any:
    """One of several in a cell: a number or an address as it is, a sum as `EUR 48000`, which no one has to unpack."""
    if "value" in part:
        return part["value"]
    if part.keys() == {"amount", "currency", "deals"}:
        return f"{part['currency']} {cell_text(part['amount'])}"
    return part


def _plain_float(value: float) -> str:
    text = repr(value)
    if "e" not in text:
        return text
    from decimal import Decimal

    return format(Decimal(text), "f")


# --- cells ----------------------------------------------------------------------------------------------------


def _values(row: Row, keys: list[str]) -> Sequence[Any]:
    return [row.get(key) for key in keys] if isinstance(row, dict) else row


def _plain(batch: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """Cells that the csv writer may have: text, whole numbers, None; the rest turned into text."""
    plain = frozenset((str, int, type(None))).issuperset
    return [row if plain(map(type, row)) else [_cell(value) for value in row] for row in batch]


def _cell(value: Any) -> Any:
    return value if type(value) in (str, int, type(None)) else cell_text(value)


def _guarded(batch: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """Like _plain, with texts that begin like a formula defused; typed numbers, Exact too, stay."""

    def safe(value: Any) -> str:
        text = cell_text(value)
        return text if type(value) in (Exact, float) else guard_formula(text)

    risky, nothing, whole = RISKY, type(None), int
    return [
        [
            value
            if (kind := value.__class__) is whole or kind is nothing or (kind is str and value[:1] not in risky)
            else safe(value)
            for value in row
        ]
        for row in batch
    ]


def _has_return(row: Sequence[Any]) -> bool:
    return any("\r" in cell for cell in row if isinstance(cell, str))


def _delimited(cells: Iterable[Sequence[Any]], delimiter: str, *, quoted: bool = False) -> str:
    import csv

    quoting: Any = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    page = io.StringIO(newline="")
    csv.writer(page, delimiter=delimiter, lineterminator="\n", quoting=quoting).writerows(cells)
    return page.getvalue()


def _encodable(text: str, instead: Callable[["re.Match[str]"], str]) -> str:
    """The text without lone surrogates, which no encoding can hold."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return re.sub(_LONE_SURROGATE, instead, text)
    return text


# --- JSON -----------------------------------------------------------------------------------------------------


def _escaped(surrogate: "re.Match[str]") -> str:
    return f"\\u{ord(surrogate[0]):04x}"


def _holds_exact(value: Any) -> bool:
    kind = type(value)
    if kind is dict:
        inside: Iterator[Any] | Iterable[Any] = value.values()
    elif kind is list or kind is tuple:
        inside = value
    else:
        return kind is Exact
    kinds = set(map(type, inside))
    if Exact in kinds:
        return True
    if kinds.isdisjoint((dict, list, tuple)):
        return False
    return any(_holds_exact(part) for part in inside if type(part) in (dict, list, tuple))


def _json(value: Any, encode: Callable[[Any], str], comma: str, colon: str) -> str:
    """What the C encoder would write, but for Exact, which it takes for text."""
    if isinstance(value, Exact):
        if not _NUMBER.fullmatch(value):
            raise ValueError("an Exact is not a plain decimal number")
        return str(value)
    if isinstance(value, dict):
        return "{" + comma.join(encode(str(k)) + colon + _json(v, encode, comma, colon) for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + comma.join(_json(part, encode, comma, colon) for part in value) + "]"
    return encode(value)
