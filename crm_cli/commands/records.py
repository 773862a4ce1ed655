"""What the nouns have in common: add, show, edit, remove and restore of records."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from crm_cli.commands import ask
from crm_cli.commands.writes import write
from crm_cli.context import App
from crm_cli.errors import Conflict, Misuse
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


def check_first(app: App, noun: str, options: dict[str, Any]) -> None:
    """At a terminal what was typed is checked before more is asked, so that no answer is lost to a slip made before."""
    if not app.is_interactive:
        return
    from crm_cli.rules import values

    table = {"customer": values.CUSTOMER, "contact": values.CONTACT, "deal": values.DEAL}[noun]
    values.read(table, options, values.Clock(app.now))


def name_check(field: str) -> Callable[[str], None]:
    """What a name has to be, said while it is typed."""

    def check(typed: str) -> None:
        if len(typed.strip()) > LONGEST_NAME:
            raise Misuse("{field} is longer than {longest} characters", field=field, longest=LONGEST_NAME)

    return check


LONGEST_NAME = 500


def ask_kind(app: App) -> str:
    """Company or person, asked at a terminal."""
    from crm_cli.i18n import language, t
    from crm_cli.rules import names

    choices = [(names.shown("kind", kind, language()), kind) for kind in names.values("kind")]
    return ask.choose(app, t("Is it a company or a person?"), choices)


def show(app: App, ref: str | None, kinds: Sequence[str], name: str) -> None:
    """Everything about one record."""
    from crm_cli.output.profile import show_record
    from crm_cli.queries.find import Finder
    from crm_cli.queries.show import show as whole

    text = ask.need_ref(app, ref, name, kinds)
    with app.read() as db:
        found = Finder(db, kinds, country=app.country).one(text)
        record = whole(db, found, app.asker(db))
    show_record(app.out, found.kind, record)


_NOT_CHANGES = {"refs"}


def edit(
    app: App,
    noun: str,
    refs: Sequence[str] | None,
    options: dict[str, Any],
    action: Callable[[Work, list[int]], "Change"],
) -> None:
    """Change the records that REF... means."""
    if not set(options) - _NOT_CHANGES:
        raise Misuse("Nothing says what to change", hint="See: crm {noun} edit --help", noun=noun)
    chosen = ask.Chosen(app, noun, refs)
    write(app, lambda w: action(w, chosen.ids(w)))


def remove(app: App, noun: str, refs: Sequence[str] | None) -> None:
    """Hide the records that REF... means; at a terminal open deals that go along are asked about."""
    from crm_cli.actions.removal import open_deals_of, remove_records

    chosen = ask.Chosen(app, noun, refs)
    if noun == "customer" and app.is_interactive and not app.dry_run:
        with app.read() as db:
            deals = open_deals_of(db, chosen.expected)
        if deals:
            ask.confirm_many(app, "{n} open deal goes with it. Go on?", "{n} open deals go with it. Go on?", deals)
    write(app, lambda w: remove_records(w, noun, chosen.ids(w)))


def restore(app: App, noun: str, refs: Sequence[str] | None) -> None:
    """Bring removed records back."""
    from crm_cli.actions.removal import restore_records

    chosen = ask.Chosen(app, noun, refs, removed=True)
    write(app, lambda w: restore_records(w, noun, chosen.ids(w)))
