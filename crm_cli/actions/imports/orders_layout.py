"""How a batch of rows of orders is laid out in the staged tables: a row an order or a line of one, who bought what.

Amounts are worked out here where the row says all that they need; what the whole column or the database has to decide
stays behind as it was read, see orders_money.py.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from crm_cli.actions.imports.rows import Batch, Loader, key_or_none
from crm_cli.errors import Misuse
from crm_cli.rules.cells import Memo, key_of
from crm_cli.rules.columns import PENDING
from crm_cli.rules.decimals import Decimals, Discounts, thousandths, worth
from crm_cli.rules.lines_of_sale import ONE
from crm_cli.rules.normalise import email_key, is_email
from crm_cli.rules.text import squeeze

if TYPE_CHECKING:
    from crm_cli.store.bulk import Staging

Columns = dict[str, Sequence[Any]]
BUYER = ("customer", "customer_key", "email", "first_name", "last_name")
_NUMBERS = ("quantity", "price", "amount", "line_amount", "cost", "unit_cost")
_LINE = ("n", "place", "item", "quantity", "price", "discount", "worth", "cost_text", "unit_cost", "currency", "amount",
         "rest")  # fmt: skip
TABLES = (
    # one line of a sale: quantity in thousandths; what is not settled yet as text; amount and rest once they are known
    "CREATE TABLE s_line (n INTEGER, place INTEGER, item INTEGER, quantity, price, discount, worth, cost_text,"
    " unit_cost, currency, amount, rest, cost, product_id, text);"
    "CREATE INDEX s_line_n ON s_line (n);"
    # what rows name as the product: by code, by name
    "CREATE TABLE s_item (id INTEGER PRIMARY KEY, code, code_key, name, name_key, product_id);"
    # who bought, each different way of naming somebody once
    "CREATE TABLE s_buyer (id INTEGER PRIMARY KEY, key, name, name_key, email, email_key, kind, customer_id);"
    # orders: the first of their rows, and what they come to
    "CREATE TABLE s_order (gid PRIMARY KEY, number_key, customer_id, ordered_on, currency, owner_id, deal_id,"
    " own_amount, amount, rest, cost, rows, target, id, fate) WITHOUT ROWID;"
    # numbers of orders of which a row was refused
    "CREATE TABLE s_broken (number_key PRIMARY KEY) WITHOUT ROWID;"
)


class OrderReader:
    """What reading the rows of orders keeps between two batches."""

    def __init__(self, load: Loader) -> None:
        fields = load.plan.fields
        self.decimals = Decimals(decimal=load.options.decimal)
        self.discounts = Discounts()
        self.numbers = {field: Memo(self.decimals.parse) for field in _NUMBERS}
        self.cuts = Memo(self.discounts.parse)
        self.buyers: dict[tuple[Any, ...], int] = {}
        self.items: dict[tuple[Any, ...], int] = {}
        self.has_lines = not fields.keys().isdisjoint(("product", "code", "lines"))
        # an amount beside a product is that of the line, unless prices tell it
        self.by_line = self.has_lines and fields.keys().isdisjoint(("price", "line_amount", "lines"))
        self.has_buyers = not fields.keys().isdisjoint(BUYER)
        self.cancels = _is_uci(load)

    def forget(self) -> None:
        """Give back the memory that only reading needs."""
        self.buyers.clear()
        self.items.clear()
        self.numbers.clear()
        self.cuts.clear()


def _is_uci(load: Loader) -> bool:
    """Whether a C before the number of an order says that it was cancelled: the layout of UCI's online retail."""
    headers = {header.lower() for header in load.plan.headers}
    return {"invoiceno", "stockcode"} <= headers or {"invoice", "stockcode"} <= headers


def lay_orders(load: Loader, batch: Batch, columns: Columns) -> None:
    """The columns of s_row, and the lines, buyers and products of a batch."""
    reader = reader_of(load)
    size = len(batch)
    numbers = _texts(load, batch, "number")
    columns["number"] = [squeeze(number) if number else None for number in numbers]
    columns["number_key"] = [key_or_none(number) for number in columns["number"]]
    columns["ordered_on"] = _texts(load, batch, "ordered_on")
    columns["note"] = _texts(load, batch, "note")
    columns["currency"] = _texts(load, batch, "currency")
    _owners(load, batch, columns)
    _deals(load, batch, columns)
    columns["buyer"] = _buyers(load, batch, columns) if reader.has_buyers else [None] * size
    amounts = _column(load, batch, "amount")
    lines = _lines_of_rows(load, batch, columns, amounts)
    if reader.by_line:
        amounts = [None if row else amount for amount, row in zip(amounts, lines, strict=True)]
    elif not reader.has_lines and "price" in load.plan.fields:
        amounts = _priced(load, batch, amounts)
    for place, one in enumerate(amounts):
        if one and one[1]:
            _take_currency(load, batch, columns, place, one[1])
    _totals(load, batch, columns, [one and one[0] for one in amounts])
    if (not reader.has_lines or "lines" in load.plan.fields) and "cost" in load.plan.fields:
        columns["cost_text"] = [one and one[0] for one in _column(load, batch, "cost")]
    rows = [line for found in lines for line in found]
    load.db.fill("s_line", _LINE, load.good(batch, iter(rows)))
    _note_broken(load, batch, columns)


