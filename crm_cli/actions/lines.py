"""Lines of deals and orders: products looked up, prices and costs taken from them, and the rows kept."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from crm_cli.errors import Conflict, CrmError, Misuse
from crm_cli.i18n import listed, said
from crm_cli.queries.products import product_of
from crm_cli.rules import lines_of_sale as lines
from crm_cli.rules.money import LARGEST, parse_currency
from crm_cli.store.reader import Reader
from crm_cli.store.writer import Work

_COLUMNS = ("product_id", "text", "quantity", "price", "discount", "amount", "cost", "external_id")


class Line(NamedTuple):
    """A line as it is kept: thousandths, an exact price, hundredths of a percent, minor units; `rest` in millionths."""

    product_id: int | None
    text: str | None
    quantity: int
    price: str | None
    discount: int
    amount: int
    cost: int | None
    rest: int = 0
    external_id: str | None = None


class _Sold(NamedTuple):
    """A line as typed with the product that it names."""

    typed: lines.Typed
    text: str
    product_id: int
    code: str
    prices: dict[str, int]
    cost: int | None
    cost_currency: str | None


def lines_of(
    db: Reader,
    typed: Sequence[str],
    *,
    currency: str | None,
    usual: Sequence[str | None] = (),
    decimal: str | None = None,
    known: Collection[int] = (),
) -> tuple[str, list[Line]]:
    """The currency of `--line` options, and their lines.

    The currency is the one typed (`currency`, or beside a price), else the first of `usual` that every product without
    a typed price has a list price in, else the only one that they have. `known` are products that may stand although
    they are not sold any more: those of the lines before an edit. Misuse, NotFound or Conflict names the line.
    """
    sold = [_looked_up(db, n, text, decimal, known) for n, text in enumerate(typed, 1)]
    code = _currency(sold, parse_currency(currency) if currency else None, usual)
    return code, [_priced(one, code) for one in sold]


def _looked_up(db: Reader, n: int, text: str, decimal: str | None, known: Collection[int]) -> _Sold:
    try:
        typed = lines.parse_line(text, decimal=decimal or None)
        product = product_of(db, typed.code)
    except CrmError as error:
        if n == 1:
            raise
        holes: dict[str, Any] = {**error.holes, "n": n, "reason": error.message()}
        raise type(error)(
            said("--line {n}: {reason}"), hint=error.hint, candidates=error.candidates, instead=error.instead, **holes
        ) from error
    row = db.row("SELECT code, is_active, cost, cost_currency FROM product WHERE id = :id", {"id": product.id})
    assert row is not None
    code, active, cost, cost_currency = row
    if not active and product.id not in known:
        raise _not_sold(db, product.id, code)
    listed_prices = db.rows("SELECT currency, amount FROM product_price WHERE product_id = :id", {"id": product.id})
    return _Sold(typed, text, product.id, code, dict(listed_prices), cost, cost_currency)


def _not_sold(db: Reader, product_id: int, code: str) -> Conflict:
    """A product that is not sold any more, with what replaces it."""
    new = db.value(
        "SELECT p.code FROM product_link l JOIN product p ON p.id = l.product_id WHERE l.other_id = :id"
        " AND l.kind = 'replaces' AND p.removed_at IS NULL AND p.is_active ORDER BY l.id LIMIT 1",
        {"id": product_id},
    )
    return Conflict(
        "{code} is not sold any more",
        hint="{new} replaces it. To sell it all the same: crm product edit {code} --active"
        if new
        else "To sell it again: crm product edit {code} --active",
        instead=(code, new),
        code=code,
        new=new,
    )


def _currency(sold: list[_Sold], typed: str | None, usual: Sequence[str | None]) -> str:
    """The one currency of all lines."""
    beside = {one.typed.currency for one in sold if one.typed.currency} | ({typed} if typed else set())
    if len(beside) > 1:
        raise Misuse(
            "The lines are in several currencies: {currencies}", hint="Type one of them", currencies=listed(beside)
        )
    if beside:
        return str(beside.pop())
    unpriced = [one for one in sold if one.typed.price is None]
    for code in usual:
        if code and all(code in one.prices for one in unpriced):
            return parse_currency(code)
    common = set.intersection(*(set(one.prices) for one in unpriced)) if unpriced else set()
    if len(common) == 1:
        return common.pop()
    if common:
        raise Misuse(
            "The products have prices in several currencies: {currencies}",
            hint="Say which: --currency {first}",
            currencies=listed(sorted(common)),
            first=min(common),
        )
    wanted = next((code for code in usual if code), None)
    if wanted:
        return parse_currency(wanted)
    for one in unpriced:
        if not one.prices:
            raise _no_price(one, None)
    raise Misuse("No currency is known for these lines", hint="Add --currency EUR")


def _priced(one: _Sold, currency: str) -> Line:
    price = one.typed.price
    if price is None:
        if currency not in one.prices:
            raise _no_price(one, currency)
        price = lines.in_units(one.prices[currency], currency)
    worth = lines.line_worth(one.typed.quantity, price, one.typed.discount, currency)
    cost = None
    if one.cost is not None and one.cost_currency == currency:
        cost = lines.cost_of(one.typed.quantity, one.cost)
        if abs(cost) > LARGEST:
            raise Misuse("A line comes to more than an amount can hold")
    return Line(
        one.product_id,
        None,
        one.typed.quantity,
        lines.kept_price(price),
        one.typed.discount,
        worth.amount,
        cost,
        worth.rest,
    )


def _no_price(one: _Sold, currency: str | None) -> Misuse:
    piece = lines.shown_line(one.code, one.typed.quantity, None, 0)
    return Misuse(
        "{code} has no price in {currency}" if currency else "{code} has no price",
        hint="Type one, as {piece}@99.50{currency}, or keep one: crm product edit {code} --price 99.50{currency}",
        code=one.code,
        currency=currency or "EUR",
        piece=piece,
    )


def worth_of(found: Iterable[Line]) -> lines.Worth:
    """What lines come to together."""
    return lines.summed(lines.Worth(line.amount, line.rest) for line in found)


def total_cost(found: Sequence[Line]) -> int | None:
    """What all lines cost, None where that is not known of each."""
    costs = [line.cost for line in found]
    return None if not costs or None in costs else sum(cost for cost in costs if cost is not None)


def keep_lines(w: Work, model: Any, owner: str, record_id: int, found: Sequence[Line]) -> bool:
    """These lines instead of those that a deal or an order has; whether they differ. `owner` is deal_id or order_id."""
    table = model.__tablename__
    own = {"id": record_id}
    kept = w.db.rows(
        f"SELECT {', '.join(_COLUMNS)} FROM {table} WHERE {owner} = :id ORDER BY position, id",
        own,
    )
    new = [tuple(getattr(line, column) for column in _COLUMNS) for line in found]
    if kept == new:
        return False
    w.execute(f"DELETE FROM {table} WHERE {owner} = :id", own)
    for position, line in enumerate(new, 1):
        w.add(model(**{owner: record_id}, **dict(zip(_COLUMNS, line, strict=True)), position=position))
    return True


def known_products(db: Reader, table: str, owner: str, record_id: int) -> set[int]:
    """The products in the lines that a record has: they may stay in it although they are not sold any more."""
    rows = db.rows(
        f"SELECT DISTINCT product_id FROM {table} WHERE {owner} = :id AND product_id IS NOT NULL", {"id": record_id}
    )
    return {row[0] for row in rows}
