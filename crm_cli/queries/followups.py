"""The one list behind today, followups and later next and remind: whom to turn to, and why.

Four kinds: an open task is due; a deal went quiet for longer than its stage allows, counted from its last real touch;
a customer's cadence ran out; a customer whose tier asks for it is about to leave (queries/slipping.py). Buckets:
overdue, today, week (the next seven days), later.
"""

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from crm_cli.queries import people
from crm_cli.queries.conditions import EVERYTHING, Asker, Condition
from crm_cli.queries.moments import Moments
from crm_cli.queries.quiet import quiet_deals
from crm_cli.queries.slipping import MOST, slipping, warned_on
from crm_cli.rules.days import from_utc_text
from crm_cli.store.reader import Reader

BUCKETS = ("overdue", "today", "week", "later")
WEEK = 7
COUNTED = 10_000  # tasks of later that are counted: to count further would take longer than the sheet
_COLUMNS = (
    "kind", "what", "customer_id", "deal_id", "task_id", "due_on", "due_at", "priority", "owner", "since", "allowed",
    "risk",
)  # fmt: skip
_PRIORITY = {"high": 0, "normal": 1, "low": 2}
_OPEN_TASK = "t.done_at IS NULL AND t.removed_at IS NULL"
_TASK_CUSTOMER = "coalesce(t.customer_id, (SELECT customer_id FROM deal WHERE id = t.deal_id))"
_TASK = (
    f"SELECT 'task', t.text, {_TASK_CUSTOMER}, t.deal_id, t.id, t.due_on, t.due_at, t.priority, t.owner_id,"
    f" NULL, NULL, NULL FROM task t WHERE {_OPEN_TASK}"
)
# Every task has a due day or none; named apart, both are read through the index of open tasks.
_PARTS = ("t.due_on IS NULL", "t.due_on > ''")


class Scope(NamedTuple):
    """Which follow-ups: `within` days ahead (None: all), `where` on customer c, only an owner's.

    `later`: of the tasks that are due after the next seven days, the days that the first so many fall on; of those
    without a day, so many if there is room. `only`: the one with this reference, `task:7`.
    """

    within: int | None = None
    where: Condition = EVERYTHING
    owner_id: int | None = None
    later: int | None = None
    only: str = ""


def followups(db: Reader, asker: Asker, scope: Scope = Scope()) -> list[dict[str, Any]]:  # noqa: B008 - immutable
    """The call sheet, ranked: overdue first (high priority, then the longest), then today by time, then by day."""
    found = _Statement(db, asker, scope).rows()
    found.sort(key=_rank)
    moments = Moments(asker.now.tzinfo)
    return [_published(row, asker, moments) for row in _completed(db, found)]


def references(db: Reader, asker: Asker, scope: Scope) -> list[tuple[str, str | None]]:
    """The same list as references with their days, for what looks at one item after the other."""
    found = _Statement(db, asker, scope).rows()
    found.sort(key=_rank)
    gone = {
        noun: {row[0] for row in db.rows(f"SELECT id FROM {noun} WHERE removed_at IS NOT NULL")}
        for noun in ("customer", "deal")
    }
    return [
        (_ref(row), row["due_on"])
        for row in found
        if row["customer_id"] not in gone["customer"] and row["deal_id"] not in gone["deal"]
    ]


def more_later(db: Reader, asker: Asker, scope: Scope, shown: list[dict[str, Any]]) -> int:
    """How many open tasks a sheet with `later` has left out; counted no further than COUNTED and one."""
    statement = _Statement(db, asker, scope)
    tests = statement.narrowed("t", _TASK_CUSTOMER)
    here = len([row for row in shown if row["kind"] == "task"])
    tasks = " UNION ALL ".join(f"SELECT 1 FROM task t WHERE {_OPEN_TASK} AND {part}{tests}" for part in _PARTS)
    found = db.value(f"SELECT count(*) FROM ({tasks} LIMIT {here + COUNTED + 1})", statement.params)
    return int(found) - here


