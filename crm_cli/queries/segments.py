"""Segments: who is in each now, how that changed since last week, and who came and went by day."""

from datetime import date, timedelta
from typing import Any

from crm_cli.errors import CrmError
from crm_cli.queries.conditions import Asker
from crm_cli.queries.sources import ALIAS, TABLE
from crm_cli.store.reader import Reader, id_list

_WEEK = timedelta(days=7)
# A write may take so many looks at a record for it, some ten milliseconds; above that it is left to `crm remind`.
_CHEAP = 20_000
_MOST_LOOKED_AT = 50  # for one record on the screen
_NAME = {"customer": "name", "contact": "name", "deal": "title", "task": "text", "interaction": "channel"}
_NAME |= {"order": "coalesce(number, ordered_on)", "product": "name"}


def segments(db: Reader, asker: Asker, *, ids: list[int] | None = None) -> list[dict[str, Any]]:
    """Segments by name: `members` now, None where the query does not hold any more; `week_change` against the last
    count that is a week old or older, None where there is none."""
    rows = db.dicts("SELECT id, uuid, name, noun, query FROM segment WHERE removed_at IS NULL ORDER BY name_key")
    chosen = [row for row in rows if ids is None or row["id"] in ids]
    for row in chosen:
        row["members"] = _count(db, row, asker)
        before = _count_on(db, row["id"], asker.today - _WEEK)
        row["week_change"] = None if row["members"] is None or before is None else row["members"] - before
    return chosen


def inside(db: Reader, row: dict[str, Any], asker: Asker) -> tuple[str, dict[str, Any]]:
    """FROM and WHERE of the records that are in a segment, with what is bound. The query may not hold any more: the
    errors of a query."""
    noun = row["noun"]
    from crm_cli.queries.compiler import Compiler

    compiler = Compiler(db, noun, asker)
    sql = compiler.open_segment(row["name"], noun, row["query"])
    alias = ALIAS[noun]
    return f"FROM {TABLE[noun]} {alias} WHERE {alias}.removed_at IS NULL AND ({sql})", compiler.params


def of_record(db: Reader, noun: str, record_id: int, asker: Asker) -> list[str] | None:
    """Names of the segments that a record is in now; None where there are too many segments to look at for it. One
    whose query does not hold any more has nobody in it."""
    rows = db.dicts(
        "SELECT name, noun, query FROM segment WHERE noun = :noun AND removed_at IS NULL ORDER BY name_key"
        f" LIMIT {_MOST_LOOKED_AT + 1}",
        {"noun": noun},
    )
    if len(rows) > _MOST_LOOKED_AT:
        return None
    found = []
    for row in rows:
        try:
            source, params = inside(db, row, asker)
        except CrmError:
            continue
        if db.value(f"SELECT 1 {source} AND {ALIAS[noun]}.id = :record", {**params, "record": record_id}):
            found.append(row["name"])
    return found


def _count(db: Reader, row: dict[str, Any], asker: Asker) -> int | None:
    try:
        source, params = inside(db, row, asker)
    except CrmError:
        return None
    return int(db.value(f"SELECT count(*) {source}", params))


def _count_on(db: Reader, segment_id: int, day: date) -> int | None:
    """The newest count that is not younger than a day."""
    found = db.value(
        "SELECT members FROM segment_count WHERE segment_id = :id AND counted_on <= :day ORDER BY counted_on DESC"
        " LIMIT 1",
        {"id": segment_id, "day": day.isoformat()},
    )
    return None if found is None else int(found)


def comings_and_goings(db: Reader, row: dict[str, Any], asker: Asker) -> list[dict[str, Any]]:
    """Who came into a segment and who left it, the newest day first: on, change, ref, id, name, members.

    Counted once a day, by `crm remind` or a write; what changed since then stands under today. Who was in it when it
    was counted first did not come on that day.
    """
    noun = row["noun"]
    source, params = inside(db, row, asker)
    alias = ALIAS[noun]
    bound = {**params, "sid": row["id"], "today": asker.today.isoformat()}
    # the first day says nothing about who came
    known = "SELECT min(counted_on) FROM segment_count WHERE segment_id = :sid"
    changes = db.rows(
        f"SELECT entered_on, 'entered', record_id FROM segment_membership WHERE segment_id = :sid"
        f" AND entered_on > ({known})"
        " UNION ALL SELECT left_on, 'left', record_id FROM segment_membership WHERE segment_id = :sid"
        " AND left_on IS NOT NULL"
        f" UNION ALL SELECT :today, 'entered', {alias}.id {source} AND EXISTS ({known}) AND NOT EXISTS (SELECT 1 FROM"
        f" segment_membership o WHERE o.segment_id = :sid AND o.record_id = {alias}.id AND o.left_on IS NULL)"
        " UNION ALL SELECT :today, 'left', record_id FROM segment_membership WHERE segment_id = :sid"
        f" AND left_on IS NULL AND record_id NOT IN (SELECT {alias}.id {source})",
        bound,
    )
    counts = dict(db.rows("SELECT counted_on, members FROM segment_count WHERE segment_id = :sid", bound))
    if changes and asker.today.isoformat() in {day for day, _, _ in changes}:
        counts[asker.today.isoformat()] = _count(db, row, asker)
    names = _names(db, noun, {record_id for _, _, record_id in changes})
    rows = [
        {
            "on": day,
            "change": change,
            "ref": f"{noun}:{record_id}",
            "id": record_id,
            "name": names.get(record_id),
            "members": counts.get(day),
        }
        for day, change, record_id in changes
    ]
    return sorted(rows, key=lambda one: (one["on"], one["change"], -one["id"]), reverse=True)


def _names(db: Reader, noun: str, ids: set[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), 500):
        some = id_list(wanted[start : start + 500])
        found |= dict(db.rows(f"SELECT id, {_NAME[noun]} FROM {TABLE[noun]} WHERE id IN {some}"))
    return found


def is_due(db: Reader, asker: Asker, *, cheap: bool = False) -> bool:
    """Whether there are segments that were not counted today; for a write only where it costs next to nothing."""
    segments = db.value("SELECT count(*) FROM segment WHERE removed_at IS NULL")
    if not segments:
        return False
    counted = db.value(
        "SELECT count(*) FROM segment_count c JOIN segment s ON s.id = c.segment_id AND s.removed_at IS NULL"
        " WHERE c.counted_on = :today",
        {"today": asker.today.isoformat()},
    )
    if counted >= segments:
        return False
    return not cheap or int(db.value("SELECT max(id) FROM customer") or 0) * segments <= _CHEAP


def first_counted(db: Reader, segment_id: int) -> tuple[str, int] | None:
    """The day on which a segment was counted first, and how many were in it."""
    return db.row(
        "SELECT counted_on, members FROM segment_count WHERE segment_id = :id ORDER BY counted_on LIMIT 1",
        {"id": segment_id},
    )
