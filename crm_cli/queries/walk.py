"""One item of the call sheet with all that a call needs: the last talks, the open deals, who she is."""

from typing import Any

from crm_cli.queries.conditions import Asker
from crm_cli.queries.followups import Scope, followups
from crm_cli.queries.playbook import standing
from crm_cli.queries.sources import OPEN
from crm_cli.rules.days import from_utc_text
from crm_cli.rules.money import amount_number
from crm_cli.store.reader import Reader

Row = dict[str, Any]
TOUCHES = 3
_DEALS = 20


def item(db: Reader, asker: Asker, ref: str) -> Row | None:
    """The item as it stands now, None when it has left the sheet; with `touches`, `deals`, `title`, `usual`."""
    found = followups(db, asker, Scope(only=ref))
    if not found:
        return None
    row = found[0]
    row["touches"] = _touches(db, asker, row)
    row["deals"] = _open_deals(db, row)
    row["title"] = db.value("SELECT title FROM contact WHERE id = :id", {"id": row["contact_id"]})
    row["playbook"] = standing(db, row["customer_id"]).get("playbook") if row["customer_id"] else None
    row["usual"] = row["prefers"] or _last_channel(db, row) or "call"
    return row


def _of(row: Row, alias: str) -> tuple[str, dict[str, Any]] | None:
    """A test for what belongs to the item's customer, else to its deal."""
    if row["customer_id"] is not None:
        return f"{alias}.customer_id = :id", {"id": row["customer_id"]}
    if row["deal_id"] is not None:
        return f"{alias}.deal_id = :id", {"id": row["deal_id"]}
    return None


def _touches(db: Reader, asker: Asker, row: Row) -> list[Row]:
    """The last talks, newest first."""
    own = _of(row, "i")
    if own is None:
        return []
    rows = db.dicts(
        f"SELECT i.at, i.channel, i.direction, i.text, i.outcome FROM interaction i WHERE {own[0]}"
        f" AND i.removed_at IS NULL ORDER BY i.at DESC, i.id DESC LIMIT {TOUCHES}",
        own[1],
    )
    return [{**touch, "on": from_utc_text(touch["at"], asker.now.tzinfo).date().isoformat()} for touch in rows]


def _last_channel(db: Reader, row: Row) -> str | None:
    """How she was spoken to last; a note is no talk."""
    own = _of(row, "i")
    if own is None:
        return None
    return db.value(  # type: ignore[no-any-return]
        f"SELECT i.channel FROM interaction i WHERE {own[0]} AND i.removed_at IS NULL AND i.channel <> 'note'"
        " ORDER BY i.at DESC, i.id DESC LIMIT 1",
        own[1],
    )


def _open_deals(db: Reader, row: Row) -> list[Row]:
    """The open deals of the customer, the item's own first."""
    if row["customer_id"] is None and row["deal_id"] is None:
        return []
    test = "d.customer_id = :id" if row["customer_id"] is not None else "d.id = :deal"
    rows = db.dicts(
        "SELECT d.id, d.title, d.amount, d.currency, d.expected_close_on, s.name AS stage, s.pipeline_id"
        f" FROM deal d JOIN stage s ON s.id = d.stage_id WHERE {test} AND d.removed_at IS NULL AND d.stage_id IN {OPEN}"
        f" ORDER BY d.id IS NOT :deal, d.expected_close_on NULLS LAST, d.id LIMIT {_DEALS}",
        {"deal": row["deal_id"]} | ({"id": row["customer_id"]} if row["customer_id"] is not None else {}),
    )
    for deal in rows:
        if deal["amount"] is not None:
            deal["amount"] = amount_number(deal["amount"], deal["currency"])
    return rows


def stages(db: Reader, pipeline_id: int) -> list[tuple[str, str]]:
    """Names and kinds of the stages of a pipeline, in their order."""
    return db.rows(
        "SELECT name, kind FROM stage WHERE pipeline_id = :id AND removed_at IS NULL ORDER BY position, id",
        {"id": pipeline_id},
    )
