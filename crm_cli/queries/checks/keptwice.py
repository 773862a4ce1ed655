"""What is kept twice equals what it is derived from: last contact, last touch, the day a cadence runs out.

A day was counted in the zone of whoever wrote it. So it is wrong only where it fits the moment in no zone there is,
from twelve hours behind UTC to fourteen ahead; mended, it is the day in the zone of whoever mends.
"""

from collections.abc import Callable
from datetime import date, timedelta, tzinfo

from crm_cli.queries.checks.finding import Ask, Invariant, Row
from crm_cli.rules.days import from_utc_text

FIRST, LAST = "date({0}, '-12 hours')", "date({0}, '+14 hours')"
_TALK = "(SELECT i.at FROM interaction i WHERE i.{0}_id = x.id AND i.removed_at IS NULL ORDER BY i.at DESC LIMIT 1)"
_TALKS = {
    "customer": _TALK.format("customer"),
    "deal": _TALK.format("deal"),
    "contact": "(SELECT max(i.at) FROM interaction_contact p CROSS JOIN interaction i ON i.id = p.interaction_id"
    " WHERE p.contact_id = x.id AND i.removed_at IS NULL)",
}
_MOVED = "(SELECT max(changed_on) FROM stage_change WHERE deal_id = x.id AND from_stage_id IS NOT NULL)"
_DONE = "(SELECT max(done_at) FROM task WHERE deal_id = x.id AND done_at IS NOT NULL AND removed_at IS NULL)"


# Most days are those of UTC: that they are the same is told at once, and spares the rest.
def _off(kept: str, first: str, last: str) -> str:
    """The condition that a kept day lies outside what it is derived from."""
    return f"(({kept} IS NULL) <> ({last} IS NULL) OR {kept} NOT BETWEEN {first} AND {last})"


def _last_contacts(noun: str) -> Callable[[Ask], list[Row]]:
    def find(ask: Ask) -> list[Row]:
        off = f"kept IS NOT substr(at, 1, 10) AND {_off('kept', FIRST.format('at'), LAST.format('at'))}"
        rows = ask.rows(
            f"WITH z AS MATERIALIZED (SELECT x.id, x.name, x.last_contact_on AS kept, {_TALKS[noun]} AS at"
            f" FROM {noun} x WHERE x.removed_at IS NULL) SELECT * FROM z WHERE {off}"
        )
        return [{**row, "right": _day(row["at"], ask.now.tzinfo)} for row in rows]

    return find


def _cadences(ask: Ask) -> list[Row]:
    first, last = (f"date(at, '{hours} hours', days || ' days')" for hours in ("-12", "+14"))
    rows = ask.rows(
        "WITH z AS MATERIALIZED (SELECT x.id, x.name, x.cadence_due_on AS kept, x.cadence_days AS days,"
        f" coalesce({_TALKS['customer']}, x.created_at) AS at FROM customer x WHERE x.removed_at IS NULL"
        " AND (x.cadence_days IS NOT NULL OR x.cadence_due_on IS NOT NULL))"
        f" SELECT * FROM z WHERE date(at) IS NOT NULL AND {_off('kept', first, last)}"
    )
    for row in rows:
        day = date.fromisoformat(str(_day(row["at"], ask.now.tzinfo)))
        row["right"] = None if row["days"] is None else (day + timedelta(days=row["days"])).isoformat()
    return rows


def _last_touches(ask: Ask) -> list[Row]:
    first, last = (
        f"nullif(max(coalesce({way.format('at')}, ''), coalesce(day, ''), coalesce({way.format('done')}, '')), '')"
        for way in (FIRST, LAST)
    )
    same = "nullif(max(coalesce(substr(at, 1, 10), ''), coalesce(day, ''), coalesce(substr(done, 1, 10), '')), '')"
    rows = ask.rows(
        f"WITH z AS MATERIALIZED (SELECT x.id, x.title AS name, x.last_touch_on AS kept, {_TALKS['deal']} AS at,"
        f" {_MOVED} AS day, {_DONE} AS done FROM deal x WHERE x.removed_at IS NULL)"
        f" SELECT * FROM z WHERE kept IS NOT {same} AND {_off('kept', first, last)}"
    )
    zone = ask.now.tzinfo
    for row in rows:
        days = [row["day"], _day(row["at"], zone), _day(row["done"], zone)]
        row["right"] = max((day for day in days if day), default=None)
    return rows


def _day(at: str | None, zone: tzinfo | None) -> str | None:
    """The local day of a kept moment; None for one that is none."""
    try:
        return from_utc_text(at, zone).date().isoformat() if at else None
    except ValueError:
        return None


INVARIANTS = (
    Invariant(
        "customer-last-contact",
        "customer",
        _last_contacts("customer"),
        "The last contact with {name} was {right}, not {kept}",
        fix=("UPDATE customer SET last_contact_on = :right WHERE id = :id",),
    ),
    Invariant(
        "customer-cadence",
        "customer",
        _cadences,
        "The cadence of {name} runs out on {right}, not {kept}",
        fix=("UPDATE customer SET cadence_due_on = :right WHERE id = :id",),
    ),
    Invariant(
        "contact-last-contact",
        "contact",
        _last_contacts("contact"),
        "The last contact with {name} was {right}, not {kept}",
        fix=("UPDATE contact SET last_contact_on = :right WHERE id = :id",),
    ),
    Invariant(
        "deal-last-touch",
        "deal",
        _last_touches,
        "The last touch of {name} was {right}, not {kept}",
        fix=("UPDATE deal SET last_touch_on = :right WHERE id = :id",),
    ),
)
