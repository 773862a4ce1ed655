"""Writes that leave nothing to go back to: no line in the journal, freed space overwritten, the file written anew."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from crm_cli.store import fulltext
from crm_cli.store.journal import Stamp, close_operation, open_operation
from crm_cli.store.triggers import watched
from crm_cli.store.writer import Plain, connected, transaction


@contextmanager
def wiping(path: str, stamp: Stamp, *, dry_run: bool = False) -> Iterator[Plain]:
    """One transaction under one operation that has no lines and cannot be undone. Whoever fills the block counts in
    `changes` what went; where that is nothing, nothing is kept."""
    with transaction(path, dry_run=dry_run) as db:
        db.operation = open_operation(db.connection, stamp)
        with unseen(db):
            yield db
        close_operation(db.connection, db.operation)
        if db.changes:
            db.execute(
                "UPDATE operation SET changes = ?, erased_at = ? WHERE id = ?", (db.changes, stamp.at, db.operation)
            )
        else:
            db.execute("DELETE FROM operation WHERE id = ?", (db.operation,))


@contextmanager
def unseen(db: Plain) -> Iterator[None]:
    """Changes within the block are not journalled, and what they free is overwritten; rows may point at what is gone
    until the end of the transaction."""
    db.execute("PRAGMA secure_delete=ON")
    db.execute("PRAGMA defer_foreign_keys=ON")
    if not db.value("SELECT 1 FROM sqlite_schema WHERE name = 'journal_mark'"):  # a copy of an older version
        yield
        fulltext.forget(db.connection)
        return
    db.many("INSERT INTO journal_mark (record, last_id) VALUES (?, -1)", [(record,) for record in watched()])
    yield
    fulltext.forget(db.connection)
    db.execute("DELETE FROM journal_mark")


def compact(path: str) -> tuple[int, int]:
    """Write the file anew without its free space, where deleted rows may still be read; bytes before and after."""
    with connected(path) as connection:
        before = _size(connection)
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("VACUUM")
        return before, _size(connection)


def _size(connection: sqlite3.Connection) -> int:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (page,) = connection.execute("PRAGMA page_size").fetchone()
    return int(pages) * int(page)


def free_share(db: Plain) -> float:
    """How much of the file is free space, 0 to 1."""
    pages = int(db.value("PRAGMA page_count"))
    return int(db.value("PRAGMA freelist_count")) / pages if pages else 0.0
