"""The query language, as it is typed: every form, on every noun, and an answer to every slip."""

from pathlib import Path
from typing import Any

import pytest
from conftest import Crm

from crm_cli.queries.grammar import Group, Node, Not, Term, join_arguments, parse
from crm_cli.rules.fields import is_any_field


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Crm:
    """Six customers, seven deals in four currencies, tasks, talks and segments; tests only read it."""
    crm = Crm(Path(tmp_path_factory.mktemp("shop")))
    crm.environ["CRM_USER"] = "ana"
    old = crm.at("2026-08-01T10:00:00")
    for line in (
        "member add Ana --email ana@x.example",
        'member add "Bo Lee" --email bo@x.example',
        'customer add "Acme GmbH" --email Sales@Acme.example --phone "+49 30 1234567" --region DACH --city Köln'
        ' --tag key --tag vip --source referral --size 200 --note "met at the fair" --owner ana',
        "customer add 张伟 --kind person --region 华东 --tag vip --status qualified --cadence 30d --owner bo",
        'customer add "Globex Corp" --website https://www.globex.example/shop --size 40 --owner bo --source fair',
        'customer add "Initech (China)" --region APAC --parent "Globex Corp" --owner ana --language zh',
        "customer add Umbrella --status closed --tag lost --birthday 1990-05-17 --kind company --owner ana",
    ):
        old.ok(line)
    for line in (
        'customer add "Zoë Ångström" --kind person --messenger wechat:zoe --owner ana',
        'contact add "Jane Doe" --customer acme --title CTO --role decision-maker --email jane@acme.example --tag vip',
        "contact add 王芳 --customer 张伟 --role 使用者",
        'deal add "Acme rollout" --customer acme --amount 48k --currency EUR --stage proposal --close 2026-12-31'
        " --contact jane --owner ana --source referral",
        'deal add "Yen deal" --customer globex --amount 500000 --currency JPY --owner bo --close 2027-02-15',
        'deal add "Dinar deal" --customer globex --amount 1234.567 --currency KWD --owner bo',
        'deal add "Small one" --customer 张伟 --amount 99.50 --currency EUR --owner bo --stage qualified',
        'deal add "Old loss" --customer umbrella --amount 700 --currency USD --owner ana',
        'deal add "No price" --customer initech --owner ana --stage negotiation',
        'deal add "Won one" --customer acme --amount 60000 --currency EUR --owner ana',
    ):
        old.ok(line)
    for line in (
        'deal win "Won one" --on 2026-10-05',
        'deal win "Dinar deal" --on 2026-09-30',
        'deal lose "Old loss" --reason price --on 2026-10-01',
        'log call acme "wants a quote for 200 seats" --at 2026-11-24 --deal rollout --outcome interested --duration 15m',
        "log 微信 张伟 聊到续约 --at 2026-09-01",
        'task add "send quote" --customer acme --deal rollout --due 2026-11-27 --priority high --owner ana',
        "task add 打电话 --customer 张伟 --due 2026-11-20 --owner bo",
        'task add "old chore" --customer globex --due 2026-11-01 --owner ana',
        'task add "some day" --customer globex --priority low --owner ana',
        'done "old chore"',
        "segment add keys tag:key",
        "segment add people kind:person",
        "segment add both @keys or @people",
        "segment add in-proposal stage:proposal",
    ):
        crm.ok(line)
    return crm


NAMES = {"customer": "name", "contact": "name", "deal": "title", "interaction": "text", "task": "text"}


def found(crm: Crm, noun: str, *query: str) -> list[str]:
    """Names of what a list shows, sorted."""
    key = NAMES[noun]
    return sorted(row[key] for row in crm.rows(noun, "list", "--columns", key, *query))


def refused(crm: Crm, *words: str, code: int = 2) -> str:
    """What a refused line is answered with."""
    result = crm(*words)
    assert result.code == code, result
    assert result.out == ""
    assert "bug" not in result.err
    return result.err


ACME, GLOBEX, INITECH, UMBRELLA, ZHANG, ZOE = (
    "Acme GmbH", "Globex Corp", "Initech (China)", "Umbrella", "张伟", "Zoë Ångström",
)  # fmt: skip
ALL = [ACME, GLOBEX, INITECH, UMBRELLA, ZOE, ZHANG]


# ------------------------------------------------------------------ customers


