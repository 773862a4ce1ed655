"""What hangs on a chunk of records: ways to reach, tags, people, sums of deals; one statement for each kind."""

from collections.abc import Mapping
from typing import Any

from crm_cli.queries.sources import OPEN
from crm_cli.rules.money import Exact, amount_number
from crm_cli.store.reader import Reader, id_list

Record = dict[str, Any]
_REACH = {"email": "emails", "phone": "phones", "website": "websites", "messenger": "messengers"}
_SUMS = {"won", "open", "won_amount", "open_amount", "currency"}


def attach(db: Reader, noun: str, records: list[Record], wanted: set[str]) -> None:
    """Add the keys that are no columns, and publish those that are kept in another form."""
    by_id = {record["id"]: record for record in records}
    if noun in ("customer", "contact"):
        _attach_reach(db, noun, by_id, wanted)
    if "tags" in wanted:
        _attach_tags(db, noun, by_id)
    if noun == "customer" and wanted & _SUMS:
        _attach_sums(db, by_id)
    if "contacts" in wanted:
        _attach_contacts(db, noun, by_id)
    if noun == "order" and "lines" in wanted:
        _attach_lines(db, by_id)
    if noun == "product" and "prices" in wanted:
        _attach_prices(db, by_id)
    if "custom" in wanted:
        import json

        for record in records:
            record["custom"] = json.loads(record["custom"]) if record["custom"] else {}


def ids_test(by_id: Mapping[int, object]) -> str:
    """A test for the ids of a chunk: a range where they are dense, which saves parsing a long list."""
    ids = sorted(by_id)
    if len(ids) > 50 and ids[-1] - ids[0] < 2 * len(ids):
        return f"BETWEEN {ids[0]} AND {ids[-1]}"
    return "IN " + id_list(ids)


def _attach_reach(db: Reader, noun: str, by_id: dict[int, Record], wanted: set[str]) -> None:
    kinds = [kind for kind, many in _REACH.items() if kind in wanted or many in wanted]
    if not kinds:
        return
    for record in by_id.values():
        for kind in kinds:
            record[kind] = None
            record[_REACH[kind]] = []
    listed = "', '".join(kinds)
    sql = (
        f"SELECT {noun}_id, kind, value, label FROM reach WHERE {noun}_id {ids_test(by_id)} AND kind IN ('{listed}')"
        f" ORDER BY {noun}_id, position, id"
    )
    for record_id, kind, value, label in db.stream(sql):
        if record_id not in by_id:
            continue
        found = by_id[record_id]
        found[_REACH[kind]].append({"value": value, "label": label or None})
        if found[kind] is None:
            found[kind] = value


def _attach_tags(db: Reader, noun: str, by_id: dict[int, Record]) -> None:
    for record in by_id.values():
        record["tags"] = []
    sql = (
        f"SELECT x.{noun}_id, g.name FROM tagging x JOIN tag g ON g.id = x.tag_id WHERE x.{noun}_id {ids_test(by_id)}"
        f" ORDER BY x.{noun}_id, g.name_key"
    )
    for record_id, name in db.stream(sql):
        if record_id in by_id:
            by_id[record_id]["tags"].append(name)


def _attach_contacts(db: Reader, noun: str, by_id: dict[int, Record]) -> None:
    """People in a deal with their role there, or those who took part in an interaction."""
    for record in by_id.values():
        record["contacts"] = []
    role = "x.role" if noun == "deal" else "k.role"
    sql = (
        f"SELECT x.{noun}_id, k.id, k.name, coalesce({role}, k.role) FROM {noun}_contact x"
        f" JOIN contact k ON k.id = x.contact_id WHERE x.{noun}_id {ids_test(by_id)} AND k.removed_at IS NULL"
        f" ORDER BY x.{noun}_id, x.id"
    )
    for record_id, contact_id, name, own_role in db.stream(sql):
        if record_id in by_id:
            by_id[record_id]["contacts"].append({"id": contact_id, "name": name, "role": own_role})


def _attach_sums(db: Reader, by_id: dict[int, Record]) -> None:
    """Won and open money by currency; a single number only where there is one currency."""
    for record in by_id.values():
        record.update(won=[], open=[], won_amount=None, open_amount=None, currency=None)
    sql = (
        f"SELECT x.customer_id, x.stage_id IN {OPEN}, x.currency, sum(x.amount), count(*) FROM deal x"
        f" WHERE x.customer_id {ids_test(by_id)} AND x.removed_at IS NULL AND x.amount IS NOT NULL"
        " AND x.stage_id IN (SELECT id FROM stage WHERE kind IN ('open', 'won'))"
        " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )
    for customer_id, is_open, currency, amount, deals in db.stream(sql):
        if customer_id in by_id:
            kind = "open" if is_open else "won"
            entry = {"amount": amount_number(amount, currency), "currency": currency, "deals": deals}
            by_id[customer_id][kind].append(entry)
    for record in by_id.values():
        _single_sums(record)


def _single_sums(record: Record) -> None:
    currencies = {entry["currency"] for entry in record["won"] + record["open"]}
    if len(currencies) == 1:
        record["currency"] = currencies.pop()
    for kind in ("won", "open"):
        if len(record[kind]) == 1:
            record[f"{kind}_amount"] = record[kind][0]["amount"]


def _attach_lines(db: Reader, by_id: dict[int, Record]) -> None:
    """The lines of orders: code and name of the product, quantity, price a unit, discount in percent, amount."""
    for record in by_id.values():
        record["lines"] = []
    sql = (
        "SELECT l.order_id, g.code, g.name, l.text, l.quantity, l.price, l.discount, l.amount FROM order_line l"
        f" LEFT JOIN product g ON g.id = l.product_id WHERE l.order_id {ids_test(by_id)}"
        " ORDER BY l.order_id, l.position, l.id"
    )
    for order_id, code, name, text, quantity, price, discount, amount in db.stream(sql):
        if order_id in by_id:
            order = by_id[order_id]
            order["lines"].append(
                {
                    "code": code,
                    "name": name if name is not None else text,
                    "quantity": _scaled(quantity, 1000),
                    "price": None if price is None else Exact(price),
                    "discount": _scaled(discount, 100),
                    "amount": amount_number(amount, order["currency"]),
                }
            )


def _attach_prices(db: Reader, by_id: dict[int, Record]) -> None:
    """The list prices of products, by currency, the first one given first."""
    for record in by_id.values():
        record["prices"] = []
    sql = (
        f"SELECT product_id, amount, currency FROM product_price WHERE product_id {ids_test(by_id)}"
        " ORDER BY product_id, id"
    )
    for product_id, amount, currency in db.stream(sql):
        if product_id in by_id:
            by_id[product_id]["prices"].append({"amount": amount_number(amount, currency), "currency": currency})


def _scaled(value: int, size: int) -> int | float:
    return value // size if value % size == 0 else value / size
