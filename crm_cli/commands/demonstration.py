"""crm demo: a made-up company in a database of its own, its day, and the line that points this shell at it."""

import os
from typing import Any

from crm_cli.context import App
from crm_cli.errors import Conflict, FileError, Misuse


def play(app: App) -> None:
    """Make the database, show today, the call sheet and the funnel; the user's own database is not touched."""
    if app.out.format in ("csv", "tsv", "ids"):
        raise Misuse("{format} is no format of this command", hint="Known here: table json md", format=app.out.format)
    path, folder = _place(app)
    is_kept = False
    try:
        from crm_cli.actions.demo import build

        build(path, app.now, app.user)
        _show(app, path)
        is_kept = not app.dry_run
    finally:
        if folder and not is_kept:
            import shutil

            shutil.rmtree(folder, ignore_errors=True)


def _place(app: App) -> tuple[str, str]:
    """The path of the database, and the throw-away folder made for it ("" where --db names the place)."""
    if app.flags.get("db") and not app.dry_run:
        path = os.path.abspath(app.database)
        if os.path.lexists(path):
            raise Conflict(
                "{path} is already there; a demo is made only where nothing is",
                hint="Name another file, or leave --db out.",
                path=path,
            )
        return path, ""
    import tempfile

    try:
        folder = tempfile.mkdtemp(prefix="crm-")  # mode 0700
    except OSError as error:
        raise FileError("No folder can be made for the demo: {reason}", reason=error.strerror or str(error)) from None
    return os.path.join(folder, "demo.db"), folder


def _show(app: App, path: str) -> None:
    from crm_cli.queries.followups import followups
    from crm_cli.queries.funnel import funnel
    from crm_cli.queries.today import today
    from crm_cli.store.reader import open_reader

    db = open_reader(path)
    try:
        asker = app.asker(db)
        answers = today(db, asker), followups(db, asker), funnel(db)
    finally:
        db.close()
    if app.out.is_data:
        _as_data(app, path, *answers)
    else:
        _as_screens(app, path, *answers)


def _as_data(
    app: App, path: str, day: dict[str, Any], sheet: list[dict[str, Any]], stages: list[dict[str, Any]]
) -> None:
    from crm_cli.output.sheets import published, today_data

    whole = {
        "database": None if app.dry_run else path,
        "today": today_data(day),
        "followups": published("followup", sheet),
        "funnel": published("funnel", stages),
    }
    app.out.json(whole)


def _as_screens(
    app: App, path: str, day: dict[str, Any], sheet: list[dict[str, Any]], stages: list[dict[str, Any]]
) -> None:
    from crm_cli.i18n import t
    from crm_cli.output.cards import title
    from crm_cli.output.sheets import show_followups, show_funnel, show_today
    from crm_cli.rules.text import wrap

    out = app.out
    title(out, "crm today")
    show_today(out, day, app.today)
    title(out, "crm followups")
    pressing = [row for row in sheet if row["bucket"] in ("overdue", "today")]
    show_followups(out, pressing, app.today)
    out.print()
    if len(sheet) > len(pressing):
        out.lines(wrap(t("{n} more: {line}", n=len(sheet) - len(pressing), line="crm followups"), out.width))
    title(out, "crm funnel")
    show_funnel(out, stages, "")
    out.print()
    out.flush()
    if app.dry_run:
        out.say("Trial, nothing was kept: {sentence}", sentence=t("the demo is gone again"))
        return
    out.say("To play with it, paste this line:")
    out.lines([shell_line(path, app.environ)])


def shell_line(path: str, environ: dict[str, str], *, is_windows: bool = os.name == "nt") -> str:
    """The line that sets CRM_DB in the user's shell: fish, csh, PowerShell, or any that knows `export`."""
    import shlex

    shell = os.path.basename(environ.get("SHELL", "")).removesuffix(".exe")
    if shell == "fish":
        quoted = path.replace("\\", "\\\\").replace("'", "\\'")
        return f"set -x CRM_DB '{quoted}'"
    if shell in ("csh", "tcsh"):
        return "setenv CRM_DB " + shlex.quote(path).replace("!", "\\!")
    if shell in ("pwsh", "powershell") or (is_windows and not shell):
        return "$env:CRM_DB = '" + path.replace("'", "''") + "'"
    return f"export CRM_DB={shlex.quote(path)}"
