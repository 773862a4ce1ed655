"""`crm next`: one screen an item, one key a step, each step kept at once. The installed program at a terminal."""

import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import Crm
from terminal import CTRL_C, CTRL_D, CTRL_U, DOWN
from test_customers import refused

from crm_cli.output.walk import Item, key_of, screen
from crm_cli.rules.text import width

pytestmark = pytest.mark.process
KEYS = "? help"


@pytest.fixture
def sheet(acme: Crm) -> Crm:
    """Three items: a quote that is overdue, a visit today, stamps tomorrow that hang on nobody."""
    acme.ok('log email acme "sent the brochure" --contact jane --at 2026-11-10')
    acme.ok('task add "send the quote" --customer acme --deal rollout --due 2026-11-24')
    acme.ok("customer add 张伟贸易 --kind company --phone 13812345678 --prefers wechat")
    acme.ok("task add 回访 --customer 张伟 --due 2026-11-25")
    acme.ok('task add "buy stamps" --due 2026-11-26')
    return acme


def test_a_walk_logs_ticks_off_and_puts_off(sheet: Crm, at: Any) -> None:
    walk = at("next")
    shown = walk.expect(KEYS).shown()
    assert "1 of 3  overdue" in shown
    assert "Jane Doe (Acme GmbH)" in shown and "jane@acme.example" in shown and "task:1" in shown
    assert "due yesterday: send the quote" in shown
    assert "2026-11-10 email: sent the brochure" in shown
    assert "deal:1 Acme rollout, EUR 48,000, proposal, closes Thu 2026-12-31" in shown
    walk.type("l").expect("How was it said?").type(DOWN + "\r")
    walk.expect("What was said").type("it's $5! 'really'?\r").expect("What came of it").type("keen\r")
    walk.expect("Is this done with it: send the quote?").type("\r").expect("Next step").type("call again\r")
    walk.expect("Due day").type("05/06\r").expect("could be").type(CTRL_U + "fri\r")
    walk.expect("2 of 3  today").type("D").expect("Done: task 2").expect("3 of 3").type("ｚ")
    walk.expect("Put off until:").type("yesterday\r").expect("is over").type(CTRL_U + "mon\r")
    assert walk.end() == 0
    assert "Of the call sheet: logged 1, done 1, put off 1" in walk.seen
    assert "That was the last one." in walk.seen
    assert "\x1b[?1049h" not in walk.seen
    talk = sheet.rows("interaction list")[0]
    assert (talk["channel"], talk["text"], talk["outcome"]) == ("call", "it's $5! 'really'?", "keen")
    assert (talk["deal"], [person["name"] for person in talk["contacts"]]) == ("Acme rollout", ["Jane Doe"])
    tasks = {row["text"]: (row["due_on"], bool(row["done_at"])) for row in sheet.rows("task list --all")}
    assert tasks == {
        "send the quote": ("2026-11-24", True),
        "回访": ("2026-11-25", True),
        "buy stamps": ("2026-11-30", False),
        "call again": ("2026-11-27", False),
    }


def test_moving_skipping_going_back_and_quitting(sheet: Crm, at: Any) -> None:
    walk = at("next")
    walk.expect(KEYS).type("b").expect("This is the first one.").type("?").expect("Each step is kept at once").type("d")
    walk.expect("1 of 3").type("m").expect("Acme rollout goes to").type(DOWN * 2 + "\r")
    walk.expect("reason:").type("\r").expect("may not be empty").type("price\r").expect("Lost deal 1")
    walk.expect(KEYS).type("s").expect("2 of 3").type("x b").expect("3 of 3").type("m").expect(
        "There is no open deal here"
    )
    walk.type("b").expect("2 of 3").type(CTRL_D)
    assert walk.end() == 0
    assert "Of the call sheet: moved 1, skipped 2" in walk.seen
    assert "2 are left: crm next" in walk.seen
    assert sheet.rows("deal show 1")["lost_reason"] == "price"
    assert len(sheet.rows("task list")) == 3


@pytest.mark.slow
def test_ctrl_c_in_a_step_changes_nothing_and_at_an_item_it_leaves(sheet: Crm, at: Any) -> None:
    walk = at("next", "acme", "--within", "7d")
    walk.expect("1 of 1").type("l").expect("How was it said?").type("\r").expect("What was said").type(
        "half a word" + CTRL_C
    )
    walk.expect("Nothing was changed here.").expect(KEYS).type("z").expect("Put off until").type("fri\r")
    assert walk.end() == 0
    assert sheet.rows("task show 1")["due_on"] == "2026-11-27"
    assert len(sheet.rows("interaction list")) == 1
    walk = at("next")
    walk.expect("1 of 3").type("d").expect("2 of 3").type(CTRL_C)
    assert walk.end() == 130
    assert "Of the call sheet: done 1" in walk.seen
    assert "Stopped; what was done before is kept" in walk.seen
    assert len(sheet.rows("task list")) == 2


