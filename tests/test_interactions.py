"""Interactions listed, shown, changed, hidden and brought back; what they touched is counted again."""

import pytest
from conftest import Crm


@pytest.fixture
def two(acme: Crm) -> Crm:
    acme.ok(
        "log call jane first talk --deal rollout --at 2026-11-10@10:00 --duration 15m --direction in --outcome maybe"
    )
    acme.ok("log email acme second talk --deal rollout --at 2026-11-20@10:00")
    return acme


def touched(crm: Crm) -> tuple[str | None, str | None, str | None]:
    return (
        crm.rows("customer show 1")["last_contact_on"],
        crm.rows("contact show 1")["last_contact_on"],
        crm.rows("deal show 1")["last_touch_on"],
    )


def test_the_list_is_newest_first(two: Crm) -> None:
    assert [row["id"] for row in two.rows("interaction list")] == [2, 1]
    assert [row["id"] for row in two.rows("interaction")] == [2, 1]
    assert [row["id"] for row in two.rows("interactions --sort at")] == [1, 2]


@pytest.mark.ci
@pytest.mark.parametrize(
    ("query", "found"),
    [
        (["channel:email"], [2]), (["channel:邮件"], [2]), (["customer:acme"], [2, 1]), (["deal:rollout"], [2, 1]),
        (["contact:jane"], [1]), (["at:2026-11-15.."], [2]), (["at:..2026-11-10"], [1]), (["duration:10.."], [1]),
        (["direction:in"], [1]), (["outcome:maybe"], [1]), (["first"], [1]), (["talk"], [2, 1]), (["not:channel:call"], [2]),
        (["no:outcome"], [2]), (["channel:call", "or", "channel:email"], [2, 1]),
    ],
)  # fmt: skip
def test_the_list_takes_a_query(two: Crm, query: list[str], found: list[int]) -> None:
    assert [row["id"] for row in two.rows("interaction", "list", *query)] == found


def test_one_is_shown(two: Crm) -> None:
    row = two.rows("interaction show 1")
    assert (row["text"], row["duration_minutes"], row["direction"], row["outcome"]) == ("first talk", 15, "in", "maybe")
    assert two.rows("interaction show interaction:1") == row
    assert two("interaction show 9").code == 3


def test_an_edit_changes_what_was_typed(two: Crm) -> None:
    (row,) = two.rows("interaction edit 1 --text better --channel visit --duration 1h --direction out --outcome yes")
    assert (row["text"], row["channel"], row["duration_minutes"], row["direction"], row["outcome"]) == (
        "better", "visit", 60, "out", "yes",
    )  # fmt: skip
    assert row["at"] == "2026-11-10T10:00:00+00:00"


def test_an_edit_empties_fields(two: Crm) -> None:
    (row,) = two.rows("interaction edit 1 --clear text --clear duration --clear direction --clear outcome")
    assert (row["text"], row["duration_minutes"], row["direction"], row["outcome"]) == (None, None, None, None)
    assert two("interaction edit 1 --clear channel").code == 2
    assert two("interaction edit 1 --clear at").code == 2


def test_another_moment_is_counted(two: Crm) -> None:
    assert touched(two) == ("2026-11-20", "2026-11-10", "2026-11-20")
    two.ok("interaction edit 2 --at 2026-11-05")
    assert touched(two) == ("2026-11-10", "2026-11-10", "2026-11-10")
    assert "Tue 2026-11-24" in two.ok("interaction edit 1 --at yesterday").err
    assert touched(two) == ("2026-11-24", "2026-11-24", "2026-11-24")


def test_a_moment_in_the_future_is_refused(two: Crm) -> None:
    assert two("interaction edit 1 --at tomorrow").code == 2
    assert touched(two) == ("2026-11-20", "2026-11-10", "2026-11-20")


def test_another_deal_is_counted_at_both(two: Crm) -> None:
    two.ok("deal add Support --customer acme")
    two.ok("interaction edit 2 --deal support")
    assert two.rows("deal show rollout")["last_touch_on"] == "2026-11-10"
    assert two.rows("deal show support")["last_touch_on"] == "2026-11-20"
    two.ok("interaction edit 2 --clear deal")
    assert two.rows("deal show support")["last_touch_on"] is None


def test_the_deal_of_another_customer_is_refused(two: Crm) -> None:
    two.ok("customer add Globex")
    two.ok("deal add Pilot --customer globex")
    assert two("interaction edit 1 --deal pilot").code == 2


def test_people_come_and_go(two: Crm) -> None:
    two.ok("contact add Bob --customer acme")
    (row,) = two.rows("interaction edit 2 --contact bob --contact jane")
    assert [person["name"] for person in row["contacts"]] == ["Jane Doe", "Bob"]
    assert two.rows("contact show jane")["last_contact_on"] == "2026-11-20"
    (row,) = two.rows("interaction edit 2 --drop contact=jane")
    assert [person["name"] for person in row["contacts"]] == ["Bob"]
    assert two.rows("contact show jane")["last_contact_on"] == "2026-11-10"
    two.ok("interaction edit 2 --clear contact")
    assert two.rows("contact show bob")["last_contact_on"] is None
    assert two("interaction edit 2 --drop contact=bob").code == 3


def test_an_edit_that_changes_nothing_says_so(two: Crm) -> None:
    before = two.rows("interaction show 1")
    assert "Nothing to change" in two.ok('interaction edit 1 --text "first talk" --contact jane').err
    assert two.rows("interaction show 1") == before
    assert two("interaction edit 1").code == 2


def test_several_are_changed_by_a_query_with_a_yes(two: Crm) -> None:
    assert two("interaction edit customer:acme --outcome done").code == 2
    two.ok("interaction edit customer:acme --outcome done --yes")
    assert {row["outcome"] for row in two.rows("interaction list")} == {"done"}


def test_a_removed_one_no_longer_counts_and_comes_back(two: Crm) -> None:
    two.ok("interaction remove 2")
    assert touched(two) == ("2026-11-10", "2026-11-10", "2026-11-10")
    two.ok("interaction remove 1")
    assert touched(two) == (None, None, None)
    assert two.rows("interaction list") == []
    two.ok("interaction restore 2")
    assert touched(two) == ("2026-11-20", None, "2026-11-20")
    two.ok("interaction restore 1")
    assert touched(two) == ("2026-11-20", "2026-11-10", "2026-11-20")


def test_a_removed_one_pulls_the_cadence_back(two: Crm) -> None:
    two.ok("customer edit acme --cadence 14d")
    assert two.rows("followups") == []
    two.ok("interaction remove 2")
    assert [row["reason"] for row in two.rows("followups")] == [
        "quiet for 15 days, this stage allows 10", "no contact for 15 days, cadence 14",
    ]  # fmt: skip


def test_a_customer_that_goes_and_comes_back_has_its_touches(two: Crm) -> None:
    two.ok("customer remove acme --yes")
    assert two.rows("interaction list") == []
    two.ok("customer restore acme")
    assert touched(two) == ("2026-11-20", "2026-11-10", "2026-11-20")


def test_the_owner_is_who_logged_it(acme: Crm) -> None:
    acme.ok("member add Ana")
    row = acme.rows("log call acme hello", env={"CRM_USER": "ana"})
    assert row["owner"] == "Ana"
    assert [r["id"] for r in acme.rows("interaction list --mine", env={"CRM_USER": "ana"})] == [row["id"]]
