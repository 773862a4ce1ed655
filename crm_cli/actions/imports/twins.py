"""Rows of one file that are about the same record: found by id, key, name or record, row by row as if imported so."""

from itertools import islice
from typing import Any

from crm_cli.actions.imports.beside import SHARED, spread, spread_suspects
from crm_cli.actions.imports.run import Run

Keys = set[tuple[str, str]]
Signature = tuple[frozenset[str], frozenset[str]]
_TELLING = frozenset(["email", "phone", "website"])
_TOLD = 6  # rows that a complaint about several may need
# The key that two rows without ids share when they are about the same record.
_ALIKE = {
    "customer": ("coalesce(firm_key, name_key)", "NULL", "coalesce(kind, kind_new)"),
    "contact": ("name_key", "customer_id", "NULL"),
    "deal": ("title_key || char(31) || coalesce(opened_on, '')", "customer_id", "NULL"),
    "interaction": (
        "at || char(31) || coalesce(channel, 'note') || char(31) || coalesce(text, '')",
        "customer_id",
        "NULL",
    ),
    "task": (
        "text_key || char(31) || coalesce(due_on, '') || char(31) || coalesce(due_at, '')",
        "customer_id",
        "NULL",
    ),
}


class Row:
    """A staged row that shares something with another one."""

    def __init__(self, values: tuple[Any, ...], keys: Keys) -> None:
        self.n, self.line, source, external, uuid, self.name, self.within, self.kind, self.target, self.shown = values
        pairs = (("", uuid), (source, external))
        self.idents: list[tuple[str, str]] = [(whose, ident) for whose, ident in pairs if ident]
        self.alike = (self.name, self.within)
        self.keys = keys


class Group:
    """Rows about one record, the first of them at the head."""

    def __init__(self, head: int, target: int | None) -> None:
        self.rows = [head]
        self.target = target
        self.ids: dict[str, str] = {}
        self.names: set[Any] = set()
        self.keys: Keys = set()
        self.kinds: frozenset[str] = frozenset()
        self.kind: str | None = None  # company or person, where a row says it

    def differs(self, row: Row) -> bool:
        """Whether an id of the same source, a uuid or the kind says that this is another record."""
        if row.kind and self.kind and row.kind != self.kind:
            return True
        return any(self.ids.get(source, ident) != ident for source, ident in row.idents)

    def signature(self) -> Signature:
        """What kinds of keys and ids of which sources the record has."""
        return self.kinds, frozenset(self.ids)


class _Known:
    """The groups so far, by everything that a later row may know them by."""

    def __init__(self) -> None:
        self.groups: list[Group] = []
        self.by_target: dict[int, Group] = {}
        self.by_id: dict[tuple[str, str], Group] = {}
        self.by_key: dict[tuple[str, str], list[Group]] = {}
        # groups of one name by their signature, so that a row meets only those that cannot contradict it
        self.by_name: dict[Any, dict[Signature, dict[Group, None]]] = {}

    def note(self, group: Group, row: Row) -> None:
        """A group has got a row."""
        before = group.signature()
        group.kind = group.kind or row.kind
        if row.target is not None:
            self.by_target[row.target] = group
        for ident in row.idents:
            group.ids.setdefault(*ident)
            self.by_id.setdefault(ident, group)
        for key in row.keys - group.keys:
            self.by_key.setdefault(key, []).append(group)
        group.keys |= row.keys
        group.kinds |= {kind for kind, _ in row.keys}
        after = group.signature()
        if before != after:
            for name in group.names:
                del self.by_name[name][before][group]
                self.by_name[name].setdefault(after, {})[group] = None
        if row.name is not None and row.alike not in group.names:
            group.names.add(row.alike)
            self.by_name.setdefault(row.alike, {}).setdefault(after, {})[group] = None

    def hits(self, row: Row) -> list[Group]:
        """Groups that a row without a known record belongs to: one, none, or several that it cannot choose from."""
        found, telling = self._by_keys(row)
        whole = [group for group in found if telling <= group.keys]
        if len(whole) > 1:
            whole = [group for group in whole if row.alike in group.names]
        if len(whole) == 1:
            found = whole
        if any(row.alike in group.names for group in found):
            return found
        return found + [group for group in self._by_name(row) if group not in found]

    def _by_keys(self, row: Row) -> tuple[list[Group], Keys]:
        """Groups that share keys with a row, and those keys. What too many share tells nobody.

        A phone or website alone is not believed where both have e-mails, all different, and other names.
        """
        mails = {key for key in row.keys if key[0] == "email"}
        found: dict[Group, None] = {}
        telling: Keys = set()
        for key in sorted(row.keys):
            groups = self.by_key.get(key, [])
            if len(groups) > SHARED:
                continue
            for group in groups:
                if not group.differs(row):
                    found[group] = None
                    telling.add(key)
        if telling & mails:
            return list(found), telling
        believed = [group for group in found if row.alike in group.names or not (mails and "email" in group.kinds)]
        return believed, {key for key in telling if any(key in group.keys for group in believed)}

    def _by_name(self, row: Row) -> list[Group]:
        kinds = {kind for kind, _ in row.keys} & _TELLING
        theirs = {source for source, _ in row.idents}
        found: list[Group] = []
        for (own, sources), groups in self.by_name.get(row.alike, {}).items():
            if not own & kinds and sources.isdisjoint(theirs):
                found += islice((group for group in groups if not group.differs(row)), _TOLD)
        return sorted(found[:_TOLD], key=lambda group: group.rows[0])


