"""One verified copy of a database: made beside its place, checked, on the disk, and only then given its name.

While a connection has the database locked nothing here opens and closes its file but through SQLite: the system would
take all locks of the process away with the first descriptor that is closed.
"""

import errno
import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from crm_cli.errors import Conflict, CrmError, FileError, StoreError
from crm_cli.store.faults import damaged, translate
from crm_cli.store.identity import APPLICATION_ID
from crm_cli.store.reader import BUSY_SECONDS, uri

_PAGES = 2000  # copied at a time; between them a signal is heard
_STALE = 3600  # seconds after which the half copy of another machine is nobody's any more
_CACHE_KB = 64_000
_PART = re.compile(r"\.(?P<base>.{1,40}?)\.(?P<node>[^.]*)-(?P<pid>\d+)\.part", re.DOTALL)
_AT_TARGET = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC", "SQLITE_IOERR_TRUNCATE")


@contextmanager
def reading(path: str) -> Iterator[sqlite3.Connection]:
    """A connection that writes nothing, in one read transaction: what it sees stays as it is within the block.

    The file is opened for writing where it can be, so that what a crash has left is rolled back first.
    """
    writable = os.access(path, os.W_OK) and os.access(os.path.dirname(os.path.abspath(path)), os.W_OK)
    try:
        connection = sqlite3.connect(
            uri(path, "rw" if writable else "ro"), uri=True, timeout=BUSY_SECONDS, isolation_level=None
        )
        try:
            connection.executescript("PRAGMA query_only=ON; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;")
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            yield connection
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise translate(error, path) from error


def copy_to(source: sqlite3.Connection, path: str, target: str, *, force: bool = False) -> int:
    """The database of a connection, at `path`, as one file at `target`, mode 0600: whole, or not there at all.

    Returns how many rows point at nothing, which `path` has too then. Conflict where the name is taken, unless
    `force`; Damaged where the copy does not hold together.
    """
    target = os.path.realpath(target) if force else target
    if os.path.lexists(target) and not (os.path.isfile(target) or os.path.isdir(target)):
        raise FileError("{name} is no plain file.", hint="To write to a pipe: crm backup make - > NAME", name=target)
    if not force and os.path.lexists(target):
        raise _already(target)
    with part_of(target) as part:
        broken = fill(source, path, part, target)
        try:
            publish(part, target, force=force)
        except OSError as error:
            raise failure(target, error) from None
    return broken


@contextmanager
def part_of(target: str) -> Iterator[str]:
    """The name of a new private file beside `target`, gone behind the block unless it got another name."""
    folder, base = os.path.split(os.path.abspath(target))
    sweep(folder, lambda name: name == base[:40])
    part = os.path.join(folder, f".{base[:40]}.{_node()}-{os.getpid()}.part")
    try:
        if os.path.isdir(target):
            raise IsADirectoryError(errno.EISDIR, "a folder", target)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0), 0o600))
    except OSError as error:
        raise failure(target, error) from None
    try:
        yield part
    finally:
        with suppress(OSError):
            os.unlink(part)


def fill(source: sqlite3.Connection, path: str, part: str, target: str) -> int:
    """Copy all pages into the empty file `part`, check it, and see it on the disk; answers as `copy_to`."""
    try:
        copy = sqlite3.connect(part, isolation_level=None)
        try:
            copy.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE;")
            write_pages(source, copy)
        finally:
            copy.close()
        _refuse_wal(part)
        broken = verify(part, path)
        sync(part)
    except sqlite3.Error as error:
        named = getattr(error, "sqlite_errorname", "")
        raise translate(error, target if named.startswith(_AT_TARGET) else path) from error
    except OSError as error:
        raise failure(target, error) from None
    return broken


def write_pages(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """All pages of one database over those of another, in one transaction of either."""

    def step(status: int, remaining: int, total: int) -> None:
        if status & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):  # the driver would try for ever
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode, error.sqlite_errorname = status, "SQLITE_BUSY"
            raise error

    source.backup(target, pages=_PAGES, progress=step)


