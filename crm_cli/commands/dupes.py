"""crm dupes: who is likely twice, and why; merged at once, walked through, or said to be two."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, noun, option
from crm_cli.context import App
from crm_cli.errors import Conflict, Misuse
from crm_cli.i18n import tn

words = noun()
Row = dict[str, Any]
NOUNS = ("customer", "contact")
ACROSS = "customer~contact"
USUAL = 60


@words.command("dupes")
def dupes(
    ctx: Context,
    query: Annotated[
        p.Several, typer.Argument(metavar="[QUERY]...", help="only pairs with one of these; with --not the records")
    ] = None,
    kind: Annotated[
        p.Text,
        option("--kind", "customers, contacts or customer~contact; with a query customers", "K", p.WHICH),
    ] = None,
    threshold: Annotated[
        p.Text, option("--threshold", "pairs with at least this score, 1 to 100; 60 by default", "N", p.WHICH)
    ] = None,
    walk: Annotated[bool, typer.Option("--walk", help="go through them, one key each")] = False,
    apply: Annotated[p.Text, option("--apply", "merge all with at least this score", "N")] = None,
    differ: Annotated[bool, typer.Option("--not", help="these are no duplicates: crm dupes --not 3 12")] = False,
    dismissed: Annotated[
        bool, typer.Option("--dismissed", help="those that were said to be no duplicates", rich_help_panel=p.WHICH)
    ] = False,
    columns: p.Columns = None,
    limit: p.Limit = None,
) -> None:
    """Show who is likely there twice, and why; merge them, or say that they are two."""
    app, typed = ctx.obj, list(query or [])
    _refuse_both({"--walk": walk, "--apply": apply is not None, "--not": differ, "--dismissed": dismissed})
    nouns = nouns_of(kind, typed)
    if nouns == (ACROSS,) and (walk or differ or dismissed or apply is not None or typed):
        from crm_cli.commands.merging import never_merged

        raise never_merged()
    if differ:
        _tell_apart(app, nouns if kind else NOUNS, typed)
    elif dismissed:
        _show_dismissed(app, nouns, columns, limit)
    elif walk:
        from crm_cli.commands.dupes_walk import walk_pairs

        walk_pairs(app, nouns, typed, score_of(threshold, "--threshold", USUAL))
    elif apply is not None:
        _apply(app, nouns, typed, score_of(apply, "--apply", USUAL))
    else:
        _show(app, nouns, typed, score_of(threshold, "--threshold", USUAL), columns, limit)


def _refuse_both(given: dict[str, bool]) -> None:
    names = [name for name, typed in given.items() if typed]
    if len(names) > 1:
        raise Misuse("{one} and {other} do not go together", one=names[0], other=names[1])


def nouns_of(kind: str | None, query: Sequence[str]) -> tuple[str, ...]:
    """The nouns that are meant; with a query those that it asks of."""
    if kind is None:
        return ("customer",) if query else NOUNS
    word = {"customers": "customer", "contacts": "contact", "客户": "customer", "联系人": "contact"}.get(
        kind.strip().lower(), kind.strip().lower()
    )
    if word == ACROSS:
        return (ACROSS,)
    if word not in NOUNS:
        raise Misuse(
            "{option} cannot be {value}",
            hint="Known: {known}",
            option="--kind",
            value=kind,
            known="customers contacts customer~contact",
        )
    return (word,)


def score_of(typed: str | None, name: str, usual: int) -> int:
    """1 to 100."""
    if typed is None:
        return usual
    plain = typed.strip().rstrip("%")
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 3 and 1 <= int(plain) <= 100):
        raise Misuse("{option} takes a score from 1 to 100, not {value}", option=name, value=typed)
    return int(plain)


def rows_of(app: App, nouns: Sequence[str], query: list[str], least: int) -> list[Row]:
    """The pairs of each noun, groups numbered through."""
    from crm_cli.queries.conditions import condition
    from crm_cli.queries.dupes_rows import dupe_rows
    from crm_cli.queries.records import ids_of

    rows: list[Row] = []
    with app.read() as db:
        for one in nouns:
            among = set(ids_of(db, one, condition(db, one, query, app.asker(db)))) if query else None
            first = rows[-1]["group"] + 1 if rows else 1
            rows += dupe_rows(db, one, least=least, among=among, first=first)
    return _ranked(rows)


def _ranked(rows: list[Row]) -> list[Row]:
    """The groups with the best pairs first."""
    best: dict[int, int] = {}
    for row in rows:
        best[row["group"]] = max(best.get(row["group"], 0), row["score"])
    return sorted(rows, key=lambda row: (-best[row["group"]], row["group"]))


def _show(app: App, nouns: Sequence[str], query: list[str], least: int, columns: str | None, limit: str | None) -> None:
    from crm_cli.commands.columns import columns_of, number

    keys, most = columns_of("dupe", columns), number(limit, "limit")
    merged = [] if nouns == (ACROSS,) else rows_of(app, nouns, query, least)
    across = _across(app, least, merged) if nouns in (NOUNS, (ACROSS,)) and not query else []
    rows = _ranked([*merged, *across])
    shown = rows if most is None else rows[:most]
    app.out.records("dupe", shown, keys, nothing="Nobody is there twice, as far as can be told.")
    app.out.more(len(shown), len(rows))
    if app.out.is_data:
        return
    if merged:
        app.out.say("To go through them: {line}", line=_walk_line(app, nouns, query, least))
    if across:
        app.out.say("A customer is never merged with a contact: keep one of both, for example: {line}",
                    line=_keep_one(across[0]))  # fmt: skip


def _across(app: App, least: int, merged: list[Row]) -> list[Row]:
    """People who are customers and contacts, numbered behind the groups of the others."""
    from crm_cli.queries.dupes_across import across_rows

    with app.read() as db:
        return across_rows(db, least=least, first=max((row["group"] for row in merged), default=0) + 1)


def _keep_one(row: Row) -> str:
    """The line that removes the one of both on which less hangs."""
    if sum(row["attached"].values()) < sum(row["other_attached"].values()):
        return f"crm customer remove {row['id']}"
    return f"crm contact remove {row['other_id']}"


def _walk_line(app: App, nouns: Sequence[str], query: list[str], least: int) -> str:
    from crm_cli.rules.paste import line

    kind = ["--kind", f"{nouns[0]}s"] if len(nouns) == 1 and (not query or nouns[0] != "customer") else []
    score = ["--threshold", str(least)] if least != USUAL else []
    return line(["crm", "dupes", *query, *kind, *score, "--walk"], app.environ)


# ------------------------------------------------------------------ said to be two


def _tell_apart(app: App, kinds: Sequence[str], typed: list[str]) -> None:
    from crm_cli.actions.differences import tell_apart
    from crm_cli.commands import ask
    from crm_cli.queries.find import Finder
    from crm_cli.rules.days import to_utc_text
    from crm_cli.store.journal import Stamp
    from crm_cli.store.writer import transaction

    refs = [ask.settle(app, text, kinds) for text in typed]
    with app.read() as db:
        found = [Finder(db, kinds, country=app.country).one(text) for text in refs]
    if len({one.kind for one in found}) > 1 or len({one.id for one in found}) < 2:
        raise Misuse(
            "--not takes two records of one kind, or more", hint="For example: crm dupes --not contact:3 contact:12"
        )
    stamp = Stamp(to_utc_text(app.now), app.user, app.typed)
    with transaction(app.database, stamp, dry_run=app.dry_run) as db:
        for text, one in zip(refs, found, strict=True):
            if Finder(db, kinds, country=app.country).one(text) != one:
                raise Conflict("Somebody has changed what this means meanwhile; nothing was changed", hint="Try again.")
        pairs = tell_apart(db, found[0].kind, list({one.id for one in found}), stamp.at)
    _say_apart(app, pairs, [f"{one.ref} {one.name}" for one in found])


def _say_apart(app: App, pairs: int, names: list[str]) -> None:
    from crm_cli.i18n import listed, t

    out = app.out
    if out.is_data:
        out.json({"not_duplicates": pairs, "dry_run": app.dry_run})
        return
    if not pairs:
        out.say("Nothing to change: it is so already")
        return
    sentence = t("No duplicates: {names}", names=listed(names))
    if app.dry_run:
        out.say("Trial, nothing was kept: {sentence}", sentence=sentence)
    elif not out.quiet:
        out.tell(t("{sentence}; undo: crm undo", sentence=sentence))


def _show_dismissed(app: App, nouns: Sequence[str], columns: str | None, limit: str | None) -> None:
    from crm_cli.commands.columns import columns_of, number
    from crm_cli.queries.dupes_rows import dismissed
    from crm_cli.rules.days import from_utc_text

    keys, most = columns_of("difference", columns), number(limit, "limit")
    with app.read() as db:
        rows = [row for one in nouns for row in dismissed(db, one)]
    for row in rows:
        row["at"] = from_utc_text(row["at"], app.now.tzinfo).isoformat()
    shown = rows if most is None else rows[:most]
    app.out.records("difference", shown, keys)
    app.out.more(len(shown), len(rows))


# ------------------------------------------------------------------ merged at once


def _apply(app: App, nouns: Sequence[str], query: list[str], least: int) -> None:
    from crm_cli.commands import ask, merging
    from crm_cli.commands.precaution import Precaution
    from crm_cli.queries.dupes_rows import groups_of
    from crm_cli.queries.merging import Group
    from crm_cli.store.reader import Reader

    rows = rows_of(app, nouns, query, least)
    chosen = groups_of(rows)
    if not chosen:
        app.out.records("dupe", [], nothing="Nobody is there twice, as far as can be told.")
        return
    with app.read() as db:
        before = _moments(db, chosen)
    if not app.out.is_data:
        app.out.records("dupe", rows)
    if not app.dry_run:
        drops = sum(len(group.drops) for groups in chosen.values() for group in groups)
        kept = sum(len(groups) for groups in chosen.values())
        into = tn("{n} record", "{n} records", kept)
        ask.confirm(app, "{what} go into {kept}. crm undo takes all of it back. Go on?",
                    what=tn("{n} record", "{n} records", drops), kept=into)  # fmt: skip
    precaution = Precaution(app, "before-merge")

    def find(db: Reader) -> dict[str, list[Group]]:
        if _moments(db, chosen) != before:
            raise Conflict("Somebody has changed what this means meanwhile; nothing was changed", hint="Try again.")
        precaution.take()
        return chosen

    merging.answer(app, merging.run(app, find), single=False)


def _moments(db: Any, chosen: dict[str, list[Any]]) -> list[tuple[Any, ...]]:
    """When each of them was changed last; one that is gone is missing."""
    from crm_cli.store.reader import id_list

    found: list[tuple[Any, ...]] = []
    for one, groups in chosen.items():
        ids = [row_id for group in groups for row_id in (group.keep, *group.drops)]
        found += db.rows(
            f"SELECT id, updated_at FROM {one} WHERE id IN {id_list(ids)} AND removed_at IS NULL ORDER BY id"
        )
    return found
