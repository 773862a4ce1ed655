"""The timeline of one record out of the journal: who changed what and when, field by field, old and new."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from crm_cli.rules.fields import FIELDS
from crm_cli.rules.money import amount_number
from crm_cli.store.reader import Reader

# columns that say nothing to a person, or repeat what others say
_SILENT = {
    "uuid", "name_key", "title_key", "text_key", "created_at", "updated_at", "last_contact_on", "cadence_due_on",
    "last_touch_on", "furthest_stage_id", "stage_since_on", "anchor_on",
}  # fmt: skip
_NAMES = {
    "customer_id": ("customer", "name"), "parent_id": ("customer", "name"), "referred_by_id": ("customer", "name"),
    "owner_id": ("member", "name"), "stage_id": ("stage", "name"), "deal_id": ("deal", "title"),
    "contact_id": ("contact", "name"), "tag_id": ("tag", "name"),
}  # fmt: skip
# what belongs to a record: table, the column that points at it, for which nouns
_BELONGINGS = {
    "reach": ("customer", "contact"),
    "tagging": ("customer", "contact", "deal"),
    "deal_contact": ("deal",),
}
_LINE = (
    "j.id, coalesce(j.operation_id, 0), j.kind, j.row_id, j.before, coalesce(j.at, o.at), o.by, o.command,"
    " o.undone_by_id"
)
Image = dict[str, Any]


def timeline(db: Reader, noun: str, record_id: int) -> list[dict[str, Any]]:
    """Every change of a record and of what belongs to it, newest first, with the keys of `crm history REF`."""
    rows = list(_own(db, noun, record_id))
    for table, nouns in _BELONGINGS.items():
        if noun in nouns:
            rows += _belonging(db, table, noun, record_id)
    rows.sort(key=lambda row: (row.pop("line"), row["field"] or ""), reverse=True)
    return rows


def _lines(db: Reader, record: str, row_id: int) -> list[tuple[Any, ...]]:
    """The lines of one row, newest first; an addition in bulk is a line that spans it."""
    return db.rows(
        f"SELECT {_LINE} FROM journal j LEFT JOIN operation o ON o.id = j.operation_id"
        " WHERE j.record = :record AND j.row_id = :id UNION ALL"
        f" SELECT {_LINE} FROM journal j LEFT JOIN operation o ON o.id = j.operation_id"
        " WHERE j.record = :record AND j.last_id >= :id AND j.row_id < :id ORDER BY 1 DESC",
        {"record": record, "id": row_id},
    )


def _image(before: str | None, row_id: int) -> Image:
    """What a line says of a row; a line for many rows has theirs in a list."""
    image: Image = json.loads(before) if before else {}
    if "rows" not in image:
        return image
    place = image["columns"].index("id")
    return next((dict(zip(image["columns"], row, strict=True)) for row in image["rows"] if row[place] == row_id), {})


def _current(db: Reader, record: str, row_id: int) -> Image:
    found = db.dicts(f"SELECT * FROM {record} WHERE id = :id", {"id": row_id})
    return found[0] if found else {}


def _own(db: Reader, noun: str, record_id: int) -> Iterator[dict[str, Any]]:
    """Changes of the row itself: the image of each line is what was before, and what came after is known already."""
    after = _current(db, noun, record_id)
    for line in _lines(db, noun, record_id):
        kind, before = line[2], _image(line[4], record_id)
        if kind != "U":
            yield _row(line, noun, record_id, "added" if kind == "I" else "deleted")
            after = {} if kind == "I" else before
            continue
        if "removed_at" in before:
            yield _row(line, noun, record_id, "removed" if before["removed_at"] is None else "restored")
        for column, old in before.items():
            if column not in _SILENT and column != "removed_at":
                new = after.get(column)
                field, show = _shown(db, noun, column, {**after, **before}), _shown(db, noun, column, after)
                yield _row(line, noun, record_id, "changed", field[0], field[1](old), show[1](new))
        after = {**after, **before}


def _belonging(db: Reader, table: str, noun: str, record_id: int) -> list[dict[str, Any]]:
    """Ways to reach somebody, tags and people that came and went."""
    live = [i for (i,) in db.rows(f"SELECT id FROM {table} WHERE {noun}_id = :id", {"id": record_id})]
    gone = db.rows(
        f"SELECT row_id FROM journal WHERE record = '{table}' AND owner_id = :id"
        f" AND json_extract(before, '$.{noun}_id') = :id",
        {"id": record_id},
    )
    found = []
    for row_id in sorted({*live, *(i for (i,) in gone)}):
        after = _current(db, table, row_id)
        for line in _lines(db, table, row_id):
            before = _image(line[4], row_id)
            if line[2] == "D":
                after = before
            old = _said(db, table, {**after, **before}) if line[2] != "I" else None
            new = _said(db, table, after) if line[2] != "D" else None
            field = _called(table, {**after, **before})
            if old != new:
                found.append(_row(line, noun, record_id, "changed", field, old, new))
            after = {**after, **before}
    return found


def _called(table: str, image: Image) -> str:
    return {"tagging": "tags", "deal_contact": "contacts"}.get(table) or str(image.get("kind"))


def _said(db: Reader, table: str, image: Image) -> str | None:
    """What a belonging is called."""
    if table == "reach":
        return f"{image.get('value')} ({image['label']})" if image.get("label") else image.get("value")
    column = "tag_id" if table == "tagging" else "contact_id"
    name = _name(db, column, image.get(column))
    return f"{name} ({image['role']})" if image.get("role") else name


def _name(db: Reader, column: str, row_id: Any) -> str | None:
    if row_id is None:
        return None
    table, name = _NAMES[column]
    found = db.value(f"SELECT {name} FROM {table} WHERE id = :id", {"id": row_id})
    return str(found) if found is not None else f"{table}:{row_id}"


def _shown(db: Reader, noun: str, column: str, image: Image) -> tuple[str, Callable[[Any], Any]]:
    """The public key of a column, and how its values are published."""
    if column in _NAMES:
        return column.removesuffix("_id"), lambda value: _name(db, column, value)
    if column == "amount":
        currency = image.get("currency") or ""
        return column, lambda value: None if value is None else amount_number(value, currency)
    if column == "custom":
        return column, lambda value: json.loads(value) if value else None
    known = {field.key for field in FIELDS[noun]}
    return column if column in known else column.removesuffix("_days"), lambda value: value


def _row(
    line: tuple[Any, ...],
    noun: str,
    record_id: int,
    change: str,
    field: str | None = None,
    old: Any = None,
    new: Any = None,
) -> dict[str, Any]:
    return {
        "line": line[0],
        "at": line[5],
        "by": line[6],
        "op": line[1] or None,
        "ref": f"{noun}:{record_id}",
        "change": change,
        "field": field,
        "old": old,
        "new": new,
        "command": line[7] if line[1] else None,
        "undone_by": line[8],
    }
