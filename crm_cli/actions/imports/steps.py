"""What a file of customers says of the next step and the last contact: open tasks, an interaction of that day."""

from collections.abc import Sequence
from typing import Any

from crm_cli.actions.imports.persons import settle_persons
from crm_cli.actions.imports.rows import Batch, Loader, key_or_none
from crm_cli.actions.imports.run import Run
from crm_cli.rules.text import has_cjk
from crm_cli.store.bulk import UUID

# What is to be done on a day that comes without a word: in the language of the column, so that it stays the same.
_FOLLOW_UP = {True: "跟进", False: "follow up"}
_FUTURE = "{value} is in the future; what is planned stands in a column of its own: next_on."


def read_steps(load: Loader, batch: Batch, columns: dict[str, Sequence[Any]]) -> None:
    """The columns of the next step and the last contact; words without a day of the last contact stay custom."""
    size, fields = len(batch), load.plan.fields
    if "next_step" in fields or "next_on" in fields:
        days = load.column("next_on", batch) or [None] * size
        default = _FOLLOW_UP[has_cjk(load.plan.header_of("next_on"))]
        said = load.column("next_step", batch) or [None] * size
        texts = [text or (default if day else None) for text, day in zip(said, days, strict=True)]
        columns["next_step"], columns["next_on"] = texts, days
        columns["next_key"] = [key_or_none(text) for text in texts]
    if "last_contact" in fields or "last_said" in fields:
        moments = load.column("last_contact", batch) or [None] * size
        words = load.column("last_said", batch) or [None] * size
        for place, (at, text) in enumerate(zip(moments, words, strict=True)):
            if text and at is None:
                words[place] = None
                if load.options.extra == "keep":
                    batch.keep(place, load.plan.header_of("last_said"), text)
        columns["last_contact"], columns["last_said"] = moments, words


def stage_steps(load: Loader) -> None:
    """Give tasks and interactions rows of their own, once whole columns are settled."""
    settle_persons(load)
    present, db = load.present, load.db
    if "next_step" in present:
        db.execute(
            "INSERT INTO s_step (n, text, key, due_on, due_at) SELECT n, next_step, next_key,"
            " CASE length(next_on) WHEN 20 THEN local_day(next_on) ELSE next_on END,"
            " CASE length(next_on) WHEN 20 THEN next_on END FROM s_row WHERE next_step IS NOT NULL"
        )
    if "last_contact" in present:
        db.execute("INSERT INTO s_said SELECT n, last_contact, last_said FROM s_row WHERE last_contact IS NOT NULL")


def refuse_future(run: Run) -> None:
    """Nobody was spoken to on a day to come."""
    late = "SELECT r.n, r.line, local_day(s.at) FROM s_said s JOIN s_row r ON r.n = s.n WHERE local_day(s.at) > :today"
    run.spoil(run.rows(late), "last_contact", _FUTURE)


def know_steps(run: Run) -> None:
    """Leave only the tasks and interactions that the customer does not have; an open task may have got another day."""
    same = "t.customer_id = m.target AND t.text_key = s_step.key AND t.removed_at IS NULL"
    run.execute(
        "DELETE FROM s_step WHERE EXISTS (SELECT 1 FROM s_match m JOIN task t ON t.customer_id = m.target"
        f" WHERE m.n = s_step.n AND {same}"
        " AND (s_step.due_on IS NULL OR (t.due_on IS s_step.due_on AND t.due_at IS s_step.due_at)))"
    )
    if run.has("next_step"):
        _move_tasks(run)
    run.execute(
        "DELETE FROM s_said WHERE EXISTS (SELECT 1 FROM s_match m JOIN interaction i ON i.customer_id = m.target"
        " WHERE m.n = s_said.n AND i.removed_at IS NULL AND local_day(i.at) = local_day(s_said.at)"
        " AND (s_said.text IS NULL OR i.text IS s_said.text))"
    )


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
    """Add the tasks, move those whose day has changed, and take down when there was talk last."""
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
    made = run.execute(
        "INSERT INTO interaction (uuid, customer_id, channel, at, text, owner_id, created_at, updated_at)"
        f" SELECT {UUID}, c.id, 'note', s.at, s.text, c.owner_id, :now, :now FROM s_said s {customer} ORDER BY s.rowid"
    )
    run.counts.interactions += made
    if made:
        _touch(run)


def _touch(run: Run) -> None:
    """The last contact of the customers moves forward, and their cadence with it; a snooze ends as it does by a log."""
    talks = (
        "(SELECT coalesce(m.target, f.id) AS id, max(local_day(s.at)) AS day FROM s_said s"
        " LEFT JOIN s_match m ON m.n = s.n LEFT JOIN s_fresh f ON f.n = s.n GROUP BY 1)"
    )
    run.execute(
        "UPDATE customer SET last_contact_on = x.day, cadence_due_on ="
        " CASE WHEN cadence_days IS NULL THEN cadence_due_on ELSE date(x.day, cadence_days || ' days') END"
        f" FROM {talks} x WHERE customer.id = x.id"
        " AND (customer.last_contact_on IS NULL OR customer.last_contact_on < x.day)"
    )
    run.execute(
        f"DELETE FROM snooze WHERE id IN (SELECT z.id FROM snooze z JOIN {talks} x ON x.id = z.customer_id"
        " WHERE x.day >= local_day(z.created_at))"
    )
