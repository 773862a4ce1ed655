"""Records that become one: what hangs on the dropped ones is moved, empty fields are filled, the rest is named."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from crm_cli.actions.merging_rows import move_all
from crm_cli.actions.undoing import recount
from crm_cli.errors import Conflict
from crm_cli.queries.merging import Group, Plan, plans
from crm_cli.rules.days import to_utc_text
from crm_cli.store.journal import Stamp
from crm_cli.store.reader import Reader
from crm_cli.store.writer import Plain, transaction


class Merged(NamedTuple):
    """What came of the groups of a noun: a plan for each; where a withdrawn consent was kept against a newer given one
    (kept id, channel, dropped id); the kept records as they are now."""

    noun: str
    plans: list[Plan]
    stricter: list[tuple[int, str, int]]
    rows: list[dict[str, Any]]


def merge(
    database: str,
    find: Callable[[Reader], Mapping[str, Sequence[Group]]],
    *,
    now: datetime,
    user: str,
    command: str,
    dry_run: bool = False,
    read: Callable[[Reader, str, list[int]], list[dict[str, Any]]] | None = None,
) -> list[Merged]:
    """Merge the groups that `find` names by noun, in one operation; `read` gives the kept records as they are then."""
    done = []
    with transaction(database, Stamp(to_utc_text(now), user, command), dry_run=dry_run) as db:
        for noun, groups in find(db).items():
            _refuse_overlap(groups)
            found = plans(db, noun, groups)
            stricter = _write(db, noun, found, now)
            rows = read(db, noun, [group.keep for group in groups]) if read else []
            done.append(Merged(noun, found, stricter, rows))
    return done


def _refuse_overlap(groups: Sequence[Group]) -> None:
    """Nobody is in two groups."""
    ids = [row_id for group in groups for row_id in (group.keep, *group.drops)]
    if len(ids) != len(set(ids)):
        raise Conflict("Somebody has changed what this means meanwhile; nothing was changed", hint="Try again.")


def _write(db: Plain, noun: str, found: Sequence[Plan], now: datetime) -> list[tuple[int, str, int]]:
    at = to_utc_text(now)
    dropped = [(drop, plan.group.keep) for plan in found for drop in plan.group.drops]
    stricter = move_all(db, noun, dropped, at, now.date().isoformat())
    for plan in found:
        values = {**plan.sets, "updated_at": at}
        sets = ", ".join(f"{column} = :{column}" for column in values)
        db.execute(f"UPDATE {noun} SET {sets} WHERE id = :id", {**values, "id": plan.group.keep})
        recount(db, noun, plan.group.keep, now.tzinfo)
    return stricter
