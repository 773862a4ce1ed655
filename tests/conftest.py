"""crm("deal move 1 won"): the program through its entry function, a fresh database, a fixed clock, no colour."""

import gc
import io
import json
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from crm_cli.app import execute
from crm_cli.i18n import set_language

# what is drawn by chance is the same in every run, so that nothing lands or fails by luck; CRM_FUZZ=1 draws anew
settings.register_profile("steady", derandomize=not os.environ.get("CRM_FUZZ"), deadline=None)
settings.load_profile("steady")

NOW = "2026-11-25T09:00:00"  # a Wednesday
ENVIRONMENT = {
    "CRM_NOW": NOW,
    "CRM_TZ": "UTC",
    "CRM_LANG": "en",
    "CRM_USER": "tester",
    "COLUMNS": "100",
    "LANG": "C.UTF-8",
    "CRM_PAGER": "",
}


class Result:
    """What one run answered."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def rows(self) -> list[dict[str, Any]]:
        return list(self.json)

    def __repr__(self) -> str:
        return f"exit {self.code}\n--- out\n{self.out}--- err\n{self.err}"


class Crm:
    """Call it with a line as typed, or with words; `env` and `stdin` for one run only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.db = folder / "crm.db"
        self.environ = {
            **ENVIRONMENT,
            "CRM_DB": str(self.db),
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder / "config"),
        }

    def __call__(self, *words: str, env: dict[str, str] | None = None, stdin: str | bytes = "") -> Result:
        arguments = shlex.split(words[0]) if len(words) == 1 else list(words)
        environ = {**self.environ, **(env or {})}
        return run(arguments, environ, stdin)

    def ok(self, *words: str, env: dict[str, str] | None = None, stdin: str | bytes = "") -> Result:
        """A run that must succeed."""
        result = self(*words, env=env, stdin=stdin)
        assert result.code == 0, result
        return result

    def rows(self, *words: str, env: dict[str, str] | None = None) -> Any:
        """What a run that must succeed answers as JSON."""
        arguments = shlex.split(words[0]) if len(words) == 1 else list(words)
        return self.ok(*arguments, "--format", "json", env=env).json

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the file itself, for what no command shows."""
        import sqlite3

        connection = sqlite3.connect(self.db)
        try:
            return connection.execute(statement, values).fetchall()
        finally:
            connection.close()

    def at(self, now: str) -> "Crm":
        """The same database on another day."""
        other = Crm(self.folder)
        other.environ = {**self.environ, "CRM_NOW": now}
        return other


def run(arguments: list[str], environ: dict[str, str], stdin: str | bytes = "") -> Result:
    """The entry function in this process, with captured streams and nothing kept between calls."""
    raw = stdin.encode() if isinstance(stdin, str) else stdin
    out, err = io.BytesIO(), io.BytesIO()
    saved = sys.stdin, sys.stdout, sys.stderr, dict(os.environ)
    os.environ.clear()
    os.environ.update(environ)
    # held until the end: a wrapper that nobody holds closes what it wraps
    sys.stdin = stdin_ = io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8")
    sys.stdout = stdout_ = io.TextIOWrapper(out, encoding="utf-8", newline="")
    sys.stderr = stderr_ = io.TextIOWrapper(err, encoding="utf-8", newline="")
    try:
        code = execute(arguments, environ)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        sys.stdin, sys.stdout, sys.stderr = saved[:3]
        set_language("en")
        os.environ.clear()
        os.environ.update(saved[3])
        gc.enable()
    told = Result(code, out.getvalue().decode(), err.getvalue().decode())
    del stdin_, stdout_, stderr_
    return told


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite", action="store_true", help="write what the program says now into README, docs and stories"
    )


# A write waits for the disk; on a memory disk, where there is one, the same tests wait for nothing.
FAST = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


@pytest.fixture
def crm() -> Iterator[Crm]:
    """The program over a database of its own."""
    with tempfile.TemporaryDirectory(prefix="crm-", dir=FAST, ignore_cleanup_errors=True) as folder:
        yield Crm(Path(folder))


@pytest.fixture(scope="session")
def acme_database() -> Iterator[Path]:
    """The file that each `acme` begins with, made once."""
    with tempfile.TemporaryDirectory(prefix="crm-", dir=FAST, ignore_cleanup_errors=True) as folder:
        crm = Crm(Path(folder))
        crm.ok('customer add "Acme GmbH" --email sales@acme.example --phone "+49 30 1234567" --region DACH --tag key')
        crm.ok('contact add "Jane Doe" --customer acme --title CTO --role decision-maker --email jane@acme.example')
        crm.ok(
            'deal add "Acme rollout" --customer acme --amount 48k --currency EUR --stage proposal --close 2026-12-31'
        )
        yield crm.db


@pytest.fixture
def acme(crm: Crm, acme_database: Path) -> Crm:
    """A customer with a person and an open deal."""
    shutil.copy2(acme_database, crm.db)
    return crm


@pytest.fixture(scope="session")
def begun() -> dict[str, bytes]:
    """Databases that several tests begin with, by name: made by the first of them, copied by the others."""
    return {}


def begin(crm: Crm, begun: dict[str, bytes], name: str, *lines: tuple[str, str]) -> None:
    """The database of a name: each (day, line) is typed on that day, once for all tests."""
    if name not in begun:
        for day, line in lines:
            crm.at(f"{day}T09:00:00").ok(line)
        begun[name] = crm.db.read_bytes()
    crm.db.write_bytes(begun[name])


@pytest.fixture
def at(acme: Crm) -> Iterator[Any]:
    """Start the installed program at a terminal over that database: `at("deal", "win")`."""
    from terminal import Terminal

    started: list[Terminal] = []

    def start(*words: str, **more: Any) -> Terminal:
        started.append(Terminal(acme, *words, **more))
        return started[-1]

    yield start
    for terminal in started:
        terminal.child.close(force=True)
