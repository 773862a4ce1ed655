"""How many cells of each field are kept in another spelling than the file has: what `--explain` and the report tell."""

from collections.abc import Iterable, Sequence
from operator import ne
from typing import Any

_SEPARATORS = str.maketrans("", "", " ()-./\t")


class Tally(dict[str, int]):
    """Field -> cells that were changed; empty cells and refused ones do not count."""

    def note(self, field: str, taken: Sequence[str], found: Sequence[Any]) -> None:
        """The cells of a column and what became of each."""
        first = next((value for value in found if value is not None), None)
        if first is None:
            return
        if isinstance(first, list):
            differ = sum(
                cell.strip() != "; ".join(value) for cell, value in zip(taken, found, strict=True) if value is not None
            )
        elif isinstance(first, str):
            differ = sum(map(ne, taken, found)) - found.count(None)
        else:
            differ = sum(map(ne, taken, map(str, found))) - found.count(None)
        self.add(field, differ)

    def note_keys(self, kind: str, taken: Sequence[str], keys: Sequence[str]) -> None:
        """A column of e-mails, phones or websites with one plain value in each cell, and their keys.

        Dashes of a phone number and the www. of a website are no other spelling; they are kept as typed.
        """
        if kind == "email":
            self.add(kind, sum(map(ne, taken, keys)))

    def note_reach(self, kind: str, taken: Sequence[str], parsed: Iterable[Any]) -> None:
        """The same of cells that may have several values: (value, key, label) each."""
        self.add(
            kind, sum(_respelled(kind, cell, values) for cell, values in zip(taken, parsed, strict=True) if values)
        )

    def add(self, field: str, cells: int) -> None:
        if cells:
            self[field] = self.get(field, 0) + cells


def _respelled(kind: str, cell: str, values: Sequence[tuple[str, str, str]]) -> bool:
    if kind == "phone":
        return any(value.translate(_SEPARATORS) != key for value, key, _ in values)
    if kind == "website":
        return any(label for _, _, label in values)
    whole = len(values) == 1 and not values[0][2]
    return any(value != key or (whole and value != cell.strip()) for value, key, _ in values)
