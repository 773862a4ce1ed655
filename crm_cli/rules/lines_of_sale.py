"""Lines of a deal or an order: CODE:QTY[@PRICE][-DISCOUNT%] taken apart, and what a line comes to, exactly.

Quantities are in thousandths, discounts in hundredths of a percent, prices exact decimals in units of a currency,
amounts in minor units. An amount is rounded once, half-even; what that leaves off is kept in millionths of a minor
unit, so that a sum over many lines is exact.
"""

import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, NamedTuple

from crm_cli.errors import CrmError, Misuse
from crm_cli.rules.money import LARGEST, parse_exact, scale

ONE = 1000  # thousandths in a quantity of one
WHOLE = 10_000  # hundredths of a percent in all of a price
MILLIONTH = 1_000_000
_MOST = 10**15  # thousandths: a million million pieces
_DECIMALS = 12
_LONGEST = 600  # a code, and numbers behind it
_EXACT = Context(prec=80, rounding=ROUND_HALF_EVEN)
_FOLDS = str.maketrans("：＠％－−０１２３４５６７８９．，", ":@%--0123456789.,")
_SHAPE = re.compile(r"(?P<quantity>[^@%]*?)(?:@(?P<price>[^@%]*?))?(?:-(?P<discount>[^-@%]*)%)?")
_AS = "Type a line as CODE:3, CODE:3@99.50 or CODE:3@99.50-10%"


class Typed(NamedTuple):
    """A line as typed: quantity in thousandths, price in units, discount in hundredths of a percent."""

    code: str
    quantity: int
    price: Decimal | None
    currency: str | None
    discount: int


class Worth(NamedTuple):
    """What lines come to: minor units, and the millionths of one that rounding left off."""

    amount: int
    rest: int


def parse_line(text: str, *, currency: str | None = None, decimal: str | None = None) -> Typed:
    """`CRM-10:3@99.50EUR-10%` taken apart; a code alone is one piece, a quantity below zero comes back.

    `currency` is the one of a bare price, `decimal` the mark as in parse_money. A code may hold colons itself: the
    last one counts. Misuse says what is wrong with which part.
    """
    bare = text.strip()
    if not bare or len(bare) > _LONGEST:
        raise Misuse("{line} is no line of a sale", hint=_AS, line=bare[:24] or '""')
    head, colon, tail = bare.replace("：", ":").rpartition(":")
    if not colon and not re.search("[@＠]|[%％]$", bare):
        return Typed(bare, ONE, None, None, 0)
    found = _SHAPE.fullmatch(tail.translate(_FOLDS).strip())
    if not head.strip() or found is None:
        raise Misuse("{line} is no line of a sale", hint=_AS, line=bare)
    if not found["quantity"].strip():
        raise Misuse("{line} does not say how many", hint=_AS, line=bare)
    price, code = _price(bare, found["price"], currency, decimal)
    return Typed(
        head.strip(), _quantity(bare, found["quantity"], decimal), price, code, _discount(bare, found["discount"])
    )


def _price(line: str, text: str | None, currency: str | None, decimal: str | None) -> tuple[Decimal | None, str | None]:
    if text is None:
        return None, None
    if not text.strip():
        raise Misuse("{line} has no price behind the @", hint=_AS, line=line)
    try:
        price, code = parse_exact(text, currency=currency, decimal=decimal)
    except CrmError as error:
        raise _within(line, error) from error
    if price < 0:
        raise Misuse("The price in {line} is below zero", hint="What comes back has a quantity below zero", line=line)
    if price > LARGEST // 1000 or -_exponent(price) > _DECIMALS:
        raise Misuse("The price in {line} is too large, or has too many decimals", line=line)
    return price, code


def _quantity(line: str, text: str, decimal: str | None) -> int:
    try:
        number, currency = parse_exact(text, decimal=decimal)
    except CrmError as error:
        raise _within(line, error) from error
    if currency:
        raise Misuse("{line} has a currency where the quantity stands", hint=_AS, line=line)
    return thousandths(number, line)


def thousandths(number: Decimal, line: str) -> int:
    """A quantity as it is kept; Misuse for none, for more than three decimals and beyond a million million."""
    scaled = number * ONE
    if not scaled:
        raise Misuse("The quantity in {line} is zero", hint=_AS, line=line)
    if scaled != scaled.to_integral_value() or abs(scaled) > _MOST:
        raise Misuse("The quantity in {line} is too large, or has more than three decimals", line=line)
    return int(scaled)


