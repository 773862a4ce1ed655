"""crm product: what is sold, products and services, and what goes with them."""

from typing import Annotated, Any

import typer

from crm_cli.commands import params as p
from crm_cli.commands.lists import Listed, page_of, show_view
from crm_cli.commands.params import Context, noun, option, options_of, sets
from crm_cli.context import App

products = noun()
nouns = {"product": products}

Code = Annotated[p.Text, sets("--code", "its code, unlike that of any other", "C")]
Kind = Annotated[p.Text, sets("--kind", "product or service; product by default", "K")]
Category = Annotated[p.Text, sets("--category", "a path: software/crm/licence", "A/B/C")]
Unit = Annotated[p.Text, sets("--unit", "what one of it is: seat, kg, month", "T")]
Price = Annotated[p.Several, sets("--price", "list price, one a currency: 100EUR; several are possible", "M")]
Cost = Annotated[p.Text, sets("--cost", "what one costs us: 60EUR", "M")]
Audience = Annotated[p.Text, sets("--for", "whom it is for", "T")]
One = Annotated[p.Text, typer.Argument(metavar="PRODUCT", help="a product: code, id or name")]
Other = Annotated[p.Text, typer.Argument(metavar="OTHER", help="the product that goes with it")]


def _usual(app: App) -> dict[str, Any]:
    """What an amount is read by."""
    return {"currency": app.config.get("currency"), "decimal": app.decimal}


@products.command("add")
def add(
    ctx: Context,
    name: p.Name = None,
    code: Code = None,
    kind: Kind = None,
    category: Category = None,
    unit: Unit = None,
    price: Price = None,
    cost: Cost = None,
    audience: Audience = None,
    inactive: Annotated[bool, typer.Option("--inactive", help="not sold now", rich_help_panel=p.SETS)] = False,
    note: p.Note = None,
    set: p.SetPairs = None,
) -> None:
    """Add a product or a service."""
    from crm_cli.actions.products import add_product
    from crm_cli.commands import ask, keeping, records
    from crm_cli.commands.writes import write

    app, options = ctx.obj, options_of(ctx)
    records.check_first(app, "product", options)
    options["name"] = ask.need(app, name, "name", check=records.name_check("name"))
    with keeping.nothing_lost(app, lambda: keeping.line_words(["product", "add"], options, "name")):
        write(app, lambda w: add_product(w, options, **_usual(app)), single=True)


@products.command("list")
def list_(
    ctx: Context,
    query: p.Query = None,
    columns: p.Columns = None,
    sort: p.Sort = None,
    limit: p.Limit = None,
    offset: p.Offset = None,
    removed: p.Removed = False,
    group_by: p.GroupBy = None,
    view: p.View = None,
) -> None:
    """List products: is:active for those that are sold, is:service for services."""
    listed = Listed(query, page_of(sort, limit, offset), columns, group_by)
    show_view(ctx.obj, "product", view, listed, removed=removed)


@products.command("show")
def show(ctx: Context, ref: p.Ref = None) -> None:
    """Show everything about one product: what goes with it, what that comes to, who bought it."""
    from crm_cli.commands import showing

    showing.show(ctx.obj, ref, ["product"], "product")


@products.command("edit")
def edit(
    ctx: Context,
    refs: p.Refs = None,
    name: p.NewName = None,
    code: Code = None,
    kind: Kind = None,
    category: Category = None,
    unit: Unit = None,
    price: Price = None,
    cost: Cost = None,
    audience: Audience = None,
    active: Annotated[
        bool | None, typer.Option("--active/--inactive", help="sold now, or not", rich_help_panel=p.SETS)
    ] = None,
    note: p.Note = None,
    set: p.SetPairs = None,
    clear: p.Clear = None,
    drop: p.Drop = None,
) -> None:
    """Change one or more products: an option sets, --price sets the price in its currency."""
    from crm_cli.actions.products import edit_products
    from crm_cli.commands import records

    app, options = ctx.obj, options_of(ctx)
    if active is not None:
        options["active"] = active
    records.edit(app, "product", refs, options, lambda w, ids: edit_products(w, ids, options, **_usual(app)))


@products.command("remove")
def remove(ctx: Context, refs: p.Refs = None) -> None:
    """Hide products; lines of orders and deals keep them, restore brings them back."""
    from crm_cli.commands import records

    records.remove(ctx.obj, "product", refs)


@products.command("restore")
def restore(ctx: Context, refs: p.Refs = None) -> None:
    """Bring removed products back."""
    from crm_cli.actions.products import restore_products
    from crm_cli.commands import ask
    from crm_cli.commands.writes import write

    chosen = ask.Chosen(ctx.obj, "product", refs, removed=True, does="restored")
    write(ctx.obj, lambda w: restore_products(w, chosen.ids(w)))


@products.command("link")
def link(
    ctx: Context,
    product: One = None,
    other: Other = None,
    kind: Annotated[
        p.Text, sets("--as", "what OTHER is to it: requires, recommended, included or replaces", "KIND")
    ] = None,
    quantity: Annotated[p.Text, sets("--quantity", "how many of it; one by default", "N")] = None,
    months: Annotated[p.Text, sets("--months", "for how many months, where it is a service", "N")] = None,
) -> None:
    """Link a product to another: what it requires, what is included in it, recommended, or replaced by it."""
    from crm_cli.actions.bundles import link_products
    from crm_cli.commands import ask
    from crm_cli.commands.writes import write

    app = ctx.obj
    one = ask.need_ref(app, product, "product", ["product"])
    two = ask.need_ref(app, other, "other product", ["product"])
    as_ = ask.need(app, kind, "kind", option="--as", known=ask.fixed_names("product_link"))
    write(
        app,
        lambda w: link_products(w, one, two, as_, quantity=quantity, months=months, decimal=app.decimal),
        single=True,
    )


@products.command("unlink")
def unlink(
    ctx: Context,
    product: One = None,
    other: Other = None,
    kind: Annotated[
        p.Text, option("--as", "only this link: requires, recommended, included or replaces", "KIND", p.TAKES)
    ] = None,
) -> None:
    """Take the links from a product to another away."""
    from crm_cli.actions.bundles import unlink_products
    from crm_cli.commands import ask
    from crm_cli.commands.writes import write

    app = ctx.obj
    one = ask.need_ref(app, product, "product", ["product"])
    two = ask.need_ref(app, other, "other product", ["product"])
    write(app, lambda w: unlink_products(w, one, two, kind), single=True)
