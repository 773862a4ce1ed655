"""crm rate: rates by day, the base currency, tables of banks; and amounts that no later rate moves."""

from datetime import date
from pathlib import Path

import pytest
from conftest import Crm, begin

from crm_cli.errors import Misuse
from crm_cli.queries.rates import Converter, base, deal_amount, order_amount, rate_notes, refuse_without_rate
from crm_cli.store.reader import open_reader

DAY = "2026-11-25"


@pytest.fixture
def trade(crm: Crm, begun: dict[str, bytes]) -> Crm:
    """Two orders and a won deal in dollars, one order in yen, the rest in euros; no rate and no base currency yet."""
    begin(
        crm, begun, "trade",
        (DAY, "customer add Acme"),
        (DAY, "order add acme --amount 100.01USD --on 2026-03-01 --number A1"),
        (DAY, "order add acme --amount 200USD --on 2026-06-01 --number A2"),
        (DAY, "order add acme --amount 12345JPY --on 2026-06-01 --number A3"),
        (DAY, "order add acme --amount 50EUR --on 2026-06-01 --number A4"),
        (DAY, "deal add Big --customer acme --amount 1000USD"),
        (DAY, "deal add Open --customer acme --amount 10USD"),
        (DAY, "deal win Big"),
        (DAY, "rate base EUR"),
    )  # fmt: skip
    return crm


def frozen(crm: Crm) -> list[tuple[object, ...]]:
    return crm.sql(
        "SELECT number, base_amount, base_currency, rate_on FROM sales_order"
        " UNION ALL SELECT title, base_amount, base_currency, rate_on FROM deal ORDER BY 1"
    )


def dump(crm: Crm) -> list[list[tuple[object, ...]]]:
    tables = ("sales_order", "deal", "rate", "setting", "customer")
    return [crm.sql(f"SELECT * FROM {table} ORDER BY id") for table in tables]


NOTHING = [(name, None, None, None) for name in ("A1", "A2", "A3", "A4", "Big", "Open")]


def test_a_rate_freezes_what_had_none(trade: Crm) -> None:
    assert frozen(trade) == NOTHING
    told = trade.ok("rate add USD 0.9 --on 2026-03-01 --source ECB").err
    assert told == (
        "Added rate: 1 USD = 0.9 EUR (Sun 2026-03-01); undo: crm undo\n"
        "2 orders have their amount in the base currency now\n"
        "1 closed deal has its amount in the base currency now\n"
    )
    # 100.01 x 0.9 = 90.009; the open deal waits for the day it closes, yen for a rate of theirs
    assert frozen(trade) == [
        ("A1", 9001, "EUR", "2026-03-01"), ("A2", 18000, "EUR", "2026-03-01"), *NOTHING[2:4],
        ("Big", 90000, "EUR", "2026-03-01"), NOTHING[5],
    ]  # fmt: skip


def test_no_rate_moves_what_is_frozen(trade: Crm) -> None:
    trade.ok("rate add USD 0.9 --on 2026-03-01")
    before = frozen(trade)
    assert "What was worked out with 0.9 keeps it" in trade.ok("rate add USD 0.5 --on 2026-03-01").err
    trade.ok("rate add USD 0.7 --on 2026-05-01")  # nearer to the day of A2, but A2 has its amount
    trade.ok("order edit 2 --note seen")
    trade.ok("deal edit Big --source fair")
    trade.ok("rate remove USD --on 2026-03-01")
    assert frozen(trade) == before


def test_what_is_edited_is_frozen_by_the_rate_of_its_own_day(trade: Crm) -> None:
    trade.ok("rate add USD 0.9 --on 2026-03-01")
    trade.ok("rate add USD 0.7 --on 2026-05-01")
    trade.ok("order edit 2 --amount 300USD")
    assert frozen(trade)[1] == ("A2", 21000, "EUR", "2026-05-01")
    trade.ok("order edit 2 --on 2026-04-01")
    assert frozen(trade)[1] == ("A2", 27000, "EUR", "2026-03-01")
    told = trade.ok("order edit 2 --on 2026-02-01").err
    assert "No rate for USD on 2026-02-01 yet: crm rate add USD RATE --on 2026-02-01" in told
    assert frozen(trade)[1] == NOTHING[1]
    trade.ok("order edit 2 --amount 300EUR --on 2026-04-01")
    assert frozen(trade)[1] == NOTHING[1]
    trade.ok("deal edit Big --amount 2000USD")
    assert frozen(trade)[4] == ("Big", 140000, "EUR", "2026-05-01")


