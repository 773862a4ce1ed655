"""What was ordered: orders, customers, pieces, money, margin and returns, by period, customer, product or owner.

Money is in the base currency by the rate of each order's day. An amount is the sum of the orders with what rounding
left off each of them; the average is that of orders that are no returns; a margin counts only where the cost is known.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from crm_cli.queries.conditions import Condition
from crm_cli.queries.rates import Converter, kept_base, need_base, order_amount, order_cost, refuse_without_rate
from crm_cli.rules.decimals import half_even
from crm_cli.rules.lines_of_sale import quantity_number
from crm_cli.rules.money import amount_number
from crm_cli.store.reader import Reader

PERIODS = ("month", "quarter", "year")
SPLITS = (*PERIODS, "customer", "product", "owner", "region", "country", "industry", "source", "total")
_MILLION = 1_000_000
_UNKNOWN = ("quantity", "currency", "average", "margin", "margin_percent")
_OF_CUSTOMER = ("region", "country", "industry", "source")
# What SQL groups by: what is shown is folded out of it, which costs a row a day or a customer, not a row an order.
_RAW = {**dict.fromkeys(PERIODS, "so.ordered_on"), "owner": "so.owner_id"}
_BY_CUSTOMER = "+so.customer_id"  # the table in its order: by the index each row would be looked up
_NAMES = {"customer": "customer", "owner": "member"}


class Asked(NamedTuple):
    """Which orders, until when, and by what they are told apart."""

    where: Condition
    today: str
    first: str | None = None
    last: str | None = None
    by: str = "month"


class Answer(NamedTuple):
    """Rows by the split, one for all of them, and how many orders were counted and left out."""

    rows: list[dict[str, Any]]
    total: dict[str, Any]
    currency: str | None
    counted: dict[str, int]
    left_out: dict[str, int]


class _Sums:
    """What orders of one group come to, in minor units."""

    def __init__(self) -> None:
        self.orders = self.returns = self.customers = self.amount = self.rest = self.gross = self.quantity = 0
        self.margin = self.margin_of = self.costed = self.lines = 0

    def add(self, other: "_Sums") -> None:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def row(self, currency: str | None) -> dict[str, Any]:
        if currency is None:
            return {**dict.fromkeys(("orders", "returns", "customers", "amount"), 0), **dict.fromkeys(_UNKNOWN)}
        code = currency
        amount = self.amount + (abs(self.rest) + _MILLION // 2) // _MILLION * (-1 if self.rest < 0 else 1)
        average = half_even(self.gross, self.orders) if self.orders else None
        return {
            "orders": self.orders,
            "returns": self.returns,
            "customers": self.customers,
            "quantity": quantity_number(self.quantity) if self.lines else None,
            "amount": amount_number(amount, code),
            "currency": currency,
            "average": None if average is None else amount_number(average, code),
            "margin": amount_number(self.margin, code) if self.costed else None,
            "margin_percent": round(100 * self.margin / self.margin_of, 1) if self.margin_of > 0 else None,
        }


def report(db: Reader, asked: Asked) -> Answer:
    """The rows: periods in their order without gaps, others with most money first. Misuse where a rate is missing."""
    sql, params = _chosen(asked)
    currency = _currency(db, sql, params)
    if currency:
        refuse_without_rate(db, currency, where=sql, params=params)
    found, total = _by_key(db, asked, sql, params, currency)
    if asked.by == "product":
        found = _by_product(db, asked, sql, params, currency) if currency else {}
    rows = _named(db, asked.by, found, currency)
    counted = {"orders": total.orders, "returns": total.returns, "customers": total.customers}
    left = {"future": _count(db, asked, "so.ordered_on > :today"), "without_cost": total.orders + total.returns}
    left["without_cost"] -= total.costed
    return Answer(rows, total.row(currency), currency, counted, left)


def _currency(db: Reader, sql: str, params: dict[str, Any]) -> str | None:
    """The base currency; where none was set, the only one of the orders that are asked about."""
    if kept := kept_base(db):
        return kept
    used = db.rows(f"SELECT DISTINCT so.currency FROM sales_order so WHERE {sql} LIMIT 2", params)
    return str(used[0][0]) if len(used) == 1 else need_base(db)


def _chosen(asked: Asked) -> tuple[str, dict[str, Any]]:
    tests = [f"({asked.where.sql})", "+so.removed_at IS NULL", "so.ordered_on <= :today"]
    params = {**asked.where.params, "today": asked.today}
    for name, sign, day in (("first", ">=", asked.first), ("last", "<=", asked.last)):
        if day:
            tests.append(f"so.ordered_on {sign} :{name}")
            params[name] = day
    return " AND ".join(tests), params


def _count(db: Reader, asked: Asked, test: str) -> int:
    sql = f"SELECT count(*) FROM sales_order so WHERE ({asked.where.sql}) AND so.removed_at IS NULL AND {test}"
    return int(db.value(sql, {**asked.where.params, "today": asked.today}))


def _by_key(
    db: Reader, asked: Asked, sql: str, params: dict[str, Any], currency: str | None
) -> tuple[dict[Any, _Sums], _Sums]:
    """By what the report is split, and all together: one walk over the orders, one over their lines for the pieces,
    and where a group is no group of customers one for who they are."""
    raw = _RAW.get(asked.by, _BY_CUSTOMER)
    fold = _folded(db, asked.by)
    worth, cost = order_amount(currency), order_cost(currency)
    rest = f"CASE WHEN so.currency = '{currency}' THEN so.rest ELSE 0 END" if currency else "0"
    found: dict[Any, _Sums] = {}
    total = _Sums()
    for key, *numbers in db.stream(
        f"SELECT {raw}, sum({worth} >= 0), sum({worth} < 0), sum({worth}), sum({rest}), sum(max({worth}, 0)),"
        f" coalesce(sum({worth} - {cost}), 0), coalesce(sum(CASE WHEN {cost} IS NOT NULL THEN {worth} END), 0),"
        f" count({cost}) FROM sales_order so WHERE {sql} GROUP BY 1",
        params,
    ):
        one = _Sums()
        (one.orders, one.returns, one.amount, one.rest, one.gross, one.margin, one.margin_of, one.costed) = (
            number or 0 for number in numbers
        )
        one.customers = int(raw == _BY_CUSTOMER)
        found.setdefault(fold(key), _Sums()).add(one)
        total.add(one)
    if raw != _BY_CUSTOMER:
        _count_customers(db, (raw, fold), (sql, params), found, total)
    # where all of them count the lines go one after the other, else those of each order
    join = "CROSS JOIN" if len(params) == 1 else "JOIN"
    lines = f"FROM order_line l {join} sales_order so ON so.id = l.order_id WHERE {sql}"
    for key, quantity, n in db.stream(f"SELECT {raw}, sum(l.quantity), count(*) {lines} GROUP BY 1", params):
        for sums in (found[fold(key)], total):
            sums.quantity += quantity
            sums.lines += n
    return found, total


def _folded(db: Reader, by: str) -> Callable[[Any], Any]:
    """What SQL groups by -> what is shown: a day its period, a customer his region."""
    if by in PERIODS:
        return lambda day: _period(by, day)
    if by in _OF_CUSTOMER:
        kept: dict[int, str] = dict(db.rows(f"SELECT id, {by} FROM customer WHERE {by} IS NOT NULL"))
        return kept.get
    if by in ("customer", "owner"):
        return lambda key: key
    return lambda key: ""


def _period(by: str, day: str) -> str:
    if by == "quarter":
        return f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}"
    return day[:7] if by == "month" else day[:4]


def _count_customers(
    db: Reader,
    split: tuple[str, Callable[[Any], Any]],
    chosen: tuple[str, dict[str, Any]],
    found: dict[Any, _Sums],
    total: _Sums,
) -> None:
    """How many different customers each group has."""
    (raw, fold), (sql, params) = split, chosen
    seen: dict[Any, set[int]] = {}
    folded: dict[Any, set[int]] = {}
    for key, customer in db.stream(f"SELECT {raw}, so.customer_id FROM sales_order so WHERE {sql}", params):
        if key not in folded:
            folded[key] = seen.setdefault(fold(key), set())
        folded[key].add(customer)
    for name, customers in seen.items():
        found[name].customers = len(customers)
    total.customers = len(set().union(*seen.values()))


def _by_product(db: Reader, asked: Asked, sql: str, params: dict[str, Any], currency: str) -> dict[Any, _Sums]:
    """The lines by what was sold: (product id, text); (None, None) for orders without lines."""
    converter = Converter(db, currency)
    found: dict[Any, _Sums] = {}
    for product, text, code, day, amount, cost, costed, of, gross, quantity in db.rows(
        "SELECT l.product_id, CASE WHEN l.product_id IS NULL THEN l.text END, so.currency, so.rate_on, sum(l.amount),"
        " sum(l.cost), count(l.cost), sum(CASE WHEN l.cost IS NOT NULL THEN l.amount END),"
        " sum(max(l.amount, 0)), sum(l.quantity) FROM sales_order so JOIN order_line l"
        f" ON l.order_id = so.id WHERE {sql} GROUP BY 1, 2, 3, 4",
        params,
    ):
        sums = found.setdefault((product, text), _Sums())

        def worth(minor: int | None, code: str = code, day: str | None = day) -> int:
            return converter.convert(minor or 0, code, day or asked.today)

        sums.amount += worth(amount)
        sums.gross += worth(gross)
        sums.quantity += quantity
        sums.lines += 1
        sums.costed += costed
        sums.margin += worth(of) - worth(cost)
        sums.margin_of += worth(of)
    for product, text, customers, orders, returns in db.rows(
        "SELECT l.product_id, CASE WHEN l.product_id IS NULL THEN l.text END, count(DISTINCT so.customer_id),"
        " count(DISTINCT CASE WHEN l.amount >= 0 THEN so.id END), count(DISTINCT CASE WHEN l.amount < 0 THEN so.id END)"
        f" FROM sales_order so JOIN order_line l ON l.order_id = so.id WHERE {sql} GROUP BY 1, 2",
        params,
    ):
        sums = found[product, text]
        sums.customers, sums.orders, sums.returns = customers, orders, returns
    bare = f"{sql} AND NOT EXISTS (SELECT 1 FROM order_line l WHERE l.order_id = so.id)"
    without, _ = _by_key(db, asked._replace(by="total"), bare, params, currency)
    if without:
        found[None, None] = next(iter(without.values()))
    return found


def _named(db: Reader, by: str, found: dict[Any, _Sums], currency: str | None) -> list[dict[str, Any]]:
    if by in PERIODS:
        empty = _Sums()
        return [{by: name, **found.get(name, empty).row(currency)} for name in _periods(by, found)]
    names: dict[Any, Any] = {}
    more: dict[Any, dict[str, Any]] = {}
    if by in _NAMES:
        names = dict(db.rows(f"SELECT id, name FROM {_NAMES[by]}"))
        more = {key: {"customer_id": key} for key in found} if by == "customer" else {}
    elif by == "product":
        products = {row[0]: row[1:] for row in db.rows("SELECT id, name, code FROM product")}
        for product, text in found:
            name, code = products.get(product, (text, None))
            names[product, text], more[product, text] = name, {"code": code}
    rows = [
        {by: names.get(key) if by in (*_NAMES, "product") else key, **more.get(key, {}), **sums.row(currency)}
        for key, sums in found.items()
    ]
    if by == "total":
        rows = [{key: value for key, value in row.items() if key != "total"} for row in rows]
    return sorted(rows, key=lambda row: (-float(row["amount"]), -row["orders"], str(row.get(by))))


def _periods(by: str, found: Iterable[str]) -> list[str]:
    """All periods from the first to the last: one without orders is a fact too."""
    known = sorted(found)
    if not known:
        return []
    size = {"month": 12, "quarter": 4, "year": 1}[by]

    def number(name: str) -> int:
        return int(name[:4]) * size + (int(name[5:].lstrip("Q") or 1) - 1 if size > 1 else 0)

    def name(place: int) -> str:
        year, part = divmod(place, size)
        return (
            f"{year:04}" if size == 1 else f"{year:04}-{'Q' if size == 4 else ''}{part + 1:0{2 if size == 12 else 1}}"
        )

    span = range(number(known[0]), number(known[-1]) + 1)
    return [name(place) for place in span] if len(span) <= 1200 else known
