"""The calendar itself: days, months, zones, and how a day or a moment is kept and spelled."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS_ZH = "一二三四五六日"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LONG_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
WEEKDAY_NAMES = (
    {name: n for n, name in enumerate(WEEKDAYS)}
    | {name: n for n, name in enumerate(_LONG_WEEKDAYS)}
    | {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}
)
MONTH_NAMES = (
    {name: n for n, name in enumerate(MONTHS, 1)} | {name: n for n, name in enumerate(_LONG_MONTHS, 1)} | {"sept": 9}
)
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}


class When(NamedTuple):
    """A day, and the aware local moment when a time of day was given."""

    day: date
    at: datetime | None


def add_days(day: date, n: int) -> date:
    """The day `n` days later. OverflowError outside the years 1 to 9999."""
    return day + timedelta(days=n)


def add_months(day: date, n: int) -> date:
    """The same day `n` months later, or the last of a shorter month. OverflowError outside the years 1 to 9999."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    if not 1 <= year <= 9999:
        raise OverflowError("year out of range")
    return date(year, month + 1, min(day.day, month_length(year, month + 1)))


def add_units(day: date, n: int, unit: str) -> date:
    """The day `n` units later; a unit is d, w, mo, q or y."""
    if unit in ("d", "w"):
        return add_days(day, n * (7 if unit == "w" else 1))
    return add_months(day, n * {"mo": 1, "q": 3, "y": 12}[unit])


def month_length(year: int, month: int) -> int:
    """How many days the month has."""
    return _LENGTHS[month - 1] + (month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))


def period(unit: str, offset: int, today: date) -> tuple[date, date]:
    """First and last day of the week (from Monday), month, quarter or year that is `offset` of them from today's."""
    if unit == "week":
        monday = add_days(today, 7 * offset - today.weekday())
        return monday, add_days(monday, 6)
    months = _MONTHS_OF[unit]
    first = add_months(date(today.year, (today.month - 1) // months * months + 1, 1), months * offset)
    last_month = first.month + months - 1
    return first, date(first.year, last_month, month_length(first.year, last_month))


def local(day: date, clock: time, tz: tzinfo | None) -> datetime:
    """The aware moment of a wall clock; one that a clock change skips moves forward, of a double one the first."""
    wall = datetime.combine(day, clock.replace(fold=0), tz)
    return wall.astimezone(UTC).astimezone(tz)


def local_day_start(day: date, tz: tzinfo | None) -> datetime:
    """The aware moment at which the day begins in the zone (01:00 where a clock change skips midnight)."""
    return local(day, time(), tz)


def to_utc_text(moment: datetime) -> str:
    """An aware moment as it is kept: `YYYY-MM-DDTHH:MM:SSZ`, always 20 characters."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone cannot be kept")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def from_utc_text(text: str, tz: tzinfo | None) -> datetime:
    """A kept moment as an aware one in the zone."""
    return datetime.fromisoformat(text).astimezone(tz)


def spell_day(day: date, language: str) -> str:
    """`Fri 2026-11-27`, or `2026-11-27 周五` in Chinese; both can be typed again."""
    if language == "zh":
        return f"{day.isoformat()} 周{WEEKDAYS_ZH[day.weekday()]}"
    return f"{WEEKDAYS[day.weekday()].capitalize()} {day.isoformat()}"


def spell_when(when: When, language: str) -> str:
    """The day as spell_day has it, with `HH:MM` behind it when a time was given."""
    day = spell_day(when.day, language)
    return f"{day} {when.at.hour:02}:{when.at.minute:02}" if when.at else day
