"""JSON and JSONL as tables: objects one at a time, what is nested flattened, numbers to their last digit."""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NamedTuple

from crm_cli.errors import BadData
from crm_cli.formats.encoding import Reading, Source, decide
from crm_cli.formats.headings import known
from crm_cli.formats.jsontext import Number, Text
from crm_cli.formats.tabular import COLUMN_LIMIT, Table
from crm_cli.rules.normalise import split_label

if TYPE_CHECKING:
    from crm_cli.formats.opening import Asked

DEPTH_LIMIT = 8  # objects in objects; what lies deeper is one cell of JSON
_WHOLE = ("custom",)  # the object of an export of ours that is read as one
_HINT = "JSON is read as an array of objects, or one object a line."
_encode = json.JSONEncoder(ensure_ascii=False).encode
Flat = dict[str, str]


class Found(NamedTuple):
    """An object, where it begins, and the key of the array that it stands in ("" for the outermost)."""

    key: str
    line: int
    value: dict[str, Any]


def read_json(origin: Source, asked: "Asked") -> Table:
    """Objects in an array, in an array under a key, or one behind another; read twice, once for the names alone."""
    reading = decide(origin, asked.encoding, by_lines=False)
    headers, key, line, lines = _looked_through(origin, reading)
    if len(headers) > COLUMN_LIMIT:
        raise BadData(
            "{name}: {columns} different keys are more than the {limit} columns that a table may have.",
            name=origin.name,
            columns=len(headers),
            limit=COLUMN_LIMIT,
        )
    return Table(
        headers=headers,
        records=_records(origin, reading, key, headers),
        encoding=reading.label,
        delimiter=",",
        header_line=line,
        blank_columns=[],
        format="jsonl" if lines else "json",
    )


def _looked_through(origin: Source, reading: Reading) -> tuple[list[str], str, int, bool]:
    """The names of all columns as they come, the array to read, its first line, and whether it is one of lines."""
    columns: dict[str, dict[str, None]] = {}
    first: dict[str, int] = {}
    text = Text(origin, reading)
    for found in _objects(text):
        first.setdefault(found.key, found.line)
        columns.setdefault(found.key, {}).update(dict.fromkeys(_flat(found.value)))
    if not columns:
        raise BadData("{name} holds no records.", hint=_HINT, name=origin.name)
    if len(columns) > 1:
        raise BadData(
            "{name} holds several arrays of objects: {keys}.",
            hint="Take out the one to read, for example: jq .{key} {name} | crm import -",
            name=origin.name,
            keys=", ".join(columns),
            key=next(iter(columns)),
        )
    key, names = next(iter(columns.items()))
    return list(names), key, first[key], text.several


def _records(origin: Source, reading: Reading, key: str, headers: list[str]) -> Iterator[tuple[int, list[str]]]:
    try:
        empty = [""] * len(headers)
        for found in _objects(Text(origin, reading)):
            if found.key == key:
                flat = _flat(found.value)
                cells = list(map(flat.get, headers, empty))
                if any(cells):
                    yield found.line, cells
    finally:
        origin.file.close()


# --- objects ----------------------------------------------------------------------------------------------------


def _objects(text: Text) -> Iterator[Found]:
    """The objects of a file, whichever way they are put together."""
    mark = text.peek()
    if mark == "[":
        yield from _in_array(text, "")
    elif mark == "{" and text.is_long():
        yield from _under_keys(text)
    else:
        yield from _in_a_row(text)
    if text.peek():
        text.complain("Line {line}, column {column}: there is more behind the end.")


def _in_array(text: Text, key: str) -> Iterator[Found]:
    for line, value in text.array():
        if type(value) is not dict:
            raise BadData(
                "Line {line}: an object is expected in the array, such as {example}.",
                line=line,
                example='{"name": "Acme"}',
            )
        yield Found(key, line, value)


