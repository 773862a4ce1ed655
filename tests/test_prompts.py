"""What a person is asked at a terminal, and that nobody is asked without one. The installed program in a pty."""

from pathlib import Path
from typing import Any

import pytest
from conftest import Crm
from terminal import CTRL_C, CTRL_D, DOWN
from test_customers import refused

pytestmark = pytest.mark.process


def test_a_missing_name_and_kind_are_asked_for(acme: Crm, at: Any) -> None:
    terminal = at("customer", "add", "--city", "Berlin")
    terminal.expect("name:").type("Globex!? $x\r")
    terminal.expect("company or a person").type("\r")
    assert terminal.end() == 0
    row = acme.rows("customer show globex")
    assert (row["name"], row["kind"], row["city"]) == ("Globex!? $x", "company", "Berlin")
    assert "Added customer 2" in terminal.seen


def test_an_empty_answer_is_refused_under_the_prompt(acme: Crm, at: Any) -> None:
    terminal = at("customer", "add", "--kind", "person")
    terminal.expect("name:").type("\r")
    terminal.expect("may not be empty").type("Li Lei\r")
    assert terminal.end() == 0
    assert acme.rows("customer show 'li lei'")["kind"] == "person"


def test_a_missing_customer_is_asked_for_and_a_wrong_one_is_not_lost(acme: Crm, at: Any) -> None:
    terminal = at("contact", "add", "John Smith")
    terminal.expect("customer:").type("acmx\r")
    terminal.expect("No customer fits acmx").type("\x7fe\r")
    assert terminal.end() == 0
    assert acme.rows("contact show john")["customer"] == "Acme GmbH"


def test_one_of_several_is_picked_at_a_terminal(acme: Crm, at: Any) -> None:
    acme.ok('customer add "Acme Bau"')
    terminal = at("customer", "edit", "acme", "--city", "Berlin")
    terminal.expect("customer:2").type("\x1b[B\r")
    assert terminal.end() == 0
    assert acme.rows("customer show 2")["city"] == "Berlin"
    assert acme.rows("customer show 1")["city"] is None


def test_a_missing_reason_and_stage_are_asked_for(acme: Crm, at: Any) -> None:
    terminal = at("deal", "move", "rollout")
    terminal.expect("stage:").type("negotiation\r")
    assert terminal.end() == 0
    terminal = at("deal", "lose", "rollout")
    terminal.expect("reason:").type("price\r")
    assert terminal.end() == 0
    assert acme.rows("deal show 1")["lost_reason"] == "price"


def test_a_missing_reference_is_asked_for(acme: Crm, at: Any) -> None:
    terminal = at("deal", "win")
    terminal.expect("deal:").type("rollout\r")
    assert terminal.end() == 0
    assert acme.rows("deal show 1")["status"] == "won"


def test_what_is_there_already_is_shown_and_asked(acme: Crm, at: Any) -> None:
    terminal = at("customer", "add", "Acme GmbH", "--kind", "company")
    terminal.expect("already there").expect("Add it all the same?").type("n")
    assert terminal.end() == 130
    assert len(acme.rows("customer list")) == 1
    terminal = at("customer", "add", "Acme GmbH", "--kind", "company")
    terminal.expect("Add it all the same?").type("y")
    assert terminal.end() == 0
    assert len(acme.rows("customer list")) == 2


def test_a_change_by_query_is_asked_and_yes_answers(acme: Crm, at: Any) -> None:
    terminal = at("customer", "edit", "tag:key", "--city", "Berlin")
    terminal.expect("1 record will be changed").type("n")
    assert terminal.end() == 130
    assert acme.rows("customer show 1")["city"] is None
    assert at("customer", "edit", "tag:key", "--city", "Berlin", "--yes").end() == 0
    assert acme.rows("customer show 1")["city"] == "Berlin"


def test_open_deals_that_go_along_are_asked_about(acme: Crm, at: Any) -> None:
    terminal = at("customer", "remove", "acme")
    terminal.expect("1 open deal goes with it").type("y")
    assert terminal.end() == 0
    assert acme.rows("customer list") == []


