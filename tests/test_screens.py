"""Screens: nothing wider than the terminal, nothing lost on a narrow one, letters for a phone, shapes for a script."""

import re
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from conftest import ENVIRONMENT, Crm

from crm_cli.actions.demo import build
from crm_cli.rules.text import width

pytestmark = pytest.mark.ci

SCREENS = [
    "today",
    "followups",
    "funnel",
    "funnel --by owner",
    "show acme",
    "show 上海星河",
    "show acme/rollout",
    "show jane",
    "show task:1",
]
WIDTHS = [20, 40, 60, 80, 140]
LANGUAGES = ["en", "zh"]
FOLLOWUP_KEYS = (
    "ref kind bucket what customer customer_id contact contact_id phone email deal deal_id task_id due_on days_late"
    " last_word last_on reason owner"
).split()
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("company") / "crm.db"
    build(str(path), datetime(2026, 11, 25, 9, 0, tzinfo=ZoneInfo("UTC")), "tester")
    return path


@pytest.fixture
def demo(crm: Crm, company: Path) -> Crm:
    """The program over a made-up company that nobody changes."""
    crm.environ["CRM_DB"] = str(company)
    return crm


def screen(crm: Crm, line: str, columns: int, language: str = "en") -> list[str]:
    """What a terminal of so many columns gets, line by line, without colour."""
    result = crm.ok(line, env={"FORCE_COLOR": "1", "COLUMNS": str(columns), "CRM_LANG": language})
    return [_ESCAPE.sub("", text) for text in result.out.splitlines()]


# ------------------------------------------------------------------ on a terminal


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("line", SCREENS)
def test_no_line_is_wider_than_the_terminal(demo: Crm, line: str, columns: int, language: str) -> None:
    lines = screen(demo, line, columns, language)
    assert lines
    assert [text for text in lines if width(text) > columns] == []


@pytest.mark.parametrize("columns", [20, 40, 80])
def test_the_demo_is_not_wider_than_the_terminal_either(crm: Crm, columns: int) -> None:
    result = crm.ok("demo", "--db", str(crm.db), env={"FORCE_COLOR": "1", "COLUMNS": str(columns)})
    *lines, last = [_ESCAPE.sub("", text) for text in result.out.splitlines()]
    assert last.startswith("export CRM_DB="), "the one line that is pasted is whole"
    assert [text for text in lines if width(text) > columns] == []


@pytest.mark.parametrize("columns", [20, 40, 80, 140])
def test_who_why_what_number_and_reference_are_whole_at_any_width(demo: Crm, columns: int) -> None:
    rows = demo.rows("followups")
    text = "".join("".join(screen(demo, "followups", columns)).split())
    for row in rows:
        for part in (row["ref"], row["reason"], row["what"]):
            assert "".join(part.split()) in text, row
        reach = [row["phone"], row["email"]]
        assert any(value and "".join(value.split()) in text for value in reach), row
        who = f"{row['contact']}({row['customer']})" if row["contact"] else row["customer"]
        assert "".join(who.split()) in text, row


def test_the_call_sheet_has_its_buckets_as_headings(demo: Crm) -> None:
    lines = screen(demo, "followups", 80)
    assert [text.split(" (")[0] for text in lines if re.fullmatch(r"\w+ \(\d+\)", text)] == [
        "Overdue",
        "Today",
        "Week",
        "Later",
    ]
    assert [text for text in screen(demo, "followups", 80, "zh") if text.startswith("已逾期")]


def test_an_item_of_the_call_sheet_reads_at_a_glance(demo: Crm) -> None:
    assert screen(demo, "followups acme", 80)[2:] == [
        "Jane Doe (Acme GmbH)                              jane.doe@acme.example  task:" + _task(demo),
        "  due 2 days ago: send the quote for 200 seats",
        '  2026-11-20 "wants a quote for 200 seats, and to know where the data are kept"',
    ]
    assert screen(demo, "followups acme", 40)[2:] == [
        "Jane Doe (Acme GmbH)",
        "  jane.doe@acme.example  task:" + _task(demo),
        "  due 2 days ago: send the quote for 200",
        "  seats",
    ]


def _task(crm: Crm) -> str:
    return str(crm.rows("followups acme")[0]["task_id"])


def test_the_funnel_has_bars_where_there_is_room(demo: Crm) -> None:
    assert any("█" in text for text in screen(demo, "funnel", 80))
    assert any("█" in text for text in screen(demo, "funnel currency:EUR", 40))
    for columns in (20, 40, 60, 80):
        text = "".join("".join(screen(demo, "funnel", columns)).split())
        amounts = [f"{row['currency']}{row['amount']:,}" for row in demo.rows("funnel")]
        assert [amount for amount in amounts if amount not in text] == []


