"""Who is behind a follow-up: names, the person to talk to, how to reach them, and the last word said."""

from typing import Any, NamedTuple

from crm_cli.store.reader import Reader, id_list

Person = dict[str, Any]


class Contacts(NamedTuple):
    """The person to turn to: by deal, and by customer."""

    deal: dict[int, Person]
    customer: dict[int, Person]


def reached(db: Reader, noun: str, people: dict[int, Person]) -> None:
    """Add the first phone and the first e-mail of each, in one go."""
    if not people:
        return
    rows = db.rows(
        f"SELECT r.{noun}_id, r.kind, r.value, r.position, r.id FROM reach r WHERE r.{noun}_id IN {id_list(people)}"
        " AND r.kind IN ('phone', 'email')"
    )
    # few of them have several: sorting these here takes a fraction of what SQL needs for each of them
    for record_id, kind, value, _, _ in sorted(rows, key=lambda row: row[3:]):
        people[record_id].setdefault(kind, value)


def customers(db: Reader, ids: set[int]) -> dict[int, Person]:
    """Name and preferred channel of customers; removed ones are left out."""
    if not ids:
        return {}
    rows = db.rows(f"SELECT id, name, prefers FROM customer WHERE id IN {id_list(ids)} AND removed_at IS NULL")
    return {row[0]: {"id": row[0], "name": row[1], "prefers": row[2]} for row in rows}


def deals(db: Reader, ids: set[int]) -> dict[int, str]:
    """Titles of deals; removed ones are left out."""
    if not ids:
        return {}
    rows = db.rows(f"SELECT id, title FROM deal WHERE id IN {id_list(ids)} AND removed_at IS NULL")
    return {row[0]: row[1] for row in rows}


def members(db: Reader) -> dict[int, str]:
    """Names of the team."""
    return {row[0]: row[1] for row in db.rows("SELECT id, name FROM member")}


def contacts(db: Reader, customer_ids: set[int], deal_ids: set[int]) -> Contacts:
    """A deal's own person, else the customer's; who decides comes first, then who was added first."""
    if not customer_ids and not deal_ids:
        return Contacts({}, {})
    in_deals = db.rows(
        "SELECT x.deal_id, k.id, k.name, coalesce(x.role, k.role) AS part, k.prefers FROM deal_contact x"
        " JOIN contact k ON k.id = x.contact_id AND k.removed_at IS NULL"
        f" WHERE x.deal_id IN {id_list(deal_ids)} ORDER BY x.deal_id, part IS NULL, part <> 'decision-maker', x.id"
    )
    at_customers = db.rows(
        "SELECT k.customer_id, k.id, k.name, k.role AS part, k.prefers FROM contact k"
        f" WHERE k.removed_at IS NULL AND k.customer_id IN {id_list(customer_ids)}"
        " ORDER BY k.customer_id, part IS NULL, part <> 'decision-maker', k.id"
    )
    found = Contacts(_first(in_deals), _first(at_customers))
    everybody = [*found.deal.values(), *found.customer.values()]
    people: dict[int, Person] = {person["id"]: {} for person in everybody}
    reached(db, "contact", people)
    for person in everybody:
        person.update(people[person["id"]])
    return found


def _first(rows: list[tuple[Any, ...]]) -> dict[int, Person]:
    """The first person of each deal or customer."""
    people: dict[int, Person] = {}
    for owner, contact_id, name, role, prefers in rows:
        if owner not in people:
            people[owner] = {"id": contact_id, "name": name, "role": role, "prefers": prefers}
    return people


def last_words(db: Reader, noun: str, ids: set[int]) -> dict[int, tuple[str | None, str]]:
    """The newest words said with each customer (or about each deal), and their moment; without any, the newest."""
    if not ids:
        return {}
    newest = (
        f"(SELECT i.id FROM interaction i WHERE i.{noun}_id = w.value AND i.removed_at IS NULL{{}}"
        " ORDER BY i.at DESC, i.id DESC LIMIT 1)"
    )
    chosen = f"coalesce({newest.format(' AND i.text IS NOT NULL')}, {newest.format('')})"
    rows = db.rows(
        f"SELECT w.value, n.text, n.at FROM json_each(:ids) w JOIN interaction n ON n.id = {chosen}",
        {"ids": f"[{', '.join(map(str, sorted(ids)))}]"},
    )
    return {row[0]: (row[1], row[2]) for row in rows}
