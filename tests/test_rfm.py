"""crm report rfm and repurchase: classes from orders, the map, what is left out, and the rows that R's package has."""

import csv
import io
import os
from collections import Counter
from pathlib import Path

import pytest
from conftest import Crm

DATA = Path(os.environ.get("CRM_REAL_DATA", "/nowhere")) / "rfm/r_rfm/rfm_data_orders.csv"
SHOP = [
    *((f"Every{n}", f"2026-{month:02}-05", 100 * n) for n in (1, 2, 3) for month in range(1, 12)),
    *((f"Once{n}", f"2026-0{n}-10", 50) for n in (1, 2, 3)),
    ("Returns", "2026-05-05", -20),
    ("Half", "2026-04-01", 500),
    ("Half", "2026-04-20", -200),
    ("Later", "2027-03-01", 900),
]


def load(crm: Crm, rows: list[tuple[str, str, float]], currency: str = "EUR") -> None:
    """Orders of customers who need not be there yet."""
    text = io.StringIO()
    csv.writer(text).writerows([("customer", "date", "amount"), *rows])
    line = f"import - --as orders --create customers --currency {currency} --yes --quiet"
    crm.ok(line, stdin=text.getvalue())


@pytest.fixture
def shop(crm: Crm, begun: dict[str, bytes]) -> Crm:
    if "shop" not in begun:
        crm.ok("customer add Nobody --kind company")
        load(crm, SHOP)
        begun["shop"] = crm.db.read_bytes()
    crm.db.write_bytes(begun["shop"])
    return crm


def test_customers_fall_into_classes_with_their_share_of_the_money(shop: Crm) -> None:
    rows = {row["class"]: row for row in shop.rows("report rfm") if row["customers"]}
    assert sum(row["customers"] for row in rows.values()) == 7
    assert round(sum(row["money_share"] for row in rows.values())) == 100
    best = rows["champions"]
    assert (best["money"], best["currency"], best["recency"], best["frequency"]) == (6600, "EUR", 20, 11)
    assert len(shop.rows("report rfm")) == 11
    assert [row["group"] for row in shop.rows("report rfm --by group")][:2] == ["key-value", "key-keep"]


def test_what_came_back_lessens_the_money_and_is_no_order(shop: Crm) -> None:
    rows = {row["name"]: row for row in shop.rows("report rfm --customers")}
    assert "Returns" not in rows
    assert "Later" not in rows
    assert (rows["Half"]["monetary"], rows["Half"]["frequency"], rows["Half"]["last_order_on"]) == (
        300,
        1,
        "2026-04-01",
    )
    assert "1 customer only returned, and is left out" in shop.ok("report rfm").err
    assert rows["Every3"]["class"] == "champions"


def test_equal_customers_score_alike_whatever_their_order(shop: Crm) -> None:
    once = [row for row in shop.rows("report rfm --customers") if row["name"].startswith("Once")]
    assert len({(row["f"], row["m"]) for row in once}) == 1


def test_a_query_a_day_and_a_window_narrow_it(shop: Crm) -> None:
    assert sum(row["customers"] for row in shop.rows("report rfm name:every")) == 3
    assert sum(row["customers"] for row in shop.rows("report rfm --as-of 2026-01-31")) == 4
    inside = shop.ok("report rfm --window 3m --json")
    assert sum(row["customers"] for row in inside.json) == 3
    assert "4 customers ordered before that only, and are left out" in inside.err


def test_the_map_and_the_breaks_are_drawn_for_any_width(shop: Crm) -> None:
    wide = shop.ok("report rfm", env={"COLUMNS": "80"}).out
    assert "R 5 new" in wide
    assert "score  days  orders" in " ".join(wide.split()).replace(" ", "  ")
    for language in ("en", "zh"):
        environ = {"COLUMNS": "40", "FORCE_COLOR": "1", "NO_COLOR": "1", "CRM_LANG": language}
        narrow = shop.ok("report rfm", env=environ).out
        assert "FM 5" in narrow
        assert all(len(line) <= 40 for line in narrow.splitlines())
        assert "…" not in narrow  # rather no column than half a figure
    assert "冠军客户" in shop.ok("report rfm --lang zh").out


def test_explain_names_formula_source_and_counts(shop: Crm) -> None:
    told = shop.ok("report rfm --explain --json").json
    assert told["counted"] == {"customers": 7, "orders": 37, "returns": 2}
    assert told["left_out"] == {"only_returns": 1, "ordered_before_the_window": 0}
    assert "Hughes" in told["source"]
    assert "ceil(5 x rank / customers)" in told["formula"]
    assert [row["recency"] for row in told["breaks"]][:2] == [None, [20, 20]]  # three share the best rank
    assert "left out" in shop.ok("report rfm --explain").out


