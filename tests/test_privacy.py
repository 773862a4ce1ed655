"""crm privacy: handed out whole, erased to the last byte, agreed to, and not brought back by an old file."""

import json
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import FAST, Crm

from crm_cli.store import fulltext

JANE = ("zyxjane", "canaryname", "7654321", "zyxhandle99", "secret-title", "zyxnote")


@pytest.fixture(scope="session")
def jane_database(acme_database: Path) -> Iterator[Path]:
    """Acme with a person whose strings stand wherever a string can stand."""
    with tempfile.TemporaryDirectory(prefix="crm-", dir=FAST, ignore_cleanup_errors=True) as folder:
        crm = Crm(Path(folder))
        shutil.copy2(acme_database, crm.db)
        crm.ok(
            'contact add "Zyxjane Canaryname" --customer acme --title secret-title --email zyxjane@acme.example'
            ' --phone "+49 170 7654321" --note zyxnote --tag vip --set shoe=zyxnote'
        )
        crm.ok("deal edit rollout --contact zyxjane:user")
        crm.ok('log call zyxjane "Zyxjane asks; write to ZYXJANE@acme.example\nzyxjane canaryname" --deal rollout')
        crm.ok("contact edit zyxjane --messenger zyxhandle99 --phone 0170/7654321 --birthday 1980-02-29")
        crm.ok('customer edit acme --note "ask\nZyxjane  Canaryname first" --set "contact=Zyxjane Canaryname"')
        crm.ok("customer edit acme --note better")
        crm.ok('task add "ring ZYXJANE CANARYNAME on +49 (170) 765-4321" --customer acme --due fri')
        crm.ok('contact edit zyxjane --name "Zyxjane O\'Canaryname" --drop email=zyxjane@acme.example')
        crm.ok("contact edit zyxjane --email zyxjane@home.example --drop tag=vip")
        crm.ok("privacy consent zyxjane --channel email --basis consent --source form")
        crm.ok('log email acme to Bob about "Zyxjane O\'Canaryname"')
        yield crm.db


@pytest.fixture
def jane(crm: Crm, jane_database: Path) -> Crm:
    shutil.copy2(jane_database, crm.db)
    return crm


def left(folder: Path, *words: str) -> list[str]:
    """Files of a folder that hold one of the words, in any case."""
    pattern = re.compile("|".join(map(re.escape, words)).encode(), re.IGNORECASE)
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and pattern.search(path.read_bytes())
    ]


def test_nothing_of_a_person_is_left_in_any_file(jane: Crm) -> None:
    jane.ok("backup make")
    assert len(left(jane.folder, *JANE)) == 2
    before = {path.name: path.stat() for path in (jane.folder / "backups").iterdir()}
    jane.ok("privacy erase zyxjane --yes --backups --everywhere")
    assert left(jane.folder, *JANE) == []
    after = {path.name: path.stat() for path in (jane.folder / "backups").iterdir()}
    assert {name: stat.st_mode for name, stat in before.items()} == {name: stat.st_mode for name, stat in after.items()}
    assert jane.rows("contact list id:2") == []
    assert [row["name"] for row in jane.rows("customer list")] == ["Acme GmbH"]
    assert jane.rows("deal list")[0]["contacts"] == []


def test_an_older_copy_is_rewritten_and_still_restores(jane: Crm) -> None:
    jane.ok("backup make")
    jane.ok("privacy erase zyxjane --yes --backups --everywhere")
    jane.ok("backup restore latest --yes")
    assert [row["name"] for row in jane.rows("contact list")] == ["Jane Doe"]
    assert [row["text"] for row in jane.rows("task list")] == ["ring [erased] on [erased]"]
    assert left(jane.folder, *JANE) == []


def test_the_index_of_an_older_copy_forgets_too(jane: Crm) -> None:
    with closing(sqlite3.connect(jane.db, isolation_level=None)) as db:
        fulltext.bring_in(db, 10_000)
        assert db.execute("SELECT 1 FROM search_word WHERE word = 'zyxjane'").fetchone()
    jane.ok("backup make")
    for copy in (jane.folder / "backups").iterdir():
        with closing(sqlite3.connect(copy, isolation_level=None)) as db:
            db.executescript("DROP TABLE search_sheet; PRAGMA user_version=5; VACUUM")
    assert len(left(jane.folder, *JANE)) > 1
    jane.ok("privacy erase zyxjane --yes --backups --everywhere")
    assert left(jane.folder, *JANE) == []


