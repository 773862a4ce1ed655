"""What lines and orders of a file come to: products found, numbers settled by their whole column, amounts exact."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from crm_cli.actions.imports.deal_lines import find_removed, tell_made, tell_texts
from crm_cli.actions.imports.rows import drop_rows
from crm_cli.actions.imports.run import Run
from crm_cli.errors import Misuse
from crm_cli.rules.cells import Bad
from crm_cli.rules.columns import PENDING
from crm_cli.rules.decimals import thousandths, worth
from crm_cli.rules.lines_of_sale import ONE, cost_of, in_units, kept_price
from crm_cli.store.bulk import UUID

if TYPE_CHECKING:
    from crm_cli.actions.imports.orders_layout import OrderReader

_PORTION = 20_000
_NO_PRODUCT = 'No product has the code {value}; add "products" to --create, or import the products first.'
_NO_CURRENCY = (
    "{value} has no currency: add --currency EUR, or a column with the currencies; once for all: crm config set"
    " currency EUR."
)
_NO_PRICE = "There is no price in this row, and {value} has none in {others}."
Refusal = tuple[int, int, str | None, Bad]


def find_products(run: Run) -> None:
    """The products of s_item: by code, by the id of the other system, by a name that one product has."""
    if not run.params["lines"]:
        return
    live = "p.removed_at IS NULL"
    for found in (
        f"SELECT p.id FROM product p WHERE p.code_key = s_item.code_key AND {live}",
        f"SELECT min(p.id) FROM product p WHERE p.external_id = s_item.code AND {live}",
        f"SELECT p.id FROM product p WHERE s_item.code IS NULL AND p.code_key = s_item.name_key AND {live}",
        f"SELECT min(p.id) FROM product p WHERE s_item.code IS NULL AND p.name_key = s_item.name_key AND {live} HAVING"
        " count(*) = 1",
    ):
        run.execute(f"UPDATE s_item SET product_id = ({found}) WHERE product_id IS NULL")
    find_removed(run, "s_item", "code_key", "coalesce(s_item.code_key, s_item.name_key)")
    find_removed(run, "s_item", "external_id", "s_item.code")
    find_removed(run, "s_item", "name_key", "CASE WHEN s_item.code IS NULL THEN s_item.name_key END")
    if "products" in run.options.create:
        _create(run)
    run.execute(
        "UPDATE s_line SET product_id = i.product_id, text = CASE WHEN i.product_id IS NULL THEN coalesce(i.name,"
        " i.code) END FROM s_item i WHERE i.id = s_line.item"
    )
    lost = (
        "SELECT r.n, r.line, i.code FROM s_item i JOIN s_line l ON l.item = i.id JOIN s_row r ON r.n = l.n"
        " WHERE i.product_id IS NULL AND i.code IS NOT NULL ORDER BY r.n"
    )
    if run.db.value("SELECT 1 FROM s_item WHERE product_id IS NULL LIMIT 1"):
        run.lack("products", run.rows(lost), "code", _NO_PRODUCT)
        names = run.rows("SELECT name FROM s_item WHERE product_id IS NULL AND code IS NULL")
        tell_texts(run, [name for (name,) in names])


def _create(run: Run) -> None:
    """Products for the codes, or names, that nobody has."""
    key = "coalesce(code_key, name_key)"
    made = run.execute(
        "INSERT INTO product (uuid, code, code_key, name, name_key, kind, is_active, created_at, updated_at)"
        f" SELECT {UUID}, coalesce(i.code, i.name), {key}, coalesce(i.name, i.code), coalesce(i.name_key, i.code_key),"
        f" 'product', 1, :now, :now FROM s_item i WHERE i.id IN (SELECT min(id) FROM s_item WHERE product_id IS NULL"
        f" GROUP BY {key}) AND length(coalesce(i.code, i.name)) <= 500 AND length(coalesce(i.name, i.code)) <= 500"
        " ORDER BY i.id"
    )
    run.execute(
        "UPDATE s_item SET product_id = (SELECT p.id FROM product p WHERE p.code_key ="
        f" {key.replace('code_key', 's_item.code_key').replace('name_key', 's_item.name_key')}"
        " AND p.removed_at IS NULL) WHERE product_id IS NULL"
    )
    tell_made(run, made)


def reckon(run: Run, reader: "OrderReader | None" = None) -> None:
    """Every amount in minor units of its order's currency; rows of which none can be made are refused."""
    reader = reader or run.orders
    _forget_other_currencies(run)
    if run.params["lines"]:
        _lines(run, reader)
        _costs(run)
    _totals(run, reader)


def _forget_other_currencies(run: Run) -> None:
    """What was reckoned in the usual currency, while the order turned out to be in another one."""
    other = "SELECT r.n FROM s_row r JOIN s_order o ON o.gid = r.gid WHERE r.currency IS NULL AND o.currency IS NOT"
    other += " :currency"
    if run.db.value(f"{other} LIMIT 1", run.params):
        run.execute(f"UPDATE s_line SET amount = NULL, rest = NULL WHERE n IN ({other})")
        run.execute(f"UPDATE s_row SET own = NULL, own_rest = NULL WHERE n IN ({other})")


def _portions(run: Run, sql: str) -> Iterator[list[Any]]:
    """Rows of a statement that begins with the rowid and takes those above :above, a portion at a time."""
    above = 0
    while rows := run.db.rows(f"{sql} LIMIT {_PORTION}", {**run.params, "above": above}):
        yield rows
        above = rows[-1][0]


