"""crm customer merge and crm contact merge: nothing that hangs on either is lost, and all of it can be taken back."""

from typing import Any

import pytest
from conftest import Crm
from test_undo import rows

pytestmark = pytest.mark.ci


@pytest.fixture
def two(acme: Crm) -> Crm:
    """Acme and the same firm once more, with something of everything on the second one."""
    acme.ok(
        'customer add "ACME Inc." --email SALES@acme.example --email "work:info@acme.example" --phone "work:+49 30 1234567"'
        ' --website acme.example --city Bonn --region EMEA --tag key --tag new --set colour=red --note "from the fair"'
        " --cadence 30d --duplicate"
    )
    acme.ok('contact add "Jim Beam" --customer 2 --email jim@acme.example')
    acme.ok('deal add "Second plan" --customer 2 --amount 5k --currency EUR --contact jim')
    acme.ok('log call 2 "said hello" --contact jim --at 2026-11-20')
    acme.ok('task add "ring them" --customer 2 --due 2026-11-30')
    acme.ok("customer add Daughter --parent 2")
    acme.ok("customer add Friend --referred-by 2")
    acme.ok("snooze customer:2 2026-12-24")
    return acme


def test_everything_moves_and_what_is_empty_is_filled(two: Crm) -> None:
    before = rows(two.db)
    done = two.ok("customer merge 1 2")
    assert done.out == ""
    assert done.err == (
        "Merged customer:2 ACME Inc. into customer:1: Acme GmbH; undo: crm undo\nNot kept of customer:2: region EMEA\n"
    )
    (acme,) = two.rows("customer list acme")
    assert (acme["name"], acme["city"], acme["region"]) == ("Acme GmbH", "Bonn", "DACH")
    assert [(row["value"], row["label"]) for row in acme["emails"]] == [
        ("sales@acme.example", None), ("info@acme.example", "work"),
    ]  # fmt: skip
    assert [(row["value"], row["label"]) for row in acme["phones"]] == [("+49 30 1234567", "work")]
    assert (acme["tags"], acme["custom"], acme["note"]) == (["key", "new"], {"colour": "red"}, "from the fair")
    assert (acme["last_contact_on"], acme["cadence_days"], acme["website"]) == ("2026-11-20", 30, "acme.example")
    assert [row["name"] for row in two.rows("contact list customer:acme --sort id")] == ["Jane Doe", "Jim Beam"]
    assert [row["title"] for row in two.rows("deal list --sort id")] == ["Acme rollout", "Second plan"]
    assert [row["customer"] for row in two.rows("task list")] == ["Acme GmbH"]
    assert [row["customer"] for row in two.rows("interaction list")] == ["Acme GmbH"]
    assert [row["parent"] for row in two.rows("customer list daughter")] == ["Acme GmbH"]
    assert [row["referred_by"] for row in two.rows("customer list friend")] == ["Acme GmbH"]
    assert two.sql("SELECT customer_id, until_on FROM snooze") == [(1, "2026-12-24")]
    assert two.sql("PRAGMA foreign_key_check") == []
    assert two.ok("check").out == ""
    two.ok("undo")
    assert rows(two.db) == before
    two.ok("redo")
    assert [row["id"] for row in two.rows("customer list acme")] == [1]
    assert two.ok("check").out == ""


def test_a_value_of_the_other_one_can_be_taken(two: Crm) -> None:
    answer = two.rows("customer merge 1 2 --take region=2 --take name=2")
    assert (answer["name"], answer["region"], answer["merged"]) == ("ACME Inc.", "EMEA", [2])
    assert answer["not_kept"] == [
        {"field": "name", "value": "Acme GmbH", "id": 1},
        {"field": "region", "value": "DACH", "id": 1},
    ]
    assert [row["id"] for row in two.rows("customer list name:acme")] == [1]
    for line, code, said in (
        ("customer merge 1 3 --take city", 2, "does not say what to take from whom"),
        ("customer merge 1 3 --take emails=3", 2, "emails cannot be taken"),
        ("customer merge 1 3 --take city=4", 3, "4 is none of those that go: 3"),
        ("customer merge 1 1", 2, "customer:1 cannot be merged with itself"),
        ("customer merge 1 tag:key", 2, "A query and references do not go together"),
        ("customer merge id:1 tag:key", 2, "merge takes records one by one"),
        ("customer merge 1", 2, "record that goes into it is missing"),
        ("customer merge 1 2", 3, "customer:2 ACME Inc. was merged into customer:1 ACME Inc."),
    ):
        refused = two(line)
        assert (refused.code, said in refused.err) == (code, True), refused


