"""crm tag and crm segment: words put on records, and queries kept under a name."""

from typing import Annotated

import typer

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, noun, option, sets

tags = noun()
segments = noun()
nouns = {"tag": tags, "segment": segments}

TagName = Annotated[p.Text, typer.Argument(metavar="TAG", help="the tag")]
SegmentName = Annotated[p.Text, typer.Argument(metavar="NAME", help="the segment")]


@tags.command("add")
def add_tag(ctx: Context, tag: TagName = None, refs: p.Refs = None) -> None:
    """Put a tag on customers, contacts or deals."""
    from crm_cli.actions.words import tag_records
    from crm_cli.commands import ask, tagging

    app = ctx.obj
    name = ask.need(app, tag, "tag", known=ask.small_names(app, "tag"))
    tagging.change(app, "add", name, refs, lambda w, found: tag_records(w, name, found))


@tags.command("remove")
def remove_tag(ctx: Context, tag: TagName = None, refs: p.Refs = None) -> None:
    """Take a tag off customers, contacts or deals."""
    from crm_cli.actions.words import untag_records
    from crm_cli.commands import ask, tagging

    app = ctx.obj
    name = ask.need(app, tag, "tag", known=ask.small_names(app, "tag"))
    tagging.change(app, "remove", name, refs, lambda w, found: untag_records(w, name, found))


@tags.command("list")
def list_tags(
    ctx: Context, columns: p.Columns = None, sort: p.Sort = None, limit: p.Limit = None, offset: p.Offset = None
) -> None:
    """List tags, with how many records have them."""
    from crm_cli.commands.lists import show_small
    from crm_cli.queries import team

    with ctx.obj.read() as db:
        show_small(ctx.obj, "tag", team.tags(db), columns, sort, limit, offset)


@tags.command("rename")
def rename_tag(
    ctx: Context, tag: TagName = None, new: Annotated[p.Text, typer.Argument(metavar="NEW", help="its new name")] = None
) -> None:
    """Rename a tag everywhere."""
    from crm_cli.actions.words import rename_tag as rename
    from crm_cli.commands import ask
    from crm_cli.commands.writes import write

    app = ctx.obj
    old, name = ask.need(app, tag, "tag", known=ask.small_names(app, "tag")), ask.need(app, new, "new name")
    write(app, lambda w: rename(w, old, name), single=True)


@segments.command("add")
def add_segment(ctx: Context, name: SegmentName = None, query: p.Query = None) -> None:
    """Keep a query under a name; who is in it follows from the data."""
    from crm_cli.actions.words import add_segment as keep
    from crm_cli.commands import ask
    from crm_cli.commands.writes import write

    app = ctx.obj
    called = ask.need(app, name, "name")
    asked = ask.need_many(app, query, "query")
    write(app, lambda w: keep(w, called, asked, app.asker(w.db)), single=True)


@segments.command("list")
def list_segments(
    ctx: Context, columns: p.Columns = None, sort: p.Sort = None, limit: p.Limit = None, offset: p.Offset = None
) -> None:
    """List segments, with how many records are in each now."""
    from crm_cli.commands.lists import show_small
    from crm_cli.queries.segments import segments as all_segments

    with ctx.obj.read() as db:
        show_small(ctx.obj, "segment", all_segments(db, ctx.obj.asker(db)), columns, sort, limit, offset)


@segments.command("show")
def show_segment(
    ctx: Context,
    name: SegmentName = None,
    columns: p.Columns = None,
    sort: p.Sort = None,
    limit: p.Limit = None,
    offset: p.Offset = None,
    history: Annotated[
        bool, typer.Option("--history", help="who came into it and who left, by day", rich_help_panel=p.OUTPUT)
    ] = False,
    from_: Annotated[p.Text, option("--from", "of the history, from this day on: -7d, last week", "D", p.WHICH)] = None,
) -> None:
    """List the records that are in a segment now, or who came and who left."""
    from crm_cli.commands import ask, tagging
    from crm_cli.commands.lists import page_of, show_list

    app = ctx.obj
    found = tagging.find_segment(app, ask.need(app, name, "segment", known=ask.small_names(app, "segment")))
    if history or from_:
        tagging.show_history(app, found, from_, (columns, sort, limit, offset))
        return
    if not app.out.is_data:
        app.out.say("{name}: {query}", name=found[1], query=found[3])
    show_list(app, found[2], [f"segment:{found[1]}"], page_of(sort, limit, offset), columns)


@segments.command("edit")
def edit_segment(
    ctx: Context,
    name: SegmentName = None,
    query: p.Query = None,
    rename: Annotated[p.Text, sets("--name", "another name", "T")] = None,
) -> None:
    """Give a segment another query or name."""
    from crm_cli.actions.words import edit_segment as change
    from crm_cli.commands import ask, tagging
    from crm_cli.commands.writes import write
    from crm_cli.errors import Misuse

    app = ctx.obj
    found = tagging.find_segment(app, ask.need(app, name, "segment", known=ask.small_names(app, "segment")))
    if not query and not rename:
        raise Misuse("Nothing says what to change", hint="See: crm {noun} edit --help", noun="segment")
    write(app, lambda w: change(w, found[0], rename, query or [], app.asker(w.db)), single=True)


@segments.command("rename")
def rename_segment(
    ctx: Context,
    name: SegmentName = None,
    new: Annotated[p.Text, typer.Argument(metavar="NEW", help="its new name")] = None,
) -> None:
    """Rename a segment, also where other segments and views ask for it."""
    from crm_cli.actions.words import edit_segment as change
    from crm_cli.commands import ask, tagging
    from crm_cli.commands.writes import write

    app = ctx.obj
    found = tagging.find_segment(app, ask.need(app, name, "segment", known=ask.small_names(app, "segment")))
    called = ask.need(app, new, "new name")
    write(app, lambda w: change(w, found[0], called, [], app.asker(w.db)), single=True)


@segments.command("remove")
def remove_segment(ctx: Context, name: SegmentName = None) -> None:
    """Remove a segment; the records in it stay as they are."""
    from crm_cli.actions.words import remove_segment as hide
    from crm_cli.commands import ask, tagging
    from crm_cli.commands.writes import write

    app = ctx.obj
    found = tagging.find_segment(app, ask.need(app, name, "segment", known=ask.small_names(app, "segment")))
    write(app, lambda w: hide(w, found[0]))
