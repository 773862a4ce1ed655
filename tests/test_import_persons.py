"""The person beside a customer in a row is known by e-mail and phone before the name."""

import pytest
from conftest import Crm
from test_import_match import put

pytestmark = pytest.mark.ci

HEAD = "Company,Contact,Contact Email,Contact Phone\n"


def people(crm: Crm) -> list[tuple[str, tuple[str, ...]]]:
    return [(row["name"], tuple(one["value"] for one in row["emails"])) for row in crm.rows("contact list --sort id")]


@pytest.mark.parametrize("other", ["Jane Miller", "J. Doe", "李娜"])
def test_who_has_the_email_is_the_same_person_under_another_name(crm: Crm, other: str) -> None:
    put(crm, HEAD + "Acme,Jane Doe,jane@acme.example,\n")
    report = put(crm, HEAD + f"Acme,{other},Jane@acme.example,\n")
    assert report["beside"]["contacts"] == 0
    assert people(crm) == [(other, ("jane@acme.example",))]


def test_of_two_the_email_decides_and_not_the_name(crm: Crm) -> None:
    put(crm, HEAD + "Acme,Jane Doe,jane@acme.example,\nAcme,Jane Dow,dow@acme.example,\n")
    put(crm, HEAD + "Acme,Jane Doe,dow@acme.example,+49 30 7654321\n")
    assert [(row["name"], row["phone"]) for row in crm.rows("contact list --sort id")] == [
        ("Jane Doe", None),
        ("Jane Doe", "+49 30 7654321"),
    ]


def test_a_phone_is_believed_where_the_names_are_alike(crm: Crm) -> None:
    put(crm, HEAD + "Acme,Jane Doe,,+49 30 1234567\n")
    assert put(crm, HEAD + "Acme,Jane Miller Doe,,+49 30 1234567\n")["beside"]["contacts"] == 0
    assert put(crm, HEAD + "Acme,Max Berg,,+49 30 1234567\n")["beside"]["contacts"] == 1
    assert [name for name, _ in people(crm)] == ["Jane Miller Doe", "Max Berg"]


def test_people_behind_one_mailbox_stay_people(crm: Crm) -> None:
    rows = HEAD + "Acme,Jane Doe,info@acme.example,\nAcme,Max Berg,info@acme.example,\n"
    put(crm, HEAD + "Acme,Jane Doe,info@acme.example,\n")
    assert put(crm, rows)["beside"]["contacts"] == 1
    assert put(crm, rows)["op"] is None
    assert [name for name, _ in people(crm)] == ["Jane Doe", "Max Berg"]


def test_the_name_decides_where_nothing_else_does(crm: Crm) -> None:
    put(crm, HEAD + "Acme,Jane Doe,jane@acme.example,\n")
    put(crm, HEAD + "Acme,Jane Doe,jd@acme.example,\n")
    assert people(crm) == [("Jane Doe", ("jane@acme.example", "jd@acme.example"))]
