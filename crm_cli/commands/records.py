"""What the nouns have in common: add, show, edit, remove and restore of records."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from crm_cli.commands import ask, keeping, prompts
from crm_cli.commands.writes import write
from crm_cli.context import App
from crm_cli.errors import Conflict, Misuse
from crm_cli.rules.paste import line
from crm_cli.store.writer import Work

if TYPE_CHECKING:  # reading needs no models
    from crm_cli.actions.change import Change


def add(
    app: App, noun: str, options: dict[str, Any], action: Callable[[Work, bool], "Change"], duplicate: bool
) -> None:
    """Add a record; one that is there already is shown and asked about at a terminal."""
    with keeping.nothing_lost(
        app, lambda: keeping.line_words([noun, "add"], options, _BY_PLACE.get(noun, "name title"))
    ):
        try:
            write(app, lambda w: action(w, duplicate), single=True)
        except Conflict as error:
            if not error.candidates or not ask.may_ask_more(app) or app.yes:
                error.lines = error.lines or _all_the_same(app, error)
                raise
            app.out.error(error)
            ask.confirm(app, "Add it all the same?")
            write(app, lambda w: action(w, True), single=True)


_BY_PLACE = {"order": "customer"}  # what stands without an option


def _all_the_same(app: App, error: Conflict) -> list[tuple[str, str]]:
    """The line that adds what is there already once more."""
    if not error.candidates:
        return []
    words = list(app.arguments)
    at = words.index("--") if "--" in words else len(words)
    return [("Type: {line}", line(["crm", *words[:at], "--duplicate", *words[at:]]))]


def check_first(app: App, noun: str, options: dict[str, Any]) -> None:
    """At a terminal what was typed is checked before more is asked, so that no answer is lost to a slip made before."""
    if not app.is_interactive:
        return
    from crm_cli.rules import values

    table = {"customer": values.CUSTOMER, "contact": values.CONTACT, "deal": values.DEAL, "product": values.PRODUCT}[
        noun
    ]
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
    return prompts.choose(app, t("Is it a company or a person?"), choices)


_NOT_CHANGES = {"refs"}


def edit(
    app: App,
    noun: str,
    refs: Sequence[str] | None,
    options: dict[str, Any],
    action: Callable[[Work, list[int]], "Change"],
) -> None:
    """Change the records that REF... means."""
    says_what = bool(set(options) - _NOT_CHANGES)
    if not says_what and not app.is_interactive:
        raise nothing_said(noun)
    chosen = ask.Chosen(app, noun, refs)
    if says_what:
        write(app, lambda w: action(w, chosen.ids(w)))
        return
    if len(chosen.expected) > 1:
        raise nothing_said(noun)
    from crm_cli.commands import forms

    forms.edit(app, noun, chosen.expected[0], options, lambda w: action(w, chosen.ids(w)), single=False)


def nothing_said(noun: str) -> Misuse:
    """An edit that says nothing."""
    return Misuse("Nothing says what to change", hint="See: crm {noun} edit --help", noun=noun)


def remove(app: App, noun: str, refs: Sequence[str] | None) -> None:
    """Hide the records that REF... means; at a terminal open deals and tasks that go along are asked about."""
    from crm_cli.actions.removal import remove_records

    chosen = ask.Chosen(app, noun, refs, does="")
    if not app.dry_run and (chosen.is_query or app.is_interactive):
        _confirm_removal(app, noun, chosen)
    write(app, lambda w: remove_records(w, noun, chosen.ids(w)))


def _confirm_removal(app: App, noun: str, chosen: ask.Chosen) -> None:
    """One question: what a query means is named, and what goes along with it."""
    from crm_cli.i18n import listed, t, tn
    from crm_cli.queries.goes_along import open_deals, open_tasks

    ids = chosen.expected
    with app.read() as db:
        deals, tasks = open_deals(db, noun, ids), open_tasks(db, noun, ids)
    told = [tn("{n} open deal", "{n} open deals", deals)] * bool(deals)
    told += [tn("{n} open task", "{n} open tasks", tasks)] * bool(tasks)
    go_along = "{what} goes with it. Go on?" if deals + tasks == 1 else "{what} go with it. Go on?"
    also = t(go_along, what=listed(told)) if told else ""
    if chosen.is_query:
        ask.confirm_deed(app, noun, ids, "removed", also)
    elif also:
        ask.confirm(app, go_along, what=listed(told))


def restore(app: App, noun: str, refs: Sequence[str] | None) -> None:
    """Bring removed records back."""
    from crm_cli.actions.removal import restore_records

    chosen = ask.Chosen(app, noun, refs, removed=True, does="restored")
    write(app, lambda w: restore_records(w, noun, chosen.ids(w)))
