"""Interactions: taken down in one line, with the task that they close and the next step that they begin."""

from datetime import date
from typing import Any

from crm_cli.actions import reaches, touches
from crm_cli.actions.change import Change, Note, changed, checked
from crm_cli.actions.customers import edited
from crm_cli.actions.deals import find_contact
from crm_cli.actions.parties import Parties, deal_of, not_yet, parties
from crm_cli.actions.tasks import finish_task, new_task, next_note, spell_due
from crm_cli.errors import Ambiguous, Misuse
from crm_cli.i18n import language, listed
from crm_cli.model.activity import Interaction, InteractionContact, Task
from crm_cli.model.inputs import InteractionInput
from crm_cli.queries.find import OPEN_TASKS, Finder
from crm_cli.rules import names, values
from crm_cli.rules.days import When, spell_when
from crm_cli.store.writer import Work

_CLEARABLE = {
    "text": "text",
    "outcome": "outcome",
    "direction": "direction",
    "duration_minutes": "duration_minutes",
    "deal": "deal_id",
}


def log(w: Work, channel: str, who: str, text: str, options: dict[str, Any], *, country: str | None) -> Change:
    """Take an interaction down; close the due task with `done`, begin the next step with `next` and `due`.

    `channel` is a channel as it is kept.
    """
    clock = values.Clock(w.now)
    given = values.read(values.INTERACTION, options, clock)
    given.setdefault("at", w.now)
    with_ = parties(w, who, options, country)
    if given["at"] > w.now:
        raise not_yet(w, who, with_, text, options["at"])
    own = {"customer_id": with_.customer_id, "deal_id": with_.deal_id, "owner_id": w.member_id}
    said = values.plain(text, clock) or None
    row_values = checked(InteractionInput, {**given, **own, "channel": channel, "text": said})
    row = w.add(Interaction(**row_values, created_at=w.now, updated_at=w.now))
    for contact_id in with_.contact_ids:
        w.add(InteractionContact(interaction_id=row.id, contact_id=contact_id, created_at=w.now))
    touch(w, row, with_.contact_ids)
    notes = _close(w, with_, options, country) + _next(w, with_, options)
    at = given["at"].astimezone(w.now.tzinfo)
    holes = {
        "id": row.id,
        "channel": names.shown("channel", row.channel, language()),
        "customer": with_.customer or "-",
        "day": spell_when(When(at.date(), at if options.get("at") else None), language()),
    }
    return Change("interaction", [row.id], "Logged {channel} with {customer}, {day} (interaction {id})", holes, notes)


def touch(w: Work, row: Any, contact_ids: list[int]) -> None:
    """What the interaction says of the last contact of everybody in it."""
    day: date = row.at.astimezone(w.now.tzinfo).date()
    customer_id, deal_id = row.customer_id, row.deal_id
    if customer_id is not None:
        touches.touch_customer(w, customer_id, day)
    for contact_id in contact_ids:
        touches.touch_contact(w, contact_id, day)
    if deal_id is not None:
        touches.touch_deal(w, deal_id, day)


def _close(w: Work, with_: Parties, options: dict[str, Any], country: str | None) -> list[Note]:
    """--done closes the task named, else the earliest due one of the deal or the customer."""
    if options.get("done_task"):
        task_id: int | None = _named_task(w, with_, options["done_task"], country)
    elif options.get("done"):
        task_id = due_task(w, with_)
    else:
        return []
    if task_id is None:
        return [("There was no open task to close", {})]
    row = w.get(Task, task_id)
    notes: list[Note] = [("Done: task {id}, {text}", {"id": row.id, "text": row.text})]
    following = finish_task(w, row)
    return [*notes, next_note(w, following)] if following is not None else notes


def _named_task(w: Work, with_: Parties, typed: str, country: str | None) -> int:
    """The open task named; one of somebody else is refused."""
    found = Finder(w.db, ["task"], scope={"task": OPEN_TASKS}, country=country).one(typed)
    if None not in (found.customer_id, with_.customer_id) and found.customer_id != with_.customer_id:
        raise Misuse("Task {id} belongs to {customer}", id=found.id, customer=found.customer)
    return found.id


def due_task(w: Work, with_: Parties) -> int | None:
    """The open task of the deal, else of the customer, that is due first; Ambiguous where several are due alike."""
    tests = []
    if with_.deal_id is not None:
        tests.append(("deal_id = :id", with_.deal_id))
    if with_.customer_id is not None:
        alone = " AND deal_id IS NULL" if with_.deal_id is not None else ""
        tests.append((f"customer_id = :id{alone}", with_.customer_id))
    for test, record_id in tests:
        rows = w.db.rows(
            f"SELECT id, text, due_on, due_at FROM task WHERE {test} AND done_at IS NULL AND removed_at IS NULL"
            " ORDER BY due_on IS NULL, due_on, due_at IS NULL, due_at, id",
            {"id": record_id},
        )
        alike = [row for row in rows if row[2:] == rows[0][2:]]
        if len(alike) > 1:
            raise Ambiguous(
                "Several tasks are due alike: {names}",
                hint="Name one by its number: --done {id}",
                names=listed(f"task:{row[0]} {row[1]}" for row in alike[:5]),
                id=alike[0][0],
                candidates=[{"ref": f"task:{row[0]}", "kind": "task", "id": row[0], "name": row[1]} for row in alike],
            )
        if alike:
            return int(alike[0][0])
    return None


