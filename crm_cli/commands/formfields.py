"""The fields of a form: what each record has, spelled as it would be typed, and what is right to type instead."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from crm_cli.commands import ask, settling
from crm_cli.commands.logging import known_channel
from crm_cli.commands.prompts import Known
from crm_cli.context import App
from crm_cli.errors import Ambiguous, Misuse, NotFound
from crm_cli.i18n import language
from crm_cli.queries import team
from crm_cli.queries.bounds import member_id
from crm_cli.queries.conditions import Asker
from crm_cli.queries.find import Finder, find_stage
from crm_cli.queries.records import one_record
from crm_cli.rules import names, normalise, values
from crm_cli.rules.text import clean_lines, fold
from crm_cli.store.reader import Reader

Row = dict[str, Any]
SEVERAL = ("reach", "tags", "people")  # what may hold `a; b`


class Field(NamedTuple):
    """An option of edit, the public key that it sets, how its values are spelled, and whether it must have one."""

    option: str
    key: str
    how: str = "text"
    must: bool = False


FORMS: dict[str, list[Field]] = {
    "customer": [
        Field("name", "name", must=True),
        Field("kind", "kind", "named", must=True),
        Field("status", "status", "named", must=True),
        Field("phone", "phones", "reach"),
        Field("email", "emails", "reach"),
        Field("website", "websites", "reach"),
        Field("messenger", "messengers", "reach"),
        Field("industry", "industry", "used"),
        Field("size", "size"),
        Field("region", "region", "used"),
        Field("country", "country", "used"),
        Field("city", "city", "used"),
        Field("address", "address"),
        Field("source", "source", "used"),
        Field("referred_by", "referred_by", "customer"),
        Field("parent", "parent", "customer"),
        Field("owner", "owner", "member"),
        Field("tag", "tags", "tags"),
        Field("birthday", "birthday"),
        Field("language", "language"),
        Field("prefers", "prefers", "named"),
        Field("cadence", "cadence_days", "days"),
        Field("note", "note", "long"),
    ],
    "contact": [
        Field("name", "name", must=True),
        Field("customer", "customer", "customer", must=True),
        Field("title", "title", "used"),
        Field("role", "role", "named"),
        Field("phone", "phones", "reach"),
        Field("email", "emails", "reach"),
        Field("birthday", "birthday"),
        Field("prefers", "prefers", "named"),
        Field("tag", "tags", "tags"),
        Field("note", "note", "long"),
    ],
    "deal": [
        Field("title", "title", must=True),
        Field("customer", "customer", "customer"),
        Field("amount", "amount", "money"),
        Field("stage", "stage", "stage", must=True),
        Field("close", "expected_close_on"),
        Field("opened", "opened_on", must=True),
        Field("probability", "probability"),
        Field("source", "source", "used"),
        Field("contact", "contacts", "people"),
        Field("risk", "risk"),
        Field("lost_reason", "lost_reason", "used", must=True),
        Field("owner", "owner", "member"),
        Field("tag", "tags", "tags"),
    ],
    "interaction": [
        Field("text", "text", "long"),
        Field("channel", "channel", "channel", must=True),
        Field("at", "at", "moment", must=True),
        Field("outcome", "outcome"),
        Field("direction", "direction", "named"),
        Field("duration", "duration_minutes", "minutes"),
        Field("contact", "contacts", "people"),
        Field("deal", "deal", "deal"),
    ],
    "task": [
        Field("text", "text", must=True),
        Field("due", "due_on", "due"),
        Field("priority", "priority", "named", must=True),
        Field("customer", "customer", "customer"),
        Field("deal", "deal", "deal"),
        Field("every", "every"),
        Field("owner", "owner", "member"),
    ],
    "product": [
        Field("name", "name", must=True),
        Field("code", "code", must=True),
        Field("kind", "kind", must=True),
        Field("price", "price", "money"),
        Field("cost", "cost", "cost"),
        Field("category", "category", "used"),
        Field("unit", "unit", "used"),
        Field("audience", "audience", "used"),
        Field("note", "note", "long"),
    ],
    "stage": [
        Field("name", "name", must=True),
        Field("probability", "probability"),
        Field("quiet_after", "quiet_after_days", "days"),
    ],
    "member": [Field("name", "name", must=True), Field("email", "email")],
}
_TABLES = {
    "customer": values.CUSTOMER,
    "contact": values.CONTACT,
    "deal": values.DEAL,
    "interaction": values.INTERACTION,
    "task": values.TASK,
    "stage": values.STAGE,
    "product": values.PRODUCT,
}
_GROUPS = {"prefers": "channel"}
_LONGEST, _LONGEST_TEXT = 500, 1_000_000


# ------------------------------------------------------------------ as it is


def present(db: Reader, asker: Asker, noun: str, record_id: int) -> dict[str, str]:
    """Option -> its value as it would be typed; only what a form of this record asks for."""
    row = _row(db, asker, noun, record_id)
    fields = [field for field in FORMS[noun] if _fits(db, noun, field, row)]
    return {field.option: _spelled(field, row) for field in fields}


def _row(db: Reader, asker: Asker, noun: str, record_id: int) -> Row:
    if noun == "stage":
        return team.stages(db, ids=[record_id])[0]
    if noun == "member":
        return team.members(db, ids=[record_id])[0]
    row = one_record(db, noun, record_id, asker)
    if noun == "deal":  # its own probability, not the one of its stage
        row["probability"] = db.value("SELECT probability FROM deal WHERE id = :id", {"id": record_id})
    return row


def _fits(db: Reader, noun: str, field: Field, row: Row) -> bool:
    """A solo database never mentions owners; only a lost deal has a reason, only an open stage odds of its own."""
    if field.how == "member":
        return bool(db.value("SELECT 1 FROM member WHERE removed_at IS NULL LIMIT 1"))
    if field.option == "lost_reason":
        return bool(row["status"] == "lost")
    return noun != "stage" or field.option == "name" or row["kind"] == "open"


def _spelled(field: Field, row: Row) -> str:
    value = row.get(field.key)
    if field.how == "due" and row.get("due_at"):
        value, field = row["due_at"], field._replace(how="moment")
    if value is None or value == []:
        return ""
    if field.how in _SPELLED:
        return _SPELLED[field.how](value, row)
    return str(value)


def _named(value: str, group: str) -> str:
    return names.shown(group, value, language())


_SPELLED: dict[str, Callable[[Any, Row], str]] = {
    "reach": lambda value, row: "; ".join(
        f"{one['label']}:{one['value']}" if one["label"] else one["value"] for one in value
    ),
    "tags": lambda value, row: "; ".join(value),
    "people": lambda value, row: "; ".join(
        one["name"] + (f":{_named(one['role'], 'role')}" if row.get("stage") and one["role"] else "") for one in value
    ),
    "money": lambda value, row: f"{value} {row['currency']}",
    "cost": lambda value, row: f"{value} {row['cost_currency']}",
    "days": lambda value, row: f"{value}d",
    "minutes": lambda value, row: f"{value}m",
    "moment": lambda value, row: datetime.fromisoformat(value).strftime("%Y-%m-%d@%H:%M"),
    "stage": lambda value, row: _named(value, "stage"),
    "channel": lambda value, row: _named(value, "channel"),
}


def spelled_names(field: Field, text: str) -> str:
    """A word of a fixed set as the user's language calls it."""
    return _named(text, _GROUPS.get(field.option, field.option)) if field.how == "named" and text else text


