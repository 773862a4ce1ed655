"""Tasks: added, done, put off, changed; a recurring one is followed by the next when it is done."""

from datetime import date, datetime
from typing import Any

from crm_cli.actions import touches
from crm_cli.actions.change import Change, Note, changed, checked
from crm_cli.actions.customers import edited
from crm_cli.actions.reaches import cannot_clear
from crm_cli.errors import Misuse
from crm_cli.i18n import language, listed, t
from crm_cli.model.activity import Task
from crm_cli.model.customer import Snooze
from crm_cli.model.inputs import TaskInput, name_key
from crm_cli.queries.bounds import member_id
from crm_cli.queries.find import Finder
from crm_cli.rules import values
from crm_cli.rules.days import When, spell_day, spell_when, to_utc_text
from crm_cli.rules.fields import find_field
from crm_cli.rules.text import fold
from crm_cli.store.writer import Work

_CLEARABLE = {
    "due_on": ("due_on", "due_at"),
    "every": ("every", "anchor_on"),
    "customer": ("customer_id",),
    "deal": ("deal_id",),
    "owner": ("owner_id",),
}


def new_task(
    w: Work, text: str, due: str | None, *, customer_id: int | None = None, deal_id: int | None = None, **more: Any
) -> Any:
    """A task row from typed text and day."""
    clock = values.Clock(w.now)
    day, at = values.due(due, clock) if due else (None, None)
    given = {
        "text": values.plain(text, clock),
        "due_on": day,
        "due_at": at,
        "customer_id": customer_id,
        "deal_id": deal_id,
        **more,
    }
    if given.get("every"):
        given["due_on"] = day or _first_day(given["every"], w.today)
        given["anchor_on"] = given["due_on"]
    given.setdefault("owner_id", w.member_id)
    row_values = checked(TaskInput, given)
    return w.add(Task(**row_values, text_key=name_key(row_values["text"]), created_at=w.now, updated_at=w.now))


def _first_day(every: str, today: date) -> date:
    from crm_cli.rules.recurrence import next_day

    return next_day(every, anchor=today, after=today) or today


def add_tasks(w: Work, options: dict[str, Any], *, customer_ids: list[int] | None, country: str | None) -> Change:
    """One task for a customer or a deal, or one for each of the customers of a query."""
    given = values.read(values.TASK, options, values.Clock(w.now))
    text = given.pop("text")
    if options.get("owner"):
        given["owner_id"] = member_id(w.db, fold(options["owner"]), options["owner"], w.member_id)
    link = links(w, options, country)
    if customer_ids is not None:
        rows = [new_task(w, text, options.get("due"), customer_id=i, **given) for i in customer_ids]
        sentence = "Added {n} task: {text}" if len(rows) == 1 else "Added {n} tasks: {text}"
        return Change("task", [row.id for row in rows], sentence, {"n": len(rows), "text": text})
    row = new_task(w, text, options.get("due"), **link, **given)
    who = w.db.value("SELECT name FROM customer WHERE id = :id", {"id": row.customer_id})
    sentence = "Added task {id}: {text} for {customer}, {due}" if who else "Added task {id}: {text}, {due}"
    return Change(
        "task", [row.id], sentence, {"id": row.id, "text": row.text, "customer": who, "due": spell_due(w, row)}
    )


def links(w: Work, options: dict[str, Any], country: str | None) -> dict[str, Any]:
    """Ids of the customer and the deal named; a deal brings its customer."""
    found: dict[str, Any] = {}
    if options.get("deal"):
        deal = Finder(w.db, ["deal"], country=country).one(options["deal"])
        found.update(deal_id=deal.id, customer_id=deal.customer_id)
    if options.get("customer"):
        customer = Finder(w.db, ["customer"], country=country).one(options["customer"])
        if found.get("customer_id") not in (None, customer.id):
            raise Misuse(
                "The deal is not one of {customer}",
                hint="Leave --customer out: the deal knows it.",
                customer=customer.name,
            )
        found["customer_id"] = customer.id
    return found


