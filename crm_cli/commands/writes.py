"""One write from a command: run the action, keep it, then speak."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from crm_cli.context import App
from crm_cli.i18n import t
from crm_cli.queries import team
from crm_cli.queries.records import list_records
from crm_cli.rules.fields import NOUNS
from crm_cli.store.reader import Reader
from crm_cli.store.writer import Work

if TYPE_CHECKING:  # reading needs no models
    from crm_cli.actions.change import Change


def write(app: App, action: Callable[[Work], "Change"], *, single: bool = False) -> None:
    """Commit first, then say it: records as data, or one sentence; `single` prints an object instead of an array."""
    with app.write() as w:
        change = action(w)
        rows = _records(app, w.db, change.noun, change.ids) if app.out.is_data else []
    tell(app, change, rows, single=single)


def tell(app: App, change: "Change", rows: Sequence[dict[str, Any]], *, single: bool) -> None:
    """What was made or changed, after it is kept."""
    out = app.out
    if out.is_data:
        if single and rows:
            out.record(change.noun, rows[0])
        else:
            out.records(change.noun, rows)
        return
    holes = dict(change.holes)
    if "noun" in holes:
        holes["noun"] = holes["noun"] if "crm {noun}" in change.sentence else t(holes["noun"])
    sentence = t(change.sentence, **holes) if holes else t(change.sentence)
    if app.dry_run:
        out.say("Trial, nothing was kept: {sentence}", sentence=sentence)
    elif not out.quiet:
        out.tell(sentence)
    for note, note_holes in change.notes:
        out.say(note, **note_holes)


def _records(app: App, db: Reader, noun: str, ids: Sequence[int]) -> list[dict[str, Any]]:
    asker = app.asker(db)
    if noun in NOUNS:
        order = {record_id: i for i, record_id in enumerate(ids)}
        found = list(list_records(db, noun, asker, ids=ids)) + list(list_records(db, noun, asker, ids=ids, removed=True))
        return sorted(found, key=lambda row: order[row["id"]])
    if noun == "segment":
        return team.segments(db, asker, ids=list(ids))
    lists: dict[str, Any] = {"stage": team.stages, "tag": team.tags, "member": team.members}
    rows: list[dict[str, Any]] = lists[noun](db, ids=list(ids))
    return rows
