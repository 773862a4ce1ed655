"""Undo and redo, on the driver alone: what the journal has is put back, in one operation of its own."""

from datetime import datetime, tzinfo
from typing import Any

from crm_cli.errors import Conflict
from crm_cli.queries import derived, history
from crm_cli.queries.conditions import Asker
from crm_cli.queries.history import Operation
from crm_cli.queries.nouns import broken_segments
from crm_cli.rules.days import to_utc_text
from crm_cli.store import kept_twice, obstacles, reversal
from crm_cli.store.journal import Stamp
from crm_cli.store.writer import Plain, transaction


def undo(
    database: str, expected: list[Operation], *, now: datetime, user: str, command: str, dry_run: bool = False
) -> int:
    """Take operations back, all or none; returns the undo's own number. Conflict where a row was changed since."""
    stamp = Stamp(to_utc_text(now), user, command, "undo")
    with transaction(database, stamp, dry_run=dry_run) as db:
        for one in expected:
            if history.operation(db, one.op) != one:
                raise Conflict("Somebody has changed what this means meanwhile; nothing was changed", hint="Try again.")
        numbers = [one.op for one in expected]
        _take_back(db, numbers, now, user)
        reversal.settle(db, dict.fromkeys(numbers, db.operation))
    return db.operation


def redo(database: str, expected: Operation, *, now: datetime, user: str, command: str, dry_run: bool = False) -> int:
    """Replay what the newest undo took back; returns the redo's own number."""
    stamp = Stamp(to_utc_text(now), user, command, "redo")
    with transaction(database, stamp, dry_run=dry_run) as db:
        if history.newest_undo(db, user) != expected:
            raise Conflict("Somebody has changed what this means meanwhile; nothing was changed", hint="Try again.")
        again = history.undone_by(db, expected.op)
        _take_back(db, [expected.op], now, user)
        reversal.settle(db, {expected.op: db.operation, **{one.op: None for one in again}})
    return db.operation


def _take_back(db: Plain, numbers: list[int], now: datetime, user: str) -> None:
    later = obstacles.changed_since(db, numbers)
    if later is not None:
        raise _refusal(db, later)
    others = kept_twice.others_since(db, numbers, db.operation)
    strangers = kept_twice.stranger_since(db, numbers)
    moved = kept_twice.concerned(db, others, strangers=strangers) if others or strangers else set()
    skip = kept_twice.concerned(db, numbers) & moved if moved else set()
    asker = Asker(now, db.member_of(user))
    broken = broken_segments(db, asker)
    try:
        reversal.reverse(db, numbers, skip)
    except reversal.InTheWay as stop:
        raise _refusal(db, stop.later) from stop
    later = obstacles.after(db, numbers)
    if later is not None:
        raise _refusal(db, later)
    for record, row_id in sorted(skip | (kept_twice.concerned(db, numbers) & moved if moved else set())):
        recount(db, record, row_id, now.tzinfo)
    for segment_id in sorted(broken_segments(db, asker) - broken):
        newest = obstacles.newest_change(db, "segment", segment_id, numbers)
        raise _refusal(db, obstacles.Later("segment", segment_id, newest))


def _refusal(db: Plain, later: obstacles.Later) -> Conflict:
    holes: dict[str, Any] = {
        "record": obstacles.owner_of(db, later.record, later.row_id),
        "op": later.operation,
        "command": history.command_of(db, later.operation),
    }
    if later.gone:
        sentence = "This cannot be undone: it needs {record}, which was taken back since, by op:{op} ({command})"
        return Conflict(sentence, hint="See: crm history", **holes)
    if not later.operation:
        sentence = "This cannot be undone: {record} was changed since, by another program"
        return Conflict(sentence, hint="See: crm history", **holes)
    sentence = "This cannot be undone: {record} was changed since, by op:{op} ({command})"
    return Conflict(sentence, hint="Undo that first: crm undo op:{op}", **holes)


def recount(db: Plain, record: str, row_id: int, zone: tzinfo | None) -> None:
    """What is kept twice of one row, from what there is now."""
    days = derived.kept_twice(db, record, row_id, zone)
    if days:
        sets = ", ".join(f"{column} = :{column}" for column in days)
        values = {column: day.isoformat() if day else None for column, day in days.items()}
        db.execute(f"UPDATE {record} SET {sets} WHERE id = :id", {**values, "id": row_id})
