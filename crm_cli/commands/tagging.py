"""Behind tag and segment: what the refs of a tag mean, and a segment by its name."""

from collections.abc import Callable, Sequence
from typing import Any

from crm_cli.actions.change import Change
from crm_cli.commands import ask
from crm_cli.commands.writes import write
from crm_cli.context import App
from crm_cli.queries.find import Finder, pick_row
from crm_cli.queries.targets import is_query
from crm_cli.store.writer import Work

_KINDS = ["customer", "contact", "deal"]
Targets = list[tuple[str, int]]


def change(app: App, refs: Sequence[str] | None, action: Callable[[Work, Targets], Change]) -> None:
    """Tag or untag: references are of any kind, a query is over customers."""
    words = ask.need_many(app, refs, "REF")
    if is_query("customer", [word for word in words if word.partition(":")[0] not in _KINDS]):
        chosen = ask.Chosen(app, "customer", words)
        write(app, lambda w: action(w, [("customer", i) for i in chosen.ids(w)]))
        return
    words = [ask.settle(app, word, _KINDS) for word in words]

    def tag(w: Work) -> Change:
        found = [Finder(w.db, _KINDS, country=app.country).one(word) for word in words]
        return action(w, [(record.kind, record.id) for record in found])

    write(app, tag)


def find_segment(app: App, name: str) -> tuple[Any, ...]:
    """A segment by name, beginning or part: (id, name, noun, query)."""
    with app.read() as db:
        rows = db.rows("SELECT id, name, noun, query, name_key FROM segment WHERE removed_at IS NULL ORDER BY name_key")
    return pick_row(rows, name.lstrip("@"), noun="segment")
