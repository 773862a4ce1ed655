"""crm undo and redo: what was done is taken back whole, comes back whole, and is refused where it cannot be."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from conftest import Crm
from test_customers import refused

from crm_cli.store.journal import OWN_TABLES

BOOKKEEPING = {*OWN_TABLES, "sqlite_sequence", "reminder_claim", "segment_membership", "segment_count"}

# Every command that can be undone, in an order in which each can be done after the others.
WRITES = [
    'customer add "Beta AG" --email info@beta.example --phone "+41 44 668 18 00" --website beta.example --tag key --tag new'
    ' --cadence 30d --set colour=red --owner me --note "met at the fair"',
    "customer edit acme --city Bonn --email second@acme.example --clear region --drop tag=key",
    "customer edit beta --drop email=info@beta.example --referred-by acme --parent acme",
    "customer edit --yes tag:key --industry retail",
    'contact add "Jim Beam" --customer acme --title CEO --email jim@acme.example --role decision-maker',
    "contact edit jim --phone +4930999 --birthday 1980-02-29 --tag golfer",
    'deal add "Big plan" --customer acme --amount 48k --currency EUR --stage proposal --contact jim:decision-maker'
    ' --next "send the quote" --due fri --tag big',
    "deal edit plan --amount 52k --close 2026-12-31 --probability 60 --contact jane --risk budget",
    "log call acme wants a quote for 200 seats --deal plan --contact jane --next call --due fri",
    "log email beta hello --at 2026-11-20",
    "deal move plan negotiation",
    "snooze deal:2 2026-12-20",
    "deal win plan",
    "deal reopen plan",
    "deal lose plan --reason price",
    "task add weekly --customer acme --due 2026-11-30 --every mon --priority high",
    'task edit weekly --text "weekly call" --due 2026-12-01',
    "task snooze weekly 2026-12-07",
    "task done weekly",
    "task done 1",
    "task reopen 1",
    "done task:1",
    "tag add vip acme beta jim",
    "tag rename vip gold",
    "tag remove gold acme",
    "segment add gold tag:gold",
    "segment edit gold tag:gold region:dach",
    "segment remove gold",
    "stage add demo --after qualified --probability 30 --quiet-after 5d",
    "stage edit demo --name show --probability 35",
    "deal reopen 2",
    "deal move 2 show",
    "stage remove show --move-to proposal",
    'member add "Ana Lopez" --email ana@us.example',
    "customer edit acme --owner ana",
    'member edit ana --name "Ana Maria"',
    "member remove ana --to root",
    "interaction edit 1 --text shorter --outcome later",
    "interaction remove 1",
    "interaction restore 1",
    "task remove 3",
    "task restore 3",
    "contact remove jim",
    "contact restore jim",
    "deal remove 2",
    "deal restore 2",
    "customer remove acme --yes",
    "customer restore acme",
    "import leads.csv --as customers",
    "import leads.csv --as customers --on-duplicate update",
]


def rows(db: Path) -> dict[str, list[Any]]:
    """Every kept row but the bookkeeping, by table."""
    connection = sqlite3.connect(db)
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    found = {
        table: connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
        for table in tables
        if table not in BOOKKEEPING
    }
    connection.close()
    return found


@pytest.mark.ci
def test_each_command_is_undone_and_redone_whole(acme: Crm) -> None:
    acme.environ["CRM_USER"] = "root"
    acme.ok("member add root")
    (acme.folder / "leads.csv").write_text(
        "Company,E-mail,Phone,Tags,City\nBeta AG,info@beta.example,,key,Zug\nGamma SA,g@gamma.example,+33142685300,new,Paris\n"
    )
    path = str(acme.folder / "leads.csv")
    done = 0
    for line in WRITES:
        line = line.replace("leads.csv", path)
        before = rows(acme.db)
        acme.ok(line)
        after = rows(acme.db)
        if after == before:
            continue
        done += 1
        acme.ok("undo")
        assert rows(acme.db) == before, line
        acme.ok("redo")
        assert rows(acme.db) == after, line
    assert done >= len(WRITES) - 2
    acme.ok(f"undo {done}")
    acme.ok("redo")
    assert rows(acme.db) == after


@pytest.mark.ci
def test_everything_can_be_undone_at_once(acme: Crm) -> None:
    before = rows(acme.db)
    for n in range(120):
        acme.ok(f"task add step-{n} --customer acme")
    acme.ok("undo 120")
    assert rows(acme.db) == before
    assert "crm redo" in acme.ok("undo").err  # what made acme


def test_undo_says_what_and_whose_it_was_before_it_does_it(acme: Crm) -> None:
    acme.ok("customer edit acme --city Bonn", env={"CRM_USER": "ana"})
    result = acme.ok("undo", env={"CRM_USER": "ana"})
    first, second = result.err.splitlines()
    assert first.startswith("Taking back op:")
    assert "crm customer edit acme --city Bonn (ana, " in first
    assert second == "Undone. To do it again: crm redo"


def test_undo_is_of_what_i_did(acme: Crm) -> None:
    acme.ok("customer edit acme --city Bonn", env={"CRM_USER": "ana"})
    acme.ok("customer add Beta", env={"CRM_USER": "bob"})
    acme.ok("undo", env={"CRM_USER": "ana"})
    assert [row["name"] for row in acme.rows("customer list")] == ["Acme GmbH", "Beta"]
    assert acme.rows("customer list acme")[0]["city"] is None


def test_one_operation_of_anybody_is_undone_by_its_number(acme: Crm) -> None:
    acme.ok("customer add Beta", env={"CRM_USER": "bob"})
    number = acme.rows("history --limit 1")[0]["op"]
    acme.ok("customer add Gamma")
    made = acme.ok(f"undo op:{number} --json")
    assert '"command": "crm customer add Beta"' in made.out
    assert [row["name"] for row in acme.rows("customer list")] == ["Acme GmbH", "Gamma"]
    again = acme(f"undo op:{number}")
    assert again.code == 4
    assert "undone already" in again.err


def test_a_row_changed_since_is_refused_and_the_later_operation_is_named(acme: Crm) -> None:
    acme.ok("customer edit acme --city Bonn")
    first = acme.rows("history --limit 1")[0]["op"]
    acme.ok("customer edit acme --city Köln")
    before = rows(acme.db)
    result = acme(f"undo op:{first}")
    assert result.code == 4
    assert f"customer:1 was changed since, by op:{first + 1} (crm customer edit acme --city Köln)" in result.err
    assert f"Undo that first: crm undo op:{first + 1}" in result.err
    assert rows(acme.db) == before
    acme.ok(f"undo op:{first + 1}")
    acme.ok(f"undo op:{first}")
    assert acme.rows("customer list")[0]["city"] is None


def test_a_record_that_others_hang_on_is_not_taken_away(acme: Crm) -> None:
    acme.ok("customer add Beta")
    number = acme.rows("history --limit 1")[0]["op"]
    acme.ok("contact add Bo --customer beta")
    result = acme(f"undo op:{number}")
    assert result.code == 4
    assert f"by op:{number + 1} (crm contact add Bo --customer beta)" in result.err
    acme.ok("undo 2")
    assert [row["name"] for row in acme.rows("customer list")] == ["Acme GmbH"]


def test_an_older_log_is_undone_and_the_last_contact_is_counted_anew(acme: Crm) -> None:
    acme.ok("log call acme first --at 2026-11-20")
    first = acme.rows("history --limit 1")[0]["op"]
    acme.ok("log call acme second --at 2026-11-23")
    second = acme.rows("history --limit 1")[0]["op"]
    acme.ok(f"undo op:{first}")
    assert acme.rows("customer list")[0]["last_contact_on"] == "2026-11-23"
    acme.ok(f"undo op:{second}")
    assert acme.rows("customer list")[0]["last_contact_on"] is None


def test_three_or_none(acme: Crm) -> None:
    acme.ok("customer add Beta", env={"CRM_USER": "ana"})
    result = acme("undo 3", env={"CRM_USER": "ana"})
    assert result.code == 3
    assert "only 1" in result.err
    assert len(acme.rows("customer list")) == 2


@pytest.mark.ci
def test_a_change_by_query_and_an_import_are_one_operation_each(acme: Crm) -> None:
    path = acme.folder / "many.csv"
    path.write_text("name,city\n" + "".join(f"Firm {n},Bonn\n" for n in range(3000)))
    empty = rows(acme.db)
    report = acme.rows(f"import {path} --as customers")
    loaded = rows(acme.db)
    acme.ok("customer edit --yes city:bonn --region NRW")
    assert acme.rows("history --limit 1")[0]["changes"] == 3000
    changed = rows(acme.db)
    acme.ok("undo")
    assert rows(acme.db) == loaded
    acme.ok(f"undo op:{report['op']}")
    assert rows(acme.db) == empty
    acme.ok("redo")
    assert rows(acme.db) == loaded
    acme.ok("redo")
    assert rows(acme.db) == changed


def test_redo_ends_where_something_new_is_written(acme: Crm) -> None:
    acme.ok("customer add Beta")
    acme.ok("undo")
    acme.ok("customer add Gamma")
    result = acme("redo")
    assert result.code == 4
    assert "was written since" in result.err


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("undo x", 2, "neither a count nor an operation"),
        ("undo 0", 2, "would undo nothing"),
        ("undo op:", 2, "neither a count nor an operation"),
        ("undo -1", 2, "-1"),
        ("undo op:99999", 3, "There is no operation op:99999"),
        ("undo 99999999999999999999", 2, "neither a count nor an operation"),
        ("redo", 3, "nothing to redo"),
    ],
)
def test_what_cannot_be_meant_is_refused(acme: Crm, line: str, code: int, said: str) -> None:
    result = acme(line)
    assert result.code == code
    assert said in result.err


def test_a_trial_changes_nothing(acme: Crm) -> None:
    acme.ok("customer add Beta")
    before = acme.db.read_bytes()
    assert "Trial, nothing was kept" in acme.ok("undo --dry-run").err
    assert acme.db.read_bytes() == before


def test_what_another_program_changed_is_filed_and_not_overwritten(acme: Crm) -> None:
    acme.ok("customer edit acme --city Bonn")
    connection = sqlite3.connect(acme.db)
    connection.execute("UPDATE customer SET city = 'Köln'")
    connection.commit()
    connection.close()
    newest = acme.rows("history acme --limit 1")[0]
    assert (newest["op"], newest["by"], newest["old"], newest["new"]) == (None, None, "Bonn", "Köln")
    result = acme("undo")
    assert result.code == 4
    assert "by another program" in result.err


def test_history_of_a_record_shows_old_and_new(acme: Crm) -> None:
    acme.ok("member add Ana")
    acme.ok("customer edit acme --city Bonn --owner ana --email two@acme.example")
    acme.ok("customer edit acme --city Köln --drop email=two@acme.example")
    acme.ok("tag remove key acme")
    told = [(row["change"], row["field"], row["old"], row["new"]) for row in acme.rows("history acme")]
    assert told == [
        ("changed", "tags", "key", None),
        ("changed", "email", "two@acme.example", None),
        ("changed", "city", "Bonn", "Köln"),
        ("changed", "email", None, "two@acme.example"),
        ("changed", "owner", None, "Ana"),
        ("changed", "city", None, "Bonn"),
        ("changed", "tags", None, "key"),
        ("changed", "phone", None, "+49 30 1234567"),
        ("changed", "email", None, "sales@acme.example"),
        ("added", None, None, None),
    ]


def test_a_write_that_changes_nothing_leaves_the_file_as_it_is(acme: Crm) -> None:
    acme.ok("customer edit acme --city Bonn")
    before = acme.db.read_bytes()
    acme.ok("customer edit acme --city Bonn")
    assert acme.db.read_bytes() == before


def test_a_password_is_not_kept(crm: Crm) -> None:
    crm.ok("customer", "add", "Acme", "--note", "see postgresql://max:secret@db.example/x")
    kept = crm.rows("history")[0]["command"]
    assert "secret" not in kept
    assert "postgresql://max:***@db.example/x" in kept


def test_a_trigger_that_is_missing_or_strange_stops_every_write(acme: Crm) -> None:
    connection = sqlite3.connect(acme.db)
    connection.execute("DROP TRIGGER journal_customer_update")
    connection.commit()
    result = acme("customer add Beta")
    assert result.code == 5
    assert "journal_customer_update" in result.err
    connection.execute("CREATE TRIGGER journal_customer_update AFTER UPDATE ON customer BEGIN SELECT 1; END")
    connection.commit()
    connection.close()
    for line in ("customer add Beta", "undo"):
        result = acme(line)
        assert result.code == 5
        assert "journal_customer_update" in result.err


def test_the_triggers_are_those_of_the_models(request: pytest.FixtureRequest) -> None:
    from crm_cli.store import triggers

    text = triggers.generate(triggers.journalled_tables())
    if request.config.getoption("--rewrite"):
        triggers._FILE.write_text(text, encoding="utf-8")
    assert triggers._FILE.read_text(encoding="utf-8") == text


def test_undo_redo_and_history_load_no_model(acme: Crm) -> None:
    from test_house import HEAVY, modules_after

    acme.ok("customer edit acme --city Bonn")
    number = acme.rows("history --limit 1")[0]["op"]
    for line in ("history", "history acme", f"undo op:{number}", "redo"):
        assert not modules_after(*line.split(), database=acme.db) & HEAVY


def test_history_of_an_operation_shows_each_change(acme: Crm) -> None:
    acme.ok("customer edit acme --city Bonn --email second@acme.example --drop tag=key")
    op = acme.rows("history --limit 1")[0]["op"]
    rows = acme.rows(f"history op:{op}")
    assert [(row["ref"], row["change"], row["field"], row["old"], row["new"]) for row in rows] == [
        ("customer:1", "changed", "city", None, "Bonn"),
        ("customer:1", "changed", "tags", "key", None),
        ("customer:1", "changed", "email", None, "second@acme.example"),
    ]
    assert list(rows[0]) == ["at", "by", "op", "ref", "change", "field", "old", "new", "command", "undone_by"]
    result = acme.ok(f"history op:{op}")
    assert result.err.startswith(f"op:{op}: crm customer edit acme --city Bonn")
    assert "customer:1  changed  city" in result.out
    assert acme.ok(f"undo op:{op} --dry-run").out == result.out
    assert acme.rows("customer show acme")["city"] == "Bonn"
    assert acme.rows(f"history op:{op} --limit 1") == rows[:1]
    refused(acme("history op:999"), 3, "There is no operation op:999", "crm history")


def test_history_of_an_operation_on_what_is_gone_since_and_on_small_things(acme: Crm) -> None:
    acme.ok("tag add vip acme jane")
    op = acme.rows("history --limit 1")[0]["op"]
    acme.ok("undo")
    for number in (op, op + 1):
        rows = acme.rows(f"history op:{number}")
        told = {(row["ref"], row["change"], row["field"], row["old"] or row["new"]) for row in rows}
        assert {(ref, "changed", "tags", "vip") for ref in ("customer:1", "contact:1")} < told, told
    acme.ok("stage edit proposal --quiet-after 5d")
    assert [(row["ref"].partition(":")[0], row["new"]) for row in acme.rows(f"history op:{op + 2}")] == [("stage", 5)]
    acme.ok("snooze deal:1 2026-12-20")
    assert acme.rows(f"history op:{op + 3}")[0]["field"] == "snoozed"


def test_history_of_a_large_operation_is_bounded(crm: Crm) -> None:
    lines = "".join(f"C{n},c{n}@x.example\n" for n in range(250))
    crm.ok("import", "-", "--as", "customers", stdin="name,email\n" + lines)
    result = crm.ok("history op:1")
    assert "the changes of the first 200 records; 50 more" in result.err
    assert result.out.count("added") == 200 and "C199" in result.out and "C200" not in result.out
