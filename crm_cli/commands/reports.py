"""crm today, followups, find, show and funnel: what the data say."""

from typing import Annotated

import typer

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, TextCommand, noun, option

words = noun()

Within = Annotated[p.Text, option("--within", "tasks due within so many days, as 7d", "7d")]


@words.command("today", cls=TextCommand)
def today(ctx: Context, mine: p.Mine = False) -> None:
    """Show what today asks for."""
    from crm_cli.output.sheets import show_today, welcome
    from crm_cli.queries.today import today as day

    app = ctx.obj
    with app.read() as db:
        asker = app.asker(db)
        if not app.out.is_data and not db.value("SELECT 1 FROM customer LIMIT 1"):
            welcome(app.out)
            return
        answer = day(db, asker, owner_id=_me(app, db) if mine else None)
    show_today(app.out, answer, app.today)


@words.command("followups", cls=TextCommand)
def followups(ctx: Context, query: p.Query = None, mine: p.Mine = False, within: Within = None, limit: p.Limit = None) -> None:
    """Show the call sheet: whom to turn to, and why."""
    from crm_cli.commands.lists import number
    from crm_cli.output.sheets import show_followups
    from crm_cli.queries.conditions import condition
    from crm_cli.queries.followups import Scope
    from crm_cli.queries.followups import followups as sheet
    from crm_cli.rules.dates import parse_days

    app = ctx.obj
    days = parse_days(within) if within else None
    most = number(limit, "limit")
    with app.read() as db:
        asker = app.asker(db)
        where = condition(db, "customer", list(query or []), asker)
        rows = sheet(db, asker, Scope(within=days, where=where, owner_id=_me(app, db) if mine else None))
    show_followups(app.out, rows[:most], app.today)
    app.out.more(len(rows[:most]), len(rows))


def _me(app: p.App, db: "object") -> int:
    from crm_cli.queries.bounds import member_id
    from crm_cli.store.reader import Reader

    assert isinstance(db, Reader)
    return member_id(db, "me", "me", db.member_of(app.user))


@words.command("find")
def find(
    ctx: Context,
    text: Annotated[p.Several, typer.Argument(metavar="WORDS...", help="words of a name, a number, a note, a conversation")] = None,
    limit: p.Limit = None,
) -> None:
    """Find customers, contacts, deals, interactions and tasks."""
    from crm_cli.commands import ask
    from crm_cli.commands.lists import number
    from crm_cli.queries.search import search

    app = ctx.obj
    sought = " ".join(ask.need_many(app, text, "WORDS"))
    most = number(limit, "limit")
    with app.read() as db:
        rows = search(db, sought, country=app.country)
    app.out.records("find", rows[:most])
    app.out.more(len(rows[:most]), len(rows))


@words.command("show")
def show(ctx: Context, ref: p.Ref = None) -> None:
    """Show everything about one record."""
    from crm_cli.commands import records

    records.show(ctx.obj, ref, ["customer", "contact", "deal", "task", "interaction"], "REF")


@words.command("funnel", cls=TextCommand)
def funnel(
    ctx: Context,
    query: p.Query = None,
    pipeline: Annotated[p.Text, option("--pipeline", "only this pipeline", "P")] = None,
    from_: Annotated[p.Text, option("--from", "deals opened from this day on", "D")] = None,
    to: Annotated[p.Text, option("--to", "deals opened until this day", "D")] = None,
    closed_from: Annotated[p.Text, option("--closed-from", "deals closed from this day on", "D")] = None,
    closed_to: Annotated[p.Text, option("--closed-to", "deals closed until this day", "D")] = None,
    by: Annotated[p.Text, option("--by", "a row set for each owner or month", "owner|month")] = None,
) -> None:
    """Show the funnel: what stands in each stage and what it is worth."""
    from crm_cli.output.sheets import show_funnel
    from crm_cli.queries.bounds import day_range
    from crm_cli.queries.conditions import condition
    from crm_cli.queries.find import pick_row
    from crm_cli.queries.funnel import Span
    from crm_cli.queries.funnel import funnel as rows_of

    app = ctx.obj
    split = (by or "").strip().lower()
    with app.read() as db:
        asker = app.asker(db)
        rows = db.rows("SELECT id, name, name_key FROM pipeline WHERE removed_at IS NULL ORDER BY position")
        chosen = pick_row(rows, pipeline, noun="pipeline")[0] if pipeline else None
        typed = (from_, to, closed_from, closed_to)
        ends = [day_range(text, asker, ahead=False)[i % 2] if text else None for i, text in enumerate(typed)]
        days = [day.isoformat() if day else None for day in ends]
        answer = rows_of(db, Span(*days, where=condition(db, "deal", list(query or []), asker), pipeline_id=chosen), by=split)
    show_funnel(app.out, answer, split)
