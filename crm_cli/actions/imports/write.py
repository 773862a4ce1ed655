"""The staged rows go into the database: new records in one statement each, changed columns of known ones in another."""

from contextlib import AbstractContextManager, nullcontext

from crm_cli.actions.imports.beside import insert_beside
from crm_cli.actions.imports.changes import compared
from crm_cli.actions.imports.ours import keeps_ids
from crm_cli.actions.imports.run import Run
from crm_cli.store.bulk import UUID

_MANY = 20_000  # new records from which on it is worth while to build an index anew
# Column of a new record -> expression over its staged row r; further ones are taken over by name.
_TAKEN = {
    "customer": "name name_key industry size region country city address source language prefers birthday cadence_days"
    " note owner_id parent_id referred_by_id external_source external_id custom".split(),
    "contact": "name name_key title role prefers birthday note customer_id external_source external_id custom".split(),
    "deal": "title_key stage_id amount probability expected_close_on source risk lost_reason owner_id customer_id"
    " external_source external_id custom".split(),
    "interaction": "customer_id deal_id direction at text outcome duration_minutes owner_id external_source external_id"
    " custom".split(),
    "task": "customer_id deal_id text text_key due_on due_at every owner_id external_source external_id custom".split(),
}
_CREATED_DAY = "local_day(coalesce(r.created_at, :now))"
_KIND = "(SELECT kind FROM stage WHERE id = r.stage_id)"
_OPENED = f"coalesce(r.opened_on, CASE WHEN {_KIND} <> 'open' THEN r.closed_on END, {_CREATED_DAY})"
_CLOSED = f"CASE WHEN {_KIND} <> 'open' THEN coalesce(r.closed_on, :today) END"
_COMPUTED = {
    "customer": {
        "kind": "coalesce(r.kind, r.kind_new, CASE WHEN r.birthday IS NULL THEN 'company' ELSE 'person' END)",
        "status": "coalesce(r.status, 'new')",
        "cadence_due_on": f"CASE WHEN r.cadence_days IS NOT NULL THEN date({_CREATED_DAY}, r.cadence_days || '"
        " days') END",
    },
    "contact": {},
    "deal": {
        "title": "coalesce(r.title, r.title_new)",
        "furthest_stage_id": f"CASE {_KIND} WHEN 'open' THEN r.stage_id WHEN 'lost' THEN r.came_id END",
        "currency": "coalesce(r.currency, :currency)",
        "opened_on": _OPENED,
        "closed_on": _CLOSED,
        "stage_since_on": f"coalesce({_CLOSED}, max(date(:today, -r.own_days || ' days'), {_OPENED}), r.opened_on,"
        " :today)",
    },
    "interaction": {"channel": "coalesce(r.channel, 'note')"},
    "task": {
        "priority": "coalesce(r.priority, 'normal')",
        "anchor_on": "CASE WHEN r.every IS NOT NULL THEN r.due_on END",
        "done_at": "coalesce(r.done_at, CASE WHEN r.done THEN :now END)",
    },
}
_DATED = {"created_at": "coalesce(r.created_at, :now)", "updated_at": "coalesce(r.updated_at, :now)"}


def number_rows(run: Run) -> None:
    """Give every row that is no known record the id that its record will have."""
    if keeps_ids(run):
        run.execute("INSERT INTO s_fresh SELECT n, own_id FROM s_row")
        return
    if run.db.value("SELECT count(*) = max(n) FROM s_row") and not run.db.value("SELECT 1 FROM s_match LIMIT 1"):
        number = "r.n"
    else:
        number = "row_number() OVER (ORDER BY r.n)"
    run.execute(
        f"INSERT INTO s_fresh SELECT r.n, {number}"
        f" + max(coalesce((SELECT seq FROM crm.sqlite_sequence WHERE name = '{run.noun}'), 0),"
        f" coalesce((SELECT max(id) FROM {run.noun}), 0)) FROM s_row r"
        " WHERE NOT EXISTS (SELECT 1 FROM s_match m WHERE m.n = r.n)"
    )


