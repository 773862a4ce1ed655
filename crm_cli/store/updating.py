"""Very many rows changed by one statement: a trigger for each would take most of the time."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crm_cli.store.faults import translate
from crm_cli.store.reader import Reader
from crm_cli.store.triggers import expected

_LINE = (
    "INSERT INTO journal (operation_id, record, row_id, kind, before) SELECT (SELECT operation_id FROM journal_state),"
    " '{table}', {table}.id, 'U', '{{' || substr({image}, 2) || '}}' FROM {table}, {source} AND NOT EXISTS"
    " (SELECT 1 FROM journal_mark WHERE record = '{table}' AND last_id < {table}.id)"
)


def list_rows(db: Reader, name: str, columns: str, key: str, rows: Iterable[Sequence[Any]]) -> None:
    """A temporary table of values for the statements that follow; one of that name is replaced."""
    places = ", ".join("?" * (columns.count(",") + 1))
    try:
        db.connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
        db.connection.execute(f"CREATE TEMP TABLE {name} ({columns}, PRIMARY KEY ({key})) WITHOUT ROWID")
        db.connection.executemany(f"INSERT INTO temp.{name} VALUES ({places})", rows)
    except sqlite3.Error as error:
        raise translate(error, db.path) from error


def update_rows(
    db: Reader, table: str, source: str, sets: Mapping[str, tuple[str, str]], params: Mapping[str, Any]
) -> int:
    """One UPDATE in the open transaction; returns how many rows it changed.

    Their lines in the journal are written by one statement before it, as the trigger would write them, which is away
    meanwhile. `source` is what stands behind FROM, with a WHERE that finds the rows that change; `sets` says of each
    column its new value, and the test under which that differs from the old one.
    """
    image = " || ".join(
        f"""CASE WHEN {test} THEN ',"{column}":' || json_quote({table}.{column}) ELSE '' END"""
        for column, (_, test) in sets.items()
    )
    listed = ", ".join(f"{column} = {value}" for column, (value, _) in sets.items())
    name = f"journal_{table}_update"
    try:
        db.connection.execute(_LINE.format(table=table, image=image, source=source), params)
        db.connection.execute(f"DROP TRIGGER {db.schema}.{name}")
        changed = db.connection.execute(f"UPDATE {table} SET {listed} FROM {source}", params).rowcount
        db.connection.execute(expected()[name].replace(name, f"{db.schema}.{name}", 1))
    except sqlite3.Error as error:
        raise translate(error, db.path) from error
    return changed
