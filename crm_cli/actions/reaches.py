"""What a record can have several of: ways to reach somebody, and tags. Given, taken away, emptied."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from crm_cli.actions.change import checked
from crm_cli.errors import Conflict, Misuse, NotFound
from crm_cli.model.customer import Reach
from crm_cli.model.inputs import TagInput, name_key
from crm_cli.model.words import Tag, Tagging
from crm_cli.rules.fields import field_key, find_field
from crm_cli.rules.normalise import email_shown, reach_key, split_label
from crm_cli.rules.social import handle_of
from crm_cli.rules.text import squeeze
from crm_cli.store.writer import Work

KINDS = ("email", "phone", "website", "messenger")


class Drop(NamedTuple):
    """One value that --drop takes away."""

    kind: str
    value: str


def normalised(kind: str, typed: str, country: str | None) -> tuple[str, str, str]:
    """`work:jane@acme.com` -> (value as typed, key for look-ups, label)."""
    value, label = split_label(typed.strip())
    if kind == "email":
        value = email_shown(value)
    if kind == "messenger" and not label:
        found = handle_of(value)
        label = found[0] if found else ""
    return value, reach_key(kind, value, country=country), label


def sorted_links(options: dict[str, Any]) -> dict[str, Any]:
    """The options with links to profiles, such as linkedin.com/in/jane, among the messengers, not the websites."""
    links = [text for text in options.get("website") or [] if handle_of(text)]
    if not links:
        return options
    sites = [text for text in options["website"] if text not in links]
    return {**options, "website": sites, "messenger": [*(options.get("messenger") or []), *links]}


def kind_of(noun: str, typed: str) -> str:
    """`emails`, `e-mail`, 邮箱 -> "email": the kind that the name of a field means, as an option calls it."""
    field = find_field(noun, typed)
    key = field.key if field else field_key(typed)
    return {"e_mail": "email", "e_mails": "email"}.get(key, key.removesuffix("s"))


# ------------------------------------------------------------------ given


def add_several(
    w: Work, noun: str, record_id: int, options: dict[str, Any], country: str | None, kinds: Sequence[str] = KINDS
) -> bool:
    """The ways to reach and the tags of typed options; True when something was new."""
    options = sorted_links(options)
    new = False
    for kind in kinds:
        if options.get(kind):
            new |= add_reaches(w, noun, record_id, kind, options[kind], country)
    if options.get("tag"):
        new |= add_tags(w, noun, record_id, options["tag"])
    return new


def add_reaches(w: Work, noun: str, record_id: int, kind: str, typed: list[str], country: str | None) -> bool:
    """Put ways to reach before those that are there; one that is there already moves to the front."""
    own = f"{noun}_id"
    found = w.db.rows(
        f"SELECT id FROM reach WHERE {own} = :id AND kind = :kind ORDER BY position, id",
        {"id": record_id, "kind": kind},
    )
    rows = [w.get(Reach, row[0]) for row in found]
    before = [(row.value, row.label) for row in rows]
    for text in reversed(typed):
        value, key, label = normalised(kind, text, country)
        known = next((row for row in rows if row.value_key == key), None)
        if known is not None:
            rows.remove(known)
            known.value, known.label = value, label or known.label
        else:
            given: dict[str, Any] = {"kind": kind, "value": value, "value_key": key, "label": label, own: record_id}
            known = Reach(**given, created_at=w.now, updated_at=w.now)
            w.session.add(known)
        rows.insert(0, known)
    for position, row in enumerate(rows):
        if row.position != position:
            row.position = position
    return [(row.value, row.label) for row in rows] != before


def refuse_known(w: Work, noun: str, options: dict[str, Any], country: str | None) -> None:
    """Conflict when a record of the noun has one of these e-mails, phones or websites already."""
    options = sorted_links(options)
    for kind in ("email", "phone", "website"):
        for text in options.get(kind) or []:
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
    ref = f"{noun}:{record_id}"
    return Conflict(
        "{name} is already there" if shared == name else "{name} is already there, with {shared}",
        hint="See it: crm show {ref}. Add another one all the same: --duplicate",
        name=name,
        ref=ref,
        shared=shared,
        candidates=[{"ref": ref, "kind": noun, "id": record_id, "name": name}],
    )


def tag_name(typed: str) -> str:
    """A tag as it is kept: without the # that some write."""
    return str(checked(TagInput, {"tag": squeeze(typed).lstrip("#").strip()})["tag"])


def tag_names(typed: Sequence[str]) -> list[str]:
    """Tags as typed: one a word, or several with commas between."""
    return [tag_name(part) for text in typed for part in text.replace("，", ",").split(",")]