def test_a_deal_is_frozen_when_it_closes_and_free_when_it_opens(trade: Crm) -> None:
    trade.ok("rate add USD 0.9 --on 2026-11-20")
    trade.ok("deal win Open --on 2026-11-25")
    assert frozen(trade)[5] == ("Open", 900, "EUR", "2026-11-20")
    trade.ok("deal reopen Open")
    assert frozen(trade)[5] == NOTHING[5]
    added = trade.ok('deal add "Won at once" --customer acme --amount 10USD --stage won')
    assert "rate" not in added.err
    assert frozen(trade)[-1] == ("Won at once", 900, "EUR", "2026-11-20")
    old = trade.at("2027-01-25T09:00:00").ok("deal lose Open --reason price").err
    assert "The rate for USD is of 2026-11-20, 66 days before 2027-01-25" in old


def test_rounding_is_half_even_to_the_minor_units_of_the_base(trade: Crm) -> None:
    trade.ok("rate add JPY 0.01 --on 2026-01-01")  # 12345 yen = 123.45
    assert frozen(trade)[2][1] == 12345
    trade.ok("rate base KWD")
    trade.ok("rate add JPY 0.0021 --on 2026-01-01")  # 25.9245 dinars, half to even: 25.924
    assert frozen(trade)[2][1] == 25924
    trade.ok("rate base JPY")
    trade.ok("rate add EUR 160.49 --on 2026-01-01")  # 8024.5 yen: 8024
    assert frozen(trade)[3][1] == 8024


@pytest.mark.ci
def test_undo_gives_back_the_same_database(trade: Crm) -> None:
    for line in (
        "rate add USD 0.9 --on 2026-03-01", "rate add USD 0.8 --on 2026-03-01", "rate base USD",
        "rate add EUR 1.1 --on 2026-01-01", "deal win Open", "deal reopen Open", "rate remove EUR --on 2026-01-01",
        "order edit 2 --amount 1EUR",
    ):  # fmt: skip
        before = dump(trade)
        trade.ok(line)
        after = dump(trade)
        assert after != before, line
        trade.ok("undo")
        assert dump(trade) == before, line
        trade.ok("redo")
        assert dump(trade) == after, line


def test_another_base_works_everything_out_anew(trade: Crm) -> None:
    trade.ok("rate add USD 0.9 --on 2026-03-01")
    told = trade.ok("rate base usd").err
    assert "The base currency is USD; undo: crm undo" in told
    assert "Orders in EUR without a rate: 1; crm rate add EUR RATE --on 2026-06-01" in told
    assert frozen(trade) == NOTHING
    trade.ok("rate add EUR 1.1 --on 2026-03-01")
    assert frozen(trade)[3] == ("A4", 5500, "USD", "2026-03-01")
    assert "Amounts worked out anew: 3" in trade.ok("rate base EUR").err
    assert frozen(trade)[0] == ("A1", 9001, "EUR", "2026-03-01")
    assert trade.ok("rate base EUR").err == "Nothing to change: it is so already\n"
    assert trade.ok("check").code == 0


def test_the_base_follows_from_the_records_until_there_are_several(acme: Crm) -> None:
    assert acme.rows("rate base") == {"base": "EUR", "set": False, "used": ["EUR"], "others": []}
    told = acme.ok("rate add USD 0.92")
    assert "EUR is the base currency from now on" in told.err
    acme.ok("deal add Other --customer acme --amount 5USD")
    shown = acme.rows("rate base")
    assert (shown["base"], shown["set"], shown["used"]) == ("EUR", True, ["EUR", "USD"])
    assert shown["others"] == [{"currency": "USD", "rate": 0.92, "on": DAY, "age": 0}]


def test_where_there_is_one_currency_nothing_is_said_of_it(acme: Crm) -> None:
    for line in ("deal add Two --customer acme --amount 5EUR", "deal win Two", "order add acme --amount 5EUR"):
        assert "rate" not in acme.ok(line).err.replace("Acme rollout", "")
    with_db = open_reader(str(acme.db))
    assert base(with_db) == "EUR"
    assert rate_notes(with_db, "EUR", ["EUR"], date(2026, 11, 25)) == []
    with_db.close()


