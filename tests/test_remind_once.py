"""Each thing is told exactly once: many runners at once, kills, missed days, clock changes and a clock set back.

The short form is part of every run; `pytest -m slow tests/test_remind_once.py` plays 1,000 reminders to ten runners.
"""

import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from conftest import Crm

pytestmark = pytest.mark.ci

CRM = str(Path(sys.executable).parent / "crm")
FORMATS = ("text", "ids", "json")
# Runs of one name, in this order. Berlin puts its clock back on 25 October and forward on 28 March.
MOMENTS = (
    "2026-10-21T07:00:00+02:00",
    "2026-10-22T07:00:00+02:00",
    "2026-10-24T23:59:30+02:00",
    "2026-10-25T02:30:00+02:00",
    "2026-10-25T02:30:00+01:00",  # an hour later, and the same on the wall
    "2026-10-25T03:10:00+01:00",
    "2026-10-29T07:00:00+01:00",  # three days without a run
    "2026-10-27T07:00:00+01:00",  # the clock was set back two days
    "2026-10-29T07:05:00+01:00",
    "2027-03-27T23:50:00+01:00",
    "2027-03-28T01:59:00+01:00",
    "2027-03-28T03:01:00+02:00",
    "2027-03-29T07:00:00+02:00",
)
DAYS = ("2026-10-20", "2026-10-22", "2026-10-25", "2026-10-26", "2026-10-27", "2026-10-28", "2026-10-29", "2027-03-28")
APPOINTMENTS = ("2026-10-25@02:15", "2026-10-25@23:30", "2026-10-26@00:10", "2027-03-28@01:45", "2027-03-28@02:30",
                "2027-03-29@00:05")  # fmt: skip


def environment(database: Path, now: str) -> dict[str, str]:
    return {"CRM_DB": str(database), "CRM_NOW": now, "CRM_TZ": "Europe/Berlin", "CRM_LANG": "en"}


def fill(crm: Crm, count: int) -> None:
    """So many tasks on the days and at the moments, by turns."""
    whens = (*DAYS, *APPOINTMENTS)
    rows = "".join(f"thing {n},{whens[n % len(whens)].replace('@', ' ')}\n" for n in range(count))
    env = {"CRM_TZ": "Europe/Berlin", "CRM_NOW": "2026-10-01T09:00:00"}
    crm.ok("customer", "add", "Acme", "--phone", "+49 30 1234567", env=env)
    crm.ok("import", "-", "--as", "tasks", stdin="text,due\n" + rows, env=env)
    assert crm.sql("SELECT count(*) FROM task WHERE due_on IS NOT NULL") == [(count,)]


class Runner:
    """One run of the program: what it wrote, also when it was killed."""

    def __init__(self, database: Path, now: str, format_: str, kill_after: float | None) -> None:
        words = [CRM, "remind", "--since-last", "--within", "0", "--format", format_]
        self.process = subprocess.Popen(
            words, env=environment(database, now), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, encoding="utf-8", start_new_session=True,
        )  # fmt: skip
        self.killer = threading.Timer(kill_after, self.kill) if kill_after is not None else None
        if self.killer:
            self.killer.start()

    def kill(self) -> None:
        """As hard as can be, with the whole group of processes that was started."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def told(self) -> list[int]:
        """Ids of the tasks that it told; what it complains about is shown."""
        out, err = self.process.communicate(timeout=120)
        if self.killer:
            self.killer.cancel()
        assert self.process.returncode in (0, -signal.SIGKILL), err
        assert err == "" or (self.process.returncode and "Stopped; nothing was changed" in err), err
        return [int(found) for found in re.findall(r"\btask:(\d+)\b", out)]


def play(crm: Crm, *, count: int, runners: int, moments: tuple[str, ...], seed: int) -> Counter[int]:
    """Waves of runners at once, about half of them killed; how often each task was told, checked after each wave."""
    fill(crm, count)
    chance = random.Random(seed)
    told: Counter[int] = Counter()
    took = 0.3
    for now in moments:
        started = time.monotonic()
        wave = [
            Runner(
                crm.db, now, chance.choice(FORMATS), chance.uniform(0, 1.5 * took) if chance.random() < 0.5 else None
            )
            for _ in range(runners)
        ]
        for runner in wave:
            told.update(runner.told())
        took = 0.5 * took + 0.5 * min(2.0, time.monotonic() - started)
        told.update(Runner(crm.db, now, "ids", None).told())  # a run that nobody disturbs catches all up
        due = {row["task_id"] for row in crm.at(now).rows("followups --within 0", env={"CRM_TZ": "Europe/Berlin"})}
        assert not due - set(told), f"missed at {now}"
        assert not [task for task, times in told.items() if times > 1], f"twice by {now}"
    return told


@pytest.mark.process
def test_each_thing_is_told_once_in_short(crm: Crm) -> None:
    told = play(crm, count=56, runners=3, moments=(MOMENTS[0], MOMENTS[6], MOMENTS[12]), seed=3)
    assert told == Counter(dict.fromkeys(range(1, 57), 1))


@pytest.mark.slow
@pytest.mark.process
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_of_a_thousand_is_told_once(crm: Crm, seed: int) -> None:
    told = play(crm, count=1000, runners=10, moments=MOMENTS, seed=seed)
    assert told == Counter(dict.fromkeys(range(1, 1001), 1))


# ------------------------------------------------------------------ the moment that matters, held still


@pytest.fixture
def late(crm: Crm) -> Crm:
    crm.ok("task add call --due 2020-01-01")
    return crm


def start(crm: Crm, stdout: int = subprocess.PIPE, format_: str = "ids") -> "subprocess.Popen[bytes]":
    words = [CRM, "--db", str(crm.db), "remind", "--since-last", "--format", format_]
    return subprocess.Popen(
        words,
        env={"CRM_NOW": "2027-04-01T09:00:00"},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def wait_until(done: object, seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not done():  # type: ignore[operator]
        assert time.monotonic() < until
        time.sleep(0.01)


def is_locked(database: Path) -> bool:
    """Whether somebody holds it for himself: not even a reader gets in."""
    connection = sqlite3.connect(database, timeout=0)
    try:
        connection.execute("SELECT 1 FROM task").fetchone()
    except sqlite3.OperationalError:
        return True
    finally:
        connection.close()
    return False


def has_begun(run: "subprocess.Popen[bytes]") -> bool:
    """Whether the process that does the work lets nothing stop it any more."""
    try:
        worker = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()[0]
        status = Path(f"/proc/{worker}/status").read_text()
    except (OSError, IndexError):
        return False
    blocked = int(re.findall(r"SigBlk:\s*([0-9a-f]+)", status)[0], 16)
    return bool(blocked >> (signal.SIGTERM - 1) & 1)


def full_pipe(free: int = 0) -> tuple[int, int]:
    """A pipe that takes nothing more until it is read, or only so many pages."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(writer, True)
    for _ in range(free):
        os.read(reader, 4096)
    return reader, writer


