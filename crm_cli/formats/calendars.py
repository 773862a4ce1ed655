"""Calendars (RFC 5545, vCalendar 1.0) as tables: what was is an interaction, what is to come or to be done a task."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo

from crm_cli.errors import BadData
from crm_cli.formats.appointments import (
    INTERACTION,
    TASK,
    Component,
    Unreadable,
    Zones,
    event_rows,
    moment_key,
    todo_row,
)
from crm_cli.formats.contentlines import Letters, content_lines
from crm_cli.formats.encoding import Source
from crm_cli.formats.opening import Asked
from crm_cli.formats.spool import Spool, check_kind, tables
from crm_cli.formats.tabular import Table
from crm_cli.formats.zones import described
from crm_cli.i18n import said

_HEAVY = frozenset({b"ATTACH", b"X-ALT-DESC", b"IMAGE"})
_TAKEN = ("VEVENT", "VTODO")
_NAMED = re.compile("[A-Z0-9-]+")
_MOST_LINES = 10_000  # properties of one appointment
_NO_END = said("What begins here has no END:{name}.")
_TOLD = {
    "cancelled": said("Cancelled appointments and tasks that were left out: {n}"),
    "other": said("Journals and free or busy times that were left out: {n}"),
    "older": said("Earlier appointments of series that were left out: {n}"),
    "zone": said("Time zones that nobody knows, whose times were read as yours: {n}"),
    "rule": said("Recurrences that cannot be kept, of which the next one was taken: {n}"),
    "asked": said("Appointments and tasks of the other kind that were left out: {n}"),
}


def read_calendar(origin: Source, asked: Asked) -> Table:
    """The appointments and tasks of a file; those that cannot be read are refused one by one."""
    check_kind(asked.kind, ("interactions", "tasks"), origin.name)
    letters = Letters(origin, asked.encoding)
    now = asked.now or datetime.now(UTC)
    spools = {"interactions": Spool("interactions", INTERACTION), "tasks": Spool("tasks", TASK)}
    with origin.file:
        zones, moved, found = _survey(origin, letters, now.tzinfo or UTC)
        if not found:
            raise BadData("{name} holds no calendar.", hint="A calendar begins with BEGIN:VCALENDAR.", name=origin.name)
        tally: dict[str, int] = {}
        for part in _components(origin, letters):
            _take(part, spools, tally, zones, moved, now, asked.kind)
    if zones.unknown:
        tally["zone"] = len(zones.unknown)
    order = ["tasks", "interactions"] if asked.kind == "tasks" else ["interactions", "tasks"]
    return tables([spools[kind] for kind in order], letters.label, _TOLD, tally)


def _survey(origin: Source, letters: Letters, local: tzinfo) -> tuple[Zones, dict[str, set[str]], bool]:
    """What stands anywhere in the file and is needed everywhere: its zones, and which times of series were moved."""
    zones, found = Zones(local), False
    moved: dict[str, set[str]] = {}
    for part in _components(origin, letters, zones=True):
        found = True
        if part.name == "VTIMEZONE":
            zone = described(part.raw)
            if zone is not None and (name := part.value("TZID")):
                zones.own[name] = zone
    if found:
        for part in _components(origin, letters):
            if "RECURRENCE-ID" in part.lines and (uid := part.value("UID")):
                try:
                    moved.setdefault(uid, set()).add(moment_key(part.time("RECURRENCE-ID", zones), zones))
                except Unreadable:
                    continue
    return zones, moved, found


def _components(origin: Source, letters: Letters, *, zones: bool = False) -> Iterator[Component]:
    """Events and tasks, each with its own properties; what stands within them, as alarms, is left out.

    With `zones` also the others, calendars included.
    """
    current: Component | None = None
    depth = 0
    for line in content_lines(origin, letters, _HEAVY):
        mark = line.value.strip().upper() if line.name in ("BEGIN", "END") else ""
        if line.name == "BEGIN":
            if current is None:
                if zones and mark == "VCALENDAR":
                    yield Component(mark, line.number)
                elif mark != "VCALENDAR" and _NAMED.fullmatch(mark):
                    current, depth = Component(mark, line.number), 0
            elif mark in _TAKEN and current.name != "VTIMEZONE":
                if current.name in _TAKEN:
                    current.fault = (current.line, _NO_END, {"name": current.name})
                yield current
                current, depth = Component(mark, line.number), 0
            else:
                depth += 1
        if current is None:
            continue
        if current.name == "VTIMEZONE":
            parameters = "".join(f";{key}={','.join(values)}" for key, values in line.params.items())
            current.raw.append(f"{line.name}{parameters}:{line.value}")
        if line.name == "END":
            if depth and mark != current.name:
                depth -= 1
            else:
                if zones or current.name != "VTIMEZONE":
                    yield current
                current = None
        elif line.name != "BEGIN" and not depth:
            if line.fault and current.fault is None and line.name not in ("ATTACH", "IMAGE", "X-ALT-DESC"):
                current.fault = (line.number, line.fault, {})
            if sum(map(len, current.lines.values())) < _MOST_LINES:
                current.lines.setdefault(line.name, []).append(line)
    if current is not None:
        current.fault = (current.line, _NO_END, {"name": current.name})
        yield current


def _take(
    part: Component,
    spools: dict[str, Spool],
    tally: dict[str, int],
    zones: Zones,
    moved: dict[str, set[str]],
    now: datetime,
    kind: str | None,
) -> None:
    """One event or task to the kind that it is."""
    if part.name not in _TAKEN:
        tally["other"] = tally.get("other", 0) + 1
        return
    if part.value("STATUS").upper() == "CANCELLED":
        tally["cancelled"] = tally.get("cancelled", 0) + 1
        return
    home = spools["tasks" if part.name == "VTODO" or kind == "tasks" else "interactions"]
    if part.fault is not None:
        line, why, holes = part.fault
        home.turn_away(line, why, holes, {"text": part.text("SUMMARY")})
        return
    try:
        rows = list(todo_row(part, zones) if part.name == "VTODO" else event_rows(part, zones, moved, now, tally))
    except Unreadable as error:
        home.turn_away(error.line or part.line, error.sentence, error.holes, {"text": part.text("SUMMARY")})
        return
    for what, cells in rows:
        if kind is not None and what != kind:
            tally["asked"] = tally.get("asked", 0) + 1
        else:
            spools[what].add(part.line, cells)
