"""What the funnel has counted already is what a count finds, whatever was done and by whom."""

import random
import sqlite3

import pytest
from conftest import Crm

from crm_cli.store.tallies import MILLION

DEALS = (
    "SELECT stage_id, coalesce(furthest_stage_id, 0), coalesce(currency, ''), coalesce(probability, -1), count(*),"
    " sum(coalesce(amount, 0)) FROM deal WHERE removed_at IS NULL GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
)
STAYS = (
    "SELECT from_stage_id, days_spent, count(*) FROM stage_change x JOIN deal d ON d.id = x.deal_id"
    " WHERE d.removed_at IS NULL AND from_stage_id IS NOT NULL AND days_spent IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
)


def tallied(crm: Crm) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    deals = crm.sql("SELECT * FROM deal_tally ORDER BY 1, 2, 3, 4")
    return [(*row[:5], row[5] * MILLION + row[6]) for row in deals], crm.sql("SELECT * FROM stay_tally ORDER BY 1, 2")


def right(crm: Crm, what: str = "") -> None:
    deals, stays = tallied(crm)
    assert deals == crm.sql(DEALS), what
    assert stays == crm.sql(STAYS), what


LINES = (
    "deal add New{n} --customer acme --amount {amount} --currency {currency}",
    "deal add Bare{n} --customer beta",
    "deal add Likely{n} --customer beta --amount {amount} --currency {currency} --probability {odds} --stage proposal",
    "deal edit {deal} --amount {amount} --currency {currency}",
    "deal edit {deal} --probability {odds}",
    "deal edit {deal} --amount none",
    "deal move {deal} {stage}",
    "deal move {deal} {other} {stage}",
    "deal win {deal}",
    "deal lose {deal} --reason price",
    "deal reopen {deal}",
    "deal remove {deal} --yes",
    "deal restore {deal}",
    "customer remove {customer} --yes",
    "customer restore {customer}",
    "customer merge acme beta --yes",
    "purge --older-than 1d --yes",
    "undo --yes",
    "undo --yes",
    "redo --yes",
    "import - --as deals --yes",
)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_done_the_tallies_are_a_count(crm: Crm, seed: int) -> None:
    chance = random.Random(seed)
    crm.ok("customer add Acme")
    crm.ok("customer add Beta")
    done = 0
    for n in range(70):
        crm = crm.at(f"2026-{1 + n // 25:02}-{1 + n % 25:02}T09:00:00")
        line = chance.choice(LINES[:3] if n < 6 else LINES).format(
            n=n,
            amount=chance.choice(("0", "12.34", "1999999.99", "48000")),
            currency=chance.choice(("EUR", "CNY", "JPY")),
            odds=chance.choice((0, 35, 100)),
            deal=f"deal:{chance.randint(1, 12)}",
            other=f"deal:{chance.randint(1, 12)}",
            customer=chance.choice(("customer:1", "customer:2")),
            stage=chance.choice(("lead", "qualified", "proposal", "negotiation")),
        )
        csv = f"title,customer,amount,currency,stage\nI{n},Acme,7,EUR,proposal\nJ{n},Gamma,,,won\n"
        done += crm(line, stdin=csv).code == 0
        right(crm, line)
    assert done > 20
    assert crm.ok("check").out == ""


def test_rows_of_other_programs_count_in_whatever_order_they_come(crm: Crm) -> None:
    crm.ok("customer add Acme")
    crm.ok("deal add Rollout --customer acme --amount 5000 --currency EUR")
    for stage in ("qualified", "proposal"):
        crm = crm.at("2026-12-05T09:00:00")
        crm.ok(f"deal move rollout {stage}")
    db = sqlite3.connect(crm.db, isolation_level=None)
    db.executescript(
        "CREATE TEMP TABLE d AS SELECT * FROM deal; CREATE TEMP TABLE x AS SELECT * FROM stage_change;"
        "UPDATE temp.d SET id = 9, uuid = 'u'; UPDATE temp.x SET id = id + 90, deal_id = 9, uuid = uuid || 'u';"
        "INSERT OR IGNORE INTO stage_change SELECT * FROM temp.x; INSERT OR IGNORE INTO deal SELECT * FROM temp.d;"
    )
    right(crm)
    assert tallied(crm)[1] == [(1, 10, 2), (2, 0, 2)]
    db.executescript("UPDATE stage_change SET days_spent = 3 WHERE deal_id = 9 AND from_stage_id = 1;")
    assert tallied(crm)[1] == [(1, 3, 1), (1, 10, 1), (2, 0, 2)]
    db.executescript("DELETE FROM deal WHERE id = 9;")
    assert tallied(crm)[1] == [(1, 10, 1), (2, 0, 1)]
    db.executescript("DELETE FROM stage_change WHERE deal_id = 9;")
    right(crm)
    db.close()


def test_a_sum_beyond_any_integer_is_exact(crm: Crm) -> None:
    crm.ok("customer add Acme")
    crm.ok("deal add Rollout --customer acme --amount 89999999999999.99 --currency EUR")
    db = sqlite3.connect(crm.db, isolation_level=None)
    columns = [row[1] for row in db.execute("PRAGMA table_info(deal)") if row[1] not in ("id", "uuid")]
    listed = ", ".join(columns)
    db.execute(
        "WITH n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)"
        f" INSERT INTO deal (uuid, {listed}) SELECT 'u' || i, {listed} FROM deal, n"
    )
    db.close()
    out = crm.ok("funnel --format json").out
    assert '"amount": 107999999999999988.00' in out or '"amount": 107999999999999988,' in out


def test_a_count_that_another_program_spoilt_is_named_and_mended(crm: Crm) -> None:
    crm.ok("customer add Acme")
    crm.ok("deal add Rollout --customer acme --amount 5000 --currency EUR")
    crm.ok("deal move rollout proposal")
    whole = tallied(crm)
    db = sqlite3.connect(crm.db, isolation_level=None)
    db.executescript("UPDATE deal_tally SET deals = 7, rest = 1; INSERT INTO stay_tally VALUES (2, 5, 3);")
    rows = {row["check"]: row for row in crm("check --format json").json}
    told = "What the funnel has counted in {} is not what is there"
    assert (rows["deal-tally"]["ref"], rows["deal-tally"]["message"]) == ("stage:3", told.format("proposal"))
    assert (rows["stay-tally"]["ref"], rows["stay-tally"]["message"]) == ("stage:2", told.format("qualified"))
    assert all(row["fixable"] for row in rows.values())
    crm.ok("check --fix")
    assert tallied(crm) == whole
    right(crm)
    # without a trigger nothing is counted: what puts it back counts anew
    db.executescript("DROP TRIGGER tally_deal_update; UPDATE deal SET amount = 900;")
    assert crm("deal list").code == 0
    assert crm("deal edit rollout --amount 800").code == 5
    crm.ok("check --fix")
    right(crm)
    db.close()
