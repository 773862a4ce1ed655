"""Deals: added and changed. How they go through their stages is in moves.py."""

from datetime import date
from typing import Any

from crm_cli.actions import deal_lines, moves, reaches
from crm_cli.actions.change import NOTHING, Change, changed, checked, new_words, understood
from crm_cli.actions.customers import EMPTIED, edited, set_custom
from crm_cli.actions.rates import freeze_deal
from crm_cli.actions.tasks import new_task, spell_due
from crm_cli.errors import Conflict, Misuse, NotFound
from crm_cli.model.deal import Deal, DealContact, StageChange
from crm_cli.model.inputs import DealInput, name_key
from crm_cli.queries.bounds import member_id
from crm_cli.queries.find import Finder, find_stage
from crm_cli.rules import values
from crm_cli.rules.money import parse_currency, parse_money, scale
from crm_cli.rules.text import fold
from crm_cli.store.writer import Work

_WORDS = ("source", "lost_reason")
_KINDS = ("tag", "contact", "line")
_CLEARABLE = {
    **{key: key for key in "amount expected_close_on probability source risk custom".split()},
    "owner": "owner_id",
    "customer": "customer_id",
}


def add_deal(
    w: Work,
    options: dict[str, Any],
    *,
    country: str | None,
    currency: str,
    decimal: str,
    duplicate: bool = False,
) -> Change:
    """A new deal; Conflict when its customer has an open one of that title."""
    owner = Finder(w.db, ["customer"], country=country).one(options["customer"])
    given = values.read(values.DEAL, options, values.Clock(w.now))
    stage_id, kind = _first_stage(w, options.get("stage"))
    moves.refuse_reason(kind, given.get("lost_reason"), 0)
    if given.get("lost_reason") and kind != "lost":
        raise Misuse("--reason is for a deal that is lost", hint="Add --stage lost, or leave --reason out.")
    own = {"opened_on": w.today, "owner_id": w.member_id, **given, "customer_id": owner.id, "stage_id": stage_id}
    own.update(amount_of(w, options, owner.id, None, currency, decimal))
    lines = None
    if options.get("line"):
        usual = _usual_currency(w, owner.id, currency)
        lines, money = deal_lines.read(w, options["line"], own, (usual,), decimal)
        own.update(money)
    if options.get("owner"):
        own["owner_id"] = member_id(w.db, fold(options["owner"]), options["owner"], w.member_id)
    _refuse_lone_due(options)
    row = _new_row(w, checked(DealInput, own), closed_on=w.today if kind != "open" else None, duplicate=duplicate)
    set_custom(row, options.get("set"))
    of_rate = freeze_deal(w, row)
    w.add(row)
    assert row.id is not None
    moves.enter_stage(w, row, None, row.stage_id, row.opened_on, None)
    deal_lines.keep(w, row.id, lines)
    _attach(w, row, options, country)
    notes = [*new_words(w, "deal", [row.id], given, _WORDS), *of_rate]
    if options.get("next"):
        step = new_task(w, options["next"], options.get("due"), customer_id=owner.id, deal_id=row.id)
        notes.append(("Next: {text}, {due} (task {id})", {"id": step.id, "text": step.text, "due": spell_due(w, step)}))
    elif kind == "open":
        notes.append(("No next step yet: crm task add TEXT --deal {id} --due DAY", {"id": row.id}))
    holes = moves.told(w, row, understood("deal", given))
    return Change("deal", [row.id], "Added deal {id}: {deal} ({facts})", holes, notes)


def _refuse_lone_due(options: dict[str, Any]) -> None:
    if options.get("due") and not options.get("next"):
        raise Misuse("--due needs --next", hint='Say what is due: --next "call again" --due fri')


def _new_row(w: Work, own: dict[str, Any], *, closed_on: date | None, duplicate: bool) -> Deal:
    if not duplicate:
        _refuse_known(w, own)
    return Deal(
        **own,
        title_key=name_key(own["title"]),
        stage_since_on=own["opened_on"],
        closed_on=closed_on,
        created_at=w.now,
        updated_at=w.now,
    )


