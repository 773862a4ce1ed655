"""Operations taken back: the journal read backwards, each line's image put where it was.

Undone and redone operations cancel out, so only operations of the kind `do` that nobody took back stand. A line's
image is right as long as no standing operation has changed the same row since (store/obstacles.py); what is kept twice
may have moved on meanwhile, and is counted anew instead (store/kept_twice.py).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any

from crm_cli.errors import CrmError, StoreError
from crm_cli.store.kept_twice import DERIVED, Kept
from crm_cli.store.obstacles import Later, occupant
from crm_cli.store.reader import Reader, id_list
from crm_cli.store.writer import Plain

_AT_ONCE = 2000  # lines read at a time
_CACHE_KB = 64_000
_PORTION = 1000  # rows in a line that is the image of many


class InTheWay(Exception):
    """Another row has what a row put back would have, where only one may."""

    def __init__(self, later: Later) -> None:
        super().__init__(later)
        self.later = later


def reverse(db: Plain, operations: Sequence[int], skip: Kept) -> None:
    """Put back what the operations changed, the newest line first. Columns kept twice of the rows in `skip` stay.

    InTheWay where a row written since has the place of one that comes back.
    """
    db.execute("PRAGMA defer_foreign_keys=ON")
    db.execute(f"PRAGMA cache_size=-{_CACHE_KB}")  # an import may be taken back: its indexes are walked at random
    columns = _Columns(db)
    for (kind, record, names, many), lines in groupby(_lines(db, operations, skip), key=lambda line: line[:4]):
        columns.check(record, names)
        rows = [line[4] for line in lines]
        if many:
            for row in rows:
                (_delete_many if kind == "I" else _insert_many)(db, record, columns.known[record], *row)
            continue
        try:
            _put_back(db, kind, record, names, rows)
        except CrmError as error:
            later = occupant(db, operations, record, names, rows, error.__cause__)
            if later is None:
                raise
            raise InTheWay(later) from error


def _put_back(db: Plain, kind: str, record: str, names: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    """Lines of one kind with the same columns, each a row of values with the id last."""
    if kind == "I":
        db.many(f"DELETE FROM {record} WHERE id = ?", rows)
    elif kind == "D":
        _insert(db, record, (*names, "id"), rows)
    elif names:
        sets = ", ".join(f"{name} = ?" for name in names)
        if db.many(f"UPDATE {record} SET {sets} WHERE id = ?", rows) != len(rows):
            raise _does_not_fit(db, record)


def _insert(db: Plain, record: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    db.many(f"INSERT INTO {record} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", rows)


def _delete_many(db: Plain, record: str, columns: Sequence[str], first: int, last: int, before: None) -> None:
    """Take away what a bulk operation added. The images go into the journal in portions, a line each: row by row,
    the triggers would take longer than the import did."""
    portion = (
        "INSERT INTO journal (operation_id, record, row_id, last_id, kind, before)"
        f" SELECT :op, '{record}', min(id), max(id), 'D', json_object('columns', json(:columns), 'rows',"
        f" json_group_array(json_array({', '.join(columns)}))) FROM {record} WHERE id BETWEEN :a AND :b"
        " HAVING count(*) > 0"
    )
    for start in range(first, last + 1, _PORTION):
        end = min(last, start + _PORTION - 1)
        db.execute(portion, {"op": db.operation, "columns": json.dumps(columns), "a": start, "b": end})
    with _as_a_whole(db, record, first):
        db.execute(f"DELETE FROM {record} WHERE id BETWEEN ? AND ?", (first, last))


def _insert_many(db: Plain, record: str, columns: Sequence[str], first: int, last: int, before: str) -> None:
    """Bring a portion back, under one line of the journal."""
    image = json.loads(before)
    if set(image["columns"]) - set(columns):
        raise _does_not_fit(db, record)
    with _as_a_whole(db, record, first):
        _insert(db, record, image["columns"], image["rows"])
    db.execute(
        "INSERT INTO journal (operation_id, record, row_id, last_id, kind) VALUES (?, ?, ?, ?, 'I')",
        (db.operation, record, first, last),
    )


@contextmanager
def _as_a_whole(db: Plain, record: str, first: int) -> Iterator[None]:
    """Rows from `first` on leave no line of their own within the block."""
    db.execute("INSERT INTO journal_mark (record, last_id) VALUES (?, ?)", (record, first - 1))
    yield
    db.execute("DELETE FROM journal_mark")


def _does_not_fit(db: Reader, record: str) -> StoreError:
    return StoreError(
        "The history of {path} does not fit its records: {record}",
        hint="Nothing was changed. See: crm check",
        path=db.path,
        record=record,
    )


Line = tuple[str, str, tuple[str, ...], bool, tuple[Any, ...]]


def _lines(db: Reader, operations: Sequence[int], skip: Kept) -> Iterator[Line]:
    """Kind, table, columns, whether it stands for many rows, and the values of each line, the newest first; read in
    portions, since the journal grows while they are put back."""
    below = 1 << 62
    while True:
        rows = db.rows(
            "SELECT id, kind, record, row_id, last_id, before FROM journal"
            f" WHERE operation_id IN {id_list(operations)} AND id < :below ORDER BY id DESC LIMIT {_AT_ONCE}",
            {"below": below},
        )
        for _, kind, record, row_id, last_id, before in rows:
            if last_id is not None:
                yield kind, record, (), True, (row_id, last_id, before)
                continue
            image = json.loads(before) if before else {}
            if (record, row_id) in skip and kind == "U":
                image = {name: value for name, value in image.items() if name not in DERIVED[record]}
            yield kind, record, tuple(image), False, (*image.values(), row_id)
        if len(rows) < _AT_ONCE:
            return
        below = rows[-1][0]


class _Columns:
    """The columns that tables have now, the id among them: an image names no other."""

    def __init__(self, db: Reader) -> None:
        self.db = db
        self.known: dict[str, list[str]] = {}

    def check(self, record: str, names: Sequence[str]) -> None:
        if record not in self.known:
            rows = self.db.rows("SELECT name FROM pragma_table_info(:record)", {"record": record})
            self.known[record] = [name for (name,) in rows]
        if not self.known[record] or set(names) - set(self.known[record]):
            raise _does_not_fit(self.db, record)


def settle(db: Plain, undone_by: Mapping[int, int | None]) -> None:
    """Note which operation took which one back; None where one stands again."""
    db.many("UPDATE operation SET undone_by_id = ? WHERE id = ?", [(by, number) for number, by in undone_by.items()])
