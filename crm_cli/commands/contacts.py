"""crm contact: the people at a customer."""

from crm_cli.commands import merging as m
from crm_cli.commands import params as p
from crm_cli.commands.lists import Listed, page_of, show_view
from crm_cli.commands.params import Context, noun, options_of

contacts = noun()
nouns = {"contact": contacts}


@contacts.command("add")
def add(
    ctx: Context,
    name: p.Name = None,
    customer: p.Customer = None,
    title: p.Title = None,
    role: p.Role = None,
    email: p.Email = None,
    phone: p.Phone = None,
    messenger: p.Messenger = None,
    birthday: p.Birthday = None,
    prefers: p.Prefers = None,
    tag: p.Tag = None,
    note: p.Note = None,
    set: p.SetPairs = None,
    duplicate: p.Duplicate = False,
) -> None:
    """Add a person at a customer."""
    from crm_cli.actions.contacts import add_contact
    from crm_cli.commands import ask, records

    app, options = ctx.obj, options_of(ctx)
    records.check_first(app, "contact", options)
    options["name"] = ask.need(app, name, "name", check=records.name_check("name"))
    options["customer"] = ask.need_ref(app, customer, "customer", ["customer"], option="--customer")
    records.add(
        app,
        "contact",
        options,
        lambda w, again: add_contact(w, options, country=app.country, duplicate=again),
        duplicate,
    )


@contacts.command("list")
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
    """List contacts."""
    listed = Listed(query, page_of(sort, limit, offset), columns, group_by)
    show_view(ctx.obj, "contact", view, listed, removed=removed)


@contacts.command("show")
def show(ctx: Context, ref: p.Ref = None) -> None:
    """Show everything about one contact."""
    from crm_cli.commands import showing

    showing.show(ctx.obj, ref, ["contact"], "contact")


@contacts.command("edit")
def edit(
    ctx: Context,
    refs: p.Refs = None,
    name: p.NewName = None,
    customer: p.Customer = None,
    title: p.Title = None,
    role: p.Role = None,
    email: p.Email = None,
    phone: p.Phone = None,
    messenger: p.Messenger = None,
    birthday: p.Birthday = None,
    prefers: p.Prefers = None,
    tag: p.Tag = None,
    note: p.Note = None,
    set: p.SetPairs = None,
    clear: p.Clear = None,
    drop: p.Drop = None,
) -> None:
    """Change one or more contacts: an option sets, what can be several gains one."""
    from crm_cli.actions.contacts import edit_contacts
    from crm_cli.commands import records, settling

    app, options = ctx.obj, options_of(ctx)
    settling.settle_links(app, options)
    records.edit(app, "contact", refs, options, lambda w, ids: edit_contacts(w, ids, options, country=app.country))


@contacts.command("remove")
def remove(ctx: Context, refs: p.Refs = None) -> None:
    """Hide contacts; restore brings them back."""
    from crm_cli.commands import records

    records.remove(ctx.obj, "contact", refs)


@contacts.command("restore")
def restore(ctx: Context, refs: p.Refs = None) -> None:
    """Bring removed contacts back."""
    from crm_cli.commands import records

    records.restore(ctx.obj, "contact", refs)


@contacts.command("merge")
def merge(ctx: Context, keep: m.Keep = None, drops: m.Drops = None, take: m.Take = None) -> None:
    """Make one of several contacts: all that hangs on DROP moves to KEEP, which gets what it lacks."""
    m.merge_records(ctx.obj, "contact", keep, drops, take or [])