def write_rows(run: Run) -> None:
    """Insert what is new, update what changed, and everything that hangs on it."""
    run.counts.added += int(run.db.value("SELECT count(*) FROM s_fresh"))
    with _indexes(run):
        _insert(run)
        if run.gains_reach:
            _reach(run)
    changed = int(run.db.value("SELECT count(*) FROM s_changed"))
    run.counts.updated += changed
    run.counts.unchanged += int(run.db.value("SELECT count(*) FROM s_match")) - changed
    if changed:
        _update(run)
    if "tags" in run.plan.fields:
        _tags(run)
    if run.noun in ("deal", "interaction") and run.plan.names_people:
        _people(run)


def _indexes(run: Run) -> AbstractContextManager[None]:
    """Rebuild the indexes of names and of ways to reach somebody when there come more than there are."""
    if run.counts.added < _MANY or run.db.value(f"SELECT count(*) FROM {run.noun}") > run.counts.added:
        return nullcontext()
    key = {"deal": "title", "task": "text", "interaction": "at"}.get(run.noun, "name")
    return run.db.rebuilt(f"{run.noun}_{key}", *(["reach_value"] if run.gains_reach else []))


def _insert(run: Run) -> None:
    noun = run.noun
    values = {column: f"r.{column}" for column in _TAKEN[noun]} | _COMPUTED[noun] | _DATED
    run.execute(
        f"INSERT INTO {noun} (id, uuid, {', '.join(values)}) SELECT f.id, {uuid_of(run)}, {', '.join(values.values())}"
        " FROM s_fresh f JOIN s_row r ON r.n = f.n ORDER BY f.n"
    )


def uuid_of(run: Run) -> str:
    """The uuid of the row, so that a record stays the same one in another database, where no record has it yet."""
    if not run.has("uuid"):
        return UUID
    run.execute("DELETE FROM s_known")
    run.execute(f"INSERT OR IGNORE INTO s_known SELECT uuid FROM {run.noun} WHERE uuid IN (SELECT uuid FROM s_row)")
    return f"coalesce(CASE WHEN r.uuid NOT IN (SELECT uuid FROM s_known) THEN r.uuid END, {UUID})"


def _update(run: Run) -> None:
    """Set the columns that rows fill; an empty cell leaves what is there."""
    noun = run.noun
    sets = {column: f"coalesce(x.{column}, {noun}.{column})" for column in compared(run)}
    for column, key in (("title", "title_key"), ("text", "text_key")):
        if column in sets and noun in ("deal", "task"):
            sets[key] = f"CASE WHEN x.{column} IS NULL THEN {noun}.{key} ELSE x.{key} END"
    if run.has("custom"):
        sets["custom"] = f"merge_custom({noun}.custom, x.custom)"
    if run.has("external_id"):
        sets["external_source"] = (
            f"CASE WHEN {noun}.external_id IS NULL THEN x.external_source ELSE {noun}.external_source END"
        )
        sets["external_id"] = f"coalesce({noun}.external_id, x.external_id)"
    if run.plan.preset and run.has("created_at"):  # a record is as old as the oldest that its own system says of it
        sets["created_at"] = f"min({noun}.created_at, coalesce(x.created_at, {noun}.created_at))"
    if "expected_close_on" in sets:  # a later day than before puts an open deal off
        sets["slips"] = (
            "deal.slips + coalesce(deal.closed_on IS NULL AND x.closed_on IS NULL"
            " AND x.expected_close_on > deal.expected_close_on, 0)"
        )
    if noun == "deal":
        sets.pop("stage_id", None)  # a move of its own: actions/imports/effects.py
        sets |= _thawed(sets)
    if noun == "task":
        sets |= _task_sets(run)
    sets["updated_at"] = ":now"
    listed = ", ".join(f"{column} = {value}" for column, value in sets.items())
    run.execute(
        f"UPDATE {noun} SET {listed} FROM (SELECT m.target, r.* FROM s_changed c JOIN s_match m ON m.n = c.n"
        f" JOIN s_row r ON r.n = c.n) x WHERE {noun}.id = x.target"
    )


def _thawed(sets: dict[str, str]) -> dict[str, str]:
    """A deal whose amount, currency or last day is another one is frozen anew, by the rate of that day."""
    tests = [f"{sets[column]} IS NOT deal.{column}" for column in ("amount", "currency", "closed_on") if column in sets]
    if not tests:
        return {}
    same = f"CASE WHEN NOT ({' OR '.join(tests)}) THEN deal."
    return {column: f"{same}{column} END" for column in ("base_amount", "base_currency", "rate_on")}


