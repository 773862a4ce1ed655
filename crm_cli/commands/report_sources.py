"""crm report sources: where customers came from, and what became of them."""

from datetime import timedelta

from crm_cli.commands import params as p
from crm_cli.commands.params import Context
from crm_cli.commands.reporting import From, To, reports
from crm_cli.commands.reports import days_of


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

    from crm_cli.commands.columns import columns_of
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
