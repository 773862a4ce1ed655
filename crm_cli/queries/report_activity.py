"""What was done: talks by channel, owner or week, with how it went on from week to week."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from crm_cli.errors import Misuse
from crm_cli.queries.conditions import Asker, Condition
from crm_cli.rules.dates import local_day_start, to_utc_text
from crm_cli.store.reader import Reader

SPLITS = ("channel", "owner", "week")
_LABEL = {"channel": "i.channel", "owner": "(SELECT name FROM member WHERE id = i.owner_id)", "week": "NULL"}
MOST_WEEKS = 520


class Window(NamedTuple):
    """Days, ends included, and the weekday that a week begins with (0 is Monday)."""

    first: date
    last: date
    begins: int = 0

    def weeks(self) -> list[date]:
        """First days of the weeks that it touches."""
        day = self.first - timedelta(days=(self.first.weekday() - self.begins) % 7)
        found = []
        while day <= self.last:
            found.append(day)
            day += timedelta(days=7)
        return found


def activity(db: Reader, asker: Asker, where: Condition, window: Window, *, by: str) -> list[dict[str, Any]]:
    """Rows of channel, owner or week, then: interactions, customers (distinct), minutes (known durations), incoming,
    outgoing, weeks (interactions a week, the oldest first). The most first; weeks in their order, empty ones too.

    A customer talked to in two weeks counts once in a channel's row. Misuse for more than MOST_WEEKS weeks.
    """
    weeks = window.weeks()
    if len(weeks) > MOST_WEEKS:
        raise Misuse("More than {n} weeks", hint="Choose a later day with --from", n=MOST_WEEKS)
    rows = _counted(db, asker, where, window, weeks, by)
    groups: dict[Any, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        groups[row[1] if by == "week" else row[0]].append(row)
    if by == "week":
        return [_row(by, day.isoformat(), groups.get(n, []), 1) for n, day in enumerate(weeks)]
    customers = _customers(db, asker, where, window, by)
    found = [{**_row(by, label, own, len(weeks)), "customers": customers[label]} for label, own in groups.items()]
    return sorted(found, key=lambda row: (-row["interactions"], row[by] is None, str(row[by])))


def _row(by: str, label: Any, rows: list[tuple[Any, ...]], width: int) -> dict[str, Any]:
    weeks = [0] * width
    for _, week, n, *_ in rows:
        weeks[week if width > 1 else 0] += n
    count, customers, minutes, incoming, outgoing = (sum(row[at] for row in rows) for at in (2, 3, 4, 5, 6))
    return {
        by: label,
        "interactions": count,
        "customers": customers,
        "minutes": minutes,
        "incoming": incoming,
        "outgoing": outgoing,
        "weeks": weeks,
    }


def _bounds(asker: Asker, first: date, last: date) -> tuple[str, str]:
    """First moment, and the first one behind, of days of the one who asks."""
    zone = asker.now.tzinfo or UTC
    return tuple(to_utc_text(local_day_start(day, zone)) for day in (first, last + timedelta(days=1)))  # type: ignore[return-value]


def _counted(
    db: Reader, asker: Asker, where: Condition, window: Window, weeks: list[date], by: str
) -> list[tuple[Any, ...]]:
    """Label, week, interactions, customers, minutes, incoming, outgoing; each week through the index on moments."""
    rows: list[tuple[Any, ...]] = []
    for n, day in enumerate(weeks):
        low, high = _bounds(asker, max(day, window.first), min(day + timedelta(days=6), window.last))
        found = db.rows(
            f"SELECT {_LABEL[by]}, count(*), count(DISTINCT i.customer_id), coalesce(sum(i.duration_minutes), 0),"
            " coalesce(sum(i.direction = 'in'), 0), coalesce(sum(i.direction = 'out'), 0) FROM interaction i"
            f" WHERE i.removed_at IS NULL AND i.at >= :low AND i.at < :high AND ({where.sql}) GROUP BY 1",
            {**where.params, "low": low, "high": high},
        )
        rows += [(label, n, *counts) for label, *counts in found if counts[0]]
    return rows


def _customers(db: Reader, asker: Asker, where: Condition, window: Window, by: str) -> dict[Any, int]:
    low, high = _bounds(asker, window.first, window.last)
    return dict(
        db.rows(
            f"SELECT {_LABEL[by]}, count(DISTINCT i.customer_id) FROM interaction i WHERE i.removed_at IS NULL"
            f" AND i.at >= :low AND i.at < :high AND ({where.sql}) GROUP BY 1",
            {**where.params, "low": low, "high": high},
        )
    )


def usual_window(now: datetime, begins: int) -> Window:
    """The last twelve weeks, this one included."""
    today = now.date()
    monday = today - timedelta(days=(today.weekday() - begins) % 7)
    return Window(monday - timedelta(weeks=11), today, begins)
