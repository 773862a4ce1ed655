"""Chinese days: 明天, 下周三, 3天后, 月底, 下个月3号, 12月24日."""

import re
from datetime import date

from crm_cli.rules.datewords import (
    Asked,
    check_weekday,
    day_of_month,
    english_day,
    month_span,
    near_weekday,
    quarter_span,
    refuse_today,
    refuse_two,
)
from crm_cli.rules.days import WEEKDAYS_ZH, add_days, add_months, add_units, month_length, period
from crm_cli.rules.typed import NUMERAL, number

_YEAR = "[0-9]{4}|[零〇一二三四五六七八九]{4}"
_PLAIN = {"今天": 0, "今日": 0, "明天": 1, "明日": 1, "后天": 2, "大后天": 3}
_PLAIN |= {"昨天": -1, "昨日": -1, "前天": -2, "大前天": -3}
_WEEK = "(?:周|星期|礼拜)"
_WEEKDAY = "([一二三四五六日天])"
_UNITS = {"周": "week", "星期": "week", "礼拜": "week", "月": "month", "季度": "quarter", "季": "quarter", "年": "year"}
_RELATIVE = "(本|这|当|上上|上|下下|下)个?"
_OFFSETS = {"本": 0, "这": 0, "当": 0, "上上": -2, "上": -1, "下下": 2, "下": 1}
_YEARS = {"今": 0, "本": 0, "去": -1, "明": 1, "前": -2, "后": 2}
_SHIFTS = {"天": "d", "日": "d", "周": "w", "星期": "w", "礼拜": "w", "月": "mo", "季度": "q", "年": "y"}
WORDS = (*_PLAIN, "周五", "下周三", "上周五", "月底", "下月底", "年底", "下周", "下个月", "现在")


def chinese_day(text: str, asked: Asked) -> date | None:
    """The day of a Chinese text, None when it is none; ValueError for a day that does not exist."""
    if text in _PLAIN:
        return add_days(asked.today, _PLAIN[text])
    return (
        _weekday(text, asked)
        or _shifted(text, asked)
        or _in_period(text, asked)
        or _month_day(text, asked)
        or _spelled(text, asked)
    )


def chinese_span(text: str, asked: Asked) -> tuple[date, date] | None:
    """First and last day of 本周, 上个月, 下季度, 去年, 2026年10月, 2026年第三季度; None when it is no span."""
    found = re.fullmatch(rf"({_YEAR}|[今本去明前后])年(?:({NUMERAL})月|第?([1-4一二三四])季度)?", text)
    if found:
        year = _year(found[1], asked)
        if found[3]:
            return quarter_span(year, number(found[3]))
        return month_span(year, number(found[2]), 1) if found[2] else month_span(year, 1, 12)
    found = re.fullmatch(f"(?:最近|近|过去)({NUMERAL}) ?个?(天|日|周|星期|礼拜|月|年)", text)
    if found:
        return add_units(asked.today, -number(found[1]), _SHIFTS[found[2]]), asked.today
    unit, offset, rest = _period_of(text)
    return period(unit, offset, asked.today) if unit and not rest else None


def _year(text: str, asked: Asked) -> int:
    """2026, 二〇二六, or the year that 今 去 明 mean."""
    if text in _YEARS:
        return asked.today.year + _YEARS[text]
    return int("".join(sign if sign.isascii() else str(number(sign)) for sign in text))


def _period_of(text: str) -> tuple[str, int, str]:
    """下个月底 -> ("month", 1, "底"): unit, offset and the rest; ("", 0, text) where no period begins the text."""
    year = re.match("([今本去明前后])年", text)
    if year:
        return "year", _YEARS[year[1]], text[year.end() :]
    found = re.match(f"{_RELATIVE}(周|星期|礼拜|月|季度|季)", text)
    if found:
        return _UNITS[found[2]], _OFFSETS[found[1]], text[found.end() :]
    return "", 0, text


def _weekday(text: str, asked: Asked) -> date | None:
    """周五, 星期五, 礼拜天: the nearest in the direction asked; today's own weekday is refused."""
    found = re.fullmatch(_WEEK + _WEEKDAY, text)
    if not found:
        return None
    weekday = _weekday_number(found[1])
    if weekday == asked.today.weekday():
        refuse_today(text, asked, ("今天", ("下周" if asked.ahead else "上周") + found[1]))
    return near_weekday(weekday, asked)


def _weekday_number(sign: str) -> int:
    """一 is 0, 日 and 天 are 6."""
    return WEEKDAYS_ZH.index("日" if sign == "天" else sign)


