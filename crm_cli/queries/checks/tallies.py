"""What is counted of all deals equals the deals: where they stand, and how long they stayed."""

from crm_cli.queries.checks.finding import Invariant
from crm_cli.store.tallies import deal_line

_DEALS = f"SELECT {deal_line('d')} FROM deal d WHERE d.removed_at IS NULL"
_STAYS = (
    "SELECT x.from_stage_id, x.days_spent, 1 FROM stage_change x JOIN deal d ON d.id = x.deal_id"
    " WHERE d.removed_at IS NULL AND x.from_stage_id + x.days_spent IS NOT NULL"
)
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
            counted=_DEALS,
            off="sum(deals) <> 0 OR sum(millions) <> 0 OR sum(rest) <> 0",
        ),
        _SENTENCE,
        fix=("DELETE FROM deal_tally WHERE stage_id = :id", f"INSERT INTO tally_deal {_DEALS} AND d.stage_id = :id"),
    ),
    Invariant(
        "stay-tally",
        "stage",
        _OFF.format(
            key="stage_id, days",
            sums="sum(times)",
            kept="SELECT stage_id, days, -times AS times FROM stay_tally",
            counted=_STAYS,
            off="sum(times) <> 0",
        ),
        _SENTENCE,
        fix=(
            "DELETE FROM stay_tally WHERE stage_id = :id",
            f"INSERT INTO tally_stay {_STAYS} AND x.from_stage_id = :id",
        ),
    ),
)
