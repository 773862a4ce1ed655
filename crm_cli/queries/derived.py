"""What is kept twice, computed from what it is derived from: last contact, last touch, the day a cadence runs out,
how far a deal came."""

from datetime import date, datetime, timedelta, tzinfo

from crm_cli.rules.days import from_utc_text
from crm_cli.store.reader import Reader

# The open stage that stands last among those a deal has been in. Of one that came lost from another program, the
# history says only that: what else it had been in stands on the deal alone.
FURTHEST = (
    "(SELECT z.id FROM stage z WHERE z.kind = 'open' AND (z.id IN (SELECT to_stage_id FROM stage_change WHERE deal_id"
    " = d.id UNION ALL SELECT from_stage_id FROM stage_change WHERE deal_id = d.id)"
    " OR (z.id = d.furthest_stage_id AND 'lost' = (SELECT y.kind FROM stage_change c JOIN stage y ON y.id ="
    " c.to_stage_id WHERE c.deal_id = d.id ORDER BY c.id LIMIT 1))) ORDER BY z.position DESC, z.id DESC LIMIT 1)"
)


def _newest(db: Reader, test: str, record_id: int, zone: tzinfo | None) -> date | None:
    at = db.value(f"SELECT max(at) FROM interaction WHERE {test} AND removed_at IS NULL", {"id": record_id})
    return from_utc_text(at, zone).date() if at else None


def last_contact_of_customer(db: Reader, customer_id: int, zone: tzinfo | None) -> date | None:
    """The day of the newest interaction."""
    return _newest(db, "customer_id = :id", customer_id, zone)


def last_contact_of_person(db: Reader, contact_id: int, zone: tzinfo | None) -> date | None:
    """The day of the newest interaction that he or she took part in."""
    test = "id IN (SELECT interaction_id FROM interaction_contact WHERE contact_id = :id)"
    return _newest(db, test, contact_id, zone)


def last_touch(db: Reader, deal_id: int, zone: tzinfo | None) -> date | None:
    """The newest day of an interaction, a stage change but the first, or a done task."""
    moved = db.value(
        "SELECT max(changed_on) FROM stage_change WHERE deal_id = :id AND from_stage_id IS NOT NULL", {"id": deal_id}
    )
    done = db.value("SELECT max(done_at) FROM task WHERE deal_id = :id AND removed_at IS NULL", {"id": deal_id})
    days = [
        _newest(db, "deal_id = :id", deal_id, zone),
        date.fromisoformat(moved) if moved else None,
        from_utc_text(done, zone).date() if done else None,
    ]
    return max((day for day in days if day), default=None)


def kept_twice(db: Reader, record: str, row_id: int, zone: tzinfo | None) -> dict[str, date | None]:
    """Column -> what it should say, of a customer, a contact or a deal; nothing for a row that there is not."""
    if record == "deal":
        return {"last_touch_on": last_touch(db, row_id, zone)}
    if record == "contact":
        return {"last_contact_on": last_contact_of_person(db, row_id, zone)}
    found = db.row("SELECT cadence_days, created_at FROM customer WHERE id = :id", {"id": row_id})
    if found is None:
        return {}
    last = last_contact_of_customer(db, row_id, zone)
    return {
        "last_contact_on": last,
        "cadence_due_on": cadence_due(found[0], last, from_utc_text(found[1], zone), zone),
    }


def cadence_due(days: int | None, last_contact: date | None, created_at: datetime, zone: tzinfo | None) -> date | None:
    """The day the cadence runs out: counted from the last contact, for a new customer from its making."""
    if days is None:
        return None
    return (last_contact or created_at.astimezone(zone).date()) + timedelta(days=days)
