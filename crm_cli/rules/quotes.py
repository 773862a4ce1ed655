"""Tables of exchange rates as banks publish them: which column is what, and what one currency is worth in another.

A quote says that 1 `one` is `number` of `other`. From those of one day follow the rates in a base currency: as they
stand, turned over, or by way of a third currency.
"""

import re
from collections.abc import Iterable, Sequence
from decimal import Context, Decimal
from typing import NamedTuple

from crm_cli.rules.currencies import find_currency, is_currency
from crm_cli.rules.rates import MOST_DIGITS
from crm_cli.rules.typed import fold

DIGITS = 12  # significant ones of a rate that is worked out: within half a cent up to ten billion
_EXACT, _ROUND = Context(prec=60), Context(prec=DIGITS)
_PAIR = re.compile(r"([0-9]*) ?([A-Za-z]{3}) ?/ ?([A-Za-z]{3})")
_NAMES = {
    "date": "date day on rate_on time_period period 日期 时间 汇率日期 生效日期",
    "one": "currency currency_code code cur ccy from from_currency 币种 货币 货币代码 币种代码 外币 货币名称",
    "number": "rate value obs_value exchange_rate price 汇率 中间价 汇率中间价 折算率",
    "units": "units unit per 单位 数量 外币单位",
    "base": "base base_currency base_code 本位币 基准货币 记账本位币",
    "other": "quote quote_currency to to_currency target 目标货币 报价货币",
    "source": "source 来源",
}
_FIELD = {name: field for field, names in _NAMES.items() for name in names.split()}
_NOTHING = frozenset(("", "n/a", "na", "-", "--", "—", ".", "null", "none", "nan", "#n/a", "暂无"))


class Cell(NamedTuple):
    """One quote as it stands in a file, not read yet."""

    line: int
    header: str
    day: str
    one: str
    other: str
    number: str
    units: str = "1"
    source: str = ""


class Quote(NamedTuple):
    """1 `one` is `number` of `other` on an ISO day; `line` says where."""

    line: int
    day: str
    one: str
    other: str
    number: Decimal


class Columns(NamedTuple):
    """Which column is what, by place: `fields` of a row a rate, else `wide` ones as (place, units, one, other), where
    an `other` of "" is what the file is quoted against. `strange` are currencies that there are no more."""

    fields: dict[str, int]
    wide: list[tuple[int, str, str, str]]
    strange: list[str]

    @property
    def says_both(self) -> bool:
        """Whether the file itself says which currency is worth how much of which."""
        if self.wide:
            return all(other for *_, other in self.wide)
        return "other" in self.fields or "base" in self.fields


def columns_of(headers: Sequence[str]) -> Columns:
    """What the columns of a table of rates are; `wide` and `fields` lack what no column is."""
    fields: dict[str, int] = {}
    wide, strange = [], []
    for place, header in enumerate(headers):
        plain = fold(header).strip()
        field = _FIELD.get(plain.lower().replace(" ", "_").replace("-", "_"))
        pair = _PAIR.fullmatch(plain)
        if field:
            fields.setdefault(field, place)
        elif pair:
            units, one, other = pair[1] or "1", pair[2].upper(), pair[3].upper()
            known = is_currency(one) and is_currency(other)
            wide.append((place, units, one, other)) if known else strange.append(plain)
        elif code := _code(plain):
            wide.append((place, "1", code, ""))
        elif re.fullmatch("[A-Z]{3}", plain):
            strange.append(plain)
    if "one" not in fields and "base" in fields and "other" in fields:
        fields["one"] = fields.pop("base")
    if {"one", "number"} <= fields.keys():
        wide = []
    return Columns(fields, wide, strange)


def _code(header: str) -> str | None:
    """The currency that a header names."""
    return find_currency(header) if is_currency(header.upper()) or not header.isascii() else None


def is_nothing(cell: str) -> bool:
    """Whether a cell says that there is no rate."""
    return cell.strip().lower() in _NOTHING


def decimal_mark(numbers: Iterable[str]) -> str:
    """`,` where a comma in some number can only be the decimal mark and none has a point; else ""."""
    comma = False
    for number in numbers:
        if "." in number:
            return ""
        comma = comma or ("," in number and (len(number.rpartition(",")[2]) != 3 or number.strip().startswith("0,")))
    return "," if comma else ""


def worths(quotes: Sequence[Quote], base: str) -> dict[str, tuple[Decimal, int]]:
    """What one unit of each currency of one day is worth in the base, with the line that says so.

    A quote in the base itself comes before one that is turned over, and that before a way by a third currency.
    """
    known: dict[tuple[str, str], tuple[Decimal, int]] = {}
    for quote in quotes:
        known.setdefault((quote.one, quote.other), (quote.number, quote.line))
    for quote in quotes:
        turned = _EXACT.divide(Decimal(1), quote.number)
        known.setdefault((quote.other, quote.one), (turned, quote.line))
    found: dict[str, tuple[Decimal, int]] = {}
    for (one, other), (number, line) in known.items():
        if other == base:
            found[one] = number, line
    for (one, third), (number, line) in known.items():
        if one != base and one not in found and (third, base) in known:
            found[one] = _EXACT.multiply(number, known[third, base][0]), line
    return found


def spell(number: Decimal) -> str:
    """The digits of a rate: as they are where they can be typed, else rounded half-even to 12 significant ones."""
    shown = f"{number if len(number.as_tuple().digits) <= MOST_DIGITS else _ROUND.plus(number):f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
