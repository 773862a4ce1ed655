"""Orders: added with lines or an amount, changed, taken back; what becomes of them with their customer."""

import json
import sqlite3
from typing import Any

from conftest import Crm, begin

ORDERS = (
    ("2026-01-05", 'customer add "Acme GmbH" --email sales@acme.example --region DACH'),
    ("2026-01-05", 'customer add "Globex AG" --status qualified'),
    ("2026-01-05", "product add Seat --code P-1 --price 100EUR --cost 40EUR"),
    ("2026-01-05", "product add Table --code P-2 --price 250EUR"),
    ("2026-02-10", "order add acme --line P-1:3 --line P-2:1-10% --number A-1 --on 2026-02-01"),
    ("2026-03-10", "order add acme --amount 80EUR"),
)


def start(crm: Crm, begun: dict[str, bytes]) -> Crm:
    begin(crm, begun, "orders", *ORDERS)
    return crm


def dump(crm: Crm) -> list[str]:
    """Every row of the file but its history."""
    connection = sqlite3.connect(crm.db)
    try:
        lines = [line for line in connection.iterdump() if line.startswith("INSERT")]
    finally:
        connection.close()
    own = ("operation", "journal", "sqlite_sequence", "search", "segment_", "journal_state", "fts")
    return [line for line in lines if not line.startswith(tuple(f'INSERT INTO "{name}' for name in own))]


def one(crm: Crm, ref: str) -> dict[str, Any]:
    return dict(crm.rows(f"order show {ref}"))


def test_lines_make_the_amount_and_the_cost(crm: Crm, begun: dict[str, bytes]) -> None:
    order = one(start(crm, begun), "a-1")
    assert (order["amount"], order["currency"], order["ordered_on"]) == (525, "EUR", "2026-02-01")
    assert [(line["code"], line["quantity"], line["price"], line["discount"]) for line in order["lines"]] == [
        ("P-1", 3, 100, 0),
        ("P-2", 1, 250, 10),
    ]
    assert order["cost"] is None  # that of P-2 is not known
    cheap = crm.rows("order add globex --line P-1:2")
    assert (cheap["cost"], cheap["margin"]) == (80, 120)


def test_nothing_bought_is_asked_wrongly(crm: Crm, begun: dict[str, bytes]) -> None:
    result = start(crm, begun)("order add acme")
    assert result.code == 2
    assert "Nothing says what was bought" in result.err


def test_amount_that_is_typed_stands_whatever_the_lines_come_to(crm: Crm, begun: dict[str, bytes]) -> None:
    order = start(crm, begun).rows("order add acme --line P-1:3 --amount 250EUR")
    assert (order["amount"], order["lines"][0]["amount"]) == (250, 300)
    assert crm("order add acme --line P-1:3 --amount 250USD --currency EUR").code == 2


def test_what_comes_back_is_below_zero(crm: Crm, begun: dict[str, bytes]) -> None:
    start(crm, begun)
    assert crm.rows("order add acme --line P-1:-2")["amount"] == -200
    assert crm.rows("order add acme --amount -50EUR")["amount"] == -50
    report = crm.rows("report orders --by total")[0]
    assert (report["orders"], report["returns"], report["amount"]) == (2, 2, 355)
    assert report["average"] == 302.5


def test_number_that_the_customer_has_already_is_a_conflict(crm: Crm, begun: dict[str, bytes]) -> None:
    start(crm, begun)
    result = crm("order add acme --amount 5EUR --number a-1")
    assert result.code == 4
    assert "already there" in result.err
    assert crm.ok("order add globex --amount 5EUR --number a-1")
    assert crm.ok("order add acme --amount 5EUR --number a-1 --duplicate")


def test_who_buys_becomes_a_customer_and_undo_takes_that_back(crm: Crm, begun: dict[str, bytes]) -> None:
    start(crm, begun)
    before = dump(crm)
    said = crm.ok("order add globex --line P-1:1 --number G-1").err
    assert "Globex AG is a customer now, no longer qualified" in said
    assert crm.rows("customer show globex")["status"] == "customer"
    crm.ok("undo --yes")
    assert dump(crm) == before


