"""The bars of the daily commands: help, reads and writes, each a whole process against a bare interpreter."""

import shutil
import sqlite3
from pathlib import Path

from measure import Case, Row, Tools, compare, say

_TAB, _READ, _EMPTY, _SCREEN, _WRITE = 2.0, 9.0, 1.5, 13.0, 1.2


def help_rows(tools: Tools) -> list[Row]:
    """`--version` and `--help`."""
    say("help")
    return compare(tools, [
        Case(Row("help", "--version", 5.0), [["--version"]], tools.empty, _bare(tools)),
        Case(Row("help", "--help", 9.0), [["--help"]], tools.empty, _bare(tools)),
    ])  # fmt: skip


def _bare(tools: Tools) -> list[str]:
    return [*tools.python, "-c", "pass"]


def _ask(db: Path, sql: str) -> list[int]:
    """First cells of an answer; the benchmark picks its records itself."""
    connection = sqlite3.connect(db)
    try:
        return [row[0] for row in connection.execute(sql)]
    finally:
        connection.close()


# A customer as most are: someone to call, an open deal, some ten talks.
_TYPICAL = """
  SELECT d.customer_id FROM deal d JOIN stage s ON s.id = d.stage_id AND s.kind = 'open'
  WHERE EXISTS (SELECT 1 FROM contact c WHERE c.customer_id = d.customer_id)
    AND (SELECT count(*) FROM interaction i WHERE i.customer_id = d.customer_id) BETWEEN 8 AND 30
  ORDER BY d.id DESC LIMIT {count}"""


def read_rows(tools: Tools) -> list[Row]:
    """What is asked every day: json, tsv and the plain table in a pipe, and the drawn table on a terminal."""
    say("reads")
    customer = (_ask(tools.standard, _TYPICAL.format(count=1)) or [1])[0]
    lists = {"customer list --limit 50": "json tsv table", "followups": "json tsv table", "funnel": "json tsv table"}
    single = {"today": "json table", f"show customer:{customer}": "json table"}
    if tools.later:
        lists |= {"find nordlicht": "json tsv table"}
        single |= {"remind": "json text", "history": "json table"}
    cases = []
    for line, formats in {**lists, **single}.items():
        for form in formats.split():
            cases.append(_read(tools, [*line.split(), "--format", form]))
    for line in ("customer list --limit 50", "followups", "funnel"):
        cases.append(_read(tools, line.split(), tty=True))
    return compare(tools, cases)


def completion_rows(tools: Tools) -> list[Row]:
    """TAB behind the beginning of a name, as bash and zsh ask."""
    say("completion")
    begun = str(_ask(tools.standard, "SELECT substr(name, 1, 5) FROM customer ORDER BY id LIMIT 1 OFFSET 50")[0])
    breaks = " \t\n\"'@><=;|&(:"
    lines = {
        "a name, bash": ["bash", "9", breaks, f"crm show {begun}"],
        "a name, zsh": ["zsh", "log", "call", begun],
        "an open deal": ["zsh", "deal", "move", begun[:2]],
    }
    cases = [
        Case(Row("completion", name, _TAB), [["__complete", *line]], tools.standard, _bare(tools))
        for name, line in lines.items()
    ]
    return compare(tools, cases)


def _read(tools: Tools, line: list[str], *, tty: bool = False) -> Case:
    row = Row("reads", " ".join(line) + (" (terminal)" if tty else ""), _SCREEN if tty else _READ)
    if not tty:
        row.empty_bar = _EMPTY
    twin = ["customer:1" if part.startswith("customer:") else part for part in line]
    return Case(row, [line], tools.standard, _bare(tools), tty=tty, empty_line=twin)


def write_rows(tools: Tools) -> list[Row]:
    """What is written every day, on one private copy of the standard set; each run takes another record."""
    say("writes: copying the standard set")
    copy = tools.folder / "writes.db"
    shutil.copyfile(tools.standard, copy)
    count = tools.runs + 1
    customers = _ask(copy, _TYPICAL.format(count=count))
    tasks = _ask(
        copy, f"SELECT id FROM task WHERE done_at IS NULL AND due_on IS NOT NULL ORDER BY due_on LIMIT {count}"
    )
    deals = _ask(
        copy,
        "SELECT d.id FROM deal d JOIN stage s ON s.id = d.stage_id AND s.position = 1 AND s.kind = 'open'"
        f" ORDER BY d.id DESC LIMIT {count}",
    )
    base = [*tools.python, "-c", "import sqlmodel"]
    lines = {
        "log": [["log", "call", f"customer:{one}", "asked", "for", "a", "quote"] for one in customers],
        "task done": [["task", "done", str(one)] for one in tasks],
        "deal move": [["deal", "move", f"deal:{one}", "qualified"] for one in deals],
        "customer add": [
            ["customer", "add", f"Benchmark {n} GmbH", "--kind", "company", "--email", f"new{n}@benchmark{n}.example"]
            for n in range(count)
        ],
    }
    if tools.later:
        lines["undo"] = [["undo"]]
    cases = []
    for name, calls in lines.items():
        on_sql = name == "undo"
        row = Row("writes", name, _READ if on_sql else _WRITE, "x python" if on_sql else "x sqlmodel")
        cases.append(Case(row, calls or [[name]], copy, _bare(tools) if on_sql else base))
    try:
        return compare(tools, cases)
    finally:
        copy.unlink()


def later_rows(tools: Tools) -> list[Row]:
    """Bars whose commands come with later issues."""
    rows: list[Row] = []
    if not tools.later:
        for name, bar in (("find", _READ), ("remind", _READ), ("undo, redo, history", _READ)):
            rows.append(Row("later", name, bar, skipped=True, note="--later measures it"))
        rows.append(Row("later", "undo of the import", 1.0, "x first import", skipped=True, note="--later measures it"))
    return rows
