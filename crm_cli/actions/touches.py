"""What is kept twice for the daily reads: last contact, last touch, run-out cadence. Kept here, and nowhere else."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from crm_cli.model.customer import Contact, Customer
from crm_cli.model.deal import Deal
from crm_cli.queries import derived
from crm_cli.store.writer import Work

_MODELS = {"customer": Customer, "contact": Contact, "deal": Deal}


def touch_customer(w: Work, customer_id: int, day: date) -> None:
    """An interaction on a day: it may be the last contact; a snoozed cadence wakes."""
    row = w.get(Customer, customer_id)
    if row.last_contact_on is None or day > row.last_contact_on:
        row.last_contact_on = day
    set_cadence(row, w)
    w.execute("DELETE FROM snooze WHERE customer_id = :id", {"id": customer_id})


def set_cadence(row: Any, w: Work) -> None:
    """The day the cadence runs out."""
    row.cadence_due_on = derived.cadence_due(row.cadence_days, row.last_contact_on, row.created_at, w.now.tzinfo)


def touch_contact(w: Work, contact_id: int, day: date) -> None:
    row = w.get(Contact, contact_id)
    if row.last_contact_on is None or day > row.last_contact_on:
        row.last_contact_on = day


def touch_deal(w: Work, deal_id: int, day: date) -> None:
    """A real touch: an interaction, a stage change, a task done."""
    row = w.get(Deal, deal_id)
    if row.last_touch_on is None or day > row.last_touch_on:
        row.last_touch_on = day
    w.execute("DELETE FROM snooze WHERE deal_id = :id", {"id": deal_id})


def recount(w: Work, records: Iterable[tuple[str, int]]) -> None:
    """What is kept twice of (noun, id) customers, contacts and deals, from what there is now."""
    for noun, record_id in sorted(records):
        row = w.get(_MODELS[noun], record_id)
        for column, day in derived.kept_twice(w.db, noun, record_id, w.now.tzinfo).items():
            setattr(row, column, day)


def recount_after(w: Work, noun: str, record_id: int) -> None:
    """After a record was hidden or brought back with what belongs to it: all whose last touch that may change."""
    tests = {
        "interaction": "i.id = :id",
        "customer": "i.customer_id = :id OR i.deal_id IN (SELECT id FROM deal WHERE customer_id = :id)",
        "deal": "i.deal_id = :id",
    }
    found: set[tuple[str, int]] = {(noun, record_id)} if noun in ("customer", "contact", "deal") else set()
    if noun in tests:
        sql = (
            "SELECT i.customer_id, i.deal_id, x.contact_id FROM interaction i"
            f" LEFT JOIN interaction_contact x ON x.interaction_id = i.id WHERE {tests[noun]}"
        )
        for ids in w.db.rows(sql, {"id": record_id}):
            found |= {pair for pair in zip(("customer", "deal", "contact"), ids, strict=True) if pair[1] is not None}
    if noun in ("task", "customer"):
        test = "id = :id" if noun == "task" else "customer_id = :id"
        done = f"SELECT deal_id FROM task WHERE {test} AND deal_id IS NOT NULL AND done_at IS NOT NULL"
        found |= {("deal", row[0]) for row in w.db.rows(done, {"id": record_id})}
    recount(w, found)
