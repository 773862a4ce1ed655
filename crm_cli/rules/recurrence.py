"""What comes again: `2w`, `month`, `mon,thu`, 每周一 or an RRULE; the next day of it, reckoned from the anchor."""

import re
from datetime import date, datetime
from typing import Any

from crm_cli.errors import Misuse
from crm_cli.rules.days import WEEKDAY_NAMES, WEEKDAYS, WEEKDAYS_ZH, add_days, add_months, month_length
from crm_cli.rules.typed import NUMERAL, fold, number

_WORKDAYS = "mon,tue,wed,thu,fri"
_WORDS = {
    "day": "1d", "daily": "1d", "week": "1w", "weekly": "1w", "month": "1mo", "monthly": "1mo",
    "quarter": "3mo", "quarterly": "3mo", "year": "1y", "yearly": "1y", "annually": "1y",
    "weekday": _WORKDAYS, "weekdays": _WORKDAYS, "workday": _WORKDAYS, "workdays": _WORKDAYS, "工作日": _WORKDAYS,
    "个工作日": _WORKDAYS, "双周": "2w", "半年": "6mo",
}  # fmt: skip
_UNITS_ZH = {"天": "d", "日": "d", "周": "w", "星期": "w", "礼拜": "w", "月": "mo", "季度": "q", "年": "y"}
_MOST = {"d": 36500, "w": 5200, "mo": 1200, "y": 100}
_MONTHS = {"mo": 1, "y": 12}
_NAMES = {"d": "day", "w": "week", "mo": "month", "y": "year"}
_NAMES_ZH = {"d": "天", "w": "周", "mo": "个月", "y": "年"}
NO_YEAR = 1604  # under which address books keep a birthday without its year; it has a 29 February
_LONGEST_RULE = 200
_RULE_PARTS = {
    "FREQ": r"DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": r"[1-9][0-9]{0,2}",
    "COUNT": r"[1-9][0-9]{0,3}",
    "UNTIL": r"[0-9]{8}(?:T[0-9]{6}Z?)?",
    "WKST": r"MO|TU|WE|TH|FR|SA|SU",
    "BYDAY": r"(?:[+-]?[1-9][0-9]?)?(?:MO|TU|WE|TH|FR|SA|SU)",
    "BYMONTH": r"[1-9]|1[0-2]",
    "BYMONTHDAY": r"[+-]?(?:[1-9]|[12][0-9]|3[01])",
    "BYYEARDAY": r"[+-]?(?:[1-9][0-9]?|[12][0-9][0-9]|3[0-5][0-9]|36[0-6])",
    "BYWEEKNO": r"[+-]?(?:[1-9]|[1-4][0-9]|5[0-3])",
    "BYSETPOS": r"[+-]?(?:[1-9][0-9]?|[12][0-9][0-9]|3[0-5][0-9]|36[0-6])",
}
# Where a rule is tried out: dateutil looks until the year 9999, so that a rule without any day ends soon here.
_TRIED_FROM = date(9960, 1, 1)


def parse_every(text: str) -> str:
    """The form that is kept: `2w`, `1mo`, `mon,thu`, or an RRULE without its prefix. Misuse for anything else."""
    if "freq=" in text.lower():
        return _rule(text)
    typed = fold(text).lower()
    bare = typed.removeprefix("every ").removeprefix("each ").removeprefix("每").strip()
    if bare.startswith("隔"):
        bare = _skipping(bare.removeprefix("隔"), typed)
    found = re.fullmatch(r"\+?([0-9]+) ?m", bare)
    if found:
        raise Misuse(
            '"{value}" could be months or minutes. Type {months} for months; minutes do not fit here.',
            value=typed,
            months=found[1] + "mo",
        )
    every = _WORDS.get(bare) or _interval(bare, typed) or _weekdays(bare)
    if not every:
        raise Misuse(
            '"{value}" does not say how often. Type one such as 2w, month, mon,thu or FREQ=MONTHLY;BYDAY=1MO.',
            value=typed,
        )
    return every


