"""What the made-up company sells, and what was bought: products, rates, lines of deals, orders over two years."""

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from random import Random
from typing import Any, NamedTuple

from crm_cli.actions.demo_life import Calendar
from crm_cli.rules.text import fold

_SEED = 20_260_202
_BASE = "EUR"
# days ago, what a unit was worth in euros
_RATES = {
    "USD": ((740, "0.915"), (365, "0.942"), (180, "0.878"), (28, "0.861")),
    "CNY": ((740, "0.1263"), (365, "0.1301"), (180, "0.1224"), (28, "0.1209")),
}
# how dear a list price is abroad: a currency's units for a euro
_ABROAD = {"EUR": Decimal(1), "USD": Decimal("1.15"), "CNY": Decimal(8)}
# code; name; kind; category; unit; price and cost in euros; whom it is for
_PRODUCTS = """
CORE; Stockkeeper core; product; software/warehouse; site; 4800; 400; warehouses
SEAT; Stockkeeper seat; service; software/warehouse; seat; 180; 20; warehouses
MOBILE; Mobile app seat; service; software/mobile; seat; 96; 12; shop floors
ERP; ERP interface; product; software/interfaces; ; 5200; 1900; whoever has an ERP
SCAN; Handheld scanner; product; hardware/scanners; piece; 640; 410; warehouses
DOCK; Charging dock; product; hardware/scanners; piece; 190; 105;
SCAN-OLD; Pocket scanner; product; hardware/scanners; piece; 520; 390;
PRINTER; Label printer; product; hardware/printers; piece; 890; 560; shipping desks
LABELS; Label rolls; product; supplies/labels; box; 48; 21; shipping desks
SENSOR; Cold-room sensor; product; hardware/sensors; piece; 310; 150; food, medical
TRAIN; Training day; service; services/training; day; 1200; 520;
SUPPORT; Support; service; services/support; year; 1600; 300;
STARTER; Starter kit; product; bundles; ; 5900; 3300; newcomers
"""
# product; other; how they are linked; quantity; months
_LINKS = (
    ("STARTER", "SCAN", "included", 5, None),
    ("STARTER", "DOCK", "included", 1, None),
    ("STARTER", "PRINTER", "included", 1, None),
    ("STARTER", "CORE", "requires", 1, None),
    ("CORE", "SUPPORT", "requires", 1, 12),
    ("CORE", "TRAIN", "recommended", 2, None),
    ("SEAT", "CORE", "requires", 1, None),
    ("MOBILE", "CORE", "requires", 1, None),
    ("PRINTER", "LABELS", "recommended", 10, None),
    ("SCAN", "DOCK", "recommended", 1, None),
    ("SCAN", "SCAN-OLD", "replaces", 1, None),
)
# the words of a deal's title that say what is sold
_TOLD = {
    "scan": "SCAN", "扫码": "SCAN", "support": "SUPPORT", "维护": "SUPPORT", "train": "TRAIN", "培训": "TRAIN",
    "mobile": "MOBILE", "移动": "MOBILE", "erp": "ERP", "interface": "ERP", "label": "PRINTER", "标签": "PRINTER",
    "sensor": "SENSOR",
}  # fmt: skip
_REORDERED = ("LABELS", "LABELS", "SUPPORT", "SEAT", "MOBILE", "SENSOR", "SCAN")
_WANTED = {
    "industry": {"want": ["logistics", "food", "retail"], "weight": 3},
    "region": {"want": ["DACH", "Benelux"], "weight": 1},
    "size": {"range": [80, 400], "weight": 1},
}
_WITHOUT = 6  # one in thirteen never ordered

Row = dict[str, Any]


class Books(NamedTuple):
    """What the rows of the company are made with."""

    add: Callable[..., Row]
    calendar: Calendar
    customers: Mapping[str, Row]
    known: Mapping[str, int]
    currencies: Mapping[str, str]
    owner: Callable[[str], int]


