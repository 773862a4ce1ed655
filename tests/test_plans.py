"""The daily reads use their indexes: no full scan of a large table but where a search for a part of a word must."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crm_cli.context import App
from crm_cli.queries import followups, funnel, openness, scoring
from crm_cli.queries.conditions import Asker, condition
from crm_cli.queries.find import KINDS, Finder
from crm_cli.queries.records import Page, count_records, list_records
from crm_cli.queries.today import closing
from crm_cli.store.create import create_database
from crm_cli.store.reader import Reader, open_reader

ASKER = Asker(datetime(2026, 6, 15, 9, tzinfo=UTC), 1)
LARGE = {"customer", "contact", "deal", "interaction", "task", "reach", "tagging", "stage_change"}
_ALIASES = {"c": "customer", "p": "contact", "d": "deal", "i": "interaction", "t": "task", "r": "reach"}


class Watched(Reader):
    """A reader that keeps every statement with its values."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader.connection, reader.path)
        self.asked: list[tuple[str, Any]] = []

    def rows(self, sql: str, params: Any = None) -> Any:
        self.asked.append((sql, params or {}))
        return super().rows(sql, params)

    def row(self, sql: str, params: Any = None) -> Any:
        self.asked.append((sql, params or {}))
        return super().row(sql, params)

    def stream(self, sql: str, params: Any = None, *, ahead: int = 2000) -> Iterator[Any]:
        self.asked.append((sql, params or {}))
        return super().stream(sql, params, ahead=ahead)

    def dicts(self, sql: str, params: Any = None) -> Any:
        self.asked.append((sql, params or {}))
        return super().dicts(sql, params)


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """A small database as imports leave it: without statistics, with some of everything."""
    path = tmp_path_factory.mktemp("plans") / "crm.db"
    create_database(str(path))
    fill(path)
    return Watched(open_reader(str(path)))


def fill(path: Path) -> None:
    now = "2026-06-01T08:00:00Z"
    made = sqlite3.connect(path)
    made.execute(
        "INSERT INTO member (uuid, name, name_key, created_at, updated_at) VALUES ('m', 'Ana', 'ana', ?, ?)", (now, now)
    )
    made.execute(
        "INSERT INTO tag (uuid, name, name_key, created_at, updated_at) VALUES ('g', 'key', 'key', ?, ?)", (now, now)
    )
    for n in range(1, 301):
        made.execute(
            "INSERT INTO customer (id, uuid, name, name_key, kind, status, created_at, updated_at)"
            " VALUES (?, ?, ?, ?, 'company', 'new', ?, ?)", (n, f"c{n}", f"Customer {n}", f"customer {n}", now, now),
        )  # fmt: skip
        made.execute(
            "INSERT INTO contact (uuid, customer_id, name, name_key, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)",
            (f"p{n}", n, f"Person {n}", f"person {n}", now, now),
        )
        made.execute(
            "INSERT INTO deal (uuid, customer_id, title, title_key, stage_id, stage_since_on, opened_on, last_touch_on,"
            " created_at, updated_at) VALUES (?, ?, ?, ?, ?, '2026-05-01', '2026-05-01', ?, ?, ?)",
            (f"d{n}", n, f"Deal {n}", f"deal {n}", n % 6 + 1, "2026-05-01" if n % 3 else None, now, now),
        )
        made.execute(
            "INSERT INTO deal_contact (uuid, deal_id, contact_id, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
            (f"y{n}", n, n, now, now),
        )
        made.execute(
            "INSERT INTO task (uuid, customer_id, deal_id, text, text_key, due_on, done_at, priority, created_at,"
            " updated_at) VALUES (?, ?, ?, 'call', 'call', '2026-06-20', ?, 'normal', ?, ?)",
            (f"t{n}", n, n, now if n % 10 else None, now, now),
        )  # fmt: skip
        made.execute(
            "INSERT INTO interaction (uuid, customer_id, channel, at, created_at, updated_at) VALUES (?, ?, 'call', ?, ?, ?)",
            (f"i{n}", n, now, now, now),
        )
        made.execute(
            "INSERT INTO reach (uuid, customer_id, kind, value, value_key, created_at, updated_at)"
            " VALUES (?, ?, 'email', ?, ?, ?, ?)", (f"r{n}", n, f"a@c{n}.example", f"a@c{n}.example", now, now),
        )  # fmt: skip
        if n % 7 == 0:
            made.execute(
                "INSERT INTO tagging (uuid, tag_id, customer_id, created_at) VALUES (?, 1, ?, ?)", (f"x{n}", n, now)
            )
    made.commit()
    made.close()


