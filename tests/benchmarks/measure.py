"""Whole processes by the clock: run one, in a pipe or on a pseudo-terminal, and compare them side by side."""

import contextlib
import fcntl
import os
import pty
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

NOW = "2026-06-15T09:00:00"
_TIMEOUT = 900.0


class Run(NamedTuple):
    """One finished process; `peak` is its largest resident memory in MB."""

    seconds: float
    code: int
    out: bytes
    err: str
    peak: float

    def complaint(self) -> str:
        """Why it counts as failed, in one line."""
        lines = [line for line in (self.err or self.out.decode(errors="replace")).splitlines() if line.strip()]
        return f"exit {self.code}: {lines[-1].strip()[:160] if lines else 'no words'}"


@dataclass
class Row:
    """A line of the result: a command against its bar. `ratio` is of medians, `least` of the fastest runs."""

    group: str
    name: str
    bar: float | None = None
    unit: str = "x python"
    ratio: float | None = None
    least: float | None = None
    ms: float | None = None
    empty: float | None = None
    empty_bar: float | None = None
    note: str = ""
    failed: bool = False
    skipped: bool = False

    @property
    def verdict(self) -> str:
        if self.skipped:
            return "later"
        if self.failed:
            return "MISSED"
        if self.bar is None:
            return "-"
        over = self.ratio is None or self.ratio > self.bar
        return "MISSED" if over or (self.empty_bar is not None and (self.empty or 0) > self.empty_bar) else "met"

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "verdict": self.verdict}


@dataclass
class Tools:
    """The program under test, its interpreter, and the files it is run on."""

    crm: list[str]
    python: list[str]
    folder: Path
    standard: Path = field(default_factory=Path)
    empty: Path = field(default_factory=Path)
    runs: int = 9
    scale: float = 1.0
    seed: int = 7
    later: bool = False
    million: bool = False

    def env(self, db: Path | str) -> dict[str, str]:
        """Nothing of the caller's settings, a fixed clock, compiled bytecode allowed."""
        kept = {
            key: value for key, value in os.environ.items() if not key.startswith(("CRM_", "XDG_", "LC_", "PYTHON"))
        }
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return {
            **kept, "HOME": str(home), "LANG": "C.UTF-8", "TZ": "UTC", "TERM": "xterm-256color", "COLUMNS": "120",
            "PAGER": "cat", "CRM_NOW": NOW, "CRM_DB": str(db), "CRM_LANG": "en",
        }  # fmt: skip


def say(text: str) -> None:
    """Progress, beside the result."""
    print(text, file=sys.stderr, flush=True)


def run(argv: Sequence[str], env: Mapping[str, str], *, tty: bool = False, to: Path | None = None) -> Run:
    """Run a process to its end: stdout in a pipe, in the file `to`, or with stdin and stderr on a terminal."""
    return _on_terminal(argv, env) if tty else _in_pipe(argv, env, to)


def _in_pipe(argv: Sequence[str], env: Mapping[str, str], to: Path | None) -> Run:
    with tempfile.TemporaryFile() as errors, contextlib.ExitStack() as stack:
        sink: Any = stack.enter_context(open(to, "wb")) if to else subprocess.PIPE
        started = time.perf_counter()
        try:
            process = subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL, stdout=sink, stderr=errors)
        except OSError as error:
            return Run(0.0, 127, b"", str(error), 0.0)
        with _limit(process):
            out = process.stdout.read() if process.stdout else b""
            seconds, code, peak = _reap(process, started)
        if process.stdout:
            process.stdout.close()
        errors.seek(0)
        return Run(seconds, code, out, errors.read().decode(errors="replace"), peak)


def _on_terminal(argv: Sequence[str], env: Mapping[str, str]) -> Run:
    master, slave = pty.openpty()
    # Far more lines than any answer has, so that no pager opens.
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 60_000, 120, 0, 0))
    started = time.perf_counter()
    try:
        process = subprocess.Popen(argv, env=env, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    except OSError as error:
        os.close(master)
        os.close(slave)
        return Run(0.0, 127, b"", str(error), 0.0)
    os.close(slave)
    parts = []
    with _limit(process):
        with contextlib.suppress(OSError):  # EIO: the other side is closed
            while part := os.read(master, 65536):
                parts.append(part)
        seconds, code, peak = _reap(process, started)
    os.close(master)
    return Run(seconds, code, b"".join(parts), "", peak)


def _reap(process: subprocess.Popen[bytes], started: float) -> tuple[float, int, float]:
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    return seconds, process.returncode, usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)


@contextlib.contextmanager
def _limit(process: subprocess.Popen[bytes]) -> Any:
    timer = threading.Timer(_TIMEOUT, process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


# ---------------------------------------------------------------- side by side


@dataclass
class Case:
    """A command to measure: `lines[n]` are its arguments in round n (0 is the warm-up), the last one repeats."""

    row: Row
    lines: list[list[str]]
    db: Path
    base: list[str]
    tty: bool = False
    empty_line: list[str] | None = None
    times: list[float] = field(default_factory=list)
    base_times: list[float] = field(default_factory=list)
    empty_times: list[float] = field(default_factory=list)


def compare(tools: Tools, cases: list[Case]) -> list[Row]:
    """Every case once to warm up, then `runs` rounds over all of them, each beside its base and its empty twin."""
    for case in cases:
        _fail_unless_fine(case, run([*tools.crm, *case.lines[0]], tools.env(case.db), tty=case.tty))
        if case.empty_line is not None and not case.row.failed:
            _fail_unless_fine(case, run([*tools.crm, *case.empty_line], tools.env(tools.empty), tty=case.tty))
    for number in range(1, tools.runs + 1):
        say(f"  round {number} of {tools.runs}")
        for case in cases:
            if not case.row.failed:
                _one_round(tools, case, number)
    for case in cases:
        if not case.row.failed:
            _settle(case)
    return [case.row for case in cases]


def _fail_unless_fine(case: Case, result: Run) -> None:
    if result.code == 0 or case.row.failed:
        return
    case.row.failed, case.row.note = True, result.complaint()
    say(f"  {case.row.name}: {result.complaint()}")
    if result.err.strip():
        say("    " + "\n    ".join(result.err.strip().splitlines()[-12:]))


def _one_round(tools: Tools, case: Case, number: int) -> None:
    env = tools.env(case.db)
    base = run(case.base, env)
    if base.code:
        case.row.failed, case.row.note = True, f"the base failed, {base.complaint()}"
        return
    case.base_times.append(base.seconds)
    result = run([*tools.crm, *case.lines[min(number, len(case.lines) - 1)]], env, tty=case.tty)
    _fail_unless_fine(case, result)
    case.times.append(result.seconds)
    if case.empty_line is not None:
        empty = run([*tools.crm, *case.empty_line], tools.env(tools.empty), tty=case.tty)
        _fail_unless_fine(case, empty)
        case.empty_times.append(empty.seconds)


def _settle(case: Case) -> None:
    row, median = case.row, statistics.median
    row.ms = median(case.times) * 1000
    row.ratio = median(case.times) / median(case.base_times)
    row.least = min(case.times) / min(case.base_times)
    if case.empty_times:
        row.empty = median(case.times) / median(case.empty_times)
