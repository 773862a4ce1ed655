"""Tags on records, renamed tags, and segments."""

from typing import Any

from crm_cli.actions import reaches
from crm_cli.actions.change import Change, changed
from crm_cli.errors import Conflict, CrmError, Misuse
from crm_cli.model.inputs import name_key
from crm_cli.model.words import Segment, Tag
from crm_cli.queries.conditions import Asker, Compiler
from crm_cli.queries.find import pick_row
from crm_cli.queries.grammar import join_arguments, parse
from crm_cli.rules.fields import NOUNS, find_field
from crm_cli.rules.text import squeeze
from crm_cli.store.writer import Work

Target = tuple[str, int]


def tag_records(w: Work, tag: str, targets: list[Target]) -> Change:
    """Put a tag on customers, contacts or deals."""
    new = [(noun, i) for noun, i in targets if reaches.add_tags(w, noun, i, [tag])]
    noun = targets[0][0]
    if not new:
        return Change(noun, [i for _, i in targets], "Nothing to change: it is so already")
    sentence = "Tagged {noun} {id} with {tag}" if len(new) == 1 else "Tagged {n} with {tag}"
    return Change(noun, [i for _, i in new], sentence, {"noun": noun, "id": new[0][1], "n": len(new), "tag": tag})


def untag_records(w: Work, tag: str, targets: list[Target]) -> Change:
    """Take a tag off records."""
    _, name = find_tag(w, tag)
    gone = [(noun, i) for noun, i in targets if reaches.drop_tag(w, noun, i, name)]
    noun = targets[0][0]
    if not gone:
        return Change(noun, [i for _, i in targets], "Nothing to change: it is so already")
    sentence = "Took {tag} off {noun} {id}" if len(gone) == 1 else "Took {tag} off {n}"
    return Change(noun, [i for _, i in gone], sentence, {"noun": noun, "id": gone[0][1], "n": len(gone), "tag": name})


def find_tag(w: Work, text: str) -> tuple[int, str]:
    """A tag by name, beginning or part."""
    row = pick_row(w.db.rows("SELECT id, name, name_key FROM tag ORDER BY name_key"), text.lstrip("#"), noun="tag")
    return row[0], row[1]


def rename_tag(w: Work, old: str, new: str) -> Change:
    """Call a tag something else; a name that is taken is refused, so that two tags never melt by accident."""
    tag_id, before = find_tag(w, old)
    name = squeeze(new).lstrip("#")
    if not name:
        raise Misuse("A tag may not be empty")
    taken = w.db.value("SELECT id FROM tag WHERE name_key = :key AND id <> :id", {"key": name_key(name), "id": tag_id})
    if taken:
        raise Conflict("A tag called {name} is already there", name=name)
    changed(w.get(Tag, tag_id), {"name": name, "name_key": name_key(name)}, w.now)
    return Change("tag", [tag_id], "Renamed tag {old} to {new}", {"old": before, "new": name})


def add_segment(w: Work, name: str, query: list[str], asker: Asker) -> Change:
    """Keep a query under a name; it is checked now, and asked again each time the segment is used."""
    plain = _segment_name(name)
    taken = w.db.row("SELECT id, name FROM segment WHERE name_key = :key AND removed_at IS NULL", {"key": name_key(plain)})
    if taken:
        raise Conflict("A segment called {name} is already there", hint="Change it: crm segment edit {name} QUERY", name=taken[1])
    noun = noun_of_query(w, query, asker)
    row = w.add(
        Segment(name=plain, name_key=name_key(plain), noun=noun, query=join_arguments(query), created_at=w.now, updated_at=w.now)
    )
    return Change("segment", [row.id], "Added segment {name} ({noun}): {query}", {"name": plain, "noun": noun, "query": row.query})


def _segment_name(name: str) -> str:
    plain = squeeze(name).lstrip("@")
    if not plain or any(mark in plain for mark in " \t\"'():"):
        raise Misuse("{name} is no name for a segment", hint="Use one word without quotes, colons and parentheses, as big-spenders", name=name)
    if len(plain) > 100:
        raise Misuse("{field} is longer than {longest} characters", field="segment", longest=100)
    return plain


def noun_of_query(w: Work, query: list[str], asker: Asker) -> str:
    """The noun that a query is about: customers, unless its fields are those of another noun."""
    first: CrmError | None = None
    for noun in NOUNS:
        try:
            node = parse(query, lambda name, noun=noun: find_field(noun, name) is not None)  # type: ignore[misc]
            if node is None:
                raise Misuse("A segment needs a query", hint="As: crm segment add quiet-keys tag:key contacted:..-30d")
            Compiler(w.db, noun, asker).sql(node)
            return noun
        except CrmError as error:
            first = first or error
    assert first is not None
    raise first


def edit_segment(w: Work, segment_id: int, name: str | None, query: list[str], asker: Asker) -> Change:
    """Another query, another name, or both."""
    row: Any = w.get(Segment, segment_id)
    if query:
        noun = noun_of_query(w, query, asker)
        changed(row, {"query": join_arguments(query), "noun": noun}, w.now)
        w.session.flush()
        node = parse([f"({row.query})"], lambda text: find_field(noun, text) is not None)
        if node is not None:
            Compiler(w.db, noun, asker, trail=(row.name,)).sql(node)
    if name:
        plain = _segment_name(name)
        taken = w.db.value(
            "SELECT 1 FROM segment WHERE name_key = :key AND id <> :id AND removed_at IS NULL",
            {"key": name_key(plain), "id": segment_id},
        )
        if taken:
            raise Conflict("A segment called {name} is already there", name=plain)
        changed(row, {"name": plain, "name_key": name_key(plain)}, w.now)
    return Change("segment", [segment_id], "Changed segment {name}: {query}", {"name": row.name, "query": row.query})


def remove_segment(w: Work, segment_id: int) -> Change:
    """Hide a segment; the records in it stay as they are."""
    row: Any = w.get(Segment, segment_id)
    users = w.db.rows("SELECT name FROM segment WHERE removed_at IS NULL AND id <> :id AND (query LIKE :a OR query LIKE :b)", {"id": segment_id, "a": f"%@{row.name}%", "b": f"%segment:{row.name}%"})
    if users:
        raise Conflict("Segment {name} is used by {users}", name=row.name, users=", ".join(u[0] for u in users))
    changed(row, {"removed_at": w.now}, w.now)
    return Change("segment", [segment_id], "Removed segment {name}", {"name": row.name})
