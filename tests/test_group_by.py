"""--group-by: a row a group with count and sums; against plain counting of the same records."""

import csv
import os
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from conftest import Crm

pytestmark = pytest.mark.ci

DATA = Path(os.environ.get("CRM_REAL_DATA", "/nowhere")) / "crm/maven"


@pytest.fixture
def sales(acme: Crm) -> Crm:
    """Deals in two currencies, of three owners, opened and closed in several months."""
    acme.ok("member add Ana")
    acme.ok("member add 王芳")
    acme.ok('customer add "Beta AG" --region dach --tag key --tag vip --owner Ana')
    acme.ok('customer add "Nordic AB" --region Nordics')
    acme.ok("deal add One --customer beta --amount 100 --currency EUR --owner Ana --opened 2026-01-10")
    acme.ok(
        "deal add Two --customer beta --amount 50.5 --currency USD --owner 王芳 --stage proposal --opened 2026-02-10"
    )
    acme.ok(
        "deal add Three --customer nordic --amount 7 --currency EUR --owner Ana --stage proposal --opened 2026-02-11"
    )
    acme.ok("deal add Four --customer nordic --stage negotiation --opened 2025-12-31")
    acme.ok("deal win one --on 2026-04-02")
    acme.ok("deal lose three --reason price --on 2026-05-30")
    return acme


def test_deals_by_owner_count_and_add_up(sales: Crm) -> None:
    rows = sales.rows("deal list --all id:2.. --group-by owner")
    assert rows == [
        {
            "owner": "Ana",
            "count": 2,
            "amount": [{"amount": 107, "currency": "EUR", "deals": 2}],
            "weighted": [{"amount": 100, "currency": "EUR", "deals": 2}],
        },
        {
            "owner": "王芳",
            "count": 1,
            "amount": [{"amount": 50.5, "currency": "USD", "deals": 1}],
            "weighted": [{"amount": 25.25, "currency": "USD", "deals": 1}],
        },
        {"owner": None, "count": 1, "amount": [], "weighted": []},
    ]


def test_weighted_is_the_sum_of_what_the_list_shows(sales: Crm) -> None:
    shown = [row["weighted"] for row in sales.rows("deal list --all currency:EUR") if row["weighted"] is not None]
    rows = sales.rows("deal list --all currency:EUR --group-by currency")
    assert [row["weighted"][0]["amount"] for row in rows] == [sum(shown)]


def test_days_go_by_month_or_what_is_said(sales: Crm) -> None:
    def counted(field: str) -> dict[Any, int]:
        return {row["opened_on"]: row["count"] for row in sales.rows(f"deal list --all id:2.. --group-by {field}")}

    assert counted("opened_on") == {"2026-02": 2, "2026-01": 1, "2025-12": 1}
    assert counted("opened:quarter") == {"2026-Q1": 3, "2025-Q4": 1}
    assert counted("开始日期:年") == {"2026": 3, "2025": 1}
    assert counted("opened:day") == {"2026-01-10": 1, "2026-02-10": 1, "2026-02-11": 1, "2025-12-31": 1}
    assert counted("opened:week") == {"2026-02-09": 2, "2026-01-05": 1, "2025-12-29": 1}
    closed = sales.rows("deal list --all id:2.. --group-by closed_on")
    assert {row["closed_on"]: row["count"] for row in closed} == {None: 2, "2026-04": 1, "2026-05": 1}


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Asia/Kolkata", "America/New_York", "UTC"])
def test_moments_go_by_the_days_of_the_one_who_asks(acme: Crm, zone: str) -> None:
    for at in ("2026-10-31T18:10", "2026-10-31T18:50", "2026-10-31T23:59", "2026-11-01T03:30"):
        acme.ok("log", "call", "acme", "x", "--at", at)
    for size, digits in (("day", 10), ("month", 7)):
        rows = acme.ok(f"interaction list --json --group-by at:{size}", env={"CRM_TZ": zone}).json
        listed = acme.ok("interaction list --json", env={"CRM_TZ": zone}).json
        assert {row["at"]: row["count"] for row in rows} == Counter(row["at"][:digits] for row in listed)


def test_texts_that_differ_in_case_only_are_one(sales: Crm) -> None:
    sales.ok('customer add "Gamma" --region DACH')
    rows = sales.rows("customer list --group-by region")
    assert [(row["region"], row["count"]) for row in rows] == [("DACH", 3), ("Nordics", 1)]


