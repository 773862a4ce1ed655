"""Products: added, linked, sold in deals, taken in and given out; each change can be undone."""

import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from conftest import Crm, begin

DATA = Path(os.environ.get("CRM_REAL_DATA", "/nowhere"))
REAL = pytest.mark.skipif(not DATA.is_dir(), reason="needs CRM_REAL_DATA")
SHOP = [
    ("2026-11-01", line)
    for line in (
        "config set currency EUR",
        'product add "CRM seat" --code CRM-10 --price 100 --price 110USD --cost 40 --unit seat --category "Soft > CRM"',
        "product add Support --code SUP --kind service --price 20 --unit month",
        "product add Hosting --code HOST --kind service --price 30",
        'product add "Pro pack" --code PRO',
        "product link PRO CRM-10 --as included --quantity 5",
        "product link PRO SUP --as includes --months 12",
        "product link CRM-10 HOST --as requires",
        "product link PRO HOST --as recommended",
        'customer add "Acme GmbH"',
    )
]


@pytest.fixture
def shop(crm: Crm, begun: dict[str, bytes]) -> Crm:
    """Four products, a bundle among them, and a customer."""
    begin(crm, begun, "products", *SHOP)
    crm.ok("config set currency EUR")
    return crm


def dump(crm: Crm) -> list[str]:
    """The rows of all tables but those of the journal and of the search."""
    kept = tuple(f'INSERT INTO "{name}' for name in ("operation", "journal", "search_", "sqlite_", "segment_"))
    connection = sqlite3.connect(crm.db)
    try:
        return [line for line in connection.iterdump() if line.startswith("INSERT") and not line.startswith(kept)]
    finally:
        connection.close()


# ------------------------------------------------------------------ added and changed


def test_a_product_has_a_price_in_each_currency(shop: Crm) -> None:
    found = shop.rows("product show crm-10")
    assert (found["name"], found["kind"], found["category"], found["unit"]) == (
        "CRM seat", "product", "Soft/CRM", "seat",
    )  # fmt: skip
    assert found["prices"] == [{"amount": 100, "currency": "EUR"}, {"amount": 110, "currency": "USD"}]
    assert (found["price"], found["currency"], found["cost"], found["cost_currency"]) == (100, "EUR", 40, "EUR")


def test_without_a_code_one_is_made_of_the_name(crm: Crm) -> None:
    for name, code in (
        ("CRM licence, yearly one", "CRM-LICE-YEAR"),
        ("企业版", "QYB"),
        ("企业版!", "QYB-2"),
        ("…", "P"),
    ):
        told = crm.ok("product", "add", name, "--price", "1EUR")
        assert f"The code {code} was made from the name" in told.err, told


def test_a_code_is_of_one_product(shop: Crm) -> None:
    refused = shop("product add Other --code crm-10")
    assert refused.code == 4
    assert "CRM seat has the code CRM-10 already" in refused.err
    assert "there is no --duplicate" in refused.err
    assert shop("product edit SUP --code Crm-10").code == 4
    assert shop('product edit SUP --code "CRM-10" --dry-run').code == 4


def test_a_name_may_be_that_of_two_and_is_told(shop: Crm) -> None:
    assert "There is Support as well (SUP)" in shop.ok("product add support --code SUP-2").err


def test_a_code_stands_before_an_id_and_a_name(shop: Crm) -> None:
    shop.ok('product add "Odd one" --code 1')
    shop.ok("product add SUP --code ODD")
    assert shop.rows("product show 1")["name"] == "Odd one"
    assert shop.rows("product show product:2")["code"] == "SUP"
    assert shop.rows("product show sup")["name"] == "Support"
    assert shop.rows("product show odd")["name"] == "SUP"
    assert shop("product show CMR-10").err.count("CRM-10") >= 1
    assert shop("product show nothing-like-it").code == 3


