"""The funnel: deals, money, share, conversion and days a stage; compared with a slow count over random histories."""

import random
import sqlite3
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from statistics import median
from typing import Any

import pytest
from conftest import Crm, begin

KEYS = ["stage", "kind", "position", "deals", "amount", "currency", "weighted", "share", "conversion", "median_days"]
STAGES = ["lead", "qualified", "proposal", "negotiation", "won", "lost"]


def funnel(crm: Crm, *words: str) -> dict[str, dict]:
    rows = crm.rows("funnel", *words)
    assert len({row["currency"] for row in rows}) == 1
    return {row["stage"]: row for row in rows}


# ------------------------------------------------------------------ by hand


def test_an_empty_database_shows_the_stages_with_zeros(crm: Crm) -> None:
    rows = crm.rows("funnel")
    assert [row["stage"] for row in rows] == STAGES
    assert [list(row) for row in rows] == [KEYS] * 6
    assert {(row["deals"], row["amount"], row["weighted"], row["conversion"], row["median_days"]) for row in rows} == {
        (0, 0, 0, None, None)
    }


@pytest.fixture
def eight(crm: Crm, begun: dict[str, bytes]) -> Crm:
    """Eight deals over EUR 1,000 each: two leads, one qualified, one proposal, two won, two lost."""
    first, later = "2026-11-25", "2026-12-05"
    deals = [(first, f"deal add D{n} --customer acme --amount 1000 --currency EUR") for n in range(8)]
    begin(
        crm,
        begun,
        "eight deals",
        (first, "customer add Acme"),
        *deals,
        ("2026-11-29", "deal move 3 4 6 7 qualified"),
        (later, "deal move 4 7 proposal"),
        (later, "deal win 5 6"),
        (later, "deal lose 7 8 --reason price"),
    )
    return crm.at(f"{later}T09:00:00")


def test_conversion_counts_who_reached_the_stage_or_a_later_one(eight: Crm) -> None:
    rows = funnel(eight)
    assert {name: row["deals"] for name, row in rows.items()} == {
        "lead": 2, "qualified": 1, "proposal": 1, "negotiation": 0, "won": 2, "lost": 2,
    }  # fmt: skip
    # reached: lead 8, qualified 5 (3, 4, 5, 6, 7), proposal 4 (4, 5, 6, 7), negotiation 2 (won), won 2
    assert {name: row["conversion"] for name, row in rows.items()} == {
        "lead": 62.5, "qualified": 80.0, "proposal": 50.0, "negotiation": 100.0, "won": None, "lost": None,
    }  # fmt: skip
    assert [row["share"] for row in rows.values()] == [25.0, 12.5, 12.5, 0.0, 25.0, 25.0]


def test_weighted_is_amount_times_probability(eight: Crm) -> None:
    rows = funnel(eight)
    assert [row["weighted"] for row in rows.values()] == [200, 250, 500, 0, 2000, 0]


def test_a_deals_own_probability_wins(eight: Crm) -> None:
    eight.ok("deal edit 1 --probability 90")
    assert funnel(eight)["lead"]["weighted"] == 1000


def test_days_are_the_median_of_those_that_left(eight: Crm) -> None:
    days = {name: row["median_days"] for name, row in funnel(eight).items()}
    # lead left after 4, 4, 4, 4 (to qualified) and 10, 10 (5 won, 8 lost); qualified after 6, 6, 6; proposal after 0
    assert days == {"lead": 4, "qualified": 6, "proposal": 0, "negotiation": None, "won": None, "lost": None}


def test_a_deal_won_and_reopened_has_reached_what_its_history_says(eight: Crm) -> None:
    eight.ok("deal reopen 5")
    assert funnel(eight)["lead"]["conversion"] == 50.0


def test_a_stage_without_probability_is_left_out_and_said_so(eight: Crm) -> None:
    eight.ok("stage edit qualified --clear probability")
    result = eight.ok("funnel --format json")
    rows = {row["stage"]: row for row in result.json}
    assert rows["qualified"]["weighted"] is None
    assert rows["qualified"]["amount"] == 1000
    told = eight.ok("funnel").err
    assert "qualified" in told
    assert "left out" in told
    eight.ok("deal edit 3 --probability 50")
    assert funnel(eight)["qualified"]["weighted"] == 500


