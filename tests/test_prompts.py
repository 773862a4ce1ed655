"""What a person is asked at a terminal, and that nobody is asked without one. The installed program in a pty."""

import os
import sys
from pathlib import Path
from typing import Any

import pexpect
import pyte
import pytest
from conftest import Crm
from test_customers import refused

pytestmark = pytest.mark.process
CRM = Path(sys.prefix) / "bin" / "crm"
CTRL_C = "\x03"
CTRL_D = "\x04"


class Terminal:
    """The installed program at a terminal of 80 x 24, and what stands on the screen."""

    def __init__(self, crm: Crm, *words: str, out: Path | None = None) -> None:
        environ = {**os.environ, **crm.environ, "TERM": "xterm-256color", "COLUMNS": "", "LINES": ""}
        environ = {key: value for key, value in environ.items() if value}
        arguments = [str(CRM), *words]
        if out is not None:
            arguments = ["/bin/sh", "-c", f'exec "$0" "$@" >"{out}"', *arguments]
        self.child = pexpect.spawn(
            arguments[0], arguments[1:], env=environ, dimensions=(24, 80), timeout=20, encoding="utf-8"
        )
        self.screen = pyte.Screen(80, 24)
        self.stream = pyte.Stream(self.screen)
        self.seen = ""

    def expect(self, text: str) -> "Terminal":
        """Wait until the text stands on the screen."""
        while text not in "\n".join(self.screen.display):
            try:
                chunk = self.child.read_nonblocking(4096, timeout=20)
            except (pexpect.EOF, pexpect.TIMEOUT) as error:
                raise AssertionError(f"{text!r} never came; the screen:\n" + "\n".join(self.screen.display)) from error
            self._feed(chunk)
        return self

    def type(self, text: str) -> "Terminal":
        self.child.send(text)
        return self

    def end(self) -> int:
        """Read on until the program ends; its exit code."""
        while True:
            try:
                self._feed(self.child.read_nonblocking(4096, timeout=20))
            except pexpect.EOF:
                break
        self.child.close()
        assert self.child.exitstatus is not None, self.child.signalstatus
        return int(self.child.exitstatus)

    def _feed(self, chunk: str) -> None:
        self.seen += chunk
        self.stream.feed(chunk)
        if "\x1b[6n" in chunk:  # the prompt asks where the cursor is, as it would ask any terminal
            self.child.send(f"\x1b[{self.screen.cursor.y + 1};{self.screen.cursor.x + 1}R")


@pytest.fixture
def at(acme: Crm) -> Any:
    """Start the program at a terminal over a database with a customer."""
    started: list[Terminal] = []

    def start(*words: str, out: Path | None = None) -> Terminal:
        started.append(Terminal(acme, *words, out=out))
        return started[-1]

    yield start
    for terminal in started:
        terminal.child.close(force=True)


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
    ],
)
def test_without_a_terminal_nothing_is_ever_asked(acme: Crm, line: str) -> None:
    refused(acme(line, stdin="yes\n1\n"), 2, "is missing", "--help")


def test_without_a_terminal_remove_of_a_reference_needs_no_yes(acme: Crm) -> None:
    acme.ok("customer remove acme", stdin="n\n")
