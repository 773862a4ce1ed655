"""The funnel by product: a deal stands under each product of its lines, with the part of its amount that is theirs."""

from collections import defaultdict
from itertools import groupby
from operator import itemgetter
from typing import Any

from crm_cli.rules.lines_of_sale import split
from crm_cli.store.reader import Reader, Row

# deal_id, label and amount of what stands in the lines of deals: products by name, those of one name by code too
SOLD = (
    "SELECT l.deal_id, CASE WHEN p.id IS NULL THEN l.text"
    " WHEN EXISTS (SELECT 1 FROM product o WHERE o.name_key = p.name_key AND o.id <> p.id AND o.removed_at IS NULL)"
    " THEN p.name || ' (' || p.code || ')' ELSE p.name END AS label, sum(l.amount) AS amount"
    " FROM deal_line l LEFT JOIN product p ON p.id = l.product_id GROUP BY 1, 2"
)


def of_lines(db: Reader, source: str, params: dict[str, Any]) -> list[Row]:
    """Rows of label, currency, stage, furthest stage, probability, deals, amount. `source` is SQL behind `FROM deal d`
    with the join of SOLD as y; a deal whose amount is not that of its lines is split in proportion to them."""
    cells: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
    rows = db.stream(
        "SELECT d.id, d.amount, y.label, d.currency, d.stage_id, d.furthest_stage_id, d.probability, y.amount"
        f" FROM deal d{source} ORDER BY d.id, y.label",
        params,
    )
    for (_, amount), lines in groupby(rows, key=itemgetter(0, 1)):
        own = list(lines)
        parts = split(amount or 0, [row[7] or 0 for row in own])
        for row, part in zip(own, parts, strict=True):
            cell = cells[row[2:7]]
            cell[0] += 1
            cell[1] += part
    return [(*key, *cell) for key, cell in cells.items()]
