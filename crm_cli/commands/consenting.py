"""Behind privacy consent: what is missing is asked for, then taken down."""

from datetime import date
from typing import Any

from crm_cli.commands import ask, erasing
from crm_cli.context import App
from crm_cli.errors import Misuse, NotFound
from crm_cli.queries.privacy_consent import consents_of
from crm_cli.rules import names, values
from crm_cli.rules.fields import nearest
from crm_cli.rules.text import fold, squeeze


def channel_named(app: App, typed: str) -> str:
    """A channel by its name in either language, or one that the config adds; NotFound with the nearest."""
    key = fold(typed)
    own = [squeeze(word) for word in app.config.get("channels").split(",") if word.strip()]
    found = next((word for word in own if fold(word) == key), None) or names.canonical("channel", key)
    if found:
        return found
    known = [*names.CHANNELS, *own]
    near = nearest(key, known)
    raise NotFound(
        "No channel is called {channel}",
        hint="Did you mean {near}? Known: {known}"
        if near
        else "Known: {known}. More: crm config set channels fair,letter",
        instead=(typed, near),
        channel=typed,
        near=near,
        known=" ".join(known),
    )


def take_down(app: App, ref: str | None, typed: dict[str, Any]) -> None:
    """One row for each channel; then what is in force."""
    who = erasing.settled(app, ref)
    channels = [channel_named(app, text) for text in typed["channel"] or [_ask_channel(app)]]
    clock = values.Clock(app.now)
    basis_of = values.one_of("basis")
    withdrawn = bool(typed["withdraw"])
    basis = typed["basis"]
    if withdrawn and basis:
        raise Misuse("What is withdrawn has no legal basis", hint="Leave out --basis")
    if not withdrawn:
        known = ask.fixed_names("basis")
        said = ask.need(app, basis, "basis", check=lambda text: basis_of(text, clock), known=known, option="--basis")
        basis = basis_of(said, clock)
        typed["source"] = ask.need(app, typed["source"], "source", option="--source")
    source = squeeze(typed["source"] or "") or None
    on = _day(app, typed["on"])
    from crm_cli.actions.privacy_consent import decide

    with app.write() as w:
        found = erasing.subject(app, w.db, who)
        new = decide(w, found.noun, found.id, channels, basis=basis, source=source, on=on, withdrawn=withdrawn)
        rows = consents_of(w.db, found.noun, found.id, app.now.tzinfo)
    if app.out.is_data or app.out.format == "md":
        app.out.records("consent", rows)
        return
    _tell(app, found, channels, new, withdrawn=withdrawn)


def _ask_channel(app: App) -> str:
    return ask.need(
        app,
        None,
        "channel",
        check=lambda text: channel_named(app, text),
        known=ask.channel_names(app) if app.is_interactive else (),
        option="--channel",
    )


def _day(app: App, typed: str | None) -> date:
    from crm_cli.rules.dates import parse_day

    return parse_day(typed, now=app.now, ahead=False) if typed else app.today


def _tell(app: App, found: Any, channels: list[str], new: int, *, withdrawn: bool) -> None:
    from crm_cli.i18n import language, listed, t

    if not new:
        app.out.say("Nothing to change: it is so already")
        return
    holes = {"ref": found.ref, "name": found.name}
    holes["channels"] = listed(names.shown("channel", channel, language()) for channel in channels)
    if withdrawn:
        told = t("{ref} {name} is no longer to be reached by {channels}", **holes)
    else:
        told = t("{ref} {name} may be reached by {channels}", **holes)
    if app.dry_run:
        app.out.say("Trial, nothing was kept: {sentence}", sentence=told)
    elif not app.out.quiet:
        app.out.tell(t("{sentence}; undo: crm undo", sentence=told))
