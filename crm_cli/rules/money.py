"""Money: amounts as people type them, exact, in integer minor units beside a currency; a strict grammar of our own."""

import re
from typing import TYPE_CHECKING, NamedTuple

from crm_cli.errors import Misuse
from crm_cli.rules.currencies import (
    THREE_DIGITS,
    ZERO_DIGITS,
    find_currency,
    is_currency,
    minor_digits,
    parse_currency,
    scale,
)
from crm_cli.rules.typed import fold, spelled_amount

if TYPE_CHECKING:
    from decimal import Decimal

__all__ = [
    "LARGEST",
    "THREE_DIGITS",
    "ZERO_DIGITS",
    "Money",
    "amount_number",
    "format_money",
    "is_currency",
    "minor_digits",
    "parse_currency",
    "parse_exact",
    "parse_money",
    "plain_amount",
    "scale",
    "short_money",
    "weighted",
]

LARGEST = 9 * 10**15
_TIMES = {
    "万亿": 10**12, "百万": 10**6, "千万": 10**7, "亿": 10**8, "万": 10**4, "千": 10**3, "w": 10**4,
    "bn": 10**9, "mn": 10**6, "k": 10**3, "m": 10**6, "b": 10**9,
}  # fmt: skip
_SET_DECIMAL = "`crm config set decimal .` or `crm config set decimal ,` says once which mark is the decimal one."
_ASCII_DIGITS = "0123456789"
_FINEST = "KWD"  # of a price the last decimals count too: `1.125` is read as in the currencies that have three
_SMALL = ((10**9, "bn"), (10**6, "m"), (10**3, "k"))


class Money(NamedTuple):
    """An amount in minor units, and its currency when one is known."""

    amount: int
    currency: str | None


class _Typed(NamedTuple):
    """An amount taken apart, nothing read yet."""

    text: str
    minus: bool
    digits: str
    times: int
    currency: str | None


def parse_money(
    text: str, *, currency: str | None = None, decimal: str | None = None, allow_negative: bool = False
) -> Money:
    """The amount in minor units; a currency that was typed wins over the argument.

    `decimal` says which mark is the decimal one, where a single mark before three digits has two readings. Without
    any currency two minor digits are taken: parse again once the currency is known. Misuse for all else.
    """
    default = parse_currency(currency) if currency else None
    typed = _take_apart(_folded(text), default)
    code = typed.currency or default
    whole, part = _read_number(typed, decimal, code)
    amount = _minor_units(typed, whole, part, code)
    if typed.minus and not allow_negative:
        raise Misuse(
            '"{value}" is below zero. Type the amount without the minus sign.',
            instead=(typed.text, typed.text.replace("-", "", 1)),
            value=typed.text,
        )
    return Money(-amount if typed.minus else amount, code)


def parse_exact(text: str, *, currency: str | None = None, decimal: str | None = None) -> "tuple[Decimal, str | None]":
    """A number in units with its sign and all its decimals, and the currency beside it: a price, a quantity.

    It is read by the grammar of parse_money; Misuse for what that refuses, but for many decimals.
    """
    from decimal import Decimal

    default = parse_currency(currency) if currency else None
    typed = _take_apart(_folded(text), default)
    whole, part = _read_number(typed, decimal, _FINEST)
    number = Decimal(f"{'-' if typed.minus else ''}{whole}{part or ''}E-{len(part)}") * typed.times
    return number, typed.currency or default


def _folded(text: str) -> str:
    """The text in its plain form, Chinese numerals as digits."""
    plain = fold(text)
    return plain if plain.isascii() else spelled_amount(plain)


def _take_apart(text: str, default: str | None) -> _Typed:
    """Sign and currency before the first digit; multiplier and currency behind the last."""
    places = [n for n, sign in enumerate(text) if sign in _ASCII_DIGITS]
    if not places:
        raise _not_an_amount(text)
    before, digits, behind = text[: places[0]], text[places[0] : places[-1] + 1], text[places[-1] + 1 :]
    if not re.fullmatch(r"[0-9][0-9., ']*", digits):
        raise _not_an_amount(text)
    minus = before.count("-") == 1 and (before.startswith("-") or before.rstrip().endswith("-"))
    first = before.replace("-", "", int(minus)).strip()
    times, last = _behind(behind.strip(), text, default)
    one = _currency(first, text, default) if first else None
    if one and last and one != last:
        raise Misuse(
            '"{value}" has two currencies, {one} and {other}. Type one of them.',
            value=text,
            one=one,
            other=last,
        )
    return _Typed(text, minus, digits, times, one or last)


