"""Whose file is it: magic, application id and schema version, read before anything else touches it."""

import os
from pathlib import Path
from typing import NamedTuple

from crm_cli.errors import StoreError

APPLICATION_ID = 0x43524D31  # "CRM1"
SCHEMA = 6  # PRAGMA user_version of a database that this program writes
MAGIC = b"SQLite format 3\x00"


class Identity(NamedTuple):
    """`exists` is false for a path where nothing is; `version` is the schema version of a file of ours; `wal` is true
    where another program has given it a write-ahead log, which older SQLite can damage and no network drive has.
    """

    exists: bool
    version: int
    wal: bool = False


def identify(path: str) -> Identity:
    """Refuse (StoreError) what is not ours or newer than us; the file is only read, never opened by SQLite."""
    try:
        with open(path, "rb") as file:
            head = file.read(100)
    except FileNotFoundError:
        if os.path.islink(path):
            raise StoreError(
                "{path} is a link to a file that is not there",
                hint="Remove the link, or name another file with --db.",
                path=path,
            ) from None
        return Identity(False, SCHEMA)
    except IsADirectoryError:
        raise StoreError(
            "{path} is a folder, not a database file", hint="Name a file in it: --db {path}/crm.db", path=path
        ) from None
    except NotADirectoryError:
        raise StoreError("{path} lies inside something that is not a folder", path=path) from None
    except PermissionError:
        raise StoreError("{path} may not be read by you", hint="Ask its owner, or see: ls -l", path=path) from None
    except OSError as error:
        raise StoreError("{path} cannot be read: {reason}", path=path, reason=error.strerror or str(error)) from None
    return Identity(True, _version(path, head), wal=head[18:20] == b"\x02\x02")


def _version(path: str, head: bytes) -> int:
    if len(head) < 100 or head[:16] != MAGIC:
        raise _no_database(path, head)
    if int.from_bytes(head[68:72], "big") != APPLICATION_ID:
        raise StoreError(
            "{path} is a database of another program",
            hint="Nothing was changed. Name the crm database with --db.",
            path=path,
        )
    version = int.from_bytes(head[60:64], "big")
    if version > SCHEMA:
        raise newer(path, version)
    return version


def newer(path: str, version: int) -> StoreError:
    """The refusal of a file that a later version of the program has written."""
    return StoreError(
        "{path} has schema version {version}, newer than the {known} that this crm knows",
        hint="Nothing was changed. Update crm: pip install --upgrade crm-cli",
        path=path,
        version=version,
        known=SCHEMA,
    )


def _no_database(path: str, head: bytes) -> StoreError:
    """A file that may have been one: its copies are named."""
    from crm_cli.store.faults import WAY_BACK, copies_of

    copies = copies_of(path)
    if not head:
        return StoreError(
            "{path} is an empty file, not a crm database",
            hint=WAY_BACK
            if copies
            else "Remove it or name another file with --db; the first write makes a new database.",
            path=path,
            copies=copies,
        )
    return StoreError(
        "{path} is not a crm database",
        hint=WAY_BACK if copies else "Nothing was changed. Name the database with --db.",
        path=path,
        copies=copies,
    )


def schema_text() -> str:
    """The DDL of a new database."""
    return (Path(__file__).parent / "schema.sql").read_text(encoding="utf-8")
