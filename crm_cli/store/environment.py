"""Where a database lives: versions, the file and its folder, drives and folders that are shared, who has it open."""

import os
import platform
import sqlite3
import stat
from collections.abc import Mapping
from typing import Any, NamedTuple

from crm_cli import __version__
from crm_cli.errors import CrmError
from crm_cli.i18n import t
from crm_cli.store.identity import APPLICATION_ID, SCHEMA, identify
from crm_cli.store.reader import open_reader

KEYS = (
    "crm python sqlite system libraries database exists size pages page_size free_pages application_id schema"
    " known_schema journal_mode synchronous file_system network synced mode folder_mode owner private backups"
    " backup_last open_in config user locale timezone terminal columns warnings"
).split()
_LIBRARIES = (
    "typer click sqlmodel SQLAlchemy pydantic alembic rich questionary prompt_toolkit python-dateutil phonenumbers"
).split()
NETWORKS = frozenset(
    "nfs nfs4 cifs smb smb2 smb3 smbfs afs ncpfs ceph glusterfs lustre gpfs beegfs 9p fuse.sshfs fuse.rclone"
    " fuse.davfs davfs fuse.s3fs fuse.glusterfs webdav afpfs vboxsf vmhgfs fuse.vmhgfs-fuse".split()
)
# folded parts of a path -> what copies that folder to other machines
_SYNCED = {
    "dropbox": "Dropbox",
    "onedrive": "OneDrive",
    "icloud": "iCloud",
    "icloud drive": "iCloud",
    "mobile documents": "iCloud",
    "com~apple~clouddocs": "iCloud",
    "nextcloud": "Nextcloud",
    "owncloud": "ownCloud",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
    "my drive": "Google Drive",
    "syncthing": "Syncthing",
    "坚果云": "坚果云",
    "nutstore": "坚果云",
    "baidusyncdisk": "百度网盘",
}
_BEGINNINGS = ("onedrive", "dropbox", "nextcloud", "googledrive", "google drive")  # `OneDrive - Acme GmbH`
# files that a program which copies folders leaves in them
_MARKS = {
    ".dropbox": "Dropbox",
    ".stfolder": "Syncthing",
    ".sync_nextcloud.db": "Nextcloud",
    ".owncloudsync.log": "ownCloud",
}


def describe(path: str, *, elsewhere: str = "") -> dict[str, Any]:
    """Everything under KEYS that the store knows. Names and numbers only: nothing of what is kept in the file."""
    real = os.path.realpath(path)
    kind, synced = file_system(real), synced_by(real)
    row: dict[str, Any] = dict.fromkeys(KEYS)
    row.update(
        crm=__version__,
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
        system=f"{platform.system()} {platform.release()}",
        libraries=_libraries(),
        database=path,
        exists=False,
        known_schema=SCHEMA,
        file_system=kind,
        network=kind in NETWORKS,
        synced=synced,
        open_in=holders(real),
    )
    row.update(_modes(real), **_copies(path, elsewhere), **_inside(path))
    row["warnings"] = [danger.code for danger in warnings(row)]
    return row


class Danger(NamedTuple):
    """Why work may be lost or read by others where a database lies."""

    code: str
    path: str
    what: str


def warnings(row: Mapping[str, Any]) -> list[Danger]:
    """What `describe` has found that is worth a warning."""
    found = dangers(row["database"])
    if row["exists"] and row["private"] is False:
        found.append(Danger("readable", row["database"], row["mode"]))
    mode = int(row["folder_mode"] or "0", 8)
    if mode & 0o022 and not mode & stat.S_ISVTX:
        found.append(Danger("folder", os.path.dirname(os.path.abspath(row["database"])), row["folder_mode"]))
    return found


def dangers(path: str) -> list[Danger]:
    """Where a database lies that more than one machine may write."""
    real = os.path.realpath(path)
    kind, synced = file_system(real), synced_by(real)
    found = [Danger("network", path, kind)] if kind in NETWORKS else []
    return [*found, Danger("synced", path, synced)] if synced else found


