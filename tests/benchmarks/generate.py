"""The standard set of the benchmarks: one seeded database, the same for every run, and a CSV file to import.

    python tests/benchmarks/generate.py crm.db [--scale 1.0] [--seed 7]
    python tests/benchmarks/generate.py --csv customers.csv --rows 100000 [--seed 7]

Scale 1.0 is 100,000 customers, 60,000 contacts, 200,000 deals, 1,000,000 interactions, 300,000 tasks and
2,000,000 orders, as seen on 2026-06-15 (run with CRM_NOW=2026-06-15T09:00:00). The schema is the product's own; the
rows are written past it, in one transaction without the journal, so nothing of it can be undone. Same seed and scale,
same rows.
"""

import argparse
import csv
import gc
import random
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import names as words
import orders
from history import (
    DAYS,
    SLOTS,
    TODAY,
    Deal,
    Stages,
    customer_days,
    make_cadences,
    make_deals,
    make_jobs,
    make_talk,
    moment,
)
from rows import Writer
from wording import Namer, phone

from crm_cli.store import tallies
from crm_cli.store.create import create_database
from crm_cli.store.journal import beginning

SIZES = {"customer": 100_000, "contact": 60_000, "deal": 200_000, "interaction": 1_000_000, "task": 300_000}
SIZES["order"] = 2_000_000
CSV_HEADER = ["name", "email", "phone", "website", "region", "country", "city", "industry", "size", "source", "note"]


def generate(path: str, *, scale: float = 1.0, seed: int = 7) -> dict[str, int]:
    """Write the standard set to a path where nothing is yet; the rows of each table come back."""
    rng = random.Random(seed)
    sizes = {table: max(10, round(size * scale)) for table, size in SIZES.items()}
    create_database(path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; PRAGMA cache_size=-400000;"
        "PRAGMA temp_store=MEMORY; PRAGMA threads=2; BEGIN"
    )
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type='index' AND sql IS NOT NULL"
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    for name, sql in tallies.triggers().items():
        connection.execute(f"DROP {sql.split(' ', 2)[1]} IF EXISTS {name}")
    with beginning(connection):
        _fill(Writer(connection, rng), sizes, scale)
    for _, sql in indexes:
        connection.execute(sql)
    for sql in tallies.triggers().values():
        connection.execute(sql)
    tallies.recount(connection)
    connection.execute("COMMIT")
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type='table' ORDER BY name")]
    counts = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}
    connection.close()
    return counts


def _fill(writer: Writer, sizes: dict[str, int], scale: float) -> None:
    rng = writer.rng
    stages = _settle(writer)
    created = customer_days(rng, sizes["customer"])
    deals = make_deals(rng, sizes["deal"], created, stages, scale)
    talk = make_talk(rng, sizes["interaction"], deals, created)
    cadences = make_cadences(rng, talk.last_of_customer, created, scale)
    jobs = make_jobs(rng, sizes["task"], deals, created, scale)

    namer = Namer(rng)
    made = [namer.customer() for _ in created]
    writer.members()
    writer.customers(made, created, talk.last_of_customer, cadences)
    people = writer.contacts(namer, made, created, sizes["contact"])
    writer.deals(deals, made, people)
    _stage_changes(writer, deals)
    writer.interactions(talk.rows, made, people)
    writer.tasks(jobs, made)
    writer.tags(sizes)
    orders.write(writer, orders.make_orders(rng, sizes["order"], created))


def _settle(writer: Writer) -> Stages:
    """The default pipeline, with the ids and moments that chance gave it made the same for every run."""
    connection = writer.connection
    long_ago = moment(0)
    for table in ("pipeline", "stage"):
        ids = connection.execute(f"SELECT id FROM {table} ORDER BY id").fetchall()
        connection.executemany(
            f"UPDATE {table} SET uuid=?, created_at=?, updated_at=? WHERE id=?",
            [(uuid, long_ago, long_ago, row_id) for (row_id,), uuid in zip(ids, writer.uuids(len(ids)), strict=True)],
        )
    rows = connection.execute(
        "SELECT id, kind, quiet_after_days FROM stage WHERE pipeline_id=1 ORDER BY position"
    ).fetchall()
    of_kind = {kind: [row_id for row_id, k, _ in rows if k == kind] for kind in ("open", "won", "lost")}
    quiet = [days or 14 for _, kind, days in rows if kind == "open"]
    return Stages(of_kind["open"], quiet, of_kind["won"][0], of_kind["lost"][0])


def _stage_changes(writer: Writer, deals: list[Deal]) -> None:
    def rows() -> Iterator[tuple[object, ...]]:
        members, clock = words.MEMBERS, writer.rng.random
        for deal in deals:
            before: int | None = None
            since, slot = deal.opened, 0
            who = members[deal.customer % len(members)]
            for stage, day in deal.steps:
                earliest = slot + 1 if before and day == since else 0  # two steps of one day keep their order
                slot = min(SLOTS - 1, earliest + int(clock() * (SLOTS - earliest)))
                spent = None if before is None else day - since
                yield deal.id, before, stage, DAYS[day], moment(day * SLOTS + slot), who, spent
                before, since = stage, day

    columns = "deal_id from_stage_id to_stage_id changed_on changed_at changed_by days_spent"
    # By moment, as they would have been written: sorting also scatters the steps of one deal, as in real life.
    writer.insert("stage_change", columns, sorted(rows(), key=lambda row: str(row[4])))


def write_csv(path: str, *, rows: int, seed: int = 7) -> None:
    """The import file: every name, e-mail, phone and website once; a quarter is Chinese."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(CSV_HEADER)
        writer.writerows(_csv_rows(rows, random.Random(seed + 1000)))


def _csv_rows(rows: int, rng: random.Random) -> Iterable[tuple[object, ...]]:
    namer = Namer(rng)
    for serial in range(rows):
        one = namer.customer()
        zh = one.language == "zh"
        subject = rng.choice(words.SUBJECTS_ZH if zh else words.SUBJECTS)
        note = f"对{subject}感兴趣，来自展会" if zh else f"interested in {subject}, met at the fair"
        yield (
            one.name, f"{'Info' if serial % 7 == 0 else 'info'}@{one.slug}.example", phone(one.prefix, 4_000_000 + serial)[0],
            f"https://www.{one.slug}.example/", one.region, one.country, one.city, rng.choice(words.INDUSTRIES),
            rng.choice((3, 8, 15, 40, 120, 350, 900, 4000)), rng.choice(words.SOURCES), note if serial % 3 == 0 else "",
        )  # fmt: skip


def main() -> int:
    """Parse the line, write what it asks for, say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", help="the database to write")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--csv", metavar="FILE", help="write the import file instead")
    parser.add_argument("--rows", type=int, default=100_000)
    args = parser.parse_args()
    started = time.perf_counter()
    gc.disable()  # millions of tuples, none of them in a circle
    if args.csv:
        write_csv(args.csv, rows=args.rows, seed=args.seed)
        print(f"{args.csv}: {args.rows} rows in {time.perf_counter() - started:.1f} s", file=sys.stderr)
    elif not args.file:
        parser.error("name a FILE, or --csv FILE")
    elif Path(args.file).exists():
        parser.error(f"{args.file} is there already")
    else:
        counts = generate(args.file, scale=args.scale, seed=args.seed)
        for table, count in counts.items():
            print(f"{count:>10,}  {table}", file=sys.stderr)
        print(f"{args.file}: {time.perf_counter() - started:.1f} s, today is {DAYS[TODAY]}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
