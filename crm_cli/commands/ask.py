"""What a person is asked, only at a terminal and never while a write is open."""

from collections.abc import Callable, Sequence
from typing import Any

from crm_cli.context import App
from crm_cli.errors import Ambiguous, Cancelled, Misuse
from crm_cli.i18n import t
from crm_cli.queries.conditions import Asker
from crm_cli.queries.find import Finder
from crm_cli.queries.targets import targets
from crm_cli.rules.text import clean
from crm_cli.store.writer import Work


def need(app: App, value: str | None, name: str, *, check: Callable[[str], Any] | None = None) -> str:
    """A required value: asked for at a terminal, exit 2 in a script."""
    if value is not None and value.strip():
        return value
    if value is not None:
        raise Misuse("{name} may not be empty", name=t(name))
    if not app.is_interactive:
        raise Misuse("{name} is missing", hint="See: {where} --help", name=t(name), where=getattr(app, "verb", "crm"))
    return _text(app, t(name), check)


def need_many(app: App, values: Sequence[str] | None, name: str) -> list[str]:
    """At least one of several values."""
    return list(values) if values else [need(app, None, name)]


def _text(app: App, name: str, check: Callable[[str], Any] | None) -> str:
    app.assert_may_ask()
    import questionary

    def valid(typed: str) -> bool | str:
        if not typed.strip():
            return t("{name} may not be empty", name=name)
        if check is not None:
            try:
                check(typed)
            except Misuse as error:
                return clean(error.message())
        return True

    answer = questionary.text(f"{name}:", validate=valid).unsafe_ask()
    return str(_answered(answer))


def maybe(app: App, name: str) -> str | None:
    """A value that may be left empty."""
    app.assert_may_ask()
    import questionary

    answer = str(_answered(questionary.text(f"{t(name)}:").unsafe_ask())).strip()
    return answer or None


def _answered(answer: Any) -> Any:
    if answer is None:
        raise Cancelled("Stopped; nothing was changed")
    return answer


def confirm(app: App, sentence: str, **holes: object) -> None:
    """A yes, or nothing happens; without a terminal the yes must have been typed."""
    if app.yes:
        return
    question = t(sentence, **holes)
    if not app.is_interactive:
        raise Misuse("{question} Nobody is here to ask", hint="Add --yes to say so.", question=question)
    app.assert_may_ask()
    import questionary

    if not _answered(questionary.confirm(clean(question), default=False).unsafe_ask()):
        raise Cancelled("Stopped; nothing was changed")


def pick(app: App, error: Ambiguous) -> str:
    """The one meant of several candidates, chosen at a terminal; in a script the error stands."""
    if not app.is_interactive or not error.candidates:
        raise error
    app.assert_may_ask()
    import questionary

    choices = [
        questionary.Choice(
            clean(f"{c.get('ref') or c['id']}  {c['name']}" + (f"  ({c['customer']})" if c.get("customer") else "")),
            value=str(c.get("ref") or c["id"]),
        )
        for c in error.candidates
    ]
    return str(_answered(questionary.select(clean(error.message()), choices=choices).unsafe_ask()))


def settle(app: App, text: str, kinds: Sequence[str], *, scope: dict[str, str] | None = None, removed: bool = False) -> str:
    """A reference that means one record: at a terminal the pick among several is made before the write opens."""
    if not app.is_interactive:
        return text
    with app.read() as db:
        try:
            Finder(db, kinds, scope=scope, removed=removed, country=app.country).one(text)
            return text
        except Ambiguous as error:
            ambiguous = error
    return pick(app, ambiguous)


class Chosen:
    """The records that REF... means: asked and confirmed before the write, found again inside it."""

    def __init__(self, app: App, noun: str, refs: Sequence[str] | None, *, scope: str = "", removed: bool = False) -> None:
        self.app = app
        self.noun = noun
        self.scope = scope
        self.removed = removed
        self.refs = need_many(app, refs, noun)
        self.expected: list[int] | None = None
        self._choose()

    def _choose(self) -> None:
        app = self.app
        with app.read() as db:
            while True:
                try:
                    found = self._find(db, app.asker(db))
                    break
                except Ambiguous as error:
                    typed = str(error.holes.get("text", ""))
                    if typed not in self.refs or not app.is_interactive:
                        raise
                    self.refs[self.refs.index(typed)] = pick(app, error)
        if found.by_query:
            if not found.ids:
                from crm_cli.errors import NotFound

                raise NotFound("The query fits no {noun}", noun=self.noun)
            if not app.dry_run:
                confirm(app, "{n} records will be changed.", n=len(found.ids))
        self.expected = found.ids

    def _find(self, db: Any, asker: Asker) -> Any:
        return targets(db, self.noun, self.refs, asker, scope=self.scope, removed=self.removed, country=self.app.country)

    def ids(self, w: Work) -> list[int]:
        """The ids again, on the writer's own connection; a different answer stops everything."""
        from crm_cli.errors import Conflict

        found = self._find(w.db, Asker(w.now, w.member_id, self.app.decimal)).ids
        if self.expected is not None and found != self.expected:
            raise Conflict("Somebody has changed what this means meanwhile; nothing was changed", hint="Try again.")
        return list(found)


def currency_for(app: App, options: dict[str, Any]) -> None:
    """At a terminal, the currency of an amount is asked for once where nothing says it, and kept in the config."""
    if not app.is_interactive or options.get("amount") is None or options.get("currency") or app.config.get("currency"):
        return
    from crm_cli.rules.money import parse_currency, parse_money

    if parse_money(options["amount"], currency=None, decimal=app.decimal or None).currency:
        return
    with app.read() as db:
        found = Finder(db, ["customer"], country=app.country).one(options["customer"])
        if db.value("SELECT 1 FROM deal WHERE customer_id = :id AND currency IS NOT NULL LIMIT 1", {"id": found.id}):
            return
    options["currency"] = parse_currency(_text(app, t("currency"), parse_currency))
    from crm_cli.settings import set_value

    set_value(app.config, "currency", options["currency"])
