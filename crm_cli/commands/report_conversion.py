"""crm report conversion: of the deals opened in a time, how many came how far."""

from typing import Annotated

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, option
from crm_cli.commands.reporting import Explain, From, Pipeline, To, chosen_deals, explained, reports, split_of


@reports.command("conversion")
def conversion(
    ctx: Context,
    query: p.Query = None,
    by: Annotated[
        p.Text,
        option("--by", "a row set for each: month, quarter or year opened, owner, source, region", "FIELD", p.OUTPUT),
    ] = None,
    from_: From = None,
    to: To = None,
    pipeline: Pipeline = None,
    columns: p.Columns = None,
    explain: Explain = False,
) -> None:
    """Show how many of the deals opened in a time came how far; --from and --to by the day opened."""
    from crm_cli.commands.columns import columns_of
    from crm_cli.output.reports_sales import show_conversion
    from crm_cli.queries import report_conversion

    app = ctx.obj
    split = split_of(by, report_conversion.SPLITS)
    keys = columns_of("conversion", columns, *([split] if split else []))
    with app.read() as db:
        chosen = chosen_deals(app, db, query, from_, to, pipeline)
        report = report_conversion.conversion(db, chosen, by=split)
    if explain:
        explained(app, report)
    else:
        show_conversion(app.out, report.rows, split, keys, report.notes)
