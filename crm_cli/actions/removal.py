"""Records hidden, and brought back with what went with them."""

from crm_cli.actions import touches
from crm_cli.actions.change import Change
from crm_cli.rules.days import to_utc_text
from crm_cli.store.reader import Reader
from crm_cli.store.writer import Work

_ATTACHED = {
    "customer": {
        "contact": "customer_id = :id",
        "deal": "customer_id = :id",
        "task": "(customer_id = :id OR deal_id IN (SELECT id FROM deal WHERE customer_id = :id))",
        "interaction": "customer_id = :id",
    },
    "deal": {"task": "deal_id = :id"},
}


def open_deals_of(db: Reader, ids: list[int]) -> int:
    """How many open deals hang on customers that are to be removed."""
    listed = ", ".join(str(int(i)) for i in ids)
    return int(
        db.value(
            f"SELECT count(*) FROM deal WHERE customer_id IN ({listed}) AND removed_at IS NULL"
            " AND stage_id IN (SELECT id FROM stage WHERE kind = 'open')"
        )
    )


def remove_records(w: Work, noun: str, ids: list[int]) -> Change:
    """Hide records and what belongs to them; restore brings back what went with them."""
    at = to_utc_text(w.now)
    for record_id in ids:
        for table, test in {noun: "id = :id", **_ATTACHED.get(noun, {})}.items():
            w.execute(
                f"UPDATE {table} SET removed_at = :at, updated_at = :at WHERE removed_at IS NULL AND {test}",
                {"id": record_id, "at": at},
            )
        recount_after(w, noun, record_id)
    if len(ids) == 1:
        return Change(noun, ids, "Removed {noun} {id}; crm {noun} restore {id} brings it back", {"noun": noun, "id": ids[0]})
    return Change(noun, ids, "Removed {n}; crm {noun} restore brings them back", {"n": len(ids), "noun": noun})


def restore_records(w: Work, noun: str, ids: list[int]) -> Change:
    """Bring removed records back, with what was removed in the same stroke."""
    for record_id in ids:
        at = w.db.value(f"SELECT removed_at FROM {noun} WHERE id = :id", {"id": record_id})
        for table, test in {noun: "id = :id", **_ATTACHED.get(noun, {})}.items():
            w.execute(
                f"UPDATE {table} SET removed_at = NULL, updated_at = :now WHERE removed_at = :at AND {test}",
                {"id": record_id, "at": at, "now": to_utc_text(w.now)},
            )
        recount_after(w, noun, record_id)
    return Change(noun, ids, "Restored {noun} {id}" if len(ids) == 1 else "Restored {n}", {"noun": noun, "id": ids[0], "n": len(ids)})


def recount_after(w: Work, noun: str, record_id: int) -> None:
    """An interaction or a done task that goes or comes back changes the last touch of what it hung on."""
    if noun not in ("interaction", "task"):
        return
    row = w.db.row(f"SELECT customer_id, deal_id FROM {noun} WHERE id = :id", {"id": record_id})
    assert row is not None
    if noun == "interaction" and row[0] is not None:
        touches.recount_customer(w, row[0])
        people = w.db.rows("SELECT contact_id FROM interaction_contact WHERE interaction_id = :id", {"id": record_id})
        for (contact_id,) in people:
            touches.recount_contact(w, contact_id)
    if row[1] is not None:
        touches.recount_deal(w, row[1])
