"""Behind export: the kind, the format by option or file name, the target."""

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from crm_cli.commands.columns import columns_of
from crm_cli.context import App
from crm_cli.errors import Misuse, NotFound
from crm_cli.formats.outward import FORMATS, Format, Sheet, by_ending
from crm_cli.i18n import language, listed
from crm_cli.output.views import VIEWS
from crm_cli.queries.conditions import Condition, condition
from crm_cli.queries.records import Page, list_records, order_by
from crm_cli.queries.sources import ALIAS
from crm_cli.rules import names
from crm_cli.rules.dotted import is_through
from crm_cli.rules.fields import NOUNS, nearest

_INSTEAD = {"xls": "xlsx", "ods": "xlsx", "numbers": "xlsx", "xml": "json", "yaml": "json", "yml": "json"}


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


def format_of(app: App, noun: str, path: str | None) -> Format:
    """The format typed, else what the file's name says, else the usual one; Misuse where it has no form for such
    records."""
    ending = os.path.splitext(path)[1].lstrip(".").lower() if path else ""
    usual = app.usual_format() if app.usual_format() in FORMATS else "csv"
    chosen = str(app.flags.get("format") or "").strip().lower() or by_ending(ending) or _foreign(ending) or usual
    if chosen not in FORMATS:
        raise Misuse(
            "{format} is no format of this command",
            hint="Known here: {known}",
            instead=(chosen, _INSTEAD.get(chosen)),
            format=chosen,
            known=" ".join(FORMATS),
        )
    if noun not in FORMATS[chosen].nouns:
        raise Misuse(
            "There are no {kind} in the format {format}",
            hint="It has {known}. Another format: {others}",
            kind=names.plural(f"{noun}s", language()),
            format=chosen,
            known=listed(names.plural(f"{one}s", language()) for one in FORMATS[chosen].nouns),
            others=" ".join(name for name, form in FORMATS.items() if noun in form.nouns),
        )
    return FORMATS[chosen]


def _foreign(ending: str) -> str:
    """A name that promises what we do not write."""
    return ending if ending in _INSTEAD else ""


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
    if path is not None and not path.strip():
        raise Misuse("{name} may not be empty", name="-o")
    form = format_of(app, noun, path)
    if columns is not None and form.keys is not None:
        raise Misuse("A file of {format} has no columns to choose", hint="Leave out --columns", format=form.name)
    notes: list[tuple[str, dict[str, Any]]] = []
    with app.read() as db:
        keys = list(form.keys[noun]) if form.keys is not None else columns_of(noun, columns, db=db) or VIEWS[noun].keys
        asker = app.asker(db)
        order_by(noun, sort or "id", db, asker)  # an unknown column is said before any file is opened
        where = condition(db, noun, list(query), asker)
        if channel is not None:
            where = _agreed(app, noun, channel, where)
        rows = _rows(db, noun, asker, where, keys, Page(sort or "id"), form)
        sheet = Sheet(noun, keys, rows, guard=not raw, now=app.now, notes=notes)
        if path is None or path == "-":
            to_stdout(app, form, sheet)
            count = 0
        else:
            count = to_file(form, sheet, path, force=force)
    for sentence, holes in notes:
        app.out.say(sentence, **holes)
    if path is not None and path != "-":
        app.out.say_many("{n} record written to {path}", "{n} records written to {path}", count, path=path)


def _rows(db: Any, noun: str, asker: Any, where: Condition, keys: list[str], page: Page, form: Format) -> Iterable[Any]:
    """Records as dicts; customers for a sheet as cells, which a hundred thousand of them are faster as."""
    if noun == "customer" and form.name in ("csv", "tsv", "xlsx") and not any(map(is_through, keys)):
        from crm_cli.queries.flat import flat_customers

        return flat_customers(db, asker, where=where, keys=keys, page=page, removed=False)
    return list_records(db, noun, asker, where=where, keys=keys, page=page)


def to_file(form: Format, sheet: Sheet, path: str, *, force: bool) -> int:
    """Into a file, whole or not at all; returns how many records."""
    from crm_cli.formats import target

    path = os.path.expanduser(path) if path.startswith("~") and not os.path.exists(path) else path
    opened = target.open_binary_target if form.binary else target.open_target
    with opened(path, force=force) as stream:
        return form.write(stream, sheet)


def to_stdout(app: App, form: Format, sheet: Sheet) -> None:
    """Text as it comes. Bytes are put together first, in a file without a name."""
    if not form.binary:
        # a speaker of this format: on a terminal it shows control characters instead of sending them
        form.write(app.speaker(form.name if form.name in ("csv", "tsv", "json", "jsonl") else "csv").out, sheet)
        return
    refuse_terminal(app, form.name)
    import tempfile

    with tempfile.TemporaryFile(prefix="crm-") as file:
        form.write(file, sheet)
        file.seek(0)
        app.out.bytes(chunks(file))


def refuse_terminal(app: App, name: str) -> None:
    """Bytes are no text for a terminal."""
    from crm_cli.output.streams import is_terminal

    if is_terminal(app.out.out):
        raise Misuse("{format} is no text for a terminal", hint="Name a file: -o FILE", format=name)


def chunks(file: Any) -> Iterator[bytes]:
    """What is in a file, a piece at a time."""
    while chunk := file.read(1 << 20):
        yield chunk


def _agreed(app: App, noun: str, channel: str, where: Condition) -> Condition:
    """Narrowed to customers or people who may be written to."""
    from crm_cli.commands.consenting import channel_named
    from crm_cli.queries.privacy_consent import may_be_sent

    if noun not in ("customer", "contact"):
        raise Misuse("Only customers and contacts agree to anything", hint="Leave out --for")
    sql, params = may_be_sent(noun, ALIAS[noun], channel_named(app, channel))
    return Condition(f"({where.sql}) AND {sql}", {**where.params, **params}, where.fields)
