"""Deals: added, moved through their stages, won, lost, reopened, changed."""

from datetime import date
from typing import Any

from crm_cli.actions import reaches, touches
from crm_cli.actions.change import Change, changed, checked
from crm_cli.actions.customers import cannot_clear, edited, set_custom, split_drop
from crm_cli.actions.tasks import new_task
from crm_cli.errors import Misuse, NotFound
from crm_cli.model.deal import Deal, DealContact, StageChange
from crm_cli.model.inputs import DealInput, name_key
from crm_cli.queries.bounds import member_id
from crm_cli.queries.find import Finder, find_stage
from crm_cli.rules import values
from crm_cli.rules.fields import field_key
from crm_cli.rules.money import format_money, parse_currency, parse_money
from crm_cli.rules.text import fold
from crm_cli.store.writer import Work

_CLEARABLE = "amount close probability source risk owner customer".split()
_COLUMN = {"close": "expected_close_on", "expected_close_on": "expected_close_on", "owner": "owner_id", "customer": "customer_id"}


def add_deal(
    w: Work, options: dict[str, Any], *, country: str | None, currency: str, decimal: str, duplicate: bool = False
) -> Change:
    """A new deal; Conflict when its customer has an open one of that title."""
    owner = Finder(w.db, ["customer"], country=country).one(options["customer"])
    given = values.read(values.DEAL, options, values.Clock(w.now))
    given.setdefault("opened_on", w.today)
    given.update(customer_id=owner.id, stage_id=_first_stage(w, options.get("stage")))
    given.update(amount_of(w, options, owner.id, currency, decimal))
    if options.get("owner"):
        given["owner_id"] = member_id(w.db, fold(options["owner"]), options["owner"], w.member_id)
    given.setdefault("owner_id", w.member_id)
    row_values = checked(DealInput, given)
    if not duplicate:
        _refuse_known(w, row_values)
    row = Deal(
        **row_values,
        title_key=name_key(row_values["title"]),
        stage_since_on=row_values["opened_on"],
        created_at=w.now,
        updated_at=w.now,
    )
    set_custom(row, options.get("set"))
    w.add(row)
    _enter_stage(w, row, None, row.stage_id, row.opened_on, None)
    _attach(w, row, options, country)
    if options.get("next"):
        new_task(w, options["next"], options.get("due"), customer_id=owner.id, deal_id=row.id)
    notes = [] if options.get("next") else [("It has no next step yet: crm log, or crm task add --deal {id}", {"id": row.id})]
    return Change("deal", [row.id], "Added deal {id}: {title} for {customer}, {amount}, {stage}", told(w, row), notes)


def told(w: Work, row: Any) -> dict[str, Any]:
    """What a sentence about a deal says."""
    stage = w.db.value("SELECT name FROM stage WHERE id = :id", {"id": row.stage_id})
    customer = w.db.value("SELECT name FROM customer WHERE id = :id", {"id": row.customer_id})
    amount = format_money(row.amount, row.currency) if row.amount is not None else "-"
    return {"id": row.id, "title": row.title, "customer": customer or "-", "amount": amount, "stage": stage}


def amount_of(w: Work, options: dict[str, Any], customer_id: int | None, currency: str, decimal: str) -> dict[str, Any]:
    """amount and currency: the one typed, --currency, the customer's last, the configured one."""
    typed = options.get("currency")
    if options.get("amount") is None:
        return {"currency": parse_currency(typed)} if typed else {}
    code = parse_currency(typed) if typed else _usual_currency(w, customer_id, currency)
    money = parse_money(options["amount"], currency=code, decimal=decimal or None)
    if money.currency is None:
        raise Misuse(
            "{amount} has no currency",
            hint="Type it as {amount}EUR or add --currency EUR; once for all: crm config set currency EUR",
            amount=options["amount"],
        )
    if typed and money.currency != code:
        raise Misuse("{amount} is not in {currency}", amount=options["amount"], currency=code)
    return {"amount": money.amount, "currency": money.currency}


def _usual_currency(w: Work, customer_id: int | None, currency: str) -> str | None:
    last = w.db.value(
        "SELECT currency FROM deal WHERE customer_id = :id AND currency IS NOT NULL ORDER BY id DESC LIMIT 1",
        {"id": customer_id},
    )
    return last or (parse_currency(currency) if currency else None)


def _first_stage(w: Work, typed: str | None) -> int:
    """The stage named, else the first open one of the first pipeline."""
    if typed:
        return find_stage(w.db, typed)[0]
    found = w.db.value(
        "SELECT s.id FROM stage s JOIN pipeline l ON l.id = s.pipeline_id WHERE s.kind = 'open' AND s.removed_at IS NULL"
        " AND l.removed_at IS NULL ORDER BY l.position, l.id, s.position LIMIT 1"
    )
    if found is None:
        raise NotFound("There is no open stage", hint="Add one: crm stage add NAME")
    return int(found)


