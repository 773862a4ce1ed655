"""A renamed tag or stage is renamed in the segments that ask for it, too."""

from crm_cli.actions.change import Note, changed
from crm_cli.model.words import Segment
from crm_cli.queries.grammar import replace_value
from crm_cli.rules import names
from crm_cli.rules.fields import field_key
from crm_cli.rules.text import fold
from crm_cli.store.writer import Work

TAG = frozenset({"tag", "tags", "标签"})
STAGE = frozenset({"stage", "阶段"})


def carry_segments(w: Work, fields: frozenset[str], old: str, new: str) -> list[Note]:
    """Segments whose query names the old word get the new one; says which."""
    old_key = fold(old)

    def is_old(value: str) -> bool:
        key = fold(value)
        return key == old_key or (fields is STAGE and names.canonical("stage", key) == old_key)

    notes: list[Note] = []
    for (segment_id,) in w.db.rows("SELECT id FROM segment WHERE removed_at IS NULL ORDER BY id"):
        row = w.get(Segment, segment_id)
        if not any(field_key(field) in row.query.lower() for field in fields):
            continue
        if changed(row, {"query": replace_value(row.query, fields, is_old, new)}, w.now):
            notes.append(("Segment {name} asks for it too: {query}", {"name": row.name, "query": row.query}))
    return notes