def test_a_customer_is_on_one_screen(demo: Crm) -> None:
    lines = screen(demo, "show acme", 80)
    assert len(lines) <= 49  # nine of them about orders
    text = "\n".join(lines)
    marks = ["Acme GmbH", "kind", "Tasks (1)", "Deals (", "Orders (", "Contacts (2)", "Interactions ("]
    assert [text.index(mark) for mark in marks] == sorted(text.index(mark) for mark in marks)
    assert "+49 30" in text
    more = re.search(r"(\d+) more: (crm interaction list .*)", text)
    assert more
    shown = len(re.findall(r"^2\d{3}-\d\d-\d\d (?:call|email|meeting|visit|note|message)", text, re.M))
    assert shown + int(more[1]) == len(demo.rows(more[2].strip().removeprefix("crm ")))


@pytest.mark.parametrize("line", ["show acme", "show jane", "show deal:1"])
def test_the_way_to_the_rest_can_be_typed(demo: Crm, line: str) -> None:
    for text in screen(demo, line, 140):
        if ": crm " in text:
            demo.ok(text.partition(": crm ")[2])


def test_what_is_hidden_in_the_data_never_reaches_the_terminal(crm: Crm) -> None:
    crm.ok("customer", "add", "[red]x\x1b[2J张伟\u202e", "--cadence", "1d")
    crm.ok("deal", "add", "\x1b[31mdeal [/]", "--customer", "1", "--amount", "1EUR", "--close", "today")
    crm.ok("log", "call", "1", "said \x1b]0;x\x07 so", "--at", "2026-11-01", "--next", "=1+1\x1b[H", "--due", "today")
    for line in ("today", "followups", "show 1", "show deal:1", "funnel"):
        for columns in ("40", "80"):
            out = crm.ok(line, env={"FORCE_COLOR": "1", "COLUMNS": columns}).out
            assert not re.search(r"\x1b(?!\[[0-9;]*m)|\x07|\u202e", out), line


LISTS = ["customer list", "contact list", "deal list", "interaction list", "task list", "find acme", "stage list"]
SMALL_SCREENS = [20, 30, 40, 60, 80]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("columns", SMALL_SCREENS)
@pytest.mark.parametrize("line", LISTS)
def test_a_list_keeps_its_ids_and_its_columns_straight_at_any_width(
    demo: Crm, line: str, columns: int, language: str
) -> None:
    head, rule, *lines = screen(demo, line, columns, language)
    assert max(map(width, [head, rule, *lines])) <= columns
    ids = demo.ok(f"{line} --format ids").out.split()
    assert [text.split()[0] for text in lines] == ids
    starts = [at for at in range(2, columns) if _column_begins(head, at)]
    for text in lines:
        assert all(_is_gap(text, at) for at in starts if at > 12), text


def _cells(text: str) -> str:
    """One character for each column of the screen."""
    return "".join(char + " " * 0 if width(char) < 2 else char + "\0" for char in text)


def _column_begins(head: str, at: int) -> bool:
    cells = _cells(head)
    return cells[at - 2 : at] == "  " and cells[at : at + 1].strip() != ""


def _is_gap(text: str, at: int) -> bool:
    """No wide character stands across the border of a column."""
    return _cells(text)[at : at + 1] != "\0"


def test_what_is_chosen_by_hand_and_finds_no_room_is_named(demo: Crm) -> None:
    env = {"FORCE_COLOR": "1", "COLUMNS": "40"}
    result = demo.ok("customer list acme --columns name,phone,email,region,city", env=env)
    assert result.err == "No room here for 2 columns: region, city\n"
    assert demo.ok("customer list acme --columns name,phone,email,region,city").err == ""
    lines = [_ESCAPE.sub("", text) for text in result.out.splitlines()]
    assert lines[-1] == "Acme GmbH  +49 30 23125 085  office@acm…"


@pytest.mark.parametrize("columns", [20, 40, 80, 100])
def test_the_board_cuts_no_day_and_no_amount(demo: Crm, columns: int) -> None:
    lines = screen(demo, "deal board", columns)
    assert max(map(width, lines)) <= columns
    text = "\n".join(lines)
    for row in demo.rows("deal list"):
        assert f"{row['currency']} {row['amount']:,}" in text
        assert row["expected_close_on"] in text
        assert re.search(rf"(^|\s){row['id']} ", text)


def test_the_board_in_a_pipe_is_whole(demo: Crm) -> None:
    out = demo.ok("deal board", env={"COLUMNS": "20"}).out
    assert "…" not in out
    for row in demo.rows("deal list"):
        assert f"{row['id']} {row['title']}\n{row['customer']}\n" in out


# ------------------------------------------------------------------ empty