def _shifted(text: str, asked: Asked) -> date | None:
    """3天后, 两周后, 3个月后, 半年后, 3天前."""
    found = re.fullmatch(r"半个?月(?:之|以)?(后|前)", text)
    if found:
        return add_days(asked.today, 15 if found[1] == "后" else -15)
    found = re.fullmatch(rf"(半|{NUMERAL}) ?个?(天|日|周|星期|礼拜|月|季度|年)(?:之|以)?(后|前)", text)
    if not found:
        return None
    sign = -1 if found[3] == "前" else 1
    if found[1] == "半":
        return add_months(asked.today, 6 * sign) if found[2] == "年" else None
    return add_units(asked.today, sign * number(found[1]), _SHIFTS[found[2]])


def _in_period(text: str, asked: Asked) -> date | None:
    """下周三, 下月底, 下个月3号, 明年3月5日, 月初, 下周 (its Monday)."""
    unit, offset, rest = _period_of(text)
    if unit:
        return _part(unit, offset, rest, text, asked)
    if text == "周末":
        return _part("week", 0, "末", text, asked)
    found = re.fullmatch("(月|年|季度|季)(底|末|初)", text)
    if not found:
        return None
    day = _part(_UNITS[found[1]], 0, found[2], text, asked)
    if day and asked.ahead and day < asked.today:
        refuse_two(text, day, period(_UNITS[found[1]], 1, asked.today)[0])
    return day


def _part(unit: str, offset: int, rest: str, text: str, asked: Asked) -> date | None:
    """The day that `rest` names within a period."""
    first, last = period(unit, offset, asked.today)
    if unit == "week":
        if rest == "末":
            refuse_two(text, add_days(first, 5), last)
        if re.fullmatch(_WEEKDAY, rest):
            return add_days(first, _weekday_number(rest))
    if rest == "" and offset > 0:
        return first
    if rest in ("底", "末") and unit != "week":
        return last
    if rest == "初":
        return first
    inside = re.fullmatch(f"({NUMERAL})[日号]", rest) if unit == "month" else None
    if inside:
        return date(first.year, first.month, number(inside[1]))
    inside = re.fullmatch(f"({NUMERAL})月({NUMERAL})[日号]", rest) if unit == "year" else None
    return date(first.year, number(inside[1]), number(inside[2])) if inside else None


def _month_day(text: str, asked: Asked) -> date | None:
    """12月24日, 十二月一号, 2026年12月1日, 12月底, 2027年3月初, 15号."""
    found = re.fullmatch(f"(?:([0-9]{{4,9}}|{_YEAR})年)?({NUMERAL})月(?:({NUMERAL})[日号]?|(底|末|初))", text)
    if found:
        month = number(found[2])
        year = _year(found[1], asked) if found[1] else None
        if found[4]:
            return _edge_of_month(year, month, found[4] == "初", asked)
        day = number(found[3])
        return date(year, month, day) if year is not None else day_of_month(month, day, asked)
    found = re.fullmatch(f"({NUMERAL})[日号]", text)
    return _day_of_any_month(number(found[1]), asked) if found else None


def _edge_of_month(year: int | None, month: int, first: bool, asked: Asked) -> date:
    """12月底, 2027年3月初; without a year the nearest in the direction asked."""
    if first:
        return date(year, month, 1) if year is not None else day_of_month(month, 1, asked)
    if year is not None:
        return month_span(year, month, 1)[1]
    if asked.ahead and month == asked.today.month:
        return month_span(asked.today.year, month, 1)[1]
    near = day_of_month(month, 28, asked).year  # every month has it
    last = month_span(near, month, 1)[1]
    return last if asked.ahead or last <= asked.today else month_span(near - 1, month, 1)[1]


def _day_of_any_month(day: int, asked: Asked) -> date:
    """15号: the next such day of a month that has it, or the latest one; today counts."""
    if not 1 <= day <= 31:
        raise ValueError("no such day")
    first = asked.today.replace(day=1)
    while True:
        if day <= month_length(first.year, first.month):
            found = first.replace(day=day)
            if (found >= asked.today) if asked.ahead else (found <= asked.today):
                return found
        first = add_months(first, 1 if asked.ahead else -1)


def _spelled(text: str, asked: Asked) -> date | None:
    """2026-11-27 周五, as the program itself spells a day; a weekday that is another one is refused."""
    found = re.fullmatch(f"([0-9./-]+) ?{_WEEK}{_WEEKDAY}", text)
    day = english_day(found[1], asked) if found else None
    if found and day:
        check_weekday(text, day, _weekday_number(found[2]))
    return day
