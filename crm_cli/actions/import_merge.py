"""Rows of one file that are about the same record become one row: a later one updates an earlier one."""

from typing import Any

from crm_cli.actions.import_beside import spread, spread_suspects
from crm_cli.actions.import_changes import COMPARED
from crm_cli.actions.import_rows import drop_rows
from crm_cli.actions.import_run import Run, merge_custom
from crm_cli.actions.import_staged import LINKS, STAGED

Keys = set[tuple[str, str]]


class _Group:
    """Rows about one record, the first of them at the head."""

    def __init__(self, head: int, target: int | None) -> None:
        self.rows = [head]
        self.target = target
        self.ids: set[tuple[str, str]] = set()
        self.names: set[Any] = set()
        self.keys: Keys = set()

    def differs(self, ident: tuple[str, str] | None) -> bool:
        """Whether an id of the same source says that this is another record."""
        return ident is not None and any(own[0] == ident[0] and own != ident for own in self.ids)

    def contradicts(self, keys: Keys, kinds: frozenset[str]) -> bool:
        """Whether both have keys of one of the kinds, and none in common."""
        shared = {kind for kind, _ in keys} & {kind for kind, _ in self.keys} & kinds
        return bool(shared) and not keys & self.keys


class _Row:
    def __init__(self, values: tuple[Any, ...], keys: Keys) -> None:
        self.n, self.line, source, external, self.name, self.within, self.kind, self.target, self.shown = values
        self.ident: tuple[str, str] | None = (source, external) if external else None
        self.alike = (self.name, self.within)
        self.keys = keys


