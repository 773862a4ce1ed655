"""What is sold and to whom: products, what goes with them, orders and their lines, rates of exchange."""

from datetime import date
from typing import Any

from sqlmodel import Field

from crm_cli.model.base import Dated, Removable, Row
from crm_cli.model.types import Day, Flag, Integer, Json, Text


class Product(Removable, table=True):
    """Something that is sold: a product or a service; its cost in minor units of cost_currency."""

    code: str = Field(sa_type=Text)
    code_key: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    name_key: str = Field(sa_type=Text)
    kind: str = Field(default="product", sa_type=Text)
    category: str | None = Field(default=None, sa_type=Text)
    unit: str | None = Field(default=None, sa_type=Text)
    cost: int | None = Field(default=None, sa_type=Integer)
    cost_currency: str | None = Field(default=None, sa_type=Text)
    audience: str | None = Field(default=None, sa_type=Text)
    is_active: bool = Field(default=True, sa_type=Flag)
    note: str | None = Field(default=None, sa_type=Text)
    external_source: str | None = Field(default=None, sa_type=Text)
    external_id: str | None = Field(default=None, sa_type=Text)
    custom: dict[str, Any] | None = Field(default=None, sa_type=Json)


class ProductPrice(Dated, table=True):
    """The list price of a product in one currency, in minor units."""

    __tablename__ = "product_price"

    product_id: int = Field(foreign_key="product.id", sa_type=Integer)
    amount: int = Field(sa_type=Integer)
    currency: str = Field(sa_type=Text)


class ProductLink(Dated, table=True):
    """What goes with a product: requires, recommended, included, replaces; quantity in thousandths."""

    __tablename__ = "product_link"

    product_id: int = Field(foreign_key="product.id", sa_type=Integer)
    other_id: int = Field(foreign_key="product.id", sa_type=Integer)
    kind: str = Field(sa_type=Text)
    quantity: int = Field(default=1000, sa_type=Integer)
    months: int | None = Field(default=None, sa_type=Integer)


class SalesOrder(Removable, table=True):
    """What a customer bought on a day: minor units of its currency, below zero for what came back.

    `rest` is what rounding left off, in millionths of a minor unit. `base_amount` and `base_cost` are kept in the base
    currency by the rate of `rate_on`; None where the order is in it, or had no rate yet.
    """

    __tablename__ = "sales_order"

    number: str | None = Field(default=None, sa_type=Text)
    number_key: str | None = Field(default=None, sa_type=Text)
    customer_id: int = Field(foreign_key="customer.id", sa_type=Integer)
    deal_id: int | None = Field(default=None, foreign_key="deal.id", sa_type=Integer)
    ordered_on: date = Field(sa_type=Day)
    amount: int = Field(sa_type=Integer)
    currency: str = Field(sa_type=Text)
    rest: int = Field(default=0, sa_type=Integer)
    cost: int | None = Field(default=None, sa_type=Integer)
    base_amount: int | None = Field(default=None, sa_type=Integer)
    base_cost: int | None = Field(default=None, sa_type=Integer)
    base_currency: str | None = Field(default=None, sa_type=Text)
    rate_on: date | None = Field(default=None, sa_type=Day)
    owner_id: int | None = Field(default=None, foreign_key="member.id", sa_type=Integer)
    note: str | None = Field(default=None, sa_type=Text)
    external_source: str | None = Field(default=None, sa_type=Text)
    external_id: str | None = Field(default=None, sa_type=Text)
    custom: dict[str, Any] | None = Field(default=None, sa_type=Json)


class Line(Row):
    """One line of an order or a deal: quantity in thousandths, price an exact decimal in units, discount in hundredths
    of a percent, amount and cost in minor units."""

    product_id: int | None = Field(default=None, foreign_key="product.id", sa_type=Integer)
    text: str | None = Field(default=None, sa_type=Text)
    quantity: int = Field(sa_type=Integer)
    price: str | None = Field(default=None, sa_type=Text)
    discount: int = Field(default=0, sa_type=Integer)
    amount: int = Field(sa_type=Integer)
    cost: int | None = Field(default=None, sa_type=Integer)
    position: int = Field(sa_type=Integer)
    external_id: str | None = Field(default=None, sa_type=Text)


class OrderLine(Line, table=True):
    """What was bought."""

    __tablename__ = "order_line"

    order_id: int = Field(foreign_key="sales_order.id", sa_type=Integer)


class DealLine(Line, table=True):
    """What would be sold."""

    __tablename__ = "deal_line"

    deal_id: int = Field(foreign_key="deal.id", sa_type=Integer)


class Rate(Dated, table=True):
    """What one unit of a currency was worth in the base currency from a day on: an exact decimal."""

    currency: str = Field(sa_type=Text)
    base: str = Field(sa_type=Text)
    rate: str = Field(sa_type=Text)
    rate_on: date = Field(sa_type=Day)
    source: str | None = Field(default=None, sa_type=Text)


class Setting(Dated, table=True):
    """What holds for everyone who uses the database: the base currency, the words of a playbook."""

    name: str = Field(sa_type=Text)
    value: str = Field(sa_type=Text)
