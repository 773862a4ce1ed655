"""crm task: what is to be done, and by when."""

from typing import Annotated

import typer

from crm_cli.commands import params as p
from crm_cli.commands.lists import Listed, page_of, show_view
from crm_cli.commands.params import Context, noun, option, options_of, sets
from crm_cli.errors import Misuse
from crm_cli.queries.find import DONE_TASKS, OPEN_TASKS

tasks = noun()
nouns = {"task": tasks}


@tasks.command("add")
def add(
    ctx: Context,
    text: Annotated[p.Several, typer.Argument(metavar="TEXT...", help="what is to be done")] = None,
    customer: p.Customer = None,
    deal: p.Deal = None,
    due: p.Due = None,
    priority: p.Priority = None,
    every: p.Every = None,
    owner: p.Owner = None,
    for_: Annotated[p.Several, option("--for", "one for each customer of a query", "QUERY", p.WHICH)] = None,
) -> None:
    """Add a task for a customer or a deal."""
    from crm_cli.actions.tasks import add_tasks
    from crm_cli.commands import ask, keeping, settling
    from crm_cli.commands.writes import write

    app, options = ctx.obj, options_of(ctx)
    if for_ and (customer or deal):
        raise Misuse("--for and --customer or --deal do not go together", hint="--for says for which customers.")
    options["text"] = " ".join(text) if text else ask.need(app, None, "text")
    settling.settle_links(app, options)
    if not for_:
        with keeping.nothing_lost(app, lambda: keeping.line_words(["task", "add"], options, "text")):
            write(app, lambda w: add_tasks(w, options, customer_ids=None, country=app.country), single=True)
        return
    chosen = ask.Chosen(app, "customer", for_, does="given")
    write(app, lambda w: add_tasks(w, options, customer_ids=chosen.ids(w), country=app.country))


@tasks.command("list")
def list_(
    ctx: Context,
    query: p.Query = None,
    columns: p.Columns = None,
    sort: p.Sort = None,
    limit: p.Limit = None,
    offset: p.Offset = None,
    mine: p.Mine = False,
    all: p.All = False,
    removed: p.Removed = False,
    group_by: p.GroupBy = None,
    view: p.View = None,
) -> None:
    """List tasks: the open ones, unless the query says otherwise."""
    listed = Listed(query, page_of(sort, limit, offset), columns, group_by)
    show_view(ctx.obj, "task", view, listed, mine=mine, all_=all, removed=removed)


@tasks.command("show")
def show(ctx: Context, ref: p.Ref = None) -> None:
    """Show one task."""
    from crm_cli.commands import showing

    showing.show(ctx.obj, ref, ["task"], "task")


@tasks.command("done")
def done(ctx: Context, refs: p.Refs = None) -> None:
    """Tick tasks off; a recurring one is followed by the next."""
    from crm_cli.actions.tasks import done_tasks
    from crm_cli.commands import ask
    from crm_cli.commands.writes import write

    chosen = ask.Chosen(ctx.obj, "task", refs, scope=OPEN_TASKS, does="done")
    write(ctx.obj, lambda w: done_tasks(w, chosen.ids(w)))


@tasks.command("snooze")
def snooze(
    ctx: Context,
    refs: Annotated[
        p.Several, typer.Argument(metavar="REF... D", help="tasks, and the day they are put off to")
    ] = None,
    to: Annotated[p.Text, sets("--to", "the day, where a query stands before it", "D")] = None,
) -> None:
    """Put tasks off until a day."""
    from crm_cli.actions.tasks import snooze_tasks
    from crm_cli.commands import ask
    from crm_cli.commands.writes import write

    app = ctx.obj
    words = list(refs or [])
    if to is None:
        to = words.pop() if len(words) > 1 else None
    day = ask.need_day(app, to)
    chosen = ask.Chosen(app, "task", words, scope=OPEN_TASKS, does="snoozed", to=day)
    write(app, lambda w: snooze_tasks(w, chosen.ids(w), day))


@tasks.command("edit")
def edit(
    ctx: Context,
    refs: p.Refs = None,
    text: Annotated[p.Text, sets("--text", "another text", "T")] = None,
    customer: p.Customer = None,
    deal: p.Deal = None,
    due: p.Due = None,
    priority: p.Priority = None,
    every: p.Every = None,
    owner: p.Owner = None,
    clear: p.Clear = None,
) -> None:
    """Change one or more tasks."""
    from crm_cli.actions.tasks import edit_tasks
    from crm_cli.commands import records, settling

    app, options = ctx.obj, options_of(ctx)
    settling.settle_links(app, options)
    records.edit(app, "task", refs, options, lambda w, ids: edit_tasks(w, ids, options, country=app.country))


@tasks.command("reopen")
def reopen(ctx: Context, refs: p.Refs = None) -> None:
    """Open done tasks again."""
    from crm_cli.actions.tasks import reopen_tasks
    from crm_cli.commands import ask
    from crm_cli.commands.writes import write

    chosen = ask.Chosen(ctx.obj, "task", refs, scope=DONE_TASKS, does="opened")
    write(ctx.obj, lambda w: reopen_tasks(w, chosen.ids(w)))


@tasks.command("remove")
def remove(ctx: Context, refs: p.Refs = None) -> None:
    """Hide tasks; restore brings them back."""
    from crm_cli.commands import records

    records.remove(ctx.obj, "task", refs)


@tasks.command("restore")
def restore(ctx: Context, refs: p.Refs = None) -> None:
    """Bring removed tasks back."""
    from crm_cli.commands import records

    records.restore(ctx.obj, "task", refs)