def test_what_others_wrote_is_named_and_stays_unless_everywhere(jane: Crm) -> None:
    answer = jane.ok("privacy erase zyxjane --yes --json").json
    assert answer["refs"] == ["contact:2"]
    assert {(row["ref"], row["field"]) for row in answer["texts"]} == {
        ("customer:1", "custom"), ("task:1", "text"), ("interaction:2", "text")
    }  # fmt: skip
    assert answer["erased"]["contacts"] == 1
    assert answer["wiped"] == 1
    assert jane.rows("task list")[0]["text"] == "ring ZYXJANE CANARYNAME on +49 (170) 765-4321"
    talk = jane.rows("interaction show 1")
    assert talk["text"] == "[erased] asks; write to [erased]\n[erased]"
    assert talk["contacts"] == []
    images = jane.sql("SELECT before FROM journal WHERE before IS NOT NULL")
    assert not any("zyxjane" in image.lower() for (image,) in images)
    assert not any("zyxjane" in row["command"].lower() for row in jane.rows("history"))


def test_it_is_asked_and_said_what_goes(jane: Crm) -> None:
    before = jane.db.read_bytes()
    refused = jane("privacy erase zyxjane")
    assert refused.code == 2
    assert refused.err == (
        "crm: contact:2 Zyxjane O'Canaryname goes for good, with 4 ways to reach them, 1 consent, and out of the history."
        " Nothing brings that back. Go on? Nobody is here to ask\n"
        "Add --yes to go on; --dry-run shows what would change.\n"
    )
    trial = jane.ok("privacy erase zyxjane --dry-run")
    assert trial.err.startswith(
        "Trial, nothing was kept: Erased for good: contact:2 (1 contact, 4 ways to reach them, 1 "
    )
    assert "customer:1 custom" in trial.err
    assert jane.db.read_bytes() == before


def test_an_erase_is_one_line_and_stops_undo(jane: Crm) -> None:
    number = jane.rows("history --limit 1")[0]["op"]
    jane.ok("privacy erase zyxjane --yes")
    newest = jane.rows("history --limit 1")[0]
    assert (newest["op"], newest["command"]) == (number + 1, "crm privacy erase contact:2")
    refused = jane("undo")
    assert refused.code == 4
    assert refused.err.startswith(f"crm: op:{number + 1} cannot be undone: what it changed was erased for good\n")
    added = next(row["op"] for row in jane.rows("history") if row["command"] == "crm contact add [erased]")
    assert jane(f"undo op:{added}").code == 4
    jane.ok("customer add Beta")
    jane.ok("undo")
    assert [row["name"] for row in jane.rows("customer list")] == ["Acme GmbH"]


def test_a_customer_goes_with_all_that_hangs_on_it(jane: Crm) -> None:
    jane.ok('customer add "Beta AG" --referred-by acme --parent acme')
    jane.ok("log call beta about Acme GmbH")
    jane.ok("snooze deal:1 2026-12-20")
    answer = jane.ok("privacy erase acme --yes --json").json
    counts = {key: n for key, n in answer["erased"].items() if n}
    assert counts == {
        "customers": 1, "contacts": 2, "deals": 1, "tasks": 1, "interactions": 2, "reaches": 7, "tags": 1, "consents": 1,
        "stage_changes": 1, "snoozes": 1, "deal_contacts": 1, "interaction_contacts": 1,
    }  # fmt: skip
    assert [(row["ref"], row["field"]) for row in answer["texts"]] == [("interaction:3", "text")]
    beta = jane.rows("customer list")[0]
    assert (beta["name"], beta["parent"], beta["referred_by"]) == ("Beta AG", None, None)
    assert jane.sql("PRAGMA foreign_key_check") == []
    tables = ("contact", "deal", "task", "reach", "tagging", "consent", "stage_change", "deal_contact", "snooze")
    assert [jane.sql(f"SELECT count(*) FROM {table}")[0][0] for table in tables] == [0] * len(tables)
    assert left(jane.folder, *JANE) == []


