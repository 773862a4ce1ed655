"""Behind `crm export calendar`: open follow-ups, appointments and birthdays as a file that calendars subscribe to."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from crm_cli.context import App
from crm_cli.errors import Misuse
from crm_cli.i18n import t

KINDS = ("calendar", "followups", "follow-ups")


def write_calendar(app: App, query: Sequence[str], *, path: str | None, force: bool) -> None:
    """Everything that has a day. A query is one over customers, as that of `crm followups`."""
    asked = str(app.flags.get("format") or "ics").lower()
    if asked != "ics":
        raise Misuse("A calendar is a file of the format ics", hint="Leave out --format, or: crm followups --json")
    text, count = _calendar(app, query)
    if path is None or path == "-":
        app.speaker("csv").out.write(text)
        return
    from crm_cli.formats.target import open_target

    with open_target(path, force=force) as stream:
        stream.write(text)
    app.out.say_many("{n} entry written to {path}", "{n} entries written to {path}", count, path=path)


def _calendar(app: App, query: Sequence[str]) -> tuple[str, int]:
    from crm_cli.formats.ics import Birthday, calendar
    from crm_cli.output.reminders import entries
    from crm_cli.queries import reminders
    from crm_cli.queries.birthdays import all_birthdays
    from crm_cli.queries.conditions import condition
    from crm_cli.queries.followups import Scope, followups

    with app.read() as db:
        asker = app.asker(db)
        where = condition(db, "customer", list(query), asker)
        rows = [row for row in followups(db, asker, Scope(None, where, None)) if row["due_on"] or row["due_at"]]
        reminders.add_numbers(db, rows)
        reminders.add_identities(db, rows)
        people = all_birthdays(db, where)
    days = [
        Birthday(
            uid=f"{row['uuid']}-birthday",
            revised=datetime.fromisoformat(row["updated_at"]).astimezone(UTC),
            born=date.fromisoformat(row["birthday"]),
            summary=t("Birthday: {name}", name=_called(row["name"], row["customer"])),
        )
        for row in people
    ]
    return calendar(entries(rows), name=t("Follow-ups and birthdays"), birthdays=days), len(rows) + len(days)


def _called(name: str, customer: str | None) -> str:
    return f"{name} ({customer})" if customer else name
