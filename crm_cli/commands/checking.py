"""crm check: whether the database is sound, what mends it, and where it lives."""

from typing import Annotated, Any

import typer

from crm_cli.commands.params import Context, noun
from crm_cli.context import App
from crm_cli.errors import Damaged, Misuse
from crm_cli.i18n import t, tn

words = noun()

FOUND = 5  # the exit code where something is wrong with the database


@words.command("check")
def check(
    ctx: Context,
    env: Annotated[bool, typer.Option("--env", help="say versions, file, backups and who has it open instead")] = False,
    fix: Annotated[bool, typer.Option("--fix", help="mend what has a safe mend; crm undo takes it back")] = False,
) -> int:
    """Check that the database is sound: silent when it is, else a line for each thing."""
    app = ctx.obj
    if env and fix:
        raise Misuse("--env and --fix do not go together", hint="Type one of them.")
    if env:
        return _environment(app)
    found, is_there = _found(app)
    if not is_there:
        app.out.say("There is no database yet: {path}", path=app.database)
    if fix and any(one.fixable for one in found):
        found = _mended(app, found)
    _tell(app, found)
    return FOUND if found else 0


def _found(app: App) -> tuple[list[Any], bool]:
    """Everything that is wrong, and whether there is a database at all."""
    from crm_cli.queries.checks import file, run
    from crm_cli.queries.checks.finding import Ask
    from crm_cli.store.inspection import looking

    with looking(app.database) as db:
        if db is None:
            return [], False
        wait = file.beginning(app.database)
        rows: list[Any] = []
        broken = None
        try:
            rows += file.of_structure(db)
            odd = bool(rows)
            rows += file.of_references(db)
            for one in run.findings(Ask(db, app.now, app.country), damaged=odd):
                rows.append(one)
        except Damaged as error:
            broken = error  # no more can be asked: what SQLite says of it comes first
        blamed = {one.ref.partition(":")[0] for one in rows}
        damage = file.of_damage(wait(), blamed)
        if broken is not None and not damage:
            raise broken
        return [*damage, *rows], True


def _mended(app: App, before: list[Any]) -> list[Any]:
    """What is still wrong after the mend; what is not any more is said."""
    first = next((one for one in before if not one.fixable and one.check in ("integrity", "triggers")), None)
    if first is not None:  # what is written there could go anywhere
        app.out.say("Nothing was mended, this comes first: {what}", what=_line(first.as_row()))
        return before
    fixable = [one for one in before if one.fixable]
    if app.dry_run:
        app.out.say("Trial, nothing was kept: {sentence}", sentence=_would(len(fixable)))
        return before
    from crm_cli.actions.mending import mend

    changes = mend(
        app.database,
        now=app.now,
        user=app.user,
        command=app.typed,
        country=app.country,
        reindex=any(one.check == "integrity" for one in fixable),
    )
    after, _ = _found(app)
    left = {(one.check, one.ref, one.sentence) for one in after}
    mended = [one for one in fixable if (one.check, one.ref, one.sentence) not in left]
    for one in mended:
        app.out.say("Mended: {what}", what=_line(one.as_row()))
    if mended and changes:
        app.out.say("undo: crm undo")
    return after


def _would(n: int) -> str:
    return tn("{n} thing would be mended", "{n} things would be mended", n)


def _tell(app: App, found: list[Any]) -> None:
    out = app.out
    rows = [one.as_row() for one in found]
    if out.is_data or out.format == "md":
        out.records("finding", rows)
        return
    from crm_cli.rules.text import clean

    out.lines(t("{what}. Mend: {line}", what=_line(row), line=clean(row["mend"])) for row in rows)
    if any(one.fixable for one in found) and not app.dry_run:
        out.say("{n} of {all} can be mended: crm check --fix", n=sum(one.fixable for one in found), all=len(found))


def _line(row: dict[str, Any]) -> str:
    """The name of the check, the record, and what is wrong with it: one line, whatever the data are."""
    from crm_cli.rules.text import clean, fit, squeeze

    return "  ".join(clean(squeeze(part)) for part in (row["check"], row["ref"], fit(row["message"], 300)) if part)


def _environment(app: App) -> int:
    """Key and value; what is worth a warning stands on stderr too."""
    from crm_cli.commands.precaution import elsewhere
    from crm_cli.store import environment

    config = app.config
    row = environment.describe(app.database, elsewhere=elsewhere(app))
    row.update(
        config=config.path(),
        user=app.user,
        locale=next((app.environ[key] for key in ("LC_ALL", "LC_CTYPE", "LANG") if app.environ.get(key)), None),
        timezone=config.get("timezone") or str(app.now.tzname()),
        terminal=app.environ.get("TERM") or None,
        columns=app.out.width,
    )
    row = {key: row[key] for key in environment.KEYS}
    out = app.out
    if out.format in ("json", "jsonl"):
        out.json(row)
    else:
        pairs = [{"key": key, "value": _spelled(value)} for key, value in row.items() if key != "warnings"]
        if out.is_data or out.format == "md":
            out.records("setting", pairs)
        else:
            _draw(app, pairs)
    for danger in environment.warnings(row):
        app.out.say("Warning: {what}", what=environment.warning(danger))
    return 0


def _draw(app: App, pairs: list[dict[str, Any]]) -> None:
    from crm_cli.rules.text import clean

    app.out.lines(f"{pair['key']:<15} {clean(pair['value'])}".rstrip() for pair in pairs)


def _spelled(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "; ".join(f"{key} {text}" for key, text in value.items())
    if isinstance(value, list):
        return "; ".join(str(one) for one in value) or "-"
    return str(value)
