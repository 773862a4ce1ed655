"""What follows from imported rows: stage changes of deals, last contacts, last touches, cadences."""

from crm_cli.actions.freezing import freeze_missing
from crm_cli.actions.imports.run import Run
from crm_cli.actions.imports.touches import move_touches
from crm_cli.store.bulk import UUID

_TOUCHED = "(SELECT n, id FROM s_fresh UNION ALL SELECT c.n, m.target FROM s_changed c JOIN s_match m ON m.n = c.n)"


def note_moves(run: Run) -> None:
    """Deals that rows move to another stage: noted before their other columns change."""
    run.execute(
        "CREATE TABLE IF NOT EXISTS s_move (deal_id INTEGER PRIMARY KEY, from_id, to_id, kind, day, since, furthest)"
    )
    run.execute("DELETE FROM s_move")
    run.execute(
        "INSERT INTO s_move SELECT d.id, d.stage_id, t.id, t.kind,"
        " CASE t.kind WHEN 'open' THEN :today ELSE coalesce(r.closed_on, :today) END, d.stage_since_on,"
        " (SELECT s.id FROM stage s WHERE s.id IN (d.furthest_stage_id, d.stage_id, t.id) AND s.kind = 'open'"
        " ORDER BY s.position DESC, s.id DESC LIMIT 1)"
        " FROM s_match m JOIN s_row r ON r.n = m.n JOIN deal d ON d.id = m.target JOIN stage t ON t.id = r.stage_id"
        " WHERE t.id <> d.stage_id"
    )


def finish_deals(run: Run) -> None:
    """One stage change for every new deal, on the day that it stands there since; one more for every move."""
    columns = "uuid, deal_id, from_stage_id, to_stage_id, changed_on, changed_at, changed_by, days_spent"
    run.execute(
        f"INSERT INTO stage_change ({columns}) SELECT {UUID}, d.id, NULL, d.stage_id, d.stage_since_on,"
        " moment_of(d.stage_since_on), :user, NULL FROM s_fresh f JOIN deal d ON d.id = f.id ORDER BY f.n"
    )
    if run.db.value("SELECT 1 FROM s_move LIMIT 1"):
        _move_deals(run, columns)
    freeze_missing(run.db)


def _move_deals(run: Run, columns: str) -> None:
    """The moves that were noted; `columns` are those of a stage change."""
    run.execute(
        f"INSERT INTO stage_change ({columns}) SELECT {UUID}, v.deal_id, v.from_id, v.to_id, v.day, moment_of(v.day),"
        " :user, max(0, CAST(julianday(v.day) - julianday(v.since) AS INTEGER)) FROM s_move v ORDER BY v.deal_id"
    )
    run.execute(
        "UPDATE deal SET stage_id = v.to_id, furthest_stage_id = v.furthest, stage_since_on = v.day,"
        " closed_on = CASE v.kind WHEN 'open' THEN NULL ELSE coalesce(deal.closed_on, v.day) END,"
        " lost_reason = CASE v.kind WHEN 'lost' THEN lost_reason END,"
        " base_amount = CASE v.kind WHEN 'open' THEN NULL ELSE deal.base_amount END,"
        " base_currency = CASE v.kind WHEN 'open' THEN NULL ELSE deal.base_currency END,"
        " rate_on = CASE v.kind WHEN 'open' THEN NULL ELSE deal.rate_on END,"
        " last_touch_on = max(coalesce(deal.last_touch_on, v.day), v.day) FROM s_move v WHERE deal.id = v.deal_id"
    )
    run.execute("DELETE FROM snooze WHERE deal_id IN (SELECT deal_id FROM s_move)")


def finish_interactions(run: Run) -> None:
    """The last contact of customers and people, and the last touch of deals, move forward."""
    move_touches(run, f"SELECT id FROM {_TOUCHED}")


def finish_tasks(run: Run) -> None:
    """A task that was done for a deal is a touch of it."""
    run.execute(
        "UPDATE deal SET last_touch_on = x.day FROM (SELECT k.deal_id AS id, max(local_day(k.done_at)) AS day"
        f" FROM {_TOUCHED} t JOIN task k ON k.id = t.id WHERE k.deal_id IS NOT NULL AND k.done_at IS NOT NULL"
        " GROUP BY k.deal_id) x WHERE deal.id = x.id AND (deal.last_touch_on IS NULL OR deal.last_touch_on < x.day)"
    )


def finish_customers(run: Run) -> None:
    """A cadence that changed runs from the last contact, else from the day that the customer was made."""
    if run.has("cadence_days"):
        run.execute(
            "UPDATE customer SET cadence_due_on ="
            " date(coalesce(last_contact_on, local_day(created_at)), cadence_days || ' days')"
            " WHERE cadence_days IS NOT NULL AND id IN (SELECT m.target FROM s_changed c JOIN s_match m ON m.n = c.n)"
        )
