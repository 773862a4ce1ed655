"""crm dupes: who is likely there twice, why, how sure; said to be two, merged at once, walked through."""

from typing import Any

import pytest
from conftest import Crm
from test_undo import rows

from crm_cli.rules import likeness
from crm_cli.rules.companies import company_key
from crm_cli.rules.likeness import is_misspelt, person_key

KEYS = "score group kind id name attached other_id other_name other_attached reasons merge"


@pytest.fixture
def twice(acme: Crm) -> Crm:
    """Acme once more under another form, and its Jane the other way round."""
    acme.ok('customer add "The Acme Group" --email SALES@acme.example --phone "030 1234567" --duplicate')
    acme.ok('contact add "Doe, Jane" --customer 2 --email jane@acme.example --duplicate')
    return acme


def pairs(crm: Crm, line: str = "dupes") -> list[tuple[str, str, list[str]]]:
    return [(row["name"], row["other_name"], row["reasons"]) for row in crm.rows(line)]


def test_a_pair_has_its_reasons_and_the_line_that_merges_it(twice: Crm) -> None:
    customer, contact = twice.rows("dupes")
    assert list(customer) == KEYS.split()
    assert customer == {
        "score": 93, "group": 1, "kind": "customer", "id": 1, "name": "Acme GmbH",
        "attached": {"contacts": 1, "deals": 1, "tasks": 0, "interactions": 0},
        "other_id": 2, "other_name": "The Acme Group",
        "other_attached": {"contacts": 1, "deals": 0, "tasks": 0, "interactions": 0},
        "reasons": ["same e-mail sales@acme.example", "same name but for form, place or order"],
        "merge": "crm customer merge 1 2",
    }  # fmt: skip
    assert (contact["kind"], contact["score"], contact["merge"]) == ("contact", 91, "crm contact merge 1 2")
    table = twice.ok("dupes")
    assert table.out.splitlines()[0].split("  ")[0] == "score"
    assert "crm customer merge 1 2" in table.out
    assert table.err == "To go through them: crm dupes --walk\n"
    assert twice.ok("dupes --format csv").out.splitlines()[0] == KEYS.replace(" ", ",")
    assert [row["kind"] for row in twice.rows("dupes --kind contacts")] == ["contact"]
    assert [row["kind"] for row in twice.rows("dupes region:dach")] == ["customer"]
    assert twice.rows("dupes region:emea") == twice.rows("dupes --threshold 95") == []
    assert "邮箱相同 sales@acme.example" in twice.ok("dupes --lang zh").out
    assert twice.ok("dupes --limit 1").err.startswith("1 more: leave --limit out to see it\n")
    assert twice.ok("dupes --threshold 100").err == "Nobody is there twice, as far as can be told.\n"
    for line in ("dupes --threshold 0", "dupes --threshold x", "dupes --apply 101", "dupes --kind deals",
                 "dupes --walk --dismissed", "dupes --not 1", "dupes --not customer:1 contact:1", "dupes --walk"):  # fmt: skip
        assert twice(line).code == 2, line


def test_a_name_alone_is_never_enough(crm: Crm) -> None:
    for name in ("Beta GmbH", "Beta AG", "Beta Inc."):
        crm.ok("customer", "add", name)
    assert crm.rows("dupes") == []
    crm.ok("customer edit 1 2 --city Zug")
    assert pairs(crm) == [("Beta GmbH", "Beta AG", ["same name but for form, place or order", "same city"])]


def test_what_is_reached_alike_by_nature_is_no_duplicate(crm: Crm) -> None:
    crm.ok('customer add "Delta Holding" --website delta.example --phone +493011111')
    crm.ok('customer add "Delta Print" --parent 1 --website delta.example --phone +493011111 --duplicate')
    crm.ok('customer add "Delta Paper" --parent 1 --website delta.example --phone +493011111 --duplicate')
    crm.ok('customer add "Erna Delta" --kind person --website delta.example --phone +493011111 --duplicate')
    for i in range(3):
        crm.ok("contact", "add", f"{'Ann Bob Cid'.split()[i]} Ember{i}", "--customer", "1", "--phone", "+493022222",
               "--email", f"c{i}@delta.example", "--duplicate")  # fmt: skip
    assert crm.rows("dupes") == []
    for i in range(14):  # a number that many have tells nothing
        crm.ok("customer", "add", f"Kiosk{i}", "--phone", "+493033333", "--email", "info@kiosk.example", "--duplicate")
    assert crm.rows("dupes --threshold 1 kiosk") == []


