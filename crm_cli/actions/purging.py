"""The recycle bin emptied, and history that is older than anybody goes back to: both for good."""

from datetime import datetime
from typing import NamedTuple

from crm_cli.actions.privacy import counts_of
from crm_cli.actions.privacy_journal import forget_rows
from crm_cli.actions.privacy_rows import delete_rows
from crm_cli.queries.privacy_scope import RECORDS, Ids, going
from crm_cli.rules.days import to_utc_text
from crm_cli.store.journal import Stamp
from crm_cli.store.reader import Reader
from crm_cli.store.wiping import free_share, wiping

MUCH = 0.2  # of the file being free space: worth writing it anew


class Purged(NamedTuple):
    """What went: rows by table, lines and operations of the history; `much` when the file has much free space now."""

    counts: dict[str, int]
    history: int
    operations: int
    much: bool
    op: int | None


def in_bin(db: Reader, before: str) -> Ids:
    """The rows that were removed before a moment, with all that went with them."""
    chosen = {
        table: [
            row_id for (row_id,) in db.rows(f"SELECT id FROM {table} WHERE removed_at < :before", {"before": before})
        ]
        for table in RECORDS
    }
    ids = going(db, chosen)
    rows = db.rows("SELECT id FROM segment WHERE removed_at < :before", {"before": before})
    ids["segment"] = {row_id for (row_id,) in rows}
    return ids


def bin_counts(db: Reader, before: str) -> dict[str, int]:
    """How many rows that is, by table."""
    return counts_of(db, in_bin(db, before))


def empty_bin(database: str, before: str, *, now: datetime, user: str, command: str, dry_run: bool = False) -> Purged:
    """Delete what was removed before a moment; what was done to it can no longer be undone."""
    with wiping(database, Stamp(to_utc_text(now), user, command), dry_run=dry_run) as db:
        ids = in_bin(db, before)
        counts = counts_of(db, ids)
        delete_rows(db, ids, now.tzinfo)
        db.many("DELETE FROM segment WHERE id = ?", [(row_id,) for row_id in ids["segment"]])
        cleared = forget_rows(db, ids)
        db.changes = sum(counts.values())
        much = free_share(db) > MUCH
    kept = db.operation if db.changes else None
    return Purged(counts, cleared.lines, len(cleared.operations), much, kept)


def history_counts(db: Reader, before: str) -> tuple[int, int]:
    """How many lines and operations are older than a moment."""
    last = _last_before(db, before)
    operations = int(db.value("SELECT count(*) FROM operation WHERE id <= :last", {"last": last}))
    return int(db.value(f"SELECT count(*) FROM journal WHERE {_OLD}", {"last": last, "before": before})), operations


_OLD = "operation_id <= :last OR (operation_id IS NULL AND at < :before)"


def _last_before(db: Reader, before: str) -> int:
    """The last operation of those that are all older than a moment."""
    first = db.value("SELECT min(id) FROM operation WHERE at >= :before", {"before": before})
    return int(first) - 1 if first is not None else int(db.value("SELECT coalesce(max(id), 0) FROM operation"))


def cut_history(database: str, before: str, *, now: datetime, user: str, command: str, dry_run: bool = False) -> Purged:
    """Delete the history up to a moment: undo does not reach behind it."""
    with wiping(database, Stamp(to_utc_text(now), user, command), dry_run=dry_run) as db:
        params = {"before": before, "last": min(_last_before(db, before), db.operation - 1)}
        # an undo of something old would bring it back without a way to take it away again
        db.execute(
            "UPDATE operation SET erased_at = :now WHERE erased_at IS NULL AND id > :last AND id IN"
            " (SELECT undone_by_id FROM operation WHERE id <= :last)",
            {"now": to_utc_text(now), "last": params["last"]},
        )
        lines = db.execute(f"DELETE FROM journal WHERE {_OLD}", params)
        operations = db.execute("DELETE FROM operation WHERE id <= :last", {"last": params["last"]})
        db.changes = lines + operations
        much = free_share(db) > MUCH
    return Purged({}, lines, operations, much, db.operation if db.changes else None)