_EMAIL = frozenset(["email"])
_ALL = frozenset(["email", "phone", "website"])
# The key that two rows without ids share when they are about the same record.
_ALIKE = {
    "customer": ("name_key", "NULL", "kind"),
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


def merge_rows(run: Run) -> None:
    """Join the rows of the file that are about one record; the rest of the import sees one row for each record."""
    twins = _twins(run)
    if not twins:
        return
    groups = _grouped(run, twins)
    several = [group for group in groups if len(group.rows) > 1]
    mode = run.options.on_duplicate
    if mode == "fail":
        heads = {n: group.rows[0] for group in several for n in group.rows[1:]}
        lines = dict(run.rows("SELECT n, line FROM s_row"))
        run.spoil(
            [(n, lines[n], None, f"line {lines[head]}") for n, head in heads.items()],
            _first_field(run),
            "This row is about the same record as {others}.",
        )
    elif mode == "skip":
        rest = [n for group in several for n in group.rows[1:]]
        run.counts.skipped += len(rest)
        drop_rows(run.db, rest, rejected=False)
    else:
        for table in ("s_tag", "s_person"):
            if several:
                run.execute(f"CREATE INDEX IF NOT EXISTS {table}_n ON {table} (n)")
        for group in several:
            _merge(run, group)


def _first_field(run: Run) -> str:
    return next((field for field in ("external_id", "name", "title", "text") if field in run.plan.fields), "name")


# ------------------------------------------------------------------ who is alike


def _twins(run: Run) -> list[_Row]:
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
    run.execute(
        "INSERT OR IGNORE INTO s_dup SELECT n FROM s_match WHERE target IN"
        " (SELECT target FROM s_match GROUP BY target HAVING count(*) > 1)"
    )
    if run.options.on_duplicate != "new" and not clean:
        _alike(run, name, within, doubtful)
    rows = run.rows(
        f"SELECT r.n, r.line, r.external_source, r.external_id, {name}, {within}, {kind}, m.target, r.{title}"
        " FROM s_dup d"
        " JOIN s_row r ON r.n = d.n LEFT JOIN s_match m ON m.n = r.n ORDER BY r.n"
    )
    keys: dict[int, Keys] = {}
    if run.gains_reach and rows:
        spread(run, "SELECT n FROM s_dup")
        for n, reach, key in run.rows(
            "SELECT s.n, s.kind, s.key FROM s_reach s JOIN s_dup d ON d.n = s.n WHERE s.ident = 1"
        ):
            keys.setdefault(n, set()).add((reach, key))
    return [_Row(row, keys.get(row[0], set())) for row in rows]


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


def _grouped(run: Run, rows: list[_Row]) -> list[_Group]:
    """Row by row, as if each were imported after the one before it."""
    groups: list[_Group] = []
    by_target: dict[int, _Group] = {}
    by_id: dict[tuple[str, str], _Group] = {}
    by_key: dict[tuple[str, str], list[_Group]] = {}
    by_name: dict[Any, list[_Group]] = {}
    several: list[tuple[int, int, str | None, str]] = []
    lines = {row.n: row.line for row in rows}
    matching = run.options.on_duplicate != "new"
    for row in rows:
        group = by_target.get(row.target) if row.target is not None else by_id.get(row.ident) if row.ident else None
        if group is None and row.target is None and matching:
            hits = _hits(row, by_key, by_name)
            if len(hits) > 1:
                several.append(
                    (row.n, row.line, row.shown, ", ".join(f"line {lines[hit.rows[0]]}" for hit in hits[:5]))
                )
                continue
            group = hits[0] if hits else None
        if group is None:
            group = _Group(row.n, row.target)
            groups.append(group)
        else:
            group.rows.append(row.n)
        if row.target is not None:
            by_target[row.target] = group
        _note(group, row, by_id, by_key, by_name)
    run.spoil(several, _first_field(run), "This row fits several rows of the file: {others}.")
    return groups


def _note(group: _Group, row: _Row, by_id: Any, by_key: Any, by_name: Any) -> None:
    if row.ident:
        group.ids.add(row.ident)
        by_id.setdefault(row.ident, group)
    for key in row.keys - group.keys:
        by_key.setdefault(key, []).append(group)
    group.keys |= row.keys
    if row.alike not in group.names and row.name is not None:
        group.names.add(row.alike)
        by_name.setdefault(row.alike, []).append(group)


def _hits(row: _Row, by_key: Any, by_name: Any) -> list[_Group]:
    """Earlier groups that a row without a known record belongs to."""
    found: list[_Group] = []
    by_mail = False
    for key in sorted(row.keys):
        for group in by_key.get(key, ()):
            if group not in found and not group.differs(row.ident):
                found.append(group)
                by_mail = by_mail or key[0] == "email"
    if not by_mail:
        found = [
            g
            for g in found
            if row.alike in g.names or not g.contradicts({k for k in row.keys if k[0] == "email"}, _EMAIL)
        ]
    named = [
        group
        for group in by_name.get(row.alike, ())
        if not group.differs(row.ident) and not group.contradicts(row.keys, _ALL)
    ]
    if any(row.alike in group.names for group in found):
        return found
    return found + [group for group in named if group not in found]


# ------------------------------------------------------------------ one row of several


def _merge(run: Run, group: _Group) -> None:
    """The head gets what the later rows say; they are counted as updated or unchanged and taken out."""
    columns = [*STAGED[run.plan.kind], *LINKS[run.plan.kind]]
    listed = "SELECT n FROM s_group"
    run.execute("CREATE TABLE IF NOT EXISTS s_group (n INTEGER PRIMARY KEY)")
    run.execute("DELETE FROM s_group")
    run.db.fill("s_group", ("n",), [(n,) for n in group.rows])
    rows = run.rows(f"SELECT n, {', '.join(columns)} FROM s_row WHERE n IN ({listed}) ORDER BY n")
    children = _children(run, listed)
    base = (
        _kept(run, group.target, columns) if group.target is not None else dict(zip(columns, rows[0][1:], strict=True))
    )
    belongings = set(children.get(rows[0][0], set())) if group.target is None else _belongings(run, group.target)
    merged = dict(zip(columns, rows[0][1:], strict=True))
    running, changes = dict(base), []
    told = {*COMPARED[run.noun], "custom", "external_id", "done"}
    for row in rows:
        values = dict(zip(columns, row[1:], strict=True))
        gained = children.get(row[0], set()) - belongings
        changes.append(_apply(values, running, told) or bool(gained))
        _apply(values, merged, told)
        belongings |= gained
    same = group.target is not None and not any(changes)
    if group.target is not None and not same:
        same = all(running.get(key) == base.get(key) for key in told) and not _gained(children, run, group.target)
    for changed in changes[1:]:
        if changed and not same:
            run.counts.updated += 1
        else:
            run.counts.unchanged += 1
    if group.target is not None and not same and not changes[0]:
        run.counts.updated -= 1  # the head is counted with its group; by itself it says nothing new
        run.counts.unchanged += 1
    _keep_merged(run, group, columns, merged, listed)


def _apply(values: dict[str, Any], onto: dict[str, Any], told: set[str]) -> bool:
    """Put what a row says over what is known; whether that changed anything that is told."""
    changed = False
    for key, value in values.items():
        if value is None:
            continue
        if key == "custom":
            value = merge_custom(onto.get(key), value)
        if key in ("external_id", "external_source", "created_at") and onto.get(key) is not None:
            continue
        if value != onto.get(key):
            changed = changed or key in told
            onto[key] = value
    return changed


def _kept(run: Run, target: int | None, columns: list[str]) -> dict[str, Any]:
    """What the database has of a record, by staged column."""
    known = {row[1] for row in run.rows(f"PRAGMA crm.table_info({run.noun})")}
    shared = [column for column in columns if column in known]
    row = run.db.row(f"SELECT {', '.join(shared)} FROM {run.noun} WHERE id = :id", {"id": target})
    found = dict.fromkeys(columns) | dict(zip(shared, row or (), strict=True))
    if found.get("done_at"):
        found["done"] = 1
    return found


def _children(run: Run, listed: str) -> dict[int, Keys]:
    """Ways to reach and tags of rows, as pairs that can be compared."""
    found: dict[int, Keys] = {}
    for sql in (
        f"SELECT n, kind, key FROM s_reach WHERE n IN ({listed})",
        f"SELECT n, 'tag', key FROM s_tag WHERE n IN ({listed})",
        f"SELECT n, 'contact', contact_id FROM s_person WHERE contact_id IS NOT NULL AND n IN ({listed})",
    ):
        for n, kind, key in run.rows(sql):
            found.setdefault(n, set()).add((kind, str(key)))
    return found


def _belongings(run: Run, target: int | None) -> Keys:
    """The same of a record in the database."""
    found: Keys = set()
    asked = {"id": target}
    if run.gains_reach:
        found |= set(run.db.rows(f"SELECT kind, value_key FROM reach WHERE {run.noun}_id = :id", asked))
    if run.noun in ("customer", "contact", "deal"):
        sql = f"SELECT 'tag', g.name_key FROM tagging x JOIN tag g ON g.id = x.tag_id WHERE x.{run.noun}_id = :id"
        found |= set(run.db.rows(sql, asked))
    if run.noun in ("deal", "interaction"):
        sql = f"SELECT 'contact', contact_id FROM {run.noun}_contact WHERE {run.noun}_id = :id"
        found |= {(kind, str(key)) for kind, key in run.db.rows(sql, asked)}
    return found


def _gained(children: dict[int, Keys], run: Run, target: int | None) -> bool:
    return bool(set().union(*children.values()) - _belongings(run, target)) if children else False


def _keep_merged(run: Run, group: _Group, columns: list[str], merged: dict[str, Any], listed: str) -> None:
    head = group.rows[0]
    sets = ", ".join(f"{column} = ?" for column in columns)
    run.db.many(f"UPDATE s_row SET {sets} WHERE n = ?", [(*(merged[column] for column in columns), head)])
    for table, same in (("s_reach", "kind, key"), ("s_tag", "key"), ("s_person", "header, key")):
        run.execute(f"UPDATE {table} SET n = {head} WHERE n IN ({listed})")
        run.execute(
            f"DELETE FROM {table} WHERE n = {head} AND rowid NOT IN"
            f" (SELECT min(rowid) FROM {table} WHERE n = {head} GROUP BY {same})"
        )
    for table in ("s_row", "s_match"):
        run.execute(f"DELETE FROM {table} WHERE n IN ({listed}) AND n <> {head}")