@pytest.mark.ci
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ([], ALL),
        (["acme"], [ACME]),
        (["ACME", "gmbh"], [ACME]),
        (["Ａｃｍｅ"], [ACME]),
        (["zoe"], [ZOE]),
        (["angstrom"], [ZOE]),
        (["koln"], [ACME]),
        (["fair"], [ACME]),
        (["sales@acme"], [ACME]),
        (["name:zoe ang"], [ZOE]),
        (["name:Acme GmbH"], [ACME]),
        (['name:"Acme GmbH"'], [ACME]),
        (["name:'Acme GmbH'"], [ACME]),
        (['"Acme GmbH"'], [ACME]),
        (["name:Initech(China)"], []),
        (["name:（china）"], [INITECH]),
        (["名称：acme"], [ACME]),
        (["region:dach"], [ACME]),
        (["region:东"], [ZHANG]),
        (["tag:key"], [ACME]),
        (["标签:vip"], [ACME, ZHANG]),
        (["TAG:VIP"], [ACME, ZHANG]),
        (["tag:#vip"], [ACME, ZHANG]),
        (["tag:vip", "kind:person"], [ZHANG]),
        (["kind:个人"], [ZOE, ZHANG]),
        (["类型:企业"], [ACME, GLOBEX, INITECH, UMBRELLA]),
        (["status:合格"], [ZHANG]),
        (["status:closed"], [UMBRELLA]),
        (["source:Referral"], [ACME]),
        (["size:40"], [GLOBEX]),
        (["size:50.."], [ACME]),
        (["size:..100"], [GLOBEX]),
        (["size:30..300"], [ACME, GLOBEX]),
        (["cadence:..60"], [ZHANG]),
        (["cadence:4w..5w"], [ZHANG]),
        (["cadence_days:30d"], [ZHANG]),
        (["cadence-days:30"], [ZHANG]),
        (["email:ACME.example"], [ACME]),
        (["phone:030 1234567"], [ACME]),
        (["phone:+49 (30) 123"], [ACME]),
        (["website:https://globex.example/"], [GLOBEX]),
        (["messenger:zoe"], [ZOE]),
        (["emails:sales"], [ACME]),
        (["parent:globex"], [INITECH]),
        (["parent:3"], [INITECH]),
        (["parent-id:3"], [INITECH]),
        (["id:1..2"], [ACME, ZHANG]),
        (["birthday:1990-05"], [UMBRELLA]),
        (["owner:bo lee"], [GLOBEX, ZHANG]),
        (["owner:BO@x.example"], [GLOBEX, ZHANG]),
        (["owner:2"], [GLOBEX, ZHANG]),
        (["owner:me", "tag:vip"], [ACME]),
        (["负责人:我", "tag:vip"], [ACME]),
        (["has:email"], [ACME]),
        (["no:email", "has:size"], [GLOBEX]),
        (["has:tags", "no:region"], [UMBRELLA]),
        (["has:spent"], [ACME, GLOBEX]),
        (["has:won"], [ACME, GLOBEX]),
        (["no:open", "no:won"], [INITECH, UMBRELLA, ZOE]),
        (["has:messenger"], [ZOE]),
        (["spent:50000.."], [ACME]),
        (["spent:1k.."], [ACME, GLOBEX]),
        (["spent:1234.567"], [GLOBEX]),
        (["spent:..2000"], [GLOBEX]),
        (["spent:1234.567KWD"], [GLOBEX]),
        (["spent:..100000EUR"], [ACME]),
        (["open_amount:100k.."], [GLOBEX]),
        (["open-amount:..100"], [ZHANG]),
        (["open-deals:1.."], [ACME, GLOBEX, INITECH, ZHANG]),
        (["open_deals:0"], [UMBRELLA, ZOE]),
        (["currency:eur"], [ACME, ZHANG]),
        (["币种:日元"], [GLOBEX]),
        (["contacted:..-30d"], [GLOBEX, INITECH, UMBRELLA, ZOE, ZHANG]),
        (["contacted:-30d.."], [ACME]),
        (["contacted:2026-09"], [ZHANG]),
        (["contacted:2026-09-01..2026-09-30"], [ZHANG]),
        (["no:contacted"], [GLOBEX, INITECH, UMBRELLA, ZOE]),
        (["next:..today"], [ZHANG]),
        (["next:fri"], [ACME]),
        (["next:..周五"], [ACME, ZHANG]),
        (["created:-7d.."], []),
        (["created:2026-08"], ALL),
        (["created:2026-08-01T09:59..2026-08-01T10:00"], ALL),
        (["created:2026-08-01T10:01.."], []),
        (["created:2026年8月"], ALL),
        (["is:open"], [ACME, GLOBEX, INITECH, ZHANG]),
        (["is:won"], [ACME, GLOBEX]),
        (["is:lost"], [UMBRELLA]),
        (["is:overdue"], [ZHANG]),
        (["is:已逾期"], [ZHANG]),
        (["is:person"], [ZOE, ZHANG]),
        (["uuid:-7"], ALL),
    ],
)
def test_customers_are_found_by(shop: Crm, query: list[str], names: list[str]) -> None:
    assert found(shop, "customer", *query) == sorted(names)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (["not:tag:vip", "kind:company"], [GLOBEX, INITECH, UMBRELLA]),
        (["not:not:tag:vip"], [ACME, ZHANG]),
        (["not:size:50.."], [GLOBEX, INITECH, UMBRELLA, ZOE, ZHANG]),
        (["not:acme"], [GLOBEX, INITECH, UMBRELLA, ZOE, ZHANG]),
        (["not:@keys", "tag:vip"], [ZHANG]),
        (["tag:key", "or", "tag:lost"], [ACME, UMBRELLA]),
        (["tag:key", "OR", "kind:person", "tag:vip"], [ACME, ZHANG]),
        (["kind:person", "tag:vip", "or", "tag:lost"], [UMBRELLA, ZHANG]),
        (["(tag:key or kind:person) tag:vip"], [ACME, ZHANG]),
        (["not:(tag:vip or tag:lost)", "kind:company"], [GLOBEX, INITECH]),
        (["not:(not:(tag:vip) or not:kind:person)"], [ZHANG]),
        (["tag:key or tag:lost"], [ACME, UMBRELLA]),
        (["tag:vip kind:person"], [ZHANG]),
        (["tag:vip", "(kind:person or has:email)"], [ACME, ZHANG]),
        (["（tag:key　or　tag:lost）"], [ACME, UMBRELLA]),
        (['(name:"Acme GmbH" or name:"(China)")'], [ACME, INITECH]),
        (["(name:Initech or acme) and not:tag:key"], [INITECH]),
        (["acme or globex"], [ACME, GLOBEX]),
        (["acme", "or", "globex"], [ACME, GLOBEX]),
        (['"acme or globex"'], []),
        (["acme globex"], []),
        (["((((tag:key))))"], [ACME]),
        (["@keys"], [ACME]),
        (["＠keys"], [ACME]),
        (["segment:keys"], [ACME]),
        (["SEGMENT:KEYS"], [ACME]),
        (["@both"], [ACME, ZHANG, ZOE]),
        (["not:@both"], [GLOBEX, INITECH, UMBRELLA]),
        (["@both tag:vip"], [ACME, ZHANG]),
        (["@in-proposal"], [ACME]),
        (["not:@in-proposal", "tag:vip"], [ZHANG]),
    ],
)
def test_terms_are_joined_as_typed(shop: Crm, query: list[str], names: list[str]) -> None:
    assert found(shop, "customer", *query) == sorted(names)


