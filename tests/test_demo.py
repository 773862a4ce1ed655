"""The made-up company: the same for everybody on a day, and as true to its own rules as a real one."""

import json
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from conftest import Crm

from crm_cli.actions.demo import build
from crm_cli.commands.demonstration import shell_line
from crm_cli.rules.normalise import reach_key
from crm_cli.rules.text import fold, has_cjk

WEDNESDAY = datetime(2026, 11, 25, 9, 0, tzinfo=ZoneInfo("UTC"))
DAYS = [
    WEDNESDAY,
    datetime(2026, 11, 28, 23, 50, tzinfo=ZoneInfo("Asia/Shanghai")),  # a Saturday
    datetime(2026, 11, 29, 0, 10, tzinfo=ZoneInfo("America/New_York")),  # a Sunday
    datetime(2026, 11, 30, 7, 0, tzinfo=ZoneInfo("Europe/Berlin")),  # a Monday
    datetime(2028, 2, 25, 12, 0, tzinfo=ZoneInfo("UTC")),  # a Friday, a leap day ahead
    datetime(2028, 2, 29, 12, 0, tzinfo=ZoneInfo("Pacific/Auckland")),
    datetime(2027, 3, 29, 12, 0, tzinfo=ZoneInfo("Europe/Berlin")),  # the day after a clock change
]
Rows = list[tuple[Any, ...]]


class Built:
    """A database and what SQL finds in it."""

    def __init__(self, path: Path, now: datetime) -> None:
        self.path = path
        self.now = now
        self.today = now.date().isoformat()
        self.connection = sqlite3.connect(path)

    def rows(self, sql: str, **holes: Any) -> Rows:
        return self.connection.execute(sql, {"today": self.today, **holes}).fetchall()

    def one(self, sql: str) -> Any:
        return self.rows(sql)[0][0]

    def day(self, moment: str) -> str:
        return datetime.fromisoformat(moment).astimezone(self.now.tzinfo).date().isoformat()


@pytest.fixture(scope="module", params=DAYS, ids=lambda day: day.strftime("%a-%Y-%m-%d"))
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    path = tmp_path_factory.mktemp("demo") / "crm.db"
    build(str(path), request.param, "tester")
    found = Built(path, request.param)
    yield found
    found.connection.close()


def dump(path: Path) -> list[object]:
    """The schema and every row; the index of the search has no rows that could be read."""
    connection = sqlite3.connect(path)
    try:
        schema = connection.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY name").fetchall()
        tables = [name for kind, name, _ in schema if kind == "table" and not name.startswith("search_index")]
        return [schema, *([name, *connection.execute(f"SELECT * FROM {name}")] for name in tables)]
    finally:
        connection.close()


@pytest.fixture
def demo(crm: Crm) -> Crm:
    """The program over a made-up company."""
    crm.ok("demo", "--db", str(crm.db), "--quiet")
    return crm


# ------------------------------------------------------------------ the same for everybody


def test_two_runs_on_one_day_give_the_same_database(tmp_path: Path) -> None:
    build(str(tmp_path / "a.db"), WEDNESDAY, "tester")
    build(str(tmp_path / "b.db"), WEDNESDAY.replace(hour=18, minute=41), "tester")
    assert dump(tmp_path / "a.db") == dump(tmp_path / "b.db")


def test_another_day_moves_the_days_and_nothing_else(tmp_path: Path) -> None:
    build(str(tmp_path / "a.db"), WEDNESDAY, "tester")
    build(str(tmp_path / "b.db"), WEDNESDAY + timedelta(days=7), "tester")
    shown = []
    for name in ("a", "b"):
        connection = sqlite3.connect(tmp_path / f"{name}.db")
        shown.append(
            [
                connection.execute(sql).fetchall()
                for sql in (
                    "SELECT name FROM customer ORDER BY id",
                    "SELECT title, stage_id, amount, currency FROM deal ORDER BY id",
                    "SELECT text, channel FROM interaction ORDER BY id",
                )
            ]
        )
        connection.close()
    assert shown[0] == shown[1]


def test_it_needs_no_sqlmodel(tmp_path: Path) -> None:
    code = (
        "import sys, datetime; from crm_cli.actions.demo import build;"
        "build(sys.argv[1], datetime.datetime.now(datetime.UTC), 'x');"
        "print([m for m in ('sqlmodel', 'sqlalchemy', 'phonenumbers', 'rich') if m in sys.modules])"
    )
    asked = [sys.executable, "-c", code, str(tmp_path / "d.db")]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.ci