def test_order_of_a_day_to_come_is_taken_and_counted_by_no_report(crm: Crm, begun: dict[str, bytes]) -> None:
    start(crm, begun)
    said = crm.ok("order add globex --amount 9000EUR --on 2027-01-01").err
    assert "has not come yet" in said
    assert crm.rows("customer show globex")["status"] == "qualified"
    assert crm.rows("report orders --by total")[0]["amount"] == 605
    told = crm.rows("report orders --explain")
    assert told["left_out"]["future"] == 1


def test_edit_replaces_lines_and_says_what_was_understood(crm: Crm, begun: dict[str, bytes]) -> None:
    start(crm, begun)
    before = dump(crm)
    crm.ok("order edit a-1 --line P-2:2 --on 2026-02-03 --number A-7")
    order = one(crm, "A-7")
    assert (order["amount"], order["ordered_on"], len(order["lines"])) == (500, "2026-02-03", 1)
    crm.ok("undo --yes")
    assert dump(crm) == before
    assert crm("order edit a-1 --currency USD").code == 2
    crm.ok("order edit a-1 --clear line")
    assert (one(crm, "a-1")["lines"], one(crm, "a-1")["amount"]) == ([], 525)


def test_currency_alone_keeps_the_number(crm: Crm, begun: dict[str, bytes]) -> None:
    start(crm, begun)
    order = crm.rows("order edit 2 --currency JPY")[0]
    assert (order["amount"], order["currency"]) == (80, "JPY")


def test_deal_that_is_won_becomes_an_order_in_one_step(crm: Crm, begun: dict[str, bytes]) -> None:
    start(crm, begun)
    crm.ok("deal add Rollout --customer globex --line P-1:5-20% --line P-2:1 --opened 2026-11-01")
    crm.ok("deal add Small --customer globex --amount 70EUR")
    crm.ok("deal add Bare --customer globex")
    before = dump(crm)
    crm.ok("deal win rollout --order --number W-1 --on 2026-11-24")
    order = one(crm, "w-1")
    assert (order["amount"], order["deal"], order["ordered_on"], len(order["lines"])) == (
        650,
        "Rollout",
        "2026-11-24",
        2,
    )
    crm.ok("undo --yes")
    assert dump(crm) == before
    crm.ok("deal win small --order")
    assert crm.rows("order list deal:small")[0]["amount"] == 70
    refused = crm("deal win bare --order")
    assert refused.code == 2
    assert "no amount" in refused.err
    assert crm("deal win rollout --number 5").code == 2


def test_deal_of_somebody_else_is_refused(crm: Crm, begun: dict[str, bytes]) -> None:
    start(crm, begun)
    crm.ok("deal add Rollout --customer globex --amount 5EUR")
    assert crm("order add acme --amount 5EUR --deal rollout").code == 4


def test_removing_a_customer_hides_its_orders_and_restore_brings_them_back(crm: Crm, begun: dict[str, bytes]) -> None:
    start(crm, begun)
    assert "2 orders" in crm.ok("customer remove acme --yes").err
    assert crm.rows("order list") == []
    assert crm("order restore 1").code == 4
    crm.ok("customer restore acme")
    assert len(crm.rows("order list")) == 2
    crm.ok("order remove a-1")
    crm.ok("order restore a-1")
    crm.ok("check")


def test_merging_customers_moves_their_orders(crm: Crm, begun: dict[str, bytes]) -> None:
    start(crm, begun)
    crm.ok("order add globex --amount 10EUR")
    before = dump(crm)
    crm.ok("customer merge acme globex --yes")
    assert len(crm.rows("order list customer:acme")) == 3
    crm.ok("undo --yes")
    assert dump(crm) == before


def test_member_hands_orders_over(crm: Crm, begun: dict[str, bytes]) -> None:
    start(crm, begun)
    crm.ok("member add ana")
    crm.ok("member add ben")
    crm.ok("order edit a-1 --owner ana")
    assert crm("member remove ana").code == 4
    crm.ok("member remove ana --to ben")
    assert one(crm, "a-1")["owner"] == "ben"


