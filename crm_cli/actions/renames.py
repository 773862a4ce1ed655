"""A renamed tag, stage or segment is renamed in the segments and views that ask for it, too."""

from collections.abc import Iterator
from typing import Any

from crm_cli.actions.change import Note, changed
from crm_cli.model.words import Segment, View
from crm_cli.queries.grammar import replace_value
from crm_cli.rules import names
from crm_cli.rules.fields import field_key
from crm_cli.rules.text import fold
from crm_cli.store.writer import Work

TAG = frozenset({"tag", "tags", "标签"})
STAGE = frozenset({"stage", "阶段"})
SEGMENT = frozenset({"segment"})  # @name is read as segment:name


def carry_segments(w: Work, fields: frozenset[str], old: str, new: str) -> list[Note]:
    """Segments and views whose query names the old word get the new one; says which."""
    old_key = fold(old)

    def is_old(value: str) -> bool:
        key = fold(value)
        return key == old_key or (fields is STAGE and names.canonical("stage", key) == old_key)

    notes: list[Note] = []
    for row in _asking(w, Segment, fields):
        if changed(row, {"query": replace_value(row.query, fields, is_old, new)}, w.now):
            notes.append(("Segment {name} asks for it too: {query}", {"name": row.name, "query": row.query}))
    for row in _asking(w, View, fields):
        if changed(row, {"query": replace_value(row.query, fields, is_old, new)}, w.now):
            notes.append(("View {name} asks for it too: {query}", {"name": row.name, "query": row.query}))
    return notes


def _asking(w: Work, model: type[Segment] | type[View], fields: frozenset[str]) -> Iterator[Any]:
    """Those with a query in which one of the fields may stand."""
    marks = {"@", *fields} if fields is SEGMENT else fields
    for (row_id,) in w.db.rows(f"SELECT id FROM {model.__tablename__} WHERE removed_at IS NULL ORDER BY id"):
        row: Any = w.get(model, row_id)
        if row.query and any(field_key(mark) in row.query.lower() for mark in marks):
            yield row
