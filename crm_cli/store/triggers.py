"""The triggers that write the journal: generated from the models, kept as text, compared with a file before a write.

Each changed row leaves a line: an insert without an image, an update with the columns that changed as they were
before, a delete with all that was not NULL. Rows above a mark (`journal_mark`) belong to a bulk operation, which leaves
one line for all that it has added (store/journal.py).
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from crm_cli.store import fulltext, tallies

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
    "product_price": ("product_id",),
    "product_link": ("product_id",),
    "order_line": ("order_id",),
    "deal_line": ("deal_id",),
}
_FILE = Path(__file__).with_name("triggers.sql")
# a line as the triggers of the tables give it: `before` is all of a deleted row, the parts that changed of another one
_VIEW = "CREATE VIEW journal_line AS SELECT record, row_id, kind, before, owner_id FROM journal"
_KEEP = (
    "CREATE TRIGGER journal_line_keep INSTEAD OF INSERT ON journal_line WHEN NEW.before IS NOT '' AND NOT EXISTS"
    " (SELECT 1 FROM journal_mark WHERE record = NEW.record AND last_id < NEW.row_id) BEGIN"
    " INSERT INTO journal (operation_id, record, row_id, kind, before, owner_id, at)"
    " SELECT operation_id, NEW.record, NEW.row_id, NEW.kind, CASE NEW.kind"
    " WHEN 'U' THEN '{' || substr(NEW.before, 2) || '}' WHEN 'D' THEN json_patch('{}', NEW.before) END, NEW.owner_id,"
    " iif(operation_id IS NULL, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), NULL)"
    " FROM (SELECT (SELECT operation_id FROM journal_state) AS operation_id); END"
)


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
    """The text of the view that takes lines for the journal, its trigger, and those of the tables, one a line.

    Every start reads all of it: what is the same for each table stands only in the view's trigger.
    """
    lines = [_VIEW, _KEEP, *(trigger for name, columns in tables.items() for trigger in _of_table(name, columns))]
    return "".join(f"{line};\n" for line in lines)


def _of_table(name: str, columns: Sequence[str]) -> list[str]:
    changed = " || ".join(map(_if_changed, columns))
    whole = "json_object(" + ", ".join(f"'{column}', OLD.{column}" for column in columns) + ")"
    owners = OWNERS.get(name, ())
    owner = f"coalesce(NULL, {', '.join(f'OLD.{column}' for column in owners)})" if owners else "NULL"
    return [
        _trigger(name, "insert", "NEW.id", "NULL", "NULL"),
        _trigger(name, "update", "OLD.id", changed, "NULL"),
        _trigger(name, "delete", "OLD.id", whole, owner),
    ]


def _trigger(name: str, event: str, row_id: str, before: str, owner: str) -> str:
    return (
        f"CREATE TRIGGER journal_{name}_{event} AFTER {event.upper()} ON {name}"
        f" BEGIN INSERT INTO journal_line VALUES ('{name}', {row_id}, '{event[0].upper()}', {before}, {owner}); END"
    )


def _if_changed(column: str) -> str:
    """What a column was before, as a part of a JSON object, where that is another value; an empty text else."""
    return f"""iif(OLD.{column} IS NOT NEW.{column}, ',"{column}":' || json_quote(OLD.{column}), '')"""


@cache
def expected() -> dict[str, str]:
    """Name -> text of every trigger and view that a database of this program has."""
    lines = _FILE.read_text(encoding="utf-8").split(";\n")
    return {line.split(" ", 3)[2]: line for line in lines if line} | fulltext.triggers() | tallies.triggers()


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
