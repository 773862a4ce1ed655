"""The pager: a long answer at a terminal goes through it, a short one and one for a machine never does."""

import io
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import Crm

from crm_cli.config import Config
from crm_cli.context import App
from crm_cli.output import pager
from crm_cli.output.output import Output

pytestmark = pytest.mark.ci

pexpect = pytest.importorskip("pexpect")
PROGRAM = str(Path(sys.executable).parent / "crm")
TAKEN = """#!/bin/sh
echo "LESS=$LESS LESSCHARSET=$LESSCHARSET ARGS=$*" > {log}
ls -l /proc/$PPID/fd >> {log} 2>&1
cat >> {log}
"""


@pytest.fixture(scope="module")
def sixty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    crm = Crm(tmp_path_factory.mktemp("sixty"))
    lines = ["name"] + [f"Customer {n:02} 客户" for n in range(60)]
    crm.ok("import", "-", "--as", "customers", stdin="\n".join(lines) + "\n")
    return crm.db


@pytest.fixture
def long_list(crm: Crm, sixty: Path) -> Crm:
    """Sixty customers, more than a screen of 24 lines holds."""
    shutil.copy2(sixty, crm.db)
    return crm


@pytest.fixture
def catcher(long_list: Crm) -> Path:
    """A pager that writes down how it was called and what it was given."""
    path = long_list.folder / "my pager"
    path.write_text(TAKEN.format(log=long_list.folder / "log"))
    path.chmod(0o755)
    return path


def at_terminal(crm: Crm, *words: str, rows: int = 24, **env: str) -> Any:
    environ = {**crm.environ, "TERM": "xterm-256color", "PATH": os.environ["PATH"], **env}
    for name in {"COLUMNS", "CRM_PAGER"} - env.keys():
        del environ[name]
    return pexpect.spawn(PROGRAM, list(words), env=environ, dimensions=(rows, 80), timeout=20, encoding="utf-8")


def whole(child: Any) -> tuple[str, int]:
    """Everything until the program ends by itself, and its exit code."""
    text = child.read()
    child.close()
    return text, child.exitstatus


# ------------------------------------------------------------------ with less


@pytest.mark.process
def test_less_shows_a_long_list_and_q_closes_it_with_exit_0(long_list: Crm) -> None:
    child = at_terminal(long_list, "customer", "list")
    child.expect("Customer 00 客户")
    child.expect(":")
    child.sendintr()  # less stays, and forgets what is typed in the same moment
    rest = ""
    for _ in range(40):
        child.send("q")
        ended = child.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=0.4) == 0
        if ended:
            rest = child.before
            break
    child.close()
    assert (ended, child.exitstatus) == (True, 0)
    assert "Customer 59" not in rest
    assert "Traceback" not in rest


@pytest.mark.process
@pytest.mark.parametrize(
    ("words", "env"),
    [
        ("customer list", {"CRM_PAGER": ""}),
        ("customer list", {"CRM_PAGER": "cat"}),
        ("customer list", {"PAGER": "cat"}),
        ("customer list", {"TERM": "dumb"}),
        ("customer list --format csv", {}),
        ("customer list --json", {}),
        ("customer list --limit 5", {}),
    ],
)
def test_what_is_short_or_for_a_machine_or_unwanted_goes_through_no_pager(
    long_list: Crm, words: str, env: dict[str, str]
) -> None:
    env = {"PAGER": "false", **env}
    text, code = whole(at_terminal(long_list, *words.split(), **env))
    assert code == 0
    assert "Customer 04 客户" in text


# ------------------------------------------------------------------ a pager of one's own


@pytest.mark.process
def test_a_pager_gets_the_answer_once_the_database_is_closed(long_list: Crm, catcher: Path) -> None:
    """CRM_PAGER before PAGER, split like a shell's line, never run by one; the words come after the answer."""
    line = f"'{catcher}' -x '$HOME'"
    text, code = whole(at_terminal(long_list, "customer", "list", CRM_PAGER=line, PAGER="false"))
    log = (long_list.folder / "log").read_text()
    assert (text, code) == ("", 0)
    assert log.startswith("LESS=FRX LESSCHARSET=utf-8 ARGS=-x $HOME\n")
    assert "Customer 59 客户" in log
    assert "crm.db" not in log, "the pager may stay open for hours, the database may not"


