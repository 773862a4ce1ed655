"""Brings an older database up to date: Alembic, loaded only when the file's version says that it must."""

import sqlite3
from pathlib import Path
from typing import Any

from crm_cli.errors import StoreError
from crm_cli.store.backups import before_migration
from crm_cli.store.create import VERSION_TABLE
from crm_cli.store.faults import translate
from crm_cli.store.identity import APPLICATION_ID, SCHEMA
from crm_cli.store.journal import create_triggers, drop_triggers
from crm_cli.store.reader import BUSY_SECONDS, uri
from crm_cli.store.turn import begin

_FOLDER = Path(__file__).parent / "migrations"


def upgrade(path: str, *, keep: bool = True) -> None:
    """All missing revisions in one transaction: killed anywhere, the second start completes it; StoreError else.

    A copy is kept of the older file, unless nobody has it yet.
    """
    try:
        connection = sqlite3.connect(uri(path, "rw"), uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            _migrate(connection, path, keep=keep)
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            connection.close()
    except sqlite3.Error as error:
        raise translate(error, path) from error


def _migrate(connection: sqlite3.Connection, path: str, *, keep: bool) -> None:
    # SQLite keeps this switch as it is within a transaction; with it on, rebuilding a table deletes its children
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute("PRAGMA synchronous=FULL")
    live = _sqlalchemy(connection)
    begin(connection)
    if connection.execute("PRAGMA user_version").fetchone()[0] >= SCHEMA:
        return  # another process was first
    if keep:
        before_migration(path)
    connection.execute(VERSION_TABLE)
    drop_triggers(connection)  # a migration is no change that anybody made, and may drop what they name
    _run_revisions(live, "head")
    create_triggers(connection)
    broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    if broken:
        raise StoreError(
            "{path} was not brought up to date: a row of {table} points at nothing",
            hint="Nothing was changed.",
            path=path,
            table=broken[0],
        )
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={SCHEMA}")
    connection.execute("COMMIT")
    live.close()


def bare(connection: sqlite3.Connection, version: int) -> None:
    """Give an empty database the tables of an older schema version, as its migrations made them."""
    live = _sqlalchemy(connection)
    connection.execute("BEGIN")
    connection.execute(VERSION_TABLE)
    _run_revisions(live, f"{version:04d}")
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={version}")
    connection.execute("COMMIT")
    live.close()


def _sqlalchemy(connection: sqlite3.Connection) -> Any:
    """SQLAlchemy's view of the connection; made before our transaction, since its first look rolls back."""
    from sqlalchemy import create_engine
    from sqlalchemy.pool import StaticPool

    live = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool, hide_parameters=True).connect()
    live.begin()  # Alembic leaves a transaction alone that it has not begun
    return live


def _run_revisions(live: Any, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = live
    command.upgrade(config, revision)
