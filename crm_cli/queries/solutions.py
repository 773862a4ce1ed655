"""What goes with a product: its links looked up, and the solution that follows from them."""

from typing import Any

from crm_cli.rules import solutions
from crm_cli.rules.lines_of_sale import quantity_number
from crm_cli.rules.money import amount_number
from crm_cli.rules.solutions import Link, Part, Priced
from crm_cli.store.reader import Reader, id_list

_REACHED = (
    "WITH RECURSIVE reached (id) AS (SELECT :id UNION SELECT l.other_id FROM product_link l JOIN reached r"
    " ON l.product_id = r.id WHERE l.kind IN ('included', 'requires'))"
)


def solution_of(db: Reader, product_id: int) -> dict[str, Any]:
    """included, required, recommended, replaces, replaced_by, part_of and sums of a product; removed ones are left out.

    Quantities are those for one piece of it; sums are arrays of one object a currency, amounts in its units.
    """
    links = _links(db, product_id)
    found = solutions.solution(product_id, links)
    products = _products(db, {product_id, *(link.other for several in links.values() for link in several)})
    priced = {row["id"]: Priced(row["prices"], row["unit"]) for row in products.values()}

    def told(parts: list[Part]) -> list[dict[str, Any]]:
        return [_told(part, products) for part in parts]

    return {
        "included": told(found.included),
        "required": told(found.required),
        "recommended": told(found.recommended),
        "replaces": _others(db, product_id, "l.other_id", "l.product_id", "replaces"),
        "replaced_by": _others(db, product_id, "l.product_id", "l.other_id", "replaces"),
        "part_of": _others(db, product_id, "l.product_id", "l.other_id", "included"),
        "sums": [_sum(one, products) for one in solutions.sums(product_id, found, priced, links)],
    }


def _links(db: Reader, product_id: int) -> dict[int, list[Link]]:
    """The links of all products that the solution may take, by where they begin."""
    found: dict[int, list[Link]] = {}
    for start, kind, other, quantity, months in db.stream(
        f"{_REACHED} SELECT l.product_id, l.kind, l.other_id, l.quantity, l.months FROM reached r"
        " JOIN product_link l ON l.product_id = r.id JOIN product p ON p.id = l.other_id"
        " WHERE p.removed_at IS NULL AND l.kind <> 'replaces' ORDER BY l.id",
        {"id": product_id},
    ):
        found.setdefault(start, []).append(Link(kind, other, quantity, months))
    return found


def _products(db: Reader, ids: set[int]) -> dict[int, dict[str, Any]]:
    rows = db.dicts(f"SELECT id, code, name, kind, unit, is_active FROM product WHERE id IN {id_list(sorted(ids))}")
    found = {row["id"]: {**row, "prices": {}} for row in rows}
    for product_id, currency, amount in db.stream(
        f"SELECT product_id, currency, amount FROM product_price WHERE product_id IN {id_list(sorted(ids))} ORDER BY id"
    ):
        found[product_id]["prices"][currency] = amount
    return found


def _told(part: Part, products: dict[int, dict[str, Any]]) -> dict[str, Any]:
    product = products[part.product]
    return {
        "id": part.product,
        "code": product["code"],
        "name": product["name"],
        "kind": product["kind"],
        "quantity": quantity_number(part.quantity),
        "unit": product["unit"],
        "months": part.months,
        "by": products[part.by]["code"],
        "active": bool(product["is_active"]),
        "prices": [
            {"amount": amount_number(amount, currency), "currency": currency}
            for currency, amount in product["prices"].items()
        ],
    }


def _others(db: Reader, product_id: int, wanted: str, own: str, kind: str) -> list[dict[str, Any]]:
    """Products that a link of a kind joins to this one."""
    return [
        {**row, "active": bool(row["active"])}
        for row in db.dicts(
            f"SELECT p.id, p.code, p.name, p.is_active AS active FROM product_link l JOIN product p ON p.id = {wanted}"
            f" WHERE {own} = :id AND l.kind = :kind AND p.removed_at IS NULL ORDER BY l.id",
            {"id": product_id, "kind": kind},
        )
    ]


def _sum(one: solutions.Sum, products: dict[int, dict[str, Any]]) -> dict[str, Any]:
    def units(amount: int | None) -> Any:
        return None if amount is None else amount_number(amount, one.currency)

    return {
        "currency": one.currency,
        "price": units(one.price),
        "parts": units(one.parts),
        "required": units(one.required),
        "total": units(one.total),
        "missing": [products[product]["code"] for product in one.missing],
    }