@pytest.mark.parametrize("user", ["tester", "ana", "Li Wei", "张伟", "jane@lantern.example", "", "a b c"])
def test_whoever_asks_is_a_member_and_owns_something(tmp_path: Path, user: str) -> None:
    from crm_cli.store.reader import open_reader

    path = str(tmp_path / "crm.db")
    build(path, WEDNESDAY, user)
    db = open_reader(path)
    try:
        me = db.member_of(user or "me")
        assert me is not None
        assert db.value("SELECT count(*) FROM member") == 3
        assert db.value(f"SELECT count(*) FROM task WHERE owner_id = {me} AND done_at IS NULL") > 5
    finally:
        db.close()


# ------------------------------------------------------------------ what is in it


@pytest.mark.ci
def test_it_is_a_lively_company_of_two_years(built: Built) -> None:
    counts = {
        table: built.one(f"SELECT count(*) FROM {table}") for table in ("customer", "deal", "interaction", "task")
    }
    assert counts["customer"] == 60
    assert 100 <= counts["deal"] <= 120
    assert 450 <= counts["interaction"] <= 620
    assert 80 <= counts["task"] <= 110
    assert built.one("SELECT count(*) FROM customer WHERE kind = 'person'") >= 4
    assert {row[0] for row in built.rows("SELECT DISTINCT currency FROM deal")} == {"EUR", "USD", "CNY"}
    assert sum(has_cjk(row[0]) for row in built.rows("SELECT name FROM customer")) >= 10
    assert sum(has_cjk(row[0]) for row in built.rows("SELECT text FROM interaction")) >= 60
    first = date.fromisoformat(built.one("SELECT min(created_at) FROM customer")[:10])
    assert 690 <= (built.now.date() - first).days <= 740
    assert built.one("SELECT count(*) FROM customer WHERE referred_by_id IS NOT NULL") >= 5
    assert built.one("SELECT count(DISTINCT source) FROM customer") >= 6
    assert (built.one("SELECT count(*) FROM tag"), built.one("SELECT count(*) FROM segment")) == (7, 3)


def test_every_stage_has_deals_in_every_currency(built: Built) -> None:
    assert built.one("SELECT count(DISTINCT stage_id || currency) FROM deal") == 18


def test_the_call_sheet_is_lively_on_every_day(built: Built) -> None:
    from crm_cli.queries.conditions import Asker
    from crm_cli.queries.followups import followups
    from crm_cli.queries.today import today
    from crm_cli.store.reader import open_reader

    db = open_reader(str(built.path))
    try:
        asker = Asker(built.now, 1, ".")
        day, sheet = today(db, asker), followups(db, asker)
    finally:
        db.close()
    assert len(day["overdue"]) in range(4, 7)
    assert (len(day["due"]), len(day["appointments"]), len(day["birthdays"])) == (2, 2, 2)
    assert len(day["closing"]) >= 4
    kinds = [row["kind"] for row in day["quiet"]]
    assert kinds.count("quiet") in range(3, 6)
    assert kinds.count("cadence") in range(3, 5)
    assert sum(row["bucket"] == "week" for row in sheet) >= 8
    assert all(row["phone"] or row["email"] for row in sheet)
    assert all(row["contact"] for row in day["overdue"])


# ------------------------------------------------------------------ as true as real data


def test_nothing_that_has_happened_lies_ahead(built: Built) -> None:
    latest = [
        built.one("SELECT max(at) FROM interaction"),
        built.one("SELECT max(done_at) FROM task"),
        built.one("SELECT max(changed_at) FROM stage_change"),
    ]
    assert all(built.day(moment) < built.today for moment in latest)
    for table in ("customer", "contact", "reach", "deal", "stage_change", "interaction", "task"):
        column = "changed_at" if table == "stage_change" else "created_at"
        assert built.day(built.one(f"SELECT max({column}) FROM {table}")) < built.today, table
    assert built.rows("SELECT id FROM deal WHERE opened_on > :today OR closed_on > :today") == []


