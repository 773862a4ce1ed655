"""Columns, orders and groups through other records: what a query can ask can be shown and sorted by."""

from typing import Any

import pytest
from conftest import Crm, begin

DAY = "2026-11-25"
LINES = [
    'customer add "Acme" --region DACH --kind company',
    'customer add "Beta" --region Nord --kind company --parent Acme',
    'customer add "Gone" --region Süd --kind company',
    'customer add "张伟" --region 华东 --kind person --set "seats=7"',
    'deal add "R1" --customer Acme --amount 10k --currency EUR --stage proposal --close 2026-12-31',
    'deal add "R2" --customer Acme --amount 500 --currency USD --stage won --close 2026-12-31',
    'deal add "R3" --customer Acme --amount 900 --currency EUR --stage won --close 2026-12-31',
    'deal add "B1" --customer Beta --amount 7k --currency EUR --close 2026-12-31 --next "call" --due fri',
    'deal add "Z1" --customer 张伟 --amount 20k --currency EUR --close 2026-12-31',
    'deal add "G1" --customer Gone --amount 1 --currency EUR --close 2026-12-31',
    'contact add "Jane" --customer Acme --role decision-maker --email j@x.example',
    'task add "old" --deal B1 --due 2026-11-01',
    "task done task:2",
    "deal remove G1",
]


@pytest.fixture
def shop(crm: Crm, begun: dict[str, bytes]) -> Crm:
    begin(crm, begun, "dotted", *((DAY, line) for line in LINES))
    return crm


def column(crm: Crm, line: str, key: str) -> list[Any]:
    return [row[key] for row in crm.rows(line)]


def test_a_deal_shows_what_its_customer_has(shop: Crm) -> None:
    rows = shop.rows("deal list --all --columns title,customer.region,customer.parent.name,customer.won --sort title")
    assert [(row["title"], row["customer.region"], row["customer.parent.name"]) for row in rows] == [
        ("B1", "Nord", "Acme"), ("R1", "DACH", None), ("R2", "DACH", None), ("R3", "DACH", None), ("Z1", "华东", None),
    ]  # fmt: skip
    assert rows[1]["customer.won"] == [
        {"amount": 900, "currency": "EUR", "deals": 1}, {"amount": 500, "currency": "USD", "deals": 1}
    ]  # fmt: skip


def test_several_are_counted_summed_and_listed(shop: Crm) -> None:
    keys = "deals.count,deals.won.count,deals.won.amount,deals.open.title,contacts.email,tasks.text"
    acme, beta, gone, _ = shop.rows(f"customer list --sort id --columns {keys}")
    assert acme == {
        "deals.count": 3,
        "deals.won.count": 2,
        "deals.won.amount": [
            {"amount": 900, "currency": "EUR", "deals": 1},
            {"amount": 500, "currency": "USD", "deals": 1},
        ],
        "deals.open.title": ["R1"],
        "contacts.email": ["j@x.example"],
        "tasks.text": [],
    }
    assert beta["deals.count"] == 1 and gone["deals.count"] == 0, "what was removed counts nowhere"


def test_tasks_are_the_open_ones_as_in_a_query(shop: Crm) -> None:
    assert column(shop, "deal list title:B1 --columns tasks.text,tasks.count", "tasks.text") == [["call"]]
    assert column(shop, "deal list title:B1 --columns tasks.done.text", "tasks.done.text") == [["old"]]


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("-deals.count", ["Acme", "张伟", "Beta", "Gone"]),
        ("deals.won.amount", ["Acme", "Beta", "Gone", "张伟"]),
        ("-deals.amount", ["张伟", "Acme", "Beta", "Gone"]),
        ("parent.region,-name", ["Beta", "张伟", "Gone", "Acme"]),
        ("contacts.role,name", ["Acme", "Beta", "Gone", "张伟"]),
    ],
)
def test_a_list_is_sorted_by_what_hangs_on_its_records(shop: Crm, order: str, names: list[str]) -> None:
    assert column(shop, f"customer list --sort {order}", "name") == names


def test_words_of_others_are_sorted_as_words_are(shop: Crm) -> None:
    regions = column(shop, "deal list --all --sort customer.region --columns customer.region", "customer.region")
    assert regions == ["DACH", "DACH", "DACH", "Nord", "华东"]


def test_a_sum_through_dots_is_a_cell_of_a_file(shop: Crm) -> None:
    out = shop.ok("customer list --columns name,deals.won.amount --format csv").out
    assert "Acme,EUR 900; USD 500" in out and "Beta,\n" in out
    out = shop.ok("export customers --columns name,deals.count --format csv").out
    assert "Acme,3" in out


def test_a_table_shows_them_as_their_own_list_does(shop: Crm) -> None:
    out = shop.ok("customer list --columns name,deals.stage,deals.count --lang zh name:acme").out
    assert "商机.数量" in out and "赢单" in out and "won" not in out


def test_groups_go_through_one_record(shop: Crm) -> None:
    assert shop.rows("deal list --all --group-by customer.region --columns customer.region,count") == [
        {"customer.region": "DACH", "count": 3}, {"customer.region": "Nord", "count": 1},
        {"customer.region": "华东", "count": 1},
    ]  # fmt: skip
    by_seats = column(shop, "deal list --group-by customer.custom.seats --sort count", "count")
    assert by_seats == [1, 2]
    months = column(shop, "deal list --group-by customer.created:month", "customer.created_at")
    assert months == ["2026-11"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("deal list --group-by contacts.role", "cannot be grouped by contacts.role"),
        ("deal list --group-by customer.tags", "cannot be grouped by customer.tags"),
        ("deal list --sort customer.regoin", "Did you mean region?"),
        ("customer list --columns deals.won.amuont", "Did you mean amount?"),
        ("customer list --columns nowhere.amount", "Unknown column nowhere.amount"),
    ],
)
def test_what_leads_nowhere_is_said_with_what_is_near(shop: Crm, line: str, said: str) -> None:
    result = shop(line)
    assert result.code == 2 and said in result.err


def test_counts_of_tags_leave_out_what_was_removed(crm: Crm) -> None:
    crm.ok("customer add Ant --kind company --tag key")
    crm.ok("customer add Bee --kind company --tag key --tag old")
    crm.ok("contact add Cat --customer Ant --tag key")
    crm.ok("deal add Dog --customer Ant --tag key")
    crm.ok("customer remove Bee --yes")
    rows = {row["name"]: (row["customers"], row["contacts"], row["deals"]) for row in crm.rows("tag list")}
    assert rows == {"key": (1, 1, 1), "old": (0, 0, 0)}


def test_the_list_of_fields_says_what_leads_on_and_what_is_the_users_own(shop: Crm) -> None:
    rows = {row["key"]: row for row in shop.rows("fields customer")}
    assert rows["deals."]["type"] == "deal" and rows["custom.seats"]["example"] == "has:custom.seats"
    for row in rows.values():
        if "." in row["key"]:
            shop.ok("customer", "list", row["example"])


def test_the_list_of_fields_needs_no_database_that_can_be_read(crm: Crm) -> None:
    crm.db.write_text("no database")
    assert "deals." in crm.ok("fields customer").out
