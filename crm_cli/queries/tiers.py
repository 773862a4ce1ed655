"""The tiers: those that somebody has made or changed, else those that every database begins with."""

from collections.abc import Sequence
from typing import Any

from crm_cli.errors import CrmError
from crm_cli.queries.conditions import Asker, Condition, condition
from crm_cli.rules import names
from crm_cli.rules.text import fold
from crm_cli.rules.tiers import DEFAULTS, Tier
from crm_cli.store.reader import Reader


def all_tiers(db: Reader) -> list[Tier]:
    """Tiers in the order in which they are tried."""
    rows = db.rows(
        "SELECT x.name, x.position, x.query, x.cadence_days, x.playbook, x.asks_risk,"
        " (SELECT name FROM member WHERE id = x.owner_id), x.id FROM tier x ORDER BY x.position, x.id"
    )
    found = [Tier(*row[:5], bool(row[5]), row[6], row[7]) for row in rows]  # type: ignore[call-arg]
    return found or list(DEFAULTS)


def condition_of(db: Reader, tier: Tier, asker: Asker) -> Condition:
    """The rule as a condition on customer c; the errors of a query that cannot be asked."""
    return condition(db, "customer", [f"({tier.query})"], asker)


def problem(db: Reader, tier: Tier, asker: Asker) -> str | None:
    """Why a rule cannot be asked any more, in words; None where it can."""
    try:
        condition_of(db, tier, asker)
    except CrmError as error:
        return error.message()
    return None


def find_tier(db: Reader, name: str) -> Tier:
    """A tier by its name in either language, its beginning or a part of it."""
    from crm_cli.queries.find import pick_row

    rows = [(n, tier.name, tier, fold(tier.name)) for n, tier in enumerate(all_tiers(db))]
    found: Tier = pick_row(rows, name, noun="tier", alias=names.canonical("tier", fold(name)))[2]
    return found


def published(db: Reader, asker: Asker, *, ids: Sequence[int] | None = None) -> list[dict[str, Any]]:
    """Tiers with their public keys; customers as they were counted last, None before that."""
    counts: dict[str, int] = dict(db.rows("SELECT tier, count(*) FROM score WHERE tier IS NOT NULL GROUP BY 1"))
    has_scores = db.value("SELECT 1 FROM score_run LIMIT 1") is not None
    uuids: dict[int | None, str] = dict(db.rows("SELECT id, uuid FROM tier"))
    return [
        {
            "id": tier.id,
            "uuid": uuids.get(tier.id),
            "name": tier.name,
            "position": tier.position,
            "query": tier.query,
            "cadence_days": tier.cadence_days,
            "owner": tier.owner,
            "playbook": tier.playbook,
            "asks_risk": tier.asks_risk,
            "customers": counts.get(tier.name, 0) if has_scores else None,
            "problem": problem(db, tier, asker),
        }
        for tier in all_tiers(db)
        if ids is None or tier.id in ids
    ]


def asking_risk(db: Reader) -> list[str]:
    """Names of the tiers whose customers are on the call sheet when they are about to leave."""
    return [tier.name for tier in all_tiers(db) if tier.asks_risk]
