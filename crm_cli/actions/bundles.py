"""What goes with a product: links that say what it requires, what is included, recommended, and what it replaces."""

from typing import Any

from crm_cli.actions.change import NOTHING, Change, changed
from crm_cli.errors import Conflict, Misuse, NotFound
from crm_cli.model.sales import ProductLink
from crm_cli.queries.products import product_of
from crm_cli.rules import lines_of_sale
from crm_cli.rules.money import parse_exact
from crm_cli.rules.values import Clock, one_of
from crm_cli.store.writer import Work

_NO_CIRCLES = ("requires", "included", "replaces")
_MOST_MONTHS = 1200
_SENTENCES = {
    "requires": "{code} requires {other}",
    "recommended": "{other} is recommended with {code}",
    "included": "{other} is included in {code}",
    "replaces": "{code} replaces {other}",
}


def link_products(
    w: Work,
    product: str,
    other: str,
    kind: str,
    *,
    quantity: str | None,
    months: str | None,
    decimal: str,
) -> Change:
    """A link from one product to another; typed again it takes the new quantity and months. Conflict for circles."""
    link_kind = kind_of(w, kind)
    one, two = product_of(w.db, product), product_of(w.db, other)
    if one.id == two.id:
        raise Misuse("{code} cannot be linked to itself", code=_code(w, one.id))
    given: dict[str, Any] = {}
    if quantity is not None:
        given["quantity"] = _quantity(quantity, decimal)
    if months is not None:
        given["months"] = _months(months)
    found = _found(w, one.id, two.id, link_kind)
    if found is not None:
        differs = changed(w.get(ProductLink, found), given, w.now)
    else:
        if link_kind in _NO_CIRCLES:
            _refuse_circle(w, one.id, two.id, link_kind)
        w.add(
            ProductLink(product_id=one.id, other_id=two.id, kind=link_kind, **given, created_at=w.now, updated_at=w.now)
        )
        differs = True
    if not differs:
        return Change("product", [one.id], NOTHING)
    holes = {"code": _code(w, one.id), "other": _code(w, two.id)}
    return Change("product", [one.id], _SENTENCES[link_kind], holes)


def unlink_products(w: Work, product: str, other: str, kind: str | None) -> Change:
    """The links from one product to another go away, all of them or those of a kind."""
    one, two = product_of(w.db, product), product_of(w.db, other)
    test = "product_id = :one AND other_id = :two" + (" AND kind = :kind" if kind else "")
    gone = w.execute(
        f"DELETE FROM product_link WHERE {test}",
        {"one": one.id, "two": two.id, **({"kind": kind_of(w, kind)} if kind else {})},
    )
    holes: dict[str, Any] = {"code": _code(w, one.id), "other": _code(w, two.id)}
    if not gone:
        raise NotFound("{code} is not linked to {other}", hint="See: crm product show {code}", **holes)
    return Change("product", [one.id], "{code} is no longer linked to {other}", holes)


def kind_of(w: Work, typed: str) -> str:
    """requires, recommended, included or replaces, in either language."""
    return str(one_of("product_link")(typed, Clock(w.now)))


def _code(w: Work, product_id: int) -> str:
    return str(w.db.value("SELECT code FROM product WHERE id = :id", {"id": product_id}))


def _found(w: Work, one: int, two: int, kind: str) -> int | None:
    found: int | None = w.db.value(
        "SELECT id FROM product_link WHERE product_id = :one AND other_id = :two AND kind = :kind",
        {"one": one, "two": two, "kind": kind},
    )
    return found


def _quantity(text: str, decimal: str) -> int:
    number, currency = parse_exact(text, decimal=decimal or None)
    if currency or number <= 0:
        raise Misuse('"{value}" is no quantity', hint="Type it as --quantity 3", value=text)
    return lines_of_sale.thousandths(number, f"--quantity {text}")


def _months(text: str) -> int:
    digits = text.strip().lower()
    for word in ("months", "month", "mo", "个月", "月"):
        digits = digits.removesuffix(word).strip()
    if not (digits.isascii() and digits.isdigit()) or not 0 < int(digits[:6]) <= _MOST_MONTHS or len(digits) > 6:
        raise Misuse('"{value}" is no number of months', hint="Type it as --months 12", value=text)
    return int(digits)


def _refuse_circle(w: Work, one: int, two: int, kind: str) -> None:
    """Conflict when the new link would lead from a product back to itself; the way back is named."""
    way, seen = {two: [two]}, {two}
    while way:
        ahead: dict[int, list[int]] = {}
        for product_id, path in way.items():
            for (next_id,) in w.db.rows(
                "SELECT other_id FROM product_link WHERE product_id = :id AND kind = :kind ORDER BY id",
                {"id": product_id, "kind": kind},
            ):
                if next_id == one:
                    codes = [_code(w, passed) for passed in [one, *path, one]]
                    raise Conflict(
                        "That would go round in a circle: {path}",
                        hint="Take one of these links away: crm product unlink {last} {code}",
                        path=" -> ".join(codes),
                        last=codes[-2],
                        code=codes[-1],
                    )
                if next_id not in seen:
                    seen.add(next_id)
                    ahead[next_id] = [*path, next_id]
        way = ahead
