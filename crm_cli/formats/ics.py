"""Calendars (RFC 5545): tasks of a day, appointments, birthdays; one text out, no value can add a line to it."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import NamedTuple

from crm_cli.rules.text import clean_lines

_WIDEST = 75  # octets of a line without its end
_PRIORITY = {"high": "1", "normal": "5", "low": "9"}


class Entry(NamedTuple):
    """A thing to do by a day, or an appointment at an aware moment; `uid` is the same in every calendar."""

    uid: str
    revised: datetime
    when: date | datetime
    summary: str
    description: str = ""
    priority: str = "normal"


class Birthday(NamedTuple):
    """A day of every year; `born` may lie in a year before calendars begin, then the year is not known."""

    uid: str
    revised: datetime
    born: date
    summary: str


def calendar(entries: Iterable[Entry], *, name: str, birthdays: Iterable[Birthday] = ()) -> str:
    """The whole file, lines ended by CRLF and folded at 75 octets."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//crm//reminders//EN", "CALSCALE:GREGORIAN"]
    lines.append(f"X-WR-CALNAME:{escaped(name)}")
    for entry in entries:
        lines += _event(entry) if isinstance(entry.when, datetime) else _todo(entry)
    for birthday in birthdays:
        lines += _yearly(birthday)
    return "".join(fold(line) for line in [*lines, "END:VCALENDAR"])


def _todo(entry: Entry) -> list[str]:
    """Due on a day; its alarm is at nine that morning, wherever the phone is."""
    day = entry.when.isoformat().translate(_BARE)
    alarm = _alarm(entry, "TRIGGER;RELATED=END:PT9H")
    return ["BEGIN:VTODO", *_shared(entry), f"DUE;VALUE=DATE:{day}", "STATUS:NEEDS-ACTION", *alarm, "END:VTODO"]


def _event(entry: Entry) -> list[str]:
    """At a moment; its alarm is a quarter of an hour ahead."""
    assert isinstance(entry.when, datetime)
    alarm = _alarm(entry, "TRIGGER:-PT15M")
    return ["BEGIN:VEVENT", *_shared(entry), f"DTSTART:{moment(entry.when)}", *alarm, "END:VEVENT"]


_FIRST_YEAR = 1904  # a leap year; before 1900 many calendar programs know no days


def _yearly(birthday: Birthday) -> list[str]:
    """All day, every year; one on 29 February is on the last day of that month. Its alarm is at nine."""
    born = birthday.born if birthday.born.year >= _FIRST_YEAR else birthday.born.replace(year=_FIRST_YEAR)
    leap = (born.month, born.day) == (2, 29)
    return [
        "BEGIN:VEVENT",
        f"UID:{escaped(birthday.uid)}",
        f"DTSTAMP:{moment(birthday.revised)}",
        f"DTSTART;VALUE=DATE:{born:%Y%m%d}",
        "RRULE:FREQ=YEARLY" + (";BYMONTH=2;BYMONTHDAY=-1" if leap else ""),
        f"SUMMARY:{escaped(birthday.summary)}",
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{escaped(birthday.summary)}",
        "TRIGGER:PT9H",
        "END:VALARM",
        "END:VEVENT",
    ]


def _shared(entry: Entry) -> list[str]:
    described = [f"DESCRIPTION:{escaped(entry.description)}"] if entry.description else []
    return [
        f"UID:{escaped(entry.uid)}",
        f"DTSTAMP:{moment(entry.revised)}",
        f"SUMMARY:{escaped(entry.summary)}",
        *described,
        f"PRIORITY:{_PRIORITY.get(entry.priority, '5')}",
    ]


def _alarm(entry: Entry, trigger: str) -> list[str]:
    return ["BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{escaped(entry.summary)}", trigger, "END:VALARM"]


def moment(at: datetime) -> str:
    """A moment in UTC, as calendars and cards write it."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds").translate(_BARE) + "Z"


_BARE = str.maketrans("", "", "-:")


def escaped(value: str) -> str:
    """A value of type TEXT: what ends or parts it is escaped, what controls or hides is made visible."""
    lines = (line.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,") for line in clean_lines(value))
    return "\\n".join(lines)


def fold(line: str) -> str:
    """A content line with its CRLF; a long one goes on behind a CRLF and a space, never within a character."""
    return "\r\n ".join(_pieces(line)) + "\r\n"


def _pieces(line: str) -> Iterator[str]:
    if len(line) * 4 <= _WIDEST or len(line.encode()) <= _WIDEST:
        yield line
        return
    if line.isascii():
        yield line[:_WIDEST]
        yield from (line[at : at + _WIDEST - 1] for at in range(_WIDEST, len(line), _WIDEST - 1))
        return
    piece, used, room = "", 0, _WIDEST
    for char in line:
        size = len(char.encode())
        if used + size > room:
            yield piece
            piece, used, room = "", 0, _WIDEST - 1  # the space before a further piece counts
        piece, used = piece + char, used + size
    yield piece
