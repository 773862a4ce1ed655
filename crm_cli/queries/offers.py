"""Names that a reference may be, looked up while it is typed: those that begin so, then those that have it inside."""

from collections.abc import Mapping, Sequence

from crm_cli.queries.sources import TABLE
from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader, id_list

_COLUMNS = {
    "customer": ("name", "name_key"),
    "contact": ("name", "name_key"),
    "deal": ("title", "title_key"),
    "task": ("text", "text_key"),
    "product": ("name", "name_key"),
    "order": ("number", "number_key"),
}


def names_like(
    db: Reader,
    kinds: Sequence[str],
    typed: str,
    most: int,
    *,
    scope: Mapping[str, str] | None = None,
    removed: bool = False,
) -> list[str]:
    """At most so many names of these kinds; without a letter typed, the newest. `scope` as a Finder takes it."""
    key = fold(typed)
    found: list[str] = []
    for kind in kinds:
        if kind not in _COLUMNS:
            continue
        name, column = _COLUMNS[kind]
        narrowed = f" AND ({scope[kind]})" if scope and kind in scope else ""
        state = f"x.removed_at IS {'NOT NULL' if removed else 'NULL'} AND x.{name} IS NOT NULL"
        rows = f"SELECT x.{name} FROM {TABLE[kind]} x WHERE {state}{narrowed}"
        begins = f"{rows} AND x.{column} >= :low AND x.{column} < :high ORDER BY x.{column} LIMIT :most"
        within = f"{rows} AND instr(x.{column}, :key) > 0 LIMIT :most"
        for sql in (begins, within) if key else (f"{rows} ORDER BY x.id DESC LIMIT :most",):
            if len(found) < most:
                params = {"key": key, "low": key, "high": key + "\U0010ffff", "most": most}
                found += [row[0] for row in db.rows(sql, {k: v for k, v in params.items() if f":{k}" in sql})]
    return list(dict.fromkeys(found))[:most]


def names_by_id(db: Reader, kind: str, ids: Sequence[int]) -> list[str]:
    """What records are called, in the order of their ids; a talk by its text, an order by its number, which may be
    missing."""
    name = "text" if kind == "interaction" else _COLUMNS[kind][0]
    found: dict[int, str | None] = dict(db.rows(f"SELECT id, {name} FROM {TABLE[kind]} WHERE id IN {id_list(ids)}"))
    return [found.get(i) or f"{kind}:{i}" for i in ids]