def test_kept_twice_is_what_the_history_says(built: Built) -> None:
    """actions/touches.py counts everything again and finds the same."""
    from crm_cli.actions import touches
    from crm_cli.store.writer import writing

    kept = [
        "SELECT id, last_contact_on, cadence_due_on FROM customer ORDER BY id",
        "SELECT id, last_contact_on FROM contact ORDER BY id",
        "SELECT id, last_touch_on FROM deal ORDER BY id",
    ]
    before = [built.rows(sql) for sql in kept]
    with writing(str(built.path), now=built.now, user="tester", dry_run=True) as w:
        for (row_id,) in built.rows("SELECT id FROM customer"):
            touches.recount(w, {("customer", row_id)})
        for (row_id,) in built.rows("SELECT id FROM contact"):
            touches.recount(w, {("contact", row_id)})
        for (row_id,) in built.rows("SELECT id FROM deal"):
            touches.recount(w, {("deal", row_id)})
        after = [w.db.rows(sql) for sql in kept]
    assert after == before


def test_the_history_of_every_deal_is_whole(built: Built) -> None:
    stages = {row[0]: row[1:] for row in built.rows("SELECT id, kind, position FROM stage")}
    deals = built.rows("SELECT id, stage_id, furthest_stage_id, stage_since_on, opened_on, closed_on FROM deal")
    for deal_id, stage, furthest, since, opened, closed in deals:
        moves = built.rows(
            "SELECT from_stage_id, to_stage_id, changed_on, days_spent, changed_at FROM stage_change"
            " WHERE deal_id = :id ORDER BY id",
            id=deal_id,
        )
        assert (moves[0][0], moves[0][2], moves[0][3]) == (None, opened, None)
        for before, after in pairwise(moves):
            assert after[0] == before[1]
            assert after[3] == (date.fromisoformat(after[2]) - date.fromisoformat(before[2])).days >= 0
        assert (moves[-1][1], moves[-1][2]) == (stage, since)
        assert [built.day(move[4]) for move in moves] == [move[2] for move in moves]
        been = [move[1] for move in moves if stages[move[1]][0] == "open"]
        assert furthest == max(been, key=lambda stage_id: stages[stage_id][1])
        assert closed == (since if stages[stage][0] != "open" else None)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM deal WHERE amount IS NULL OR currency IS NULL OR amount <= 0",
        "SELECT d.id FROM deal d JOIN stage s ON s.id = d.stage_id WHERE (s.kind = 'open') <> (d.closed_on IS NULL)",
        "SELECT d.id FROM deal d JOIN stage s ON s.id = d.stage_id WHERE (s.kind = 'lost') <> (lost_reason IS NOT NULL)",
        "SELECT d.id FROM deal d JOIN customer c ON c.id = d.customer_id WHERE d.created_at < c.created_at",
        "SELECT i.id FROM interaction i JOIN customer c ON c.id = i.customer_id WHERE i.at < c.created_at",
        "SELECT i.id FROM interaction i JOIN deal d ON d.id = i.deal_id WHERE i.customer_id <> d.customer_id",
        "SELECT t.id FROM task t JOIN deal d ON d.id = t.deal_id WHERE t.customer_id <> d.customer_id",
        "SELECT id FROM task WHERE done_at < created_at OR updated_at < created_at",
        "SELECT t.id FROM task t JOIN customer c ON c.id = t.customer_id WHERE t.created_at < c.created_at",
        "SELECT id FROM task WHERE due_at IS NOT NULL AND due_on IS NULL OR (every IS NULL) <> (anchor_on IS NULL)",
        "SELECT x.id FROM deal_contact x JOIN deal d ON d.id = x.deal_id JOIN contact p ON p.id = x.contact_id"
        " WHERE p.customer_id <> d.customer_id",
        "SELECT x.id FROM interaction_contact x JOIN interaction i ON i.id = x.interaction_id"
        " JOIN contact p ON p.id = x.contact_id WHERE p.customer_id <> i.customer_id",
        "SELECT id FROM customer WHERE owner_id IS NULL OR (cadence_days IS NULL) <> (cadence_due_on IS NULL)",
        "SELECT customer_id, title_key FROM deal GROUP BY 1, 2 HAVING count(*) > 1",
        "SELECT kind, value_key FROM reach GROUP BY 1, 2 HAVING count(*) > 1",
        "SELECT name_key FROM customer GROUP BY 1 HAVING count(*) > 1",
        "SELECT name_key FROM contact GROUP BY 1 HAVING count(*) > 1",
        "SELECT c.id FROM customer c WHERE c.status = 'new' AND last_contact_on IS NOT NULL",
        "SELECT c.id FROM customer c WHERE (c.status = 'customer') <> EXISTS (SELECT 1 FROM deal d JOIN stage s"
        " ON s.id = d.stage_id WHERE d.customer_id = c.id AND s.kind = 'won'"
        " UNION ALL SELECT 1 FROM sales_order WHERE customer_id = c.id)",
        "SELECT id FROM sales_order WHERE amount <> (SELECT sum(amount) FROM order_line WHERE order_id = sales_order.id)",
        "SELECT id FROM deal WHERE amount <> (SELECT sum(amount) FROM deal_line WHERE deal_id = deal.id)",
        "SELECT id FROM sales_order WHERE (currency = 'EUR') <> (base_amount IS NULL) OR ordered_on > :today",
    ],
)
def test_no_row_breaks_a_rule(built: Built, sql: str) -> None:
    assert built.rows(sql) == []


