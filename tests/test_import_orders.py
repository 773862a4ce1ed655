"""Orders from files: a row an order or a row a line, whatever they are called; the same file twice adds nothing."""

import csv
import io
import os
from pathlib import Path
from typing import Any

import pytest
from conftest import Crm
from test_orders import dump

DATA = Path(os.environ.get("CRM_REAL_DATA", "/nowhere")) / "rfm"
OWN = "Customer,Date,Amount\n"


def load(crm: Crm, text: str, *words: str, code: int = 0) -> Any:
    """What an import of this text says, as JSON."""
    result = crm("import", "-", "--as", "orders", "--json", *words, stdin=text)
    assert result.code == code, result
    return result.json


def orders(crm: Crm, *words: str) -> Any:
    return crm.rows("order", "list", *words, "--sort", "id")


def test_row_is_an_order_and_the_same_file_twice_adds_nothing(crm: Crm) -> None:
    text = f"{OWN}Acme,2026-01-05,100\nAcme,2026-01-05,100\nGlobex,2026-01-06,-20\n"
    first = load(crm, text, "--create", "customers", "--currency", "EUR")
    assert (first["read"], first["added"]) == (3, 3)
    assert [row["amount"] for row in orders(crm)] == [100, 100, -20]  # twice on one day is two orders
    again = load(crm, text, "--currency", "EUR")
    assert (again["added"], again["unchanged"]) == (0, 3)
    more = load(crm, f"{text}Acme,2026-01-05,100\n", "--currency", "EUR")
    assert (more["added"], more["unchanged"]) == (1, 3)


def test_only_line_of_an_order_is_worth_its_amount_where_no_price_is_said(crm: Crm) -> None:
    for code, price in (("SEAT", "--price 180EUR"), ("ERP", "")):
        crm.ok(f"product add {code} --code {code} {price}")
    text = "Order No,Customer,Date,SKU,Qty,Unit Price,Amount,Currency\nA-1,Acme,2026-01-05,SEAT,2,170,340,CNY\n"
    load(crm, f"{text}A-2,Acme,2026-01-06,SEAT,12,,5760,CNY\n", "--create", "customers")
    assert [(row["amount"], row["lines"][0]["quantity"]) for row in orders(crm)] == [(340, 2), (5760, 12)]
    several = f"{text}A-3,Acme,2026-01-07,SEAT,1,,90,CNY\nA-3,Acme,2026-01-07,ERP,1,,90,CNY\n"
    assert "There is no price in this row" in str(load(crm, several, code=65)["errors"])  # whose the amount is, is open


def test_column_that_sounds_like_a_day_is_named_as_the_day(crm: Crm) -> None:
    refused = crm(
        "import", "-", "--as", "orders", stdin="Bestellnummer;Kunde;Bestelldatum;Betrag\nD-1;Acme;4.1.2026;9\n"
    )
    assert (refused.code, "--map Bestelldatum=ordered_on" in refused.err.replace('"', "")) == (65, True)


def test_undo_takes_an_import_back_whole(crm: Crm) -> None:
    crm.ok("customer add Acme --status contacted")
    before = dump(crm)
    load(crm, f"{OWN}Acme,2026-01-05,100\nGlobex,2026-01-06,20\n", "--create", "customers", "--currency", "EUR")
    assert crm.rows("customer show acme")["status"] == "customer"
    crm.ok("undo --yes")
    assert dump(crm) == before


def test_customers_that_are_not_there_are_named_with_what_makes_them(crm: Crm) -> None:
    result = crm("import", "-", "--as", "orders", "--currency", "EUR", stdin=f"{OWN}Acme,2026-01-05,100\n")
    assert result.code == 65
    assert "Customers who are not there: Acme" in result.err
    assert "--create customers" in result.err


def test_rows_with_one_number_are_lines_of_one_order(crm: Crm) -> None:
    crm.ok("product add Seat --code P-1 --price 100EUR --cost 40EUR")
    text = (
        "Order No,Customer,Order Date,SKU,Qty,Unit Price,Discount\n"
        "A-1,Acme,2026-01-05,P-1,2,99.5,0.1\nA-1,,,P-1,1,,\nA-2,Acme,2026-01-06,P-1,-1,99.5,\n"
    )
    told = load(crm, text, "--create", "customers", "--currency", "EUR")
    assert told["added"] == 3
    first, back = orders(crm)
    assert (first["number"], first["amount"], first["cost"]) == (
        "A-1",
        279.1,
        120,
    )  # 2 x 99.50 - 10 % and the list price
    assert [line["discount"] for line in first["lines"]] == [10, 0]
    assert back["amount"] == -99.5


