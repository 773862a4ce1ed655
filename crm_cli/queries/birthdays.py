"""Everybody who has a birthday, for the calendar that other programs subscribe to."""

from datetime import date
from typing import Any

from crm_cli.queries.conditions import Condition
from crm_cli.store.reader import Reader

Row = dict[str, Any]


def all_birthdays(db: Reader, where: Condition, owner_id: int | None = None) -> list[Row]:
    """Customers that `where` fits, and contacts at such: uuid, kind, name, customer, birthday, updated_at."""
    mine = f" AND c.owner_id = {int(owner_id)}" if owner_id is not None else ""
    people = db.rows(
        "SELECT c.uuid, 'customer', c.name, NULL, c.birthday, c.updated_at FROM customer c"
        f" WHERE c.birthday IS NOT NULL AND c.removed_at IS NULL AND ({where.sql}){mine}"
        " UNION ALL SELECT p.uuid, 'contact', p.name, c.name, p.birthday, p.updated_at FROM contact p"
        " JOIN customer c ON c.id = p.customer_id WHERE p.birthday IS NOT NULL AND p.removed_at IS NULL"
        f" AND c.removed_at IS NULL AND ({where.sql}){mine}",
        where.params,
    )
    keys = ("uuid", "kind", "name", "customer", "birthday", "updated_at")
    rows = [dict(zip(keys, row, strict=True)) for row in people]
    return sorted(
        rows, key=lambda row: (date.fromisoformat(row["birthday"]).strftime("%m%d"), row["name"], row["uuid"])
    )
