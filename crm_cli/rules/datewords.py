"""English days: `tomorrow`, `fri`, `+3d`, `end of next month`, `24 dec`, and the numbers that are refused by name."""

import re
from datetime import date
from typing import NamedTuple, NoReturn

from crm_cli.errors import Misuse
from crm_cli.rules.clock import COUNT, count
from crm_cli.rules.days import (
    MONTH_NAMES,
    WEEKDAY_NAMES,
    add_days,
    add_units,
    month_length,
    period,
)

_ISO = r"([0-9]{4,9})([-/.])([0-9]{1,2})\2([0-9]{1,2})"
_UNIT = r"(days?|d|weeks?|wks?|w|months?|mo|quarters?|q|years?|yrs?|y)"
_PERIOD = r"(?:the )?(?:(this|next|last|previous) )?(week|month|quarter|year)"
_RELATIVE = {"this": 0, "next": 1, "last": -1, "previous": -1, None: 0}
_ENDS = {"eow": "week", "eom": "month", "eoq": "quarter", "eoy": "year"}
_PLAIN = {
    "today": 0,
    "tomorrow": 1,
    "yesterday": -1,
    "day after tomorrow": 2,
    "the day after tomorrow": 2,
    "day before yesterday": -2,
    "the day before yesterday": -2,
}
WORDS = (*_PLAIN, *WEEKDAY_NAMES, *MONTH_NAMES, "end of month", "end of next month", "end of year", "next week", "now")


class Asked(NamedTuple):
    """What a reading hangs on: today's day, and whether what is meant lies ahead or behind."""

    today: date
    ahead: bool


def english_day(text: str, asked: Asked) -> date | None:
    """The day of an English or ISO text, None when it is none; ValueError for a day that does not exist."""
    found = re.fullmatch(_ISO, text)
    if found:
        return date(int(found[1]), int(found[3]), int(found[4]))
    if text in _PLAIN:
        return add_days(asked.today, _PLAIN[text])
    if text[-1:].isdigit() or text[:1].isdigit():
        numbered = _numbers(text, asked)
        if numbered:
            return numbered
    return (
        _weekday(text, asked)
        or _offset(text, asked)
        or _end_or_start(text, asked)
        or _month_day(text, asked)
        or _spelled(text, asked)
    )


def english_span(text: str, asked: Asked) -> tuple[date, date] | None:
    """First and last day of `2026`, `2026-10`, `2026-Q3`, `dec 2026`, `last month`; None when it is no span."""
    found = re.fullmatch(r"([0-9]{4})(?:[-/.]([0-9]{1,2}))?", text)
    if found:
        return month_span(int(found[1]), int(found[2]), 1) if found[2] else month_span(int(found[1]), 1, 12)
    found = re.fullmatch(r"([0-9]{4})[- ]?q([0-9])", text)
    if found:
        return quarter_span(int(found[1]), int(found[2]))
    found = re.fullmatch(r"q([0-9])[- ]?([0-9]{4})", text)
    if found:
        return quarter_span(int(found[2]), int(found[1]))
    found = re.fullmatch(r"([a-z]{3,9}) ([0-9]{4})", text)
    if found and found[1] in MONTH_NAMES:
        return month_span(int(found[2]), MONTH_NAMES[found[1]], 1)
    found = re.fullmatch(_PERIOD, text)
    if found and found[1]:
        return period(found[2], _RELATIVE[found[1]], asked.today)
    return None


def month_span(year: int, month: int, months: int) -> tuple[date, date]:
    """First and last day of so many months; ValueError for a month or year that does not exist."""
    first = date(year, month, 1)
    last = month + months - 1
    return first, date(year, last, month_length(year, last))


def quarter_span(year: int, quarter: int) -> tuple[date, date]:
    """First and last day of a quarter; ValueError unless it is 1 to 4."""
    return month_span(year, quarter * 3 - 2 if 1 <= quarter <= 4 else 0, 3)