def test_what_somebody_else_did_meanwhile_is_said_and_passed_by(sheet: Crm, at: Any) -> None:
    walk = at("next")
    walk.expect("1 of 3").type("l").expect("How was it said?").type("\r").expect("What was said").type("spoke\r")
    sheet.ok("task done 1")
    sheet.ok("task snooze 2 fri")
    sheet.ok("task remove 3")
    walk.expect("What came of it").type("\r").expect("Is this done").type("y").expect("Next step").type("\r")
    assert walk.end() == 0
    assert "Put off meanwhile: task:2 回访" in walk.seen
    assert "Seen to meanwhile: task:3" in walk.seen
    assert sheet.rows("interaction list")[0]["text"] == "spoke"


@pytest.mark.slow
def test_a_talk_that_did_not_do_it_puts_the_task_off(sheet: Crm, at: Any) -> None:
    walk = at("next", "acme")
    walk.expect("1 of 1").type("l").expect("How was it said?").type("\r").expect("What was said").type("\r")
    walk.expect("What came of it").type("no answer\r").expect("Is this done").type("n")
    walk.expect("Put off until").type("fri\r").expect("Next step").type("\r")
    assert walk.end() == 0
    assert "put off until Fri 2026-11-27" in walk.seen
    row = sheet.rows("task show 1")
    assert (row["due_on"], row["done_at"]) == ("2026-11-27", None)
    assert sheet.rows("interaction list")[0]["outcome"] == "no answer"


@pytest.mark.slow
def test_the_editor_writes_the_text(sheet: Crm, at: Any, tmp_path: Path) -> None:
    editor = tmp_path / "an editor"
    editor.write_text(
        '#!/bin/sh\ncp "$1" "$1.seen"; cp "$1" "$(dirname "$0")/seen"\nprintf "first\\n\\nsecond\\n" >"$1"\n'
    )
    editor.chmod(0o755)
    walk = at("next", "acme", env={"VISUAL": f"'{editor}'", "EDITOR": "false"})
    walk.expect("1 of 1").type("e").expect("How was it said?").type("\r").expect("What came of it").type("\r")
    walk.expect("Is this done").type("\r").expect("Next step").type("\r")
    assert walk.end() == 0
    assert sheet.rows("interaction list")[0]["text"] == "first\n\nsecond"
    assert "2026-11-10 email  sent the brochure" in (tmp_path / "seen").read_text()


def test_without_a_terminal_it_names_the_list(sheet: Crm) -> None:
    result = sheet("next 'region:DACH' --mine --within 7d")
    refused(result, 2, "nobody is at a terminal", "crm followups region:DACH --mine --within 7d")
    assert result.out == ""


def test_a_full_window_follows_a_resize_and_gives_the_terminal_back(sheet: Crm, at: Any) -> None:
    walk = at("next", columns=80, rows=24)
    walk.expect(KEYS).resize(24, 12).expect("1 of 3").expect("l log  d done")
    deadline = time.monotonic() + 20
    while "Jane Doe (Acme GmbH)" not in walk.shown() or KEYS not in walk.shown():
        assert time.monotonic() < deadline, walk.shown()
        walk._feed(walk.child.read_nonblocking(4096, timeout=20))
    assert walk.shown().count("1 of 3") == 1
    os.kill(walk.child.pid, signal.SIGTERM)
    assert walk.end() == 143
    assert walk.seen.rindex("\x1b[?2004l") > walk.seen.rindex("\x1b[?2004h")
    assert walk.seen.rindex("\x1b[?25h") > walk.seen.rindex("\x1b[?25l")


@pytest.mark.slow
def test_a_dumb_terminal_has_lines_and_letters(sheet: Crm, at: Any) -> None:
    walk = at("next", "acme", env={"TERM": "dumb"})
    walk.expect(KEYS).type("d\n")
    assert walk.end() == 0
    assert "Done: task 1" in walk.seen
    assert "\x1b" not in walk.seen


def test_what_cannot_be_kept_is_shown_as_a_line(sheet: Crm, at: Any) -> None:
    sheet.sql("CREATE VIEW stranger AS SELECT 1")  # a database that is read and refuses to be written
    walk = at("next", "acme")
    walk.expect("1 of 1").type("l").expect("How was it said?").type("\r").expect("What was said").type("it's $5\r")
    walk.expect("What came of it").type("\r").expect("Is this done").type("y").expect("Next step").type("\r")
    walk.expect("What you typed, as a line:\ncrm log email").expect(KEYS).type("q")
    assert walk.end() == 0
    assert "not of this program: stranger" in " ".join(walk.seen.split())
    assert "Of the call sheet" not in walk.seen and "1 is left: crm next acme" in walk.seen
    sheet.sql("DROP VIEW stranger")
    line = re.search(r"as a line:\r\ncrm (.* --done task:1)", walk.seen)
    assert line is not None
    sheet.ok(line[1])
    assert sheet.rows("interaction list")[0]["text"] == "it's $5"
    assert sheet.rows("task show 1")["done_at"] is not None


