"""What reminders have told: an item and the day it was due are claimed once for each name that is told."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from crm_cli.store.faults import translate
from crm_cli.store.journal import stranger
from crm_cli.store.reader import Reader
from crm_cli.store.writer import connected


class Item(NamedTuple):
    """A follow-up by its reference, with the day it is due, or the moment of an appointment."""

    ref: str
    due: str


def told(db: Reader, name: str, items: Iterable[Item]) -> set[Item]:
    """Those of the items that were told to this name; each is looked up by the unique index."""
    asked = "SELECT 1 FROM reminder_claim WHERE name = :name AND item = :item AND due_on = :due"
    return {item for item in items if db.row(asked, {"name": name, "item": item.ref, "due": item.due})}


def claim(db: Reader, name: str, items: Iterable[Item], now: str) -> set[Item]:
    """Claims what nobody has claimed for this name; returns what is ours. Kept only when the transaction is."""
    sql = (
        "INSERT INTO reminder_claim (name, item, due_on, claimed_at) VALUES (:name, :item, :due, :now)"
        " ON CONFLICT (name, item, due_on) DO NOTHING"
    )
    mine = set()
    try:
        for item in items:
            row = {"name": name, "item": item.ref, "due": item.due, "now": now}
            if db.connection.execute(sql, row).rowcount == 1:
                mine.add(item)
    except sqlite3.Error as error:
        raise translate(error, db.path) from error
    return mine


@contextmanager
def claiming(path: str) -> Iterator[Reader]:
    """One transaction that nobody else is in: what is claimed in it is kept at its end, or not at all.

    It is exclusive from the start, for what it claims is told before the end: waiting for readers then could fail.
    """
    with connected(path) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        _refuse_triggers(connection, path)
        yield Reader(connection, path)
        connection.execute("COMMIT")


def _refuse_triggers(connection: sqlite3.Connection, path: str) -> None:
    """Nothing of this program hangs on claims: a trigger there is a stranger's."""
    row = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'reminder_claim' LIMIT 1"
    ).fetchone()
    if row:
        raise stranger(path, row[0])


def give_back(path: str, name: str, items: Iterable[Item]) -> None:
    """Claims of what could not be told after all: it will be told another time."""
    sql = "DELETE FROM reminder_claim WHERE name = :name AND item = :item AND due_on = :due"
    with claiming(path) as db:
        rows = [{"name": name, "item": item.ref, "due": item.due} for item in items]
        db.connection.executemany(sql, rows)


def assert_writable(path: str) -> None:
    """StoreError where claims could not be kept: said at the first run, not only once something is due."""
    folder = os.path.dirname(os.path.abspath(path))
    if os.path.exists(path) and not (os.access(path, os.W_OK) and os.access(folder, os.W_OK)):
        raise translate(sqlite3.OperationalError("readonly database"), path)
