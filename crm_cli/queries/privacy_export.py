"""Everything that is kept about one customer or person, removed records and the history included, as one answer."""

from collections.abc import Mapping
from typing import Any

from crm_cli.queries.conditions import Asker, Condition
from crm_cli.queries.privacy_consent import consents_of
from crm_cli.queries.privacy_scope import RECORDS, among, going, listed
from crm_cli.queries.records import Page, list_records
from crm_cli.queries.show import stage_changes
from crm_cli.queries.sources import ALIAS
from crm_cli.queries.timeline import timeline
from crm_cli.store.reader import Reader

_NOUN = {table: table for table in RECORDS} | {"sales_order": "order"}
_PLURAL = {table: f"{noun}s" for table, noun in _NOUN.items()}


def whole_of(db: Reader, noun: str, record_id: int, asker: Asker) -> dict[str, Any]:
    """The record with what hangs on it: of a person also the deals and interactions he or she took part in."""
    ids: dict[str, set[int]] = {name: set(found) for name, found in going(db, {noun: [record_id]}).items()}
    if noun == "contact":
        ids["deal"] |= _linked(db, "deal", record_id)
        ids["interaction"] |= _linked(db, "interaction", record_id)
    found = {name: _records(db, _NOUN[name], ids[name], asker) for name in RECORDS}
    answer: dict[str, Any] = {"ref": f"{noun}:{record_id}", "exported_at": asker.now.isoformat(timespec="seconds")}
    answer[noun] = next(iter(found.pop(noun)), None)
    for name, rows in found.items():
        if noun == "customer" or name in ("deal", "interaction", "task"):
            answer[_PLURAL[name]] = rows
    for deal in answer["deals"]:
        deal["stage_changes"] = stage_changes(db, deal["id"])
    people = [(name, row_id) for name in ("customer", "contact") for row_id in sorted(ids[name])]
    answer["consents"] = [row for name, row_id in people for row in consents_of(db, name, row_id, asker.now.tzinfo)]
    answer["reminders"] = _claims(db, ids)
    answer["history"] = _history(db, ids, asker)
    return answer


def _linked(db: Reader, noun: str, contact_id: int) -> set[int]:
    rows = db.rows(f"SELECT {noun}_id FROM {noun}_contact WHERE contact_id = :id", {"id": contact_id})
    return {row_id for (row_id,) in rows}


def _records(db: Reader, noun: str, ids: set[int], asker: Asker) -> list[dict[str, Any]]:
    """Live ones first, then removed ones, which say so."""
    where = Condition(f"{ALIAS[noun]}.id {among('own_ids')}", {"own_ids": listed(ids)}, frozenset())
    rows = list(list_records(db, noun, asker, where=where, page=Page("id")))
    for row in list_records(db, noun, asker, where=where, page=Page("id"), removed=True):
        rows.append({**row, "removed": True})
    return rows


def _claims(db: Reader, ids: Mapping[str, set[int]]) -> list[dict[str, Any]]:
    """Of what a reminder was sent."""
    import json

    items = [f"{_NOUN[name]}:{row_id}" for name in RECORDS for row_id in sorted(ids[name])]
    return db.dicts(
        "SELECT name, item AS ref, due_on, claimed_at AS told_at FROM reminder_claim WHERE item IN"
        " (SELECT value FROM json_each(:items)) ORDER BY id",
        {"items": json.dumps(items)},
    )


def _history(db: Reader, ids: Mapping[str, set[int]], asker: Asker) -> list[dict[str, Any]]:
    """Every change of every one of the records, oldest first, with the line that made it."""
    from crm_cli.rules.days import from_utc_text

    named = [(_NOUN[name], row_id) for name in RECORDS for row_id in sorted(ids[name])]
    rows = [row for noun, row_id in named for row in reversed(timeline(db, noun, row_id))]
    for row in rows:
        row["at"] = from_utc_text(row["at"], asker.now.tzinfo).isoformat()
    return sorted(rows, key=lambda row: (row["at"], row["op"] or 0))
