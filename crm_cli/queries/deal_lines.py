"""The lines of a deal, with the products that they name."""

from typing import Any

from crm_cli.rules.lines_of_sale import quantity_number
from crm_cli.rules.money import Exact, amount_number
from crm_cli.store.reader import Reader


def lines_of_deal(db: Reader, deal_id: int) -> list[dict[str, Any]]:
    """code, name, quantity, price of a unit (an exact decimal), discount in percent, amount in units."""
    currency = db.value("SELECT currency FROM deal WHERE id = :id", {"id": deal_id}) or ""
    return [
        {
            "code": code,
            "name": name if name is not None else text,
            "quantity": quantity_number(quantity),
            "price": None if price is None else Exact(price),
            "discount": quantity_number(discount * 10),
            "amount": amount_number(amount, currency),
        }
        for code, name, text, quantity, price, discount, amount in db.stream(
            "SELECT g.code, g.name, l.text, l.quantity, l.price, l.discount, l.amount FROM deal_line l"
            " LEFT JOIN product g ON g.id = l.product_id WHERE l.deal_id = :id ORDER BY l.position, l.id",
            {"id": deal_id},
        )
    ]
