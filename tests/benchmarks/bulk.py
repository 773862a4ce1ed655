"""The bars of bulk work: everything as CSV, and the import of a large file against its peers."""

import shutil
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from measure import Row, Run, Tools, run, say

# The rows that crm printed, kept flat, so that the bare writer has nothing to join or compute.
_FLATTEN = """
import csv, sqlite3, sys
with open(sys.argv[1], encoding="utf-8-sig", newline="") as file:
    rows = csv.reader(file)
    names = ['"' + name.replace('"', '""') + '"' for name in next(rows)]
    db = sqlite3.connect(sys.argv[2])
    db.execute(f"CREATE TABLE flat ({', '.join(names)})")
    db.executemany(f"INSERT INTO flat VALUES ({', '.join('?' * len(names))})", rows)
    db.commit()
    print(db.execute("SELECT count(*) FROM flat").fetchone()[0])
"""
_BARE_WRITER = """
import csv, sqlite3, sys
cursor = sqlite3.connect(sys.argv[1]).execute("SELECT * FROM flat")
writer = csv.writer(sys.stdout)
writer.writerow([column[0] for column in cursor.description])
writer.writerows(cursor)
"""


def _failed(row: Row, result: Run) -> Row:
    row.failed, row.note = True, result.complaint()
    say(f"  {row.name}: {result.complaint()}")
    return row


def _measured(row: Row, ours: list[Run], theirs: list[Run]) -> Row:
    mine, other = [one.seconds for one in ours], [one.seconds for one in theirs]
    row.ms = statistics.median(mine) * 1000
    row.ratio, row.least = statistics.median(mine) / statistics.median(other), min(mine) / min(other)
    return row


# ---------------------------------------------------------------- everything as CSV


def export_rows(tools: Tools) -> list[Row]:
    """`customer list --format csv` of everything against a bare csv.writer over the same columns."""
    say("everything as CSV")
    row = Row("export", "customer list --format csv, everything", 3.0, "x csv.writer")
    flat_row = Row("export", "its memory, against the first 1,000 rows", 1.5, "x peak")
    sheet, flat, env = tools.folder / "all.csv", tools.folder / "flat.db", tools.env(tools.standard)
    line = [*tools.crm, "customer", "list", "--format", "csv"]
    warm = run(line, env, to=sheet)
    made = run([*tools.python, "-c", _FLATTEN, str(sheet), str(flat)], env) if warm.code == 0 else warm
    if made.code:
        return [_failed(row, made), _failed(flat_row, made)]
    ours, theirs = [], []
    for _ in range(min(tools.runs, 5)):
        theirs.append(run([*tools.python, "-c", _BARE_WRITER, str(flat)], env, to=tools.folder / "bare.csv"))
        ours.append(run(line, env, to=sheet))
    for result in (*ours, *theirs):
        if result.code:
            return [_failed(row, result), _failed(flat_row, result)]
    _measured(row, ours, theirs).note = f"{int(made.out):,} rows, {sheet.stat().st_size / 1e6:.0f} MB"
    few = run([*line, "--limit", "1000"], env, to=sheet)
    if few.code:
        return [row, _failed(flat_row, few)]
    peak = statistics.median(one.peak for one in ours)
    flat_row.ratio, flat_row.note = peak / few.peak, f"{few.peak:.0f} MB -> {peak:.0f} MB"
    return [row, flat_row]


# ---------------------------------------------------------------- import


def import_rows(tools: Tools) -> list[Row]:
    """The import of customers from CSV: peers, growth, memory, once more, and readers meanwhile."""
    size = max(1000, round(100_000 * tools.scale))
    small = size // 10
    say(f"import of {size:,} rows")
    main, little = _sheet(tools, size, tools.seed), _sheet(tools, small, tools.seed)
    env, new = tools.env(tools.folder / "import.db"), tools.folder / "import.db"
    ours: list[Run] = []
    littles: list[Run] = []
    rivals: dict[str, list[Run]] = {name: [] for name in _rivals(tools, main)}
    for number in range(min(tools.runs, 3)):
        say(f"  round {number + 1} of {min(tools.runs, 3)}")
        for name, line in _rivals(tools, main).items():
            (tools.folder / "rival.db").unlink(missing_ok=True)
            rivals[name].append(run(line, env))
        for sheet, expected, kept in ((little, small, littles), (main, size, ours)):
            _remove(new)
            result = _import(tools, new, sheet, expected)
            if result.code:
                return [_failed(Row("import", f"import of {expected:,} customers", 0.6, "x sqlite-utils"), result)]
            kept.append(result)
    rows = [_against(f"import of {size:,} customers", ours, rivals.get(name, []), bar, name)
            for name, bar in (("sqlite-utils", 0.6), ("sqlite3 .import", 15.0))]  # fmt: skip
    first = statistics.median(one.seconds for one in ours)
    growth = first / statistics.median(one.seconds for one in littles) / 10
    rows.append(Row("import", f"a row of {size:,} against one of {small:,}", 1.1, "x per row", growth))
    rows.append(_memory(f"memory of {size:,}", max(one.peak for one in ours), 200.0))
    again = _import(tools, new, main, size)
    rows.append(_against("the same file once more", [again], [Run(first, 0, b"", "", 0)], 1.0, "first import"))
    if tools.later:
        undone = run([*tools.crm, "undo", "--yes"], tools.env(new))
        rows.append(_against("undo of the import", [undone], [Run(first, 0, b"", "", 0)], 1.0, "first import"))
    if tools.million:
        rows += _million(tools, new, size, first)
    rows.append(_readers(tools, new, little, main, size))
    _remove(new)
    return rows


