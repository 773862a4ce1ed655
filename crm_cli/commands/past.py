"""crm undo, redo and history: the way back, and what was done."""

from typing import Annotated, Any

import typer

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, noun
from crm_cli.context import App
from crm_cli.errors import Misuse
from crm_cli.i18n import t, tn

words = noun()

Which = Annotated[p.Text, typer.Argument(metavar="[N|op:ID]", help="how many of mine, or which one, as op:812")]
MineOnly = Annotated[bool, typer.Option("--mine", help="only what I did")]
_DIGITS = 9


@words.command("undo")
def undo(ctx: Context, which: Which = None) -> None:
    """Take back my newest command, my last N, or one by its number."""
    from crm_cli.actions import undoing
    from crm_cli.queries import history

    app = ctx.obj
    n, number = _which(which)
    with app.read() as db:
        chosen = [history.operation(db, number)] if number else history.newest_standing(db, app.user, n)
    for one in chosen:
        app.out.say("Taking back op:{op}: {command} ({by}, {at}, {changes})", **_said(app, one))
        if app.dry_run and number and not (app.out.is_data or app.out.format == "md"):
            _show_changes(app, number)
    made = undoing.undo(app.database, chosen, now=app.now, user=app.user, command=app.typed, dry_run=app.dry_run)
    _tell(app, chosen, made, "Undone. To do it again: crm redo")


@words.command("redo")
def redo(ctx: Context) -> None:
    """Do again what my newest undo took back, until something new is written."""
    from crm_cli.actions import undoing
    from crm_cli.queries import history

    app = ctx.obj
    with app.read() as db:
        taken = history.newest_undo(db, app.user)
        again = history.undone_by(db, taken.op)
    for one in again:
        app.out.say("Doing again op:{op}: {command} ({by}, {at}, {changes})", **_said(app, one))
    made = undoing.redo(app.database, taken, now=app.now, user=app.user, command=app.typed, dry_run=app.dry_run)
    _tell(app, again, made, "Done again. To take it back: crm undo")


@words.command("history")
def history_(
    ctx: Context,
    ref: Annotated[
        p.Text,
        typer.Argument(metavar="[REF|op:ID]", help="one record, or one operation: what it changed, field by field"),
    ] = None,
    mine: MineOnly = False,
    columns: p.Columns = None,
    limit: p.Limit = None,
    offset: p.Offset = None,
) -> None:
    """Show what was done, newest first; of one record every change, old and new."""
    from crm_cli.commands.columns import columns_of, number
    from crm_cli.queries import history

    app = ctx.obj
    most, skipped = number(limit, "limit"), number(offset, "offset") or 0
    if ref is not None and ref.strip().lower().replace("：", ":").startswith("op:"):
        _show_operation(app, _which(ref)[1], columns=columns, most=most, skipped=skipped)
        return
    if ref is not None:
        _show_timeline(app, ref, mine=mine, columns=columns, most=most, skipped=skipped)
        return
    by = app.user if mine else None
    keys = columns_of("operation", columns)
    with app.read() as db:
        rows = [_local(app, row) for row in history.operations(db, by=by, limit=most, offset=skipped)]
        total = history.count_operations(db, by=by) if most is not None else 0
    app.out.records("operation", rows, keys)
    app.out.more(len(rows) + skipped, total)


def _show_operation(app: App, number: int, *, columns: str | None, most: int | None, skipped: int) -> None:
    """What one operation changed, record by record."""
    from crm_cli.commands.columns import columns_of
    from crm_cli.queries import history

    keys = columns_of("change", columns)
    with app.read() as db:
        one = history.any_operation(db, number)
    if not app.out.is_data:
        app.out.say("op:{op}: {command} ({by}, {at}, {changes})", **_said(app, one))
    _show_changes(app, number, keys, most=most, skipped=skipped)


