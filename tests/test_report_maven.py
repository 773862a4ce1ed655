"""The sales reports over the pipeline of a real file set, against the answers that are kept beside it."""

import json
import os
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from conftest import Crm

DATA = Path(os.environ.get("CRM_REAL_DATA", "/nowhere"))
pytestmark = [pytest.mark.ci, pytest.mark.skipif(not (DATA / "crm/maven").is_dir(), reason="needs CRM_REAL_DATA")]


@cache
def answers() -> dict[str, Any]:
    kept = json.loads((DATA / "answers.json").read_text(encoding="utf-8"))
    return kept["answers"]["maven_crm_sales_opportunities"]["answers"]  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def maven(tmp_path_factory: pytest.TempPathFactory) -> Crm:
    """The deals at the end of their last quarter; only read."""
    crm = Crm(Path(tmp_path_factory.mktemp("maven")))
    crm.environ |= {"CRM_CURRENCY": "USD", "CRM_NOW": "2017-12-31T18:00:00"}
    file = str(DATA / "crm/maven/sales_pipeline.csv")
    crm.ok("import", file, "--as", "deals", "--currency", "USD", "--create", "stages,owners,customers,products")
    return crm


def test_won_value_per_quarter(maven: Crm) -> None:
    value, count = answers()["won_value_per_quarter"], answers()["won_count_per_quarter"]
    for line in ("report forecast --by quarter --from 2017-01-01 --to 2017-12-31", "report wins --by quarter"):
        rows = maven.rows(line)
        assert {row["quarter"]: row.get("won_amount", row.get("amount")) for row in rows} == value
        assert {row["quarter"]: row.get("won_deals", row.get("deals")) for row in rows} == count


def test_win_rate_and_velocity(maven: Crm) -> None:
    (row,) = maven.rows("report velocity")
    stages = answers()["deals_per_stage"]
    assert row["win_rate"] == round(100 * answers()["win_rate"], 2) == 63.15
    assert row["opportunities"] == stages["Won"] + stages["Lost"]
    assert row["cycle_days"] == round(answers()["avg_days_to_close_won"], 2)
    average = Fraction(answers()["won_value_total"], stages["Won"])
    expected = row["opportunities"] * average * Fraction(stages["Won"], row["opportunities"])
    assert abs(row["velocity"] - float(expected) / answers()["avg_days_to_close_won"]) < 0.01


def test_won_value_and_win_rate_per_seller(maven: Crm) -> None:
    rows = {row["owner"]: row for row in maven.rows("report wins --by owner")}
    assert {name: [row["amount"], row["deals"]] for name, row in rows.items()} == answers()["won_value_per_agent"]
    rates = answers()["win_rate_per_agent"]
    assert {name: row["win_rate"] for name, row in rows.items()} == {n: round(100 * r, 2) for n, r in rates.items()}


def test_how_far_the_deals_came(maven: Crm) -> None:
    rows = maven.rows("report conversion")
    stages = answers()["deals_per_stage"]
    assert rows[-1]["reached"] == stages["Won"]
    assert rows[-1]["overall"] == round(100 * answers()["win_rate_of_all_deals"], 1)
    assert sum(row["lost"] for row in rows) == stages["Lost"]
    assert sum(row["open"] for row in rows) == stages["Engaging"] + stages["Prospecting"]