def test_what_somebody_shares_with_another_stays(acme: Crm) -> None:
    acme.ok('customer edit acme --phone "+49 30 999999"')
    acme.ok('contact add "Max Muster" --customer acme --phone "+49 30 999999" --email max@acme.example')
    acme.ok('customer add "Max Muster" --kind person')
    acme.ok("privacy erase contact:2 --yes --everywhere")
    assert acme.rows("customer list")[0]["phone"] == "+49 30 999999"
    assert [row["name"] for row in acme.rows("customer list")] == ["Acme GmbH", "Max Muster"]
    commands = [row["command"] for row in acme.rows("history")]
    assert "crm customer add 'Max Muster' --kind person" in commands
    assert "crm customer edit acme --phone '+49 30 999999'" in commands
    report = acme("import", "-", "--as", "customers", "--json", stdin="name,phone\nAcme GmbH,+49 30 999999\n").json
    assert report["skipped"] == 0


def test_whom_an_undo_took_away_is_found_in_the_history(acme: Crm) -> None:
    path = acme.folder / "people.csv"
    path.write_text(
        "name,customer,email,note\nZyxgone Canary,Acme GmbH,zyx@gone.example,zyxremark\nBo Berg,Acme GmbH,bo@b.example,\n"
    )
    acme.ok(f"import {path} --as contacts")
    acme.ok("undo")
    path.unlink()
    assert left(acme.folder, "zyxgone", "zyx@gone") == ["crm.db"]
    acme.ok('privacy erase "zyxgone canary" --yes')
    assert left(acme.folder, "zyxgone", "zyx@gone", "zyxremark") == []
    acme.ok("contact add Zyxagain --customer acme --email zyxagain@x.example")
    acme.ok("undo")
    acme.ok("privacy erase zyxagain@x.example --yes")
    assert left(acme.folder, "zyxagain") == []
    assert acme("privacy erase zyxnever --yes").code == 3


def test_copies_are_named_and_can_be_rewritten_later(jane: Crm) -> None:
    jane.ok("backup make")
    name = next((jane.folder / "backups").iterdir()).name
    result = jane.ok("privacy erase zyxjane --yes --everywhere")
    assert f"1 copy still holds them: {name}. To rewrite it: crm privacy erase contact:2 --backups\n" in result.err
    assert left(jane.folder, *JANE) == [f"backups/{name}"]
    assert jane("privacy erase contact:2 --yes").code == 3
    assert "1 copy was rewritten" in jane.ok("privacy erase contact:2 --yes --backups").err
    assert left(jane.folder, *JANE) == []


def test_a_copy_of_the_first_schema_is_rewritten_too(jane: Crm) -> None:
    jane.ok("backup make")
    copy = next((jane.folder / "backups").iterdir())
    connection = sqlite3.connect(copy)
    for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    for table in ("operation", "journal", "journal_state", "journal_mark", "consent", "tombstone", "tombstone_key"):
        connection.execute(f"DROP TABLE {table}")
    connection.execute("PRAGMA user_version=1")
    connection.commit()
    connection.execute("VACUUM")
    connection.close()
    jane.ok("privacy erase zyxjane --yes --backups --everywhere")
    assert left(jane.folder, *JANE) == []
    assert sqlite3.connect(copy).execute("PRAGMA user_version").fetchone() == (1,)


# ------------------------------------------------------------------ not brought back


def test_an_old_file_does_not_bring_anybody_back(jane: Crm) -> None:
    jane.ok("privacy erase zyxjane --yes")
    people = (
        "name,customer,email,phone\n"
        "Zyxjane Canaryname,Acme GmbH,,\n"
        "Z. C.,Acme GmbH,ZyxJane@home.example,\n"
        "Other,Acme GmbH,,+491707654321\n"
        "New One,Acme GmbH,new@acme.example,\n"
    )
    report = jane("import", "-", "--as", "contacts", "--json", stdin=people)
    assert report.code == 0
    assert (report.json["added"], report.json["skipped"], report.json["failed"]) == (1, 3, 0)
    assert [(row["line"], row["reason"]) for row in report.json["errors"]] == [
        (line, "This person was erased for privacy and stays away.") for line in (2, 3, 4)
    ]
    assert {row["name"] for row in jane.rows("contact list")} == {"Jane Doe", "New One"}


