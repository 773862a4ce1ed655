"""A database made of the rows of another one: put together beside its place, looked at, and only then put there.

Rows of an older schema go into a database of that schema, which is then brought up to date as any older file is.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from crm_cli.errors import BadData, Conflict
from crm_cli.rules.stages import DEFAULT_STAGES
from crm_cli.store import restoring
from crm_cli.store.copy import failure, part_of, publish, reading, sync, verify
from crm_cli.store.create import stamp
from crm_cli.store.faults import translate
from crm_cli.store.identity import SCHEMA, schema_text
from crm_cli.store.restoring import MISSING, Restored
from crm_cli.store.upgrade import bare, upgrade
from crm_cli.store.whole import tables

_CACHE_KB = 64_000
_SEEDED = ("pipeline", "stage")  # what a new database has rows in
Row = Sequence[Any]


class Builder:
    """Takes rows, table by table, for a database of a schema version."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def tables(self) -> list[str]:
        """The tables that the schema of that version has."""
        return [name for name in tables() if self.columns(name)]

    def columns(self, table: str) -> list[str]:
        """The columns that rows of a table may have; none where the schema has no such table."""
        if table not in tables():
            return []
        return [row[1] for row in self.connection.execute(f"PRAGMA table_info({table})")]

    def take(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> int:
        """Rows of a table; returns how many. BadData where one breaks a rule of the schema."""
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        try:
            return self.connection.executemany(sql, rows).rowcount
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError, OverflowError) as error:
            raise _against_the_rules(table, error) from None


class Rebuilt(NamedTuple):
    """`broken` rows point at nothing, as they did where they come from; `restored` says where what was there is."""

    broken: int
    restored: Restored


def holds_records(database: str) -> bool:
    """Whether there is anything that a whole export would have to be mixed with."""
    if restoring.state_of(database) == MISSING:
        return False
    with reading(database) as connection:
        return _is_in_use(connection)


def rebuild(
    database: str,
    schema: int,
    give: Callable[[Builder], Mapping[str, int]],
    *,
    now: datetime,
    elsewhere: str = "",
    trial: bool = False,
) -> Rebuilt:
    """Make the database of what `give` hands the builder; it returns the highest ids that were ever given out.

    There must be none yet, or one without records, which is copied first: Conflict else. A trial leaves nothing.
    """
    try:
        os.makedirs(os.path.dirname(os.path.abspath(database)), mode=0o700, exist_ok=True)
        with part_of(os.path.realpath(database)) as part:
            _build(part, schema, give)
            if schema < SCHEMA:
                upgrade(part, keep=False)
            broken = verify(part, database)
            sync(part)
            if trial:
                return Rebuilt(broken, Restored())
            return Rebuilt(broken, _put(part, database, now, elsewhere))
    except sqlite3.Error as error:
        raise translate(error, database) from error
    except OSError as error:
        raise failure(database, error) from None


def _put(part: str, database: str, now: datetime, elsewhere: str) -> Restored:
    if restoring.state_of(database) == MISSING:
        publish(part, os.path.realpath(database), force=False)
        return Restored()

    def still_empty(target: sqlite3.Connection) -> None:
        if _is_in_use(target):
            raise Conflict("{path} has records meanwhile; nothing was changed", path=database)

    return restoring.restore(part, database, now=now, elsewhere=elsewhere, check=still_empty)


def _build(part: str, schema: int, give: Callable[[Builder], Mapping[str, int]]) -> None:
    """Tables, rows, then the indexes, which are written once that way."""
    connection = sqlite3.connect(part, isolation_level=None)
    try:
        connection.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; PRAGMA locking_mode=EXCLUSIVE;"
            f"PRAGMA cache_size=-{_CACHE_KB};"
        )
        later: list[str] = []
        if schema < SCHEMA:
            bare(connection, schema)
            for name in tables():
                if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (name,)).fetchone():
                    connection.execute(f"DELETE FROM {name}")
        else:
            for statement in filter(str.strip, schema_text().split(";\n")):
                (later.append if _is_index(statement) else connection.execute)(statement)
        connection.execute("BEGIN")
        last = give(Builder(connection))
        for name, seq in last.items():
            connection.execute("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
            connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, seq))
        for statement in later:
            try:
                connection.execute(statement)
            except sqlite3.IntegrityError as error:
                raise _against_the_rules(statement.rpartition(" ON ")[2].split()[0], error) from None
        if schema == SCHEMA:
            stamp(connection)
        connection.execute("COMMIT")
    finally:
        connection.close()


def _is_index(statement: str) -> bool:
    words = [line for line in statement.splitlines() if line and not line.startswith("--")]
    return bool(words) and words[0].startswith(("CREATE INDEX", "CREATE UNIQUE INDEX"))


def _against_the_rules(table: str, error: Exception) -> BadData:
    return BadData(
        "A row of {table} cannot be kept: {reason}",
        hint="Nothing was written. Is the export whole and unchanged?",
        table=table,
        reason=str(error),
    )


def _is_in_use(connection: sqlite3.Connection) -> bool:
    """Rows in any table but the pipeline that every database begins with."""
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    for name in tables():
        wanted = name in there and name not in _SEEDED
        if wanted and connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone():
            return True
    names = [name for (name,) in connection.execute("SELECT name FROM stage ORDER BY position, id")]
    (pipelines,) = connection.execute("SELECT count(*) FROM pipeline").fetchone()
    return pipelines != 1 or names != [name for name, *_ in DEFAULT_STAGES]
