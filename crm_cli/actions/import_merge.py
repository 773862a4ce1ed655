"""Rows of one file that are about the same record become one row: a later one updates an earlier one."""

from typing import Any

from crm_cli.actions.import_changes import COMPARED
from crm_cli.actions.import_rows import drop_rows
from crm_cli.actions.import_run import Run, merge_custom
from crm_cli.actions.import_staged import LINKS, STAGED
from crm_cli.actions.import_twins import Group, Keys, find_groups


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
        for table in ("s_tag", "s_person"):
            if several:
                run.execute(f"CREATE INDEX IF NOT EXISTS {table}_n ON {table} (n)")
        for group in several:
            _merge(run, group)


def _first_field(run: Run) -> str:
    return next((field for field in ("external_id", "name", "title", "text") if field in run.plan.fields), "name")


# ------------------------------------------------------------------ one row of several


def _merge(run: Run, group: Group) -> None:
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


def _keep_merged(run: Run, group: Group, columns: list[str], merged: dict[str, Any], listed: str) -> None:
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