def test_nor_beside_a_customer(jane: Crm) -> None:
    jane.ok("privacy erase zyxjane --yes")
    firms = (
        "company,city,contact,contact email,contact phone\n"
        "Acme GmbH,Bonn,Zyxjane Canaryname,,\n"
        "Acme GmbH,Bonn,Zed,zyxjane@home.example,\n"
        "Gamma,Bern,Gil,gil@gamma.example,\n"
    )
    report = jane("import", "-", "--as", "customers", "--json", stdin=firms).json
    assert {row["name"] for row in jane.rows("contact list")} == {"Jane Doe", "Gil"}
    assert [row["line"] for row in report["errors"]] == [2, 3]
    firms = "company,city,phone,email\nAcme GmbH,Ulm,+49 30 1234567,zyxjane@home.example\n"
    jane.ok("import", "-", "--as", "customers", stdin=firms)
    known = jane.rows("customer list acme")[0]
    assert (known["city"], [one["value"] for one in known["emails"]]) == ("Ulm", ["sales@acme.example"])


def test_nor_is_added_by_hand_without_a_word(jane: Crm) -> None:
    jane.ok("privacy erase zyxjane --yes")
    line = "contact add Zed --customer acme --email zyxjane@home.example"
    refused = jane(line)
    assert refused.code == 4
    assert refused.err == (
        "crm: Zed was erased for privacy on 2026-11-25\nIf they came back by themselves: --duplicate\n"
    )
    assert jane('contact add "zyxjane canaryname" --customer acme').code == 4
    jane.ok(f"{line} --duplicate")
    update = "name,customer,email,title\nZed,Acme GmbH,zyxjane@home.example,CEO\n"
    assert jane("import", "-", "--as", "contacts", "--json", stdin=update).json["updated"] == 1


def test_the_marks_say_nothing_without_their_key(jane: Crm) -> None:
    jane.ok("privacy erase zyxjane --yes")
    marks = jane.sql("SELECT mark FROM tombstone")
    assert len(marks) == 6
    assert all(re.fullmatch("[0-9a-f]{64}", mark) for (mark,) in marks)
    assert len(jane.sql("SELECT secret FROM tombstone_key")[0][0]) == 64


# ------------------------------------------------------------------ handed out


def test_everything_about_a_person_is_handed_out(jane: Crm) -> None:
    whole = json.loads(jane.ok("privacy export zyxjane").out)
    assert whole["contact"]["note"] == "zyxnote"
    assert [row["title"] for row in whole["deals"]] == ["Acme rollout"]
    assert len(whole["interactions"]) == 1
    assert whole["consents"][0]["source"] == "form"
    changes = {(row["ref"], row["change"], row["field"], row["old"]) for row in whole["history"]}
    assert ("contact:2", "changed", "name", "Zyxjane Canaryname") in changes
    assert ("contact:2", "changed", "email", "zyxjane@acme.example") in changes
    jane.ok("customer remove acme --yes")
    gone = json.loads(jane.ok("privacy export acme").out)
    assert gone["customer"]["removed"] is True
    assert len(gone["contacts"]) == 2
    assert len(gone["tasks"]) == 1


# ------------------------------------------------------------------ agreed to


def test_consent_is_kept_with_ground_source_and_day(acme: Crm) -> None:
    acme.ok("privacy consent jane --channel 邮件 --basis 同意 --source form --on 2026-11-20")
    acme.ok("privacy consent jane --channel call --channel sms --basis contract --source order")
    acme.ok("privacy consent jane --channel email --withdraw")
    rows = acme.rows("privacy consent jane")
    told = [(row["channel"], row["status"], row["basis"], row["source"], row["on"], row["in_force"]) for row in rows]
    assert told == [
        ("call", "given", "contract", "order", "2026-11-25", True),
        ("email", "withdrawn", None, None, "2026-11-25", True),
        ("email", "given", "consent", "form", "2026-11-20", False),
        ("sms", "given", "contract", "order", "2026-11-25", True),
    ]
    assert acme.rows("show jane")["consents"] == rows
    acme.ok("undo 2")
    assert [row["channel"] for row in acme.rows("privacy consent jane")] == ["email"]
    assert (
        "Nothing to change"
        in acme.ok("privacy consent jane --channel email --basis consent --source form --on 2026-11-20").err
    )


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("privacy consent jane --channel email --basis consent", 2, "--source is missing"),
        ("privacy consent jane --channel email --source form", 2, "--basis is missing"),
        ("privacy consent jane --basis consent --source form", 2, "--channel is missing"),
        ("privacy consent jane --channel emial --basis consent --source form", 3, "Did you mean email?"),
        ("privacy consent jane --channel email --basis consnt --source form", 2, "Did you mean consent?"),
        ("privacy consent jane --channel email --basis consent --source form --on +3d", 2, "has not come yet"),
        ("privacy consent jane --channel email --basis consent --withdraw", 2, "no legal basis"),
        ("privacy consent nobody --channel email --withdraw", 3, "nobody"),
        ("privacy export jane --format csv", 2, "no format of this command"),
        ("privacy retention", 2, "--older-than is missing"),
    ],
)
def test_what_cannot_be_meant_is_refused(acme: Crm, line: str, code: int, said: str) -> None:
    result = acme(line)
    assert result.code == code
    assert said in result.err


