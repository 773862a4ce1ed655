"""What is known of a file before it is imported: its kind, its layout, and whether all of it can be read."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any, NamedTuple

from crm_cli.actions.imports.orders_layout import BUYER
from crm_cli.actions.imports.plan import ImportOptions
from crm_cli.actions.imports.recognise import understand
from crm_cli.actions.imports.run import Run
from crm_cli.formats.opening import open_table
from crm_cli.formats.tabular import Table
from crm_cli.rules.aliases import normal, target_of
from crm_cli.store.bulk import UUID, exists
from crm_cli.store.reader import open_reader

SEEN = "~"  # how the name of a layout begins that somebody has agreed to; no mapping that is typed does
_LOOKED_AT = 200  # rows that the examples of a column are taken from
_EXAMPLES = 3


class Looked(NamedTuple):
    """The kind of record in a file (the first, where it holds several), a short name of its layout, and whether it is
    nothing without another file of that kind: lines of orders that do not say whose they are."""

    kind: str
    layout: str
    late: bool = False


def open_named(source: str, options: ImportOptions) -> Table:
    """The table in a file, read as the options say."""
    return open_table(
        source,
        encoding=options.encoding,
        delimiter=options.delimiter,
        sheet=options.sheet,
        kind=options.kind or None,
        now=options.now,
    )


def look(source: str, options: ImportOptions, *, whole: bool) -> Looked:
    """Open a file and close it again; with `whole` every row is read, so that nothing in it can fail later.

    Unclear where the columns do not tell the kind, UnclearEncoding where several encodings fit.
    """
    table = open_named(source, options)
    try:
        kind = table.kind if table.then or not options.kind else options.kind
        known = understand(table.headers, options._replace(kind=kind or ""), source)
        if whole:
            for one in (table, *table.then):
                for _ in one.records:
                    pass
        return Looked(known.kind, layout_of(known.kind, table), known.kind == "orders" and not _names_buyers(table))
    finally:
        for one in (table, *table.then):
            close = getattr(one.records, "close", None)
            if close:
                close()


def _names_buyers(table: Table) -> bool:
    meant = {target.field for header in table.headers if (target := target_of("orders", header))}
    return not meant.isdisjoint(BUYER)


def layout_of(kind: str, table: Table) -> str:
    """A short name for the columns of a file: the same for next month's export, another once a column is."""
    told = "\x1f".join([kind, table.format if table.kind else "", *map(normal, table.headers)])
    return SEEN + hashlib.sha256(told.encode()).hexdigest()[:16]


def is_seen(database: str, layout: str) -> bool:
    """Whether somebody has agreed to a file of this layout in this database."""
    if not exists(database):
        return False
    reader = open_reader(database)
    try:
        return bool(reader.value("SELECT count(*) FROM import_mapping WHERE name_key = :key", {"key": layout}))
    finally:
        reader.close()


def remember(run: Run) -> None:
    """Keep the layout that was agreed to, in the transaction of the import, so that undo forgets it too."""
    if run.options.layout and run.db.value("SELECT 1 FROM s_fresh UNION ALL SELECT 1 FROM s_changed LIMIT 1"):
        run.params |= {"layout": run.options.layout, "layout_kind": run.plan.kind}
        run.execute(
            "INSERT INTO import_mapping (uuid, name, name_key, kind, options, created_at, updated_at)"
            f" SELECT {UUID}, :layout, :layout, :layout_kind, '{{}}', :now, :now"
            " WHERE NOT EXISTS (SELECT 1 FROM import_mapping WHERE name_key = :layout)"
        )


def with_examples(table: Table) -> tuple[Table, list[list[str]]]:
    """The same table, and up to three different values of each column."""
    first = list(islice(table.records, _LOOKED_AT))
    found: list[list[str]] = [[] for _ in table.headers]
    for _, row in first:
        for values, cell in zip(found, row, strict=False):
            if len(values) < _EXAMPLES and cell and cell.strip() and cell.strip() not in values:
                values.append(cell.strip())
    return table._replace(records=_again(first, table.records)), found


def _again(first: Sequence[Any], rest: Iterator[Any]) -> Iterator[Any]:
    try:
        yield from chain(first, rest)
    finally:
        close = getattr(rest, "close", None)
        if close:
            close()


@contextmanager
def rehearsed(database: str) -> Iterator[str]:
    """A private copy of the database, in which several files can be tried one after the other."""
    import os
    import shutil
    import tempfile

    from crm_cli.store.copy import copy_to, reading

    folder = tempfile.mkdtemp(prefix="crm-")
    path = os.path.join(folder, "crm.db")
    try:
        if exists(database):
            with reading(database) as source:
                copy_to(source, database, path)
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)