def day_of_month(month: int, day: int, asked: Asked) -> date:
    """The next such day of any year, or the latest one; today counts. ValueError for 30 February."""
    step = 1 if asked.ahead else -1
    for year in range(asked.today.year, asked.today.year + 9 * step, step):
        if not 1 <= year <= 9999:
            break
        if (month, day) == (2, 29) and month_length(year, 2) == 28:
            continue
        found = date(year, month, day)
        if (found >= asked.today) if asked.ahead else (found <= asked.today):
            return found
    raise OverflowError("year out of range")


def refuse_today(text: str, asked: Asked, words: tuple[str, str]) -> NoReturn:
    """Today's own weekday has two readings; `words` says today and the other one in the language of the text."""
    raise Misuse(
        '"{value}" is today\'s own weekday. Type {today} for {today_on} or {other} for {other_on}.',
        instead=(text, *words),
        value=text,
        today=words[0],
        today_on=asked.today.isoformat(),
        other=words[1],
        other_on=add_days(asked.today, 7 if asked.ahead else -7).isoformat(),
    )


def near_weekday(weekday: int, asked: Asked) -> date:
    """The next such weekday strictly after today, or the last one strictly before."""
    if asked.ahead:
        return add_days(asked.today, (weekday - asked.today.weekday() - 1) % 7 + 1)
    return add_days(asked.today, -((asked.today.weekday() - weekday - 1) % 7 + 1))


def refuse_two(text: str, one: date, other: date) -> NoReturn:
    """Two readings: both are named and neither is taken."""
    raise Misuse(
        '"{value}" could be {one} or {other}. Type one of them.',
        instead=(text, one.isoformat(), other.isoformat()),
        value=text,
        one=one.isoformat(),
        other=other.isoformat(),
    )


def refuse_months_or_minutes(text: str, sign_and_number: str) -> NoReturn:
    """`3m`: months or minutes."""
    raise Misuse(
        '"{value}" could be months or minutes. Type {months} for months or {minutes} for minutes.',
        instead=(text, sign_and_number + "mo", sign_and_number + "min"),
        value=text,
        months=sign_and_number + "mo",
        minutes=sign_and_number + "min",
    )


def _weekday(text: str, asked: Asked) -> date | None:
    """`fri`, `next fri`, `last fri`, `this fri`."""
    which, _, name = text.rpartition(" ")
    if name not in WEEKDAY_NAMES or which not in ("", "next", "last", "this"):
        return None
    weekday = WEEKDAY_NAMES[name]
    if which == "this":
        return _this_weekday(text, weekday, asked)
    if which == "":
        if weekday == asked.today.weekday():
            refuse_today(text, asked, ("today", f"{'next' if asked.ahead else 'last'} {name}"))
        return near_weekday(weekday, asked)
    near = near_weekday(weekday, asked._replace(ahead=which == "next"))
    monday, sunday = period("week", 0, asked.today)
    if monday <= near <= sunday:
        refuse_two(text, near, add_days(near, 7 if which == "next" else -7))
    return near


def _this_weekday(text: str, weekday: int, asked: Asked) -> date:
    """The day of this calendar week; one that is over has two readings for what is to come."""
    day = add_days(period("week", 0, asked.today)[0], weekday)
    if asked.ahead and day < asked.today:
        refuse_two(text, day, add_days(day, 7))
    return day


def _offset(text: str, asked: Asked) -> date | None:
    """`+3d`, `-90d`, `in 3 days`, `2 weeks ago`; `3d` alone only for what is to come."""
    minutes = re.fullmatch(r"(in )?([+-]?)([0-9]+) ?m( ago)?", text)
    if minutes:
        back = "-" if minutes[4] else minutes[2] or ("+" if asked.ahead or minutes[1] else "-")
        refuse_months_or_minutes(text, back + minutes[3])
    found = re.fullmatch(rf"([+-]) ?([0-9]+) ?{_UNIT}", text)
    if found:
        return _moved(asked, int(found[2]), found[3], found[1] == "-")
    found = re.fullmatch(rf"(in )?{COUNT} ?{_UNIT}( ago| from now)?", text)
    if not found or (found[1] and found[4]):
        return None
    if not found[1] and not found[4] and not asked.ahead:
        n, unit = count(found[2]), found[3]
        refuse_two(text, _moved(asked, n, unit, True), _moved(asked, n, unit, False))
    return _moved(asked, count(found[2]), found[3], found[4] == " ago")