def test_customers_bring_their_deals(sales: Crm) -> None:
    rows = {row["region"].upper(): row for row in sales.rows("customer list --group-by region")}
    alone = sales.rows("customer list --columns region,won,open")
    for region in ("DACH", "NORDICS"):
        for key, own in (("won_amount", "won"), ("open_amount", "open")):
            money: dict[str, float] = defaultdict(float)
            for row in alone:
                if (row["region"] or "").upper() == region.upper():
                    for one in row[own]:
                        money[one["currency"]] += one["amount"]
            assert {one["currency"]: one["amount"] for one in rows[region][key]} == money


def test_a_record_counts_under_each_of_its_tags(sales: Crm) -> None:
    rows = sales.rows("customer list --group-by tags")
    assert [(row["tags"], row["count"]) for row in rows] == [("key", 2), ("vip", 1), (None, 1)]
    people = sales.rows("deal list --all --group-by contacts")
    assert sum(row["count"] for row in people) >= 5
    sales.ok("customer edit beta --email a@b.example --email c@d.example")
    emails = {row["emails"]: row["count"] for row in sales.rows("customer list --group-by emails")}
    assert emails == {"sales@acme.example": 1, "a@b.example": 1, "c@d.example": 1, None: 1}
    assert {row["email"] for row in sales.rows("customer list --group-by email")} == {
        "sales@acme.example",
        "a@b.example",
        None,
    }


def test_two_fields_and_every_other_kind(sales: Crm) -> None:
    rows = sales.rows("deal list --all id:2.. --group-by stage,owner --columns stage,owner,count --sort stage,owner")
    assert [(row["stage"], row["owner"], row["count"]) for row in rows] == [
        ("proposal", "王芳", 1),
        ("negotiation", None, 1),
        ("won", "Ana", 1),
        ("lost", "Ana", 1),
    ]
    assert sales.rows("contact list --group-by role") == [{"role": "decision-maker", "count": 1}]
    sales.ok("task add late --due 2026-11-20 --customer beta")
    sales.ok("task add soon --due 2026-12-20 --customer beta --priority high")
    tasks = sales.rows("task list customer:beta --group-by priority --sort priority")
    assert tasks == [
        {"priority": "normal", "count": 1, "overdue": 1},
        {"priority": "high", "count": 1, "overdue": 0},
    ]
    sales.ok("log call beta hello --duration 20m")
    sales.ok("log call beta again --duration 5m")
    talks = sales.rows("interaction list customer:beta --group-by channel")
    assert talks == [{"channel": "call", "count": 2, "minutes": 25}]
    assert [row["customer"] for row in sales.rows("deal list --all id:2.. --group-by customer --sort customer")] == [
        "Beta AG",
        "Nordic AB",
    ]


def test_fields_of_the_users_own(sales: Crm) -> None:
    sales.ok("customer edit beta --set seats=10 --set plan=Gold")
    sales.ok("customer edit nordic --set seats=9 --set plan=gold")
    plans = sales.rows("customer list --group-by plan --columns plan,count")
    assert [(str(row["custom.plan"]).lower(), row["count"]) for row in plans] == [("gold", 2), ("none", 1)]
    seats = sales.rows("customer list --group-by seats --sort seats --columns seats,count")
    assert [str(row["custom.seats"]) for row in seats] == ["9", "10", "None"]


def test_open_ones_unless_said_and_only_those_of_the_query(sales: Crm) -> None:
    result = sales.ok("deal list --group-by owner --json")
    assert result.err == "2 closed deals left out: --all shows them\n"
    assert sum(row["count"] for row in result.json) == len(sales.rows("deal list"))
    assert sum(row["count"] for row in sales.rows("deal list is:won --group-by owner")) == 1
    mine = sales.ok("deal list --all --mine --group-by owner --json", env={"CRM_USER": "Ana"}).json
    assert [row["owner"] for row in mine] == ["Ana"]
    sales.ok("customer remove beta --yes")
    assert [row["region"] for row in sales.rows("customer list --removed --group-by region")] == ["dach"]


def test_order_limit_and_columns(sales: Crm) -> None:
    def owners(*words: str) -> list[Any]:
        return [row["owner"] for row in sales.rows("deal", "list", "--all", "id:2..", "--group-by", "owner", *words)]

    assert owners("--sort", "owner") == ["Ana", "王芳", None]
    assert owners("--sort", "-owner") == ["王芳", "Ana", None]
    assert owners("--sort", "amount:desc") == ["Ana", "王芳", None]
    assert owners("--sort", "amount") == ["王芳", "Ana", None]
    assert owners("--sort", "负责人", "--limit", "1", "--offset", "1") == ["王芳"]
    some = sales.ok("deal list --all --group-by owner --columns owner,count --limit 1 --format csv")
    assert some.out == "owner,count\nAna,2\n" or some.out.startswith("owner,count\n")
    assert some.err == "2 more: leave --limit out to see them\n"