def next_day(every: str, *, anchor: date, after: date) -> date | None:
    """The first day of the recurrence strictly after `after`, never before the anchor; None when none is left.

    Each is reckoned from the anchor: from 31 January monthly come 28 February and 31 March.
    """
    if "=" in every:
        return _rule_next(every, anchor, after)
    found = re.fullmatch(r"([0-9]+)(d|w|mo|y)", every)
    try:
        if found:
            return _step_next(int(found[1]), found[2], anchor, after)
        days = {WEEKDAYS.index(name) for name in every.split(",")}
        day = max(add_days(after, 1), anchor)
        return next(near for n in range(7) if (near := add_days(day, n)).weekday() in days)
    except OverflowError:
        return None


def spell_every(every: str, language: str) -> str:
    """`every 2 weeks`, `every Mon, Thu`, 每2周; an RRULE as it is."""
    if "=" in every:
        return every
    found = re.fullmatch(r"([0-9]+)(d|w|mo|y)", every)
    if found:
        n, unit = int(found[1]), found[2]
        if language == "zh":
            return f"每{'' if n == 1 else n}{_NAMES_ZH[unit]}"
        return f"every {_NAMES[unit]}" if n == 1 else f"every {n} {_NAMES[unit]}s"
    names = every.split(",")
    if language == "zh":
        return "每" + "、".join("周" + WEEKDAYS_ZH[WEEKDAYS.index(name)] for name in names)
    return "every " + ", ".join(name.capitalize() for name in names)


def next_birthday(birthday: date, today: date) -> date:
    """The next birthday, today's counts; one on 29 February is on the 28th in common years."""
    this_year = _birthday_in(birthday, today.year)
    return this_year if this_year >= today or today.year == 9999 else _birthday_in(birthday, today.year + 1)


def _birthday_in(birthday: date, year: int) -> date:
    """The birthday of that year."""
    return date(year, birthday.month, min(birthday.day, month_length(year, birthday.month)))


def _interval(bare: str, typed: str) -> str | None:
    """`2w`, `2 weeks`, 2周, 两个月; Misuse for none or more than 100 years."""
    found = re.fullmatch(r"\+?([0-9]+) ?(?:(d|w|mo|q|y)|(day|week|month|quarter|year)s?)", bare)
    if found:
        n, unit = int(found[1]), found[2] or ("mo" if found[3] == "month" else found[3][0])
    else:
        found = re.fullmatch(f"({NUMERAL})? ?个?(天|日|周|星期|礼拜|月|季度|年)", bare)
        if not found:
            return None
        n, unit = number(found[1] or "1"), _UNITS_ZH[found[2]]
    if unit == "q":
        n, unit = 3 * n, "mo"
    if not 1 <= n <= _MOST[unit]:
        raise Misuse(
            '"{value}" is not between one day and 100 years. Type one such as 2w, 1mo or 1y.',
            value=typed,
        )
    return f"{n}{unit}"


def _skipping(rest: str, typed: str) -> str:
    """隔天, 每隔一周: every other one; 每隔两周 leaves two out, or comes every two: both are named."""
    found = re.fullmatch(f"({NUMERAL})?个?(天|日|周|星期|礼拜|月|年)", rest)
    if not found:
        return rest
    n, unit = number(found[1] or "1"), {"日": "天", "月": "个月"}.get(found[2], found[2])
    if n > 1:
        raise Misuse(
            '"{value}" could be {one} or {other}. Type one of them.',
            value=typed,
            one=f"每{n}{unit}",
            other=f"每{n + 1}{unit}",
        )
    return f"2{unit}"


def _weekdays(bare: str) -> str | None:
    """`mon`, `mon,thu`, `mondays and thursdays`, 周一, 周一、周四, 周一三五; in the order of the week, each once."""
    if not bare.isascii():
        return _weekdays_zh(bare)
    days = set()
    for word in re.split(r" ?, ?(?:and )?| and | ", bare):
        day = WEEKDAY_NAMES.get(word, WEEKDAY_NAMES.get(word.removesuffix("s")))
        if day is None:
            return None
        days.add(day)
    return ",".join(WEEKDAYS[day] for day in sorted(days))


def _weekdays_zh(bare: str) -> str | None:
    """The same in Chinese."""
    if not re.fullmatch(
        "(?:周|星期|礼拜)[一二三四五六日天](?:[、,和及 ]*(?:每?(?:周|星期|礼拜))?[一二三四五六日天])*", bare
    ):
        return None
    days = {WEEKDAYS_ZH.index("日" if sign == "天" else sign) for sign in re.findall("[一二三四五六日天]", bare)}
    return ",".join(WEEKDAYS[day] for day in sorted(days))


