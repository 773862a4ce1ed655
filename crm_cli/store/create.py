"""A new database: made whole beside its place and moved there in one step, so that no half one is ever seen."""

import contextlib
import os
import sqlite3
from datetime import UTC, datetime

from crm_cli.errors import StoreError
from crm_cli.model.identity import new_uuid
from crm_cli.rules.stages import DEFAULT_PIPELINE, DEFAULT_STAGES
from crm_cli.store.faults import translate
from crm_cli.store.identity import APPLICATION_ID, SCHEMA, schema_text
from crm_cli.store.journal import create_triggers

REVISION = "0006"  # the newest Alembic revision, stamped on a new database
VERSION_TABLE = "CREATE TABLE IF NOT EXISTS alembic_version (version_num TEXT NOT NULL PRIMARY KEY) STRICT"


def fill(connection: sqlite3.Connection) -> None:
    """Stamp a database that has just got its schema, and give it the default pipeline."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    connection.execute(
        "INSERT INTO pipeline (uuid, name, name_key, position, created_at, updated_at) VALUES (?, ?, ?, 1, ?, ?)",
        (new_uuid(), DEFAULT_PIPELINE, DEFAULT_PIPELINE, now, now),
    )
    connection.executemany(
        "INSERT INTO stage (uuid, pipeline_id, name, name_key, kind, probability, position, quiet_after_days,"
        " created_at, updated_at) VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (new_uuid(), name, name, kind, probability, position, quiet, now, now)
            for position, (name, kind, probability, quiet) in enumerate(DEFAULT_STAGES, 1)
        ],
    )
    stamp(connection)


def stamp(connection: sqlite3.Connection) -> None:
    """What makes tables of ours a database of this version: from here on every change is journalled."""
    connection.execute(VERSION_TABLE)
    connection.execute("INSERT INTO alembic_version VALUES (?)", (REVISION,))
    connection.execute("INSERT INTO journal_state (id) VALUES (1)")
    create_triggers(connection)
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={SCHEMA}")


def create_database(path: str) -> None:
    """Make the database at `path` (mode 0600, its folder 0700 if it is made too); somebody else's is left as it is."""
    folder = os.path.dirname(os.path.abspath(path))
    part = os.path.join(folder, f".{os.path.basename(path)}.{os.getpid()}.part")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        _build(part)
        with contextlib.suppress(FileExistsError):  # another process was first: its database is as good as ours
            _move(part, path)
    except sqlite3.Error as error:
        raise translate(error, path) from error
    except OSError as error:
        raise StoreError(
            "{path} cannot be made: {reason}",
            hint="Does the folder exist, and may you write there?",
            path=path,
            reason=error.strerror or str(error),
        ) from None
    finally:
        with contextlib.suppress(OSError):
            os.unlink(part)


def _build(part: str) -> None:
    connection = sqlite3.connect(part, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("BEGIN IMMEDIATE")
        for statement in schema_text().split(";\n"):
            if statement.strip():
                connection.execute(statement)
        fill(connection)
        connection.execute("COMMIT")
    finally:
        connection.close()


def _move(part: str, path: str) -> None:
    """A hard link fails where the name is taken, which a rename does not; drives without links fall back."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:
        if not os.path.lexists(path):
            os.rename(part, path)
    folder = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
