"""`Last Activity Date` and its like of other systems: an interaction of that day, and what is kept twice agrees."""

import pytest
from conftest import Crm
from test_import_match import put

pytestmark = pytest.mark.ci

# name of the preset, a CSV, what the note says
CUSTOMERS = {
    "hubspot-companies": (
        "Record ID,Company name,Company Domain Name,Company owner,Last Activity Date\n1,Acme,acme.example,Ana,{day}\n",
        "Last activity in HubSpot",
    ),
    "salesforce-accounts": (
        "Id,Name,Industry,LastActivityDate\n001,Acme,Retail,{day}\n",
        "Last activity in Salesforce",
    ),
    "zoho-accounts": (
        "Record Id,Account Name,Account Owner,Last Activity Time\nz1,Acme,Ana,{day} 10:00:00\n",
        "Last activity in Zoho CRM",
    ),
    "pipedrive-organizations": (
        "Organization - ID,Organization - Name,Organization - Last activity date\n1,Acme,{day}\n",
        "Last activity in Pipedrive",
    ),
    "wukong-客户": ("客户名称,客户级别,客户行业,最近跟进时间\nAcme,A,IT,{day} 10:00:00\n", "最近一次跟进（悟空 CRM）"),
}
DEALS = (
    "Record ID,Deal Name,Deal Stage,Amount,Currency,Associated Company,Last Activity Date\n"
    "7,Big,Contract Sent,100,EUR,Acme,{day}\n"
)


def talks(crm: Crm) -> list[tuple[str, str]]:
    return [(row["at"][:10], row["text"]) for row in crm.rows("interaction list --sort at")]


def sound(crm: Crm) -> bool:
    """Whether what is kept twice is borne out."""
    return crm("check").code == 0


@pytest.mark.parametrize("preset", CUSTOMERS)
def test_the_last_activity_of_a_customer_is_a_contact_of_that_day(crm: Crm, preset: str) -> None:
    text, said = CUSTOMERS[preset]
    first = put(crm, text.format(day="2026-11-03"), "--from", preset)
    assert first["beside"]["interactions"] == 1
    assert crm.rows("customer list")[0]["last_contact_on"] == "2026-11-03"
    assert talks(crm) == [("2026-11-03", said)]
    assert put(crm, text.format(day="2026-11-03"), "--from", preset)["op"] is None
    put(crm, text.format(day="2026-11-20"), "--from", preset)
    assert talks(crm) == [("2026-11-03", said), ("2026-11-20", said)]
    assert sound(crm)


def test_an_older_last_activity_says_nothing_new(crm: Crm) -> None:
    crm.ok("customer add Acme")
    crm.ok("log call acme hello --at 2026-11-10")
    put(crm, CUSTOMERS["hubspot-companies"][0].format(day="2026-11-03"))
    assert talks(crm) == [("2026-11-10", "hello")]
    assert crm.rows("customer list")[0]["custom"] == {"Company owner": "Ana"}


def test_the_last_activity_of_a_deal_touches_it_and_its_customer(crm: Crm) -> None:
    put(crm, DEALS.format(day="2026-11-03"))
    [deal] = crm.rows("deal list")
    assert (deal["last_touch_on"], deal["custom"].get("Last Activity Date")) == ("2026-11-03", None)
    assert crm.rows("customer list")[0]["last_contact_on"] == "2026-11-03"
    assert put(crm, DEALS.format(day="2026-11-03"))["op"] is None
    crm.ok("interaction remove 1 --yes")
    again = put(crm, DEALS.format(day="2026-11-03"))
    assert (again["op"], again["beside"]["interactions"]) == (None, 0)
    assert sound(crm)


def test_the_last_activity_of_a_person_is_one_of_the_customer_too(crm: Crm) -> None:
    crm.ok("customer add Acme")
    text = "Id,FirstName,LastName,AccountId,Account Name,LastActivityDate\n003,Jane,Doe,001,Acme,{day}\n"
    put(crm, text.format(day="2026-11-03"), "--from", "salesforce-contacts")
    [person] = crm.rows("contact list")
    assert person["last_contact_on"] == "2026-11-03"
    assert crm.rows(f"customer list {person['customer']}")[0]["last_contact_on"] == "2026-11-03"
    assert put(crm, text.format(day="2026-11-03"), "--from", "salesforce-contacts")["op"] is None
    assert sound(crm)


def test_a_last_activity_to_come_or_no_day_at_all_stays_a_field(crm: Crm) -> None:
    text = CUSTOMERS["hubspot-companies"][0]
    put(crm, text.format(day="2027-01-01") + "2,Beta,beta.example,Ana,soon\n")
    assert talks(crm) == []
    rows = crm.rows("customer list --sort id")
    assert [row["custom"]["Last Activity Date"] for row in rows] == ["2027-01-01", "soon"]


def test_undo_takes_the_last_contact_back(crm: Crm) -> None:
    crm.ok("customer add Acme")
    crm.ok("log call acme hello --at 2026-11-01")
    put(crm, CUSTOMERS["hubspot-companies"][0].format(day="2026-11-03"))
    crm.ok("undo")
    assert crm.rows("customer list")[0]["last_contact_on"] == "2026-11-01"
    assert sound(crm)
