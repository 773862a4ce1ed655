"""crm backup: copies that are real, what is copied by itself, and the way back from a damaged or a spoiled database."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import Crm
from test_migrations import old_database

from crm_cli.store import backups, copy, restoring
from crm_cli.store.identity import APPLICATION_ID, SCHEMA

KEYS = "name at reason size records op command problem path"
NAME = "crm-2026-11-25T090000Z-manual.db"
ADDED = "crm deal add 'Acme rollout' --customer acme --amount 48k --currency EUR --stage proposal --close 2026-12-31"


def folder(crm: Crm) -> Path:
    return crm.folder / "backups"


def names(crm: Crm) -> list[str]:
    """What lies in the folder of copies, half ones too."""
    return sorted(os.listdir(folder(crm))) if folder(crm).exists() else []


def customers(path: Path) -> list[str]:
    """The customers in a file that must hold together."""
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        return [name for (name,) in connection.execute("SELECT name FROM customer ORDER BY id")]
    finally:
        connection.close()


def spoil(path: Path, *, head: bool = False) -> bytes:
    """Random bytes over the head, or over one page that only a check of the whole finds; returns what the file is."""
    connection = sqlite3.connect(path)
    page = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'customer_name'").fetchone()[0]
    connection.close()
    with open(path, "r+b") as file:
        file.seek(0 if head else 4096 * (page - 1))
        file.write(os.urandom(4096))
    return path.read_bytes()


# ------------------------------------------------------------------ make and list


def test_a_copy_is_one_private_file_with_all_in_it(acme: Crm) -> None:
    result = acme.ok("backup make")
    path = folder(acme) / NAME
    assert result.out == ""
    assert result.err == f"Copied to {path}: 3 records, last change op:3, {ADDED}\n"
    assert customers(path) == ["Acme GmbH"]
    assert names(acme) == [NAME]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder(acme).stat().st_mode) == 0o700


def test_the_keys_of_a_copy_in_every_format(acme: Crm) -> None:
    made = acme.rows("backup make")
    assert list(made) == KEYS.split()
    size = (folder(acme) / NAME).stat().st_size
    assert made == {
        "name": NAME,
        "at": "2026-11-25T09:00:00+00:00",
        "reason": "manual",
        "size": size,
        "records": 3,
        "op": 3,
        "command": ADDED,
        "problem": None,
        "path": str(folder(acme) / NAME),
    }
    assert acme.rows("backup list") == [made]
    assert acme.rows("backup") == acme.rows("backups") == [made]
    assert acme.ok("backup list --format csv").out.splitlines()[0] == KEYS.replace(" ", ",")
    assert acme.ok("backup list --format ids").out == f"{NAME}\n"
    assert acme.ok("backup list --columns name,records --format tsv").out == f"name\trecords\n{NAME}\t3\n"
    assert acme.rows("backup list --lang zh") == [made]
    table = acme.ok("backup list").out.splitlines()
    assert table[0].split() == ["name", "at", "size", "records", "command"]
    assert table[1].split()[:6] == [NAME, "2026-11-25", "09:00", f"{size / 1000:.0f}", "kB", "3"]


def test_no_copies_yet(acme: Crm) -> None:
    result = acme.ok("backup list")
    assert (result.out, result.err) == ("", "Nothing found.\nTo make one: crm backup make\n")
    assert acme.rows("backup list") == []
    assert not folder(acme).exists()


def test_copies_of_one_second_have_names_of_their_own_and_the_newest_comes_first(acme: Crm) -> None:
    for _ in range(3):
        acme.ok("backup make")
    acme.at("2026-11-25T08:59:59").ok("backup make")
    assert [row["name"] for row in acme.rows("backup list")] == [
        "crm-2026-11-25T090000Z-3-manual.db",
        "crm-2026-11-25T090000Z-2-manual.db",
        NAME,
        "crm-2026-11-25T085959Z-manual.db",
    ]
    result = acme.ok("backup list --limit 1 --format ids")
    assert result.out == "crm-2026-11-25T090000Z-3-manual.db\n"
    assert acme.ok("backup list --sort at --limit 1 --format ids").out == "crm-2026-11-25T085959Z-manual.db\n"


def test_only_copies_of_this_database_are_listed(acme: Crm) -> None:
    folder(acme).mkdir()
    for name in (
        "other-2026-11-25T090000Z-manual.db",
        "crm-2026-11-25T090000Z-manual.db.gz",
        "crm-2026-11-25-manual.db",
    ):
        (folder(acme) / name).write_text("no copy of crm.db")
    (folder(acme) / "crm-2026-13-45T990000Z-manual.db").write_text("no moment")
    assert acme.rows("backup list") == []
    acme.ok("backup make")
    assert [row["name"] for row in acme.rows("backup list")] == [NAME]
    assert acme.rows("backup list", env={"CRM_DB": str(acme.folder / "crm")}) == []


def test_a_copy_that_is_damaged_or_newer_says_so_in_the_list(acme: Crm) -> None:
    acme.ok("backup make")
    shutil.copy(folder(acme) / NAME, folder(acme) / "crm-2026-11-24T090000Z-manual.db")
    with open(folder(acme) / "crm-2026-11-24T090000Z-manual.db", "r+b") as file:
        file.truncate(4096 * 3)
    connection = sqlite3.connect(folder(acme) / NAME)
    connection.execute(f"PRAGMA user_version={SCHEMA + 1}")
    connection.close()
    assert [row["problem"] for row in acme.rows("backup list")] == ["newer", "damaged"]
    table = acme.ok("backup list").out
    assert "newer than this crm\n" in table
    assert table.endswith("damaged\n")


def test_a_copy_goes_where_it_is_told(acme: Crm) -> None:
    target = acme.folder / "monday copy.db"
    result = acme.ok("backup", "make", str(target))
    assert result.err == f"Copied to {target}: 3 records, last change op:3, {ADDED}\n"
    assert customers(target) == ["Acme GmbH"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert names(acme) == []
    (acme.folder / "disk").mkdir()
    acme.ok("backup", "make", str(acme.folder / "disk"))
    assert os.listdir(acme.folder / "disk") == [NAME]


def test_a_file_that_is_there_is_replaced_only_with_force(acme: Crm) -> None:
    target = acme.folder / "copy.db"
    target.write_text("mine")
    result = acme("backup", "make", str(target))
    assert (result.code, result.out) == (4, "")
    assert result.err == (f"crm: {target} is already there.\nAdd --force to replace it, or choose another name.\n")
    assert target.read_text() == "mine"
    acme.ok("backup", "make", str(target), "--force")
    assert customers(target) == ["Acme GmbH"]
    assert not [name for name in os.listdir(acme.folder) if name.endswith(".part")]


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_places_that_a_copy_cannot_have_are_named_and_left_alone(acme: Crm, force: list[str]) -> None:
    before = acme.db.read_bytes()
    os.mkfifo(acme.folder / "fifo")
    for target, code, said in (
        (acme.db, 2, "is the database itself"),
        (acme.folder / "nowhere" / "copy.db", 5, "There is no folder for"),
        (acme.folder / "fifo", 5, "is no plain file."),
        ("", 2, "FILE may not be empty"),
    ):
        result = acme("backup", "make", str(target), *force)
        assert result.code == code, result
        assert said in result.err
    assert acme.db.read_bytes() == before
    assert stat.S_ISFIFO((acme.folder / "fifo").stat().st_mode)
    assert not [name for name in os.listdir(acme.folder) if name.endswith(".part")]


def test_a_trial_makes_no_copy(acme: Crm) -> None:
    result = acme.ok("backup make --dry-run")
    assert result.err == f"Trial, nothing was kept: copied to {folder(acme) / NAME}\n"
    acme.ok("backup", "make", str(acme.folder / "copy.db"), "--dry-run")
    assert not folder(acme).exists()
    assert not (acme.folder / "copy.db").exists()


def test_without_a_database_there_is_nothing_to_copy(crm: Crm) -> None:
    result = crm("backup make")
    assert result.code == 3
    assert result.err == f"crm: There is no database yet: {crm.db}\nThe first write makes it.\n"
    assert os.listdir(crm.folder) == []


def test_a_copy_of_a_database_with_a_write_ahead_log_is_one_file(acme: Crm) -> None:
    keeper = sqlite3.connect(acme.db)
    keeper.execute("PRAGMA journal_mode=WAL")
    keeper.execute("UPDATE customer SET city = 'Berlin'")
    keeper.commit()
    acme.ok("backup make")
    keeper.close()
    path = folder(acme) / NAME
    assert path.read_bytes()[18:20] == b"\x01\x01"
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT city FROM customer").fetchall() == [("Berlin",)]
    connection.close()
    assert names(acme) == [NAME]


def test_a_damaged_database_is_not_copied(acme: Crm) -> None:
    acme.ok("backup make")
    spoiled = spoil(acme.db)
    result = acme.at("2026-11-25T10:00:00")("backup make")
    assert result.code == 5
    assert result.err.startswith(f"crm: {acme.db} is damaged: ")
    assert names(acme) == [NAME]
    assert acme.db.read_bytes() == spoiled


def test_rows_that_point_at_nothing_are_copied_and_said(acme: Crm) -> None:
    connection = sqlite3.connect(acme.db)
    connection.execute("UPDATE deal SET customer_id = 77")
    connection.commit()
    connection.close()
    result = acme.ok("backup make")
    assert result.err.splitlines()[1:] == ["1 row of it points at nothing, here as there: crm check"]


def test_half_copies_of_processes_that_are_gone_are_swept_away(acme: Crm) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    folder(acme).mkdir()
    node = copy._node()
    dead, alive, foreign, old, other = (
        f".{NAME}.{node}-{gone.pid}.part",
        f".{NAME}.{node}-{os.getppid()}.part",
        f".{NAME}.elsewhere-{gone.pid}.part",
        f".{NAME}.elsewhere-1.part",
        f".other-2026.db.{node}-{gone.pid}.part",
    )
    for name in (dead, alive, foreign, old, other):
        (folder(acme) / name).touch()
    os.utime(folder(acme) / old, (time.time() - 7200, time.time() - 7200))
    acme.ok("backup make")
    assert names(acme) == sorted([alive, foreign, other, NAME])


def test_an_interrupted_copy_leaves_nothing(acme: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(copy, "verify", stop)
    result = acme("backup make")
    assert (result.code, result.err) == (130, "crm: Stopped; nothing was changed\n")
    assert names(acme) == []


def test_a_copy_in_a_folder_of_the_setting(acme: Crm) -> None:
    acme.ok("backup make")
    acme.ok("config", "set", "backup-dir", str(acme.folder / "disk"))
    acme.ok("backup make")
    other = {"CRM_DB": str(acme.folder / "b" / "crm.db")}
    acme.ok("customer add Beta", env=other)
    acme.ok("backup make", env=other)
    found = [Path(row["path"]) for row in acme.rows("backup list")]
    assert [path.name for path in found] == ["crm-2026-11-25T090000Z-2-manual.db", NAME]
    assert found[0].parent.parent == acme.folder / "disk"
    assert found[1].parent == folder(acme)
    (apart,) = acme.rows("backup list", env=other)
    assert Path(apart["path"]).parent.parent == acme.folder / "disk"
    assert Path(apart["path"]).parent != found[0].parent
    assert customers(Path(apart["path"])) == ["Beta"]


@pytest.mark.process
def test_a_copy_goes_through_a_pipe_and_never_to_a_terminal(acme: Crm, at: Any) -> None:
    crm = Path(sys.executable).parent / "crm"
    environ = {**os.environ, **acme.environ}
    done = subprocess.run([crm, "backup", "make", "-"], capture_output=True, env=environ, check=True)
    assert done.stderr == b""
    (acme.folder / "piped.db").write_bytes(done.stdout)
    assert customers(acme.folder / "piped.db") == ["Acme GmbH"]
    child = at("backup", "make", "-").child
    child.expect("A copy is no text for a terminal")
    child.expect("Name a file: crm backup make FILE")


# ------------------------------------------------------------------ restore


def test_a_copy_comes_back_and_what_was_there_is_kept(acme: Crm) -> None:
    acme.ok("backup make")
    acme.ok("customer add Beta")
    result = acme.ok("backup restore latest --yes")
    before = "crm-2026-11-25T090000Z-2-before-restore.db"
    assert result.err == (
        f"Restored from {folder(acme) / NAME}: 3 records, last change op:3, {ADDED}\n"
        f"What was there before: crm backup restore {before}\n"
    )
    assert customers(acme.db) == ["Acme GmbH"]
    assert customers(folder(acme) / before) == ["Acme GmbH", "Beta"]
    assert sorted(name for name in os.listdir(acme.folder) if name.startswith("crm.db")) == ["crm.db"]
    acme.ok("customer add Gamma")
    acme.ok(f"backup restore {before} --yes")
    assert customers(acme.db) == ["Acme GmbH", "Beta"]
    acme.ok("backup restore latest --yes")
    assert customers(acme.db) == ["Acme GmbH"], "latest is none that a restore has put away"


def test_a_copy_comes_back_from_any_file(acme: Crm) -> None:
    target = acme.folder / "copy.db"
    acme.ok("backup", "make", str(target))
    acme.ok("customer add Beta")
    shown = acme.rows("backup", "restore", str(target), "--yes")
    assert list(shown) == "name size records op command path kept aside".split()
    assert (shown["name"], shown["path"], shown["aside"]) == ("copy.db", str(target), None)
    assert customers(Path(shown["kept"])) == ["Acme GmbH", "Beta"]
    assert customers(acme.db) == ["Acme GmbH"]


def test_a_restore_asks_first(acme: Crm) -> None:
    acme.ok("backup make")
    acme.ok("customer add Beta")
    before = acme.db.read_bytes()
    result = acme("backup restore latest")
    assert result.code == 2
    assert result.err.splitlines()[0] == (
        f"crm: {acme.db} becomes {NAME} (3 records, last change op:3, {ADDED}). What is there now is copied first;"
        " crm undo cannot take this back. Go on? Nobody is here to ask"
    )
    result = acme.ok("backup restore latest --dry-run")
    assert result.err == f"Trial, nothing was kept: restored from {folder(acme) / NAME}\n"
    assert acme.db.read_bytes() == before
    assert names(acme) == [NAME]


def test_a_restore_keeps_the_modes_of_a_shared_file(acme: Crm) -> None:
    acme.ok("backup make")
    acme.db.chmod(0o660)
    acme.ok("backup restore latest --yes")
    assert stat.S_IMODE(acme.db.stat().st_mode) == 0o660


def test_what_cannot_be_restored_is_refused_before_anything_is_asked(acme: Crm) -> None:
    acme.ok("backup make")
    newer, damaged, foreign, text = (acme.folder / f"{name}.db" for name in ("newer", "damaged", "foreign", "text"))
    for path in (newer, damaged):
        shutil.copy(folder(acme) / NAME, path)
    connection = sqlite3.connect(newer)
    connection.execute(f"PRAGMA user_version={SCHEMA + 1}")
    connection.close()
    spoil(damaged)
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE moz (x)")
    connection.close()
    text.write_text("hello\n" * 100)
    before = acme.db.read_bytes()
    for name, code, said in (
        ("nope", 3, "There is no copy nope"),
        (str(acme.db), 2, "is the database itself"),
        (str(newer), 5, f"has schema version {SCHEMA + 1}, newer than"),
        (str(damaged), 5, "Nothing was changed. Another one: crm backup list"),
        (str(foreign), 5, "is a database of another program"),
        (str(text), 5, "is not a crm database"),
        (str(acme.folder), 5, "is a folder"),
    ):
        result = acme("backup", "restore", name, "--yes")
        assert (result.code, said in result.err) == (code, True), result
    assert acme.db.read_bytes() == before
    assert names(acme) == [NAME]
    assert acme("backup restore --yes").code == 2
    shutil.rmtree(folder(acme))
    result = acme("backup restore latest --yes")
    assert (result.code, result.err) == (
        3,
        f"crm: There is no copy of {acme.db} that could be restored\nName a file.\n",
    )


@pytest.mark.parametrize("head", [True, False], ids=["its head", "a page"])
def test_a_damaged_database_is_moved_aside(acme: Crm, head: bool) -> None:
    acme.ok("backup make")
    spoiled = spoil(acme.db, head=head)
    journal = b"an old journal that must not be played into the new file"
    if head:
        (acme.folder / "crm.db-journal").write_bytes(journal)
    result = acme.ok("backup restore latest --yes")
    aside = acme.folder / "crm.db.damaged-2026-11-25T090000Z"
    assert result.err.splitlines()[1:] == [f"The damaged file is kept: {aside}"]
    assert aside.read_bytes() == spoiled
    assert customers(acme.db) == ["Acme GmbH"]
    assert stat.S_IMODE(acme.db.stat().st_mode) == 0o600
    if head:
        assert Path(f"{aside}-journal").read_bytes() == journal
    assert not (acme.folder / "crm.db-journal").exists()
    acme.ok("customer add Beta")
    assert names(acme) == [NAME]


def test_the_latest_is_the_newest_that_is_not_damaged(acme: Crm) -> None:
    acme.ok("backup make")
    acme.ok("customer add Beta")
    acme.at("2026-11-25T10:00:00").ok("backup make")
    spoil(folder(acme) / "crm-2026-11-25T100000Z-manual.db")
    assert [row["problem"] for row in acme.rows("backup list")] == [None, None]
    assert acme.rows("backup restore latest --yes")["name"] == NAME
    assert customers(acme.db) == ["Acme GmbH"]


def test_a_missing_or_empty_database_comes_back(acme: Crm) -> None:
    acme.ok("backup make")
    acme.db.write_bytes(b"")
    assert acme.ok("backup restore latest").err.startswith("Restored from ")
    assert customers(acme.db) == ["Acme GmbH"]
    acme.db.unlink()
    (acme.folder / "crm.db-journal").write_bytes(b"left by a crash")
    acme.ok("backup restore latest")
    assert customers(acme.db) == ["Acme GmbH"]
    assert stat.S_IMODE(acme.db.stat().st_mode) == 0o600
    assert acme.rows("customer list --columns name") == [{"name": "Acme GmbH"}]
    acme.ok("backup", "restore", str(folder(acme) / NAME), env={"CRM_DB": str(acme.folder / "new" / "crm.db")})
    assert customers(acme.folder / "new" / "crm.db") == ["Acme GmbH"]


def test_a_database_of_another_program_is_never_replaced(acme: Crm) -> None:
    acme.ok("backup", "make", str(acme.folder / "copy.db"))
    other = acme.folder / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE moz (x)")
    connection.close()
    before = other.read_bytes()
    result = acme("backup", "restore", str(acme.folder / "copy.db"), "--yes", env={"CRM_DB": str(other)})
    assert (result.code, "is a database of another program" in result.err) == (5, True), result
    assert other.read_bytes() == before


def test_a_newer_database_goes_back_to_the_copy_made_before(acme: Crm) -> None:
    acme.ok("backup make")
    connection = sqlite3.connect(acme.db)
    connection.execute(f"PRAGMA user_version={SCHEMA + 1}")
    connection.close()
    acme.ok("backup restore latest --yes")
    assert acme.rows("customer list --columns name") == [{"name": "Acme GmbH"}]
    assert [row["problem"] for row in acme.rows("backup list")] == ["newer", None]


def test_a_restore_waits_for_a_lock_and_gives_up(acme: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    acme.ok("backup make")
    monkeypatch.setattr(restoring, "BUSY_SECONDS", 0.1)
    holder = sqlite3.connect(acme.db, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    result = acme("backup restore latest --yes")
    assert (result.code, names(acme)) == (75, [NAME])
    holder.execute("ROLLBACK")
    holder.close()
    acme.ok("backup restore latest --yes")


def test_who_waits_for_a_restore_writes_into_what_was_restored(acme: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    acme.ok("backup make")
    acme.ok("customer add Beta")
    made, refused = backups.keep, []

    def keep_while_another_writes(*args: Any, **more: Any) -> tuple[str, int]:
        done = made(*args, **more)
        code = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('UPDATE customer SET city = 1')"
        refused.append(subprocess.run([sys.executable, "-c", code, str(acme.db)], capture_output=True).returncode)
        waiting.start()
        time.sleep(0.1)
        return done

    def write() -> None:
        connection = sqlite3.connect(acme.db, timeout=10)
        connection.execute(
            "INSERT INTO tag (uuid, name, name_key, created_at, updated_at) VALUES ('u', 'x', 'x', '2026-11-25T09:00:00Z', '2026-11-25T09:00:00Z')"
        )
        connection.commit()
        connection.close()

    waiting = threading.Thread(target=write)
    monkeypatch.setattr(backups, "keep", keep_while_another_writes)
    acme.ok("backup restore latest --yes")
    waiting.join()
    assert refused == [1], "the lock is held from before the copy until all is restored"
    assert customers(acme.db) == ["Acme GmbH"]
    assert acme.sql("SELECT name FROM tag WHERE name = 'x'") == [("x",)]


def test_a_restore_that_stops_in_the_middle_changes_nothing(acme: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    acme.ok("backup make")
    acme.ok("customer add Beta")
    before = acme.db.read_bytes()

    def stop(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
        def step(status: int, remaining: int, total: int) -> None:
            if remaining < total // 2:
                raise KeyboardInterrupt

        source.backup(target, pages=1, progress=step)

    monkeypatch.setattr(restoring, "write_pages", stop)
    assert acme("backup restore latest --yes").code == 130
    assert customers(acme.db) == ["Acme GmbH", "Beta"]
    assert acme.db.read_bytes()[4096:] == before[4096:]


@pytest.mark.process
@pytest.mark.slow
def test_a_restore_that_is_killed_leaves_the_one_or_the_other(acme: Crm) -> None:
    rows = "".join(f"Base {i},b{i}@a.example\n" for i in range(20_000))
    acme.ok("backup make")
    acme.ok("import - --as customers", stdin=f"name,email\n{rows}")
    acme.ok("backup", "make", str(acme.folder / "large.db"))
    acme.ok("backup restore latest --yes")
    code = f"import sys; sys.argv = ['crm', 'backup', 'restore', {str(acme.folder / 'large.db')!r}, '--yes']; from crm_cli.app import main; main()"
    environ = {**os.environ, **acme.environ}
    environ.pop("CRM_NOW")
    for i in range(40):
        child = subprocess.Popen([sys.executable, "-c", code], env=environ, stderr=subprocess.DEVNULL)
        time.sleep(0.1 + i * 0.02)
        child.kill()
        child.wait()
        assert acme.rows("customer list --limit 1 --columns name") == [{"name": "Acme GmbH"}]
        assert len(customers(acme.db)) in (1, 20_001)
    assert all(row["problem"] is None for row in acme.rows("backup list"))


# ------------------------------------------------------------------ by itself


def load(crm: Crm, *names: str, code: int = 0) -> None:
    """An import of customers by name."""
    result = crm("import", "-", "--as", "customers", stdin="name\n" + "".join(f"{name}\n" for name in names))
    assert result.code == code, result


def test_an_import_is_preceded_by_a_copy(acme: Crm) -> None:
    load(acme, "Beta", "Gamma")
    (row,) = acme.rows("backup list")
    assert (row["name"], row["reason"]) == ("crm-2026-11-25T090000Z-before-import.db", "before-import")
    assert customers(Path(row["path"])) == ["Acme GmbH"]
    assert customers(acme.db) == ["Acme GmbH", "Beta", "Gamma"]


def test_no_copy_where_an_import_writes_nothing_or_there_is_nothing_to_lose(crm: Crm) -> None:
    load(crm, "Acme")
    assert names(crm) == []
    load(crm, "Acme")
    crm.ok("import", "-", "--as", "customers", "--dry-run", stdin="name\nBeta\n")
    crm.ok("import", "-", "--as", "customers", "--explain", stdin="name\nBeta\n")
    assert crm("import", "-", "--as", "customers", stdin="name,email\nBeta,b@b.example\nGamma,none\n").code == 65
    assert names(crm) == []
    load(crm, "Acme", "Beta")
    assert len(names(crm)) == 1


def test_no_copy_where_nothing_was_written_since_the_last(acme: Crm) -> None:
    acme.ok("backup make")
    load(acme, "Beta")
    assert names(acme) == [NAME]
    load(acme, "Gamma")
    assert names(acme) == ["crm-2026-11-25T090000Z-2-before-import.db", NAME]
    later = acme.at("2026-11-25T10:00:00")
    later.ok("backup make")
    with open(folder(acme) / "crm-2026-11-25T100000Z-manual.db", "r+b") as file:
        file.truncate(acme.db.stat().st_size - 4096)
    load(later, "Delta")
    assert "crm-2026-11-25T100000Z-2-before-import.db" in names(acme), "one that is cut off counts for nothing"


def test_one_copy_for_several_files_of_one_import(acme: Crm) -> None:
    for name in ("a", "b"):
        (acme.folder / f"{name}.csv").write_text(f"name\nCompany {name}\n")
    acme.ok("import", str(acme.folder / "a.csv"), str(acme.folder / "b.csv"), "--as", "customers")
    assert customers(acme.db) == ["Acme GmbH", "Company a", "Company b"]
    assert len(names(acme)) == 1


def test_a_change_by_query_of_several_records_is_preceded_by_a_copy(acme: Crm) -> None:
    acme.ok("customer edit region:dach --city Berlin --yes")
    acme.ok("customer add Beta --region DACH")
    acme.ok("customer edit 1 2 --city Bonn")
    acme.ok("customer edit region:dach --city Kiel --yes --dry-run")
    assert acme("customer edit region:dach --city Kiel").code == 2
    assert names(acme) == []
    acme.ok("customer edit region:dach --city Kiel --yes")
    (row,) = acme.rows("backup list")
    assert row["reason"] == "before-change"
    assert row["command"] == "crm customer edit 1 2 --city Bonn"
    acme.ok("tag add vip customer:1")
    acme.ok("tag add late region:dach --yes")
    assert len(names(acme)) == 2


def test_the_setting_turns_copies_off_that_nobody_asked_for(acme: Crm) -> None:
    acme.ok("config set backup off")
    acme.ok("customer add Beta --region DACH")
    load(acme, "Gamma")
    acme.ok("customer edit region:dach --city Kiel --yes")
    assert names(acme) == []
    acme.ok("config set backup on")
    load(acme, "Delta")
    assert len(names(acme)) == 1
    acme("import", "-", "--as", "customers", stdin="name\nEta\n", env={"CRM_BACKUP": "off"})
    assert len(names(acme)) == 1
    assert acme("config set backup maybe").code == 2


def test_a_large_database_is_copied_every_ten_minutes_at_most(acme: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "_LARGE", 0)
    load(acme, "Beta")
    load(acme.at("2026-11-25T09:09:00"), "Gamma")
    assert len(names(acme)) == 1
    load(acme.at("2026-11-25T09:11:00"), "Delta")
    assert len(names(acme)) == 2
    load(acme.at("2026-11-25T08:00:00"), "Eta")
    assert len(names(acme)) == 3, "a clock that was set back"


def test_where_no_copy_can_be_made_nothing_is_changed(acme: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    folder(acme).write_text("no folder")
    before = acme.db.read_bytes()
    result = acme("import", "-", "--as", "customers", stdin="name\nBeta\n")
    assert (result.code, result.out) == (5, "")
    assert result.err == (
        f"crm: No copy of {acme.db} could be made first: The folder {folder(acme)} cannot be made: File exists\n"
        "Nothing was changed. Free some space, or do without such copies: crm config set backup off\n"
    )
    folder(acme).unlink()

    def full(*_: Any) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorname, error.sqlite_errorcode = "SQLITE_FULL", sqlite3.SQLITE_FULL
        raise error

    monkeypatch.setattr(copy, "write_pages", full)
    for words in (["import", "-", "--as", "customers"], ["customer", "edit", "region:a..z", "--city", "Kiel", "--yes"]):
        if words[0] == "customer":
            monkeypatch.undo()
            acme.ok("customer add Beta --region DACH")
            before = acme.db.read_bytes()
            monkeypatch.setattr(copy, "write_pages", full)
            words[2] = "region:dach"
        result = acme(*words, stdin="name\nBeta\n")
        assert result.code == 5
        assert result.err.startswith(f"crm: No copy of {acme.db} could be made first: The disk is full (")
        assert acme.db.read_bytes() == before
        assert names(acme) == []


def test_a_migration_is_preceded_by_a_copy(crm: Crm) -> None:
    old_database(crm.db)
    before = crm.db.read_bytes()
    crm.ok("customer list")
    (name,) = names(crm)
    assert name.endswith("Z-before-migration.db")
    connection = sqlite3.connect(folder(crm) / name)
    assert connection.execute("PRAGMA user_version").fetchone() == (0,)
    connection.close()
    assert len(before) == (folder(crm) / name).stat().st_size
    crm.ok("customer list")
    assert names(crm) == [name]


def test_a_migration_without_a_copy_does_not_begin(crm: Crm) -> None:
    old_database(crm.db)
    folder(crm).write_text("no folder")
    before = crm.db.read_bytes()
    result = crm("customer list")
    assert result.code == 5
    assert result.err.splitlines()[1] == "Nothing was changed. Free some space first."
    assert crm.db.read_bytes() == before


def test_the_last_ten_stay_and_one_a_day_for_a_month_and_all_made_by_hand(acme: Crm) -> None:
    folder(acme).mkdir()
    now = datetime(2026, 11, 25, 9, tzinfo=UTC)
    moments = [now - timedelta(hours=6 * i) for i in range(200)]
    for i, moment in enumerate(moments):
        reason = "before-migration" if i == 199 else "manual" if i % 50 == 7 else "before-import"
        (folder(acme) / f"crm-{moment:%Y-%m-%dT%H%M%SZ}-{reason}.db").touch()
    backups.rotate(str(acme.db), now)
    left = backups.listed(str(acme.db))
    automatic = [one for one in left if one.reason != "manual"]
    assert [one.at for one in left if one.reason == "manual"] == [moments[i] for i in (7, 57, 107, 157)]
    expected = [moment for i, moment in enumerate(moments) if i % 50 != 7]
    assert [one.at for one in automatic[:10]] == expected[:10]
    last = {moment.date(): moment for moment in reversed(expected) if moment > now - timedelta(days=30)}
    assert {one.at for one in automatic} == {*expected[:10], *last.values(), moments[199]}
    assert automatic[-1].reason == "before-migration", "the last one of each reason stays"


def test_the_copy_that_is_restored_is_not_rotated_away(acme: Crm) -> None:
    oldest = "crm-2026-01-01T080000Z-before-import.db"
    folder(acme).mkdir()
    shutil.copy(acme.db, folder(acme) / oldest)
    for day in range(1, 12):
        shutil.copy(acme.db, folder(acme) / f"crm-2026-03-{day:02}T090000Z-before-import.db")
    acme.ok("customer add Beta")
    acme.ok(f"backup restore {oldest} --yes")
    assert customers(acme.db) == ["Acme GmbH"]
    assert oldest in names(acme)
    assert len(names(acme)) == 11, "ten, and that one"


# ------------------------------------------------------------------ what others see of it


def test_a_damaged_or_empty_database_names_its_copies(acme: Crm) -> None:
    way_back = f"Nothing was changed. Copies of it: {NAME}. To go back to the newest: crm backup restore latest"
    acme.ok("backup make")
    whole = acme.db.read_bytes()
    for content in (b"", b"\0" * 8192, whole[:4096] + os.urandom(len(whole) - 4096)):
        acme.db.write_bytes(content)
        for line in ("customer list", "customer add New"):
            result = acme(line)
            assert result.code == 5
            assert result.err.splitlines()[1:] == [way_back], result
        assert acme.db.read_bytes() == content
    acme.ok("backup restore latest --yes")
    assert acme.rows("customer list --columns name") == [{"name": "Acme GmbH"}]


@pytest.mark.process
def test_a_copy_within_a_write_does_not_give_its_lock_away(acme: Crm) -> None:
    """The system takes all locks of a process on a file away when it closes any descriptor of it."""
    code = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"
    writer = sqlite3.connect(acme.db, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert backups.before(str(acme.db), "before-change", now=datetime.now(UTC)) is not None
    tried = subprocess.run([sys.executable, "-c", code, str(acme.db)], capture_output=True, text=True)
    assert "database is locked" in tried.stderr
    writer.execute("ROLLBACK")
    writer.close()


@pytest.mark.process
def test_a_disk_that_runs_full_within_a_copy_is_named(acme: Crm) -> None:
    """The limit on the size of a file stands for the disk: the copy is as large as the database, which has its size."""
    before = acme.db.read_bytes()
    limit = len(before) // 2
    code = (
        "import resource, sys; from crm_cli.app import main;"
        f" resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit})); main()"
    )
    for words in (["backup", "make"], ["import", "-", "--as", "customers"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *words],
            input="name\nBeta\n",
            capture_output=True,
            text=True,
            env={**os.environ, **acme.environ},
        )
        assert (done.returncode, done.stdout) == (5, "")
        assert "cannot be read or written (" in done.stderr or "The disk is full" in done.stderr
        assert NAME.replace("manual", "before-import" if words[0] == "import" else "manual") in done.stderr
        assert acme.db.read_bytes() == before
        assert names(acme) == []
