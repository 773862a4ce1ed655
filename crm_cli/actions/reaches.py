"""Ways to reach somebody, and tags: what a record can have several of."""

from typing import Any

from crm_cli.errors import Conflict, Misuse, NotFound
from crm_cli.model.customer import Reach
from crm_cli.model.inputs import name_key
from crm_cli.model.words import Tag, Tagging
from crm_cli.rules.normalise import reach_key, split_label
from crm_cli.rules.text import fold, squeeze
from crm_cli.store.writer import Work

KINDS = ("email", "phone", "website", "messenger")


def normalised(kind: str, typed: str, country: str | None) -> tuple[str, str, str]:
    """`work:jane@acme.com` -> (value as typed, key for look-ups, label)."""
    value, label = split_label(typed.strip())
    return value, reach_key(kind, value, country=country), label


def add_reaches(w: Work, noun: str, record_id: int, kind: str, typed: list[str], country: str | None) -> bool:
    """Put ways to reach before those that are there; one that is there already moves to the front."""
    own = f"{noun}_id"
    rows = [w.get(Reach, r[0]) for r in w.db.rows(f"SELECT id FROM reach WHERE {own} = :id AND kind = :kind ORDER BY position, id", {"id": record_id, "kind": kind})]
    before = [(row.value, row.label) for row in rows]
    for text in reversed(typed):
        value, key, label = normalised(kind, text, country)
        known = next((row for row in rows if row.value_key == key), None)
        if known is not None:
            rows.remove(known)
            known.value, known.label = value, label or known.label
        else:
            known = Reach(kind=kind, value=value, value_key=key, label=label, created_at=w.now, updated_at=w.now, **{own: record_id})
            w.session.add(known)
        rows.insert(0, known)
    for position, row in enumerate(rows):
        if row.position != position:
            row.position = position
    return [(row.value, row.label) for row in rows] != before


def drop_reach(w: Work, noun: str, record_id: int, kind: str, typed: str, country: str | None) -> None:
    """Take one way to reach away; NotFound when it is not there."""
    _, key, _ = normalised(kind, typed, country)
    row_id = w.db.value(
        f"SELECT id FROM reach WHERE {noun}_id = :id AND kind = :kind AND value_key = :key", {"id": record_id, "kind": kind, "key": key}
    )
    if row_id is None:
        raise NotFound("{value} is not among its values of {field}", value=typed, field=kind)
    w.session.delete(w.get(Reach, row_id))


def clear_reaches(w: Work, noun: str, record_id: int, kind: str) -> None:
    """Take all of a kind away."""
    w.execute(f"DELETE FROM reach WHERE {noun}_id = :id AND kind = :kind", {"id": record_id, "kind": kind})


def refuse_known(w: Work, noun: str, kind: str, typed: list[str], country: str | None) -> None:
    """Conflict when somebody else of the noun has this e-mail, phone or website."""
    for text in typed:
        value, key, _ = normalised(kind, text, country)
        row = w.db.row(
            f"SELECT x.id, x.name FROM reach r JOIN {noun} x ON x.id = r.{noun}_id AND x.removed_at IS NULL"
            " WHERE r.value_key = :key AND r.kind = :kind ORDER BY x.id LIMIT 1",
            {"key": key, "kind": kind},
        )
        if row:
            raise already(noun, row[0], row[1], value)


def already(noun: str, record_id: int, name: str, shared: str) -> Conflict:
    """There is one like this already."""
    return Conflict(
        "{name} is already there as {ref} (same {shared})",
        hint="See: crm show {ref}. To add it all the same: --duplicate",
        name=name,
        ref=f"{noun}:{record_id}",
        shared=shared,
        candidates=[{"ref": f"{noun}:{record_id}", "kind": noun, "id": record_id, "name": name}],
    )


def tag_id(w: Work, name: str) -> int:
    """The id of a tag, made when it is new."""
    plain = squeeze(name).lstrip("#")
    if not plain:
        raise Misuse("A tag may not be empty")
    if len(plain) > 100:
        raise Misuse("{field} is longer than {longest} characters", field="tag", longest=100)
    key = name_key(plain)
    found = w.db.value("SELECT id FROM tag WHERE name_key = :key", {"key": key})
    if found is None:
        found = w.add(Tag(name=plain, name_key=key, created_at=w.now, updated_at=w.now)).id
    return int(found)


def add_tags(w: Work, noun: str, record_id: int, tags: list[str]) -> bool:
    """Put tags on a record; True when one was new to it."""
    new = False
    for name in tags:
        for part in name.split(","):
            tag = tag_id(w, part)
            if w.db.value(f"SELECT 1 FROM tagging WHERE {noun}_id = :id AND tag_id = :tag", {"id": record_id, "tag": tag}):
                continue
            w.add(Tagging(tag_id=tag, created_at=w.now, **{f"{noun}_id": record_id}))
            new = True
    return new


def drop_tag(w: Work, noun: str, record_id: int, name: str) -> bool:
    """Take a tag off a record; True when it was there."""
    row: Any = w.db.value(
        f"SELECT x.id FROM tagging x JOIN tag g ON g.id = x.tag_id WHERE x.{noun}_id = :id AND g.name_key = :key",
        {"id": record_id, "key": name_key(fold(name)) if fold(name) else name},
    )
    if row is None:
        return False
    w.session.delete(w.get(Tagging, row))
    return True