@pytest.mark.ci
@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("product add X --price 1EUR --price 2EUR", "two prices in EUR"),
        ("product add X --price -1EUR", "below zero"),
        ("product add X --kind thing", "thing is not known"),
        ('product add X --code "  "', "may not be empty"),
        ("product edit CRM-10 SUP --code A", "of one product"),
        ("product edit SUP --drop price=USD", "no price USD"),
        ("product edit SUP --clear name", "cannot be cleared"),
        ("product link SUP SUP --as requires", "cannot be linked to itself"),
        ("product link SUP HOST --as eats", "eats is not known"),
        ("product link SUP HOST --as requires --quantity 0", "quantity"),
        ("product link SUP HOST --as requires --months 0", "months"),
        ("product unlink SUP HOST", "not linked"),
        ("product link SUP HOST", "--as is missing"),
    ],
)
def test_what_is_wrong_is_said(shop: Crm, line: str, says: str) -> None:
    result = shop(line)
    assert result.code in (2, 3), result
    assert says in result.err, result


def test_an_edit_sets_one_price_and_takes_another_away(shop: Crm) -> None:
    shop.ok("product edit CRM-10 --price 120EUR --drop price=USD --clear cost --inactive --for retail")
    found = shop.rows("product show CRM-10")
    assert (found["prices"], found["cost"], found["active"], found["audience"]) == (
        [{"amount": 120, "currency": "EUR"}], None, False, "retail",
    )  # fmt: skip
    assert "so already" in shop.ok("product edit CRM-10 --price 120EUR").err
    shop.ok("product edit CRM-10 --clear price --active")
    assert shop.rows("product list is:active no:prices --columns code") == [{"code": "CRM-10"}, {"code": "PRO"}]


def test_each_change_is_undone_whole(shop: Crm) -> None:
    shop.ok("deal add Rollout --customer acme --line CRM-10:1")
    for line in (
        "product add New --code N --price 1EUR --set colour=red",
        "product edit CRM-10 --price 1EUR --price 2CHF --drop price=USD --code C --inactive",
        "product edit is:service --category Services --yes",
        "product remove CRM-10",
        "product link SUP HOST --as requires",
        "product link PRO CRM-10 --as included --quantity 7",
        "product unlink PRO CRM-10",
        "deal add Other --customer acme --line CRM-10:2 --line SUP:1@19-10%",
        "deal edit rollout --line SUP:2",
        "deal edit rollout --clear lines",
        "deal edit rollout --line SUP:2 --amount 5",
    ):
        before = dump(shop)
        shop.ok(line)
        assert dump(shop) != before, line
        shop.ok("undo")
        assert dump(shop) == before, line


def test_a_removed_product_stays_in_lines_and_does_not_come_back_beside_its_code(shop: Crm) -> None:
    shop.ok("deal add Rollout --customer acme --line CRM-10:2")
    shop.ok("product remove CRM-10")
    assert shop.rows("deal show rollout")["lines"][0]["code"] == "CRM-10"
    refused = shop("deal add More --customer acme --line CRM-10:1")
    assert refused.code == 3
    assert "product restore" in refused.err
    shop.ok("product add Other --code CRM-10")
    assert shop("product restore 1").code == 4
    shop.ok("product edit Other --code OTHER")
    shop.ok("product restore 1")
    assert shop.ok("check").out == ""


@pytest.mark.process
def test_a_form_has_the_first_price_and_the_cost(shop: Crm) -> None:
    from terminal import CTRL_S, CTRL_U, Terminal

    form = Terminal(shop, "product", "edit", "CRM-10")
    form.expect("name: CRM seat").type("\r").expect("code: CRM-10").type("\r").expect("kind: product").type("\r")
    form.expect("price: 100 EUR").type(CTRL_U + "130EUR\r").expect("cost: 40 EUR").type(CTRL_U + "41EUR" + CTRL_S)
    form.expect("What now?").type("\r")
    assert form.end() == 0
    found = shop.rows("product show CRM-10")
    assert (found["price"], found["cost"], len(found["prices"])) == (130, 41, 2)