def amount_of(
    w: Work, options: dict[str, Any], customer_id: int | None, own: str | None, currency: str, decimal: str
) -> dict[str, Any]:
    """amount and currency: the one typed, --currency, the deal's own, the customer's last, the configured one."""
    typed = parse_currency(options["currency"]) if options.get("currency") else None
    if options.get("amount") is None:
        return {"currency": typed} if typed else {}
    code = typed or own or _usual_currency(w, customer_id, currency)
    money = parse_money(options["amount"], currency=code, decimal=decimal or None)
    if money.currency is None:
        raise Misuse(
            "{amount} has no currency",
            hint="Type --amount {amount}EUR, or add --currency EUR. Once for all: crm config set currency EUR",
            amount=options["amount"],
        )
    if typed and money.currency != typed:
        raise Misuse("--amount {amount} is not in {currency}", amount=options["amount"], currency=typed)
    return {"amount": money.amount, "currency": money.currency}


def _usual_currency(w: Work, customer_id: int | None, currency: str) -> str | None:
    last = w.db.value(
        "SELECT currency FROM deal WHERE customer_id = :id AND currency IS NOT NULL AND removed_at IS NULL"
        " ORDER BY id DESC LIMIT 1",
        {"id": customer_id},
    )
    return last or (parse_currency(currency) if currency else None)


def _first_stage(w: Work, typed: str | None) -> tuple[int, str]:
    """Id and kind of the stage named, else of the first open one of the first pipeline."""
    if typed:
        stage_id, _, kind, _ = find_stage(w.db, typed)
        return stage_id, kind
    found = w.db.value(
        "SELECT s.id FROM stage s JOIN pipeline l ON l.id = s.pipeline_id WHERE s.kind = 'open'"
        " AND s.removed_at IS NULL AND l.removed_at IS NULL ORDER BY l.position, l.id, s.position LIMIT 1"
    )
    if found is None:
        raise NotFound("There is no open stage", hint="Add one: crm stage add NAME")
    return int(found), "open"


def _refuse_known(w: Work, row: dict[str, Any]) -> None:
    found = w.db.row(
        "SELECT id, title FROM deal WHERE title_key = :key AND customer_id = :customer AND removed_at IS NULL"
        " AND stage_id IN (SELECT id FROM stage WHERE kind = 'open')",
        {"key": name_key(row["title"]), "customer": row["customer_id"]},
    )
    if found:
        raise reaches.already("deal", found[0], found[1], found[1])


# ------------------------------------------------------------------ people in it


def _attach(w: Work, row: Any, options: dict[str, Any], country: str | None) -> bool:
    """Tags, and people with their role: `--contact jane:decision-maker`."""
    new = reaches.add_tags(w, "deal", row.id, options["tag"]) if options.get("tag") else False
    for typed in options.get("contact") or []:
        contact_id, role = find_contact(w, typed, row.customer_id, country)
        both = {"d": row.id, "c": contact_id}
        link = w.db.value("SELECT id FROM deal_contact WHERE deal_id = :d AND contact_id = :c", both)
        if link is None:
            given = {"deal_id": row.id, "contact_id": contact_id, "role": role}
            w.add(DealContact(**given, created_at=w.now, updated_at=w.now))
            new = True
        elif role and changed(w.get(DealContact, link), {"role": role}, w.now):
            new = True
    return new


def find_contact(w: Work, typed: str, customer_id: int | None, country: str | None) -> tuple[int, str | None]:
    """A person, first among those of the customer, with the role typed behind a colon."""
    name, role = _role_of(typed.replace("：", ":"))
    if customer_id is not None:
        own = Finder(w.db, ["contact"], scope={"contact": f"x.customer_id = {int(customer_id)}"}, country=country)
        try:
            return own.one(name).id, role
        except NotFound:
            pass
    return Finder(w.db, ["contact"], country=country).one(name).id, role


