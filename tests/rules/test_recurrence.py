"""What comes again: the kept form, the next day, the words for it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.errors import Misuse
from crm_cli.rules.recurrence import next_birthday, next_day, parse_every, spell_every


@pytest.mark.parametrize(
    "text, kept",
    [
        ("2w", "2w"), ("day", "1d"), ("week", "1w"), ("month", "1mo"), ("year", "1y"), ("quarter", "3mo"),
        ("3d", "3d"), ("+3d", "3d"), ("2q", "6mo"), ("every 2 weeks", "2w"), ("daily", "1d"), ("Month", "1mo"),
        ("mon", "mon"), ("Monday", "mon"), ("thu,mon", "mon,thu"), ("mon, thu", "mon,thu"), ("thu and mon", "mon,thu"),
        ("every monday", "mon"), ("mon mon", "mon"), ("weekdays", "mon,tue,wed,thu,fri"),
        ("每天", "1d"), ("每周", "1w"), ("每月", "1mo"), ("每个月", "1mo"), ("每年", "1y"), ("每季度", "3mo"),
        ("每周一", "mon"), ("每2周", "2w"), ("每两周", "2w"), ("每3天", "3d"), ("每周一三五", "mon,wed,fri"),
        ("每周一、周四", "mon,thu"), ("每周日", "sun"), ("每礼拜天", "sun"), ("工作日", "mon,tue,wed,thu,fri"),
        ("FREQ=MONTHLY;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=1MO"),
        ("RRULE:freq=weekly;interval=2;byday=tu,th", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH"),
        ("FREQ=DAILY;UNTIL=20261201T000000Z", "FREQ=DAILY;UNTIL=20261201"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=MONTHLY;BYMONTHDAY=-1"),
    ],
)  # fmt: skip
def test_every_is_kept_in_one_form(text: str, kept: str) -> None:
    assert parse_every(text) == kept
    assert parse_every(kept) == kept


@pytest.mark.parametrize(
    "text",
    [
        "", "bogus", "0d", "99999y", "9" * 60 + "d", "-3d", "mon,xyz", "fri@14:00", "每", "BYDAY=MO", "FREQ=", "FREQ=HOURLY",
        "FREQ=MINUTELY", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=-1", "FREQ=DAILY;BYHOUR=3", "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;DTSTART=20260101", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;UNTIL=20261301", "FREQ=DAILY;UNTIL=20261201;COUNT=3", "FREQ=MONTHLY;BYDAY=9MO", "FREQ=WEEKLY;BYDAY=0MO",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU", "FREQ=DAILY;X=1", "FREQ=DAILY;;COUNT=1", "FREQ=MONTHLY;BYSETPOS=1" + ",1" * 200,
    ],
)  # fmt: skip
def test_what_does_not_say_how_often_is_refused(text: str) -> None:
    with pytest.raises(Misuse):
        parse_every(text)


def test_m_is_refused_with_the_form_to_type() -> None:
    with pytest.raises(Misuse, match="3mo"):
        parse_every("every 3m")


def run(every: str, anchor: str, count: int) -> list[str]:
    days, day = [], date.fromisoformat(anchor)
    after = day
    for _ in range(count):
        found = next_day(every, anchor=day, after=after)
        if found is None:
            break
        days.append(found.isoformat())
        after = found
    return days


@pytest.mark.parametrize(
    "every, anchor, days",
    [
        ("1mo", "2026-01-31", ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]),
        ("3mo", "2025-11-30", ["2026-02-28", "2026-05-30", "2026-08-30"]),
        ("1y", "2024-02-29", ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]),
        ("2w", "2026-10-07", ["2026-10-21", "2026-11-04"]),
        ("3d", "2026-12-30", ["2027-01-02", "2027-01-05"]),
        ("mon,thu", "2026-10-07", ["2026-10-08", "2026-10-12", "2026-10-15"]),
        ("FREQ=MONTHLY;BYDAY=1MO", "2026-10-07", ["2026-11-02", "2026-12-07"]),
        ("FREQ=DAILY;COUNT=3", "2026-10-07", ["2026-10-08", "2026-10-09"]),
        ("FREQ=DAILY;UNTIL=20261008", "2026-10-07", ["2026-10-08"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31", ["2026-02-28", "2026-03-31", "2026-04-30"]),
    ],
)
def test_each_day_is_reckoned_from_the_anchor(every: str, anchor: str, days: list[str]) -> None:
    assert run(every, anchor, len(days)) == days


def test_a_late_completion_skips_what_has_passed_and_keeps_the_rhythm() -> None:
    assert next_day("2w", anchor=date(2026, 1, 5), after=date(2026, 10, 7)) == date(2026, 10, 12)
    assert next_day("1mo", anchor=date(2025, 1, 31), after=date(2026, 2, 10)) == date(2026, 2, 28)


def test_before_the_anchor_comes_the_anchor() -> None:
    assert next_day("1mo", anchor=date(2026, 10, 7), after=date(2026, 1, 1)) == date(2026, 10, 7)
    assert next_day("mon", anchor=date(2026, 10, 7), after=date(2026, 1, 1)) == date(2026, 10, 12)


def test_the_end_of_the_calendar_is_no_next_day() -> None:
    last = date(9999, 12, 31)
    for every in ("1d", "1mo", "1y", "mon", "FREQ=YEARLY"):
        assert next_day(every, anchor=last, after=last) is None


@pytest.mark.parametrize(
    "every, english, chinese",
    [
        ("1d", "every day", "每天"),
        ("2w", "every 2 weeks", "每2周"),
        ("1mo", "every month", "每个月"),
        ("3mo", "every 3 months", "每3个月"),
        ("mon,thu", "every Mon, Thu", "每周一、周四"),
        ("FREQ=DAILY", "FREQ=DAILY", "FREQ=DAILY"),
    ],
)
def test_spelling(every: str, english: str, chinese: str) -> None:
    assert spell_every(every, "en") == english
    assert spell_every(every, "zh") == chinese


def test_birthdays() -> None:
    assert next_birthday(date(1980, 2, 29), date(2026, 1, 1)) == date(2026, 2, 28)
    assert next_birthday(date(1980, 2, 29), date(2026, 3, 1)) == date(2027, 2, 28)
    assert next_birthday(date(1980, 2, 29), date(2027, 3, 1)) == date(2028, 2, 29)
    assert next_birthday(date(1980, 10, 7), date(2026, 10, 7)) == date(2026, 10, 7)


EVERY = st.one_of(
    st.tuples(st.integers(1, 60), st.sampled_from(["d", "w", "mo", "y"])).map(lambda pair: f"{pair[0]}{pair[1]}"),
    st.sets(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1)
    .map(",".join)
    .map(parse_every),
    st.sampled_from(["FREQ=WEEKLY", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1"]),
)
DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))


@given(EVERY, DAYS, st.integers(-400, 4000))
def test_the_next_day_is_the_first_after(every: str, anchor: date, offset: int) -> None:
    after = anchor + timedelta(days=offset)
    found = next_day(every, anchor=anchor, after=after)
    assert found is not None and found > after and found >= anchor
    assert next_day(every, anchor=anchor, after=found - timedelta(days=1)) == found


@given(EVERY)
def test_what_is_kept_and_what_is_spelled_is_read_again(every: str) -> None:
    assert parse_every(every) == every
    assert parse_every(spell_every(every, "en")) == every
    assert parse_every(spell_every(every, "zh")) == every


WORDS = "FREQ=DAILY FREQ=WEEKLY ; , INTERVAL=2 COUNT=5 BYDAY=MO BYDAY=-1FR UNTIL=20270101 BYSETPOS=-1 BYWEEKNO=53 BYMONTH=2 RRULE: 每 周 一 两 every 3 d mon and"
PARTS = st.sampled_from(WORDS.split())


@given(
    st.one_of(st.text(max_size=70), st.lists(PARTS, max_size=7).map("".join), st.lists(PARTS, max_size=7).map(";".join))
)
def test_any_text_is_a_rule_or_a_misuse(text: str) -> None:
    try:
        every = parse_every(text)
    except Misuse as error:
        assert error.message()
        return
    next_day(every, anchor=date(2026, 1, 31), after=date(2026, 10, 7))
    assert spell_every(every, "zh")