def test_discounts_above_one_are_percent_in_the_whole_column(crm: Crm) -> None:
    crm.ok("product add Seat --code P-1")
    head = "number,customer,date,code,quantity,price,discount\n"
    load(crm, f"{head}1,Acme,2026-01-05,P-1,1,100,0.5\n2,Acme,2026-01-05,P-1,1,100,20\n3,Acme,2026-01-05,P-1,1,100,5 %\n",
         "--create", "customers", "--currency", "EUR")  # fmt: skip
    assert [row["amount"] for row in orders(crm)] == [99.5, 80, 95]


def test_amount_beside_a_product_is_that_of_the_line(crm: Crm) -> None:
    head = "订单号,客户名称,下单日期,商品名称,数量,金额,币种\n"
    load(
        crm,
        f"{head}1001,海天,2026-01-05,椅子,2,300,CNY\n1001,海天,2026-01-05,桌子,1,500,CNY\n",
        "--create",
        "customers",
    )
    only = orders(crm)[0]
    assert (only["amount"], only["currency"], [line["amount"] for line in only["lines"]]) == (800, "CNY", [300, 500])


def test_lines_come_in_a_file_of_their_own(crm: Crm) -> None:
    load(crm, "orderID,customer,orderDate\n7,Acme,2026-01-05\n8,Acme,2026-01-06\n", "--create", "customers",
         "--currency", "USD")  # fmt: skip
    lines = "orderID,productID,unitPrice,quantity,discount\n7,11,14.00,12,0.15\n7,42,9.8125,10,0\n9,11,1,1,0\n"
    refused = load(crm, lines, "--create", "products", code=65)
    assert "no order has the number 9" in refused["errors"][0]["reason"]
    good = lines.replace("9,11,1,1,0\n", "")
    load(crm, good, "--create", "products")
    assert [row["amount"] for row in orders(crm)] == [240.92, 0]
    assert load(crm, good)["unchanged"] == 2
    assert crm.sql("SELECT amount, rest FROM sales_order WHERE number = '7'") == [(24092, 500000)]


def test_lines_that_are_named_first_come_behind_their_orders(crm: Crm) -> None:
    (crm.folder / "a-lines.csv").write_text("orderID,product,unitPrice,quantity\n7,Seat,14.00,12\n")
    (crm.folder / "b-orders.csv").write_text("orderID,customer,orderDate\n7,Acme,2026-01-05\n")
    names = [str(crm.folder / "a-lines.csv"), str(crm.folder / "b-orders.csv")]
    crm.ok("import", *names, "--as", "orders", "--create", "customers", "--currency", "EUR")
    assert orders(crm)[0]["amount"] == 168


def test_order_is_taken_whole_or_not_at_all(crm: Crm) -> None:
    text = "number,customer,date,product,quantity,price\n1,Acme,2026-01-05,Seat,x,5\n1,Acme,2026-01-05,Table,1,5\n2,Acme,2026-01-05,Seat,1,5\n"
    bad = crm.folder / "bad.csv"
    told = load(crm, text, "--create", "customers", "--currency", "EUR", "--rejects", str(bad), code=6)
    assert (told["added"], told["failed"]) == (1, 2)
    assert [row["number"] for row in orders(crm)] == ["2"]
    assert len(list(csv.reader(bad.open()))) == 3


def test_number_of_another_import_changes_the_order(crm: Crm) -> None:
    head = "number,customer,date,amount\n"
    load(crm, f"{head}1,Acme,2026-01-05,100\n", "--create", "customers", "--currency", "EUR")
    assert load(crm, f"{head}1,Acme,2026-01-05,120\n", "--currency", "EUR")["updated"] == 1
    assert orders(crm)[0]["amount"] == 120
    assert load(crm, f"{head}1,Acme,2026-01-05,130\n", "--currency", "EUR", "--on-duplicate", "skip")["skipped"] == 1
    assert load(crm, f"{head}1,Acme,2026-01-05,130\n", "--currency", "EUR", "--on-duplicate", "fail", code=65)
    assert orders(crm)[0]["amount"] == 120


def test_customer_is_found_by_id_by_email_and_by_name(crm: Crm) -> None:
    crm.ok("import", "-", "--as", "customers", stdin="name,external_id,email\nAcme,C-7,a@acme.example\nGlobex,C-8,\n")
    text = "customer_id,customer,email,date,amount\nC-7,,,2026-01-05,1\n,,A@acme.example,2026-01-06,2\n,globex,,2026-01-07,3\n"
    load(crm, text, "--currency", "EUR")
    assert [row["customer"] for row in orders(crm)] == ["Acme", "Acme", "Globex"]