def spell_due(w: Work, row: Any) -> str:
    """`Fri 2026-11-27 14:00, every week`, as the echo of what was understood."""
    if row.due_on is None:
        return t("no due day")
    at = row.due_at.astimezone(w.now.tzinfo) if row.due_at is not None else None
    day = spell_when(When(at.date() if at else row.due_on, at), language())
    if not row.every:
        return day
    from crm_cli.rules.recurrence import spell_every

    return listed([day, spell_every(row.every, language())], clauses=True)


def next_note(w: Work, row: Any) -> Note:
    """The sentence about the task that follows a recurring one."""
    return "Next: {text}, {due} (task {id})", {"id": row.id, "text": row.text, "due": spell_due(w, row)}


def finish_task(w: Work, row: Any) -> Any:
    """Tick a task off; returns the next one of a recurring task, or None."""
    row.done_at = w.now
    row.updated_at = w.now
    w.session.flush()
    if row.deal_id is not None:
        touches.touch_deal(w, row.deal_id, w.today)
    return _next_of(w, row) if row.every else None


_COPIED = ("text", "text_key", "customer_id", "deal_id", "priority", "every", "owner_id")


def _next_of(w: Work, row: Any) -> Any:
    """The next occurrence, counted from the first due day; missed ones do not pile up."""
    from crm_cli.rules.recurrence import next_day

    after = max(row.due_on or w.today, w.today)
    anchor = row.anchor_on or row.due_on or w.today
    day = next_day(row.every, anchor=anchor, after=after)
    if day is None:
        return None
    at = _same_time(row.due_at, day, w.now) if row.due_at else None
    copied = {name: getattr(row, name) for name in _COPIED}
    return w.add(Task(**copied, due_on=day, due_at=at, anchor_on=anchor, created_at=w.now, updated_at=w.now))


def _same_time(at: datetime, day: date, now: datetime) -> datetime:
    from crm_cli.rules.days import local

    clock = at.astimezone(now.tzinfo)
    return local(day, clock.time(), now.tzinfo)


def done_tasks(w: Work, ids: list[int]) -> Change:
    """Tick tasks off."""
    notes: list[Note] = []
    text = ""
    for record_id in ids:
        row = w.get(Task, record_id)
        text = row.text
        following = finish_task(w, row)
        if following is not None:
            notes.append(next_note(w, following))
    if len(ids) == 1:
        return Change("task", ids, "Done: task {id}, {text}", {"id": ids[0], "text": text}, notes)
    return Change("task", ids, "Done: {n} tasks", {"n": len(ids)}, notes)


def put_off(w: Work, until: str) -> tuple[date, datetime | None]:
    """The day, or the moment, that something is put off until; one that is over is refused."""
    day, at = values.due(until, values.Clock(w.now), option="")
    if day < w.today or (at is not None and at <= w.now):
        shown = spell_when(When(day, at), language())
        raise Misuse("{day} is over", hint="Put it off until a day to come.", day=shown)
    return day, at


def snooze_tasks(w: Work, ids: list[int], until: str) -> Change:
    """Put tasks off until a day; a time of day typed makes them appointments, an appointment keeps its own."""
    day, at = put_off(w, until)
    for record_id in ids:
        row = w.get(Task, record_id)
        own_time = at or (_same_time(row.due_at, day, w.now) if row.due_at else None)
        changed(row, {"due_on": day, "due_at": own_time}, w.now)
    if len(ids) == 1:
        row = w.get(Task, ids[0])
        holes = {"id": row.id, "text": row.text, "day": spell_due(w, row)}
        return Change("task", ids, "Task {id} put off until {day}: {text}", holes)
    return Change("task", ids, "{n} tasks put off until {day}", {"n": len(ids), "day": spell_day(day, language())})


def snooze_record(w: Work, noun: str, record_id: int, until: str) -> date:
    """A quiet deal or a run-out cadence stays away until a day, or until something is logged."""
    day, at = put_off(w, until)
    if day == w.today:
        raise Misuse("{day} is today", hint="Put it off until a day to come.", day=spell_day(day, language()))
    if at is not None:
        raise Misuse("Only a task can be put off to a time of day", hint="Type {day}.", day=day.isoformat())
    row_id = w.db.value(f"SELECT id FROM snooze WHERE {noun}_id = :id", {"id": record_id})
    if row_id is None:
        own: dict[str, Any] = {f"{noun}_id": record_id}
        w.add(Snooze(until_on=day, created_at=w.now, updated_at=w.now, **own))
    else:
        changed(w.get(Snooze, row_id), {"until_on": day}, w.now)
    return day


