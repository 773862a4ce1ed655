"""One write from a command: run the action, keep it, then speak."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from crm_cli.context import App
from crm_cli.i18n import t
from crm_cli.queries import team
from crm_cli.queries.records import list_records
from crm_cli.queries.segments import segments
from crm_cli.queries.views import all_views
from crm_cli.rules.fields import ANSWER_KEYS, NOUNS
from crm_cli.store.reader import Reader, id_list
from crm_cli.store.writer import Work

if TYPE_CHECKING:  # reading needs no models
    from crm_cli.actions.change import Change

Rows = list[tuple[str, dict[str, Any]]]


def write(app: App, action: Callable[[Work], "Change"], *, single: bool = False) -> None:
    """Commit first, then say it: records as data, or one sentence; `single` prints an object instead of an array."""
    with app.write() as w:
        change = action(w)
        groups = [(change.noun, change.ids), *change.others] if _prints(app) else []
        if app.dry_run and not groups:
            groups = [(change.noun, change.ids[:_TRIED])]
        rows = [(noun, row) for noun, ids in groups for row in _records(app, w.db, noun, ids)]
    tell(app, change, rows, single=single, undoable=bool(w.changes))


def _prints(app: App) -> bool:
    """Whether the records themselves are wanted, and not a sentence about them."""
    return app.out.is_data or app.out.format == "md"


_TRIED = 10  # records that a trial shows


def tell(app: App, change: "Change", rows: Rows, *, single: bool, undoable: bool) -> None:
    """What was made or changed, after it is kept, with the way back."""
    out = app.out
    if _prints(app):
        _print(app, change, rows, single=single)
        return
    holes = dict(change.holes)
    if "noun" in holes:
        holes["noun"] = t(holes["noun"])
    sentence = t(change.sentence, **holes) if holes else t(change.sentence)
    if app.dry_run:
        out.say("Trial, nothing was kept: {sentence}", sentence=sentence)
        out.records(change.noun, [row for _, row in rows])
    elif not out.quiet:
        out.tell(t("{sentence}; undo: crm undo", sentence=sentence) if undoable else sentence)
    for note, note_holes in change.notes:
        out.say(note, **note_holes)


def _print(app: App, change: "Change", rows: Rows, *, single: bool) -> None:
    """The records as data; those of several nouns in one array, and as rows in the keys of `find`."""
    out = app.out
    plain = [row for _, row in rows]
    if single and rows:
        out.record(change.noun, plain[0])
    elif not change.others:
        out.records(change.noun, plain)
    elif out.format == "json":
        out.json(plain)
    elif out.format == "jsonl":
        for row in plain:
            out.json(row)
    else:
        out.records("find", [_as_found(noun, row) for noun, row in rows])


def _as_found(noun: str, row: dict[str, Any]) -> dict[str, Any]:
    name = row.get("name") or row.get("title") or row.get("text")
    return {"ref": f"{noun}:{row['id']}", "kind": noun, "id": row["id"], "name": name, "customer": row.get("customer")}


def _records(app: App, db: Reader, noun: str, ids: Sequence[int]) -> list[dict[str, Any]]:
    asker = app.asker(db)
    if noun in NOUNS:
        order = {record_id: i for i, record_id in enumerate(ids)}
        found = list(list_records(db, noun, asker, ids=ids)) + list(
            list_records(db, noun, asker, ids=ids, removed=True)
        )
        return sorted(found, key=lambda row: order[row["id"]])
    lists: dict[str, Any] = {"stage": team.stages, "tag": team.tags, "member": team.members}
    if noun == "tier":
        from crm_cli.queries.tiers import published

        rows = published(db, asker, ids=ids)
    elif noun == "icp":
        from crm_cli.queries.icp import listed

        rows = listed(db, asker.now.tzinfo, ids=ids)
    elif noun == "playbook":
        from crm_cli.queries.playbook import playbooks

        rows = playbooks(db, ids=ids)
    elif noun == "view":
        rows = [view.published() for view in all_views(db, ids=ids)]
    elif noun == "segment":
        rows = segments(db, asker, ids=list(ids)) or _removed_segments(db, ids)
    else:
        rows = lists[noun](db, ids=list(ids))
    return [{key: row.get(key) for key in ANSWER_KEYS[noun]} for row in rows]


def _removed_segments(db: Reader, ids: Sequence[int]) -> list[dict[str, Any]]:
    """A segment that was just removed: what it was."""
    return db.dicts(f"SELECT id, uuid, name, noun, query FROM segment WHERE id IN {id_list(ids)}")
