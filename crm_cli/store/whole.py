"""The whole of a database as rows of its tables, from one moment, while others go on writing."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from crm_cli.store.copy import reading, write_pages
from crm_cli.store.faults import translate
from crm_cli.store.identity import SCHEMA
from crm_cli.store.reader import Reader, current, empty_database, prepare
from crm_cli.store.triggers import UNJOURNALLED, watched

_CACHE_KB = 64_000


def tables() -> list[str]:
    """Every table that the models describe; the journal is none of them."""
    return sorted({*watched(), *UNJOURNALLED})


@contextmanager
def snapshot(path: str) -> Iterator[Reader]:
    """The database as it is now, in a nameless file of SQLite's that is gone with the block: nobody waits for us while
    it is read, however long that takes."""
    if not current(path).exists:
        yield Reader(empty_database(), path)
        return
    try:
        connection = sqlite3.connect("", isolation_level=None)
        try:
            connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;")
            with reading(path) as source:
                write_pages(source, connection)
            prepare(connection)
            connection.executescript(
                f"PRAGMA query_only=ON; PRAGMA trusted_schema=OFF; PRAGMA cache_size=-{_CACHE_KB};"
            )
            yield Reader(connection, path)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise translate(error, path) from error


def columns_of(db: Reader, table: str) -> list[str]:
    """The columns of a table, in their order; none where there is no such table."""
    return [row[1] for row in db.rows(f"PRAGMA table_info({table})")]


def lines_of(db: Reader, table: str, columns: list[str]) -> Iterator[str]:
    """Each row as a JSON array, by id; put together by SQLite."""
    for (line,) in db.stream(f"SELECT json_array({', '.join(columns)}) FROM {table} ORDER BY id"):
        yield line


def last_ids(db: Reader) -> dict[str, int]:
    """The highest id that each table has ever given out: none is given out again."""
    known = set(tables())
    return {name: seq for name, seq in db.rows("SELECT name, seq FROM sqlite_sequence ORDER BY name") if name in known}


def schema_of(db: Reader) -> int:
    """The schema version of what is read."""
    return int(db.value("PRAGMA user_version") or SCHEMA)
