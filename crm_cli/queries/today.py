"""The day at a glance: overdue and due, appointments, deals closing this week, quiet deals, birthdays."""

from datetime import date, timedelta
from typing import Any

from crm_cli.queries.conditions import Asker, Condition
from crm_cli.queries.followups import Scope, followups
from crm_cli.queries.records import Page, list_records
from crm_cli.store.reader import Reader

_WEEK = 7
_CLOSING = "d.stage_id IN (SELECT id FROM stage WHERE kind = 'open') AND d.expected_close_on BETWEEN :from AND :to"
_CLOSING_KEYS = (
    "id", "title", "customer", "customer_id", "stage", "amount", "currency", "probability", "expected_close_on",
    "next_step", "owner",
)  # fmt: skip


def today(db: Reader, asker: Asker, *, owner_id: int | None = None) -> dict[str, list[dict[str, Any]]]:
    """overdue, due, appointments: tasks; closing: deals; quiet: quiet deals and run-out cadences; birthdays: people."""
    sheet = followups(db, asker, Scope(within=0, owner_id=owner_id))
    tasks = [row for row in sheet if row["kind"] == "task"]
    now = [row for row in tasks if row["bucket"] == "today"]
    return {
        "overdue": [row for row in tasks if row["bucket"] == "overdue"],
        "due": [row for row in now if not row["due_at"]],
        "appointments": [row for row in now if row["due_at"]],
        "closing": closing(db, asker, owner_id),
        "quiet": [row for row in sheet if row["kind"] != "task"],
        "birthdays": birthdays(db, asker.today, owner_id),
    }


def closing(db: Reader, asker: Asker, owner_id: int | None = None) -> list[dict[str, Any]]:
    """Open deals expected to close from today to the end of the next seven days."""
    until = asker.today + timedelta(days=_WEEK - 1)
    owner = f" AND d.owner_id = {int(owner_id)}" if owner_id is not None else ""
    params = {"from": asker.today.isoformat(), "to": until.isoformat()}
    where = Condition(_CLOSING + owner, params, frozenset())
    return list(list_records(db, "deal", asker, where=where, keys=_CLOSING_KEYS, page=Page(sort="close")))


def birthdays(db: Reader, day: date, owner_id: int | None = None, within: int = _WEEK) -> list[dict[str, Any]]:
    """People whose birthday is in the days to come: kind, id, name, customer, birthday, on, age (None where the year
    is not known)."""
    days = [(day + timedelta(days=n)).strftime("%m-%d") for n in range(within)]
    if "02-28" in days and "02-29" not in days:
        days.append("02-29")  # kept on 28 February in common years
    listed = "', '".join(days)
    mine = f" AND c.owner_id = {int(owner_id)}" if owner_id is not None else ""
    rows = db.rows(
        "SELECT 'customer', c.id, c.name, NULL, c.birthday FROM customer c"
        f" WHERE c.birthday IS NOT NULL AND c.removed_at IS NULL AND substr(c.birthday, 6) IN ('{listed}'){mine}"
        " UNION ALL SELECT 'contact', p.id, p.name, c.name, p.birthday FROM contact p"
        " LEFT JOIN customer c ON c.id = p.customer_id"
        f" WHERE p.birthday IS NOT NULL AND p.removed_at IS NULL AND substr(p.birthday, 6) IN ('{listed}'){mine}"
    )
    if not rows:
        return []
    from crm_cli.rules.recurrence import NO_YEAR, next_birthday

    found: list[dict[str, Any]] = []
    for kind, record_id, name, customer, birthday in rows:
        born = date.fromisoformat(birthday)
        on = next_birthday(born, day)
        if (on - day).days < within:
            own = {"kind": kind, "id": record_id, "name": name, "customer": customer, "birthday": birthday}
            found.append({**own, "on": on.isoformat(), "age": on.year - born.year if born.year != NO_YEAR else None})
    return sorted(found, key=lambda row: (row["on"], row["name"], row["kind"], row["id"]))
