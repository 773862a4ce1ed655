"""What breaks an invariant and has a safe mend is mended: all of it in one operation, which can be undone."""

from contextlib import suppress
from datetime import datetime

from crm_cli.errors import Busy, CrmError, StoreError
from crm_cli.model.identity import new_uuid
from crm_cli.queries.checks.file import LINKS, is_mendable
from crm_cli.queries.checks.finding import Ask, Invariant, found_by
from crm_cli.queries.checks.run import INVARIANTS
from crm_cli.rules.days import to_utc_text
from crm_cli.store import inspection
from crm_cli.store.journal import Stamp
from crm_cli.store.writer import Plain

_ROUNDS = 4  # what is derived from what was mended is mended next


def mend(
    path: str, *, now: datetime, user: str, command: str, country: str | None = None, reindex: bool = False
) -> int:
    """Mend what can be mended; returns how many rows that changed, each of which can be undone. What was put right
    below the records (triggers, indexes, a stuck journal) is no row of anybody."""
    with inspection.mending(path, Stamp(to_utc_text(now), user, command)) as db:
        _make_indexes(db)
        if reindex:
            db.execute("REINDEX")
        _cut_pointers(db)
        for _ in range(_ROUNDS):
            ask = Ask(db, now, country)
            if not sum(_mend(db, invariant, ask) for invariant in INVARIANTS if invariant.fix):
                break
    return db.changes


def _make_indexes(db: Plain) -> None:
    """Indexes of ours that are missing; a unique one where nothing is there twice."""
    for thing in inspection.structure(db).missing:
        if thing[0] == "index":
            with suppress(CrmError):
                db.execute(inspection.text_of(thing))


def _cut_pointers(db: Plain) -> None:
    """Pointers at nothing: emptied; a row that only joins two records goes."""
    for one in inspection.dangling(db):
        if not is_mendable(one):
            continue
        if one.table in LINKS:
            db.execute(f"DELETE FROM {one.table} WHERE id = ?", (one.row_id,))
        else:
            db.execute(f"UPDATE {one.table} SET {one.column} = NULL WHERE id = ?", (one.row_id,))


def _mend(db: Plain, invariant: Invariant, ask: Ask) -> int:
    """How many rows a mend changed. One that the database refuses, as a name that is taken, is left and named."""
    changed = 0
    for row in found_by(invariant, ask):
        values = {**row, **ask.params, "uuid": new_uuid()}
        try:
            changed += sum(db.execute(statement, values) for statement in invariant.fix)
        except (Busy, StoreError):
            raise
        except CrmError:
            continue
    return changed
