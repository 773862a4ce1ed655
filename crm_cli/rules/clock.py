"""Times of day and spans of hours as people type them: `14:00`, `2pm`, 下午2点, `+2h`, 半小时后."""

import re
from collections.abc import Iterator
from datetime import time, timedelta

from crm_cli.errors import Misuse
from crm_cli.rules.typed import NUMERAL, number

_ENGLISH = r"([0-9]{1,2})(?::([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?)?(?: ?([ap])\.?m\.?)?|(noon)"
_SPLIT = rf"(.*?)( ?@ ?|t(?=[0-9])| at | )(?:{_ENGLISH})"
_CHINESE = (
    "(凌晨|清晨|早上|早晨|早|上午|中午|下午|午后|傍晚|晚上|夜里|晚)? ?"
    rf"(?:([0-9]{{1,2}}):([0-9]{{2}})|({NUMERAL})(?:点钟?|时)(?:(半)|([一三])刻|({NUMERAL})分?|整)?)"
)
_NOON = ("中午", "正午")
# The hours that a part of the day can begin with, and what is added to them.
_PARTS = {
    "凌晨": (range(7), 0),
    "清晨": (range(4, 9), 0),
    "早": (range(4, 12), 0),
    "上午": (range(5, 12), 0),
    "中午": (range(11, 13), 0),
    "下午": (range(1, 12), 12),
    "傍晚": (range(4, 9), 12),
    "晚": (range(5, 12), 12),
}
_SAME = {"早上": "早", "早晨": "早", "午后": "下午", "晚上": "晚", "夜里": "晚"}
_SHORT = {"今晚": "今天晚", "今早": "今天早", "明晚": "明天晚", "明早": "明天早", "昨晚": "昨天晚", "昨早": "昨天早"}
_COUNTED = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_COUNTED |= {"six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
COUNT = "([0-9]+|an?|one|two|three|four|five|six|seven|eight|nine|ten)"


def count(word: str) -> int:
    """The value of a COUNT: digits, `a`, or `one` to `ten`."""
    return _COUNTED[word] if word in _COUNTED else int(word)


def time_alone(text: str) -> time | None:
    """The time of day, where the text is nothing else: `14:00`, `@2pm`, `at noon`, 下午2点; None otherwise."""
    bare = text.removeprefix("@").removeprefix("at ").strip()
    return _english(bare, text.startswith("@")) or _chinese(bare)


def splits(text: str) -> Iterator[tuple[str, str]]:
    """Every way to read the text as a day with a time behind it, the likeliest first; time_alone reads the time."""
    found = re.fullmatch(_SPLIT, text)
    if found and found[1]:
        yield found[1], ("@" if "@" in found[2] else "") + text[found.end(2) :]
    if not text.isascii():
        yield from _chinese_splits(text)


def clock_of(hour: int, minute: int, second: int, value: str) -> time:
    """The time of day; Misuse by name where there is none, as with 25:00."""
    if hour > 23 or minute > 59 or second > 59:
        raise Misuse(
            '"{value}" is not a time of day. Type 00:00 to 23:59, such as 14:00.',
            value=value,
        )
    return time(hour, minute, second)


def span_of_hours(text: str) -> timedelta | None:
    """A signed span of hours or minutes: `+2h`, `-30min`, `2 hours ago`, 半小时后; None for anything else.

    OverflowError where it is longer than the calendar.
    """
    found = re.fullmatch(r"([+-])([0-9]+) ?(h|hrs?|hours?|min|mins|minutes?)", text)
    if found:
        return _span(found[1] == "-", int(found[2]), found[3][0] == "h")
    found = re.fullmatch(rf"(in )?{COUNT} ?(h|hrs?|hours?|min|mins|minutes?)( ago| from now)?", text)
    if found and bool(found[1]) != bool(found[4]):
        return _span(found[4] == " ago", count(found[2]), found[3][0] == "h")
    return None if text.isascii() else _chinese_span(text)


def _chinese_span(text: str) -> timedelta | None:
    """The same in Chinese: 2小时后, 半个小时前, 十分钟后."""
    found = re.fullmatch(rf"(半|{NUMERAL}) ?个?(小时|钟头|分钟|分)(之|以)?(后|前)", text)
    if not found:
        return None
    hours, back = found[2] in ("小时", "钟头"), found[4] == "前"
    if found[1] == "半":
        return _span(back, 30, False) if hours else None
    return _span(back, number(found[1]), hours)


def _span(back: bool, n: int, hours: bool) -> timedelta:
    """The span; timedelta raises OverflowError by itself."""
    size = -n if back else n
    return timedelta(hours=size) if hours else timedelta(minutes=size)


def _english(text: str, marked: bool) -> time | None:
    """The time; a bare hour counts only where `@` marked it as one."""
    found = re.fullmatch(_ENGLISH, text)
    if not found:
        return None
    if found[5]:
        return time(12)
    hour, minute, second = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    if found[4]:
        return _half_day(hour, minute, second, found[4] == "p", text)
    if found[2] is None:
        if not marked:
            return None
        _refuse_half(hour, 0, text)
    return clock_of(hour, minute, second, text)


def _half_day(hour: int, minute: int, second: int, after_noon: bool, value: str) -> time:
    """The time of a clock of twelve hours."""
    if not 1 <= hour <= 12:
        raise Misuse(
            '"{value}" is not a time of day: am and pm go with the hours 1 to 12. Type 14:00 or 2pm.',
            value=value,
        )
    return clock_of(hour % 12 + 12 * after_noon, minute, second, value)


def _refuse_half(hour: int, minute: int, value: str) -> None:
    """An hour that says neither morning nor evening has two readings."""
    if 1 <= hour <= 11:
        raise Misuse(
            '"{value}" could be {early} or {late}. Type one of them.',
            instead=(value, f"{hour:02}:{minute:02}", f"{hour + 12:02}:{minute:02}"),
            value=value,
            early=f"{hour:02}:{minute:02}",
            late=f"{hour + 12:02}:{minute:02}",
        )


def _chinese_splits(text: str) -> Iterator[tuple[str, str]]:
    """Every Chinese split, the longest day first: 下周二十点 is 下周二 at 十点."""
    for short, full in _SHORT.items():
        if text.startswith(short):
            text = full + text[len(short) :]
            break
    for end in range(len(text) - 1, 0, -1):
        if text[end - 1] == " " or (text[end - 1].isdigit() and text[end].isdigit()):
            continue
        if _is_chinese(text[end:].strip()):
            yield text[:end].strip(), text[end:].strip()


def _is_chinese(text: str) -> bool:
    """Whether the text has the form of a Chinese time of day."""
    return text in _NOON or re.fullmatch(_CHINESE, text) is not None


def _chinese(text: str) -> time | None:
    """The time, where the text is a Chinese time and nothing else: 下午2点, 9点半."""
    if text in _NOON:
        return time(12)
    found = None if text.isascii() else re.fullmatch(_CHINESE, text)
    if not found:
        return None
    part, hours, minutes, hour_word, half, quarter, minute_word = found.groups()
    hour = int(hours) if hours else number(hour_word)
    minute = int(minutes) if minutes else 30 if half else 0
    if quarter:
        minute = 15 * number(quarter)
    if minute_word:
        minute = number(minute_word)
    if part:
        hour = _hour_of_part(_SAME.get(part, part), hour, text)
    elif not hours:
        _refuse_half(hour, minute, text)
    return clock_of(hour, minute, 0, text)


def _hour_of_part(part: str, hour: int, value: str) -> int:
    """The hour on a clock of 24: 下午2 is 14; Misuse where hour and part of the day do not go together."""
    hours, more = _PARTS[part]
    if hour in hours:
        return hour + more
    if more and hour - more in hours:
        return hour
    if part == "中午" and hour in (1, 2):
        return hour + 12
    if (part, hour) in (("凌晨", 12), ("下午", 12)):
        return 0 if part == "凌晨" else 12
    raise Misuse(
        '"{value}" can be read in two ways. Type the time with 24 hours, such as 14:00 or 00:30.',
        value=value,
    )