def reader_of(load: Loader) -> OrderReader:
    """The reader of a file, made with its first batch."""
    if load.orders is None:
        load.orders = OrderReader(load)
    found: OrderReader = load.orders
    return found


def _texts(load: Loader, batch: Batch, field: str) -> list[Any]:
    return load.column(field, batch) or [None] * len(batch)


def _column(load: Loader, batch: Batch, field: str) -> list[Any]:
    """A column of numbers: (plain decimal, currency) each."""
    columns = load.plan.fields.get(field)
    if not columns:
        return [None] * len(batch)
    taken = load.raw(columns, batch)
    memo = reader_of(load).numbers[field]
    found = list(map(memo.__getitem__, taken))
    return load.sifted(columns[0].header, found, taken, batch) if memo.odd else found


def _totals(load: Loader, batch: Batch, columns: Columns, texts: list[Any]) -> None:
    """The amount that each row says of its whole order, in minor units where its currency is known."""
    usual = load.options.currency if reader_of(load).has_buyers else None
    own: list[tuple[Any, Any]] = []
    for place, (text, code) in enumerate(zip(texts, columns["currency"], strict=True)):
        known = text is not None and text[0] != PENDING and (code or usual)
        try:
            own.append(worth(ONE, text, 0, code or usual or "") if known else (None, None))
        except Misuse as error:
            load.refuse(batch, place, "amount", text, error.sentence, **error.holes)
            own.append((None, None))
    columns["total"] = texts
    columns["own"] = [amount for amount, _ in own]
    columns["own_rest"] = [rest for _, rest in own]


def _owners(load: Loader, batch: Batch, columns: Columns) -> None:
    owners = load.column("owner", batch)
    if owners is not None:
        columns["owner"] = [key_or_none(owner) for owner in owners]
        pairs = {(key_of(owner), owner) for owner in owners if owner}
        load.db.fill("s_owner", ("key", "text"), sorted(pairs))


def _deals(load: Loader, batch: Batch, columns: Columns) -> None:
    for field in ("deal", "deal_key"):
        found = load.column(field, batch)
        if found is not None:
            columns[field] = [key_or_none(text) for text in found] if field == "deal" else found


def _take_currency(load: Loader, batch: Batch, columns: Columns, place: int, code: str) -> None:
    """The currency beside a number is that of the row."""
    codes: Any = columns["currency"]
    if codes[place] is None:
        codes[place] = code
    elif codes[place] != code:
        load.refuse(batch, place, "currency", f"{codes[place]}, {code}", "The row is in two currencies.")


# ------------------------------------------------------------------ who bought


def _buyers(load: Loader, batch: Batch, columns: Columns) -> list[int | None]:
    """The number of each row's buyer in s_buyer; None where a row names nobody."""
    names, keys = (_texts(load, batch, field) for field in ("customer", "customer_key"))
    fields = load.plan.fields.get("email")
    mails = load.raw(fields, batch) if fields else [None] * len(batch)
    first, last = (_texts(load, batch, field) for field in ("first_name", "last_name"))
    if load.plan.own:
        columns["named"] = [key_or_none(name) for name in names]
    known = reader_of(load).buyers
    new: list[tuple[Any, ...]] = []
    found: list[int | None] = []
    for cells in zip(names, keys, mails, first, last, strict=True):
        if not any(cells):
            found.append(None)
            continue
        buyer = known.get(cells)
        if buyer is None:
            buyer = known[cells] = len(known) + 1
            new.append((buyer, *_buyer(*cells)))
        found.append(buyer)
    load.db.fill("s_buyer", ("id", "key", "name", "name_key", "email", "email_key", "kind"), new)
    return found


def _buyer(name: str | None, key: str | None, mail: str | None, first: str | None, last: str | None) -> tuple[Any, ...]:
    """key, name, name_key, email, email_key and kind: a person is who has a first and a last name."""
    person = " ".join(part for part in (first, last) if part)
    called = name or person or None
    address = mail.strip() if mail and is_email(mail.strip()) else None
    try:
        at = email_key(address) if address else None
    except Misuse:
        address = at = None
    kind = "person" if person and not name else "company"
    return key, called, key_or_none(called), address, at, kind


# ------------------------------------------------------------------ what was bought


