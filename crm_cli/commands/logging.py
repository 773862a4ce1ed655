"""Behind log, done and snooze: the text, the next step asked for, and refs of the call sheet of any kind."""

import sys
from collections.abc import Callable, Sequence
from typing import Any

from crm_cli.actions.change import Change, Note
from crm_cli.commands import ask, keeping
from crm_cli.commands.nearly import refuse_no_channel
from crm_cli.commands.writes import write
from crm_cli.context import App
from crm_cli.errors import Misuse, NotFound
from crm_cli.i18n import language
from crm_cli.queries.find import OPEN_DEALS, OPEN_TASKS, Finder, Found
from crm_cli.queries.grammar import is_query_argument
from crm_cli.queries.quiet import on_the_sheet
from crm_cli.rules.days import spell_day
from crm_cli.rules.fields import find_field
from crm_cli.rules.paste import line
from crm_cli.rules.text import fold
from crm_cli.rules.warning import AT_RISK
from crm_cli.store.reader import Reader
from crm_cli.store.writer import Work

_LIMIT = 1_000_000
_KINDS = ("customer", "deal", "task")
Scopes = Callable[[Reader], dict[str, str]]


def text_of(app: App, words: Sequence[str] | None) -> str:
    """The remaining words, or stdin for a single `-`; at a terminal what was said is asked for."""
    if not words:
        return (ask.maybe(app, "What was said (Enter for nothing)") or "") if asks(app) else ""
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


def need_channel(app: App, typed: str | None) -> str:
    """The channel as typed, else asked for."""
    return ask.need(app, typed, "channel", check=lambda text: known_channel(app, text), known=ask.channel_names(app))


def known_channel(app: App, typed: str) -> str:
    """The channel as it is kept; nothing else is meant where it is asked for."""
    from crm_cli.actions.parties import channel_of

    return channel_of(typed, app.config.get("channels"))


def need_refs(app: App, typed: Sequence[str] | None) -> list[str]:
    """What of the call sheet is meant, asked for at a terminal: a task, a deal or a customer."""
    if typed or not app.is_interactive:
        return ask.need_many(app, typed, "REF")
    with app.read() as db:
        scope = {**on_the_sheet(db, app.today), "task": OPEN_TASKS}
    return [ask.need_ref(app, None, "which one", _KINDS, scope=scope)]


def line_of(kept: str, who: str, text: str, options: dict[str, Any]) -> list[str]:
    """The words of `crm log` again, with what was asked for."""
    given = {name: value for name, value in options.items() if name not in ("channel", "who")}
    return keeping.line_words(["log"], {"words": [kept, who, *([text] if text else [])], **given}, "words")


def channel(app: App, typed: str, who: str | None, text: Sequence[str] | None) -> str:
    """The channel as it is kept; where channel and WHO were turned round, the error has the line to type."""
    from crm_cli.actions.parties import channel_of, is_channel

    further = app.config.get("channels")
    swapped = ""
    if who and is_channel(who, further):
        swapped = line(["crm", "log", who, typed, *(text or [])])
    try:
        return channel_of(typed, further, swapped=swapped)
    except NotFound:
        if not swapped:
            refuse_no_channel(app, typed, who)
        raise


def asks(app: App) -> bool:
    """Whether what may be left empty is asked for: somebody is there, and wants words."""
    return ask.may_ask_more(app) and not (app.yes or app.out.is_data or app.out.quiet)


def ask_next(app: App, options: dict[str, Any]) -> None:
    """At a terminal, logging asks for the next step; Enter leaves it. A day without a step is refused."""
    if options.get("due") and not options.get("next"):
        raise Misuse("--due needs --next", hint='Say what is due: --next "call again" --due fri')
    if options.get("next") or not asks(app):
        return
    step = ask.maybe(app, "Next step (Enter for none)")
    if step:
        from crm_cli.rules import values

        clock = values.Clock(app.now)
        options["next"] = step
        options["due"] = ask.maybe(app, "Due day (Enter for none)", check=lambda text: values.due(text, clock))


def _is_query(refs: Sequence[str]) -> bool:
    prefixes = tuple(f"{kind}:" for kind in (*_KINDS, "contact", "interaction"))
    return any(
        is_query_argument(text, lambda name: find_field("task", name) is not None) and not text.startswith(prefixes)
        for text in refs
    )


