"""Tables for pipes and for terminals: nothing cut in a pipe, nothing wider than the screen, columns that line up."""

import io
import re
import subprocess
import sys
from unicodedata import normalize

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_cli.output.plain import bars, choose_columns, draw
from crm_cli.output.richtable import print_table
from crm_cli.rules.text import clean, width

FAMILY = "张伟👩\u200d👩\u200d👧 שלום"
HOSTILE = [
    "[/]",
    "[red]x",
    "\x1b[2J",
    "=1+1",
    FAMILY,
    "[link=http://evil.example]Acme[/link]",
    ":smile:",
    "\u202eexe",
    "\\[b]",
    "a\nb",
]
HEADERS = ["id", "name", "status", "city", "amount", "note", "last contact"]
RANKS = [0, 0, 1, 3, 2, 5, 4]
RIGHT = {0, 4}
ROWS = [
    ["1", "Acme GmbH", "customer", "Berlin", "12,000.00", "wants a new offer for the rollout in spring", "2026-03-14"],
    [
        "2",
        "上海华东精密机械制造有限公司",
        "qualified",
        "上海",
        "1,250,000.00",
        "价格还要再谈一次，下周再打电话",
        "2026-03-30",
    ],
    ["103", "Zoë & Søn", "new", "København", "", "", ""],
    ["4", "東京電機株式会社", "contacted", "東京", "88.00", "e\u0301te\u0301", "2025-12-31"],
]
BAD = re.compile("[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def on_terminal(headers, rows, ranks, right, columns, colour=False, styles=None):
    stream = io.StringIO()
    safe = [[clean(cell) for cell in row] for row in rows]
    plan = choose_columns([clean(header) for header in headers], safe, ranks, right, columns)
    print_table(headers, rows, plan, right, colour=colour, stream=stream, styles=styles)
    return stream.getvalue(), [i for i in range(len(headers)) if i not in plan[0]]


def screen_of(text, columns, lines=40):
    """What a real terminal would show: a row of cells each, "" behind a wide character."""
    screen = pyte.Screen(columns, lines)
    pyte.Stream(screen).feed(text.replace("\n", "\r\n"))
    return [[screen.buffer[y][x].data for x in range(columns)] for y in range(lines)]


# ------------------------------------------------------------------ pipes


def test_a_pipe_gets_aligned_columns_and_whole_cells():
    assert list(
        draw(["id", "name", "amount", "city"], [["1", "张伟", "12.00", "北京"], ["12", "Jane Doe", "5.00", ""]], {0, 2})
    ) == [
        "id  name      amount  city",
        " 1  张伟       12.00  北京",
        "12  Jane Doe    5.00",
    ]


def test_a_pipe_cuts_nothing():
    long = "x" * 500
    assert list(draw(["name", "n"], [[long, "1"]], set()))[1] == f"{long}  1"


def test_an_empty_table_is_its_header():
    assert list(draw(["id", "name"], [], {0})) == ["id  name"]


def test_a_long_table_streams():
    seen = 0

    def rows():
        nonlocal seen
        for seen in range(1, 20_001):
            yield [str(seen), "x"]

    lines = draw(["id", "name"], rows(), {0})
    assert [next(lines), next(lines)] == ["  id  name", "   1  x"]
    assert seen == 5_000
    assert sum(1 for _ in lines) == 19_999


# ------------------------------------------------------------------ choosing columns


@pytest.mark.parametrize(
    ("columns", "kept"),
    [
        (200, ["id", "name", "status", "city", "amount", "note", "last contact"]),
        (81, ["id", "name", "status", "city", "amount", "note", "last contact"]),
        (80, ["id", "name", "status", "city", "amount", "last contact"]),
        (60, ["id", "name", "status", "city", "amount"]),
        (40, ["id", "name", "status"]),
        (20, ["id", "name"]),
        (8, ["id", "name"]),
    ],
)
def test_the_least_important_columns_go_first(columns, kept):
    keep, widths = choose_columns(HEADERS, ROWS, RANKS, RIGHT, columns)
    assert [HEADERS[i] for i in keep] == kept
    assert sum(widths) + 2 * (len(widths) - 1) <= columns


def test_numbers_and_dates_are_never_cut_while_others_can_give():
    keep, widths = choose_columns(HEADERS, ROWS, RANKS, RIGHT, 85)
    sizes = {HEADERS[i]: size for i, size in zip(keep, widths, strict=True)}
    assert sizes["amount"] == 12
    assert sizes["last contact"] == 12
    assert sizes["name"] == 20
    assert sizes["note"] == 8


def test_names_take_the_room_first():
    keep, widths = choose_columns(["name", "note"], [["n" * 30, "t" * 90]], [0, 1], set(), 60)
    assert (keep, widths) == ([0, 1], [30, 28])


@given(
    st.integers(1, 8).flatmap(
        lambda n: st.tuples(
            st.lists(st.text(alphabet="ab中文", min_size=1, max_size=12), min_size=n, max_size=n),
            st.lists(st.lists(st.text(alphabet="a1中👩 ", max_size=60), min_size=n, max_size=n), max_size=5),
            st.lists(st.integers(0, 5), min_size=n, max_size=n),
            st.sets(st.integers(0, n - 1)),
        )
    ),
    st.integers(24, 120),
)
@settings(deadline=None)  # the first one imports Rich
def test_the_line_always_fits(table, columns):
    headers, rows, ranks, right = table
    keep, widths = choose_columns(headers, rows, ranks, right, columns)
    assert sum(widths) + 2 * (len(widths) - 1) <= columns
    assert all(i in keep for i, rank in enumerate(ranks) if rank == 0)
    assert all(widths)
    text, _ = on_terminal(headers, rows, ranks, right, columns)
    assert max(map(width, text.split("\n"))) <= columns


# ------------------------------------------------------------------ terminals


@pytest.mark.parametrize("columns", [80, 60, 40])
@pytest.mark.parametrize("colour", [False, True])
def test_chinese_columns_line_up_on_a_terminal(columns, colour):
    text, dropped = on_terminal(HEADERS, ROWS, RANKS, RIGHT, columns, colour, {1: "bold", 2: "cyan"})
    keep, widths = choose_columns(HEADERS, ROWS, RANKS, RIGHT, columns)
    assert dropped == [i for i in range(len(HEADERS)) if i not in keep]
    shown = screen_of(text, columns)
    left = 0
    for i, size in zip(keep, widths, strict=True):
        for y, row in enumerate([HEADERS, None, *ROWS]):
            if row is None:
                assert set("".join(shown[y]).strip()) == {"─"}
                continue
            cell = "".join(shown[y][left : left + size])
            assert cell.strip() == normalize("NFC", row[i]) or cell.strip().endswith("…")
            if row[i] and i in RIGHT:
                assert not cell.endswith(" "), (y, i)
            elif row[i]:
                assert not cell.startswith(" "), (y, i)
            assert "".join(shown[y][left + size : left + size + 2]).strip() == ""
        left += size + 2
    assert "".join(shown[len(ROWS) + 2]).strip() == ""


def test_every_row_is_one_line_at_twenty_columns():
    text, _ = on_terminal(HEADERS, ROWS, RANKS, RIGHT, 20)
    assert len(text.splitlines()) == len(ROWS) + 2
    assert max(map(width, text.splitlines())) <= 20


@pytest.mark.parametrize("columns", [100, 40, 20])
def test_hostile_names_are_drawn_without_harm(columns):
    text, _ = on_terminal(["id", "name"], [[str(i), name] for i, name in enumerate(HOSTILE)], [0, 0], {0}, columns)
    assert "\x1b" not in text
    assert not BAD.search(text)
    assert len(text.splitlines()) == len(HOSTILE) + 2
    if columns == 100:
        assert all(clean(name) in text for name in HOSTILE)


def test_colour_is_only_our_own():
    text, _ = on_terminal(["name"], [[name] for name in HOSTILE], [0], set(), 80, colour=True, styles={0: "cyan"})
    rest = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert "\x1b[" in text
    assert "\x1b" not in rest
    assert "]8;" not in text
    assert [line.rstrip() for line in rest.splitlines()[2:]] == [clean(name) for name in HOSTILE]


def test_an_unknown_style_or_an_empty_table_does_no_harm():
    assert on_terminal(["a"], [["x"]], [0], set(), 10, True, {0: "no such colour at all"})[0].endswith("x\n")
    assert on_terminal(["id", "name"], [], [0, 0], set(), 80)[0].splitlines()[0] == "id  name"
    assert on_terminal([], [], [], set(), 80)[1] == []


def test_the_modules_load_no_rich():
    code = "import sys, crm_cli.output.plain, crm_cli.output.richtable; print('rich' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# ------------------------------------------------------------------ bars


def test_bars_grow_with_their_values():
    assert bars([8, 4, 1, 0, -3, float("nan")], 1) == ["█", "▌", "▏", "", "", ""]
    assert bars([10, 5, 0.001], 10) == ["█" * 10, "█" * 5, "▏"]
    assert bars([10, 5, 0.001], 10, ascii=True) == ["#" * 10, "#" * 5, "#"]
    assert bars([], 10) == []
    assert bars([0, 0], 10) == ["", ""]


@given(st.lists(st.floats() | st.integers(-(10**16), 10**16), max_size=8), st.integers(0, 40), st.booleans())
def test_no_bar_is_longer_than_its_room(values, columns, plain):
    assert all(len(bar) <= columns for bar in bars(values, columns, ascii=plain))
