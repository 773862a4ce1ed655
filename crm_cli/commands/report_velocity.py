"""crm report velocity: how much money a day closed deals bring."""

from typing import Annotated

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, option
from crm_cli.commands.reporting import Explain, From, Pipeline, To, chosen_deals, explained, reports, split_of


@reports.command("velocity")
def velocity(
    ctx: Context,
    query: p.Query = None,
    by: Annotated[
        p.Text,
        option(
            "--by", "a row for each: month, quarter or year closed, owner, source, region, industry", "FIELD", p.OUTPUT
        ),
    ] = None,
    from_: From = None,
    to: To = None,
    pipeline: Pipeline = None,
    columns: p.Columns = None,
    explain: Explain = False,
) -> None:
    """Show how much money a day the deals bring that were closed in a time."""
    from crm_cli.commands.columns import columns_of
    from crm_cli.output.reports_sales import show_velocity
    from crm_cli.queries import report_velocity

    app = ctx.obj
    split = split_of(by, report_velocity.SPLITS)
    keys = columns_of("velocity", columns, *([split] if split else []))
    with app.read() as db:
        chosen = chosen_deals(app, db, query, from_, to, pipeline)
        report = report_velocity.velocity(db, chosen, by=split)
    if explain:
        explained(app, report)
    else:
        show_velocity(app.out, report.rows, split, keys, report.notes)
