"""What the nouns have in common: add, show, edit, remove and restore of records."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from crm_cli.commands import ask
from crm_cli.commands.writes import write
from crm_cli.context import App
from crm_cli.errors import Ambiguous, Conflict, Misuse
from crm_cli.store.writer import Work

if TYPE_CHECKING:  # reading needs no models
    from crm_cli.actions.change import Change


def add(app: App, action: Callable[[Work, bool], "Change"], duplicate: bool) -> None:
    """Add a record; one that is there already is shown and asked about at a terminal."""
    try:
        write(app, lambda w: action(w, duplicate), single=True)
    except Conflict as error:
        if not error.candidates or not app.is_interactive or app.yes:
            raise
        app.out.error(error)
        ask.confirm(app, "Add it all the same?")
        write(app, lambda w: action(w, True), single=True)


def ask_kind(app: App) -> str:
    """Company or person, asked at a terminal."""
    app.assert_may_ask()
    import questionary

    from crm_cli.i18n import language, t
    from crm_cli.rules import names

    choices = [questionary.Choice(names.shown("kind", kind, language()), value=kind) for kind in names.values("kind")]
    answer = questionary.select(t("Is it a company or a person?"), choices=choices).unsafe_ask()
    return str(answer or "company")


def show(app: App, ref: str | None, kinds: Sequence[str], name: str) -> None:
    """Everything about one record."""
    from crm_cli.output.sheets import show_record
    from crm_cli.queries.find import Finder
    from crm_cli.queries.show import show as whole

    text = ask.need(app, ref, name)
    with app.read() as db:
        try:
            found = Finder(db, kinds, country=app.country).one(text)
        except Ambiguous as error:
            found = Finder(db, kinds, country=app.country).one(ask.pick(app, error))
        record = whole(db, found, app.asker(db))
    show_record(app.out, found.kind, record)


_NOT_CHANGES = {"refs"}


def edit(app: App, noun: str, refs: Sequence[str] | None, options: dict[str, Any], action: Callable[[Work, list[int]], "Change"]) -> None:
    """Change the records that REF... means."""
    if not set(options) - _NOT_CHANGES:
        raise Misuse("Nothing says what to change", hint="See: crm {noun} edit --help", noun=noun)
    chosen = ask.Chosen(app, noun, refs)
    write(app, lambda w: action(w, chosen.ids(w)))


def remove(app: App, noun: str, refs: Sequence[str] | None) -> None:
    """Hide the records that REF... means; open deals are asked about."""
    from crm_cli.actions.removal import open_deals_of, remove_records

    chosen = ask.Chosen(app, noun, refs)
    if noun == "customer" and not app.dry_run and chosen.expected:
        with app.read() as db:
            deals = open_deals_of(db, chosen.expected)
        if deals:
            ask.confirm(app, "{n} open deals go with it.", n=deals)
    write(app, lambda w: remove_records(w, noun, chosen.ids(w)))


def restore(app: App, noun: str, refs: Sequence[str] | None) -> None:
    """Bring removed records back."""
    from crm_cli.actions.removal import restore_records

    chosen = ask.Chosen(app, noun, refs, removed=True)
    write(app, lambda w: restore_records(w, noun, chosen.ids(w)))
