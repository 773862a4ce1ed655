"""What is counted of all deals equals the deals: where they stand, and how long they stayed."""

from crm_cli.queries.checks.finding import Invariant
from crm_cli.store.tallies import DEALS, KEYS, NUMBERS, STAYS


def _invariant(name: str, counted: str, stage: str) -> Invariant:
    """Of one table: what is kept less what is there leaves nothing; a stage that is off is counted anew."""
    key, numbers = ", ".join(KEYS[name]), NUMBERS[name]
    kept = f"SELECT {key}, {', '.join(f'-{number} AS {number}' for number in numbers)} FROM {name}_tally"
    off = " OR ".join(f"sum({number}) <> 0" for number in numbers)
    return Invariant(
        f"{name}-tally",
        "stage",
        "SELECT DISTINCT stage_id AS id, (SELECT name FROM stage WHERE id = stage_id) AS name FROM"
        f" (SELECT stage_id FROM ({kept} UNION ALL {counted}) GROUP BY {key} HAVING {off}) ORDER BY 1",
        "What the funnel has counted in {name} is not what is there",
        fix=(
            f"DELETE FROM {name}_tally WHERE stage_id = :id",
            f"INSERT INTO tally_{name} {counted} AND {stage} = :id",
        ),
    )


INVARIANTS = (_invariant("deal", DEALS, "d.stage_id"), _invariant("stay", STAYS, "x.from_stage_id"))
