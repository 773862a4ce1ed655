"""Days as they are typed behind --due: what is understood is echoed with its weekday, what has two readings is refused."""

import pytest
from conftest import Crm

# now is Wednesday 2026-11-25 09:00
UNDERSTOOD = [
    ("today", "2026-11-25", None), ("tomorrow", "2026-11-26", None), ("fri", "2026-11-27", None),
    ("Friday", "2026-11-27", None), ("mon", "2026-11-30", None), ("+3d", "2026-11-28", None), ("+2w", "2026-12-09", None),
    ("+3mo", "2027-02-25", None), ("+1y", "2027-11-25", None), ("end of month", "2026-11-30", None),
    ("end of next month", "2026-12-31", None), ("next month", "2026-12-01", None), ("24 dec", "2026-12-24", None), ("dec 24", "2026-12-24", None),
    ("2026-12-01", "2026-12-01", None), ("2026/12/01", "2026-12-01", None), ("今天", "2026-11-25", None),
    ("明天", "2026-11-26", None), ("周五", "2026-11-27", None), ("下周三", "2026-12-02", None), ("3天后", "2026-11-28", None),
    ("月底", "2026-11-30", None), ("fri@14:00", "2026-11-27", "2026-11-27T14:00:00+00:00"),
    ("fri 14:00", "2026-11-27", "2026-11-27T14:00:00+00:00"), ("2026-12-01T08:30", "2026-12-01", "2026-12-01T08:30:00+00:00"),
    ("tomorrow@2pm", "2026-11-26", "2026-11-26T14:00:00+00:00"), ("周五下午2点", "2026-11-27", "2026-11-27T14:00:00+00:00"),
    ("周五14:00", "2026-11-27", "2026-11-27T14:00:00+00:00"), ("+2h", "2026-11-25", "2026-11-25T11:00:00+00:00"),
]  # fmt: skip
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@pytest.mark.ci
@pytest.mark.parametrize(("typed", "day", "at"), UNDERSTOOD)
def test_a_day_is_understood_and_echoed_with_its_weekday(crm: Crm, typed: str, day: str, at: str | None) -> None:
    from datetime import date

    echo = crm.ok("task", "add", "call", "--due", typed).err
    (task,) = crm.rows("task list")
    assert (task["due_on"], task["due_at"]) == (day, at)
    spelled = f"{WEEKDAYS[date.fromisoformat(day).weekday()]} {day}"
    assert (f"{spelled} {at[11:16]}" if at else spelled) in echo


@pytest.mark.parametrize(
    ("typed", "readings"),
    [
        ("05/06", ["2027-05-06", "2027-06-05"]), ("3m", ["3mo", "3min"]), ("wed", ["2026-11-25", "2026-12-02"]),
        ("周三", ["2026-11-25", "2026-12-02"]), ("fri@2", ["02:00", "14:00"]),
    ],
)  # fmt: skip
def test_what_has_two_readings_is_refused_with_both(crm: Crm, typed: str, readings: list[str]) -> None:
    result = crm("task", "add", "call", "--due", typed)
    assert result.code == 2
    for reading in readings:
        assert reading in result.err
    assert "--due" in result.err
    assert crm.rows("task list") == []


@pytest.mark.parametrize(
    "typed", ["2026-02-30", "30 feb", "2026-13-01", "25:00", "fri@25:00", "someday", "", "12²", "0000-01-01"]
)
def test_what_is_no_day_is_refused(crm: Crm, typed: str) -> None:
    assert crm("task", "add", "call", "--due", typed).code == 2
    assert crm.rows("task list") == []


def test_chinese_echo_for_a_chinese_user(crm: Crm) -> None:
    assert "2026-11-27 周五" in crm.ok("task add 打电话 --due 周五 --lang zh").err


def test_a_skipped_hour_moves_forward_and_a_double_one_is_the_first(crm: Crm) -> None:
    berlin = {"CRM_TZ": "Europe/Berlin"}
    crm.ok("task add gap --due 2027-03-28@02:30", env=berlin)
    crm.ok("task add double --due 2027-10-31@02:30", env=berlin)
    rows = {row["text"]: row["due_at"] for row in crm.rows("task list", env=berlin)}
    assert rows == {"gap": "2027-03-28T03:30:00+02:00", "double": "2027-10-31T02:30:00+02:00"}


def test_the_day_of_an_appointment_is_kept_in_my_zone(crm: Crm) -> None:
    shanghai = {"CRM_TZ": "Asia/Shanghai"}
    crm.ok("task add call --due fri@07:00", env=shanghai)
    (task,) = crm.rows("task list", env=shanghai)
    assert (task["due_on"], task["due_at"]) == ("2026-11-27", "2026-11-27T07:00:00+08:00")
    assert crm.sql("SELECT due_on, due_at FROM task") == [("2026-11-27", "2026-11-26T23:00:00Z")]


def test_a_close_day_looks_ahead_and_a_closed_day_back(acme: Crm) -> None:
    acme.ok("deal edit rollout --close fri")
    assert acme.rows("deal show rollout")["expected_close_on"] == "2026-11-27"
    acme.ok("log call acme hello --at fri")
    assert acme.rows("interaction list")[0]["at"].startswith("2026-11-20")
