"""Driver errors become ours, in one place."""

import os
import sqlite3

from crm_cli.errors import Busy, CrmError, Damaged, Misuse, StoreError


def translate(error: sqlite3.Error, path: str) -> CrmError:
    """The CrmError for what the driver says of the database at `path`; nothing of the data is repeated."""
    name = getattr(error, "sqlite_errorname", "") or ""
    text = str(error).lower()
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or "locked" in text:
        return Busy(
            "Somebody else is writing to {path}{holder}; nothing was changed",
            hint="Try again in a moment.",
            path=path,
            holder=_holder(path),
        )
    if name.startswith("SQLITE_FULL") or "full" in text:
        return StoreError(
            "The disk is full ({free} bytes free); nothing was changed", hint="Free some space first.", free=_free(path)
        )
    if name.startswith("SQLITE_READONLY") or "readonly" in text:
        return StoreError("{path} or its folder may not be written by you; nothing was changed", path=path)
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or "malformed" in text or "not a database" in text:
        return damaged(path, str(error))
    if name.startswith("SQLITE_IOERR"):
        return StoreError(
            "{path} cannot be read or written ({free} bytes free); nothing was changed", path=path, free=_free(path)
        )
    if name.startswith("SQLITE_CANTOPEN") or "unable to open" in text:
        return StoreError("{path} cannot be opened", hint="Does the folder exist, and may you write there?", path=path)
    if name.startswith("SQLITE_TOOBIG"):
        return StoreError("A value is larger than the database can keep; nothing was changed")
    if "integer overflow" in text:
        return StoreError("These amounts are too large to be added up")
    if "parser stack overflow" in text or "expression tree is too large" in text:
        return Misuse("This query is nested too deeply")
    return CrmError("The database refused: {reason}", reason=str(error))


def damaged(path: str, reason: str) -> Damaged:
    """A file that does not hold together; with the copies of it that there are."""
    copies = copies_of(path)
    return Damaged(
        "{path} is damaged: {reason}",
        hint=WAY_BACK
        if copies
        else "Nothing was changed. Copy the file away before anything else, then restore a copy of it.",
        path=path,
        reason=reason,
        copies=copies,
    )


WAY_BACK = "Nothing was changed. Copies of it: {copies}. To go back to the newest: crm backup restore latest"


def copies_of(path: str) -> str:
    """The newest copies beside a database that open, by name; empty where there are none."""
    from itertools import islice

    from crm_cli.store.backups import good

    return ", ".join(one.name for one in islice(good(path), 3))


def _free(path: str) -> int:
    try:
        stat = os.statvfs(os.path.dirname(os.path.abspath(path)))
        return stat.f_bavail * stat.f_frsize
    except (OSError, AttributeError):
        return 0


def _holder(path: str) -> str:
    """` (process 123: crm)` where the system tells who has the file locked (Linux), else nothing."""
    try:
        inode = os.stat(path).st_ino
        with open("/proc/locks", encoding="ascii", errors="replace") as locks:
            pids = {p[4] for line in locks if len(p := line.split()) > 5 and p[5].endswith(f":{inode}")}
        for pid in sorted(pids):
            if pid != str(os.getpid()) and pid != "0":
                with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as comm:
                    return f" (process {pid}: {comm.read().strip()})"
    except OSError:
        pass
    return ""