@pytest.mark.parametrize("columns", [20, 40, 80])
def test_a_first_start_shows_three_ways_to_begin(crm: Crm, columns: int) -> None:
    assert crm.ok("").out == (
        "Nothing here yet. Three ways to begin:\n"
        'crm customer add "Acme GmbH"             type in a customer\n'
        "crm import customers.csv --as customers  load a file of another system\n"
        "crm demo                                 play with a made-up company\n"
    )
    assert crm.ok("--lang zh").out.splitlines()[0] == "这里还没有数据。三种开始的方法："
    for language in LANGUAGES:
        lines = screen(crm, "", columns, language)
        assert sum(text.startswith("crm ") for text in lines) == 3
    assert not crm.db.exists()


def test_an_empty_database_is_friendly(crm: Crm) -> None:
    assert "crm demo" in crm.ok("").out
    assert crm.ok("funnel").err.startswith("No deals here.")
    assert crm.ok("followups").err == "Nothing is due. Enjoy the day.\n"
    for line in ("", "funnel", "followups", "today"):
        assert all(width(text) <= 40 for text in screen(crm, line, 40) if text)


def test_a_day_with_nothing_says_so(crm: Crm) -> None:
    crm.ok("customer add Acme")
    assert crm.ok("today").out == "Wed 2026-11-25  Nothing is due. Enjoy the day.\n"
    assert crm.ok("today --format text").out == "Wed 2026-11-25 Nothing is due. Enjoy the day.\n"
    assert crm.ok("followups --format text").out == "Nothing is due. Enjoy the day.\n"


# ------------------------------------------------------------------ in a pipe


@pytest.mark.parametrize("line", ["today", "followups", "funnel", "show acme"])
def test_a_pipe_gets_no_colour_and_no_cut_cell(demo: Crm, line: str) -> None:
    out = demo.ok(line, env={"COLUMNS": "20"}).out
    assert "\x1b" not in out
    assert "…" not in out
    assert "wants a quote for 200 seats, and to know where the data are kept" in out or line == "funnel"


def test_show_gives_a_pipe_everything(demo: Crm) -> None:
    record = demo.rows("show acme")
    out = demo.ok("show acme").out
    for interaction in record["interactions"]:
        assert interaction["text"] in out
    assert f"Interactions ({len(record['interactions'])})" in out


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("line", ["today", "followups", "funnel", "funnel --by owner"])
def test_a_letter_has_no_line_over_sixty_columns(demo: Crm, line: str, language: str) -> None:
    out = demo.ok(f"{line} --format text", env={"CRM_LANG": language}).out
    assert [text for text in out.splitlines() if width(text) > 60] == []
    assert "\x1b" not in out


def test_a_letter_of_long_names_and_words_cuts_none_of_them(crm: Crm) -> None:
    chinese, word = "上海华东精密机械" * 8, "W" * 130
    crm.ok("customer", "add", chinese, "--phone", "+49 30 1234567")
    crm.ok("customer", "add", word, "--kind", "person", "--birthday", "1990-11-26", "--email", f"{'x' * 60}@y.example")
    crm.ok("stage", "add", "阶段" * 30, "--probability", "10")
    for customer in ("1", "2"):
        crm.ok("log", "call", customer, chinese + word, "--next", word + chinese, "--due", "today")
        crm.ok(
            "deal", "add", word + customer, "--customer", customer, "--amount", "89999999999999.99EUR", "--close", "fri"
        )
    for language in LANGUAGES:
        for line in ("today", "followups", "funnel"):
            out = crm.ok(f"{line} --format text", env={"CRM_LANG": language}).out
            assert max(map(width, out.splitlines())) <= 60
            joined = "".join(out.split())
            if line == "funnel":
                assert "阶段" * 30 in joined
                continue
            assert all(text in joined for text in (chinese, word, f"{'x' * 60}@y.example", "task:1"))


def test_a_letter_says_who_why_what_number_and_the_last_word(demo: Crm) -> None:
    out = demo.ok("followups acme --format text").out
    assert out.splitlines()[2:] == [
        "OVERDUE",
        "Jane Doe (Acme GmbH)",
        "  due 2 days ago: send the quote for 200 seats",
        f"  jane.doe@acme.example, task:{_task(demo)}",
        '  2026-11-20 "wants a quote for 200 seats, and to know wher…',
    ]


# ------------------------------------------------------------------ for a script


def test_today_is_six_arrays(demo: Crm) -> None:
    day = demo.rows("today")
    assert list(day) == ["overdue", "due", "appointments", "closing", "quiet", "birthdays"]
    assert all(isinstance(rows, list) and rows for rows in day.values())


