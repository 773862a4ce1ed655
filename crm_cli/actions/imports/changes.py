"""What of the matched rows really changes: compared column by column, so that a second run touches nothing."""

from crm_cli.actions.imports.beside import gain_beside
from crm_cli.actions.imports.run import Run

# Columns that a row and its record are compared by, as far as the file fills them.
COMPARED = {
    "customer": "name name_key kind status industry size region country city address source language prefers birthday"
    " cadence_days note owner_id parent_id referred_by_id".split(),
    "contact": "name name_key title role prefers birthday note customer_id".split(),
    "deal": "title amount currency probability expected_close_on closed_on opened_on source risk lost_reason owner_id"
    " customer_id stage_id".split(),
    "interaction": "channel direction at text outcome duration_minutes owner_id customer_id deal_id".split(),
    "task": "text due_on due_at priority every done_at owner_id customer_id deal_id".split(),
    "product": "code code_key name name_key kind category unit cost cost_currency audience is_active note".split(),
}
_REACHED = {"email", "phone", "website", "messenger", "contact_email", "contact_phone"}
_FILLED_BY = {
    "owner_id": ("owner",),
    "parent_id": ("parent",),
    "referred_by_id": ("referred_by",),
    "customer_id": ("customer", "customer_key", "deal", "deal_key"),
    "deal_id": ("deal", "deal_key"),
    "stage_id": ("stage", "pipeline", "status"),
    "closed_on": ("closed_on", "close_on"),
    "expected_close_on": ("expected_close_on", "close_on"),
    "due_on": ("due_on", "due_at"),
    "due_at": ("due_on", "due_at"),
    "is_active": ("active",),
}


def compared(run: Run) -> list[str]:
    """The columns of the record that the file may change."""
    return [column for column in COMPARED[run.noun] if run.has(*_FILLED_BY.get(column, (column,)))]


def note_changes(run: Run) -> None:
    """Fill s_changed, and s_gain with the ways to reach somebody that a record does not have yet."""
    run.execute("CREATE TABLE IF NOT EXISTS s_gain (n, target, kind, value, key, label, position)")
    run.execute("DELETE FROM s_gain")
    if not run.db.value("SELECT 1 FROM s_match LIMIT 1"):
        return
    # a record is told apart column by column; what a row leaves empty says nothing
    tests = [f"(r.{column} IS NOT NULL AND r.{column} IS NOT d.{column})" for column in compared(run)]
    if run.has("custom"):
        tests.append(
            "(r.custom IS NOT NULL AND r.custom IS NOT d.custom AND merge_custom(d.custom, r.custom) IS NOT d.custom)"
        )
    if run.has("external_id"):
        tests.append("(r.external_id IS NOT NULL AND d.external_id IS NULL)")
    if run.plan.preset and run.has("created_at"):
        tests.append("(r.created_at < d.created_at)")
    if run.noun == "task" and run.has("done"):
        tests.append("(r.done AND d.done_at IS NULL)")
    if tests:
        run.execute(
            f"INSERT INTO s_changed SELECT m.n FROM s_match m JOIN s_row r ON r.n = m.n JOIN {run.noun} d"
            f" ON d.id = m.target WHERE {' OR '.join(tests)}"
        )
    if run.gains_reach and run.plan.fields.keys() & _REACHED:
        run.execute(
            "INSERT INTO s_gain SELECT s.n, m.target, s.kind, s.value, s.key, s.label, s.position FROM s_reach s"
            " JOIN s_match m ON m.n = s.n WHERE NOT EXISTS (SELECT 1 FROM reach x WHERE x.value_key = s.key"
            f" AND x.kind = s.kind AND +x.{run.noun}_id = m.target)"
        )
        gain_beside(run)
        run.execute("INSERT OR IGNORE INTO s_changed SELECT n FROM s_gain")
    if "tags" in run.plan.fields:
        run.execute(
            "INSERT OR IGNORE INTO s_changed SELECT s.n FROM s_tag s JOIN s_match m ON m.n = s.n WHERE NOT EXISTS"
            " (SELECT 1 FROM tagging x JOIN tag g ON g.id = x.tag_id WHERE g.name_key = s.key"
            f" AND x.{run.noun}_id = m.target)"
        )
    if run.noun in ("deal", "interaction") and run.plan.names_people:
        run.execute(
            "INSERT OR IGNORE INTO s_changed SELECT p.n FROM s_person p JOIN s_match m ON m.n = p.n"
            f" WHERE p.contact_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {run.noun}_contact x"
            f" WHERE x.contact_id = p.contact_id AND x.{run.noun}_id = m.target)"
        )
    if run.noun == "customer":
        for table in ("s_mate", "s_step"):
            run.execute(f"INSERT OR IGNORE INTO s_changed SELECT s.n FROM {table} s JOIN s_match m ON m.n = s.n")
    if run.has("last_contact"):
        run.execute("INSERT OR IGNORE INTO s_changed SELECT s.n FROM s_said s JOIN s_match m ON m.n = s.n")
