"""Tags on records, renamed tags, and segments."""

from typing import Any

from crm_cli.actions import reaches
from crm_cli.actions.change import NOTHING, Change, Note, changed, checked
from crm_cli.actions.removal import name_of
from crm_cli.actions.renames import SEGMENT, TAG, carry_segments
from crm_cli.errors import Conflict, Misuse
from crm_cli.i18n import listed
from crm_cli.model.inputs import SegmentInput, name_key
from crm_cli.model.words import Segment, Tag
from crm_cli.queries.conditions import Asker
from crm_cli.queries.find import pick_row
from crm_cli.queries.grammar import join_arguments
from crm_cli.queries.nouns import noun_of_query, segments_of
from crm_cli.rules.fields import nearest
from crm_cli.rules.text import squeeze
from crm_cli.store.writer import Work

Target = tuple[str, int]


def tag_records(w: Work, tag: str, targets: list[Target]) -> Change:
    """Put a tag on customers, contacts or deals."""
    shown = " ".join(reaches.tag_names([tag]))
    notes = _new_tags(w, reaches.tag_names([tag]))
    new = [(noun, i) for noun, i in targets if reaches.add_tags(w, noun, i, [tag])]
    if not new:
        return _change(targets, NOTHING, {})
    holes = _holes(w, new, shown)
    one, many = "Tagged {noun} {id} with {tag}: {name}", "Tagged {n} records with {tag}"
    return _change(new, one if len(new) == 1 else many, holes, notes)


def _new_tags(w: Work, tags: list[str]) -> list[Note]:
    """A tag that nobody has used yet is said, with the nearest one, so that a slip is seen."""
    known = {row[0]: row[1] for row in w.db.rows("SELECT name_key, name FROM tag")}
    notes: list[Note] = []
    for name in tags:
        if name_key(name) in known:
            continue
        near = nearest(name_key(name), list(known))
        notes.append(
            (
                "New tag: {tag}. Did you mean {near}?" if near else "New tag: {tag}",
                {"tag": name, "near": known.get(near or "")},
            )
        )
    return notes


def untag_records(w: Work, tag: str, targets: list[Target]) -> Change:
    """Take a tag off records."""
    _, name = find_tag(w, tag)
    gone = [(noun, i) for noun, i in targets if reaches.drop_tag(w, noun, i, name)]
    if not gone:
        return _change(targets, NOTHING, {})
    one, many = "Took {tag} off {noun} {id}: {name}", "Took {tag} off {n} records"
    return _change(gone, one if len(gone) == 1 else many, _holes(w, gone, name))


def _holes(w: Work, records: list[Target], tag: str) -> dict[str, Any]:
    noun, record_id = records[0]
    return {"noun": noun, "id": record_id, "name": name_of(w, noun, record_id), "n": len(records), "tag": tag}


def _change(records: list[Target], sentence: str, holes: dict[str, Any], notes: list[Note] | None = None) -> Change:
    """The answer about records of one noun or of several."""
    by_noun: dict[str, list[int]] = {}
    for noun, record_id in records:
        ids = by_noun.setdefault(noun, [])
        if record_id not in ids:
            ids.append(record_id)
    (noun, ids), *others = by_noun.items()
    return Change(noun, ids, sentence, holes, notes or [], others)


def find_tag(w: Work, text: str) -> tuple[int, str]:
    """A tag by name, beginning or part."""
    row = pick_row(w.db.rows("SELECT id, name, name_key FROM tag ORDER BY name_key"), text.lstrip("#"), noun="tag")
    return row[0], row[1]


def rename_tag(w: Work, old: str, new: str) -> Change:
    """Call a tag something else; a name that is taken is refused, so that two tags never melt by accident."""
    tag_id, before = find_tag(w, old)
    name = reaches.tag_name(new)
    if "," in name or "，" in name:
        raise Misuse("A tag has no comma in it: {tag}", tag=name)
    taken = w.db.value(
        "SELECT name FROM tag WHERE name_key = :key AND id <> :id", {"key": name_key(name), "id": tag_id}
    )
    if taken:
        raise Conflict(
            "A tag called {name} is already there",
            hint="Put it on those with the old one: crm tag add {name} tag:{old}",
            name=taken,
            old=before,
        )
    if not changed(w.get(Tag, tag_id), {"name": name, "name_key": name_key(name)}, w.now):
        return Change("tag", [tag_id], NOTHING)
    notes = carry_segments(w, TAG, before, name)
    return Change("tag", [tag_id], "Renamed tag {old} to {new}", {"old": before, "new": name}, notes)


