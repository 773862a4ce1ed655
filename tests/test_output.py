"""What reaches a screen or a pipe: fitted to the terminal, whole in a pipe, harmless everywhere."""

import io
import json
import os
import pty
import re
import select
import subprocess
import sys
from typing import Any

import pytest
from conftest import Crm

from crm_cli.output.output import Output
from crm_cli.output.streams import Nowhere, Screen
from crm_cli.rules.text import width

FAMILY = "张伟👩\u200d👩\u200d👧 שלום"
HOSTILE = [
    "[/]",
    "[red]x",
    "\x1b[2J\x1b]0;evil\x07",
    "=1+1",
    FAMILY,
    "\u202eexe.txt",
    ":smile:",
    "{name}",
    "%s",
    "a\x9bb",
]
# what may never reach a terminal from data: controls but for line ends, C1, bidi controls
DANGEROUS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
COLOURS = re.compile("\x1b\\[[0-9;]*m")


@pytest.fixture
def hostile(crm: Crm) -> Crm:
    """Customers with names that want to do harm, put in behind the program's back where it would refuse them."""
    crm.ok("customer add first --tag key --phone '+49 30 1234567' --region DACH")
    crm.ok('deal add "A deal" --customer first --amount 48k --currency EUR --close 2026-12-31')
    crm.ok('log call first "said hello" --next "call again" --due fri')
    import sqlite3

    db = sqlite3.connect(crm.db)
    for name in HOSTILE:
        db.execute(
            "INSERT INTO customer (uuid, name, name_key, kind, status, region, note, created_at, updated_at)"
            " VALUES (?, ?, ?, 'company', 'new', ?, ?, '2026-11-01T00:00:00Z', '2026-11-01T00:00:00Z')",
            (name, name, name.casefold(), name, name),
        )
        db.execute(
            "INSERT INTO tag (uuid, name, name_key, created_at, updated_at) VALUES (?, ?, ?, '', '')", (name,) * 3
        )
    db.commit()
    db.close()
    return crm


@pytest.mark.parametrize("form", ["table", "md", "csv", "tsv", "json", "jsonl", "ids"])
def test_hostile_names_do_no_harm_in_a_pipe(hostile: Crm, form: str) -> None:
    result = hostile.ok("customer", "list", "--sort", "id", "--columns", "name,region,note", "--format", form)
    if form in ("table", "md"):
        assert not DANGEROUS.search(result.out)
        assert "\\x1b[2J" in result.out.replace("\\\\", "\\").replace("\\[", "[")
    if form == "json":
        assert [row["name"] for row in result.json] == ["first", *HOSTILE]
    if form == "table":
        assert "[red]x" in result.out
        assert FAMILY in result.out
        assert len({len(line) for line in result.out.splitlines()}) > 1
        assert len(result.out.splitlines()) == len(HOSTILE) + 2
    if form == "md":
        assert r"\[red\]x" in result.out
        assert all(line.count(" | ") == 2 for line in result.out.splitlines())


def test_markdown_escapes_what_it_would_read(crm: Crm) -> None:
    crm.ok("customer", "add", "a|b <b>*x*</b> `c` ~~d~~ &lt; [l](u)")
    row = crm.ok("customer list --format md --columns name").out.splitlines()[2]
    assert row == r"| a\|b \<b\>\*x\*\</b\> \`c\` \~\~d\~\~ &amp;lt; \[l\](u) |"


@pytest.mark.ci
@pytest.mark.parametrize("name", HOSTILE)
def test_errors_and_sentences_about_hostile_words_are_clean(hostile: Crm, name: str) -> None:
    for words in (["customer", "show", f"{name}zz"], ["customer", "list", f"tag:{name}zz"], ["deal", name], [name]):
        result = hostile(*words)
        assert result.code in (2, 3), result
        assert not DANGEROUS.search(result.err)
        assert "bug" not in result.err
    said = hostile("deal", "add", f"about {name}", "--customer", "first")
    assert not DANGEROUS.search(said.err)


def test_a_table_in_a_pipe_has_no_colour_no_box_and_cuts_nothing(crm: Crm) -> None:
    long = "A very long name of a company that would never fit on any screen " * 3
    crm.ok("customer", "add", long.strip(), "--region", "a region with many words in it")
    for env in ({"COLUMNS": "40"}, {"COLUMNS": "40", "FORCE_COLOR": "0"}, {"TERM": "xterm-256color"}):
        out = crm.ok("customer list", env=env).out
        assert long.strip() in out
        assert "a region with many words in it" in out
        assert "\x1b" not in out
        assert not set(out) & set("│┃─━┏┡…")
        assert len(out.splitlines()) == 2


def test_chinese_columns_line_up(crm: Crm) -> None:
    for name, region in (("上海华东精密机械", "华东"), ("Acme", "DACH"), ("Zoë", "Östergötland")):
        crm.ok("customer", "add", name, "--region", region)
    lines = crm.ok("customer list --columns name,region,kind").out.splitlines()
    starts = {width(line[: line.index("company")]) for line in lines[1:]}
    assert len(starts) == 1


