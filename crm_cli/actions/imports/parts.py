"""A file that holds several kinds of records: each is staged by itself, all are written in one transaction."""

import os
from typing import Any

from crm_cli.actions.imports.problems import Problem
from crm_cli.store.bulk import Staging

_COUNTED = ("read", "added", "updated", "unchanged", "skipped", "failed")


def park(db: Staging, place: int) -> None:
    """Put the staged tables of a kind aside, so that those of the next one can be made."""
    db.execute("CREATE TABLE IF NOT EXISTS parked (place INTEGER, sql)")
    indexes = "SELECT name, sql FROM main.sqlite_schema WHERE type = 'index' AND name LIKE 's\\_%' ESCAPE '\\'"
    for name, sql in db.rows(f"{indexes} AND sql IS NOT NULL"):
        db.execute("INSERT INTO parked (place, sql) VALUES (:place, :sql)", {"place": place, "sql": sql})
        db.execute(f"DROP INDEX main.{name}")
    for name in _staged(db, "s_"):
        db.execute(f"ALTER TABLE main.{name} RENAME TO p{place}_{name}")


def unpark(db: Staging, place: int) -> None:
    """Take the staged tables of a kind out again; those of the kind before it are done with."""
    for name in _staged(db, "s_"):
        db.execute(f"DROP TABLE main.{name}")
    for name in _staged(db, f"p{place}_"):
        db.execute(f"ALTER TABLE main.{name} RENAME TO {name.partition('_')[2]}")
    for (sql,) in db.rows("SELECT sql FROM parked WHERE place = :place", {"place": place}):
        db.execute(sql)


def _staged(db: Staging, prefix: str) -> list[str]:
    rows = db.rows("SELECT name FROM main.sqlite_schema WHERE type = 'table' ORDER BY name")
    return [name for (name,) in rows if name.startswith(prefix)]


def file_of_kind(path: str, kind: str) -> str:
    """Where the rejected rows of a further kind go: `bad.csv` -> `bad.contacts.csv`."""
    stem, ending = os.path.splitext(path)
    return f"{stem}.{kind}{ending}"


def joined_report(reports: list[dict[str, Any]]) -> dict[str, Any]:
    """The report of a file: sums, the kinds one after the other, and what each of them says by itself."""
    whole = dict(reports[0])
    if len(reports) == 1:
        return whole
    for key in _COUNTED:
        whole[key] = sum(report[key] for report in reports)
    whole["removed"] = sum(report["removed"] for report in reports)
    whole["errors"] = [error for report in reports for error in report["errors"]]
    whole["op"] = next((report["op"] for report in reversed(reports) if report["op"] is not None), None)
    whole["beside"] = {key: sum(report["beside"][key] for report in reports) for key in whole["beside"]}
    for report in reports[1:]:
        for field, cells in report["normalised"].items():
            whole["normalised"] = {**whole["normalised"], field: whole["normalised"].get(field, 0) + cells}
    whole["parts"] = [{"as": report["as"], **{key: report[key] for key in _COUNTED}} for report in reports]
    return whole


def by_line(problems: list[Problem]) -> list[Problem]:
    """Problems of several kinds in the order of the file; the one without a line, that counts the rest, last."""
    return sorted(problems, key=lambda problem: (problem.line is None, problem.line or 0))