def tag_id(w: Work, name: str) -> int:
    """The id of a tag, made when it is new."""
    key = name_key(name)
    found = w.db.value("SELECT id FROM tag WHERE name_key = :key", {"key": key})
    if found is None:
        found = w.add(Tag(name=name, name_key=key, created_at=w.now, updated_at=w.now)).id
    return int(found)


def add_tags(w: Work, noun: str, record_id: int, tags: Sequence[str]) -> bool:
    """Put tags on a record; True when one was new to it."""
    new = False
    for name in tag_names(tags):
        link: dict[str, Any] = {"id": record_id, "tag": tag_id(w, name)}
        if w.db.value(f"SELECT 1 FROM tagging WHERE {noun}_id = :id AND tag_id = :tag", link):
            continue
        own: dict[str, Any] = {f"{noun}_id": record_id}
        w.add(Tagging(tag_id=link["tag"], created_at=w.now, **own))
        new = True
    return new


# ------------------------------------------------------------------ taken away


def drops(noun: str, typed: Sequence[str], kinds: Collection[str]) -> list[Drop]:
    """`email=a@b.example` of --drop, several."""
    found = []
    for text in typed:
        field, mark, value = text.partition("=")
        kind = kind_of(noun, field)
        if not mark or kind not in kinds or not value.strip():
            raise Misuse(
                "--drop {text} does not say what to take away",
                hint="Type --drop FIELD=VALUE. What can be several: {known}",
                text=text,
                known=" ".join(kinds),
            )
        found.append(Drop(kind, value.strip()))
    return found


def drop(w: Work, noun: str, record_id: int, gone: Drop, country: str | None) -> bool:
    """Take one value away; False when the record does not have it."""
    if gone.kind == "tag":
        return drop_tag(w, noun, record_id, gone.value)
    _, key, _ = normalised(gone.kind, gone.value, country)
    row_id = w.db.value(
        f"SELECT id FROM reach WHERE {noun}_id = :id AND kind = :kind AND value_key = :key",
        {"id": record_id, "kind": gone.kind, "key": key},
    )
    if row_id is not None:
        w.session.delete(w.get(Reach, row_id))
    return row_id is not None


def drop_tag(w: Work, noun: str, record_id: int, name: str) -> bool:
    """Take a tag off a record; True when it was there."""
    row_id = w.db.value(
        f"SELECT x.id FROM tagging x JOIN tag g ON g.id = x.tag_id WHERE x.{noun}_id = :id AND g.name_key = :key",
        {"id": record_id, "key": name_key(tag_name(name))},
    )
    if row_id is not None:
        w.session.delete(w.get(Tagging, row_id))
    return row_id is not None


def refuse_missing(wanted: Sequence[Drop], met: Collection[Drop]) -> None:
    """NotFound when none of the records had a value that was to be taken away."""
    for gone in wanted:
        if gone not in met:
            raise NotFound("There is no {field} {value} to take away", field=gone.kind, value=gone.value)


# ------------------------------------------------------------------ emptied


def cleared(
    noun: str, typed: Sequence[str], columns: dict[str, str], kinds: Collection[str]
) -> tuple[dict[str, None], list[str]]:
    """Names of --clear -> the columns to empty (`columns`: key -> column) and the kinds to take away whole."""
    found: dict[str, None] = {}
    several = []
    for text in typed:
        field = find_field(noun, text)
        key = field.key if field else field_key(text)
        if kind_of(noun, text) in kinds:
            several.append(kind_of(noun, text))
        elif key in columns:
            found[columns[key]] = None
        else:
            raise cannot_clear(text, [*(short(noun, name) for name in columns), *kinds])
    return found, several


def short(noun: str, key: str) -> str:
    """What a key is mostly typed as."""
    field = find_field(noun, key)
    return (field.short or field.key) if field else key


def cannot_clear(option: str, known: Sequence[str]) -> Misuse:
    """A field that must stay, or that there is not."""
    return Misuse("{field} cannot be cleared", hint="What can: {known}", field=option, known=" ".join(known))


def clear_all(w: Work, noun: str, record_id: int, kinds: Sequence[str]) -> bool:
    """Take all of these kinds away; True when there was one."""
    gone = [clear(w, noun, record_id, kind) for kind in kinds]
    return any(gone)


def clear(w: Work, noun: str, record_id: int, kind: str) -> bool:
    """Take all of a kind away; True when there was one."""
    if kind == "tag":
        return w.execute(f"DELETE FROM tagging WHERE {noun}_id = :id", {"id": record_id}) > 0
    return w.execute(f"DELETE FROM reach WHERE {noun}_id = :id AND kind = :kind", {"id": record_id, "kind": kind}) > 0
