"""crm report wins and losses: how many deals were won or lost, and by what."""

from typing import Annotated

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, option
from crm_cli.commands.reporting import Explain, From, Pipeline, To, chosen_deals, explained, reports, split_of
from crm_cli.context import App
from crm_cli.errors import Misuse

By = Annotated[
    p.Text,
    option(
        "--by",
        "a row for each: reason lost, source, owner, product, size, region, industry, month, quarter or year closed",
        "FIELD",
        p.OUTPUT,
    ),
]


@reports.command("wins")
def wins(
    ctx: Context,
    query: p.Query = None,
    by: By = None,
    from_: From = None,
    to: To = None,
    pipeline: Pipeline = None,
    columns: p.Columns = None,
    explain: Explain = False,
) -> None:
    """Show the deals that were won, by source unless you say; --from and --to by the day closed."""
    if split_of(by, _splits()) == "reason":
        raise Misuse("Only lost deals have a reason", hint="See: crm report losses --by reason")
    _show(ctx.obj, query, by or "source", (from_, to), pipeline, columns, explain=explain, won=True)


@reports.command("losses")
def losses(
    ctx: Context,
    query: p.Query = None,
    by: By = None,
    from_: From = None,
    to: To = None,
    pipeline: Pipeline = None,
    columns: p.Columns = None,
    explain: Explain = False,
) -> None:
    """Show the deals that were lost, by reason unless you say; --from and --to by the day closed."""
    _show(ctx.obj, query, by or "reason", (from_, to), pipeline, columns, explain=explain, won=False)


def _splits() -> tuple[str, ...]:
    from crm_cli.queries.report_wins import SPLITS

    return SPLITS


def _show(
    app: App,
    query: p.Several,
    by: str,
    span: tuple[str | None, str | None],
    pipeline: str | None,
    columns: str | None,
    *,
    explain: bool,
    won: bool,
) -> None:
    from crm_cli.commands.columns import columns_of
    from crm_cli.output.reports_sales import show_wins
    from crm_cli.queries import report_wins

    split = split_of(by, _splits())
    keys = columns_of("wins", columns, split)
    with app.read() as db:
        chosen = chosen_deals(app, db, query, *span, pipeline)
        report = report_wins.wins(db, chosen, won=won, by=split)
    if explain:
        explained(app, report)
    else:
        show_wins(app.out, report.rows, split, keys, report.notes, won=won)