def test_customer_shows_orders_and_what_they_come_to(crm: Crm, begun: dict[str, bytes]) -> None:
    start(crm, begun)
    record = crm.rows("customer show acme")
    assert [order["id"] for order in record["orders"]] == [2, 1]
    assert record["ordered"] == [
        {"amount": 605, "currency": "EUR", "orders": 2, "first_on": "2026-02-01", "last_on": "2026-03-10"}
    ]
    shown = crm.ok("show acme").out
    assert "EUR 605 in 2 orders, 2026-02-01 to 2026-03-10" in shown
    assert "Lines (2)" in crm.ok("show order:1").out


def test_history_names_orders(crm: Crm, begun: dict[str, bytes]) -> None:
    start(crm, begun)
    crm.ok("order edit 2 --amount 90EUR")
    rows = crm.rows("history order:2")
    assert {"ref": "order:2", "field": "amount", "old": 80, "new": 90}.items() <= rows[0].items()


def test_history_names_the_lines_of_an_order_and_the_prices_of_a_product(crm: Crm, begun: dict[str, bytes]) -> None:
    start(crm, begun)
    crm.ok("order edit 1 --line P-1:2-10%")
    assert changes(crm, "history order:1", "lines")[0] == (None, "P-1:2@100-10%")
    assert ("P-1:2@100-10%", None) not in changes(crm, "history order:1", "lines")
    crm.ok("product edit P-1 --price 120EUR")
    assert changes(crm, "history product:1", "prices")[0] == ("100 EUR", "120 EUR")
    assert changes(crm, f"history op:{crm.rows('history')[0]['op']}", "prices") == [("100 EUR", "120 EUR")]
    crm.ok("product link P-1 P-2 --as included --quantity 2")
    crm.ok("product unlink P-1 P-2")
    assert changes(crm, "history product:1", "included") == [("P-2:2", None), (None, "P-2:2")]


def changes(crm: Crm, line: str, field: str) -> list[tuple[Any, Any]]:
    return [(row["old"], row["new"]) for row in crm.rows(line) if row["field"] == field]


def test_report_splits_by_period_customer_and_product(crm: Crm, begun: dict[str, bytes]) -> None:
    start(crm, begun)
    crm.ok("order add globex --line P-1:1 --on 2026-05-02")
    months = crm.rows("report orders --by month")
    assert [(row["month"], row["amount"]) for row in months] == [
        ("2026-02", 525), ("2026-03", 80), ("2026-04", 0), ("2026-05", 100)
    ]  # fmt: skip
    customers = crm.rows("report orders --by customer")
    assert [(row["customer"], row["amount"]) for row in customers] == [("Acme GmbH", 605), ("Globex AG", 100)]
    products = crm.rows("report orders --by product")
    assert [(row["code"], row["quantity"], row["amount"], row["margin"]) for row in products] == [
        ("P-1", 4, 400, 240), ("P-2", 1, 225, None), (None, None, 80, None)
    ]  # fmt: skip
    assert crm.rows("report orders customer:globex --by total --from 2026-05-01")[0]["orders"] == 1
    assert crm("report orders --by weather").code == 2
    assert "3 orders of 2 customers: EUR 705" in crm.ok("report orders").out


def test_report_refuses_what_has_no_rate(crm: Crm, begun: dict[str, bytes]) -> None:
    start(crm, begun)
    crm.ok("order add acme --amount 100USD --on 2026-04-01")
    assert crm("report orders").code == 2
    crm.ok("rate base EUR")
    refused = crm("report orders")
    assert refused.code == 2
    assert "No rate for USD on 2026-04-01" in refused.err
    crm.ok("rate add USD 0.9 --on 2026-04-01")
    assert crm.rows("report orders --by total")[0]["amount"] == 695