# ------------------------------------------------------------------ what goes with it


def test_the_solution_follows_from_the_links(shop: Crm) -> None:
    found = shop.rows("product show pro")
    parts = {part["code"]: (part["quantity"], part["months"]) for part in found["included"]}
    assert parts == {"CRM-10": (5, None), "SUP": (1, 12)}
    assert [(part["code"], part["quantity"], part["by"]) for part in found["required"]] == [("HOST", 1, "CRM-10")]
    assert found["recommended"] == []
    euro, dollar = found["sums"]
    assert euro == {"currency": "EUR", "price": 740, "parts": 740, "required": 30, "total": 770, "missing": []}
    assert (dollar["total"], dollar["missing"]) == (None, ["SUP", "HOST"])
    shop.ok("product edit PRO --price 600")
    assert shop.rows("product show pro")["sums"][0]["total"] == 630
    assert [one["code"] for one in shop.rows("product show sup")["part_of"]] == ["PRO"]


def test_the_solution_fits_a_narrow_screen_in_both_languages(shop: Crm) -> None:
    told = shop.ok("product show pro", env={"COLUMNS": "40"}).out
    assert "Required besides (1)" in told
    assert "PRO: EUR 740, required besides: EUR 30, together: EUR 770" in told
    assert "no price in USD: SUP, HOST" in told
    assert "Nobody has bought it yet" in told
    chinese = shop.ok("product show pro --lang zh").out
    assert "另需 (1)" in chinese
    assert "合计：EUR 770" in chinese


def test_circles_are_refused_with_the_way(shop: Crm) -> None:
    shop.ok("product link HOST SUP --as requires")
    refused = shop("product link SUP CRM-10 --as requires")
    assert refused.code == 4
    assert "SUP -> CRM-10 -> HOST -> SUP" in refused.err
    assert shop("product link CRM-10 PRO --as included").code == 4
    shop.ok("product link HOST PRO --as recommended")  # each may be recommended with the other
    shop.ok("product link SUP CRM-10 --as replaces")
    assert shop("product link CRM-10 SUP --as replaces").code == 4


def test_flags_of_a_table_are_said_in_chinese(shop: Crm) -> None:
    shown = shop.ok("product list --columns code,active --lang zh").out.splitlines()
    assert shown[1].split()[1:] == ["是"]
    assert shop.ok("product list --columns active --format csv --lang zh").out.splitlines()[1] == "true"


def test_who_bought_it_is_told(shop: Crm) -> None:
    shop.ok("order add acme --line CRM-10:3 --on 2026-11-10")
    shop.ok("order add acme --line CRM-10:-1 --on 2026-11-20")
    shop.ok("order add acme --line CRM-10:9 --on 2026-12-20")  # has not come yet
    found = shop.rows("product show crm-10")["bought"]
    assert (found["customers"], found["orders"], found["returns"], found["quantity"]) == (1, 1, 1, 2)
    assert (found["first_on"], found["last_on"], found["amounts"]) == (
        "2026-11-10", "2026-11-20", [{"amount": 200, "currency": "EUR"}],
    )  # fmt: skip
    assert [buyer["name"] for buyer in found["buyers"]] == ["Acme GmbH"]


# ------------------------------------------------------------------ in deals


def test_the_amount_of_a_deal_is_the_sum_of_its_lines(shop: Crm) -> None:
    shop.ok("deal add Rollout --customer acme --line CRM-10:3-10% --line PRO:1@700")
    found = shop.rows("deal show rollout")
    assert (found["amount"], found["currency"]) == (970, "EUR")
    assert [(line["code"], line["quantity"], line["price"], line["discount"], line["amount"]) for line in found["lines"]] == [
        ("CRM-10", 3, 100, 10, 270), ("PRO", 1, 700, 0, 700),
    ]  # fmt: skip
    assert "CRM seat" in shop.ok("deal show rollout").out
    shop.ok("deal edit rollout --line CRM-10:1@9.125USD --currency USD", env={"CRM_DECIMAL": "."})
    assert shop.rows("deal show rollout")["amount"] == 9.12
    shop.ok("deal edit rollout --amount 10")
    assert len(shop.rows("deal show rollout")["lines"]) == 1


