"""The people at a customer."""

from typing import Any

from crm_cli.actions import reaches
from crm_cli.actions.change import Change, Note, changed, checked, new_words, understood
from crm_cli.actions.customers import EMPTIED, edited, set_custom
from crm_cli.actions.privacy_refusal import refuse_erased
from crm_cli.i18n import listed
from crm_cli.model.customer import Contact
from crm_cli.model.inputs import ContactInput, name_key
from crm_cli.queries.find import Finder
from crm_cli.rules import names, values
from crm_cli.rules.text import fold
from crm_cli.store.writer import Work

_REACHES = ("email", "phone", "messenger")
_KINDS = (*_REACHES, "tag")
_CLEARABLE = {key: key for key in "title role prefers birthday note custom".split()}


def add_contact(w: Work, options: dict[str, Any], *, country: str | None, duplicate: bool = False) -> Change:
    """A new contact of a customer; Conflict when somebody there has that name, or anybody the e-mail or phone."""
    given = values.read(values.CONTACT, options, values.Clock(w.now))
    owner = Finder(w.db, ["customer"], country=country).one(options["customer"])
    own = checked(ContactInput, {**given, "customer_id": owner.id})
    if not duplicate:
        _refuse_known(w, own["name"], owner.id, options, country)
        refuse_erased(w, own["name"], owner.name, options, country)
    row = Contact(**own, name_key=name_key(own["name"]), created_at=w.now, updated_at=w.now)
    set_custom(row, options.get("set"))
    w.add(row)
    assert row.id is not None
    reaches.add_several(w, "contact", row.id, options, country, _REACHES)
    facts = understood("contact", given)
    holes = {"id": row.id, "name": row.name, "customer": owner.name, "facts": listed(facts, clauses=True)}
    plain, more = "Added contact {id}: {name} at {customer}", "Added contact {id}: {name} at {customer} ({facts})"
    sentence = more if facts else plain
    notes = [*_namesake(w, row, duplicate), *new_words(w, "contact", [row.id], given, _new_role(given))]
    return Change("contact", [row.id], sentence, holes, notes)


def _namesake(w: Work, row: Any, duplicate: bool) -> list[Note]:
    """Somebody of the same name at another customer: said, and not refused, for it is a common thing."""
    found = (
        None
        if duplicate
        else w.db.row(
            f"{_SAME_NAME} AND x.customer_id IS NOT :customer ORDER BY x.id LIMIT 1",
            {"key": row.name_key, "customer": row.customer_id},
        )
    )
    if not found:
        return []
    ref, name, customer = f"contact:{found[0]}", found[1], found[2]
    if customer:
        return [("There is {name} at {customer} as well ({ref})", {"name": name, "customer": customer, "ref": ref})]
    return [("There is {name} as well ({ref})", {"name": name, "ref": ref})]


def _new_role(given: dict[str, Any]) -> list[str]:
    """A role that is none of the usual ones may be a slip."""
    role = given.get("role")
    return ["role"] if role and names.canonical("role", fold(role)) is None else []


_SAME_NAME = (
    "SELECT x.id, x.name, k.name FROM contact x LEFT JOIN customer k ON k.id = x.customer_id"
    " WHERE x.name_key = :key AND x.removed_at IS NULL"
)


def _refuse_known(w: Work, name: str, customer_id: int, options: dict[str, Any], country: str | None) -> None:
    """Conflict when the customer has somebody of that name, or anybody has the e-mail or phone."""
    found = w.db.row(
        f"{_SAME_NAME} AND x.customer_id = :customer ORDER BY x.id LIMIT 1",
        {"key": name_key(name), "customer": customer_id},
    )
    if found:
        error = reaches.already("contact", found[0], found[1], found[1])
        error.candidates[0]["customer"] = found[2]
        raise error
    reaches.refuse_known(w, "contact", options, country)


def edit_contacts(w: Work, ids: list[int], options: dict[str, Any], *, country: str | None) -> Change:
    """Change the options given on every one of the contacts; what can be several gains one, made first."""
    given = values.read(values.CONTACT, options, values.Clock(w.now))
    if options.get("customer"):
        given["customer_id"] = Finder(w.db, ["customer"], country=country).one(options["customer"]).id
    emptied, kinds = reaches.cleared("contact", options.get("clear") or [], _CLEARABLE, _KINDS)
    given.update(emptied)
    wanted = reaches.drops("contact", options.get("drop") or [], _KINDS)
    met: set[reaches.Drop] = set()
    touched = []
    name = ""
    for record_id in ids:
        row = w.get(Contact, record_id)
        whole = {column: getattr(row, column) for column in ContactInput.model_fields}
        new = checked(ContactInput, {**whole, **given}, hint=EMPTIED)
        differs = changed(row, {**new, "name_key": name_key(new["name"])}, w.now)
        differs |= set_custom(row, options.get("set"))
        differs |= reaches.clear_all(w, "contact", record_id, kinds)
        gone = {one for one in wanted if reaches.drop(w, "contact", record_id, one, country)}
        differs |= reaches.add_several(w, "contact", record_id, options, country, _REACHES) or bool(gone)
        met |= gone
        if differs:
            row.updated_at = w.now
            touched.append(record_id)
        name = row.name
    reaches.refuse_missing(wanted, met)
    notes = new_words(w, "contact", ids, given, _new_role(given))
    return edited("contact", ids, touched, name=name, facts=understood("contact", given), notes=notes)
