"""crm report forecast: what is won, and what open deals are likely to bring."""

from typing import Annotated

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, option
from crm_cli.commands.reporting import Explain, From, Pipeline, To, chosen_deals, explained, reports, split_of


@reports.command("forecast")
def forecast(
    ctx: Context,
    query: p.Query = None,
    by: Annotated[p.Text, option("--by", "a row for each: month, quarter or owner", "FIELD", p.OUTPUT)] = None,
    from_: From = None,
    to: To = None,
    pipeline: Pipeline = None,
    columns: p.Columns = None,
    explain: Explain = False,
) -> None:
    """Show what is won and what open deals are likely to bring, by the day they are expected to close."""
    from crm_cli.commands.columns import columns_of
    from crm_cli.output.reports_sales import show_forecast
    from crm_cli.queries import report_forecast

    app = ctx.obj
    split = split_of(by, report_forecast.SPLITS, "month")
    keys = columns_of("forecast", columns, split)
    with app.read() as db:
        chosen = chosen_deals(app, db, query, from_, to, pipeline)
        report = report_forecast.forecast(db, chosen, by=split)
    if explain:
        explained(app, report)
    else:
        show_forecast(app.out, report.rows, split, keys, report.notes, report.total)