def named(field: Field, typed: str) -> str:
    """A word as typed -> as the user's language calls it."""
    value = names.canonical(_GROUPS.get(field.option, field.option), fold(typed))
    return spelled_names(field, value) if value else typed


def shown(text: str) -> str:
    """A value as it stands in a prompt: nothing in it controls the terminal."""
    return "\n".join(clean_lines(text))


# ------------------------------------------------------------------ as it may be typed


def check_of(app: App, noun: str, field: Field, row_id: int) -> Callable[[str], None]:
    """What is wrong with a text for this field, said before anything is written."""
    clock = values.Clock(app.now)

    def check(typed: str) -> None:
        longest = _LONGEST_TEXT if field.how == "long" else _LONGEST
        if len(typed) > longest:
            raise Misuse("{field} is longer than {longest} characters", field=field.option, longest=longest)
        if field.how in SEVERAL:
            for part in parts(field, typed):
                _check_part(app, field, part)
        elif field.option == "due":
            values.due(typed, clock)
        elif field.option in _TABLES.get(noun, {}):
            _TABLES[noun][field.option][1](typed, clock)
        else:
            _look_up(app, field, typed, row_id)

    return check


def _look_up(app: App, field: Field, typed: str, row_id: int) -> None:
    """What names something else: it is there, or may be several to pick from."""
    with app.read() as db:
        try:
            if field.how == "member":
                member_id(db, fold(typed), typed, db.member_of(app.user))
            elif field.how == "stage":
                find_stage(db, typed, pipeline_id=_pipeline(db, row_id))
            elif field.how == "channel":
                known_channel(app, typed)
            elif field.how in ("money", "cost"):
                _check_money(app, typed)
            elif field.how in ("customer", "deal"):
                Finder(db, [field.how], country=app.country).one(typed)
        except Ambiguous:
            pass  # the pick comes next