def test_a_removed_one_and_a_circle_are_refused(two: Crm) -> None:
    two.ok("customer remove friend --yes")
    assert two("customer merge 1 friend").code == 3
    two.ok("customer edit 1 --parent daughter")  # acme under daughter, daughter under the other acme
    refused = two("customer merge 1 2")
    assert (refused.code, refused.err.splitlines()) == (
        4,
        [
            "crm: Acme GmbH would stand above itself: a company between them has one for its parent and the other for its"
            " child",
            "First: crm customer edit 1 --clear parent",
        ],
    )
    two.ok("customer edit 1 --clear parent")
    two.ok("customer edit 1 --parent 2")  # a parent goes into its child: the link between them goes
    two.ok("customer merge 1 2")
    assert two.sql("SELECT parent_id FROM customer WHERE id = 1") == [(None,)]
    assert two.ok("check").out == ""


def test_a_chain_of_merges_keeps_what_each_was_known_by(two: Crm) -> None:
    (two.folder / "old.csv").write_text("Id,Name,Email\nA1,Beta AG,b1@beta.example\nA2,Beta Ltd,b2@beta.example\n")
    (two.folder / "people.csv").write_text("Id,Name,Customer ID\nP1,Pat Smith,A2\n")
    two.ok(f"import {two.folder}/old.csv --as customers")
    five, six = (row["id"] for row in two.rows("customer list beta --sort id"))
    two.ok(f"customer merge {five} {six}")
    two.ok(f"customer merge 1 {five}")
    before = two.rows("customer list --columns id --sort id")
    report = two.rows(f"import {two.folder}/old.csv --as customers")
    assert (report["added"], report["failed"]) == (0, 0)
    assert two.rows("customer list --columns id --sort id") == before
    two.ok(f"import {two.folder}/people.csv --as contacts")
    assert [row["customer_id"] for row in two.rows("contact list pat")] == [1]
    refused = two(f"show customer:{six}")
    assert refused.err.startswith(f"crm: customer:{six} Beta Ltd was merged into customer:1 ")
    assert "Beta AG" in two.ok("history customer:1").out
    assert two.ok("check").out == ""


def test_the_same_list_loaded_again_does_not_bring_back_what_was_merged(two: Crm) -> None:
    names = [row["name"] for row in two.rows("customer list --sort id")]
    lines = "name,city\n" + "".join(f"{name},Bonn\n" for name in names)
    two.ok("customer merge 1 2 --yes")
    report = two.ok("import", "-", "--as", "customers", "--json", stdin=lines).json
    assert (report["added"], report["updated"] + report["unchanged"]) == (0, len(names))
    assert len(two.rows("customer list")) == len(names) - 1


def test_what_a_merge_decided_stays_decided_when_its_list_is_loaded_again(crm: Crm) -> None:
    lines = "name,email,city,industry\nAcme GmbH,a@a.example,Ulm,\nAcme Inc,b@b.example,Bonn,tools\n"
    crm.ok("import", "-", "--as", "customers", stdin=lines)
    crm.ok("customer merge 1 2 --yes")
    crm.ok("customer edit 1 --clear industry")
    result = crm.ok("import", "-", "--as", "customers", stdin=lines)
    assert "Rows about records that were merged, which fill only what was empty: 1" in result.err
    (row,) = crm.rows("customer list --columns name,city,industry")
    assert row == {"name": "Acme GmbH", "city": "Ulm", "industry": "tools"}


