"""What a person is asked, only at a terminal and never while a write is open."""

from collections.abc import Sequence
from typing import Any, NoReturn

from crm_cli.commands import prompts
from crm_cli.commands.prompts import Check, Known, Offer
from crm_cli.commands.settling import settle as settle
from crm_cli.context import App
from crm_cli.errors import Ambiguous, Cancelled, Conflict, CrmError, Misuse, NotFound
from crm_cli.i18n import language, listed, t, tn
from crm_cli.queries.conditions import Asker
from crm_cli.queries.find import Finder, Found
from crm_cli.queries.nearby import out_of_reach
from crm_cli.queries.offers import names_by_id, names_like
from crm_cli.queries.targets import Targets, is_query, targets
from crm_cli.rules import names
from crm_cli.rules.paste import line
from crm_cli.rules.text import clean, fit, squeeze
from crm_cli.store.reader import Reader
from crm_cli.store.writer import Work

_OFFERED = 50  # names that completion asks for at once
_WORDS = 2000  # texts in use that it knows at most
_FREE = ("icp", "tag", "segment", "member", "view")  # tables whose names are the user's own


def may_ask_more(app: App) -> bool:
    """Whether what has a default is asked for: somebody is there, and no pasted lines wait to be read as answers."""
    return app.is_interactive and not prompts.is_waiting(app)


def need(
    app: App,
    value: str | None,
    name: str,
    *,
    check: Check | None = None,
    known: Known = (),
    option: str = "",
    hint: str = "",
) -> str:
    """A required value: asked for at a terminal, exit 2 in a script. `option` is how it is typed, if not by place."""
    if value is not None and value.strip():
        return value
    if value is not None:
        raise Misuse("{name} may not be empty", name=option or t(name))
    if not app.is_interactive:
        raise Misuse(
            "{name} is missing", hint="See: {where} --help", name=option or t(name), where=getattr(app, "verb", "crm")
        )
    return prompts.line(app, t(name), check=check, known=known, hint=hint)


def need_reason(app: App, typed: str | None = None) -> str:
    """Why a deal was lost."""
    return need(app, typed, "reason", option="--reason", **reasons(app))


def reasons(app: App) -> dict[str, Any]:
    """What helps to say why a deal was lost: the reasons of others, or an example."""
    known = words_in_use(app, "deal", "lost_reason")
    return {"known": known, "hint": "" if known else t("for example {value}", value=t("price, timing, a competitor"))}


def need_day(app: App, typed: str | None) -> str:
    """The day that something is put off until; without a terminal the line with one, ready to paste."""
    if typed is None and not app.is_interactive:
        verb, words = getattr(app, "verb", "crm"), list(app.arguments)
        end = words.index("--") if "--" in words else len(words)
        says_what = len([word for word in words[:end] if word[:1] != "-"]) >= len(verb.split())
        whole = line(["crm", *words[:end], "+3d", *words[end:]])
        raise Misuse(
            "{name} is missing",
            hint="See: {where} --help",
            lines=[("Type: {line}", whole)] if says_what else [],
            name=t("day"),
            where=verb,
        )
    from crm_cli.rules import values

    clock = values.Clock(app.now)
    label = "put off until" if app.is_interactive else "day"
    return need(app, typed, label, check=lambda text: values.due(text, clock), known=days_ahead())


def days_ahead() -> list[Offer]:
    """Days that are asked for most, in either language."""
    return [Offer(zh if language() == "zh" else en, (en, zh)) for en, zh in _DAYS]


_DAYS = (
    ("tomorrow", "明天"),
    ("+3d", "3天后"),
    ("+1w", "一周后"),
    ("mon", "周一"),
    ("fri", "周五"),
    ("+1mo", "一个月后"),
)


def need_many(app: App, values: Sequence[str] | None, name: str) -> list[str]:
    """At least one of several values."""
    return list(values) if values else [need(app, None, name)]


def need_ref(
    app: App,
    value: str | None,
    name: str,
    kinds: Sequence[str],
    *,
    option: str = "",
    scope: dict[str, str] | None = None,
    removed: bool = False,
) -> str:
    """A required reference to one record: asked for at a terminal, where the pick among several is made too."""
    if value is None and app.is_interactive:

        def check(typed: str) -> None:
            with app.read() as db:
                try:
                    Finder(db, kinds, scope=scope, removed=removed, country=app.country).one(typed)
                except Ambiguous:
                    pass  # the pick comes next

        value = need(app, None, name, check=check, known=names_of(app, kinds, scope, removed))
    return settle(app, need(app, value, name, option=option), kinds, scope=scope, removed=removed)


def need_refs(
    app: App, values: Sequence[str] | None, name: str, kinds: Sequence[str], *, scope: str = "", removed: bool = False
) -> list[str]:
    """At least one reference, or a query."""
    if values or not app.is_interactive:
        return need_many(app, values, name)
    scopes = {kinds[0]: scope} if scope else None
    return [need_ref(app, None, name, kinds, scope=scopes, removed=removed)]


