"""Rows taken away for good, and what pointed at them; what is kept twice of those that stay is counted anew."""

from datetime import tzinfo

from crm_cli.actions.undoing import recount
from crm_cli.queries.privacy_scope import DEPENDENT, RECORDS, Ids, among, listed, tables_of
from crm_cli.store.writer import Plain

# columns of rows that stay
_POINTING = {
    "customer": {"parent_id": "customer", "referred_by_id": "customer"},
    "task": {"deal_id": "deal"},
    "interaction": {"deal_id": "deal"},
    "sales_order": {"deal_id": "deal"},
}


def delete_rows(db: Plain, ids: Ids, zone: tzinfo | None) -> int:
    """Delete the rows, their claims of reminders, and the links to them; returns how many went."""
    stale = _touched(db, ids)
    gone = 0
    tables = tables_of(db)
    for table in (*DEPENDENT, "interaction", "task", "sales_order", "deal", "contact", "customer"):
        if table in tables and ids.get(table):
            gone += db.execute(f"DELETE FROM {table} WHERE id {among('ids')}", {"ids": listed(ids[table])})
    for table, columns in _POINTING.items():
        for column, noun in columns.items():
            if ids[noun] and table in tables:
                db.execute(
                    f"UPDATE {table} SET {column} = NULL WHERE {column} {among('ids')}", {"ids": listed(ids[noun])}
                )
    if "not_duplicate" in tables:
        for noun in ("customer", "contact"):
            gone += db.execute(
                f"DELETE FROM not_duplicate WHERE noun = :noun AND (low_id {among('ids')} OR high_id {among('ids')})",
                {"noun": noun, "ids": listed(ids[noun])},
            )
    for table in {"score", "lifecycle_change"} & tables:
        db.execute(f"DELETE FROM {table} WHERE customer_id {among('ids')}", {"ids": listed(ids["customer"])})
    items = [(f"{table}:{row_id}",) for table in RECORDS for row_id in ids[table]]
    db.many("DELETE FROM reminder_claim WHERE item = ?", items)
    of_noun = (
        "DELETE FROM segment_membership WHERE record_id = ? AND segment_id IN (SELECT id FROM segment WHERE noun = ?)"
    )
    nouns = {table: table for table in RECORDS} | {"sales_order": "order"}
    db.many(of_noun, [(row_id, nouns[table]) for table in RECORDS for row_id in ids[table]])
    for noun, row_id in sorted(stale):
        recount(db, noun, row_id, zone)
    return gone


def _touched(db: Plain, ids: Ids) -> set[tuple[str, int]]:
    """Records that stay and that one of the interactions or tasks was about."""
    params = {noun: listed(ids[noun]) for noun in RECORDS}
    people = db.rows(
        f"SELECT DISTINCT contact_id FROM interaction_contact WHERE interaction_id {among('interaction')}"
        f" AND contact_id NOT {among('contact')}",
        params,
    )
    deals = db.rows(
        f"SELECT deal_id FROM interaction WHERE id {among('interaction')} AND deal_id NOT {among('deal')}"
        f" UNION SELECT deal_id FROM task WHERE id {among('task')} AND deal_id NOT {among('deal')}",
        params,
    )
    customers = db.rows(
        f"SELECT customer_id FROM interaction WHERE id {among('interaction')} AND customer_id NOT {among('customer')}",
        params,
    )
    named = (("contact", people), ("deal", deals), ("customer", customers))
    return {(noun, row_id) for noun, rows in named for (row_id,) in rows}
