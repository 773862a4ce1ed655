"""Products and orders of the standard set: a few customers buy often and for much, most seldom; some lines name products."""

import random
from collections.abc import Iterator

from history import DAYS, TODAY, moment
from rows import Row, Writer

PRODUCTS = 40
_LINED = 10  # every so many orders has a line
_RETURNED = 50  # every so many orders came back


def make_orders(rng: random.Random, count: int, created: list[int]) -> list[tuple[int, int, int]]:
    """(day, customer, minor units), by day: how often a customer orders follows a gamma distribution."""
    rates = [rng.gammavariate(0.6, 1.0) for _ in created]
    scale = count / sum(rates)
    chance = rng.random
    found: list[tuple[int, int, int]] = []
    for customer, (rate, first) in enumerate(zip(rates, created, strict=True), 1):
        span = max(1, TODAY - first)
        spend = int(rng.lognormvariate(8.5, 0.8)) + 100
        for _ in range(int(rate * scale + chance())):
            amount = int(spend * (0.5 + chance()))
            found.append((first + int(chance() * span), customer, -amount if chance() * _RETURNED < 1 else amount))
    found.sort()
    return found


def write(writer: Writer, orders: list[tuple[int, int, int]]) -> None:
    """Products first, then orders in the order of their days, then the lines."""
    born = moment(0)
    products = (
        (f"P-{n}", f"p-{n}", f"Product {n}", f"product {n}", "product", f"Group {n % 5}", 700 * n, "EUR", 1, born, born)
        for n in range(1, PRODUCTS + 1)
    )
    columns = "code code_key name name_key kind category cost cost_currency is_active created_at updated_at"
    writer.insert("product", columns, products)
    columns = "customer_id ordered_on amount currency rest owner_id created_at updated_at"
    writer.insert("sales_order", columns, _rows(orders))
    writer.insert("order_line", "order_id product_id quantity discount amount position", _lines(writer.rng, orders))


def _rows(orders: list[tuple[int, int, int]]) -> Iterator[Row]:
    for day, customer, amount in orders:
        at = DAYS[day] + "T12:00:00Z"
        yield customer, DAYS[day], amount, "EUR", 0, customer % 8 + 1, at, at


def _lines(rng: random.Random, orders: list[tuple[int, int, int]]) -> Iterator[Row]:
    for number in range(_LINED, len(orders) + 1, _LINED):
        amount = orders[number - 1][2]
        yield number, rng.randrange(PRODUCTS) + 1, 1000 if amount > 0 else -1000, 0, amount, 1
