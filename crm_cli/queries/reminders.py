"""Follow-ups with what a claim, a phone and a calendar need to know of them beyond the call sheet."""

from datetime import datetime
from typing import Any

from crm_cli.rules.days import to_utc_text
from crm_cli.store.reader import Reader, id_list

Row = dict[str, Any]
_TABLES = {"task": ("task", "task_id"), "quiet": ("deal", "deal_id"), "cadence": ("customer", "customer_id")}
_TABLES["risk"] = _TABLES["cadence"]


def add_items(db: Reader, rows: list[Row]) -> None:
    """`item`: what a claim calls each row, the reference and the day that makes it one thing to tell."""
    from crm_cli.store.claims import Item

    awake = _woken(db, rows)
    for row in rows:
        row["item"] = Item(row["ref"], _due(row, awake))


def _due(row: Row, awake: dict[str, str]) -> str:
    """An appointment goes by its moment, the same in every zone; what was put off is due when that is over."""
    if row["due_at"]:
        return to_utc_text(datetime.fromisoformat(row["due_at"]))
    return max(str(row["due_on"]), awake.get(row["ref"], ""))


def _woken(db: Reader, rows: list[Row]) -> dict[str, str]:
    """Until when quiet deals and cadences had been put off, by reference."""
    found: dict[str, str] = {}
    for kind in ("quiet", "cadence", "risk"):
        noun, key = _TABLES[kind]
        ids = [row[key] for row in rows if row["kind"] == kind]
        if ids:
            asked = f"SELECT {noun}_id, until_on FROM snooze WHERE {noun}_id IN {id_list(ids)}"
            found.update({f"{noun}:{record_id}": until for record_id, until in db.rows(asked)})
    return found


def add_numbers(db: Reader, rows: list[Row]) -> None:
    """`dial`: the phone number of each row as a phone takes it, E.164 where that is known."""
    left = [row for row in rows if row["phone"]]
    for noun in ("contact", "customer"):  # a person who has no phone is reached by the customer's
        keys = _phone_keys(db, noun, [row[f"{noun}_id"] for row in left if row[f"{noun}_id"]])
        for row in left:
            row["dial"] = keys.get((row[f"{noun}_id"], row["phone"]), row["phone"])
        left = [row for row in left if (row[f"{noun}_id"], row["phone"]) not in keys]


def _phone_keys(db: Reader, noun: str, ids: list[int]) -> dict[tuple[int, str], str]:
    if not ids:
        return {}
    asked = f"SELECT {noun}_id, value, value_key FROM reach WHERE kind = 'phone' AND {noun}_id IN {id_list(ids)}"
    return {(record_id, value): key for record_id, value, key in db.rows(asked)}


def add_identities(db: Reader, rows: list[Row]) -> None:
    """`uuid` and `updated_at` of the task, deal or customer behind each row."""
    for kind, (noun, key) in _TABLES.items():
        mine = [row for row in rows if row["kind"] == kind]
        if mine:
            asked = f"SELECT id, uuid, updated_at FROM {noun} WHERE id IN {id_list([row[key] for row in mine])}"
            found = {record_id: rest for record_id, *rest in db.rows(asked)}
            for row in mine:
                row["uuid"], row["updated_at"] = found[row[key]]