def _sheet(tools: Tools, rows: int, seed: int) -> Path:
    """The import file of that many rows, made once beside the standard set."""
    path = tools.standard.parent / f"customers-{tools.standard.stem}-{rows}-{seed}.csv"
    if not path.exists():
        part = path.with_suffix(".part")
        script = str(Path(__file__).with_name("generate.py"))
        subprocess.run(
            [*tools.python, script, "--csv", str(part), "--rows", str(rows), "--seed", str(seed)], check=True
        )
        part.rename(path)
    return path


def _remove(db: Path) -> None:
    for path in db.parent.glob(db.name + "*"):  # with the journal or WAL beside it
        path.unlink()


def _import(tools: Tools, db: Path, sheet: Path, rows: int) -> Run:
    """One import; it fails, too, when the database does not have as many customers as it must."""
    result = run([*tools.crm, "import", str(sheet), "--as", "customers"], tools.env(db))
    if result.code:
        say("    " + "\n    ".join(result.err.strip().splitlines()[-12:]))
        return result
    try:
        connection = sqlite3.connect(f"file:{db}?mode=ro", uri=True)
        count = connection.execute("SELECT count(*) FROM customer WHERE removed_at IS NULL").fetchone()[0]
        connection.close()
    except sqlite3.Error as error:
        return result._replace(code=1, err=str(error))
    return result if count == rows else result._replace(code=1, err=f"{count:,} customers instead of {rows:,}")


def _rivals(tools: Tools, sheet: Path) -> dict[str, list[str]]:
    """The peers that are installed: sqlite-utils beside crm, beside us or on the path; the sqlite3 shell."""
    target = str(tools.folder / "rival.db")
    found: dict[str, list[str]] = {}
    places = [Path(tools.python[0]).parent, Path(sys.executable).parent]
    beside = [str(place / "sqlite-utils") for place in places if (place / "sqlite-utils").exists()]
    utils = beside[0] if beside else shutil.which("sqlite-utils")
    if utils:
        found["sqlite-utils"] = [utils, "insert", target, "customers", str(sheet), "--csv", "--silent"]
    if shell := shutil.which("sqlite3"):
        found["sqlite3 .import"] = [shell, target, ".mode csv", f".import '{sheet}' customers"]
    return found


def _against(name: str, ours: list[Run], theirs: list[Run], bar: float, unit: str) -> Row:
    row = Row("import", name, bar, f"x {unit}")
    if not theirs:
        row.skipped, row.note = True, f"{unit} is not installed"
        return row
    for result in (*ours, *theirs):
        if result.code:
            return _failed(row, result)
    return _measured(row, ours, theirs)


def _memory(name: str, peak: float, limit: float) -> Row:
    return Row("import", name, limit, "MB", peak)


def _million(tools: Tools, db: Path, size: int, first: float) -> list[Row]:
    say(f"  {size * 10:,} rows")
    sheet = _sheet(tools, size * 10, tools.seed)
    _remove(db)
    result = _import(tools, db, sheet, size * 10)
    row = Row("import", f"a row of {size * 10:,} against one of {size:,}", 1.1, "x per row")
    if result.code:
        return [_failed(row, result)]
    row.ratio, row.ms = result.seconds / first / 10, result.seconds * 1000
    return [row, _memory(f"memory of {size * 10:,}", result.peak, 500.0)]


def _readers(tools: Tools, db: Path, before: Path, sheet: Path, total: int) -> Row:
    """A listing every 0.2 s while an import runs into a database that has its first tenth already."""
    say("  readers during the import")
    row = Row("import", "readers during the import, p99", 2.0, "s")
    _remove(db)
    prepared = run([*tools.crm, "import", str(before), "--as", "customers"], tools.env(db))
    if prepared.code:
        return _failed(row, prepared)
    line = [*tools.crm, "customer", "list", "--limit", "50", "--format", "json"]
    over = threading.Event()
    with ThreadPoolExecutor(16) as pool:
        writing = pool.submit(_import, tools, db, sheet, total)
        writing.add_done_callback(lambda _: over.set())
        reading = []
        while not over.is_set():
            reading.append(pool.submit(run, line, tools.env(db)))
            time.sleep(0.2)
        results = [one.result() for one in reading]
    if writing.result().code:
        return _failed(row, writing.result())
    errors = [one for one in results if one.code]
    times = sorted(one.seconds for one in results)
    row.ratio = times[min(len(times) - 1, int(len(times) * 0.99))]
    row.ms = statistics.median(times) * 1000
    row.note = f"{len(results)} listings, {len(errors)} errors"
    if errors:
        row.failed, row.note = True, f"{row.note}; {errors[0].complaint()}"
    return row
