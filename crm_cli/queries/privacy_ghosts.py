"""Customers and people that no record is left of, but the history: an undo or another program took the row away."""

from typing import Any, NamedTuple

from crm_cli.queries.privacy_scope import portions
from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader

KINDS = ("customer", "contact")


class Subject(NamedTuple):
    """Somebody to hand out or erase; `name` is what the question calls them."""

    noun: str
    id: int
    name: str

    @property
    def ref(self) -> str:
        return f"{self.noun}:{self.id}"


def in_history(db: Reader, typed: str) -> list[Subject]:
    """Those of this name, e-mail or reference whose rows are gone."""
    key = fold(typed)
    head, _, tail = key.partition(":")
    asked: dict[str, Any] = {"key": key, "noun": head, "id": int(tail) if tail.isascii() and tail.isdigit() else -1}
    rows = db.rows(
        "SELECT DISTINCT record, row_id, json_extract(before, '$.name') FROM journal WHERE record IN"
        " ('customer', 'contact') AND kind = 'D' AND last_id IS NULL AND (json_extract(before, '$.name_key') = :key"
        " OR (record = :noun AND row_id = :id))",
        asked,
    )
    for noun in KINDS:
        rows += db.rows(
            f"SELECT DISTINCT '{noun}', json_extract(before, '$.{noun}_id'), json_extract(before, '$.value')"
            " FROM journal WHERE record = 'reach' AND kind = 'D' AND last_id IS NULL"
            f" AND json_extract(before, '$.value_key') = :key AND json_extract(before, '$.{noun}_id') IS NOT NULL",
            asked,
        )
    rows += list(_in_portions(db, asked))
    found = {(noun, row_id): str(name) for noun, row_id, name in rows}
    return [
        Subject(noun, row_id, name)
        for (noun, row_id), name in sorted(found.items())
        if not db.value(f"SELECT 1 FROM {noun} WHERE id = :id", {"id": row_id})
    ]


def _in_portions(db: Reader, asked: dict[str, Any]) -> list[tuple[str, int, str]]:
    found = []
    for record, row in portions(db):
        if record in KINDS and (row["name_key"] == asked["key"] or (record, row["id"]) == (asked["noun"], asked["id"])):
            found.append((record, row["id"], row["name"]))
        elif record == "reach" and row["value_key"] == asked["key"]:
            noun = "customer" if row["customer_id"] else "contact"
            found.append((noun, row[f"{noun}_id"], row["value"]))
    return found
