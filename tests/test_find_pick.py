"""crm find without words at a terminal: what is typed is looked for at once, Enter shows what was chosen."""

from typing import Any

import pytest
from conftest import Crm
from terminal import CTRL_C, CTRL_U, DOWN

pytestmark = pytest.mark.process


@pytest.fixture
def two(acme: Crm) -> Crm:
    acme.ok('customer add "Acme Bau" --note "likes \\x1b[31mred [bold]"')
    acme.ok("contact add 张伟 --customer bau")
    return acme


def test_what_is_typed_is_found_and_enter_shows_the_one_chosen(two: Crm, at: Any) -> None:
    terminal = at("find")
    terminal.expect("look for:").type("acme b")
    terminal.expect("> customer:2").type("\r")
    assert terminal.end() == 0
    shown = terminal.shown()
    assert "Acme Bau" in shown
    assert "look for:" not in shown  # the prompt is gone, the record stands there
    assert two.ok("show customer:2").out.split("\n")[0].strip()[:8] in shown


def test_arrows_choose_and_letters_spell_chinese_names(two: Crm, at: Any) -> None:
    terminal = at("find")
    terminal.expect("look for:").type("acme")
    terminal.expect("> customer:2").type(DOWN)
    terminal.expect("> customer:1").type(CTRL_U + "zhangw")
    terminal.expect("> contact:2").type("\r")
    assert terminal.end() == 0
    assert "张伟" in terminal.shown().replace("张 伟", "张伟")


def test_enter_before_the_answer_waits_for_it(two: Crm, at: Any) -> None:
    terminal = at("find")
    terminal.expect("look for:").type("bau\r")
    assert terminal.end() == 0
    assert "Acme Bau" in terminal.shown()


@pytest.mark.parametrize("key", ["\x1b", CTRL_C])
def test_leaving_changes_nothing(two: Crm, at: Any, key: str) -> None:
    before = two.db.read_bytes()
    terminal = at("find")
    terminal.expect("look for:").type("acme")
    terminal.expect("> customer:").type(key)
    assert terminal.end() == 130
    assert "Traceback" not in terminal.seen
    assert two.db.read_bytes() == before


def test_what_nothing_has_is_said_and_enter_waits_for_another_word(two: Crm, at: Any) -> None:
    terminal = at("find")
    terminal.expect("look for:").type("unicorn\r")
    terminal.expect("Nothing found.").type(CTRL_U + "acmme")
    terminal.expect("this comes near it").type("\r")
    assert terminal.end() == 0


def test_a_narrow_and_low_terminal_is_enough(two: Crm, at: Any) -> None:
    terminal = at("find", columns=24, rows=5)
    terminal.expect("look for:").type("acme")
    terminal.expect("> customer:2").resize(30, 4).type(DOWN)
    terminal.expect("> customer:1").type("\r")
    assert terminal.end() == 0


def test_a_hostile_text_stays_harmless_and_hits_stand_out(two: Crm, at: Any) -> None:
    terminal = at("find")
    terminal.expect("look for:").type("bold")
    terminal.expect("[bold]")
    assert "\x1b[31m" not in terminal.seen
    terminal.type("\x1b")
    terminal.end()


def test_a_dumb_terminal_is_asked_for_a_line(two: Crm, at: Any) -> None:
    terminal = at("find", env={"TERM": "dumb"})
    terminal.expect("WORDS:").type("bau\r")
    assert terminal.end() == 0
    assert "customer:2" in terminal.seen
    assert "look for:" not in terminal.seen


def test_hits_stand_out_in_the_table_of_a_terminal(two: Crm, at: Any) -> None:
    terminal = at("find", "BAU")
    assert terminal.end() == 0
    assert "Acme \x1b[1;4mBau\x1b[0m" in terminal.seen
    plain = at("find", "BAU", env={"NO_COLOR": "1"})
    assert plain.end() == 0
    assert "\x1b[1;4m" not in plain.seen
    assert "Acme Bau" in plain.seen
