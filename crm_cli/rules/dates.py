"""Dates as people type them, in a strict grammar of our own: what has two readings is refused with both."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

from crm_cli.errors import Misuse
from crm_cli.rules import datewords, datewords_zh
from crm_cli.rules.clock import clock_of, span_of_hours, splits, time_alone
from crm_cli.rules.datewords import Asked
from crm_cli.rules.days import (
    When,
    add_months,
    from_utc_text,
    local,
    local_day_start,
    month_length,
    spell_day,
    spell_when,
    to_utc_text,
)
from crm_cli.rules.durations import parse_days, parse_minutes
from crm_cli.rules.typed import fold, nearest

__all__ = [
    "FIRST_DAY",
    "LAST_DAY",
    "When",
    "add_months",
    "from_utc_text",
    "local_day_start",
    "parse_day",
    "parse_days",
    "parse_minutes",
    "parse_moment",
    "parse_span",
    "parse_when",
    "spell_day",
    "spell_when",
    "to_utc_text",
]

_ISO_MOMENT = (
    r"([0-9]{4,9})([-/.])([0-9]{1,2})\2([0-9]{1,2})[t @]"
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)? ?(z|[+-][0-9]{2}:?[0-9]{2})?"
)
# A day of margin at both ends, so that every zone has the moments of the days that are kept.
FIRST_DAY = date(1, 1, 2)
LAST_DAY = date(9999, 12, 30)
_NOW = ("now", "现在", "此刻", "刚才", "刚刚")
_ISO_LIKE = r"([0-9]{1,9})([-/.]| ?年)([0-9]{1,9})"


def parse_when(text: str, *, now: datetime, ahead: bool) -> When:
    """The day, and the moment where a time of day was typed.

    `now` is aware and local. With `ahead` weekdays and days without a year are looked for in the future, otherwise in
    the past. Misuse names what is ambiguous, does not exist or cannot be read.
    """
    typed = fold(text).lower()
    try:
        found = _read(typed, now, Asked(now.date(), ahead))
    except ValueError:
        raise _no_such_day(typed, now) from None
    except OverflowError:
        raise _outside(typed) from None
    if found is None:
        raise _not_a_date(typed)
    if not FIRST_DAY <= found.day <= LAST_DAY:
        raise _outside(typed)
    return found


def parse_day(text: str, *, now: datetime, ahead: bool) -> date:
    """The day; Misuse as parse_when, and for a time of day."""
    when = parse_when(text, now=now, ahead=ahead)
    if when.at:
        raise Misuse(
            '"{value}" has a time of day, and only a day fits here. Type {day}.',
            instead=(text.strip(), when.day.isoformat()),
            value=text.strip(),
            day=when.day.isoformat(),
        )
    return when.day


def parse_moment(text: str, *, now: datetime, ahead: bool) -> datetime:
    """The aware moment: of a day alone it is noon, of today alone it is now. Misuse as parse_when."""
    when = parse_when(text, now=now, ahead=ahead)
    if when.at:
        return when.at
    if when.day == now.date():
        return now
    return local(when.day, time(12), now.tzinfo)


def parse_span(text: str, *, now: datetime, ahead: bool) -> tuple[date, date]:
    """First and last day of `2026-10`, `2026`, `2026-Q3`, `last month`, 本周; twice the day of what parse_day takes."""
    typed = fold(text).lower()
    asked = Asked(now.date(), ahead)
    try:
        span = _span(typed, asked)
    except ValueError:
        raise _no_such_day(typed, now) from None
    except OverflowError:
        raise _outside(typed) from None
    if span and not FIRST_DAY <= span[0] <= span[1] <= LAST_DAY:
        raise _outside(typed)
    if span:
        return span
    day = parse_day(text, now=now, ahead=ahead)
    return day, day


def _span(typed: str, asked: Asked) -> tuple[date, date] | None:
    """The span of an English or Chinese text, None when it is none."""
    found = datewords.english_span(typed, asked)
    return found if found or typed.isascii() else datewords_zh.chinese_span(_close(typed), asked)


def _read(typed: str, now: datetime, asked: Asked) -> When | None:
    """The day and moment, None when it is none; ValueError and OverflowError where the calendar has none."""
    found = re.fullmatch(_ISO_MOMENT, typed)
    if found:
        return _iso_moment(found, now)
    if typed in _NOW:
        return When(now.date(), now)
    close = _close(typed)
    span = span_of_hours(close)
    if span is not None:
        at = (now.astimezone(UTC) + span).astimezone(now.tzinfo)
        return When(at.date(), at)
    day = _day(close, asked)
    if day:
        return When(day, None)
    clock = time_alone(close)
    if clock is not None:
        return When(asked.today, local(asked.today, clock, now.tzinfo))
    return _split(close, now, asked)


def _close(typed: str) -> str:
    """Chinese without the spaces between its words: 3 天后 is 3天后. Digits stay apart."""
    return typed if typed.isascii() else re.sub(r"(?<![0-9]) | (?![0-9])", "", typed)


def _day(typed: str, asked: Asked) -> date | None:
    """The day of an English or Chinese text without a time."""
    found = datewords.english_day(typed, asked)
    if found is None and not typed.isascii():
        found = datewords_zh.chinese_day(typed, asked)
    if found is None and _span(typed, asked):
        _refuse_span(typed, asked)
    return found


def _split(typed: str, now: datetime, asked: Asked) -> When | None:
    """A day with a time of day behind it."""
    for day_text, clock_text in splits(typed):
        day = _day(day_text, asked)
        clock = time_alone(clock_text) if day else None
        if day and clock is not None:
            return _local_when(day, clock, now)
    return None


def _local_when(day: date, clock: time, now: datetime) -> When:
    """The moment of a wall clock, and the day on which it really is."""
    at = local(day, clock, now.tzinfo)
    return When(at.date(), at)


def _iso_moment(found: re.Match[str], now: datetime) -> When:
    """`2026-12-01T14:00`, with or without `Z` or an offset; the day is the local one."""
    year, _, month, day, hour, minute, second, offset = found.groups()
    wall = clock_of(int(hour), int(minute), int(second or 0), f"{hour}:{minute}")
    on = date(int(year), int(month), int(day))
    if not offset:
        return _local_when(on, wall, now)
    at = datetime.combine(on, wall, _zone(offset)).astimezone(UTC).astimezone(now.tzinfo)
    return When(at.date(), at)


def _zone(offset: str) -> timezone:
    """The zone of `z`, `+08:00` or `+0800`."""
    if offset == "z":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    if hours > 14 or minutes > 59:
        raise Misuse(
            '"{value}" is not a difference to UTC. Type Z, or +08:00 or another one from -14:00 to +14:00.',
            value=offset,
        )
    span = timedelta(hours=hours, minutes=minutes)
    return timezone(-span if offset[0] == "-" else span)


def _refuse_span(typed: str, asked: Asked) -> None:
    """A whole month where a day is meant."""
    span = _span(typed, asked)
    if span:
        raise Misuse(
            '"{value}" is more than one day. Type a single day, such as {first} or {last}.',
            instead=(typed, span[0].isoformat(), span[1].isoformat()),
            value=typed,
            first=span[0].isoformat(),
            last=span[1].isoformat(),
        )


def _no_such_day(typed: str, now: datetime) -> Misuse:
    """The error for 2026-02-30, with a day that does exist."""
    found = re.match(_ISO_LIKE, typed)
    iso = now.date().isoformat()
    if found and 1000 <= int(found[1]) <= 9999 and 1 <= int(found[3]) <= 12:
        year, month = int(found[1]), int(found[3])
        iso = f"{year:04}-{month:02}-{month_length(year, month)}"
    return Misuse(
        '"{value}" does not exist in the calendar. Type a day that does, such as {iso}.',
        value=typed,
        iso=iso,
    )


def _outside(typed: str) -> Misuse:
    """The error for what lies outside the years that can be kept."""
    return Misuse(
        '"{value}" is outside the calendar. Type a day from {first} to {last}.',
        value=typed,
        first=FIRST_DAY.isoformat(),
        last=LAST_DAY.isoformat(),
    )


def _not_a_date(typed: str) -> Misuse:
    """The error for a text that is no date, with the word that was probably meant."""
    meant = nearest(typed, datewords.WORDS) if typed.isascii() else nearest(typed, datewords_zh.WORDS)
    if meant:
        instead = (typed, meant)
        return Misuse('"{value}" is not a date. Did you mean {meant}?', instead=instead, value=typed, meant=meant)
    return Misuse(
        '"{value}" is not a date. Type one such as 2026-12-01, tomorrow, fri, +3d, end of month or 24 dec.',
        hint="A time goes behind the day: fri@14:00. Chinese works too: 明天, 下周三, 3天后, 周五下午2点.",
        value=typed,
    )