def test_mine_narrows_the_whole_query_not_its_last_alternative(shop: Crm) -> None:
    assert found(shop, "customer", "tag:key or name:globex", "--mine") == [ACME]
    assert found(shop, "deal", "--mine", "yen", "or", "rollout") == ["Acme rollout"]


# ------------------------------------------------------------------ the other nouns

DEALS = ["Acme rollout", "No price", "Small one", "Yen deal"]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ([], DEALS),
        (["--all"], [*DEALS, "Dinar deal", "Old loss", "Won one"]),
        (["status:any"], [*DEALS, "Dinar deal", "Old loss", "Won one"]),
        (["status:open"], DEALS),
        (["status:赢单"], ["Dinar deal", "Won one"]),
        (["status:closed"], ["Dinar deal", "Old loss", "Won one"]),
        (["stage:Won"], ["Dinar deal", "Won one"]),
        (["stage:Won", "closed:2026-10-01.."], ["Won one"]),
        (["stage:won", "closed:2026-10.."], ["Won one"]),
        (["closed:2026-10"], ["Old loss", "Won one"]),
        (["closed:..2026-09"], ["Dinar deal"]),
        (["closed:2026-Q3"], ["Dinar deal"]),
        (["阶段:方案报价"], ["Acme rollout"]),
        (["stage:报价"], ["Acme rollout"]),
        (["stage:proposal or stage:negotiation"], ["Acme rollout", "No price"]),
        (["pipeline:sales"], DEALS),
        (["pipeline:销售", "status:won"], ["Dinar deal", "Won one"]),
        (["reason:PRICE"], ["Old loss"]),
        (["has:lost_reason"], ["Old loss"]),
        (["no:closed"], DEALS),
        (["id:7"], ["Won one"]),
        (["amount:10k.."], ["Acme rollout", "Yen deal"]),
        (["amount:..100"], ["Small one"]),
        (["amount:99.50"], ["Small one"]),
        (["amount:99.5..99.5"], ["Small one"]),
        (["amount:1234.567", "status:any"], ["Dinar deal"]),
        (["amount:1234.5..1234.6", "status:any"], ["Dinar deal"]),
        (["amount:50万"], ["Yen deal"]),
        (["amount:€1.."], ["Acme rollout", "Small one"]),
        (["amount:EUR 100.."], ["Acme rollout"]),
        (["no:amount"], ["No price"]),
        (["not:amount:10k.."], ["No price", "Small one"]),
        (["currency:JPY"], ["Yen deal"]),
        (["weighted:20000..30000"], ["Acme rollout"]),
        (["probability:50%"], ["Acme rollout"]),
        (["probability:50.."], ["Acme rollout", "No price"]),
        (["close:..2026-12-31"], ["Acme rollout"]),
        (["close:end of next month"], ["Acme rollout"]),
        (["close:2027-02"], ["Yen deal"]),
        (["close:今天..明年"], ["Acme rollout", "Yen deal"]),
        (["opened:2026-08-01"], DEALS),
        (["contact:jane"], ["Acme rollout"]),
        (["has:contacts"], ["Acme rollout"]),
        (["customer:globex"], ["Yen deal"]),
        (["customer:3"], ["Yen deal"]),
        (["customer-id:3"], ["Yen deal"]),
        (["next-step:quote"], ["Acme rollout"]),
        (["next:..fri"], ["Acme rollout"]),
        (["has:next_step"], ["Acme rollout"]),
        (["owner:me"], ["Acme rollout", "No price"]),
        (["source:referral"], ["Acme rollout"]),
        (["touched:-7d.."], ["Acme rollout"]),
        (["touched:..-30d"], ["No price", "Small one", "Yen deal"]),
        (["days_in_stage:100.."], DEALS),
        (["days-in-stage:..10"], []),
        (["is:lost"], ["Old loss"]),
        (["is:closed"], ["Dinar deal", "Old loss", "Won one"]),
        (["globex"], ["Yen deal"]),
        (["@keys"], ["Acme rollout", "Won one"]),
        (["@in-proposal"], ["Acme rollout"]),
    ],
)
def test_deals_are_found_by(shop: Crm, query: list[str], titles: list[str]) -> None:
    assert found(shop, "deal", *query) == sorted(titles)


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ([], ["send quote", "some day", "打电话"]),
        (["--all"], ["old chore", "send quote", "some day", "打电话"]),
        (["status:any"], ["old chore", "send quote", "some day", "打电话"]),
        (["status:done"], ["old chore"]),
        (["状态:已完成"], ["old chore"]),
        (["is:done"], ["old chore"]),
        (["is:open"], ["send quote", "some day", "打电话"]),
        (["is:overdue"], ["打电话"]),
        (["done:-7d.."], ["old chore"]),
        (["done:today"], ["old chore"]),
        (["has:done"], ["old chore"]),
        (["due:..today"], ["打电话"]),
        (["due:周五"], ["send quote"]),
        (["due:2026-11-20..2026-11-30"], ["send quote", "打电话"]),
        (["no:due"], ["some day"]),
        (["priority:高"], ["send quote"]),
        (["priority:urgent or priority:低"], ["send quote", "some day"]),
        (["customer:acme"], ["send quote"]),
        (["deal:rollout"], ["send quote"]),
        (["owner:bo lee"], ["打电话"]),
        (["电话"], ["打电话"]),
        (["@keys"], ["send quote"]),
        (["id:3"], ["old chore"]),
    ],
)
def test_tasks_are_found_by(shop: Crm, query: list[str], texts: list[str]) -> None:
    assert found(shop, "task", *query) == sorted(texts)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ([], ["Jane Doe", "王芳"]),
        (["role:决策人"], ["Jane Doe"]),
        (["role:decision_maker"], ["Jane Doe"]),
        (["角色:user"], ["王芳"]),
        (["title:cto"], ["Jane Doe"]),
        (["customer:acme"], ["Jane Doe"]),
        (["tag:vip"], ["Jane Doe"]),
        (["email:jane"], ["Jane Doe"]),
        (["acme"], ["Jane Doe"]),
        (["@people"], ["王芳"]),
        (["contacted:..-400d"], ["Jane Doe", "王芳"]),
    ],
)
def test_contacts_are_found_by(shop: Crm, query: list[str], names: list[str]) -> None:
    assert found(shop, "contact", *query) == sorted(names)


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        (["channel:call"], ["wants a quote for 200 seats"]),
        (["渠道:电话"], ["wants a quote for 200 seats"]),
        (["channel:wechat"], ["聊到续约"]),
        (["at:昨天"], ["wants a quote for 200 seats"]),
        (["at:-7d.."], ["wants a quote for 200 seats"]),
        (["at:2026-09"], ["聊到续约"]),
        (["text:QUOTE"], ["wants a quote for 200 seats"]),
        (["outcome:interest"], ["wants a quote for 200 seats"]),
        (["duration:15"], ["wants a quote for 200 seats"]),
        (["duration:10m..1h"], ["wants a quote for 200 seats"]),
        (["has:deal"], ["wants a quote for 200 seats"]),
        (["deal:rollout"], ["wants a quote for 200 seats"]),
        (["续约"], ["聊到续约"]),
        (["@keys"], ["wants a quote for 200 seats"]),
        (["not:@keys"], ["聊到续约"]),
    ],
)
def test_interactions_are_found_by(shop: Crm, query: list[str], texts: list[str]) -> None:
    assert found(shop, "interaction", *query) == sorted(texts)


