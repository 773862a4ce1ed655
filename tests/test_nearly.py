"""Words that nearly fit: tests/nearly.tsv, each line refused with the line to paste, and that line played again.

The shells record what they hand over, so that one process of each plays the whole table; what is handed over is then
played here. The slow test does the same with the real program.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Crm

from crm_cli.rules.paste import is_powershell, line

pytestmark = pytest.mark.ci

TABLE = Path(__file__).parent / "nearly.tsv"
LINE = re.compile(r"(?:^|[ ：:])(crm [^\n]+)$", re.MULTILINE)
SHELLS = [
    pytest.param(name, marks=pytest.mark.skipif(shutil.which(name) is None, reason=f"no {name} here"))
    for name in ("bash", "zsh", "fish")
]
NAMES = ("蓝海科技", "Yahoo! Inc", "O'Neill Ltd", "Back\\slash Co")


def rows() -> list[tuple[str, int, str, str]]:
    """(as typed behind crm, exit code, the line to paste or "", its exit code)."""
    cells = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines() if line[:2] != "# "]
    return [(typed, int(code), paste, after) for typed, code, paste, after in cells]


REFUSED = [row for row in rows() if row[2]]
TAKEN = [row for row in rows() if not row[2]]


@pytest.fixture(scope="module")
def base(acme_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Acme, names that need care, a task, a segment and a member."""
    crm = Crm(tmp_path_factory.mktemp("nearly"))
    shutil.copy2(acme_database, crm.db)
    crm.ok('task add "send the quote" --customer acme --due fri')
    for name in NAMES:
        crm.ok("customer", "add", name, "--tag", "vip")
    crm.ok("segment add quiet-keys tag:key")
    crm.ok('member add "Ana Lopez"')
    crm.ok("config set currency EUR")
    return crm.folder


@pytest.fixture
def crm(crm: Crm, base: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crm]:
    """The program over a copy, in a folder with two files."""
    shutil.copy2(base / "crm.db", crm.db)
    shutil.copytree(base / "config", crm.folder / "config")
    here = crm.folder / "here"
    here.mkdir()
    for name in ("notes.txt", "10 ideas"):
        (here / name).touch()
    monkeypatch.chdir(here)
    monkeypatch.delenv("PSModulePath", raising=False)
    yield crm
    monkeypatch.chdir("/")


def arguments(typed: str) -> list[str]:
    """What a shell makes of a line here, a bare `*` included."""
    bare = [] if "'*'" in typed else ["*"]
    return [name for word in shlex.split(typed) for name in (sorted(os.listdir()) if word in bare else [word])]


@pytest.mark.parametrize(("typed", "code", "paste", "after"), REFUSED, ids=[row[0] for row in REFUSED])
def test_it_is_refused_with_the_line_to_paste(crm: Crm, typed: str, code: int, paste: str, after: str) -> None:
    before = crm.db.read_bytes()
    english = crm(*arguments(typed))
    chinese = crm(*arguments(typed), env={"CRM_LANG": "zh"})
    for result in (english, chinese):
        assert (result.code, result.out) == (code, ""), result
        said = json.loads(result.err)["hint"] if result.err.startswith("{") else result.err
        assert paste in LINE.findall(said), result
    assert re.search("[\u4e00-\u9fff]", chinese.err), chinese
    assert not re.search(
        r"[a-z]{3,} [a-z]{3,} [a-z]{3,}",
        re.sub("crm .*|Known.*|可用的有.*|动作.*|：call .*|send the quote", "", chinese.err),
    ), chinese
    assert crm.db.read_bytes() == before
    pasted = crm(*shlex.split(paste)[1:])
    assert pasted.code == int(after), pasted


@pytest.mark.parametrize(("typed", "code", "paste", "after"), TAKEN, ids=[row[0] for row in TAKEN])
def test_it_is_taken_as_it_is(crm: Crm, typed: str, code: int, paste: str, after: str) -> None:
    assert crm(*arguments(typed)).code == code


# ------------------------------------------------------------------ real shells

