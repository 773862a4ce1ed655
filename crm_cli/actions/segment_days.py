"""Once a day it is written down who is in each segment: by the first write of the day, or by `crm remind`."""

from typing import Any, Protocol

from crm_cli.errors import CrmError
from crm_cli.queries.conditions import Asker
from crm_cli.queries.segments import inside
from crm_cli.queries.sources import ALIAS
from crm_cli.store.reader import Reader


class Writing(Protocol):
    """Whatever runs a statement within the transaction that is open."""

    def execute(self, sql: str, params: dict[str, Any], /) -> int: ...


def count_segments(db: Reader, hand: Writing, asker: Asker) -> None:
    """Write down for each segment that was not counted today who is in it; part of the transaction that is open."""
    day = {"today": asker.today.isoformat()}
    for table in ("segment_membership", "segment_count"):  # of segments that an undo or a purge took away
        hand.execute(f"DELETE FROM {table} WHERE segment_id NOT IN (SELECT id FROM segment)", {})
    rows = db.dicts(
        "SELECT id, name, noun, query FROM segment s WHERE removed_at IS NULL AND NOT EXISTS (SELECT 1 FROM"
        " segment_count c WHERE c.segment_id = s.id AND c.counted_on = :today)",
        day,
    )
    for row in rows:
        try:
            source, params = inside(db, row, asker)
        except CrmError:
            continue  # `crm segment list` shows that its query does not hold any more
        _count(hand, row, source, {**params, **day, "sid": row["id"]})


def _count(hand: Writing, row: dict[str, Any], source: str, bound: dict[str, Any]) -> None:
    alias = ALIAS[row["noun"]]
    hand.execute(
        "UPDATE segment_membership SET left_on = :today WHERE segment_id = :sid AND left_on IS NULL"
        f" AND record_id NOT IN (SELECT {alias}.id {source})",
        bound,
    )
    hand.execute(
        f"INSERT INTO segment_membership (segment_id, record_id, entered_on) SELECT :sid, {alias}.id, :today {source}"
        f" AND NOT EXISTS (SELECT 1 FROM segment_membership o WHERE o.segment_id = :sid AND o.record_id = {alias}.id"
        " AND o.left_on IS NULL)",
        bound,
    )
    hand.execute(
        "INSERT INTO segment_count (segment_id, counted_on, members) SELECT :sid, :today, count(*)"
        " FROM segment_membership WHERE segment_id = :sid AND left_on IS NULL",
        {key: bound[key] for key in ("sid", "today")},
    )