def _show_changes(
    app: App, number: int, keys: list[str] | None = None, *, most: int | None = None, skipped: int = 0
) -> None:
    from crm_cli.queries.timeline import MOST_RECORDS, of_operation

    with app.read() as db:
        rows, records = of_operation(db, number)
    shown = rows[skipped:] if most is None else rows[skipped : skipped + most]
    if keys is None and not app.out.is_data:
        keys = ["ref", "change", "field", "old", "new"]  # who and when stands above, once
    app.out.records("change", [_local(app, row) for row in shown], keys)
    if most is not None:
        app.out.more(len(shown) + skipped, len(rows))
    if records > MOST_RECORDS:
        app.out.say("These are the changes of the first {n} records; {more} more were changed", n=MOST_RECORDS,
                    more=records - MOST_RECORDS)  # fmt: skip


def _show_timeline(app: App, ref: str, *, mine: bool, columns: str | None, most: int | None, skipped: int) -> None:
    from crm_cli.commands.ask import settle
    from crm_cli.commands.columns import columns_of
    from crm_cli.queries.find import Finder
    from crm_cli.queries.timeline import timeline
    from crm_cli.rules.fields import NOUNS

    keys = columns_of("change", columns)
    chosen = settle(app, ref, NOUNS)
    with app.read() as db:
        found = _found(db, app, chosen, Finder, NOUNS)
        rows = timeline(db, found.kind, found.id)
    if mine:
        rows = [row for row in rows if row["by"] == app.user]
    shown = rows[skipped:] if most is None else rows[skipped : skipped + most]
    if not app.out.is_data:
        app.out.say("{ref}  {name}", ref=found.ref, name=found.name)
    app.out.records("change", [_local(app, row) for row in shown], keys)
    if most is not None:
        app.out.more(len(shown) + skipped, len(rows))


def _found(db: Any, app: App, ref: str, finder: Any, nouns: Any) -> Any:
    """The record, also a removed one: its history is asked for above all."""
    from crm_cli.errors import NotFound

    try:
        return finder(db, nouns, country=app.country).one(ref)
    except NotFound:
        return finder(db, nouns, removed=True, country=app.country).one(ref)


def _which(typed: str | None) -> tuple[int, int]:
    """How many of mine, or the number of one."""
    text = (typed or "1").strip().replace("：", ":").lower()
    head, colon, tail = text.partition(":")
    digits = tail if colon else head
    if (colon and head != "op") or not (digits.isascii() and digits.isdigit()) or len(digits) > _DIGITS:
        raise Misuse(
            "{text} is neither a count nor an operation",
            hint="Type: crm undo, crm undo 3 or crm undo op:812",
            text=typed,
        )
    if not int(digits):
        raise Misuse("{text} would undo nothing", hint="Type: crm undo", text=typed)
    return (0, int(digits)) if colon else (int(digits), 0)


def _said(app: App, one: Any) -> dict[str, Any]:
    """Which command is meant, whose it was and when: said before anything is written."""
    return {
        "op": one.op,
        "command": one.command,
        "by": one.by,
        "at": _moment(app, one.at),
        "changes": _counted(one.changes),
    }


def _counted(n: int) -> str:
    return tn("{n} change", "{n} changes", n)


def _moment(app: App, kept: str) -> str:
    from crm_cli.i18n import language
    from crm_cli.rules.days import from_utc_text, spell_day

    moment = from_utc_text(kept, app.now.tzinfo)
    return f"{spell_day(moment.date(), language())} {moment:%H:%M}"


def _local(app: App, row: dict[str, Any]) -> dict[str, Any]:
    """The moment as it is published: local, with its offset."""
    from crm_cli.rules.days import from_utc_text

    return {**row, "at": from_utc_text(row["at"], app.now.tzinfo).isoformat()}


def _tell(app: App, chosen: list[Any], made: int, sentence: str) -> None:
    from crm_cli.queries import history

    out = app.out
    if out.is_data or out.format == "md":
        out.records("operation", [_local(app, {**row, "undone_by": made}) for row in history.as_rows(chosen)])
    elif app.dry_run:
        out.say("Trial, nothing was kept: {sentence}", sentence=t(sentence))
    else:
        out.say(sentence)