RECORD = {
    "bash": "set -o history -o histexpand\ncrm() { printf '%s\\0' \"$@\" ''; printf '\\1'; }\n",
    "zsh": "crm() { printf '%s\\0' \"$@\" ''; printf '\\1'; }\n",
    "fish": "function crm; printf '%s\\0' $argv ''; printf '\\1'; end\n",
}
START = {"bash": ["bash", "--norc"], "zsh": ["zsh", "-f"], "fish": ["fish", "--no-config"]}


def handed_over(shell: str, lines: list[str], folder: Path) -> list[list[str]]:
    """The words that a shell hands to crm for each line; one process plays them all from its stdin."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "TERM": "dumb"}
    done = subprocess.run(
        START[shell],
        input=RECORD[shell] + "\n".join(lines) + "\n",
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
    )
    played = [record.split("\0")[:-2] for record in done.stdout.split("\1")[:-1]]
    assert len(played) == len(lines), done.stderr
    return played


@pytest.mark.process
@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_hands_over_what_was_typed_and_what_is_pasted(crm: Crm, shell: str) -> None:
    typed = [row[0] for row in REFUSED if not (shell == "bash" and row[0].startswith("customer list !"))]
    played = handed_over(shell, [f"crm {words}" for words in typed], crm.folder)
    assert played == [arguments(words) for words in typed]
    paste = [row[2] for row in REFUSED]
    assert handed_over(shell, paste, crm.folder) == [shlex.split(words)[1:] for words in paste]


HOSTILE = [
    "", " ", "it's", "it's $HOME", 'a"b', "a\\b", "\\", "a\\'b", "\\\\n", "$(touch x)", "`touch x`", "a!b", "!!", "!$", "'!'",
    "*", "?", "[a]", "{a,b}", "~", "~root", "=ls", "%1", "#x", "a;b", "a&b", "a|b", "a>b", "<x", "(a)", "^x", "-x", "--",
    "@a", "a,b", "蓝海（中国）", "“x”", "a\u3000b", "%self", "a'b\"c$d`e\\f!g", "$'x'", "\\'", "'\\", "end", "{}", "..",
]  # fmt: skip


@pytest.mark.process
@pytest.mark.parametrize("shell", SHELLS)
def test_any_word_comes_back_from_each_shell_as_it_was(crm: Crm, shell: str) -> None:
    lines = [line(["crm", word, "x"], {}) for word in HOSTILE]
    expected = [[word.replace("\u3000", " "), "x"] for word in HOSTILE]
    assert handed_over(shell, lines, crm.folder) == expected
    assert not (Path.cwd() / "x").exists()


def in_powershell(text: str) -> list[str]:
    """The words of a line by PowerShell's rules, as far as our lines use them."""
    words, i = [], 0
    while i < len(text):
        if text[i] == " ":
            i += 1
        elif text[i] == "'":
            word, i = "", i + 1
            while text[i] not in "'‘’‚‛" or text[i + 1 : i + 2] in tuple("'‘’‚‛"):
                word, i = word + text[i], i + (2 if text[i] in "'‘’‚‛" else 1)
            words, i = [*words, word], i + 1
        else:
            end = (text + " ").index(" ", i)
            assert not set(text[i:end]) & set("'\"`$()[]{}|&;<>#,!") and text[i] not in "@%", text
            words, i = [*words, text[i:end]], end
    return words


def test_powershell_has_quotes_of_its_own() -> None:
    environ = {"PSModulePath": "x"}
    if is_powershell(environ):
        assert line(["it's", "@a"], environ) == "'it''s' '@a'"
    from crm_cli.rules.paste import _in_powershell

    assert [_in_powershell(word) for word in ("it's", "@a", "a,b", "a b", "-a.b", "--due=+3d", "10k..", "", "“x”", "O’N")] == [
        "'it''s'", "'@a'", "'a,b'", "'a b'", "'-a.b'", "--due=+3d", "10k..", "''", "'“x”'", "'O’’N'",
    ]  # fmt: skip
    words = [word.replace("\u3000", " ") for word in HOSTILE]
    assert in_powershell(" ".join(map(_in_powershell, words))) == words


