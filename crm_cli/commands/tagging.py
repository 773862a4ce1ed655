"""Behind tag and segment: what the refs of a tag mean, and a segment by its name."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from crm_cli.commands import ask
from crm_cli.commands.nearly import is_record
from crm_cli.commands.writes import write
from crm_cli.context import App
from crm_cli.errors import Misuse
from crm_cli.queries.find import Finder, pick_row
from crm_cli.queries.grammar import is_query_argument
from crm_cli.queries.nouns import fields_of, noun_of_query
from crm_cli.rules.paste import line
from crm_cli.rules.text import fold
from crm_cli.store.writer import Work

if TYPE_CHECKING:
    from crm_cli.actions.change import Change

_KINDS = ["customer", "contact", "deal"]
Targets = list[tuple[str, int]]


def change(
    app: App, verb: str, tag: str, refs: Sequence[str] | None, action: Callable[[Work, Targets], "Change"]
) -> None:
    """Tag or untag: references are of any kind; a query is about the noun that has its fields."""
    if verb == "remove" and not refs and not app.is_interactive:
        everywhere = line(["crm", "tag", "remove", tag, f"tag:{tag}"])
        raise Misuse("{name} is missing", hint="To take it off all who have it: {line}", name="REF", line=everywhere)
    words = ask.need_refs(app, refs, "REF", _KINDS)
    if any(_asks(word) for word in words):
        with app.read() as db:
            noun = noun_of_query(db, words, app.asker(db), nouns=_KINDS)
        chosen = ask.Chosen(app, noun, words, does="tagged" if verb == "add" else "untagged", to=tag)
        write(app, lambda w: action(w, [(noun, i) for i in chosen.ids(w)]))
        return
    _refuse_swapped(app, verb, tag, words)
    words = [ask.settle(app, word, _KINDS) for word in words]

    def act(w: Work) -> "Change":
        found = [Finder(w.db, _KINDS, country=app.country).one(word) for word in words]
        return action(w, [(record.kind, record.id) for record in found])

    write(app, act)


def _refuse_swapped(app: App, verb: str, tag: str, words: Sequence[str]) -> None:
    """`tag add RECORD TAG`: what stands first is a record and no tag, what stands second is no record."""
    if len(words) != 1:
        return
    with app.read() as db:
        is_tag = db.value("SELECT 1 FROM tag WHERE name_key = :key", {"key": fold(tag.lstrip("#"))})
        if is_tag or is_record(app, db, words[0], _KINDS) or not is_record(app, db, tag, _KINDS):
            return
    raise Misuse(
        "The tag stands before the record", hint="Type: {line}", line=line(["crm", "tag", verb, words[0], tag])
    )


def _asks(word: str) -> bool:
    """Whether a word is a query; customer: contact: deal: name the kind of a reference here."""
    if word.replace("：", ":").partition(":")[0].strip().lower() in _KINDS:
        return False
    return any(is_query_argument(word, fields_of(noun)) for noun in _KINDS)


def find_segment(app: App, name: str) -> tuple[Any, ...]:
    """A segment by name, beginning or part: (id, name, noun, query)."""
    with app.read() as db:
        rows = db.rows("SELECT id, name, noun, query, name_key FROM segment WHERE removed_at IS NULL ORDER BY name_key")
    return pick_row(rows, name.lstrip("@＠"), noun="segment")


def show_history(
    app: App, found: tuple[Any, ...], since: str | None, page: tuple[str | None, str | None, str | None, str | None]
) -> None:
    """Who came into a segment and who left it; page: columns, sort, limit, offset."""
    from crm_cli.commands.lists import show_small
    from crm_cli.queries.segments import comings_and_goings, first_counted
    from crm_cli.rules.dates import parse_span

    first_day = parse_span(since, now=app.now, ahead=False)[0].isoformat() if since else ""
    segment_id, name, noun, query = found[:4]
    with app.read() as db:
        rows = comings_and_goings(db, {"name": name, "noun": noun, "query": query, "id": segment_id}, app.asker(db))
        rows = [row for row in rows if row["on"] >= first_day]
        first = first_counted(db, segment_id)
        show_small(app, "coming", rows, *page)
    if not app.out.is_data:
        if first is None:
            app.out.say("{name} was not counted yet; crm remind counts each day, and so does a write", name=name)
        else:
            app.out.say_many(
                "{name} was counted first on {on}, with {n} record",
                "{name} was counted first on {on}, with {n} records",
                first[1],
                name=name,
                on=first[0],
            )