def test_two_customers_of_one_name_are_not_guessed(crm: Crm) -> None:
    crm.ok("customer add Acme")
    crm.ok("customer add Acme --duplicate")
    told = load(crm, f"{OWN}Acme,2026-01-05,100\n", "--currency", "EUR", code=65)
    assert "Several customers are called Acme" in told["errors"][0]["reason"]


def test_removed_customers_and_orders_stay_away(crm: Crm) -> None:
    head = "number,customer,date,amount\n"
    text = f"{head}1,Acme,2026-01-05,100\n2,Globex,2026-01-05,100\n"
    load(crm, text, "--create", "customers", "--currency", "EUR")
    crm.ok("customer remove acme --yes")
    crm.ok("order remove 2")
    told = load(crm, text, "--create", "customers", "--currency", "EUR")
    assert (told["added"], told["skipped"], told["removed"]) == (0, 2, 2)
    assert load(crm, text, "--create", "customers", "--currency", "EUR", "--on-duplicate", "new")["added"] == 2


def test_who_was_erased_does_not_come_back(crm: Crm) -> None:
    head = "customer,email,date,amount\n"
    load(crm, f"{head}Jane Doe,jane@doe.example,2026-01-05,100\n", "--create", "customers", "--currency", "EUR")
    crm.ok("privacy erase jane@doe.example --yes")
    told = load(crm, f"{head}Jane Doe,jane@doe.example,2026-01-05,100\n", "--create", "customers", "--currency", "EUR")
    assert (told["added"], told["skipped"]) == (0, 1)
    assert crm.rows("customer list") == []


def test_amount_without_a_currency_is_refused(crm: Crm) -> None:
    told = load(crm, f"{OWN}Acme,2026-01-05,100\n", "--create", "customers", code=65)
    assert "has no currency" in told["errors"][0]["reason"]
    load(crm, f"{OWN}Acme,2026-01-05,€100\n", "--create", "customers")
    assert orders(crm)[0]["currency"] == "EUR"


def test_decimal_mark_is_that_of_the_whole_file(crm: Crm) -> None:
    text = 'customer;date;amount\nAcme;2026-01-05;"1.234"\nAcme;2026-01-06;"1.234,50"\n'
    load(crm, text, "--create", "customers", "--currency", "EUR")
    assert [row["amount"] for row in orders(crm)] == [1234, 1234.5]
    told = load(crm, text.replace("1.234,50", "1.567"), "--create", "customers", "--currency", "EUR", code=65)
    assert "could be" in told["errors"][0]["reason"]


def test_two_days_in_one_order_are_refused(crm: Crm) -> None:
    text = "number,customer,date,product,quantity,price\n1,Acme,2026-01-05,a,1,1\n1,Acme,2026-01-06,b,1,1\n"
    told = load(crm, text, "--create", "customers", "--currency", "EUR", code=65)
    assert any("two dates" in error["reason"] for error in told["errors"])


def test_export_of_ours_comes_back_with_ids_and_lines(crm: Crm) -> None:
    crm.ok("customer add Acme")
    crm.ok("product add Seat --code P-1 --price 100EUR --cost 40EUR")
    crm.ok("order add acme --line P-1:3-10% --number A-1 --on 2026-02-01 --note hello --set po=77")
    crm.ok("order add acme --amount -5EUR --on 2026-02-02")
    out = crm.ok("export orders --format csv").out
    wanted = orders(crm)
    assert load(crm, out)["unchanged"] == 2
    other = Crm(crm.folder / "other")
    other.folder.mkdir()
    other.ok("customer add Acme")
    other.ok("product add Seat --code P-1")
    told = other("import", "-", "--json", stdin=out)
    assert told.code == 0, told
    keep = ("updated_at",)
    assert [{k: v for k, v in row.items() if k not in keep} for row in orders(other)] == [
        {k: v for k, v in row.items() if k not in keep} for row in wanted
    ]