def test_slips_numbers_and_places(crm: Crm) -> None:
    crm.ok('customer add "Robotics Vandermeer GmbH" --city Berlin')
    crm.ok('customer add "Robotics Vandermer" --city berlin')
    crm.ok('customer add "Vandermeer Shop 12" --city Berlin')
    crm.ok('customer add "Vandermeer Shop 13" --city Berlin')
    crm.ok("customer add 上海市启明软件股份有限公司 --city 上海市")
    crm.ok("customer add 启明软件集团 --city 上海")
    found = pairs(crm)
    assert found == [
        ("上海市启明软件股份有限公司", "启明软件集团", ["same name but for form, place or order", "same city"]),
        ("Robotics Vandermeer GmbH", "Robotics Vandermer", ["name 97 % alike", "same city"]),
    ]


@pytest.mark.parametrize(
    ("names", "key"),
    [
        (
            ("Acme GmbH", "ACME, Inc.", "Ａｃｍｅ Co., Ltd.", "The Acme Group", "Acme GmbH & Co. KG", "ácme S.A."),
            "acme",
        ),
        (("上海市启明软件股份有限公司", "启明软件集团", "启明软件有限责任公司"), "启明软件"),
        (("北京银行股份有限公司", "北京银行"), "北京银行"),
        (("上海银行",), "上海银行"),
        (("Müller & Sohn OHG", "Muller und Sohn"), "muller sohn"),
        (("GmbH",), "gmbh"),
        (("集团",), "集团"),
        (("...",), "..."),
    ],
)
def test_the_key_of_a_company(names: tuple[str, ...], key: str) -> None:
    assert [company_key(name) for name in names] == [key] * len(names)


def test_names_of_people_and_slips_of_the_hand() -> None:
    assert {person_key(name) for name in ("Jane Doe", "Doe, Jane", "Dr. Jane DOE")} == {"doe jane"}
    assert person_key("张伟杰先生") == "张伟杰"
    assert is_misspelt("koch bau", "koch bau") and is_misspelt("robotics vandermeer", "robotics vandermer")
    assert not is_misspelt("koch fahrzeugbau", "fuchs fahrzeugbau")
    assert not is_misspelt("vandermeer shop 12", "vandermeer shop 13")


def test_the_measure_is_the_same_without_the_library() -> None:
    fuzz = pytest.importorskip("rapidfuzz.fuzz")
    for one in ("", "a", "acme", "vandermeer", "启明软件", "doe jane"):
        for other in ("b", "acne", "vandermer", "启航软件", "jane doe", "acme acme"):
            assert likeness._plainly(one, other) == pytest.approx(fuzz.ratio(one, other))


def test_said_to_be_two_is_remembered(twice: Crm) -> None:
    before = rows(twice.db)
    done = twice.ok("dupes --not 1 2")
    assert done.err == "No duplicates: customer:1 Acme GmbH, customer:2 The Acme Group; undo: crm undo\n"
    assert [row["kind"] for row in twice.rows("dupes")] == ["contact"]
    (known,) = twice.rows("dupes --dismissed")
    assert (known["kind"], known["id"], known["other_id"], known["at"]) == (
        "customer",
        1,
        2,
        "2026-11-25T09:00:00+00:00",
    )
    assert twice.ok("dupes --not 2 1").err == "Nothing to change: it is so already\n"
    twice.ok(f"undo op:{known['op']}")
    assert rows(twice.db) == before
    twice.ok("dupes --not contact:1 contact:2")
    twice.ok("customer add Third --phone 0301234567 --email sales@acme.example --duplicate")
    twice.ok("dupes --not 2 3")
    twice.ok("customer merge 1 2")  # who is none of the dropped one is none of the kept one
    assert twice.sql("SELECT noun, low_id, high_id FROM not_duplicate") == [("contact", 1, 2), ("customer", 1, 3)]
    twice.ok("contact merge 1 2")
    assert twice.sql("SELECT noun, low_id, high_id FROM not_duplicate") == [("customer", 1, 3)]
    assert twice.ok("check").out == ""


