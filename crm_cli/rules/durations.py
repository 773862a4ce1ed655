"""Lengths of time as people type them: minutes of a call, days of a cadence."""

import re

from crm_cli.errors import Misuse
from crm_cli.rules.typed import NUMERAL, fold, number

LONGEST_MINUTES = 7 * 24 * 60
LONGEST_DAYS = 3650
_DAYS_OF = {"d": 1, "w": 7, "mo": 30, "y": 365, "天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30, "年": 365}
_HOURS_FIRST = r"([0-9]+)(?:[.]([0-9]+))? ?(?:h|hrs?|hours?)(?: ?([0-9]{1,2}) ?(?:m|mins?|minutes?)?)?"
_CHINESE = rf"(?:(半|{NUMERAL})个?(半)?(?:小时|钟头)(半)?)?(?:({NUMERAL})分钟?)?"


def parse_minutes(text: str) -> int:
    """Minutes of `15m`, `1h30`, `1.5h`, `90`, 半小时, 1小时30分, 一刻钟; at least 1, at most 7 days, else Misuse."""
    typed = fold(text).lower()
    minutes = _minutes(typed)
    if minutes is None:
        raise Misuse(
            '"{value}" is not a length of time in whole minutes. Type one such as 15m, 1h, 1h30m or 1.5h.',
            value=typed,
        )
    if not 1 <= minutes <= LONGEST_MINUTES:
        raise Misuse(
            '"{value}" is not a length from 1 minute to 7 days. Type one such as 15m or 1h30m.',
            value=typed,
        )
    return minutes


def parse_days(text: str) -> int:
    """Days of `30d`, `2w`, `1mo` (30), `1y` (365), `30`, 两周; 1 to 3650. Misuse otherwise, `3m` included."""
    typed = fold(text).lower()
    found = re.fullmatch(r"([0-9]+) ?m", typed)
    if found:
        raise Misuse(
            '"{value}" could be months or minutes. Type {months} for months; minutes do not fit here.',
            instead=(typed, found[1] + "mo"),
            value=typed,
            months=found[1] + "mo",
        )
    days = _days(typed)
    if days is None:
        raise Misuse(
            '"{value}" is not a number of days. Type one such as 30d, 2w, 1mo or 1y.',
            value=typed,
        )
    if not 1 <= days <= LONGEST_DAYS:
        raise Misuse(
            '"{value}" is not between 1 day and 3650 days. Type one such as 30d, 2w, 1mo or 1y.',
            value=typed,
        )
    return days


def _minutes(typed: str) -> int | None:
    """The minutes, unbounded; None when it is no length of time, or not a whole number of minutes."""
    found = re.fullmatch(r"([0-9]+) ?(?:m|mins?|minutes?)?", typed)
    if found:
        return int(found[1])
    found = re.fullmatch(_HOURS_FIRST, typed)
    if found:
        return _hours(found[1], found[2], found[3])
    close = typed.replace(" ", "")
    if not close.isascii():
        quarters = re.fullmatch("([一三])刻钟", close)
        if quarters:
            return 15 * number(quarters[1])
        decimal = re.fullmatch(r"([0-9]+)\.([0-9]+)个?(?:小时|钟头)", close)
        if decimal:
            return _hours(decimal[1], decimal[2], None)
        found = re.fullmatch(_CHINESE, close)
        return _chinese_minutes(found) if found else None
    return None


def _hours(whole: str, part: str | None, minutes: str | None) -> int | None:
    """Minutes of hours with a decimal part or with minutes, never both."""
    if not part:
        return int(whole) * 60 + int(minutes or 0) if int(minutes or 0) < 60 else None
    exact, rest = divmod(int(whole + part) * 60, 10 ** len(part))
    return None if rest or minutes else exact


def _chinese_minutes(found: re.Match[str]) -> int | None:
    """半小时, 一个半小时, 1小时30分, 15分钟."""
    hours, half, behind, minutes = found.groups()
    total = 30 if hours == "半" else 60 * number(hours) if hours else 0
    if (half or behind) and (hours == "半" or (half and behind)):
        return None
    return total + (30 if half or behind else 0) + (number(minutes) if minutes else 0)


def _days(typed: str) -> int | None:
    """The days, unbounded; None when it is no number of days."""
    found = re.fullmatch(r"([0-9]+) ?(?:(d|w|mo|y)|(day|week|month|year)s?)?", typed)
    if found:
        unit = found[2] or {"month": "mo"}.get(found[3], found[3][0] if found[3] else "d")
        return int(found[1]) * _DAYS_OF[unit]
    found = re.fullmatch(rf"(半|{NUMERAL}) ?个?(天|日|周|星期|礼拜|月|年)", typed)
    if not found:
        return None
    if found[1] == "半":
        return {"月": 15, "年": 182}.get(found[2])
    return number(found[1]) * _DAYS_OF[found[2]]
