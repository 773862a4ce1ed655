"""crm deal: possible sales, from lead to won or lost."""

from typing import Annotated, Any

import typer

from crm_cli.commands import params as p
from crm_cli.commands.lists import Listed, page_of, show_view
from crm_cli.commands.params import Context, noun, option, options_of, sets
from crm_cli.context import App
from crm_cli.errors import NotFound
from crm_cli.queries.find import CLOSED_DEALS, OPEN_DEALS

deals = noun()
nouns = {"deal": deals}

Opened = Annotated[p.Text, sets("--opened", "day it was opened, today by default", "D")]
Reason = Annotated[p.Text, sets("--reason", "why it was lost: price, timing", "T")]


@deals.command("add")
def add(
    ctx: Context,
    title: Annotated[p.Text, typer.Argument(metavar="TITLE", help="what is to be sold")] = None,
    customer: p.Customer = None,
    amount: p.Amount = None,
    currency: p.Currency = None,
    line: p.Line = None,
    stage: p.Stage = None,
    close: p.Close = None,
    opened: Opened = None,
    probability: p.Probability = None,
    source: p.Source = None,
    contact: p.Contacts = None,
    next: p.NextStep = None,
    due: p.Due = None,
    risk: p.Risk = None,
    lost_reason: Reason = None,
    owner: p.Owner = None,
    tag: p.Tag = None,
    set: p.SetPairs = None,
    duplicate: p.Duplicate = False,
) -> None:
    """Add a deal of a customer."""
    from crm_cli.actions.deals import add_deal
    from crm_cli.commands import ask, records, settling

    app, options = ctx.obj, options_of(ctx)
    records.check_first(app, "deal", options)
    options["title"] = ask.need(app, title, "title", check=records.name_check("title"))
    options["customer"] = ask.need_ref(app, customer, "customer", ["customer"], option="--customer")
    settling.settle_links(app, options)
    ask.currency_for(app, options)
    records.add(app, "deal", options, lambda w, again: add_deal(w, options, duplicate=again, **_usual(app)), duplicate)


def _usual(app: App) -> dict[str, Any]:
    """What an amount or a reference is read by."""
    return {"country": app.country, "currency": app.config.get("currency"), "decimal": app.decimal}


@deals.command("list")
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
    """List deals: the open ones, unless the query names a stage or a status."""
    listed = Listed(query, page_of(sort, limit, offset), columns, group_by)
    show_view(ctx.obj, "deal", view, listed, mine=mine, all_=all, removed=removed)


@deals.command("show")
def show(ctx: Context, ref: p.Ref = None) -> None:
    """Show everything about one deal."""
    from crm_cli.commands import showing

    showing.show(ctx.obj, ref, ["deal"], "deal")


@deals.command("edit")
def edit(
    ctx: Context,
    refs: p.Refs = None,
    title: Annotated[p.Text, sets("--title", "another title", "T")] = None,
    customer: p.Customer = None,
    amount: p.Amount = None,
    currency: p.Currency = None,
    line: p.Line = None,
    stage: p.Stage = None,
    close: p.Close = None,
    opened: Opened = None,
    probability: p.Probability = None,
    source: p.Source = None,
    contact: p.Contacts = None,
    risk: p.Risk = None,
    lost_reason: Reason = None,
    owner: p.Owner = None,
    tag: p.Tag = None,
    set: p.SetPairs = None,
    clear: p.Clear = None,
    drop: p.Drop = None,
) -> None:
    """Change one or more deals: an option sets, what can be several gains one."""
    from crm_cli.actions.deals import edit_deals
    from crm_cli.commands import records, settling

    app, options = ctx.obj, options_of(ctx)
    settling.settle_links(app, options)
    records.edit(app, "deal", refs, options, lambda w, ids: edit_deals(w, ids, options, **_usual(app)))


@deals.command("move")
def move(
    ctx: Context,
    refs: Annotated[p.Several, typer.Argument(metavar="REF... STAGE", help="deals, and the stage they go to")] = None,
    to: Annotated[p.Text, option("--to", "the stage, where a query stands before it", "STAGE")] = None,
    on: p.On = None,
    reason: Reason = None,
    note: p.Note = None,
) -> None:
    """Move open deals to another stage."""
    from crm_cli.actions.moves import move_deals
    from crm_cli.commands import ask, closing, keeping, nearly, settling
    from crm_cli.commands.writes import write

    app = ctx.obj
    words = list(refs or [])
    if to is None:
        to = words.pop() if len(words) > 1 else None
    stage = settling.settle_stage(app, ask.need(app, to, "stage", known=ask.small_names(app, "stage")))
    if reason is None and settling.is_lost(app, stage):
        reason = ask.need_reason(app)
    said = closing.spoken(app, on=on, reason=reason, note=note)
    try:
        chosen = ask.Chosen(app, "deal", words, scope=OPEN_DEALS, does="moved", to=settling.stage_name(app, stage))
    except NotFound:
        nearly.refuse_stage_first(app, words, stage)
        raise
    with keeping.nothing_lost(app, lambda: closing.line("move", [*chosen.refs, stage], said)):
        write(app, lambda w: move_deals(w, chosen.ids(w), stage, **said))


@deals.command("win")
def win(
    ctx: Context,
    refs: p.Refs = None,
    on: p.On = None,
    note: p.Note = None,
    order: Annotated[
        bool, typer.Option("--order", help="make an order of it: its lines, else its amount", rich_help_panel=p.SETS)
    ] = False,
    number: Annotated[p.Text, sets("--number", "the number of that order", "N")] = None,
) -> None:
    """Win open deals; with --order they become orders too."""
    from crm_cli.commands import closing

    closing.close(ctx.obj, "won", refs, on=on, reason=None, note=note, order=order or None, number=number)


@deals.command("lose")
def lose(
    ctx: Context,
    refs: p.Refs = None,
    reason: Reason = None,
    on: p.On = None,
    note: p.Note = None,
) -> None:
    """Lose open deals, with the reason."""
    from crm_cli.commands import ask, closing

    why = ask.need_reason(ctx.obj, reason)
    closing.close(ctx.obj, "lost", refs, on=on, reason=why, note=note)


@deals.command("reopen")
def reopen(ctx: Context, refs: p.Refs = None) -> None:
    """Reopen closed deals in the stage they came from."""
    from crm_cli.actions.moves import reopen_deals
    from crm_cli.commands import ask
    from crm_cli.commands.writes import write

    chosen = ask.Chosen(ctx.obj, "deal", refs, scope=CLOSED_DEALS, does="opened")
    write(ctx.obj, lambda w: reopen_deals(w, chosen.ids(w)))


@deals.command("remove")
def remove(ctx: Context, refs: p.Refs = None) -> None:
    """Hide deals with their tasks; restore brings them back."""
    from crm_cli.commands import records

    records.remove(ctx.obj, "deal", refs)


@deals.command("restore")
def restore(ctx: Context, refs: p.Refs = None) -> None:
    """Bring removed deals back."""
    from crm_cli.commands import records

    records.restore(ctx.obj, "deal", refs)


@deals.command("board")
def board(ctx: Context, query: p.Query = None, mine: p.Mine = False) -> None:
    """Draw the open deals as columns, a stage each."""
    from crm_cli.commands.lists import show_board

    show_board(ctx.obj, query, mine=mine)
