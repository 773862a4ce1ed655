"""Everything about one record: its own keys with contacts, deals, tasks, interactions nested, and the timeline."""

from typing import Any

from crm_cli.queries.conditions import Asker, Condition
from crm_cli.queries.find import Found
from crm_cli.queries.playbook import standing
from crm_cli.queries.privacy_consent import consents_of
from crm_cli.queries.records import Page, list_records, one_record
from crm_cli.queries.segments import of_record
from crm_cli.store.reader import Reader

_LINKS = {
    "customer": {
        "contacts": ("contact", "p.customer_id = :id"),
        "deals": ("deal", "d.customer_id = :id"),
        "tasks": ("task", "(t.customer_id = :id OR t.deal_id IN (SELECT id FROM deal WHERE customer_id = :id))"),
        "interactions": ("interaction", "i.customer_id = :id"),
        "orders": ("order", "so.customer_id = :id"),
    },
    "contact": {
        "deals": ("deal", "d.id IN (SELECT deal_id FROM deal_contact WHERE contact_id = :id)"),
        "tasks": ("task", "t.deal_id IN (SELECT deal_id FROM deal_contact WHERE contact_id = :id)"),
        "interactions": (
            "interaction",
            "i.id IN (SELECT interaction_id FROM interaction_contact WHERE contact_id = :id)",
        ),
    },
    "deal": {
        "tasks": ("task", "t.deal_id = :id"),
        "interactions": ("interaction", "i.deal_id = :id"),
        "orders": ("order", "so.deal_id = :id"),
    },
    "interaction": {},
    "task": {},
    "product": {},
    "order": {},
}


def show(db: Reader, found: Found, asker: Asker, *, removed: bool = False) -> dict[str, Any]:
    """The record's keys, the segments it is in, then arrays of what belongs to it; tasks open ones first, interactions
    newest first."""
    record = one_record(db, found.kind, found.id, asker, removed=removed)
    people = record.pop("contacts", None) if found.kind == "deal" else None
    if found.kind in ("customer", "contact", "deal"):
        record["segments"] = of_record(db, found.kind, found.id, asker)
    for name, (noun, test) in _LINKS[found.kind].items():
        where = Condition(test, {"id": found.id}, frozenset())
        rows = list(list_records(db, noun, asker, where=where, page=Page(sort="due" if noun == "task" else "")))
        if noun == "task":
            done = sorted((row for row in rows if row["done_at"]), key=lambda row: row["done_at"], reverse=True)
            rows = [*(row for row in rows if not row["done_at"]), *done]
        record[name] = rows
    if found.kind == "customer":
        record |= standing(db, found.id)
    if found.kind in ("customer", "contact"):
        record["consents"] = consents_of(db, found.kind, found.id, asker.now.tzinfo)
    if found.kind == "customer":
        from crm_cli.queries.orders import ordered

        record["ordered"] = ordered(db, found.id, asker.today)
    if found.kind == "product":
        from crm_cli.queries.products import bought
        from crm_cli.queries.solutions import solution_of

        record |= {**solution_of(db, found.id), "bought": bought(db, found.id, asker.today)}
    if found.kind == "deal":
        from crm_cli.queries.deal_lines import lines_of_deal

        record["lines"] = lines_of_deal(db, found.id)
        record["contacts"] = people
        record["stage_changes"] = stage_changes(db, found.id)
    return record


def stage_changes(db: Reader, deal_id: int) -> list[dict[str, Any]]:
    """The history of a deal's stages, oldest first: from, to, on, by, note, days spent in the stage left."""
    return db.dicts(
        'SELECT (SELECT name FROM stage WHERE id = x.from_stage_id) AS "from",'
        ' (SELECT name FROM stage WHERE id = x.to_stage_id) AS "to", x.changed_on AS "on", x.changed_by AS "by",'
        " x.note, x.days_spent FROM stage_change x WHERE x.deal_id = :id ORDER BY x.id",
        {"id": deal_id},
    )
