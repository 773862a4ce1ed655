"""What is added up for each group: by noun, as SQL over the noun's own table."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from crm_cli.queries.conditions import Asker
from crm_cli.store.reader import Reader, Row

# key of a row -> whether it is money, an array of {amount, currency, deals}
SUMS: dict[str, dict[str, bool]] = {
    "customer": {"won_amount": True, "open_amount": True},
    "contact": {},
    "deal": {"amount": True, "weighted": True},
    "interaction": {"minutes": False},
    "task": {"overdue": False},
    "order": {"amount": True, "margin": True},
    "product": {},
}
Sums = list[tuple[str, str]]


class Source(NamedTuple):
    """The records that are grouped: what is joined to their table for values of lists, and the test they pass."""

    joins: str
    test: str


_KINDS = {"won_amount": "won", "open_amount": "open"}
# As sources.WEIGHTED, with the stage looked up once by what a stage's kind and probability are.
_OF_STAGE = "(SELECT CASE s.kind WHEN 'won' THEN 100 WHEN 'lost' THEN 0 ELSE coalesce(d.probability, s.probability) END"
_WEIGHTED = (
    "CASE WHEN d.amount IS NOT NULL THEN (SELECT (d.amount * p + 50) / 100 - (d.amount * p % 200 = 50)"
    f" FROM {_OF_STAGE} AS p FROM stage s WHERE s.id = d.stage_id)) END"
)


def rest_of(value: str) -> str:
    """What rounding left off the orders that have a value, in minor units, half away from zero."""
    left = f"sum(CASE WHEN {value} IS NOT NULL THEN so.rest ELSE 0 END)"
    return f"({left} + CASE WHEN {left} < 0 THEN -500000 ELSE 500000 END) / 1000000"


def measures(noun: str, wanted: Sequence[str], asker: Asker) -> tuple[Sums, Sums]:
    """Sums that are plain numbers, and those by currency: of each how many have it, then the sum."""
    if noun == "interaction" and "minutes" in wanted:
        return [("minutes", "sum(i.duration_minutes)")], []
    if noun == "task" and "overdue" in wanted:
        late = f"t.done_at IS NULL AND t.due_on < '{asker.today.isoformat()}'"
        return [("overdue", f"count(CASE WHEN {late} THEN 1 END)")], []
    found: Sums = []
    if noun == "deal":
        for name, value in (("amount", "d.amount"), ("weighted", _WEIGHTED)):
            if name in wanted:
                found += [(name, f"count({value})"), (name, f"sum({value})")]
    if noun == "order":
        for name, value in (("amount", "so.amount"), ("margin", "so.amount - so.cost")):
            if name in wanted:  # with what rounding left off each of them, so that a sum of many is exact
                found += [(name, f"count({value})"), (name, f"sum({value}) + {rest_of(value)}")]
    return [], found


def worth_of_customers(
    db: Reader, wanted: Sequence[str], keys: Sequence[str], source: Source, params: Mapping[str, Any]
) -> Iterator[tuple[str, Row]]:
    """What the deals of customers are worth, by group: (key, (the raw group values, currency, deals, amount))."""
    kinds = {_KINDS[name]: name for name in _KINDS if name in wanted}
    if not kinds:
        return
    listed = "', '".join(kinds)
    raw = "".join(f"{sql} AS k{n}, " for n, sql in enumerate(keys))
    places = "".join(f"k{n}, " for n in range(len(keys)))
    # the deals one after the other, each with its customer: half the time of going through the customers
    rows = db.rows(
        f"SELECT s.kind, {raw}x.currency, count(*), sum(x.amount) FROM deal x CROSS JOIN stage s ON s.id = x.stage_id"
        f" CROSS JOIN customer c ON c.id = x.customer_id{source.joins} WHERE +x.removed_at IS NULL"
        f" AND x.amount IS NOT NULL AND s.kind IN ('{listed}') AND {source.test} GROUP BY s.kind, {places}x.currency",
        params,
    )
    for row in rows:
        yield kinds[row[0]], row[1:]
