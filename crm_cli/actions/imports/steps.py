"""What a file of customers says of the next step: open tasks."""

from collections.abc import Sequence
from typing import Any

from crm_cli.actions.imports.binned import skip_removed_steps
from crm_cli.actions.imports.persons import settle_persons
from crm_cli.actions.imports.rows import Batch, Loader, key_or_none
from crm_cli.actions.imports.run import Run
from crm_cli.rules.text import has_cjk
from crm_cli.store.bulk import UUID

# What is to be done on a day that comes without a word: in the language of the column, so that it stays the same.
_FOLLOW_UP = {True: "跟进", False: "follow up"}


def read_steps(load: Loader, batch: Batch, columns: dict[str, Sequence[Any]]) -> None:
    """The columns of the next step."""
    size, fields = len(batch), load.plan.fields
    if "next_step" in fields or "next_on" in fields:
        days = load.column("next_on", batch) or [None] * size
        default = _FOLLOW_UP[has_cjk(load.plan.header_of("next_on"))]
        said = load.column("next_step", batch) or [None] * size
        texts = [text or (default if day else None) for text, day in zip(said, days, strict=True)]
        columns["next_step"], columns["next_on"] = texts, days
        columns["next_key"] = [key_or_none(text) for text in texts]


def stage_steps(load: Loader) -> None:
    """Give tasks rows of their own, once whole columns are settled."""
    settle_persons(load)
    present, db = load.present, load.db
    if "next_step" in present:
        db.execute(
            "INSERT INTO s_step (n, text, key, due_on, due_at) SELECT n, next_step, next_key,"
            " CASE length(next_on) WHEN 20 THEN local_day(next_on) ELSE next_on END,"
            " CASE length(next_on) WHEN 20 THEN next_on END FROM s_row WHERE next_step IS NOT NULL"
        )


def know_steps(run: Run) -> None:
    """Leave only the tasks that the customer does not have; an open one may have got another day."""
    skip_removed_steps(run)
    same = "t.customer_id = m.target AND t.text_key = s_step.key AND t.removed_at IS NULL"
    run.execute(
        "DELETE FROM s_step WHERE EXISTS (SELECT 1 FROM s_match m JOIN task t ON t.customer_id = m.target"
        f" WHERE m.n = s_step.n AND {same}"
        " AND (s_step.due_on IS NULL OR (t.due_on IS s_step.due_on AND t.due_at IS s_step.due_at)))"
    )
    if run.has("next_step"):
        _move_tasks(run)


def _move_tasks(run: Run) -> None:
    """Of a step whose day has changed the one open task gets the new day; those that other rows tell keep theirs."""
    run.execute("CREATE TABLE IF NOT EXISTS s_told (target, key, due, PRIMARY KEY (target, key, due)) WITHOUT ROWID")
    run.execute("DELETE FROM s_told")
    run.execute(
        "INSERT OR IGNORE INTO s_told SELECT m.target, r.next_key, r.next_on FROM s_match m JOIN s_row r ON r.n = m.n"
        " WHERE r.next_key IS NOT NULL AND r.next_on IS NOT NULL"
    )
    moved = run.rows(
        "SELECT s.rowid, t.id, count(*) FROM s_step s JOIN s_match m ON m.n = s.n"
        " JOIN task t ON t.customer_id = m.target AND t.text_key = s.key AND t.removed_at IS NULL AND t.done_at IS NULL"
        # a recurring task keeps its own days
        " WHERE t.every IS NULL AND NOT EXISTS (SELECT 1 FROM s_told x WHERE x.target = m.target AND x.key = s.key"
        " AND x.due = coalesce(t.due_at, t.due_on)) GROUP BY s.rowid ORDER BY s.rowid"
    )
    taken: dict[int, int] = {}
    for place, task, hits in moved:
        if hits == 1:
            taken.setdefault(task, place)
    run.db.many("UPDATE s_step SET task_id = ? WHERE rowid = ?", taken.items())


def write_steps(run: Run) -> None:
    """Add the tasks, and move those whose day has changed."""
    customer = (
        "LEFT JOIN s_match m ON m.n = s.n LEFT JOIN s_fresh f ON f.n = s.n"
        " JOIN customer c ON c.id = coalesce(m.target, f.id)"
    )
    run.counts.tasks += run.execute(
        "INSERT INTO task (uuid, customer_id, text, text_key, due_on, due_at, priority, owner_id, created_at,"
        f" updated_at) SELECT {UUID}, c.id, s.text, s.key, s.due_on, s.due_at, 'normal', c.owner_id, :now, :now"
        f" FROM s_step s {customer} WHERE s.task_id IS NULL ORDER BY s.rowid"
    )
    run.execute(
        "UPDATE task SET due_on = s.due_on, due_at = s.due_at, updated_at = :now"
        " FROM s_step s WHERE s.task_id = task.id"
    )
