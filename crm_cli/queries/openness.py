"""Deals and tasks that are open: what their lists show unless the query decides itself."""

from crm_cli.queries.conditions import Condition
from crm_cli.queries.records import Page
from crm_cli.queries.sources import DECIDES, OPEN
from crm_cli.store.reader import Reader

_OPEN = {"deal": f"d.stage_id IN {OPEN}", "task": "t.done_at IS NULL"}
_CLOSED = {
    "deal": "d.stage_id IN (SELECT id FROM stage WHERE kind IN ('won', 'lost'))",
    "task": "t.done_at IS NOT NULL",
}


def decides(noun: str, asked: Condition) -> bool:
    """Whether all records are listed that a query holds for, closed ones too."""
    return noun not in _OPEN or bool(asked.fields & DECIDES[noun])


def open_ones(noun: str, asked: Condition) -> Condition:
    """The open ones among those asked for."""
    return Condition(f"{_OPEN[noun]} AND {asked.sql}", asked.params, asked.fields)


def closed_ones(noun: str, asked: Condition) -> Condition:
    """The closed or done ones among those asked for."""
    return Condition(f"{_CLOSED[noun]} AND {asked.sql}", asked.params, asked.fields)


def first_open_deals(db: Reader, page: Page) -> Condition:
    """A page of all open deals in their usual order: the first ones of each stage, each by the index of its days."""
    stages = db.rows("SELECT id FROM stage WHERE kind = 'open' ORDER BY id")
    most = (page.limit or 0) + page.offset
    firsts = (
        f"SELECT id FROM (SELECT id FROM deal WHERE removed_at IS NULL AND stage_id = {int(stage)}"
        f" ORDER BY expected_close_on NULLS LAST, id LIMIT {most})"
        for (stage,) in stages
    )
    return Condition(f"d.id IN ({' UNION ALL '.join(firsts) or 'SELECT 0'})", {}, frozenset())
