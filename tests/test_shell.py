"""crm shell: the same commands at a prompt and from a script, each kept by itself."""

import os
from pathlib import Path
from typing import Any

import pytest
from conftest import Crm

from crm_cli.commands.shellprompt import earlier, offers
from crm_cli.context import App
from crm_cli.errors import Misuse
from crm_cli.rules.lines import as_word, begins_at, words_of


def test_a_script_runs_each_line_as_a_command_of_its_own(acme: Crm) -> None:
    script = '# the day\n\ncustomer add "Beta AG" --city Köln\ncrm tag add vip beta\ncustomer list beta --format csv\n'
    result = acme.ok("shell", stdin=script)
    assert result.out.splitlines()[1].startswith("2,")
    assert "Added customer 2: Beta AG (company); undo: crm undo" in result.err
    commands = [row["command"] for row in acme.rows("history")][:2]
    assert commands == ["crm tag add vip beta", "crm customer add 'Beta AG' --city Köln"]
    acme.ok("undo 2")
    assert [row["name"] for row in acme.rows("customer list")] == ["Acme GmbH"]


def test_a_script_stops_at_the_first_line_that_fails_and_names_it(acme: Crm) -> None:
    result = acme("shell", stdin="tag add vip acme\ncustomer show nobody\ncustomer add Never\n")
    assert result.code == 3
    assert result.err.splitlines()[-1] == "Stopped at line 2: customer show nobody"
    assert acme.rows("customer list")[0]["tags"] == ["key", "vip"]
    assert acme("customer show Never").code == 3


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('customer add "Beta', "crm: Line 2: A quote opens and does not close"),
        ("customer list | head", "crm: Line 2: | means nothing here: pipes and files belong to the shell outside"),
        ("customer list > x.csv", "crm: Line 2: > means nothing here: pipes and files belong to the shell outside"),
        ("shell", "crm: This is the shell already"),
    ],
)
def test_a_line_that_cannot_be_meant_is_refused(acme: Crm, line: str, said: str) -> None:
    result = acme("shell", stdin=f"tag list\n{line}\ncustomer add Never\n")
    assert result.code == 2
    assert said in result.err.splitlines()
    assert len(acme.rows("customer list")) == 1


def test_what_a_shell_would_expand_is_only_text(acme: Crm) -> None:
    name = "a $(touch x) `id` * ! ? > b"
    acme.ok("shell", stdin=f"customer add '{name}'\n")
    assert acme.rows("customer list a touch")[0]["name"] == name


def test_the_script_is_nobodys_stdin(acme: Crm) -> None:
    acme.ok("shell", stdin="log note acme -\ncustomer add Beta\n")
    assert [row["text"] for row in acme.rows("interaction list")] == [None]
    assert len(acme.rows("customer list")) == 2


def test_options_of_the_shell_hold_for_each_line(acme: Crm, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    result = acme.ok(
        "shell",
        "--db",
        str(other),
        "--quiet",
        "--lang",
        "zh",
        "--format",
        "ids",
        stdin="customer add 甲\ncustomer list\n",
    )
    assert (result.out, result.err) == ("1\n1\n", "")
    assert other.exists()
    assert len(acme.rows("customer list")) == 1


def test_something_due_is_no_error_and_exit_ends_a_script(acme: Crm) -> None:
    acme.ok('task add "call" --customer acme --due today')
    result = acme.ok("shell", stdin="remind --exit-code\nexit\ncustomer add Never\n")
    assert "call" in result.out
    assert len(acme.rows("customer list")) == 1


def test_bytes_that_are_no_text_are_named(acme: Crm) -> None:
    result = acme("shell", stdin=b"\xef\xbb\xbftag list\ncustomer add \xff\xfe\n")
    assert result.code == 65
    assert result.err.splitlines()[-1] == "crm: Line 2 is not valid UTF-8"


def test_many_commands_in_one_start(acme: Crm) -> None:
    acme.ok("shell", "-q", stdin="".join(f"log note acme line{n}\n" for n in range(60)))
    assert len(acme.rows("interaction list")) == 60


@pytest.mark.parametrize(
    ("text", "start"), [("", 0), ("cu", 0), ("customer ", 9), ("show 'a b", 5), ('show a\\ b"c d', 5), ("x --tag=k", 2)]
)
def test_where_the_last_word_begins(text: str, start: int) -> None:
    assert begins_at(text) == start


@pytest.mark.parametrize("value", ["a", "a b", "O'Neill", 'say "x"', "back\\slash", "", "#1", "张伟", "a\tb"])
def test_a_word_written_is_read_back(value: str) -> None:
    assert words_of(f"show {as_word(value)} end") == ["show", value, "end"]


def test_a_comment_and_the_name_of_the_program_are_left_out() -> None:
    assert words_of("  # nothing") == []
    assert words_of("crm tag add #1 acme") == ["tag", "add", "#1", "acme"]
    with pytest.raises(Misuse):
        words_of("tag list && exit")


def test_tab_offers_what_the_shells_are_offered(acme: Crm) -> None:
    def words(text: str) -> list[str] | None:
        found = offers(acme.environ, text)
        return None if found is None else [word for word, _ in found]

    assert words("custo") == ["customer"]
    assert words("crm custo") == ["customer"]
    assert words("customer show ac") == ["Acme GmbH"]
    assert words("deal move 'Acme rol") == ["Acme rollout"]
    assert words("import ") is None


def test_the_arrow_keys_find_what_the_database_remembers(acme: Crm) -> None:
    acme.ok("tag add vip acme")
    assert earlier(App(acme.environ))[-1] == "tag add vip acme"
    acme.ok("privacy erase acme --yes")
    assert not [line for line in earlier(App(acme.environ)) if "acme" in line.lower()]


@pytest.mark.process
def test_a_person_types_lines_and_leaves(acme: Crm, at: Any) -> None:
    terminal = at("shell")
    terminal.expect("crm>").type("customer list acme --columns id,name\r").expect("1  Acme GmbH")
    terminal.type("customer show nobody\r").expect("No customer fits nobody")
    terminal.type("tag add 'O").expect("tag add 'O").type("\x03").type("tag add vip acme\r").expect("undo: crm undo")
    terminal.type("customer show Ac\t").expect("'Acme GmbH'").type("\x15undo\r").expect("Undone")
    terminal.type("customer remove acme\r").expect("(y/N)").type("n").type("\x04")
    assert terminal.end() == 0
    assert acme.rows("customer list")[0]["tags"] == ["key"]


@pytest.mark.process
def test_a_terminal_that_only_prints_lines(acme: Crm, at: Any) -> None:
    terminal = at("shell", env={"TERM": "dumb"})
    terminal.expect("crm>").type("customer list --format ids\n").expect("1").type("exit\n")
    assert terminal.end() == 0


@pytest.mark.process
def test_a_script_that_is_killed_keeps_what_was_said(acme: Crm) -> None:
    import signal
    import subprocess
    import sys

    environ = {**os.environ, **acme.environ}
    child = subprocess.Popen(
        [Path(sys.prefix) / "bin" / "crm", "shell"], env=environ, stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdin and child.stderr
    child.stdin.write(b"customer add Kept\n")
    child.stdin.flush()
    assert b"Added customer 2" in child.stderr.readline()
    child.send_signal(signal.SIGTERM)
    child.wait(timeout=20)
    assert child.returncode == 143
    assert acme.ok("customer show Kept").code == 0
