"""What is counted of all deals equals the deals: where they stand, and how long they stayed."""

from crm_cli.queries.checks.finding import Invariant
from crm_cli.store.tallies import DEALS, STAYS

_OFF = (
    "SELECT DISTINCT stage_id AS id, (SELECT name FROM stage WHERE id = stage_id) AS name FROM"
    " (SELECT {key}, {sums} FROM ({kept} UNION ALL {counted}) GROUP BY {key} HAVING {off}) ORDER BY 1"
)
_SENTENCE = "What the funnel has counted in {name} is not what is there"

INVARIANTS = (
    Invariant(
        "deal-tally",
        "stage",
        _OFF.format(
            key="stage_id, furthest_stage_id, currency, probability",
            sums="sum(deals)",
            kept="SELECT stage_id, furthest_stage_id, currency, probability, -deals AS deals, -millions AS millions,"
            " -rest AS rest FROM deal_tally",
            counted=DEALS,
            off="sum(deals) <> 0 OR sum(millions) <> 0 OR sum(rest) <> 0",
        ),
        _SENTENCE,
        fix=("DELETE FROM deal_tally WHERE stage_id = :id", f"INSERT INTO tally_deal {DEALS} AND d.stage_id = :id"),
    ),
    Invariant(
        "stay-tally",
        "stage",
        _OFF.format(
            key="stage_id, days",
            sums="sum(times)",
            kept="SELECT stage_id, days, -times AS times FROM stay_tally",
            counted=STAYS,
            off="sum(times) <> 0",
        ),
        _SENTENCE,
        fix=(
            "DELETE FROM stay_tally WHERE stage_id = :id",
            f"INSERT INTO tally_stay {STAYS} AND x.from_stage_id = :id",
        ),
    ),
)