def test_keys_are_those_that_the_program_would_write(built: Built) -> None:
    for kind, value, key in built.rows("SELECT kind, value, value_key FROM reach"):
        assert key == reach_key(kind, value, country=None)
        assert kind != "phone" or key.startswith("+")
        assert kind not in ("email", "website") or key.endswith(".example")
    for table, name, key in [
        ("customer", "name", "name_key"), ("contact", "name", "name_key"), ("deal", "title", "title_key"),
        ("task", "text", "text_key"), ("tag", "name", "name_key"), ("segment", "name", "name_key"),
        ("member", "name", "name_key"),
    ]:  # fmt: skip
        assert all(fold(row[0]) == row[1] for row in built.rows(f"SELECT {name}, {key} FROM {table}")), table


def test_every_row_has_its_own_uuid_of_version_seven(built: Built) -> None:
    found: list[str] = []
    for (table,) in built.rows("SELECT name FROM sqlite_schema WHERE sql LIKE '%uuid TEXT%'"):
        found += [row[0] for row in built.rows(f"SELECT uuid FROM {table}")]
    assert len(set(found)) == len(found)
    assert all(uuid[14] == "7" and uuid[19] in "89ab" and len(uuid) == 36 for uuid in found)


def test_the_database_is_sound(built: Built) -> None:
    assert built.rows("PRAGMA integrity_check") == [("ok",)]
    assert built.rows("PRAGMA foreign_key_check") == []


def test_values_pass_the_input_models(built: Built) -> None:
    from crm_cli.model import inputs

    built.connection.row_factory = sqlite3.Row
    try:
        for table, model in [
            ("customer", inputs.CustomerInput), ("contact", inputs.ContactInput), ("deal", inputs.DealInput),
            ("interaction", inputs.InteractionInput), ("task", inputs.TaskInput),
        ]:  # fmt: skip
            for row in built.connection.execute(f"SELECT * FROM {table}"):
                model.model_validate({key: value for key, value in dict(row).items() if key in model.model_fields})
    finally:
        built.connection.row_factory = None


# ------------------------------------------------------------------ typed


