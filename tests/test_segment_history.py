"""Who came into a segment and who left it; how many there are and were; a renamed segment."""

import pytest
from conftest import Crm


@pytest.fixture
def keys(acme: Crm) -> Crm:
    acme.ok("segment add keys tag:key")
    return acme


def history(crm: Crm, day: str) -> list[tuple[str, str, str, int]]:
    rows = crm.at(f"{day}T09:00:00").rows("segment show keys --history")
    return [(row["on"], row["change"], row["name"], row["members"]) for row in rows]


def test_the_first_write_of_a_day_writes_down_who_is_in_it(keys: Crm) -> None:
    assert keys.sql("SELECT counted_on, members FROM segment_count") == [("2026-11-25", 1)]
    tomorrow = keys.at("2026-11-26T09:00:00")
    tomorrow.ok('customer add "Beta AG" --tag key')
    keys.at("2026-11-28T09:00:00").ok("tag remove key acme")
    keys.at("2026-11-28T10:00:00").ok("tag add other beta")
    assert history(keys, "2026-11-28") == [
        ("2026-11-28", "left", "Acme GmbH", 1),
        ("2026-11-26", "entered", "Beta AG", 2),
    ]
    since = keys.at("2026-11-28T11:00:00").rows("segment show keys --from 2026-11-27")
    assert [row["on"] for row in since] == ["2026-11-28"]
    told = keys.at("2026-11-28T11:00:00").ok("segment show keys --history").err
    assert told == "keys was counted first on 2026-11-25, with 1 record\n"


def test_what_changed_since_the_last_count_stands_under_today(keys: Crm) -> None:
    keys.ok("tag remove key acme")  # the day was counted before that
    assert history(keys, "2026-11-25") == [("2026-11-25", "left", "Acme GmbH", 0)]
    keys.ok("tag add key acme")
    assert history(keys, "2026-11-25") == []


def test_a_read_writes_nothing_and_remind_counts_once_a_day(keys: Crm) -> None:
    later = keys.at("2026-12-04T09:00:00")
    before = keys.db.read_bytes()
    for line in ("segment list", "segment show keys", "segment show keys --history", "remind --dry-run"):
        later.ok(line)
    assert keys.db.read_bytes() == before
    later.ok("remind")
    later.ok("remind --since-last")
    assert keys.sql("SELECT counted_on, members FROM segment_count") == [("2026-11-25", 1), ("2026-12-04", 1)]


def test_the_list_says_how_many_more_than_a_week_ago(keys: Crm) -> None:
    assert keys.rows("segment list")[0]["week_change"] is None
    later = keys.at("2026-12-02T09:00:00")
    later.ok('customer add "Beta AG" --tag key')
    later.ok('customer add "Gamma AG" --tag key')
    assert [(row["members"], row["week_change"]) for row in later.rows("segment list")] == [(3, 2)]


def test_many_customers_are_left_to_remind(keys: Crm) -> None:
    keys.sql("SELECT 1")
    import sqlite3

    with sqlite3.connect(keys.db) as connection:
        connection.execute("UPDATE sqlite_sequence SET seq = 30000 WHERE name = 'customer'")
    connection.close()
    later = keys.at("2026-11-27T09:00:00")
    later.ok('customer add "Beta AG" --tag key')
    assert keys.sql("SELECT max(counted_on) FROM segment_count") == [("2026-11-25",)]
    later.ok("remind")
    assert keys.sql("SELECT max(counted_on) FROM segment_count") == [("2026-11-27",)]


def test_undo_of_the_segment_is_not_hindered_and_leaves_nothing_behind(keys: Crm) -> None:
    keys.ok("undo")
    keys.ok("segment add other tag:key")
    assert keys.sql("SELECT DISTINCT segment_id FROM segment_membership") == [(2,)]


def test_an_erased_customer_is_in_no_history(keys: Crm) -> None:
    keys.ok("privacy erase acme --yes")
    assert keys.sql("SELECT * FROM segment_membership") == []


def test_a_renamed_segment_is_renamed_where_it_is_asked_for(keys: Crm) -> None:
    keys.ok("segment add both @keys region:DACH")
    result = keys.ok("segment rename keys vips")
    assert "Segment both asks for it too: @vips region:DACH" in result.err
    assert [row["members"] for row in keys.rows("segment list")] == [1, 1]
    keys.ok("undo")
    assert keys.rows("segment show both")[0]["name"] == "Acme GmbH"
    assert keys("segment rename keys both").code == 4


def test_a_circle_is_refused(keys: Crm) -> None:
    keys.ok("segment add both @keys region:DACH")
    result = keys("segment edit keys @both")
    assert result.code == 2
    assert "leads back to itself" in result.err