def test_every_format(sales: Crm) -> None:
    line = "deal list --all id:2.. --group-by owner --columns owner,count,amount"
    assert sales.ok(f"{line} --format csv").out == "owner,count,amount\nAna,2,EUR 107\n王芳,1,USD 50.5\n,1,\n"
    assert sales.ok(f"{line} --format tsv").out.splitlines()[1] == "Ana\t2\tEUR 107"
    assert sales.ok(f"{line} --format jsonl").out.splitlines()[2] == '{"owner": null, "count": 1, "amount": []}'
    assert sales.ok(f"{line} --format md").out.splitlines()[:3] == [
        "| owner | count | amount |",
        "| --- | ---: | ---: |",
        "| Ana | 2 | EUR 107 |",
    ]
    table = sales.ok(line).out.splitlines()
    assert table[0].split() == ["owner", "count", "amount"]
    assert table[1] == f"Ana        2    EUR 107  {'█' * 24}"
    assert table[3].split()[:2] == ["none", "1"]
    chinese = sales.ok(line, env={"CRM_LANG": "zh"}).out.splitlines()
    assert chinese[0].split() == ["负责人", "数量", "金额"]
    for columns in ("40", "80"):
        shown = sales.ok(line, env={"FORCE_COLOR": "1", "NO_COLOR": "1", "COLUMNS": columns, "CRM_LANG": "zh"}).out
        assert all(len(row) <= int(columns) for row in shown.splitlines())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("customer list --group-by won", "Records cannot be grouped by won\n"),
        ("deal list --group-by amount", "Records cannot be grouped by amount\n"),
        ("deal list --group-by ,", "--group-by names no field\n"),
        ("deal list --group-by ''", "--group-by names no field\n"),
        ("deal list --group-by owner,stage,source,risk", "--group-by takes at most 3 fields\n"),
        ("deal list --group-by owner,负责人", "--group-by names owner twice\n"),
        ("deal list --group-by closed:decade", "decade is no part of a year\n"),
        ("deal list --group-by owner:month", "owner has no days: only those go by month\n"),
        ("deal list --group-by ownr", "Unknown column ownr\n"),
        ("deal list --group-by owner --columns title", "Unknown column title\n"),
        ("deal list --group-by owner --sort title", "Unknown column title\n"),
        ("deal list --group-by owner --format ids", "Groups have no ids\n"),
    ],
)
def test_what_cannot_be(acme: Crm, line: str, said: str) -> None:
    result = acme(line)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"crm: {said}")


def test_nothing_there(crm: Crm) -> None:
    assert crm.rows("deal list --group-by owner") == []
    assert crm.ok("deal list --group-by owner").err == "Nothing found.\n"
    assert crm.ok("deal list --group-by owner --format csv").out == "owner,count,amount,weighted\n"


# ------------------------------------------------------------------ a real file set, against plain counts of the CSV


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


def quarter(day: str) -> str:
    return f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}"


@pytest.mark.ci
@pytest.mark.skipif(not DATA.is_dir(), reason="needs CRM_REAL_DATA")
def test_maven_by_quarter_seller_and_stage(maven: Crm) -> None:
    deals = read("sales_pipeline")
    won = [row for row in deals if row["deal_stage"] == "Won"]
    sums: dict[Any, int] = defaultdict(int)
    for row in won:
        for key in (row["sales_agent"], quarter(row["close_date"]), (row["sales_agent"], quarter(row["close_date"]))):
            sums[key] += int(row["close_value"])

    def amounts(fields: str) -> dict[Any, Any]:
        rows = maven.rows(f"deal list --all status:won --group-by {fields}")
        keys = [field.partition(":")[0].replace("closed", "closed_on") for field in fields.split(",")]
        return {tuple(row[k] for k in keys): sum(one["amount"] for one in row["amount"]) for row in rows}

    assert amounts("owner") == {
        (key,): value for key, value in sums.items() if f"{key}"[:3] != "201" and isinstance(key, str)
    }
    assert amounts("closed:quarter") == {(key,): value for key, value in sums.items() if f"{key}"[:3] == "201"}
    assert amounts("owner,closed:quarter") == {key: value for key, value in sums.items() if isinstance(key, tuple)}
    expected = Counter((row["deal_stage"].lower(), row["sales_agent"]) for row in deals)
    rows = maven.rows("deal list --all --group-by stage,owner")
    assert {(row["stage"].lower(), row["owner"]): row["count"] for row in rows} == expected
    assert [row["count"] for row in rows] == sorted(expected.values(), reverse=True)
    accounts = Counter(row["account"] for row in deals)
    by_account = maven.rows("deal list --all --group-by customer --columns customer,count")
    assert {row["customer"]: row["count"] for row in by_account} == {key or None: n for key, n in accounts.items()}
