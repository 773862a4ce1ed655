"""What stands at the end of a table and is no record: sums, and what reports sign themselves with."""

import pytest
from conftest import Crm
from test_import_match import names, put

pytestmark = pytest.mark.ci

ROWS = "name,email,size,Revenue\nAcme,a@acme.example,5,100\nBeta,b@beta.example,7,200\n"


@pytest.mark.parametrize(
    "last",
    [
        "Total,,12,300",
        "TOTAL:,,12,\"300,00 €\"",
        "Grand Total,,,300",
        "Total (2),,,300",
        ",Summe,,300",
        "Gesamt,,12,EUR 300",
        "合计,,12,300",
        "合 计：,,,300",
        "总计,,,300元",
        "小计,,,300\n合计,,,300",
        "Итого,,,300",
        "Total,,,300\nCopyright (c) 2000-2026 salesforce.com inc.,,,",
    ],
)  # fmt: skip
def test_a_line_of_sums_at_the_end_is_no_customer(crm: Crm, last: str) -> None:
    report = put(crm, f"{ROWS}{last}\n")
    assert (names(crm), report["read"], report["added"]) == (["Acme", "Beta"], 2, 2)
    assert report["notes"][0].startswith("Line 4 is a sum of those above, and was left out: ")


@pytest.mark.parametrize(
    "last",
    ["Total,info@total.example,,", "Total,,,", "Total,,,gold", "Total Energies,,12,300", "Sum AG,,12,300", ",,12,300"],
    ids=["an e-mail", "nothing else", "a word", "a longer name", "a firm", "no word"],
)
def test_who_is_called_total_and_says_more_stays(crm: Crm, last: str) -> None:
    path = crm.folder / "rows.csv"
    path.write_text(f"{ROWS}{last}\n", encoding="utf-8")
    result = crm("import", str(path), "--json", "--explain", "--rejects", str(crm.folder / "bad.csv"))
    assert result.json["read"] == 3
    assert not [note for note in result.json["notes"] if "sum" in note]


def test_a_phone_or_an_id_makes_a_record_of_it(crm: Crm) -> None:
    assert put(crm, "id,name,size\n7,Acme,5\n8,Total,12\n")["added"] == 2
    assert put(crm, "name,phone\nBeta,+33 1 4744 4546\nTotal,+33 1 4744 4547\n")["added"] == 1


def test_a_sum_in_the_middle_is_a_row_like_any_other(crm: Crm) -> None:
    assert put(crm, "name,size\nAcme,5\nTotal,5\nBeta,3\n")["added"] == 3


def test_sums_are_left_out_of_deals_and_said_on_stderr(crm: Crm) -> None:
    crm.ok("customer add Acme")
    path = crm.folder / "deals.csv"
    path.write_text("title,customer,amount,currency\nRollout,Acme,100,EUR\n合计,,100,\n", encoding="utf-8")
    said = crm.ok("import", str(path), "--as", "deals")
    assert "1 added" in said.out
    assert "Line 3 is a sum of those above, and was left out: 合计 100" in said.err


def test_a_table_of_sums_alone_is_empty(crm: Crm) -> None:
    assert put(crm, "name,size\nTotal,5\n")["read"] == 0
