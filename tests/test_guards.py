"""Proof that each guard is watched: its bug is planted in a copy of the program, and a test named here must fail.

The quick half sees that every line which a bug replaces is still there, so that the table cannot rot; the slow half
plants them one by one. `python tests/planted.py` prints the table with what each test says.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent


class Plant(NamedTuple):
    """A bug: a text of a file and what stands there instead, and the tests of which one must fail."""

    name: str
    file: str
    text: str
    instead: str
    tests: tuple[str, ...]


PLANTS = [
    Plant(
        "no sync",
        "store/reader.py",
        "PRAGMA cell_size_check=ON; PRAGMA synchronous=FULL;",
        "PRAGMA cell_size_check=ON; PRAGMA synchronous=OFF;",
        ("tests/test_opening.py::test_connections_are_set_as_promised",),
    ),
    Plant(
        "deferred transaction",
        "store/turn.py",
        'connection.execute("BEGIN IMMEDIATE")',
        'connection.execute("BEGIN")',
        ("tests/test_bad_days.py::test_a_write_has_the_lock_before_it_looks",),
    ),
    Plant(
        "SQLite's own wait for a turn",
        "store/turn.py",
        '    connection.execute("PRAGMA busy_timeout=0")\n',
        '    connection.execute("BEGIN IMMEDIATE")\n    return\n',
        ("tests/test_opening.py::test_who_waits_longest_for_a_turn_to_write_is_next",),
    ),
    Plant(
        "row commits in an import",
        "store/bulk.py",
        "            return self.connection.execute(sql, params or {}).rowcount\n",
        "            done = self.connection.execute(sql, params or {}).rowcount\n"
        "            if self.connection.in_transaction and sql.startswith('INSERT INTO customer'):\n"
        "                self.connection.execute('COMMIT'); self.connection.execute('BEGIN IMMEDIATE')\n"
        "            return done\n",
        ("tests/test_bad_days.py::test_an_import_stopped_before_its_commit_leaves_nothing",),
    ),
    Plant(
        "no identity check",
        "store/identity.py",
        'if int.from_bytes(head[68:72], "big") != APPLICATION_ID:',
        "if False:",
        ("tests/test_opening.py::test_what_is_not_ours_is_refused_and_not_touched",),
    ),
    Plant(
        "newer files opened",
        "store/identity.py",
        "if version > SCHEMA:",
        "if False:",
        ("tests/test_opening.py::test_what_is_not_ours_is_refused_and_not_touched",),
    ),
    Plant(
        "a backup by cp",
        "store/copy.py",
        "    source.backup(target, pages=_PAGES, progress=step)\n",
        "    import shutil\n"
        "    files = [connection.execute('PRAGMA database_list').fetchone()[2] for connection in (source, target)]\n"
        "    shutil.copyfile(*files)\n",
        ("tests/test_backup.py::test_a_copy_of_a_database_with_a_write_ahead_log_is_one_file",),
    ),
    Plant(
        "a count that forgets",
        "store/tallies.py",
        '"deal_update", update, _deal("OLD", -1), _deal("NEW", 1),',
        '"deal_update", update, _deal("NEW", 1),',
        ("tests/test_tallies.py",),
    ),
    Plant(
        "no cleaner",
        "rules/text.py",
        "    if text.isascii():\n        return text if text.isprintable() else text.translate(_shown)\n",
        "    if text:\n        return text\n",
        ("tests/test_output.py::test_hostile_names_do_no_harm_in_a_pipe", "tests/rules/test_text.py"),
    ),
    Plant(
        "no formula guard",
        "rules/text.py",
        "    if cell[:1] not in RISKY or not cell:\n",
        "    if True:\n",
        ("tests/formats/test_writing.py::test_formulas_are_guarded_and_come_back",),
    ),
    Plant(
        "a guard that an import keeps",
        "rules/cells.py",
        "        cell = unguard_formula(cell)\n",
        "        pass\n",
        ("tests/test_import.py::test_newlines_and_formula_guards_inside_of_cells",),
    ),
    Plant(
        "a missing trigger",
        "store/triggers.py",
        "for line in lines if line}",
        "for line in lines if line and 'journal_tagging_delete' not in line}",
        ("tests/test_undo.py::test_each_command_is_undone_and_redone_whole",),
    ),
    Plant(
        "triggers not compared",
        "store/journal.py",
        "    if found == known:\n        return\n",
        "    if True:\n        return\n",
        ("tests/test_undo.py::test_a_trigger_that_is_missing_or_strange_stops_every_write",),
    ),
    Plant(
        "an undo that overwrites what came since",
        "actions/undoing.py",
        "    later = obstacles.changed_since(db, numbers)\n    if later is not None:\n",
        "    later = obstacles.changed_since(db, numbers)\n    if later is not None and not numbers:\n",
        (
            "tests/test_undo.py::test_a_row_changed_since_is_refused_and_the_later_operation_is_named",
            "tests/test_machine.py::test_operations_are_taken_back_in_any_order",
        ),
    ),
    Plant(
        "an undo that leaves rows under a removed record",
        "store/obstacles.py",
        "for check in (_hanging, _missing, _hidden)",
        "for check in (_hanging, _missing)",
        ("tests/test_machine.py::test_what_stands_in_the_way_is_named",),
    ),
    Plant(
        "an undo that trusts old images of what is kept twice",
        "actions/undoing.py",
        "    skip = kept_twice.concerned(db, numbers) & moved if moved else set()\n",
        "    moved = set()\n    skip = set()\n",
        ("tests/test_machine.py::test_the_last_contact_follows_whatever_is_taken_back",),
    ),
    Plant(
        "a mark that is never taken away",
        "store/journal.py",
        '    connection.execute("DELETE FROM journal_mark")\n    for name in silenced():\n',
        "    for name in silenced():\n",
        ("tests/test_undo.py::test_a_change_by_query_and_an_import_are_one_operation_each",),
    ),
    Plant(
        "a trial that is kept",
        "store/writer.py",
        'connection.execute("ROLLBACK" if dry_run or nothing else "COMMIT")',
        'connection.execute("COMMIT")',
        ("tests/test_undo.py::test_a_trial_changes_nothing",),
    ),
    Plant(
        "files that others may read",
        "store/create.py",
        "os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600",
        "os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o644",
        ("tests/test_opening.py::test_a_new_database_is_private",),
    ),
    Plant(
        "a signal heard behind a commit",
        "store/commit.py",
        "before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}",
        "before = {number: signal.getsignal(number) for number in numbers}",
        ("tests/test_bad_days.py::test_a_signal_in_a_commit_does_not_take_back_what_is_said",),
    ),
    Plant(
        "signals that nobody hears",
        "stopping.py",
        '_ENDING = ("SIGTERM", "SIGHUP")',
        "_ENDING = ()",
        ("tests/test_bad_days.py::test_an_import_stopped_in_its_midst_leaves_all_or_nothing",),
    ),
]


def planted(plant: Plant, folder: Path) -> Path:
    """A copy of program and tests with the bug in it."""
    copy = folder / "copy"
    for name in ("crm_cli", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    file = copy / "crm_cli" / plant.file
    text = file.read_text(encoding="utf-8")
    assert text.count(plant.text) == 1
    file.write_text(text.replace(plant.text, plant.instead), encoding="utf-8")
    return copy


def run(copy: Path, tests: tuple[str, ...]) -> "subprocess.CompletedProcess[str]":
    """Tests of a copy against that copy."""
    words = ["-m", "pytest", "-n0", "-p", "no:cacheprovider", "-x", "--tb=native", "-m", "", *tests]
    environ = {**os.environ, "PYTHONPATH": str(copy)}
    return subprocess.run([sys.executable, *words], cwd=copy, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_the_guard_is_where_the_table_says(plant: Plant) -> None:
    assert (ROOT / "crm_cli" / plant.file).read_text(encoding="utf-8").count(plant.text) == 1
    for test in plant.tests:
        file, _, name = test.partition("::")
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8") or not name


@pytest.mark.slow
@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_the_planted_bug_is_caught(plant: Plant, tmp_path: Path) -> None:
    copy = planted(plant, tmp_path)
    for test in plant.tests:
        done = run(copy, (test,))
        assert done.returncode == 1, done.stdout[-2000:]
        assert " failed" in done.stdout


@pytest.mark.slow
def test_without_a_bug_the_same_tests_pass(tmp_path: Path) -> None:
    """What fails there fails for the bug, and not because it runs in a copy."""
    nothing = Plant("nothing", "__init__.py", "__version__", "__version__", ())
    tests = tuple(sorted({test for plant in PLANTS for test in plant.tests}))
    done = run(planted(nothing, tmp_path), tests)
    assert done.returncode == 0, done.stdout[-2000:]
