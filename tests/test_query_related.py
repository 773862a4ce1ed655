"""Queries over related records, the whole of a value, birthdays, and fields of the user's own."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import Crm

from crm_cli.queries.grammar import join_arguments, parse, replace_value
from crm_cli.rules.fields import is_any_field

pytestmark = pytest.mark.ci

CUSTOMERS = ["Acme GmbH", "Beta AG", "Cara", "Dora"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Crm:
    """Four customers with people, deals in every state, talks and tasks, and fields of their own; only read."""
    crm = Crm(Path(tmp_path_factory.mktemp("related")))
    crm.environ["CRM_USER"] = "ana"
    old = crm.at("2026-08-01T10:00:00")
    for line in (
        "member add Ana",
        'customer add "Acme GmbH" --region DACH --set seats=250 --set 车型=SUV --set "number of seats=12"'
        " --set renewal=2026-12-10 --phone '+49 30 1234567' --email sales@acme.example",
        'customer add "Beta AG" --region DACH --set seats=80 --set 车型=轿车 --set renewal=soon --parent acme',
        "customer add Cara --kind person --birthday 1990-12-24 --set seats=unknown --email cara@x.example",
        "customer add Dora --kind person --birthday 1985-01-03",
        'contact add "Jane Doe" --customer acme --role decision-maker --title CTO --email jane@acme.example',
        'contact add "Jo Lee" --customer acme --role user --title CEO',
        'contact add "Bo" --customer beta --role user',
        "deal add Rollout --customer acme --amount 48k --currency EUR --stage proposal --contact Jane:champion"
        " --set probability_note=fair",
        "deal add Small --customer acme --amount 900 --currency EUR --stage lead",
        "deal add First --customer acme --amount 30k --currency EUR",
        "deal add Second --customer acme --amount 30k --currency EUR",
        "deal add Yen --customer beta --amount 9000000 --currency JPY",
        "deal add Lost --customer cara --amount 70k --currency USD",
        "deal win First --on 2026-10-05",
        "deal win Second --on 2026-11-05",
        "deal lose Lost --reason price --on 2026-10-01",
        "log call acme hello --at 2026-11-20 --deal rollout",
        "log email acme again --at 2026-11-21",
        "log meeting beta tea --at 2026-09-01",
        "task add send --customer acme --deal rollout --due 2026-11-20",
        "task add wait --customer beta --due 2026-12-20",
        "task add old --customer cara --due 2026-11-01",
        "done old",
        "tag add vip deal:rollout",
    ):
        (old if line.startswith("deal add") else crm).ok(line)
    return crm


NAMES = {"customer": "name", "contact": "name", "deal": "title", "interaction": "text", "task": "text"}


def found(crm: Crm, noun: str, *query: str) -> list[str]:
    key = NAMES[noun]
    return sorted(row[key] for row in crm.rows(noun, "list", "--columns", key, *query))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("deals.stage:proposal", ["Acme GmbH"]),
        ("deal.stage:proposal", ["Acme GmbH"]),
        ("商机.阶段:方案报价", ["Acme GmbH"]),
        ("商机．阶段：方案报价", ["Acme GmbH"]),
        ("deals.tag:vip", ["Acme GmbH"]),
        ("deals.amount:40k..", ["Acme GmbH", "Beta AG", "Cara"]),
        ("deals.amount:€40k..", ["Acme GmbH"]),
        ("deals.closed:2026-10", ["Acme GmbH", "Cara"]),
        ("deals.won.closed:2026-10", ["Acme GmbH"]),
        ("deals.reason:price", ["Cara"]),
        ("deals.title:=roll", []),
        ("deals.title:=ROLLOUT", ["Acme GmbH"]),
        ("deals.count:3..", ["Acme GmbH"]),
        ("deals.count:4", ["Acme GmbH"]),
        ("deals.count:1..2", ["Beta AG", "Cara"]),
        ("deals.count:0", ["Dora"]),
        ("deals.count:..0", ["Dora"]),
        ("deals.count:..1", ["Beta AG", "Cara", "Dora"]),
        ("deals.count:0..", CUSTOMERS),
        ("deals.count:-3..-1", []),
        ("deals.open.count:1..", ["Acme GmbH", "Beta AG"]),
        ("deals.open.count:2", ["Acme GmbH"]),
        ("deals.won.count:0", ["Beta AG", "Cara", "Dora"]),
        ("商机.赢单.数量:2", ["Acme GmbH"]),
        ("deals.won.amount:50k..", ["Acme GmbH"]),
        ("deals.won.amount:..50k", []),
        ("deals.won.amount:60k", ["Acme GmbH"]),
        ("商机.赢单.金额:5万..", ["Acme GmbH"]),
        ("deals.open.amount:JPY1..", ["Beta AG"]),
        ("deals.open.weighted:24090", ["Acme GmbH"]),
        ("deals:(is:won amount:50k..)", []),
        ("deals:(stage:proposal amount:10k..)", ["Acme GmbH"]),
        ("deals:(stage:lead amount:10k..)", ["Beta AG"]),
        ("deals.won:(closed:2026-10 amount:30k)", ["Acme GmbH"]),
        ("deals:rollout", ["Acme GmbH"]),
        ("deals.is:won", ["Acme GmbH"]),
        ("deals.has:tag", ["Acme GmbH"]),
        ("not:deals.is:won", ["Beta AG", "Cara", "Dora"]),
        ("has:deals", ["Acme GmbH", "Beta AG", "Cara"]),
        ("no:deals", ["Dora"]),
        ("has:deals.won", ["Acme GmbH"]),
        ("no:deals.open", ["Cara", "Dora"]),
        ("无:商机", ["Dora"]),
        ("contacts.role:decision-maker", ["Acme GmbH"]),
        ("联系人.角色:决策人", ["Acme GmbH"]),
        ("contacts:(role:user title:ceo)", ["Acme GmbH"]),
        ("contacts:(role:user title:cto)", []),
        ("contacts.count:2..", ["Acme GmbH"]),
        ("has:contacts.email", ["Acme GmbH"]),
        ("interactions.channel:call", ["Acme GmbH"]),
        ("互动.渠道:电话", ["Acme GmbH"]),
        ("interactions.at:-7d..", ["Acme GmbH"]),
        ("interactions.count:..0", ["Cara", "Dora"]),
        ("interactions.count:2..", ["Acme GmbH"]),
        ("tasks.due:..today", ["Acme GmbH"]),
        ("tasks.count:..0", ["Cara", "Dora"]),
        ("tasks.done.count:1..", ["Cara"]),
        ("tasks.status:any", ["Acme GmbH", "Beta AG", "Cara"]),
        ("tasks:(status:done)", ["Cara"]),
        ("parent.region:dach", ["Beta AG"]),
        ("parent.deals.stage:won", ["Beta AG"]),
        ("deals.contacts.role:champion", ["Acme GmbH"]),
        ("deals.contacts.role:decision-maker", []),
        ("deals.probability_note:fair", ["Acme GmbH"]),
        ("deals.custom.probability_note:fair", ["Acme GmbH"]),
    ],
)
def test_customers_are_found_by_what_hangs_on_them(shop: Crm, query: str, names: list[str]) -> None:
    assert found(shop, "customer", query) == names


@pytest.mark.parametrize(
    ("noun", "query", "names"),
    [
        ("deal", ["--all", "customer.region:dach"], ["First", "Rollout", "Second", "Small", "Yen"]),
        ("deal", ["客户.地区:dach", "amount:40k..", "currency:EUR"], ["Rollout"]),
        ("deal", ["customer.seats:200.."], ["Rollout", "Small"]),
        ("deal", ["contacts.role:champion"], ["Rollout"]),
        ("deal", ["contacts.title:cto"], ["Rollout"]),
        ("deal", ["interactions.channel:call"], ["Rollout"]),
        ("deal", ["tasks.due:..today"], ["Rollout"]),
        ("deal", ["no:tasks"], ["Small", "Yen"]),
        ("deal", ["customer.deals.won.count:2"], ["Rollout", "Small"]),
        ("deal", ["customer:(region:dach seats:..100)"], ["Yen"]),
        ("contact", ["customer.deals.stage:proposal"], ["Jane Doe", "Jo Lee"]),
        ("contact", ["deals.stage:proposal"], ["Jane Doe"]),
        ("contact", ["no:deals"], ["Bo", "Jo Lee"]),
        ("interaction", ["customer.region:dach", "deal.amount:40k.."], ["hello"]),
        ("interaction", ["customer.deals.count:1"], ["tea"]),
        ("task", ["deal.stage:proposal"], ["send"]),
        ("task", ["deal:(amount:10k..)"], ["send"]),
        ("task", ["customer.kind:person", "--all"], ["old"]),
    ],
)
def test_each_noun_leads_to_others(shop: Crm, noun: str, query: list[str], names: list[str]) -> None:
    assert found(shop, noun, *query) == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("name:=acme", []),
        ("name:=acme gmbh", ["Acme GmbH"]),
        ('name:="ACME GmbH"', ["Acme GmbH"]),
        ("名称：=acme gmbh", ["Acme GmbH"]),
        ("region:=DACH", ["Acme GmbH", "Beta AG"]),
        ("region:=dac", []),
        ("email:=Sales@acme.example", ["Acme GmbH"]),
        ("email:=acme.example", []),
        ("phone:=+49301234567", ["Acme GmbH"]),
        ("phone:=030 1234567", ["Acme GmbH"]),
        ("phone:=1234", []),
        ("parent:=acme gmbh", ["Beta AG"]),
        ("parent:=acme", []),
        ("kind:=person", ["Cara", "Dora"]),
        ("birthday:=1990-12-24", ["Cara"]),
        ("not:name:=cara", ["Acme GmbH", "Beta AG", "Dora"]),
        ("(name:=cara or name:=dora)", ["Cara", "Dora"]),
        ("birthday:today..+30d", ["Cara"]),
        ("birthday:today..+60d", ["Cara", "Dora"]),
        ("birthday:20 dec..5 jan", ["Cara", "Dora"]),
        ("birthday:24 dec", ["Cara"]),
        ("birthday:明天..+2mo", ["Cara", "Dora"]),
        ("生日:today..+30d", ["Cara"]),
        ("birthday:1990", ["Cara"]),
        ("birthday:1985-01-01..1989-12-31", ["Dora"]),
        ("birthday:..-40y", ["Dora"]),
    ],
)
def test_the_whole_of_a_value_and_days_of_the_year(shop: Crm, query: str, names: list[str]) -> None:
    assert found(shop, "customer", query) == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("车型:SUV", ["Acme GmbH"]),
        ("车型：suv", ["Acme GmbH"]),
        ("custom.车型:轿", ["Beta AG"]),
        ("自定义.车型:轿车", ["Beta AG"]),
        ("车型:=轿", []),
        ("seats:100..", ["Acme GmbH"]),
        ("SEATS:..100", ["Beta AG"]),
        ("custom.seats:80", ["Beta AG"]),
        ("seats:8", []),
        ("seats:=250.0", ["Acme GmbH"]),
        ("seats:0.05k..0.2k", ["Beta AG"]),
        ("seats:known", ["Cara"]),
        ('"number of seats":10..', ["Acme GmbH"]),
        ('custom."number of seats":12', ["Acme GmbH"]),
        ('region:dach "number of seats":..20', ["Acme GmbH"]),
        ("renewal:2026-12", ["Acme GmbH"]),
        ("renewal:today..+30d", ["Acme GmbH"]),
        ("renewal:2026..2027", ["Acme GmbH"]),
        ("renewal:soon", ["Beta AG"]),
        ("has:车型", ["Acme GmbH", "Beta AG"]),
        ("no:custom.seats", ["Dora"]),
        ("not:车型:suv", ["Beta AG", "Cara", "Dora"]),
    ],
)
def test_fields_of_the_users_own(shop: Crm, query: str, names: list[str]) -> None:
    assert found(shop, "customer", query) == names


def test_fields_of_the_users_own_are_columns_and_orders(shop: Crm) -> None:
    line = ["customer", "list", "--columns", "name,车型,custom.seats,number of seats", "--sort", "-seats"]
    assert shop.ok(*line, "--format", "table").out == (
        "name       车型  seats    number of seats\n"
        "Acme GmbH  SUV   250      12\n"
        "Beta AG    轿车  80\n"
        "Cara             unknown\n"
        "Dora\n"
    )  # fmt: skip
    names = [row["name"] for row in shop.rows("customer list --sort seats --columns name")]
    assert names == ["Beta AG", "Acme GmbH", "Cara", "Dora"]
    (row,) = shop.rows("customer list 车型:suv --columns name,车型")
    assert row == {"name": "Acme GmbH", "custom.车型": "SUV"}
    out = shop.ok("export customers has:车型 --columns name,车型 --sort 车型").out
    assert out == "name,custom.车型\nAcme GmbH,SUV\nBeta AG,轿车\n"
    listed = shop.ok("customer list has:车型 --columns name,车型 --sort 车型 --format csv").out
    assert listed == out
    assert json.loads(shop.ok("deal list --columns title,probability_note --sort probability_note --json").out)[0] == {
        "title": "Rollout",
        "custom.probability_note": "fair",
    }


def test_names_of_fields_in_chinese_are_columns_and_orders(shop: Crm) -> None:
    out = shop.ok("customer list 地区:dach --columns 名称,地区 --sort 名称:降序 --format csv").out
    assert out == "name,region\nBeta AG,DACH\nAcme GmbH,DACH\n"


def test_names_with_marks_of_json_and_sql_are_fields_too(crm: Crm) -> None:
    for name in ('say "hi"', "o'brien", "a\\b", "$.x", "a.b", "a:b"):
        crm.ok("customer", "add", f"with {name}", "--set", f"{name}=yes")
        asked = name.replace('"', '""')
        assert found(crm, "customer", f'custom."{asked}":yes') == [f"with {name}"]
        assert found(crm, "customer", f'name:with has:"custom.{asked}"') == [f"with {name}"]
        rows = crm.rows("customer", "list", "--columns", name, "--sort", "-name" if ":" in name else name)
        assert {f"custom.{name}": "yes"} in rows


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("deals.stag:won", "Unknown field deals.stag at 1\nDid you mean deals.stage: ? All fields: crm fields deal\n"),
        ("region:dach has:deals.foo", "Unknown field deals.foo at 13\nAll fields: crm fields deal\n"),
        ("dealz.stage:won", "Unknown field dealz.stage at 1\nDid you mean deals"),
        ("deals:(stag:won)", "Unknown field stag at 8\n"),
        ("deals:(stage:won", "The parenthesis that opens at 7 is never closed\n"),
        ("deals.amount:x", 'deals.amount:x at 1: "x" is not an amount.'),
        ("deals.count:x", "deals.count:x at 1: x is not a whole number\n"),
        ("deals.count:3..1", "deals.count:3..1 at 1: the range runs backwards\nType 1..3\n"),
        ("deals.won.amount:5k..1k", "deals.won.amount:5k..1k at 1: the range runs backwards\n"),
        ("deals.stage:", "Nothing stands after deals.stage: at 1\n"),
        ("name:=", "Nothing stands after name: at 1\n"),
        ("size:=1..2", "size:=1..2 at 1: one value stands behind :=, no range\nType size:1..2\n"),
        ("seatz:100..", "Unknown field seatz at 1\nDid you mean seats: ?"),
        ("custom.seatz:100..", "Unknown field custom.seatz at 1\nDid you mean custom.seats: ?"),
        ("车形:suv", "Unknown field 车形 at 1\nDid you mean 车型: ?"),
        ("seats:", "Nothing stands after seats: at 1\n"),
        ("seats:a..c", 'seats:a..c at 1: "a" is not a date.'),
        ("parent.count:1", "Unknown field parent.count at 1\n"),
        (".".join(["deals.customer"] * 9) + ".name:x", "This query is nested too deeply\n"),
        (
            "(not:deals:(not:customer:(not:deals:(not:customer:(not:deals:(not:customer:(x)))))))",
            "This query is nested too deeply\n",
        ),
        ("(" + "deals:(customer:(" * 9 + "x" + ")" * 19, "This query is nested too deeply\n"),
    ],
)
def test_what_cannot_be_asked_is_said_with_its_place(shop: Crm, query: str, answer: str) -> None:
    result = shop("customer", "list", query)
    assert result.code == 2, result
    assert result.err.startswith(f"crm: {answer}"), result.err
    assert result.out == ""


def test_a_value_of_a_related_record_that_is_unknown_is_named_whole(shop: Crm) -> None:
    result = shop("customer list contacts.role:decision")
    assert result.code == 3
    assert result.err == (
        "crm: No contacts.role is called decision\nDid you mean contacts.role:decision-maker?\n"
        "Type: crm customer list contacts.role:decision-maker\n"
    )


def test_an_unknown_column_is_refused_with_the_nearest_of_the_users_own(shop: Crm) -> None:
    for option in ("--columns", "--sort"):
        result = shop("customer", "list", option, "seatz")
        assert (result.code, result.out) == (2, "")
        assert result.err.startswith(
            "crm: Unknown column seatz\nDid you mean seats? All columns: crm fields customer\n"
        )


@pytest.mark.parametrize(
    "arguments",
    [
        ["deals.stage:proposal", "deals:(is:won amount:10k..)"],
        ['deals:(title:"a b" or tag:"x)")', "name:=acme"],
        ['"number of seats":10..', 'custom."a:b":=c', 'name:="=x"'],
        ["deals:(customer:(region:dach name:x) stage:won) or 车型:SUV"],
        ['name:"=acme"', "name:=acme", "custom.a.b:c"],
    ],
)
def test_a_kept_query_reads_back_as_the_same(arguments: list[str]) -> None:
    def bare(node: object) -> object:
        if isinstance(node, list):
            return [bare(one) for one in node]
        if hasattr(node, "field"):
            return (node.field, node.value, node.whole)
        return [bare(one) for one in node] if isinstance(node, tuple) else node

    kept = join_arguments(arguments)
    assert bare(parse([f"({kept})"], is_any_field)) == bare(parse(arguments, is_any_field)), kept


def test_a_renamed_stage_is_renamed_behind_dots_too() -> None:
    query = "deals.stage:lead deals:(stage:lead amount:1..) stage.x:lead name:lead"
    renamed = replace_value(query, frozenset({"stage", "阶段"}), lambda value: value == "lead", "first")
    assert renamed == "deals.stage:first deals:(stage:first amount:1..) stage.x:lead name:lead"


def test_queries_over_others_and_own_fields_stand_where_references_do(shop: Crm) -> None:
    assert "Changed customer 1: Acme GmbH" in shop.ok("customer edit deals.stage:proposal --note x --dry-run").err
    assert "Changed 2 records" in shop.ok("customer edit has:车型 --note x --dry-run").err
    assert "Changed customer 1: Acme GmbH" in shop.ok("customer edit 车型:suv --note x --dry-run").err


def test_a_segment_may_ask_of_others(crm: Crm) -> None:
    crm.ok("customer add Acme --set seats=5")
    crm.ok("deal add Rollout --customer acme --amount 5k --currency EUR")
    crm.ok("segment", "add", "s", "deals:(amount:1k.. stage:lead)", "seats:1..")
    assert [(row["noun"], row["members"]) for row in crm.rows("segment list")] == [("customer", 1)]
    assert found(crm, "customer", "@s") == ["Acme"]
    assert found(crm, "deal", "customer.segment:s") == ["Rollout"]


COMMON = (
    "name:=acme deals.stage:proposal deals.count:3.. deals.won.amount:50k.. interactions.count:..0 tasks.due:..today"
    " custom.seats:100.. 车型:SUV 商机.阶段:方案报价 birthday:today..+7d created:-90d.. amount:10k.. not:deals.open.count:2..4"
    " has:deals.won no:custom.seats @quiet-keys owner:me is:stuck contacts.role:decision-maker"
).split()


@pytest.mark.process
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "pwsh"])
def test_the_common_forms_reach_the_program_from_every_shell_as_typed(shell: str, tmp_path: Path) -> None:
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell} here")
    show = "/usr/bin/printf '%s\\n' "
    words = [word for word in COMMON if not word.startswith("@") or shell != "pwsh"]
    ran = subprocess.run(
        [shell, "-c", show + " ".join(words)], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.stdout.split("\n")[:-1] == words, ran.stderr