def _task_sets(run: Run) -> dict[str, str]:
    sets = {}
    if run.has("due_on", "due_at"):
        sets["due_at"] = (
            "CASE WHEN x.due_on IS NOT NULL AND x.due_on IS NOT task.due_on THEN x.due_at"
            " ELSE coalesce(x.due_at, task.due_at) END"
        )
    if run.has("every"):
        sets["anchor_on"] = (
            "CASE WHEN x.every IS NOT NULL AND x.every IS NOT task.every THEN coalesce(x.due_on, task.due_on)"
            " ELSE task.anchor_on END"
        )
    if run.has("done", "done_at"):
        sets["done_at"] = "coalesce(x.done_at, task.done_at, CASE WHEN x.done THEN :now END)"
    return sets


# ------------------------------------------------------------------ what hangs on records


def _reach(run: Run) -> None:
    """Ways to reach somebody: of new records in the order of the file, of known ones behind what they have."""
    noun = run.noun
    columns = f"uuid, {noun}_id, kind, value, value_key, label, position, created_at, updated_at"
    insert_beside(run, columns)
    run.execute(
        f"INSERT INTO reach ({columns}) SELECT {UUID}, f.id, s.kind, s.value, s.key, s.label, s.position, :now, :now"
        " FROM s_reach s JOIN s_fresh f ON f.n = s.n"
    )
    run.execute(
        f"INSERT INTO reach ({columns}) SELECT {UUID}, g.target, g.kind, g.value, g.key, g.label, g.position"
        f" + (SELECT coalesce(max(x.position) + 1, 0) FROM reach x WHERE x.{noun}_id = g.target AND x.kind = g.kind),"
        " :now, :now FROM s_gain g ORDER BY g.rowid"
    )


def _tags(run: Run) -> None:
    noun = run.noun
    run.execute(
        f"INSERT INTO tag (uuid, name, name_key, created_at, updated_at) SELECT {UUID}, s.name, s.key, :now, :now"
        " FROM (SELECT min(rowid) AS first, key FROM s_tag GROUP BY key) t JOIN s_tag s ON s.rowid = t.first"
        " WHERE NOT EXISTS (SELECT 1 FROM tag g WHERE g.name_key = s.key) ORDER BY t.first"
    )
    run.execute(
        f"INSERT INTO tagging (uuid, tag_id, {noun}_id, created_at) SELECT {UUID}, t.tag_id, t.target, :now"
        " FROM (SELECT DISTINCT g.id AS tag_id, coalesce(m.target, f.id) AS target FROM s_tag s"
        " JOIN tag g ON g.name_key = s.key LEFT JOIN s_match m ON m.n = s.n LEFT JOIN s_fresh f ON f.n = s.n"
        " WHERE coalesce(m.target, f.id) IS NOT NULL) t WHERE NOT EXISTS (SELECT 1 FROM tagging x"
        f" WHERE x.tag_id = t.tag_id AND x.{noun}_id = t.target)"
    )


def _people(run: Run) -> None:
    """The contacts that take part in a deal, with their role there, or in an interaction."""
    noun = run.noun
    role, stamp = (", role", ", updated_at") if noun == "deal" else ("", "")
    run.execute(
        f"INSERT INTO {noun}_contact (uuid, {noun}_id, contact_id{role}, created_at{stamp})"
        f" SELECT {UUID}, t.target, t.contact_id{', t.role' if role else ''}, :now{', :now' if stamp else ''}"
        " FROM (SELECT coalesce(m.target, f.id) AS target, p.contact_id, max(p.role) AS role FROM s_person p"
        " LEFT JOIN s_match m ON m.n = p.n LEFT JOIN s_fresh f ON f.n = p.n WHERE p.contact_id IS NOT NULL"
        " AND coalesce(m.target, f.id) IS NOT NULL GROUP BY 1, 2) t"
        f" WHERE NOT EXISTS (SELECT 1 FROM {noun}_contact x WHERE x.{noun}_id = t.target AND x.contact_id ="
        " t.contact_id)"
    )