# ------------------------------------------------------------------ a terminal


def on_screen(crm: Crm, words: list[str], columns: int, rows: int = 200, **env: str) -> str:
    """What the real program writes to a pseudo-terminal of so many columns."""
    import fcntl
    import struct
    import termios

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    environ = {**crm.environ, "TERM": "xterm-256color", "PATH": os.environ["PATH"], **env}
    del environ["COLUMNS"]
    program = [sys.executable, "-c", "from crm_cli.app import main; main()", *words]
    with subprocess.Popen(program, stdin=slave, stdout=slave, stderr=slave, env=environ, close_fds=True) as process:
        os.close(slave)
        raw = b""
        while True:
            ready, _, _ = select.select([master], [], [], 30)
            try:
                part = os.read(master, 65536) if ready else b""
            except OSError:
                part = b""
            if not part:
                break
            raw += part
        process.wait(30)
    os.close(master)
    return raw.decode()


@pytest.mark.process
@pytest.mark.parametrize("columns", [80, 60, 40, 20])
def test_no_line_is_wider_than_the_terminal(hostile: Crm, columns: int) -> None:
    raw = on_screen(hostile, ["customer", "list", "--sort", "id"], columns)
    plain = COLOURS.sub("", raw).replace("\r\n", "\n")
    assert not DANGEROUS.search(plain)
    assert max(map(width, plain.splitlines())) <= columns
    first = next(line for line in plain.splitlines() if "first" in line)
    assert ("+49 30 1234567" in first) == (columns >= 40)
    assert ("EUR 48,000" in first) == (columns >= 60)
    assert "DACH" not in first
    assert len(plain.splitlines()) == len(HOSTILE) + 3


@pytest.mark.process
def test_a_terminal_has_colour_unless_it_is_told_otherwise(hostile: Crm) -> None:
    assert "\x1b[" in on_screen(hostile, ["customer", "list"], 80)
    for extra in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert not COLOURS.search(on_screen(hostile, ["customer", "list", "first"], 80, **extra))
    assert not COLOURS.search(on_screen(hostile, ["--no-color", "customer", "list", "first"], 80))


@pytest.mark.process
@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "tsv", "md", "ids"])
def test_data_on_a_terminal_cannot_control_it(hostile: Crm, form: str) -> None:
    raw = on_screen(hostile, ["customer", "list", "--sort", "id", "--columns", "name,note", "--format", form], 200)
    assert not DANGEROUS.search(raw.replace("\r\n", "\n"))
    if form == "json":
        assert [row["name"] for row in json.loads(raw)] == ["first", *HOSTILE]
        assert "\\u001b[2J" in raw
        assert "张伟" in raw


@pytest.mark.process
def test_an_error_as_json_on_a_terminal_cannot_control_it(hostile: Crm) -> None:
    raw = on_screen(hostile, ["customer", "list", "tag:\u202e\x9b\x1b[2J", "--json"], 200)
    assert not DANGEROUS.search(raw.replace("\r\n", "\n"))
    assert json.loads(raw)["error"] == "not_found"


# ------------------------------------------------------------------ the output itself


class Tty(io.StringIO):
    """A terminal that remembers."""

    def isatty(self) -> bool:
        return True


def test_json_for_a_screen_reads_back_as_the_same_text() -> None:
    text = "plain \x1b[1m\x7f\x85\u061c\u2028\U000e0041 张伟\u200d👩"
    stream = Tty()
    Screen(stream, as_json=True).write(json.dumps([text], ensure_ascii=False) + "\n")
    written = stream.getvalue()
    assert not DANGEROUS.search(written)
    assert json.loads(written) == [text]
    assert "张伟" in written


@pytest.mark.ci
@pytest.mark.parametrize("columns", range(20, 121, 10))
def test_every_noun_fits_every_terminal(hostile: Crm, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    for noun in ("customer", "contact", "deal", "interaction", "task", "tag", "stage"):
        rows: list[dict[str, Any]] = hostile.rows(f"{noun} list")
        stream = Tty()
        monkeypatch.setattr(sys, "stdout", stream)
        out = Output(format="table")
        out.records(noun, rows)
        monkeypatch.undo()
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setenv("TERM", "xterm")
        lines = COLOURS.sub("", stream.getvalue()).splitlines()
        assert max(map(width, lines), default=0) <= columns, noun
        assert len(lines) == (len(rows) + 2 if rows else 0)


def test_what_is_written_to_a_closed_stream_goes_nowhere_and_is_still_read() -> None:
    read = []

    def lines() -> Any:
        for n in range(3):
            read.append(n)
            yield str(n)

    stream = Nowhere()
    stream.writelines(lines())
    assert read == [0, 1, 2]
    assert (stream.write("abc"), stream.isatty()) == (3, False)


def test_a_plain_pipe_gets_json_as_it_is(hostile: Crm) -> None:
    assert FAMILY in hostile.ok("customer list --json").out


# ------------------------------------------------------------------ colours, widths, streams


def told(monkeypatch: pytest.MonkeyPatch, stream: Any, **env: str) -> Output:
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", stream)
    return Output()


@pytest.mark.parametrize(
    ("env", "terminal", "pipe"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"TERM": "dumb"}, False, False),
        ({"CLICOLOR": "0"}, False, False),
        ({"CLICOLOR": "1"}, True, False),
        ({"CLICOLOR_FORCE": "1"}, True, True),
        ({"CLICOLOR_FORCE": "0"}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "0"}, True, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"FORCE_COLOR": "1", "CLICOLOR": "0"}, True, True),
    ],
)
def test_who_wants_colour(env: dict[str, str], terminal: bool, pipe: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, Tty(), **env).colour is terminal
    assert told(monkeypatch, io.StringIO(), **env).colour is pipe