# ------------------------------------------------------------------ segments


def add_segment(w: Work, name: str, query: list[str], asker: Asker) -> Change:
    """Keep a query under a name; it is checked now, and asked again each time the segment is used."""
    plain = plain_name(name)
    _refuse_known(w, plain, None)
    noun = noun_of_query(w.db, query, asker)
    own = checked(SegmentInput, {"segment": plain, "query": join_arguments(query)})
    row = w.add(
        Segment(
            name=plain,
            name_key=name_key(plain),
            noun=noun,
            query=own["query"],
            created_at=w.now,
            updated_at=w.now,
        )
    )
    holes = {"name": plain, "noun": noun, "query": row.query}
    return Change("segment", [row.id], "Added segment {name} ({noun}): {query}", holes)


def plain_name(name: str, refusal: str = "{name} is no name for a segment") -> str:
    """One word, so that it can stand in a line without quotes; `refusal` says that another is none."""
    plain = squeeze(name).lstrip("@＠")
    if not plain or any(mark in plain for mark in " \t\"'():：（）"):
        raise Misuse(
            refusal,
            hint="Use one word without quotes, colons and parentheses, as big-spenders",
            name=name,
        )
    return str(checked(SegmentInput, {"segment": plain, "query": ""})["segment"])


def _refuse_known(w: Work, name: str, own_id: int | None) -> None:
    found = w.db.row(
        "SELECT id, name FROM segment WHERE name_key = :key AND removed_at IS NULL AND id IS NOT :id",
        {"key": name_key(name), "id": own_id},
    )
    if found:
        raise Conflict(
            "A segment called {name} is already there",
            hint="Change it: crm segment edit {name} QUERY",
            name=found[1],
            candidates=[{"kind": "segment", "id": found[0], "name": found[1]}],
        )


def edit_segment(w: Work, segment_id: int, name: str | None, query: list[str], asker: Asker) -> Change:
    """Another query, another name, or both."""
    row: Any = w.get(Segment, segment_id)
    own: dict[str, Any] = {}
    notes: list[Note] = []
    if query:
        own = {"query": join_arguments(query), "noun": noun_of_query(w.db, query, asker, trail=(row.name,))}
    if name:
        plain = plain_name(name)
        _refuse_known(w, plain, segment_id)
        before = row.name
        own.update(name=plain, name_key=name_key(plain))
    if not changed(row, own, w.now):
        return Change("segment", [segment_id], NOTHING)
    if name and name_key(before) != row.name_key:
        notes = carry_segments(w, SEGMENT, before, row.name)
    holes = {"name": row.name, "noun": row.noun, "query": row.query}
    return Change("segment", [segment_id], "Changed segment {name} ({noun}): {query}", holes, notes)


def remove_segment(w: Work, segment_id: int) -> Change:
    """Hide a segment; the records in it stay as they are."""
    row: Any = w.get(Segment, segment_id)
    _refuse_used(w, row)
    changed(row, {"removed_at": w.now}, w.now)
    return Change("segment", [segment_id], "Removed segment {name}", {"name": row.name})


def _refuse_used(w: Work, row: Any) -> None:
    """A segment that others are built on stays."""
    others = w.db.rows("SELECT name, noun, query FROM segment WHERE removed_at IS NULL AND id <> :id", {"id": row.id})
    users = [name for name, noun, query in others if row.name_key in segments_of(noun, query)]
    if users:
        raise Conflict(
            "Segment {name} is used by {users}",
            hint="Give them another query first: crm segment edit {first} QUERY",
            name=row.name,
            users=listed(users),
            first=users[0],
        )
