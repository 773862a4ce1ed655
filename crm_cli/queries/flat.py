"""Customers as rows of cells, for CSV and TSV of everything: what a hundred thousand dicts would cost is spared.

Says the same as records.list_records and cell_text of its values (tests/test_flat.py).
"""

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from crm_cli.queries.attached import ids_test
from crm_cli.queries.conditions import Asker, Condition
from crm_cli.queries.moments import Moments
from crm_cli.queries.records import MOMENTS, Page, order_by, read_ahead
from crm_cli.queries.sources import shown
from crm_cli.rules.money import amount_number
from crm_cli.store.reader import Reader

_CHUNK = 2000
_LISTS = {"email": "emails", "phone": "phones", "website": "websites", "messenger": "messengers"}
_SUMS = {"won", "open", "won_amount", "open_amount", "currency", "open_deals"}
_ATTACHED = {"tags", "next_task_on", *_LISTS, *_LISTS.values(), *_SUMS}
Cells = list[Any]


def flat_customers(
    db: Reader, asker: Asker, *, where: Condition, keys: Sequence[str], page: Page, removed: bool
) -> Iterator[Cells]:
    """Rows of cells in the order of the keys: text, numbers or None."""
    # what the sums of a customer are put together from has a place in each row, wanted or not
    placed = [*keys, *sorted(_SUMS - set(keys))] if _SUMS & set(keys) else list(keys)
    moments = Moments(asker.now.tzinfo)
    columns = ", ".join("NULL" if key in _ATTACHED else _shown(key, moments) for key in placed)
    gone = "NOT NULL" if removed else "NULL"
    sql = f"SELECT {columns}, c.id FROM customer c WHERE c.removed_at IS {gone} AND {where.sql}"
    sql += f" ORDER BY {order_by('customer', page.sort, db, asker)}"
    if page.limit is not None or page.offset:
        sql += f" LIMIT {-1 if page.limit is None else int(page.limit)} OFFSET {int(page.offset)}"
    at = {key: i for i, key in enumerate(placed)}
    next_days = _next_days(db) if "next_task_on" in at else {}
    rows = db.stream(sql, where.params, ahead=read_ahead(db, "customer", page))
    while chunk := [list(row) for row in islice(rows, _CHUNK)]:
        by_id = {row[-1]: row for row in chunk}
        _fill_reach(db, by_id, at)
        _fill_tags(db, by_id, at)
        if "won" in at:
            _fill_sums(db, by_id, at)
        _fill_rest(chunk, at, moments, next_days)
        if len(placed) > len(keys):
            for row in chunk:
                del row[len(keys) :]
        yield from chunk


def _shown(key: str, moments: Moments) -> str:
    """The cell of a column; what SQLite can write as we publish it needs no look at each row."""
    column = shown("customer", key)
    if key == "custom":
        return f"coalesce({column}, '{{}}')"
    return f"replace({column}, 'Z', '+00:00')" if key in MOMENTS["customer"] and moments.is_utc else column


def _next_days(db: Reader) -> dict[int, str]:
    """The first day of an open task by customer: few of all tasks are open, and their index has them by day."""
    first: dict[int, str] = {}
    shared = ""
    for customer_id, day in db.stream(
        "SELECT customer_id, due_on FROM task WHERE done_at IS NULL AND removed_at IS NULL AND due_on >= ''"
        " ORDER BY due_on DESC"
    ):
        if day != shared:  # they come by day: one text for all of a day
            shared = day
        first[customer_id] = shared
    return first


def _fill_reach(db: Reader, by_id: dict[int, Cells], at: dict[str, int]) -> None:
    kinds = [kind for kind, many in _LISTS.items() if kind in at or many in at]
    if not kinds:
        return
    listed = "', '".join(kinds)
    places = {kind: (at.get(kind), at.get(many)) for kind, many in _LISTS.items()}
    sql = (
        f"SELECT customer_id, kind, value FROM reach WHERE customer_id {ids_test(by_id)} AND kind IN ('{listed}')"
        " ORDER BY customer_id, position, id"
    )
    for customer_id, kind, value in db.stream(sql):
        row = by_id.get(customer_id)
        if row is None:
            continue
        first, several = places[kind]
        if first is not None and row[first] is None:
            row[first] = value
        if several is not None:
            row[several] = value if row[several] is None else f"{row[several]}; {value}"


def _fill_tags(db: Reader, by_id: dict[int, Cells], at: dict[str, int]) -> None:
    if "tags" not in at:
        return
    place = at["tags"]
    sql = (
        f"SELECT x.customer_id, g.name FROM tagging x JOIN tag g ON g.id = x.tag_id"
        f" WHERE x.customer_id {ids_test(by_id)} ORDER BY x.customer_id, g.name_key"
    )
    for customer_id, name in db.stream(sql):
        row = by_id.get(customer_id)
        if row is not None:
            row[place] = name if row[place] is None else f"{row[place]}; {name}"


def _fill_sums(db: Reader, by_id: dict[int, Cells], at: dict[str, int]) -> None:
    """Open deals counted, money won and open by currency: one statement for all of it."""
    stages = db.rows("SELECT id, kind FROM stage ORDER BY id")
    is_open, is_won = (
        f"stage_id IN ({', '.join(str(int(i)) for i, kind in stages if kind == wanted) or 'NULL'})"
        for wanted in ("open", "won")
    )
    sql = (
        f"SELECT customer_id, {is_open}, currency, sum(amount), count(amount), count(*) FROM deal"
        f" WHERE customer_id {ids_test(by_id)} AND removed_at IS NULL AND ({is_open} OR {is_won}) GROUP BY 1, 2, 3"
    )
    opened, currency_at = at["open_deals"], at["currency"]
    places = [(at["won"], at["won_amount"]), (at["open"], at["open_amount"])]
    for row in by_id.values():
        row[opened] = 0
    mixed = set()
    for customer_id, kind, currency, amount, priced, deals in db.stream(sql):
        if customer_id not in by_id:
            continue
        row = by_id[customer_id]
        if kind:
            row[opened] += deals
        if not priced:
            continue
        several, single = places[kind]
        number = amount_number(amount, currency)
        before = row[several]
        row[several] = f"{currency} {number}" if before is None else f"{before}; {currency} {number}"
        row[single] = number if before is None else None
        if row[currency_at] is None:
            row[currency_at] = currency
        elif row[currency_at] != currency:
            mixed.add(customer_id)
    for customer_id in mixed:
        by_id[customer_id][currency_at] = None


def _fill_rest(chunk: list[Cells], at: dict[str, int], moments: Moments, next_days: dict[int, str]) -> None:
    ids = [row.pop() for row in chunk]
    if not moments.is_utc:
        local = moments.local
        for place in [at[key] for key in MOMENTS["customer"] if key in at]:
            for row in chunk:
                if row[place] is not None:
                    row[place] = local(row[place])
    if "next_task_on" in at:
        place = at["next_task_on"]
        for row, day in zip(chunk, map(next_days.get, ids), strict=True):
            row[place] = day
    if "custom" in at:
        place = at["custom"]
        for row in chunk:
            if row[place] != "{}":
                row[place] = json.dumps(json.loads(row[place]), ensure_ascii=False, separators=(",", ":"))
