"""Who has been kept for longer than there was a reason: customers and people with nothing going on for years."""

import json
from datetime import date, datetime
from typing import Any

from crm_cli.queries.sources import OPEN
from crm_cli.rules.dates import local_day_start
from crm_cli.rules.days import to_utc_text
from crm_cli.store.reader import Reader

_TASK = "x.removed_at IS NULL AND (x.done_at IS NULL OR x.done_at >= :moment OR x.created_at >= :moment)"
_DEAL = f"x.removed_at IS NULL AND (x.stage_id IN {OPEN} OR x.updated_at >= :moment OR x.closed_on >= :day)"
_CUSTOMERS = (
    "SELECT c.id, c.name, NULL, coalesce(c.last_contact_on, substr(c.created_at, 1, 10)) FROM customer c"
    " WHERE c.removed_at IS NULL AND c.created_at < :moment"
    " AND NOT EXISTS (SELECT 1 FROM interaction x WHERE x.customer_id = c.id AND x.removed_at IS NULL"
    " AND x.at >= :moment)"
    f" AND NOT EXISTS (SELECT 1 FROM deal x WHERE x.customer_id = c.id AND {_DEAL})"
    f" AND NOT EXISTS (SELECT 1 FROM task x WHERE x.customer_id = c.id AND {_TASK})"
    f" AND NOT EXISTS (SELECT 1 FROM deal d JOIN task x ON x.deal_id = d.id WHERE d.customer_id = c.id AND {_TASK})"
    " ORDER BY 4, c.id"
)
# a person that no talk names goes by what is going on with the customer
_CONTACTS = (
    "SELECT p.id, p.name, k.name, coalesce(p.last_contact_on, substr(p.created_at, 1, 10)) FROM contact p"
    " LEFT JOIN customer k ON k.id = p.customer_id WHERE p.removed_at IS NULL AND p.created_at < :moment"
    " AND (p.customer_id IS NULL OR p.last_contact_on IS NOT NULL)"
    " AND (p.customer_id IS NULL OR p.customer_id NOT IN (SELECT value FROM json_each(:gone)))"
    " AND NOT EXISTS (SELECT 1 FROM interaction_contact l JOIN interaction x ON x.id = l.interaction_id"
    " WHERE l.contact_id = p.id AND x.removed_at IS NULL AND x.at >= :moment)"
    f" AND NOT EXISTS (SELECT 1 FROM deal_contact l JOIN deal x ON x.id = l.deal_id"
    f" WHERE l.contact_id = p.id AND {_DEAL})"
    " ORDER BY 4, p.id"
)


def stale(db: Reader, since: date, now: datetime) -> list[dict[str, Any]]:
    """Customers without an interaction, a task or a change of a deal since a day, nothing of it open; then the people
    at other customers of whom the same is true. With the keys of `crm privacy retention`, the longest ago first."""
    params: dict[str, Any] = {"moment": to_utc_text(local_day_start(since, now.tzinfo)), "day": since.isoformat()}
    customers = db.rows(_CUSTOMERS, params)
    params["gone"] = json.dumps([row[0] for row in customers])
    contacts = db.rows(_CONTACTS, params)
    return [_row("customer", *row) for row in customers] + [_row("contact", *row) for row in contacts]


def _row(kind: str, row_id: int, name: str, customer: str | None, last_on: str) -> dict[str, Any]:
    return {
        "ref": f"{kind}:{row_id}",
        "kind": kind,
        "id": row_id,
        "name": name,
        "customer": customer,
        "last_on": last_on,
    }