def test_the_currency_is_asked_once_and_kept(acme: Crm, at: Any) -> None:
    acme.ok("customer add Globex")
    terminal = at("deal", "add", "X", "--customer", "globex", "--amount", "5k")
    terminal.expect("currency:").type("nonsense\r")
    terminal.expect("nonsense").type("\x7f" * 8 + "CNY\r")
    assert terminal.end() == 0
    assert acme.rows("deal show globex/x")["currency"] == "CNY"
    assert at("deal", "add", "Y", "--customer", "globex", "--amount", "5k").end() == 0
    acme.ok("customer add Initech")
    assert acme.rows("deal add Z --customer initech --amount 5k")["currency"] == "CNY"


def test_a_slip_in_an_option_is_said_before_anything_is_asked(acme: Crm, at: Any) -> None:
    terminal = at("customer", "add", "--status", "nonsense")
    assert terminal.end() == 2
    assert "name:" not in terminal.seen


@pytest.mark.parametrize("key, code", [(CTRL_C, 130), (CTRL_D, 130)])
def test_stopping_at_a_prompt_changes_nothing(acme: Crm, at: Any, key: str, code: int) -> None:
    before = acme.db.read_bytes()
    terminal = at("contact", "add")
    terminal.expect("name:").type("John\r")
    terminal.expect("customer:").type(key)
    assert terminal.end() == code
    assert "nothing was changed" in terminal.seen
    assert "Traceback" not in terminal.seen
    assert acme.db.read_bytes() == before


def test_names_that_may_be_several_are_picked_wherever_they_stand(acme: Crm, at: Any) -> None:
    for line in ("contact add 'Jane Roe' --customer acme", "member add Ana", "member add Anton", "stage add Propeller"):
        acme.ok(line)
    terminal = at("deal", "edit", "rollout", "--contact", "jane:user", "--owner", "an", "--stage", "prop")
    terminal.expect("an may be several. Which one?").type(DOWN + "\r")
    terminal.expect("prop may be several").type(DOWN + "\r")
    terminal.expect("jane may be several").type(DOWN + "\r")
    assert terminal.end() == 0
    assert terminal.seen.count("may be several. Which one?") >= 3
    row = acme.rows("deal show 1")
    assert (row["owner"], row["stage"]) == ("Anton", "Propeller")
    assert [(one["name"], one["role"]) for one in row["contacts"]] == [("Jane Roe", "user")]


def test_questions_are_words_in_the_language_and_take_names_of_both(acme: Crm, at: Any) -> None:
    acme.ok("task add call --customer acme --due 2026-11-25")
    chinese = {"CRM_LANG": "zh"}
    terminal = at("deal", "move", "rollout", env=chinese)
    terminal.expect("阶段:").type("谈").expect("商务谈判").type("判\r")
    assert terminal.end() == 0
    terminal = at("deal", "lose", "rollout", env=chinese)
    terminal.expect("原因:").type("价格\r")
    assert terminal.end() == 0
    row = acme.rows("deal show 1")
    assert (row["lost_reason"], row["status"]) == ("价格", "lost")
    terminal = at("snooze", env=chinese)
    terminal.expect("推迟到:").type("昨天x\r").expect("昨天x").type("\x7f" * 3 + "周五\r").expect("哪一条:").type(
        "call\r"
    )
    assert terminal.end() == 0
    assert "--" not in terminal.seen
    assert acme.rows("task show 1")["due_on"] == "2026-11-27"


@pytest.mark.slow
def test_a_call_and_what_is_done_are_asked_for(acme: Crm, at: Any) -> None:
    acme.ok("task add 'send it' --customer acme --due 2026-11-25")
    terminal = at("log")
    terminal.expect("channel:").type("fax\r").expect("No channel is called fax").type("\x7f" * 3 + "电话\r")
    terminal.expect("who:").type("jan").expect("Jane Doe").type("e\r").expect("What was said").type("it's $5!\r")
    terminal.expect("Next step").type("\r")
    assert terminal.end() == 0
    talk = acme.rows("interaction list")[0]
    assert (talk["channel"], talk["text"], talk["contacts"][0]["name"]) == ("call", "it's $5!", "Jane Doe")
    terminal = at("done")
    terminal.expect("which one:").type("send\r")
    assert terminal.end() == 0
    assert acme.rows("task list") == []