def test_lists_of_deals_and_tasks_say_how_many_closed_ones_they_left_out(shop: Crm) -> None:
    assert shop.ok("deal list --json").err == "3 closed deals left out: --all shows them\n"
    assert shop.ok("deal list yen --json").err == ""
    assert shop.ok("deal list owner:me --json").err == "2 closed deals left out: --all shows them\n"
    assert shop.ok("task list --json").err == "1 done task left out: --all shows it\n"
    assert shop.ok("task list --json --quiet").err == ""
    assert shop.ok("deal list --all --json").err == ""
    assert shop.ok("deal list @keys --json").err == ""


# ------------------------------------------------------------------ what is refused, and how


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("customer list stag:x", ["Unknown field stag at 1", "tag:"]),
        ("customer list tag:vip regoin:x", ["Unknown field regoin at 9", "region:"]),
        ("customer list 'tag:vip (kind:person or regoin:x)'", ["Unknown field regoin at 25"]),
        ("deal list stagee:won", ["Unknown field stagee", "stage:"]),
        ("customer list has:emial", ["Unknown field emial", "email"]),
        ("customer list is:opne", ["Unknown state is:opne at 1", "is:open"]),
        ("customer list acme stage:won", ["Unknown field stage at 6", "crm fields customer"]),
        ("customer list 'acme stage:won'", ["Unknown field stage at 6"]),
        ("customer list tag:", ["Nothing stands after tag: at 1", "shell", "tag:10.."]),
        ("deal list amount:", ["Nothing stands after amount:", "amount:10.. or amount:..10"]),
        ("customer list -- -tag:vip", ["-tag:vip at 1 is written not:tag:vip"]),
        ("customer list -tag:vip", ["-tag:vip is written not:tag:vip", "crm customer list not:tag:vip"]),
        ("customer list kind:person -@keys", ["not:@keys", "crm customer list kind:person not:@keys"]),
        ("customer list '!tag:vip'", ["!tag:vip at 1 is written not:tag:vip"]),
        ("customer list '!@keys'", ["not:@keys"]),
        ("customer list not tag:vip", ["not tag:vip at 1 is written not:tag:vip"]),
        ("customer list not:", ["Nothing stands after not: at 1", "not:tag:lost"]),
        ("customer list '*'", ["* is not needed"]),
        ("customer list 'name:*'", ["has:name"]),
        ("customer list name=acme", ["name=acme at 1 is written name:acme"]),
        ("deal list stage==won", ["stage:won"]),
        ("deal list 'stage!=won'", ["not:stage:won"]),
        ("deal list 'stage:!won'", ["not:stage:won"]),
        ("deal list 'amount>10k'", ["amount>10k at 1 is written amount:10k.."]),
        ("deal list 'amount>=10k'", ["amount:10k.."]),
        ("deal list 'amount<10k'", ["amount:..10k"]),
        ("deal list 'amount:>10k'", ["amount:>10k at 1 is written amount:10k.."]),
        ("deal list 'amount:<=10k'", ["amount:..10k"]),
        ("customer list 'amount>10k'", ["amount:10k.."]),
        ("customer list or", ["missing", "at 1"]),
        ("customer list tag:vip or", ["missing"]),
        ("customer list or tag:vip", ["missing"]),
        ("customer list '(tag:vip'", ["parenthesis that opens at 1 is never closed"]),
        ("customer list 'tag:vip) or (kind:person'", ["parenthesis"]),
        ("customer list '()'", ["missing"]),
        ("customer list 'name:\"acme or kind:person'", ["quote that opens at 6"]),
        ("customer list '\"acme'", ["quote that opens at 1"]),
        ("customer list '\u200b'", ["nothing to look for"]),
        ("customer list '\"\"'", ["nothing to look for"]),
        ("customer list size:big", ["size:big at 1", "whole number", "10..20"]),
        ("customer list size:..", ["at least one end"]),
        ("customer list size:200..100", ["backwards", "100..200"]),
        ("deal list amount:10k..1k", ["backwards", "1k..10k"]),
        ("deal list amount:EUR1..USD2", ["EUR", "USD"]),
        ("deal list amount:lots", ["amount:lots at 1"]),
        ("deal list amount:12,000..", ["12000", "12"]),
        ("deal list closed:05/06", ["2026-05-06", "2026-06-05"]),
        ("deal list closed:2026-02-30..", ["does not exist"]),
        ("deal list closed:2026-10-02..2026-10-01", ["backwards"]),
        ("customer list won:5..", ["won_amount:"]),
        ("customer list custom:x", ["has:custom"]),
    ],
)
def test_a_slip_is_answered_with_what_to_type(shop: Crm, line: str, answer: list[str]) -> None:
    import shlex

    said = refused(shop, *shlex.split(line))
    for words in answer:
        assert words in said


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("customer list tag:vp", "tag:vip"),
        ("customer list tag:nowhere", "crm tag list"),
        ("customer list kind:compny", "kind:company"),
        ("customer list kind:comp", "kind:company"),
        ("customer list status:qualifed", "status:qualified"),
        ("customer list source:referal", "source:referral"),
        ("customer list owner:bo", "bo lee"),
        ("customer list owner:nobody", "ana"),
        ("deal list stage:propsal", "proposal"),
        ("deal list stage:prop", "proposal"),
        ("deal list pipeline:slaes", "sales"),
        ("deal list status:winning", "won"),
        ("deal list currency:EUX", "EUR"),
        ("contact list role:descision-maker", "decision-maker"),
        ("interaction list channel:cal", "call"),
        ("task list priority:hihg", "high"),
        ("customer list @kyes", "@keys"),
        ("customer list @nothing-like-it", "crm segment list"),
    ],
)
def test_a_value_that_nothing_answers_to_is_not_found_and_the_nearest_named(shop: Crm, line: str, answer: str) -> None:
    assert answer in refused(shop, *line.split(), code=3)