def _pipeline(db: Reader, deal_id: int) -> int:
    found = db.value(
        "SELECT s.pipeline_id FROM deal d JOIN stage s ON s.id = d.stage_id WHERE d.id = :i", {"i": deal_id}
    )
    return int(found)


def _check_money(app: App, typed: str) -> None:
    from crm_cli.rules.money import parse_money

    parse_money(typed, currency=app.config.get("currency").strip().upper() or None, decimal=app.decimal or None)


def _check_part(app: App, field: Field, part: str) -> None:
    if field.how == "reach":
        normalise.reach_key(field.option, normalise.split_label(part)[0], country=app.country)
    elif field.how == "people":
        with app.read() as db:
            try:
                Finder(db, ["contact"], country=app.country).one(settling.split_role(part)[0])
            except Ambiguous:
                pass
    elif len(part) > 100:
        raise Misuse("{field} is longer than {longest} characters", field=field.option, longest=100)


def parts(field: Field, typed: str) -> list[str]:
    """`a; b` taken apart; tags by commas too."""
    text = typed.replace("；", ";")
    if field.how == "tags":
        text = text.replace("，", ";").replace(",", ";")
    return list(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))


def known_of(app: App, noun: str, field: Field) -> Known:
    """What completion offers for this field."""
    if field.how == "named":
        group = _GROUPS.get(field.option, field.option)
        return ask.fixed_names(group)
    if field.how == "used":
        return ask.words_in_use(app, noun, field.key)
    if field.how in ("customer", "deal"):
        return ask.names_of(app, [field.how])
    if field.how == "people":
        return ask.names_of(app, ["contact"])
    if field.how == "channel":
        return ask.channel_names(app)
    tables = {"stage": "stage", "member": "member", "tags": "tag"}
    return ask.small_names(app, tables[field.how]) if field.how in tables else ()


def settled(app: App, field: Field, typed: str, row_id: int) -> str:
    """The same with the pick among several made."""
    if field.how in ("customer", "deal"):
        return settling.settle(app, typed, [field.how])
    if field.how == "channel":
        return known_channel(app, typed)
    if field.how == "member":
        return settling.settle_member(app, typed)
    if field.how == "stage":
        with app.read() as db:
            pipeline = _pipeline(db, row_id)
        return settling.settle_stage(app, typed, pipeline)
    return typed


def contact_of(app: App, typed: str) -> str:
    """`contact:12` of a person as typed; what nobody has is left as it is."""
    name = settling.split_role(typed)[0]
    with app.read() as db:
        try:
            return Finder(db, ["contact"], country=app.country).one(name).ref
        except (NotFound, Ambiguous):
            return name
