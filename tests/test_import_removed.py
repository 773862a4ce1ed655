"""Imports and what was removed: it stays removed, the report says so and how to have it back."""

import pytest
from conftest import Crm
from test_import_match import counts, names, put

pytestmark = pytest.mark.ci

CUSTOMERS = "id,name,email\n1,Acme,a@acme.example\n2,Beta,b@beta.example\n"


def taken(crm: Crm, text: str, *options: str, kind: str = "customers") -> str:
    """What an import of a CSV says on stderr."""
    path = crm.folder / "rows.csv"
    path.write_text(text, encoding="utf-8")
    return crm.ok("import", str(path), "--as", kind, *options).err


def test_a_removed_customer_stays_removed_and_the_report_says_how_to_have_it_back(crm: Crm) -> None:
    put(crm, CUSTOMERS)
    crm.ok("customer remove Acme --yes")
    report = put(crm, CUSTOMERS)
    assert counts(report) == (2, 0, 0, 1, 0)
    assert (report["skipped"], report["removed"], report["written"]) == (1, 1, True)
    assert names(crm) == ["Beta"]
    said = taken(crm, CUSTOMERS)
    assert "left out: 1 (customer:1 Acme). To bring them back: crm customer restore 1;" in said
    crm.ok("customer restore 1")
    assert counts(put(crm, CUSTOMERS)) == (2, 0, 0, 2, 0)


@pytest.mark.parametrize(
    "row",
    ["Acme,", "acme,a@acme.example", "Acme Holding,a@acme.example"],
    ids=["its name", "its name and e-mail", "its e-mail"],
)
def test_a_removed_customer_is_known_without_an_id(crm: Crm, row: str) -> None:
    crm.ok("customer add Acme --email a@acme.example")
    crm.ok("customer remove acme --yes")
    assert put(crm, f"name,email\n{row}\n")["removed"] == 1
    assert names(crm) == []


def test_who_only_has_the_name_or_the_phone_of_a_removed_one_is_new(crm: Crm) -> None:
    crm.ok('customer add "Max Berg" --kind person --email max@one.example --phone "+49 30 1234567"')
    crm.ok("customer remove 1 --yes")
    rows = "name,email,phone\nMax Berg,max@two.example,\nEva Tal,eva@three.example,+49 30 1234567\n"
    report = put(crm, rows)
    assert (counts(report), report["removed"]) == ((2, 2, 0, 0, 0), 0)


def test_a_record_that_is_there_comes_before_a_removed_one(crm: Crm) -> None:
    crm.ok("customer add Acme --email old@acme.example")
    crm.ok("customer remove acme --yes")
    crm.ok("customer add Acme --email new@acme.example")
    report = put(crm, "name,email,city\nAcme,new@acme.example,Bonn\n")
    assert (counts(report), report["removed"]) == ((1, 0, 1, 0, 0), 0)


def test_on_duplicate_new_adds_what_was_removed(crm: Crm) -> None:
    put(crm, CUSTOMERS)
    crm.ok("customer remove Acme Beta --yes")
    assert counts(put(crm, CUSTOMERS, "--on-duplicate", "new")) == (2, 2, 0, 0, 0)


ROWS = {
    "contact": ("contacts", "name,customer,email\nJane,Acme,jane@acme.example\n"),
    "deal": ("deals", "title,customer,amount,currency\nRollout,Acme,100,EUR\n"),
    "task": ("tasks", "text,due,customer\ncall,2026-12-01,Acme\n"),
    "interaction": ("interactions", "channel,at,text,customer\ncall,2026-11-01 10:00,hello,Acme\n"),
}


@pytest.mark.parametrize("noun", ROWS)
def test_every_other_kind_stays_removed_too(crm: Crm, noun: str) -> None:
    kind, text = ROWS[noun]
    crm.ok("customer add Acme")
    put(crm, text, "--as", kind)
    crm.ok(f"{noun} remove 1 --yes")
    report = put(crm, text, "--as", kind)
    assert (counts(report), report["removed"]) == ((1, 0, 0, 0, 0), 1)
    assert f"crm {noun} restore 1" in taken(crm, text, kind=kind)
    assert counts(put(crm, text, "--as", kind, "--on-duplicate", "new")) == (1, 1, 0, 0, 0)


@pytest.mark.parametrize("noun", ROWS)
def test_rows_of_a_removed_customer_make_none_anew(crm: Crm, noun: str) -> None:
    kind, text = ROWS[noun]
    crm.ok("customer add Acme")
    put(crm, text, "--as", kind)
    crm.ok("customer remove acme --yes")
    report = put(crm, text, "--as", kind, "--create", "customers")
    assert (counts(report), report["removed"]) == ((1, 0, 0, 0, 0), 1)
    assert "Rows of customers who were removed, left out: 1 (customer:1 Acme)" in taken(crm, text, kind=kind)
    assert crm.rows("customer list") == []


def test_a_preset_makes_no_removed_company_anew(crm: Crm) -> None:
    text = "Deal Name,Account Name,Amount,Stage,Closing Date,Record Id\nBig one,Acme,100,Qualification,2026-12-31,z1\n"
    crm.ok("customer add Acme")
    crm.ok("customer remove acme --yes")
    assert put(crm, text, "--from", "zoho-deals", "--currency", "EUR")["removed"] == 1
    assert crm.rows("customer list") == []


def test_people_tasks_and_talks_beside_a_customer_stay_removed(crm: Crm) -> None:
    text = (
        "客户名称,联系人,联系电话,下次跟进内容,下次跟进时间,最近跟进时间,最近跟进内容\n"
        "恒达科技,张伟,13812345678,寄报价,2026-12-01,2026-11-01,谈过\n"
    )
    put(crm, text)
    crm.ok("contact remove 1 --yes")
    crm.ok("task remove 1 --yes")
    crm.ok("interaction remove 1 --yes")
    again = put(crm, text)
    assert again["beside"] == {"contacts": 0, "tasks": 0, "interactions": 0}
    assert again["op"] is None
    assert "stay removed: 1" in taken(crm, text)
    assert crm.rows("contact list") == crm.rows("task list --all") == crm.rows("interaction list") == []


def test_thousands_of_removed_namesakes_cost_no_more_than_a_few(crm: Crm) -> None:
    rows = "".join(f"王伟,w{n}@x.example\n" for n in range(3000))
    put(crm, "name,email\n" + rows)
    crm.ok("customer remove email:x.example --yes")
    assert put(crm, "name,email\n" + rows)["removed"] == 3000
    again = "".join(f"王伟,v{n}@x.example\n" for n in range(3000))
    assert put(crm, "name,email\n" + again)["added"] == 3000