def test_what_was_typed_is_not_lost_where_the_write_is_refused(acme: Crm, at: Any) -> None:
    terminal = at("deal", "add", "--customer", "acme", "--stage", "lost")
    terminal.expect("title:").type("it's $5\r")
    assert terminal.end() == 2
    assert "A lost deal has a reason" in terminal.seen
    assert "as a line: crm deal add " in terminal.seen and "--customer acme --stage lost" in terminal.seen
    said = acme("deal add X --customer acme --stage lost").err
    assert "as a line" not in said  # nobody was asked: the line stands in the shell already


@pytest.mark.slow
def test_what_hangs_on_a_stage_or_a_member_is_handed_over(acme: Crm, at: Any) -> None:
    acme.ok("member add Ana")
    acme.ok("member add Bo")
    acme.ok("deal edit rollout --owner ana")
    terminal = at("stage", "remove", "proposal")
    terminal.expect("1 deals stand in proposal").expect("where its deals go:").type("qualified\r")
    assert terminal.end() == 0
    terminal = at("member", "remove", "ana")
    terminal.expect("who takes over what was theirs:").type("bo\r")
    assert terminal.end() == 0
    row = acme.rows("deal show 1")
    assert (row["stage"], row["owner"]) == ("qualified", "Bo")


@pytest.mark.slow
def test_tasks_that_go_along_are_counted(acme: Crm, at: Any) -> None:
    acme.ok("task add one --deal rollout")
    acme.ok("task add two --customer acme")
    terminal = at("customer", "remove", "acme")
    terminal.expect("1 open deal and 2 open tasks go with it. Go on? (y/N)").type("\r")
    assert terminal.end() == 130
    terminal = at("deal", "remove", "rollout")
    terminal.expect("1 open task goes with it. Go on?").type("ｙ")
    assert terminal.end() == 0
    assert acme.rows("deal list") == []


@pytest.mark.slow
def test_a_dumb_terminal_is_asked_in_plain_lines(acme: Crm, at: Any) -> None:
    acme.ok('customer add "Acme Bau"')
    terminal = at("contact", "add", env={"TERM": "dumb"})
    terminal.expect("name:").type("\n").expect("may not be empty").type("Li Lei\n")
    terminal.expect("customer:").type("acme\n").expect("Which one?").type("7\n").expect("1 to 2").type("2\n")
    assert terminal.end() == 0
    assert "\x1b" not in terminal.seen
    assert acme.rows("contact show li")["customer"] == "Acme Bau"


def test_prompts_are_words_and_stdout_stays_data(acme: Crm, at: Any, tmp_path: Path) -> None:
    import json

    out = tmp_path / "out.json"
    terminal = at("contact", "add", "John Smith", "--json", out=out)
    terminal.expect("customer:").type("acme\r")
    assert terminal.end() == 0
    assert json.loads(out.read_text())["name"] == "John Smith"


@pytest.mark.parametrize(
    "line",
    [
        "customer add",
        "customer show",
        "customer edit --city Berlin",
        "customer remove",
        "contact add X",
        "deal add X",
        "deal move 1",
        "deal lose 1",
        "deal win",
        "stage add",
        "stage remove",
        "member add",
        "tag add",
        "tag add x",
        "segment add x",
        "segment show",
        "log",
        "log call",
        "done",
        "snooze",
        "task snooze 1",
    ],
)
def test_without_a_terminal_nothing_is_ever_asked(acme: Crm, line: str) -> None:
    refused(acme(line, stdin="yes\n1\n"), 2, "is missing", "--help")


def test_without_a_terminal_remove_of_a_reference_needs_no_yes(acme: Crm) -> None:
    acme.ok("customer remove acme", stdin="n\n")