def test_the_currency_of_lines_is_one_that_their_products_have(shop: Crm) -> None:
    shop.ok("product add Only --code USD-1 --price 5USD")
    shop.ok("deal add One --customer acme --line USD-1:1")
    assert shop.rows("deal show one")["currency"] == "USD"
    shop.ok("deal add Two --customer acme --line CRM-10:1 --currency USD")
    assert shop.rows("deal show two")["amount"] == 110
    for line, says in (
        ("--line CRM-10:1 --line SUP:1 --currency USD", "SUP has no price in USD"),
        ("--line CRM-10:1@5EUR --line SUP:1@5USD", "several currencies"),
        ("--line PRO:1", "PRO has no price"),
        ("--line CRM-10:1 --line SUP:x", "--line 2: SUP:x"),
    ):
        refused = shop(f"deal add Three --customer acme {line}")
        assert refused.code == 2, refused
        assert says in refused.err, refused
    assert shop("deal edit two --currency EUR").code == 4


def test_a_product_that_is_not_sold_any_more_stays_in_old_lines_only(shop: Crm) -> None:
    shop.ok("deal add Rollout --customer acme --line SUP:1")
    shop.ok("product edit SUP --inactive")
    shop.ok("product link HOST SUP --as replaces")
    refused = shop("deal add More --customer acme --line SUP:1")
    assert refused.code == 4
    assert "SUP is not sold any more" in refused.err
    assert "HOST replaces it" in refused.err
    shop.ok("deal edit rollout --line SUP:2 --line CRM-10:1")
    assert shop.rows("deal show rollout")["amount"] == 140


def test_the_funnel_by_product_splits_each_deal_by_its_lines(shop: Crm) -> None:
    shop.ok("deal add Rollout --customer acme --line CRM-10:1 --line SUP:5")
    shop.ok("deal add Dear --customer acme --line CRM-10:1 --line SUP:5 --amount 100.01")
    shop.ok("deal add Bare --customer acme --amount 7EUR")
    rows = [row for row in shop.rows("funnel --by product") if row["stage"] == "lead"]
    assert {row["product"]: (row["deals"], row["amount"]) for row in rows} == {
        "CRM seat": (2, 150), "Support": (2, 150.01), None: (1, 7),
    }  # fmt: skip
    assert sum(round(row["amount"] * 100) for row in rows) == 30701
    assert shop.rows("deal list product:sup --columns title") == [{"title": "Rollout"}, {"title": "Dear"}]


# ------------------------------------------------------------------ in and out


def imported(crm: Crm, text: str, *words: str, code: int = 0) -> Any:
    result = crm("import", "-", "--as", "products", "--json", *words, stdin=text)
    assert result.code == code, result
    return result.json


def counts(report: Any) -> tuple[int, int, int, int, int]:
    keys = ("added", "updated", "unchanged", "skipped", "failed")
    return tuple(report[key] for key in keys)  # type: ignore[return-value]


ZOHO = (
    "Record Id,Product Name,Product Code,Unit Price,Price USD,Product Category,Usage Unit,Product Active,Weight\n"
    'zcrm_1,CRM,C1,"1,250.50",1300.00,Soft > CRM,Box,true,5\nzcrm_2,Old one,C2,3.00,,,,false,\n'
)


