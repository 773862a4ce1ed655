"""Links whose other end is not there yet: kept in custom fields, and made when the file with that end comes.

So deals may come before their customers and notes before their deals: what is there in the end is the same.
"""

import json
from collections.abc import Iterable
from typing import Any

from crm_cli.actions.imports.persons import PERSON
from crm_cli.actions.imports.run import Note, Run
from crm_cli.actions.imports.touches import move_touches
from crm_cli.rules.cells import key_of
from crm_cli.store.bulk import UUID

CUSTOMER, DEAL, CONTACTS, RELATED = "awaited_customer", "awaited_deal", "awaited_contacts", "awaited_related"
_SHOWN = 5
_WAITING = {
    CUSTOMER: "Rows that wait for customers who are not there yet: {n} ({names}). Importing these links them",
    DEAL: "Rows that wait for deals that are not there yet: {n} ({names}). Importing these links them",
    CONTACTS: "Rows that wait for people who are not there yet: {n} ({names}). Importing these links them",
    RELATED: "Rows that wait for records that are not there yet: {n} ({names}). Importing these links them",
}
_JOINED = "Records that waited for what came now, and are linked: {n}"


def keep_beside(run: Run, rows: Iterable[tuple[int, str, str]]) -> None:
    """Texts that find no place of their own become custom fields of their rows: (n, name of the field, text)."""
    gained: dict[int, dict[str, Any]] = {}
    for n, name, text in rows:
        fields = gained.setdefault(n, {})
        fields[name] = f"{fields[name]}; {text}" if name in fields else text
    if not gained:
        return
    run.db.many(
        "UPDATE s_row SET custom = merge_custom(custom, ?) WHERE n = ?",
        [(json.dumps(fields, ensure_ascii=False, sort_keys=True), n) for n, fields in gained.items()],
    )
    run.present = run.present | {"custom"}


def hold(run: Run, what: str, rows: Iterable[Any]) -> None:
    """Keep links that lead nowhere yet: (n, id or name)."""
    found = list(rows)
    if not found:
        return
    keep_beside(run, [(n, what, text) for n, text in found])
    names = list(dict.fromkeys(text for _, text in found))
    listed = ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
    run.counts.told.append(Note(_WAITING[what], {"n": len({n for n, _ in found}), "names": listed}))


def resolve_foreign(run: Run) -> None:
    """Ids of people, and ids that may be those of a customer, a deal or a person; for presets alone."""
    if run.has("related_key"):
        keys = run.rows("SELECT DISTINCT related_key FROM s_row WHERE related_key IS NOT NULL")
        found = {key: record for (key,) in keys if (record := _Foreign(run).any(key))}
        rows = run.rows("SELECT n, related_key FROM s_row WHERE related_key IS NOT NULL")
        hold(run, RELATED, [(n, key) for n, key in rows if key not in found])
        for noun in ("customer", "deal"):
            ids = [(found[key][1], n) for n, key in rows if key in found and found[key][0] == noun]
            run.db.many(f"UPDATE s_row SET {noun}_id = coalesce({noun}_id, ?) WHERE n = ?", ids)
        _take_people(run, [(n, key, found[key][1]) for n, key in rows if key in found and found[key][0] == "contact"])
    if run.has("contact_key"):
        people, missing = [], []
        known: dict[str, Any] = {}
        for n, keys in run.rows("SELECT n, contact_key FROM s_row WHERE contact_key IS NOT NULL"):
            for one in _split(keys):
                if one not in known:
                    known[one] = _Foreign(run).person(one)
                if known[one] is None:
                    missing.append((n, one))
                elif known[one][0] == "customer":
                    ids = [(known[one][1], n)]
                    run.db.many("UPDATE s_row SET customer_id = coalesce(customer_id, ?) WHERE n = ?", ids)
                else:
                    people.append((n, one, known[one][1]))
        _take_people(run, people)
        hold(run, CONTACTS, missing)
    if run.has("related_key", "contact_key") and run.noun != "deal":
        run.execute(
            "UPDATE s_row SET customer_id = (SELECT d.customer_id FROM deal d WHERE d.id = s_row.deal_id)"
            " WHERE customer_id IS NULL AND deal_id IS NOT NULL"
        )


def _split(keys: str) -> list[str]:
    return [one.strip() for one in keys.replace(",", ";").split(";") if one.strip()]


def _take_people(run: Run, people: list[tuple[int, str, int]]) -> None:
    run.db.many(
        "UPDATE s_row SET customer_id = coalesce(customer_id, (SELECT c.customer_id FROM contact c WHERE c.id = ?))"
        " WHERE n = ?",
        [(number, n) for n, _, number in people],
    )
    if run.noun != "task":
        rows = [(n, "", key, key_of(key), None, number) for n, key, number in people]
        run.db.fill("s_person", ("n", "header", "text", "key", "role", "contact_id"), rows)


