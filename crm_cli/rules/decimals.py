"""Columns of exact numbers: prices, quantities and amounts as files have them, below zero too; and discounts.

A cell that has two readings is given as a Pending text; when all columns are read, `settle` decides by what the other
cells can only mean, or refuses. A file is written with one decimal mark, so all its columns of numbers share theirs.
"""

import re

from crm_cli.errors import Misuse
from crm_cli.rules.cells import text
from crm_cli.rules.columns import PENDING
from crm_cli.rules.currencies import scale
from crm_cli.rules.lines_of_sale import MILLIONTH, ONE, WHOLE, kept_price
from crm_cli.rules.money import LARGEST, parse_exact

# What can be read at once: no mark of thousands, no three digits behind a point.
_PLAIN = re.compile(r"-?[0-9]{1,15}(?:\.(?:[0-9]{1,2}|[0-9]{4,9}))?")
_DECIMALS = 12
Number = tuple[str, str | None]  # a plain decimal, or a Pending text; and the currency beside it


class Decimals:
    """The columns of numbers of one file. `decimal` is the mark where it was typed."""

    def __init__(self, *, decimal: str) -> None:
        self.decimal = decimal or None
        self.marks: set[str] = set()  # decimal marks that at least one cell can only have
        self.pending = False

    def parse(self, cell: str) -> Number | None:
        """The number of a cell as plain text, exact; Misuse for what is none. `(50.00)` is below zero."""
        if self.decimal != "," and _PLAIN.fullmatch(cell):
            return self._plain(cell)
        found = text(cell)
        if found is None:
            return None
        if self.decimal != "," and _PLAIN.fullmatch(found):
            return self._plain(found)
        if found[0] in "(（" and found[-1] in ")）":
            found = f"-{found[1:-1].strip()}"
        try:
            read = self._read(found, self.decimal)
        except Misuse:
            if self.decimal or not any(self._can(found, mark) for mark in ".,"):
                raise
            self.pending = True
            return PENDING + found, None
        if not self.decimal:
            self._learn(found)
        return read

    def _plain(self, found: str) -> Number:
        if "." not in found:
            return found, None
        self.marks.add(".")
        return found.rstrip("0").rstrip("."), None

    def _read(self, found: str, decimal: str | None) -> Number:
        number, currency = parse_exact(found, decimal=decimal)
        exponent = number.as_tuple().exponent
        if abs(number) > LARGEST or not isinstance(exponent, int) or exponent < -_DECIMALS:
            raise Misuse("{value} is too large, or has too many decimals.", value=found[:40])
        return kept_price(number), currency

    def _can(self, found: str, decimal: str) -> bool:
        try:
            self._read(found, decimal)
        except Misuse:
            return False
        return True

    def _learn(self, found: str) -> None:
        marks = [sign for sign in found if sign in ".,"]
        if not marks:
            return
        last = marks[-1]
        if marks.count(last) > 1:
            self.marks.add("," if last == "." else ".")
        else:
            self.marks.add(last)

    def settle(self, pending: str) -> Number:
        """The number, read with the mark that the other cells have; Misuse with both readings where none tells."""
        found = pending[len(PENDING) :]
        return self._read(found, next(iter(self.marks)) if len(self.marks) == 1 else None)


class Discounts:
    """A column of discounts: `15 %`, 15 and 0.15 are one; which of the last two is meant, the whole column says."""

    def __init__(self) -> None:
        self.percent = False  # a number above 1 stands in it

    def parse(self, cell: str) -> int | None:
        """Hundredths of a percent; below zero the ten-thousandths of what is a part of 1 or of a percent."""
        found = text(cell)
        if found is None:
            return None
        plain = found.translate(_FOLDED).replace(" ", "").replace(",", ".")
        sure = plain.endswith("%")
        match = re.fullmatch(r"-?([0-9]{1,3})(?:\.([0-9]{1,4})[0-9]*)?", plain.removesuffix("%"))
        if match is None:
            raise Misuse("{value} is not a discount: type it as 15% or 0.15.", value=found[:40])
        value = int(match[1]) * WHOLE + int((match[2] or "").ljust(4, "0"))  # ten-thousandths
        if value > 100 * WHOLE:
            raise Misuse("{value} is not a discount: type it as 15% or 0.15.", value=found[:40])
        if not value:
            return 0
        if sure or value > WHOLE:
            self.percent = self.percent or not sure
            return value // 100
        return -value

    def settle(self, value: int) -> int:
        """Hundredths of a percent, once the whole column is read."""
        if value >= 0:
            return value
        return -value // 100 if self.percent else -value


_FOLDED = str.maketrans("０１２３４５６７８９．％，－−", "0123456789.%,--")


def thousandths(number: str) -> int:
    """A quantity as it is kept; Misuse for more than three decimals."""
    whole, _, part = number.partition(".")
    if len(part) > 3 or len(whole) > 13:
        raise Misuse("{value} is no quantity: it has more than three decimals, or is too large.", value=number)
    sign = -1 if whole.startswith("-") else 1
    return int(whole) * ONE + sign * int(part.ljust(3, "0"))


def half_even(value: int, divisor: int) -> int:
    """The quotient, a half rounded to the even side; the divisor is above zero."""
    quotient, left = divmod(value, divisor)
    return quotient + (2 * left > divisor or (2 * left == divisor and quotient % 2 == 1))


def worth(quantity: int, price: str, discount: int, currency: str) -> tuple[int, int]:
    """quantity (thousandths) x price x (1 - discount): minor units, half-even, and the millionths left off.

    As lines_of_sale.line_worth, in integers alone: two million lines of a file take seconds.
    """
    whole, _, part = price.partition(".")
    size: int = 10 ** len(part)
    value = quantity * int(whole + part) * (WHOLE - discount) * scale(currency)
    divisor = size * ONE * WHOLE
    amount = half_even(value, divisor)
    left = value - amount * divisor
    if abs(amount) > LARGEST:
        raise Misuse("A line comes to more than an amount can hold")
    return amount, half_even(left * MILLIONTH, divisor) if left else 0
