"""crm purge: the recycle bin emptied, old history cut off; for good."""

from datetime import timedelta
from typing import Annotated, Any

import typer

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, noun, option
from crm_cli.context import App
from crm_cli.i18n import t, tn

words = noun()


@words.command("purge")
def purge(
    ctx: Context,
    older_than: Annotated[p.Text, option("--older-than", "what is older than that: 60d, 1y", "60d", p.WHICH)] = None,
    history: Annotated[
        bool, typer.Option("--history", help="of the history instead of the recycle bin", rich_help_panel=p.WHICH)
    ] = False,
    vacuum: Annotated[
        bool, typer.Option("--vacuum", help="write the file anew, without its free space", rich_help_panel=p.OUTPUT)
    ] = False,
) -> None:
    """Empty the recycle bin, or cut off old history, for good."""
    from crm_cli.commands import ask
    from crm_cli.rules.dates import local_day_start, parse_days
    from crm_cli.rules.days import to_utc_text

    app = ctx.obj
    if older_than is None and vacuum and not history:
        _compact(app)
        return
    typed = ask.need(app, older_than, "how old", check=parse_days, option="--older-than")
    day = app.today - timedelta(days=parse_days(typed))
    before = to_utc_text(local_day_start(day, app.now.tzinfo))
    done = _history(app, before) if history else _bin(app, before)
    much = done is not None and (vacuum or done.much) and not app.dry_run
    sizes = _sizes(app) if much else None
    _report(app, done, sizes, history=history)


def _bin(app: App, before: str) -> Any:
    from crm_cli.actions.purging import bin_counts, empty_bin
    from crm_cli.commands import ask
    from crm_cli.commands.erasing import what_goes

    with app.read() as db:
        counts = bin_counts(db, before)
    if not counts:
        return None
    if not app.dry_run:
        ask.confirm(
            app, "{what} go for good: neither restore nor undo brings them back. Go on?", what=what_goes(counts)
        )
    return empty_bin(app.database, before, now=app.now, user=app.user, command=app.typed, dry_run=app.dry_run)


def _history(app: App, before: str) -> Any:
    from crm_cli.actions.purging import cut_history, history_counts
    from crm_cli.commands import ask

    with app.read() as db:
        lines, operations = history_counts(db, before)
    if not lines and not operations:
        return None
    if not app.dry_run:
        told = tn("{n} operation", "{n} operations", operations)
        ask.confirm(app, "{what} of the history go for good: undo does not reach behind. Go on?", what=told)
    return cut_history(app.database, before, now=app.now, user=app.user, command=app.typed, dry_run=app.dry_run)


def _said(app: App, told: str) -> None:
    if not app.out.quiet:
        app.out.tell(told)


def _sizes(app: App) -> tuple[int, int]:
    from crm_cli.store.wiping import compact

    return compact(app.database)


def _compact(app: App) -> None:
    """Only the free space."""
    import os

    from crm_cli.errors import NotFound

    if not os.path.exists(app.database):
        raise NotFound("There is no database yet: {path}", hint="The first write makes it.", path=app.database)
    if app.dry_run:
        app.out.say("Trial, nothing was kept: {sentence}", sentence=t("the file would be written anew"))
        return
    sizes = _sizes(app)
    _report(app, None, sizes, history=False)


def _report(app: App, done: Any, sizes: tuple[int, int] | None, *, history: bool) -> None:
    from crm_cli.commands.erased import counted

    out = app.out
    if out.is_data or out.format == "md":
        counts = counted(done.counts if done else {})
        numbers: dict[str, Any] = {"history": done.history if done else 0, "operations": done.operations if done else 0}
        if out.format in ("json", "jsonl"):
            room = {"bytes_before": sizes[0] if sizes else None, "bytes_after": sizes[1] if sizes else None}
            op = None if app.dry_run or done is None else done.op
            out.json({"purged": counts, **numbers, **room, "dry_run": app.dry_run, "op": op})
            return
        out.records("erasure", [{"what": what, "count": n} for what, n in {**counts, **numbers}.items()])
        return
    _in_words(app, done, sizes, history=history)


def _in_words(app: App, done: Any, sizes: tuple[int, int] | None, *, history: bool) -> None:
    from crm_cli.commands.erasing import what_goes

    out = app.out
    if done is None and sizes is None:
        out.say("Nothing is that old")
        return
    if done is not None:
        if history:
            told = t("{operations} operations and {lines} lines of the history went for good",
                     operations=done.operations, lines=done.history)  # fmt: skip
        else:
            told = t("Gone for good: {what}", what=what_goes(done.counts))
        if app.dry_run:
            out.say("Trial, nothing was kept: {sentence}", sentence=told)
        else:
            _said(app, told)
    if sizes is not None:
        out.say("The file has {after} bytes now; it had {before}", before=f"{sizes[0]:,}", after=f"{sizes[1]:,}")