def test_a_name_that_begins_like_an_operator_is_asked_for_in_quotes(crm: Crm) -> None:
    crm.ok("customer", "add", "=1+1")
    crm.ok("customer", "add", "*star*")
    assert found(crm, "customer", 'name:"=1+1"') == ["=1+1"]
    assert found(crm, "customer", '"=1+1"') == ["=1+1"]
    assert found(crm, "customer", 'name:"*"') == ["*star*"]


def test_percent_and_underscore_are_plain_characters(crm: Crm) -> None:
    crm.ok("customer", "add", "100% Bio_Hof")
    crm.ok("customer", "add", "Bioland")
    assert found(crm, "customer", "name:o_h") == ["100% Bio_Hof"]
    assert found(crm, "customer", "name:%") == ["100% Bio_Hof"]
    assert found(crm, "customer", "name:_") == ["100% Bio_Hof"]


def test_an_amount_alone_that_lost_its_mark_to_the_shell_is_asked_about(shop: Crm) -> None:
    assert "Did the shell take a > or <? Type amount:10.." in shop.ok("deal list amount").err


def test_owner_me_needs_a_member(crm: Crm) -> None:
    crm.ok("customer add Acme")
    for words in (["owner:me"], ["--mine"]):
        assert "crm member add" in refused(crm, "customer", "list", *words, code=3)