def test_the_stricter_consent_stays(two: Crm) -> None:
    two.ok("privacy consent customer:2 --channel email --withdraw --on 2026-01-10")
    two.ok("privacy consent customer:1 --channel email --basis consent --source fair --on 2026-06-01")
    two.ok("privacy consent customer:2 --channel call --basis consent --source fair --on 2026-06-01")
    before = rows(two.db)
    done = two.ok("customer merge 1 2")
    assert "customer:1 stays without consent by email: customer:2 had withdrawn it\n" in done.err
    found = two.rows("privacy consent customer:1")
    assert [(row["channel"], row["status"]) for row in found if row["in_force"]] == [
        ("call", "given"), ("email", "withdrawn"),
    ]  # fmt: skip
    assert len(found) == 4
    two.ok("undo")
    assert rows(two.db) == before


def test_people_are_merged_with_their_deals_and_talks(two: Crm) -> None:
    two.ok('contact add "Doe, Jane" --customer 2 --email jane@acme.example --phone +4930999 --role user --duplicate')
    two.ok("deal edit rollout --contact contact:1:influencer")
    two.ok("deal edit rollout --contact 3")
    two.ok("deal edit plan --contact contact:3:decision-maker")
    two.ok('log call 2 "with jane" --contact 3 --at 2026-11-22')
    before = rows(two.db)
    done = two.ok("contact merge 1 3 --take customer=3")
    assert done.err.startswith("Merged contact:3 Doe, Jane into contact:1: Jane Doe; undo: crm undo\n")
    assert "Not kept of contact:1: customer Acme GmbH" in done.err
    (jane,) = two.rows("contact list jane")
    assert (jane["customer_id"], jane["title"], jane["role"], jane["phone"]) == (2, "CTO", "decision-maker", "+4930999")
    assert jane["last_contact_on"] == "2026-11-22"
    found = two.sql("SELECT deal_id, contact_id, role FROM deal_contact WHERE contact_id <> 2 ORDER BY deal_id")
    assert found == [(1, 1, "influencer"), (2, 1, "decision-maker")]
    assert two.ok("check").out == ""
    two.ok("undo")
    assert rows(two.db) == before


