"""Lists kept under a name: made, changed, called something else, taken away."""

from typing import Any

from crm_cli.actions.change import NOTHING, Change, changed, checked
from crm_cli.actions.words import plain_name
from crm_cli.errors import Conflict
from crm_cli.model.inputs import ViewInput, name_key
from crm_cli.model.words import View
from crm_cli.store.writer import Work

_NO_NAME = "{name} is no name for a view"


def save_view(w: Work, name: str, noun: str, own: dict[str, Any]) -> Change:
    """Keep a list; `own` has its query, columns, sort and group_by, checked already."""
    plain = plain_name(name, _NO_NAME)
    _refuse_known(w, plain, None)
    values = checked(ViewInput, {"name": plain, **own})
    row = w.add(View(name_key=name_key(plain), noun=noun, created_at=w.now, updated_at=w.now, **values))
    return Change("view", [row.id], "Kept view {name} ({noun}): crm view show {name}", {"name": plain, "noun": noun})


def edit_view(w: Work, view_id: int, own: dict[str, Any]) -> Change:
    """Another query, other columns, another order or groups; None empties one."""
    row: Any = w.get(View, view_id)
    kept = {key: getattr(row, key) for key in ("query", "columns", "sort", "group_by")}
    values = checked(ViewInput, {"name": row.name, **kept, **own})
    noun = own.get("noun", row.noun)
    if not changed(row, {**values, "noun": noun}, w.now):
        return Change("view", [view_id], NOTHING)
    return Change("view", [view_id], "Changed view {name} ({noun})", {"name": row.name, "noun": noun})


def rename_view(w: Work, view_id: int, name: str) -> Change:
    """Call it something else."""
    row: Any = w.get(View, view_id)
    plain, before = plain_name(name, _NO_NAME), row.name
    _refuse_known(w, plain, view_id)
    if not changed(row, {"name": plain, "name_key": name_key(plain)}, w.now):
        return Change("view", [view_id], NOTHING)
    return Change("view", [view_id], "Renamed view {old} to {new}", {"old": before, "new": plain})


def remove_view(w: Work, view_id: int) -> Change:
    """Hide a view; the records stay as they are."""
    row: Any = w.get(View, view_id)
    changed(row, {"removed_at": w.now}, w.now)
    return Change("view", [view_id], "Removed view {name}", {"name": row.name})


def _refuse_known(w: Work, name: str, own_id: int | None) -> None:
    found = w.db.row(
        "SELECT id, name FROM view WHERE name_key = :key AND removed_at IS NULL AND id IS NOT :id",
        {"key": name_key(name), "id": own_id},
    )
    if found:
        raise Conflict(
            "A view called {name} is already there",
            hint="Change it: crm view edit {name} --help",
            name=found[1],
            candidates=[{"kind": "view", "id": found[0], "name": found[1]}],
        )
