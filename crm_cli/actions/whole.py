"""The whole database out and in again: a file of each kind for people, and every row of every table for ourselves."""

import io
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from crm_cli import __version__
from crm_cli.errors import BadData
from crm_cli.formats.bundle import MANIFEST, Inward, Outward
from crm_cli.formats.outward import RECORDS, Format, Sheet
from crm_cli.queries.conditions import EVERYTHING, Asker
from crm_cli.queries.flat import flat_customers
from crm_cli.queries.records import Page, list_records
from crm_cli.rules.fields import keys_of
from crm_cli.store import whole
from crm_cli.store.reader import Reader
from crm_cli.store.rebuild import Builder, Rebuilt, rebuild

_BATCH = 500
_ABOUT = "Made by crm. The files of the kinds are for reading; crm import reads all of it back, as it was."


def write_whole(db: Reader, bundle: Outward, form: Format, asker: Asker, *, guard: bool) -> dict[str, int]:
    """Write everything; returns how many records of each kind there are that are not removed."""
    kinds = {f"{noun}s": _write_kind(db, bundle, form, asker, noun, guard=guard) for noun in RECORDS}
    last = whole.last_ids(db)
    tables = {name: _write_table(db, bundle, name, last.get(name, 0)) for name in whole.tables()}
    manifest = {
        "format": "crm export",
        "about": _ABOUT,
        "program": __version__,
        "schema": whole.schema_of(db),
        "kinds": kinds,
        "tables": tables,
    }
    with bundle.add(MANIFEST) as stream:
        stream.write((json.dumps(manifest, indent=1) + "\n").encode())
    return {kind: facts["records"] for kind, facts in kinds.items()}


def _write_kind(db: Reader, bundle: Outward, form: Format, asker: Asker, noun: str, *, guard: bool) -> dict[str, Any]:
    keys, name = keys_of(noun), f"{noun}s.{form.name}"
    rows: Iterator[Any]
    if noun == "customer" and form.name in ("csv", "tsv", "xlsx"):
        rows = flat_customers(db, asker, where=EVERYTHING, keys=keys, page=Page("id"), removed=False)
    else:
        rows = list_records(db, noun, asker, keys=keys, page=Page("id"))
    sheet = Sheet(noun, keys, rows, guard=guard, now=asker.now)
    with bundle.add(name) as measured:
        buffer = io.BufferedWriter(measured, 1 << 16)
        stream: Any = buffer if form.binary else io.TextIOWrapper(buffer, encoding="utf-8", newline="")
        count = form.write(stream, sheet)
        stream.flush()
        facts = {"file": name, "records": count, **measured.facts()}
        buffer.detach() if form.binary else stream.detach().detach()
    return facts


def _write_table(db: Reader, bundle: Outward, name: str, last: int) -> dict[str, Any]:
    """The names of the columns on the first line, then a row a line."""
    columns, file, count = whole.columns_of(db, name), f"exact/{name}.jsonl", 0
    with bundle.add(file) as measured:
        measured.write((json.dumps(columns) + "\n").encode())
        lines = whole.lines_of(db, name, columns) if columns else iter(())
        while batch := list(islice(lines, _BATCH)):
            measured.write(("\n".join(batch) + "\n").encode())
            count += len(batch)
        facts = measured.facts()
    return {"file": file, "rows": count, "last_id": last, **facts}


class Whole(NamedTuple):
    """What was read: records of each kind that are not removed, all rows, and what became of the database."""

    kinds: dict[str, int]
    rows: int
    rebuilt: Rebuilt


def read_whole(bundle: Inward, database: str, *, now: datetime, elsewhere: str, trial: bool) -> Whole:
    """Make the database what the export was made of; BadData where it is not whole and unchanged."""
    tables: dict[str, dict[str, Any]] = bundle.manifest["tables"]

    def give(builder: Builder) -> dict[str, int]:
        if set(tables) != set(builder.tables()):
            strange = sorted(set(tables) ^ set(builder.tables()))[0]
            raise BadData("{path}: {file} in it is missing or damaged", path=bundle.path, file=f"exact/{strange}.jsonl")
        for name, facts in tables.items():
            _give_table(bundle, builder, name, facts)
        return {name: facts["last_id"] for name, facts in tables.items() if facts.get("last_id")}

    made = rebuild(database, bundle.manifest["schema"], give, now=now, elsewhere=elsewhere, trial=trial)
    kinds = {name: facts["records"] for name, facts in bundle.manifest["kinds"].items()}
    return Whole(kinds, sum(facts["rows"] for facts in tables.values()), made)


def _give_table(bundle: Inward, builder: Builder, name: str, facts: dict[str, Any]) -> None:
    lines = bundle.lines(facts)
    columns = _parsed(bundle, facts, [next(lines, b"[]")])[0]
    if not columns or not set(columns) <= set(builder.columns(name)):
        raise _odd(bundle, facts)
    taken = builder.take(name, columns, _rows(bundle, facts, lines, len(columns)))
    if taken != facts["rows"]:
        raise _odd(bundle, facts)


def _rows(bundle: Inward, facts: dict[str, Any], lines: Iterator[bytes], width: int) -> Iterator[Sequence[Any]]:
    while batch := list(islice(lines, _BATCH)):
        for row in _parsed(bundle, facts, batch):
            if len(row) != width:
                raise _odd(bundle, facts)
            yield row


def _parsed(bundle: Inward, facts: dict[str, Any], lines: list[bytes]) -> list[Any]:
    """Several lines at once, which costs a third of one by one."""
    try:
        rows = json.loads(b"[" + b",".join(lines) + b"]")
    except (ValueError, RecursionError):
        raise _odd(bundle, facts) from None
    if len(rows) != len(lines) or not all(type(row) is list for row in rows):
        raise _odd(bundle, facts)
    return rows  # type: ignore[no-any-return]


def _odd(bundle: Inward, facts: dict[str, Any]) -> BadData:
    return BadData(
        "{path}: {file} in it was changed",
        hint="Nothing was written. Export it again.",
        path=bundle.path,
        file=facts["file"],
    )