def test_an_erase_finds_all_of_a_merged_person(two: Crm) -> None:
    two.ok('customer add "Quenya Morgenstern" --kind person --email canary@secret.example --phone "+49 171 5550123"')
    two.ok('customer add "Quenya M." --kind person --email other@canary.example --phone "+49 171 5550123" --duplicate')
    ids = [row["id"] for row in two.rows("customer list quenya --sort id")]
    two.ok("backup make")
    two.ok(f"customer merge {ids[1]} {ids[0]}")
    two.ok(f"dupes --not {ids[1]} 1")
    two.ok(f"privacy erase customer:{ids[0]} --yes --backups --everywhere")  # by the number that it had
    assert two.rows("customer list quenya") == []
    for path in (path for path in two.folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        assert not any(text in content for text in (b"canary", b"Quenya", b"5550123")), path
    assert two.sql("SELECT count(*) FROM not_duplicate") == two.sql("SELECT count(*) FROM merged") == [(0,)]
    assert two.ok("check").out == ""


def test_a_trial_shows_them_side_by_side(two: Crm) -> None:
    before = two.db.read_bytes()
    wide = two.ok("customer merge 1 2 --dry-run").err
    assert [line.split() for line in wide.splitlines()[:3]] == [
        ["customer:1", "customer:2"],
        ["name", "*", "Acme", "GmbH", "ACME", "Inc."],
        ["emails", "*", "sales@acme.example", "*", "SALES@acme.example,", "info@acme.example"],
    ]
    assert "Trial, nothing was kept: Merged customer:2 ACME Inc. into customer:1: Acme GmbH" in wide
    narrow = two.ok("customer merge 1 2 --dry-run", env={"COLUMNS": "40"}).err
    assert "region\n  * DACH (customer:1)\n    EMEA (customer:2)\n" in narrow
    assert max(len(line) for line in narrow.splitlines()[:-2]) <= 40
    assert two.db.read_bytes() == before
    assert [row["reason"] for row in two.rows("backup list")] == []
    two.ok("customer merge 1 2")
    assert [row["reason"] for row in two.rows("backup list")] == ["before-merge"]


# ------------------------------------------------------------------ many at once

KINDS = ("contact", "deal", "task", "interaction", "interaction_contact", "deal_contact", "stage_change", "consent")
GROUPS = 500


@pytest.fixture
def many(crm: Crm) -> Crm:
    """Each of 500 firms twice, with people, deals, tasks, talks, tags and numbers of its own on either."""
    files: dict[str, list[str]] = {
        "customers": ["Id,Name,Email,Phone,City,Tags,Colour"],
        "contacts": ["Name,Customer ID,Email"],
        "deals": ["Title,Customer ID,Amount,Currency,Stage"],
        "tasks": ["Text,Customer ID,Due"],
        "interactions": ["Channel,At,Text,Customer ID"],
    }
    for i in range(2 * GROUPS):
        firm = i // 2
        name = f"Firm{firm:03} {'GmbH' if i % 2 else 'Ltd'}"
        files["customers"].append(
            f'F{i},{name},office@firm{firm}.example,+49 30 7{i:06},City{firm % 7},"a,t{i % 5}",c{i}'
        )
        files["contacts"].append(f"Person {i},F{i},p{i}@firm{firm}.example")
        files["deals"].append(f"Deal {i},F{i},{i + 1},EUR,proposal")
        files["tasks"].append(f"Task {i},F{i},2026-12-01")
        files["interactions"].append(f"call,2026-10-{i % 28 + 1:02}T10:00,Talk {i},F{i}")
    for name, lines in files.items():
        (crm.folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
        more = " --on-duplicate new" if name == "customers" else ""
        crm.ok(f"import {crm.folder}/{name}.csv --as {name} --extra keep --yes{more}")
    return crm


def counted(crm: Crm) -> dict[str, int]:
    return {table: crm.sql(f"SELECT count(*) FROM {table}")[0][0] for table in (*KINDS, "customer", "reach", "tagging")}


@pytest.mark.ci
def test_merging_500_groups_loses_nothing_and_undo_gives_back_the_same(many: Crm) -> None:
    before, counts = rows(many.db), counted(many)
    tags = many.sql("SELECT count(*) FROM (SELECT DISTINCT g.name, (x.customer_id + 1) / 2 FROM tagging x JOIN tag g"
                    " ON g.id = x.tag_id)")[0][0]  # fmt: skip
    refused = many("dupes --apply 80")
    assert (refused.code, "500 records go into 500 records." in refused.err) == (2, True)
    done = many.ok("dupes --apply 80 --yes")
    assert done.err.startswith("Merged 500 records into 500; undo: crm undo\n")
    after = counted(many)
    assert after == {**counts, "customer": GROUPS, "reach": counts["reach"] - GROUPS, "tagging": tags}
    lonely = "SELECT count(*) FROM {0} x LEFT JOIN customer k ON k.id = x.customer_id WHERE k.id IS NULL"
    assert [many.sql(lonely.format(kind))[0][0] for kind in KINDS[:4]] == [0, 0, 0, 0]
    assert many.sql("SELECT DISTINCT n FROM (SELECT count(*) AS n FROM deal GROUP BY customer_id)") == [(2,)]
    assert many.ok("check").out == ""
    assert len(many.rows("history --limit 1")) == 1
    many.ok("undo")
    assert rows(many.db) == before
    assert counted(many) == counts


def test_a_forgotten_link_would_stop_a_merge(two: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard itself: with a table left out nothing is written at all."""
    from crm_cli.actions import merging_rows

    kept: dict[str, Any] = {**merging_rows._MOVED, "customer": merging_rows._MOVED["customer"][1:]}
    monkeypatch.setattr(merging_rows, "_MOVED", kept)
    before = rows(two.db)
    assert two("customer merge 1 2").code != 0
    assert rows(two.db) == before
