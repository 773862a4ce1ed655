"""crm predict: fits that match the papers, customers by them and by the plain rule, and no number where none is."""

import csv
import io
import json
import os
import random
import sqlite3
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import Crm, Result, begin

from crm_cli.i18n import set_language
from crm_cli.output.fits import verdict
from crm_cli.rules.fields import ANSWER_KEYS

TODAY = date(2026, 11, 25)
CDNOW = Path(os.environ.get("CRM_REAL_DATA", "/nowhere")) / "rfm/cdnow/CDNOW_sample.txt"
FIXED = "r alpha a b log_likelihood p q v customers repeaters correlation holdout".split()


def strict(result: Result) -> Any:
    """JSON as the standard has it: no NaN, no Infinity."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    return json.loads(result.out, parse_constant=refuse)


def orders(customers: int = 120) -> str:
    """A file of orders of so many customers over two years: each buys at a rate of its own until it leaves."""
    chance, out = random.Random(7), io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["customer", "date", "amount"])
    for n in range(customers):
        day = TODAY - timedelta(days=chance.randrange(200, 700))
        rate, leaves, mean = chance.gammavariate(1, 1 / 30), chance.betavariate(1, 6), chance.gammavariate(4, 25)
        while day < TODAY:
            rows.writerow([f"Shop {n}", day.isoformat(), f"{chance.gammavariate(5, mean / 5) + 1:.2f}"])
            if chance.random() < leaves:
                break
            day += timedelta(days=1 + int(chance.expovariate(max(rate, 0.002))))
    return out.getvalue()


@pytest.fixture
def shop(crm: Crm, begun: dict[str, bytes]) -> Crm:
    """120 customers with orders in EUR, and one without."""
    if "foreseen" not in begun:
        crm.ok("import", "-", "--as", "orders", "--create", "customers", "--currency", "EUR", stdin=orders())
        crm.ok("customer add Nobody")
        begun["foreseen"] = crm.db.read_bytes()
    crm.db.write_bytes(begun["foreseen"])
    return crm


@pytest.fixture
def few(crm: Crm, begun: dict[str, bytes]) -> Crm:
    """What may be odd about a customer: four orders, one, none, only returns, only in the future."""
    begin(
        crm,
        begun,
        "few",
        *(
            ("2026-11-24", f"{line} --quiet")
            for line in (
                "customer add Four",
                *(f"order add four --amount 100EUR --on {day}" for day in ("2026-06-01", "2026-07-01", "2026-07-31")),
                "order add four --amount 120EUR --on 2026-08-30",
                "customer add One",
                "order add one --amount 50EUR --on 2026-11-20",
                "customer add Zero",
                "customer add Returned",
                "order add returned --amount=-30EUR --on 2026-10-01",
                "customer add Later",
                "order add later --amount 70EUR --on 2027-01-15",
            )
        ),
    )
    return crm


# ------------------------------------------------------------------ the published example


@pytest.mark.skipif(not CDNOW.is_file(), reason="needs CRM_REAL_DATA")
def test_cdnow_gives_what_was_published(crm: Crm) -> None:
    rows = (line.split() for line in CDNOW.read_text("ascii").splitlines())
    text = "customer,date,amount\n" + "".join(f"{who},{on},{money}\n" for _, who, on, _, money in rows)
    then, began = crm.at("1998-06-30T09:00:00"), time.process_time()
    then.ok("import", "-", "--as", "orders", "--create", "customers", "--currency", "USD", stdin=text)
    found = strict(then.ok("predict fit --holdout 39w --json"))
    assert time.process_time() - began < 5
    shape = [round(found[name], 3) for name in ("r", "alpha", "a", "b")]
    assert shape == [0.243, 4.414, 0.793, 2.426]
    assert round(found["log_likelihood"], 1) == -9582.4
    assert [round(found[name], 2) for name in ("p", "q", "v")] == [6.25, 3.74, 15.44]
    assert (found["customers"], found["repeaters"], found["as_of"]) == (2357, 946, "1997-09-30")
    assert (found["converged"], found["edge"]) == (True, False)
    tried = found["holdout"]
    assert tried["nearer"] == {"same_again": [], "recency": []}
    for name in ("same_again", "recency"):
        assert tried["model"]["mae"] < tried[name]["mae"]
        assert tried["model"]["rmse"] < tried[name]["rmse"]
    told = crm.at("1997-09-30T09:00:00").rows("predict show 0001 --within 39w")
    assert round(told["expected"], 3) == 1.226
    assert told["repeats"] == 2


# ------------------------------------------------------------------ a fit


def test_a_fit_says_how_far_it_may_be_trusted(shop: Crm) -> None:
    found = strict(shop.ok("predict fit --json"))
    assert list(found) == ANSWER_KEYS["predict_fit"]
    assert set(FIXED) <= set(found)
    assert not found["too_little"]
    assert found["customers"] == 120
    assert found["repeaters"] >= 50
    assert found["currency"] == "EUR"
    assert -1 <= found["correlation"] <= 1
    assert found["holdout"]["fitted_apart"]
    assert set(found["holdout"]["nearer"]) == {"same_again", "recency"}
    told = shop.ok("predict fit")
    for word in ("log likelihood", "correlation", "converged", "edge", "same again", "recency", "hold-out"):
        assert word in told.out
    assert "Kept" in told.err


def test_a_fit_with_a_holdout_knows_nothing_of_the_last_days(shop: Crm) -> None:
    found = shop.rows("predict fit --holdout 26w")
    assert found["as_of"] == "2026-05-27"
    assert found["holdout"]["from"] == "2026-05-28"
    assert not found["holdout"]["fitted_apart"]
    earlier = shop.at("2026-05-27T09:00:00").rows("predict fit --dry-run")
    assert [found[name] for name in FIXED[:-1]] == [earlier[name] for name in FIXED[:-1]]


def test_a_fit_is_kept_and_leaves_no_history(shop: Crm) -> None:
    before = shop.rows("history")
    shop.ok("predict fit --dry-run")
    assert shop.sql("SELECT count(*) FROM prediction_fit") == [(0,)]
    shop.ok("predict fit")
    shop.ok("predict fit")
    assert shop.sql("SELECT as_of_on, fitted_at FROM prediction_fit") == [("2026-11-25", "2026-11-25T09:00:00Z")]
    assert shop.rows("history") == before


def test_a_fit_of_some_customers_says_so_and_keeps_no_name(shop: Crm) -> None:
    assert shop.rows("predict fit")["chosen"] is False
    found = shop.rows('predict fit "name:Shop id:1..110"')
    assert (found["customers"], found["chosen"]) == (110, True)
    assert "chosen by a query" in shop.ok("predict list --limit 1").err
    assert "Shop" not in shop.sql("SELECT result FROM prediction_fit")[0][0]


@pytest.mark.parametrize("line", ["--holdout soon", "--discount lots", "--discount 101", "--discount 1e2", "nosuch:1"])
def test_what_is_no_holdout_discount_or_query_is_refused(shop: Crm, line: str) -> None:
    assert shop(f"predict fit {line}").code == 2


def test_too_little_data_are_said_and_not_fitted(few: Crm) -> None:
    found = few("predict fit --json")
    assert found.code == 0
    told = strict(found)
    assert list(told) == ANSWER_KEYS["predict_fit"]
    assert (told["too_little"], told["customers"], told["repeaters"]) == (True, 2, 1)
    assert told["r"] is told["holdout"] is None
    assert told["rhythm"] == {"interval_days": 30.0, "steady": 1, "warn": 1, "lost": 0, "unknown": 0}
    assert "Too little data" in few.ok("predict fit").err
    assert few.sql("SELECT count(*) FROM prediction_fit") == [(0,)]
    assert strict(few.ok("predict fit --holdout 520w --json"))["customers"] == 0


def test_a_new_database_has_nothing_to_fit(crm: Crm) -> None:
    told = strict(crm.ok("predict fit --json"))
    assert (told["too_little"], told["customers"], told["currency"]) == (True, 0, None)
    assert strict(crm.ok("predict list --json")) == []
    assert not crm.db.exists()
    for year in ("0008", "9999"):
        crm.at(f"{year}-12-31T09:00:00").ok("predict fit --holdout 3650d")


def test_a_plain_guess_that_came_nearer_is_named() -> None:
    set_language("en")
    told = verdict({"nearer": {"same_again": [], "recency": ["mae", "total"]}})
    assert "recency (by mean error, number of orders)" in told
    assert "nearer than both" in verdict({"nearer": {"same_again": [], "recency": []}})


# ------------------------------------------------------------------ customers by it


def test_a_list_by_the_fit_sorts_by_worth(shop: Crm) -> None:
    shop.ok("predict fit")
    listed = shop.ok("predict list --json")
    rows = strict(listed)
    assert list(rows[0]) == ANSWER_KEYS["predict"]
    assert len(rows) == 120
    worth = [row["clv"] for row in rows]
    assert worth == sorted(worth, reverse=True)
    for row in rows:
        assert 0 <= row["alive"] <= 100
        assert 0 <= row["expected_30"] <= row["expected_90"] <= row["expected_365"]
        assert 0 <= row["money_30"] <= row["money_90"] <= row["money_365"]
        assert row["too_little"] == (row["orders"] == 1)
        assert row["next_order_on"] is None or row["next_order_on"] > TODAY.isoformat()
    assert "1 customer has not bought yet" in listed.err
    for word in ("fitted today", "log likelihood", "correlation", "hold-out", "10 % a year"):
        assert word in listed.err
    assert "fitted 3 days ago" in shop.at("2026-11-28T09:00:00").ok("predict list --limit 1").err


def test_a_list_takes_a_query_columns_order_and_limit(shop: Crm) -> None:
    shop.ok("predict fit")
    asked = ("predict", "list", "id:1..9", "--sort", "-risk,name", "--limit", "3", "--columns", "name,risk")
    rows = shop.rows(*asked)
    assert len(rows) == 3
    assert list(rows[0]) == ["name", "risk"]
    assert [row["risk"] for row in rows] == sorted((row["risk"] for row in rows), reverse=True)
    everyone = {row["id"]: row for row in shop.rows("predict list")}
    assert all(everyone[row["id"]] == row for row in shop.rows("predict list id:1..9"))
    assert shop("predict list --columns nosuch").code == 2


def test_one_purchase_is_never_shown_as_alive_alone(shop: Crm) -> None:
    shop.ok("predict fit")
    once = next(row for row in shop.rows("predict list") if row["orders"] == 1)
    assert once["alive"] == 100
    assert "100% (too little data)" in shop.ok(f"predict list id:{once['id']}").out
    assert "100% (too little data): it bought on one day only" in shop.ok(f"predict show {once['id']}").out


def test_a_higher_discount_is_worth_less_and_is_stated(shop: Crm) -> None:
    shop.ok("predict fit")
    usual = shop.rows("predict list --limit 1")[0]
    shop.ok("predict fit --discount 25%")
    dear = shop.rows(f"predict show {usual['id']}")
    assert dear["clv"] < usual["clv"]
    assert dear["money_365"] == usual["money_365"]
    assert dear["fit"]["discount"] == 25
    assert "25 % a year" in shop.ok(f"predict show {usual['id']}").out


def test_show_explains_every_number(shop: Crm) -> None:
    shop.ok("predict fit")
    best = shop.rows("predict list --limit 1")[0]
    told = shop.ok(f"predict show {best['id']} --within 2w")
    for word in (
        best["name"], "days with an order", "median of its own intervals", "a warning after", "of 100", "next 14 days",
        "next 30 days", "next 365 days", "repeat purchases", "at a discount of 10 % a year", "as likely as not",
    ):  # fmt: skip
        assert word in told.out
    assert told.out.index("next 14 days") < told.out.index("next 30 days")
    shown = strict(shop.ok(f"predict show {best['id']} --json"))
    assert {key: shown[key] for key in best} == best
    assert {"repeats", "recency_weeks", "age_weeks", "mean", "spend", "basis", "parts", "fit"} <= set(shown)
    assert sum(part["points"] for part in shown["parts"]) == shown["risk"]
    assert shop("predict show nosuch").code == 3
    assert "仍是客户" in shop.ok(f"predict show {best['id']}", env={"CRM_LANG": "zh"}).out


def test_the_last_days_of_the_calendar_have_no_day_after_them(shop: Crm) -> None:
    shop.ok("predict fit")
    with sqlite3.connect(shop.db) as connection:
        connection.execute("UPDATE sales_order SET ordered_on = '9999-12-' || substr(ordered_on, 9)")
    end = shop.at("9999-12-31T09:00:00")
    assert {row["next_order_on"] for row in end.rows("predict list")} == {None}
    with sqlite3.connect(shop.db) as connection:
        connection.execute("DELETE FROM prediction_fit")
    assert all((row["next_order_on"] or "") < "9999-12-32" for row in end.rows("predict list"))


def test_explain_names_formula_source_and_who_is_left_out(shop: Crm) -> None:
    shop.ok("predict fit")
    told = strict(shop.ok("predict list --explain --json"))
    assert "alpha" in told["formula"]
    assert "Fader" in told["source"]
    assert told["counted"]["customers"] == 120
    assert told["left_out"] == {"without_orders": 1}


# ------------------------------------------------------------------ without a fit, and at the edges


def test_without_a_fit_there_is_the_plain_rule(few: Crm) -> None:
    listed = few.ok("predict list --json")
    four, one = sorted(strict(listed), key=lambda row: row["id"])
    assert (four["orders"], four["interval_days"], four["silent_days"], four["state"]) == (4, 30, 87, "warn")
    assert (four["alive"], four["expected_90"], four["clv"], four["too_little"]) == (None, None, None, None)
    assert four["next_order_on"] == "2026-09-29"
    assert (one["orders"], one["state"], one["risk"]) == (1, "steady", 0)
    assert "crm predict fit" in listed.err
    assert "3 customers have not bought yet" in listed.err
    told = few.ok("predict show four")
    assert "silent for long; a warning after 60 days of silence, lost after 90" in told.out
    assert "as with all customers" in few.ok("predict show one").out


def test_falling_contact_is_part_of_the_risk(few: Crm) -> None:
    before = few.rows("predict show four")["risk"]
    for day in ("2026-06-02", "2026-06-10", "2026-06-20", "2026-07-01"):
        few.ok(f"log call four hello --at {day} --quiet")
    told = few.rows("predict show four")
    parts = {part["name"]: part for part in told["parts"]}
    assert parts["contact"]["numbers"] == {"earlier": 3, "later": 0}
    assert parts["contact"]["points"] == parts["contact"]["most"] == 15
    assert told["risk"] != before
    assert told["risk"] == next(row["risk"] for row in few.rows("predict list") if row["name"] == "Four")


@pytest.mark.parametrize("name", ["zero", "returned", "later"])
def test_who_has_not_bought_gets_a_sentence_and_no_number(few: Crm, name: str) -> None:
    told = few.ok(f"predict show {name}")
    assert "has not bought yet" in told.err
    row = strict(few.ok(f"predict show {name} --json"))
    assert (row["orders"], row["state"], row["risk"], row["clv"], row["fit"]) == (0, "none", None, None, None)


def test_deals_in_another_currency_do_not_matter(few: Crm) -> None:
    few.ok("deal add Abroad --customer zero --amount 100CHF --duplicate")
    assert len(few.rows("predict list")) == 2


def test_several_currencies_need_a_base_and_a_rate(few: Crm) -> None:
    few.ok("order add one --amount 60USD --on 2026-11-21")
    assert "no base currency" in few("predict list").err
    assert few("predict fit").code == few("predict show one").code == 2
    few.ok("rate base EUR")
    missing = few("predict list")
    assert (missing.code, "No rate for USD" in missing.err) == (2, True)
    assert few("predict show four").code == 0  # has nothing in that currency
    few.ok("rate add USD 0.9 --on 2026-11-01")
    assert {row["name"]: row["orders"] for row in few.rows("predict list")} == {"Four": 4, "One": 2}


def test_a_removed_product_or_order_changes_nothing_or_counts_no_more(few: Crm) -> None:
    few.ok("product add Widget --code W-1 --price 10EUR")
    few.ok("order add one --line W-1:2 --on 2026-11-22")
    few.ok("product remove W-1")
    assert few.rows("predict show one")["orders"] == 2
    few.ok("order remove 5")  # the one of 20 November
    assert few.rows("predict show one")["first_order_on"] == "2026-11-22"


def test_a_fit_in_another_currency_tells_no_money(shop: Crm) -> None:
    shop.ok("predict fit")
    shop.ok("rate base USD")
    shop.ok("rate add EUR 1.1 --on 2024-01-01")
    listed = shop.ok("predict list --limit 1 --json")
    row = strict(listed)[0]
    assert row["alive"] is not None
    assert (row["clv"], row["money_30"], row["currency"]) == (None, None, "USD")
    assert "The fit counts money in EUR" in listed.err
    assert "next 30 days" in shop.ok("predict show 1").out


def test_a_kept_fit_that_cannot_be_read_is_none(shop: Crm) -> None:
    shop.ok("predict fit")
    with sqlite3.connect(shop.db) as connection:
        connection.execute("UPDATE prediction_fit SET result = '{\"as_of\": 1}'")
    assert "Nothing is fitted yet" in shop.ok("predict list --limit 1").err


@pytest.mark.ci
@pytest.mark.parametrize("format_", ["csv", "tsv", "md", "jsonl", "ids", "table"])
def test_every_format_answers_with_and_without_a_fit(shop: Crm, format_: str) -> None:
    for line in ("predict list", "predict show 1", "predict fit", "predict list", "predict show 1"):
        result = shop.ok(f"{line} --format {format_}")
        assert result.out
        for word in ("nan", "inf,", "Infinity", "None"):
            assert word not in result.out