def warning(danger: Danger) -> str:
    """The same in words."""
    if danger.code == "network":
        return t(
            "{path} lies on a network drive ({what}): never write to it from two machines at once", **danger._asdict()
        )
    if danger.code == "synced":
        return t(
            "{path} lies in a folder that {what} copies: written on two machines at once, it loses work",
            **danger._asdict(),
        )
    if danger.code == "readable":
        return t("{path} may be read by other users of this machine: chmod 600 closes it", **danger._asdict())
    return t("{path} may be written by other users of this machine: chmod 700 closes it", **danger._asdict())


def _libraries() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _modes(real: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    try:
        folder = os.stat(os.path.dirname(real) or ".")
        found["folder_mode"] = f"{stat.S_IMODE(folder.st_mode):04o}"
        kept = os.stat(real)
    except OSError:
        return found
    mode = stat.S_IMODE(kept.st_mode)
    hidden = not folder.st_mode & 0o011  # nobody else comes as far as the file
    found.update(mode=f"{mode:04o}", owner=_name_of(kept.st_uid), private=hidden or not mode & 0o044, size=kept.st_size)
    return found


def _name_of(uid: int) -> str:
    try:
        import pwd

        return pwd.getpwuid(uid).pw_name
    except (ImportError, KeyError):
        return str(uid)


def _copies(path: str, elsewhere: str) -> dict[str, Any]:
    from crm_cli.store.backups import listed

    found = listed(path, elsewhere)
    return {"backups": len(found), "backup_last": found[0].path if found else None}


def _inside(path: str) -> dict[str, Any]:
    """What the file says of itself; a file that is not ours raises, a damaged one says less."""
    if not identify(path).exists:
        return {}
    found: dict[str, Any] = {"exists": True, "application_id": f"0x{APPLICATION_ID:08x}"}
    try:
        db = open_reader(path)
    except CrmError:
        return found
    try:
        for key, pragma in (
            ("pages", "page_count"), ("page_size", "page_size"), ("free_pages", "freelist_count"),
            ("schema", "user_version"), ("journal_mode", "journal_mode"),
        ):  # fmt: skip
            found[key] = db.value(f"PRAGMA {pragma}")
        level = db.value("PRAGMA synchronous")
        found["synchronous"] = {0: "off", 1: "normal", 2: "full", 3: "extra"}.get(level, str(level))
    except CrmError:
        pass
    finally:
        db.close()
    return found


def file_system(real: str) -> str | None:
    """The kind of file system a path is on, by the longest mount point above it (Linux); None where none is told."""
    try:
        with open("/proc/self/mounts", encoding="utf-8", errors="surrogateescape") as mounts:
            lines = [line.split() for line in mounts]
    except OSError:
        return None
    best, kind = "", None
    for _, point, name, *_ in (line for line in lines if len(line) > 3):
        point = _unescaped(point)
        above = point.rstrip("/") + "/"
        if (real + "/").startswith(above) and len(above) >= len(best):
            best, kind = above, name
    return kind


def _unescaped(point: str) -> str:
    """`\\040` is how the list of mounts writes a space."""
    for code, sign in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        point = point.replace(code, sign)
    return point


def synced_by(real: str) -> str | None:
    """What copies the folder of a file to other machines, by the names and marks above it; None where nothing does."""
    parts = os.path.dirname(real).split(os.sep)
    for part in parts:
        low = part.lower()
        found = _SYNCED.get(low) or next((_SYNCED[b] for b in _BEGINNINGS if low.startswith(b + " ")), None)
        if found:
            return found
    folder = os.path.dirname(real)
    while folder and folder != os.path.dirname(folder):
        for mark, name in _MARKS.items():
            if os.path.exists(os.path.join(folder, mark)):
                return name
        folder = os.path.dirname(folder)
    return None


def holders(real: str) -> list[str]:
    """Other processes that have the file open, `1234 crm`, where the system tells (Linux)."""
    try:
        kept = os.stat(real)
        processes = [name for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]
    except OSError:
        return []
    found = []
    for pid in sorted(processes, key=int):
        if _has_open(pid, (kept.st_dev, kept.st_ino)):
            try:
                with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as comm:
                    found.append(f"{pid} {comm.read().strip()}")
            except OSError:
                continue
    return found


def _has_open(pid: str, file: tuple[int, int]) -> bool:
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):
            try:
                one = os.stat(f"/proc/{pid}/fd/{name}")
            except OSError:
                continue
            if (one.st_dev, one.st_ino) == file:
                return True
    except OSError:
        pass
    return False
