"""crm report activity and sources: what was done, and where customers come from."""

import pytest
from conftest import Crm

pytestmark = pytest.mark.ci


@pytest.fixture
def talks(acme: Crm) -> Crm:
    """Four weeks of talks up to Wednesday 25 November 2026, in the time zone of Shanghai for the edges of days."""
    acme.ok('customer add "Beta AG" --source Fair')
    acme.ok("log call acme one --at 2026-11-02T10:00 --duration 10m --direction out")
    acme.ok("log call acme two --at 2026-11-23T10:00 --duration 5m --direction in")
    acme.ok("log call beta three --at 2026-11-24T10:00")
    acme.ok("log email beta four --at 2026-11-15T23:30 --direction out")
    acme.ok("log note acme old --at 2026-01-05T10:00")
    return acme


def test_by_channel_with_the_weeks(talks: Crm) -> None:
    rows = talks.rows("report activity --from 2026-11-02")
    assert rows == [
        {"channel": "call", "interactions": 3, "customers": 2, "minutes": 15, "incoming": 1, "outgoing": 1, "weeks": [1, 0, 0, 2]},
        {"channel": "email", "interactions": 1, "customers": 1, "minutes": 0, "incoming": 0, "outgoing": 1, "weeks": [0, 1, 0, 0]},
    ]  # fmt: skip


def test_the_last_twelve_weeks_unless_said(talks: Crm) -> None:
    assert [len(row["weeks"]) for row in talks.rows("report activity")] == [12, 12]
    assert {row["channel"] for row in talks.rows("report activity --from 2026-01-01")} == {"call", "email", "note"}


def test_a_week_begins_where_the_one_who_asks_lives(talks: Crm) -> None:
    by_week = {row["week"]: row["interactions"] for row in talks.rows("report activity --by week --from 2026-11-02")}
    assert by_week == {"2026-11-02": 1, "2026-11-09": 1, "2026-11-16": 0, "2026-11-23": 2}
    in_china = talks.ok("report activity --by week --from 2026-11-02 --json", env={"CRM_TZ": "Asia/Shanghai"}).json
    assert {row["week"]: row["interactions"] for row in in_china}["2026-11-16"] == 1  # 23:30 UTC is Monday there
    sunday = talks.ok("report activity --by week --from 2026-11-02 --json", env={"CRM_WEEK_START": "sun"}).json
    assert sunday[0]["week"] == "2026-11-01"


def test_by_owner_and_with_a_query(talks: Crm) -> None:
    talks.ok("member add Ana")
    talks.ok("log call beta hers --at 2026-11-24T12:00", env={"CRM_USER": "Ana"})
    counted = {row["owner"]: row["interactions"] for row in talks.rows("report activity --by owner")}
    assert counted == {"Ana": 1, None: 4}
    assert [row["interactions"] for row in talks.rows("report activity customer:beta channel:call")] == [2]


def test_a_person_sees_lines_and_bars(talks: Crm) -> None:
    table = talks.ok("report activity --from 2026-11-02").out.splitlines()
    assert table[1].split() == ["call", "3", "2", "15", "1", "1", "▄··█"]
    weeks = talks.ok("report activity --by week --from 2026-11-02").out.splitlines()
    assert weeks[4].endswith("█" * 24)
    narrow = talks.ok("report activity", env={"COLUMNS": "40", "FORCE_COLOR": "1", "NO_COLOR": "1"}).out
    assert all(len(line) <= 40 for line in narrow.splitlines())
    assert talks.ok("report activity channel:visit").err == "Nothing was logged from 2026-09-07 to 2026-11-25.\n"


def test_where_customers_come_from(talks: Crm) -> None:
    talks.ok("customer edit acme --source fair")
    talks.ok("customer add Gamma --source 展会")
    talks.ok("customer add Delta")
    talks.ok("deal win rollout")
    talks.ok("deal add pilot --customer beta --amount 500 --currency USD")
    talks.ok("deal lose pilot --reason price")
    rows = {row["source"]: row for row in talks.rows("report sources")}
    assert list(rows) == ["fair", "展会", None]
    fair = rows["fair"]
    assert (fair["customers"], fair["buyers"], fair["deals"], fair["won"], fair["lost"]) == (2, 1, 2, 1, 1)
    assert fair["win_rate"] == 50
    assert fair["won_amount"] == [{"amount": 48000, "currency": "EUR", "deals": 1}]
    assert rows[None]["win_rate"] is None
    assert [row["source"] for row in talks.rows("report sources region:DACH")] == ["fair"]
    assert talks.rows("report sources --to 2026-01-01") == []
    table = talks.ok("report sources").out.splitlines()
    assert table[1].split()[:6] == ["fair", "2", "1", "2", "1", "1"]
    assert "unknown" in table[3]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("report activity --by colour", "Split it by: channel owner week"),
        ("report activity --from 2026-11-20 --to 2026-11-01", "2026-11-01 lies before 2026-11-20"),
        ("report activity --from 1900-01-01", "More than 520 weeks"),
        ("report sources --from never", "never"),
        ("report nothing", "report"),
    ],
)
def test_what_cannot_be_meant(talks: Crm, line: str, said: str) -> None:
    result = talks(*line.split())
    assert result.code == 2
    assert said in result.err