def _lines(run: Run, reader: "OrderReader") -> None:
    bare = int(run.plan.fields.keys().isdisjoint(("price", "amount", "line_amount", "lines")))
    sql = (
        "SELECT l.rowid, r.n, r.line, o.currency, l.quantity, l.price, l.discount, l.worth, l.cost_text, l.unit_cost,"
        " l.amount, l.rest, (SELECT x.amount FROM product_price x WHERE x.product_id = l.product_id AND x.currency ="
        " o.currency), CASE WHEN o.rows = 1 THEN r.total END, coalesce(l.text, (SELECT p.code FROM product p WHERE"
        " p.id = l.product_id))"
        " FROM s_line l JOIN s_row r ON r.n = l.n JOIN s_order o ON o.gid = r.gid WHERE l.rowid > :above AND"
        " (l.amount IS NULL OR l.cost_text IS NOT NULL OR l.unit_cost IS NOT NULL) ORDER BY l.rowid"
    )
    refused: list[Refusal] = []
    for rows in _portions(run, sql):
        settled = []
        for rowid, n, line, code, *cells, list_price, alone, called in rows:
            try:
                settled.append((*_reckoned(reader, code, cells, list_price, alone, bare), rowid))
            except Misuse as error:
                value = called if error.sentence == _NO_PRICE else _first_number(cells)
                refused.append((n, line, value, Bad(error.sentence, {"others": code, **error.holes})))
        run.db.many(
            "UPDATE s_line SET quantity = ?, price = ?, discount = ?, amount = ?, rest = ?, cost = ? WHERE rowid = ?",
            settled,
        )
    _refuse(run, _field(run), refused)
    run.execute("DELETE FROM s_line WHERE quantity = 0")


def _refuse(run: Run, field: str, refused: list[Refusal]) -> None:
    header = run.plan.header_of(field)
    for n, line, value, bad in refused:
        run.problems.add(n, line, header, value, Bad(bad.sentence, {"value": value, **bad.holes}))
    drop_rows(run.db, [one[0] for one in refused])


def _first_number(cells: list[Any]) -> str:
    quantity, price, _, amount, *_ = cells
    return str(amount or price or quantity).lstrip(PENDING)


def _field(run: Run) -> str:
    return next((field for field in ("price", "line_amount", "amount", "quantity", "product", "code")
                 if field in run.plan.fields), "number")  # fmt: skip


def _reckoned(
    reader: "OrderReader", code: str | None, cells: list[Any], list_price: int | None, alone: str | None, bare: int
) -> Any:
    """quantity, price, discount, amount, rest and cost of one line; `alone` is the amount of an order of one line."""
    quantity, price, discount, amount, cost, unit_cost, done, rest = cells
    if code is None:
        raise Misuse(_NO_CURRENCY)
    if price is None and amount is None and list_price is None:
        amount = alone  # nothing says the price, so the only line of an order is worth what the order came to
    texts = reader.decimals
    price, amount, cost, unit_cost = (
        texts.settle(text)[0] if text is not None and text[0] == PENDING else text
        for text in (price, amount, cost, unit_cost)
    )
    pieces = thousandths(texts.settle(quantity)[0]) if isinstance(quantity, str) else quantity
    cut = reader.discounts.settle(discount)
    if amount is None and price is None and list_price is not None:
        price = kept_price(in_units(list_price, code))
    if done is None:
        if amount is None and price is None and not bare:
            raise Misuse(_NO_PRICE)
        done, rest = worth(ONE, amount, 0, code) if amount is not None else worth(pieces, price or "0", cut, code)
    paid = worth(ONE, cost, 0, code)[0] if cost is not None else None
    if unit_cost is not None:
        paid = worth(pieces, unit_cost, 0, code)[0]
    return pieces, price, cut, done, rest, paid


def _costs(run: Run) -> None:
    """Lines whose cost no column says cost what their products do."""
    if not run.db.value("SELECT 1 FROM product WHERE cost IS NOT NULL LIMIT 1"):
        return
    run.db.function("cost_of", 2, cost_of)
    run.execute(
        "UPDATE s_line SET cost = cost_of(s_line.quantity, p.cost) FROM product p, s_row r, s_order o WHERE p.id ="
        " s_line.product_id AND p.cost IS NOT NULL AND r.n = s_line.n AND o.gid = r.gid AND p.cost_currency ="
        " o.currency AND s_line.cost IS NULL"
    )


def _totals(run: Run, reader: "OrderReader") -> None:
    """What rows say of their whole order."""
    sql = (
        "SELECT r.n, r.n, r.line, o.currency, r.total, r.cost_text, r.own, r.own_rest FROM s_row r JOIN s_order o"
        " ON o.gid = r.gid WHERE r.n > :above AND ((r.total IS NOT NULL AND r.own IS NULL) OR r.cost_text IS NOT NULL)"
        " ORDER BY r.n"
    )
    refused: list[Refusal] = []
    for rows in _portions(run, sql):
        settled = []
        for n, _, line, code, total, cost, own, rest in rows:
            try:
                if code is None:
                    raise Misuse(_NO_CURRENCY)
                total, cost = (
                    reader.decimals.settle(text)[0] if text and text[0] == PENDING else text for text in (total, cost)
                )
                if own is None and total is not None:
                    own, rest = worth(ONE, total, 0, code)
                settled.append((own, rest, worth(ONE, cost, 0, code)[0] if cost else None, n))
            except Misuse as error:
                refused.append((n, line, (total or cost or "").lstrip(PENDING), Bad(error.sentence, error.holes)))
        run.db.many("UPDATE s_row SET own = ?, own_rest = ?, own_cost = ? WHERE n = ?", settled)
    _refuse(run, "amount", refused)
    lost = (
        "SELECT r.n, r.line, NULL FROM s_row r JOIN s_order o ON o.gid = r.gid WHERE o.currency IS NULL AND r.own IS"
        " NULL"
    )
    run.spoil(run.rows(lost), "currency", "Nothing says the currency of this order: add --currency EUR.")
