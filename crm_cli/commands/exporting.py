"""Behind export: the kind, the format by option or file name, the target."""

import os
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from crm_cli.commands.lists import columns_of
from crm_cli.context import App
from crm_cli.errors import Misuse, NotFound
from crm_cli.output.views import VIEWS
from crm_cli.queries.conditions import Condition, condition
from crm_cli.queries.records import Page, list_records
from crm_cli.queries.sources import ALIAS
from crm_cli.rules.fields import NOUNS, nearest

FORMATS = ("csv", "tsv", "json", "jsonl")
_FOREIGN = ("xlsx", "xls", "ods", "vcf", "ics")  # a name that promises what we do not write


def noun_of(kind: str) -> str:
    """`customers` -> customer; NotFound with the nearest."""
    key = kind.strip().lower()
    for noun in NOUNS:
        if key in (noun, f"{noun}s"):
            return noun
    known = [f"{noun}s" for noun in NOUNS]
    raise NotFound(
        "There are no records called {kind}",
        hint="Did you mean {near}? Known: {known}" if nearest(key, known) else "Known: {known}",
        kind=kind,
        near=nearest(key, known),
        known=" ".join(known),
    )


def format_of(app: App, path: str | None) -> str:
    """The format typed, else what the file's name says, else CSV."""
    typed = str(app.flags.get("format") or "").lower()
    ending = os.path.splitext(path)[1].lstrip(".").lower() if path else ""
    chosen = typed or (ending if ending in (*FORMATS, *_FOREIGN) else "csv")
    if chosen not in FORMATS:
        raise Misuse(
            "{format} is no format of this command", hint="Known here: {known}", format=chosen, known=" ".join(FORMATS)
        )
    return chosen


def run(
    app: App,
    noun: str,
    query: Sequence[str],
    *,
    path: str | None,
    force: bool,
    raw: bool,
    columns: str | None,
    sort: str | None,
    channel: str | None = None,
) -> None:
    """Write the records of a noun; a file appears whole or not at all. With a channel, only of those who agreed."""
    format_ = format_of(app, path)
    keys = columns_of(noun, columns) or VIEWS[noun].keys
    with app.read() as db:
        asker = app.asker(db)
        where = condition(db, noun, list(query), asker)
        if channel is not None:
            where = _agreed(app, noun, channel, where)
        page = Page(sort or "id")
        rows = list_records(db, noun, asker, where=where, keys=keys, page=page)
        if path is None or path == "-":
            # a speaker of this format: on a terminal it shows control characters instead of sending them
            _write(app.speaker(format_).out, format_, keys, rows, raw=raw)
            return
        from crm_cli.formats.target import open_target

        with open_target(path, force=force) as stream:
            count = _write(stream, format_, keys, rows, raw=raw)
    app.out.say_many("{n} record written to {path}", "{n} records written to {path}", count, path=path)


def _agreed(app: App, noun: str, channel: str, where: Condition) -> Condition:
    """Narrowed to customers or people who may be written to."""
    from crm_cli.commands.consenting import channel_named
    from crm_cli.queries.privacy_consent import may_be_sent

    if noun not in ("customer", "contact"):
        raise Misuse("Only customers and contacts agree to anything", hint="Leave out --for")
    sql, params = may_be_sent(noun, ALIAS[noun], channel_named(app, channel))
    return Condition(f"({where.sql}) AND {sql}", {**where.params, **params}, where.fields)


def _write(stream: TextIO, format_: str, keys: list[str], rows: Iterable[dict[str, Any]], *, raw: bool) -> int:
    from crm_cli.formats import writing

    if format_ == "json":
        return writing.write_json(stream, rows)
    if format_ == "jsonl":
        return writing.write_jsonl(stream, rows)
    return writing.write_delimited(stream, keys, rows, delimiter="\t" if format_ == "tsv" else ",", guard=not raw)