def _one(app: App, db: Reader, text: str, scopes: Scopes) -> Found:
    """A record of the call sheet: digits alone are a task; other refs are of any kind that can be acted on."""
    kinds = ("task",) if fold(text).isdigit() else _KINDS
    try:
        return Finder(db, kinds, scope=scopes(db), country=app.country).one(text)
    except NotFound:
        kind = text.partition(":")[0].strip().lower()
        if kind not in ("customer", "deal"):
            raise
        found = Finder(db, [kind], country=app.country).one(text)
        raise NotFound(
            "{name} is not on the call sheet",
            hint="To take down a talk, type: {line}",
            name=found.name,
            line=line(["crm", "log", "call", found.ref]),
        ) from None


def _all(app: App, db: Reader, refs: Sequence[str], scopes: Scopes) -> list[Found]:
    return list(dict.fromkeys(_one(app, db, text, scopes) for text in refs))


def _settled(app: App, refs: Sequence[str], scopes: Scopes) -> list[str]:
    """At a terminal the pick among several is made before the write opens."""
    if not app.is_interactive:
        return list(refs)
    with app.read() as db:
        scope = scopes(db)
    return [ask.settle(app, text, list(_KINDS), scope=scope) for text in refs]


def done(app: App, refs: Sequence[str]) -> None:
    """Tick off whatever of the call sheet the refs mean."""
    from crm_cli.actions.activity import handle
    from crm_cli.actions.tasks import done_tasks

    if _is_query(refs):
        chosen = ask.Chosen(app, "task", refs, scope=OPEN_TASKS, does="done")
        write(app, lambda w: done_tasks(w, chosen.ids(w)))
        return

    def scopes(db: Reader) -> dict[str, str]:
        return {**on_the_sheet(db, app.today), "task": OPEN_TASKS}

    typed = _settled(app, refs, scopes)

    def action(w: Work) -> Change:
        found = _all(app, w.db, typed, scopes)
        tasks = [record.id for record in found if record.kind == "task"]
        change = done_tasks(w, tasks) if tasks else None
        notes: list[Note] = []
        noted = []
        for record in found:
            if record.kind != "task":
                noted.append(handle(w, record.kind, record.id))
                notes.append(("Dealt with: {name} (noted as interaction {id})", {"name": record.name, "id": noted[-1]}))
        return _told(change, [("interaction", noted)] if noted else [], notes)

    write(app, action)


def snooze(app: App, refs: Sequence[str], day: str) -> None:
    """Put off whatever of the call sheet the refs mean."""
    from crm_cli.actions.tasks import put_off, snooze_record, snooze_tasks

    if _is_query(refs):
        chosen = ask.Chosen(app, "task", refs, scope=OPEN_TASKS, does="snoozed", to=day)
        write(app, lambda w: snooze_tasks(w, chosen.ids(w), day))
        return

    def scopes(db: Reader) -> dict[str, str]:
        at_risk = f"x.id IN (SELECT z.customer_id FROM score z WHERE z.risk >= {AT_RISK})"
        return {"customer": f"(x.cadence_days IS NOT NULL OR {at_risk})", "deal": OPEN_DEALS, "task": OPEN_TASKS}

    typed = _settled(app, refs, scopes)

    def action(w: Work) -> Change:
        put_off(w, day)
        found = _all(app, w.db, typed, scopes)
        tasks = [record.id for record in found if record.kind == "task"]
        change = snooze_tasks(w, tasks, day) if tasks else None
        notes: list[Note] = []
        others = [record for record in found if record.kind != "task"]
        for record in others:
            until = snooze_record(w, record.kind, record.id, day)
            day_said = spell_day(until, language())
            said = (
                "{name} stays away until {day}, or until something is logged",
                {"name": record.name, "day": day_said},
            )
            notes.append(said)
        groups = [(kind, [r.id for r in others if r.kind == kind]) for kind in ("deal", "customer")]
        return _told(change, [group for group in groups if group[1]], notes)

    write(app, action)


def _told(change: Change | None, groups: list[tuple[str, list[int]]], notes: list[Note]) -> Change:
    """One answer for tasks and other refs together: the tasks first."""
    if change is not None:
        return change._replace(notes=[*change.notes, *notes], others=groups)
    return Change(*groups[0], notes[0][0], notes[0][1], notes[1:], groups[1:])
