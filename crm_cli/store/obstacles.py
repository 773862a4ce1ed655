"""What stands in the way of taking operations back: rows changed since, rows that hang on them, what is gone or hidden.

All of it is asked of the journal and the rows themselves; the answer names the record and the later operation.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from crm_cli.store.kept_twice import DERIVED
from crm_cli.store.reader import Reader, id_list
from crm_cli.store.triggers import OWNERS

STANDS = "(o.id IS NULL OR (o.kind = 'do' AND o.undone_by_id IS NULL))"
# whose row it is, for rows that a person knows by their record alone
_BELONGS = {**OWNERS, "snooze": ("customer_id", "deal_id"), "stage_change": ("deal_id",)}
_BELONGS["interaction_contact"] = ("interaction_id",)
_NOUN = {"sales_order": "order"}  # what a person calls the rows of a table
# what may not stand under a removed record: child, column, parent; and whether a removed child may
_UNDER = (
    ("contact", "customer_id", "customer", True),
    ("deal", "customer_id", "customer", True),
    ("task", "customer_id", "customer", True),
    ("task", "deal_id", "deal", True),
    ("interaction", "customer_id", "customer", True),
    ("sales_order", "customer_id", "customer", True),
    ("deal", "stage_id", "stage", False),
    ("customer", "owner_id", "member", False),
    ("deal", "owner_id", "member", False),
    ("task", "owner_id", "member", False),
    ("sales_order", "owner_id", "member", False),
    ("stage", "pipeline_id", "pipeline", True),
)


class Later(NamedTuple):
    """A record, and the operation that changed it since or made it hang on what is taken back; 0: another program.

    With `gone` the record itself is what is missed, and the operation is the undo that took it away.
    """

    record: str
    row_id: int
    operation: int
    gone: bool = False


def owner_of(db: Reader, record: str, row_id: int) -> str:
    """The reference that a person knows: of a tag or a phone number, the record that has it."""
    owners = _BELONGS.get(record)
    if owners is None:
        return f"{_NOUN.get(record, record)}:{row_id}"
    asked = ", ".join(owners)
    found = db.row(f"SELECT {asked} FROM {record} WHERE id = :id", {"id": row_id})
    if found is None:
        images = ", ".join(f"json_extract(before, '$.{owner}')" for owner in owners)
        found = db.row(
            f"SELECT {images} FROM journal WHERE record = :record AND row_id = :id AND kind = 'D' AND last_id IS NULL"
            " ORDER BY id DESC LIMIT 1",
            {"record": record, "id": row_id},
        )
    named = zip(owners, found or (), strict=False)
    return next((f"{owner.removesuffix('_id')}:{value}" for owner, value in named if value), f"{record}:{row_id}")


def _derived_only(line: str) -> str:
    """Whether a line of the journal is an update of columns that are kept twice, and of no other."""
    tests = [
        f"({line}.record = '{record}' AND NOT EXISTS (SELECT 1 FROM json_each({line}.before)"
        f" WHERE key NOT IN ({', '.join(repr(column) for column in columns)})))"
        for record, columns in DERIVED.items()
    ]
    return f"({line}.kind = 'U' AND ({' OR '.join(tests)}))"


def changed_since(db: Reader, operations: Sequence[int]) -> Later | None:
    """A row of these operations that a later standing one has changed, the newest such change; None where there is
    none. Counting a day of contact on does not matter, but for a row that would vanish."""
    ours = id_list(operations)
    found = db.row(
        "SELECT l.record, j.row_id, coalesce(j.operation_id, 0) FROM journal l JOIN journal j"
        " ON j.record = l.record AND j.row_id BETWEEN l.row_id AND coalesce(l.last_id, l.row_id) AND j.id > l.id"
        f" LEFT JOIN operation o ON o.id = j.operation_id WHERE l.operation_id IN {ours} AND {STANDS}"
        f" AND coalesce(j.operation_id, 0) NOT IN {ours}"
        f" AND (l.kind = 'I' OR NOT ({_derived_only('j')} OR {_derived_only('l')})) ORDER BY j.id DESC LIMIT 1"
    )
    return Later(*found) if found else None


def newest_change(db: Reader, record: str, row_id: int, but: Sequence[int]) -> int:
    """The newest standing operation, none of `but`, that touched a row; 0 where the journal does not know."""
    found = db.value(
        "SELECT j.operation_id FROM journal j JOIN operation o ON o.id = j.operation_id WHERE j.record = :record"
        f" AND (j.row_id = :id OR (j.last_id >= :id AND j.row_id < :id)) AND {STANDS} AND o.id NOT IN {id_list(but)}"
        " ORDER BY j.id DESC LIMIT 1",
        {"record": record, "id": row_id},
    )
    return int(found or 0)


def occupant(
    db: Reader,
    operations: Sequence[int],
    record: str,
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    error: object,
) -> Later | None:
    """The row that has what a row put back would have, where only one may: that of a UNIQUE index that refused.

    `rows` are the values of `names`, and the id last.
    """
    if not isinstance(error, sqlite3.IntegrityError) or error.sqlite_errorname != "SQLITE_CONSTRAINT_UNIQUE":
        return None
    unique = [part.strip().partition(".")[2] for part in str(error).partition(": ")[2].split(",")]
    live = "removed_at" in (name for (name,) in db.rows(f"SELECT name FROM pragma_table_info('{record}')"))
    for row in rows:
        own: dict[str, Any] = {"id": row[-1], **dict(zip(names, row, strict=False))}
        tests = [
            f"x.{column} = " + (f":{column}" if column in own else f"(SELECT {column} FROM {record} WHERE id = :id)")
            for column in unique
        ]
        only = " AND x.removed_at IS NULL" if live else ""
        given = {name: own[name] for name in (*unique, "id") if name in own}
        other = db.value(f"SELECT x.id FROM {record} x WHERE {' AND '.join(tests)} AND x.id <> :id{only}", given)
        if other is not None:
            return Later(record, other, newest_change(db, record, other, operations))
    return None


def after(db: Reader, operations: Sequence[int]) -> Later | None:
    """What does not fit once the operations are taken back: rows that hang on what is gone, or need what is."""
    return next(
        (found for check in (_hanging, _missing, _hidden) for found in check(db, operations) if found is not None), None
    )


def _links(db: Reader) -> list[tuple[str, str, str]]:
    """Child, column, parent of every foreign key between tables of the journal."""
    return db.rows(
        'SELECT t.name, k."from", k."table" FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) k'
        " WHERE t.type = 'table' AND t.name NOT IN ('operation', 'journal') ORDER BY 1, 2"
    )


def _records(db: Reader, operations: Sequence[int], kinds: str) -> set[str]:
    sql = f"SELECT DISTINCT record FROM journal WHERE operation_id IN {id_list(operations)} AND kind IN ({kinds})"
    return {record for (record,) in db.rows(sql)}


def _hanging(db: Reader, operations: Sequence[int]) -> Iterator[Later | None]:
    """Rows of other operations that point at one that these had added and that is gone now."""
    added = _records(db, operations, "'I'")
    for child, column, parent in _links(db):
        if parent not in added:
            continue
        found = db.value(
            f"SELECT c.id FROM journal l CROSS JOIN {child} c ON c.{column} BETWEEN l.row_id AND"
            f" coalesce(l.last_id, l.row_id) WHERE l.operation_id IN {id_list(operations)} AND l.kind = 'I' AND"
            f" l.record = '{parent}' AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE p.id = c.{column}) LIMIT 1"
        )
        yield Later(child, found, newest_change(db, child, found, operations)) if found is not None else None


def _missing(db: Reader, operations: Sequence[int]) -> Iterator[Later | None]:
    """Rows put back that point at one which another undo has taken away meanwhile."""
    ours = id_list(operations)
    back = _records(db, operations, "'U', 'D'")
    for child, column, parent in _links(db):
        if child not in back:
            continue
        gone = db.value(
            f"SELECT c.{column} FROM journal l CROSS JOIN {child} c ON c.id BETWEEN l.row_id AND"
            f" coalesce(l.last_id, l.row_id) WHERE l.operation_id IN {ours} AND l.kind <> 'I' AND"
            f" l.record = '{child}' AND c.{column} IS NOT NULL"
            f" AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE p.id = c.{column}) LIMIT 1"
        )
        if gone is not None:
            by = db.value(
                "SELECT operation_id FROM journal WHERE record = :record AND kind = 'D' AND :id BETWEEN row_id AND"
                " coalesce(last_id, row_id) ORDER BY id DESC LIMIT 1",
                {"record": parent, "id": gone},
            )
            yield Later(parent, gone, int(by or 0), gone=True)


def _hidden(db: Reader, operations: Sequence[int]) -> Iterator[Later | None]:
    """Rows that stand under a removed record now, and did not before."""
    ours = id_list(operations)
    touched = _records(db, operations, "'U', 'D'")
    for child, column, parent, only_live in _UNDER:
        under = "p.removed_at IS NOT NULL" + (" AND c.removed_at IS NULL" if only_live else "")
        if child in touched:
            found = db.value(
                f"SELECT p.id FROM journal l CROSS JOIN {child} c ON c.id BETWEEN l.row_id AND"
                f" coalesce(l.last_id, l.row_id) JOIN {parent} p ON p.id = c.{column}"
                f" WHERE l.operation_id IN {ours} AND l.record = '{child}' AND {under} AND (l.kind = 'D' OR (l.kind"
                f" = 'U' AND (json_type(l.before, '$.removed_at') IS NOT NULL"
                f" OR json_type(l.before, '$.{column}') IS NOT NULL))) LIMIT 1"
            )
            yield Later(parent, found, newest_change(db, parent, found, operations)) if found is not None else None
        if parent in touched:
            found = db.value(
                f"SELECT c.id FROM journal l CROSS JOIN {parent} p ON p.id = l.row_id JOIN {child} c"
                f" ON c.{column} = p.id WHERE l.operation_id IN {ours} AND l.record = '{parent}' AND {under}"
                " AND l.kind = 'U' AND json_type(l.before, '$.removed_at') IS NOT NULL LIMIT 1"
            )
            yield Later(child, found, newest_change(db, child, found, operations)) if found is not None else None
