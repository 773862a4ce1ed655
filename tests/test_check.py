"""crm check: silent over a healthy database; every planted corruption is named; --fix mends what can be mended."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import FAST, Crm
from test_undo import WRITES, rows

LEADS = "Company,E-mail,Phone,Tags,City\nBeta AG,info@beta.example,,key,Zug\nGamma SA,g@gamma.example,+33142685300,new,Paris\n"
BEGIN = [
    'customer add "Acme GmbH" --email sales@acme.example --email info@acme.example --phone "+49 30 1234567" --tag key'
    " --website acme.example --messenger wechat:acme --cadence 30d --set colour=red",
    "customer add 星河科技 --kind person --birthday 1990-05-17 --referred-by acme --phone 13800138000",
    "customer add Gone --email gone@gone.example",
    'contact add "Jane Doe" --customer acme --email jane@acme.example --birthday 1980-02-29',
    "deal add Rollout --customer acme --amount 48k --currency EUR --stage proposal --contact jane --next quote --due fri",
    "deal add Lost --customer acme --amount 5k --currency EUR",
    "deal move lost qualified",
    "deal lose lost --reason price",
    "deal add Won --customer 星河科技 --amount 9000 --currency CNY",
    "deal win won",
    "deal add Quiet --customer 星河科技",
    "snooze deal:4 2026-12-20",
    "log call acme hello --contact jane --deal rollout",
    "task add weekly --customer acme --every mon --due 2026-11-30@10:00",
    "task add ring --deal rollout",
    "task done ring",
    "member add Ana --email ana@us.example",
    "member add Bob",
    "member remove bob",
    "customer edit acme --owner ana",
    "deal edit rollout --owner ana",
    "task edit weekly --owner ana",
    "segment add keys tag:key",
    "privacy consent acme --channel email --basis consent --source form",
    "contact add Away --customer gone",
    "deal add Elsewhere --customer gone --next later --due fri",
    "log note gone something",
    "customer remove gone --yes",
]


@pytest.fixture(scope="session")
def full_database() -> Iterator[Path]:
    """A file with something of everything."""
    with tempfile.TemporaryDirectory(prefix="crm-", dir=FAST, ignore_cleanup_errors=True) as folder:
        crm = Crm(Path(folder))
        for line in BEGIN:
            crm.ok(line)
        sound(crm)
        yield crm.db


@pytest.fixture
def full(crm: Crm, full_database: Path) -> Crm:
    shutil.copy2(full_database, crm.db)
    return crm


def sound(crm: Crm, what: str = "") -> None:
    result = crm("check")
    assert (result.code, result.out, result.err) == (0, "", ""), (what, result)


def plant(crm: Crm, *statements: str) -> None:
    """Change the file past every guard, as a slip of another program would."""
    connection = sqlite3.connect(crm.db, isolation_level=None)
    connection.executescript("PRAGMA ignore_check_constraints=ON; PRAGMA foreign_keys=OFF; PRAGMA writable_schema=ON;")
    for statement in statements:
        connection.executescript(statement)
    connection.close()


def found(crm: Crm) -> list[dict[str, Any]]:
    result = crm("check", "--json")
    assert result.code == (5 if result.rows else 0), result
    return result.rows


# name, record, whether --fix mends it, what is planted
PLANTED: list[tuple[str, str | None, bool, str]] = [
    ("deal-closed-day", "deal:3", True, "UPDATE deal SET closed_on = NULL WHERE id = 3"),
    ("deal-closed-day", "deal:2", True, "UPDATE deal SET closed_on = NULL WHERE id = 2"),
    ("deal-open-closed", "deal:1", True, "UPDATE deal SET closed_on = '2026-11-25' WHERE id = 1"),
    ("deal-reason-left", "deal:1", True, "UPDATE deal SET lost_reason = 'price' WHERE id = 1"),
    ("deal-lost-reason", "deal:2", False, "UPDATE deal SET lost_reason = NULL WHERE id = 2"),
    ("deal-closed-early", "deal:3", False, "UPDATE deal SET closed_on = '2020-01-01' WHERE id = 3"),
    ("deal-amount", "deal:1", False, "UPDATE deal SET amount = -1 WHERE id = 1"),
    ("deal-amount", "deal:1", False, "UPDATE deal SET amount = 9000000000000001 WHERE id = 1"),
    ("deal-no-currency", "deal:1", False, "UPDATE deal SET currency = NULL WHERE id = 1"),
    ("deal-currency", "deal:1", False, "UPDATE deal SET currency = 'EUX' WHERE id = 1"),
    ("deal-probability", "deal:1", False, "UPDATE deal SET probability = 101 WHERE id = 1"),
    ("history-missing", "deal:4", True, "DELETE FROM stage_change WHERE deal_id = 4"),
    ("history-begin", "deal:2", False, "DELETE FROM stage_change WHERE deal_id = 2 AND from_stage_id IS NULL"),
    ("history-gap", "deal:2", False, "DELETE FROM stage_change WHERE deal_id = 2 AND to_stage_id = 2"),
    ("history-end", "deal:2", True, "DELETE FROM stage_change WHERE deal_id = 2 AND to_stage_id = 6"),
    ("history-days", "deal:2", True, "UPDATE stage_change SET days_spent = 77 WHERE deal_id = 2 AND to_stage_id = 6"),
    ("stage-since", "deal:1", True, "UPDATE deal SET stage_since_on = '2026-01-01' WHERE id = 1"),
    ("furthest-stage", "deal:1", True, "UPDATE deal SET furthest_stage_id = 4 WHERE id = 1"),
    ("furthest-stage", "deal:2", True, "UPDATE deal SET furthest_stage_id = NULL WHERE id = 2"),
    ("customer-last-contact", "customer:1", True, "UPDATE customer SET last_contact_on = '2026-11-01' WHERE id = 1"),
    ("customer-last-contact", "customer:1", True, "UPDATE customer SET last_contact_on = NULL WHERE id = 1"),
    ("customer-cadence", "customer:1", True, "UPDATE customer SET cadence_due_on = '2027-11-01' WHERE id = 1"),
    ("contact-last-contact", "contact:1", True, "UPDATE contact SET last_contact_on = '2026-11-01'  WHERE id = 1"),
    ("deal-last-touch", "deal:1", True, "UPDATE deal SET last_touch_on = '2025-11-01' WHERE id = 1"),
    ("deal-last-touch", "deal:4", True, "UPDATE deal SET last_touch_on = '2025-11-01' WHERE id = 4"),
    ("email-key", "customer:1", True, "UPDATE reach SET value_key = 'Sales@acme.example' WHERE id = 2"),
    ("phone-key", "customer:1", True, "UPDATE reach SET value_key = '+4930123456' WHERE kind = 'phone' AND customer_id = 1"),
    ("phone-key", "customer:2", True, "UPDATE reach SET value_key = '13800138001' WHERE customer_id = 2"),
    ("website-key", "customer:1", True, "UPDATE reach SET value_key = 'www.acme.example' WHERE kind = 'website'"),
    ("messenger-key", "customer:1", True, "UPDATE reach SET value_key = '@acme' WHERE kind = 'messenger'"),
    ("reach-unreadable", "contact:1", False, "UPDATE reach SET value = 'jane', value_key = 'jane' WHERE contact_id = 1"),
    ("customer-key", "customer:1", True, "UPDATE customer SET name_key = 'acme  gmbh' WHERE id = 1"),
    ("customer-key", "customer:2", True, "UPDATE customer SET name_key = '星河' WHERE id = 2"),
    ("contact-key", "contact:1", True, "UPDATE contact SET name_key = 'jane' WHERE id = 1"),
    ("deal-key", "deal:1", True, "UPDATE deal SET title_key = 'Rollout' WHERE id = 1"),
    ("task-key", "task:1", True, "UPDATE task SET text_key = '' WHERE id = 1"),
    ("tag-key", "tag:1", True, "UPDATE tag SET name_key = 'Key'"),
    ("stage-key", "stage:1", True, "UPDATE stage SET name_key = 'leads' WHERE id = 1"),
    ("member-email", "member:1", True, "UPDATE member SET email_key = NULL WHERE id = 1"),
    ("reach-owner", "customer:1", False, "UPDATE reach SET customer_id = 1 WHERE contact_id = 1"),
    ("snooze-owner", "customer:1", False, "UPDATE snooze SET customer_id = 1"),
    ("consent-owner", "customer:1", False, "UPDATE consent SET contact_id = 1"),
    ("day-form", "customer:1", False, "UPDATE consent SET decided_on = 'today'"),
    ("word-known", "customer:1", False, "UPDATE consent SET status = 'asked'"),
    ("tagging-owner", "customer:1", False, "UPDATE tagging SET deal_id = 1"),
    ("customer-reach-first", "customer:1", True, "UPDATE reach SET position = 0 WHERE customer_id = 1 AND kind = 'email'"),
    ("segment-query", "segment:1", False, "UPDATE segment SET query = 'tag:(key'"),
    ("segment-query", "segment:1", False, "UPDATE segment SET noun = 'stage'"),
    ("task-rhythm", "task:2", False, "UPDATE task SET every = 'mon,someday' WHERE id = 2"),
    ("task-anchor", "task:2", True, "UPDATE task SET anchor_on = NULL WHERE id = 2"),
    ("task-due", "task:2", False, "UPDATE task SET due_on = '2026-12-24' WHERE id = 2"),
    ("contact-under-removed", "contact:2", False, "UPDATE contact SET removed_at = NULL WHERE id = 2"),
    ("deal-under-removed", "deal:5", False, "UPDATE deal SET removed_at = NULL WHERE id = 5"),
    ("task-under-removed", "task:4", False, "UPDATE task SET removed_at = NULL WHERE id = 4"),
    ("interaction-under-removed", "interaction:2", False, "UPDATE interaction SET removed_at = NULL WHERE id = 2"),
    ("task-of-removed-deal", "task:1", False, "UPDATE deal SET removed_at = '2026-11-25T09:00:00Z' WHERE id = 1"),
    ("task-customer", "task:1", False, "UPDATE task SET customer_id = 2 WHERE id = 1"),
    ("deal-stage-removed", "deal:1", False, "UPDATE stage SET removed_at = '2026-11-25T09:00:00Z' WHERE id = 3"),
    ("customer-owner-removed", "customer:1", False, "UPDATE customer SET owner_id = 2 WHERE id = 1"),
    ("deal-owner-removed", "deal:1", False, "UPDATE deal SET owner_id = 2 WHERE id = 1"),
    ("task-owner-removed", "task:2", False, "UPDATE task SET owner_id = 2 WHERE id = 2"),
    ("customer-circle", "customer:1", False, "UPDATE customer SET parent_id = 3 - id WHERE id < 3"),
    ("customer-refers-itself", "customer:2", False, "UPDATE customer SET referred_by_id = 2 WHERE id = 2"),
    ("snooze-closed", "deal:3", True, "UPDATE snooze SET deal_id = 3"),
    ("stage-order", "stage:2", False, "UPDATE stage SET position = 1 WHERE id = 2"),
    ("stage-odds", "stage:5", True, "UPDATE stage SET probability = 90 WHERE id = 5"),
    ("stage-pipeline", "stage:1", False, "UPDATE pipeline SET removed_at = '2026-11-25T09:00:00Z'"),
    ("pipeline-ends", "pipeline:1", False, "UPDATE stage SET removed_at = '2026-11-25T09:00:00Z' WHERE id = 5"),
    ("uuid-form", "deal:1", False, "UPDATE deal SET uuid = upper(uuid) WHERE id = 1"),
    ("uuid-double", "task:1", False, "UPDATE task SET uuid = (SELECT uuid FROM task WHERE id = 2) WHERE id = 1"),
    ("day-form", "contact:1", False, "UPDATE contact SET birthday = '1981-02-29' WHERE id = 1"),
    ("day-form", "task:1", False, "UPDATE task SET due_on = '27.11.2026' WHERE id = 1"),
    ("moment-form", "interaction:1", False, "UPDATE interaction SET at = '2026-11-25 09:00:00' WHERE id = 1"),
    ("moment-form", "deal:1", False, "UPDATE deal SET created_at = '2026-11-25T09:00:00+01:00' WHERE id = 1"),
    ("word-known", "customer:1", False, "UPDATE customer SET status = 'friend' WHERE id = 1"),
    ("word-known", "task:1", False, "UPDATE task SET priority = 'urgent' WHERE id = 1"),
    ("number-range", "customer:1", False, "UPDATE customer SET size = -5 WHERE id = 1"),
    ("name-empty", "customer:1", False, "UPDATE customer SET name = '' WHERE id = 1"),
    ("custom-form", "customer:1", False, "UPDATE customer SET custom = '[1]' WHERE id = 1"),
    ("custom-form", "deal:1", False, "UPDATE deal SET custom = '{' WHERE id = 1"),
    ("interaction-future", "interaction:1", False, "UPDATE interaction SET at = '2099-01-01T09:00:00Z' WHERE id = 1"),
    ("task-done-future", "task:3", False, "UPDATE task SET done_at = '2099-01-01T09:00:00Z' WHERE id = 3"),
    ("birthday-future", "customer:2", False, "UPDATE customer SET birthday = '2099-01-01' WHERE id = 2"),
    ("journal-open", "op:3", True, "UPDATE journal_state SET operation_id = 3"),
    ("journal-state", None, True, "DELETE FROM journal_state"),
    ("journal-mark", None, True, "INSERT INTO journal_mark VALUES ('deal', 0)"),
    ("journal-loose", "op:0", False, "UPDATE journal SET operation_id = NULL WHERE id = 1"),
    ("journal-operation", "op:999", False, "UPDATE journal SET operation_id = 999 WHERE id = 1"),
    ("journal-record", "op:1", False, "UPDATE journal SET record = 'invoice' WHERE id = 1"),
    ("journal-image", "op:7", False, "UPDATE journal SET before = '{' WHERE operation_id = 7 AND kind = 'U'"),
    ("operation-undone", "op:5", False, "UPDATE operation SET undone_by_id = 2 WHERE id = 5"),
    ("operation-changes", "op:1", True, "UPDATE operation SET changes = 99 WHERE id = 1"),
    ("id-reused", None, True, "UPDATE sqlite_sequence SET seq = 1 WHERE name = 'deal'"),
    ("foreign-key", "deal:1", True, "UPDATE deal SET owner_id = 99 WHERE id = 1"),
    ("foreign-key", "tagging:1", True, "UPDATE tagging SET tag_id = 99"),
    ("foreign-key", "deal:1", False, "UPDATE deal SET stage_id = 99 WHERE id = 1"),
    ("schema", None, True, "DROP INDEX deal_title"),
    ("schema", None, False, "CREATE TABLE notes (id INTEGER PRIMARY KEY)"),
    ("schema", None, False, "ALTER TABLE customer ADD COLUMN colour TEXT"),
    ("triggers", None, True, "DROP TRIGGER journal_deal_update"),
    ("triggers", None, True, "UPDATE sqlite_schema SET sql = replace(sql, '''U''', '''I''') WHERE name = 'journal_deal_update'"),
    ("triggers", None, True, "DROP VIEW journal_line"),
    ("triggers", None, True, "DROP VIEW tally_deal"),
    ("triggers", None, True, "DROP TRIGGER tally_deal_insert"),
    ("deal-tally", "stage:1", True, "UPDATE deal_tally SET deals = deals + 1 WHERE stage_id = 1"),
    ("deal-tally", "stage:3", True, "UPDATE deal_tally SET rest = 0 WHERE stage_id = 3"),
    ("deal-tally", "stage:99", True, "INSERT INTO deal_tally VALUES (99, 0, '', -1, 1, 0, 0)"),
    ("stay-tally", "stage:1", True, "DELETE FROM stay_tally"),
    ("search-words", None, True, "INSERT INTO search_sheet (words) VALUES (char(10) || 'stray' || char(10))"),
    ("search-words", None, True, "INSERT INTO search_word VALUES ('lost')"),
    ("triggers", None, True, "DROP TRIGGER journal_line_keep"),
    ("triggers", None, True, "DROP VIEW journal_line; CREATE VIEW journal_line AS SELECT 1 AS record"),
    ("triggers", None, True, "UPDATE sqlite_schema SET sql = replace(sql, 'kind', 'row_id') WHERE name = 'journal_line'"),
    ("triggers", None, False, "CREATE VIEW spy AS SELECT * FROM customer"),
    ("triggers", None, False, "CREATE TRIGGER spy AFTER INSERT ON customer BEGIN DELETE FROM customer; END"),
    ("integrity", None, False, "UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'customer'"),
]  # fmt: skip


IDS = [f"{n:03}-{one[0]}" for n, one in enumerate(PLANTED)]


def test_there_are_enough_of_them() -> None:
    from crm_cli.queries.checks.run import INVARIANTS

    assert len(PLANTED) >= 50
    named = {one.name for one in INVARIANTS} | {"foreign-key", "schema", "triggers", "integrity"}
    assert len(named) >= 24
    assert {check for check, *_ in PLANTED} <= named


@pytest.mark.ci
@pytest.mark.parametrize(("check", "ref", "fixable", "statement"), PLANTED, ids=IDS)
def test_a_planted_corruption_is_named(full: Crm, check: str, ref: str | None, fixable: bool, statement: str) -> None:
    plant(full, statement)
    assert (check, ref, fixable) in {(row["check"], row["ref"], row["fixable"]) for row in found(full)}


@pytest.mark.slow
@pytest.mark.parametrize(("check", "ref", "fixable", "statement"), [one for one in PLANTED if one[2]])
def test_each_that_can_be_mended_is_mended(full: Crm, check: str, ref: str, fixable: bool, statement: str) -> None:
    plant(full, statement)
    result = full("check --fix")
    assert result.code == 0, result
    assert f"Mended: {check}" in result.err
    sound(full)


@pytest.mark.ci
def test_many_are_mended_in_one_operation_which_can_be_undone(full: Crm) -> None:
    before = rows(full.db)
    plant(
        full,
        "UPDATE deal SET closed_on = NULL, stage_since_on = '2026-01-01', title_key = 'x' WHERE id = 3",
        "UPDATE deal SET furthest_stage_id = 1, last_touch_on = '2020-01-01' WHERE id = 1",
        "UPDATE customer SET last_contact_on = NULL, cadence_due_on = NULL, name_key = 'x' WHERE id = 1",
        "UPDATE reach SET value_key = 'x' WHERE kind IN ('email', 'phone', 'website')",
        "DELETE FROM stage_change WHERE deal_id = 2 AND to_stage_id = 6",
    )
    spoilt = rows(full.db)
    assert {row["fixable"] for row in found(full)} == {True}
    operations = len(full.rows("history"))
    result = full.ok("check --fix")
    assert result.out == ""
    assert result.err.splitlines()[-1] == "undo: crm undo"
    assert result.err.count("Mended: ") == len(result.err.splitlines()) - 1
    sound(full)
    assert len(full.rows("history")) == operations + 1
    mended = rows(full.db)
    mended["stage_change"], before["stage_change"] = [], []  # the step that was lost is there again, as a new row
    assert mended == before
    full.ok("undo")
    assert rows(full.db) == spoilt
    full.ok("redo")
    sound(full)


def test_what_stops_every_write_is_put_right(full: Crm) -> None:
    plant(
        full, "DROP TRIGGER journal_deal_update", "DROP INDEX deal_title", "UPDATE journal_state SET operation_id = 3"
    )
    assert full("customer add Beta").code == 5
    result = full.ok("check --fix")
    assert result.err == (
        "Mended: schema  index deal_title is missing\n"
        "Mended: triggers  trigger journal_deal_update is missing\n"
        "Mended: journal-open  op:3  An operation was never closed: what other programs change is filed under it\n"
    )
    sound(full)
    full.ok("customer add Beta")
    full.ok("undo")


def test_a_strange_trigger_is_never_taken_away(full: Crm) -> None:
    plant(
        full,
        "CREATE TRIGGER spy AFTER INSERT ON customer BEGIN DELETE FROM customer; END",
        "UPDATE deal SET closed_on = '2026-11-25' WHERE id = 1",
    )
    result = full("check --fix")
    assert result.code == 5
    assert result.err.splitlines()[0] == (
        "Nothing was mended, this comes first: triggers  trigger spy is not of this program"
    )
    assert "deal-open-closed  deal:1" in result.out
    assert full.sql("SELECT count(*) FROM sqlite_schema WHERE name = 'spy'") == [(1,)]


def test_what_has_no_safe_mend_is_left_and_named(full: Crm) -> None:
    plant(
        full,
        "UPDATE deal SET amount = -1, closed_on = '2026-11-25' WHERE id = 1",
        "UPDATE tag SET name_key = name || '2'",
        "INSERT INTO tag (uuid, name, name_key, created_at, updated_at) VALUES"
        " ('019e3f0e-0000-7000-8000-000000000001', 'Key', 'key', '2026-11-25T09:00:00Z', '2026-11-25T09:00:00Z')",
    )
    result = full("check --fix")
    assert result.code == 5
    assert "Mended: deal-open-closed  deal:1" in result.err
    kept = (
        "deal-amount  deal:1  Rollout has an amount that cannot be: -1 minor units. Mend: crm deal edit 1 --amount M\n"
    )
    assert kept in result.out
    assert "tag-key  tag:1  key is looked up as key2, not key" in result.out  # the other one has that key
    assert "tag-double  tag:2" in result.out


def test_a_trial_mends_nothing(full: Crm) -> None:
    plant(full, "UPDATE deal SET closed_on = '2026-11-25' WHERE id = 1")
    before = full.db.read_bytes()
    result = full("check --fix --dry-run")
    assert (result.code, result.err) == (5, "Trial, nothing was kept: 1 thing would be mended\n")
    assert full.db.read_bytes() == before


def test_a_finding_is_one_line_whatever_the_data_are(full: Crm) -> None:
    plant(full, "UPDATE deal SET title = 'a' || char(10) || char(27) || '[2Jb', closed_on = '2026-11-25' WHERE id = 1")
    result = full("check")
    assert result.code == 5
    assert "\x1b" not in result.out
    assert all("Mend: crm " in line for line in result.out.splitlines())
    chinese = full("check --lang zh")
    assert len(chinese.out.splitlines()) == len(result.out.splitlines())
    assert "处理：crm check --fix" in chinese.out


def test_the_keys_of_a_finding(full: Crm) -> None:
    assert full.ok("check --json").out == "[]\n"
    plant(full, "UPDATE deal SET closed_on = '2026-11-25' WHERE id = 1")
    assert found(full) == [
        {
            "check": "deal-open-closed",
            "ref": "deal:1",
            "message": "Rollout is open but has a closed day: 2026-11-25",
            "mend": "crm check --fix",
            "fixable": True,
        }
    ]
    assert full("check --format csv").out.splitlines()[0] == "check,ref,message,mend,fixable"
    assert full("check --format ids").out == "deal:1\n"


def test_nothing_to_check_is_no_fault(crm: Crm) -> None:
    result = crm.ok("check")
    assert result.out == ""
    assert "There is no database yet" in result.err
    assert not crm.db.exists()


def test_another_zone_is_no_finding(acme: Crm) -> None:
    acme.environ["CRM_NOW"] = "2026-11-25T09:00:00Z"
    far = {"CRM_TZ": "Pacific/Kiritimati"}, {"CRM_TZ": "Pacific/Pago_Pago"}
    acme.ok("log call acme --at 2026-11-24@23:30", env=far[0])
    acme.ok("customer edit acme --cadence 30d", env=far[0])
    acme.ok("task add ring --deal rollout", env=far[1])
    acme.ok("task done ring", env=far[1])
    for zone in ({"CRM_TZ": "UTC"}, *far):
        assert acme.ok("check", env=zone).out == ""


def test_a_number_read_in_another_country_is_no_finding(acme: Crm) -> None:
    acme.ok("customer add Bei --phone '030 901820'", env={"CRM_COUNTRY": "DE"})
    acme.ok("customer add Jing --phone 13800138000", env={"CRM_COUNTRY": "CN"})
    for country in ("", "DE", "CN", "US"):
        assert acme.ok("check", env={"CRM_COUNTRY": country}).out == ""


def test_pages_that_are_damaged_are_said_in_few_words(full: Crm) -> None:
    with open(full.db, "r+b") as file:
        file.seek(8 * 4096)
        file.write(b"\xff" * 4096 * 4)
    result = full("check")
    assert result.code == 5
    assert "integrity  SQLite says: " in result.out
    assert "Mend: crm backup restore latest" in result.out
    assert full("check --fix").code == 5


def test_an_index_that_does_not_fit_its_table_is_built_anew(full: Crm) -> None:
    partial = "CREATE INDEX deal_title ON deal (title_key) WHERE removed_at IS NULL"
    plant(full, f"UPDATE sqlite_schema SET sql = '{partial} AND id < 0' WHERE name = 'deal_title'")
    plant(full, "UPDATE deal SET title_key = 'other' WHERE id = 1")
    plant(full, f"UPDATE sqlite_schema SET sql = '{partial}' WHERE name = 'deal_title'")
    assert ("integrity", True) in {(row["check"], row["fixable"]) for row in found(full)}
    full.ok("check --fix")
    sound(full)


@pytest.mark.ci
def test_imports_and_the_demo_are_sound(acme: Crm) -> None:
    (acme.folder / "deals.csv").write_text(
        "title,customer,stage,amount,currency,lost_reason,closed_on\nA,Acme GmbH,lost,100,EUR,,2026-05-01\n"
        "B,Acme GmbH,won,100,EUR,price,2026-05-01\nC,Acme GmbH,proposal,100,EUR,price,\n"
        "Acme rollout,Acme GmbH,lost,1,EUR,,\n"
    )
    acme.ok(f"import {acme.folder}/deals.csv --as deals --on-duplicate update")
    sound(acme, "deals")
    assert [row["lost_reason"] for row in acme.rows("deal list --all --sort id")] == [None] * 4
    acme.ok("stage add finished --kind won")
    acme.ok("stage remove won --move-to finished")
    sound(acme, "closed deals moved along")
    acme.ok("deal reopen 1")
    acme.ok("deal move 1 negotiation")
    acme.ok("stage edit lead --after negotiation")
    sound(acme, "stages in another order")
    acme.ok("undo 3")
    sound(acme, "and back")
    demo = Crm(acme.folder)
    place = str(acme.folder / "demo.db")
    demo.ok("demo", "--db", place)
    assert demo.ok("check", "--db", place).out == ""


@pytest.mark.parametrize(
    ("header", "row"),
    [("text,customer,done_at", "A,Acme GmbH,2027-01-01"), ("name,birthday", "Zed,2030-01-01")],
)
def test_an_import_takes_nothing_that_has_not_come_yet(acme: Crm, header: str, row: str) -> None:
    kind = "tasks" if header.startswith("text") else "customers"
    result = acme("import", "-", "--as", kind, stdin=f"{header}\n{row}\n")
    assert result.code == 65
    assert "has not come yet" in result.out + result.err


@pytest.mark.slow
def test_a_database_full_of_every_commands_work_is_sound_after_each_step(acme: Crm) -> None:
    walk(acme, every=1)


@pytest.mark.ci
def test_a_database_full_of_every_commands_work_is_sound(acme: Crm) -> None:
    walk(acme, every=10)


def walk(acme: Crm, *, every: int) -> None:
    """All that can be written, taken back and done again; looked at after every so many steps."""
    acme.environ["CRM_USER"] = "root"
    acme.ok("member add root")
    (acme.folder / "leads.csv").write_text(LEADS)
    for n, line in enumerate(WRITES):
        acme.ok(line.replace("leads.csv", str(acme.folder / "leads.csv")))
        if n % every == 0:
            sound(acme, line)
    sound(acme, "all of it")
    done = len(acme.rows("history --mine")) - 1
    steps = [f"undo {done}", "redo"] if every > 1 else ["undo"] * done + ["redo"] * done
    for n, verb in enumerate(steps):
        acme.ok(verb)
        sound(acme, f"{n}: {verb}")


def test_what_is_left_after_an_erasure_and_a_purge_is_sound(full: Crm) -> None:
    later = full.at("2028-01-01T09:00:00")
    for crm, line in (
        (full, "privacy erase jane --yes"),
        (full, "privacy erase customer:2 --yes"),
        (later, "purge --older-than 60d --yes"),
        (later, "purge --history --older-than 1y --yes"),
    ):
        crm.ok(line)
        sound(crm, line)


# ------------------------------------------------------------------ where it lives


def test_the_keys_of_the_environment(full: Crm) -> None:
    from crm_cli.store.environment import KEYS

    row = full.ok("check --env --json").json
    assert list(row) == list(KEYS)
    assert row["database"] == str(full.db)
    assert (row["exists"], row["journal_mode"], row["synchronous"], row["mode"]) == (True, "delete", "full", "0600")
    assert row["size"] == row["pages"] * row["page_size"] == full.db.stat().st_size
    assert row["private"] is True
    assert row["warnings"] == []
    assert full.ok("check --env --format csv").out.splitlines()[0] == "key,value"
    assert full.ok("check --env").out.splitlines()[0].split()[0] == "crm"


def test_the_environment_says_nothing_of_what_is_kept(full: Crm) -> None:
    told = full.ok("check --env", env={"CRM_SECRET": "hunter2", "PGPASSWORD": "hunter2"}).out
    assert "hunter2" not in told
    assert "Acme" not in told


def test_a_file_that_others_may_read_is_warned_of(full: Crm) -> None:
    full.folder.chmod(0o755)
    full.db.chmod(0o644)
    result = full.ok("check --env --json")
    assert result.json["warnings"] == ["readable"]
    assert "may be read by other users of this machine" in result.err


def test_backups_are_counted(full: Crm) -> None:
    full.ok("backup make")
    row = full.ok("check --env --json").json
    assert row["backups"] == 1
    assert Path(row["backup_last"]).parent.name == "backups"


@pytest.mark.process
@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="the system does not tell")
def test_who_has_it_open_is_named(full: Crm) -> None:
    code = f"import sys; f = open({str(full.db)!r}); print('open', flush=True); sys.stdin.read()"
    other = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None
    other.stdout.readline()
    try:
        told = full.ok("check --env --json").json["open_in"]
    finally:
        other.communicate()
    assert any(line.startswith(f"{other.pid} ") for line in told)


def test_env_and_fix_do_not_go_together(crm: Crm) -> None:
    assert crm("check --env --fix").code == 2
