"""Interactions: taken down in one line, with the task that they close and the next step that they begin."""

from datetime import date
from typing import Any

from crm_cli.actions import touches
from crm_cli.actions.change import Change, changed, checked
from crm_cli.actions.customers import cannot_clear, edited
from crm_cli.actions.deals import find_contact
from crm_cli.actions.tasks import finish_task, new_task, spell_due
from crm_cli.errors import Misuse, NotFound
from crm_cli.i18n import language
from crm_cli.model.activity import Interaction, InteractionContact, Task
from crm_cli.model.inputs import InteractionInput
from crm_cli.queries.find import OPEN_TASKS, Finder, Found
from crm_cli.rules import names, values
from crm_cli.rules.days import spell_day
from crm_cli.rules.fields import field_key, nearest
from crm_cli.rules.text import fold, squeeze
from crm_cli.store.writer import Work

_CLEARABLE = {"text": "text", "outcome": "outcome", "direction": "direction", "duration": "duration_minutes", "deal": "deal_id"}


def channel_of(typed: str, further: str) -> str:
    """A channel by its name in either language; `further` are those that the config adds."""
    key = fold(typed)
    known = names.canonical("channel", key)
    own = [squeeze(word) for word in further.split(",") if word.strip()]
    for word in own:
        if fold(word) == key:
            return word
    if known:
        return known
    near = nearest(key, [*names.CHANNELS, *map(fold, own)])
    raise NotFound(
        "No channel is called {channel}",
        hint="Did you mean {near}? Known: {known}" if near else "Known: {known}. More: crm config set channels fair,letter",
        channel=typed,
        near=near,
        known=" ".join([*names.CHANNELS, *own]),
    )


class Parties:
    """Whom an interaction is with: the customer, the deal, the people."""

    def __init__(self) -> None:
        self.customer_id: int | None = None
        self.customer: str | None = None
        self.deal_id: int | None = None
        self.contact_ids: list[int] = []


def parties(w: Work, who: str, options: dict[str, Any], country: str | None) -> Parties:
    """WHO is a customer, a contact or a deal; --contact and --deal name more."""
    found = Finder(w.db, ["customer", "contact", "deal"], country=country).one(who)
    with_ = Parties()
    with_.customer_id, with_.customer = found.customer_id, found.customer or found.name
    if found.kind == "contact":
        with_.contact_ids.append(found.id)
    if found.kind == "deal":
        with_.deal_id = found.id
    for typed in options.get("contact") or []:
        contact_id, _ = find_contact(w, typed, with_.customer_id, country)
        if contact_id not in with_.contact_ids:
            with_.contact_ids.append(contact_id)
    if options.get("deal"):
        deal = _deal_of(w, options["deal"], with_.customer_id, country)
        with_.deal_id = deal.id
        with_.customer_id = with_.customer_id or deal.customer_id
    return with_


def _deal_of(w: Work, typed: str, customer_id: int | None, country: str | None) -> Found:
    """The deal named, first among those of the customer; one of somebody else is refused."""
    if customer_id is not None:
        own = Finder(w.db, ["deal"], scope={"deal": f"x.customer_id = {int(customer_id)}"}, country=country)
        try:
            return own.one(typed)
        except NotFound:
            pass
    deal = Finder(w.db, ["deal"], country=country).one(typed)
    if customer_id is not None and deal.customer_id is not None and deal.customer_id != customer_id:
        raise Misuse("Deal {title} belongs to {customer}", title=deal.name, customer=deal.customer)
    return deal


def log(
    w: Work, channel: str, who: str, text: str, options: dict[str, Any], *, country: str | None, channels: str = ""
) -> Change:
    """Take an interaction down; close the due task with `done`, begin the next step with `next` and `due`."""
    given = values.read(values.INTERACTION, options, values.Clock(w.now))
    given.setdefault("at", w.now)
    if given["at"] > w.now:
        raise _future(w, who, text, options, given["at"])
    with_ = parties(w, who, options, country)
    row_values = checked(
        InteractionInput,
        {
            **given, "channel": channel_of(channel, channels), "text": values.plain(text, values.Clock(w.now)) or None,
            "customer_id": with_.customer_id, "deal_id": with_.deal_id, "owner_id": w.member_id,
        },  # fmt: skip
    )
    row = w.add(Interaction(**row_values, created_at=w.now, updated_at=w.now))
    for contact_id in with_.contact_ids:
        w.add(InteractionContact(interaction_id=row.id, contact_id=contact_id, created_at=w.now))
    touch(w, row, with_.contact_ids)
    notes = _close(w, with_, options, country) + _next(w, with_, options)
    holes = {"id": row.id, "channel": names.shown("channel", row.channel, language()), "customer": with_.customer or "-", "day": spell_day(given["at"].astimezone(w.now.tzinfo).date(), language())}
    return Change("interaction", [row.id], "Logged {channel} with {customer}, {day} (interaction {id})", holes, notes)


