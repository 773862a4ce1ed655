"""The timeline out of the journal, of one record or of one operation: who changed what, field by field, old and new."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from crm_cli.queries.sources import TABLE
from crm_cli.rules.fields import FIELDS
from crm_cli.rules.lines_of_sale import quantity_number, shown_line
from crm_cli.rules.money import amount_number
from crm_cli.store.reader import Reader
from crm_cli.store.triggers import OWNERS

# columns that say nothing to a person, or repeat what others say
_SILENT = {
    "uuid", "name_key", "title_key", "text_key", "number_key", "code_key", "base_amount", "base_cost", "base_currency",
    "rate_on", "rest", "created_at", "updated_at", "last_contact_on", "cadence_due_on",
    "last_touch_on", "furthest_stage_id", "stage_since_on", "anchor_on",
}  # fmt: skip
_NAMES = {
    "customer_id": ("customer", "name"), "parent_id": ("customer", "name"), "referred_by_id": ("customer", "name"),
    "owner_id": ("member", "name"), "stage_id": ("stage", "name"), "deal_id": ("deal", "title"),
    "contact_id": ("contact", "name"), "tag_id": ("tag", "name"),
    "product_id": ("product", "code"), "other_id": ("product", "code"),
}  # fmt: skip
# what belongs to a record: table, for which nouns
_BELONGINGS = {table: tuple(column.removesuffix("_id") for column in columns) for table, columns in OWNERS.items()}
_LINE = (
    "j.id, coalesce(j.operation_id, 0), j.kind, j.row_id, j.before, coalesce(j.at, o.at), o.by, o.command,"
    " o.undone_by_id"
)
Image = dict[str, Any]
# what has a line of its own in an operation: the five nouns, and the rest of what can be named
_OWN = (
    "customer", "contact", "deal", "interaction", "task", "order", "product", "member", "pipeline", "stage", "tag",
    "segment", "view", "consent", "tier", "icp", "rate", "setting",
)  # fmt: skip
_OWNED = {**_BELONGINGS, "interaction_contact": ("interaction",), "snooze": ("customer", "deal")}
MOST_RECORDS = 200


def of_operation(db: Reader, op: int) -> tuple[list[dict[str, Any]], int]:
    """What one operation changed, record by record, with the keys of `crm history REF`: the first MOST_RECORDS of
    them, and how many there are."""
    union = " UNION ALL ".join([*map(_own_sql, _OWN), *(_owned_sql(table) for table in _OWNED)])
    found = f"SELECT noun, id, min(line) AS line FROM ({union}) WHERE id IS NOT NULL GROUP BY noun, id"
    total = int(db.value(f"SELECT count(*) FROM ({found})", {"op": op}))
    rows: list[dict[str, Any]] = []
    for noun, row_id, _ in db.rows(f"{found} ORDER BY line, noun, id LIMIT {MOST_RECORDS}", {"op": op}):
        changes = [row for row in _all(db, noun, row_id, _OWNED) if row["op"] == op]
        for row in sorted(changes, key=lambda row: (row["field"] is not None, row["line"], row["field"] or "")):
            del row["line"]
            if row["change"] in ("added", "removed", "restored", "deleted"):
                row["new"] = _called_now(db, noun, row_id)
            rows.append(row)
    return rows, total


def _own_sql(noun: str) -> str:
    """Rows of a table that an operation changed; a line for many stands for each of them."""
    table = _table(noun)
    return (
        f"SELECT '{noun}' AS noun, coalesce(x.id, j.row_id) AS id, j.id AS line FROM journal j"
        f" LEFT JOIN {table} x ON x.id BETWEEN j.row_id AND coalesce(j.last_id, j.row_id)"
        f" WHERE j.operation_id = :op AND j.record = '{table}'"
    )


def _table(noun: str) -> str:
    return TABLE.get(noun, noun)


def _owned_sql(table: str) -> str:
    """Whose the rows of a table are that an operation changed, also where they are gone since."""
    cases = []
    for noun in _OWNED[table]:
        cases.append((noun, f"coalesce(x.{noun}_id, json_extract(d.before, '$.{noun}_id'))"))
    noun = "CASE " + " ".join(f"WHEN {value} IS NOT NULL THEN '{name}'" for name, value in cases) + " END"
    return (
        f"SELECT {noun}, coalesce({', '.join(value for _, value in cases)}, NULL), j.id FROM journal j"
        f" LEFT JOIN {table} x ON x.id BETWEEN j.row_id AND coalesce(j.last_id, j.row_id)"
        f" LEFT JOIN journal d ON x.id IS NULL AND d.record = '{table}' AND d.row_id = j.row_id AND d.kind = 'D'"
        f" WHERE j.operation_id = :op AND j.record = '{table}'"
    )


def _all(db: Reader, noun: str, record_id: int, owned: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """Every change of a record and of what is kept with it in the tables of `owned`, each with its line."""
    rows = list(_own(db, noun, record_id))
    for table, nouns in owned.items():
        if noun in nouns:
            rows += _belonging(db, table, noun, record_id)
    return rows


def _called_now(db: Reader, noun: str, row_id: int) -> str | None:
    return _text_of(db, noun, _TEXTS.get(noun, "name"), row_id)


_TEXTS = {"deal": "title", "task": "text", "interaction": "text", "consent": "channel", "order": "number"}
_TEXTS["rate"] = "currency"


def _text_of(db: Reader, table: str, column: str, row_id: int) -> str | None:
    """A name as it stands now, else as it stood when its row was deleted."""
    found = db.value(f"SELECT {column} FROM {_table(table)} WHERE id = :id", {"id": row_id})
    if found is None:
        found = db.value(
            f"SELECT json_extract(before, '$.{column}') FROM journal WHERE record = '{_table(table)}' AND row_id = :id"
            " AND kind = 'D' ORDER BY id DESC LIMIT 1",
            {"id": row_id},
        )
    return str(found) if found is not None else None


def timeline(db: Reader, noun: str, record_id: int) -> list[dict[str, Any]]:
    """Every change of a record and of what belongs to it, newest first, with the keys of `crm history REF`."""
    rows = _all(db, noun, record_id, _BELONGINGS)
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
    after = _current(db, _table(noun), record_id)
    for line in _lines(db, _table(noun), record_id):
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
    """Ways to reach somebody, tags, people, lines and prices that came and went."""
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
    called = {
        "merged": "merged", "tagging": "tags", "deal_contact": "contacts", "interaction_contact": "contacts",
        "snooze": "snoozed", "order_line": "lines", "deal_line": "lines", "product_price": "prices",
    }  # fmt: skip
    return called.get(table) or str(image.get("kind"))


def _said(db: Reader, table: str, image: Image) -> str | None:
    """What a belonging is called."""
    if table == "reach":
        return f"{image.get('value')} ({image['label']})" if image.get("label") else image.get("value")
    if table == "snooze":
        return image.get("until_on")
    if table == "merged":
        return f"{image.get('name')} ({image.get('dropped_id')})"
    if table in ("order_line", "deal_line"):
        what = _name(db, "product_id", image.get("product_id")) or str(image.get("text") or "")
        return shown_line(what, image["quantity"], image["price"], image["discount"])
    if table == "product_price":
        return f"{amount_number(image['amount'], image['currency'])} {image['currency']}"
    if table == "product_link":
        times = quantity_number(image["quantity"])
        return f"{_name(db, 'other_id', image['other_id'])}" + (f":{times}" if times != 1 else "")
    column = "tag_id" if table == "tagging" else "contact_id"
    name = _name(db, column, image.get(column))
    return f"{name} ({image['role']})" if image.get("role") else name


def _name(db: Reader, column: str, row_id: Any) -> str | None:
    if row_id is None:
        return None
    table, name = _NAMES[column]
    return _text_of(db, table, name, row_id) or f"{table}:{row_id}"


def _shown(db: Reader, noun: str, column: str, image: Image) -> tuple[str, Callable[[Any], Any]]:
    """The public key of a column, and how its values are published."""
    if column in _NAMES:
        return column.removesuffix("_id"), lambda value: _name(db, column, value)
    if column in ("amount", "cost") and noun != "product":
        currency = image.get("currency") or ""
        return column, lambda value: None if value is None else amount_number(value, currency)
    if column == "custom":
        return column, lambda value: json.loads(value) if value else None
    known = {field.key for field in FIELDS.get(noun, ())}
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
