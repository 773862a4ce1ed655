"""crm report activity: what was done, by channel, owner or week."""

from typing import Annotated

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, option
from crm_cli.commands.reporting import From, To, reports
from crm_cli.commands.reports import days_of
from crm_cli.errors import Misuse


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
    from crm_cli.commands.columns import columns_of
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