@pytest.mark.slow
def test_nothing_due(acme: Crm, at: Any) -> None:
    walk = at("next")
    assert walk.end() == 0
    assert walk.seen.strip() == "Nothing is due. Enjoy the day."


def test_every_step_is_kept_as_the_line_that_says_the_same(sheet: Crm, at: Any) -> None:
    walk = at("next")
    walk.expect("1 of 3").type("l").expect("How was it said?").type("\r").expect("What was said").type("spoke\r")
    walk.expect("What came of it").type("keen\r").expect("Is this done").type("n").expect("Put off until").type("fri\r")
    walk.expect("Next step").type("\r").expect("2 of 3").type("d").expect("3 of 3").type("z")
    walk.expect("Put off until:").type("mon\r")
    assert walk.end() == 0
    assert [row["command"] for row in sheet.rows("history --limit 3")] == [
        "crm next: crm snooze task:3 mon",
        "crm next: crm done task:2",
        "crm next: crm log email deal:1 spoke --outcome keen --contact contact:1; crm snooze task:1 fri",
    ]
    assert "crm next: crm snooze task:3 mon (" in sheet.ok("undo").err


def test_winning_says_won_and_going_back_tells_of_what_is_finished(sheet: Crm, at: Any) -> None:
    walk = at("next", columns=100)
    walk.expect("1 of 3").type("m").expect("Esc stops").type(DOWN + "\r").expect(
        "Won deal 1: Acme rollout, Acme GmbH, EUR 48,000"
    )
    walk.expect(KEYS).type("d").expect("2 of 3").type("b")
    op = sheet.rows("history --limit 1")[0]["op"]
    walk.expect(f"task:1 send the quote is finished. To take that back: crm undo op:{op}")
    walk.expect("To see it: crm show task:1").expect("2 of 3").type("q")
    assert walk.end() == 0
    sheet.ok("show task:1")
    assert sheet.rows("history --limit 2")[1]["command"] == "crm next: crm deal win deal:1"
    sheet.ok(f"undo op:{op}")
    assert sheet.rows("task show 1")["done_at"] is None


@pytest.mark.parametrize("key, asked", [("l", "How was it said?"), ("m", "goes to"), ("z", "Put off")])
def test_escape_leads_back_to_the_item(sheet: Crm, at: Any, key: str, asked: str) -> None:
    walk = at("next", columns=40, rows=20)
    shown = walk.expect("1 of 3").type(key).expect(asked).shown()
    assert "Jane Doe (Acme GmbH)" in shown, shown
    walk.type("\x1b").expect("Nothing was changed here.").expect(KEYS).type("q")
    assert walk.end() == 0
    assert len(sheet.rows("interaction list")) == 1 and len(sheet.rows("task list")) == 3


# ------------------------------------------------------------------ the screen, drawn in this process

HOSTILE = "\x1b[31m\u202eevil\n" + "字" * 60
ROW: dict[str, Any] = {
    "ref": "task:7", "kind": "task", "bucket": "overdue", "what": HOSTILE, "customer": HOSTILE, "customer_id": 1,
    "contact": "Jane", "contact_id": 2, "role": "user", "title": HOSTILE, "phone": "+49 30 1234567", "prefers": None,
    "email": "jane.with.a.long.name@acme-and-sons.example", "deal": HOSTILE, "deal_id": 3, "owner": HOSTILE,
    "because": ("due {days} days ago", {"days": 3}), "reason": "", "last_on": None, "last_word": None,
    "touches": [{"on": "2026-11-01", "channel": "call", "text": HOSTILE * 9, "outcome": "\x07"}] * 3,
    "deals": [{"id": i, "title": HOSTILE, "amount": 5, "currency": "EUR", "stage": "lead", "expected_close_on": "2026-12-31"}
              for i in range(9)],
}  # fmt: skip


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
@pytest.mark.parametrize("rows", [8, 24, 50])
def test_no_line_is_wider_than_the_window_and_nothing_controls_it(columns: int, rows: int) -> None:
    lines = screen(Item(ROW, "3 of 12  overdue"), columns, rows, colour=False)
    assert max(map(width, lines)) <= columns, lines
    assert all(line.isprintable() for line in lines), lines
    assert lines[-1].endswith(KEYS) and "3 of 12" in lines[1]
    if rows >= 24 and columns >= 40:
        assert len(lines) < rows
        assert any("2026-11-01 call" in line for line in lines)


@pytest.mark.parametrize(
    "typed, key",
    [("l", "l"), ("Ｌ", "l"), ("ｄ", "d"), ("Q", "q"), ("？", "?"), (" ", "s"), ("　", "s"), ("x", ""), ("", "")],
)
def test_keys_are_taken_in_any_width_and_case(typed: str, key: str) -> None:
    assert key_of(typed) == key


def test_the_outcome_of_a_talk_stands_in_brackets() -> None:
    touch = {**ROW["touches"][0], "text": "spreadsheet", "outcome": "keen"}
    assert "  2026-11-01 call: spreadsheet (keen)" in screen(Item({**ROW, "touches": [touch]}, ""), 80, 50, False)