def find_groups(run: Run, field: str) -> list[Group]:
    """Rows in groups, each about one record; rows that fit several groups are spoiled."""
    rows = _twins(run)
    known = _Known()
    several: list[tuple[int, int, str | None, str]] = []
    lines = {row.n: row.line for row in rows}
    matching = run.options.on_duplicate != "new"
    for row in rows:
        group = known.by_target.get(row.target) if row.target is not None else None
        if row.target is None:
            group = next((known.by_id[ident] for ident in row.idents if ident in known.by_id), None)
        if group is None and row.target is None and matching:
            hits = known.hits(row)
            if len(hits) > 1:
                others = ", ".join(f"line {lines[hit.rows[0]]}" for hit in hits[: _TOLD - 1])
                several.append((row.n, row.line, row.shown, others))
                continue
            group = hits[0] if hits else None
        if group is None:
            group = Group(row.n, row.target)
            known.groups.append(group)
        else:
            group.rows.append(row.n)
        known.note(group, row)
    run.spoil(several, field, "This row fits several rows of the file: {others}.")
    return known.groups


def _twins(run: Run) -> list[Row]:
    """Rows that share an id, a key, a name or a record with another row of the file; in the order of the file."""
    name, within, kind = _ALIKE[run.noun]
    title = {"deal": "title", "interaction": "text", "task": "text"}.get(run.noun, "name")
    run.execute("DELETE FROM s_dup")
    if run.gains_reach:
        spread_suspects(run)
    doubtful = "IN (SELECT key FROM s_suspect)" if run.gains_reach else "IS NOT NULL"
    clean = run.gains_reach and not run.db.value("SELECT 1 FROM s_suspect LIMIT 1")
    if run.has("external_id") and not clean:
        run.execute(
            "INSERT OR IGNORE INTO s_dup SELECT n FROM s_row WHERE (external_id, external_source) IN"
            f" (SELECT external_id, external_source FROM s_row WHERE external_id {doubtful} GROUP BY 1, 2 HAVING"
            " count(*) > 1)"
        )
    if run.has("uuid") and not clean:
        run.execute(
            "INSERT OR IGNORE INTO s_dup SELECT n FROM s_row WHERE uuid IN (SELECT uuid FROM s_row"
            f" WHERE uuid {doubtful} GROUP BY 1 HAVING count(*) > 1)"
        )
    run.execute(
        "INSERT OR IGNORE INTO s_dup SELECT n FROM s_match WHERE target IN"
        " (SELECT target FROM s_match GROUP BY target HAVING count(*) > 1)"
    )
    if run.options.on_duplicate != "new" and not clean:
        _alike(run, name, within, doubtful)
    rows = run.rows(
        f"SELECT r.n, r.line, r.external_source, r.external_id, r.uuid, {name}, {within}, {kind}, m.target, r.{title}"
        " FROM s_dup d"
        " CROSS JOIN s_row r ON r.n = d.n LEFT JOIN s_match m ON m.n = r.n ORDER BY r.n"
    )
    keys: dict[int, Keys] = {}
    if run.gains_reach and rows:
        spread(run, "SELECT n FROM s_dup")
        for n, reach, key in run.rows(
            "SELECT s.n, s.kind, s.key FROM s_reach s JOIN s_dup d ON d.n = s.n WHERE s.ident = 1"
        ):
            keys.setdefault(n, set()).add((reach, key))
    return [Row(row, keys.get(row[0], set())) for row in rows]


def _alike(run: Run, name: str, within: str, doubtful: str) -> None:
    test = f"WHERE {name} {doubtful}" if run.gains_reach else ""
    run.execute(
        f"INSERT OR IGNORE INTO s_dup SELECT r.n FROM s_row r JOIN (SELECT {name} AS name, {within} AS within"
        f" FROM s_row {test} GROUP BY 1, 2 HAVING count(*) > 1) t ON t.name = {name} AND t.within IS {within}"
    )
    if run.gains_reach:
        run.execute(
            "INSERT OR IGNORE INTO s_dup SELECT s.n FROM s_reach s JOIN (SELECT kind, key FROM s_reach WHERE ident = 1"
            f" AND key {doubtful} GROUP BY 1, 2 HAVING min(n) < max(n)) t ON t.key = s.key AND t.kind = s.kind"
        )