def test_the_keys_of_a_followup_are_those_of_the_contract(demo: Crm) -> None:
    day = demo.rows("today")
    for row in [*demo.rows("followups"), *day["overdue"], *day["due"], *day["appointments"], *day["quiet"]]:
        assert [key for key in row if key in FOLLOWUP_KEYS] == FOLLOWUP_KEYS
        assert set(row) - set(FOLLOWUP_KEYS) <= {"due_at"}


def test_the_keys_of_a_funnel_row_are_those_of_the_contract(demo: Crm) -> None:
    expected = "stage kind position deals amount currency weighted share conversion median_days".split()
    assert all(list(row) == expected for row in demo.rows("funnel"))


@pytest.mark.parametrize("line", ["today", "followups", "funnel", "show acme"])
def test_data_are_the_same_in_both_languages(demo: Crm, line: str) -> None:
    assert demo.rows(line) == demo.rows(line, env={"CRM_LANG": "zh"})


@pytest.mark.parametrize("line", ["today", "followups", "funnel", "show acme"])
def test_markdown_is_tables(demo: Crm, line: str) -> None:
    out = demo.ok(f"{line} --format md", env={"FORCE_COLOR": "1"}).out
    assert "\n| ---" in out


# ------------------------------------------------------------------ a real terminal


@pytest.mark.ci
@pytest.mark.process
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("columns", [20, 40, 60, 80])
def test_on_a_real_terminal_every_line_keeps_its_row(company: Path, columns: int, language: str) -> None:
    """Drawn by a terminal emulator: a line that is too wide would go on in the next row."""
    pyte = pytest.importorskip("pyte")
    pexpect = pytest.importorskip("pexpect")
    program = Path(sys.executable).parent / "crm"
    environ = {
        **ENVIRONMENT,
        "CRM_DB": str(company),
        "CRM_LANG": language,
        "TERM": "xterm-256color",
        "HOME": str(company.parent),
    }
    del environ["COLUMNS"]
    for line in ("today", "followups", "funnel", "show acme"):
        child = pexpect.spawn(str(program), line.split(), env=environ, dimensions=(24, columns), timeout=30)
        raw = child.read().decode()
        child.close()
        assert child.exitstatus == 0
        lines = raw.replace("\r\n", "\n").split("\n")
        picture = pyte.HistoryScreen(columns, len(lines) + 1, history=10)
        pyte.Stream(picture).feed(raw)
        drawn = [text.rstrip() for text in picture.display]
        while drawn and not drawn[-1]:
            drawn.pop()
        plain = [_ESCAPE.sub("", text).rstrip() for text in lines]
        while plain and not plain[-1]:
            plain.pop()
        assert len(drawn) == len(plain), (line, columns)


@pytest.mark.process
@pytest.mark.skipif(shutil.which("fish") is None, reason="no fish here")
def test_the_line_for_fish_is_understood_by_fish(tmp_path: Path) -> None:
    from crm_cli.commands.demonstration import shell_line

    path = str(tmp_path / "it's $(a) \\ b.db")
    line = shell_line(path, {"SHELL": "/usr/bin/fish"})
    told = subprocess.run(["fish", "-c", f"{line}; printf %s $CRM_DB"], capture_output=True, text=True, check=True)
    assert told.stdout == path


@pytest.mark.process
def test_the_line_for_other_shells_is_understood_by_them(tmp_path: Path) -> None:
    from crm_cli.commands.demonstration import shell_line

    path = str(tmp_path / "it's $(a) \\ 张 b.db")
    line = shell_line(path, {"SHELL": "/bin/sh"})
    told = subprocess.run(["sh", "-c", f'{line}; printf %s "$CRM_DB"'], capture_output=True, check=True)
    assert told.stdout.decode() == path


# ------------------------------------------------------------------ which columns a narrow screen keeps


@pytest.fixture
def two_deals(acme: Crm) -> Crm:
    acme.ok('customer edit acme --phone "+49 30 1234567"')
    acme.ok("task add call --customer acme --due fri")
    acme.ok("customer add 星河软件有限公司 --phone 13800000000")
    acme.ok("deal add 二期 --customer 星河 --amount 120000 --currency CNY")
    return acme


@pytest.mark.parametrize(
    ("line", "columns", "english", "chinese"),
    [
        ("customer list", 40, "id name phone", "编号 名称 电话"),
        ("customer list", 60, "id name phone next", "编号 名称 电话 下次任务"),
        ("deal list", 40, "id title customer amount", "编号 商机名称 金额"),
        ("deal list", 60, "id title customer stage amount", "编号 商机名称 客户 阶段 金额"),
    ],
)
def test_a_narrow_list_keeps_whom_to_call_and_what_it_is_worth(
    two_deals: Crm, line: str, columns: int, english: str, chinese: str
) -> None:
    assert screen(two_deals, line, columns)[0].split() == english.split()
    assert screen(two_deals, line, columns, "zh")[0].split() == chinese.split()