def test_a_query_of_thousands_of_terms_or_depths_is_refused_in_words(shop: Crm) -> None:
    assert "1000 terms" in refused(shop, "customer", "list", *["tag:vip", "or"] * 1500, "tag:vip")
    assert "nested too deeply" in refused(shop, "customer", "list", "(" * 200 + "tag:vip" + ")" * 200)
    assert "nested too deeply" in refused(shop, "customer", "list", "not:" * 5000 + "tag:vip")
    assert found(shop, "customer", *["tag:vip", "or"] * 900, "tag:key") == [ACME, ZHANG]
    assert found(shop, "customer", *["tag:vip"] * 900) == [ACME, ZHANG]
    assert found(shop, "customer", "(" * 50 + "not:not:tag:vip" + ")" * 50) == [ACME, ZHANG]
    assert "longer than 1000" in refused(shop, "customer", "list", "x" * 1001)


# ------------------------------------------------------------------ segments


def test_a_segment_that_leads_back_to_itself_is_refused(crm: Crm) -> None:
    crm.ok("customer add Acme --tag key")
    crm.ok("segment add a tag:key")
    crm.ok("segment add b @a")
    assert crm("segment edit a @b").code == 2
    assert "a > b > a" in crm("segment edit a @b").err
    assert crm("segment edit a @a").code == 2
    assert [row["name"] for row in crm.rows("customer list @b")] == ["Acme"]


