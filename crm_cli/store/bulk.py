"""Bulk writing on the driver: a private staging database with the crm database attached to it for one transaction.

The staging database is a nameless temporary file of SQLite's (mode 0600, gone with the connection). It is `main`, so
that it can be filled before the crm database exists or is locked; the crm database is attached as `crm`, and tables
of either are named without a schema, since staged ones all begin with `s_`.
"""

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from crm_cli.store.commit import unstoppable
from crm_cli.store.create import create_database
from crm_cli.store.faults import translate
from crm_cli.store.identity import identify
from crm_cli.store.journal import Stamp, close_operation, open_operation, refuse_strangers
from crm_cli.store.reader import BUSY_SECONDS, Reader, current, leave_wal, prepare, uri
from crm_cli.store.turn import begin

BATCH = 2000
_STAGING_KB = 24_000
_CACHE_KB = 64_000
# Below this the pages of a transaction stay in memory and readers go on until the commit; a larger one spills.
_SPILL_BYTES = 240_000_000
# What is staged beyond this changes under a journal on disk: in memory it would take as much again.
_STAGED_BYTES = 150_000_000

# A version 7 UUID for each row of a statement: the time of the import, and 72 random bits.
UUID = "printf('%s-7%03x-8%03x-%012x', :uuid_head, random() & 4095, random() & 4095, random() & 281474976710655)"


def uuid_head() -> str:
    """The first 48 bits of a version 7 UUID, as the parameter :uuid_head of UUID wants them."""
    stamp = f"{time.time_ns() // 1_000_000:012x}"
    return f"{stamp[:8]}-{stamp[8:]}"


class Staging(Reader):
    """The connection: staged tables from the start, the crm database from `attached` on."""

    schema = "crm"

    def __init__(self, path: str) -> None:
        super().__init__(sqlite3.connect("", uri=True, timeout=BUSY_SECONDS, isolation_level=None), path)
        prepare(self.connection)
        self.connection.executescript(
            f"PRAGMA main.journal_mode=OFF; PRAGMA main.synchronous=OFF; PRAGMA main.cache_size=-{_STAGING_KB};"
        )

    def execute(self, sql: str, params: Mapping[str, Any] | None = None) -> int:
        """One statement; returns how many rows it changed."""
        try:
            return self.connection.execute(sql, params or {}).rowcount
        except sqlite3.Error as error:
            raise translate(error, self.path) from error

    def fill(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert rows of values in batches; what is there already stays."""
        sql = f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        try:
            self.connection.executemany(sql, rows)
        except sqlite3.Error as error:
            raise translate(error, self.path) from error

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """One statement for each tuple of values, placeholders `?`."""
        try:
            self.connection.executemany(sql, rows)
        except sqlite3.Error as error:
            raise translate(error, self.path) from error

    @contextmanager
    def attached(self, *, scratch: bool) -> Iterator[None]:
        """The crm database, made first where none is yet; with `scratch` an empty one that nobody will see."""
        folder = tempfile.mkdtemp(prefix="crm-") if scratch else ""
        path = os.path.join(folder, "crm.db") if scratch else self.path
        try:
            _ready(path)
            self._attach(path)
            try:
                yield
            finally:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                self.connection.execute("DETACH crm")
        except sqlite3.Error as error:
            raise translate(error, self.path) from error
        finally:
            if folder:
                shutil.rmtree(folder, ignore_errors=True)

    def _attach(self, path: str) -> None:
        self.connection.execute("ATTACH ? AS crm", (uri(path, "rw"),))
        page = self.value("PRAGMA crm.page_size")
        staged = int(self.value("PRAGMA main.page_count")) * int(self.value("PRAGMA main.page_size"))
        journal = "DELETE" if staged > _STAGED_BYTES else "MEMORY"  # of a nameless file it is nameless too
        self.connection.executescript(
            f"PRAGMA crm.synchronous=FULL; PRAGMA crm.cache_size=-{_CACHE_KB};"
            f"PRAGMA crm.cache_spill={_SPILL_BYTES // int(page)}; PRAGMA main.journal_mode={journal};"
        )
        refuse_strangers(self.connection, path, "crm")

    @contextmanager
    def transaction(self, stamp: Stamp) -> Iterator[None]:
        """One IMMEDIATE transaction over both databases and one operation of the journal; rolled back unless `commit`
        was called in it."""
        try:
            begin(self.connection)
        except sqlite3.Error as error:
            raise translate(error, self.path) from error
        try:
            self.operation = open_operation(self.connection, stamp, bulk="crm")
            yield
        finally:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")

    @contextmanager
    def rebuilt(self, *indexes: str) -> Iterator[None]:
        """Indexes of the crm database that are built anew behind the block, which a table that doubles gains from.

        Keys that come in no order cost most of an insert, and all of the cache where there are millions; sorted, they
        are written once. It is part of the transaction, as everything else.
        """
        listed = "', '".join(indexes)
        found = self.rows(f"SELECT name, sql FROM crm.sqlite_schema WHERE type = 'index' AND name IN ('{listed}')")
        for name, _ in found:
            self.execute(f"DROP INDEX crm.{name}")
        yield
        for name, sql in found:
            self.execute(sql.replace(f"INDEX {name}", f"INDEX crm.{name}", 1))

    def commit(self) -> int | None:
        """Keep what the transaction has written; returns its operation, None where it changed nothing."""
        changes = close_operation(self.connection, self.operation, bulk="crm")
        with unstoppable():
            self.execute("COMMIT" if changes else "ROLLBACK")
        return self.operation if changes else None


def _ready(path: str) -> None:
    """The database at `path`, made or brought up to date."""
    found = current(path)
    if not found.exists:
        create_database(path)
    if found.wal:
        leave_wal(path)


def exists(path: str) -> bool:
    """Whether a database of ours is at `path`; StoreError for a file that is none."""
    return identify(path).exists
