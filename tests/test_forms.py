"""`edit REF` alone at a terminal: a form of the present values. The installed program at a terminal."""

from typing import Any

import pytest
from conftest import Crm
from terminal import CTRL_C, CTRL_S, CTRL_U, DOWN, SHIFT_TAB
from test_customers import refused

pytestmark = pytest.mark.process


def test_a_form_keeps_changes_clears_and_goes_back(acme: Crm, at: Any) -> None:
    acme.ok('customer edit acme --city Bonn --note "two\nlines" --cadence 30d --prefers email')
    form = at("customer", "edit", "acme")
    form.expect("name: Acme GmbH").type(CTRL_U + "\r").expect("may not be empty").type("Acme AG\r")
    form.expect("kind: company").type("\r").expect("status: new").type(CTRL_U + "nonsense\r")
    form.expect("nonsense is not known here").type(CTRL_U + "成交\r")
    form.expect("phones: +49 30 1234567").type("; +49 30 999\r").expect("emails: sales@acme.example").type("\r")
    form.expect("websites:").type(SHIFT_TAB).expect("emails: sales@acme.example").type(CTRL_U + "a@b.example\r")
    form.expect("websites:").type("\r").expect("messenger").type("\r").expect("industry").type("\r")
    form.expect("size").type("many\r").expect("not a whole number").type(CTRL_U + "1,200\r")
    form.expect("region: DACH").type("\r").expect("country").type("\r").expect("city: Bonn").type(CTRL_U + CTRL_S)
    shown = form.expect("What now?").shown()
    for line in (
        "name: Acme GmbH -> Acme AG",
        "status: new -> customer",
        "phones: +49 30 1234567 -> +49 30 1234567; +49 30 999",
        "emails: sales@acme.example -> a@b.example",
        "size: (empty) -> 1,200",
        "city: Bonn -> (empty)",
        "Keep these 6 changes",
    ):
        assert line in shown, shown
    form.type("\r")
    assert form.end() == 0
    row = acme.rows("customer show 1")
    assert (row["name"], row["status"], row["size"], row["city"], row["region"]) == (
        "Acme AG",
        "customer",
        1200,
        None,
        "DACH",
    )
    assert [one["value"] for one in row["phones"]] == ["+49 30 1234567", "+49 30 999"]
    assert [one["value"] for one in row["emails"]] == ["a@b.example"]
    assert (row["note"], row["cadence_days"], row["prefers"], row["tags"]) == ("two\nlines", 30, "email", ["key"])


@pytest.mark.slow
def test_nothing_changed_ctrl_c_and_leaving_it(acme: Crm, at: Any) -> None:
    before = acme.rows("deal show 1")
    form = at("deal", "edit", "rollout")
    form.expect("title: Acme rollout").type(CTRL_S)
    assert form.end() == 0
    assert "Nothing to change" in form.seen
    form = at("deal", "edit", "rollout")
    form.expect("title:").type(" II\r").expect("customer: Acme GmbH").type(CTRL_C)
    assert form.end() == 130
    assert "nothing was changed" in form.seen
    form = at("deal", "edit", "rollout")
    form.expect("title:").type(" II" + CTRL_S).expect("title: Acme rollout -> Acme rollout II").type(DOWN + "\r")
    form.expect("title: Acme rollout II").type("I\r").expect("customer").type(CTRL_S)
    form.expect("-> Acme rollout III").expect("What now?").type(DOWN * 2 + "\r")
    assert form.end() == 130
    assert acme.rows("deal show 1") == before


@pytest.mark.slow
def test_a_deal_in_chinese(acme: Crm, at: Any) -> None:
    acme.ok('contact add "Jane Roe" --customer acme')
    form = at("deal", "edit", "rollout", env={"CRM_LANG": "zh"})
    form.expect("商机名称: Acme rollout").type("\r").expect("客户: Acme GmbH").type("\r")
    form.expect("金额: 48000 EUR").type(CTRL_U + "5万\r").expect("阶段: 方案报价").type(CTRL_U + "谈判\r")
    form.expect("预计成交: 2026-12-31").type(CTRL_U + "月底\r").expect("开始日期").type("\r").expect("概率").type("\r")
    form.expect("来源").type("\r").expect("联系人").type("jane:决策人\r").expect("有多个匹配").type(DOWN + "\r")
    form.expect("风险").type(CTRL_S).expect("保存这 4 处修改").type("\r")
    assert form.end() == 0
    row = acme.rows("deal show 1")
    assert (row["amount"], row["stage"], row["expected_close_on"]) == (50000, "negotiation", "2026-11-30")
    assert [(one["name"], one["role"]) for one in row["contacts"]] == [("Jane Roe", "decision-maker")]


