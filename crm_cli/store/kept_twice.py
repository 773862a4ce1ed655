"""Which rows keep twice what other rows say, and for which of them the journal's image is no longer right.

An image of last contact or last touch was right when its operation ended. Where other operations came or went since
that have to do with the same customer, person or deal, the column is counted anew instead of put back.
"""

import json
from collections.abc import Iterator, Sequence

from crm_cli.store.reader import Reader, id_list

Kept = set[tuple[str, int]]

# columns that repeat what other rows say
DERIVED = {
    "customer": ("last_contact_on", "cadence_due_on"),
    "contact": ("last_contact_on",),
    "deal": ("last_touch_on",),
}
# the rows that say it: table -> column -> whose
_SOURCES = {
    "interaction": {"customer_id": "customer", "deal_id": "deal"},
    "interaction_contact": {"contact_id": "contact"},
    "task": {"deal_id": "deal"},
    "stage_change": {"deal_id": "deal"},
}


def others_since(db: Reader, operations: Sequence[int], own: int) -> list[int]:
    """Operations that came or went since the first of these: what was done, and undone or redone, since then. An undo
    that was itself taken back since leaves no trace."""
    return [
        number
        for (number,) in db.rows(
            f"SELECT o.id FROM operation o WHERE o.id > :first AND o.id NOT IN {id_list(operations)}"
            " AND o.id <> :own AND NOT (o.kind = 'undo' AND o.undone_by_id IS NOT NULL) AND NOT (o.kind = 'redo'"
            " AND EXISTS (SELECT 1 FROM operation u WHERE u.undone_by_id = o.id AND u.kind = 'undo'"
            " AND u.id > :first))",
            {"first": min(operations), "own": own},
        )
    ]


def stranger_since(db: Reader, operations: Sequence[int]) -> bool:
    """Whether another program has changed rows since."""
    return bool(
        db.value(
            "SELECT 1 FROM journal WHERE operation_id IS NULL AND id > (SELECT min(id) FROM journal"
            f" WHERE operation_id IN {id_list(operations)}) LIMIT 1"
        )
    )


def concerned(db: Reader, operations: Sequence[int], *, strangers: bool = False) -> Kept:
    """Every row whose kept columns these operations have to do with: changed by them, or said by rows of theirs."""
    whose = f"(l.operation_id IN {id_list(operations)}{' OR l.operation_id IS NULL' if strangers else ''})"
    found: Kept = set()
    for record in DERIVED:
        rows = db.rows(f"SELECT DISTINCT row_id FROM journal l WHERE {whose} AND record = '{record}' AND kind = 'U'")
        found |= {(record, row_id) for (row_id,) in rows}
    for table, columns in _SOURCES.items():
        for column, record in columns.items():
            found |= {(record, row_id) for row_id in _pointed_at(db, whose, table, column)}
    rows = db.rows(
        "SELECT DISTINCT x.contact_id FROM journal l CROSS JOIN interaction_contact x ON x.interaction_id"
        f" BETWEEN l.row_id AND coalesce(l.last_id, l.row_id) WHERE {whose} AND l.record = 'interaction'"
    )
    return found | {("contact", row_id) for (row_id,) in rows}


def _pointed_at(db: Reader, whose: str, table: str, column: str) -> Iterator[int]:
    """What the rows of a table point at now, and did before they were changed or deleted."""
    lines = f"FROM journal l WHERE {whose} AND l.record = '{table}'"
    now = db.rows(
        f"SELECT DISTINCT c.{column} FROM journal l CROSS JOIN {table} c ON c.id BETWEEN l.row_id AND"
        f" coalesce(l.last_id, l.row_id) WHERE {whose} AND l.record = '{table}' AND c.{column} IS NOT NULL"
    )
    before = db.rows(
        f"SELECT DISTINCT json_extract(l.before, '$.{column}') {lines} AND l.last_id IS NULL"
        f" AND json_extract(l.before, '$.{column}') IS NOT NULL"
    )
    yield from (row_id for (row_id,) in (*now, *before))
    for (image,) in db.stream(f"SELECT l.before {lines} AND l.last_id IS NOT NULL AND l.before IS NOT NULL"):
        portion = json.loads(image)
        place = portion["columns"].index(column)
        yield from (row[place] for row in portion["rows"] if row[place] is not None)
