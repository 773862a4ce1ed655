"""crm remind: what is due, told by cron to whoever is not looking."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, TextCommand, noun, option
from crm_cli.context import App
from crm_cli.errors import Misuse, StoreError

if TYPE_CHECKING:
    from crm_cli.output.delivery import Begin
    from crm_cli.queries.conditions import Asker, Condition
    from crm_cli.store.claims import Item
    from crm_cli.store.reader import Reader

words = noun()

Row = dict[str, Any]
_ONCE = "--since-last"
_DEFAULT = "default"
_DAYS = 1  # today and tomorrow, beside all that is late
_SOMETHING = 10
_PATIENCE = 1.0  # seconds that others wait for a reader of ours
_LONGEST = 100


class Asked(NamedTuple):
    """What is to be told: a query over customers, whose, within how many days."""

    query: list[str]
    owner: str | None
    days: int


class RemindCommand(TextCommand):
    """`--since-last` may have a value and may do without, which Typer does not know."""

    also = ("text", "html", "ics")
    usual = "text"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        _refuse_two_readings(args)
        ctx.obj.arguments = _named(ctx.obj.arguments)
        return super().parse_args(ctx, _named(args))


def _named(args: Sequence[str]) -> list[str]:
    end = list(args).index("--") if "--" in args else len(args)
    return [f"{_ONCE}={_DEFAULT}" if word == _ONCE and i < end else word for i, word in enumerate(args)]


def _refuse_two_readings(args: Sequence[str]) -> None:
    """`--since-last boss` would ask for customers called boss, and be silent for ever."""
    from crm_cli.rules.paste import line

    for i, word in enumerate(args[:-1]):
        after = args[i + 1]
        if word == "--":
            return
        if word == _ONCE and not after.startswith(("-", "@", "(")) and ":" not in after and "：" not in after:
            raise Misuse(
                "{text} can be read in two ways",
                hint="As a name type: {name}. As a query: {query}",
                text=line([word, after]),
                name=line(["crm", "remind", *args[:i], f"{word}={after}", *args[i + 2 :]]),
                query=line(["crm", "remind", *args[:i], after, word, *args[i + 2 :]]),
            )


@words.command("remind", cls=RemindCommand)
def remind(
    ctx: Context,
    query: p.Query = None,
    owner: Annotated[p.Text, option("--owner", "only what this member owns, or me", "R", p.WHICH)] = None,
    mine: p.Mine = False,
    within: Annotated[
        p.Text, option("--within", "due within so many days: 1d is until tomorrow, 0 until today", "1d", p.WHICH)
    ] = None,
    since_last: Annotated[
        p.Text, option(_ONCE, "only what was not told before, to this name; each once", "[=NAME]", p.WHICH)
    ] = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="10 when something is due", rich_help_panel=p.OUTPUT)
    ] = False,
    print_crontab: Annotated[
        bool, typer.Option("--print-crontab", help="print the lines for crontab -e", rich_help_panel=p.OUTPUT)
    ] = False,
) -> int:
    """Tell what is due, for cron: silent when nothing is."""
    from crm_cli.commands.reports import days_within

    app = ctx.obj
    if owner is not None and not owner.strip():
        raise Misuse("{option} may not be empty", hint="Type: {line}", option="--owner", line="crm remind --mine")
    if owner is not None and mine:
        raise Misuse("--owner and --mine do not go together", hint="Leave one of them out.")
    days = days_within(within)
    asked = Asked(list(query or []), "me" if mine else owner, _DAYS if days is None else days)
    name = None if since_last is None else _name(since_last)
    if print_crontab:
        from crm_cli.commands.crontab import show_crontab

        _check(app, asked)
        show_crontab(app, _typed(app, asked.query, owner, mine, within, since_last))
        return 0
    _need_database(app)
    return _tell(app, asked, exit_code) if name is None else _tell_once(app, asked, name, exit_code)


def _count_segments(app: App) -> None:
    """Write down who is in which segment. What was told is out before that, and nothing is said of it when the file is
    read-only or somebody else writes: the next run does it."""
    from crm_cli.actions.segment_days import count_segments
    from crm_cli.errors import CrmError
    from crm_cli.store.writer import transaction

    app.out.flush()
    try:
        with transaction(app.database) as hand:
            count_segments(hand, hand, app.asker(hand))
    except CrmError:
        return


def _unscored(app: App, db: "Reader") -> bool:
    from crm_cli.queries.score_runs import is_due

    return not app.dry_run and is_due(db, app.today)


def _score(app: App) -> None:
    """Make the scores of the day; the letter is out before that, and the next run does it where this one cannot."""
    from crm_cli.actions.scoring import score_all
    from crm_cli.errors import CrmError

    app.out.flush()
    try:
        with app.read() as db:
            score_all(db, app.asker(db), app.database)
    except CrmError:
        return


def _unread(app: App, db: "Reader") -> bool:
    from crm_cli.store.catching import waits

    return not app.dry_run and waits(db)


def _catch_up(app: App) -> None:
    """Read into the search index what came since, so that nobody's search has to; the letter is out before that."""
    from crm_cli.store.catching import catch_up

    app.out.flush()
    catch_up(app.database)


def _need_database(app: App) -> None:
    """Cron with a mistyped path would be silent for ever, as if nothing were due."""
    import os

    path = os.path.abspath(app.database)
    if not os.path.exists(path):
        raise StoreError(
            "There is no database at {path}, so nothing can be due",
            hint="Name yours with CRM_DB or --db: crm config says which it is. A new one is made by the first write.",
            path=path,
        )