def _role_of(typed: str) -> tuple[str, str | None]:
    """`contact:12:champion` -> ("contact:12", "champion"); the prefix of a kind is no name."""
    head, colon, rest = typed.partition(":")
    prefix = head + colon if colon and head.strip().lower() == "contact" else ""
    name, colon, role = rest.rpartition(":") if prefix else typed.rpartition(":")
    if not colon or not name.strip():
        return typed, None
    return prefix + name, values.role(role) or None


# ------------------------------------------------------------------ changed


def edit_deals(
    w: Work, ids: list[int], options: dict[str, Any], *, country: str | None, currency: str, decimal: str
) -> Change:
    """Change the options given on every one of the deals; --stage moves them."""
    given = values.read(values.DEAL, options, values.Clock(w.now))
    if options.get("customer"):
        given["customer_id"] = Finder(w.db, ["customer"], country=country).one(options["customer"]).id
    if options.get("owner"):
        given["owner_id"] = member_id(w.db, fold(options["owner"]), options["owner"], w.member_id)
    emptied, kinds = reaches.cleared("deal", options.get("clear") or [], _CLEARABLE, _KINDS)
    given.update(emptied)
    reason = given.pop("lost_reason", None)
    wanted = reaches.drops("deal", options.get("drop") or [], ("tag", "contact"))
    met: set[reaches.Drop] = set()
    touched = []
    row: Any = None
    for record_id in ids:
        row = w.get(Deal, record_id)
        lines = None
        if options.get("line"):
            money = amount_of(w, options, row.customer_id, row.currency, currency, decimal)
            usual = (row.currency, _usual_currency(w, row.customer_id, currency))
            lines, money = deal_lines.read(w, options["line"], money, usual, decimal, deal_id=record_id)
        else:
            money = _money(w, row, options, currency, decimal)
            if "line" not in kinds:
                deal_lines.refuse_other_currency(w, row, money.get("currency"))
        own = {**given, **money}
        differs = _edit(w, row, own, options)
        differs |= deal_lines.keep(w, record_id, lines)
        differs |= _clear(w, record_id, kinds)
        gone = {one for one in wanted if _drop(w, row, one, country)}
        differs |= _attach(w, row, options, country) or bool(gone)
        met |= gone
        if options.get("stage"):
            moved = moves.move_deals(w, [record_id], options["stage"], note=None, reason=reason or row.lost_reason)
            differs |= moved.sentence != NOTHING
        differs |= _reason(w, row, reason)
        if differs:
            row.updated_at = w.now
            touched.append(record_id)
    reaches.refuse_missing(wanted, met)
    notes = new_words(w, "deal", ids, {**given, "lost_reason": reason}, _WORDS)
    facts = [*_echo(w, row, options, len(ids)), *understood("deal", given)]
    return edited("deal", ids, touched, name=row.title, facts=facts, notes=notes)


def _echo(w: Work, row: Any, options: dict[str, Any], n: int) -> list[str]:
    """The amount and the stage as they were understood; of several deals each may have its own."""
    told = moves.told(w, row)
    typed = {"amount": ("amount", "currency", "line"), "stage": ("stage",)}
    return [str(told[fact]) for fact, names in typed.items() if n == 1 and any(options.get(name) for name in names)]


def _edit(w: Work, row: Any, given: dict[str, Any], options: dict[str, Any]) -> bool:
    """The columns of one deal; its tasks follow it to another customer, its history to another first day."""
    opened, owner = row.opened_on, row.customer_id
    whole = {column: getattr(row, column) for column in DealInput.model_fields}
    new = checked(DealInput, {**whole, **given}, hint=EMPTIED)
    if row.closed_on and new["opened_on"] > row.closed_on:
        raise Misuse(
            "{title} was closed on {closed}: it cannot have been opened later",
            title=row.title,
            closed=row.closed_on.isoformat(),
        )
    is_new_money = (row.amount, row.currency) != (new["amount"], new["currency"])
    slips = row.slips + _is_put_off(row, new["expected_close_on"])
    differs = changed(row, {**new, "title_key": name_key(new["title"]), "slips": slips}, w.now)
    if is_new_money:
        freeze_deal(w, row)
    differs |= set_custom(row, options.get("set"))
    if row.opened_on != opened:
        _reopened_on(w, row)
    if row.customer_id != owner:
        w.execute("UPDATE task SET customer_id = :c WHERE deal_id = :d", {"c": row.customer_id, "d": row.id})
    return differs


