"""The copies that are kept of a database: where they lie, what they are called, which of them stay.

They lie in a folder `backups` beside the database, or in one of its own where the setting backup-dir names a place, and
are called `crm-2026-11-25T090000Z-manual.db`: in the order of time, with the reason.
"""

import os
import re
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from crm_cli.errors import Busy, Conflict, CrmError, Damaged, FileError, Misuse, StoreError
from crm_cli.rules.days import to_utc_text
from crm_cli.store.copy import copy_to, reading, sweep
from crm_cli.store.identity import APPLICATION_ID, SCHEMA
from crm_cli.store.reader import uri

MANUAL = "manual"
AUTOMATIC = ("before-migration", "before-import", "before-merge", "before-change", "before-restore")
_MOMENT = "%Y-%m-%dT%H%M%SZ"
_KEPT = 10  # automatic ones, the newest
_DAYS = 30  # of each of these days the newest one stays too
_TRIES = 20
_WITH_HISTORY = 2  # the schema version that began to have operations
_LARGE = 50_000_000  # bytes; of a larger database there is one before an import or a change every so often
_PAUSE = timedelta(minutes=10)
_SEEDED = {"pipeline", "stage"}  # what a new database has rows in
_RECORDS = ("customer", "contact", "deal", "interaction", "task")
_SINCE_SALES, _WITH_SALES = ("sales_order", "product"), 4  # tables that a copy of an older schema has not


class Backup(NamedTuple):
    """One copy, by its name; `number` tells those of one second apart."""

    path: str
    at: datetime
    number: int
    reason: str

    @property
    def name(self) -> str:
        return os.path.basename(self.path)


def folders(database: str, elsewhere: str = "") -> list[str]:
    """Where copies are looked for; new ones go into the first. `elsewhere` is the setting backup-dir."""
    real = os.path.realpath(database)
    beside = os.path.join(os.path.dirname(real), "backups")
    if not elsewhere:
        return [beside]
    from hashlib import sha256  # two databases of one name keep apart

    stem = os.path.splitext(os.path.basename(real))[0]
    return [os.path.join(elsewhere, f"{stem}-{sha256(os.fsencode(real)).hexdigest()[:8]}"), beside]


def _pattern(database: str) -> re.Pattern[str]:
    stem, ending = (re.escape(part) for part in os.path.splitext(os.path.basename(os.path.realpath(database))))
    reasons = "|".join((MANUAL, *AUTOMATIC))
    return re.compile(rf"{stem}-(\d{{4}}-\d\d-\d\dT\d{{6}}Z)(?:-(\d+))?-({reasons}){ending}", re.DOTALL)


def listed(database: str, elsewhere: str = "") -> list[Backup]:
    """All copies of a database, newest first, by their names: no file is opened."""
    pattern = _pattern(database)
    found = []
    for folder in folders(database, elsewhere):
        with suppress(OSError):
            for name in os.listdir(folder):
                match = pattern.fullmatch(name)
                with suppress(ValueError):
                    if match:
                        at = datetime.strptime(match[1], _MOMENT).replace(tzinfo=UTC)
                        found.append(Backup(os.path.join(folder, name), at, int(match[2] or 1), match[3]))
    return sorted(found, key=lambda one: (one.at, one.number, one.path), reverse=True)


def name_for(database: str, reason: str, now: datetime, elsewhere: str = "") -> str:
    """The path that the next copy gets."""
    at = now.astimezone(UTC).replace(microsecond=0)
    number = 1 + max((one.number for one in listed(database, elsewhere) if one.at == at), default=0)
    stem, ending = os.path.splitext(os.path.basename(os.path.realpath(database)))
    moment = at.strftime(_MOMENT) + (f"-{number}" if number > 1 else "")
    return os.path.join(folders(database, elsewhere)[0], f"{stem}-{moment}-{reason}{ending}")


def make(database: str, reason: str, *, now: datetime, elsewhere: str = "") -> tuple[str, int]:
    """Copy a database into its folder of copies; returns the path, and how many rows point at nothing."""
    with reading(database) as source:
        return keep(source, database, reason, now=now, elsewhere=elsewhere)


def make_at(database: str, path: str, *, force: bool) -> int:
    """Copy a database to a place of its own; returns how many rows point at nothing."""
    if os.path.exists(path) and os.path.samefile(path, database):
        raise Misuse("{path} is the database itself", hint="Name another file.", path=path)
    with reading(database) as source:
        return copy_to(source, database, path, force=force)


def keep(
    source: sqlite3.Connection,
    database: str,
    reason: str,
    *,
    now: datetime,
    elsewhere: str = "",
    spare: Collection[str] = (),
) -> tuple[str, int]:
    """The same over a connection; `spare` are copies that are needed still, whatever their age."""
    folder = folders(database, elsewhere)[0]
    _make_folder(folder)
    stem = os.path.splitext(os.path.basename(os.path.realpath(database)))[0]
    sweep(folder, lambda name: name.startswith(f"{stem}-"[:40]))
    path = name_for(database, reason, now, elsewhere)
    for left in reversed(range(_TRIES)):
        try:
            broken = copy_to(source, database, path)
            break
        except Conflict:  # another process took the name of this second
            if not left:
                raise
            path = name_for(database, reason, now, elsewhere)
    if reason != MANUAL:
        rotate(database, now, elsewhere, spare={path, *spare})
    return path, broken