def _refuse_wal(part: str) -> None:
    """A copy is one file: with these two bytes of its head it would want a second one beside it."""
    with open(part, "r+b") as file:
        file.seek(18)
        if file.read(2) == b"\x02\x02":
            file.seek(18)
            file.write(b"\x01\x01")


def verify(copy: str, path: str, *, thorough: bool = False) -> int:
    """Damaged, in the name of `path`, where a file that nobody else has open does not hold together or is none of
    ours; returns how many of its rows point at nothing."""
    connection = sqlite3.connect(uri(copy, "ro") + "&immutable=1", uri=True, isolation_level=None)
    try:
        connection.executescript(f"PRAGMA cell_size_check=ON; PRAGMA cache_size=-{_CACHE_KB};")
        return sound(connection, path, thorough=thorough)
    finally:
        connection.close()


def sound(connection: sqlite3.Connection, path: str, *, thorough: bool = False) -> int:
    """The same of a connection."""
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StoreError("{path} is a database of another program", hint="Nothing was changed.", path=path)
    check = "integrity_check" if thorough else "quick_check"
    found = connection.execute(f"PRAGMA {check}(1)").fetchone()[0]
    if found != "ok":
        raise damaged(path, str(found))
    return sum(1 for _ in connection.execute("PRAGMA foreign_key_check"))


# ------------------------------------------------------------------ the file


def _node() -> str:
    """The name of this machine, as far as a file's name can have it."""
    name = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
    return re.sub(r"[^A-Za-z0-9_]", "_", name)[:20]


def sweep(folder: str, ours: Callable[[str], bool]) -> None:
    """Take away half copies that nobody goes on with: of a process that is gone, or older than an hour.

    `ours` tells by the beginning of the name that it would have got.
    """
    try:
        names = [name for name in os.listdir(folder) if name.endswith(".part")]
    except OSError:
        return
    for name in names:
        found = _PART.fullmatch(name)
        if found and ours(found["base"]):
            with suppress(OSError):
                old = time.time() - os.stat(os.path.join(folder, name)).st_mtime > _STALE
                if old or (found["node"] == _node() and not _is_alive(int(found["pid"]))):
                    os.unlink(os.path.join(folder, name))


def _is_alive(pid: int) -> bool:
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return pid != os.getpid()  # ours was made by another process of this number


def sync(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: str) -> None:
    """The names in the folder of a file on the disk; some file systems cannot."""
    with suppress(OSError):
        sync(os.path.dirname(os.path.abspath(path)))


def publish(part: str, target: str, *, force: bool) -> None:
    """Give the finished file its name: without `force` never over one that came into being meanwhile."""
    if force:
        os.replace(part, target)
    else:
        try:
            os.link(part, target)
        except FileExistsError:
            raise _already(target) from None
        except OSError:  # a file system without hard links
            if os.path.lexists(target):
                raise _already(target) from None
            os.rename(part, target)
    sync_folder(target)


def _already(name: str) -> Conflict:
    return Conflict("{name} is already there.", hint="Add --force to replace it, or choose another name.", name=name)


def failure(name: str, error: OSError) -> CrmError:
    """An error of the system as a sentence about the copy that was to be made."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return FileError(
            "The disk is full: nothing of {name} was kept.",
            hint="Free some space or choose another place, and run it again.",
            name=name,
        )
    if error.errno == errno.EISDIR:
        return FileError("{name} is a folder, not a file.", hint="Name a file in it.", name=name)
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return FileError("There is no folder for {name}.", hint="Make the folder first, or check the name.", name=name)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return FileError(
            "{name} may not be written by you.", hint="Check the permissions, or choose another place.", name=name
        )
    return FileError("{name} cannot be written: {reason}.", name=name, reason=error.strerror or str(error))
