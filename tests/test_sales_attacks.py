"""Hostile and odd input through what is sold, ordered and scored; each of these has once gone wrong."""

from pathlib import Path
from typing import Any

import pytest
from conftest import Crm, begin

HEADER = "customer,date,number,product,quantity,price,currency\n"


@pytest.fixture
def shop(crm: Crm, begun: dict[str, bytes]) -> Crm:
    """Two customers, a product with a cost, and orders with and without a margin."""
    lines = (
        "customer add Acme",
        "customer add Beta",
        "product add Crane --code CR-1 --price 100EUR --cost 60EUR",
        "order add Acme --line CR-1:2 --number N1",
        "order add Acme --line CR-1:-3 --number N2",
        "order add Beta --amount 5EUR",
    )
    begin(crm, begun, "sales-attacks", *(("2026-11-24", line) for line in lines))
    return crm


def put(crm: Crm, text: str, *options: str, kind: str = "orders") -> str:
    """What an import of a CSV says."""
    path = Path(crm.folder) / "rows.csv"
    path.write_text(text, encoding="utf-8")
    told = crm.ok("import", str(path), "--as", kind, *options)
    return told.out + told.err


def test_orders_by_group_show_what_they_earned(shop: Crm) -> None:
    table = shop.ok("order list --group-by customer --format md").out
    assert "| Acme | 2 | EUR -100 | EUR -40 |" in table
    assert "| Beta | 1 | EUR 5 |  |" in table


def test_a_column_of_orders_says_nothing_of_scores(shop: Crm) -> None:
    assert shop.ok("order list --columns number,margin").err == ""
    assert shop.ok("order list --group-by ordered").err == ""
    assert "no scores yet" in shop.ok("order list --columns number,customer.tier").err
    assert "no scores yet" in shop.ok("customer list --columns name,margin").err


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("order remove customer:Acme", "N1, N2"),
        ("order edit amount:5 --note x", "order:3"),
        ("product remove price:1..", "Crane"),
        ("product edit is:active --note x", "Crane"),
    ],
)
def test_a_query_over_what_is_sold_is_asked_about_by_name(shop: Crm, line: str, names: str) -> None:
    refused = shop(line)
    assert refused.code == 2
    assert f": {names}." in refused.err
    shop.ok(f"{line} --yes")


def test_an_order_of_a_removed_product_is_the_same_when_it_is_imported_again(shop: Crm) -> None:
    rows = HEADER + "Acme,2026-11-01,I1,CR-1,1,100,EUR\nAcme,2026-11-02,I2,Crane,1,100,EUR\n"
    put(shop, rows)
    shop.ok("product remove CR-1 --yes")
    lines = "SELECT product_id, text FROM order_line ORDER BY id"
    before = shop.sql(lines)
    for options in ((), ("--create", "products")):
        assert "2 unchanged" in put(shop, rows, *options)
    assert shop.sql(lines) == before
    assert shop.sql("SELECT count(*) FROM product") == [(1,)]


def test_a_deal_of_a_removed_product_is_the_same_when_it_is_imported_again(shop: Crm) -> None:
    rows = "title,customer,amount,currency,product,stage\nRoof,Acme,100,EUR,Crane,lead\n"
    put(shop, rows, kind="deals")
    shop.ok("product remove CR-1 --yes")
    assert "1 unchanged" in put(shop, rows, kind="deals")
    assert shop.sql("SELECT product_id, text FROM deal_line") == [(1, None)]


def test_nothing_of_an_erased_person_stays_in_what_others_wrote(shop: Crm) -> None:
    name = "Xaver Zwetschgenhuber"
    shop.ok("customer", "add", name, "--kind", "person")
    shop.ok("order", "add", name, "--line", "CR-1:1", "--number", f"{name} 1", "--note", f"for {name}")
    shop.ok("product", "add", f"{name} special", "--code", f"{name} S", "--category", f"{name}/x", "--unit", name)
    shop.ok("rate base EUR")
    shop.ok("rate", "add", "USD", "0.9", "--source", f"{name} bank")
    shop.ok("tier", "add", "own", "--query", f'name:"{name}"', "--playbook", f"call {name}")
    shop.ok("icp", "add", "like", "--industry", f"as {name}")
    shop.ok("lifecycle", "edit", "growing", "--playbook", f"ask {name} first")
    shop.ok("score")
    trial = shop.rows("privacy", "erase", name, "--dry-run")
    assert trial["erased"]["orders"] == trial["erased"]["order_lines"] == 1
    assert {one["ref"].partition(":")[0] for one in trial["texts"]} == {"product", "rate", "tier", "icp", "setting"}
    shop.ok("privacy", "erase", name, "--yes", "--everywhere")
    assert b"zwetschgenhuber" not in shop.db.read_bytes().lower()
    assert shop.ok("check").err == ""


def test_base_currency_is_nobody(shop: Crm) -> None:
    shop.ok("customer add EUR")
    shop.ok("rate base EUR")
    shop.ok("privacy erase EUR --yes --everywhere")
    assert shop.rows("rate base")["base"] == "EUR"


def test_one_order_is_told_with_its_day(shop: Crm) -> None:
    assert "EUR 5 on 2026-11-24\n" in shop.ok("customer show Beta").out
    assert "EUR -100 in 2 orders, 2026-11-24 to 2026-11-24" in shop.ok("customer show Acme").out


def test_an_endless_product_is_named_by_its_beginning(shop: Crm) -> None:
    told = put(shop, HEADER + f"Acme,2026-11-01,I1,{'x' * 9000},1,100,EUR\n")
    assert len(told) < 1000
    assert f"stay texts: 1 ({'x' * 60})" in told


@pytest.mark.ci
def test_ideal_customers_are_offered_at_a_terminal(at: Any) -> None:
    assert at("icp", "add", "like", "--industry", "steel").end() == 0
    shown = at("icp", "show").expect("ideal customer: ").type("like\r")
    assert shown.end() == 0
    assert "version 1 of 1" in shown.shown()


@pytest.mark.parametrize("window", ["24m", "999d"])
def test_a_window_beyond_the_first_day_is_no_window(shop: Crm, window: str) -> None:
    rows = shop.rows(f"report rfm --as-of 0001-06-01 --window {window}")
    assert {row["customers"] for row in rows} == {0}


def test_orders_beyond_what_a_column_holds_are_scored(crm: Crm) -> None:
    crm.ok("customer add Acme")
    rows = "".join(f"Acme,90000000000000.00,2026-11-0{n % 9 + 1},N{n}\n" for n in range(1100))
    crm.ok("import - --as orders --currency EUR", stdin="customer,amount,date,number\n" + rows)
    crm.ok("score")
    assert crm.sql("SELECT revenue FROM score") == [(2**63 - 1,)]
    assert crm.rows("customer list revenue:1.. --columns name,revenue")[0]["name"] == "Acme"
    crm.ok("why acme")