def test_a_row_set_for_each_currency(eight: Crm) -> None:
    eight.ok("deal add Dollars --customer acme --amount 500 --currency USD --stage proposal")
    eight.ok("deal add Nothing --customer acme")
    rows = eight.rows("funnel")
    assert [row["currency"] for row in rows] == ["EUR"] * 6 + ["USD"] * 6 + [None] * 6
    assert [(row["stage"], row["deals"], row["amount"]) for row in rows[6:12] if row["deals"]] == [("proposal", 1, 500)]
    assert [(row["stage"], row["deals"], row["amount"]) for row in rows[12:] if row["deals"]] == [("lead", 1, 0)]
    assert sum(row["share"] for row in rows[6:12]) == 100


def test_deals_without_an_amount_join_the_only_currency(eight: Crm) -> None:
    eight.ok("deal add Nothing --customer acme")
    assert (funnel(eight)["lead"]["deals"], funnel(eight)["lead"]["amount"]) == (3, 2000)


def test_removed_deals_count_for_nothing(eight: Crm) -> None:
    eight.ok("deal remove 5 6 7 8 --yes")
    rows = funnel(eight)
    assert [row["deals"] for row in rows.values()] == [2, 1, 1, 0, 0, 0]
    assert (rows["lead"]["conversion"], rows["lead"]["median_days"], rows["qualified"]["median_days"]) == (50.0, 4, 6)


def test_from_and_to_are_days_of_opening(eight: Crm) -> None:
    eight.ok("deal add New --customer acme --amount 10 --currency EUR")
    assert funnel(eight, "--from", "2026-12-01")["lead"]["deals"] == 1
    assert funnel(eight, "--to", "2026-11-25")["lead"]["deals"] == 2
    assert funnel(eight, "--from", "2026-11", "--to", "2026-11")["lead"]["deals"] == 2
    assert funnel(eight, "--from", "2026-11-26", "--to", "2026-12-04")["lead"]["deals"] == 0


def test_closed_from_and_to_are_days_of_closing(eight: Crm) -> None:
    eight.at("2026-12-09T09:00:00").ok("deal win 1")
    rows = funnel(eight, "--closed-from", "2026-12-05", "--closed-to", "2026-12-08")
    assert [row["deals"] for row in rows.values()] == [0, 0, 0, 0, 2, 2]
    assert funnel(eight, "--closed-from", "2026-12-06")["won"]["deals"] == 1


def test_an_end_before_the_beginning_is_refused(eight: Crm) -> None:
    assert eight("funnel --from 2026-12-01 --to 2026-11-01").code == 2
    assert eight("funnel --from 05/06").code == 2


def test_a_query_narrows_the_deals(eight: Crm) -> None:
    eight.ok("customer add Globex --region Nord")
    eight.ok("deal add Pilot --customer globex --amount 70 --currency EUR --stage proposal")
    assert funnel(eight, "customer:globex")["proposal"]["amount"] == 70
    assert funnel(eight, "amount:..100")["proposal"]["deals"] == 1
    assert funnel(eight, "status:won")["won"]["deals"] == 2
    assert eight("funnel regoin:nord").code == 2


def test_by_owner_and_by_month(eight: Crm) -> None:
    eight.ok("member add Ana")
    eight.ok("deal edit 1 3 4 --owner ana --yes")
    rows = eight.rows("funnel --by owner --format json")
    assert [row["owner"] for row in rows] == ["Ana"] * 6 + [None] * 6
    ana = {row["stage"]: row for row in rows[:6]}
    assert [row["deals"] for row in ana.values()] == [1, 1, 1, 0, 0, 0]
    assert (ana["lead"]["conversion"], ana["lead"]["median_days"]) == (66.7, 4)
    eight.ok("deal add New --customer acme --amount 10 --currency EUR")
    months = eight.rows("funnel --by month")
    assert sorted({row["month"] for row in months}) == ["2026-11", "2026-12"]
    assert eight("funnel --by weather").code == 2


def test_an_unknown_pipeline_is_not_found(eight: Crm) -> None:
    assert eight("funnel --pipeline nothing").code == 3
    assert funnel(eight, "--pipeline", "sales")["lead"]["deals"] == 2


def test_a_second_pipeline_has_its_own_rows(eight: Crm) -> None:
    second_pipeline(eight)
    rows = eight.rows("funnel")
    assert [row["stage"] for row in rows] == STAGES
    eight.ok("deal add Renewal --customer acme --amount 30 --currency EUR --stage asked")
    assert [row["stage"] for row in eight.rows("funnel")] == [*STAGES, "asked", "renewed", "left"]
    only = eight.rows("funnel --pipeline renewals")
    assert [(row["stage"], row["deals"]) for row in only] == [("asked", 1), ("renewed", 0), ("left", 0)]