def test_products_of_another_system_go_in_once(crm: Crm) -> None:
    assert counts(imported(crm, ZOHO, "--currency", "EUR")) == (2, 0, 0, 0, 0)
    assert counts(imported(crm, ZOHO, "--currency", "EUR")) == (0, 0, 2, 0, 0)
    found = crm.rows("product show C1")
    assert found["prices"] == [{"amount": 1250.5, "currency": "EUR"}, {"amount": 1300, "currency": "USD"}]
    assert (found["category"], found["unit"], found["external_id"], found["custom"]) == (
        "Soft/CRM", "Box", "zcrm_1", {"Weight": "5"},
    )  # fmt: skip
    assert crm.rows("product show C2")["active"] is False
    changed = ZOHO.replace("1300.00", "1400.00").replace("Old one", "Old two")
    assert counts(imported(crm, changed, "--currency", "EUR", "--on-duplicate", "skip")) == (0, 0, 0, 2, 0)
    assert counts(imported(crm, changed, "--currency", "EUR", "--on-duplicate", "fail", code=65))[4] == 2
    before = dump(crm)
    assert counts(imported(crm, changed, "--currency", "EUR")) == (0, 2, 0, 0, 0)
    assert crm.rows("product show C1")["prices"][1]["amount"] == 1400
    crm.ok("undo")
    assert dump(crm) == before


@pytest.mark.ci
def test_an_export_of_zoho_is_known_by_its_headers(crm: Crm) -> None:
    text = (
        "Record Id,Product Owner.id,Product Owner,Product Name,Product Code,Product Active,Unit Price,Usage Unit,Taxable\n"
        "zcrm_9,zcrm_1,Ana,CRM,C1,true,100.00,Box,false\n"
    )
    report = crm.ok("import", "-", "--currency", "USD", "--json", "--explain", stdin=text).json
    assert (report["understood"]["preset_name"], report["added"]) == ("zoho-products", 1)
    crm.ok("import", "-", "--currency", "USD", stdin=text)
    found = crm.rows("product show C1")
    assert (found["external_source"], found["external_id"], found["custom"]) == ("zoho", "zcrm_9", {"Taxable": "false"})


def test_bad_rows_are_told_and_put_aside(crm: Crm) -> None:
    text = 'code,name,price\nA,One,1.125\nB,Two,-3\n,,5\nC,Three,7.5\nC,Three,"1,000.00"\n'
    report = imported(crm, text, "--currency", "EUR", code=65)
    assert counts(report)[0] == 0
    assert [(error["line"], error["column"]) for error in report["errors"]] == [(2, "price"), (3, "price"), (4, "name")]
    assert "has no currency" in imported(crm, text, code=65)["errors"][-1]["reason"]
    report = imported(crm, text, "--currency", "EUR", "--rejects", str(crm.folder / "bad.csv"), code=6)
    assert counts(report) == (1, 1, 0, 0, 3)
    assert crm.rows("product show C")["price"] == 1000
    assert (crm.folder / "bad.csv").read_text().count("\n") == 4


def test_chinese_headers_tell_that_they_are_products(crm: Crm) -> None:
    text = "产品名称,产品编码,单价,单位,产品类别,上架状态\n企业版,E1,1.2万元,套,软件/CRM,上架\n旧版,E0,100元,套,,下架\n"
    report = crm.ok("import", "-", "--json", stdin=text).json
    assert (report["as"], report["added"]) == ("products", 2)
    assert crm.rows("product list is:在售 --columns code,price") == [{"code": "E1", "price": 12000}]


def test_a_removed_product_stays_away(crm: Crm) -> None:
    text = "code,name,price\nA,One,1\n"
    imported(crm, text, "--currency", "EUR")
    crm.ok("product remove A")
    report = imported(crm, text, "--currency", "EUR")
    assert (counts(report), report["removed"]) == ((0, 0, 0, 1, 0), 1)
    assert counts(imported(crm, text, "--currency", "EUR", "--on-duplicate", "new")) == (1, 0, 0, 0, 0)
    assert counts(imported(crm, text, "--currency", "EUR", "--on-duplicate", "new", code=65))[4] == 1


def test_what_is_given_out_comes_back_the_same(shop: Crm, tmp_path: Path) -> None:
    shop.ok("product edit CRM-10 --set colour=red --note 'line one' --for retail")
    written = shop.ok("export products").out
    other = Crm(tmp_path)
    other.ok("import", "-", stdin=written)
    assert other.ok("export products").out == written