def test_the_shell_is_told_by_its_mark() -> None:
    assert not is_powershell({"SHELL": "/bin/zsh"})
    if Path("/proc/self/comm").exists():
        assert not is_powershell({"PSModulePath": "x"})  # our parent is no PowerShell, whoever its parent was


# ------------------------------------------------------------------ the real program


def real(crm: Crm, shell: str, script: str) -> subprocess.CompletedProcess[str]:
    environ = {**crm.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "TERM": "dumb"}
    return subprocess.run(START[shell], input=script, env=environ, capture_output=True, text=True, timeout=600)


@pytest.mark.process
@pytest.mark.parametrize("shell", SHELLS)
def test_what_the_shell_took_for_a_file_is_read_from_its_name(crm: Crm, shell: str) -> None:
    done = real(crm, shell, "crm deal list amount:>10k\n")
    paste = "crm deal list amount:10k.."
    assert done.stderr.splitlines()[-1] == f"Type: {paste}"
    assert "Acme rollout" in real(crm, shell, paste + "\n").stdout


@pytest.mark.slow
@pytest.mark.process
@pytest.mark.parametrize("shell", SHELLS)
def test_the_real_program_answers_so_in_each_shell(crm: Crm, shell: str, base: Path) -> None:
    status = "$status" if shell == "fish" else "$?"
    typed = [row for row in REFUSED if not (shell == "bash" and row[0].startswith("customer list !"))]
    script = "".join(f'crm {row[0]} 2>&1\necho "@@{status}"\n' for row in typed)
    answers = real(crm, shell, script).stdout.split("@@")
    codes = [int(answer.split("\n")[0]) for answer in answers[1:]]
    assert codes == [row[1] for row in typed]
    for row, answer in zip(typed, answers, strict=False):
        assert row[2] in answer, (row, answer)
    script = "".join(f"cp {base}/crm.db {crm.db}\n{row[2]} >/dev/null 2>&1\necho {status}\n" for row in REFUSED)
    assert real(crm, shell, script).stdout.split() == [row[3] for row in REFUSED]


# ------------------------------------------------------------------ settings, and many names


def test_a_format_that_no_command_has_is_refused_wherever_it_comes_from(crm: Crm) -> None:
    result = crm("customer list", env={"CRM_FORMAT": "zz"})
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("crm: CRM_FORMAT is zz, which is no format\nKnown: table json ")
    file = crm.folder / "config" / "crm" / "config.toml"
    file.write_text('format = "zz"\n')
    assert crm("today").err.endswith("To take it out of the file: crm config unset format\n")
    assert crm("today", "--format", "table").code == 0
    assert crm("config unset format").code == 0
    assert crm("today").code == 0


def test_a_candidate_is_said_once(crm: Crm) -> None:
    crm.ok("customer", "add", "Acme Holding")
    result = crm("customer show acme")
    assert result.code == 4
    assert result.err.splitlines() == [
        "crm: acme may be several",
        "Name one by its id, as customer:1.",
        "  customer:1  Acme GmbH",
        "  customer:6  Acme Holding",
    ]


def test_nobody_can_tell_which_of_two_places_was_meant(crm: Crm) -> None:
    result = crm("customer edit acmee --region X --note acmee --parent acmee")
    assert (result.code, "Type:" in result.err) == (3, False)


@pytest.mark.slow
def test_a_near_name_is_found_quickly_among_many(crm: Crm) -> None:
    import sqlite3
    import time

    with sqlite3.connect(crm.db) as db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(customer)") if row[1] not in ("id", "uuid")]
        named = ", ".join(columns)
        chosen = ", ".join(
            {"name": "'Firma ' || n || ' AG'", "name_key": "'firma ' || n || ' ag'"}.get(name, name) for name in columns
        )
        db.execute(
            f"WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 100000)"
            f" INSERT INTO customer (uuid, {named}) SELECT 'u' || n, {chosen} FROM many, customer WHERE customer.id = 1"
        )
    started = time.perf_counter()
    result = crm("customer show acmee")
    took = time.perf_counter() - started
    assert "crm customer show 'Acme GmbH'" in result.err
    assert took < 1, took