def test_all_of_a_score_in_one_step(twice: Crm) -> None:
    before = rows(twice.db)
    refused = twice("dupes --apply 90")
    assert refused.code == 2
    assert refused.err.startswith("crm: 2 records go into 2 records. crm undo takes all of it back. Go on?")
    trial = twice.ok("dupes --apply 90 --dry-run")
    assert trial.err.startswith("Trial, nothing was kept: Merged 2 records into 2\n")
    assert rows(twice.db) == before
    assert twice.ok("dupes --apply 90 --yes").err == "Merged 2 records into 2; undo: crm undo\n"
    assert twice.rows("dupes") == []
    assert twice.ok("check").out == ""
    twice.ok("undo")
    assert rows(twice.db) == before
    assert twice.ok("dupes --apply 100 --yes").err == "Nobody is there twice, as far as can be told.\n"
    answer = twice.rows("dupes --apply 92 --yes")
    assert [(row["name"], row["merged"]) for row in answer] == [("Acme GmbH", [2])]


def test_a_group_is_merged_whole_and_a_chain_is_not(crm: Crm) -> None:
    for i, more in enumerate(("--email a@x.example", "--email a@x.example", "--email a@x.example")):
        crm.ok("customer", "add", "Gamma " + "GmbH AG KG".split()[i], "--duplicate", *more.split())
    assert [(row["merge"], row["group"]) for row in crm.rows("dupes")] == [("crm customer merge 1 2 3", 1)] * 2
    crm.ok("dupes --not 2 3")
    assert [(row["merge"], row["group"]) for row in crm.rows("dupes")] == [
        ("crm customer merge 1 2", 1), ("crm customer merge 1 3", 2),
    ]  # fmt: skip
    assert crm.ok("dupes --apply 60 --yes").err.startswith("Merged customer:2 Gamma AG into customer:1: Gamma GmbH")
    assert crm.rows("dupes") == []  # 1 and 3 are two, since 2 was one of them


@pytest.mark.process
def test_a_walk_merges_tells_apart_and_takes_back(twice: Crm, at: Any) -> None:
    before = rows(twice.db)
    walk = at("dupes", "--walk")
    shown = walk.expect("1 of 2  score 93").expect("? help").shown()
    assert "same e-mail sales@acme.example" in shown and "* Acme GmbH" in shown
    walk.type("l").expect("2 of 2  score 91").type("u").expect("1 of 2  score 93")
    walk.resize(40, 24).expect("(customer:2)").resize(80, 24).expect("customer:2")
    walk.type("Ｎ").expect("2 of 2").type("r")
    assert walk.end() == 0
    assert "Of the duplicates: merged 1, told apart 1" in walk.seen
    commands = [row["command"] for row in twice.rows("history --limit 4")]
    assert commands[:2] == ["crm contact merge 2 1", "crm dupes --not customer:1 customer:2"]
    assert [row["name"] for row in twice.rows("contact list")] == ["Doe, Jane"]
    twice.ok("undo 2")
    assert rows(twice.db) == before


@pytest.mark.process
def test_ctrl_c_leaves_the_walk_with_what_was_done(twice: Crm, at: Any) -> None:
    walk = at("dupes", "--walk", columns=40, rows=20)
    walk.expect("1 of 2").type("s").expect("2 of 2").type("\x03")
    assert walk.end() == 130
    assert "2 are left: crm dupes --walk" in walk.seen.replace("\r\n", " ")
    merge = at("customer", "merge", "1", "2")
    merge.expect("(y/N)").type("y")
    assert merge.end() == 0
    assert "Merged customer:2" in merge.seen