def reopen_tasks(w: Work, ids: list[int]) -> Change:
    """Done tasks are open again; what had followed a recurring one goes, as long as it is open."""
    notes: list[Note] = []
    for record_id in ids:
        row = w.get(Task, record_id)
        deal_id = row.deal_id
        following = _follower(w, row)
        changed(row, {"done_at": None}, w.now)
        w.session.flush()
        if following is not None:
            changed(w.get(Task, following), {"removed_at": w.now}, w.now)
            notes.append(("Removed task {id}, which had followed it", {"id": following}))
        if deal_id is not None:
            touches.recount(w, {("deal", deal_id)})
    if len(ids) == 1:
        text = w.get(Task, ids[0]).text
        return Change("task", ids, "Reopened task {id}: {text}", {"id": ids[0], "text": text}, notes)
    return Change("task", ids, "Reopened {n} tasks", {"n": len(ids)}, notes)


def _follower(w: Work, row: Any) -> int | None:
    """The open task that was made when a recurring one was done."""
    if not row.every or row.done_at is None:
        return None
    found = w.db.value(
        "SELECT id FROM task WHERE text_key = :key AND removed_at IS NULL AND done_at IS NULL AND id > :id"
        " AND every = :every AND created_at = :at AND customer_id IS :customer AND deal_id IS :deal"
        " ORDER BY id LIMIT 1",
        {
            "key": row.text_key,
            "id": row.id,
            "every": row.every,
            "at": to_utc_text(row.done_at),
            "customer": row.customer_id,
            "deal": row.deal_id,
        },
    )
    return None if found is None else int(found)


def edit_tasks(w: Work, ids: list[int], options: dict[str, Any], *, country: str | None) -> Change:
    """Change the options given on every one of the tasks."""
    given = values.read(values.TASK, options, values.Clock(w.now))
    given.update(links(w, options, country))
    if options.get("owner"):
        given["owner_id"] = member_id(w.db, fold(options["owner"]), options["owner"], w.member_id)
    if options.get("due"):
        given["due_on"], given["due_at"] = values.due(options["due"], values.Clock(w.now))
    for option in options.get("clear") or []:
        field = find_field("task", option)
        columns = _CLEARABLE.get(field.key if field else option)
        if columns is None:
            raise cannot_clear(option, [key.removesuffix("_on") for key in _CLEARABLE])
        given.update(dict.fromkeys(columns))
    touched = []
    for record_id in ids:
        row = w.get(Task, record_id)
        before = row.deal_id
        new = _edited(w, row, given)
        if changed(row, new, w.now):
            touched.append(record_id)
            if row.done_at is not None and row.deal_id != before:
                deals = {deal_id for deal_id in (before, row.deal_id) if deal_id is not None}
                w.session.flush()
                touches.recount(w, {("deal", deal_id) for deal_id in deals})
    row = w.get(Task, ids[0])
    facts = [spell_due(w, row)] if len(ids) == 1 and given.keys() & {"due_on", "every"} else []
    return edited("task", ids, touched, name=row.text, facts=facts)


def _edited(w: Work, row: Any, given: dict[str, Any]) -> dict[str, Any]:
    """The columns of a task after an edit; a new rhythm or first day begins the recurrence anew."""
    whole = {column: getattr(row, column) for column in TaskInput.model_fields}
    new = checked(TaskInput, {**whole, **given})
    if new["deal_id"] is not None and "customer_id" in given and new["customer_id"] is not None:
        owner = w.db.value("SELECT customer_id FROM deal WHERE id = :id", {"id": new["deal_id"]})
        if owner not in (None, new["customer_id"]):
            raise Misuse("Task {id} hangs on a deal of another customer", hint="Add --clear deal.", id=row.id)
    if new["every"] and ("every" in given or "due_on" in given):
        new["due_on"] = new["due_on"] or _first_day(new["every"], w.today)
        new["anchor_on"] = new["due_on"]
    new["text_key"] = name_key(new["text"])
    return new