def _is_put_off(row: Any, expected: date | None) -> bool:
    """Whether an open deal is now expected to close on a later day than before (as actions/imports/write.py has it)."""
    before = row.expected_close_on
    return row.closed_on is None and before is not None and expected is not None and expected > before


def _reopened_on(w: Work, row: Any) -> None:
    """The history begins on the day opened: the first stage is entered then, and the days spent in it count again."""
    ids = w.db.rows("SELECT id FROM stage_change WHERE deal_id = :id ORDER BY id LIMIT 2", {"id": row.id})
    first: Any = w.get(StageChange, ids[0][0]) if ids else None
    if first is None or first.from_stage_id is not None:
        return
    second: Any = w.get(StageChange, ids[1][0]) if len(ids) > 1 else None
    if second is not None and row.opened_on > second.changed_on:
        raise Conflict(
            "{title} was moved on {day}: it cannot have been opened later",
            title=row.title,
            day=second.changed_on.isoformat(),
        )
    first.changed_on = row.opened_on
    if second is None:
        row.stage_since_on = row.opened_on
    else:
        second.days_spent = (second.changed_on - row.opened_on).days


def _money(w: Work, row: Any, options: dict[str, Any], currency: str, decimal: str) -> dict[str, Any]:
    """The amount and currency of an edit; another currency alone keeps the number, not the minor units."""
    found = amount_of(w, options, row.customer_id, row.currency, currency, decimal)
    if "amount" in found or "currency" not in found or row.amount is None:
        return found
    amount, rest = divmod(row.amount * scale(found["currency"]), scale(row.currency))
    if rest:
        raise Misuse(
            "The amount has more decimals than {currency} allows", hint="Add --amount", currency=found["currency"]
        )
    return {**found, "amount": amount}


def _reason(w: Work, row: Any, reason: str | None) -> bool:
    """Why it was lost, on a deal that is."""
    if reason is None:
        return False
    if w.db.value("SELECT kind FROM stage WHERE id = :id", {"id": row.stage_id}) != "lost":
        raise Misuse(
            "{title} is not lost", hint="To lose it: crm deal lose {id} --reason ...", title=row.title, id=row.id
        )
    return changed(row, {"lost_reason": reason}, w.now)


def _clear(w: Work, deal_id: int, kinds: list[str]) -> bool:
    gone = reaches.clear_all(w, "deal", deal_id, [kind for kind in kinds if kind == "tag"])
    if "line" in kinds:
        gone |= w.execute("DELETE FROM deal_line WHERE deal_id = :id", {"id": deal_id}) > 0
    if "contact" in kinds:
        gone |= w.execute("DELETE FROM deal_contact WHERE deal_id = :id", {"id": deal_id}) > 0
    return gone


def _drop(w: Work, row: Any, gone: reaches.Drop, country: str | None) -> bool:
    if gone.kind == "tag":
        return reaches.drop_tag(w, "deal", row.id, gone.value)
    own = Finder(
        w.db,
        ["contact"],
        scope={"contact": f"x.id IN (SELECT contact_id FROM deal_contact WHERE deal_id = {int(row.id)})"},
        country=country,
    )
    try:
        link = {"d": row.id, "c": own.one(gone.value).id}
    except NotFound:
        return False
    return w.execute("DELETE FROM deal_contact WHERE deal_id = :d AND contact_id = :c", link) > 0
