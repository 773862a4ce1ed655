"""The sales pipeline of a real file set, imported as it is and asked; every answer against a plain count of the CSV.

What groups by two things at once (won per quarter and seller, deals per stage and seller) is counted here from
`--format json`: a list has one row per deal.
"""

import csv
import os
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest
from conftest import Crm

DATA = Path(os.environ.get("CRM_REAL_DATA", "/nowhere")) / "crm/maven"
pytestmark = [pytest.mark.ci, pytest.mark.skipif(not DATA.is_dir(), reason="needs CRM_REAL_DATA")]


@cache
def read(name: str) -> list[dict[str, str]]:
    with open(DATA / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def maven(tmp_path_factory: pytest.TempPathFactory) -> Crm:
    """Accounts, sellers and deals; only read."""
    crm = Crm(Path(tmp_path_factory.mktemp("maven")))
    crm.environ["CRM_CURRENCY"] = "USD"
    for row in read("sales_teams"):
        crm.ok("member", "add", row["sales_agent"])
    crm.ok("import", str(DATA / "accounts.csv"), "--as", "customers")
    crm.ok("import", str(DATA / "sales_pipeline.csv"), "--as", "deals", "--currency", "USD", "--create", "stages")
    return crm


def ids(crm: Crm, *words: str) -> int:
    return len(crm.ok(*words, "--format", "ids").out.split())


def test_everything_came_in(maven: Crm) -> None:
    assert ids(maven, "customer", "list") == len(read("accounts"))
    assert ids(maven, "deal", "list", "--all") == len(read("sales_pipeline"))
    assert len(maven.rows("member list")) == len(read("sales_teams"))


@pytest.mark.parametrize("quarter", ["2017-Q1", "2017-Q2", "2017-Q3", "2017-Q4"])
def test_won_value_per_quarter(maven: Crm, quarter: str) -> None:
    first = 3 * int(quarter[-1]) - 2
    months = {f"2017-{month:02}" for month in range(first, first + 3)}
    expected = [
        int(row["close_value"])
        for row in read("sales_pipeline")
        if row["deal_stage"] == "Won" and row["close_date"][:7] in months
    ]
    won = maven.rows(f"deal list is:won closed:{quarter} --columns amount")
    assert (len(won), sum(row["amount"] for row in won)) == (len(expected), sum(expected))


def test_won_value_per_seller(maven: Crm) -> None:
    expected: dict[str, int] = defaultdict(int)
    for row in read("sales_pipeline"):
        if row["deal_stage"] == "Won":
            expected[row["sales_agent"]] += int(row["close_value"])
    found: dict[str, int] = defaultdict(int)
    for deal in maven.rows("deal list is:won --columns owner,amount"):
        found[deal["owner"]] += deal["amount"]
    assert found == expected
    assert sum(found.values()) == 10_005_534
    best = max(expected, key=lambda name: expected[name])
    rows = maven.rows("deal", "list", "is:won", f"owner:{best}", "--columns", "amount")
    assert sum(row["amount"] for row in rows) == expected[best]


def test_deals_per_stage_and_seller(maven: Crm) -> None:
    expected = Counter((row["deal_stage"].lower(), row["sales_agent"]) for row in read("sales_pipeline"))
    found = Counter(
        (deal["stage"].lower(), deal["owner"]) for deal in maven.rows("deal list --all --columns stage,owner")
    )
    assert found == expected
    (stage, name), deals = expected.most_common(1)[0]
    assert ids(maven, "deal", "list", f"stage:{stage}", f"owner:{name}") == deals


def test_five_sellers_have_no_deals(maven: Crm) -> None:
    busy = {row["sales_agent"] for row in read("sales_pipeline")}
    expected = sorted({row["sales_agent"] for row in read("sales_teams")} - busy)
    assert len(expected) == 5
    idle = [
        row["name"]
        for row in maven.rows("member list")
        if not ids(maven, "deal", "list", "--all", f"owner:{row['name']}")
    ]
    assert sorted(idle) == expected


def test_open_deals_without_an_account(maven: Crm) -> None:
    pipeline = read("sales_pipeline")
    still_open = [row for row in pipeline if row["deal_stage"] in ("Engaging", "Prospecting") and not row["account"]]
    assert ids(maven, "deal", "list", "no:customer") == len(still_open)
    for stage in ("engaging", "prospecting"):
        expected = sum(row["deal_stage"].lower() == stage for row in still_open)
        assert ids(maven, "deal", "list", f"stage:{stage}", "no:customer") == expected
    assert ids(maven, "deal", "list", "--all", "no:customer") == 1425


def test_accounts_by_their_deals_and_their_own_fields(maven: Crm) -> None:
    pipeline = read("sales_pipeline")
    deals = Counter(row["account"] for row in pipeline)
    won: dict[str, int] = defaultdict(int)
    for row in pipeline:
        won[row["account"]] += int(row["close_value"] or 0) if row["deal_stage"] == "Won" else 0
    accounts = {row["account"]: row for row in read("accounts")}

    def names(*query: str) -> set[str]:
        return {row["name"] for row in maven.rows("customer", "list", "--columns", "name", *query)}

    assert names("deals.count:100..") == {name for name in accounts if deals[name] >= 100}
    assert names("deals.won.amount:150k..") == {name for name in accounts if won[name] >= 150_000}
    assert names("revenue:2000..") == {name for name, row in accounts.items() if float(row["revenue"]) >= 2000}
    assert names("year_established:..1985", "not:office_location:=united states") == {
        name
        for name, row in accounts.items()
        if int(row["year_established"]) <= 1985 and row["office_location"] != "United States"
    }
    assert names("deals:(is:won product:=gtk amount:25k..)") == set()
    both = {row["account"] for row in pipeline if row["product"] == "GTK 500" and row["deal_stage"] == "Won"}
    assert names('deals:(is:won product:="gtk 500")') == both & set(accounts)
    sector = {row["account"] for row in pipeline} & {n for n, row in accounts.items() if row["sector"] == "medical"}
    assert names("industry:=medical", "has:deals") == sector
