"""Orders on the screen: what was ordered, a bar a row, and all of it in one line."""

from collections.abc import Sequence
from typing import Any

from crm_cli.i18n import t, tn
from crm_cli.output.output import Output
from crm_cli.output.reports import show_bars
from crm_cli.output.views import VIEWS
from crm_cli.rules.money import format_number

Row = dict[str, Any]


def show_report(
    out: Output, whole: list[Row], total: Row, by: str, chosen: Sequence[str] | None, most: int | None
) -> None:
    """Rows as data, or a table with a bar for the money and a line for `total`, the row of all of them."""
    further = {"customer": ["customer_id"], "product": ["code"]}.get(by, [])
    rows = whole[:most] if most is not None else whole
    if out.is_data or chosen:
        own = [] if by == "total" else [by, *further]
        out.records("sales", rows, chosen or [*own, *VIEWS["sales"].keys])
        return
    if not total["orders"] and not total["returns"]:
        out.say("Nothing was ordered.")
        return
    told = [key for key, _ in VIEWS["sales"].columns if (by, key) != ("customer", "customers")]
    shown = [key for key in told if any(row.get(key) not in (None, 0) for row in rows)]
    if by != "total":
        none = t("none")
        named = [{**row, by: row[by] if row[by] not in (None, "") else none} for row in rows]
        bars = [max(0.0, float(row["amount"])) for row in rows]
        show_bars(out, "sales", named, [by, *shown], bars)
        out.more(len(rows), len(whole))
    else:
        out.records("sales", rows, shown)
    if out.format != "md":
        out.print(_sentence(total))


def _sentence(total: Row) -> str:
    orders = tn("{n} order", "{n} orders", total["orders"])
    customers = tn("{n} customer", "{n} customers", total["customers"])
    amount = format_number(total["amount"], total["currency"] or "")
    if not total["returns"]:
        return t("{orders} of {customers}: {amount}", orders=orders, customers=customers, amount=amount)
    returns = tn("{n} return", "{n} returns", total["returns"])
    return t("{orders} and {returns} of {customers}: {amount}", orders=orders, returns=returns, customers=customers,
             amount=amount)  # fmt: skip
