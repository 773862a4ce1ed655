"""The one list behind today, followups and later next and remind: whom to turn to, and why.

Three kinds: an open task is due; a deal went quiet for longer than its stage allows, counted from its last real touch;
a customer's cadence ran out. Buckets: overdue, today, week (the next seven days), later.
"""

from datetime import date, timedelta
from typing import Any, NamedTuple

from crm_cli.queries import people
from crm_cli.queries.conditions import EVERYTHING, Asker, Condition
from crm_cli.queries.quiet import quiet_deals
from crm_cli.store.reader import Reader

BUCKETS = ("overdue", "today", "week", "later")
_COLUMNS = "kind what customer_id deal_id task_id due_on due_at priority owner since allowed".split()
_PRIORITY = {"high": 0, "normal": 1, "low": 2}


class Scope(NamedTuple):
    """Which follow-ups: `within` days ahead (None: all), `where` on customer c, only an owner's."""

    within: int | None = None
    where: Condition = EVERYTHING
    owner_id: int | None = None


def followups(db: Reader, asker: Asker, scope: Scope = Scope()) -> list[dict[str, Any]]:  # noqa: B008 - immutable
    """The call sheet, ranked: overdue first (the longest, then priority), then today by time, then by day."""
    found = _rows(db, asker, scope)
    found.sort(key=_rank)
    _complete(db, found)
    return [_published(row, asker) for row in found]


def _rows(db: Reader, asker: Asker, scope: Scope) -> list[dict[str, Any]]:
    sql, params = statement(db, asker, scope)
    today = asker.today
    rows = []
    for values in db.rows(sql, params):
        row = dict(zip(_COLUMNS, values, strict=True))
        due = _due(row)
        row["days_late"] = max(0, (today - due).days) if due else None
        row["bucket"] = bucket_of(due, today)
        rows.append(row)
    return rows


def _due(row: dict[str, Any]) -> date | None:
    """The day it was due: for a quiet deal, the last day that its stage allowed."""
    if row["kind"] == "quiet":
        due = date.fromisoformat(row["since"]) + timedelta(days=row["allowed"])
        row["due_on"] = due.isoformat()
        return due
    return date.fromisoformat(row["due_on"]) if row["due_on"] else None


def bucket_of(due: date | None, today: date) -> str:
    """overdue, today, week or later; a task without a day is for later."""
    if due is None:
        return "later"
    if due < today:
        return "overdue"
    if due == today:
        return "today"
    return "week" if due <= today + timedelta(days=7) else "later"


def statement(db: Reader, asker: Asker, scope: Scope) -> tuple[str, dict[str, Any]]:
    """One statement: the tasks, the quiet deals, the run-out cadences, each by its own index."""
    params: dict[str, Any] = {**scope.where.params, "today": asker.today.isoformat()}

    def bind(value: Any) -> str:
        params[f"f{len(params)}"] = value
        return f":f{len(params) - 1}"

    owner = f" AND {{}}.owner_id = {bind(scope.owner_id)}" if scope.owner_id is not None else ""
    horizon = asker.today + timedelta(days=scope.within) if scope.within is not None else None
    asked = scope.where.sql != "1"

    def named(column: str) -> str:
        return f" AND {column} IN (SELECT c.id FROM customer c WHERE c.removed_at IS NULL AND {scope.where.sql})" if asked else ""

    task_customer = "coalesce(t.customer_id, (SELECT customer_id FROM deal WHERE id = t.deal_id))"
    until = f" AND t.due_on <= {bind(horizon.isoformat())}" if horizon else ""
    awake = "NOT EXISTS (SELECT 1 FROM snooze z WHERE z.{0}_id = {1}.id AND z.until_on > :today)"
    tasks = (
        f"SELECT 'task', t.text, {task_customer}, t.deal_id, t.id, t.due_on, t.due_at, t.priority, t.owner_id,"
        " NULL, NULL FROM task t WHERE t.done_at IS NULL AND t.removed_at IS NULL"
        f"{until}{owner.format('t')}{named(task_customer)}"
    )
    quiet = (
        "SELECT 'quiet', d.title, d.customer_id, d.id, NULL, NULL, NULL, 'normal', d.owner_id, d.last_touch_on,"
        " (SELECT quiet_after_days FROM stage WHERE id = d.stage_id)"
        f" FROM deal d WHERE d.removed_at IS NULL AND {quiet_deals(db, asker.today, bind)}"
        f" AND {awake.format('deal', 'd')}{owner.format('d')}{named('d.customer_id')}"
    )
    cadence = (
        "SELECT 'cadence', c.name, c.id, NULL, NULL, c.cadence_due_on, NULL, 'normal', c.owner_id,"
        " c.last_contact_on, c.cadence_days"
        " FROM customer c WHERE c.removed_at IS NULL AND c.cadence_due_on IS NOT NULL"
        " AND c.cadence_due_on <= :today"
        f" AND {awake.format('customer', 'c')}{owner.format('c')}{named('c.id')}"
    )
    return f"{tasks} UNION ALL {quiet} UNION ALL {cadence}", params