def test_it_shows_the_day_the_call_sheet_the_funnel_and_the_line(crm: Crm, monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    result = crm.ok("demo")
    parts = [result.out.index(mark) for mark in ("$ crm today", "$ crm followups", "$ crm funnel", "export CRM_DB=")]
    assert parts == sorted(parts)
    last = result.out.splitlines()[-1]
    assert last.startswith("export CRM_DB=")
    path = Path(last.partition("=")[2].strip("'"))
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert crm.ok("customer list --format ids", env={"CRM_DB": str(path)}).out.count("\n") == 60
    assert not crm.db.exists(), "the user's own database is not touched"


def test_as_json_it_is_one_object(crm: Crm, tmp_path: Path) -> None:
    path = tmp_path / "play.db"
    whole = crm.ok("demo", "--db", str(path), "--json").json
    assert list(whole) == ["database", "today", "followups", "funnel"]
    assert whole["database"] == str(path)
    at = {"CRM_DB": str(path)}
    assert whole["today"] == crm.rows("today", env=at)
    assert whole["followups"] == crm.rows("followups", env=at)
    assert whole["funnel"] == crm.rows("funnel", env=at)


def test_what_is_there_already_is_left_alone(acme: Crm) -> None:
    before = dump(acme.db)
    result = acme("demo", "--db", str(acme.db))
    assert (result.code, result.out) == (4, "")
    assert "already there" in result.err
    assert dump(acme.db) == before
    dangling = acme.folder / "link.db"
    dangling.symlink_to(acme.folder / "nowhere.db")
    assert acme("demo", "--db", str(dangling)).code == 4


def test_a_database_of_the_environment_is_no_place_for_a_demo(acme: Crm, monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = dump(acme.db)
    assert acme("demo").code == 0
    assert dump(acme.db) == before


def test_a_trial_leaves_nothing(crm: Crm, monkeypatch: Any, tmp_path: Path) -> None:
    place = tmp_path / "temp"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    result = crm.ok("demo", "--dry-run", "--db", str(tmp_path / "play.db"))
    assert "CRM_DB" not in result.out
    assert list(place.iterdir()) == []
    assert not (tmp_path / "play.db").exists()


@pytest.mark.parametrize("name", ["csv", "tsv", "ids"])
def test_a_format_of_rows_is_refused_before_anything_is_made(crm: Crm, name: str, tmp_path: Path) -> None:
    assert crm("demo", "--format", name, "--db", str(tmp_path / "play.db")).code == 2
    assert not (tmp_path / "play.db").exists()


def test_a_folder_that_cannot_be_made_is_said(crm: Crm, monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    result = crm("demo")
    assert result.code == 5
    assert "No folder can be made" in result.err


@pytest.mark.parametrize(
    ("environ", "is_windows", "line"),
    [
        ({"SHELL": "/bin/bash"}, False, "export CRM_DB=/tmp/x/demo.db"),
        ({"SHELL": "/usr/bin/fish"}, False, "set -x CRM_DB '/tmp/x/demo.db'"),
        ({"SHELL": "/bin/tcsh"}, False, "setenv CRM_DB /tmp/x/demo.db"),
        ({}, False, "export CRM_DB=/tmp/x/demo.db"),
        ({}, True, "$env:CRM_DB = '/tmp/x/demo.db'"),
        ({"SHELL": "/usr/bin/bash.exe"}, True, "export CRM_DB=/tmp/x/demo.db"),
    ],
)
def test_the_line_is_of_the_shell(environ: dict[str, str], is_windows: bool, line: str) -> None:
    assert shell_line("/tmp/x/demo.db", environ, is_windows=is_windows) == line


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({"SHELL": "zsh"}, "export CRM_DB='/tmp/it'\"'\"'s $(x)/d.db'"),
        ({"SHELL": "fish"}, "set -x CRM_DB '/tmp/it\\'s $(x)/d.db'"),
        ({"SHELL": "pwsh"}, "$env:CRM_DB = '/tmp/it''s $(x)/d.db'"),
    ],
)
def test_the_line_is_quoted(environ: dict[str, str], line: str) -> None:
    assert shell_line("/tmp/it's $(x)/d.db", environ) == line


def test_its_segments_answer_and_mine_shows_something(demo: Crm) -> None:
    for line in ("customer list @quiet-keys", "deal list @big-deals", "customer list @华东", "followups --mine"):
        assert demo.rows(line), line
    mine = demo.rows("followups --mine")
    assert {row["owner"] for row in mine} == {"tester"}
    assert len(demo.rows("today --mine")["overdue"]) >= 2


def test_the_day_of_the_contract_can_be_played_in_it(demo: Crm) -> None:
    demo.ok('log call acme wants a quote for 200 seats --deal acme/rollout --done --next "send the quote" --due fri')
    demo.ok("deal move acme/rollout proposal")
    assert demo.rows("followups acme")[0]["what"] == "send the quote"
    assert json.loads(demo.ok("show 上海星河 --json").out)["name"] == "上海星河软件有限公司"


@pytest.mark.process
def test_it_works_with_an_empty_environment(tmp_path: Path) -> None:
    program = Path(sys.executable).parent / "crm"
    line = f"cd {tmp_path} && env -i TMPDIR={tmp_path} {program} demo"
    done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    last = done.stdout.decode("utf-8").splitlines()[-1]
    assert last.startswith(f"export CRM_DB={tmp_path}")
    again = subprocess.run(["/bin/sh", "-c", f"{last}; {program} customer list --format ids"], capture_output=True)
    assert again.stdout.decode().count("\n") == 60
