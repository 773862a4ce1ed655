"""Behind privacy erase and retention: who is meant, what will go, the question, the copies, and what is said of it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from crm_cli.commands import ask
from crm_cli.context import App
from crm_cli.errors import Ambiguous, CrmError, NotFound, StoreError
from crm_cli.i18n import listed, t, tn
from crm_cli.queries.find import Finder
from crm_cli.queries.merged import NOUNS, into
from crm_cli.queries.privacy_ghosts import KINDS, Subject, in_history
from crm_cli.rules.text import clean
from crm_cli.store.reader import Reader

if TYPE_CHECKING:
    from crm_cli.actions.privacy import Erased, Preview
    from crm_cli.actions.privacy_backups import FromCopy
    from crm_cli.store.backups import Backup

PARTLY = 6


# ------------------------------------------------------------------ who


def settled(app: App, ref: str | None) -> str:
    """The reference, asked for and picked among several at a terminal."""
    if ref is None:
        return ask.need_ref(app, None, "REF", KINDS)
    text = ask.need(app, ref, "REF")
    try:
        return ask.settle(app, text, KINDS)
    except NotFound:
        return text  # a removed one may be meant


def subject(app: App, db: Reader, ref: str | None) -> Subject:
    """The customer or contact meant, a removed one too."""
    text = settled(app, ref)
    try:
        found = Finder(db, KINDS, country=app.country).one(text)
    except NotFound:
        found = Finder(db, KINDS, removed=True, country=app.country).one(text)
    return Subject(found.kind, found.id, found.name)


def _anywhere(app: App, db: Reader, ref: str | None, backups: bool) -> tuple[Subject, "FromCopy | None"]:
    """The same, else somebody that only the history or, where copies are to be rewritten, a copy still knows."""
    text = settled(app, ref)
    try:
        return subject(app, db, text), None
    except NotFound:
        for noun in NOUNS:
            kept = into(db, noun, text)
            if kept is not None:
                return Subject(noun, kept.id, kept.name), None
        gone = in_history(db, text)
        if len(gone) > 1:
            raise _several(text, gone) from None
        if gone:
            return gone[0], None
        from crm_cli.actions.privacy_backups import known_by
        from crm_cli.commands.precaution import elsewhere

        found = known_by(app.database, elsewhere(app), text, app.country) if backups else None
        if found is None:
            raise
        return found.found, found


def _several(text: str, gone: Sequence[Subject]) -> Ambiguous:
    candidates: list[dict[str, Any]] = [
        {"ref": one.ref, "kind": one.noun, "id": one.id, "name": one.name} for one in gone
    ]
    hint = "Name one by its id, as {ref}."
    return Ambiguous("{text} may be several", hint=hint, text=text, ref=gone[0].ref, candidates=candidates)


# ------------------------------------------------------------------ what


class Job(NamedTuple):
    """What is to be erased, how far, and the question that comes first."""

    refs: list[str]
    chosen: dict[str, list[int]]
    plan: "Preview"
    command: str
    backups: bool
    everywhere: bool
    confirm: Callable[[], None]


def erase_one(app: App, ref: str | None, *, backups: bool, everywhere: bool) -> int:
    """Erase one customer or contact; the exit code."""
    from crm_cli.actions.privacy import chosen_of, preview

    with app.read() as db:
        who, copy = _anywhere(app, db, ref, backups)
        chosen = chosen_of([(who.noun, who.id)])
        plan = preview(db, chosen, (copy.known, copy.uuids) if copy else None)

    def confirm() -> None:
        ask.confirm(
            app,
            "{ref} {name} goes for good, {what}, and out of the history. Nothing brings that back. Go on?",
            ref=who.ref,
            name=who.name,
            what=_with(plan.counts, who.noun),
        )

    return _erase(app, Job([who.ref], chosen, plan, f"crm privacy erase {who.ref}", backups, everywhere, confirm))


def _with(counts: dict[str, int], noun: str) -> str:
    """`with 2 contacts, 1 deal`; `alone` where nothing hangs on it."""
    told = what_goes({**counts, noun: counts.get(noun, 0) - 1})
    return t("with {what}", what=told) if told else t("alone")


def erase_stale(app: App, older_than: str | None, *, backups: bool, everywhere: bool) -> int:
    """Erase those with whom nothing has been going on since; a trial lists them. The exit code."""
    from datetime import timedelta

    from crm_cli.actions.privacy import chosen_of, preview
    from crm_cli.queries.privacy_stale import stale
    from crm_cli.rules.dates import parse_days

    typed = ask.need(app, older_than, "how old", check=parse_days, option="--older-than")
    since = app.today - timedelta(days=parse_days(typed))
    with app.read() as db:
        rows = stale(db, since, app.now)
        chosen = chosen_of((row["kind"], row["id"]) for row in rows)
        plan = None if app.dry_run or not rows else preview(db, chosen)
    if plan is None:
        app.out.records("stale", rows)
        if rows:
            app.out.say("Nothing was erased. To erase them: crm privacy retention --older-than {span}", span=typed)
        return 0
    if not app.out.is_data:
        app.out.records("stale", rows)

    def confirm() -> None:
        ask.confirm_many(
            app,
            "{n} record goes for good with all that hangs on it, and out of the history. Go on?",
            "{n} records go for good with all that hangs on them, and out of the history. Go on?",
            len(rows),
        )

    command = f"crm privacy retention --older-than {typed}"
    return _erase(app, Job([row["ref"] for row in rows], chosen, plan, command, backups, everywhere, confirm))


# ------------------------------------------------------------------ how


def _erase(app: App, job: Job) -> int:
    from crm_cli.actions.privacy import erase
    from crm_cli.actions.privacy_backups import holding
    from crm_cli.commands.erased import report
    from crm_cli.commands.precaution import elsewhere

    copies = holding(app.database, elsewhere(app), job.plan.uuids, job.plan.known)
    if not app.dry_run:
        job.confirm()
    erased = erase(
        app.database,
        job.chosen,
        also=job.plan.known,
        everywhere=job.everywhere,
        now=app.now,
        user=app.user,
        command=job.command,
        dry_run=app.dry_run,
    )
    unclean = None if app.dry_run else compacted(app)
    rewritten = _rewritten(app, job, copies, erased)
    report(app, job.refs, erased, rewritten)
    if unclean is not None:
        raise unclean
    return PARTLY if any(row["problem"] for row in rewritten) else 0


def compacted(app: App) -> CrmError | None:
    """Write the file anew; what went wrong with it, since the rows are gone all the same."""
    from crm_cli.store.wiping import compact

    try:
        compact(app.database)
    except CrmError as error:
        return StoreError(
            "The rows are gone, but the file could not be written anew, and traces may be left in it: {reason}",
            hint="Run this when nobody holds it: crm purge --vacuum",
            reason=error.message(),
        )
    return None


def _rewritten(app: App, job: Job, copies: Sequence["Backup"], erased: "Erased") -> list[dict[str, Any]]:
    """What became of the copies that hold them: name, whether it was rewritten, why not."""
    if app.dry_run or not copies or not (job.backups or _wanted(app, copies)):
        return [{"name": one.name, "rewritten": False, "problem": None} for one in copies]
    from crm_cli.actions.privacy_backups import rewrite

    done = rewrite(copies, job.chosen, job.plan.uuids, erased.known, now=app.now, secret=erased.secret)
    return [
        {"name": one.name, "rewritten": one.rewritten, "problem": one.problem.message() if one.problem else None}
        for one in done
    ]


def _wanted(app: App, copies: Sequence["Backup"]) -> bool:
    """At a terminal it is asked; --yes alone does not stand for it, since a copy is what people go back to."""
    if not app.is_interactive or app.yes:
        return False
    from crm_cli.commands import prompts

    for one in copies:
        app.out.tell(f"  {clean(one.name)}")
    return prompts.yes(
        app, tn("{n} copy still holds them. Rewrite it?", "{n} copies still hold them. Rewrite them?", len(copies))
    )


_WORDS = {
    "customer": ("{n} customer", "{n} customers"),
    "contact": ("{n} contact", "{n} contacts"),
    "deal": ("{n} deal", "{n} deals"),
    "task": ("{n} task", "{n} tasks"),
    "interaction": ("{n} interaction", "{n} interactions"),
    "sales_order": ("{n} order", "{n} orders"),
    "product": ("{n} product", "{n} products"),
    "reach": ("{n} way to reach them", "{n} ways to reach them"),
    "tagging": ("{n} tag", "{n} tags"),
    "consent": ("{n} consent", "{n} consents"),
    "segment": ("{n} segment", "{n} segments"),
}


def what_goes(counts: dict[str, int]) -> str:
    """Rows by what they are: `2 contacts, 1 deal`."""
    return listed(tn(one, many, counts[table]) for table, (one, many) in _WORDS.items() if counts.get(table, 0) > 0)