def test_a_segment_keeps_what_was_typed(crm: Crm) -> None:
    crm.ok('customer add "Acme Corp" --tag key')
    crm.ok("customer", "add", "Say (it) or not")
    crm.ok("segment", "add", "s", "name:Acme Corp", "or", "name:Say (it) or not")
    (row,) = crm.rows("segment list")
    assert row["members"] == 2
    crm.ok("segment", "add", "t", "tag:key", "contacted:..-30d", "not:tag:key or name:acme")
    assert {row["name"]: row["query"] for row in crm.rows("segment list")}["t"] == (
        "tag:key contacted:..-30d (not:tag:key or name:acme)"
    )
    assert [row["name"] for row in crm.rows("customer list @t")] == ["Acme Corp"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["tag:key", "contacted:..-30d"],
        ["name:Acme Corp"],
        ["name:a\"b'c d"],
        ['"or"', "x"],
        ["a or (b not:c)", "d"],
        ["not:(a b)"],
        ["not:not:a"],
        ["Say (it)", "or", "name:x(y) z"],
        ['name:""""'],
        ['name:"=1+1"', '"*"', '"not"', "12:30", "https://x.example/a:b"],
        ["close:end of month..24 dec"],
        ["@seg", "segment:other"],
        ["a,b", "acme)", "o'brien", "'single quoted'"],
    ],
)
def test_a_kept_query_reads_back_as_the_same_tree(arguments: list[str]) -> None:
    tree = parse(arguments, is_any_field)
    kept = join_arguments(arguments)
    assert bare(parse([f"({kept})"], is_any_field)) == bare(tree), kept


def bare(node: Node | None) -> Any:
    """A tree without positions."""
    if isinstance(node, Term):
        return (node.field, node.value)
    if isinstance(node, Not):
        return ("not", bare(node.child))
    assert isinstance(node, Group)
    return (node.joint, [bare(child) for child in node.children])


# ------------------------------------------------------------------ where references stand


def test_one_argument_with_a_field_makes_a_query_of_all(shop: Crm) -> None:
    result = shop("customer edit tag:vip kind:person --region X --dry-run")
    assert result.code == 0, result
    assert "references do not go together: acme" in refused(shop, *"customer edit acme tag:vip --region X".split())
    assert "--yes" in refused(shop, *"customer edit tag:vip --region X".split())


def test_restore_by_query_looks_among_what_was_removed(crm: Crm) -> None:
    crm.ok("customer add Acme --tag x")
    crm.ok("customer add Globex --tag x")
    crm.ok("customer remove acme --yes")
    crm.ok("customer restore tag:x --yes")
    assert [row["name"] for row in crm.rows("customer list")] == ["Acme", "Globex"]
