"""Calendars (RFC 5545): tasks of a day and appointments, with alarms; one text out, no value can add a line to it."""

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


def calendar(entries: Iterable[Entry], *, name: str) -> str:
    """The whole file, lines ended by CRLF and folded at 75 octets."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//crm//reminders//EN", "CALSCALE:GREGORIAN"]
    lines.append(f"X-WR-CALNAME:{_text(name)}")
    for entry in entries:
        lines += _event(entry) if isinstance(entry.when, datetime) else _todo(entry)
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
    return ["BEGIN:VEVENT", *_shared(entry), f"DTSTART:{_moment(entry.when)}", *alarm, "END:VEVENT"]


def _shared(entry: Entry) -> list[str]:
    described = [f"DESCRIPTION:{_text(entry.description)}"] if entry.description else []
    return [
        f"UID:{_text(entry.uid)}",
        f"DTSTAMP:{_moment(entry.revised)}",
        f"SUMMARY:{_text(entry.summary)}",
        *described,
        f"PRIORITY:{_PRIORITY.get(entry.priority, '5')}",
    ]


def _alarm(entry: Entry, trigger: str) -> list[str]:
    return ["BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{_text(entry.summary)}", trigger, "END:VALARM"]


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds").translate(_BARE) + "Z"


_BARE = str.maketrans("", "", "-:")


def _text(value: str) -> str:
    """A value of type TEXT: what ends or parts it is escaped, what controls or hides is made visible."""
    escaped = (line.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,") for line in clean_lines(value))
    return "\\n".join(escaped)


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
