"""The connection and the session that write: BEGIN IMMEDIATE at the start, so that no concurrent edit is lost."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from crm_cli.rules.days import to_utc_text
from crm_cli.store import fulltext
from crm_cli.store.commit import unstoppable
from crm_cli.store.create import create_database
from crm_cli.store.faults import translate
from crm_cli.store.journal import Stamp, close_operation, open_operation, refuse_strangers
from crm_cli.store.reader import BUSY_SECONDS, Reader, current, leave_wal, memory_database, prepare, uri
from crm_cli.store.turn import begin

if TYPE_CHECKING:
    from sqlmodel import Session


def connect(path: str, *, trial: bool = False) -> sqlite3.Connection:
    """A driver connection that may write, its database made or brought up to date first; no transaction is open.

    A trial where no database is yet has one in memory: it leaves no file behind.
    """
    found = current(path)
    if not found.exists and trial:
        return memory_database()
    if not found.exists:
        create_database(path)
    if found.wal and not trial:
        leave_wal(path)
    try:
        connection = sqlite3.connect(
            uri(path, "rw"), uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        prepare(connection)
    except sqlite3.Error as error:
        raise translate(error, path) from error
    return connection


@contextmanager
def connected(path: str, *, trial: bool = False) -> Iterator[sqlite3.Connection]:
    """Such a connection for a block: what the driver says becomes ours, what is not committed is rolled back."""
    connection = connect(path, trial=trial)
    try:
        yield connection
    except sqlite3.Error as error:
        raise translate(error, path) from error
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.close()


class Plain(Reader):
    """One write without a session: statements on the driver. `operation` is its own in the journal, if it has one."""

    operation = 0
    changes = 0

    def execute(self, sql: str, params: Mapping[str, Any] | Sequence[Any] = ()) -> int:
        """A statement; returns how many rows it changed."""
        try:
            return self.connection.execute(sql, params).rowcount
        except sqlite3.Error as error:
            raise translate(error, self.path) from error

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        """One statement for each tuple of values; returns how many rows they changed."""
        try:
            return self.connection.executemany(sql, rows).rowcount
        except sqlite3.Error as error:
            raise translate(error, self.path) from error


@contextmanager
def transaction(path: str, stamp: Stamp | None = None, *, dry_run: bool = False) -> Iterator[Plain]:
    """One write transaction on the driver, an operation of the journal if it has a stamp; committed at the end unless
    it is a trial."""
    with connected(path, trial=dry_run) as connection:
        refuse_strangers(connection, path)
        begin(connection)
        hand = Plain(connection, path)
        if stamp is not None:
            hand.operation = open_operation(connection, stamp)
        yield hand
        if stamp is not None:
            hand.changes = close_operation(connection, hand.operation)
        nothing = stamp is not None and stamp.kind == "do" and not hand.changes
        if not (dry_run or nothing):
            fulltext.keep_up(connection)
        with unstoppable():
            connection.execute("ROLLBACK" if dry_run or nothing else "COMMIT")


class Work:
    """One write: a session, the same connection for look-ups, the clock and who it is."""

    def __init__(self, session: "Session", lookups: Reader, *, now: datetime, user: str, member_id: int | None) -> None:
        self.changes = 0  # how many rows the journal has of it, once it is kept
        self.session = session
        self._lookups = lookups
        self.now = now
        self.user = user
        self.member_id = member_id

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def db(self) -> Reader:
        """Look-ups on the writer's own connection; what is pending is written first, so that they see it."""
        self.session.flush()
        return self._lookups

    def add(self, row: Any) -> Any:
        """Keep a new row; its id is known at once."""
        self.session.add(row)
        self.session.flush()
        return row

    def get(self, model: Any, row_id: int) -> Any:
        """The row of a model by id; it is there, since a look-up in this transaction has just named it."""
        return self.session.get_one(model, row_id)

    def execute(self, sql: str, params: dict[str, Any] | None = None) -> int:
        """A statement on the driver for what touches many rows; returns how many it changed."""
        self.session.flush()
        self.session.expire_all()
        try:
            return self._lookups.connection.execute(sql, params or {}).rowcount
        except sqlite3.Error as error:
            raise translate(error, self._lookups.path) from error


@contextmanager
def writing(path: str, *, now: datetime, user: str, command: str = "", dry_run: bool = False) -> Iterator[Work]:
    """One transaction of a session, one operation of the journal under the line as typed; committed at the end,
    rolled back on any error and for a trial."""
    from sqlalchemy import create_engine, event
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.orm import configure_mappers
    from sqlalchemy.pool import StaticPool
    from sqlmodel import Session

    import crm_cli.model.tables  # noqa: F401 - foreign keys are resolved only when every table is known

    configure_mappers()  # most of a write, and nobody has to wait for it yet
    with connected(path, trial=dry_run) as connection:
        refuse_strangers(connection, path)
        engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool, hide_parameters=True)
        event.listen(engine, "begin", lambda live: begin(connection))
        try:
            with Session(engine, expire_on_commit=False, autoflush=True) as session:
                session.connection()
                lookups = Reader(connection, path)
                work = Work(session, lookups, now=now, user=user, member_id=lookups.member_of(user))
                operation = open_operation(connection, Stamp(to_utc_text(now), user, command))
                yield work
                session.flush()
                work.changes = close_operation(connection, operation)
                if dry_run or not work.changes:
                    session.rollback()
                else:
                    fulltext.keep_up(connection)
                    with unstoppable():
                        session.commit()
        except DBAPIError as error:
            if isinstance(error.orig, sqlite3.Error):
                raise translate(error.orig, path) from error
            raise
