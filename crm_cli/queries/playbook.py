"""What to do with a customer in each stage of life."""

from collections.abc import Sequence
from typing import Any

from crm_cli.rules.tiers import PLAYBOOK
from crm_cli.store.reader import Reader

_PREFIX = "playbook."


def playbook(db: Reader, stage: str) -> str | None:
    """What to do with a customer in a stage: the words of whoever changed them, else ours, in English."""
    kept = db.value("SELECT value FROM setting WHERE name = :name", {"name": _PREFIX + stage})
    if kept is not None:
        return str(kept)
    return PLAYBOOK.get(stage)


def playbooks(db: Reader, *, ids: Sequence[int] | None = None) -> list[dict[str, Any]]:
    """lifecycle, playbook, changed (whether somebody put his own words there), by stage; of some rows of settings."""
    kept = {name: row_id for row_id, name in db.rows("SELECT id, name FROM setting")}
    return [
        {"lifecycle": stage, "playbook": playbook(db, stage), "changed": _PREFIX + stage in kept}
        for stage in PLAYBOOK
        if ids is None or kept.get(_PREFIX + stage) in ids
    ]


def setting_of(stage: str) -> str:
    """The name of the setting that holds the words for a stage."""
    return _PREFIX + stage


def standing(db: Reader, customer_id: int) -> dict[str, Any]:
    """tier, lifecycle (set by hand, else as it was scored last), risk and playbook; nothing where nothing is known."""
    row = db.row(
        "SELECT z.tier, coalesce(c.lifecycle, z.lifecycle), z.risk FROM customer c LEFT JOIN score z"
        " ON z.customer_id = c.id WHERE c.id = :id",
        {"id": customer_id},
    )
    if row is None or row[1] is None:
        return {}
    return {"tier": row[0], "lifecycle": row[1], "risk": row[2], "playbook": playbook(db, row[1])}
