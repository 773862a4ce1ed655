"""crm today, followups, find, show and funnel: what the data say."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, TextCommand, noun, option
from crm_cli.context import App
from crm_cli.errors import Misuse

if TYPE_CHECKING:
    from datetime import date

    from crm_cli.actions.searching import Answer
    from crm_cli.store.reader import Reader

words = noun()

Within = Annotated[p.Text, option("--within", "tasks due within so many days: 7d, 0 is today", "7d", p.WHICH)]


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
        answer = day(db, asker, owner_id=me(app, db) if mine else None)
    show_today(app.out, answer, app.today)


@words.command("followups", cls=TextCommand)
def followups(
    ctx: Context,
    query: p.Query = None,
    mine: p.Mine = False,
    within: Within = None,
    columns: p.Columns = None,
    sort: Annotated[
        p.Text,
        option("--sort", "priority: the prospects that matter most first, as crm score has them", "KEY", p.OUTPUT),
    ] = None,
    limit: p.Limit = None,
    offset: p.Offset = None,
    all: Annotated[bool, typer.Option("--all", help="also what is due much later", rich_help_panel=p.WHICH)] = False,
) -> None:
    """Show the call sheet: whom to turn to, and why; overdue first (high priority, then the latest), then by day."""
    from crm_cli.commands.columns import columns_of, number
    from crm_cli.output.sheets import show_followups
    from crm_cli.queries.conditions import condition
    from crm_cli.queries.followups import COUNTED, Scope, more_later
    from crm_cli.queries.followups import followups as sheet

    app, typed = ctx.obj, list(query or [])
    days, keys = days_within(within), _keys_of(app, columns_of("followup", columns))
    most, first = number(limit, "limit"), number(offset, "offset") or 0
    ranked = _is_by_priority(sort)
    with app.read() as db:
        asker = app.asker(db)
        where = condition(db, "customer", typed, asker)
        later = None if all or within else LATER if most is None else max(most + first, 1)
        scope = Scope(days, where, me(app, db) if mine else None, later)
        rows = sheet(db, asker, scope)
        left = more_later(db, asker, scope, rows) if later is not None else 0
        if ranked:
            rows = _by_priority(app, db, rows)
    shown = rows[first:] if most is None else rows[first : first + most]
    show_followups(
        app.out, shown, app.today, keys, narrowed=bool(typed or mine or within or first or most == 0), ranked=ranked
    )
    if most is not None:
        app.out.more(min(len(rows), first + most), len(rows) + left, len(rows) + COUNTED)
    elif left:
        _tell_later(app, left, [*typed, *(["--mine"] if mine else [])])


def _is_by_priority(sort: str | None) -> bool:
    """Whether --sort asks for another order than the one of urgency."""
    if sort is None:
        return False
    if sort.strip().lower() not in ("priority", "-priority", "优先级"):
        raise Misuse("The call sheet is in the order of urgency, or of {known}", known="--sort priority")
    return True


def _by_priority(app: App, db: "Reader", rows: "list[dict[str, Any]]") -> "list[dict[str, Any]]":
    from crm_cli.commands.staleness import tell_age
    from crm_cli.queries.priority import by_priority

    tell_age(app, db)
    return by_priority(db, rows)


def _keys_of(app: App, keys: list[str] | None) -> list[str] | None:
    """Columns that somebody chose; a letter has none."""
    if keys and app.out.format == "text":
        raise Misuse("A letter has no columns", hint="Leave out --columns or --format text")
    return keys


LATER = 50  # tasks that are due after the next seven days, before --all is asked for


def days_within(text: str | None) -> int | None:
    """Days ahead; 0 is today."""
    if text is None:
        return None
    if text.strip().lower() in ("0", "0d", "today"):
        return 0
    from crm_cli.rules.durations import parse_days

    return parse_days(text)


def _tell_later(app: App, left: int, typed: list[str]) -> None:
    from crm_cli.queries.followups import COUNTED
    from crm_cli.rules.paste import line

    again = line(["crm", "followups", *typed, "--all"])
    if left > COUNTED:
        app.out.say("More than {n} more are due later: {line}", n=COUNTED, line=again)
    else:
        app.out.say_many("{n} more is due later: {line}", "{n} more are due later: {line}", left, line=again)


def me(app: App, db: "Reader") -> int:
    from crm_cli.queries.bounds import member_id

    return member_id(db, "me", "me", db.member_of(app.user))


@words.command("find")
def find(
    ctx: Context,
    text: Annotated[
        p.Several, typer.Argument(metavar="WORDS...", help="words of a name, a number, a note, a conversation")
    ] = None,
    columns: p.Columns = None,
    limit: p.Limit = None,
) -> None:
    """Find customers, contacts, deals, interactions and tasks."""
    from crm_cli.actions.searching import ready, search
    from crm_cli.commands.columns import columns_of, number

    app = ctx.obj
    if not text and may_pick(app):
        _pick(app)
        return
    sought, keys = _sought(app, text), columns_of("find", columns)
    most = number(limit, "limit")
    with app.read() as db:
        behind = ready(db)
        if not behind:
            answer = search(db, sought, country=app.country)
    if behind:
        answer = _search_later(app, sought, behind)
    rows = answer.rows
    if answer.near:
        app.out.say("Nothing has {what}; this comes near it", what=sought)
    if answer.names_only:
        app.out.say("Signs alone are looked for in names only: a word beside them searches notes and talks too")
    nothing = "" if most == 0 else "Nothing found."
    app.out.records("find", rows[:most], keys, nothing=nothing, marked=answer.forms)
    app.out.more(len(rows[:most]), len(rows))
    if answer.more:
        app.out.say("Only the best hits of each kind are shown: more words narrow it down")


def _sought(app: App, text: p.Several) -> str:
    """The words typed or, without any, asked for."""
    if not text:
        from crm_cli.commands.ask import need_many

        text = need_many(app, None, "WORDS")
    return " ".join(text)


def may_pick(app: App) -> bool:
    """Whether somebody can choose on the screen what is found while they type."""
    from crm_cli.commands import prompts

    return app.is_interactive and not app.out.is_data and not prompts.is_dumb(app)


def _pick(app: App) -> None:
    from crm_cli.actions.searching import catch_up, ready
    from crm_cli.commands import picking, showing

    with app.read() as db:
        behind = ready(db)
    if behind:
        _tell_reading(app, behind)
        catch_up(app.database)
    showing.show(app, picking.pick(app), ["customer", "contact", "deal", "task", "interaction"], "REF")


def _tell_reading(app: App, behind: int) -> None:
    app.out.say_many("Reading {n} text into the search index", "Reading {n} texts into the search index", behind)


def _search_later(app: App, sought: str, behind: int) -> "Answer":
    """After many rows have come: they are read into the index first, which later searches gain from."""
    from crm_cli.actions.searching import catch_up, search

    _tell_reading(app, behind)
    catch_up(app.database)
    with app.read() as db:
        return search(db, sought, country=app.country)


@words.command("show")
def show(ctx: Context, ref: p.Ref = None) -> None:
    """Show everything about one record."""
    from crm_cli.commands import showing

    showing.show(ctx.obj, ref, ["customer", "contact", "deal", "task", "interaction", "order", "product"], "REF")


@words.command("funnel", cls=TextCommand)
def funnel(
    ctx: Context,
    query: p.Query = None,
    pipeline: Annotated[p.Text, option("--pipeline", "only this pipeline", "P", p.WHICH)] = None,
    from_: Annotated[p.Text, option("--from", "deals opened from this day on", "D", p.WHICH)] = None,
    to: Annotated[p.Text, option("--to", "deals opened until this day", "D", p.WHICH)] = None,
    closed_from: Annotated[p.Text, option("--closed-from", "deals closed from this day on", "D", p.WHICH)] = None,
    closed_to: Annotated[p.Text, option("--closed-to", "deals closed until this day", "D", p.WHICH)] = None,
    by: Annotated[
        p.Text, option("--by", "a row set for each: owner, month, source, region, tag or product", "FIELD", p.OUTPUT)
    ] = None,
    compare: Annotated[
        p.Text, option("--compare", "what moved since a day, or since the end of last-month", "D", p.OUTPUT)
    ] = None,
    columns: p.Columns = None,
) -> None:
    """Show the funnel: what stands in each stage and what it is worth."""
    from crm_cli.commands.columns import columns_of
    from crm_cli.output.sheets import show_funnel
    from crm_cli.queries.conditions import condition
    from crm_cli.queries.funnel import Span
    from crm_cli.queries.funnel import funnel as rows_of

    app = ctx.obj
    split = (by or "").strip().lower()
    since = _span(app, None, compare.replace("-", " ") if compare and compare[:4] in _SPOKEN else compare)[1]
    moved = MOVED if since else ()
    keys = _keys_of(app, columns_of("funnel", columns, *([split] if split else []), "pipeline", *moved))
    with app.read() as db:
        asker = app.asker(db)
        chosen = _pipeline(db, pipeline) if pipeline else None
        opened = _span(app, from_, to)
        closed = _span(app, closed_from, closed_to)
        where = condition(db, "deal", list(query or []), asker)
        answer = rows_of(db, Span(*opened, *closed, where=where, pipeline_id=chosen), by=split, since=since)
    show_funnel(app.out, answer, split, keys, moved=moved)


def _pipeline(db: "Reader", name: str) -> int:
    from crm_cli.queries.find import pick_row

    rows = db.rows("SELECT id, name, name_key FROM pipeline WHERE removed_at IS NULL ORDER BY position")
    return int(pick_row(rows, name, noun="pipeline")[0])


MOVED = ("before", "entered", "left", "to_won", "to_lost", "change")
_SPOKEN = ("last", "this")  # last-month, last-week: a space would have to be quoted


def days_of(app: App, low: str | None, high: str | None) -> "tuple[date | None, date | None]":
    """First and last day of two options; a month stands for its first or its last day."""
    if not low and not high:
        return None, None
    from crm_cli.rules.dates import parse_span

    first = parse_span(low, now=app.now, ahead=False)[0] if low else None
    last = parse_span(high, now=app.now, ahead=False)[1] if high else None
    if first and last and last < first:
        raise Misuse("{high} lies before {low}", low=first.isoformat(), high=last.isoformat())
    return first, last


def _span(app: App, low: str | None, high: str | None) -> tuple[str | None, str | None]:
    """The same in ISO."""
    first, last = days_of(app, low, high)
    return first.isoformat() if first else None, last.isoformat() if last else None