def _make_folder(folder: str) -> None:
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
    except OSError as error:
        raise FileError(
            "The folder {path} cannot be made: {reason}",
            hint="Name a place of yours: crm backup make FILE, or crm config set backup-dir FOLDER",
            path=folder,
            reason=error.strerror or str(error),
        ) from None


def rotate(database: str, now: datetime, elsewhere: str = "", *, spare: Collection[str] = ()) -> None:
    """Remove automatic copies that are old: the last 10 stay, of each of 30 days the last one, and of each reason the
    last one. Those made by hand always stay."""
    automatic = [one for one in listed(database, elsewhere) if one.reason != MANUAL]
    days: dict[date, str] = {}
    reasons: dict[str, str] = {}
    for one in automatic:  # the newest come first
        reasons.setdefault(one.reason, one.path)
        if one.at > now - timedelta(days=_DAYS):
            days.setdefault(one.at.date(), one.path)
    kept = {*(one.path for one in automatic[:_KEPT]), *days.values(), *reasons.values(), *spare}
    kept = {os.path.realpath(path) for path in kept}
    for one in automatic:
        if os.path.realpath(one.path) not in kept:
            with suppress(OSError):
                os.unlink(one.path)


# ------------------------------------------------------------------ before something that touches much


def before(database: str, reason: str, *, now: datetime, elsewhere: str = "") -> str | None:
    """An automatic copy, unless nothing was written since the last one; returns its path.

    It may be made while this process has a write open that nothing was written out of yet: the copy has none of it.
    """
    with reading(database) as source:
        state = _state(source)
        if {name for name, _ in state[1]} <= _SEEDED:
            return None
        newest = next(iter(listed(database, elsewhere)), None)
        if newest and (_is_enough(source, newest, now) or _state_of(newest.path) == state):
            return None
        return kept_before(source, database, reason, now, elsewhere, hint=_TURN_OFF)


def before_migration(database: str) -> None:
    """The copy that is always made, beside the database: there is no other way back to the older version."""
    with reading(database) as source:
        now = datetime.now(UTC)
        kept_before(source, database, "before-migration", now, "", hint=FREE)


FREE = "Nothing was changed. Free some space first."
_TURN_OFF = "Nothing was changed. Free some space, or do without such copies: crm config set backup off"


def kept_before(
    source: sqlite3.Connection,
    database: str,
    reason: str,
    now: datetime,
    elsewhere: str,
    *,
    hint: str,
    spare: Collection[str] = (),
) -> str:
    """A copy without which nothing is done; returns its path. The hint says what to do where there can be none."""
    try:
        return keep(source, database, reason, now=now, elsewhere=elsewhere, spare=spare)[0]
    except (Busy, Damaged):
        raise
    except CrmError as error:
        raise StoreError(
            "No copy of {path} could be made first: {reason}",
            hint=hint,
            path=database,
            reason=error.message().rstrip(".。"),
        ) from error


def _is_enough(source: sqlite3.Connection, newest: Backup, now: datetime) -> bool:
    """Whether a copy of a large database is young enough: what was written since can be undone."""
    (pages,), (size,) = (source.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
    return pages * size > _LARGE and timedelta(0) <= now - newest.at < _PAUSE


State = tuple[int, list[tuple[str, int]]]


def _state(connection: sqlite3.Connection) -> State:
    """What differs as soon as anything is written: each change of a row is a new one in the journal."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return version, connection.execute("SELECT name, seq FROM sqlite_sequence ORDER BY name").fetchall()


def _state_of(path: str) -> State | None:
    """The same of a copy; None of one that is cut off or cannot be read."""
    try:
        with _opened(path) as connection:
            return _state(connection)
    except sqlite3.Error:
        return None


# ------------------------------------------------------------------ what is in them


@contextmanager
def _opened(path: str) -> Iterator[sqlite3.Connection]:
    """A copy as it is: nobody writes to it."""
    connection = sqlite3.connect(uri(path, "ro") + "&immutable=1", uri=True, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def describe(one: Backup) -> dict[str, Any]:
    """A copy with the keys of `crm backup list`; `problem` is newer or damaged, as far as a look at it tells."""
    row: dict[str, Any] = {"name": one.name, "at": to_utc_text(one.at), "reason": one.reason, "path": one.path}
    row |= contents(one.path)
    return row


def contents(path: str) -> dict[str, Any]:
    """Size, records and last operation of a copy."""
    row: dict[str, Any] = {"size": None, "records": None, "op": None, "command": None, "problem": "damaged"}
    try:
        row["size"] = os.stat(path).st_size
        with _opened(path) as connection:
            if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                return row
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            tables = (*_RECORDS, *(_SINCE_SALES if version >= _WITH_SALES else ()))
            counts = " + ".join(f"(SELECT count(*) FROM {table})" for table in tables)
            row["records"] = connection.execute(f"SELECT {counts}").fetchone()[0]
            if version >= _WITH_HISTORY:
                last = connection.execute("SELECT id, command FROM operation ORDER BY id DESC LIMIT 1").fetchone()
                row["op"], row["command"] = last or (None, None)
            row["problem"] = "newer" if version > SCHEMA else None
    except (sqlite3.Error, OSError):
        pass
    return row


def good(database: str, elsewhere: str = "") -> Iterator[Backup]:
    """The copies that open, newest first; those that a restore has put away are not meant."""
    for one in listed(database, elsewhere):
        if one.reason != "before-restore" and contents(one.path)["problem"] is None:
            yield one
