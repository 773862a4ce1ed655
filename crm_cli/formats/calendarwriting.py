"""Tasks and interactions as a calendar: what is to be done as VTODO, what has happened as VEVENT."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, TextIO

from crm_cli.formats.appointments import OUR_ID, SOURCE
from crm_cli.formats.ics import escaped, fold, moment
from crm_cli.formats.outward import Sheet

_PRIORITY = {"high": "1", "normal": "5", "low": "9"}
_UNITS = {"d": "DAILY", "w": "WEEKLY", "mo": "MONTHLY", "y": "YEARLY"}
_BATCH = 256


def write_ics(stream: TextIO, sheet: Sheet) -> int:
    """The whole calendar, streamed; returns how many records."""
    stream.write(_folded(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//crm//records//EN", "CALSCALE:GREGORIAN"]))
    lines_of = _task if sheet.noun == "task" else _interaction
    count = 0
    batch: list[str] = []
    for row in sheet.rows:
        batch += lines_of(row)
        count += 1
        if not count % _BATCH:
            stream.write(_folded(batch))
            batch.clear()
    stream.write(_folded([*batch, "END:VCALENDAR"]))
    return count


def _folded(lines: list[str]) -> str:
    return "".join(map(fold, lines))


def _task(row: dict[str, Any]) -> Iterator[str]:
    yield "BEGIN:VTODO"
    yield from _identity(row)
    yield f"SUMMARY:{escaped(row['text'])}"
    when: date | datetime | None = None
    if row["due_at"]:
        when = datetime.fromisoformat(row["due_at"])
        due = f":{moment(when)}"
    elif row["due_on"]:
        when = date.fromisoformat(row["due_on"])
        due = f";VALUE=DATE:{when:%Y%m%d}"
    if when is not None:
        if row["every"]:  # a rule counts from the beginning
            yield f"DTSTART{due}"
            yield f"RRULE:{rule_of(row['every'])}"
        yield f"DUE{due}"
    yield f"PRIORITY:{_PRIORITY.get(row['priority'], '5')}"
    if row["done_at"]:
        yield f"COMPLETED:{moment(datetime.fromisoformat(row['done_at']))}"
    yield f"STATUS:{'COMPLETED' if row['done_at'] else 'NEEDS-ACTION'}"
    yield from _beside(row, description=True)
    yield "END:VTODO"


def _interaction(row: dict[str, Any]) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield from _identity(row)
    summary, _, rest = (row["text"] or "").partition("\n")
    yield f"SUMMARY:{escaped(summary)}"
    if rest:
        yield f"DESCRIPTION:{escaped(rest)}"
    yield f"DTSTART:{moment(datetime.fromisoformat(row['at']))}"
    if row["duration_minutes"]:
        yield f"DURATION:PT{row['duration_minutes']}M"
    yield f"X-CRM-CHANNEL:{escaped(row['channel'])}"
    for name in ("direction", "outcome"):
        if row[name]:
            yield f"X-CRM-{name.upper()}:{escaped(row[name])}"
    yield from _beside(row, description=False)
    yield "END:VEVENT"


def _identity(row: dict[str, Any]) -> Iterator[str]:
    """The UID under which another calendar knows it, else the record's own; one of a series has its own too."""
    foreign = row["external_id"] if row["external_source"] == SOURCE and "/" not in (row["external_id"] or "/") else ""
    yield f"UID:{escaped(foreign or row['uuid'])}"
    yield f"{OUR_ID}:{row['uuid']}"
    yield f"DTSTAMP:{moment(datetime.fromisoformat(row['updated_at']).astimezone(UTC))}"
    yield f"CREATED:{moment(datetime.fromisoformat(row['created_at']).astimezone(UTC))}"
    yield f"LAST-MODIFIED:{moment(datetime.fromisoformat(row['updated_at']).astimezone(UTC))}"


def _beside(row: dict[str, Any], *, description: bool) -> Iterator[str]:
    custom = row["custom"] or {}
    if description and custom.get("description"):
        yield f"DESCRIPTION:{escaped(str(custom['description']))}"
    if custom.get("location"):
        yield f"LOCATION:{escaped(str(custom['location']))}"
    for name in ("customer", "deal"):
        if row[name]:
            yield f"X-CRM-{name.upper()}:{escaped(row[name])}"


def rule_of(every: str) -> str:
    """The RRULE of a recurrence: `2w`, `1mo`, `mon,thu`, or a rule already."""
    if "=" in every:
        return every
    found = re.fullmatch(r"([0-9]+)(d|w|mo|y)", every)
    if not found:
        return "FREQ=WEEKLY;BYDAY=" + ",".join(day[:2].upper() for day in every.split(","))
    return f"FREQ={_UNITS[found[2]]}" + (f";INTERVAL={found[1]}" if found[1] != "1" else "")
