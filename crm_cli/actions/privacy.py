"""Customers and people erased for good: rows, history, what names them; a mark is left so that they stay away."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from crm_cli.actions.privacy_journal import forget_rows, wipe_commands, wipe_images
from crm_cli.actions.privacy_marks import put_up
from crm_cli.actions.privacy_rows import delete_rows
from crm_cli.actions.privacy_texts import Mention, mentions, talk_texts, wipe_texts
from crm_cli.queries.privacy_scope import RECORDS, Ids, Known, among, going, known_of, listed, tables_of, together
from crm_cli.rules.days import to_utc_text
from crm_cli.store.journal import Stamp
from crm_cli.store.reader import Reader
from crm_cli.store.wiping import wiping
from crm_cli.store.writer import Plain

Chosen = Mapping[str, Sequence[int]]


class Preview(NamedTuple):
    """What would go, asked before anything is written."""

    counts: dict[str, int]
    known: Known
    uuids: list[str]


class Erased(NamedTuple):
    """What went; `texts` of records that stay name the person still, unless `wiped` says that they were changed too."""

    counts: dict[str, int]
    history: int
    operations: int
    commands: int
    wiped: int
    texts: list[Mention]
    known: Known
    secret: str
    op: int


def preview(db: Reader, chosen: Chosen, also: tuple[Known, Sequence[str]] | None = None) -> Preview:
    """Counts by table, the strings, and what tells them in a copy; `also` is what a copy knows of them."""
    ids = going(db, chosen)
    known, uuids = known_of(db, ids), uuids_of(db, ids)
    if also:
        known, uuids = together(known, also[0]), [*uuids, *also[1]]
    return Preview(counts_of(db, ids), known, uuids)


def counts_of(db: Reader, ids: Ids) -> dict[str, int]:
    """How many rows there are of each table, what the history alone has left out."""
    found = {}
    for table, row_ids in ids.items():
        n = (
            db.value(f"SELECT count(*) FROM {table} WHERE id {among('ids')}", {"ids": listed(row_ids)})
            if row_ids
            else 0
        )
        if n:
            found[table] = int(n)
    return found


def uuids_of(db: Reader, ids: Ids) -> list[str]:
    """What tells the customers and people in a copy of the database, those that were merged since among them."""
    tables = tables_of(db)
    found = []
    for noun in ("customer", "contact"):
        asked = {"ids": listed(ids[noun])}
        found += db.rows(f"SELECT uuid FROM {noun} WHERE id {among('ids')}", asked)
        if "merged" in tables:
            found += db.rows(f"SELECT dropped_uuid FROM merged WHERE {noun}_id {among('ids')}", asked)
    return [uuid for (uuid,) in found]


def _talks(db: Reader, ids: Ids) -> set[int]:
    """Interactions that stay and that one of the people took part in."""
    rows = db.rows(
        f"SELECT interaction_id FROM interaction_contact WHERE contact_id {among('ids')}",
        {"ids": listed(ids["contact"])},
    )
    return {row_id for (row_id,) in rows} - ids["interaction"]


def erase(
    database: str,
    chosen: Chosen,
    *,
    also: Known,
    everywhere: bool,
    now: datetime,
    user: str,
    command: str,
    dry_run: bool = False,
) -> Erased:
    """Erase customers and people with all that hangs on them, in one transaction that cannot be taken back; `also` is
    what was known of them when it was asked."""
    with wiping(database, Stamp(to_utc_text(now), user, command), dry_run=dry_run) as db:
        ids = going(db, chosen)
        erased = erase_rows(db, ids, together(known_of(db, ids), also), everywhere=everywhere, now=now)
        db.changes = max(1, sum(erased.counts.values()))
    return erased._replace(op=db.operation)


def erase_rows(db: Plain, ids: Ids, known: Known, *, everywhere: bool, now: datetime, secret: str = "") -> Erased:
    """The same within a transaction that leaves no history; also in a copy, of whatever version."""
    counts = counts_of(db, ids)
    talks = _talks(db, ids)
    wiped = wipe_texts(db, talk_texts(db, known, talks), known.near.wiped)
    delete_rows(db, ids, now.tzinfo)
    cleared = forget_rows(db, ids)
    by_id = set(cleared.operations)
    wipe_images(db, cleared, known, talks)
    commands = wipe_commands(db, by_id, known)
    found = list(mentions(db, known.traces))
    if everywhere:
        wiped += wipe_texts(db, found, known.traces.wiped)
        found = []
    kept = put_up(db, known.marks, now, secret) if "tombstone" in tables_of(db) else ""
    return Erased(counts, cleared.lines, len(cleared.operations), commands, wiped, found, known, kept, 0)


def chosen_of(found: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    """Records by their noun."""
    chosen: dict[str, list[int]] = {noun: [] for noun in RECORDS}
    for noun, row_id in found:
        chosen[noun].append(row_id)
    return chosen
