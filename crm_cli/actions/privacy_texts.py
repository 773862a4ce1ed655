"""What others wrote down about somebody: texts of records that stay, found and, where it is asked for, wiped."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from crm_cli.queries.privacy_scope import Known, tables_of
from crm_cli.rules.cells import key_of
from crm_cli.rules.traces import Traces, in_json, read
from crm_cli.store.reader import Reader
from crm_cli.store.writer import Plain

# table -> the columns that people write into freely; a * has a folded twin, a + has to stay different in each row
_FREE = {
    "customer": "name* industry region city address source note custom",
    "contact": "name* title role note custom",
    "deal": "title* source risk lost_reason custom",
    "task": "text* custom",
    "interaction": "text outcome custom",
    "sales_order": "number* note custom",
    "order_line": "text",
    "deal_line": "text",
    "product": "code*+ name* category unit audience note custom",
    "rate": "source",
    "setting": "value",
    "tier": "name*+ query playbook",
    "icp": "criteria",
    "stage_change": "note",
    "consent": "source",
    "reach": "label",
    "tag": "name*+",
    "segment": "name*+ query",
    "view": "name*+ query",
    "import_mapping": "name*+ options",
}
# rows in which nobody can be meant
_PLAIN = {"setting": "name = 'base'"}
_OWNERS = {
    "order_line": ("order",),
    "deal_line": ("deal",),
    "stage_change": ("deal",),
    "consent": ("customer", "contact"),
    "reach": ("customer", "contact"),
}


class Mention(NamedTuple):
    """One text: the record as a reference, and the column."""

    table: str
    row_id: int
    column: str
    ref: str
    text: str


def mentions(db: Reader, traces: Traces, apart: Iterable[tuple[str, int]] = ()) -> Iterator[Mention]:
    """Texts in which one of the strings stands, but those of the rows set apart."""
    if not traces:
        return
    others = set(apart)
    tables = tables_of(db)
    for table, told in _FREE.items():
        if table not in tables:
            continue
        columns = [name.rstrip("*+") for name in told.split()]
        owners = [f"{owner}_id" for owner in _OWNERS.get(table, ())]
        for row in db.stream(
            f"SELECT {', '.join(['id', *columns, *owners])} FROM {table} WHERE NOT ({_PLAIN.get(table, '0')})"
        ):
            if (table, row[0]) in others:
                continue
            for column, text in zip(columns, row[1:], strict=False):
                if text and traces.found(read(text)):
                    yield Mention(table, row[0], column, _ref(table, row, owners), text)


def _ref(table: str, row: Sequence[object], owners: list[str]) -> str:
    """The record that a person can look at."""
    for name, value in zip(owners, row[len(row) - len(owners) :], strict=True):
        if value is not None:
            return f"{name.removesuffix('_id')}:{value}"
    return f"{'order' if table == 'sales_order' else table}:{row[0]}"


def wipe_texts(db: Plain, found: Iterable[Mention], wipe: Callable[[str], str]) -> int:
    """Take the strings out; returns how many texts were changed."""
    changed = 0
    for one in found:
        new = str(in_json(one.text, wipe))
        if new == one.text:
            continue
        marks = next(name for name in _FREE[one.table].split() if name.rstrip("*+") == one.column)
        if "+" in marks:
            new = f"{new} {one.row_id}"
        sets, values = f"{one.column} = ?", [new]
        if "*" in marks:
            sets += f", {one.column}_key = ?"
            values.append(key_of(new))
        changed += db.execute(f"UPDATE {one.table} SET {sets} WHERE id = ?", (*values, one.row_id))
    return changed


def talk_texts(db: Reader, known: Known, talks: Iterable[int]) -> list[Mention]:
    """Texts of the talks that somebody took part in: there a part of the name says who is meant."""
    found = []
    for row_id in sorted(talks):
        row = db.row("SELECT text, outcome, custom FROM interaction WHERE id = :id", {"id": row_id})
        for column, text in zip(("text", "outcome", "custom"), row or (), strict=False):
            if text and known.near.found(read(text)):
                found.append(Mention("interaction", row_id, column, f"interaction:{row_id}", text))
    return found
