"""crm customer: companies and persons who buy, or may buy."""

from typing import Annotated

import typer

from crm_cli.commands import merging as m
from crm_cli.commands import params as p
from crm_cli.commands.lists import Listed, page_of, show_view
from crm_cli.commands.params import Context, noun, options_of

customers = noun()
nouns = {"customer": customers}


@customers.command("add")
def add(
    ctx: Context,
    name: p.Name = None,
    kind: p.Kind = None,
    status: p.Status = None,
    email: p.Email = None,
    phone: p.Phone = None,
    website: p.Website = None,
    messenger: p.Messenger = None,
    industry: p.Industry = None,
    size: p.Size = None,
    region: p.Region = None,
    country: p.Country = None,
    city: p.City = None,
    address: p.Address = None,
    source: p.Source = None,
    referred_by: p.ReferredBy = None,
    parent: p.Parent = None,
    owner: p.Owner = None,
    tag: p.Tag = None,
    birthday: p.Birthday = None,
    language: p.Language = None,
    prefers: p.Prefers = None,
    cadence: p.Cadence = None,
    note: p.Note = None,
    set: p.SetPairs = None,
    duplicate: p.Duplicate = False,
) -> None:
    """Add a customer."""
    from crm_cli.actions.customers import add_customer
    from crm_cli.commands import ask, records, settling

    app, options = ctx.obj, options_of(ctx)
    records.check_first(app, "customer", options)
    options["name"] = ask.need(app, name, "name", check=records.name_check("name"))
    if kind is None and not birthday and ask.may_ask_more(app):
        options["kind"] = records.ask_kind(app)
    settling.settle_links(app, options)
    records.add(
        app,
        "customer",
        options,
        lambda w, again: add_customer(w, options, country=app.country, duplicate=again),
        duplicate,
    )


@customers.command("list")
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
    """List customers."""
    listed = Listed(query, page_of(sort, limit, offset), columns, group_by)
    show_view(ctx.obj, "customer", view, listed, mine=mine, removed=removed)


@customers.command("show")
def show(
    ctx: Context,
    ref: p.Ref = None,
    portrait: Annotated[
        bool,
        typer.Option(
            "--portrait",
            help="on one page: who they are, how they buy, what they said, whom to ask, what is next",
            rich_help_panel=p.OUTPUT,
        ),
    ] = False,
) -> None:
    """Show everything about one customer."""
    from crm_cli.commands import showing

    if portrait:
        showing.show_portrait(ctx.obj, ref)
    else:
        showing.show(ctx.obj, ref, ["customer"], "customer")


@customers.command("edit")
def edit(
    ctx: Context,
    refs: p.Refs = None,
    name: p.NewName = None,
    kind: p.Kind = None,
    status: p.Status = None,
    email: p.Email = None,
    phone: p.Phone = None,
    website: p.Website = None,
    messenger: p.Messenger = None,
    industry: p.Industry = None,
    size: p.Size = None,
    region: p.Region = None,
    country: p.Country = None,
    city: p.City = None,
    address: p.Address = None,
    source: p.Source = None,
    referred_by: p.ReferredBy = None,
    parent: p.Parent = None,
    owner: p.Owner = None,
    tag: p.Tag = None,
    birthday: p.Birthday = None,
    language: p.Language = None,
    prefers: p.Prefers = None,
    cadence: p.Cadence = None,
    note: p.Note = None,
    lifecycle: p.Lifecycle = None,
    set: p.SetPairs = None,
    clear: p.Clear = None,
    drop: p.Drop = None,
) -> None:
    """Change one or more customers: an option sets, what can be several gains one."""
    from crm_cli.actions.customers import edit_customers
    from crm_cli.commands import records, settling

    app, options = ctx.obj, options_of(ctx)
    settling.settle_links(app, options)
    records.edit(app, "customer", refs, options, lambda w, ids: edit_customers(w, ids, options, country=app.country))


@customers.command("remove")
def remove(ctx: Context, refs: p.Refs = None) -> None:
    """Hide customers with all that hangs on them; restore brings them back."""
    from crm_cli.commands import records

    records.remove(ctx.obj, "customer", refs)


@customers.command("restore")
def restore(ctx: Context, refs: p.Refs = None) -> None:
    """Bring removed customers back with all that went with them."""
    from crm_cli.commands import records

    records.restore(ctx.obj, "customer", refs)


@customers.command("merge")
def merge(ctx: Context, keep: m.Keep = None, drops: m.Drops = None, take: m.Take = None) -> None:
    """Make one of several customers: all that hangs on DROP moves to KEEP, which gets what it lacks."""
    m.merge_records(ctx.obj, "customer", keep, drops, take or [])
