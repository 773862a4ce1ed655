"""crm purge: the recycle bin emptied and old history cut off, for good; and what remove and restore keep apart."""

import sqlite3

import pytest
from conftest import Crm
from test_undo import rows


@pytest.fixture
def bin(acme: Crm) -> Crm:
    """Acme removed in September, with what hung on it; a task removed just now."""
    acme.ok("customer add Beta")
    acme.ok("task add 'old task' --customer beta")
    acme.ok("task add 'new task' --customer beta")
    autumn = acme.at("2026-09-01T09:00:00")
    autumn.ok("log call acme hello --deal rollout")
    autumn.ok("customer remove acme --yes")
    autumn.ok("task remove 'old task'")
    acme.ok("task remove 'new task'")
    return acme


def test_the_bin_is_emptied_of_what_is_old(bin: Crm) -> None:
    refused = bin("purge --older-than 60d")
    assert refused.code == 2
    assert refused.err == (
        "crm: 1 customer, 1 contact, 1 deal, 1 task, 1 interaction, 3 ways to reach them, 1 tag go for good: neither"
        " restore nor undo brings them back. Go on? Nobody is here to ask\n"
        "Add --yes to go on; --dry-run shows what would change.\n"
    )
    before = bin.db.read_bytes()
    assert bin.ok("purge --older-than 60d --dry-run").err.startswith(
        "Trial, nothing was kept: Gone for good: 1 customer,"
    )
    assert bin.db.read_bytes() == before
    answer = bin.ok("purge --older-than 60d --yes --json").json
    assert answer["purged"]["customers"] == 1
    assert [row["text"] for row in bin.rows("task list --removed")] == ["new task"]
    assert bin.rows("customer list --removed") == []
    assert bin("customer restore acme").code == 3
    assert bin.sql("PRAGMA foreign_key_check") == []
    assert [bin.sql(f"SELECT count(*) FROM {table}")[0][0] for table in ("contact", "deal", "reach", "tagging")] == [
        0
    ] * 4
    newest = bin.rows("history --limit 1")[0]
    assert newest["command"] == "crm purge --older-than 60d --yes --json"
    assert newest["op"] == answer["op"]
    assert bin.sql("SELECT count(*) FROM journal WHERE record = 'contact'") == [(0,)]


def test_what_went_can_no_longer_be_undone_and_the_rest_can(bin: Crm) -> None:
    remove = next(row["op"] for row in bin.rows("history") if row["command"] == "crm customer remove acme --yes")
    kept = next(row["op"] for row in bin.rows("history") if row["command"] == "crm task remove 'new task'")
    bin.ok("purge --older-than 60d --yes")
    for line in (f"undo op:{remove}", "undo"):
        refused = bin(line)
        assert refused.code == 4
        assert "what it changed was erased for good" in refused.err
    bin.ok(f"undo op:{kept}")
    assert [row["text"] for row in bin.rows("task list")] == ["new task"]


def test_nothing_old_is_nothing_done(acme: Crm) -> None:
    before = acme.db.read_bytes()
    assert acme.ok("purge --older-than 60d --yes").err == "Nothing is that old\n"
    assert acme.ok("purge --history --older-than 1y --yes").err == "Nothing is that old\n"
    assert acme.db.read_bytes() == before
    assert acme("purge").code == 2
    assert acme("purge --older-than soon").code == 2


def _backdate(crm: Crm) -> None:
    """What was done so far was done long ago."""
    connection = sqlite3.connect(crm.db)
    connection.execute("UPDATE operation SET at = '2024-04-01T00:00:00Z'")
    connection.commit()
    connection.close()


def test_old_history_is_cut_off(acme: Crm) -> None:
    old = acme.at("2024-05-01T09:00:00")
    _backdate(acme)
    for n in range(5):
        old.ok(f"customer edit acme --city Town-{n}")
    acme.ok("undo")  # one old change, taken back today
    acme.ok("customer edit acme --region North")
    before = rows(acme.db)
    answer = acme.ok("purge --history --older-than 1y --yes --json").json
    assert answer["operations"] == 8
    assert rows(acme.db) == before
    told = [row["command"] for row in acme.rows("history")]
    assert told == [
        "crm purge --history --older-than 1y --yes --json",
        "crm customer edit acme --region North",
        "crm undo",
    ]
    assert acme("undo").code == 4
    edit = acme.rows("history")[1]["op"]
    acme.ok(f"undo op:{edit}")
    assert acme.rows("customer list")[0]["city"] == "Town-3"
    redo = acme("redo")  # brings back the edit of the region, and then nothing behind the cut
    assert redo.code == 0
    assert acme.sql("PRAGMA foreign_key_check") == []
    assert acme.sql("SELECT count(*) FROM journal WHERE operation_id NOT IN (SELECT id FROM operation)") == [(0,)]


def test_a_redo_does_not_reach_behind_the_cut(acme: Crm) -> None:
    _backdate(acme)
    acme.at("2024-05-01T09:00:00").ok("customer edit acme --city Bonn")
    acme.ok("undo")
    acme.ok("purge --history --older-than 1y --yes", env={"CRM_USER": "other"})
    refused = acme("redo")
    assert refused.code == 4
    assert "what it changed was erased for good" in refused.err


def test_the_file_is_written_anew_on_demand(acme: Crm) -> None:
    path = acme.folder / "many.csv"
    path.write_text("name,city,note\n" + "".join(f"Firm {n},Bonn,{'long ' * 400}\n" for n in range(200)))
    acme.ok(f"import {path} --as customers")
    acme.ok("customer remove city:bonn --yes", env={"CRM_NOW": "2026-01-01T09:00:00"})
    size = acme.db.stat().st_size
    answer = acme.ok("purge --older-than 60d --yes --json").json
    assert answer["purged"]["customers"] == 200
    assert answer["bytes_before"] == size
    assert acme.db.stat().st_size == answer["bytes_after"] < size * 0.7
    assert b"Firm 199" not in acme.db.read_bytes()
    assert acme.ok("purge --vacuum").err.startswith("The file has ")


def test_two_removals_of_one_second_are_two_strokes(acme: Crm) -> None:
    acme.ok("contact remove jane")
    acme.ok("customer remove acme --yes")
    acme.ok("customer restore acme")
    assert acme.rows("contact list") == []
    acme.ok("contact restore jane")
    assert [row["name"] for row in acme.rows("contact list")] == ["Jane Doe"]


def test_what_was_removed_is_not_named_by_what_stays(acme: Crm) -> None:
    acme.ok("customer add Beta --parent acme --referred-by acme")
    acme.ok("log call acme hello --deal rollout")
    acme.ok("deal remove rollout")
    assert acme.rows("interaction list")[0]["deal"] is None
    acme.ok("deal restore rollout")
    assert acme.rows("interaction list")[0]["deal"] == "Acme rollout"
    acme.ok("customer remove acme --yes")
    assert [acme.rows("customer list")[0][key] for key in ("parent", "referred_by")] == [None, None]
    assert acme.rows("interaction list --removed")[0]["deal"] == "Acme rollout"