def test_a_list_for_sending_has_only_who_agreed(acme: Crm) -> None:
    for name in ("Ada", "Bea", "Cleo", "Dora"):
        acme.ok(f"contact add {name} --customer acme --email {name.lower()}@x.example")
    acme.ok("contact add Eve --customer acme")
    acme.ok("contact add Fay --customer acme --email ada@x.example --duplicate")
    for name in ("ada", "bea", "cleo", "eve"):
        acme.ok(f"privacy consent {name} --channel email --basis consent --source form")
    acme.ok("privacy consent bea --channel email --withdraw")
    assert acme.ok("export contacts --for email --columns name").out.split() == ["name", "Ada", "Cleo"]
    acme.ok("privacy consent fay --channel email --withdraw")  # the same address
    assert acme.ok("export contacts --for 邮件 --columns name").out.split() == ["name", "Cleo"]
    assert acme.ok("export contacts name:ada --for email --columns name").out.split() == ["name"]
    assert acme("export deals --for email").code == 2


# ------------------------------------------------------------------ kept for too long


def test_whom_nothing_has_been_going_on_with_is_listed_and_erased(acme: Crm) -> None:
    old = acme.at("2020-01-10T09:00:00")
    old.ok("customer add Oldcanary --email old@canary.example")
    old.ok("log call oldcanary hello")
    old.ok("customer add Owing")
    old.ok("task add 'still open' --customer owing --due 2020-02-01")
    old.ok("contact add 'Past Person' --customer acme")
    old.ok("log call 'Past Person' hello")
    old.ok("contact add 'Quiet Person' --customer acme")
    trial = acme.rows("privacy retention --older-than 3y --dry-run")
    assert [(row["ref"], row["last_on"]) for row in trial] == [
        ("customer:2", "2020-01-10"),
        ("contact:2", "2020-01-10"),
    ]
    refused = acme("privacy retention --older-than 3y")
    assert refused.code == 2
    assert "2 records go for good" in refused.err
    answer = acme.ok("privacy retention --older-than 3y --yes --json").json
    assert answer["refs"] == ["customer:2", "contact:2"]
    assert left(acme.folder, "oldcanary", "canary.example", "past person") == []
    assert {row["name"] for row in acme.rows("customer list")} == {"Acme GmbH", "Owing"}
    assert acme.rows("privacy retention --older-than 3y --yes") == []


# ------------------------------------------------------------------ at a terminal


@pytest.mark.process
def test_somebody_is_asked_before_and_offered_the_copies(acme: Crm, at: Any) -> None:
    acme.ok("backup make")
    asked = at("privacy", "erase", "jane")
    asked.expect("contact:1 Jane Doe goes for good")
    asked.type("n")
    asked.expect("Stopped; nothing was changed")
    assert asked.end() == 130
    assert [row["name"] for row in acme.rows("contact list")] == ["Jane Doe"]
    asked = at("privacy", "erase", "jane")
    asked.expect("Go on?")
    asked.type("y")
    asked.expect("1 copy still holds them. Rewrite it?")
    asked.type("y")
    asked.expect("1 copy was rewritten")
    assert asked.end() == 0
    assert left(acme.folder, "jane doe", "jane@acme") == []