def names_of(app: App, kinds: Sequence[str], scope: dict[str, str] | None = None, removed: bool = False) -> Known:
    """Names that a reference may be, looked up as they are typed: by their beginning, then by any part."""

    def look(typed: str) -> list[str]:
        with app.read() as db:
            return names_like(db, kinds, typed, _OFFERED, scope=scope, removed=removed)

    return look


def words_in_use(app: App, noun: str, column: str) -> list[str]:
    """The values of a text column, for completion; nothing where nobody is asked."""
    if not app.is_interactive:
        return []
    with app.read() as db:
        rows = db.rows(f"SELECT {column} FROM {noun} WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC")
    return [row[0] for row in rows[:_WORDS]]


def small_names(app: App, table: str) -> list[Offer]:
    """Stages, tags, segments or members by their names in either language; nothing where nobody is asked."""
    if not app.is_interactive:
        return []
    live = "" if table == "tag" else " WHERE removed_at IS NULL"
    order = "pipeline_id, position" if table == "stage" else "name_key"
    with app.read() as db:
        found = [row[0] for row in db.rows(f"SELECT name FROM {table}{live} ORDER BY {order}")]
    return [_offer(table, name) for name in dict.fromkeys(found)]


def fixed_names(group: str) -> list[Offer]:
    """The values of a fixed set by their names in either language."""
    return [_offer(group, value) for value in names.values(group)]


def channel_names(app: App) -> list[Offer]:
    """The channels, with those that the config adds."""
    own = [word.strip() for word in app.config.get("channels").split(",") if word.strip()]
    return [*fixed_names("channel"), *(Offer(word) for word in own)]


def _offer(group: str, value: str) -> Offer:
    fixed = group not in _FREE and value in names.values(group)
    return Offer(names.shown(group, value, language()), tuple(names.names_of(group, value)) if fixed else ())


def maybe(app: App, name: str, *, check: Check | None = None, known: Known = (), default: str = "") -> str | None:
    """A value that may be left empty; what is typed is checked under the prompt."""
    return prompts.line(app, t(name), check=check, known=known, default=default, must=False) or None


def confirm(app: App, sentence: str, /, **holes: object) -> None:
    """A yes, or nothing happens; without a terminal the yes must have been typed."""
    if not app.yes:
        _confirm(app, t(sentence, **holes))


def confirm_many(app: App, one: str, many: str, n: int, /) -> None:
    """The same in the singular or plural."""
    if not app.yes:
        _confirm(app, tn(one, many, n))


# what is done to the records that a query means
DOES = {
    "changed": ("{n} record will be changed: {names}.", "{n} records will be changed: {names}."),
    "removed": ("{n} record will be removed: {names}.", "{n} records will be removed: {names}."),
    "restored": ("{n} record will be brought back: {names}.", "{n} records will be brought back: {names}."),
    "moved": ("{n} deal will be moved to {to}: {names}.", "{n} deals will be moved to {to}: {names}."),
    "won": ("{n} deal will be won: {names}.", "{n} deals will be won: {names}."),
    "lost": ("{n} deal will be lost: {names}.", "{n} deals will be lost: {names}."),
    "opened": ("{n} record will be opened again: {names}.", "{n} records will be opened again: {names}."),
    "done": ("{n} task will be done: {names}.", "{n} tasks will be done: {names}."),
    "snoozed": ("{n} task will be put off until {to}: {names}.", "{n} tasks will be put off until {to}: {names}."),
    "tagged": ("{n} record will be tagged {to}: {names}.", "{n} records will be tagged {to}: {names}."),
    "untagged": ("{n} record will lose the tag {to}: {names}.", "{n} records will lose the tag {to}: {names}."),
    "given": ("{n} customer will get this task: {names}.", "{n} customers will get this task: {names}."),
}
_NAMED, _LONGEST_NAME = 5, 40


def confirm_deed(app: App, noun: str, ids: Sequence[int], does: str, also: str = "", **holes: str) -> None:
    """A yes to what is done to the records of a query, with the first of their names and what goes along."""
    if app.yes:
        return
    with app.read() as db:
        named = names_by_id(db, noun, ids[:_NAMED])
    told = listed(fit(clean(squeeze(name)), _LONGEST_NAME) for name in named)
    if len(ids) > _NAMED:
        told = t("{names} and {n} more", names=told, n=len(ids) - _NAMED)
    one, many = DOES[does]
    _confirm(app, " ".join(filter(None, [tn(one, many, len(ids), names=told, **holes), also])))


def _confirm(app: App, question: str) -> None:
    hint = "Add --yes to go on; --dry-run shows what would change."
    if not app.is_interactive:
        raise Misuse("{question} Nobody is here to ask", hint=hint, question=question)
    if prompts.is_waiting(app):  # the next of several pasted lines is no yes
        raise Misuse("{question} More lines wait on the terminal, and none is taken for the answer", hint=hint,
                     question=question)  # fmt: skip
    if not prompts.yes(app, question):
        raise Cancelled("Stopped; nothing was changed")


