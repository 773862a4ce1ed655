"""crm report lifecycle and repurchase: where customers stand in their life, and who bought again."""

from typing import TYPE_CHECKING, Annotated

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, option
from crm_cli.commands.reporting import Explain, From, To, reports, split_of
from crm_cli.commands.reports import days_of
from crm_cli.context import App
from crm_cli.errors import Misuse

if TYPE_CHECKING:
    from datetime import date

_MOST_MONTHS = 240


@reports.command("lifecycle")
def lifecycle(
    ctx: Context,
    query: p.Query = None,
    by: Annotated[
        p.Text,
        option("--by", "a row for each stage, or for each way between two stages by month", "stage|month", p.OUTPUT),
    ] = None,
    from_: From = None,
    to: To = None,
    columns: p.Columns = None,
    explain: Explain = False,
) -> None:
    """Show how many customers are in which stage of life, and how they moved; of the last 12 months unless you say."""
    from crm_cli.commands.columns import columns_of
    from crm_cli.commands.staleness import tell_age
    from crm_cli.output.lifecycle import show_lifecycle
    from crm_cli.queries import lifecycle as asking
    from crm_cli.queries.conditions import condition

    app = ctx.obj
    split = split_of(by, ("stage", "month"), "stage")
    span = _span(app, from_, to)
    keys = columns_of("life" if split == "stage" else "life_flow", columns)
    with app.read() as db:
        where = condition(db, "customer", list(query or []), app.asker(db))
        flows = asking.flows(db, where, span)
        rows = asking.stages(db, where, span) if split == "stage" else []
        if explain:
            _explain(app, sum(row["customers"] for row in rows), sum(row["customers"] for row in flows))
        elif split == "month":
            app.out.records("life_flow", flows, keys)
        else:
            show_lifecycle(app.out, rows, flows, span, keys)
        tell_age(app, db)


def _span(app: App, low: str | None, high: str | None) -> "tuple[date, date]":
    """The days asked for; the last twelve months without."""
    from crm_cli.rules.days import add_months

    first, last = days_of(app, low, high)
    last = last or app.today
    first = first or add_months(last, -12)
    if (last.year - first.year) * 12 + last.month - first.month > _MOST_MONTHS:
        raise Misuse("More than {n} months", hint="Ask for fewer: --from 2020-01-01", n=_MOST_MONTHS)
    return first, last


def _explain(app: App, customers: int, changes: int) -> None:
    from crm_cli.i18n import t
    from crm_cli.output.explaining import show_explanation
    from crm_cli.rules import lifecycle as rules
    from crm_cli.rules.warning import LOST, WARN

    formula = t(
        "Replayed from days: prospect until the first contact, deal or order; exploring until the second day with an "
        "order; growing until the {mature}th; then mature. Declining is silence of more than {warn}, lost of more than "
        "{lost} times the usual interval (the median of the customer's own, of all where he has fewer than two; "
        "{floor} days at least). An order after being lost is won-back. Days until another stage came are a stay; "
        "those that last are not in the median.",
        mature=rules.MATURE,
        warn=WARN,
        lost=LOST,
        floor=rules.FLOOR,
    )
    source = t("Our own rules: two and three times the own interval is a convention for customers without contracts")
    show_explanation(app.out, formula, source, {"customers": customers, "changes": changes}, {})


@reports.command("repurchase")
def repurchase(
    ctx: Context,
    query: p.Query = None,
    by: Annotated[
        p.Text, option("--by", "a row for each month or quarter of the first order", "month|quarter", p.OUTPUT)
    ] = None,
    from_: From = None,
    to: To = None,
    columns: p.Columns = None,
    explain: Explain = False,
) -> None:
    """Show how many bought again, and how soon; --from and --to by the day of the first order."""
    from crm_cli.commands.columns import columns_of
    from crm_cli.i18n import t
    from crm_cli.output.explaining import show_explanation
    from crm_cli.output.reports import show_bars
    from crm_cli.output.views import VIEWS
    from crm_cli.queries.conditions import condition
    from crm_cli.queries.repurchase import repurchase as rows_of

    app, out = ctx.obj, ctx.obj.out
    split = split_of(by, ("month", "quarter"), "month")
    span, keys = days_of(app, from_, to), columns_of("repurchase", columns)
    with app.read() as db:
        where = condition(db, "customer", list(query or []), app.asker(db))
        found = rows_of(db, where, span, app.today, by=split)
    if explain:
        formula = t(
            "Share of the customers of a cohort (by the day of the first order) with an order on a later day within so "
            "many days; only where these have passed for all of them. Rate = customers with orders on 2 days or more / "
            "customers with an order, until today. What came back is no order."
        )
        left_out = {"ordered_at_another_time": found.outside}
        source = t("The usual definition: who ordered twice of those who ordered at all")
        show_explanation(out, formula, source, {"customers": found.customers}, left_out)
    elif out.is_data or keys or not found.rows:
        out.records("repurchase", found.rows, keys)
    else:
        show_bars(out, "repurchase", found.rows, VIEWS["repurchase"].table_keys, [row["rate"] for row in found.rows])
