"""What goes along when a record is removed: open deals and open tasks, counted before somebody is asked."""

from collections.abc import Sequence

from crm_cli.queries.sources import OPEN
from crm_cli.store.reader import Reader, id_list


def open_deals(db: Reader, noun: str, ids: Sequence[int]) -> int:
    """How many open deals hang on customers."""
    if noun != "customer":
        return 0
    test = f"customer_id IN {id_list(ids)} AND removed_at IS NULL AND stage_id IN {OPEN}"
    return int(db.value(f"SELECT count(*) FROM deal WHERE {test}"))


def open_tasks(db: Reader, noun: str, ids: Sequence[int]) -> int:
    """How many open tasks hang on customers or deals."""
    test = {
        "customer": "(customer_id IN {ids} OR deal_id IN (SELECT id FROM deal WHERE customer_id IN {ids}))",
        "deal": "deal_id IN {ids}",
    }.get(noun)
    if test is None:
        return 0
    where = test.format(ids=id_list(ids))
    return int(db.value(f"SELECT count(*) FROM task WHERE {where} AND done_at IS NULL AND removed_at IS NULL"))