@REAL
@pytest.mark.ci
def test_products_of_maven_and_northwind_go_in(crm: Crm) -> None:
    maven = DATA / "crm" / "maven"
    for path, added in ((maven / "products.csv", 7), (DATA / "rfm" / "northwind" / "products.csv", 77)):
        for counted in ((added, 0, 0, 0, 0), (0, 0, added, 0, 0)):
            report = crm.ok("import", str(path), "--currency", "USD", "--json").json
            assert (report["as"], counts(report)) == ("products", counted)
    assert crm.rows("product show GTK-500")["price"] == 26768
    assert crm.rows("product show 11")["name"] == "Queso Cabrales"
    assert len(crm.rows("product list is:inactive")) == 8


@REAL
@pytest.mark.ci
def test_a_column_with_the_product_makes_a_line_of_each_deal(crm: Crm) -> None:
    maven = DATA / "crm" / "maven"
    crm.ok("import", str(maven / "accounts.csv"), str(maven / "products.csv"), "--currency", "USD")
    line = ("import", str(maven / "sales_pipeline.csv"), "--create", "owners,stages", "--currency", "USD", "--json")
    assert crm.ok(*line).json["added"] == 8800
    assert crm.ok(*line).json["unchanged"] == 8800
    won = {row["product"]: row["amount"] for row in crm.rows("funnel --by product") if row["stage"] == "won"}
    assert sum(won.values()) == 10_005_534
    assert won["GTX Basic"] == 499_263
    assert crm.sql("SELECT count(*), count(DISTINCT product_id), count(text) FROM deal_line") == [(8800, 7, 0)]
    assert crm.ok("check").out == ""
    crm.ok("undo")
    assert crm.sql("SELECT count(*) FROM deal_line") == [(0,)]


def test_products_that_are_not_there_stay_texts_until_they_are(crm: Crm) -> None:
    text = "deal name,customer,amount,product\nOne,Acme,5,Seat 10\nTwo,Acme,7,\n"
    line = ("import", "-", "--as", "deals", "--create", "customers", "--currency", "EUR", "--json")
    assert "stay texts: 1 (Seat 10)" in " ".join(crm.ok(*line, stdin=text).json["notes"])
    assert crm.rows("deal show One")["lines"][0]["name"] == "Seat 10"
    crm.ok("product add seat10 --code S")
    assert crm.ok(*line, stdin=text).json["updated"] == 1
    assert [line["code"] for line in crm.rows("deal show One")["lines"]] == ["S"]
    assert crm.rows("deal show Two")["lines"] == []
    crm.ok("deal edit One --line S:1@2EUR --line S:1@3EUR")
    assert crm.ok(*line, stdin=text).json["unchanged"] == 2  # several lines are somebody's own


# ------------------------------------------------------------------ sound


@pytest.mark.ci
@pytest.mark.parametrize(
    ("check", "statement", "mended"),
    [
        ("product-code", "UPDATE product SET code_key = 'x' WHERE id = 1", True),
        ("product-key", "UPDATE product SET name_key = 'x' WHERE id = 1", True),
        (
            "product-circle",
            "INSERT INTO product_link (uuid, product_id, other_id, kind, quantity, created_at, updated_at) SELECT uuid"
            " || 'x', other_id, product_id, kind, quantity, created_at, updated_at FROM product_link WHERE product_id = 1",
            False,
        ),
    ],
)
def test_check_finds_what_is_planted(shop: Crm, check: str, statement: str, mended: bool) -> None:
    assert shop.ok("check").out == ""
    connection = sqlite3.connect(shop.db, isolation_level=None)
    connection.execute(statement)
    connection.close()
    found = shop("check", "--json")
    assert {(row["check"], row["ref"]) for row in found.json} >= {(check, "product:1")}
    if mended:
        shop.ok("check --fix")
        assert shop.ok("check").out == ""