def _step_next(n: int, unit: str, anchor: date, after: date) -> date:
    """The first anchor + k*n units after `after`, k not negative. OverflowError beyond the year 9999."""
    if after < anchor:
        return anchor
    if unit in ("d", "w"):
        step = n * (7 if unit == "w" else 1)
        return add_days(anchor, ((after - anchor).days // step + 1) * step)
    step = n * _MONTHS[unit]
    k = ((after.year - anchor.year) * 12 + after.month - anchor.month) // step
    day = add_months(anchor, k * step)
    return day if day > after else add_months(anchor, (k + 1) * step)


def _rule(text: str) -> str:
    """A checked RRULE in upper case, without its prefix; an UNTIL keeps its day only."""
    rule = text.strip().upper().removeprefix("RRULE:").removesuffix(";")
    if len(rule) > _LONGEST_RULE:
        raise Misuse("The RRULE is longer than {longest} characters. Type a shorter one.", longest=_LONGEST_RULE)
    parts: dict[str, str] = {}
    for part in rule.split(";"):
        key, _, value = part.partition("=")
        _check_part(key, value, parts)
        parts[key] = value[:8] if key == "UNTIL" else value
    if "COUNT" in parts and "UNTIL" in parts:
        raise Misuse("An RRULE has COUNT or UNTIL, not both. Leave one of them out.")
    if parts.get("FREQ") == "DAILY" and "INTERVAL" in parts and "BYDAY" in parts:
        raise Misuse("BYDAY does not go with FREQ=DAILY and an INTERVAL. Type FREQ=WEEKLY with BYDAY instead.")
    canonical = ";".join(f"{key}={value}" for key, value in parts.items())
    _try_rule(parts, canonical)
    return canonical


def _check_part(key: str, value: str, seen: dict[str, str]) -> None:
    """One KEY=VALUE of a rule; a list only for the BY parts."""
    pattern = _RULE_PARTS.get(key)
    values = value.split(",") if key.startswith("BY") else [value]
    if pattern and key not in seen and all(re.fullmatch(pattern, one) for one in values):
        return
    if key == "FREQ" and key not in seen:
        raise Misuse(
            '"{value}" is not a frequency for a task. Type FREQ=DAILY, WEEKLY, MONTHLY or YEARLY.',
            value=value,
        )
    raise Misuse(
        '"{value}" is not a part of an RRULE that can be used. Type one such as FREQ=MONTHLY;BYDAY=1MO.',
        value=f"{key}={value}" if value else key,
        hint="Known are FREQ INTERVAL COUNT UNTIL WKST BYDAY BYMONTH BYMONTHDAY BYYEARDAY BYWEEKNO BYSETPOS.",
    )


def _try_rule(parts: dict[str, str], canonical: str) -> None:
    """Misuse when dateutil does not take the rule, or when it has no day in 40 years."""
    tried = ";".join(f"{key}={value}" for key, value in parts.items() if key not in ("UNTIL", "COUNT", "INTERVAL"))
    try:
        _dateutil(canonical, _TRIED_FROM)
        first = _dateutil(tried, _TRIED_FROM).after(_midnight(_TRIED_FROM), inc=True)
    except (ValueError, TypeError, OverflowError, IndexError):
        first = None
    if first is None:
        raise Misuse(
            '"{value}" names no day that exists. Type an RRULE such as FREQ=MONTHLY;BYDAY=1MO.',
            value=canonical,
        )


def _dateutil(rule: str, anchor: date) -> Any:
    """The rule as dateutil knows it; imported here, since only an RRULE needs it."""
    from dateutil.rrule import rrulestr

    return rrulestr(rule, dtstart=_midnight(anchor))


def _rule_next(every: str, anchor: date, after: date) -> date | None:
    """The next day of an RRULE."""
    try:
        found: datetime | None = _dateutil(every, anchor).after(_midnight(after))
    except (ValueError, OverflowError):
        return None
    return found.date() if found else None


def _midnight(day: date) -> datetime:
    """dateutil counts in naive moments."""
    return datetime(day.year, day.month, day.day)