def _behind(word: str, text: str, default: str | None) -> tuple[int, str | None]:
    """Multiplier and currency of what stands behind the digits: `k`, `kEUR`, `EUR`, 万元."""
    if not word:
        return 1, None
    low = word.lower()
    if low in _TIMES:
        return _TIMES[low], None
    code = find_currency(word, default)
    if code:
        return 1, code
    for name, times in _TIMES.items():
        code = find_currency(word[len(name) :].strip(), default) if low.startswith(name) else None
        if code:
            return times, code
    return 1, _currency(word, text, default)


def _currency(word: str, text: str, default: str | None) -> str:
    """The code of a word beside an amount; three letters are an unknown code, anything else is no amount."""
    code = find_currency(word, default)
    if code:
        return code
    if re.fullmatch("[A-Za-z]{3}", word):
        parse_currency(word)
    raise _not_an_amount(text)


def _read_number(typed: _Typed, decimal: str | None, code: str | None) -> tuple[str, str]:
    """Digits before and behind the decimal mark, thousands marks checked and gone."""
    digits = typed.digits
    marks = [sign for sign in digits if sign in ".,"]
    spaced = " " in digits or "'" in digits
    if not marks:
        return _grouped(digits, typed), ""
    mark = marks[-1]
    if marks.count(mark) > 1:
        return _grouped(digits, typed), ""
    whole, _, part = digits.rpartition(mark)
    if not part.isdigit() or (spaced and len(marks) > 1):
        raise _not_an_amount(typed.text)
    if len(marks) > 1 or spaced:
        return _grouped(whole, typed), part
    if len(part) != 3 or len(whole) > 3 or whole.startswith("0"):
        return whole, part
    if decimal is None:
        raise _two_readings(typed, whole, part, code)
    return (whole, part) if mark == decimal else (whole + part, "")


def _grouped(digits: str, typed: _Typed) -> str:
    """The digits of 1,234,567 or 12,34,567 with one kind of mark between; Misuse when the groups are wrong."""
    marks = set(digits) - set(_ASCII_DIGITS)
    if not marks:
        return digits
    mark = re.escape(marks.pop())
    if marks:
        raise _not_an_amount(typed.text)
    if not re.fullmatch(f"[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+|[0-9]{{1,2}}(?:{mark}[0-9]{{2}})+{mark}[0-9]{{3}}", digits):
        plain = "".join(sign for sign in digits if sign in _ASCII_DIGITS)
        raise Misuse(
            'In "{value}" the thousands are not in groups of three digits. Type {plain} if that is meant.',
            instead=(digits, plain),
            value=typed.text,
            plain=plain,
        )
    return "".join(sign for sign in digits if sign in _ASCII_DIGITS)


def _two_readings(typed: _Typed, whole: str, part: str, code: str | None) -> Misuse:
    """`12,000`: twelve thousand or twelve; what it says to type has one reading."""
    digits = minor_digits(code) if code else 2
    large = _plain(int(whole + part) * typed.times, 0)
    value, places = int(whole + part) * typed.times, 3
    while places > digits and value % 10 == 0:
        value, places = value // 10, places - 1
    if places > digits:
        rounded = _plain(_half_even(value, 10 ** (places - digits)), digits)
        return Misuse(
            '"{value}" could be {large}, or {small} with too many decimals. Type {large} or {rounded}.',
            hint=_SET_DECIMAL,
            instead=(_number_of(typed), large, rounded),
            value=typed.text,
            large=large,
            small=_plain(value, places),
            rounded=rounded,
        )
    small = _plain(value, places) + ("0" if places == 3 else "")
    return Misuse(
        '"{value}" could be {large} or {small}. Type one of them.',
        hint=_SET_DECIMAL,
        instead=(_number_of(typed), large, small),
        value=typed.text,
        large=large,
        small=small,
    )


def _number_of(typed: _Typed) -> str:
    """The digits with what multiplies them, as typed: the part of an amount that a plain number stands for."""
    return next(
        (f"{typed.digits}{gap}{name}" for name, times in _TIMES.items() if times == typed.times for gap in ("", " ")
         if f"{typed.digits}{gap}{name}" in typed.text.lower()),
        typed.digits,
    )  # fmt: skip


