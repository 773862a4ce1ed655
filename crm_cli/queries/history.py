"""What was done: the operations of the journal, and the timeline of one record."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from crm_cli.errors import Conflict, Misuse, NotFound
from crm_cli.store.identity import SCHEMA
from crm_cli.store.reader import Reader

_COLUMNS = "o.id AS op, o.at, o.by, o.command, o.changes, o.kind, o.undone_by_id AS undone_by"


class Operation(NamedTuple):
    """One operation as it stands in the journal; `undone_by` took it back, `undoes` are those that it took back."""

    op: int
    kind: str
    at: str
    by: str
    command: str
    changes: int
    schema: int
    undone_by: int | None
    erased_at: str | None


_FIELDS = "id, kind, at, by, command, changes, schema, undone_by_id, erased_at"


def operations(db: Reader, *, by: str | None, limit: int | None, offset: int) -> list[dict[str, Any]]:
    """The operations, newest first, with the keys of `crm history`; `by` is one user's."""
    where = "WHERE o.by = :by" if by is not None else ""
    return db.dicts(
        f"SELECT {_COLUMNS} FROM operation o {where} ORDER BY o.id DESC LIMIT :limit OFFSET :offset",
        {"by": by, "limit": -1 if limit is None else limit, "offset": offset},
    )


def count_operations(db: Reader, *, by: str | None) -> int:
    """How many there are."""
    return int(db.value("SELECT count(*) FROM operation WHERE :by IS NULL OR by = :by", {"by": by}))


def newest_standing(db: Reader, user: str, n: int) -> list[Operation]:
    """The newest n operations of a user that are neither undone nor an undo; NotFound where there are fewer."""
    rows = db.rows(
        f"SELECT {_FIELDS} FROM operation WHERE by = :by AND kind = 'do' AND undone_by_id IS NULL"
        " ORDER BY id DESC LIMIT :n",
        {"by": user, "n": n},
    )
    if not rows:
        raise NotFound("You have done nothing that could be undone", hint="What others did: crm history")
    if len(rows) < n:
        raise NotFound(
            "You have done only {there} things that could be undone, not {n}",
            hint="See: crm history --mine",
            there=len(rows),
            n=n,
        )
    return [_undoable(Operation(*row)) for row in rows]


def any_operation(db: Reader, number: int) -> Operation:
    """One operation, whoever did it and whatever became of it; NotFound."""
    row = db.row(f"SELECT {_FIELDS} FROM operation WHERE id = :id", {"id": number})
    if row is None:
        raise NotFound("There is no operation {op}", hint="See: crm history", op=f"op:{number}")
    return Operation(*row)


def operation(db: Reader, number: int) -> Operation:
    """One operation that can be undone, whoever did it; NotFound, Misuse, Conflict."""
    found = any_operation(db, number)
    if found.kind != "do":
        raise Misuse("{op} is an undo or a redo itself", hint="To replay what was undone: crm redo", op=f"op:{number}")
    if found.undone_by is not None:
        raise Conflict("{op} is undone already, by op:{by}", op=f"op:{number}", by=found.undone_by)
    return _undoable(found)


def newest_undo(db: Reader, user: str) -> Operation:
    """The newest undo of a user that stands, unless something new was written since."""
    row = db.row(
        f"SELECT {_FIELDS} FROM operation WHERE by = :by AND kind = 'undo' AND undone_by_id IS NULL"
        " ORDER BY id DESC LIMIT 1",
        {"by": user},
    )
    if row is None:
        raise NotFound("There is nothing to redo: you have undone nothing", hint="See: crm history --mine")
    found = Operation(*row)
    newer = db.value(
        "SELECT id FROM operation WHERE by = :by AND kind = 'do' AND undone_by_id IS NULL AND id > :id"
        " ORDER BY id DESC LIMIT 1",
        {"by": user, "id": found.op},
    )
    if newer is not None:
        raise Conflict(
            "There is nothing to redo: op:{op} was written since the last undo",
            hint="See: crm history --mine",
            op=newer,
        )
    return _undoable(found)


def undone_by(db: Reader, number: int) -> list[Operation]:
    """The operations that an undo took back."""
    rows = db.rows(f"SELECT {_FIELDS} FROM operation WHERE undone_by_id = :id ORDER BY id DESC", {"id": number})
    return [Operation(*row) for row in rows]


def command_of(db: Reader, number: int) -> str:
    """The line of an operation."""
    return str(db.value("SELECT command FROM operation WHERE id = :id", {"id": number}) or "")


def _undoable(found: Operation) -> Operation:
    if found.erased_at is not None:
        raise Conflict(
            "op:{op} cannot be undone: what it changed was erased for good",
            hint="Another one: crm undo op:ID. See: crm history",
            op=found.op,
        )
    if found.schema != SCHEMA:
        raise Conflict(
            "op:{op} cannot be undone: the database was brought up to date since",
            hint="The copy made before that: crm backup list",
            op=found.op,
        )
    return found


def as_rows(found: Sequence[Operation]) -> list[dict[str, Any]]:
    """Operations with the keys of `crm history`."""
    keys = ("op", "kind", "at", "by", "command", "changes", "undone_by")
    return [{key: getattr(one, key) for key in keys} for one in found]
