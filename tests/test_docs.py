"""Docs are tested: the README's table of commands, help for every command, a Chinese line for each."""

import re
from pathlib import Path

import pytest
from conftest import Crm

from crm_cli.app import NOUNS
from crm_cli.lazy import Entry, first_line, load

README = Path(__file__).parent.parent / "README.md"


def commands() -> list[tuple[str, str]]:
    """Every command as typed, with the sentence that it says of itself."""
    found = []
    for name, line in NOUNS.items():
        entry = Entry(*line)
        command = load(name, entry)
        if entry.is_noun:
            found += [
                (f"crm {name} {verb}", first_line(info)) for verb, info in command.infos.items() if not info.hidden
            ]
        else:
            found.append((f"crm {name}", entry.help))
    return found


def table() -> str:
    return "".join(f"| `{name}` | {text} |\n" for name, text in commands())


def test_the_readme_lists_every_command(request: pytest.FixtureRequest) -> None:
    text = README.read_text(encoding="utf-8")
    head = "| command | what it does |\n|---|---|\n"
    start = text.index(head) + len(head)
    end = text.index("\n\n", start) + 1
    if request.config.getoption("--rewrite"):
        README.write_text(text[:start] + table() + text[end:], encoding="utf-8")
        return
    assert text[start:end] == table()


@pytest.mark.parametrize("line", [name for name, _ in commands()])
def test_every_command_has_help(crm: Crm, line: str) -> None:
    result = crm.ok(*line.split()[1:], "--help")
    assert result.out.startswith("Usage: crm ")
    assert not re.search(r"\n {3,}\S+ *\n *\n", result.out)
    for row in result.out.splitlines():
        assert len(row) <= 100


def test_the_readme_says_every_exit_code() -> None:
    text = README.read_text(encoding="utf-8")
    for code in ("0", "1", "2", "3", "4", "5", "6", "65", "75", "129, 130, 143"):
        assert f"| {code} |" in text


def test_no_page_carries_a_path_of_a_machine() -> None:
    for page in [README, *(README.parent / "docs").glob("*.md")]:
        assert not re.search(r"/(work|root|home|Users|tmp)/", page.read_text(encoding="utf-8")), page.name
