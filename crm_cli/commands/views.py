"""crm view: lists kept under a name, with their query, columns, order and groups."""

from typing import Annotated, Any

import typer

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, noun, option, sets

views = noun()
nouns = {"view": views}

ViewName = Annotated[p.Text, typer.Argument(metavar="NAME", help="the view")]
Kind = Annotated[p.Text, sets("--kind", "what it lists, as customers or orders; the query says it otherwise", "KIND")]
Columns = Annotated[p.Text, sets("--columns", "keys to show, in this order: name,phone; all: crm fields", "A,B,C")]
Sort = Annotated[p.Text, sets("--sort", "keys to sort by: -spent,name or spent:desc", "KEYS")]
GroupBy = Annotated[
    p.Text, sets("--group-by", "a row a group, with count and sums: owner,stage or created:quarter", "FIELD")
]
_PARTS = ("query", "columns", "sort", "group_by")


@views.command("save")
def save(
    ctx: Context,
    name: ViewName = None,
    query: p.Query = None,
    kind: Kind = None,
    columns: Columns = None,
    sort: Sort = None,
    group_by: GroupBy = None,
) -> None:
    """Keep a list under a name: its query, columns, order and groups."""
    from crm_cli.actions.views import save_view
    from crm_cli.commands import ask, viewing
    from crm_cli.commands.writes import write
    from crm_cli.errors import Misuse
    from crm_cli.queries.grammar import join_arguments
    from crm_cli.queries.nouns import noun_of_query
    from crm_cli.queries.views import Kept
    from crm_cli.store.writer import Work

    app = ctx.obj
    called = ask.need(app, name, "name")
    if not query and kind is None:
        raise Misuse(
            "--kind is missing: without a query nothing says what the view is of",
            hint="As: crm view save phones --kind customers --columns name,phone",
        )

    def act(w: Work) -> Any:
        asker = app.asker(w.db)
        of = viewing.kind_of(kind) if kind is not None else noun_of_query(w.db, query or [], asker)
        parts = (join_arguments(query or []), viewing.typed_columns(columns), sort, group_by)
        viewing.check(w.db, Kept(0, "", called, "", of, *parts), asker)
        return save_view(w, called, of, dict(zip(_PARTS, parts, strict=True)))

    write(app, act, single=True)


@views.command("list")
def list_(
    ctx: Context, columns: p.Columns = None, sort: p.Sort = None, limit: p.Limit = None, offset: p.Offset = None
) -> None:
    """List views, with what each keeps."""
    from crm_cli.commands.lists import show_small
    from crm_cli.commands.viewing import problem
    from crm_cli.queries.views import all_views

    app = ctx.obj
    with app.read() as db:
        asker = app.asker(db)
        rows = []
        for view in all_views(db):
            broken = problem(db, view, asker)
            rows.append({**view.published(), "problem": broken and broken.message()})
        show_small(app, "view", rows, columns, sort, limit, offset)


@views.command("show")
def show(
    ctx: Context,
    name: ViewName = None,
    query: p.Query = None,
    columns: p.Columns = None,
    sort: p.Sort = None,
    limit: p.Limit = None,
    offset: p.Offset = None,
    mine: p.Mine = False,
    all: p.All = False,
    removed: p.Removed = False,
    group_by: p.GroupBy = None,
) -> None:
    """List what a view shows now; further words of a query narrow it."""
    from crm_cli.commands import ask, viewing
    from crm_cli.commands.lists import Listed, page_of, show_view

    app = ctx.obj
    found = viewing.find_view(app, ask.need(app, name, "view", known=ask.small_names(app, "view")))
    asked = Listed(query, page_of(sort, limit, offset), columns, group_by)
    show_view(app, found.noun, found.name, asked, mine=mine, all_=all, removed=removed)


@views.command("edit")
def edit(
    ctx: Context,
    name: ViewName = None,
    query: p.Query = None,
    columns: Columns = None,
    sort: Sort = None,
    group_by: GroupBy = None,
    clear: Annotated[
        p.Several, option("--clear", "empty query, columns, sort or group-by; several are possible", "FIELD", p.TAKES)
    ] = None,
) -> None:
    """Give a view another query, other columns, another order or other groups."""
    from crm_cli.actions.views import edit_view
    from crm_cli.commands import ask, viewing
    from crm_cli.commands.writes import write
    from crm_cli.errors import Misuse
    from crm_cli.queries.grammar import join_arguments
    from crm_cli.queries.views import all_views
    from crm_cli.rules.fields import field_key
    from crm_cli.store.writer import Work

    app = ctx.obj
    found = viewing.find_view(app, ask.need(app, name, "view", known=ask.small_names(app, "view")))
    given = {"query": join_arguments(query or []) or None, "columns": viewing.typed_columns(columns)}
    given |= {"sort": sort, "group_by": group_by}
    own: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    for field in clear or []:
        if field_key(field) not in _PARTS:
            raise Misuse(
                "A view has no {field} to clear", hint="Known here: {known}", field=field, known=" ".join(_PARTS)
            )
        own[field_key(field)] = "" if field_key(field) == "query" else None
    if not own:
        raise Misuse("Nothing says what to change", hint="See: crm {noun} edit --help", noun="view")

    def act(w: Work) -> Any:
        now = all_views(w.db, ids=[found.id])[0]
        viewing.check(w.db, now._replace(**own), app.asker(w.db))
        return edit_view(w, found.id, own)

    write(app, act, single=True)


@views.command("rename")
def rename(
    ctx: Context,
    name: ViewName = None,
    new: Annotated[p.Text, typer.Argument(metavar="NEW", help="its new name")] = None,
) -> None:
    """Rename a view."""
    from crm_cli.actions.views import rename_view
    from crm_cli.commands import ask, viewing
    from crm_cli.commands.writes import write

    app = ctx.obj
    found = viewing.find_view(app, ask.need(app, name, "view", known=ask.small_names(app, "view")))
    called = ask.need(app, new, "new name")
    write(app, lambda w: rename_view(w, found.id, called), single=True)


@views.command("remove")
def remove(ctx: Context, name: ViewName = None) -> None:
    """Remove a view; the records in it stay as they are."""
    from crm_cli.actions.views import remove_view
    from crm_cli.commands import ask, viewing
    from crm_cli.commands.writes import write

    app = ctx.obj
    found = viewing.find_view(app, ask.need(app, name, "view", known=ask.small_names(app, "view")))
    write(app, lambda w: remove_view(w, found.id))
