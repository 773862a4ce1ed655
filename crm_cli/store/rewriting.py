"""Copies that hold somebody who was erased: found by what stands in them, written anew without it."""

import json
import mmap
import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from crm_cli.errors import StoreError
from crm_cli.store.copy import failure, fill, part_of, reading, sync_folder, verify
from crm_cli.store.faults import translate
from crm_cli.store.identity import SCHEMA, newer
from crm_cli.store.reader import prepare, uri
from crm_cli.store.wiping import unseen
from crm_cli.store.writer import Plain


def holds(path: str, uuids: Sequence[str], pattern: "re.Pattern[bytes] | None") -> bool:
    """Whether a copy has one of these customers or people, or one of their strings anywhere in its bytes; True for one
    that cannot be read, which nobody can say it of."""
    try:
        if pattern is not None and _stands_in(path, pattern):
            return True
        with reading(path) as connection:
            for table in ("customer", "contact"):
                asked = f"SELECT 1 FROM {table} WHERE uuid IN (SELECT value FROM json_each(?)) LIMIT 1"
                if connection.execute(asked, (json.dumps(list(uuids)),)).fetchone():
                    return True
    except (OSError, ValueError, StoreError):
        return True
    return False


def _stands_in(path: str, pattern: re.Pattern[bytes]) -> bool:
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return pattern.search(content) is not None


@contextmanager
def rewriting(path: str) -> Iterator[Plain]:
    """One transaction over a private copy of a copy, without history; at the end it takes the place of the old one,
    under its name and with its mode and its moment. On any error the old one stays as it is."""
    before = os.stat(path)
    with part_of(path) as part:
        with reading(path) as source:
            (version,) = source.execute("PRAGMA user_version").fetchone()
            if version > SCHEMA:
                raise newer(path, version)
            fill(source, path, part, path)
        try:
            yield from _changed(part, path)
            verify(part, path)
            _replace(part, path, before)
        except sqlite3.Error as error:
            raise translate(error, path) from error
        except OSError as error:
            raise failure(path, error) from None


def _changed(part: str, path: str) -> Iterator[Plain]:
    connection = sqlite3.connect(uri(part, "rw"), uri=True, isolation_level=None)
    try:
        prepare(connection)
        connection.execute("PRAGMA journal_mode=MEMORY")  # nobody else sees it, and nothing is left beside it
        connection.execute("BEGIN IMMEDIATE")
        db = Plain(connection, path)
        with unseen(db):
            yield db
        connection.execute("COMMIT")
        connection.execute("VACUUM")
        connection.execute("PRAGMA journal_mode=DELETE")
    finally:
        connection.close()


def _replace(part: str, path: str, before: os.stat_result) -> None:
    descriptor = os.open(part, os.O_RDONLY)
    try:
        os.fchmod(descriptor, before.st_mode & 0o777)
        os.utime(descriptor, ns=(before.st_atime_ns, before.st_mtime_ns))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.replace(part, path)
    sync_folder(path)