def plan(db: Reader, sql: str, params: Any) -> list[str]:
    return [row[3] for row in Reader.rows(db, "EXPLAIN QUERY PLAN " + sql, params)]


def scans(db: Watched, ask: Callable[[], Any]) -> list[str]:
    """Lines of the plans of all statements that go through the whole of a large table, not even by an index."""
    db.asked.clear()
    ask()
    asked = list(db.asked)
    assert asked
    found = []
    for sql, params in asked:
        tables = dict(re.findall(r"\b(?:FROM|JOIN) (\w+) (?:AS )?(\w+)\b", sql))
        aliases = {alias: table for table, alias in tables.items()} | _ALIASES
        for line in plan(db, sql, params):
            hit = re.match(r"SCAN (\w+)(.*)", line)
            if hit and aliases.get(hit[1], hit[1]) in LARGE and "USING" not in hit[2]:
                found.append(f"{line}   <- {sql[:150]}")
    return found


def listing(db: Watched, noun: str, *query: str, page: Page = Page(limit=50)) -> Callable[[], Any]:
    where = condition(db, noun, list(query), ASKER)
    if not openness.decides(noun, where):
        where = openness.open_ones(noun, where)
    return lambda: list(list_records(db, noun, ASKER, where=where, page=page))


@pytest.mark.parametrize(
    ("noun", "query"),
    [
        ("customer", []), ("customer", ["tag:key"]), ("customer", ["owner:me"]), ("customer", ["id:7"]),
        ("customer", ["is:open"]), ("customer", ["is:overdue"]), ("contact", []), ("contact", ["customer:7"]),
        ("deal", []), ("deal", ["stage:won"]), ("deal", ["status:won", "closed:2026-01-01.."]),
        ("deal", ["customer:7"]), ("deal", ["is:quiet"]), ("task", []), ("task", ["due:..today"]),
        ("task", ["customer:7"]), ("interaction", []), ("interaction", ["at:-7d.."]), ("interaction", ["customer:7"]),
    ],
)  # fmt: skip
def test_daily_lists_scan_no_large_table(db: Watched, noun: str, query: list[str]) -> None:
    assert not scans(db, listing(db, noun, *query))


@pytest.mark.parametrize(
    ("noun", "query", "index"),
    [
        ("customer", "deals.stage:proposal", "SEARCH d USING INDEX deal_"),
        ("customer", "has:deals.open", "deal_"),
        ("customer", "deals.won.amount:50k..", "deal_"),
        ("customer", "tasks.due:..today", "SEARCH t USING INDEX task_due"),
        ("customer", "interactions.at:-7d..", "SEARCH i USING INDEX interaction_at"),
        ("deal", "customer.id:7", "SEARCH c USING INTEGER PRIMARY KEY"),
        ("deal", "tasks.due:..today", "SEARCH t USING INDEX task_due"),
        ("contact", "customer.owner:me", "SEARCH c USING INDEX customer_owner"),
        ("task", "deal.stage:won", "deal_"),
    ],
)
def test_related_records_are_found_by_an_index(db: Watched, noun: str, query: str, index: str) -> None:
    ask = listing(db, noun, query)
    assert not scans(db, ask)
    lines = [line for sql, params in db.asked for line in plan(db, sql, params)]
    assert any(line.startswith(("SEARCH", "SCAN")) and index in line for line in lines), lines


def test_a_term_on_related_records_is_one_statement_that_goes_through_them_once(db: Watched) -> None:
    for query in ("deals.amount:10k..", "deals.count:3..", "interactions.channel:call", "contacts.count:..0"):
        db.asked.clear()
        listing(db, "customer", query)()
        lines = plan(db, *next(one for one in db.asked if "FROM customer c" in one[0]))
        assert not any("CORRELATED" in line and "LIST" in line for line in lines), lines


@pytest.mark.parametrize("noun", ["customer", "contact", "interaction"])
def test_a_default_list_with_a_limit_is_read_in_order(db: Watched, noun: str) -> None:
    db.asked.clear()
    listing(db, noun)()
    lines = plan(db, *db.asked[0])
    assert "SCAN" in lines[0]
    assert "USING INDEX" in lines[0]
    assert "USE TEMP B-TREE FOR ORDER BY" not in lines


def test_tasks_are_read_by_their_day(db: Watched) -> None:
    db.asked.clear()
    listing(db, "task")()
    lines = plan(db, *db.asked[0])
    assert lines[0] == "SCAN t USING INDEX task_due"
    assert "USE TEMP B-TREE FOR ORDER BY" not in lines


