"""Who is behind a follow-up: names, the person to talk to, how to reach them, and the last word said."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from crm_cli.store.reader import Reader

Person = dict[str, Any]


class Contacts(NamedTuple):
    """The person to turn to: by deal, and by customer."""

    deal: dict[int, Person]
    customer: dict[int, Person]


def _in(ids: Iterable[int]) -> str:
    return "(" + ", ".join(str(int(i)) for i in sorted(ids)) + ")"


_FIRST_REACH = "(SELECT r.value FROM reach r WHERE r.{0}_id = {1}.id AND r.kind = '{2}' ORDER BY r.position, r.id LIMIT 1)"


def customers(db: Reader, ids: set[int]) -> dict[int, Person]:
    """Name, preferred channel, first phone and e-mail of customers."""
    phone, email = (_FIRST_REACH.format("customer", "c", kind) for kind in ("phone", "email"))
    rows = db.rows(f"SELECT c.id, c.name, c.prefers, {phone}, {email} FROM customer c WHERE c.id IN {_in(ids)}")
    return {r[0]: {"id": r[0], "name": r[1], "prefers": r[2], "phone": r[3], "email": r[4]} for r in rows}


def deals(db: Reader, ids: set[int]) -> dict[int, str]:
    """Titles of deals."""
    return dict(db.rows(f"SELECT id, title FROM deal WHERE id IN {_in(ids)}"))  # type: ignore[arg-type]


def members(db: Reader) -> dict[int, str]:
    """Names of the team."""
    return dict(db.rows("SELECT id, name FROM member"))  # type: ignore[arg-type]


def contacts(db: Reader, customer_ids: set[int], deal_ids: set[int]) -> Contacts:
    """A deal's own person, else the customer's; who decides comes first, then who was added first."""
    phone, email = (_FIRST_REACH.format("contact", "k", kind) for kind in ("phone", "email"))
    columns = f"k.id, k.name, k.prefers, {phone}, {email}"
    in_deals = db.rows(
        f"SELECT x.deal_id, coalesce(x.role, k.role) AS part, {columns} FROM deal_contact x"
        " JOIN contact k ON k.id = x.contact_id AND k.removed_at IS NULL"
        f" WHERE x.deal_id IN {_in(deal_ids)} ORDER BY x.deal_id, part IS NULL, part <> 'decision-maker', x.id"
    )
    at_customers = db.rows(
        f"SELECT k.customer_id, k.role AS part, {columns} FROM contact k"
        f" WHERE k.removed_at IS NULL AND k.customer_id IN {_in(customer_ids)}"
        " ORDER BY k.customer_id, part IS NULL, part <> 'decision-maker', k.id"
    )
    return Contacts(_first(in_deals), _first(at_customers))


def _first(rows: list[tuple[Any, ...]]) -> dict[int, Person]:
    people: dict[int, Person] = {}
    for owner, role, contact_id, name, prefers, phone, email in rows:
        if owner not in people:
            people[owner] = {
                "id": contact_id, "name": name, "role": role, "prefers": prefers, "phone": phone, "email": email,
            }  # fmt: skip
    return people


def last_words(db: Reader, customer_ids: set[int]) -> dict[int, tuple[str | None, str]]:
    """Text and moment of the newest interaction of each customer."""
    newest = (
        "(SELECT i.id FROM interaction i WHERE i.customer_id = c.id AND i.removed_at IS NULL"
        " ORDER BY i.at DESC, i.id DESC LIMIT 1)"
    )
    rows = db.rows(
        f"SELECT n.customer_id, n.text, n.at FROM customer c JOIN interaction n ON n.id = {newest}"
        f" WHERE c.id IN {_in(customer_ids)}"
    )
    return {row[0]: (row[1], row[2]) for row in rows}