def _refuse_known(w: Work, row: dict[str, Any]) -> None:
    found = w.db.row(
        "SELECT id, title FROM deal WHERE title_key = :key AND customer_id = :customer AND removed_at IS NULL"
        " AND stage_id IN (SELECT id FROM stage WHERE kind = 'open')",
        {"key": name_key(row["title"]), "customer": row["customer_id"]},
    )
    if found:
        raise reaches.already("deal", found[0], found[1], row["title"])


def _attach(w: Work, row: Any, options: dict[str, Any], country: str | None) -> bool:
    """Tags, and people with their role: `--contact jane:decision-maker`."""
    new = reaches.add_tags(w, "deal", row.id, options["tag"]) if options.get("tag") else False
    for typed in options.get("contact") or []:
        contact_id, part = find_contact(w, typed, row.customer_id, country)
        link = w.db.value("SELECT id FROM deal_contact WHERE deal_id = :d AND contact_id = :c", {"d": row.id, "c": contact_id})
        if link is None:
            w.add(DealContact(deal_id=row.id, contact_id=contact_id, role=part, created_at=w.now, updated_at=w.now))
            new = True
        elif part and changed(w.get(DealContact, link), {"role": part}, w.now):
            new = True
    return new


def find_contact(w: Work, typed: str, customer_id: int | None, country: str | None) -> tuple[int, str | None]:
    """A person, first among those of the customer, with the role typed behind a colon."""
    name, part = typed, None
    if ":" in typed and typed.partition(":")[0] not in ("contact", "customer"):
        name, _, last = typed.rpartition(":")
        part = values.role(last, values.Clock(w.now)) or None
    if customer_id is not None:
        own = Finder(w.db, ["contact"], scope={"contact": f"x.customer_id = {int(customer_id)}"}, country=country)
        try:
            return own.one(name).id, part
        except NotFound:
            pass
    return Finder(w.db, ["contact"], country=country).one(name).id, part


def _enter_stage(w: Work, row: Any, before: int | None, after: int, day: date, note: str | None) -> None:
    """Write the change down with the days spent, and keep what is derived from the history."""
    spent = max(0, (day - row.stage_since_on).days) if before is not None else None
    w.session.add(
        StageChange(
            deal_id=row.id,
            from_stage_id=before,
            to_stage_id=after,
            changed_on=day,
            changed_at=w.now,
            changed_by=w.user,
            note=note,
            days_spent=spent,
        )
    )
    row.stage_id = after
    row.stage_since_on = day
    row.furthest_stage_id = _furthest(w, row.furthest_stage_id, before, after)


def _furthest(w: Work, *stage_ids: int | None) -> int | None:
    """The open stage that stands last among those a deal has been in."""
    listed = ", ".join(str(int(i)) for i in stage_ids if i is not None)
    return w.db.value(  # type: ignore[no-any-return]
        f"SELECT id FROM stage WHERE id IN ({listed}) AND kind = 'open' ORDER BY position DESC, id DESC LIMIT 1"
    )


def move_deals(w: Work, ids: list[int], stage: str, *, note: str | None, on: date | None = None, reason: str | None = None) -> Change:
    """Put deals into another stage of their pipeline. A won or lost stage closes them."""
    moved: list[int] = []
    last: dict[str, Any] = {}
    for record_id in ids:
        row = w.get(Deal, record_id)
        pipeline = w.db.value("SELECT pipeline_id FROM stage WHERE id = :id", {"id": row.stage_id})
        target, _, kind, _ = find_stage(w.db, stage, pipeline_id=pipeline)
        if kind == "lost" and not reason:
            raise Misuse("A lost deal has a reason", hint="Type: crm deal lose {id} --reason price", id=record_id)
        if target != row.stage_id:
            _move(w, row, target, kind, on or w.today, note, reason)
            moved.append(record_id)
            last = told(w, row)
    if not moved:
        return Change("deal", ids, "Nothing to change: it is so already")
    if len(moved) == 1:
        return Change("deal", moved, "Moved deal {id} to {stage}: {title} for {customer}, {amount}", last)
    return Change("deal", moved, "Moved {n} deals to {stage}", {"n": len(moved), "stage": last["stage"]})


def _move(w: Work, row: Any, target: int, kind: str, day: date, note: str | None, reason: str | None) -> None:
    if day > w.today:
        raise Misuse("{day} has not come yet", day=day.isoformat())
    if day < row.opened_on:
        raise Misuse("{title} was opened on {opened}, after {day}", title=row.title, opened=row.opened_on.isoformat(), day=day.isoformat())
    _enter_stage(w, row, row.stage_id, target, day, note)
    row.closed_on = day if kind != "open" else None
    row.lost_reason = reason if kind == "lost" else None
    row.updated_at = w.now
    w.session.flush()
    touches.touch_deal(w, row.id, day)


