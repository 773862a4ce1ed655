"""What is kept twice for the daily reads: last contact, last touch, run-out cadence. Kept here, and nowhere else."""

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


def _newest(w: Work, test: str, record_id: int) -> date | None:
    at = w.db.value(f"SELECT max(at) FROM interaction WHERE {test} AND removed_at IS NULL", {"id": record_id})
    return from_utc_text(at, w.now.tzinfo).date() if at else None