def test_several_currencies_without_a_base_are_refused(crm: Crm) -> None:
    assert crm("rate add USD 0.9").err == "crm: No base currency is set\nSet it: crm rate base EUR\n"
    assert crm.ok("rate base").err == "No base currency is set yet\n"
    crm.ok("customer add Acme")
    crm.ok("deal add One --customer acme --amount 1EUR")
    crm.ok("deal add Two --customer acme --amount 1USD")
    refused = crm("rate add GBP 1.1")
    assert (refused.code, refused.err) == (
        2,
        "crm: Amounts are in EUR, USD, and no base currency is set\n"
        "Set it, then give the others a rate: crm rate base EUR\n",
    )


def test_reports_name_what_has_no_rate(trade: Crm) -> None:
    trade.ok("rate add USD 0.9 --on 2026-05-01")
    db = open_reader(str(trade.db))
    try:
        with pytest.raises(Misuse) as refused:
            refuse_without_rate(db, "EUR")
        assert refused.value.message() == "No rate for USD on 2026-03-01: what 1 USD was worth in EUR"
        assert refused.value.advice() == "Add it: crm rate add USD RATE --on 2026-03-01"
        refuse_without_rate(db, "EUR", noun="deal")
        refuse_without_rate(db, "EUR", where="so.number IN ('A2', 'A4')")
        amounts = db.rows(f"SELECT so.number, {order_amount('EUR')} FROM sales_order so ORDER BY 1")
        assert amounts == [("A1", None), ("A2", 18000), ("A3", None), ("A4", 5000)]
        assert db.rows(f"SELECT d.title, {deal_amount('EUR')} FROM deal d ORDER BY 1") == [
            ("Big", 90000),
            ("Open", None),
        ]
        convert = Converter(db, "EUR")
        assert convert.convert(1000, "USD", DAY) == 900
        assert convert.convert(-1005, "USD", DAY) == -904  # -904.5, half to even
        with pytest.raises(Misuse):
            convert.convert(1000, "GBP", DAY)
        assert convert.used == {"USD": "2026-05-01"}
        notes = [sentence.format(**holes) for sentence, holes in rate_notes(db, "EUR", ["USD"], date(2026, 11, 25))]
        assert notes[1] == "The newest rate for USD is 208 days old: crm rate add USD RATE"
    finally:
        db.close()


@pytest.mark.ci
@pytest.mark.parametrize(
    ("typed", "code", "told"),
    [
        ("rate add XYZ 1", 2, '"XYZ" is not a currency'),
        ("rate add EUR 1", 2, "EUR is the base currency: its rate is 1"),
        ("rate add USD 0", 2, "A rate of 0 cannot be"),
        ("rate add USD -- -1", 2, '"-1" is no rate'),
        ("rate add USD 1e3", 2, '"1e3" is no rate'),
        ("rate add USD 1,084", 2, '"1,084" could be 1.084 or 1084'),
        ("rate add USD 0.1234567890123456789", 2, "has more than 18 digits"),
        ("rate add USD 0.9 --on 2026-13-01", 2, "2026-13-01"),
        ("rate add USD", 2, "rate is missing"),
        ("rate remove USD --on 2026-01-01", 3, "There is no rate for USD of 2026-01-01"),
        ("rate remove USD", 2, "--on is missing"),
        ("rate base XYZ", 2, '"XYZ" is not a currency'),
        ("rate import no.csv", 5, "no.csv"),
        ("rate import no.csv --quoted up", 2, "--quoted is one of: base foreign"),
    ],
)
def test_what_is_wrong_is_said(trade: Crm, typed: str, code: int, told: str) -> None:
    refused = trade(typed)
    assert refused.code == code, refused
    assert told in refused.err