def close_deals(w: Work, ids: list[int], kind: str, *, on: date | None, reason: str | None, note: str | None) -> Change:
    """Win or lose open deals: each goes to the won or lost stage of its pipeline."""
    last: dict[str, Any] = {}
    for record_id in ids:
        row = w.get(Deal, record_id)
        target = _closing_stage(w, row.stage_id, kind)
        _move(w, row, target, kind, on or w.today, note, reason)
        last = told(w, row)
    if len(ids) > 1:
        sentence = "Won {n} deals" if kind == "won" else "Lost {n} deals"
        return Change("deal", ids, sentence, {"n": len(ids)})
    if kind == "won":
        return Change("deal", ids, "Won deal {id}: {title} for {customer}, {amount}", last)
    return Change("deal", ids, "Lost deal {id}: {title} for {customer}, {amount} ({reason})", {**last, "reason": reason})


def _closing_stage(w: Work, stage_id: int, kind: str) -> int:
    found = w.db.value(
        "SELECT id FROM stage WHERE kind = :kind AND removed_at IS NULL"
        " AND pipeline_id = (SELECT pipeline_id FROM stage WHERE id = :id) ORDER BY position LIMIT 1",
        {"kind": kind, "id": stage_id},
    )
    if found is None:
        raise NotFound("The pipeline has no stage of kind {kind}", hint="Add one: crm stage add NAME --kind {kind}", kind=kind)
    return int(found)


def reopen_deals(w: Work, ids: list[int]) -> Change:
    """Closed deals go back to the open stage they came from, else to the first one."""
    last: dict[str, Any] = {}
    for record_id in ids:
        row = w.get(Deal, record_id)
        target = w.db.value(
            "SELECT s.id FROM stage_change x JOIN stage s ON s.id = x.from_stage_id"
            " WHERE x.deal_id = :id AND s.kind = 'open' AND s.removed_at IS NULL ORDER BY x.id DESC LIMIT 1",
            {"id": record_id},
        ) or w.db.value(
            "SELECT id FROM stage WHERE kind = 'open' AND removed_at IS NULL"
            " AND pipeline_id = (SELECT pipeline_id FROM stage WHERE id = :id) ORDER BY position LIMIT 1",
            {"id": row.stage_id},
        )
        _move(w, row, target or _first_stage(w, None), "open", w.today, None, None)
        last = told(w, row)
    if len(ids) == 1:
        return Change("deal", ids, "Reopened deal {id} in {stage}: {title} for {customer}", last)
    return Change("deal", ids, "Reopened {n} deals", {"n": len(ids)})


def edit_deals(w: Work, ids: list[int], options: dict[str, Any], *, country: str | None, currency: str, decimal: str) -> Change:
    """Change the options given on every one of the deals; --stage moves them."""
    given = values.read(values.DEAL, options, values.Clock(w.now))
    if options.get("customer"):
        given["customer_id"] = Finder(w.db, ["customer"], country=country).one(options["customer"]).id
    if options.get("owner"):
        given["owner_id"] = member_id(w.db, fold(options["owner"]), options["owner"], w.member_id)
    for option in options.get("clear") or []:
        given.update(_cleared(w, ids, option))
    touched = []
    for record_id in ids:
        row = w.get(Deal, record_id)
        own = dict(given)
        if options.get("amount") is not None or options.get("currency"):
            own.update(amount_of(w, options, row.customer_id, row.currency or currency, decimal))
        whole = {column: getattr(row, column) for column in DealInput.model_fields}
        new = checked(DealInput, {**whole, **own})
        new["title_key"] = name_key(new["title"])
        differs = changed(row, new, w.now)
        differs |= set_custom(row, options.get("set"))
        differs |= _attach(w, row, options, country)
        differs |= _drop(w, row, options.get("drop") or [], country)
        if options.get("lost_reason"):
            differs |= changed(row, {"lost_reason": options["lost_reason"]}, w.now)
        if differs:
            row.updated_at = w.now
            touched.append(record_id)
    if options.get("stage"):
        moved = move_deals(w, ids, options["stage"], note=None)
        touched = sorted({*touched, *(moved.ids if moved.holes else [])})
    return edited("deal", ids, touched)


def _cleared(w: Work, ids: list[int], option: str) -> dict[str, Any]:
    key = field_key(option)
    if key.removesuffix("s") in ("tag", "contact"):
        table = "tagging" if key.startswith("tag") else "deal_contact"
        for record_id in ids:
            w.execute(f"DELETE FROM {table} WHERE deal_id = :id", {"id": record_id})
        return {}
    if key not in _CLEARABLE and key != "expected_close_on":
        raise cannot_clear(option, [*_CLEARABLE, "tag", "contact"])
    return {_COLUMN.get(key, key): None}


def _drop(w: Work, row: Any, drops: list[str], country: str | None) -> bool:
    for text in drops:
        kind, value = split_drop(text, ["tag", "contact"])
        if kind == "tag":
            reaches.drop_tag(w, "deal", row.id, value)
        else:
            contact_id, _ = find_contact(w, value, row.customer_id, country)
            w.execute("DELETE FROM deal_contact WHERE deal_id = :d AND contact_id = :c", {"d": row.id, "c": contact_id})
    return bool(drops)
