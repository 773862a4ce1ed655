"""Rows of one file that are about the same record become one row: a later one updates an earlier one."""

from typing import Any

from crm_cli.actions.imports.changes import COMPARED
from crm_cli.actions.imports.rows import drop_rows
from crm_cli.actions.imports.run import Run, merge_custom
from crm_cli.actions.imports.staged import LINKS, STAGED
from crm_cli.actions.imports.twins import Group, Keys, find_groups

_CHUNK = 1000  # groups that are merged together


def merge_rows(run: Run) -> None:
    """Join the rows of the file that are about one record; the rest of the import sees one row for each record."""
    several = [group for group in find_groups(run, _first_field(run)) if len(group.rows) > 1]
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
        for start in range(0, len(several), _CHUNK):
            _merge(run, several[start : start + _CHUNK])


def _first_field(run: Run) -> str:
    return next((field for field in ("external_id", "name", "title", "text") if field in run.plan.fields), "name")


# ------------------------------------------------------------------ one row of several

Values = dict[str, Any]


class _Store:
    """What is known about the rows of some groups and the records that they are about, read with a few statements."""

    def __init__(self, run: Run, groups: list[Group]) -> None:
        self.run = run
        self.columns = [*STAGED[run.plan.kind], *LINKS[run.plan.kind]]
        for table in ("s_group", "s_who"):
            run.execute(f"DELETE FROM {table}")
        run.db.fill("s_group", ("n",), [(n,) for group in groups for n in group.rows])
        run.db.fill("s_who", ("n",), [(group.target,) for group in groups if group.target is not None])
        self.rows: dict[int, Values] = {}
        for n, *values in run.rows(f"SELECT r.n, {self._listed('r')} FROM s_group g CROSS JOIN s_row r ON r.n = g.n"):
            self.rows[n] = dict(zip(self.columns, values, strict=True))
        self.children: dict[int, Keys] = {}
        self.places: dict[tuple[str, int], list[tuple[int, Any]]] = {}  # (table, n) -> rowid and what it says
        for table, said in (
            ("s_reach", "kind, x.key"),
            ("s_tag", "'tag', x.key"),
            ("s_person", "'contact', x.contact_id"),
            ("s_mate", "'mate', x.key || char(31) || x.part || char(31) || x.value_key"),
            ("s_step", "'step', x.key || char(31) || coalesce(x.due_at, x.due_on, '')"),
            ("s_said", "'said', x.at || char(31) || coalesce(x.text, '')"),
        ):
            sql = f"SELECT x.rowid, x.n, {said} FROM s_group g CROSS JOIN {table} x ON x.n = g.n ORDER BY x.n, x.rowid"
            for place, n, kind, key in run.rows(sql):
                self.places.setdefault((table, n), []).append((place, (kind, key)))
                if key is not None:
                    self.children.setdefault(n, set()).add((kind, str(key)))
        self.records = self._records()
        self.belongings = self._belongings()

    def _listed(self, alias: str) -> str:
        return ", ".join(f"{alias}.{column}" for column in self.columns)

    def _records(self) -> dict[int, Values]:
        """What the database has of the records, by staged column."""
        noun = self.run.noun
        known = {row[1] for row in self.run.rows(f"PRAGMA crm.table_info({noun})")}
        shared = [column for column in self.columns if column in known]
        listed = ", ".join(f"d.{column}" for column in shared)
        found: dict[int, Values] = {}
        for number, *values in self.run.rows(f"SELECT d.id, {listed} FROM s_who w CROSS JOIN {noun} d ON d.id = w.n"):
            record = dict.fromkeys(self.columns) | dict(zip(shared, values, strict=True))
            if record.get("done_at"):
                record["done"] = 1
            found[number] = record
        return found

    def _belongings(self) -> dict[int, Keys]:
        """Ways to reach, tags and people of the records, as pairs that can be compared."""
        noun = self.run.noun
        asked = []
        if self.run.gains_reach:
            asked.append(f"SELECT w.n, x.kind, x.value_key FROM s_who w CROSS JOIN reach x ON x.{noun}_id = w.n")
        if noun in ("customer", "contact", "deal"):
            tagged = f"s_who w CROSS JOIN tagging x ON x.{noun}_id = w.n JOIN tag g ON g.id = x.tag_id"
            asked.append(f"SELECT w.n, 'tag', g.name_key FROM {tagged}")
        if noun in ("deal", "interaction"):
            linked = f"s_who w CROSS JOIN {noun}_contact x ON x.{noun}_id = w.n"
            asked.append(f"SELECT w.n, 'contact', x.contact_id FROM {linked}")
        found: dict[int, Keys] = {}
        for sql in asked:
            for number, kind, key in self.run.rows(sql):
                found.setdefault(number, set()).add((kind, str(key)))
        return found


