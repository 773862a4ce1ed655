"""What a customer has ordered in all, by currency."""

from datetime import date
from typing import Any

from crm_cli.queries.group_sums import rest_of
from crm_cli.rules.money import amount_number
from crm_cli.store.reader import Reader


def ordered(db: Reader, customer_id: int, today: date) -> list[dict[str, Any]]:
    """amount, currency, orders, first_on and last_on of each currency, the one with most orders first; orders of days
    to come do not count."""
    rows = db.rows(
        f"SELECT so.currency, count(*), sum(so.amount) + {rest_of('so.amount')}, min(so.ordered_on), max(so.ordered_on)"
        " FROM sales_order so WHERE so.customer_id = :id AND so.removed_at IS NULL AND so.ordered_on <= :today"
        " GROUP BY 1 ORDER BY 2 DESC, 1",
        {"id": customer_id, "today": today.isoformat()},
    )
    return [
        {
            "amount": amount_number(amount, currency),
            "currency": currency,
            "orders": n,
            "first_on": first,
            "last_on": last,
        }
        for currency, n, amount, first, last in rows
    ]