@pytest.mark.process
def test_words_about_a_long_answer_stand_below_it(long_list: Crm, catcher: Path) -> None:
    text, code = whole(at_terminal(long_list, "customer", "list", "--limit", "40", CRM_PAGER=f"'{catcher}'"))
    assert (text, code) == ("20 more: leave --limit out to see them\r\n", 0)


@pytest.mark.process
@pytest.mark.parametrize("line", ["no-such-pager -R", '"', "/"])
def test_a_pager_that_cannot_be_started_is_named_and_done_without(long_list: Crm, line: str) -> None:
    text, code = whole(at_terminal(long_list, "customer", "list", PAGER=line))
    assert code == 0
    assert "Customer 59 客户" in text
    assert text.endswith(f"The pager {line} cannot be started\r\n")


@pytest.mark.process
def test_a_pager_that_closes_early_ends_the_program_well(long_list: Crm) -> None:
    text, code = whole(at_terminal(long_list, "customer", "list", PAGER="head -n 3"))
    assert code == 0
    assert "Customer 00" in text
    assert "Customer 05" not in text


@pytest.mark.process
def test_nobody_waits_for_a_pager_that_no_one_can_close(long_list: Crm) -> None:
    """stdin is no terminal: who would press q?"""
    environ = {"PAGER": "false", "X": "1"}
    words = ["-c", f"{PROGRAM} customer list < /dev/null"]
    kept = {**long_list.environ, "TERM": "xterm", "PATH": os.environ["PATH"], **environ}
    del kept["CRM_PAGER"]
    child = pexpect.spawn("/bin/sh", words, env=kept, dimensions=(24, 80), timeout=20, encoding="utf-8")
    text, code = whole(child)
    assert code == 0
    assert "Customer 59" in text


# ------------------------------------------------------------------ which pager


def named(environ: dict[str, str]) -> str:
    return App(environ).pager()


def test_crm_pager_goes_before_the_config_and_that_before_pager(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('pager = "most"\n')
    config.chmod(0o600)
    environ = {"CRM_CONFIG": str(config), "PAGER": "more"}
    assert named({**environ, "CRM_PAGER": "bat"}) == "bat"
    assert named({**environ, "CRM_PAGER": " "}) == ""
    assert named(environ) == "most"
    config.chmod(0o666)
    assert named(environ) == "more", "a file that others can write names no program"
    assert named({"CRM_CONFIG": str(tmp_path / "none"), "PAGER": "more"}) == "more"
    assert named({"CRM_CONFIG": str(tmp_path / "none"), "PAGER": ""}) == ""
    assert named({"CRM_CONFIG": str(tmp_path / "none")}) == "less"
    assert Config(environ).program("pager") == ""


class Tty(io.StringIO):
    """A terminal that remembers."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("lines", "paged"), [(23, False), (24, True)])
def test_a_screen_that_is_full_to_the_last_line_is_long(
    lines: int, paged: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINES", "24")
    sheaf = pager.Sheaf(Tty())
    sheaf.writelines(f"{n}\n" for n in range(lines - 2))
    sheaf.later(2, lambda stream: stream.write("two\nmore\n"))  # type: ignore[arg-type, return-value]
    missing = pager.show(sheaf, "no-such-pager", colour=False)
    assert missing == ("no-such-pager" if paged else "")
    assert sheaf.stream.getvalue().splitlines()[-2:] == ["two", "more"]  # type: ignore[attr-defined]


def test_what_was_interrupted_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdin", Tty())
    monkeypatch.setattr(sys, "stdout", terminal := Tty())
    out = Output()
    with pytest.raises(KeyboardInterrupt), out.paged():
        out.print("half of it")
        raise KeyboardInterrupt
    assert terminal.getvalue() == ""
    with pytest.raises(SystemExit), out.paged():
        out.print("all of it")
        raise SystemExit
    assert terminal.getvalue() == "all of it\n"


@pytest.mark.process
@pytest.mark.parametrize("line", ["help start", "help", "log --help", "customer edit -h", "demo"])
def test_long_help_and_the_demo_go_through_the_pager(crm: Crm, line: str) -> None:
    taker = crm.folder / "taker"
    taker.write_text("#!/bin/sh\necho PAGED\ncat\n")
    taker.chmod(0o755)
    text, code = whole(at_terminal(crm, *line.split(), rows=20, CRM_PAGER=str(taker)))
    assert code == 0
    assert "PAGED" in text
    assert line == "demo" or text.startswith("PAGED")
    if line == "help":
        assert "PAGED" not in whole(at_terminal(crm, *line.split(), rows=200, CRM_PAGER=str(taker)))[0]