def test_the_money_of_one_pipeline_is_nothing_to_another(eight: Crm) -> None:
    second_pipeline(eight)
    eight.ok("deal add Bare --customer acme")
    eight.ok("deal add Renewal --customer acme --amount 30 --currency USD --stage asked")
    lead = next(row for row in eight.rows("funnel --pipeline sales") if row["stage"] == "lead")
    assert (lead["currency"], lead["deals"]) == ("EUR", 3)
    assert {row["currency"] for row in eight.rows("funnel --pipeline sales")} == {"EUR"}
    assert {row["currency"] for row in eight.rows("funnel --pipeline renewals")} == {"USD"}


def test_two_pipelines_without_deals_are_both_shown(crm: Crm) -> None:
    crm.ok("customer add Acme")
    second_pipeline(crm)
    assert [row["stage"] for row in crm.rows("funnel")] == [*STAGES, "asked", "renewed", "left"]


def second_pipeline(crm: Crm) -> None:
    """Until a command makes one: a pipeline written into the file."""
    with sqlite3.connect(crm.db) as db:
        stamp = "2026-01-01T00:00:00Z"
        pipeline = db.execute(
            "INSERT INTO pipeline (uuid, name, name_key, position, created_at, updated_at) VALUES ('p', 'renewals', 'renewals', 2, ?, ?)",
            (stamp, stamp),
        ).lastrowid
        for position, (name, kind, chance) in enumerate(
            [("asked", "open", 40), ("renewed", "won", 100), ("left", "lost", 0)], 1
        ):
            db.execute(
                "INSERT INTO stage (uuid, pipeline_id, name, name_key, kind, probability, position, created_at, updated_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (f"s{name}", pipeline, name, name, kind, chance, position, stamp, stamp),
            )


# ------------------------------------------------------------------ a slow count over random histories


def fill(crm: Crm, seed: int, count: int) -> None:
    """Deals with random walks through the stages, straight into the file."""
    rnd = random.Random(seed)
    crm.ok("customer add Acme")
    for name in ("Ana", "Ben"):
        crm.ok(f"member add {name}")
    crm.ok("stage edit negotiation --clear probability")
    stamp = "2026-01-01T00:00:00Z"
    with sqlite3.connect(crm.db) as db:
        stages = db.execute("SELECT id, kind, position FROM stage ORDER BY position").fetchall()
        for n in range(1, count + 1):
            opened = date(2026, 1, 1) + timedelta(days=rnd.randrange(200))
            day, walk = opened, [rnd.choice(stages)]
            changes = [(None, walk[0][0], opened, None)]
            for _ in range(rnd.randrange(6)):
                target = rnd.choice([stage for stage in stages if stage[0] != walk[-1][0]])
                spent = rnd.choice([0, 1, 1, 2, 3, 5, 8, 40])
                day += timedelta(days=spent)
                changes.append((walk[-1][0], target[0], day, spent))
                walk.append(target)
            been = [stage for stage in walk if stage[1] == "open"]
            furthest = max(been, key=lambda stage: stage[2])[0] if been else None
            currency = rnd.choice(["EUR", "EUR", "JPY", None])
            db.execute(
                "INSERT INTO deal (id, uuid, customer_id, title, title_key, stage_id, furthest_stage_id, stage_since_on, amount,"
                " currency, probability, opened_on, closed_on, owner_id, created_at, updated_at, removed_at)"
                " VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    n, f"d{n}", f"D{n}", f"d{n}", walk[-1][0], furthest, day.isoformat(),
                    rnd.randrange(1_000_000) if currency else None, currency,
                    rnd.choice([None, None, None, 5, 33, 95]), opened.isoformat(),
                    day.isoformat() if walk[-1][1] != "open" else None, rnd.choice([None, 1, 2]), stamp, stamp,
                    stamp if rnd.random() < 0.15 else None,
                ),
            )  # fmt: skip
            for i, (before, after, on, spent) in enumerate(changes):
                db.execute(
                    "INSERT INTO stage_change (uuid, deal_id, from_stage_id, to_stage_id, changed_on, changed_at, days_spent)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (f"c{n}-{i}", n, before, after, on.isoformat(), stamp, spent),
                )


