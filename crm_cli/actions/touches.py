"""What is kept twice for the daily reads: last contact, last touch, run-out cadence. Kept here, and nowhere else."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from crm_cli.model.customer import Contact, Customer
from crm_cli.model.deal import Deal
from crm_cli.rules.days import from_utc_text
from crm_cli.store.writer import Work


def touch_customer(w: Work, customer_id: int, day: date) -> None:
    """An interaction on a day: it may be the last contact; a snoozed cadence wakes."""
    row = w.get(Customer, customer_id)
    if row.last_contact_on is None or day > row.last_contact_on:
        row.last_contact_on = day
    set_cadence(row, w)
    w.execute("DELETE FROM snooze WHERE customer_id = :id", {"id": customer_id})


def set_cadence(row: Any, w: Work) -> None:
    """The day the cadence runs out: counted from the last contact, for a new customer from its making."""
    if row.cadence_days is None:
        row.cadence_due_on = None
        return
    start = row.last_contact_on or row.created_at.astimezone(w.now.tzinfo).date()
    row.cadence_due_on = start + timedelta(days=row.cadence_days)


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


def recount_customer(w: Work, customer_id: int) -> None:
    """Last contact and cadence from the interactions there are, after one was changed or removed."""
    row = w.get(Customer, customer_id)
    row.last_contact_on = _newest(w, "customer_id = :id", customer_id)
    set_cadence(row, w)


def recount_contact(w: Work, contact_id: int) -> None:
    """Last contact of a person from the interactions that he or she took part in."""
    test = "id IN (SELECT interaction_id FROM interaction_contact WHERE contact_id = :id)"
    w.get(Contact, contact_id).last_contact_on = _newest(w, test, contact_id)


def recount_deal(w: Work, deal_id: int) -> None:
    """Last touch from the interactions, stage changes and done tasks there are."""
    days = [_newest(w, "deal_id = :id", deal_id)]
    moved = w.db.value(
        "SELECT max(changed_on) FROM stage_change WHERE deal_id = :id AND from_stage_id IS NOT NULL", {"id": deal_id}
    )
    done = w.db.value("SELECT max(done_at) FROM task WHERE deal_id = :id AND removed_at IS NULL", {"id": deal_id})
    days.append(date.fromisoformat(moved) if moved else None)
    days.append(from_utc_text(done, w.now.tzinfo).date() if done else None)
    w.get(Deal, deal_id).last_touch_on = max((day for day in days if day), default=None)


def recount(w: Work, records: Iterable[tuple[str, int]]) -> None:
    """What is kept twice of (noun, id) customers, contacts and deals, from what there is now."""
    for noun, record_id in sorted(records):
        {"customer": recount_customer, "contact": recount_contact, "deal": recount_deal}[noun](w, record_id)


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


def _newest(w: Work, test: str, record_id: int) -> date | None:
    at = w.db.value(f"SELECT max(at) FROM interaction WHERE {test} AND removed_at IS NULL", {"id": record_id})
    return from_utc_text(at, w.now.tzinfo).date() if at else None
