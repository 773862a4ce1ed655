"""Docs are tested: the README's table of commands, help for every command, a Chinese line for each."""

import json
import re
from pathlib import Path

import pytest
from conftest import Crm

from crm_cli.app import NOUNS
from crm_cli.lazy import Entry, first_line, load
from crm_cli.output.views import VIEWS
from crm_cli.queries.states import STATES
from crm_cli.rules.fields import ANSWER_KEYS, FIELDS

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


SCRIPTING = README.parent / "docs" / "scripting.md"


def keys_table() -> str:
    """The public keys of every record, with the short names in brackets."""
    rows = []
    for noun in (*FIELDS, *ANSWER_KEYS):
        shorts = {field.key: field.short for field in FIELDS.get(noun, ())}
        keys = (f"`{key}`" + (f" [{shorts[key]}]" if shorts.get(key) else "") for key in _keys(noun))
        rows.append(f"| {noun} | {' '.join(keys)} |\n")
    rows.append("| import report | " + " ".join(f"`{key}`" for key in REPORT) + " |\n")
    rows.append("| error (stderr) | `error` `message` `hint` `candidates` |\n")
    return "".join(rows)


def _keys(noun: str) -> list[str]:
    """Those of its records; of what --explain counts and leaves out there are none, only names."""
    return VIEWS[noun].keys if noun in VIEWS else ANSWER_KEYS[noun]


REPORT = (
    "read added updated unchanged skipped failed errors written dry_run op as beside normalised removed notes".split()
)


def test_the_page_for_scripts_lists_every_key(request: pytest.FixtureRequest) -> None:
    text = SCRIPTING.read_text(encoding="utf-8")
    head = "| record | keys |\n|---|---|\n"
    start = text.index(head) + len(head)
    end = text.index("\n\n", start - 1) + 1
    if request.config.getoption("--rewrite"):
        SCRIPTING.write_text(text[:start] + keys_table() + text[end:], encoding="utf-8")
        return
    assert text[start:end] == keys_table()


def test_what_the_page_for_scripts_says_of_keys_is_what_is_printed(acme: Crm) -> None:
    report = acme("import", "-", "--as", "customers", "--json", stdin="name\nNew Ltd\n").json
    assert list(report) == REPORT
    assert list(json.loads(acme("show nobody --json").err)) == ["error", "message", "hint", "candidates"]
    acme.ok("task add hello --customer acme --due today")
    acme.ok("segment add all-keys tag:key")
    for noun in ("customer", "contact", "deal", "interaction", "task", "tag", "segment", "stage", "member"):
        for row in acme.rows(f"{noun} list"):
            assert list(row) == VIEWS[noun].keys
    assert list(acme.rows("followups")[0]) == ANSWER_KEYS["followup"]
    assert list(acme.rows("funnel")[0]) == ANSWER_KEYS["funnel"]
    assert list(acme.rows("find acme")[0]) == ANSWER_KEYS["find"]
    assert list(acme.rows("today")) == "overdue due appointments closing quiet birthdays".split()


def test_the_readme_says_every_exit_code() -> None:
    text = README.read_text(encoding="utf-8")
    for code in ("0", "1", "2", "3", "4", "5", "6", "10", "65", "75", "129, 130, 143"):
        assert f"| {code} |" in text


def test_the_readme_leads_to_every_page() -> None:
    text = README.read_text(encoding="utf-8")
    assert [page.name for page in (README.parent / "docs").glob("*.md") if f"(docs/{page.name})" not in text] == []


def test_the_page_of_queries_names_every_state() -> None:
    text = (README.parent / "docs" / "queries.md").read_text(encoding="utf-8")
    assert [name for known in STATES.values() for name in known if f"`is:{name}`" not in text] == []


def test_no_page_carries_a_path_of_a_machine() -> None:
    for page in [README, *(README.parent / "docs").glob("*.md")]:
        assert not re.search(r"/(work|root|home|Users|tmp)/", page.read_text(encoding="utf-8")), page.name