def _check(app: App, asked: Asked) -> None:
    """What a job will ask is asked once now: cron would tell a slip to nobody."""
    with app.read() as db:
        _wanted(app, db, asked)


def _wanted(app: App, db: "Reader", asked: Asked) -> "tuple[Asker, Condition, int | None]":
    """Who asks, the condition on customers, and the owner."""
    from crm_cli.queries.conditions import condition

    asker = app.asker(db)
    where = condition(db, "customer", asked.query, asker)
    if asked.owner is None:
        return asker, where, None
    from crm_cli.queries.bounds import member_id
    from crm_cli.rules.text import fold

    return asker, where, member_id(db, fold(asked.owner), asked.owner, db.member_of(app.user))


def _typed(
    app: App, query: list[str], owner: str | None, mine: bool, within: str | None, once: str | None
) -> list[str]:
    """The same request as words for the crontab."""
    once = _ONCE if once == _DEFAULT else f"{_ONCE}={once}" if once is not None else None
    format_ = app.flags.get("format")
    options = {"--owner": owner, "--within": within, "--format": format_}
    valued = [word for name, value in options.items() if value is not None for word in (name, value)]
    return [*query, *valued, *(["--mine"] if mine else []), *([once] if once else [])]


def _name(typed: str) -> str:
    """The name that is told, however it is spelled."""
    from crm_cli.rules.text import fold

    name = fold(typed)
    if not name or len(name) > _LONGEST:
        raise Misuse(
            "{option} needs a name of at most {n} characters",
            hint="Type: {line}",
            option=f"{_ONCE}=",
            n=_LONGEST,
            line=f"crm remind {_ONCE}=boss",
        )
    return name


def _due(app: App, db: "Reader", asked: Asked, *, once: bool = False) -> list[Row]:
    """What is due, with what the chosen format shows of it."""
    from crm_cli.queries import reminders
    from crm_cli.queries.followups import Scope, followups

    asker, where, owner_id = _wanted(app, db, asked)
    rows = followups(db, asker, Scope(asked.days, where, owner_id))
    if once:
        reminders.add_items(db, rows)
    if app.out.format in ("text", "html", "ics"):
        reminders.add_numbers(db, rows)
    if app.out.format == "ics":
        reminders.add_identities(db, rows)
    return rows


def _uncounted(app: App, db: "Reader") -> bool:
    from crm_cli.queries.segments import is_due

    return not app.dry_run and is_due(db, app.asker(db))


def _say(app: App, rows: list[Row]) -> None:
    from crm_cli.output.reminders import reminder

    app.out.out.write(reminder(app.out, rows))


def _tell(app: App, asked: Asked, exit_code: bool) -> int:
    with app.read() as db:
        rows = _due(app, db, asked)
        uncounted, unread, unscored = _uncounted(app, db), _unread(app, db), _unscored(app, db)
    _say(app, rows)
    if unscored:
        _score(app)
    if uncounted:
        _count_segments(app)
    if unread:
        _catch_up(app)
    return _SOMETHING if rows and exit_code else 0


def _tell_once(app: App, asked: Asked, name: str, exit_code: bool) -> int:
    """What was not told to this name: looked up first, so that nothing is held up when there is nothing to tell."""
    from crm_cli.output.delivery import apart
    from crm_cli.store import claims

    if not app.dry_run:
        claims.assert_writable(app.database)
    with app.read() as db:
        rows = _due(app, db, asked, once=True)
        told = claims.told(db, name, [row["item"] for row in rows])
        uncounted, unread, unscored = _uncounted(app, db), _unread(app, db), _unscored(app, db)
    new = [row for row in rows if row["item"] not in told]
    if uncounted:
        _count_segments(app)
    if app.dry_run or not new:
        _say(app, new)
        if unscored:
            _score(app)
        if unread:
            _catch_up(app)
        return _SOMETHING if new and exit_code else 0

    def work(begin: "Begin") -> int:
        return _SOMETHING if _claim_and_tell(app, asked, name, begin) and exit_code else 0

    code = apart(app.out, work)
    if unscored:
        _score(app)
    if unread:
        _catch_up(app)
    return code


def _claim_and_tell(app: App, asked: Asked, name: str, begin: "Begin") -> bool:
    """Claims what is due in one transaction, writes the letter, and only then keeps the claims.

    Stopped before the letter is out, nothing is claimed. A reader who lets others wait gets the rest of a long letter
    when the claims are kept; if he goes away, they are given back.
    """
    from crm_cli.output import delivery
    from crm_cli.output.reminders import reminder
    from crm_cli.rules.days import to_utc_text
    from crm_cli.store import claims

    with claims.claiming(app.database) as db:
        rows = _due(app, db, asked, once=True)
        mine = claims.claim(db, name, [row["item"] for row in rows], to_utc_text(app.now))
        new = [row for row in rows if row["item"] in mine]
        letter = delivery.sealed(app.out, reminder(app.out, new))
        begin()
        rest = delivery.hand_over(app.out, letter, _PATIENCE)
    if rest:
        _hand_over_rest(app, name, rest, mine)
    return bool(new)


def _hand_over_rest(app: App, name: str, rest: bytes, items: "set[Item]") -> None:
    from crm_cli.output import delivery
    from crm_cli.store import claims

    try:
        delivery.hand_over(app.out, rest)
    except OSError:
        claims.give_back(app.database, name, items)
        raise