def test_rates_are_listed_exactly(trade: Crm) -> None:
    for line in ("USD 0.9 --on 2026-03-01", "美元 ０.９５ --on 2026-04-01", "JPY 0,0061", "GBP 1.12345678901234567"):
        trade.ok(f"rate add {line}")
    rows = trade.ok("rate list --format csv --columns on,currency,rate,base").out
    assert rows == (
        "on,currency,rate,base\n2026-11-25,GBP,1.12345678901234567,EUR\n2026-11-25,JPY,0.0061,EUR\n"
        "2026-04-01,USD,0.95,EUR\n2026-03-01,USD,0.9,EUR\n"
    )
    assert '"rate": 1.12345678901234567,' in trade.ok("rate list gbp --json").out
    assert [row["currency"] for row in trade.rows("rates --sort rate --limit 2")] == ["JPY", "USD"]
    assert "has not come yet" in trade.ok("rate add USD 1 --on 2027-01-01").err
    again = trade.ok("rate add USD 1 --on 2027-01-01").err
    assert again == "Nothing to change: it is so already\n"


# ------------------------------------------------------------------ tables

ECB = "Date,USD,JPY,CYP,KWD,\n2026-03-02,1.25,160,0.5,N/A,\n2026-03-01,1.6,,0.5,0.32,\n"


def test_the_table_of_the_ecb_is_turned_over(trade: Crm) -> None:
    refused = trade("rate import -", stdin=ECB)
    assert refused.code == 2
    assert (
        "--quoted foreign: 1 EUR is so many USD, as the ECB has it; --quoted base: 1 USD is so many EUR" in refused.err
    )
    told = trade.ok("rate import - --quoted foreign --source ECB", stdin=ECB).err
    assert "Loaded rates: 4 new, 0 changed (2026-03-01 to 2026-03-02); undo: crm undo\n" in told
    assert "On 2026-03-02: 1 USD = 0.8 EUR, 1 JPY = 0.00625 EUR" in told
    assert "Left out, no currency today: CYP" in told
    rows = trade.sql("SELECT currency, rate_on, rate, source FROM rate ORDER BY 1, 2")
    assert rows == [
        ("JPY", "2026-03-02", "0.00625", "ECB"), ("KWD", "2026-03-01", "3.125", "ECB"),
        ("USD", "2026-03-01", "0.625", "ECB"), ("USD", "2026-03-02", "0.8", "ECB"),
    ]  # fmt: skip
    assert frozen(trade)[:3] == [
        ("A1", 6251, "EUR", "2026-03-01"), ("A2", 16000, "EUR", "2026-03-02"), ("A3", 7716, "EUR", "2026-03-02"),
    ]  # fmt: skip
    before = dump(trade)
    assert "Nothing to change" in trade.ok("rate import - --quoted foreign", stdin=ECB).err
    assert dump(trade) == before


def test_a_table_against_another_currency_is_crossed(trade: Crm) -> None:
    trade.ok("rate base USD")
    trade.ok("rate import - --quoted foreign --against EUR", stdin="Date,USD,GBP\n2026-03-02,1.25,0.8\n")
    rows = dict(trade.sql("SELECT currency, rate FROM rate"))
    assert rows == {"EUR": "1.25", "GBP": "1.5625"}


@pytest.mark.parametrize(
    ("table", "rates"),
    [
        ("date,currency,rate\n2026-03-01,USD,0.9\n", {"USD": "0.9"}),
        ("汇率,日期,币种\n0.9123,2026/3/1,美元\n", {"USD": "0.9123"}),
        ("day;code;value;units\n01.03.2026;JPY;0,61;100\n", {"JPY": "0.0061"}),
        ("date,base,quote,rate\n2026-03-01,EUR,USD,1.25\n", {"USD": "0.8"}),
        ("from,to,date,rate\nUSD,EUR,2026-03-01,0.9\nGBP,USD,2026-03-01,1.2\n", {"USD": "0.9", "GBP": "1.08"}),
        ("日期,USD/EUR,EUR/GBP,100JPY/EUR\n2026-03-01,0.9,0.8,0.61\n", {"USD": "0.9", "GBP": "1.25", "JPY": "0.0061"}),
        ('[{"date": "2026-03-01", "currency": "USD", "rate": 0.9}]', {"USD": "0.9"}),
    ],
    ids=["plain", "chinese", "units", "quote", "cross", "pairs", "json"],
)
def test_tables_in_any_sensible_form(trade: Crm, table: str, rates: dict[str, str]) -> None:
    trade.ok("rate import -", stdin=table)
    assert dict(trade.sql("SELECT currency, rate FROM rate WHERE rate_on = '2026-03-01'")) == rates