def _merge(run: Run, groups: list[Group]) -> None:
    """The head of each group gets what its later rows say; they are counted and taken out."""
    store = _Store(run, groups)
    told = {*COMPARED[run.noun], "custom", "external_id", "done"}
    merged = []
    for group in groups:
        result = _merged(run, store, group, told)
        merged.append((*(result[column] for column in store.columns), group.rows[0]))
    sets = ", ".join(f"{column} = ?" for column in store.columns)
    run.db.many(f"UPDATE s_row SET {sets} WHERE n = ?", merged)
    rest = [(n,) for group in groups for n in group.rows[1:]]
    for table in ("s_row", "s_match"):
        run.db.many(f"DELETE FROM {table} WHERE n = ?", rest)
    for table in ("s_reach", "s_tag", "s_person", "s_mate", "s_step", "s_said"):
        _move_children(run, store, groups, table)


def _merged(run: Run, store: _Store, group: Group, told: set[str]) -> Values:
    """What all rows of a group say together; the later ones are counted as updated or unchanged."""
    head, *later = group.rows
    known = group.target is not None
    base = store.records.get(group.target or 0, {}) if known else store.rows[head]
    have = store.belongings.get(group.target or 0, set()) if known else store.children.get(head, set())
    running, belongings, result = dict(base), set(have), dict(store.rows[head])
    changes = []
    for n in group.rows:
        gained = store.children.get(n, set()) - belongings
        changes.append(_apply(store.rows[n], running, told) or bool(gained))
        _apply(store.rows[n], result, told)
        belongings |= gained
    same = known and belongings == have and all(running.get(key) == base.get(key) for key in told)
    for _, changed in zip(later, changes[1:], strict=True):
        run.counts.updated += changed and not same
        run.counts.unchanged += not changed or same
    if known and not same and not changes[0]:
        run.counts.updated -= 1  # the head is counted with its group; by itself it says nothing new
        run.counts.unchanged += 1
    return result


def _apply(values: Values, onto: Values, told: set[str]) -> bool:
    """Put what a row says over what is known; whether that changed anything that is told."""
    changed = False
    for key, value in values.items():
        if value is None:
            continue
        if key == "custom":
            value = merge_custom(onto.get(key), value)
        if key in ("uuid", "external_id", "external_source", "created_at") and onto.get(key) is not None:
            continue
        if value != onto.get(key):
            changed = changed or key in told
            onto[key] = value
    return changed


def _move_children(run: Run, store: _Store, groups: list[Group], table: str) -> None:
    """Ways to reach, tags and people of later rows go to the head, each once."""
    moved: list[tuple[int, int]] = []
    gone: list[tuple[int]] = []
    for group in groups:
        seen: set[Any] = set()
        for n in group.rows:
            for place, said in store.places.get((table, n), ()):
                if said[1] is not None and said in seen:
                    gone.append((place,))
                else:
                    seen.add(said)
                    moved.append((group.rows[0], place))
    run.db.many(f"UPDATE {table} SET n = ? WHERE rowid = ?", moved)
    run.db.many(f"DELETE FROM {table} WHERE rowid = ?", gone)
