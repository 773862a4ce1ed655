"""Bad days: many shells at once, kills and signals in the middle, a full disk, files that may not be written, odd clocks.

What else can go wrong has its tests where it belongs: locks and strange files in test_opening.py and test_backup.py,
closed streams in test_output.py, prompts that are left in test_prompts.py, reminders in test_remind_once.py.
"""

import contextlib
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Crm
from test_undo import rows

pytestmark = pytest.mark.ci

MANY = 8000
PROGRAM = [sys.executable, "-m", "crm_cli.app"]


def start(crm: Crm, *words: str, before: Callable[[], None] | None = None, **env: str) -> "subprocess.Popen[bytes]":
    """The real program, in a process group of its own."""
    return subprocess.Popen(
        [*PROGRAM, *words],
        env={**crm.environ, "PATH": os.environ["PATH"], **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=before,
    )


def ended(run: "subprocess.Popen[bytes]") -> tuple[int, str]:
    out, err = run.communicate(timeout=120)
    assert b"Traceback" not in err + out
    return run.returncode, err.decode()


def leads(crm: Crm, n: int = MANY) -> str:
    path = crm.folder / "leads.csv"
    path.write_text("name,email,city\n" + "".join(f"Firm {i},f{i}@firm.example,Bonn\n" for i in range(n)))
    return str(path)


def count(crm: Crm) -> int:
    return len(crm.ok("customer list --format ids").out.split())


def intact(db: Path) -> None:
    connection = sqlite3.connect(db)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def within_write(crm: Crm, run: "subprocess.Popen[bytes]") -> bool:
    """Wait until a write has begun; False where it was over before."""
    journal = Path(f"{crm.db}-journal")
    while run.poll() is None:
        if journal.exists():
            return True
        time.sleep(0.0005)
    return False


# ------------------------------------------------------------------ at once


@pytest.mark.process
def test_eight_shells_write_at_once(acme: Crm) -> None:
    runs = [start(acme, "customer", "add", f"Firm {n}", "--tag", f"t{n % 3}") for n in range(8)]
    assert [ended(run)[0] for run in runs] == [0] * 8
    assert sorted(row["name"] for row in acme.rows("customer list"))[1:] == [f"Firm {n}" for n in range(8)]
    assert len(acme.rows("history")) == 3 + 8


@pytest.mark.process
def test_one_record_edited_by_several_at_once_keeps_every_edit(acme: Crm) -> None:
    edits = [["--city", "Bonn"], ["--region", "NRW"], ["--industry", "retail"], ["--tag", "a"], ["--tag", "b"]]
    runs = [start(acme, "customer", "edit", "acme", *words) for words in edits]
    assert [ended(run)[0] for run in runs] == [0] * len(edits)
    (row,) = acme.rows("customer list acme")
    assert (row["city"], row["region"], row["industry"]) == ("Bonn", "NRW", "retail")
    assert sorted(row["tags"]) == ["a", "b", "key"]


@pytest.mark.process
def test_a_list_goes_on_while_an_import_writes(acme: Crm) -> None:
    run = start(acme, "import", leads(acme), "--as", "customers")
    seen, slowest = set(), 0.0
    while run.poll() is None:
        began = time.monotonic()
        seen.add(count(acme))
        slowest = max(slowest, time.monotonic() - began)
    assert ended(run)[0] == 0
    assert seen <= {1, MANY + 1}
    assert slowest < 5
    assert count(acme) == MANY + 1


# ------------------------------------------------------------------ killed, and stopped


@pytest.mark.process
@pytest.mark.parametrize("rounds", [4, pytest.param(60, marks=pytest.mark.slow)])
def test_kill_9_in_an_add_loses_nothing_that_was_acknowledged(acme: Crm, rounds: int) -> None:
    chance = random.Random(rounds)
    kept = set()
    for n in range(rounds):
        run = start(acme, "customer", "add", f"Firm {n}")
        try:
            run.wait(chance.uniform(0.2, 0.6))
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
        if ended(run)[0] == 0:
            kept.add(f"Firm {n}")
    names = [row["name"] for row in acme.rows("customer list")]
    assert kept <= set(names)
    assert len(names) == len(set(names))
    intact(acme.db)


@pytest.mark.process
@pytest.mark.parametrize(
    ("how", "code", "said"),
    [
        (signal.SIGKILL, -9, ""),
        (signal.SIGINT, 130, "Stopped; nothing was changed"),
        (signal.SIGTERM, 143, "Stopped; nothing was changed"),
        (signal.SIGHUP, 129, "Stopped; nothing was changed"),
    ],
)
def test_an_import_stopped_in_its_midst_leaves_all_or_nothing(acme: Crm, how: int, code: int, said: str) -> None:
    before, path = rows(acme.db), leads(acme)
    run = start(acme, "import", path, "--as", "customers")
    assert within_write(acme, run)
    os.kill(run.pid, how)
    got, err = ended(run)
    if got == 0:  # it was over by then: all is there
        assert count(acme) == MANY + 1
        return
    assert got == code
    assert said in err
    assert count(acme) == 1  # a read right after works
    assert rows(acme.db) == before
    intact(acme.db)
    acme.ok("import", path, "--as", "customers")
    assert count(acme) == MANY + 1


@pytest.mark.process
@pytest.mark.slow
def test_kill_9_at_any_moment_of_an_import(acme: Crm) -> None:
    chance, path = random.Random(5), leads(acme, 3000)
    start_of = acme.db.read_bytes()
    for _ in range(20):
        acme.db.write_bytes(start_of)
        Path(f"{acme.db}-journal").unlink(missing_ok=True)
        run = start(acme, "import", path, "--as", "customers")
        try:
            run.wait(chance.uniform(0.3, 1.6))
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
        ended(run)
        assert count(acme) in (1, 3001)
        acme.ok("import", path, "--as", "customers")
        assert count(acme) == 3001


# ------------------------------------------------------------------ no room, no right


@pytest.mark.process
@pytest.mark.parametrize("line", ["customer add Beta --note LONG", "undo", "import LEADS --as customers"])
def test_a_file_that_may_not_grow_is_rolled_back(acme: Crm, line: str) -> None:
    """A limit on the size of files is the disk that fills up in the midst of a write."""
    acme.ok("customer", "edit", "acme", "--note", "x" * 200_000)
    before = rows(acme.db)
    limit = 20_000 if line == "undo" else acme.db.stat().st_size

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    run = start(acme, *line.replace("LEADS", leads(acme)).replace("LONG", "y" * 60_000).split(), before=small)
    code, err = ended(run)
    assert code == 5
    assert "nothing was changed" in err.lower()
    assert len(err.splitlines()) <= 12
    assert rows(acme.db) == before
    assert count(acme) == 1


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB, where one may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mount.returncode:
        pytest.skip("no disk can be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=False)


def test_a_full_disk_says_how_much_is_free_and_reading_goes_on(acme: Crm, disk: Path) -> None:
    acme.environ["CRM_DB"] = str(disk / "crm.db")
    acme.ok("customer add Acme")
    filler = disk / "filler"
    with open(filler, "wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            pass
    before = rows(disk / "crm.db")
    for line in (f"import {leads(acme, 500)} --as customers", "customer add Beta --note " + "x" * 20_000, "undo"):
        result = acme(line)
        assert result.code == 5, (line, result)
        assert "0 bytes free" in result.err, line
    assert rows(disk / "crm.db") == before
    assert count(acme) == 1
    filler.unlink()
    acme.ok("customer add Beta")


def test_what_may_only_be_read_is_read_and_never_written(acme: Crm, disk: Path) -> None:
    (disk / "crm.db").write_bytes(acme.db.read_bytes())
    acme.environ["CRM_DB"] = str(disk / "crm.db")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    before = (disk / "crm.db").read_bytes()
    assert count(acme) == 1
    for line in ("history", "today", "customer show acme", "export customers"):
        acme.ok(line)
    for line in ("customer add Beta", "undo", "tag add x acme", f"import {leads(acme, 3)} --as customers"):
        result = acme(line)
        assert result.code == 5, (line, result)
        assert "Traceback" not in result.err
    assert (disk / "crm.db").read_bytes() == before


# ------------------------------------------------------------------ odd surroundings


def test_a_clock_that_goes_back_confuses_neither_history_nor_undo(acme: Crm) -> None:
    before = rows(acme.db)
    acme.at("2026-11-26T09:00:00").ok("customer edit acme --city Bonn")
    early = acme.at("2026-11-20T09:00:00")
    early.ok("customer edit acme --city Köln")
    assert [row["command"] for row in early.rows("history --limit 2")] == [
        "crm customer edit acme --city Köln",
        "crm customer edit acme --city Bonn",
    ]
    early.ok("undo")
    assert acme.rows("customer list")[0]["city"] == "Bonn"
    early.ok("undo")
    assert rows(acme.db) == before
    early.ok("redo")
    acme.at("2031-01-01T00:00:00").ok("redo")
    assert acme.rows("customer list")[0]["city"] == "Köln"


def test_a_zone_that_changes_does_not_change_what_undo_puts_back(acme: Crm) -> None:
    acme.ok("log call acme late --at 2026-11-23@23:30")
    before = rows(acme.db)
    acme.ok("log call acme later --at 2026-11-24@23:30")
    acme.ok("undo", env={"CRM_TZ": "Asia/Shanghai"})
    assert rows(acme.db) == before


@pytest.mark.process
@pytest.mark.parametrize(
    "env", [{"TERM": "dumb", "LANG": "C", "COLUMNS": "20"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}, {"HOME": ""}]
)
def test_bare_surroundings(acme: Crm, env: dict[str, str]) -> None:
    acme.ok("customer add 张伟")
    plain = {"CRM_DB": str(acme.db), "PATH": os.environ["PATH"], **env}
    done = subprocess.run([*PROGRAM, "customer", "list"], env=plain, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "张伟" in done.stdout.decode()
    assert b"\x1b" not in done.stdout


def test_a_signal_in_a_commit_does_not_take_back_what_is_said(acme: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Heard behind the commit, a Ctrl-C would have the program say that nothing was changed."""
    from crm_cli.store import commit, writer

    def in_commit() -> Iterator[None]:
        with commit.unstoppable():
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                os.kill(os.getpid(), number)
            time.sleep(0.01)
            yield

    monkeypatch.setattr(writer, "unstoppable", contextlib.contextmanager(in_commit))
    result = acme("customer edit acme --city Bonn")
    assert (result.code, result.err) == (0, "Changed customer 1: Acme GmbH; undo: crm undo\n")
    assert acme("undo").code == 0


@pytest.mark.parametrize("line", ["customer edit acme --city Bonn", "undo", "import - --as customers"])
def test_a_write_has_the_lock_before_it_looks(acme: Crm, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What reads first and writes later loses edits, or fails as soon as somebody else writes."""
    from crm_cli.store import bulk, writer

    tried = []

    def locked() -> None:
        other = sqlite3.connect(acme.db, timeout=0, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            tried.append(str(error))
        other.close()

    def before(module: Any, name: str) -> None:
        real = getattr(module, name)

        def wrapped(*given: Any, **more: Any) -> Any:
            locked()
            return real(*given, **more)

        monkeypatch.setattr(module, name, wrapped)

    before(writer.Reader, "member_of") if line.startswith("customer") else before(
        bulk if line.startswith("import") else writer, "open_operation"
    )
    acme.ok(line, stdin="name\nBeta\n")
    assert "database is locked" in tried


def test_an_import_stopped_before_its_commit_leaves_nothing(acme: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    from crm_cli.store import bulk

    def stop(*given: Any) -> None:
        raise KeyboardInterrupt

    before, path = rows(acme.db), leads(acme, 300)
    with monkeypatch.context() as patch:
        patch.setattr(bulk.Staging, "commit", stop)
        result = acme("import", path, "--as", "customers")
    assert (result.code, result.err) == (130, "crm: Stopped; nothing was changed\n")
    assert rows(acme.db) == before
    acme.ok("import", path, "--as", "customers")
    assert count(acme) == 301


EVENT = "UID:1\nDTSTART:20260101T000000Z\nRRULE:FREQ=DAILY;INTERVAL=0\nSUMMARY:s\nATTENDEE:mailto:sales@acme.example\n"
HANGS = f"BEGIN:VCALENDAR\nBEGIN:VEVENT\n{EVENT}END:VEVENT\nEND:VCALENDAR\n"
HEAD = "From: sales@acme.example\nDate: Tue, 10 Nov 2026 15:00:00 +0000\n"
HALF_SIGNS = f"{HEAD}Content-Type: text/plain; charset=unicode_escape\n\n\\ud800\n"


@pytest.mark.parametrize(
    ("name", "text", "code"), [("i.ics", HANGS, 0), ("e.eml", HALF_SIGNS, 0), ("o.json", "[{}]", 65)]
)
def test_a_file_that_was_made_to_hurt_does_not(acme: Crm, name: str, text: str, code: int) -> None:
    path = acme.folder / name
    path.write_text(text)
    result = acme("import", str(path))
    assert result.code == code, result
    assert acme.ok("check").out == ""


def test_a_cell_that_stands_nowhere_is_said_by_us_alone(acme: Crm, capfd: pytest.CaptureFixture[str]) -> None:
    import zipfile

    xlsxwriter = pytest.importorskip("xlsxwriter")
    good, bad = acme.folder / "g.xlsx", acme.folder / "b.xlsx"
    book = xlsxwriter.Workbook(str(good))
    sheet = book.add_worksheet("S")
    sheet.write(0, 0, "name")
    sheet.write(1, 0, "XA")
    book.close()
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b'r="A2"', b'r="ZZZZZZ99999999999"'))
    result = acme("import", str(bad), "--as", "customers")
    assert result.code == 65
    assert "is damaged" in result.err
    assert "panicked" not in capfd.readouterr().err


def test_words_that_nobody_types_are_refused_at_once(acme: Crm) -> None:
    assert acme("find", "x" * 201).code == 2
    assert acme("find", "a " * 501).code == 2
    assert acme("find", "x" * 200).code == 0
