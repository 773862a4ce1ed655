"""crm dupes: a person who is a customer and a contact too is told, and never merged."""

import pytest
from conftest import Crm


@pytest.fixture
def both(crm: Crm) -> Crm:
    """Jane, a customer by herself, and Jane Doe at Acme, with one e-mail."""
    crm.ok('customer add "Jane Doe" --kind person --email jane@x.example --phone "+49 30 1234567"')
    crm.ok("customer add Acme --kind company --email jane@x.example --duplicate")
    crm.ok('contact add "Jane Doe" --customer acme --email Jane@x.example')
    crm.ok('contact add "Max Berg" --customer acme --email max@x.example')
    return crm


def test_they_are_told_with_the_reasons(both: Crm) -> None:
    [row] = [row for row in both.rows("dupes") if row["kind"] == "customer~contact"]
    assert (row["id"], row["name"], row["other_id"], row["other_name"]) == (1, "Jane Doe", 1, "Jane Doe")
    assert row["reasons"] == ["same e-mail jane@x.example", "same name"]
    assert (row["score"] > 80, row["merge"]) == (True, None)
    assert both.rows("dupes --kind customer~contact") == [row | {"group": 1}]
    assert "for example: crm contact remove 1" in both.ok("dupes --kind customer~contact").err


def test_a_phone_alone_of_somebody_else_is_not_enough(both: Crm) -> None:
    both.ok('contact edit "Max Berg" --phone "+49 30 1234567"')
    rows = both.rows("dupes --kind customer~contact")
    assert [row["other_name"] for row in rows] == ["Jane Doe"]
    rows = both.rows("dupes --kind customer~contact --threshold 20")
    assert [row["other_name"] for row in rows] == ["Jane Doe", "Max Berg"]


def test_what_was_removed_and_what_many_share_is_not_told(both: Crm) -> None:
    both.ok("contact remove 1 --yes")
    assert both.rows("dupes --kind customer~contact") == []


@pytest.mark.parametrize(
    "line",
    [
        "customer merge 1 contact:1",
        "contact merge 1 customer:1",
        "dupes --kind customer~contact --apply 60 --yes",
        "dupes --kind customer~contact --walk",
    ],
)
def test_merging_them_is_refused_with_what_to_do(both: Crm, line: str) -> None:
    told = both(line)
    assert (told.code, "A customer is never merged with a contact" in told.err) == (2, True)
    assert "crm contact remove REF, or crm customer remove REF" in told.err


def test_merging_all_of_a_score_leaves_them_alone(both: Crm) -> None:
    both.ok("customer add Beta --email b@beta.example")
    both.ok('customer add "Beta GmbH" --email b@beta.example --duplicate')
    both.ok("dupes --apply 60 --yes")
    assert [row["name"] for row in both.rows("contact list --sort id")] == ["Jane Doe", "Max Berg"]
