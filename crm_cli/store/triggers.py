"""The triggers that write the journal: generated from the models, kept as text, compared with a file before a write.

Each changed row leaves a line: an insert without an image, an update with the columns that changed as they were
before, a delete with all that was not NULL. Rows above a mark (`journal_mark`) belong to a bulk operation, which leaves
one line for all that it has added (store/journal.py).
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from crm_cli.store import fulltext

UNJOURNALLED = {
    "reminder_claim",
    "tombstone",
    "tombstone_key",
    "segment_membership",
    "segment_count",
    "score",
    "lifecycle_change",
    "score_run",
    "prediction_fit",
}  # bookkeeping of the program, not of the trade
# what belongs to a record: the columns that say to whom, the first that is filled
OWNERS = {
    "reach": ("customer_id", "contact_id"),
    "tagging": ("customer_id", "contact_id", "deal_id"),
    "deal_contact": ("deal_id",),
    "consent": ("customer_id", "contact_id"),
    "merged": ("customer_id", "contact_id"),
}
_FILE = Path(__file__).with_name("triggers.sql")
_OPERATION = "(SELECT operation_id FROM journal_state)"
_AT = f"CASE WHEN {_OPERATION} IS NULL THEN strftime('%Y-%m-%dT%H:%M:%SZ', 'now') END"


def journalled_tables() -> dict[str, list[str]]:
    """Table -> its columns but the id, as the models have them."""
    from crm_cli.model.tables import TABLES

    tables = {str(model.__tablename__): [column.name for column in model.__table__.columns] for model in TABLES}  # type: ignore[attr-defined]
    return {
        name: [column for column in columns if column != "id"]
        for name, columns in tables.items()
        if name not in UNJOURNALLED
    }


def generate(tables: Mapping[str, Sequence[str]]) -> str:
    """The text of all triggers for SQLite, one a line."""
    return "".join(f"{trigger};\n" for name, columns in tables.items() for trigger in _of_table(name, columns))


def _of_table(name: str, columns: Sequence[str]) -> list[str]:
    old = ", ".join(f"OLD.{column}" for column in columns)
    new = ", ".join(f"NEW.{column}" for column in columns)
    changed = _image({column: f"OLD.{column} IS NOT NEW.{column}" for column in columns})
    whole = _image({column: f"OLD.{column} IS NOT NULL" for column in columns})
    return [
        _trigger(name, "insert", _unmarked(name, "NEW"), "NEW.id", "NULL"),
        _trigger(name, "update", f"({old}) IS NOT ({new}) AND {_unmarked(name, 'OLD')}", "OLD.id", changed),
        _trigger(name, "delete", _unmarked(name, "OLD"), "OLD.id", whole, OWNERS.get(name, ())),
    ]


def _trigger(name: str, event: str, when: str, row_id: str, before: str, owners: Sequence[str] = ()) -> str:
    columns, values = "", ""
    if owners:
        columns, values = "owner_id, ", f"coalesce(NULL, {', '.join(f'OLD.{owner}' for owner in owners)}), "
    return (
        f"CREATE TRIGGER journal_{name}_{event} AFTER {event.upper()} ON {name} WHEN {when}"
        f" BEGIN INSERT INTO journal (operation_id, record, row_id, kind, before, {columns}at)"
        f" VALUES ({_OPERATION}, '{name}', {row_id}, '{event[0].upper()}', {before}, {values}{_AT}); END"
    )


def _unmarked(name: str, row: str) -> str:
    return f"NOT EXISTS (SELECT 1 FROM journal_mark WHERE record = '{name}' AND last_id < {row}.id)"


def _image(tests: Mapping[str, str]) -> str:
    """A JSON object of the columns whose test holds, as they were before."""
    pieces = [
        f"""CASE WHEN {test} THEN ',"{column}":' || json_quote(OLD.{column}) ELSE '' END"""
        for column, test in tests.items()
    ]
    return "'{' || substr(" + " || ".join(pieces) + ", 2) || '}'"


@cache
def expected() -> dict[str, str]:
    """Name -> text of every trigger that a database of this program has."""
    lines = _FILE.read_text(encoding="utf-8").split(";\n")
    return {line.split(" ", 3)[2]: line for line in lines if line} | fulltext.triggers()


def watched() -> dict[str, str]:
    """Table -> the name of its trigger on inserts, for every journalled table."""
    return {
        name.removeprefix("journal_").removesuffix("_insert"): name
        for name in expected()
        if name.startswith("journal_") and name.endswith("_insert")
    }


def silenced() -> list[str]:
    """Triggers that say nothing while rows are only added: they are taken away meanwhile."""
    return [*watched().values(), *fulltext.of_inserts()]
