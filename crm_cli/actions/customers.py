"""Customers: added, changed, hidden and brought back."""

from typing import Any

from crm_cli.actions import reaches, touches
from crm_cli.actions.change import Change, changed, checked
from crm_cli.errors import Misuse
from crm_cli.model.customer import Customer
from crm_cli.model.inputs import CustomerInput, name_key
from crm_cli.queries.bounds import member_id
from crm_cli.queries.find import Finder
from crm_cli.rules import values
from crm_cli.rules.fields import field_key
from crm_cli.rules.text import fold
from crm_cli.store.writer import Work

_SEVERAL = {"email": "email", "phone": "phone", "website": "website", "messenger": "messenger"}
_CLEARABLE = (
    "industry size region country city address source referred_by language prefers birthday cadence owner note parent"
).split()
_COLUMN = {"referred_by": "referred_by_id", "owner": "owner_id", "parent": "parent_id", "cadence": "cadence_days"}


def add_customer(w: Work, options: dict[str, Any], *, country: str | None, duplicate: bool = False) -> Change:
    """A new customer from typed options; Conflict when somebody has its e-mail, phone, website or exact name."""
    given = values.read(values.CUSTOMER, options, values.Clock(w.now))
    given.setdefault("kind", "person" if given.get("birthday") else "company")
    given.update(_links(w, options, country))
    row_values = checked(CustomerInput, given)
    if not duplicate:
        refuse_known(w, row_values["name"], options, country)
    row = Customer(**row_values, name_key=name_key(row_values["name"]), created_at=w.now, updated_at=w.now)
    if row.owner_id is None:
        row.owner_id = w.member_id
    set_custom(row, options.get("set"))
    touches.set_cadence(row, w)
    w.add(row)
    assert row.id is not None
    _add_several(w, row.id, options, country)
    return Change("customer", [row.id], "Added customer {id}: {name} ({kind})", {"id": row.id, "name": row.name, "kind": row.kind})


def refuse_known(w: Work, name: str, options: dict[str, Any], country: str | None) -> None:
    """Conflict when a customer has this name, e-mail, phone or website already."""
    found = w.db.row("SELECT id, name FROM customer WHERE name_key = :key AND removed_at IS NULL", {"key": name_key(name)})
    if found:
        raise reaches.already("customer", found[0], found[1], name)
    for kind in ("email", "phone", "website"):
        reaches.refuse_known(w, "customer", kind, options.get(kind) or [], country)


def _links(w: Work, options: dict[str, Any], country: str | None) -> dict[str, Any]:
    """Ids of the records that the options name."""
    found: dict[str, Any] = {}
    for option in ("referred_by", "parent"):
        if options.get(option):
            found[_COLUMN[option]] = Finder(w.db, ["customer"], country=country).one(options[option]).id
    if options.get("owner"):
        found["owner_id"] = member_id(w.db, fold(options["owner"]), options["owner"], w.member_id)
    return found


def _add_several(w: Work, record_id: int, options: dict[str, Any], country: str | None) -> bool:
    new = False
    for option, kind in _SEVERAL.items():
        if options.get(option):
            new |= reaches.add_reaches(w, "customer", record_id, kind, options[option], country)
    if options.get("tag"):
        new |= reaches.add_tags(w, "customer", record_id, options["tag"])
    return new


def set_custom(row: Any, pairs: list[str] | None) -> bool:
    """Custom fields: a key with nothing behind it goes away."""
    if not pairs:
        return False
    custom = dict(row.custom or {})
    for key, value in values.pairs(pairs).items():
        if value:
            custom[key] = value
        else:
            custom.pop(key, None)
    if custom == (row.custom or {}):
        return False
    row.custom = custom or None
    return True


def edit_customers(w: Work, ids: list[int], options: dict[str, Any], *, country: str | None) -> Change:
    """Change the options given on every one of the customers; what can be several gains one."""
    given = values.read(values.CUSTOMER, options, values.Clock(w.now))
    given.update(_links(w, options, country))
    for option in options.get("clear") or []:
        given.update(_cleared(w, ids, option))
    touched = []
    for record_id in ids:
        row = w.get(Customer, record_id)
        _refuse_own_parent(row, given)
        whole = {column: getattr(row, column) for column in CustomerInput.model_fields}
        new = checked(CustomerInput, {**whole, **given})
        new["name_key"] = name_key(new["name"])
        differs = changed(row, new, w.now)
        differs |= set_custom(row, options.get("set"))
        differs |= _add_several(w, record_id, options, country)
        differs |= _drop(w, record_id, options.get("drop") or [], country)
        if "cadence_days" in given:
            touches.set_cadence(row, w)
        if differs:
            row.updated_at = w.now
            touched.append(record_id)
    return edited("customer", ids, touched)


def edited(noun: str, ids: list[int], touched: list[int]) -> Change:
    """The answer of an edit: how many differ now."""
    if not touched:
        return Change(noun, ids, "Nothing to change: it is so already")
    if len(ids) == 1:
        return Change(noun, touched, "Changed {noun} {id}", {"noun": noun, "id": touched[0]})
    return Change(noun, touched, "Changed {n} of {all}", {"n": len(touched), "all": len(ids), "noun": noun})


def _refuse_own_parent(row: Any, given: dict[str, Any]) -> None:
    for column in ("parent_id", "referred_by_id"):
        if given.get(column) is not None and given[column] == row.id:
            raise Misuse("{name} cannot stand above or refer itself", name=row.name)


def _cleared(w: Work, ids: list[int], option: str) -> dict[str, Any]:
    """Columns that --clear empties; what can be several is taken away whole."""
    key = field_key(option).removesuffix("_days")
    kind = key.removesuffix("s")
    if kind in _SEVERAL:
        for record_id in ids:
            reaches.clear_reaches(w, "customer", record_id, kind)
        return {}
    if kind == "tag":
        for record_id in ids:
            w.execute("DELETE FROM tagging WHERE customer_id = :id", {"id": record_id})
        return {}
    if key not in _CLEARABLE:
        raise cannot_clear(option, [*_CLEARABLE, *_SEVERAL, "tag"])
    return {_COLUMN.get(key, key): None}


def cannot_clear(option: str, known: list[str]) -> Misuse:
    """A field that must stay, or that there is not."""
    return Misuse("{field} cannot be cleared", hint="What can: {known}", field=option, known=" ".join(known))


def _drop(w: Work, record_id: int, drops: list[str], country: str | None) -> bool:
    """`--drop email=a@b.example`: one value of what can be several."""
    for text in drops:
        kind, value = split_drop(text, [*_SEVERAL, "tag"])
        if kind == "tag":
            reaches.drop_tag(w, "customer", record_id, value)
        else:
            reaches.drop_reach(w, "customer", record_id, kind, value, country)
    return bool(drops)


def split_drop(text: str, known: list[str]) -> tuple[str, str]:
    """`field=value` of --drop."""
    field, mark, value = text.partition("=")
    kind = field_key(field).removesuffix("s")
    if not mark or kind not in known or not value.strip():
        raise Misuse("--drop {text} does not say what to take away", hint="Type --drop FIELD=VALUE; fields: {known}", text=text, known=" ".join(known))
    return kind, value.strip()
