"""crm report wins and losses: counts, amounts, shares and win rates, by what deals have in common."""

import pytest
from conftest import Crm

KEYS = "deals amount currency share amount_share average won lost win_rate value_win_rate".split()
HEAD = "title,customer,stage,amount,currency,opened,closed,source,reason\n"


@pytest.fixture
def closed(crm: Crm) -> Crm:
    """Five won, three lost, one open; the sources of two customers stand for those of deals that have none."""
    crm.ok("customer add Acme --source Fair")
    crm.ok("customer add Beta --source web --region DACH")
    file = HEAD + (
        "W1,Acme,won,100,EUR,2026-01-01,2026-01-31,,\nW2,Acme,won,200,EUR,2026-01-01,2026-02-10,fair,\n"
        "W3,Beta,won,300,EUR,2026-01-01,2026-02-11,,\nW4,Beta,won,400,EUR,2026-01-01,2026-05-10,,\n"
        "W5,Beta,won,,,2026-01-01,2026-05-11,,\nL1,Acme,lost,1000,EUR,2026-01-01,2026-05-12,,Price\n"
        "L2,Beta,lost,0,EUR,2026-01-01,2026-05-13,,price\nL3,Beta,lost,250,EUR,2026-01-01,2026-05-13,,timing\n"
        "O1,Beta,lead,9999,EUR,2026-01-01,,,\n"
    )
    crm.ok("import", "-", "--as", "deals", stdin=file)
    return crm


def test_wins_by_source_of_the_deal_or_its_customer(closed: Crm) -> None:
    rows = {row["source"]: row for row in closed.rows("report wins")}
    assert list(rows) == ["web", "Fair"] or list(rows) == ["web", "fair"]
    web, fair = rows.values()
    assert list(web) == ["source", *KEYS]
    assert (web["deals"], web["amount"], web["average"]) == (3, 700, 350)  # one has no amount
    assert (fair["deals"], fair["amount"], fair["share"], fair["amount_share"]) == (2, 300, 40.0, 30.0)
    assert (fair["won"], fair["lost"], fair["win_rate"]) == (2, 1, 66.67)
    assert fair["value_win_rate"] == 23.08  # 300 of 1,300
    assert closed.rows("report wins --explain")["left_out"] == {"without_amount": 1}


def test_losses_by_reason_have_no_win_rate(closed: Crm) -> None:
    rows = closed.rows("report losses")
    assert [(row["reason"].lower(), row["deals"], row["amount"]) for row in rows] == [
        ("price", 2, 1000),
        ("timing", 1, 250),
    ]
    assert [row["share"] for row in rows] == [66.7, 33.3]
    assert {row["win_rate"] for row in rows} == {None}
    refused = closed("report wins --by reason")
    assert (refused.code, "Only lost deals have a reason" in refused.err) == (2, True)


def test_sizes_are_the_quarters_of_the_amounts(closed: Crm) -> None:
    rows = closed.rows("report wins --by size")
    # amounts above zero: 100 200, 250, 300 400, 1000; two deals have none
    assert [row["size"] for row in rows] == ["100..200", "300..400", None]
    assert [(row["won"], row["lost"]) for row in rows] == [(2, 0), (2, 0), (1, 1)]
    listed = closed.rows(f"deal list is:won amount:{rows[0]['size']}")
    assert len(listed) == rows[0]["won"]


def test_by_time_owner_and_region_with_a_query(closed: Crm) -> None:
    assert [(row["month"], row["deals"]) for row in closed.rows("report wins --by month")] == [
        ("2026-01", 1), ("2026-02", 2), ("2026-05", 2),
    ]  # fmt: skip
    assert [row["quarter"] for row in closed.rows("report wins --by quarter --from 2026-04-01")] == ["2026-Q2"]
    assert {row["region"]: row["deals"] for row in closed.rows("report wins --by region")} == {"DACH": 3, None: 2}
    assert closed.rows("report losses --by owner customer:beta")[0]["deals"] == 2
    assert closed.ok("report wins --by 来源 --to 2020-01-01").err == "No deal was won in this time.\n"
    assert closed.rows("report losses --to 2020-01-01") == []


def test_of_losses_that_nobody_gave_an_amount_no_rate_by_amount_is_told(closed: Crm) -> None:
    (row,) = closed.rows("report losses --by source L2")
    assert (row["amount"], row["amount_share"], row["value_win_rate"]) == (0, None, None)


def test_a_deal_is_divided_among_its_products(crm: Crm) -> None:
    crm.ok("customer add Acme")
    crm.ok("product add Seat --code S1 --price 100EUR")
    crm.ok("product add Support --code S2 --price 50EUR")
    crm.ok("deal add both --customer acme --line S1:2 --line S2:2")
    crm.ok("deal add less --customer acme --line S1:1 --line S2:1 --amount 100.01EUR")
    crm.ok("deal add plain --customer acme --amount 40EUR")
    crm.ok("deal win both less plain")
    rows = {row["product"]: row for row in crm.rows("report wins --by product")}
    assert list(rows) == ["Seat", "Support", None]
    assert [row["deals"] for row in rows.values()] == [2, 2, 1]
    assert sum(round(row["amount"] * 100) for row in rows.values()) == 44_001
    assert rows["Support"]["amount"] == 133.34
    assert rows["Seat"]["share"] == 66.7  # two of three deals


def test_nothing_at_all(crm: Crm) -> None:
    for line in ("report wins", "report losses", "report wins --by size", "report losses --by product"):
        assert crm.rows(line) == []
        assert crm.ok(line).err.startswith("No deal was ")


@pytest.mark.ci
def test_two_currencies_are_refused_without_a_base(closed: Crm) -> None:
    closed.ok("deal add abroad --customer acme --amount 1000 --currency USD")
    closed.ok("deal win abroad")
    refused = closed("report wins --by month")
    assert (refused.code, "no base currency" in refused.err) == (2, True)
    closed.ok("rate base EUR")
    assert "No rate for USD on 2026-11-25" in closed("report wins --by size").err
    closed.ok("rate add USD 0.5 --on 2026-11-25")
    rows = closed.rows("report wins --by month")
    assert (rows[-1]["month"], rows[-1]["amount"], rows[-1]["currency"]) == ("2026-11", 500, "EUR")


@pytest.mark.ci
def test_it_fits_the_screen_in_both_languages(closed: Crm) -> None:
    narrow = {"COLUMNS": "40", "FORCE_COLOR": "1", "NO_COLOR": "1"}
    for line in ("report wins --by size --lang zh", "report losses --by month --lang zh"):
        shown = closed.ok(line, env=narrow).out
        assert all(len(row) <= 40 for row in shown.splitlines())
        assert "金额" in shown
    assert closed.ok("report losses --format csv").out.startswith("reason,deals,amount,currency")
    assert "unknown" in closed.ok("report wins --by region").out
