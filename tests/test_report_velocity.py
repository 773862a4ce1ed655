"""crm report velocity: opportunities x average won amount x win rate / days, of the deals closed in a time."""

from fractions import Fraction

import pytest
from conftest import Crm

KEYS = "opportunities won lost win_rate average_won cycle_days velocity currency first_closed_on last_closed_on".split()
HEAD = "title,customer,stage,amount,currency,opened,closed,owner,reason\n"


def deals(crm: Crm, rows: str) -> Crm:
    """Closed deals of a file; the customer and the owners are made."""
    crm.ok("import", "-", "--as", "deals", "--create", "customers,owners", "--on-duplicate", "new", stdin=HEAD + rows)
    return crm


def test_the_example_of_the_source(crm: Crm) -> None:
    won = "".join(f"W{n},Acme,won,25000,GBP,2026-01-01,2026-04-01,Ana,\n" for n in range(10))
    lost = "".join(f"L{n},Acme,lost,9000,GBP,2026-01-01,2026-02-01,Ana,price\n" for n in range(30))
    (row,) = deals(crm, won + lost).rows("report velocity")
    assert list(row) == KEYS
    assert (row["opportunities"], row["won"], row["win_rate"], row["average_won"]) == (40, 10, 25, 25_000)
    assert row["cycle_days"] == 90
    assert row["velocity"] == 2777.78  # 40 x 25,000 x 0.25 / 90
    said = crm.ok("report velocity").err.splitlines()
    assert said[0] == "Deals closed from 2026-02-01 to 2026-04-01"
    assert said[1] == "40 deals x GBP 25,000 x 25% / 90 days = GBP 2,777.78 a day"


@pytest.fixture
def mixed(crm: Crm) -> Crm:
    return deals(
        crm,
        "A,Acme,won,1000,EUR,2026-01-01,2026-01-31,Ana,\nB,Acme,won,2000,EUR,2026-01-01,2026-02-10,Ana,\n"
        "C,Acme,lost,500,EUR,2026-01-01,2026-02-01,Ana,price\nD,Acme,won,,,2026-03-01,2026-05-10,Ben,\n"
        "E,Acme,lost,500,EUR,2026-04-01,2026-05-01,Ben,price\nF,Acme,lead,7000,EUR,2026-01-01,,Ben,\n",
    )


def test_the_cohort_is_by_day_of_close(mixed: Crm) -> None:
    (row,) = mixed.rows("report velocity --to 2026-03-31")
    assert (row["opportunities"], row["won"], row["average_won"], row["cycle_days"]) == (3, 2, 1500, 35)
    assert row["velocity"] == float(round(3 * 1500 * Fraction(2, 3) / 35, 2))
    rows = {row["month"]: row for row in mixed.rows("report velocity --by month")}
    assert list(rows) == ["2026-01", "2026-02", "2026-05"]
    assert rows["2026-02"]["velocity"] == 50  # 2 x 2,000 x 1/2 / 40


def test_won_deals_without_an_amount_are_not_in_the_average(mixed: Crm) -> None:
    (row,) = mixed.rows("report velocity")
    assert (row["won"], row["average_won"]) == (3, 1500)
    told = mixed.rows("report velocity --explain")
    assert told["counted"] == {"won_deals": 3, "lost_deals": 2}
    assert told["left_out"] == {"won_without_amount": 1, "open_deals": 1}


def test_by_owner_with_nothing_to_divide(mixed: Crm) -> None:
    rows = {row["owner"]: row for row in mixed.rows("report velocity --by owner")}
    assert (rows["Ben"]["average_won"], rows["Ben"]["velocity"]) == (None, None)
    assert rows["Ana"]["win_rate"] == 66.67
    assert "None of those won has an amount" in mixed.ok("report velocity owner:Ben").err


def test_nothing_won_nothing_closed_no_days_no_money(crm: Crm) -> None:
    assert crm.rows("report velocity") == []
    assert crm.ok("report velocity").err == "No deal was closed in this time.\n"
    crm.ok("customer add Acme")
    crm.ok("deal add L --customer acme --amount 0EUR")
    crm.ok("deal lose L --reason price")
    assert crm.rows("report velocity")[0]["velocity"] is None
    assert "None of them was won" in crm.ok("report velocity").err
    crm.ok("deal add W --customer acme --amount 0EUR")
    crm.ok("deal win W")
    row = crm.rows("report velocity")[0]
    assert (row["cycle_days"], row["average_won"], row["velocity"]) == (0, 0, None)
    assert "there is no time to divide by" in crm.ok("report velocity").err


@pytest.mark.ci
def test_it_fits_the_screen_in_both_languages(mixed: Crm) -> None:
    narrow = {"COLUMNS": "40", "FORCE_COLOR": "1", "NO_COLOR": "1"}
    shown = mixed.ok("report velocity --by quarter --lang zh", env=narrow).out
    assert all(len(line) <= 40 for line in shown.splitlines())
    assert "每天金额" in shown
    assert (
        mixed.ok("report velocity --by owner --format csv --columns owner,velocity").out.splitlines()[0]
        == "owner,velocity"
    )
