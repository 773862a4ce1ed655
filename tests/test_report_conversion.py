"""crm report conversion: cohorts by the day opened, followed through the history of their stages."""

import sqlite3
from collections import defaultdict
from typing import Any

import pytest
from conftest import Crm, begin
from test_funnel import fill, reached, second_pipeline

pytestmark = pytest.mark.ci

KEYS = "stage kind position deals reached conversion overall lost open median_days unfinished pipeline".split()


@pytest.fixture
def paths(crm: Crm, begun: dict[str, bytes]) -> Crm:
    """Four deals of March, all closed: two won, one lost after the proposal, one as a lead. Two of July: one lost after
    going back from negotiation to qualified, one still there."""
    begin(
        crm,
        begun,
        "conversion",
        ("2026-03-01", "customer add Acme --source fair"),
        *(("2026-03-01", f"deal add M{n} --customer acme") for n in range(1, 5)),
        ("2026-03-11", "deal move 1 2 3 proposal"),
        ("2026-03-21", "deal win 1"),
        ("2026-03-31", "deal win 2"),
        ("2026-04-01", "deal lose 3 4 --reason price"),
        ("2026-07-01", "deal add J1 --customer acme --source web"),
        ("2026-07-01", "deal add J2 --customer acme --source web"),
        ("2026-07-05", "deal move 5 6 negotiation"),
        ("2026-07-08", "deal move 5 qualified"),
        ("2026-07-09", "deal lose 5 --reason price"),
    )
    return crm


def test_who_reached_a_stage_of_those_who_reached_the_one_before(paths: Crm) -> None:
    rows = {row["stage"]: row for row in paths.rows("report conversion --to 2026-06-30")}
    assert list(rows) == ["lead", "qualified", "proposal", "negotiation", "won"]
    assert [list(row) for row in rows.values()] == [KEYS] * 5
    assert [row["reached"] for row in rows.values()] == [4, 3, 3, 2, 2]
    assert [row["conversion"] for row in rows.values()] == [None, 75.0, 100.0, 66.7, 100.0]
    assert [row["overall"] for row in rows.values()] == [100.0, 75.0, 75.0, 50.0, 50.0]
    assert [row["lost"] for row in rows.values()] == [1, 0, 1, 0, 0]
    assert {(row["deals"], row["unfinished"]) for row in rows.values()} == {(4, False)}
    assert (rows["lead"]["median_days"], rows["proposal"]["median_days"]) == (10, 20)  # 10 10 10 31; 10 20 21
    assert rows["won"]["median_days"] == 25  # opened to won: 20 and 30


def test_a_cohort_that_has_open_deals_is_marked(paths: Crm) -> None:
    rows = [row for row in paths.rows("report conversion --by quarter") if row["quarter"] == "2026-Q3"]
    assert [row["reached"] for row in rows] == [2, 2, 2, 2, 0]  # whoever went back has been there
    assert [row["open"] for row in rows] == [0, 0, 0, 1, 0]
    assert {row["unfinished"] for row in rows} == {True}
    shown = paths.ok("report conversion --by quarter").out.splitlines()
    assert shown[0] == "2026-Q1  4 deals"
    assert "2026-Q3  2 deals  unfinished: 1 open" in shown


def test_all_cohorts_together_and_by_source(paths: Crm) -> None:
    assert [row["reached"] for row in paths.rows("report conversion")] == [6, 5, 5, 4, 2]
    by_source = {(row["source"], row["stage"]): row["reached"] for row in paths.rows("report conversion --by source")}
    assert (by_source["fair", "won"], by_source["web", "won"]) == (2, 0)
    assert [row["reached"] for row in paths.rows("report conversion source:web")] == [2, 2, 2, 2, 0]


def test_days_are_the_same_from_the_index_and_deal_by_deal(paths: Crm) -> None:
    paths.ok("deal remove 2 --yes")
    plain = paths.rows("report conversion")
    assert plain == paths.rows("report conversion opened:..today")
    assert plain[2]["median_days"] == 15.5  # 10 and 21, without the 20 of the deal that was removed


