"""crm backup: copies of the database made, listed and brought back."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any

import typer

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, noun
from crm_cli.context import App
from crm_cli.errors import Damaged, Misuse, NotFound
from crm_cli.i18n import listed, t, tn
from crm_cli.rules.fields import ANSWER_KEYS

backup = noun()
nouns = {"backup": backup}

Target = Annotated[
    p.Text, typer.Argument(metavar="[FILE|-]", help="a file or folder; - is stdout; by default the folder of backups")
]
Source = Annotated[
    p.Text, typer.Argument(metavar="FILE", help="a name of crm backup list, a file, or latest: the newest one")
]
Force = Annotated[bool, typer.Option("--force", help="replace a file that is there", rich_help_panel=p.OUTPUT)]
_AT_ONCE = 1 << 20  # bytes written to a pipe at once


@backup.command("make")
def make(ctx: Context, file: Target = None, force: Force = False) -> None:
    """Copy the database, checked, while others go on writing."""
    app = ctx.obj
    if not os.path.exists(app.database):
        raise NotFound("There is no database yet: {path}", hint="The first write makes it.", path=app.database)
    if file == "-":
        _stream(app)
        return
    path = _target(app, file)
    if app.dry_run:
        app.out.say("Trial, nothing was kept: {sentence}", sentence=t("copied to {path}", path=path))
        return
    from crm_cli.store.backups import MANUAL, contents, make_at
    from crm_cli.store.backups import make as make_one

    if file is None:
        path, broken = make_one(app.database, MANUAL, now=app.now, elsewhere=_elsewhere(app))
    else:
        broken = make_at(app.database, path, force=force)
    row = {"name": os.path.basename(path), "at": _iso(app, app.now), "reason": MANUAL, **contents(path)}
    row["path"] = os.path.abspath(path)
    if app.out.is_data or app.out.format == "md":
        app.out.record("backup", row, ANSWER_KEYS["backup"])
    else:
        app.out.say("Copied to {path}: {what}", path=path, what=_what(row))
    if broken:
        app.out.say_many(
            "{n} row of it points at nothing, here as there: crm check",
            "{n} rows of it point at nothing, here as there: crm check",
            broken,
        )


@backup.command("list")
def list_(
    ctx: Context, columns: p.Columns = None, sort: p.Sort = None, limit: p.Limit = None, offset: p.Offset = None
) -> None:
    """Show the copies, newest first, with what is in them."""
    from crm_cli.commands.lists import show_small
    from crm_cli.store import backups

    app = ctx.obj
    rows = [{**backups.describe(one), "at": _iso(app, one.at)} for one in _listed(app)]
    show_small(app, "backup", rows, columns, sort, limit, offset)
    if not rows and not app.out.is_data:
        app.out.say("To make one: crm backup make")


@backup.command("restore")
def restore(ctx: Context, file: Source = None) -> None:
    """Bring a copy back in the place of the database; what is there is copied first."""
    from crm_cli.commands import ask
    from crm_cli.store import restoring
    from crm_cli.store.backups import contents

    app = ctx.obj
    path = _source(app, ask.need(app, file, "FILE", known=_names(app)))
    row, state = contents(path), restoring.state_of(app.database)
    if app.dry_run:
        app.out.say("Trial, nothing was kept: {sentence}", sentence=t("restored from {path}", path=path))
        return
    holes = {"path": app.database, "copy": os.path.basename(path), "what": _what(row)}
    if state == restoring.SOUND:
        ask.confirm(
            app,
            "{path} becomes {copy} ({what}). What is there now is copied first; crm undo cannot take this back. Go on?",
            **holes,
        )
    elif state == restoring.DAMAGED:
        ask.confirm(app, "{path} is damaged. It is moved aside, and {copy} ({what}) takes its place. Go on?", **holes)
    done = restoring.restore(path, app.database, now=app.now, elsewhere=_elsewhere(app))
    _tell(app, path, row, done)


def _tell(app: App, path: str, row: dict[str, Any], done: Any) -> None:
    if app.out.is_data or app.out.format == "md":
        named = {"name": os.path.basename(path), "path": os.path.abspath(path)}
        left = {"kept": done.kept or None, "aside": done.aside or None}
        app.out.record("backup", {**row, **named, **left}, [*_RESTORED, *left])
        return
    app.out.say("Restored from {path}: {what}", path=path, what=_what(row))
    if done.kept:
        app.out.say("What was there before: crm backup restore {name}", name=os.path.basename(done.kept))
    if done.aside:
        app.out.say("The damaged file is kept: {path}", path=done.aside)


_RESTORED = ("name", "size", "records", "op", "command", "path")


def _what(row: dict[str, Any]) -> str:
    """`48 records, the last change op:812`."""
    told = [tn("{n} record", "{n} records", row["records"] or 0)]
    if row["op"]:
        told.append(t("last change op:{op}, {command}", op=row["op"], command=row["command"]))
    return listed(told, clauses=True)


def _target(app: App, file: str | None) -> str:
    """The path of the copy that was asked for; in a folder it gets the name that it would have had."""
    from crm_cli.store.backups import MANUAL, name_for

    path = name_for(app.database, MANUAL, app.now, _elsewhere(app))
    if file is None:
        return path
    if not file.strip():
        raise Misuse("{name} may not be empty", name="FILE")
    named = os.path.expanduser(file)
    return os.path.normpath(os.path.join(named, os.path.basename(path))) if os.path.isdir(named) else named


def _stream(app: App) -> None:
    """The bytes of a copy on stdout."""
    import shutil
    import tempfile

    from crm_cli.output.streams import is_terminal
    from crm_cli.store.backups import make_at

    if is_terminal(app.out.out):
        raise Misuse("A copy is no text for a terminal", hint="Name a file: crm backup make FILE")
    if app.dry_run:
        app.out.say("Trial, nothing was kept: {sentence}", sentence=t("copied to {path}", path="-"))
        return
    folder = tempfile.mkdtemp(prefix="crm-")  # mode 0700
    try:
        copy = os.path.join(folder, "crm.db")
        make_at(app.database, copy, force=False)
        app.out.bytes(_chunks(copy))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _chunks(path: str) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while chunk := file.read(_AT_ONCE):
            yield chunk


def _source(app: App, typed: str) -> str:
    """The file that is meant, checked: a name of the list, a path, or latest, the newest one that is not damaged."""
    from crm_cli.store import restoring
    from crm_cli.store.backups import good

    if typed.strip().lower() == "latest":
        for one in good(app.database, _elsewhere(app)):
            with suppress(Damaged):
                restoring.check_copy(one.path)
                return one.path
        raise NotFound("There is no copy of {path} that could be restored", hint="Name a file.", path=app.database)
    path = next((one.path for one in _listed(app) if one.name == typed), os.path.expanduser(typed))
    if not os.path.exists(path):
        raise NotFound("There is no copy {name}", hint="See: crm backup list", name=typed)
    restoring.refuse_itself(path, app.database)
    restoring.check_copy(path)
    return path


def _names(app: App) -> list[str]:
    return ["latest", *(one.name for one in _listed(app))] if app.is_interactive else []


def _listed(app: App) -> list[Any]:
    from crm_cli.store import backups

    return list(backups.listed(app.database, _elsewhere(app)))


def _elsewhere(app: App) -> str:
    from crm_cli.commands.precaution import elsewhere

    return elsewhere(app)


def _iso(app: App, moment: datetime) -> str:
    return moment.astimezone(app.now.tzinfo).replace(microsecond=0).isoformat()
