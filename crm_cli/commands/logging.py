"""Behind log, done and snooze: the text, the next step asked for, and refs of the call sheet of any kind."""

import sys
from collections.abc import Sequence
from typing import Any

from crm_cli.actions.change import Change
from crm_cli.commands import ask
from crm_cli.commands.writes import write
from crm_cli.context import App
from crm_cli.errors import Misuse
from crm_cli.i18n import language
from crm_cli.queries.find import OPEN_DEALS, OPEN_TASKS, Finder
from crm_cli.queries.grammar import is_query_argument
from crm_cli.rules.days import spell_day
from crm_cli.rules.fields import find_field
from crm_cli.store.writer import Work

_LIMIT = 1_000_000


def text_of(app: App, words: Sequence[str] | None) -> str:
    """The remaining words, or stdin for a single `-`."""
    if not words:
        return ""
    if list(words) != ["-"]:
        return " ".join(words)
    if sys.stdin is None:
        raise Misuse("There is nothing on stdin to read")
    raw = sys.stdin.buffer.read(_LIMIT * 4 + 1)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Misuse("What is on stdin is not UTF-8 text") from None
    if len(text) > _LIMIT:
        raise Misuse("{field} is longer than {longest} characters", field="text", longest=_LIMIT)
    return text


def ask_next(app: App, options: dict[str, Any]) -> None:
    """At a terminal, logging asks for the next step; Enter leaves it."""
    if options.get("next") or options.get("due") or not app.is_interactive or app.yes or app.out.is_data or app.out.quiet:
        return
    step = ask.maybe(app, "Next step (Enter for none)")
    if step:
        from crm_cli.rules import values

        clock = values.Clock(app.now)
        options["next"] = step
        options["due"] = ask.need(app, None, "due day", check=lambda text: values.due(text, clock))


def _sheet_refs(app: App, w: Work, refs: Sequence[str]) -> list[Any]:
    """Records of the call sheet: digits alone are a task; names and prefixed refs are of any kind."""
    found = []
    for text in refs:
        kinds = ["task"] if text.isascii() and text.isdigit() else ["customer", "deal", "task"]
        scope = {"task": OPEN_TASKS, "deal": OPEN_DEALS}
        found.append(Finder(w.db, kinds, scope=scope, country=app.country).one(text))
    return found


def _is_query(refs: Sequence[str]) -> bool:
    prefixes = ("customer:", "deal:", "task:", "contact:")
    return any(
        is_query_argument(text, lambda name: find_field("task", name) is not None) and not text.startswith(prefixes) for text in refs
    )


def done(app: App, refs: Sequence[str]) -> None:
    """Tick off whatever of the call sheet the refs mean."""
    from crm_cli.actions.activity import handle
    from crm_cli.actions.tasks import done_tasks

    if _is_query(refs):
        chosen = ask.Chosen(app, "task", refs, scope=OPEN_TASKS)
        write(app, lambda w: done_tasks(w, chosen.ids(w)))
        return
    refs = [ask.settle(app, text, ["customer", "deal", "task"], scope={"task": OPEN_TASKS, "deal": OPEN_DEALS}) for text in refs]

    def action(w: Work) -> Change:
        found = _sheet_refs(app, w, refs)
        tasks = [record.id for record in found if record.kind == "task"]
        change = done_tasks(w, tasks) if tasks else None
        notes: list[tuple[str, dict[str, Any]]] = []
        noted = []
        for record in found:
            if record.kind != "task":
                noted.append(handle(w, record.kind, record.id, record.name))
                notes.append(("Dealt with: {name} (noted as interaction {id})", {"name": record.name, "id": noted[-1]}))
        if change is None:
            return Change("interaction", noted, notes[0][0], notes[0][1], notes[1:])
        return change._replace(notes=[*change.notes, *notes])

    write(app, action)


def snooze(app: App, refs: Sequence[str], day: str) -> None:
    """Put off whatever of the call sheet the refs mean."""
    from crm_cli.actions.tasks import snooze_record, snooze_tasks

    if _is_query(refs):
        chosen = ask.Chosen(app, "task", refs, scope=OPEN_TASKS)
        write(app, lambda w: snooze_tasks(w, chosen.ids(w), day))
        return
    refs = [ask.settle(app, text, ["customer", "deal", "task"], scope={"task": OPEN_TASKS, "deal": OPEN_DEALS}) for text in refs]

    def action(w: Work) -> Change:
        found = _sheet_refs(app, w, refs)
        tasks = [record.id for record in found if record.kind == "task"]
        change = snooze_tasks(w, tasks, day) if tasks else None
        notes: list[tuple[str, dict[str, Any]]] = []
        for record in found:
            if record.kind != "task":
                until = snooze_record(w, record.kind, record.id, day)
                notes.append(("{name} stays away until {day}, or until something is logged", {"name": record.name, "day": spell_day(until, language())}))
        if change is None:
            kind = found[0].kind
            return Change(kind, [r.id for r in found if r.kind == kind], notes[0][0], notes[0][1], notes[1:])
        return change._replace(notes=[*change.notes, *notes])

    write(app, action)