def test_a_lost_deal_without_a_history_counts_as_lost_in_the_first_stage(paths: Crm) -> None:
    file = "title,customer,stage,close,opened,reason\nold,Acme,lost,2026-03-20,2026-03-02,price\n"
    paths.ok("import", "-", "--as", "deals", stdin=file)
    rows = paths.rows("report conversion --to 2026-06-30")
    assert (rows[0]["deals"], rows[0]["reached"], rows[0]["lost"], rows[1]["conversion"]) == (5, 5, 2, 60.0)
    told = paths.rows("report conversion --to 2026-06-30 --explain")
    assert told["left_out"] == {"lost_without_history": 1}
    assert told["counted"] == {"deals": 5, "won_deals": 2, "lost_deals": 3, "open_deals": 0}


def test_nothing_and_one_deal(crm: Crm) -> None:
    assert crm.rows("report conversion") == []
    assert crm.ok("report conversion").err == "No deal was opened in this time.\n"
    crm.ok("customer add Acme")
    crm.ok("deal add only --customer acme")
    assert [row["conversion"] for row in crm.rows("report conversion")] == [None, 0.0, None, None, None]


@pytest.mark.ci
def test_pipelines_stand_apart(paths: Crm) -> None:
    second_pipeline(paths)
    paths.ok("deal add P --customer acme --stage asked")
    paths.ok("deal win P")
    assert [row["stage"] for row in paths.rows("report conversion --pipeline renewals")] == ["asked", "renewed"]
    assert [row["pipeline"] for row in paths.rows("report conversion")] == ["sales"] * 5 + ["renewals"] * 2
    assert paths.ok("report conversion").out.splitlines()[0] == "sales  6 deals  unfinished: 1 open"


@pytest.mark.ci
def test_it_fits_the_screen_in_both_languages(paths: Crm) -> None:
    narrow = {"COLUMNS": "40", "FORCE_COLOR": "1", "NO_COLOR": "1"}
    shown = paths.ok("report conversion --by month --lang zh", env=narrow).out
    assert all(len(line) <= 40 for line in shown.splitlines())
    assert "未完结" in shown
    assert paths.ok("report conversion --format csv --columns stage,reached").out.splitlines()[1] == "lead,6"
    assert paths.ok("report conversion --format md --by month").out.count("| stage |") == 2


@pytest.mark.ci
@pytest.mark.parametrize("seed", range(5))
def test_it_is_what_a_count_deal_by_deal_gives(crm: Crm, seed: int) -> None:
    fill(crm, seed, 120)
    db = sqlite3.connect(crm.db)
    db.row_factory = sqlite3.Row
    every = db.execute("SELECT * FROM stage ORDER BY position").fetchall()
    stages = [stage for stage in every if stage["kind"] != "lost"]
    history: dict[int, list[Any]] = defaultdict(list)
    for change in db.execute("SELECT * FROM stage_change ORDER BY id"):
        history[change["deal_id"]].append(change)
    found = {(row["month"], row["stage"]): row for row in crm.rows("report conversion --by month")}
    cohorts: dict[str, list[Any]] = defaultdict(list)
    for deal in db.execute("SELECT * FROM deal WHERE removed_at IS NULL"):
        cohorts[deal["opened_on"][:7]].append(deal)
    assert len(found) == len(cohorts) * len(stages)
    for month, deals in cohorts.items():
        for n, stage in enumerate(stages):
            row = found[month, stage["name"]]
            came = len(deals) if n == 0 else sum(bool(reached(deal, stage, every, history)) for deal in deals)
            assert (row["deals"], row["reached"]) == (len(deals), came)
            before = found[month, stages[n - 1]["name"]]["reached"] if n else 0
            assert row["conversion"] == (round(100 * came / before, 1) if before else None)
