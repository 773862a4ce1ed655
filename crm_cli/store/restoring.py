"""A copy takes the place of the database: within one transaction of SQLite's, or, where the database is damaged, by one
renaming. Whoever reads or writes meanwhile waits, or goes on with the one or the other: never with a mixture."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from crm_cli.errors import Damaged, Misuse
from crm_cli.store.backups import FREE, kept_before
from crm_cli.store.copy import copy_to, failure, fill, part_of, reading, sound, sync_folder, write_pages
from crm_cli.store.faults import translate
from crm_cli.store.identity import APPLICATION_ID, MAGIC, identify
from crm_cli.store.reader import BUSY_SECONDS, uri

MISSING, EMPTY, SOUND, DAMAGED = "missing", "empty", "sound", "damaged"
_BESIDE = ("-journal", "-wal", "-shm")  # what SQLite would put into the new file if it stayed


class Restored(NamedTuple):
    """Where that is now which was there before: the path of a copy, or of the damaged file moved aside; or neither."""

    kept: str = ""
    aside: str = ""


def state_of(database: str) -> str:
    """What a restore finds there, as far as its head tells. What is certainly not ours is refused (StoreError)."""
    if not os.path.lexists(database):
        return MISSING
    try:
        with open(database, "rb") as file:
            head = file.read(100)
    except OSError:
        identify(database)  # says what it is
        raise
    if not head:
        return EMPTY
    if len(head) < 100 or head[:16] != MAGIC:
        return DAMAGED
    if int.from_bytes(head[68:72], "big") != APPLICATION_ID:
        identify(database)
    return SOUND  # a newer one too: it is only copied


def check_copy(path: str) -> None:
    """StoreError where a file cannot be restored: none of ours, newer than this program, or damaged in any place."""
    identify(path)
    try:
        with reading(path) as source:
            sound(source, path, thorough=True)
    except Damaged as error:
        raise Damaged(
            "{path} is damaged: {reason}",
            hint="Nothing was changed. Another one: crm backup list",
            path=path,
            reason=error.holes["reason"],
        ) from error


Check = Callable[[sqlite3.Connection], None]


def restore(source: str, database: str, *, now: datetime, elsewhere: str = "", check: Check | None = None) -> Restored:
    """Put the copy at `source` in the place of `database`; what is there is copied first, or moved aside if damaged.
    `check` looks at what is there when nobody else can change it any more, and may raise.

    Misuse, StoreError, FileError and Busy as elsewhere: then the database is as it was.
    """
    identify(source)
    state = state_of(database)
    with reading(source) as copy:
        sound(copy, source)  # in the transaction that it is then read in
        if state == MISSING:
            return _anew(copy, source, database, now)
        if state == SOUND:
            with suppress(Damaged):
                return Restored(kept=_over(copy, source, database, now, elsewhere, check))
        return _instead(copy, source, os.path.realpath(database), now)


def refuse_itself(source: str, database: str) -> None:
    """Misuse where the copy is the database."""
    if os.path.exists(database) and os.path.exists(source) and os.path.samefile(source, database):
        raise Misuse("{path} is the database itself", hint="The copies of it: crm backup list", path=source)


def _over(
    copy: sqlite3.Connection, source: str, database: str, now: datetime, elsewhere: str, check: Check | None
) -> str:
    """All pages of the copy over those of the database, as one transaction that a crash rolls back.

    The lock is taken before what is there is copied, and kept until all is done: nothing that anybody writes falls
    between the two. Whoever waits for it goes on with what was restored.
    """
    try:
        target = sqlite3.connect(uri(database, "rw"), uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            target.executescript("PRAGMA locking_mode=EXCLUSIVE; PRAGMA synchronous=FULL; PRAGMA cell_size_check=ON;")
            target.execute("BEGIN EXCLUSIVE")
            target.execute("COMMIT")  # in this mode the lock stays
            if check is not None:
                check(target)
            kept = kept_before(target, database, "before-restore", now, elsewhere, hint=FREE, spare={source})
            write_pages(copy, target)
            target.execute("PRAGMA locking_mode=NORMAL")
            target.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # gives it back, and the journal goes
        finally:
            target.close()
    except sqlite3.Error as error:
        raise translate(error, database) from error
    return kept


def _anew(copy: sqlite3.Connection, source: str, database: str, now: datetime) -> Restored:
    """Where no database is: never over one that somebody makes meanwhile."""
    try:
        os.makedirs(os.path.dirname(os.path.abspath(database)), mode=0o700, exist_ok=True)
        _put_aside(database, now)
    except OSError as error:
        raise failure(database, error) from None
    copy_to(copy, source, database)
    return Restored()


def _instead(copy: sqlite3.Connection, source: str, database: str, now: datetime) -> Restored:
    """In the place of a file that is damaged, and keeps its bytes under another name."""
    with part_of(database) as part:
        fill(copy, source, part, database)
        try:
            aside = _put_aside(database, now)
            os.replace(part, database)
        except OSError as error:
            raise failure(database, error) from None
    sync_folder(database)
    return Restored(aside=aside)


def _put_aside(database: str, now: datetime) -> str:
    """Give the database and what SQLite has written beside it another name; returns it, "" where nothing was there.

    A link keeps the old name until the new file takes it. A journal that stayed would be played into the new file.
    """
    moment = now.astimezone(UTC).strftime("%Y-%m-%dT%H%M%SZ")
    aside = f"{database}.damaged-{moment}"
    number = 1
    while any(os.path.lexists(aside + ending) for ending in ("", *_BESIDE)):
        number += 1
        aside = f"{database}.damaged-{moment}-{number}"
    moved = False
    if os.path.exists(database) and os.path.getsize(database):
        moved = True
        try:
            os.link(database, aside)
        except OSError:  # a file system without hard links
            os.rename(database, aside)
    for ending in _BESIDE:
        if os.path.lexists(database + ending):
            moved = True
            os.rename(database + ending, aside + ending)
    return aside if moved else ""
