"""Products: the one that a code or a name means, and who bought it."""

from datetime import date
from typing import Any

from crm_cli.errors import Ambiguous, NotFound
from crm_cli.queries.find import Finder, Found
from crm_cli.rules.lines_of_sale import quantity_number
from crm_cli.rules.money import amount_number
from crm_cli.store.reader import Reader

_BUYERS = 5


def product_of(db: Reader, typed: str) -> Found:
    """The product of a code, else of an id, a name, its beginning or a part of it; NotFound or Ambiguous."""
    try:
        return Finder(db, ["product"]).one(typed)
    except NotFound:
        gone = _removed(db, typed)
        if gone is not None:
            raise NotFound(
                "{name} was removed",
                hint="To bring it back: crm {kind} restore {id}",
                name=gone.name,
                kind="product",
                id=gone.id,
            ) from None
        raise


def _removed(db: Reader, typed: str) -> Found | None:
    try:
        return Finder(db, ["product"], removed=True).one(typed)
    except (NotFound, Ambiguous):
        return None


_SOLD = (
    "FROM order_line l JOIN sales_order so ON so.id = l.order_id WHERE l.product_id = :id AND so.removed_at IS NULL"
    " AND so.ordered_on <= :today"
)


def bought(db: Reader, product_id: int, today: date) -> dict[str, Any]:
    """How often a product was bought until today: orders, returns, customers, quantity, first and last day, money by
    currency, and the customers who bought it last."""
    params = {"id": product_id, "today": today.isoformat()}
    customers, orders, returns, quantity, first, last = db.rows(
        "SELECT count(DISTINCT so.customer_id), count(DISTINCT CASE WHEN l.quantity >= 0 THEN so.id END),"
        " count(DISTINCT CASE WHEN l.quantity < 0 THEN so.id END), coalesce(sum(l.quantity), 0),"
        f" min(so.ordered_on), max(so.ordered_on) {_SOLD}",
        params,
    )[0]
    money = db.rows(f"SELECT sum(l.amount), so.currency {_SOLD} GROUP BY so.currency ORDER BY so.currency", params)
    buyers = db.rows(
        "SELECT k.id, k.name, x.last_on, x.quantity FROM (SELECT so.customer_id, max(so.ordered_on) AS last_on,"
        f" sum(l.quantity) AS quantity {_SOLD} GROUP BY so.customer_id) x JOIN customer k ON k.id = x.customer_id"
        f" WHERE k.removed_at IS NULL ORDER BY x.last_on DESC, k.id LIMIT {_BUYERS}",
        params,
    )
    return {
        "customers": customers,
        "orders": orders,
        "returns": returns,
        "quantity": quantity_number(quantity),
        "first_on": first,
        "last_on": last,
        "amounts": [{"amount": amount_number(amount, code), "currency": code} for amount, code in money],
        "buyers": [
            {"id": row[0], "name": row[1], "last_on": row[2], "quantity": quantity_number(row[3])} for row in buyers
        ],
    }