@pytest.mark.ci
@pytest.mark.parametrize(
    ("table", "told"),
    [
        (
            "date,currency,rate\n2026-03-01,USD,0.9\n2026-03-02,USD,x\n2026-03-03,GBP,-1\n",
            'Line 3, column rate: "x" is no',
        ),
        ("date,currency,rate\n2026-03-01,XYZ,0.9\n", 'Line 2, column currency: "XYZ" is not a currency'),
        ("date,currency,rate\n2026-02-30,USD,0.9\n", "Line 2, column date:"),
        ("date,currency,rate\n,USD,0.9\n", "Line 2, column date: The day is missing"),
        ("日期,币种,汇率\n05/06/2026,USD,0.9\n", "Line 2, column 日期:"),
        (
            "date,currency,rate\n2026-03-01,USD,0.9\n2026-03-01,USD,0.8\n",
            "USD has another rate on 2026-03-01 in line 2",
        ),
        ("date,currency,rate\n2026-03-01,EUR,0.9\n", "EUR in itself is 1"),
        ("date,currency,rate\n2026-03-01,USD,\n", "There is no rate in this file for EUR"),
        ("a,b\n1,2\n", "These are no columns of exchange rates: a, b"),
    ],
)
def test_a_wrong_cell_loads_nothing(trade: Crm, table: str, told: str) -> None:
    before = dump(trade)
    refused = trade("rate import -", stdin=table)
    assert refused.code == 65, refused
    assert told in refused.err
    assert dump(trade) == before


def test_a_listed_table_is_read_back(trade: Crm) -> None:
    trade.ok("rate add USD 0.9 --on 2026-03-01 --source bank")
    trade.ok("rate base USD")
    trade.ok("rate add EUR 1.1 --on 2026-03-01")
    own = trade.ok("rate list --format csv").out
    before = dump(trade)
    assert "Nothing to change" in trade.ok("rate import -", stdin=own).err
    assert dump(trade) == before
    report = trade.ok("rate import - --json", stdin=own).json
    assert (report["read"], report["added"], report["unchanged"]) == (2, 0, 2)


def test_imported_deals_are_frozen_and_thawed(trade: Crm, tmp_path: Path) -> None:
    trade.ok("rate add USD 0.5 --on 2026-01-01")
    head = "title,customer,stage,amount,currency,closed_on\n"
    file = tmp_path / "deals.csv"
    file.write_text(head + "New,Acme,won,100,USD,2026-02-01\n")
    before = dump(trade)
    trade.ok(f"import {file} --as deals")
    assert frozen(trade)[-2] == ("New", 5000, "EUR", "2026-01-01")
    after = dump(trade)
    trade.ok("undo")
    assert dump(trade) == before
    trade.ok("redo")
    assert dump(trade) == after
    trade.ok("rate add USD 0.7 --on 2026-01-15")
    file.write_text(head + "New,Acme,won,200,USD,2026-02-01\n")
    trade.ok(f"import {file} --as deals")
    assert frozen(trade)[-2] == ("New", 14000, "EUR", "2026-01-15")
    file.write_text(head + "New,Acme,lead,200,USD,\n")
    trade.ok(f"import {file} --as deals")
    assert frozen(trade)[-2] == ("New", None, None, None)


def test_check_finds_what_is_frozen_by_halves(trade: Crm) -> None:
    import sqlite3

    trade.ok("rate add USD 0.9 --on 2026-03-01")
    for statement, name in (
        ("UPDATE sales_order SET base_currency = NULL WHERE id = 1", "order-frozen"),
        ("UPDATE deal SET rate_on = NULL WHERE title = 'Big'", "deal-frozen"),
        ("UPDATE deal SET base_amount = 1, base_currency = 'EUR', rate_on = '2026-03-01' WHERE title = 'Open'",
         "deal-open-frozen"),
        ("UPDATE sales_order SET base_currency = 'GBP' WHERE id = 2", "frozen-base"),
        ("UPDATE sales_order SET currency = 'XYZ' WHERE id = 3", "currency-known"),
        ("UPDATE rate SET rate = '0.0'", "rate-form"),
        ("UPDATE setting SET value = 'euro'", "base-known"),
    ):  # fmt: skip
        with sqlite3.connect(trade.db) as connection:
            connection.create_function("fold", 1, str)
            connection.execute(statement)
        connection.close()
        assert name in {row["check"] for row in trade("check --json").json}, name