def _rank(row: dict[str, Any]) -> tuple[Any, ...]:
    """Overdue by priority and lateness; today by time and priority; the rest by day."""
    bucket = BUCKETS.index(row["bucket"])
    priority = _PRIORITY[row["priority"]]
    tie = (row["customer_id"] or 0, row["deal_id"] or 0, row["task_id"] or 0)
    if row["bucket"] == "overdue":
        return (bucket, priority, -row["days_late"], row["due_at"] or "~", *tie)
    return (bucket, row["due_on"] or "~", row["due_at"] or "~", priority, "", *tie)


def _complete(db: Reader, rows: list[dict[str, Any]]) -> None:
    """Names, people, numbers and the last word: one statement for each, whatever the number of rows."""
    customers = people.customers(db, {row["customer_id"] for row in rows if row["customer_id"]})
    deals = people.deals(db, {row["deal_id"] for row in rows if row["deal_id"]})
    contacts = people.contacts(db, set(customers), set(deals))
    last = people.last_words(db, set(customers))
    owners = people.members(db)
    for row in rows:
        customer = customers.get(row["customer_id"], {})
        person = contacts.deal.get(row["deal_id"]) or contacts.customer.get(row["customer_id"]) or {}
        row["customer"] = customer.get("name")
        row["deal"] = deals.get(row["deal_id"])
        row["contact"], row["contact_id"], row["role"] = person.get("name"), person.get("id"), person.get("role")
        row["phone"] = person.get("phone") or customer.get("phone")
        row["email"] = person.get("email") or customer.get("email")
        row["prefers"] = person.get("prefers") or customer.get("prefers")
        row["last_word"], row["last_on"] = last.get(row["customer_id"], (None, None))
        row["owner"] = owners.get(row["owner"])


def _published(row: dict[str, Any], asker: Asker) -> dict[str, Any]:
    row["ref"] = _ref(row)
    row["because"] = because(row, asker)
    sentence, holes = row["because"]
    row["reason"] = sentence.format(**holes)
    if row["last_on"]:
        from crm_cli.rules.dates import from_utc_text

        zone = asker.now.tzinfo
        row["last_on"] = from_utc_text(row["last_on"], zone).date().isoformat()
    if row["kind"] == "cadence":
        row["what"] = KEEP_IN_TOUCH
    return row


KEEP_IN_TOUCH = "keep in touch"


def _ref(row: dict[str, Any]) -> str:
    if row["kind"] == "task":
        return f"task:{row['task_id']}"
    return f"deal:{row['deal_id']}" if row["kind"] == "quiet" else f"customer:{row['customer_id']}"


def because(row: dict[str, Any], asker: Asker) -> tuple[str, dict[str, Any]]:
    """The reason as a sentence with holes, so that a table can say it in the user's language."""
    if row["kind"] == "quiet":
        days = (asker.today - date.fromisoformat(row["since"])).days
        return "quiet for {days} days, this stage allows {allowed}", {"days": days, "allowed": row["allowed"]}
    if row["kind"] == "cadence":
        if row["since"] is None:
            return "never contacted, cadence {cadence}", {"cadence": row["allowed"]}
        days = (asker.today - date.fromisoformat(row["since"])).days
        return "no contact for {days} days, cadence {cadence}", {"days": days, "cadence": row["allowed"]}
    return _task_reason(row, asker)


def _task_reason(row: dict[str, Any], asker: Asker) -> tuple[str, dict[str, Any]]:
    late = row["days_late"]
    if late:
        return ("due yesterday", {}) if late == 1 else ("due {days} days ago", {"days": late})
    if row["due_on"] is None:
        return "no due day", {}
    days = (date.fromisoformat(row["due_on"]) - asker.today).days
    if days == 0 and row["due_at"]:
        from crm_cli.rules.dates import from_utc_text

        return "today at {time}", {"time": from_utc_text(row["due_at"], asker.now.tzinfo).strftime("%H:%M")}
    if days == 0:
        return "due today", {}
    return ("due tomorrow", {}) if days == 1 else ("due in {days} days", {"days": days})
