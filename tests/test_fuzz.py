"""Any text is either read or refused with a sentence; what is written for a shell, a file or a calendar comes back."""

import csv
import io
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crm_cli.errors import CrmError
from crm_cli.formats.ics import Entry, calendar
from crm_cli.formats.tabular import read_table
from crm_cli.formats.writing import write_delimited
from crm_cli.queries.grammar import join_arguments, replace_value
from crm_cli.rules import dates, durations, recurrence
from crm_cli.rules.paste import line
from crm_cli.rules.text import unguard_formula

pytestmark = pytest.mark.ci

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
FUZZ = settings(deadline=None, max_examples=80, suppress_health_check=list(HealthCheck))
PIECES = st.sampled_from(
    ["2026-11-25", "2026", "-", "+", "3", "d", "w", "mo", "m", "y", "fri", "friday", "next", "end", "of", "month", " ", "@",
     "T", ":", "14:00", "下", "周", "五", "月底", "天", "后", "半", "小时", "，", "..", "/", "05", "31", "9" * 12, "Z", "+25:00",
     "24:00", "am", "pm", "every", "FREQ=", "DAILY", ";", "COUNT=", "BYDAY=MO", "INTERVAL=", "0", "٣", "½", "\u200b", "é"]
)  # fmt: skip
TYPED = st.lists(PIECES | st.text(max_size=4), max_size=6).map("".join)
# what a shell can hand over: no NUL, no lone surrogates
WORD = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=12)


@FUZZ
@given(TYPED, st.booleans())
def test_any_text_is_a_day_or_a_misuse(text: str, ahead: bool) -> None:
    for read in (dates.parse_when, dates.parse_day, dates.parse_moment, dates.parse_span):
        try:
            read(text, now=NOW, ahead=ahead)
        except CrmError as error:
            assert error.message()


@FUZZ
@given(TYPED)
def test_any_text_is_a_length_or_a_rhythm_or_a_misuse(text: str) -> None:
    for read in (durations.parse_minutes, durations.parse_days, recurrence.parse_every):
        try:
            read(text)
        except CrmError as error:
            assert error.message()


@FUZZ
@given(TYPED, st.dates(), st.dates())
def test_a_rhythm_that_is_read_never_looks_back(text: str, anchor: date, after: date) -> None:
    try:
        every = recurrence.parse_every(text)
    except CrmError:
        return
    found = recurrence.next_day(every, anchor=anchor, after=after)
    assert found is None or found > after


@FUZZ
@given(st.lists(TYPED | WORD, max_size=4), WORD)
@example(["tag:a b"], "c")
def test_a_query_that_is_kept_is_its_own_line(arguments: list[str], new: str) -> None:
    try:
        kept = join_arguments(arguments)
    except CrmError:
        return
    if kept:
        assert join_arguments([f"({kept})"]) == kept
        assert replace_value(kept, frozenset({"tag"}), lambda value: False, new) == kept


@FUZZ
@given(st.lists(st.lists(WORD, min_size=2, max_size=2), min_size=1, max_size=5))
@example([["'=1", "''"], ["＝1+1", "\t=1"], ["+49 30 1", "@a"]])
def test_a_csv_that_is_written_is_read_again_and_computes_nothing(table: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    rows = [dict(zip(("a", "b"), row, strict=True)) for row in table]
    write_delimited(out, ["a", "b"], iter(rows), delimiter=",", guard=True)
    read = list(csv.reader(io.StringIO(out.getvalue(), newline="")))[1:]
    for row, cells in zip(table, read, strict=True):
        assert [unguard_formula(cell) for cell in cells] == row
        for cell in cells:
            assert cell[:1] not in set("=-@\t\r\n＝＋－＠") and (cell[:1] != "+" or set(cell[1:]) <= set("0123456789 "))


@FUZZ
@given(
    st.binary(max_size=80) | TYPED.map(str.encode),
    st.sampled_from([b"", b"name,email\n", b"\xef\xbb\xbf", b"\xff\xfe"]),
)
def test_any_bytes_are_a_table_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes, head: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_bytes(head + data)
    try:
        table = read_table(path)
        list(table.records)
    except CrmError as error:
        assert error.message()


@FUZZ
@given(WORD, WORD, st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1)))
@example("BEGIN:VEVENT\r\nEND:VCALENDAR\n", "\u2028,;\\", datetime(2026, 11, 25))
def test_a_calendar_has_only_lines_of_its_own(name: str, text: str, at: datetime) -> None:
    entry = Entry("1@crm", NOW, at.replace(tzinfo=UTC), name, text)
    lines = calendar([entry], name=name).split("\r\n")
    assert lines.pop() == ""
    assert all(len(one.encode()) <= 75 for one in lines)
    whole = "\n".join(lines).replace("\n ", "").split("\n")
    assert [one for one in whole if one.startswith(("BEGIN:", "END:"))] == [
        "BEGIN:VCALENDAR", "BEGIN:VEVENT", "BEGIN:VALARM", "END:VALARM", "END:VEVENT", "END:VCALENDAR"
    ]  # fmt: skip


@pytest.mark.process
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_line_to_paste_is_read_back_by_the_shell(shell: str, tmp_path: Path) -> None:
    """Many words in one line, as `printf` of the shell hands them back."""
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here")
    words: list[str] = [
        "a \\$(touch x)",
        "*",
        "!x",
        "'",
        '"',
        "\\",
        "~",
        "-n",
        "{a,b}",
        "a'b\"c",
        "`id`",
        "=ls",
        "%1",
        "$HOME",
        "a\\'b",
    ]

    @settings(deadline=None, max_examples=150, database=None)
    @given(WORD.filter(lambda word: word.isprintable() and bool(word)))
    def collect(word: str) -> None:
        words.append(word)

    collect()
    words = [word for word in words if not word.startswith("-")]
    script = tmp_path / "line"
    script.write_text("printf '%s\\0' " + line(words, {}) + "\n", encoding="utf-8")
    done = subprocess.run(
        [shell, str(script)],
        capture_output=True,
        cwd=tmp_path,
        check=False,
        env={"LC_ALL": "C.UTF-8", "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )
    assert done.stdout.decode().split("\0")[:-1] == words, done.stderr
    assert [path.name for path in tmp_path.iterdir() if path.name == "x"] == []