class Odd(Tty):
    """A terminal whose size the system does not know."""

    def fileno(self) -> int:
        return 7


@pytest.mark.parametrize(
    ("system", "typed", "columns"),
    [(0, "", 80), (0, "0", 80), (100, "0", 100), (100, "40", 40), (100, "forty", 100), (100, "-5", 100), (7, "", 20), (100, "3", 20)],
)  # fmt: skip
def test_a_terminal_of_unknown_or_no_width(
    system: int, typed: str, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "get_terminal_size", lambda fd=1: os.terminal_size((system, 0)))
    assert told(monkeypatch, Odd(), COLUMNS=typed).width == columns


def test_forced_colours_without_a_screen_cut_nothing(crm: Crm) -> None:
    long = "a name of a company that is longer than eighty columns, as it is told in full on every invoice"
    crm.ok("customer", "add", long, "--region", "a region of many words")
    out = crm.ok("customer list", env={"FORCE_COLOR": "1", "COLUMNS": ""}).out
    assert "\x1b[" in out
    assert long in out
    assert "a region of many words" in out


def shell(crm: Crm, line: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    """A line of a shell, with `crm` the real program."""
    environ = {**crm.environ, "PATH": os.environ["PATH"], "CRM": f"{sys.executable} -m crm_cli.app", **env}
    words = ["bash", "-c", f"set -o pipefail; {line.replace('crm ', '$CRM ')}"]
    return subprocess.run(words, capture_output=True, env=environ, check=False)


FULL = "The output could not be written: the disk is full"


@pytest.mark.process
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is full")
@pytest.mark.parametrize(
    ("line", "code", "out", "err"),
    [
        ("FORCE_COLOR=1 crm customer list | head -1 | wc -l", 0, "1\n", ""),
        ("crm customer list --json | true", 0, "", ""),
        ("crm customer list >&-", 0, "", ""),
        ("crm customer list --columns id --limit 1 2>&- | cat", 0, "id\n 4\n", ""),
        ("crm customer show nobody 2>&-", 3, "", ""),
        ("crm customer show <&-", 2, "", "crm: customer is missing\nSee: crm customer show --help\n"),
        ("crm customer add Beta <&- >&- 2>&-", 0, "", ""),
        ("crm customer list > /dev/full", 5, "", f"crm: {FULL}\n"),
        ("crm customer list nobody 2> /dev/full", 0, "", ""),
        ("crm customer add Beta 2> /dev/full", 0, "", ""),
        ("crm customer show nobody 2> /dev/full", 3, "", ""),
        ("LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 crm customer list 张伟 --columns name", 0, "name\n张伟👩\u200d👩\u200d👧 שלום\n", ""),
    ],
)  # fmt: skip
def test_streams_that_are_gone_or_full(hostile: Crm, line: str, code: int, out: str, err: str) -> None:
    done = shell(hostile, line)
    assert (done.returncode, done.stdout.decode(), done.stderr.decode()) == (code, out, err)


@pytest.mark.parametrize(
    "line", [["customer", "add"], ["task", "add"], ["member", "add"], ["customer", "show"], ["history"], ["undo"]]
)
def test_a_line_end_in_data_begins_no_line_of_its_own(crm: Crm, line: list[str]) -> None:
    """A name could speak in our voice otherwise."""
    crm.ok("customer", "add", "Bo\ncrm: all was deleted")
    crm.ok("customer", "edit", "1", "--city", "Bonn\ncrm: all was deleted")
    result = crm(*line, *(["Bo\ncrm: all was deleted"] if line[0] != "undo" else []))
    told = (result.out + result.err).splitlines()
    assert not [text for text in told if text.startswith("crm: all")], told
    assert [text for text in told if "all was deleted" in text]


def test_a_setting_with_odd_line_ends_is_kept_and_read(crm: Crm) -> None:
    for value in ("a\u2028b", "a\nb\x85c", "quote \" ' \\ end", "\x7f"):
        crm.ok("config", "set", "user", value)
        crm.ok("config", "set", "country", "DE")
        assert crm.ok("config", "get", "user", "--json", env={"CRM_USER": ""}).json["value"] == value
        crm.ok("config unset user")