def test_quantity_is_none_without_lines_and_zero_where_all_came_back(crm: Crm) -> None:
    crm.ok("customer add Acme")
    crm.ok("product add Seat --code SEAT --price 100EUR")
    for line, day in (
        ("--line SEAT:2", "2026-10-01"),
        ("--line SEAT:-2", "2026-10-09"),
        ("--amount 5EUR", "2026-11-02"),
    ):
        crm.ok(f"order add acme {line} --on {day}")
    assert [row["quantity"] for row in crm.rows("report orders")] == [0, None]
    assert [row["quantity"] for row in crm.rows("report orders --by product")] == [None, 0]


def test_total_of_orders_is_a_row_of_its_own(crm: Crm, begun: dict[str, bytes]) -> None:
    start(crm, begun)
    heading, row = crm.ok("report orders --by total").out.splitlines()[:2]
    assert heading.split()[:2] == ["orders", "customers"] and "EUR 605" in row


def test_explanation_says_nothing_where_nothing_was_counted(crm: Crm) -> None:
    lines = crm.ok("report wins --explain").out.splitlines()
    assert [line.split() for line in lines[-2:]] == [["counted", "nothing"], ["left", "out", "nothing"]]


def test_price_of_a_line_is_written_as_amounts_are(crm: Crm) -> None:
    crm.ok("customer add Acme")
    crm.ok("product add Seat --code SEAT --price 18.5EUR")
    crm.ok("order add acme --line SEAT:1 --line SEAT:1@48.00 --line SEAT:1@0.12500 --number A")
    lines = [line.split() for line in crm.ok("order show A").out.splitlines() if " SEAT " in line]
    assert [line[3] for line in lines] == ["18.50", "48", "0.125"]


def test_report_without_orders_says_so(crm: Crm) -> None:
    crm.ok("customer add Acme")
    assert "Nothing was ordered." in crm.ok("report orders").err
    assert crm.rows("report orders") == []


def test_everything_goes_out_and_comes_back_the_same(crm: Crm, begun: dict[str, bytes]) -> None:
    start(crm, begun)
    crm.ok("rate base EUR")
    crm.ok("rate add USD 0.9 --on 2026-04-01")
    crm.ok("order add acme --amount 100USD --on 2026-04-01")
    crm.ok("export", "all", "-o", str(crm.folder / "all.zip"))
    before = dump(crm)
    crm.db.unlink()
    crm.ok("import", str(crm.folder / "all.zip"))
    assert dump(crm) == before


def test_privacy_hands_out_and_erases_orders(crm: Crm, begun: dict[str, bytes]) -> None:
    start(crm, begun)
    whole = json.loads(crm.ok("privacy export acme").out)
    assert [order["number"] for order in whole["orders"]] == ["A-1", None]
    crm.ok("privacy erase acme --yes")
    assert crm.sql("SELECT count(*) FROM sales_order")[0] == (0,)
    assert crm.sql("SELECT count(*) FROM order_line")[0] == (0,)
    assert crm.sql("SELECT count(*) FROM journal WHERE record = 'sales_order' AND row_id = 1")[0] == (0,)
    crm.ok("check")


def test_recycle_bin_takes_removed_orders_with_their_lines(crm: Crm, begun: dict[str, bytes]) -> None:
    start(crm, begun)
    crm.ok("deal add Rollout --customer acme --amount 5EUR")
    crm.ok("deal win rollout --order")
    crm.ok("deal remove rollout")
    crm.ok("order remove a-1")
    crm.at("2027-06-01T09:00:00").ok("purge --older-than 30d --yes")
    assert crm.sql("SELECT number, deal_id FROM sales_order ORDER BY id") == [(None, None), (None, None)]
    assert crm.sql("SELECT count(*) FROM order_line")[0] == (0,)
    crm.ok("check")


def test_check_finds_an_order_under_a_removed_customer(crm: Crm, begun: dict[str, bytes]) -> None:
    start(crm, begun)
    connection = sqlite3.connect(crm.db)
    connection.execute("UPDATE customer SET removed_at = '2026-03-01T00:00:00Z' WHERE id = 1")
    connection.execute("UPDATE sales_order SET number_key = 'other' WHERE id = 1")
    connection.commit()
    connection.close()
    told = crm("check --json").out
    assert "order-under-removed" in told
    assert "order:1" in told
    assert "sales-order-key" in told