def _lines_of_rows(load: Loader, batch: Batch, columns: Columns, amounts: list[Any]) -> list[list[tuple[Any, ...]]]:
    """The lines of each row: one, or those of the column `lines` of an export of ours."""
    reader = reader_of(load)
    if not reader.has_lines:
        return [[] for _ in range(len(batch))]
    if "lines" in load.plan.fields:
        return _own_lines(load, batch, columns)
    codes, products = _texts(load, batch, "code"), _texts(load, batch, "product")
    fields = ("quantity", "price", "line_amount", "cost", "unit_cost")
    numbers = [_column(load, batch, field) for field in fields]
    cuts = _discounts(load, batch)
    if reader.by_line:
        numbers[2] = amounts
    found: list[list[tuple[Any, ...]]] = []
    for place, (code, product, *cells, cut) in enumerate(zip(codes, products, *numbers, cuts, strict=True)):
        if not code and not product:
            found.append([])
            continue
        for cell in cells:
            if cell and cell[1]:
                _take_currency(load, batch, columns, place, cell[1])
        texts = [cell and cell[0] for cell in cells]
        if reader.cancels and texts[0] and (columns["number_key"][place] or "").startswith("c"):
            texts[0] = f"-{texts[0].lstrip('-')}"
        try:
            row = _line(load, batch.first + place, _item(load, code, product), texts, cut, columns["currency"][place])
        except Misuse as error:
            load.refuse(batch, place, "quantity", texts[0], error.sentence, **error.holes)
            row = []
        found.append(row)
    return found


def _line(
    load: Loader, n: int, item: int, texts: list[Any], cut: int | None, code: str | None
) -> list[tuple[Any, ...]]:
    """One staged line; its amount where everything is known that it needs. A quantity of zero is no line."""
    quantity, price, amount, cost, unit_cost = texts
    pending = any(text is not None and text[0] == PENDING for text in texts) or (cut or 0) < 0
    pieces: Any = ONE if quantity is None else quantity
    if quantity is not None and quantity[0] != PENDING:
        pieces = thousandths(quantity)
        if not pieces:
            return []
    currency = code or (load.options.currency if reader_of(load).has_buyers else None)
    reckoned: tuple[Any, Any] = (None, None)
    if not pending and currency and (amount is not None or price is not None):
        reckoned = worth(ONE, amount, 0, currency) if amount is not None else worth(pieces, price, cut or 0, currency)
    return [(n, 0, item, pieces, price, cut or 0, amount, cost, unit_cost, code, *reckoned)]


def _discounts(load: Loader, batch: Batch) -> list[Any]:
    columns = load.plan.fields.get("discount")
    if not columns:
        return [None] * len(batch)
    taken = load.raw(columns, batch)
    memo = reader_of(load).cuts
    found = list(map(memo.__getitem__, taken))
    return load.sifted(columns[0].header, found, taken, batch) if memo.odd else found


def _item(load: Loader, code: str | None, product: str | None) -> int:
    """The number of a product in s_item."""
    items = reader_of(load).items
    number = items.get((code, product))
    if number is None:
        number = items[code, product] = len(items) + 1
        row = (number, code, key_or_none(code), product, key_or_none(product))
        load.db.fill("s_item", ("id", "code", "code_key", "name", "name_key"), [row])
    return number


def _own_lines(load: Loader, batch: Batch, columns: Columns) -> list[list[tuple[Any, ...]]]:
    """The JSON of an export of ours."""
    found: list[list[tuple[Any, ...]]] = []
    for place, cell in enumerate(load.raw(load.plan.fields["lines"], batch)):
        lines: list[tuple[Any, ...]] = []
        try:
            for number, one in enumerate(json.loads(cell) if cell.strip() else []):
                item = _item(load, one["code"], one["name"])
                texts = [_plain(one[key]) for key in ("quantity", "price", "amount")]
                cut = round(float(one["discount"]) * 100)
                row = _line(load, batch.first + place, item, [*texts, None, None], cut, columns["currency"][place])
                lines += [(row[0][0], number, *row[0][2:])] if row else []
        except (ValueError, TypeError, KeyError, IndexError, Misuse):
            load.refuse(batch, place, "lines", cell, "This is no list of lines as crm export writes it.")
            lines = []
        found.append(lines)
    return found


def _plain(value: Any) -> str | None:
    """A number of JSON as the plain decimal that it was written as."""
    if value is None:
        return None
    from decimal import Decimal

    from crm_cli.rules.lines_of_sale import kept_price

    return kept_price(Decimal(str(value)))


def _priced(load: Loader, batch: Batch, amounts: list[Any]) -> list[Any]:
    """Without products a price is that of the whole order, times the quantity beside it."""
    from decimal import Decimal

    from crm_cli.rules.lines_of_sale import kept_price

    found = []
    for amount, price, quantity in zip(
        amounts, _column(load, batch, "price"), _column(load, batch, "quantity"), strict=True
    ):
        if amount is not None or price is None or PENDING in price[0] or (quantity and PENDING in quantity[0]):
            found.append(amount or price)
        else:
            times = Decimal(quantity[0]) if quantity else 1
            found.append((kept_price(Decimal(price[0]) * times), price[1]))
    return found


# ------------------------------------------------------------------ orders that lack a row


def _note_broken(load: Loader, batch: Batch, columns: Columns) -> None:
    """The numbers of refused rows: their orders are not taken without them."""
    if batch.bad and load.options.rejects is not None:
        keys = {columns["number_key"][place] for place in batch.bad}
        load.db.fill("s_broken", ("number_key",), [(key,) for key in keys if key])


def create_tables(db: "Staging") -> None:
    """The staged tables that only orders have."""
    db.connection.executescript(TABLES)
