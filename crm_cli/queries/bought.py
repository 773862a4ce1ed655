"""Products in the lines of orders and deals, as a query asks for them: bought:P-100, product:seat."""

from typing import TYPE_CHECKING

from crm_cli.rules.text import fold
from crm_cli.store.reader import id_list

if TYPE_CHECKING:
    from crm_cli.queries.compiler import Compiler
    from crm_cli.queries.grammar import Term


def has_product(c: "Compiler", term: "Term") -> str:
    """Orders and deals with a line of a product, customers with such an order: by its code, else a part of its name or
    of what stands in the line."""
    key = fold(term.value)
    ids = [row[0] for row in c.db.rows("SELECT id FROM product WHERE code_key = :key", {"key": key})]
    if not ids:
        named = "name_key = :key" if term.whole else "instr(name_key, :key) > 0"
        ids = [row[0] for row in c.db.rows(f"SELECT id FROM product WHERE {named}", {"key": key})]
    test = f"l.product_id IN {id_list(ids)}"
    if not ids:
        _refuse_near_miss(c, term, key)
        said = f"fold(l.text) = {c.bind(key)}" if term.whole else f"instr(fold(l.text), {c.bind(key)}) > 0"
        test = f"(l.product_id IS NULL AND {said})"
    if c.noun == "deal":
        return f"d.id IN (SELECT l.deal_id FROM deal_line l WHERE {test})"
    if c.noun == "order":
        return f"so.id IN (SELECT l.order_id FROM order_line l WHERE {test})"
    return (
        "c.id IN (SELECT x.customer_id FROM order_line l JOIN sales_order x ON x.id = l.order_id"
        f" WHERE x.removed_at IS NULL AND {test})"
    )


def _refuse_near_miss(c: "Compiler", term: "Term", key: str) -> None:
    """A code that no product has, but which is nearly one, is a typing error."""
    from crm_cli.queries.unknown import unknown_value
    from crm_cli.rules.fields import nearest

    known = [
        row[0] for row in c.db.rows("SELECT code_key FROM product WHERE removed_at IS NULL ORDER BY id LIMIT 5000")
    ]
    near = nearest(key, known)
    if near:
        raise unknown_value(c, term, near)