def test_what_somebody_else_wrote_meanwhile_is_not_written_over(acme: Crm, at: Any) -> None:
    form = at("contact", "edit", "jane")
    form.expect("name: Jane Doe").type("\r").expect("customer: Acme GmbH").type("\r").expect("title: CTO")
    acme.ok("contact edit jane --role user")
    form.type(CTRL_U + "CEO" + CTRL_S).expect("What now?").type("\r")
    assert form.end() == 4
    assert "Somebody has changed it meanwhile, and nothing was written: role: user" in form.seen
    assert "What you typed, as a line: crm contact edit 1 --title CEO" in form.seen
    assert acme.rows("contact show 1")["title"] == "CTO"


@pytest.mark.slow
def test_tasks_interactions_stages_and_members(acme: Crm, at: Any) -> None:
    acme.ok("task add call --customer acme --due 2026-11-27@14:00 --every 2w")
    form = at("task", "edit", "1")
    form.expect("text: call").type(" her\r").expect("due: 2026-11-27@14:00").type(CTRL_U + "mon\r")
    form.expect("priority: normal").type(CTRL_U + "高" + CTRL_S).expect("priority: normal -> high").expect(
        "What now?"
    ).type("\r")
    assert form.end() == 0
    row = acme.rows("task show 1")
    assert (row["text"], row["due_on"], row["due_at"], row["priority"]) == ("call her", "2026-11-30", None, "high")
    acme.ok('log call acme "said \x1b[31mred" --contact jane')
    form = at("interaction", "edit", "1")
    form.expect("text: said \\x1b[31mred").type("\r").expect("channel: call").type(CTRL_U + "微信\r").expect(
        "at: 2026-11-25@09:00"
    )
    form.type("\r").expect("outcome").type("keen" + CTRL_S).expect("Keep these 2").type("\r")
    assert form.end() == 0
    row = acme.rows("interaction show 1")
    assert (row["text"], row["channel"], row["outcome"]) == ("said \x1b[31mred", "wechat", "keen")
    form = at("stage", "edit", "线索")
    form.expect("name: lead").type("\r").expect("probability: 10").type(CTRL_U + "15" + CTRL_S).expect(
        "What now?"
    ).type("\r")
    assert form.end() == 0
    assert acme.rows("stage list")[0]["probability"] == 15


@pytest.mark.parametrize("line", ["customer edit acme", "deal edit 1", "stage edit lead", "interaction edit 1 --yes"])
def test_without_a_terminal_there_is_no_form(acme: Crm, line: str) -> None:
    refused(acme(line, stdin="x\n"), 2, "Nothing says what to change", "edit --help")


@pytest.mark.slow
def test_a_form_is_for_one_record(acme: Crm, at: Any) -> None:
    acme.ok("customer add Globex")
    form = at("customer", "edit", "acme", "globex")
    assert form.end() == 2
    assert "Nothing says what to change" in form.seen


def test_a_form_is_kept_as_the_line_that_says_the_same(acme: Crm, at: Any) -> None:
    form = at("customer", "edit", "acme")
    form.expect("name: Acme GmbH").type(" II\r").expect("kind: company").type(CTRL_S).expect("What now?").type("\r")
    assert form.end() == 0
    assert acme.rows("history --limit 1")[0]["command"] == "crm customer edit 1 --name 'Acme GmbH II'"
    form = at("customer", "edit", "acme")
    form.expect("name: Acme GmbH II").type(" III\r").expect("kind: company").type("\x1b")
    assert form.end() == 130
    assert acme.rows("customer show 1")["name"] == "Acme GmbH II"
