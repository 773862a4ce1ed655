"""Calendars: folded at 75 octets, escaped, with nothing that a value could add."""

from datetime import UTC, date, datetime

import pytest

from crm_cli.formats.ics import Entry, calendar, fold

AT = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def lines(*entries: Entry) -> list[str]:
    text = calendar(entries, name="Follow-ups")
    for line in text.split("\r\n"):
        assert len(line.encode()) <= 75
        assert line.isprintable()
    return text.replace("\r\n ", "").split("\r\n")


@pytest.mark.parametrize("text", ["x" * 500, "字" * 200, "é" * 75, "😀" * 40, "ab字" * 60])
def test_long_lines_are_folded_between_characters(text: str) -> None:
    folded = fold(f"SUMMARY:{text}")
    assert all(len(line.encode()) <= 75 for line in folded.split("\r\n"))
    assert folded.replace("\r\n ", "") == f"SUMMARY:{text}\r\n"


def test_a_line_of_75_octets_is_not_folded() -> None:
    assert fold("x" * 75) == "x" * 75 + "\r\n"
    assert fold("x" * 76) == "x" * 75 + "\r\n x\r\n"


def test_values_are_escaped_and_add_no_line() -> None:
    summary = "a;b,c\\d\nEND:VTODO\r\nBEGIN:VEVENT\rX:1\x1b\u2028"
    found = lines(Entry("u", AT, date(2026, 11, 27), summary, "one\ntwo"))
    assert found.count("END:VTODO") == 1
    assert "BEGIN:VEVENT" not in found
    assert "SUMMARY:a\\;b\\,c\\\\d\\nEND:VTODO\\nBEGIN:VEVENT\\\\rX:1\\\\x1b\\\\u2028" in found
    assert "DESCRIPTION:one\\ntwo" in found


def test_a_day_is_a_task_and_a_moment_is_an_event() -> None:
    found = lines(Entry("a", AT, date(2026, 11, 27), "day", priority="high"), Entry("b", AT, AT, "moment"))
    todo = found[found.index("BEGIN:VTODO") : found.index("END:VTODO") + 1]
    event = found[found.index("BEGIN:VEVENT") : found.index("END:VEVENT") + 1]
    assert todo == [
        "BEGIN:VTODO", "UID:a", "DTSTAMP:20261125T090000Z", "SUMMARY:day", "PRIORITY:1", "DUE;VALUE=DATE:20261127",
        "STATUS:NEEDS-ACTION", "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:day", "TRIGGER;RELATED=END:PT9H",
        "END:VALARM", "END:VTODO",
    ]  # fmt: skip
    assert event[5:7] == ["DTSTART:20261125T090000Z", "BEGIN:VALARM"]
    assert "TRIGGER:-PT15M" in event


def test_an_empty_calendar_is_whole() -> None:
    assert lines()[0] == "BEGIN:VCALENDAR"
    assert lines()[-2:] == ["END:VCALENDAR", ""]
