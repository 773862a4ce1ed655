"""crm report: what was done, and where customers come from."""

from datetime import timedelta
from typing import Annotated

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, noun, option
from crm_cli.commands.reports import days_of
from crm_cli.errors import Misuse

reports = noun()
nouns = {"report": reports}

From = Annotated[p.Text, option("--from", "from this day on: 2026-10-01, -30d, last month", "D", p.WHICH)]
To = Annotated[p.Text, option("--to", "until this day", "D", p.WHICH)]


@reports.command("activity")
def activity(
    ctx: Context,
    query: p.Query = None,
    by: Annotated[p.Text, option("--by", "a row for each: channel, owner or week", "FIELD", p.OUTPUT)] = None,
    from_: From = None,
    to: To = None,
    columns: p.Columns = None,
) -> None:
    """Show what was done, by channel, owner or week; of the last twelve weeks unless you say."""
    from crm_cli.commands.lists import columns_of
    from crm_cli.output.reports import show_activity
    from crm_cli.queries import report_activity
    from crm_cli.queries.conditions import condition

    app = ctx.obj
    split = (by or "channel").strip().lower()
    if split not in report_activity.SPLITS:
        known = " ".join(report_activity.SPLITS)
        raise Misuse("Activity cannot be split by {by}", hint="Split it by: {known}", by=split, known=known)
    first, last = days_of(app, from_, to)
    begins = 6 if app.config.get("week-start") == "sun" else 0
    usual = report_activity.usual_window(app.now, begins)
    last = last or max(app.today, first or app.today)
    window = report_activity.Window(first or min(usual.first, last), last, begins)
    keys = columns_of("activity", columns, split)
    with app.read() as db:
        asker = app.asker(db)
        where = condition(db, "interaction", list(query or []), asker)
        rows = report_activity.activity(db, asker, where, window, by=split)
    show_activity(app.out, rows, split, (window.first, window.last), keys)


@reports.command("sources")
def sources(
    ctx: Context,
    query: p.Query = None,
    from_: From = None,
    to: To = None,
    columns: p.Columns = None,
) -> None:
    """Show where customers came from, and what became of them; --from and --to by the day they were added."""
    from datetime import UTC

    from crm_cli.commands.lists import columns_of
    from crm_cli.output.reports import show_sources
    from crm_cli.queries.conditions import condition
    from crm_cli.queries.report_sources import sources as rows_of
    from crm_cli.rules.dates import local_day_start, to_utc_text

    app = ctx.obj
    first, last = days_of(app, from_, to)
    zone = app.now.tzinfo or UTC
    low = to_utc_text(local_day_start(first, zone)) if first else None
    high = to_utc_text(local_day_start(last + timedelta(days=1), zone)) if last else None
    keys = columns_of("sources", columns)
    with app.read() as db:
        where = condition(db, "customer", list(query or []), app.asker(db))
        rows = rows_of(db, where, (low, high))
    show_sources(app.out, rows, keys)
