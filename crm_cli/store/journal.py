"""One operation a command: opened in its transaction, closed before the commit. What the triggers write in between
belongs to it; what another program writes belongs to none."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from crm_cli.errors import StoreError
from crm_cli.model.identity import new_uuid
from crm_cli.store import fulltext, tallies
from crm_cli.store.identity import SCHEMA
from crm_cli.store.triggers import expected, silenced, watched

# tables of the journal itself, of the full-text index and of the tallies, which no model describes
OWN_TABLES = (
    "operation", "journal", "journal_state", "journal_mark", *fulltext.TABLES, *sorted(fulltext.MADE_LATER),
    *tallies.TABLES,
)  # fmt: skip


class Stamp(NamedTuple):
    """Who does what, and when: `at` is a moment in UTC as text, `command` the line as typed."""

    at: str
    by: str
    command: str
    kind: str = "do"


def open_operation(connection: sqlite3.Connection, stamp: Stamp, *, bulk: str = "") -> int:
    """Begin an operation in the open transaction; returns its id.

    With `bulk`, the name of the schema, rows that are added leave one line for all of them when it is closed.
    """
    cursor = connection.execute(
        "INSERT INTO operation (uuid, kind, at, by, command, schema) VALUES (?, ?, ?, ?, ?, ?)",
        (new_uuid(), stamp.kind, stamp.at, stamp.by, stamp.command, SCHEMA),
    )
    connection.execute("UPDATE journal_state SET operation_id = ?", (cursor.lastrowid,))
    if bulk:
        mark(connection, bulk)
    return int(cursor.lastrowid or 0)


def mark(connection: sqlite3.Connection, schema: str = "main") -> None:
    """Rows that are added from here on leave no line of their own: above the mark every trigger is silent, and those
    of inserts, which would be asked for each row, are taken away until `unmark`, in the same transaction."""
    for name in silenced():
        connection.execute(f"DROP TRIGGER {schema}.{name}")
    connection.executemany(
        "INSERT INTO journal_mark (record, last_id)"
        f" SELECT ?1, coalesce((SELECT seq FROM {schema}.sqlite_sequence WHERE name = ?1), 0)",
        [(record,) for record in watched()],
    )


def unmark(connection: sqlite3.Connection, schema: str = "main") -> None:
    """Back to a line for each row."""
    connection.execute("DELETE FROM journal_mark")
    for name in silenced():
        connection.execute(expected()[name].replace(name, f"{schema}.{name}", 1))


@contextmanager
def beginning(connection: sqlite3.Connection) -> Iterator[None]:
    """What a new database is filled with in the block leaves no history."""
    mark(connection)
    yield
    unmark(connection)
    connection.execute("DELETE FROM journal")
    connection.execute("DELETE FROM sqlite_sequence WHERE name = 'journal'")


def close_operation(connection: sqlite3.Connection, operation: int, *, bulk: str = "") -> int:
    """End it: how many rows it changed. Where that is none there is nothing to commit, but for an undo or a redo."""
    if bulk:
        connection.execute(
            "INSERT INTO journal (operation_id, record, row_id, last_id, kind)"
            f" SELECT ?, m.record, m.last_id + 1, s.seq, 'I' FROM journal_mark m JOIN {bulk}.sqlite_sequence s"
            " ON s.name = m.record WHERE s.seq > m.last_id ORDER BY m.rowid",
            (operation,),
        )
        unmark(connection, bulk)
    connection.execute("UPDATE journal_state SET operation_id = NULL")
    (changes,) = connection.execute(
        "SELECT coalesce(sum(coalesce(last_id, row_id) - row_id + 1), 0) FROM journal WHERE operation_id = ?",
        (operation,),
    ).fetchone()
    connection.execute("UPDATE operation SET changes = ? WHERE id = ?", (changes, operation))
    return int(changes)


def create_triggers(connection: sqlite3.Connection) -> None:
    """All triggers and views of this program; none may be there yet. Marks of the full-text index come with them, and
    what they keep is counted."""
    fulltext.begin(connection)
    for text in expected().values():
        connection.execute(text)
    tallies.recount(connection)


def drop_triggers(connection: sqlite3.Connection) -> None:
    """Before a migration: our triggers and views of whatever version."""
    found = connection.execute("SELECT type, name FROM sqlite_schema WHERE type IN ('trigger', 'view') ORDER BY type")
    for kind, name in found.fetchall():
        if name.startswith(("journal_", "search_", "tally_")):
            connection.execute(f"DROP {kind} {name}")


def refuse_strangers(connection: sqlite3.Connection, path: str, schema: str = "main") -> None:
    """StoreError where a trigger or view is not ours, or one of ours is missing or another: it could change what is
    written, or leave a change out of the journal."""
    found = dict(connection.execute(f"SELECT name, sql FROM {schema}.sqlite_schema WHERE type IN ('trigger', 'view')"))
    known = expected()
    if found == known:
        return
    strange = next((name for name in found if name not in known or found[name] != known[name]), "")
    if strange:
        raise stranger(path, strange)
    raise StoreError(
        "{path} has lost a trigger that keeps its history: {name}",
        hint="Nothing was changed. To make it again: crm check --fix",
        path=path,
        name=next(name for name in known if name not in found),
    )


def stranger(path: str, name: str) -> StoreError:
    """The refusal of a file with a trigger or view that this program did not make."""
    return StoreError(
        "{path} has a trigger or view that is not of this program: {name}",
        hint="Nothing was changed. Drop it with the sqlite3 shell if you trust what is left.",
        path=path,
        name=name,
    )
