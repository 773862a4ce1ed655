"""Customers: added and changed."""

from typing import Any

from crm_cli.actions import reaches, touches
from crm_cli.actions.change import NOTHING, Change, Note, changed, checked, new_words, understood
from crm_cli.actions.privacy_refusal import refuse_erased
from crm_cli.errors import Misuse
from crm_cli.i18n import language, listed
from crm_cli.model.customer import Customer
from crm_cli.model.inputs import CustomerInput, CustomInput, name_key
from crm_cli.queries.bounds import member_id
from crm_cli.queries.doubles import nearly_named
from crm_cli.queries.find import Finder
from crm_cli.rules import names, values
from crm_cli.rules.text import fold
from crm_cli.store.writer import Work

_LINKS = {"referred_by": "referred_by_id", "parent": "parent_id"}
_WORDS = ("industry", "region", "source")
_KINDS = (*reaches.KINDS, "tag")
_CLEARABLE = {
    **{
        key: key
        for key in "industry size region country city address source language prefers birthday note custom".split()
    },
    "referred_by": "referred_by_id",
    "parent": "parent_id",
    "owner": "owner_id",
    "cadence_days": "cadence_days",
    "lifecycle": "lifecycle",
}
EMPTIED = "To empty a field, type --clear FIELD"


def add_customer(w: Work, options: dict[str, Any], *, country: str | None, duplicate: bool = False) -> Change:
    """A new customer from typed options; Conflict when somebody has its e-mail, phone, website or exact name."""
    given = values.read(values.CUSTOMER, options, values.Clock(w.now))
    given.setdefault("kind", "person" if given.get("birthday") else "company")
    given.update(_links(w, options, country))
    given.setdefault("owner_id", w.member_id)
    own = checked(CustomerInput, given)
    if not duplicate:
        _refuse_known(w, own["name"], options, country)
        refuse_erased(w, own["name"], "", options, country)
    row = Customer(**own, name_key=name_key(own["name"]), created_at=w.now, updated_at=w.now)
    set_custom(row, options.get("set"))
    touches.set_cadence(row, w)
    w.add(row)
    assert row.id is not None
    reaches.add_several(w, "customer", row.id, options, country)
    facts = [names.shown("kind", row.kind, language()), *understood("customer", given)]
    holes = {"id": row.id, "name": row.name, "facts": listed(facts, clauses=True)}
    notes = [*_nearly(w, row, duplicate), *new_words(w, "customer", [row.id], given, _WORDS)]
    return Change("customer", [row.id], "Added customer {id}: {name} ({facts})", holes, notes)


def _nearly(w: Work, row: Any, duplicate: bool) -> list[Note]:
    """Somebody who has nearly the name: said, and not refused."""
    near = None if duplicate else nearly_named(w.db, row.name_key, row.id)
    return [("There is {name} as well ({ref})", {"name": near[1], "ref": f"customer:{near[0]}"})] if near else []


def _refuse_known(w: Work, name: str, options: dict[str, Any], country: str | None) -> None:
    found = w.db.row(
        "SELECT id, name FROM customer WHERE name_key = :key AND removed_at IS NULL", {"key": name_key(name)}
    )
    if found:
        raise reaches.already("customer", found[0], found[1], found[1])
    reaches.refuse_known(w, "customer", options, country)


def _links(w: Work, options: dict[str, Any], country: str | None) -> dict[str, Any]:
    """Ids of the records that the options name."""
    found: dict[str, Any] = {}
    for option, column in _LINKS.items():
        if options.get(option):
            found[column] = Finder(w.db, ["customer"], country=country).one(options[option]).id
    if options.get("owner"):
        found["owner_id"] = member_id(w.db, fold(options["owner"]), options["owner"], w.member_id)
    return found


def set_custom(row: Any, typed: list[str] | None) -> bool:
    """Custom fields: a key with nothing behind it goes away."""
    if not typed:
        return False
    custom = dict(row.custom or {})
    for key, value in values.pairs(typed).items():
        own = checked(CustomInput, {"key": key, "value": value})
        if value:
            custom[own["key"]] = own["value"]
        else:
            custom.pop(key, None)
    if custom == (row.custom or {}):
        return False
    row.custom = custom or None
    return True


def edit_customers(w: Work, ids: list[int], options: dict[str, Any], *, country: str | None) -> Change:
    """Change the options given on every one of the customers; what can be several gains one, made first."""
    given = values.read(values.CUSTOMER, options, values.Clock(w.now))
    given.update(_links(w, options, country))
    emptied, kinds = reaches.cleared("customer", options.get("clear") or [], _CLEARABLE, _KINDS)
    given.update(emptied)
    if "lifecycle" in given:
        given["lifecycle_set_on"] = w.today if given["lifecycle"] else None
    wanted = reaches.drops("customer", options.get("drop") or [], _KINDS)
    met: set[reaches.Drop] = set()
    touched = []
    name = ""
    for record_id in ids:
        row = w.get(Customer, record_id)
        _refuse_loops(w, row, given)
        whole = {column: getattr(row, column) for column in CustomerInput.model_fields}
        new = checked(CustomerInput, {**whole, **given}, hint=EMPTIED)
        differs = changed(row, {**new, "name_key": name_key(new["name"])}, w.now)
        differs |= set_custom(row, options.get("set"))
        differs |= reaches.clear_all(w, "customer", record_id, kinds)
        gone = {one for one in wanted if reaches.drop(w, "customer", record_id, one, country)}
        differs |= reaches.add_several(w, "customer", record_id, options, country) or bool(gone)
        met |= gone
        if "cadence_days" in given:
            touches.set_cadence(row, w)
        if differs:
            row.updated_at = w.now
            touched.append(record_id)
        name = row.name
    reaches.refuse_missing(wanted, met)
    notes = new_words(w, "customer", ids, given, _WORDS)
    if given.get("lifecycle") and touched:
        notes.append(("The stage of life is set by hand now, until: crm customer edit REF --clear lifecycle", {}))
    facts = understood("customer", given, "lifecycle_set_on")
    return edited("customer", ids, touched, name=name, facts=facts, notes=notes)


def edited(
    noun: str,
    ids: list[int],
    touched: list[int],
    *,
    name: str = "",
    facts: list[str] | None = None,
    notes: list[Note] | None = None,
) -> Change:
    """The answer of an edit: how many differ now, and which days were understood."""
    if not touched:
        return Change(noun, ids, NOTHING)
    holes: dict[str, Any] = {"noun": noun, "id": touched[0], "name": name, "n": len(touched), "all": len(ids)}
    said = notes or []
    if facts:
        said = [("Understood: {facts}", {"facts": listed(facts, clauses=True)}), *said]
    if len(ids) > 1:
        all_, some = "Changed {n} records", "Changed {n} of {all} records"
        return Change(noun, touched, all_ if len(touched) == len(ids) else some, holes, said)
    return Change(noun, touched, "Changed {noun} {id}: {name}" if name else "Changed {noun} {id}", holes, said)


def _refuse_loops(w: Work, row: Any, given: dict[str, Any]) -> None:
    """Nobody refers itself, and no company stands above itself, however far up."""
    if given.get("referred_by_id") == row.id:
        raise Misuse("{name} cannot refer itself", name=row.name)
    above, seen = given.get("parent_id"), {row.id}
    while above is not None:
        if above in seen:
            raise Misuse(
                "{name} cannot stand above itself", hint="See: crm show {ref}", name=row.name, ref=f"customer:{row.id}"
            )
        seen.add(above)
        above = w.db.value("SELECT parent_id FROM customer WHERE id = :id", {"id": above})


cannot_clear = reaches.cannot_clear