def _under_keys(text: Text) -> Iterator[Found]:
    """A long object: its arrays of objects, read as they come; one that has none is a record."""
    line, members, arrays = text.line, dict[str, Any](), 0
    for key in text.members():
        if text.peek() == "[" and text.ahead() == "{":
            arrays += 1
            yield from _in_array(text, key)
        else:
            members[key] = text.value()
    if not arrays:
        yield Found("", line, members)
        yield from _further(text)


# What an answer of a server says of the records in it; some kind of record has a column that is called so too.
_ABOUT = frozenset("total count next previous page pages per_page limit offset size status message".split())


def _in_a_row(text: Text) -> Iterator[Found]:
    """One object behind another, which is what JSONL is; of one that stands alone the array in it, if it has one."""
    text.peek()
    line, first = text.line, text.value()
    if type(first) is not dict:
        raise BadData("{name} holds no records.", hint=_HINT, name=text.name)
    if not text.peek():
        arrays = {key: value for key, value in first.items() if _is_table(value)}
        if arrays and known([key for key in first if key.lower() not in _ABOUT]) < 2:
            for key, value in arrays.items():
                yield from (Found(key, line, one) for one in value)
            return
    yield Found("", line, first)
    yield from _further(text)


def _further(text: Text) -> Iterator[Found]:
    """The objects behind the first."""
    while text.peek():
        text.several = True
        line = text.line
        value = text.value()
        if type(value) is not dict:
            raise BadData(
                "Line {line}: an object is expected, such as {example}.", line=line, example='{"name": "Acme"}'
            )
        yield Found("", line, value)


def _is_table(value: Any) -> bool:
    return type(value) is list and bool(value) and all(type(one) is dict for one in value)


# --- cells ------------------------------------------------------------------------------------------------------


def _flat(value: dict[str, Any], before: str = "", depth: int = 1) -> Flat:
    """An object as cells: objects in it under `key.key`, arrays of values joined by `; `, others as JSON."""
    found: Flat = {}
    for key, one in value.items():
        kind = type(one)
        if kind is str:
            found[before + key] = one if one.isascii() else _whole(one)
        elif kind is not dict or key in _WHOLE or depth >= DEPTH_LIMIT or not one:
            found[before + key] = _cell(one)
        else:
            found.update(_flat(one, f"{before}{key}.", depth + 1))
    return found


def _cell(value: Any) -> str:
    if value is None or value == {}:
        return ""
    if value is True or value is False:
        return "true" if value else "false"
    if type(value) is Number:
        return _number(value)
    if type(value) is list:
        return _list(value)
    return _whole(value) if type(value) is str else _json(value)


def _list(values: list[Any]) -> str:
    """`a; b` of values, `work:a; b` of values with labels; JSON of anything else."""
    if all(type(one) is dict and "value" in one and one.keys() <= {"value", "label", "type"} for one in values):
        return "; ".join(_labelled(_cell(one["value"]), _cell(one.get("label") or one.get("type"))) for one in values)
    if any(type(one) in (dict, list) for one in values):
        return _json(values)
    return "; ".join(text for text in map(_cell, values) if text)


def _labelled(value: str, label: str) -> str:
    """A label stands before its value where it is one that is known."""
    return f"{label}:{value}" if label and split_label(f"{label}:{value}")[1] else value


def _number(written: str) -> str:
    """1500 of 1.5e3; what would become a very long row of digits stays as it is written."""
    if "e" not in written and "E" not in written:
        return str(written)
    try:
        number = Decimal(written)
    except InvalidOperation:
        return str(written)
    return f"{number:f}" if abs(number.adjusted()) < 30 else str(written)


def _whole(text: str) -> str:
    """Half of a pair of surrogates is no character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _json(value: Any) -> str:
    """JSON of what is nested, its numbers as they were written."""
    if type(value) is Number:
        return str(value)
    if type(value) is dict:
        return "{" + ",".join(f"{_encode(_whole(key))}:{_json(one)}" for key, one in value.items()) + "}"
    if type(value) is list:
        return "[" + ",".join(map(_json, value)) + "]"
    return _encode(_whole(value) if type(value) is str else value)