def test_too_few_customers_are_said(crm: Crm) -> None:
    load(crm, [("Acme", "2026-11-01", 100)])
    told = crm.ok("report rfm --json")
    assert "Fewer customers than scores: cut at fixed values" in told.err
    assert [row["class"] for row in told.json if row["customers"]] == ["new"]


def test_nobody_who_ordered_is_a_sentence(crm: Crm) -> None:
    assert crm.ok("report rfm").err == "No customer has ordered yet.\n"
    assert crm.ok("report rfm --customers").err == "No customer has ordered yet.\n"
    assert all(row["customers"] == 0 and row["share"] is None for row in crm.rows("report rfm"))
    load(crm, [("Acme", "2026-11-01", -100)])
    assert "No customer has ordered yet." in crm.ok("report rfm").err


def test_currencies_without_a_rate_are_refused_by_name(crm: Crm) -> None:
    load(crm, [("Acme", "2026-11-01", 100)])
    load(crm, [("Beta", "2026-10-01", 70)], "USD")
    refused = crm("report rfm")
    assert refused.code == 2
    assert "no base currency is set" in refused.err
    crm.ok("rate base EUR")
    assert "No rate for USD on 2026-10-01" in crm("report rfm").err
    crm.ok("rate add USD 0.5 --on 2026-01-01")
    assert sum(row["money"] for row in crm.rows("report rfm")) == 135


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("report rfm --bins 1", "--bins takes 2 to 10, not 1"),
        ("report rfm --ties rnak", "--ties takes rank|breaks, not rnak"),
        ("report rfm --as-of 2027-01-01", "2027-01-01 has not come yet"),
        ("report rfm --window soon", "soon"),
        ("report rfm --by colour", "class group"),
        ("report repurchase --by week", "month quarter"),
    ],
)
def test_what_cannot_be_meant(shop: Crm, line: str, said: str) -> None:
    result = shop(line)
    assert result.code == 2
    assert said in result.err


def test_who_bought_again_by_the_month_of_the_first_order(shop: Crm) -> None:
    rows = {row["cohort"]: row for row in shop.rows("report repurchase")}
    assert rows["2026-01"] == {
        "cohort": "2026-01", "customers": 4, "in_30": 0.0, "in_90": 75.0, "in_180": 75.0, "in_365": None, "again": 3,
        "rate": 75.0,
    }  # fmt: skip
    assert rows["2026-04"]["again"] == 0  # what came back is no order
    assert [row["cohort"] for row in shop.rows("report repurchase --by quarter")] == ["2026-Q1", "2026-Q2"]
    assert shop.rows("report repurchase --from 2026-04-01")[0]["cohort"] == "2026-04"
    explained = shop.ok("report repurchase --from 2026-04-01 --explain --json").json
    assert (explained["counted"]["customers"], explained["left_out"]["ordered_at_another_time"]) == (1, 6)


@pytest.mark.ci
@pytest.mark.skipif(not DATA.is_file(), reason="needs CRM_REAL_DATA")
def test_the_published_rows_of_r_are_reproduced(crm: Crm) -> None:
    with open(DATA, encoding="utf-8", newline="") as file:
        load(
            crm, [(row["customer_id"], row["order_date"], float(row["revenue"])) for row in csv.DictReader(file)], "USD"
        )
    published = {
        "Brion Stark": (229, 8, 852, 3, 5, 5),
        "Ethyl Botsford": (252, 8, 526, 3, 5, 4),
        "Hosteen Jacobi": (545, 4, 300, 1, 2, 2),
        "Edw Frami": (44, 10, 868, 5, 5, 5),
        "Josef Lemke": (48, 5, 391, 5, 3, 3),
        "Julisa Halvorson": (127, 12, 987, 4, 5, 5),
        "Judyth Lueilwitz": (662, 5, 552, 1, 3, 4),
        "Mekhi Goyette": (416, 4, 350, 2, 2, 2),
        "Hansford Moen": (186, 7, 1004, 3, 4, 5),
        "Fount Flatley": (146, 11, 937, 4, 5, 5),
    }
    keys = ("recency", "frequency", "monetary", "r", "f", "m")
    rows = {row["name"]: row for row in crm.rows("report rfm --as-of 2006-12-31 --ties breaks --customers")}
    assert {name: tuple(rows[name][key] for key in keys) for name in published} == published
    distribution = {key: sorted(Counter(row[key] for row in rows.values()).items()) for key in ("r", "f", "m")}
    assert distribution == {
        "r": [(1, 197), (2, 201), (3, 198), (4, 199), (5, 200)],
        "f": [(1, 268), (2, 187), (3, 176), (4, 244), (5, 120)],
        "m": [(1, 199), (2, 201), (3, 197), (4, 203), (5, 195)],
    }
    assert sum(row["money"] for row in crm.rows("report rfm --as-of 2006-12-31")) == 464158
