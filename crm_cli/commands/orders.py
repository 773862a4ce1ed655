"""crm order: what customers bought, and what came back."""

from typing import Annotated, Any

import typer

from crm_cli.commands import params as p
from crm_cli.commands.lists import Listed, page_of, show_view
from crm_cli.commands.params import Context, noun, options_of, sets
from crm_cli.context import App

orders = noun()
nouns = {"order": orders}

Lines = Annotated[
    p.Several,
    sets("--line", "what of it: CODE:3, CODE:3@99.50-10%, CODE:-2 for what came back; several", "CODE:QTY"),
]
Amount = Annotated[p.Text, sets("--amount", "what it came to, where no lines say it; -50EUR came back", "M")]
Cost = Annotated[p.Text, sets("--cost", "what it cost us; of lines it is known from the products", "M")]
On = Annotated[p.Text, sets("--on", "the day it was ordered; today by default", "D")]
Number = Annotated[p.Text, sets("--number", "its number, as on the invoice", "N")]


@orders.command("add")
def add(
    ctx: Context,
    customer: Annotated[p.Text, typer.Argument(metavar="CUSTOMER", help="who bought")] = None,
    line: Lines = None,
    amount: Amount = None,
    currency: p.Currency = None,
    cost: Cost = None,
    on: On = None,
    number: Number = None,
    deal: p.Deal = None,
    owner: p.Owner = None,
    note: p.Note = None,
    set: p.SetPairs = None,
    duplicate: p.Duplicate = False,
) -> None:
    """Add an order of a customer."""
    from crm_cli.actions.orders import add_order
    from crm_cli.commands import ask, records, settling

    app, options = ctx.obj, options_of(ctx)
    options["customer"] = ask.need_ref(app, customer, "customer", ["customer"])
    if line is None and amount is None and app.is_interactive:
        options["amount"] = ask.need(app, None, "amount")
    settling.settle_links(app, options)
    ask.currency_for(app, options)
    records.add(
        app, "order", options, lambda w, again: add_order(w, options, duplicate=again, **_usual(app)), duplicate
    )


def _usual(app: App) -> dict[str, Any]:
    """What an amount or a reference is read by."""
    return {"country": app.country, "currency": app.config.get("currency"), "decimal": app.decimal}


@orders.command("list")
def list_(
    ctx: Context,
    query: p.Query = None,
    columns: p.Columns = None,
    sort: p.Sort = None,
    limit: p.Limit = None,
    offset: p.Offset = None,
    mine: p.Mine = False,
    removed: p.Removed = False,
    group_by: p.GroupBy = None,
    view: p.View = None,
) -> None:
    """List orders, the newest first."""
    listed = Listed(query, page_of(sort, limit, offset), columns, group_by)
    show_view(ctx.obj, "order", view, listed, mine=mine, removed=removed)


@orders.command("show")
def show(ctx: Context, ref: p.Ref = None) -> None:
    """Show everything about one order: its lines, its margin, its deal."""
    from crm_cli.commands import showing

    showing.show(ctx.obj, ref, ["order"], "order")


@orders.command("edit")
def edit(
    ctx: Context,
    refs: p.Refs = None,
    customer: p.Customer = None,
    line: Lines = None,
    amount: Amount = None,
    currency: p.Currency = None,
    cost: Cost = None,
    on: On = None,
    number: Number = None,
    deal: p.Deal = None,
    owner: p.Owner = None,
    note: p.Note = None,
    set: p.SetPairs = None,
    clear: p.Clear = None,
) -> None:
    """Change one or more orders; --line replaces all lines."""
    from crm_cli.actions.orders import edit_orders
    from crm_cli.commands import records, settling

    app, options = ctx.obj, options_of(ctx)
    if not options.keys() - {"refs"}:
        raise records.nothing_said("order")
    settling.settle_links(app, options)
    records.edit(app, "order", refs, options, lambda w, ids: edit_orders(w, ids, options, **_usual(app)))


@orders.command("remove")
def remove(ctx: Context, refs: p.Refs = None) -> None:
    """Hide orders; restore brings them back."""
    from crm_cli.commands import records

    records.remove(ctx.obj, "order", refs)


@orders.command("restore")
def restore(ctx: Context, refs: p.Refs = None) -> None:
    """Bring removed orders back."""
    from crm_cli.commands import records

    records.restore(ctx.obj, "order", refs)
