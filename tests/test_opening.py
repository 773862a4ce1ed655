"""How a database is opened: whose file it is, how it is locked, who may read it, where it had better not lie."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from conftest import Crm

from crm_cli.errors import StoreError
from crm_cli.store import environment, reader, turn
from crm_cli.store.identity import APPLICATION_ID, SCHEMA

WRITE = "customer add Beta"
LINUX = pytest.mark.skipif(not os.path.exists("/proc/locks"), reason="the system does not tell")


def header(path: Path, **values: int) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE IF NOT EXISTS t (x)")
    for name, value in values.items():
        connection.execute(f"PRAGMA {name}={value}")
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.write_bytes(b""), "is an empty file"),
        (lambda path: path.write_text("name,phone\nAcme,1\n" * 20), "is not a crm database"),
        (lambda path: path.write_bytes(b"SQLite format 3\0"), "is not a crm database"),
        (lambda path: header(path), "is a database of another program"),
        (lambda path: header(path, application_id=0x47504B47), "is a database of another program"),
        (lambda path: header(path, application_id=APPLICATION_ID, user_version=SCHEMA + 1), "newer than"),
        (lambda path: path.mkdir(), "is a folder"),
    ],
)
@pytest.mark.parametrize(
    "line", [WRITE, "customer list", "check", "check --fix", "check --env", "undo", "import - --as customers"]
)
def test_what_is_not_ours_is_refused_and_not_touched(crm: Crm, make: object, said: str, line: str) -> None:
    make(crm.db)  # type: ignore[operator]
    before = crm.db.read_bytes() if crm.db.is_file() else b""
    names = sorted(os.listdir(crm.folder))
    result = crm(line, stdin="name\nAcme\n")
    assert result.code == 5, result
    assert said in result.err
    assert (crm.db.read_bytes() if crm.db.is_file() else b"") == before
    assert sorted(os.listdir(crm.folder)) == names


def test_a_read_makes_no_file(crm: Crm) -> None:
    for line in ("customer list", "today", "check", "check --env"):
        crm.ok(line)
    assert not crm.db.exists()


def test_a_new_database_is_private(crm: Crm) -> None:
    place = crm.folder / "new" / "deep" / "crm.db"
    crm.ok(f"{WRITE} --db {place}")
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700


def test_connections_are_set_as_promised(acme: Crm) -> None:
    from crm_cli.store.writer import connect

    names = ("foreign_keys", "recursive_triggers", "synchronous", "cell_size_check", "query_only", "trusted_schema")
    db = reader.open_reader(str(acme.db))
    assert [db.value(f"PRAGMA {name}") for name in names] == [1, 1, 2, 1, 1, 0]
    assert db.value("PRAGMA busy_timeout") >= 10_000
    with pytest.raises(StoreError, match="may not be written"):
        db.rows("DELETE FROM reminder_claim")
    db.close()
    connection = connect(str(acme.db))
    assert [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names] == [1, 1, 2, 1, 0, 1]
    assert connection.execute("PRAGMA busy_timeout").fetchone()[0] >= 10_000
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
    connection.close()


@pytest.mark.parametrize("line", [WRITE, "import - --as customers", "check --fix"])
def test_a_write_ahead_log_goes_back_to_the_rollback_journal(acme: Crm, line: str) -> None:
    connection = sqlite3.connect(acme.db)
    assert connection.execute("PRAGMA journal_mode=WAL").fetchone()[0] == "wal"
    connection.execute("UPDATE deal SET closed_on = '2026-11-25'")
    connection.commit()
    connection.close()
    assert acme.rows("check --env")["journal_mode"] == "wal"
    acme(line, stdin="name\nBeta\n")
    assert acme.rows("check --env")["journal_mode"] == "delete"
    assert not list(acme.folder.glob("crm.db-*"))


def test_a_trial_leaves_the_log_as_it_is(acme: Crm) -> None:
    connection = sqlite3.connect(acme.db)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    acme.ok(f"{WRITE} --dry-run")
    assert acme.rows("check --env")["journal_mode"] == "wal"


HOLD = (
    "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN IMMEDIATE');"
    " print('held', flush=True); sys.stdin.read()"
)


@pytest.fixture
def held(acme: Crm, monkeypatch: pytest.MonkeyPatch) -> "subprocess.Popen[bytes]":
    """Another process that has the database locked for writing and does not let go."""
    from crm_cli.store import bulk, writer

    for module in (reader, writer, bulk):
        monkeypatch.setattr(module, "BUSY_SECONDS", 0.2)
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(acme.db)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None
    other.stdout.readline()
    yield other  # type: ignore[misc]
    other.communicate()


@pytest.mark.process
@LINUX
def test_a_lock_that_does_not_end_is_named_and_reading_goes_on(acme: Crm, held: "subprocess.Popen[bytes]") -> None:
    for line in (WRITE, "undo", "import - --as customers", "deal win 1"):
        result = acme(line, stdin="name\nBeta\n")
        assert result.code == 75, result
        assert f"(process {held.pid}: python" in result.err
        assert "nothing was changed" in result.err
    assert len(acme.rows("customer list")) == 1
    assert acme.ok("check").out == ""
    assert any(one.startswith(f"{held.pid} ") for one in acme.rows("check --env")["open_in"])


def test_the_wait_is_ten_seconds() -> None:
    assert reader.BUSY_SECONDS == 10.0


# ------------------------------------------------------------------ where it lies


@pytest.mark.parametrize(
    ("place", "what"),
    [
        ("Dropbox/crm.db", "Dropbox"),
        ("OneDrive - Acme GmbH/sales/crm.db", "OneDrive"),
        ("Library/Mobile Documents/com~apple~CloudDocs/crm.db", "iCloud"),
        ("Nextcloud/crm.db", "Nextcloud"),
        ("Google Drive/My Drive/crm.db", "Google Drive"),
        ("坚果云/crm.db", "坚果云"),
        ("dropbox-notes/crm.db", None),
        ("plain/crm.db", None),
    ],
)
def test_a_folder_that_is_copied_is_named_once(crm: Crm, place: str, what: str | None) -> None:
    path = crm.folder / place
    words = ["customer", "add", "Beta", "--db", str(path)]
    said = [line for line in crm.ok(*words).err.splitlines() if line.startswith("Warning: ")]
    expected = f"Warning: {path} lies in a folder that {what} copies: written on two machines at once, it loses work"
    assert said == ([expected] if what else [])
    assert "Warning" not in crm.ok("customer", "add", "Gamma", "--db", str(path)).err
    row = crm.ok("check", "--env", "--json", "--db", str(path)).json
    assert (row["synced"], row["warnings"]) == (what, ["synced"] if what else [])


def test_a_mark_in_a_folder_tells_too(crm: Crm) -> None:
    (crm.folder / ".stfolder").mkdir()
    assert "Syncthing" in crm.ok(WRITE).err


def test_a_network_drive_is_named_once(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "file_system", lambda real: "nfs4")
    assert "lies on a network drive (nfs4)" in crm.ok(WRITE).err
    assert "Warning" not in crm.ok("customer add Gamma").err
    row = crm.ok("check --env --json").json
    assert (row["file_system"], row["network"], row["warnings"]) == ("nfs4", True, ["network"])


@LINUX
def test_the_file_system_is_that_of_the_longest_mount_point() -> None:
    assert environment.file_system("/proc/self/status") == "proc"
    assert environment.file_system("/") not in (None, "proc")


def test_a_trial_in_such_a_folder_makes_nothing_and_warns_of_nothing(crm: Crm) -> None:
    path = crm.folder / "Dropbox" / "crm.db"
    assert "Warning" not in crm.ok("customer", "add", "Beta", "--dry-run", "--db", str(path)).err
    assert not path.exists()


@pytest.mark.ci
def test_who_waits_longest_for_a_turn_to_write_is_next(tmp_path: Path) -> None:
    """Two wait while a third one writes, the later one for a moment only: SQLite's own wait would let it pass."""
    path = tmp_path / "turns.db"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("CREATE TABLE t (x)")
    first: list[str] = []

    def wait(name: str) -> None:
        own = sqlite3.connect(path, isolation_level=None, timeout=5)
        turn.begin(own)
        first.append(name)
        time.sleep(0.06)
        own.execute("COMMIT")
        own.close()

    won = 0
    for _ in range(10):
        first.clear()
        holder.execute("BEGIN IMMEDIATE")
        older, newer = (threading.Thread(target=wait, args=(name,)) for name in ("older", "newer"))
        older.start()
        time.sleep(0.7)
        newer.start()
        time.sleep(0.1)
        holder.execute("COMMIT")
        older.join()
        newer.join()
        won += first[0] == "older"
    assert won >= 8
