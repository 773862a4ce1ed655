"""Dates, moments, spans and durations as people type them: tables of cases, and what must hold for any text."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm_cli.errors import Misuse
from crm_cli.rules import dates
from crm_cli.rules.dates import When
from crm_cli.rules.days import WEEKDAYS

BERLIN = ZoneInfo("Europe/Berlin")
WEDNESDAY = datetime(2026, 10, 7, 10, 30, tzinfo=BERLIN)


def when(text: str, ahead: bool = True, now: datetime = WEDNESDAY) -> str:
    """The reading as `2026-10-09` or `2026-10-09 14:00`, a refusal as `! sentence`."""
    try:
        found = dates.parse_when(text, now=now, ahead=ahead)
    except Misuse as error:
        return "! " + error.message()
    return f"{found.day}" + (f" {found.at:%H:%M}" if found.at else "")


@pytest.mark.parametrize(
    "text, expected",
    [
        ("2026-12-01", "2026-12-01"),
        ("2026/12/1", "2026-12-01"),
        ("13/06/2026", "2026-06-13"),
        ("27.08.2026", "2026-08-27"),
        ("31.12.2026", "2026-12-31"),
        ("2026.12.1", "2026-12-01"),
        (" 2026-12-01 ", "2026-12-01"),
        ("2026-12-01 14:00", "2026-12-01 14:00"),
        ("2026-12-01T14:00", "2026-12-01 14:00"),
        ("2026-12-01t14:00:59", "2026-12-01 14:00"),
        ("2026-12-01T23:30Z", "2026-12-02 00:30"),
        ("2026-12-01T14:00+08:00", "2026-12-01 07:00"),
        ("2026-12-01 14:00 +0800", "2026-12-01 07:00"),
        ("2026-12-01T14:00:30.123Z", "2026-12-01 15:00"),
        ("2026-12-01 2pm", "2026-12-01 14:00"),
        ("today", "2026-10-07"),
        ("Tomorrow", "2026-10-08"),
        ("yesterday", "2026-10-06"),
        ("day after tomorrow", "2026-10-09"),
        ("now", "2026-10-07 10:30"),
        ("fri", "2026-10-09"),
        ("friday", "2026-10-09"),
        ("tue", "2026-10-13"),
        ("next mon", "2026-10-12"),
        ("last fri", "2026-10-02"),
        ("this fri", "2026-10-09"),
        ("next wed", "2026-10-14"),
        ("last wed", "2026-09-30"),
        ("+3d", "2026-10-10"),
        ("+2w", "2026-10-21"),
        ("+3mo", "2027-01-07"),
        ("+1y", "2027-10-07"),
        ("-90d", "2026-07-09"),
        ("+0d", "2026-10-07"),
        ("3d", "2026-10-10"),
        ("in 3 days", "2026-10-10"),
        ("in a week", "2026-10-14"),
        ("3 days ago", "2026-10-04"),
        ("2 weeks ago", "2026-09-23"),
        ("two weeks from now", "2026-10-21"),
        ("+2h", "2026-10-07 12:30"),
        ("-30min", "2026-10-07 10:00"),
        ("2 hours ago", "2026-10-07 08:30"),
        ("+20h", "2026-10-08 06:30"),
        ("end of month", "2026-10-31"),
        ("end of next month", "2026-11-30"),
        ("end of the year", "2026-12-31"),
        ("end of week", "2026-10-11"),
        ("end of quarter", "2026-12-31"),
        ("eom", "2026-10-31"),
        ("eoy", "2026-12-31"),
        ("next week", "2026-10-12"),
        ("next month", "2026-11-01"),
        ("next year", "2027-01-01"),
        ("start of next quarter", "2027-01-01"),
        ("24 dec", "2026-12-24"),
        ("dec 24", "2026-12-24"),
        ("24. dec", "2026-12-24"),
        ("24th of December", "2026-12-24"),
        ("7 oct", "2026-10-07"),
        ("6 oct", "2027-10-06"),
        ("24 dec 2026", "2026-12-24"),
        ("Dec 24, 2026", "2026-12-24"),
        ("29 feb", "2028-02-29"),
        ("fri@14:00", "2026-10-09 14:00"),
        ("tomorrow 9:30", "2026-10-08 09:30"),
        ("fri 2pm", "2026-10-09 14:00"),
        ("fri@2pm", "2026-10-09 14:00"),
        ("fri at 2 pm", "2026-10-09 14:00"),
        ("fri@14", "2026-10-09 14:00"),
        ("fri noon", "2026-10-09 12:00"),
        ("tomorrowT9:30", "2026-10-08 09:30"),
        ("+3d@14:00", "2026-10-10 14:00"),
        ("dec 24 14:00", "2026-12-24 14:00"),
        ("14:00", "2026-10-07 14:00"),
        ("12am", "2026-10-07 00:00"),
        ("12pm", "2026-10-07 12:00"),
        ("Fri 2026-11-27", "2026-11-27"),
        ("Fri 2026-11-27 14:00", "2026-11-27 14:00"),
        ("２０２６－１２－０１", "2026-12-01"),
        ("＋３ｄ", "2026-10-10"),
        ("fri＠１４：００", "2026-10-09 14:00"),
    ],
)
def test_english_and_iso_are_read(text: str, expected: str) -> None:
    assert when(text) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("今天", "2026-10-07"),
        ("明天", "2026-10-08"),
        ("后天", "2026-10-09"),
        ("大后天", "2026-10-10"),
        ("昨天", "2026-10-06"),
        ("前天", "2026-10-05"),
        ("周五", "2026-10-09"),
        ("星期五", "2026-10-09"),
        ("礼拜五", "2026-10-09"),
        ("周日", "2026-10-11"),
        ("礼拜天", "2026-10-11"),
        ("下周三", "2026-10-14"),
        ("上周五", "2026-10-02"),
        ("本周五", "2026-10-09"),
        ("这周一", "2026-10-05"),
        ("下下周一", "2026-10-19"),
        ("3天后", "2026-10-10"),
        ("3 天后", "2026-10-10"),
        ("三天后", "2026-10-10"),
        ("两周后", "2026-10-21"),
        ("3个月后", "2027-01-07"),
        ("半年后", "2027-04-07"),
        ("3天前", "2026-10-04"),
        ("月底", "2026-10-31"),
        ("下月底", "2026-11-30"),
        ("下个月底", "2026-11-30"),
        ("年底", "2026-12-31"),
        ("下月初", "2026-11-01"),
        ("下个月3号", "2026-11-03"),
        ("本月15号", "2026-10-15"),
        ("15号", "2026-10-15"),
        ("3号", "2026-11-03"),
        ("12月24日", "2026-12-24"),
        ("12月24号", "2026-12-24"),
        ("2026年12月1日", "2026-12-01"),
        ("明年3月5日", "2027-03-05"),
        ("十二月一号", "2026-12-01"),
        ("下周", "2026-10-12"),
        ("下个月", "2026-11-01"),
        ("今晚8点", "2026-10-07 20:00"),
        ("周五下午2点", "2026-10-09 14:00"),
        ("周五 下午 2 点", "2026-10-09 14:00"),
        ("明天上午10点", "2026-10-08 10:00"),
        ("明天上午9点半", "2026-10-08 09:30"),
        ("明天早上9点", "2026-10-08 09:00"),
        ("后天晚7点", "2026-10-09 19:00"),
        ("周二二十点", "2026-10-13 20:00"),
        ("周五二十点", "2026-10-09 20:00"),
        ("14点30分", "2026-10-07 14:30"),
        ("下午2点一刻", "2026-10-07 14:15"),
        ("明天下午２：３０", "2026-10-08 14:30"),
        ("周五中午", "2026-10-09 12:00"),
        ("2026-12-01 14点", "2026-12-01 14:00"),
        ("12月24日14点", "2026-12-24 14:00"),
        ("2026-11-27 周五", "2026-11-27"),
        ("2026-11-27 周五 14:00", "2026-11-27 14:00"),
        ("2小时后", "2026-10-07 12:30"),
        ("半小时前", "2026-10-07 10:00"),
        ("現在", "! "),
        ("週五下午2點", "2026-10-09 14:00"),
        ("三天後", "2026-10-10"),
    ],
)
def test_chinese_is_read(text: str, expected: str) -> None:
    assert when(text).startswith(expected) if expected == "! " else when(text) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("fri", "2026-10-02"),
        ("tue", "2026-10-06"),
        ("周五", "2026-10-02"),
        ("24 dec", "2025-12-24"),
        ("7 oct", "2026-10-07"),
        ("29 feb", "2024-02-29"),
        ("12月24日", "2025-12-24"),
        ("15号", "2026-09-15"),
        ("31号", "2026-08-31"),
        ("this mon", "2026-10-05"),
        ("月初", "2026-10-01"),
        ("fri@14:00", "2026-10-02 14:00"),
    ],
)
def test_what_has_been_is_looked_for_in_the_past(text: str, expected: str) -> None:
    assert when(text, ahead=False) == expected


@pytest.mark.parametrize(
    "text, ahead, readings",
    [
        ("wed", True, ["2026-10-07", "2026-10-14", "today", "next wed"]),
        ("wednesday", False, ["2026-10-07", "2026-09-30", "today", "last wednesday"]),
        ("周三", True, ["2026-10-07", "2026-10-14", "今天", "下周三"]),
        ("周三", False, ["2026-10-07", "2026-09-30", "今天", "上周三"]),
        ("next fri", True, ["2026-10-09", "2026-10-16"]),
        ("last mon", False, ["2026-10-05", "2026-09-28"]),
        ("this mon", True, ["2026-10-05", "2026-10-12"]),
        ("月初", True, ["2026-10-01", "2026-11-01"]),
        ("周末", True, ["2026-10-10", "2026-10-11"]),
        ("05/06", True, ["2027-05-06", "2027-06-05"]),
        ("05/06", False, ["2026-05-06", "2026-06-05"]),
        ("05/06/2026", True, ["2026-05-06", "2026-06-05"]),
        ("5.6.26", True, ["2026-05-06", "2026-06-05"]),
        ("05/06 14:00", True, ["2027-05-06", "2027-06-05"]),
        ("27.08", False, ["2026-08-27"]),
        ("3m", True, ["+3mo", "+3min"]),
        ("-3m", False, ["-3mo", "-3min"]),
        ("3d", False, ["2026-10-04", "2026-10-10"]),
        ("fri@9", True, ["09:00", "21:00"]),
        ("明天10点", True, ["10:00", "22:00"]),
        ("2026-10", True, ["2026-10-01", "2026-10-31"]),
        ("this week", True, ["2026-10-05", "2026-10-11"]),
        ("本周", True, ["2026-10-05", "2026-10-11"]),
        ("thu 2026-11-27", True, ["weekday", "2026-11-27"]),
        ("tomorow", True, ["Did you mean tomorrow?"]),
    ],
)
def test_what_has_two_readings_is_refused_with_both(text: str, ahead: bool, readings: list[str]) -> None:
    answer = when(text, ahead)
    assert answer.startswith("! ")
    assert [reading for reading in readings if reading not in answer] == []


NO_DATES = """2026-02-30|0000-01-01|25:00|fri 25:00|2026-12-01 24:00|10000-01-01|+99999999999d|+99999999999999999999y|-9999y
    |+99999999999999h|30 feb|12月32日|2026年2月30日|2026-13-01|13/13|0001-01-01|9999-12-31|14:00pm|0:30am|晚上12点|13月1日
    |2026-12-01T14:00+25:00|fri 9|||asap|+3|d|@|T|-|+|20261201|2026-12/1|١٢|2026-1²-01|今晚|下|周|2026-10-07x|1e5d|next
    |9999-12-30T23:59-14:00|0001-01-02T00:00+14:00|99999999999999999-01-01|星期八|零号|0号|32号|next next fri"""


@pytest.mark.parametrize("text", [text.strip() for text in NO_DATES.split("|")])
def test_what_is_no_date_is_refused_by_name(text: str) -> None:
    answer = when(text)
    outside = text.strip() in ("9999-12-30T23:59-14:00", "0001-01-02T00:00+14:00")
    typed = text.strip().lower()
    assert answer.startswith("! ") and (typed[:5] in answer or typed[-5:] in answer)
    assert not outside or "outside the calendar" in answer


def test_a_very_long_text_is_refused_at_once() -> None:
    assert "too long" in when("9" * 100_000)


def test_a_day_refuses_a_time() -> None:
    assert dates.parse_day("fri", now=WEDNESDAY, ahead=True) == date(2026, 10, 9)
    for text in ("fri@14:00", "now", "+2h", "14:00"):
        with pytest.raises(Misuse, match="time of day"):
            dates.parse_day(text, now=WEDNESDAY, ahead=True)


def test_a_moment_of_a_day_alone_is_noon_and_of_today_is_now() -> None:
    assert dates.parse_moment("today", now=WEDNESDAY, ahead=False) == WEDNESDAY
    assert dates.parse_moment("yesterday", now=WEDNESDAY, ahead=False) == datetime(2026, 10, 6, 12, tzinfo=BERLIN)
    assert dates.parse_moment("fri@9:30", now=WEDNESDAY, ahead=False) == datetime(2026, 10, 2, 9, 30, tzinfo=BERLIN)


@pytest.mark.parametrize(
    "text, first, last",
    [
        ("2026", "2026-01-01", "2026-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026-Q3", "2026-07-01", "2026-09-30"),
        ("Q3 2026", "2026-07-01", "2026-09-30"),
        ("dec 2026", "2026-12-01", "2026-12-31"),
        ("this week", "2026-10-05", "2026-10-11"),
        ("last week", "2026-09-28", "2026-10-04"),
        ("next week", "2026-10-12", "2026-10-18"),
        ("this month", "2026-10-01", "2026-10-31"),
        ("last quarter", "2026-07-01", "2026-09-30"),
        ("next year", "2027-01-01", "2027-12-31"),
        ("本周", "2026-10-05", "2026-10-11"),
        ("上周", "2026-09-28", "2026-10-04"),
        ("下个月", "2026-11-01", "2026-11-30"),
        ("去年", "2025-01-01", "2025-12-31"),
        ("本季度", "2026-10-01", "2026-12-31"),
        ("上季度", "2026-07-01", "2026-09-30"),
        ("2026年10月", "2026-10-01", "2026-10-31"),
        ("2026年第三季度", "2026-07-01", "2026-09-30"),
        ("-90d", "2026-07-09", "2026-07-09"),
        ("today", "2026-10-07", "2026-10-07"),
        ("fri", "2026-10-02", "2026-10-02"),
    ],
)
def test_spans(text: str, first: str, last: str) -> None:
    span = dates.parse_span(text, now=WEDNESDAY, ahead=False)
    assert [day.isoformat() for day in span] == [first, last]


@pytest.mark.parametrize("text", ["2026-13", "2026-Q5", "0000", "9999", "fri 2pm", "bogus", "2026年13月"])
def test_spans_that_are_refused(text: str) -> None:
    with pytest.raises(Misuse):
        dates.parse_span(text, now=WEDNESDAY, ahead=False)


def test_a_day_with_a_month_end_keeps_to_the_shorter_month() -> None:
    january = datetime(2027, 1, 31, 9, tzinfo=BERLIN)
    assert when("+1mo", now=january) == "2027-02-28"
    assert when("+13mo", now=january) == "2028-02-29"
    assert dates.add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)


def test_a_time_that_a_clock_change_skips_moves_forward_and_a_double_one_is_the_first() -> None:
    assert when("2026-03-29 02:30") == "2026-03-29 03:30"
    double = dates.parse_moment("2026-10-25 02:30", now=WEDNESDAY, ahead=True)
    assert dates.to_utc_text(double) == "2026-10-25T00:30:00Z"
    cairo = ZoneInfo("Africa/Cairo")
    assert dates.local_day_start(date(2026, 4, 24), cairo).hour == 1


def test_a_week_that_has_turned() -> None:
    sunday = datetime(2026, 10, 11, 9, tzinfo=BERLIN)
    assert when("next mon", now=sunday) == "2026-10-12"
    assert when("mon", now=sunday) == "2026-10-12"
    assert when("下周一", now=sunday) == "2026-10-12"
    monday = datetime(2026, 10, 12, 9, tzinfo=BERLIN)
    assert when("last sun", now=monday) == "2026-10-11"


def test_spelling() -> None:
    friday = date(2026, 11, 27)
    assert dates.spell_day(friday, "en") == "Fri 2026-11-27"
    assert dates.spell_day(friday, "zh") == "2026-11-27 周五"
    at = datetime(2026, 11, 27, 9, 5, tzinfo=BERLIN)
    assert dates.spell_when(When(friday, at), "en") == "Fri 2026-11-27 09:05"
    assert dates.spell_when(When(friday, at), "zh") == "2026-11-27 周五 09:05"
    assert dates.spell_when(When(friday, None), "en") == "Fri 2026-11-27"


def test_a_moment_without_a_zone_is_never_kept() -> None:
    with pytest.raises(ValueError, match="zone"):
        dates.to_utc_text(datetime(2026, 1, 1))


@pytest.mark.parametrize(
    "text, minutes",
    [
        ("15m", 15), ("15min", 15), ("1h", 60), ("1h30", 90), ("1h30m", 90), ("1.5h", 90), ("0.1h", 6), ("90", 90),
        ("2 hours", 120), ("1 hour 30 minutes", 90), ("半小时", 30), ("15分钟", 15), ("1小时30分", 90),
        ("一个半小时", 90), ("1小时半", 90), ("168h", 10080), ("２h", 120),
    ],
)  # fmt: skip
def test_minutes(text: str, minutes: int) -> None:
    assert dates.parse_minutes(text) == minutes


@pytest.mark.parametrize(
    "text", ["0", "", "169h", "1.33h", "1h75", "-5", "1d", "1.5h30", "半", "半个半小时", "x", "1:30", "9" * 60]
)
def test_minutes_that_are_refused(text: str) -> None:
    with pytest.raises(Misuse):
        dates.parse_minutes(text)


@pytest.mark.parametrize(
    "text, days",
    [
        ("30d", 30), ("2w", 14), ("1mo", 30), ("1y", 365), ("30", 30), ("3 months", 90), ("30天", 30), ("2周", 14),
        ("两周", 14), ("一个月", 30), ("一年", 365), ("半年", 182), ("3650", 3650),
    ],
)  # fmt: skip
def test_days(text: str, days: int) -> None:
    assert dates.parse_days(text) == days


@pytest.mark.parametrize("text", ["0", "", "3651", "11y", "-3d", "+3d", "1.5w", "x", "9" * 60])
def test_days_that_are_refused(text: str) -> None:
    with pytest.raises(Misuse):
        dates.parse_days(text)


def test_days_in_m_name_both_readings() -> None:
    with pytest.raises(Misuse) as refused:
        dates.parse_days("3m")
    assert "3mo" in str(refused.value) and "minutes" in str(refused.value)


KEPT_DAYS = st.dates(dates.FIRST_DAY, dates.LAST_DAY)
ZONES = st.sampled_from([ZoneInfo(name) for name in ("UTC", "Asia/Shanghai", "Europe/Berlin", "America/St_Johns")])
MOMENTS = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=ZONES).map(
    lambda at: at.replace(microsecond=0)
)
WORDS = (
    "next last this in ago + - 3 12 2026 99999999999999 d w mo y m h min fri mon dec feb 29 30 . / : @ T end of month week "
    "quarter year 周 星期 五 下 上 本 月 底 初 号 日 年 天 后 前 半 十 两 点 下午 晚上 小时 q3 今天 today"
)
PIECES = st.sampled_from(WORDS.split())
TYPED = st.one_of(
    st.text(max_size=70),
    st.lists(PIECES, max_size=7).map(" ".join),
    st.lists(PIECES, max_size=7).map("".join),
    st.from_regex(
        r"[0-9]{1,5}[-/.年][0-9]{1,3}[-/.月][0-9]{1,3}( [0-9]{1,2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})?)?", fullmatch=True
    ),
)


@given(TYPED, MOMENTS, st.booleans())
@example("+9999y", WEDNESDAY, True)
@example("29 feb", datetime(9999, 12, 29, tzinfo=BERLIN), True)
@example("上上个月", datetime(1, 1, 3, tzinfo=BERLIN), True)
def test_any_text_is_a_value_or_a_misuse(text: str, now: datetime, ahead: bool) -> None:
    for parse in (dates.parse_when, dates.parse_day, dates.parse_moment, dates.parse_span):
        try:
            found = parse(text, now=now, ahead=ahead)
        except Misuse as error:
            assert error.message()
            error.advice()
            continue
        if parse is dates.parse_moment:
            assert len(dates.to_utc_text(found)) == 20
    for parse_length in (dates.parse_minutes, dates.parse_days):
        try:
            assert parse_length(text) >= 1
        except Misuse as error:
            assert error.message()


@given(KEPT_DAYS, MOMENTS, st.booleans())
def test_a_day_is_read_as_it_is_spelled(day: date, now: datetime, ahead: bool) -> None:
    for text in (day.isoformat(), dates.spell_day(day, "en"), dates.spell_day(day, "zh")):
        assert dates.parse_day(text, now=now, ahead=ahead) == day


@given(MOMENTS)
def test_a_moment_is_read_as_it_is_kept(at: datetime) -> None:
    text = dates.to_utc_text(at)
    # Python calls an hour that comes twice unequal to itself in another zone: moments are compared in UTC.
    assert dates.from_utc_text(text, at.tzinfo).astimezone(UTC) == at.astimezone(UTC)
    assert dates.parse_moment(text, now=at, ahead=True).astimezone(UTC) == at.astimezone(UTC)


@given(KEPT_DAYS, ZONES)
def test_a_day_begins_on_that_day(day: date, zone: ZoneInfo) -> None:
    start = dates.local_day_start(day, zone)
    assert start.date() == day and start.time() < time(3)
    assert dates.local_day_start(day + timedelta(days=1), zone) > start


@given(MOMENTS, st.sampled_from(WEEKDAYS))
def test_a_weekday_is_within_seven_days_in_its_direction(now: datetime, name: str) -> None:
    for ahead in (True, False):
        try:
            day = dates.parse_day(name, now=now, ahead=ahead)
        except Misuse:
            continue
        apart = (day - now.date()).days
        assert f"{day:%a}".lower() == name
        assert 1 <= (apart if ahead else -apart) <= 6
