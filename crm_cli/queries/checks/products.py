"""Products: looked up by what they are called, and no way from one leads back to itself."""

from crm_cli.queries.checks.finding import Ask, Invariant, Row
from crm_cli.rules.text import fold

_CIRCULAR = ("requires", "included", "replaces")
_LINK = "crm product unlink product:{id} product:{other}"


def _codes(ask: Ask) -> list[Row]:
    rows = ask.rows("SELECT id, code AS name, code_key AS kept FROM product")
    return _wrong(rows)


def _names(ask: Ask) -> list[Row]:
    rows = ask.rows("SELECT id, name, name_key AS kept FROM product")
    return _wrong(rows)


def _wrong(rows: list[Row]) -> list[Row]:
    right = ((row, fold(row["name"]) or row["name"]) for row in rows)
    return [{**row, "right": folded} for row, folded in right if folded != row["kept"]]


def _circles(ask: Ask) -> list[Row]:
    """A product from which the links of one kind lead back to it: the first link of the way."""
    found = []
    for kind in _CIRCULAR:
        links: dict[int, list[int]] = {}
        for row in ask.rows(f"SELECT product_id, other_id FROM product_link WHERE kind = '{kind}' ORDER BY id"):
            links.setdefault(row["product_id"], []).append(row["other_id"])
        for start, others in links.items():
            first = next((other for other in others if _leads(links, other, start)), None)
            if first is not None:
                named = ask.db.dicts("SELECT code AS name FROM product WHERE id = :id", {"id": start})
                found.append({"id": start, "other": first, "kind": kind, **named[0]})
    return found


def _leads(links: dict[int, list[int]], start: int, goal: int) -> bool:
    ahead, seen = [start], {start}
    while ahead:
        product = ahead.pop()
        if product == goal:
            return True
        new = [other for other in links.get(product, ()) if other not in seen]
        seen.update(new)
        ahead += new
    return False


INVARIANTS = (
    Invariant(
        "product-code",
        "product",
        _codes,
        "{name} is looked up as {kept}, not {right}",
        fix=("UPDATE product SET code_key = :right WHERE id = :id",),
    ),
    Invariant(
        "product-key",
        "product",
        _names,
        "{name} is looked up as {kept}, not {right}",
        fix=("UPDATE product SET name_key = :right WHERE id = :id",),
    ),
    Invariant("product-circle", "product", _circles, "{name} leads back to itself by links ({kind})", mend=_LINK),
)