def _moved(asked: Asked, n: int, unit: str, back: bool) -> date:
    """Today and so many units; the unit as it was typed."""
    short = "mo" if unit.startswith("mo") else unit[0]
    return add_units(asked.today, -n if back else n, short)


def _end_or_start(text: str, asked: Asked) -> date | None:
    """`end of month`, `end of next month`, `start of next year`, `eom`; `next week` is its first day."""
    if text in _ENDS:
        return period(_ENDS[text], 0, asked.today)[1]
    found = re.fullmatch(rf"(end|start|beginning) of {_PERIOD}", text)
    if found:
        return period(found[3], _RELATIVE[found[2]], asked.today)[1 if found[1] == "end" else 0]
    found = re.fullmatch(r"next (week|month|quarter|year)", text)
    return period(found[1], 1, asked.today)[0] if found else None


def _month_day(text: str, asked: Asked) -> date | None:
    """`24 dec`, `dec 24`, `24. dec`, `24th of december 2026`."""
    first = re.fullmatch(r"([0-9]{1,2})(?:st|nd|rd|th|\.)?[ -]?(?:of )?([a-z]{3,9})\.?(?:,? |-)?([0-9]{4})?", text)
    if first:
        return _named(first[2], first[1], first[3], asked)
    second = re.fullmatch(r"([a-z]{3,9})\.?[ -]?([0-9]{1,2})(?:st|nd|rd|th)?(?:(?:,? |,)([0-9]{4}))?", text)
    return _named(second[1], second[2], second[3], asked) if second else None


def _named(name: str, day: str, year: str | None, asked: Asked) -> date | None:
    """The day of a month by name; without a year the nearest in the direction asked."""
    if name not in MONTH_NAMES:
        return None
    if year:
        return date(int(year), MONTH_NAMES[name], int(day))
    return day_of_month(MONTH_NAMES[name], int(day), asked)


def _spelled(text: str, asked: Asked) -> date | None:
    """`Fri 2026-11-27`, as the program itself spells a day; a weekday that is another one is refused."""
    found = re.fullmatch(r"([a-z]+),? ([0-9./-]+)", text)
    if not found or found[1] not in WEEKDAY_NAMES:
        return None
    day = english_day(found[2], asked)
    if day:
        check_weekday(text, day, WEEKDAY_NAMES[found[1]])
    return day


def check_weekday(text: str, day: date, weekday: int) -> None:
    """Misuse when the day does not fall on the weekday typed beside it."""
    if day.weekday() != weekday:
        raise Misuse(
            '"{value}" has the wrong weekday. Type {day} alone if the day is right.',
            instead=(text, day.isoformat()),
            value=text,
            day=day.isoformat(),
        )


def _numbers(text: str, asked: Asked) -> date | None:
    """`31.12.2026` has one reading; `05/06`, `05/06/2026`, `27.08`: the order of day and month is never guessed."""
    found = re.fullmatch(r"([0-9]{1,2})([-/.])([0-9]{1,2})(?:\2([0-9]{4}|[0-9]{2}))?\.?", text)
    if not found:
        return None
    first, second = int(found[1]), int(found[3])
    year = int(found[4]) + (2000 if len(found[4]) == 2 else 0) if found[4] else None
    days = sorted({day for day in (_try(first, second, year, asked), _try(second, first, year, asked)) if day})
    if len(days) == 2:
        refuse_two(text, days[0], days[1])
    if not days:
        raise ValueError("no such day")
    if found[4] and len(found[4]) == 4:
        return days[0]
    raise Misuse(
        '"{value}" may be no day at all. Type it in full, as {iso}.',
        instead=(text, days[0].isoformat()),
        value=text,
        iso=days[0].isoformat(),
    )


def _try(month: int, day: int, year: int | None, asked: Asked) -> date | None:
    """The day of one reading, None when there is none."""
    try:
        return date(year, month, day) if year is not None else day_of_month(month, day, asked)
    except (ValueError, OverflowError):
        return None