def drained(reader: int) -> bytes:
    with os.fdopen(reader, "rb") as file:
        return file.read().lstrip(b"x")


@pytest.mark.process
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
@pytest.mark.parametrize("pages", [0, 1])
def test_killed_while_it_hands_over_it_is_told_and_claimed(crm: Crm, pages: int) -> None:
    """Nothing of the letter is out, or its first page."""
    fill(crm, 280)
    reader, writer = full_pipe(pages)
    run = start(crm, writer, "text")
    os.close(writer)
    wait_until(lambda: has_begun(run))
    time.sleep(0.2)  # a last look whether the run is still there, and it waits for the reader
    assert is_locked(crm.db)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    letter = drained(reader)
    assert letter.startswith(b"280 things are due")
    assert Counter(re.findall(rb"\btask:(\d+)\n", letter)) == Counter(str(n).encode() for n in range(1, 281))
    assert crm.at("2027-04-01T09:00:00").ok("remind --since-last --format ids").out == ""


@pytest.mark.process
def test_killed_while_it_waits_for_the_database_it_is_neither_told_nor_claimed(late: Crm) -> None:
    holder = sqlite3.connect(late.db, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    run = start(late)
    time.sleep(0.6)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    holder.execute("ROLLBACK")
    holder.close()
    assert run.stdout is not None
    assert run.stdout.read() == b""
    assert late.ok("remind --since-last --format ids").out == "task:1\n"


@pytest.mark.process
def test_what_nobody_reads_is_told_another_time(late: Crm) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    run = start(late, writer)
    os.close(writer)
    assert run.wait() == 0
    assert late.ok("remind --since-last --format ids").out == "task:1\n"


@pytest.mark.process
def test_a_reader_who_takes_his_time_holds_nobody_up_and_one_who_goes_away_gives_back(late: Crm) -> None:
    reader, writer = full_pipe()
    run = start(late, writer)
    os.close(writer)
    wait_until(lambda: late.sql("SELECT count(*) FROM reminder_claim") == [(1,)])
    late.ok("task add another")
    os.close(reader)
    assert run.wait() == 0
    assert late.ok("remind --since-last --format ids").out == "task:1\n"


@pytest.mark.process
def test_a_full_disk_behind_stdout_claims_nothing(late: Crm) -> None:
    with open("/dev/full", "wb") as full:
        run = start(late, full.fileno())
        assert run.wait() == 5
    assert run.stderr is not None
    assert run.stderr.read() == b"crm: The output could not be written: the disk is full\n"
    assert late.ok("remind --since-last --format ids").out == "task:1\n"


@pytest.mark.process
def test_ctrl_c_while_it_waits_changes_nothing(late: Crm) -> None:
    holder = sqlite3.connect(late.db, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    run = start(late)
    time.sleep(0.6)
    os.killpg(run.pid, signal.SIGINT)
    assert run.wait() == 130
    holder.execute("ROLLBACK")
    holder.close()
    assert late.ok("remind --since-last --format ids").out == "task:1\n"
