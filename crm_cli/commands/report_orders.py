"""crm report orders: what was ordered, by period, customer, product or owner."""

from typing import Annotated

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, option
from crm_cli.commands.reporting import Explain, From, To, reports, split_of

_SOURCE = "docs/orders.md"


@reports.command("orders")
def orders(
    ctx: Context,
    query: p.Query = None,
    by: Annotated[
        p.Text,
        option("--by", "month, quarter, year, customer, product, owner, region, country, industry, source, total",
               "FIELD", p.OUTPUT),
    ] = None,
    from_: From = None,
    to: To = None,
    columns: p.Columns = None,
    limit: p.Limit = None,
    explain: Explain = False,
) -> None:  # fmt: skip
    """Show what was ordered: orders, customers, pieces, money, margin, returns; the query is over orders."""
    from crm_cli.commands.columns import columns_of, number
    from crm_cli.commands.reports import days_of
    from crm_cli.i18n import t
    from crm_cli.output.explaining import show_explanation
    from crm_cli.output.orders import show_report
    from crm_cli.queries.conditions import condition
    from crm_cli.queries.report_orders import SPLITS, Asked, report

    app = ctx.obj
    split = split_of(by, SPLITS, "month")
    keys = columns_of("sales", columns, split, *({"customer": ["customer_id"], "product": ["code"]}.get(split, [])))
    first, last = days_of(app, from_, to)
    most = number(limit, "limit")
    with app.read() as db:
        where = condition(db, "order", list(query or []), app.asker(db))
        days = (first.isoformat() if first else None, last.isoformat() if last else None)
        found = report(db, Asked(where, app.today.isoformat(), *days, split))
    if explain:
        show_explanation(app.out, t(FORMULA), _SOURCE, found.counted, found.left_out)
        return
    show_report(app.out, found.rows, found.total, split, keys, most)


FORMULA = (
    "amount: the sum of all orders and returns, exact before it is rounded, each in the base currency by the rate of"
    " its day; average: what orders that are no returns came to, by their number; margin: amount less cost, of orders"
    " whose cost is known; by product: the amounts of the lines"
)
