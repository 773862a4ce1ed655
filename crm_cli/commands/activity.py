"""crm log, done, snooze and crm interaction: what happened, taken down in one line."""

from typing import Annotated, Any

import typer

from crm_cli.commands import params as p
from crm_cli.commands.lists import Listed, page_of, show_view
from crm_cli.commands.params import Context, CrmCommand, noun, option, options_of, sets

words = noun()
interactions = noun()
nouns = {"interaction": interactions}

People = Annotated[p.Several, sets("--contact", "a person who took part; several are possible", "R")]
At = Annotated[p.Text, sets("--at", "when it happened: yesterday, fri@14:00, -2h; now by default", "D")]
Duration = Annotated[p.Text, sets("--duration", "how long: 15m, 1h30, 半小时", "15m")]
Direction = Annotated[p.Text, sets("--direction", "in or out: who began it", "in|out")]
Outcome = Annotated[p.Text, sets("--outcome", "what came of it", "T")]


class LogCommand(CrmCommand):
    """`--done` may stand alone or before the number of a task."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        for i, word in enumerate(args[:end]):
            if word.startswith("--done="):
                args = [*args[:i], "--done-task", word[7:], *args[i + 1 :]]
                break
            following = args[i + 1] if i + 1 < end else ""
            if word == "--done" and (following.startswith("task:") or (following.isascii() and following.isdigit())):
                args = [*args[:i], "--done-task", following, *args[i + 2 :]]
                break
        return super().parse_args(ctx, args)


@words.command("log", cls=LogCommand)
def log(
    ctx: Context,
    channel: Annotated[
        p.Text, typer.Argument(metavar="CHANNEL", help="call email meeting visit message wechat sms note")
    ] = None,
    who: Annotated[p.Text, typer.Argument(metavar="WHO", help="a customer, a contact or a deal")] = None,
    text: Annotated[
        p.Several, typer.Argument(metavar="[TEXT...|-]", help="what was said; - reads it from stdin")
    ] = None,
    contact: People = None,
    deal: p.Deal = None,
    at: At = None,
    duration: Duration = None,
    direction: Direction = None,
    outcome: Outcome = None,
    next: p.NextStep = None,
    due: p.Due = None,
    done: Annotated[
        bool,
        typer.Option("--done", help="close the due task, or the task whose number follows", rich_help_panel=p.SETS),
    ] = False,
    done_task: Annotated[p.Text, option("--done-task", "the task to close", "REF", hidden=True)] = None,
) -> None:
    """Take down a call, an e-mail, a meeting, a visit or a note."""
    from crm_cli.actions.activity import log as take_down
    from crm_cli.commands import ask, keeping, logging, settling
    from crm_cli.commands.writes import write

    app, options = ctx.obj, options_of(ctx)
    options.pop("text", None)
    kept = logging.channel(app, logging.need_channel(app, channel), who, text)
    whom = ask.need_ref(app, who, "who", ["customer", "contact", "deal"])
    settling.settle_links(app, options)
    said = logging.text_of(app, text)
    logging.ask_next(app, options)
    with keeping.nothing_lost(app, lambda: logging.line_of(kept, whom, said, options)):
        write(app, lambda w: take_down(w, kept, whom, said, options, country=app.country), single=True)


@words.command("done")
def done(ctx: Context, refs: p.Refs = None) -> None:
    """Tick off tasks, or quiet deals and run-out cadences that were dealt with."""
    from crm_cli.commands import logging

    logging.done(ctx.obj, logging.need_refs(ctx.obj, refs))


@words.command("snooze")
def snooze(
    ctx: Context,
    refs: Annotated[p.Several, typer.Argument(metavar="REF... D", help="refs of the call sheet, and the day")] = None,
) -> None:
    """Put what is on the call sheet off until a day."""
    from crm_cli.commands import ask, logging

    app = ctx.obj
    typed = list(refs or [])
    day = ask.need_day(app, typed.pop() if len(typed) > 1 else None)
    logging.snooze(app, logging.need_refs(app, typed), day)


@interactions.command("list")
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
    """List interactions, newest first."""
    listed = Listed(query, page_of(sort, limit, offset), columns, group_by)
    show_view(ctx.obj, "interaction", view, listed, mine=mine, removed=removed)


@interactions.command("show")
def show(ctx: Context, ref: p.Ref = None) -> None:
    """Show one interaction."""
    from crm_cli.commands import showing

    showing.show(ctx.obj, ref, ["interaction"], "interaction")


@interactions.command("edit")
def edit(
    ctx: Context,
    refs: p.Refs = None,
    text: Annotated[p.Text, sets("--text", "another text", "T")] = None,
    channel: Annotated[p.Text, sets("--channel", "another channel", "CHANNEL")] = None,
    contact: People = None,
    deal: p.Deal = None,
    at: At = None,
    duration: Duration = None,
    direction: Direction = None,
    outcome: Outcome = None,
    clear: p.Clear = None,
    drop: p.Drop = None,
) -> None:
    """Change one or more interactions."""
    from crm_cli.actions.activity import edit_interactions
    from crm_cli.commands import logging, records, settling

    app, options = ctx.obj, options_of(ctx)
    if channel:
        options["channel"] = logging.channel(app, channel, None, None)
    settling.settle_links(app, options)
    country = app.country
    records.edit(app, "interaction", refs, options, lambda w, ids: edit_interactions(w, ids, options, country=country))


@interactions.command("remove")
def remove(ctx: Context, refs: p.Refs = None) -> None:
    """Hide interactions; restore brings them back."""
    from crm_cli.commands import records

    records.remove(ctx.obj, "interaction", refs)


@interactions.command("restore")
def restore(ctx: Context, refs: p.Refs = None) -> None:
    """Bring removed interactions back."""
    from crm_cli.commands import records

    records.restore(ctx.obj, "interaction", refs)
