"""What one event or task of a calendar says, as the cells of interactions and tasks."""

import hashlib
import json
import re
from collections import deque
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import islice
from typing import Any

from crm_cli.errors import Misuse
from crm_cli.formats.contentlines import Line, unescape
from crm_cli.formats.zones import named
from crm_cli.i18n import said, t

OUR_ID = "X-CRM-UUID"  # what an export of ours says beside the UID
_SHARED = "id uuid text correspondents customer deal external_source external_id created_at updated_at custom".split()
INTERACTION = [*_SHARED, "channel", "direction", "at", "duration_minutes", "outcome"]
TASK = [*_SHARED, "due_on", "due_at", "priority", "every", "done_at", "status"]
SOURCE = "ical"
When = date | datetime

_TIME = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d):?(\d\d)?(Z|[+-]\d\d:?\d\d)?)?", re.IGNORECASE)
_SPAN = re.compile(r"([+-]?)P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.IGNORECASE)
_PAST_KEPT = 100  # times of one series that become interactions, the latest ones
_MOST_TRIED = 20_000  # times of one series that are reckoned
_LONGEST_ID = 200


class Unreadable(Exception):
    """An event or task that cannot be taken: the line, the sentence and its holes."""

    def __init__(self, line: int, sentence: str, **holes: object) -> None:
        super().__init__(sentence)
        self.line, self.sentence, self.holes = line, sentence, holes


class Zones:
    """Time zones of a file; a time without one is that of the user, also where its zone is unknown."""

    def __init__(self, local: tzinfo) -> None:
        self.local = local
        self.own: dict[str, tzinfo] = {}
        self.unknown: set[str] = set()

    def of(self, name: str) -> tzinfo:
        """A zone by the name that a time gives it."""
        found = named(name) or self.own.get(name)
        if found is None:
            self.unknown.add(name)
        return found or self.local


class Component:
    """An event, a task or another part of a calendar: its own properties by name."""

    def __init__(self, name: str, line: int) -> None:
        self.name = name
        self.line = line
        self.lines: dict[str, list[Line]] = {}
        self.raw: list[str] = []
        self.fault: tuple[int, str, dict[str, object]] | None = None

    def value(self, name: str) -> str:
        """The first value of a property, as it was written."""
        return self.lines[name][0].value.strip() if name in self.lines else ""

    def text(self, name: str) -> str:
        """The first value of a property that says something, as people read it."""
        return next((plain for line in self.lines.get(name, ()) if (plain := unescape(line.value).strip())), "")

    def time(self, name: str, zones: Zones) -> When | None:
        """A day or an aware moment."""
        return read_time(self.lines[name][0], self.value(name), zones) if self.value(name) else None

    def times(self, name: str, zones: Zones) -> list[When]:
        """All times of a property that may come several times; of a period its beginning. Odd ones are left out."""
        found = []
        for line in self.lines.get(name, ()):
            for piece in line.value.split(","):
                try:
                    found.append(read_time(line, piece.partition("/")[0].strip(), zones))
                except Unreadable:
                    continue
        return found


def read_time(line: Line, value: str, zones: Zones) -> When:
    """`20260314`, `20260314T093000`, with Z or a TZID. Unreadable for anything else."""
    found = _TIME.fullmatch(value)
    try:
        if found and not found[4]:
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found:
            hour, minute, second = int(found[4]), int(found[5]), min(int(found[6] or 0), 59)
            at = datetime(int(found[1]), int(found[2]), int(found[3]), hour, minute, second)
            if found[7]:
                return datetime.fromisoformat(at.isoformat() + found[7].upper().replace("Z", "+00:00"))
            return at.replace(tzinfo=zones.of(line.params["TZID"][0]) if line.params.get("TZID") else zones.local)
    except ValueError:
        pass
    raise Unreadable(line.number, said("{name} is no time: {value}"), name=line.name, value=value[:60])


def moment_key(when: When | None, zones: Zones) -> str:
    """What tells the times of a series apart, in whatever zone they are written."""
    if when is None:
        return ""
    if not isinstance(when, datetime):
        return f"{when:%Y%m%d}"
    return f"{when.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _cell(when: When) -> str:
    return when.isoformat() if not isinstance(when, datetime) else when.astimezone(UTC).isoformat()


def _span(value: str) -> timedelta | None:
    found = _SPAN.fullmatch(value)
    if not found or not any(found.groups()[1:]):
        return None
    weeks, days, hours, minutes, seconds = (int(one or 0) for one in found.groups()[1:])
    try:
        return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return None


# ------------------------------------------------------------------ events


def event_rows(
    part: Component, zones: Zones, moved: dict[str, set[str]], now: datetime, tally: dict[str, int]
) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of an event: one, or for a series its past times and one recurring task for those to come."""
    start = part.time("DTSTART", zones)
    if start is None:
        raise Unreadable(part.line, said("This event has no time: DTSTART is missing."))
    uid, own = _identity(part, start, zones)
    rule = "".join(part.value("RRULE").split())
    if "RECURRENCE-ID" in part.lines or not (rule or "RDATE" in part.lines):
        yield _event(part, start, own, zones, now)
        return
    skipped = {moment_key(when, zones) for when in part.times("EXDATE", zones)} | moved.get(uid, set())
    past: deque[When] = deque(maxlen=_PAST_KEPT)
    coming: When | None = None
    count = 0
    for when in _series(part, start, rule, zones, tally):
        if moment_key(when, zones) in skipped:
            continue
        if _is_ahead(when, now):
            coming = when
            break
        past.append(when)
        count += 1
    if count > len(past):
        tally["older"] = tally.get("older", 0) + count - len(past)
    for when in past:
        yield _event(part, when, f"{uid}/{moment_key(when, zones)}", zones, now)
    if coming is not None:
        what, cells = _event(part, coming, own, zones, now)
        if rule:
            _repeat(cells, part, rule, start, zones, tally)
        yield what, cells


def _identity(part: Component, start: When | None, zones: Zones) -> tuple[str, str]:
    """The id of a series and of this part of it; without a UID one that the same text always gets."""
    uid = part.value("UID")
    if not uid or len(uid) > _LONGEST_ID - 20:
        told = uid or "\n".join([moment_key(start, zones), part.value("SUMMARY"), part.value("DESCRIPTION")])
        uid = hashlib.sha256(told.encode()).hexdigest()[:32]
    if "RECURRENCE-ID" not in part.lines:
        return uid, uid
    return uid, f"{uid}/{moment_key(part.time('RECURRENCE-ID', zones), zones)}"


def _is_ahead(when: When, now: datetime) -> bool:
    """Whether it is still to come; what takes a whole day is not over on that day."""
    return when > now if isinstance(when, datetime) else when >= now.date()


def _event(part: Component, when: When, own: str, zones: Zones, now: datetime) -> tuple[str, dict[str, str]]:
    cells = _shared(part, own)
    summary, description = part.text("SUMMARY"), part.text("DESCRIPTION")
    custom = {"location": part.text("LOCATION"), "url": part.text("URL")}
    if _is_ahead(when, now):
        cells["text"] = _title(part)
        custom["description"] = description if description != cells["text"] else ""
        cells["due_at" if isinstance(when, datetime) else "due_on"] = _cell(when)
        return "tasks", _finished(cells, custom)
    cells["text"] = "\n".join(piece for piece in (summary, description) if piece)
    cells["channel"], cells["at"] = part.text("X-CRM-CHANNEL") or "meeting", _cell(when)
    cells["direction"], cells["outcome"] = part.text("X-CRM-DIRECTION"), part.text("X-CRM-OUTCOME")
    if minutes := _minutes(part, zones):
        cells["duration_minutes"] = str(minutes)
    return "interactions", _finished(cells, custom)


def _minutes(part: Component, zones: Zones) -> int:
    """How long it takes; whole days say nothing of that."""
    start = part.time("DTSTART", zones)
    if not isinstance(start, datetime):
        return 0
    span = _span(part.value("DURATION"))
    if span is None:
        end = part.time("DTEND", zones)
        span = end - start if isinstance(end, datetime) else timedelta()
    return max(0, round(span.total_seconds() / 60))


def _title(part: Component) -> str:
    told = part.text("SUMMARY") or part.text("DESCRIPTION").partition("\n")[0] or part.text("LOCATION")
    return " ".join(told.split()) or t("(no title)")


# ------------------------------------------------------------------ series


def _series(part: Component, start: When, rule: str, zones: Zones, tally: dict[str, int]) -> Iterator[When]:
    """The times of a series in their order; where its rule cannot be reckoned, only the first."""
    more = part.times("RDATE", zones)
    try:
        times = _reckoned(start, rule, more)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError):
        tally["rule"] = tally.get("rule", 0) + 1
        times = iter([start])
    yield from islice(times, _MOST_TRIED)


def _reckoned(start: When, rule: str, more: list[When]) -> Iterator[When]:
    """By dateutil, on the clock of the place: ten o'clock stays ten o'clock when the clocks change."""
    from dateutil.rrule import rruleset, rrulestr

    zone = start.tzinfo if isinstance(start, datetime) else None
    timed = isinstance(start, datetime)
    naive = start.replace(tzinfo=None) if isinstance(start, datetime) else datetime(start.year, start.month, start.day)
    if re.search(r"INTERVAL=0+(?:;|$)", rule, re.IGNORECASE):
        raise ValueError("it never moves on")
    times = rruleset()
    times.rdate(naive)
    if rule:
        parsed: Any = rrulestr(_local_until(rule, zone), dtstart=naive)
        times.rrule(parsed)
    for when in more:
        if isinstance(when, datetime) == timed:
            at = when.astimezone(zone).replace(tzinfo=None) if isinstance(when, datetime) else None
            times.rdate(at or datetime(when.year, when.month, when.day))
    iterator = iter(times)
    first = next(iterator)  # what cannot be reckoned says so here

    def walk() -> Iterator[When]:
        yield _placed(first, zone, timed)
        for at in iterator:
            yield _placed(at, zone, timed)

    return walk()


def _placed(at: datetime, zone: tzinfo | None, timed: bool) -> When:
    return at.replace(tzinfo=zone) if timed else at.date()


def _local_until(rule: str, zone: tzinfo | None) -> str:
    """UNTIL on the clock of the place, where dateutil compares it with times that have no zone."""
    pieces = []
    for piece in rule.upper().removeprefix("RRULE:").split(";"):
        key, _, value = piece.partition("=")
        if key == "UNTIL" and value.endswith("Z") and zone is not None:
            until = datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).astimezone(zone)
            piece = f"UNTIL={until:%Y%m%dT%H%M%S}"
        elif key == "UNTIL":
            piece = f"UNTIL={value.removesuffix('Z')}"
        if piece:
            pieces.append(piece)
    return ";".join(pieces)


def _repeat(
    cells: dict[str, str], part: Component, rule: str, start: When, zones: Zones, tally: dict[str, int]
) -> None:
    """The recurrence of a task; one that tasks cannot have is kept beside it as it was written."""
    from crm_cli.rules.recurrence import parse_every

    custom = json.loads(cells.get("custom", "{}"))
    try:
        every = _without_count(rule, start)
        cells["every"] = _shortest(parse_every(every))
    except (Misuse, ValueError, TypeError, OverflowError, IndexError):
        tally["rule"] = tally.get("rule", 0) + 1
        custom["rrule"] = rule[:_LONGEST_ID]
    if excepted := part.times("EXDATE", zones):
        days = sorted({f"{when:%Y-%m-%d}" for when in excepted})
        custom["except"] = "; ".join(days[-50:])
    if custom:
        cells["custom"] = json.dumps(custom, ensure_ascii=False)


_UNITS = {"DAILY": "d", "WEEKLY": "w", "MONTHLY": "mo", "YEARLY": "y"}


def _shortest(every: str) -> str:
    """`FREQ=WEEKLY;INTERVAL=2` is `2w`, and a rule of weekdays their names, as people type them."""
    found = re.fullmatch(r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(?:;INTERVAL=(\d+))?", every)
    if found:
        return f"{found[2] or 1}{_UNITS[found[1]]}"
    days = re.fullmatch(r"FREQ=WEEKLY;BYDAY=((?:[A-Z]{2},?)+)", every)
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return ",".join(name for name in names if name[:2].upper() in days[1].split(",")) if days else every


def _without_count(rule: str, start: When) -> str:
    """A COUNT is reckoned from the first time, which is gone by now: its last day as UNTIL."""
    if "COUNT=" not in rule.upper():
        return rule
    last = next(iter(deque(islice(_reckoned(start, rule, []), _MOST_TRIED), maxlen=1)), None)
    pieces = [piece for piece in rule.upper().split(";") if not piece.startswith("COUNT=")]
    return ";".join([*pieces, f"UNTIL={last:%Y%m%d}"] if last else pieces)


# ------------------------------------------------------------------ tasks


def todo_row(part: Component, zones: Zones) -> Iterator[tuple[str, dict[str, str]]]:
    """The row of a task; it is done where the calendar says so."""
    due = part.time("DUE", zones)
    begins = part.time("DTSTART", zones)
    span = _span(part.value("DURATION"))
    if due is None and begins is not None:
        due = begins + span if span and isinstance(begins, datetime) else begins
    cells = _shared(part, _identity(part, due, zones)[1])
    cells["text"] = _title(part)
    description = part.text("DESCRIPTION")
    if due is not None:
        cells["due_at" if isinstance(due, datetime) else "due_on"] = _cell(due)
    cells["priority"] = _priority(part.value("PRIORITY"))
    done = part.time("COMPLETED", zones)
    if done is not None:
        cells["done_at"] = _cell(done)
    elif part.value("STATUS").upper() == "COMPLETED" or part.value("PERCENT-COMPLETE") == "100":
        cells["status"] = "done"
    custom = {"description": description if description != cells["text"] else ""}
    custom |= {"location": part.text("LOCATION"), "url": part.text("URL")}
    cells = _finished(cells, custom)
    if (rule := "".join(part.value("RRULE").split())) and due is not None:
        _repeat(cells, part, rule, due, zones, {})
    yield "tasks", cells


def _priority(value: str) -> str:
    """1 to 4 are high, 5 is normal, 6 to 9 are low; 0 says nothing."""
    if not value.isdigit() or not int(value):
        return ""
    return "high" if int(value) < 5 else "normal" if int(value) == 5 else "low"


# ------------------------------------------------------------------ what both have


def _shared(part: Component, own: str) -> dict[str, str]:
    cells = {"uuid": part.value(OUR_ID), "customer": part.text("X-CRM-CUSTOMER"), "deal": part.text("X-CRM-DEAL")}
    if own != cells["uuid"]:
        cells["external_source"], cells["external_id"] = SOURCE, own
    for cell, name in (("created_at", "CREATED"), ("updated_at", "LAST-MODIFIED")):
        found = _TIME.fullmatch(part.value(name))
        if found and found[4]:
            zone = found[7] or "Z"
            cells[cell] = f"{found[1]}-{found[2]}-{found[3]}T{found[4]}:{found[5]}:{found[6] or '00'}{zone.upper()}"
    if people := _addresses(part):
        cells["correspondents"] = json.dumps(people, ensure_ascii=False)
    return cells


def _addresses(part: Component) -> list[list[str]]:
    """Who takes part, by e-mail: what they are, their name, their address."""
    found = []
    for name, part_of in (("ORGANIZER", "from"), ("ATTENDEE", "to")):
        for line in part.lines.get(name, ()):
            value = unescape(line.value).strip()
            mail = next(iter(line.params.get("EMAIL", ())), "") or re.sub("(?i)^mailto:", "", value)
            if "@" in mail:
                found.append([part_of, next(iter(line.params.get("CN", ())), "")[:200], mail[:254]])
    return found[:500]


def _finished(cells: dict[str, str], custom: dict[str, Any]) -> dict[str, str]:
    kept = {key: value[:5000] for key, value in custom.items() if value}
    if kept:
        cells["custom"] = json.dumps(kept, ensure_ascii=False)
    return {header: cell for header, cell in cells.items() if cell}