def test_orders_are_told_from_deals_by_their_columns(crm: Crm) -> None:
    text = "Order ID,Customer Name,Order Date,Product Name,Quantity,Unit Price\n1,Acme,2026-01-05,Seat,2,5\n"
    result = crm.ok("import", "-", "--create", "customers", "--currency", "EUR", stdin=text)
    assert "read as orders" in result.err
    shop = "Name,Email,Financial Status,Created at,Currency,Total,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name\n"
    shop += "#1001,jo@x.example,paid,2026-02-03 10:00:00 +0100,EUR,33.00,2,Mug,10.00,M-1,Jo Doe\n#1001,jo@x.example,,,,,1,Tea,8.00,T-1,\n"
    assert "Shopify" in crm.ok("import", "-", "--create", "customers,products", stdin=shop).err
    order = crm.rows("order show #1001")
    assert (order["amount"], order["customer"], order["ordered_on"], len(order["lines"])) == (
        33,
        "Jo Doe",
        "2026-02-03",
        2,
    )


def test_hostile_cells_are_refused_by_line_and_column(crm: Crm) -> None:
    rows = ["Acme,2026-02-30,5", "Acme,2026-01-05,NaN", "Acme,2026-01-05,1e400", f"{'A' * 600},2026-01-05,5", "Acme,,5",
            ",2026-01-05,5", "Acme,2026-01-05,99999999999999999"]  # fmt: skip
    told = load(crm, OWN + "\n".join(rows) + "\n", "--create", "customers", "--currency", "EUR", code=65)
    assert {error["line"] for error in told["errors"]} == set(range(2, 9))
    assert not told["written"]


# ------------------------------------------------------------------ published data


def mended(path: Path) -> str:
    """Northwind's orders with the addresses quoted that it forgot to quote."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in csv.reader(path.open(encoding="utf-8")):
        writer.writerow([*row[:9], ",".join(row[9 : len(row) - 4]), *row[-4:]] if len(row) > 14 else row)
    return out.getvalue()


@pytest.mark.ci
@pytest.mark.skipif(not DATA.is_dir(), reason="needs CRM_REAL_DATA")
def test_northwind_comes_to_its_published_total(crm: Crm) -> None:
    load(crm, mended(DATA / "northwind/orders.csv"), "--create", "customers", "--extra", "drop", "--currency", "USD")
    crm.ok("import", str(DATA / "northwind/order-details.csv"), "--as", "orders", "--create", "products")
    total = crm.rows("report orders --by total")[0]
    assert (total["orders"], total["customers"], total["amount"]) == (830, 89, 1265793.04)
    assert "USD 1,265,793.04" in crm.ok("order list --group-by currency").out
    assert [row["customer"] for row in crm.rows("report orders --by customer --limit 3")] == ["QUICK", "ERNSH", "SAVEA"]


@pytest.mark.ci
@pytest.mark.skipif(not DATA.is_dir(), reason="needs CRM_REAL_DATA")
def test_cancelled_invoices_of_online_retail_are_returns(crm: Crm) -> None:
    path = str(DATA / "uci_online_retail_head.csv")
    bad = str(crm.folder / "bad.csv")
    assert crm("import", path, "--create", "customers,products", "--rejects", bad).code == 6
    total = crm.rows("report orders --by total")[0]
    assert (total["orders"], total["returns"], total["currency"]) == (19, 1, "GBP")


@pytest.mark.ci
@pytest.mark.skipif(not DATA.is_dir(), reason="needs CRM_REAL_DATA")
def test_orders_of_r_come_in_with_the_people_who_ordered(crm: Crm) -> None:
    path = str(DATA / "r_rfm/rfm_data_orders.csv")
    crm.ok("import", path, "--as", "orders", "--create", "customers", "--currency", "USD")
    total = crm.rows("report orders --by total")[0]
    assert (total["orders"], total["customers"], total["amount"]) == (4906, 995, 464158)


@pytest.mark.ci
@pytest.mark.skipif(not DATA.is_dir(), reason="needs CRM_REAL_DATA")
def test_baskets_without_money_come_in_with_what_was_in_them(crm: Crm) -> None:
    baskets = csv.reader((DATA / "groceries.csv").open(encoding="utf-8"))
    rows = [f"{n},shop,{item},2026-01-01" for n, items in enumerate(baskets, 1) for item in items]
    text = "\n".join(["number,customer,product,date", *rows])
    told = load(crm, text, "--create", "customers,products", "--currency", "EUR")
    assert told["added"] == len(rows)
    assert crm.rows("report orders --by total")[0]["orders"] == 9835
    top = crm.rows("report orders --by product --limit 3")
    assert [(row["product"], row["orders"]) for row in top] == [
        ("whole milk", 2513), ("other vegetables", 1903), ("rolls/buns", 1809)
    ]  # fmt: skip