def test_the_first_open_deals_are_read_stage_by_stage_in_order(db: Watched) -> None:
    page = Page(limit=50)
    where = openness.first_open_deals(db, page)
    assert not scans(db, lambda: list(list_records(db, "deal", ASKER, where=where, page=page, keys=["id", "title"])))
    assert any("deal_close (stage_id=?)" in line for line in plan(db, *db.asked[0]))


@pytest.mark.parametrize("noun", ["customer", "contact", "deal", "interaction", "task"])
def test_what_a_limit_left_out_is_counted_by_an_index(db: Watched, noun: str) -> None:
    where = condition(db, noun, [], ASKER)
    where = openness.open_ones(noun, where) if noun in ("deal", "task") else where
    assert not scans(db, lambda: count_records(db, noun, where, most=1000))


def test_closed_deals_are_counted_by_an_index_and_done_tasks_up_to_a_limit(db: Watched) -> None:
    everything = condition(db, "deal", [], ASKER)
    assert not scans(db, lambda: count_records(db, "deal", openness.closed_ones("deal", everything), most=1000))
    # no index knows done tasks: the table is read, but no further than the limit
    assert count_records(db, "task", openness.closed_ones("task", everything), most=20) == 21


def test_the_call_sheet_scans_no_large_table(db: Watched) -> None:
    assert not scans(db, lambda: followups.followups(db, ASKER, followups.Scope(within=7)))
    assert not scans(db, lambda: followups.followups(db, ASKER))


def test_the_funnel_reads_what_is_counted_and_no_deal(db: Watched) -> None:
    assert not scans(db, lambda: funnel.funnel(db))
    asked = " ".join(sql for sql, _ in db.asked)
    assert "deal_tally" in asked and "stay_tally" in asked
    assert not re.search(r"\b(deal|stage_change)\b", asked)


def test_scores_read_conversations_from_an_index_alone(db: Watched) -> None:
    assert not scans(db, lambda: scoring.conversations(db, (1, 500), {}))
    assert "USING COVERING INDEX interaction_customer" in " ".join(plan(db, *db.asked[0]))


def test_deals_closing_this_week_scan_no_large_table(db: Watched) -> None:
    assert not scans(db, lambda: closing(db, ASKER))


# The last step of the ladder, a part of a name, must look at every name.
@pytest.mark.parametrize("text", ["7", "customer 7", "person 7", "deal 7", "a@c7.example", "customer 29", "customer:7"])
def test_the_steps_of_a_reference_scan_no_large_table(db: Watched, text: str) -> None:
    from crm_cli.errors import Ambiguous

    def look() -> None:
        try:
            Finder(db, KINDS).one(text)
        except Ambiguous:
            pass

    assert not scans(db, look)


def test_a_search_for_a_part_is_the_one_that_scans(db: Watched) -> None:
    found = scans(db, lambda: Finder(db, ["customer"]).one("stomer 299"))
    assert len(found) <= 1
    assert all("instr" in line or "SCAN" in line for line in found)


def test_what_hangs_on_a_page_is_fetched_by_its_ids_in_one_statement_each(db: Watched) -> None:
    db.asked.clear()
    listing(db, "customer")()
    assert len(db.asked) == 4  # the rows, ways to reach, tags, sums of deals
    db.asked.clear()
    listing(db, "deal")()
    assert len(db.asked) == 3  # the rows, tags, people


def test_the_app_reads_on_a_connection_that_cannot_write(tmp_path: Path) -> None:
    path = tmp_path / "crm.db"
    create_database(str(path))
    from crm_cli.errors import CrmError

    with App({"CRM_DB": str(path), "HOME": str(tmp_path)}).read() as reader, pytest.raises(CrmError):
        reader.rows("DELETE FROM customer")


def test_who_is_leaving_is_read_by_the_index_of_those_at_risk(tmp_path: Path) -> None:
    create_database(str(tmp_path / "crm.db"))
    writer = sqlite3.connect(tmp_path / "crm.db")
    writer.execute("INSERT INTO score (customer_id, computed_on, orders, risk) VALUES (1, '2026-06-15', 3, 90)")
    writer.commit()
    writer.close()
    db = open_reader(str(tmp_path / "crm.db"))
    statement = followups._Statement(db, ASKER, followups.Scope())
    (leaving,) = statement._risks()
    plan = [row[3] for row in db.rows(f"EXPLAIN QUERY PLAN {leaving}", statement.params)]
    assert "SCAN z USING INDEX score_leaving" in plan
    assert not any("TEMP B-TREE" in step for step in plan)