class _Foreign:
    """Records by their ids in the system that is imported."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.source = run.options.source_name

    def find(self, noun: str, key: str) -> int | None:
        sources = (self.source, self.source + PERSON) if noun == "customer" else (self.source, self.source)
        found = self.run.db.value(
            f"SELECT min(d.id) FROM {noun} d WHERE d.external_id = :key AND d.external_source IN (:one, :two)"
            " AND d.removed_at IS NULL",
            {"key": key, "one": sources[0], "two": sources[1]},
        )
        return None if found is None else int(found)

    def customer(self, key: str) -> int | None:
        """A customer by id."""
        return self.find("customer", key)

    def person(self, key: str) -> tuple[str, int] | None:
        """A contact by id, or a customer who is that person."""
        number = self.find("contact", key)
        if number is not None:
            return "contact", number
        found = self.run.db.value(
            "SELECT min(c.id) FROM customer c WHERE c.external_id = :key AND c.external_source = :source"
            " AND c.removed_at IS NULL",
            {"key": key, "source": self.source + PERSON},
        )
        return None if found is None else ("customer", int(found))

    def any(self, key: str) -> tuple[str, int] | None:
        """Whatever has the id."""
        for noun in ("deal", "contact", "customer"):
            number = self.find(noun, key)
            if number is not None:
                return noun, number
        return None


# ------------------------------------------------------------------ when the other end comes


def join_held(run: Run) -> None:
    """Link the records of the same system that waited for what this import has brought."""
    if run.noun not in ("customer", "contact", "deal") or run.options.source_name == "csv":
        return
    joined: set[tuple[str, int]] = set()
    for noun in ("contact", "deal", "interaction", "task"):
        further = {"contact": "NULL", "deal": "d.id"}.get(noun, "d.deal_id")
        rows = run.rows(
            f"SELECT d.id, d.customer_id, {further}, d.custom FROM {noun} d WHERE d.custom LIKE '%\"awaited\\_%' ESCAPE"
            " '\\' AND d.removed_at IS NULL AND coalesce(d.external_source, :source) = :source"
        )
        for number, customer, deal, custom in rows:
            if _join(run, noun, number, customer, deal, json.loads(custom)):
                joined.add((noun, number))
    if joined:
        run.counts.told.append(Note(_JOINED, {"n": len(joined)}))
        _touch(run, [(number,) for noun, number in joined if noun == "interaction"])


def _join(run: Run, noun: str, number: int, customer: Any, deal: Any, custom: dict[str, Any]) -> bool:
    """Give one record the links that it waits for; whether there was any."""
    foreign, before = _Foreign(run), dict(custom)
    related = foreign.any(str(custom.get(RELATED))) if RELATED in custom else None
    if related:
        del custom[RELATED]
        if related[0] == "contact":
            customer = customer or _customer_of(run, related[1])
            _link(run, noun, number, related[1])
        elif related[0] == "deal":
            deal = deal or related[1]
        else:
            customer = customer or related[1]
    if CUSTOMER in custom and (found := foreign.customer(str(custom[CUSTOMER]))):
        customer = customer or found
        del custom[CUSTOMER]
    if DEAL in custom and (found := foreign.find("deal", str(custom[DEAL])) or _titled(run, custom[DEAL], customer)):
        deal = deal or found
        del custom[DEAL]
    if deal and not customer and noun != "deal":
        customer = run.db.value("SELECT customer_id FROM deal WHERE id = :id", {"id": deal})
    waiting = _split(str(custom.pop(CONTACTS, "")))
    for key in list(waiting):
        person = foreign.person(key) or _named(run, key, customer)
        if person:
            waiting.remove(key)
            customer = customer or (person[1] if person[0] == "customer" else _customer_of(run, person[1]))
            if person[0] == "contact":
                _link(run, noun, number, person[1])
    if waiting:
        custom[CONTACTS] = "; ".join(waiting)
    if custom == before:
        return False
    values = {"customer_id": customer, "custom": json.dumps(custom, ensure_ascii=False, sort_keys=True) or None}
    if noun in ("interaction", "task"):
        values["deal_id"] = deal
    values["custom"] = values["custom"] if custom else None
    sets = ", ".join(f"{column} = :{column}" for column in values)
    run.db.execute(f"UPDATE {noun} SET {sets} WHERE id = :id", {**values, "id": number})
    return True


def _customer_of(run: Run, contact: int) -> Any:
    return run.db.value("SELECT customer_id FROM contact WHERE id = :id", {"id": contact})


def _named(run: Run, name: str, customer: Any) -> tuple[str, int] | None:
    """The one contact of a customer that has a name."""
    found = run.db.rows(
        "SELECT id FROM contact WHERE customer_id IS :customer AND name_key = :key AND removed_at IS NULL LIMIT 2",
        {"customer": customer, "key": key_of(name)},
    )
    return ("contact", found[0][0]) if customer and len(found) == 1 else None


def _titled(run: Run, title: Any, customer: Any) -> Any:
    found = run.db.rows(
        "SELECT id FROM deal WHERE title_key = :key AND removed_at IS NULL"
        " AND (:customer IS NULL OR customer_id = :customer) LIMIT 2",
        {"key": key_of(str(title)), "customer": customer},
    )
    return found[0][0] if len(found) == 1 else None


def _link(run: Run, noun: str, number: int, contact: int) -> None:
    if noun not in ("deal", "interaction"):
        return
    stamp, now = (", updated_at", ", :now") if noun == "deal" else ("", "")
    run.db.execute(
        f"INSERT INTO {noun}_contact (uuid, {noun}_id, contact_id, created_at{stamp})"
        f" SELECT {UUID}, :id, :contact, :now{now} WHERE NOT EXISTS (SELECT 1 FROM {noun}_contact x"
        f" WHERE x.{noun}_id = :id AND x.contact_id = :contact)",
        {**run.params, "id": number, "contact": contact},
    )


def _touch(run: Run, interactions: list[tuple[int]]) -> None:
    """Interactions that found whom they were with move last contacts and last touches, as if they had come behind."""
    if not interactions:
        return
    run.execute("CREATE TABLE IF NOT EXISTS s_joined (id INTEGER PRIMARY KEY)")
    run.execute("DELETE FROM s_joined")
    run.db.fill("s_joined", ("id",), interactions)
    move_touches(run, "SELECT id FROM s_joined")