def _minor_units(typed: _Typed, whole: str, part: str, code: str | None) -> int:
    """The exact amount in minor units; Misuse for more decimals than there are, and beyond the range."""
    digits = minor_digits(code) if code else 2
    size = scale(code) if code else 100
    parts: int = 10 ** len(part)
    amount, rest = divmod(int(whole + part) * typed.times * size, parts)
    if rest:
        raise _too_fine(typed, amount, digits, code)
    if amount > LARGEST:
        raise Misuse(
            '"{value}" is too large. Type an amount of at most {largest}.',
            value=typed.text,
            largest=_plain(LARGEST, digits),
        )
    return amount


def _too_fine(typed: _Typed, amount: int, digits: int, code: str | None) -> Misuse:
    """The error for more decimals than the currency has, with both neighbours."""
    sign = "-" if typed.minus else ""
    low, high = sign + _plain(amount, digits), sign + _plain(amount + 1, digits)
    if code is None:
        return Misuse(
            '"{value}" has more than two decimals. Type {low} or {high}.',
            value=typed.text,
            low=low,
            high=high,
        )
    return Misuse(
        '"{value}" has more decimals than {currency} allows ({digits}). Type {low} or {high}.',
        value=typed.text,
        currency=code,
        digits=digits,
        low=low,
        high=high,
    )


def _not_an_amount(text: str) -> Misuse:
    """The error for what is no amount at all."""
    return Misuse(
        '"{value}" is not an amount. Type one such as 12000, 12k, 1.5m, EUR 12,000.00 or 1.2万.',
        value=text,
    )


def _plain(amount: int, digits: int) -> str:
    """Minor units with so many digits behind the point: 4800050, 2 -> 48000.50."""
    if not digits:
        return str(amount)
    sign = "-" if amount < 0 else ""
    whole, part = divmod(abs(amount), 10**digits)
    return f"{sign}{whole}.{part:0{digits}}"


def plain_amount(amount: int, currency: str) -> str:
    """For CSV: `48000`, or `48000.50` when there is a fraction; always a point, never a thousands mark."""
    whole, rest = divmod(abs(amount), scale(currency))
    return _plain(amount, minor_digits(currency)) if rest else f"{'-' if amount < 0 else ''}{whole}"


def format_money(amount: int, currency: str) -> str:
    """For people: `EUR 48,000`, `EUR 48,000.50`, `EUR -1,200`; decimals only where there is a fraction."""
    whole, point, part = plain_amount(abs(amount), currency).partition(".")
    return f"{currency} {'-' if amount < 0 else ''}{int(whole):,}{point}{part}"


class Exact(str):
    """A plain decimal number as text, where a float would lose digits; JSON carries it as a bare number."""

    __slots__ = ()


def amount_number(amount: int, currency: str) -> int | float | Exact:
    """For JSON, in the units of the currency: an int when it is whole, a float where that is exact, else its digits."""
    size = scale(currency)
    whole, rest = divmod(amount, size)
    if not rest:
        return whole
    return amount / size if abs(amount) < 10**15 else Exact(plain_amount(amount, currency))


def format_number(number: int | float | str, currency: str) -> str:
    """For people, of a published amount: `EUR 48,000`, `EUR 48,000.50`; without a currency just the number."""
    if isinstance(number, str):
        whole, point, part = number.partition(".")
        digits = f"{int(whole):,}{point}{part}"
    elif isinstance(number, int) or number == int(number):
        digits = f"{int(number):,}"
    else:
        digits = f"{number:,.{minor_digits(currency) if currency else 2}f}"
    return f"{currency} {digits}" if currency else digits


def short_money(amount: int, currency: str) -> str:
    """For narrow screens: `EUR 48k`, `EUR 1.2m`, rounded half-even to one decimal; below 1,000 as format_money."""
    size = scale(currency)
    for times, name in _SMALL:
        # 999,950 is 1m, since 1000k is what it would round to.
        least = 100_000 if name == "k" else 99_995
        if abs(amount) * 100_000 >= least * times * size:
            whole, tenth = divmod(_half_even(abs(amount) * 10, times * size), 10)
            return f"{currency} {'-' if amount < 0 else ''}{whole}{f'.{tenth}' if tenth else ''}{name}"
    return format_money(amount, currency)


def weighted(amount: int, probability: int | None) -> int:
    """The amount times a probability in percent, half-even in minor units; an unknown probability weighs nothing."""
    return _half_even(amount * probability, 100) if probability else 0


def _half_even(value: int, divisor: int) -> int:
    """The quotient, a half rounded to the even side; the divisor is positive."""
    quotient, rest = divmod(value, divisor)
    return quotient + (2 * rest > divisor or (2 * rest == divisor and quotient % 2 == 1))