class _Statement:
    """One statement: the tasks, the quiet deals, the run-out cadences, each by its own index."""

    def __init__(self, db: Reader, asker: Asker, scope: Scope) -> None:
        self.db = db
        self.asker = asker
        self.scope = scope
        self.params: dict[str, Any] = {**scope.where.params, "today": asker.today.isoformat()}

    def bind(self, value: Any) -> str:
        name = f"f{len(self.params)}"
        self.params[name] = value
        return f":{name}"

    def narrowed(self, alias: str, customer: str) -> str:
        """The owner and the query over customers, for one of the three kinds."""
        scope, tests = self.scope, ""
        if scope.owner_id is not None:
            tests += f" AND {alias}.owner_id = {int(scope.owner_id)}"
        if scope.where.sql != "1":
            wanted = f"SELECT c.id FROM customer c WHERE c.removed_at IS NULL AND {scope.where.sql}"
            tests += f" AND {customer} IN ({wanted})"
        return tests

    def rows(self) -> list[dict[str, Any]]:
        """What is found, with bucket and days late; days of appointments are those of the asker's zone."""
        parts = self._parts()
        today, last = self.asker.today, self._last_day()
        found = []
        for values in self.db.rows(" UNION ALL ".join(parts), self.params):
            row = dict(zip(_COLUMNS, values, strict=True))
            due = _due(row, self.asker)
            if last is not None and due is not None and due > last:
                continue
            row["days_late"] = max(0, (today - due).days) if due else None
            row["bucket"] = bucket_of(due, today)
            found.append(row)
        # one reason to turn to somebody is enough
        told = {row["customer_id"] for row in found if row["kind"] == "risk"}
        return [row for row in found if row["kind"] != "cadence" or row["customer_id"] not in told]

    def _parts(self) -> list[str]:
        kind, _, number = self.scope.only.partition(":")
        if kind == "task":
            return [f"{_TASK} AND t.id = {int(number)}"]
        if kind == "deal":
            return [f"{self._quiet()} AND d.id = {int(number)}"]
        if kind == "customer":
            one = f" AND c.id = {int(number)}"
            return [self._cadences() + one, *self._risks(one)]
        return [*self._tasks(), self._quiet(), self._cadences(), *self._risks()]

    def _last_day(self) -> date | None:
        within = self.scope.within
        return None if within is None else self.asker.today + timedelta(days=within)

    def _tasks(self) -> list[str]:
        narrowed = self.narrowed("t", _TASK_CUSTOMER)
        last = self._last_day()
        room = None
        if last is not None:
            last += timedelta(days=1)  # an appointment's day may be another one in the asker's zone
        elif self.scope.later is not None:
            last, room = self._later(narrowed), self.scope.later
        if last is None and room is None:
            return [f"{_TASK} AND {part}{narrowed}" for part in _PARTS]
        dated = f"{_TASK} AND t.due_on <= {self.bind(last.isoformat() if last else '9999-12-31')}{narrowed}"
        if last is not None:
            return [dated]
        order = "CASE t.priority WHEN 'high' THEN 0 WHEN 'normal' THEN 1 ELSE 2 END, t.id"
        undated = f"{_TASK} AND t.due_on IS NULL{narrowed} ORDER BY {order} LIMIT {self.bind(room)}"
        return [dated, f"SELECT * FROM ({undated})"]

    def _later(self, narrowed: str) -> date | None:
        """The day on which the last of the first so many later tasks falls; None when there are fewer."""
        week = self.asker.today + timedelta(days=WEEK)
        day = self.db.value(
            f"SELECT t.due_on FROM task t WHERE {_OPEN_TASK} AND t.due_on > {self.bind(week.isoformat())}{narrowed}"
            f" ORDER BY t.due_on LIMIT 1 OFFSET {self.bind(max(0, (self.scope.later or 0) - 1))}",
            self.params,
        )
        return date.fromisoformat(day) if day else None

    def _awake(self, noun: str, alias: str) -> str:
        return f"NOT EXISTS (SELECT 1 FROM snooze z WHERE z.{noun}_id = {alias}.id AND z.until_on > :today)"

    def _quiet(self) -> str:
        return (
            "SELECT 'quiet', d.title, d.customer_id, d.id, NULL, NULL, NULL, 'normal', d.owner_id, d.last_touch_on,"
            " (SELECT quiet_after_days FROM stage WHERE id = d.stage_id), NULL"
            f" FROM deal d WHERE d.removed_at IS NULL AND {quiet_deals(self.db, self.asker.today, self.bind)}"
            f" AND {self._awake('deal', 'd')}{self.narrowed('d', 'd.customer_id')}"
        )

    def _risks(self, only: str = "") -> list[str]:
        """Those that most money came from: a list of thousands is no sheet."""
        source = slipping(self.db, self.asker.today, self.bind)
        if not source:
            return []
        return [
            "SELECT * FROM (SELECT 'risk', z.lifecycle, c.id, NULL, NULL, NULL, NULL, 'normal', c.owner_id,"
            f" z.last_order_on, z.interval_days, z.risk {source} AND {self._awake('customer', 'c')}"
            f"{self.narrowed('c', 'c.id')}{only} ORDER BY z.revenue DESC, z.customer_id LIMIT {MOST})"
        ]

    def _cadences(self) -> str:
        return (
            "SELECT 'cadence', c.name, c.id, NULL, NULL, c.cadence_due_on, NULL, 'normal', c.owner_id,"
            " c.last_contact_on, c.cadence_days, NULL"
            " FROM customer c WHERE c.removed_at IS NULL AND c.cadence_due_on IS NOT NULL"
            f" AND c.cadence_due_on <= :today AND {self._awake('customer', 'c')}{self.narrowed('c', 'c.id')}"
        )


