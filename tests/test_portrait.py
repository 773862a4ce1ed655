"""crm customer show --portrait: one customer on one page, each line with where it comes from."""

from datetime import date, timedelta
from typing import Any

import pytest
from conftest import Crm, begin

from crm_cli.rules.portrait import discounts, hours, season

DAY = "2026-11-25"


@pytest.fixture
def known(crm: Crm, begun: dict[str, bytes]) -> Crm:
    """A customer with orders, talks, people, a deal at risk and a task that is late."""
    begin(
        crm, begun, "portrait",
        ("2026-01-05", "customer add Acme --industry machinery --size 240 --country DE --prefers email --note 'two shifts'"),
        ("2026-01-05", "customer add Other"),
        ("2026-01-05", "contact add Jane --customer acme --title CTO --role decision-maker"),
        ("2026-01-05", "product add Scanner --code P1 --price 100EUR"),
        ("2026-01-05", "product add Help --code P2 --price 50EUR"),
        ("2026-06-01", "order add acme --line P1:1@100-10% --currency EUR --on 2026-01-10"),
        ("2026-06-01", "order add acme --line P1:2 --on 2026-02-10 --currency EUR"),
        ("2026-06-01", "order add acme --line P1:3 --line P2:1 --on 2026-03-12 --currency EUR"),
        ("2026-06-01", "order add other --line P1:9@100-50% --currency EUR --on 2026-03-01"),
        ("2026-06-02", "log call acme 'loses hours looking for pallets' --direction in --at 2026-06-02@08:15"),
        ("2026-06-03", "log email acme 'sent the offer'"),
        (DAY, "deal add Rollout --customer acme --amount 5kEUR --risk 'no budget'"),
        (DAY, "deal add Pilot --customer acme --stage lost --reason price"),
        (DAY, "task add 'send the quote' --customer acme --due 2026-11-20"),
    )  # fmt: skip
    return crm


def lines(crm: Crm, who: str = "acme") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = crm.rows(f"customer show {who} --portrait")["lines"]
    return found


def facts(crm: Crm, about: str, who: str = "acme") -> list[str]:
    return [line["fact"] for line in lines(crm, who) if line["about"] == about]


def test_each_line_says_where_it_comes_from(known: Crm) -> None:
    found = lines(known)
    assert {line["about"] for line in found} == {"who", "buying", "needs", "people", "reach", "risks", "next"}
    assert [line["fact"] for line in found if not line["ref"]] == []
    for line in found:
        noun, _, number = line["ref"].partition(":")
        if number:
            known.ok(f"{noun} show {number}")


def test_how_they_buy_is_counted_from_orders(known: Crm) -> None:
    assert facts(known, "buying") == [
        "EUR 640 in 3 orders since 2026-01-10",
        "every 30.5 days (own median), last 258 days ago",
        "1.3 lines, EUR 213.33 an order; median EUR 200",
        "orders with Scanner 3, Help 1",
    ]
    known.ok("order add acme --line P1:1 --currency EUR --on 2026-03-13")
    assert "discount on 20% of lines, mean 2%; others 100%, 50%" in facts(known, "buying")


def test_what_was_said_stands_in_its_own_words_with_its_day(known: Crm) -> None:
    assert [(line["fact"], line["ref"], line["on"]) for line in lines(known) if line["about"] == "needs"] == [
        ("two shifts", "customer:1", "2026-01-05"),
        ("email: sent the offer", "interaction:2", "2026-06-03"),
        ("call: loses hours looking for pallets", "interaction:1", "2026-06-02"),
        ("lost Pilot: price", "deal:2", DAY),
    ]


def test_people_ways_risks_and_the_next_step(known: Crm) -> None:
    assert facts(known, "people") == ["Jane, CTO, decision-maker"]
    assert facts(known, "reach") == ["prefers email", "they turn to us: call 1 (we 0)"]
    assert facts(known, "risks") == [
        "no order for 258 days, usually every 30.5; risk 100 of 100",
        "1 overdue: send the quote",
        "Rollout: no budget",
    ]
    assert facts(known, "next") == ["send the quote: due 5 days ago"]


def test_a_withdrawn_consent_is_said(known: Crm) -> None:
    known.ok("privacy consent acme --channel email --withdraw")
    assert "not by email: consent withdrawn" in facts(known, "reach")


def test_a_customer_with_nothing_has_a_sensible_page(crm: Crm) -> None:
    crm.ok("customer add Bare")
    assert [(line["about"], line["fact"]) for line in lines(crm, "bare")] == [
        ("who", "company"),
        ("buying", "no orders yet"),
        ("risks", "none seen"),
        ("next", "nothing is planned: crm task add TEXT --customer 1"),
    ]


@pytest.mark.ci
@pytest.mark.parametrize(
    ("orders", "told"),
    [
        (["--amount 5EUR --on 2026-12-24"], ["no orders yet"]),
        (["--amount -5EUR --on 2026-11-01"], ["EUR -5 in one order"]),
        (
            ["--amount 5EUR --on 2026-11-01"],
            ["EUR 5 in one order", "EUR 5 an order, median EUR 5"],
        ),
        (
            ["--amount 5EUR --on 2026-11-01", "--amount 9USD --on 2026-11-02"],
            ["EUR 5 in one order", "USD 9 in one order",
             "every 1 days (own median), last 23 days ago", "EUR 5 an order, median EUR 5"],
        ),
    ],
)  # fmt: skip
def test_few_and_odd_orders_are_told_as_they_are(crm: Crm, orders: list[str], told: list[str]) -> None:
    crm.ok("customer add Acme")
    for order in orders:
        crm.ok(f"order add acme {order}")
    assert facts(crm, "buying") == told


def test_a_removed_product_is_still_named(known: Crm) -> None:
    known.ok("product remove P1")
    line = next(line for line in lines(known) if line["fact"].startswith("orders with"))
    assert (line["fact"], line["ref"]) == ("orders with Scanner 3, Help 1", "order:3")


@pytest.mark.ci
@pytest.mark.parametrize("columns", ["80", "40"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_fits_the_screen(known: Crm, columns: str, language: str) -> None:
    from crm_cli.rules.text import width

    env = {"COLUMNS": columns, "FORCE_COLOR": "", "CRM_LANG": language, "CLICOLOR_FORCE": "1", "NO_COLOR": "1"}
    known.ok("customer edit acme --name 上海星河软件有限公司")
    shown = known.ok("customer show 1 --portrait", env=env).out.splitlines()
    assert max(map(width, shown)) <= int(columns)
    assert len(shown) <= (26 if columns == "80" else 70)


# ------------------------------------------------------------------ rules


def test_a_month_stands_out_with_twice_its_share() -> None:
    christmas = [date(year, 12, day) for year in (2024, 2025) for day in (1, 5, 9)]
    rest = [date(2025, month, 3) for month in (2, 4, 6, 8)]
    assert season(christmas + rest) == ((12,), 6, 10)
    assert season(rest) is None
    even = [date(2024, 1, 1) + timedelta(days=31 * n) for n in range(24)]
    assert season(even) == ((), 0, 24)


def test_hours_hold_half_of_the_talks_or_nothing() -> None:
    assert hours([9, 10, 11, 15, 9]) == (9, 12, 4, 5)
    assert hours([9, 9, 9, 9]) is None
    assert hours([0, 4, 8, 12, 16, 20, 23]) is None


def test_discounts_of_no_lines_are_none() -> None:
    assert discounts(0, 0, 0) is None
    assert discounts(4, 1, 2000) == (4, 25.0, 5.0)
