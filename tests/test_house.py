"""The house holds: arrows one way, small files, no drawers, nothing heavy at start or on a read."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "crm_cli"
FILES = sorted(PACKAGE.rglob("*.py"))
ROOMS = ("commands", "completion", "actions", "queries", "rules", "model", "store", "output", "formats")
# The root's own modules: errors and i18n are for every room; the others put the rooms together.
EVERYWHERE = {"errors", "i18n"}
ARROWS = {
    "commands": {"commands", "actions", "queries", "output", "formats", "rules", "model", "store", "completion"}
    | {"context", "lazy", "settings"},
    "actions": {"actions", "queries", "rules", "model", "store", "formats"},
    # what runs on TAB knows its table and the store; what writes the table down knows the commands
    "completion": {"completion", "store", "rules", "queries", "output"} | {"config", "app", "lazy", "options", "i18n"},
    "queries": {"queries", "rules", "store"},
    "output": {"output", "rules", "formats"},
    "formats": {"formats", "rules"},
    "store": {"store", "model", "rules"},
    "model": {"model", "rules"},
    "rules": {"rules"},
}
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
DRAWERS = {"util", "utils", "helper", "helpers", "common", "misc", "manager"}


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def room_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else path.stem


def imports_of(path: Path) -> list[tuple[int, str]]:
    found = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.append((node.lineno, node.module))
            found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names if node.module == "crm_cli"]
        elif isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
    return found


@pytest.mark.ci
def test_arrows_run_one_way() -> None:
    wrong = []
    for path in FILES:
        room = room_of(path)
        if room not in ARROWS:
            continue
        for line, module in imports_of(path):
            parts = module.split(".")
            if parts[0] == "crm_cli" and len(parts) > 1 and parts[1] not in ARROWS[room] | EVERYWHERE | {"__version__"}:
                wrong.append(f"{path.relative_to(PACKAGE)}:{line} {room} -> {parts[1]}")
    assert not wrong, "\n".join(wrong)


def test_only_commands_know_typer() -> None:
    knowing = {
        path.relative_to(PACKAGE).as_posix()
        for path in FILES
        for _, module in imports_of(path)
        if module.split(".")[0] == "typer"
    }
    assert {name for name in knowing if not name.startswith("commands/")} <= {"lazy.py", "options.py"}


def test_only_store_knows_the_driver() -> None:
    knowing = {
        room_of(path)
        for path in FILES
        for _, module in imports_of(path)
        if module.split(".")[0] in ("sqlite3", "_sqlite3", "psycopg")
    }
    assert knowing <= {"store"}


def test_only_output_draws_with_rich() -> None:
    knowing = {room_of(path) for path in FILES for _, module in imports_of(path) if module.split(".")[0] == "rich"}
    assert knowing <= {"output"}


def test_only_output_writes_to_the_terminal() -> None:
    allowed = {"output", "app", "lazy"}
    wrong = []
    for path in FILES:
        for node in ast.walk(tree_of(path)):
            prints = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
            streams = (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and (node.value.id, node.attr) in (("sys", "stdout"), ("sys", "stderr"))
            )
            if (prints or streams) and room_of(path) not in allowed and path.name not in ("context.py",):
                wrong.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    assert not wrong, wrong


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_file_is_short_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = tree_of(path)
    assert ast.get_docstring(tree), "no first line that says what the file is for"
    assert len(text.splitlines()) <= LONGEST_FILE
    assert path.stem not in DRAWERS
    assert path.parent.name not in DRAWERS
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < LONGEST_FUNCTION, (
                f"{node.name} is longer than {LONGEST_FUNCTION} lines"
            )


def modules_after(*words: str, database: Path) -> set[str]:
    """What is loaded after a command, in a process of its own."""
    code = (
        "import os, sys\n"
        "from crm_cli.app import execute\n"
        f"code = execute({list(words)!r}, dict(os.environ))\n"
        "sys.stdout.flush()\n"
        "print('LOADED', code, *sys.modules)\n"
    )
    environ = {
        "PATH": "/usr/bin:/bin",
        "CRM_DB": str(database),
        "CRM_TZ": "UTC",
        "CRM_LANG": "en",
        "PYTHONPATH": str(PACKAGE.parent),
    }
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environ, check=True)
    last = done.stdout.splitlines()[-1].split()
    assert last[:2] == ["LOADED", "0"], done.stdout + done.stderr
    return set(last[2:])


HEAVY = {
    "sqlalchemy",
    "sqlmodel",
    "pydantic",
    "questionary",
    "prompt_toolkit",
    "rich",
    "dateutil",
    "alembic",
    "phonenumbers",
    "platformdirs",
}


@pytest.mark.process
@pytest.mark.parametrize(
    "line",
    [
        "--help", "deal --help", "customer add --help", "customer list", "customer list --json", "customer list acme --format csv",
        "deal list status:any", "task list", "interaction list", "show acme", "followups", "today", "funnel", "remind", "remind --format html", "remind --format ics", "remind --print-crontab", "find acme",
        "segment list", "tag list", "stage list", "member list", "fields customer", "config", "backup list", "backup make",
        "order list", "product list", "rate list", "tier list", "predict list", "why acme", "score", "report orders", "report forecast",
        "report conversion", "report velocity", "report wins", "report lifecycle", "icp list", "icp fit acme", "customer show acme --portrait",
    ],
)  # fmt: skip
def test_a_read_loads_nothing_heavy(acme: object, line: str) -> None:
    loaded = modules_after(*line.split(), database=acme.db)  # type: ignore[attr-defined]
    assert not loaded & HEAVY


@pytest.mark.process
def test_importing_the_root_loads_no_typer() -> None:
    code = "import sys, crm_cli.app; print(*sorted(m for m in sys.modules if m.split('.')[0] in ('typer', 'rich', 'sqlite3', 'json')))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(PACKAGE.parent)},
    )
    assert done.stdout.strip() == ""
