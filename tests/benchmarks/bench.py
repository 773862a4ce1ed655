"""The speed bars, measured: one command runs them all and prints the table.

    python tests/benchmarks/bench.py                          # .venv/bin/crm, nine rounds, the standard set
    python tests/benchmarks/bench.py --crm PATH --runs 5      # another program, fewer rounds
    python tests/benchmarks/bench.py --scale 0.01 --only reads    # a quick look; bars are meant for scale 1.0
    python tests/benchmarks/bench.py --only import --million  # also 1,000,000 rows
    python tests/benchmarks/bench.py --json > result.json

Every figure is of whole processes, run in turns with a bare `python -c pass` of crm's own interpreter (or the peer that
the bar names), after one warm-up. `ratio` is of the medians and decides; `least` is of the fastest runs and shows how
noisy the machine was; `empty` is against the same command on a database with one customer. A command that fails is
reported with what it said and counts as missed. Exit 0 when every bar is met, else 1.

Install crm with compiled bytecode (an ordinary pip install; or run it once) and leave the machine alone meanwhile. The
standard set (generate.py; 700 MB at scale 1.0, a minute) is kept in --cache, by default a folder under the system's
temporary one, and made again when the generator, the schema, seed or scale change. "Everything as CSV" is compared with
csv.writer over a table that holds exactly the printed cells; `--later` also measures commands that came with later issues.
"""

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bulk import export_rows, import_rows
from daily import completion_rows, help_rows, later_rows, read_rows, write_rows
from measure import Row, Tools, run, say

_HERE = Path(__file__).resolve().parent
_ROOT = _HERE.parents[1]
_GROUPS: dict[str, Callable[[Tools], list[Row]]] = {
    "help": help_rows, "completion": completion_rows, "reads": read_rows, "writes": write_rows, "export": export_rows, "import": import_rows,
}  # fmt: skip
_MAKERS = [*(_HERE / name for name in ("generate.py", "history.py", "orders.py", "rows.py", "wording.py", "names.py")),
           _ROOT / "crm_cli/store/schema.sql", _ROOT / "crm_cli/store/create.py"]  # fmt: skip


def interpreter(crm: Path) -> str:
    """The Python that crm runs on: beside it, else in its first line, else ours."""
    for name in ("python", "python3"):
        if (crm.parent / name).exists():
            return str(crm.parent / name)
    first = crm.read_bytes().split(b"\n", 1)[0].decode(errors="replace")
    words = first[2:].split() if first.startswith("#!") else []
    if words and "python" in words[0] and Path(words[0]).exists():
        return words[0]
    say(f"no Python beside {crm}: measured against {sys.executable}")
    return sys.executable


def standard_set(cache: Path, python: str, scale: float, seed: int) -> Path:
    """The database of this generator, schema, seed and scale, made once."""
    key = hashlib.sha256(b"".join(path.read_bytes() for path in _MAKERS)).hexdigest()[:10]
    path = cache / f"standard-{scale:g}-{seed}-{key}.db"
    if not path.exists():
        say(f"making the standard set, once: {path}")
        part = cache / f"{path.name}.{os.getpid()}"
        subprocess.run(
            [python, str(_HERE / "generate.py"), str(part), "--scale", str(scale), "--seed", str(seed)], check=True
        )
        part.rename(path)
    return path


def empty_set(tools: Tools) -> Path:
    """A database with a single customer, made by the program itself; by its schema if it cannot yet."""
    path = tools.folder / "empty.db"
    made = run([*tools.crm, "customer", "add", "Scratch GmbH", "--kind", "company"], tools.env(path))
    if made.code or not path.exists():
        say(f"customer add: {made.complaint()}")
        code = f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from crm_cli.store.create import create_database as c; c({str(path)!r})"
        subprocess.run([*tools.python, "-c", code], check=not path.exists())
    return path


def table(rows: list[Row]) -> str:
    """The rows in columns, a line each."""
    head = ["command", "ms", "ratio", "least", "bar", "empty", "bar", "", "note"]
    lines = [head]
    for row in rows:
        shown = [f"{value:.2f}" if value is not None else "" for value in (row.ratio, row.least)]
        lines.append([
            f"{row.group}: {row.name}", f"{row.ms:,.0f}" if row.ms is not None else "", *shown,
            f"{row.bar:g} {row.unit}" if row.bar is not None else "",
            f"{row.empty:.2f}" if row.empty is not None else "",
            f"{row.empty_bar:g}" if row.empty_bar is not None else "", row.verdict, row.note,
        ])  # fmt: skip
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    numbers = {1, 2, 3, 5, 6}
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in numbers else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def main() -> int:
    """Parse the line, make the data, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--crm", default=str(_ROOT / ".venv/bin/crm"), help="the program (default .venv/bin/crm)")
    parser.add_argument("--runs", type=int, default=9, help="rounds; imports take at most 3, the export 5")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", choices=list(_GROUPS), action="append", help="may be given again")
    parser.add_argument("--cache", help="folder of the standard set")
    parser.add_argument("--million", action="store_true", help="import ten times the rows as well")
    parser.add_argument("--later", action="store_true", help="also find, remind, history, undo")
    parser.add_argument("--json", action="store_true", help="the rows as JSON")
    args = parser.parse_args()
    found = shutil.which(args.crm)
    if not found:
        parser.error(f"{args.crm} is no program; name it with --crm")
    # The entry point itself may be a link; its interpreter stands beside the link (a venv), not beside its target.
    crm = Path(os.path.abspath(found))
    cache = Path(args.cache or Path(tempfile.gettempdir()) / f"crm-benchmarks-{args.seed}-{args.scale:g}")
    cache.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="run-", dir=cache) as folder:
        tools = Tools(
            crm=[str(crm)], python=[interpreter(crm)], folder=Path(folder), runs=max(1, args.runs), scale=args.scale,
            seed=args.seed, later=args.later, million=args.million,
        )  # fmt: skip
        tools.standard = standard_set(cache, tools.python[0], args.scale, args.seed)
        tools.empty = empty_set(tools)
        rows = [row for group in (args.only or _GROUPS) for row in _GROUPS[group](tools)]
        if not args.only:
            rows += later_rows(tools)
    missed = sum(row.verdict == "MISSED" for row in rows)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}, {time.strftime('%Y-%m-%d')}"
    if args.json:
        result = {"machine": machine, "scale": args.scale, "runs": args.runs, "rows": [row.as_dict() for row in rows]}
        print(json.dumps(result, indent=2, ensure_ascii=False))
    else:
        print(table(rows))
        print(f"\n{missed} missed of {len(rows)}; scale {args.scale:g}; {machine}; {time.monotonic() - started:.0f} s")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
