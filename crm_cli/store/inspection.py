"""A database looked at without trust in it: its structure, its pages, its triggers; and one opened to be mended."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import NamedTuple

from crm_cli.store import fulltext
from crm_cli.store.faults import translate
from crm_cli.store.journal import Stamp, close_operation, open_operation, refuse_strangers
from crm_cli.store.reader import Reader, connect_to_read, current, empty_database, prepare
from crm_cli.store.triggers import expected
from crm_cli.store.turn import begin
from crm_cli.store.writer import Plain, connected

_CACHE_KB = 200_000  # indexes are compared with their tables row by row
_MOST = 100  # complaints of SQLite's that are repeated
_SPILLED = ("missing from index", "wrong # of entries in index")  # what building an index anew mends
Thing = tuple[str, str]  # type and name in sqlite_schema


class Reference(NamedTuple):
    """A row that points at nothing; `needed` where its column cannot be empty."""

    table: str
    row_id: int
    column: str
    parent: str
    needed: bool


class Structure(NamedTuple):
    """What of the schema is not as it should be, by type and name."""

    missing: list[Thing]
    strange: list[Thing]
    other: list[Thing]  # of ours, but with another text

    @property
    def is_whole(self) -> bool:
        return not (self.missing or self.strange or self.other)


@contextmanager
def looking(path: str) -> Iterator[Reader | None]:
    """A connection that cannot write, to whatever state the file is in; None where no database is yet.

    What is not ours is refused before, an older one brought up to date.
    """
    if not current(path).exists:
        yield None
        return
    connection = _opened(path)
    try:
        yield Reader(connection, path)
    finally:
        connection.close()


def _opened(path: str) -> sqlite3.Connection:
    try:
        connection = connect_to_read(path)
        prepare(connection)
        connection.executescript(f"PRAGMA query_only=ON; PRAGMA trusted_schema=OFF; PRAGMA cache_size=-{_CACHE_KB};")
        connection.execute("PRAGMA busy_timeout").fetchone()
    except sqlite3.Error as error:
        raise translate(error, path) from error
    return connection


def damage(path: str) -> list[str]:
    """What SQLite's own check says of the file; empty when it is whole. On a connection of its own, so that it can
    run beside other questions."""
    connection = _opened(path)
    try:
        told = [str(row[0]) for row in connection.execute(f"PRAGMA integrity_check({_MOST})")]
    except sqlite3.DatabaseError as error:
        name = getattr(error, "sqlite_errorname", "") or ""
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_NOMEM")):
            raise translate(error, path) from error
        told = [str(error)]
    finally:
        connection.close()
    return [] if told == ["ok"] else list(dict.fromkeys(told))


def is_of_index(complaint: str) -> bool:
    """Whether a complaint is only of an index, which can be built anew from its table."""
    return any(piece in complaint for piece in _SPILLED)


def dangling(db: Reader) -> list[Reference]:
    """Rows that point at rows which there are not."""
    found = []
    for table, row_id, parent, number in db.rows("PRAGMA foreign_key_check"):
        keys = db.rows(f"SELECT id, \"from\" FROM pragma_foreign_key_list('{table}')")
        column = next((name for key, name in keys if key == number), "")
        needed = db.value(
            'SELECT "notnull" FROM pragma_table_info(:table) WHERE name = :column', {"table": table, "column": column}
        )
        found.append(Reference(table, row_id or 0, column, parent, bool(needed)))
    return found


def structure(db: Reader) -> Structure:
    """The tables, indexes, triggers and views of a file beside those of a new database."""
    known, found = _own_things(), _things(db.connection)
    return Structure(
        missing=[thing for thing in known if thing not in found],
        strange=[thing for thing in found if thing not in known],
        other=[thing for thing in known if thing in found and found[thing] != known[thing]],
    )


@cache
def _own_things() -> dict[Thing, str]:
    """Those of a new database."""
    return _things(empty_database())


def _things(connection: sqlite3.Connection) -> dict[Thing, str]:
    rows = connection.execute("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
    return {(kind, name): " ".join((sql or "").split()) for kind, name, sql in rows if name not in fulltext.MADE_LATER}


def text_of(thing: Thing) -> str:
    """The statement that makes an index or trigger of ours."""
    return _own_things()[thing]


@contextmanager
def mending(path: str, stamp: Stamp) -> Iterator[Plain]:
    """One write transaction that may begin in a file where every other write is refused: what the journal needs is
    put right first, the rest is one operation of it."""
    with connected(path) as connection:
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KB}")
        begin(connection)
        _restore_triggers(connection)
        refuse_strangers(connection, path)
        connection.execute("INSERT OR IGNORE INTO journal_state (id) VALUES (1)")
        connection.execute("DELETE FROM journal_mark")
        hand = Plain(connection, path)
        hand.operation = open_operation(connection, stamp)
        yield hand
        hand.changes = close_operation(connection, hand.operation)
        if not hand.changes:
            connection.execute("DELETE FROM operation WHERE id = ?", (hand.operation,))
        connection.execute("COMMIT")


def _restore_triggers(connection: sqlite3.Connection) -> None:
    """Triggers and views of ours that are missing, or have another text than they should."""
    asked = "SELECT name, sql, type FROM sqlite_schema WHERE type IN ('trigger', 'view') ORDER BY type"
    for name, sql, kind in connection.execute(asked).fetchall():
        if expected().get(name, sql) != sql:
            connection.execute(f"DROP {kind} {name}")
    # the triggers of a view went with it
    left = {name for name, _, _ in connection.execute(asked)}
    for name, text in expected().items():
        if name not in left:
            connection.execute(text)