class Sales:
    """Products and rates first, then what each deal is about and what every customer ordered."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.chance = Random(_SEED)  # noqa: S311 - made-up data, nothing secret
        self.products: dict[str, Row] = {}
        self.prices: dict[tuple[str, str], int] = {}
        self.orders: list[tuple[int, Row, list[Row]]] = []

    def write(self, deals: list[tuple[str, Row, str]]) -> None:
        """`deals` are the key of the customer, the row, and the kind of stage that each stands in."""
        self._products()
        self._rates()
        self._wanted()
        for key, row, kind in deals:
            line = self._deal_line(row)
            self._freeze(row, row["closed_on"] if kind != "open" else None, ("amount",))
            if kind == "won":
                self._order(key, row["closed_on"], [dict(line)], deal_id=row["id"])
        for place, key in enumerate(sorted(self.books.known)):
            if self.books.known[key] > 60 and place % 13 != _WITHOUT:
                self._reorders(key)
        self._number()

    # --------------------------------------------------------------- what is sold

    def _products(self) -> None:
        born = self.books.calendar.at(self.books.calendar.back(731), 8, 0)
        for line in _PRODUCTS.strip().splitlines():
            code, name, kind, category, unit, price, cost, audience = (cell.strip() for cell in line.split(";"))
            row = self.books.add(
                "product", born, code=code, code_key=fold(code), name=name, name_key=fold(name), kind=kind,
                category=category, unit=unit or None, cost=int(cost) * 100, cost_currency=_BASE,
                audience=audience or None, is_active=int(code != "SCAN-OLD"), note=None,
            )  # fmt: skip
            self.products[code] = row
            for currency, factor in _ABROAD.items():
                amount = int(int(price) * factor) * 100
                self.prices[code, currency] = amount
                self.books.add("product_price", born, product_id=row["id"], amount=amount, currency=currency)
        for code, other, kind, quantity, months in _LINKS:
            self.books.add(
                "product_link", born, product_id=self.products[code]["id"], other_id=self.products[other]["id"],
                kind=kind, quantity=quantity * 1000, months=months,
            )  # fmt: skip

    def _rates(self) -> None:
        self.books.add("setting", self.books.calendar.at(self.books.calendar.back(731), 8, 0), name="base", value=_BASE)
        for currency, rates in _RATES.items():
            for ago, rate in rates:
                day = self.books.calendar.today - timedelta(days=ago)
                at = self.books.calendar.at(day, 8, 0)
                self.books.add(
                    "rate", at, currency=currency, base=_BASE, rate=rate, rate_on=day.isoformat(), source="ECB"
                )

    def _wanted(self) -> None:
        """Whom the company looks for."""
        born = self.books.calendar.at(self.books.calendar.back(731), 8, 0)
        criteria = json.dumps(_WANTED, ensure_ascii=False, sort_keys=True)
        self.books.add("icp", born, name="warehouses", name_key="warehouses", version=1, criteria=criteria)

    def _freeze(self, row: Row, day: str | None, columns: tuple[str, ...]) -> None:
        """The amounts of a row in the base currency, by the newest rate on or before the day."""
        row.update({f"base_{column}": None for column in columns}, base_currency=None, rate_on=None)
        if day is None or row["currency"] == _BASE:
            return
        days = [(self.books.calendar.today - timedelta(days=ago), rate) for ago, rate in _RATES[row["currency"]]]
        on, rate = [found for found in days if found[0] <= date.fromisoformat(day)][-1]
        for column in columns:
            if row[column] is not None:
                row[f"base_{column}"] = int((row[column] * Decimal(rate)).quantize(Decimal(1), ROUND_HALF_EVEN))
        row.update(base_currency=_BASE, rate_on=on.isoformat())

    # --------------------------------------------------------------- what is bought

    def _deal_line(self, row: Row) -> Row:
        title = row["title"].lower()
        code = next((code for word, code in _TOLD.items() if word in title), "CORE")
        amount = row["amount"]
        fitting = [n for n in (25, 20, 10, 8, 5, 4, 2) if amount % n == 0 and amount // n >= 20_000]
        line = self._line(code, row["currency"], fitting[0] if fitting else 1, amount)
        self.books.add(
            "deal_line", self.books.calendar.at(self.books.calendar.back(1), 8, 0), created=False, updated=False,
            deal_id=row["id"], **line, position=1,
        )  # fmt: skip
        return line

    def _line(self, code: str, currency: str, quantity: int, amount: int | None = None) -> Row:
        """A line at its list price, or at the price that comes to an amount."""
        each = self.prices[code, currency] if amount is None else amount // quantity
        cost = int(self.products[code]["cost"] * _ABROAD[currency]) * quantity
        total = each * quantity
        return {
            "product_id": self.products[code]["id"], "text": None, "quantity": quantity * 1000,
            "price": f"{Decimal(each) / 100:.2f}", "discount": 0, "amount": total, "cost": min(cost, total * 3 // 5),
        }  # fmt: skip

    def _order(self, key: str, day: str, lines: list[Row], deal_id: int | None = None) -> None:
        row = {
            "customer_id": self.books.customers[key]["id"], "deal_id": deal_id, "ordered_on": day,
            "amount": sum(line["amount"] for line in lines), "currency": self.books.currencies[key], "rest": 0,
            "cost": sum(line["cost"] for line in lines), "owner_id": self.books.owner(key), "note": None,
        }  # fmt: skip
        self._freeze(row, day, ("amount", "cost"))
        self.orders.append((len(self.orders), row, lines))

    def _reorders(self, key: str) -> None:
        """Each customer orders at a pace of its own, and may leave after any order from the third on."""
        pace = self.chance.choice((18, 24, 35, 45, 60, 75))
        leaves = self.chance.choice((0.0, 0.0, 0.02, 0.06, 0.16))
        favourites = self.chance.sample(_REORDERED, 2)
        ago = float(self.books.known[key] - self.chance.randint(3, 30))
        count = 0
        while ago > 1:
            code = self.chance.choice(favourites)
            quantity = self.chance.randint(2, 12) if code != "SUPPORT" else 1
            lines = [self._line(code, self.books.currencies[key], quantity)]
            self._order(key, self._day(ago), lines)
            if self.chance.random() < 0.03:
                self._order(key, self._day(max(1.0, ago - 6)), [self._line(code, self.books.currencies[key], -1)])
            count += 1
            if count > 2 and self.chance.random() < leaves:
                return
            ago -= max(3.0, pace * self.chance.choice((0.3, 0.6, 0.8, 1.0, 1.1, 1.3, 1.9)))

    def _day(self, ago: float) -> str:
        return self.books.calendar.back(int(ago)).isoformat()

    def _number(self) -> None:
        """Orders get ids and numbers in the order of their days."""
        counted: dict[str, int] = {}
        for _, row, lines in sorted(self.orders, key=lambda order: (order[1]["ordered_on"], order[0])):
            year = row["ordered_on"][:4]
            counted[year] = counted.get(year, 0) + 1
            number = f"{year}-{counted[year]:04}"
            at = self.books.calendar.at(date.fromisoformat(row["ordered_on"]), 14, 0)
            made = self.books.add("sales_order", at, number=number, number_key=number, **row)
            for place, line in enumerate(lines, 1):
                self.books.add(
                    "order_line", at, created=False, updated=False, order_id=made["id"], **line, position=place
                )
