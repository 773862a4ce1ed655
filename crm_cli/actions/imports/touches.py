"""What is kept twice after interactions came: last contacts, last touches and cadences move forward, snoozes end."""

from crm_cli.actions.imports.run import Run


def move_touches(run: Run, ids: str) -> None:
    """By the interactions whose ids a query gives, as `id`; a day that is later stays."""
    days = (
        f"SELECT {{0}} AS id, max(local_day(i.at)) AS day FROM ({ids}) t JOIN interaction i ON i.id = t.id"
        " {1} WHERE {0} IS NOT NULL GROUP BY {0}"
    )
    cadence = (
        ", cadence_due_on = CASE WHEN cadence_days IS NULL THEN cadence_due_on"
        " ELSE date(x.day, cadence_days || ' days') END"
    )
    beside = "JOIN interaction_contact p ON p.interaction_id = i.id"
    for noun, column, further, talks in (
        ("customer", "last_contact_on", cadence, days.format("i.customer_id", "")),
        ("deal", "last_touch_on", "", days.format("i.deal_id", "")),
        ("contact", "last_contact_on", "", days.format("p.contact_id", beside)),
    ):
        run.execute(
            f"UPDATE {noun} SET {column} = x.day{further} FROM ({talks}) x WHERE {noun}.id = x.id"
            f" AND ({noun}.{column} IS NULL OR {noun}.{column} < x.day)"
        )
    for noun in ("customer", "deal"):  # what was snoozed wakes when something newer than the snooze is logged
        talks = days.format(f"i.{noun}_id", "")
        run.execute(
            f"DELETE FROM snooze WHERE id IN (SELECT z.id FROM snooze z JOIN ({talks}) x ON x.id = z.{noun}_id"
            " WHERE x.day >= local_day(z.created_at))"
        )