def touch(w: Work, row: Any, contact_ids: list[int]) -> None:
    """What the interaction says of the last contact of everybody in it."""
    day: date = row.at.astimezone(w.now.tzinfo).date()
    if row.customer_id is not None:
        touches.touch_customer(w, row.customer_id, day)
    for contact_id in contact_ids:
        touches.touch_contact(w, contact_id, day)
    if row.deal_id is not None:
        touches.touch_deal(w, row.deal_id, day)


def _future(w: Work, who: str, text: str, options: dict[str, Any], at: Any) -> Misuse:
    shown = at.astimezone(w.now.tzinfo).strftime("%Y-%m-%d@%H:%M")
    quoted = (text or "call").replace("'", "")
    return Misuse(
        "{moment} has not come yet: a log says what has happened",
        hint="To plan it, type: crm task add '{text}' --customer '{who}' --due {moment}",
        moment=shown,
        text=quoted,
        who=who.replace("'", ""),
    )


def _close(w: Work, with_: Parties, options: dict[str, Any], country: str | None) -> list[tuple[str, dict[str, Any]]]:
    """--done closes the task named, else the earliest due one of the deal or the customer."""
    if options.get("done_task"):
        found = Finder(w.db, ["task"], scope={"task": OPEN_TASKS}, country=country).one(options["done_task"])
        task_id: int | None = found.id
    elif options.get("done"):
        task_id = due_task(w, with_)
        if task_id is None:
            return [("There was no open task to close", {})]
    else:
        return []
    row = w.get(Task, task_id)
    following = finish_task(w, row)
    notes: list[tuple[str, dict[str, Any]]] = [("Done: task {id}, {text}", {"id": row.id, "text": row.text})]
    if following is not None:
        notes.append(("Next: {text}, {due} (task {id})", {"id": following.id, "text": following.text, "due": spell_due(w, following)}))
    return notes


def due_task(w: Work, with_: Parties) -> int | None:
    """The open task of the deal, else of the customer, that is due first."""
    for column, value in (("deal_id", with_.deal_id), ("customer_id", with_.customer_id)):
        if value is not None:
            found = w.db.value(
                f"SELECT id FROM task WHERE {column} = :id AND done_at IS NULL AND removed_at IS NULL"
                " ORDER BY due_on IS NULL, due_on, due_at, id LIMIT 1",
                {"id": value},
            )
            if found is not None:
                return int(found)
    return None


def _next(w: Work, with_: Parties, options: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    if options.get("next"):
        row = new_task(w, options["next"], options.get("due"), customer_id=with_.customer_id, deal_id=with_.deal_id)
        return [("Next: {text}, {due} (task {id})", {"id": row.id, "text": row.text, "due": spell_due(w, row)})]
    if options.get("due"):
        raise Misuse("--due needs --next", hint='Say what is due: --next "call again" --due fri')
    return []


def handle(w: Work, noun: str, record_id: int, name: str) -> int:
    """`done` on a quiet deal or a run-out cadence: it was dealt with, and a note says so. Returns its id."""
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
    touch(w, row, [])
    return int(row.id)


def edit_interactions(w: Work, ids: list[int], options: dict[str, Any], *, country: str | None, channels: str) -> Change:
    """Change the options given; what was the last contact is counted again."""
    given = values.read(values.INTERACTION, options, values.Clock(w.now))
    if given.get("at") and given["at"] > w.now:
        raise Misuse("{moment} has not come yet: a log says what has happened", moment=given["at"].isoformat())
    if options.get("channel"):
        given["channel"] = channel_of(options["channel"], channels)
    for option in options.get("clear") or []:
        column = _CLEARABLE.get(field_key(option).removesuffix("_minutes"))
        if column is None:
            raise cannot_clear(option, list(_CLEARABLE))
        given[column] = None
    touched = []
    for record_id in ids:
        row = w.get(Interaction, record_id)
        deals = {row.deal_id}
        if options.get("deal"):
            given["deal_id"] = _deal_of(w, options["deal"], row.customer_id, country).id
        whole = {column: getattr(row, column) for column in InteractionInput.model_fields}
        if changed(row, checked(InteractionInput, {**whole, **given}), w.now) | _add_people(w, row, options, country):
            touched.append(record_id)
            w.session.flush()
            _recount(w, row, deals | {row.deal_id})
    return edited("interaction", ids, touched)


def _add_people(w: Work, row: Any, options: dict[str, Any], country: str | None) -> bool:
    new = False
    for typed in options.get("contact") or []:
        contact_id, _ = find_contact(w, typed, row.customer_id, country)
        link = {"i": row.id, "c": contact_id}
        if not w.db.value("SELECT 1 FROM interaction_contact WHERE interaction_id = :i AND contact_id = :c", link):
            w.add(InteractionContact(interaction_id=row.id, contact_id=contact_id, created_at=w.now))
            new = True
    return new


def _recount(w: Work, row: Any, deals: set[int | None]) -> None:
    if row.customer_id is not None:
        touches.recount_customer(w, row.customer_id)
    for (contact_id,) in w.db.rows("SELECT contact_id FROM interaction_contact WHERE interaction_id = :id", {"id": row.id}):
        touches.recount_contact(w, contact_id)
    for deal_id in deals:
        if deal_id is not None:
            touches.recount_deal(w, deal_id)
