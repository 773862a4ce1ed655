"""crm customer merge and crm contact merge: records that are one become one, after they were shown side by side."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands import params as p
from crm_cli.context import App
from crm_cli.errors import Conflict, Misuse
from crm_cli.i18n import listed, t

if TYPE_CHECKING:  # reading needs no models
    from crm_cli.actions.merging import Merged
    from crm_cli.queries.merging import Group, Plan
    from crm_cli.store.reader import Reader

Keep = Annotated[p.Text, typer.Argument(metavar="KEEP", help="the record that stays: an id, a name, an e-mail")]
Drops = Annotated[p.Several, typer.Argument(metavar="DROP...", help="the records that go into it")]
Take = Annotated[
    p.Several, p.sets("--take", "a value of one that goes instead of that of the kept one: city=12", "FIELD=DROP")
]


def merge_records(app: App, noun: str, keep: str | None, drops: Sequence[str] | None, take: Sequence[str]) -> None:
    """Merge what was typed: shown and asked about at a terminal, done at once in a script."""
    from crm_cli.commands.precaution import Precaution
    from crm_cli.queries.conditions import Asker
    from crm_cli.queries.merging import plans

    chosen = _chosen(app, noun, keep, drops)
    precaution = Precaution(app, "before-merge")
    with app.read() as db:
        group = _group(app, db, noun, chosen.expected, take)
        (plan,) = plans(db, noun, [group])
        lines = _preview(app, db, noun, plan)
    for line in lines:
        app.out.tell(line)
    if app.is_interactive and not app.dry_run:
        _confirm(app, noun, plan)

    def find(db: "Reader") -> dict[str, list["Group"]]:
        if chosen.again(db, Asker(app.now, db.member_of(app.user), app.decimal)) != chosen.expected:
            raise Conflict("Somebody has changed what this means meanwhile; nothing was changed", hint="Try again.")
        precaution.take()
        return {noun: [_group(app, db, noun, chosen.expected, take)]}

    answer(app, run(app, find), single=True)


def _chosen(app: App, noun: str, keep: str | None, drops: Sequence[str] | None) -> Any:
    from crm_cli.commands import ask
    from crm_cli.queries.targets import is_query

    first = ask.need_ref(app, keep, "record to keep", [noun])
    rest = ask.need_refs(app, drops, "record that goes into it", [noun])
    other = {"customer": "contact:", "contact": "customer:"}[noun]
    if any(ref.strip().lower().startswith(other) for ref in (first, *rest)):
        raise never_merged()
    if is_query(noun, [first, *rest]):
        raise Misuse(
            "merge takes records one by one, not a query",
            hint="Which look alike says: crm dupes. To merge all of a score: crm dupes --apply 90",
        )
    chosen = ask.Chosen(app, noun, [first, *rest], does="")
    if len(chosen.expected) < 2:
        raise Misuse("{ref} cannot be merged with itself", ref=f"{noun}:{chosen.expected[0]}")
    return chosen


def never_merged() -> Misuse:
    """A person who is a customer and a contact at a company has two lives here; what hangs on either stays there."""
    return Misuse(
        "A customer is never merged with a contact",
        hint="Keep one of both: crm contact remove REF, or crm customer remove REF. Who they are: {line}",
        line="crm dupes --kind customer~contact",
    )


def _group(app: App, db: "Reader", noun: str, ids: Sequence[int], take: Sequence[str]) -> "Group":
    from crm_cli.queries.merging import Group, own_fields, parse_takes

    group = Group(ids[0], tuple(ids[1:]))
    own = own_fields(db, noun, ids) if take else ()
    return group._replace(takes=parse_takes(db, noun, take, group, own, app.country))


def _preview(app: App, db: "Reader", noun: str, plan: "Plan") -> list[str]:
    """Side by side, where somebody reads it before it happens."""
    if app.out.quiet or app.out.is_data or not (app.dry_run or (app.is_interactive and not app.yes)):
        return []
    from crm_cli.output.sidebyside import side_by_side
    from crm_cli.queries.merging_view import compare

    return side_by_side(compare(db, noun, plan), app.out.width, False)


def _confirm(app: App, noun: str, plan: "Plan") -> None:
    from crm_cli.commands import ask

    group = plan.group
    with_what = _moving(app, noun, plan)
    several = len(group.drops) > 1
    holes = {"keep": f"{noun}:{group.keep} {plan.name(group.keep)}", "what": with_what, "n": len(group.drops)}
    if several:
        sentence = (
            "{n} records go into {keep}, with {what}. Go on?" if with_what else "{n} records go into {keep}. Go on?"
        )
    else:
        holes["drop"] = f"{noun}:{group.drops[0]} {plan.name(group.drops[0])}"
        sentence = "{drop} goes into {keep}, with {what}. Go on?" if with_what else "{drop} goes into {keep}. Go on?"
    ask.confirm(app, sentence, **holes)


def _moving(app: App, noun: str, plan: "Plan") -> str:
    """What moves along, counted."""
    from collections import Counter

    from crm_cli.output.sidebyside import hanging
    from crm_cli.queries.merging import attached

    with app.read() as db:
        found = attached(db, noun, plan.group.drops)
    total: Counter[str] = Counter()
    for counts in found.values():
        total.update(counts)
    return hanging(dict(total))


def run(app: App, find: Callable[["Reader"], dict[str, list["Group"]]]) -> list["Merged"]:
    """The write itself; `find` names the groups within its transaction."""
    from crm_cli.actions.merging import merge

    def read(db: "Reader", noun: str, ids: list[int]) -> list[dict[str, Any]]:
        from crm_cli.queries.conditions import Asker
        from crm_cli.queries.records import list_records

        if not (app.out.is_data or app.out.format == "md" or app.dry_run):
            return []
        shown = ids[:_TRIED] if app.dry_run and not app.out.is_data else ids
        asker = Asker(app.now, db.member_of(app.user), app.decimal)
        rows = {row["id"]: row for row in list_records(db, noun, asker, ids=shown)}
        return [rows[row_id] for row_id in shown]

    return merge(app.database, find, now=app.now, user=app.user, command=app.typed, dry_run=app.dry_run, read=read)


_TRIED = 10  # records that a trial shows


def answer(app: App, done: Sequence["Merged"], *, single: bool) -> None:
    """The kept records as data, or one sentence; then what nobody keeps, and whose consent stays withdrawn."""
    out = app.out
    if out.format in ("json", "jsonl"):
        rows = [{**row, **_told(plan)} for part in done for row, plan in zip(part.rows, part.plans, strict=True)]
        if out.format == "json":
            out.json(rows[0] if single else rows)
            return
        for row in rows:
            out.json(row)
        return
    if out.is_data or out.format == "md":
        for part in done:
            out.records(part.noun, part.rows)
        return
    sentence = _sentence(done)
    if app.dry_run:
        out.say("Trial, nothing was kept: {sentence}", sentence=sentence)
    elif not out.quiet:
        out.tell(t("{sentence}; undo: crm undo", sentence=sentence))
    for line in [] if out.quiet else notes(done):
        out.tell(line)


def _told(plan: "Plan") -> dict[str, Any]:
    """What a script is told beside the record."""
    return {
        "merged": list(plan.group.drops),
        "not_kept": [{"field": key, "value": value, "id": row_id} for key, value, row_id in plan.lost],
    }


def _sentence(done: Sequence["Merged"]) -> str:
    found = [(part.noun, plan) for part in done for plan in part.plans]
    drops = sum(len(plan.group.drops) for _, plan in found)
    if len(found) > 1:
        return t("Merged {n} records into {kept}", n=drops, kept=len(found))
    ((noun, plan),) = found
    named = [f"{noun}:{drop} {plan.name(drop)}" for drop in plan.group.drops]
    if drops > _MOST_NAMES:
        named[_MOST_NAMES:] = [t("and {n} more", n=drops - _MOST_NAMES)]
    name = plan.sets.get("name", plan.name(plan.group.keep))
    return t("Merged {dropped} into {keep}: {name}", dropped=listed(named), keep=f"{noun}:{plan.group.keep}", name=name)


_MOST_NAMES = 5
_MOST_NOTES = 20


def notes(done: Sequence["Merged"]) -> list[str]:
    """Values that nobody keeps, by the record they were of; consents that stay withdrawn."""
    found = [line for part in done for plan in part.plans for line in _not_kept(part.noun, plan)]
    found += [line for part in done for line in _withdrawn(part)]
    if len(found) > _MOST_NOTES:
        found[_MOST_NOTES:] = [t("and {n} more", n=len(found) - _MOST_NOTES)]
    return found


def _not_kept(noun: str, plan: "Plan") -> Iterator[str]:
    from crm_cli.output.cells import cell
    from crm_cli.output.sidebyside import label
    from crm_cli.rules.text import fit, squeeze

    for row_id in (plan.group.keep, *plan.group.drops):
        lost = [(key, value) for key, value, owner in plan.lost if owner == row_id]
        told = listed(f"{label(noun, key)} {fit(squeeze(cell(noun, key, {key: v})), 60)}" for key, v in lost)
        if told:
            yield t("Not kept of {ref}: {what}", ref=f"{noun}:{row_id}", what=told)


def _withdrawn(part: "Merged") -> Iterator[str]:
    from crm_cli.output.cells import cell

    for keep, channel, row_id in part.stricter:
        yield t(
            "{keep} stays without consent by {channel}: {ref} had withdrawn it",
            keep=f"{part.noun}:{keep}",
            channel=cell("interaction", "channel", {"channel": channel}),
            ref=f"{part.noun}:{row_id}",
        )