def _due(row: dict[str, Any], asker: Asker) -> date | None:
    """The day it was due: for a quiet deal, the last day that its stage allowed."""
    if row["kind"] == "quiet":
        due = date.fromisoformat(row["since"]) + timedelta(days=row["allowed"])
        row["due_on"] = due.isoformat()
        return due
    if row["kind"] == "risk":
        due = warned_on(row["since"], row["allowed"], asker.today)
        row["due_on"] = due.isoformat()
        return due
    if row["due_at"]:
        at = from_utc_text(row["due_at"], asker.now.tzinfo)
        row["due_at"], row["due_on"] = at, at.date().isoformat()
        return at.date()
    return date.fromisoformat(row["due_on"]) if row["due_on"] else None


def bucket_of(due: date | None, today: date) -> str:
    """overdue, today, week or later; a task without a day is for later."""
    if due is None:
        return "later"
    if due < today:
        return "overdue"
    if due == today:
        return "today"
    return "week" if due <= today + timedelta(days=WEEK) else "later"


def _rank(row: dict[str, Any]) -> tuple[Any, ...]:
    """Overdue by priority and lateness; the rest by day, appointments of a day by their time, then by priority."""
    bucket, priority = BUCKETS.index(row["bucket"]), _PRIORITY[row["priority"]]
    at: datetime | None = row["due_at"]
    time = at.timestamp() if at else float("inf")
    tie = (row["customer_id"] or 0, row["deal_id"] or 0, row["task_id"] or 0)
    if row["bucket"] == "overdue":
        return (bucket, priority, -row["days_late"], time, *tie)
    return (bucket, row["due_on"] or "~", time, priority, *tie)


def _completed(db: Reader, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Names, people, numbers and the last word: one statement for each, whatever the number of rows.

    What hangs on a removed customer or deal is left out.
    """
    customers = people.customers(db, {row["customer_id"] for row in rows if row["customer_id"]})
    deals = people.deals(db, {row["deal_id"] for row in rows if row["deal_id"]})
    kept = [
        row
        for row in rows
        if (row["customer_id"] is None or row["customer_id"] in customers)
        and (row["deal_id"] is None or row["deal_id"] in deals)
    ]
    contacts = people.contacts(db, set(customers), set(deals))
    alone = {row["deal_id"] for row in kept if row["customer_id"] is None and row["deal_id"]}
    last = people.last_words(db, "customer", set(customers))
    last_of_deals = people.last_words(db, "deal", alone)
    owners = people.members(db) if any(row["owner"] for row in kept) else {}
    for row in kept:
        row["person"] = contacts.deal.get(row["deal_id"]) or contacts.customer.get(row["customer_id"]) or {}
    # a customer's own numbers are asked for only where the person has none
    silent = {row["customer_id"] for row in kept if not {"phone", "email"} <= row["person"].keys()} - {None}
    people.reached(db, "customer", {customer_id: customers[customer_id] for customer_id in silent})
    for row in kept:
        customer, person = customers.get(row["customer_id"], {}), row.pop("person")
        row["customer"] = customer.get("name")
        row["deal"] = deals.get(row["deal_id"])
        row["contact"], row["contact_id"], row["role"] = person.get("name"), person.get("id"), person.get("role")
        for key in ("phone", "email", "prefers"):
            row[key] = person.get(key) or customer.get(key)
        words = last.get(row["customer_id"]) or last_of_deals.get(row["deal_id"])
        row["last_word"], row["last_on"] = words or (None, None)
        row["owner"] = owners.get(row["owner"])
    _tell_what_to_do(db, [row for row in kept if row["kind"] == "risk"])
    return kept


def _tell_what_to_do(db: Reader, leaving: list[dict[str, Any]]) -> None:
    """The playbook of the stage of life that each of them is in."""
    if not leaving:
        return
    from crm_cli.queries.playbook import playbook

    words = {stage: playbook(db, stage) for stage in {row["what"] for row in leaving} if stage}
    for row in leaving:
        row["what"] = words.get(row["what"])


def _published(row: dict[str, Any], asker: Asker, moments: Moments) -> dict[str, Any]:
    row["ref"] = _ref(row)
    row["because"] = because(row, asker)
    sentence, holes = row["because"]
    row["reason"] = sentence.format(**holes)
    if row["last_on"]:
        row["last_on"] = moments.local(row["last_on"])[:10]
    if row["due_at"]:
        row["due_at"] = row["due_at"].isoformat()
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
    if row["kind"] == "risk":
        days = (asker.today - date.fromisoformat(row["since"])).days
        return (
            "no order for {days} days, usually every {usual}; risk {risk} of 100",
            {"days": days, "usual": row["allowed"], "risk": row["risk"]},
        )
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
        return "today at {time}", {"time": row["due_at"].strftime("%H:%M")}
    if days == 0:
        return "due today", {}
    return ("due tomorrow", {}) if days == 1 else ("due in {days} days", {"days": days})