def slow(crm: Crm, keep: Any, by: str) -> dict[tuple[Any, Any, str], tuple[Any, ...]]:
    """The funnel again, deal by deal, from the histories alone."""
    db = sqlite3.connect(crm.db)
    db.row_factory = sqlite3.Row
    stages = db.execute("SELECT * FROM stage ORDER BY position").fetchall()
    deals = [deal for deal in db.execute("SELECT * FROM deal WHERE removed_at IS NULL") if keep(deal)]
    owners = dict(db.execute("SELECT id, name FROM member").fetchall())
    label = {"": lambda d: None, "owner": lambda d: owners.get(d["owner_id"]), "month": lambda d: d["opened_on"][:7]}[
        by
    ]
    currencies: dict[Any, set[str]] = defaultdict(set)
    for deal in deals:
        currencies[label(deal)] |= {deal["currency"]} - {None}
    groups: dict[Any, list[Any]] = defaultdict(list)
    for deal in deals:
        own = deal["currency"]
        if own is None:
            known = currencies[label(deal)] or set().union(*currencies.values())
            own = next(iter(known)) if len(known) == 1 else None
        groups[label(deal), own].append(deal)
    history = defaultdict(list)
    for change in db.execute("SELECT * FROM stage_change ORDER BY id"):
        history[change["deal_id"]].append(change)
    answer = {}
    for (name, currency), members in groups.items():
        alike = [deal for deal in deals if label(deal) == name]
        for i, stage in enumerate(stages):
            own = [deal for deal in members if deal["stage_id"] == stage["id"]]
            following = (
                next((s for s in stages[i + 1 :] if s["kind"] != "lost"), None) if stage["kind"] == "open" else None
            )
            came = [deal for deal in members if reached(deal, stage, stages, history)]
            went = [deal for deal in members if following and reached(deal, following, stages, history)]
            days = [c["days_spent"] for deal in alike for c in history[deal["id"]] if c["from_stage_id"] == stage["id"]]
            chances = [chance(deal, stage) for deal in own]
            known = [(deal["amount"] or 0) * c for deal, c in zip(own, chances, strict=True) if c is not None]
            nothing = not known and (bool(own) or chance({"probability": None}, stage) is None)
            answer[name, currency, stage["name"]] = (
                len(own),
                units(sum(deal["amount"] or 0 for deal in own), currency),
                None if nothing else units(round(Fraction(sum(known), 100)), currency),
                round(100 * len(own) / len(members), 1),
                round(100 * len(went) / len(came), 1) if following and came else None,
                median(days) if days else None,
            )
    return answer


def reached(deal: Any, stage: Any, stages: Any, history: Any) -> bool:
    kinds = {s["id"]: (s["kind"], s["position"]) for s in stages}
    if stage["kind"] == "lost":
        return False
    if kinds[deal["stage_id"]][0] == "won":
        return True
    been = [kinds[change["to_stage_id"]] for change in history[deal["id"]]]
    return stage["kind"] == "open" and any(kind == "open" and position >= stage["position"] for kind, position in been)


def chance(deal: Any, stage: Any) -> int | None:
    if stage["kind"] != "open":
        return 100 if stage["kind"] == "won" else 0
    return deal["probability"] if deal["probability"] is not None else stage["probability"]


def units(minor: int, currency: str | None) -> Any:
    return minor / 100 if currency == "EUR" else minor


CASES = [
    ("", lambda d: True, ""),
    ("--by owner", lambda d: True, "owner"),
    ("--by month", lambda d: True, "month"),
    ("--from 2026-03-01 --to 2026-05-31", lambda d: "2026-03-01" <= d["opened_on"] <= "2026-05-31", ""),
    ("--closed-from 2026-04-01", lambda d: (d["closed_on"] or "") >= "2026-04-01", ""),
    ("--closed-to 2026-04-01 --by owner", lambda d: "" < (d["closed_on"] or "") <= "2026-04-01", "owner"),
    (
        "amount:2000..",
        lambda d: d["amount"] is not None and d["amount"] >= (200000 if d["currency"] == "EUR" else 2000),
        "",
    ),
    ("owner:ana", lambda d: d["owner_id"] == 1, ""),
    ("currency:EUR", lambda d: d["currency"] == "EUR", ""),
]


@pytest.mark.ci
@pytest.mark.parametrize(("seed", "count"), [(1, 300), (2, 60), (3, 7)])
def test_the_funnel_is_what_a_slow_count_gives(crm: Crm, seed: int, count: int) -> None:
    fill(crm, seed, count)
    for words, keep, by in CASES:
        wanted = slow(crm, keep, by)
        rows = crm.rows(*f"funnel {words}".split())
        got = {
            (row.get(by) if by else None, row["currency"], row["stage"]): (
                row["deals"], row["amount"], row["weighted"], row["share"], row["conversion"], row["median_days"],
            )
            for row in rows
        }  # fmt: skip
        if not wanted:
            assert {row[0] for row in got.values()} == {0}
        else:
            assert got == wanted, words
