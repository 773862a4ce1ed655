"""When scores were made last, and whether it is time to make them again."""

from datetime import date
from typing import NamedTuple

from crm_cli.store.reader import Reader


class Run(NamedTuple):
    """The newest run: its day, how many customers, and how many commands have changed something since."""

    computed_on: str
    customers: int
    since: int


def newest_run(db: Reader) -> Run | None:
    """When scores were made last; None where they never were."""
    row = db.row("SELECT computed_on, customers, operation_id FROM score_run ORDER BY id DESC LIMIT 1")
    if row is None:
        return None
    since = db.value("SELECT count(*) FROM operation WHERE id > coalesce(:id, 0)", {"id": row[2]})
    return Run(row[0], row[1], since)


def is_due(db: Reader, today: date) -> bool:
    """Whether `crm remind` should make scores: there is something to score, and none was made today."""
    wanted = "SELECT EXISTS (SELECT 1 FROM sales_order LIMIT 1) OR EXISTS (SELECT 1 FROM tier LIMIT 1)"
    wanted += " OR EXISTS (SELECT 1 FROM icp WHERE removed_at IS NULL)"
    if not db.value(wanted):
        return False
    newest = db.value("SELECT max(computed_on) FROM score_run")
    return newest is None or newest < today.isoformat()
