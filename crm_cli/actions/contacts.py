"""The people at a customer."""

from typing import Any

from crm_cli.actions import reaches
from crm_cli.actions.change import Change, changed, checked
from crm_cli.actions.customers import cannot_clear, edited, set_custom, split_drop
from crm_cli.model.customer import Contact
from crm_cli.model.inputs import ContactInput, name_key
from crm_cli.queries.find import Finder
from crm_cli.rules import values
from crm_cli.rules.fields import field_key
from crm_cli.store.writer import Work

_SEVERAL = ("email", "phone", "messenger")
_CLEARABLE = "title role prefers birthday note".split()


def add_contact(w: Work, options: dict[str, Any], *, country: str | None, duplicate: bool = False) -> Change:
    """A new contact of a customer; Conflict when the customer has one of that name, or anybody that e-mail or phone."""
    given = values.read(values.CONTACT, options, values.Clock(w.now))
    owner = Finder(w.db, ["customer"], country=country).one(options["customer"])
    row_values = checked(ContactInput, {**given, "customer_id": owner.id})
    if not duplicate:
        _refuse_known(w, row_values, options, country)
    row = Contact(**row_values, name_key=name_key(row_values["name"]), created_at=w.now, updated_at=w.now)
    set_custom(row, options.get("set"))
    w.add(row)
    assert row.id is not None
    _add_several(w, row.id, options, country)
    holes = {"id": row.id, "name": row.name, "customer": owner.name}
    return Change("contact", [row.id], "Added contact {id}: {name} at {customer}", holes)


def _refuse_known(w: Work, row: dict[str, Any], options: dict[str, Any], country: str | None) -> None:
    found = w.db.row(
        "SELECT id, name FROM contact WHERE name_key = :key AND customer_id = :customer AND removed_at IS NULL",
        {"key": name_key(row["name"]), "customer": row["customer_id"]},
    )
    if found:
        raise reaches.already("contact", found[0], found[1], row["name"])
    for kind in ("email", "phone"):
        reaches.refuse_known(w, "contact", kind, options.get(kind) or [], country)


def _add_several(w: Work, record_id: int, options: dict[str, Any], country: str | None) -> bool:
    new = False
    for kind in _SEVERAL:
        if options.get(kind):
            new |= reaches.add_reaches(w, "contact", record_id, kind, options[kind], country)
    if options.get("tag"):
        new |= reaches.add_tags(w, "contact", record_id, options["tag"])
    return new


def edit_contacts(w: Work, ids: list[int], options: dict[str, Any], *, country: str | None) -> Change:
    """Change the options given on every one of the contacts."""
    given = values.read(values.CONTACT, options, values.Clock(w.now))
    if options.get("customer"):
        given["customer_id"] = Finder(w.db, ["customer"], country=country).one(options["customer"]).id
    for option in options.get("clear") or []:
        given.update(_cleared(w, ids, option))
    touched = []
    for record_id in ids:
        row = w.get(Contact, record_id)
        whole = {column: getattr(row, column) for column in ContactInput.model_fields}
        new = checked(ContactInput, {**whole, **given})
        new["name_key"] = name_key(new["name"])
        differs = changed(row, new, w.now)
        differs |= set_custom(row, options.get("set"))
        differs |= _add_several(w, record_id, options, country)
        differs |= _drop(w, record_id, options.get("drop") or [], country)
        if differs:
            row.updated_at = w.now
            touched.append(record_id)
    return edited("contact", ids, touched)


def _cleared(w: Work, ids: list[int], option: str) -> dict[str, Any]:
    key = field_key(option)
    kind = key.removesuffix("s")
    if kind in _SEVERAL or kind == "tag":
        for record_id in ids:
            if kind == "tag":
                w.execute("DELETE FROM tagging WHERE contact_id = :id", {"id": record_id})
            else:
                reaches.clear_reaches(w, "contact", record_id, kind)
        return {}
    if key not in _CLEARABLE:
        raise cannot_clear(option, [*_CLEARABLE, *_SEVERAL, "tag"])
    return {key: None}


def _drop(w: Work, record_id: int, drops: list[str], country: str | None) -> bool:
    for text in drops:
        kind, value = split_drop(text, [*_SEVERAL, "tag"])
        if kind == "tag":
            reaches.drop_tag(w, "contact", record_id, value)
        else:
            reaches.drop_reach(w, "contact", record_id, kind, value, country)
    return bool(drops)