def _next(w: Work, with_: Parties, options: dict[str, Any]) -> list[Note]:
    if options.get("next"):
        row = new_task(w, options["next"], options.get("due"), customer_id=with_.customer_id, deal_id=with_.deal_id)
        return [("Next: {text}, {due} (task {id})", {"id": row.id, "text": row.text, "due": spell_due(w, row)})]
    return []


def handle(w: Work, noun: str, record_id: int) -> int:
    """`done` on a quiet deal or a run-out cadence: it was dealt with, and a note says so. Returns the note's id."""
    customer_id: int | None = record_id if noun == "customer" else None
    if noun == "deal":
        customer_id = w.db.value("SELECT customer_id FROM deal WHERE id = :id", {"id": record_id})
    row = w.add(
        Interaction(
            channel="note",
            at=w.now,
            text=None,
            outcome="followed up",
            customer_id=customer_id,
            deal_id=record_id if noun == "deal" else None,
            owner_id=w.member_id,
            created_at=w.now,
            updated_at=w.now,
        )
    )
    row_id = int(row.id)
    touch(w, row, [])
    return row_id


def edit_interactions(w: Work, ids: list[int], options: dict[str, Any], *, country: str | None) -> Change:
    """Change the options given; what was the last contact is counted again. `channel` is one as it is kept."""
    given = values.read(values.INTERACTION, options, values.Clock(w.now))
    if given.get("at") and given["at"] > w.now:
        moment = given["at"].astimezone(w.now.tzinfo).strftime("%Y-%m-%d@%H:%M")
        raise Misuse("{moment} has not come yet: a log says what has happened", moment=moment)
    if options.get("channel"):
        given["channel"] = options["channel"]
    if "text" in given:
        given["text"] = given["text"] or None
    columns, several = reaches.cleared("interaction", options.get("clear") or [], _CLEARABLE, ["contact"])
    given.update(columns)
    touched = []
    for record_id in ids:
        row = w.get(Interaction, record_id)
        before = _concerned(w, row)
        own = dict(given)
        if options.get("deal"):
            deal = deal_of(w, options["deal"], row.customer_id, country)
            own.update(deal_id=deal.id, customer_id=row.customer_id or deal.customer_id)
        whole = {column: getattr(row, column) for column in InteractionInput.model_fields}
        differs = changed(row, checked(InteractionInput, {**whole, **own}), w.now)
        differs |= _part(w, row, options, country, everybody=bool(several))
        if differs:
            row.updated_at = w.now
            w.session.flush()
            touched.append(record_id)
            touches.recount(w, before | _concerned(w, row))
    return edited("interaction", ids, touched, facts=_understood(w, given) if len(ids) == 1 else [])


def _understood(w: Work, given: dict[str, Any]) -> list[str]:
    """The moment typed, with its weekday."""
    at = given.get("at")
    return [spell_when(When(at.date(), at), language()) for at in [at and at.astimezone(w.now.tzinfo)] if at]


def _part(w: Work, row: Any, options: dict[str, Any], country: str | None, *, everybody: bool) -> bool:
    """People who took part: --clear takes all away and --drop one, then --contact adds; True when that differs."""
    row_id, customer_id = row.id, row.customer_id
    before = set(_people(w, row_id))
    after = set() if everybody else set(before)
    for gone in reaches.drops("interaction", options.get("drop") or [], ["contact"]):
        contact_id = find_contact(w, gone.value, customer_id, country)[0]
        reaches.refuse_missing([gone], [gone] if contact_id in before else [])
        after.discard(contact_id)
    for typed in options.get("contact") or []:
        after.add(find_contact(w, typed, customer_id, country)[0])
    for contact_id in sorted(after - before):
        w.add(InteractionContact(interaction_id=row_id, contact_id=contact_id, created_at=w.now))
    for contact_id in sorted(before - after):
        pair = {"i": row_id, "c": contact_id}
        w.execute("DELETE FROM interaction_contact WHERE interaction_id = :i AND contact_id = :c", pair)
    return after != before


def _people(w: Work, interaction_id: int) -> list[int]:
    sql = "SELECT contact_id FROM interaction_contact WHERE interaction_id = :id ORDER BY id"
    return [row[0] for row in w.db.rows(sql, {"id": interaction_id})]


def _concerned(w: Work, row: Any) -> set[tuple[str, int]]:
    """Every record whose last contact an interaction may be."""
    found = {("contact", contact_id) for contact_id in _people(w, row.id)}
    found |= {(noun, i) for noun, i in (("customer", row.customer_id), ("deal", row.deal_id)) if i is not None}
    return found
