"""Which record another one is part of since they were merged: by the id, the uuid or the name that it had."""

from typing import NamedTuple

from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader

NOUNS = ("customer", "contact")


class Into(NamedTuple):
    """The record that was dropped, and the one that it went into."""

    noun: str
    dropped_id: int
    dropped: str
    id: int
    name: str


def into(db: Reader, noun: str, typed: str) -> Into | None:
    """Where `12` or `customer:12` went; None where it was not merged, or its record is removed."""
    kind, colon, number = typed.strip().replace("：", ":").rpartition(":")
    key = fold(number)
    if (colon and kind.strip().lower() != noun) or not (key.isascii() and key.isdigit()) or len(key) > 18:
        return None
    found = db.row(
        f"SELECT m.dropped_id, m.name, x.id, x.name FROM merged m JOIN {noun} x ON x.id = m.{noun}_id"
        " WHERE m.dropped_id = :id AND x.removed_at IS NULL",
        {"id": int(key)},
    )
    return Into(noun, *found) if found else None
