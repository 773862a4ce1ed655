"""Ways to reach somebody in a batch of rows: e-mails, phones, websites, messengers, one or several of a kind."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from crm_cli.actions.imports.rows import Batch, Loader
from crm_cli.actions.imports.staged import REACH
from crm_cli.errors import Misuse
from crm_cli.rules.cells import judged
from crm_cli.rules.reach_cells import plain_column

if TYPE_CHECKING:
    from crm_cli.actions.imports.persons import Persons


class ReachRows:
    """Staged ways to reach the people of a batch.

    `wide` has columns for the kinds of which the file has one column; a cell with several values, and the kinds with
    several columns, go to `more`: (n, kind, value, key, label, position).
    """

    def __init__(self) -> None:
        self.wide: dict[str, list[str | None]] = {}
        self.more: list[tuple[Any, ...]] = []
        self.first = 1
        self._emails: dict[int, str] | None = None

    def first_email(self, place: int) -> str | None:
        """An address to call somebody by who has no name."""
        if self._emails is None:
            self._emails = {row[0]: row[2] for row in reversed(self.more) if row[1] == "email"}
        wide = self.wide.get("email")
        return (wide[place] if wide else None) or self._emails.get(self.first + place)


def _plain(kind: str, taken: Sequence[str]) -> tuple[list[str | None], list[str | None]] | None:
    """Values and keys of a whole column at once, where every cell is of the plainest form; None where one is not."""
    found = plain_column(kind, taken)
    if found is None:
        return None
    return [cell or None for cell in taken], [key or None for key in found]


def read_reach(load: Loader, batch: Batch, persons: "Persons | None" = None) -> ReachRows:
    """Judge every column that says how somebody is reached; what is the contact's goes there where there is one."""
    found = ReachRows()
    found.first = batch.first
    for kind in REACH:
        columns = load.plan.fields.get(kind, ())
        rows: list[tuple[Any, ...]] = []
        for nth, column in enumerate(columns):
            plain = _plain(kind, batch.columns[column.place]) if len(columns) == 1 else None
            if plain is not None:
                load.tally.note_keys(kind, batch.columns[column.place], [key or "" for key in plain[1]])
                found.wide[kind], found.wide[f"{kind}_key"] = plain
                continue
            parsed = _parsed(load, kind, column.header, batch.columns[column.place], batch)
            if len(columns) == 1:
                _side_by_side(found, kind, parsed, batch.first, rows, column.target.label)
            else:
                for n, values in enumerate(parsed, batch.first):
                    rows += [
                        (n, kind, value, key, label or column.target.label, nth) for value, key, label in values or ()
                    ]
        if kind == "website":  # a link to a profile among the websites has a label, and is a handle
            rows = [(n, "messenger" if label else kind, *rest, label, nth) for n, _, *rest, label, nth in rows]
        found.more += _distinct(rows) if rows else rows
    if persons:
        _contact_columns(load, batch, found, persons)
    return found


def _contact_columns(load: Loader, batch: Batch, found: ReachRows, persons: "Persons") -> None:
    """Phones and e-mails of contacts; where a row does not tell whose they are, they are the customer's."""
    for kind in ("email", "phone"):
        spare: list[tuple[Any, ...]] = []
        for column in load.plan.fields.get(f"contact_{kind}", ()):
            parsed = _parsed(load, kind, column.header, batch.columns[column.place], batch)
            for place, values in enumerate(parsed):
                n = batch.first + place
                for one in values or ():
                    if not persons.reached(n, place, kind, one, column.target.label):
                        spare.append((n, kind, one[0], one[1], one[2] or column.target.label, 0))
        if spare:
            keys = found.wide.get(f"{kind}_key")
            own = [row for row in found.more if row[1] == kind]
            new = [row for row in spare if not keys or keys[row[0] - batch.first] != row[3]]
            later = [(*row[:5], row[5] + bool(keys and keys[row[0] - batch.first])) for row in _distinct([*own, *new])]
            found.more = [row for row in found.more if row[1] != kind] + later


def _side_by_side(
    found: ReachRows, kind: str, parsed: list[Any], first: int, rows: list[tuple[Any, ...]], default: str
) -> None:
    shown: list[str | None] = []
    keys: list[str | None] = []
    for values in parsed:
        if values is None:
            shown.append(None)
            keys.append(None)
        elif len(values) == 1 and not values[0][2]:
            shown.append(values[0][0])
            keys.append(values[0][1])
        else:
            rows += [(first + len(shown), kind, value, key, label or default, 0) for value, key, label in values]
            shown.append(None)
            keys.append(None)
    found.wide[kind] = shown
    found.wide[f"{kind}_key"] = keys


def _parsed(load: Loader, kind: str, header: str, taken: Sequence[str], batch: Batch) -> list[Any]:
    parse = load.parser(kind)
    try:
        parsed = [parse(cell) if cell else None for cell in taken]
        if load.plan.preset:
            parsed = load.sifted(header, parsed, taken, batch)
    except Misuse:
        parsed = load.sifted(header, [judged(parse, cell) for cell in taken], taken, batch)
    load.tally.note_reach(kind, taken, parsed)
    return parsed


def _distinct(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """One row for each value of somebody; a label given by any of them is kept, positions count from 0."""
    kept: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    counts: dict[int, int] = {}
    for row in rows:
        mark = (row[0], row[3])
        known = kept.get(mark)
        if known is None:
            position = counts.get(row[0], 0)
            counts[row[0]] = position + 1
            kept[mark] = (*row[:5], position)
        elif row[4] and not known[4]:
            kept[mark] = (*known[:4], row[4], known[5])
    return list(kept.values())


def stage_reach(load: Loader, batch: Batch, reach: ReachRows) -> None:
    """Stage what does not stand beside its row, and note keys that may stand in several rows."""
    load.db.fill("s_reach", ("n", "kind", "value", "key", "label", "position"), load.good(batch, iter(reach.more)))
    for kind in ("email", "phone", "website"):
        load.suspect([key for key in reach.wide.get(f"{kind}_key", ()) if key])
    load.suspect([row[3] for row in reach.more if row[1] != "messenger"])