def _discount(line: str, text: str | None) -> int:
    try:
        return 0 if text is None else percent_hundredths(text)
    except CrmError as error:
        raise _within(line, error) from error


def percent_hundredths(text: str) -> int:
    """`12.5` -> 1250: a discount in percent, 0 to 100 with up to two decimals, the mark either way."""
    plain = text.strip().replace(",", ".")
    if not re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{1,2})?", plain) or Decimal(plain) > 100:
        raise Misuse('"{value}" is not a discount from 0 to 100 percent', hint="Type it as 10% or 12.5%", value=text)
    return int(Decimal(plain) * 100)


def _within(line: str, error: CrmError) -> Misuse:
    """The error of a number, with the line that it stands in."""
    holes: dict[str, Any] = {**error.holes, "line": line, "reason": error.message()}
    return Misuse("{line}: {reason}", hint=error.hint, instead=error.instead, **holes)


# ------------------------------------------------------------------ arithmetic


def line_worth(quantity: int, price: Decimal, discount: int, currency: str) -> Worth:
    """quantity x price x (1 - discount), in minor units; Misuse beyond the range of an amount.

    >>> line_worth(3000, Decimal("99.995"), 1000, "EUR")
    Worth(amount=26999, rest=-350000)
    """
    exact = _EXACT.multiply(_EXACT.multiply(price, Decimal(quantity)), Decimal((WHOLE - discount) * scale(currency)))
    return rounded(exact.scaleb(-7, _EXACT))


def rounded(exact: Decimal) -> Worth:
    """Minor units, half-even, and the millionths left off."""
    amount = exact.to_integral_value(ROUND_HALF_EVEN)
    if abs(amount) > LARGEST:
        raise Misuse("A line comes to more than an amount can hold")
    left = _EXACT.multiply(_EXACT.subtract(exact, amount), Decimal(MILLIONTH))
    return Worth(int(amount), int(left.to_integral_value(ROUND_HALF_EVEN)))


def cost_of(quantity: int, cost: int) -> int:
    """What so many thousandths of a piece cost, where one costs so many minor units; half-even."""
    return int((Decimal(quantity) * cost / ONE).to_integral_value(ROUND_HALF_EVEN))


def in_units(minor: int, currency: str) -> Decimal:
    """An amount of minor units as a price: 9950 EUR -> 99.50."""
    return Decimal(minor).scaleb(-(len(str(scale(currency))) - 1))


def summed(worths: Iterable[Worth]) -> Worth:
    """Several lines together. The amount is that of the lines as they are shown, so that a reader can add them up; the
    rest makes it exact. Misuse beyond the range."""
    amount = rest = 0
    for worth in worths:
        amount += worth.amount
        rest += worth.rest
    if abs(amount) > LARGEST:
        raise Misuse("The lines come to more than an amount can hold")
    return Worth(amount, rest)


def split(amount: int, parts: Sequence[int]) -> list[int]:
    """An amount in proportion to parts, its sum kept to the unit: what is rounded off goes to the next part.

    >>> split(100, [1, 1, 1])
    [33, 34, 33]
    """
    whole = sum(parts)
    if whole == amount:
        return list(parts)
    weights = list(parts) if whole else [1] * len(parts)
    whole = whole or len(parts)
    shares, before, reached = [], 0, 0
    for weight in weights:
        reached += weight
        upto = int(_EXACT.divide(Decimal(amount * reached), Decimal(whole)).to_integral_value(ROUND_HALF_EVEN))
        shares.append(upto - before)
        before = upto
    return shares


# ------------------------------------------------------------------ as text


def kept_price(price: Decimal) -> str:
    """A price as it is kept: no exponent, no zeros behind the point that say nothing: 99.50 -> 99.5."""
    text = f"{price:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def shown_quantity(quantity: int) -> str:
    """1500 -> 1.5, -2000 -> -2."""
    sign, whole = "-" if quantity < 0 else "", abs(quantity)
    text = f"{sign}{whole // ONE}.{whole % ONE:03}"
    return text.rstrip("0").rstrip(".")


def quantity_number(quantity: int) -> int | float:
    """A quantity for JSON: an int where it is whole."""
    return quantity // ONE if quantity % ONE == 0 else quantity / ONE


def shown_line(code: str, quantity: int, price: str | None, discount: int) -> str:
    """A line as it could be typed again: CRM-10:3@99.5-10%."""
    cut = f"-{shown_quantity(discount * 10)}%" if discount else ""
    return f"{code}:{shown_quantity(quantity)}{f'@{price}' if price is not None else ''}{cut}"


def _exponent(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
