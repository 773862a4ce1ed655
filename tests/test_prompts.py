"""What a person is asked at a terminal, and that nobody is asked without one. The installed program in a pty."""

from pathlib import Path
from typing import Any

import pytest
from conftest import Crm
from terminal import CRM, CTRL_C, CTRL_D, DOWN
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
    assert "as a line:\r\ncrm deal add " in terminal.seen and "--customer acme --stage lost" in terminal.seen
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


# ------------------------------------------------------------------ pasted lines, Esc, narrow screens


@pytest.mark.parametrize(
    "line, told",
    [
        ("customer add Globex", "Added customer 2: Globex (company)"),
        ("log call acme hello", "Logged call with Acme GmbH"),
    ],
)
def test_pasted_lines_are_no_answers(acme: Crm, at: Any, line: str, told: str) -> None:
    terminal = at("-c", f"sleep 0.3; {CRM} {line}; cat", program="/bin/sh")
    terminal.type("crm next pasted line\n")
    terminal.expect(told).expect("crm next pasted line")
    terminal.type(CTRL_D)
    assert terminal.end() == 0
    assert "?" not in terminal.seen.replace("\x1b[?", "")
    assert acme.rows("task list") == []


def test_a_pasted_line_is_no_yes_and_no_pick(acme: Crm, at: Any) -> None:
    acme.ok("customer add 'Acme Bau'")
    terminal = at(
        "-c", f"sleep 0.3; {CRM} customer remove tag:key; {CRM} customer edit acme --city Bonn; cat", program="/bin/sh"
    )
    terminal.type("yes yes\n")
    terminal.expect("none is taken for the answer").expect("acme may be several").expect("yes yes")
    terminal.type(CTRL_D)
    assert terminal.end() == 0
    assert len(acme.rows("customer list")) == 2
    assert acme.rows("customer show 1")["city"] is None


@pytest.mark.parametrize("words, asked", [
    (("contact", "add"), "name:"),
    (("deal", "lose", "rollout"), "reason:"),
    (("customer", "add", "Globex"), "company or a person"),
    (("customer", "remove", "acme"), "Go on?"),
])  # fmt: skip
def test_escape_stops_and_nothing_is_changed(acme: Crm, at: Any, words: tuple[str, ...], asked: str) -> None:
    terminal = at(*words)
    terminal.expect(asked).type("\x1b")
    assert terminal.end() == 130
    assert "Stopped; nothing was changed" in terminal.seen
    assert len(acme.rows("customer list")) == 1
    assert acme.rows("deal show 1")["status"] == "open"


def test_escape_and_enter_stop_and_an_arrow_is_no_escape(acme: Crm, at: Any) -> None:
    terminal = at("contact", "add", "--customer", "acme")
    terminal.expect("name:").type("Jo\x1b[D\x1b[Ci\r")
    assert terminal.end() == 0
    assert acme.rows("contact show joi")["name"] == "Joi"
    terminal = at("contact", "add", "--customer", "acme")
    terminal.expect("name:").type("\x1b\r")
    assert terminal.end() == 130


def test_what_is_wrong_is_whole_on_a_narrow_screen(acme: Crm, at: Any) -> None:
    acme.ok("task add call --customer acme --due 2026-11-25")
    terminal = at("snooze", columns=40, rows=20)
    terminal.expect("until:").type("05/06\r").expect("could be")
    told = " ".join(terminal.shown().split())
    assert '"05/06" could be 2027-05-06 or 2027-06-05. Type one of them.' in told, terminal.shown()
    terminal.type(CTRL_C)
    assert terminal.end() == 130


def test_words_on_a_narrow_screen_break_between_words(acme: Crm, at: Any) -> None:
    terminal = at("deal", "edit", "rollout", "--title", "Twelve chars", columns=40, rows=20)
    assert terminal.end() == 0
    shown = terminal.shown().splitlines()
    assert shown[:2] == ["Changed deal 1: Twelve chars; undo:", "crm undo"]


def test_a_bare_prompt_helps(acme: Crm, at: Any) -> None:
    terminal = at("deal", "lose", "rollout")
    terminal.expect("reason: (for example price, timing, a competitor)").type("price\r")
    assert terminal.end() == 0
    acme.ok("deal reopen rollout")
    terminal = at("deal", "lose", "rollout")
    acme.ok("deal add Other --customer acme")
    acme.ok("deal lose other --reason 'no budget'")
    terminal.type(CTRL_C)
    assert terminal.end() == 130
    terminal = at("deal", "lose", "rollout")
    terminal.expect("reason: (TAB lists)").type("\t").expect("no budget").type("\r")
    assert terminal.end() == 0
    assert acme.rows("deal show 1")["lost_reason"] == "no budget"
    acme.ok("customer add Globex")
    terminal = at("deal", "add", "X", "--customer", "globex", "--amount", "5k")
    terminal.expect("currency: (Enter for EUR; TAB lists)").type("\r")
    assert terminal.end() == 0
    assert acme.rows("deal show globex/x")["currency"] == "EUR"


def test_removing_many_names_them_and_says_what_goes_along(acme: Crm, at: Any) -> None:
    acme.ok("task add call --customer acme")
    for n in range(6):
        acme.ok(f"customer add 'Firm {n}' --tag key")
    terminal = at("customer", "remove", "tag:key", columns=160)
    terminal.expect("7 records will be removed: Acme GmbH, Firm 0, Firm 1, Firm 2, Firm 3 and 2 more.")
    terminal.expect("1 open deal, 1 open task go with it. Go on? (y/N)").type("n")
    assert terminal.end() == 130
    assert len(acme.rows("customer list")) == 7
    said = acme("deal move stage:proposal negotiation").err
    assert said.startswith("crm: 1 deal will be moved to negotiation: Acme rollout. Nobody is here to ask")
    assert "1 deal will be won: Acme rollout." in acme("deal win stage:proposal").err
    assert "7 records will be tagged vip: Acme GmbH" in acme("tag add vip tag:key").err


def test_an_unknown_channel_is_named(acme: Crm, at: Any) -> None:
    terminal = at("log")
    terminal.expect("channel:").type("foo\r").expect("No channel is called foo").type("\x1b")
    assert terminal.end() == 130