class Chosen:
    """The records that REF... means, references or one query: asked and confirmed before the write, found again in it.

    `scope` (alias x) is what the verb can act on; `does` is what it does to them, a key of DOES with its holes, or
    "" where the caller asks.
    """

    def __init__(
        self,
        app: App,
        noun: str,
        refs: Sequence[str] | None,
        *,
        scope: str = "",
        removed: bool = False,
        does: str = "changed",
        **holes: str,
    ) -> None:
        self.app = app
        self.does = does
        self.holes = holes
        self.noun = noun
        self.scope = scope
        self.removed = removed
        self.refs = need_refs(app, refs, noun, [noun], scope=scope, removed=removed)
        self.expected = self._choose()

    def _choose(self) -> list[int]:
        app = self.app
        if app.is_interactive and not self._asks():
            scopes = {self.noun: self.scope} if self.scope else None
            try:
                self.refs = [settle(app, text, [self.noun], scope=scopes, removed=self.removed) for text in self.refs]
            except NotFound as error:
                self._explain(error)
        with app.read() as db:
            found = self._find(db, app.asker(db))
        if found.by_query:
            if not found.ids:
                word = names.shown("noun", self.noun, language())
                raise NotFound("The query fits no {word}", hint="See: crm {noun} list", word=word, noun=self.noun)
            if self.does and not app.dry_run:
                confirm_deed(app, self.noun, found.ids, self.does, **self.holes)
        self.is_query = found.by_query
        return found.ids

    def _asks(self) -> bool:
        """Whether a query stands there, also one over fields of the user's own."""
        with self.app.read() as db:
            return is_query(self.noun, self.refs, db)

    def _find(self, db: Reader, asker: Asker) -> Targets:
        try:
            return targets(
                db, self.noun, self.refs, asker, scope=self.scope, removed=self.removed, country=self.app.country
            )
        except NotFound as error:
            if is_query(self.noun, self.refs):
                raise
            self._explain(error)

    def _explain(self, error: NotFound) -> NoReturn:
        """Why a record that there is cannot be meant: it is closed, done, open still, removed."""
        typed = str(error.holes.get("typed") or error.holes.get("name", ""))
        with self.app.read() as db:
            live = self._lookup(db, typed, removed=False) if self.scope or self.removed else None
            gone = None if live or self.removed else self._lookup(db, typed, removed=True)
        if live and self.removed:
            raise NotFound("{name} is not removed: {ref}", name=live.name, ref=live.ref) from None
        if live:
            open_wanted = "<>" not in self.scope and "NOT NULL" not in self.scope
            raise out_of_reach(live, typed, open_wanted=open_wanted) from None
        if gone:
            raise NotFound(
                "{name} was removed",
                hint="To bring it back: crm {kind} restore {id}",
                name=gone.name,
                kind=gone.kind,
                id=gone.id,
            ) from None
        raise error

    def _lookup(self, db: Reader, typed: str, *, removed: bool) -> Found | None:
        try:
            return Finder(db, [self.noun], removed=removed, country=self.app.country).one(typed)
        except CrmError:
            return None

    def again(self, db: Reader, asker: Asker) -> list[int]:
        """What is meant now."""
        return list(self._find(db, asker).ids)

    def ids(self, w: Work) -> list[int]:
        """The ids again, on the writer's own connection; a different answer stops everything."""
        found = self.again(w.db, Asker(w.now, w.member_id, self.app.decimal))
        if found != self.expected:
            raise Conflict("Somebody has changed what this means meanwhile; nothing was changed", hint="Try again.")
        if self.is_query and len(found) > 1:
            from crm_cli.commands.precaution import Precaution

            Precaution(self.app, "before-change").take()
        return found


def currency_for(app: App, options: dict[str, Any]) -> None:
    """At a terminal, the currency of an amount is asked for once where nothing says it, and kept in the config."""
    if not app.is_interactive or options.get("amount") is None or options.get("currency") or app.config.get("currency"):
        return
    from crm_cli.rules.currencies import currency_of, usual_currencies
    from crm_cli.rules.money import parse_currency, parse_money

    if parse_money(options["amount"], currency=None, decimal=app.decimal or None).currency:
        return
    with app.read() as db:
        found = Finder(db, ["customer"], country=app.country).one(options["customer"])
        if db.value("SELECT 1 FROM deal WHERE customer_id = :id AND currency IS NOT NULL LIMIT 1", {"id": found.id}):
            return
        country = db.value("SELECT country FROM customer WHERE id = :id", {"id": found.id})
    used = words_in_use(app, "deal", "currency")
    usual = used[0] if used else currency_of(country) or currency_of(app.country)
    hint = t("Enter for {value}", value=usual) if usual else t("for example {value}", value="EUR")
    known = list(dict.fromkeys([*used, *usual_currencies()]))
    typed = prompts.line(app, t("currency"), check=parse_currency, known=known, must=not usual, hint=hint)
    options["currency"] = parse_currency(typed or usual)
    if app.dry_run:
        return
    from crm_cli.settings import set_value

    set_value(app.config, "currency", options["currency"])
    app.out.say("Kept as the usual currency. Another one: crm config set currency CODE")
