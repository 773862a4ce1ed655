"""Rows over the standard driver, on a connection that cannot write; reading imports neither SQLModel nor SQLAlchemy."""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from crm_cli.rules.numbers import plain_number
from crm_cli.rules.text import fold
from crm_cli.store.faults import translate
from crm_cli.store.identity import SCHEMA, Identity, identify, schema_text

Row = tuple[Any, ...]
BUSY_SECONDS = 10.0
_STATEMENTS = 4  # kept compiled: those that name the ids of a chunk are large, and no two are alike


class Reader:
    """Answers SQL with `:name` placeholders; also lent by a writer over its own connection."""

    schema = "main"  # where the tables of a crm database are

    def __init__(self, connection: sqlite3.Connection, path: str) -> None:
        self.connection = connection
        self.path = path

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[Row]:
        """All rows as tuples."""
        try:
            return self.connection.execute(sql, params or {}).fetchall()
        except sqlite3.Error as error:
            raise translate(error, self.path) from error

    def stream(self, sql: str, params: Mapping[str, Any] | None = None, *, ahead: int = 2000) -> Iterator[Row]:
        """Rows one by one, memory flat: so many are read ahead. While there are more the statement is open, and keeps
        others from committing, however long whoever takes the rows needs for them."""
        try:
            cursor = self.connection.execute(sql, params or {})
            while rows := cursor.fetchmany(ahead):
                yield from rows
        except sqlite3.Error as error:
            raise translate(error, self.path) from error

    def row(self, sql: str, params: Mapping[str, Any] | None = None) -> Row | None:
        """The first row, or None."""
        try:
            row: Row | None = self.connection.execute(sql, params or {}).fetchone()
        except sqlite3.Error as error:
            raise translate(error, self.path) from error
        return row

    def value(self, sql: str, params: Mapping[str, Any] | None = None) -> Any:
        """The first cell of the first row, or None."""
        row = self.row(sql, params)
        return row[0] if row else None

    def dicts(self, sql: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """All rows by column name."""
        try:
            cursor = self.connection.execute(sql, params or {})
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]
        except sqlite3.Error as error:
            raise translate(error, self.path) from error

    def member_of(self, user: str) -> int | None:
        """The member that a user name or e-mail is matched to; None for a database that does not know it."""
        key = fold(user)
        found = self.value(
            "SELECT id FROM member WHERE removed_at IS NULL AND (name_key = :key OR email_key = :key)"
            " ORDER BY name_key <> :key LIMIT 1",
            {"key": key},
        )
        return None if found is None else int(found)

    def function(self, name: str, arity: int, function: Callable[..., Any]) -> None:
        """A function that statements of this connection may call."""
        self.connection.create_function(name, arity, function, deterministic=True)

    def interrupt(self) -> None:
        """From another thread: what is being read ends with an error."""
        with suppress(sqlite3.ProgrammingError):  # closed in between
            self.connection.interrupt()

    def close(self) -> None:
        self.connection.close()


def id_list(ids: Iterable[int | None]) -> str:
    """`(1, 2, 3)` of integers that come from the database, as SQL has it; what is None is left out."""
    return "(" + ", ".join(str(int(row_id)) for row_id in ids if row_id is not None) + ")"


def uri(path: str, mode: str) -> str:
    """The file: URI of a path, whatever characters its name has."""
    from urllib.parse import quote

    return f"file:{quote(os.path.abspath(path))}?mode={mode}"


def leave_wal(path: str) -> None:
    """Back to the rollback journal, before a write; Busy while somebody else has the file open."""
    connection = sqlite3.connect(uri(path, "rw"), uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise translate(error, path) from error
    finally:
        connection.close()


def prepare(connection: sqlite3.Connection) -> None:
    """What every connection has, read or write."""
    connection.create_function("fold", 1, _fold, deterministic=True)
    connection.create_function("numeric", 1, plain_number, deterministic=True)
    connection.create_function("collated", 1, _collated, deterministic=True)
    connection.executescript(
        "PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON; PRAGMA cell_size_check=ON; PRAGMA synchronous=FULL;"
    )


def _collated(key: Any) -> str | None:
    """What a folded text is sorted by; its table is read where there is Chinese only."""
    if key is None or str(key).isascii():
        return None if key is None else str(key)
    from crm_cli.rules.pinyin import sort_key

    return sort_key(str(key))


def _fold(value: Any) -> str | None:
    return None if value is None else fold(str(value))


def current(path: str) -> Identity:
    """Whose file it is; an older one of ours is brought up to date first."""
    found = identify(path)
    if found.exists and os.path.exists(f"{path}-journal"):
        found = _recovered(path)
    if found.exists and found.version < SCHEMA:
        from crm_cli.store.upgrade import upgrade

        upgrade(path)
    return found


def _recovered(path: str) -> Identity:
    """What the file is once SQLite has taken back what a crash left half written, the version number among it."""
    try:
        connection = connect_to_read(path)
        try:
            connection.execute("PRAGMA user_version").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise translate(error, path) from error
    return identify(path)


def open_reader(path: str) -> Reader:
    """A reader of the database at `path`; of an empty one in memory where no file is yet."""
    if not current(path).exists:
        return Reader(empty_database(), path)
    try:
        connection = connect_to_read(path)
        prepare(connection)
        connection.executescript("PRAGMA query_only=ON; PRAGMA trusted_schema=OFF;")
        connection.execute("SELECT 1 FROM pipeline LIMIT 1").fetchone()
    except sqlite3.Error as error:
        raise translate(error, path) from error
    return Reader(connection, path)


def connect_to_read(path: str) -> sqlite3.Connection:
    """Read-write, so that a journal left by a crash is recovered; read-only only where nothing else is possible."""
    writable = os.access(path, os.W_OK) and os.access(os.path.dirname(os.path.abspath(path)), os.W_OK)
    return sqlite3.connect(
        uri(path, "rw" if writable else "ro"),
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        cached_statements=_STATEMENTS,
    )


def empty_database() -> sqlite3.Connection:
    """What a new database would answer, in memory, read-only."""
    connection = memory_database()
    connection.execute("PRAGMA query_only=ON")
    return connection


def memory_database() -> sqlite3.Connection:
    """A new database that lives as long as its connection."""
    from crm_cli.store.create import fill

    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    prepare(connection)
    connection.executescript(schema_text())
    fill(connection)
    return connection
