"""CSV of customers is written by a shorter way than the other formats: it says the same."""

import csv
import io
import json
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from conftest import Crm
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.context import LocalZone
from crm_cli.formats.writing import cell_text
from crm_cli.queries.moments import Moments
from crm_cli.rules.days import from_utc_text, to_utc_text
from crm_cli.rules.money import Exact
from crm_cli.rules.text import guard_formula

pytestmark = pytest.mark.ci


@pytest.fixture
def shop(crm: Crm) -> Crm:
    """Customers with everything that can hang on them, in every number."""
    crm.ok("member add Ana")
    crm.ok(
        "customer add Acme --email a@x.example --email b@x.example --phone '+49 30 1' --website x.example --tag one --tag two"
    )
    crm.ok("customer add Bare")
    crm.ok(
        "customer add =1+1 --messenger wechat:zoe --note '+1+1' --set colour=red --set size2=L --parent acme --owner ana"
    )
    crm.ok("customer add Dora --kind person --birthday 1990-05-17 --cadence 30d --referred-by acme --region ＝x")
    for title, customer, money, won in (
        ("a", "acme", "10.50 --currency EUR", True), ("b", "acme", "20 --currency EUR", False),
        ("c", "acme", "7 --currency JPY", True), ("d", "dora", "0.234 --currency KWD", True),
        ("e", "dora", "89999999999999.99 --currency USD", False), ("f", "bare", "", False),
    ):  # fmt: skip
        crm.ok(f"deal add {title} --customer {customer} {'--amount ' + money if money else ''}")
        if won:
            crm.ok(f"deal win {title}")
    crm.ok("task add later --customer acme --due +9d")
    crm.ok("task add sooner --customer acme --due +2d")
    crm.ok("task add never --customer bare")
    crm.ok("task add past --customer dora --due 2026-11-01")
    crm.ok("done past")
    crm.ok("customer add Gone --email gone@x.example")
    crm.ok("customer remove gone --yes")
    return crm


@pytest.mark.parametrize("more", ["", "--sort -spent", "--limit 2 --offset 1", "tag:one or kind:person", "--removed"])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/New_York"])
def test_csv_has_the_cells_of_the_json(shop: Crm, more: str, zone: str) -> None:
    env = {"CRM_TZ": zone}
    # the digits of the JSON as they stand: a float would lose some
    rows = json.loads(shop.ok(f"customer list {more} --json", env=env).out, parse_float=Exact)
    assert rows
    for form, mark in (("csv", ","), ("tsv", "\t")):
        table = list(
            csv.reader(io.StringIO(shop.ok(f"customer list {more} --format {form}", env=env).out), delimiter=mark)
        )
        assert table[0] == list(rows[0])
        expected = [
            [
                text if isinstance(v, (int, Exact, dict)) else guard_formula(text)
                for v in row.values()
                for text in [cell_text(v)]
            ]
            for row in rows
        ]
        assert table[1:] == expected


def test_custom_fields_are_json_in_their_cell(shop: Crm) -> None:
    out = shop.ok("customer list --format csv --columns id,custom --sort id").out
    cells = [json.loads(row[1]) for row in list(csv.reader(io.StringIO(out)))[1:]]
    assert cells == [{}, {}, {"colour": "red", "size2": "L"}, {}]


ZONES = st.sampled_from(
    [
        "UTC",
        "Asia/Shanghai",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Europe/Berlin",
        "Africa/Monrovia",
    ]
)


@given(st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)), ZONES)
def test_moments_are_local_with_their_offset(at: datetime, zone: str) -> None:
    kept = to_utc_text(at.replace(microsecond=0, tzinfo=UTC))
    assert Moments(ZoneInfo(zone)).local(kept) == from_utc_text(kept, ZoneInfo(zone)).isoformat()


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])
def test_the_machine_s_own_zone_is_the_one_of_that_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Around each change of the clocks of a year, the hour that comes twice and the one that is left out among them."""
    monkeypatch.setenv("TZ", name)
    time.tzset()
    own, named = LocalZone(), ZoneInfo(name)
    moments = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=17 * n) for n in range(365 * 84)]
    changing = [
        at for at in moments if len({(at + timedelta(hours=h)).astimezone(named).utcoffset() for h in (-4, 4)}) > 1
    ]
    for at in changing or moments[:500]:
        assert at.astimezone(own).isoformat() == at.astimezone(named).isoformat()
        assert at.astimezone(own).astimezone(UTC) == at
        for fold in (0, 1):
            clock = at.replace(tzinfo=None, fold=fold)
            assert clock.replace(tzinfo=own).utcoffset() == clock.replace(tzinfo=named).utcoffset()
    monkeypatch.undo()
    time.tzset()
