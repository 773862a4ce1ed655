"""Views: lists kept under a name."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from crm_cli.store.reader import Reader, id_list


class Kept(NamedTuple):
    """One view as it is kept; empty parts are None, an empty query is an empty text."""

    id: int
    uuid: str
    name: str
    name_key: str
    noun: str
    query: str
    columns: str | None
    sort: str | None
    group_by: str | None

    def published(self) -> dict[str, Any]:
        """Its public keys."""
        row = {**self._asdict(), "problem": None}
        del row["name_key"]
        return row


def all_views(db: Reader, *, ids: Sequence[int] | None = None) -> list[Kept]:
    """Views by name; those of some ids even where they were removed."""
    chosen = "removed_at IS NULL" if ids is None else f"id IN {id_list(ids)}"
    columns = ", ".join(Kept._fields)
    return [Kept(*row) for row in db.rows(f"SELECT {columns} FROM view WHERE {chosen} ORDER BY name_key")]
