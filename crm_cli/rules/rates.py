"""Rates of exchange: what one unit of a currency is worth in another, typed, turned over and applied; never a float."""

from crm_cli.errors import Misuse
from crm_cli.rules.money import LARGEST, scale
from crm_cli.rules.typed import fold

OLD_DAYS = 31  # a rate that is older than this is said to be old
MOST_DIGITS = 18  # of a rate that is typed
_FAR = 10**12  # no two currencies are further apart
Ratio = tuple[int, int]


def parse_rate(text: str, *, decimal: str = "") -> str:
    """A rate as it is kept: plain digits with a point, `0.92`. Misuse for what is none, or has two readings."""
    typed = fold(text).replace(" ", "")
    whole, point, part = typed.replace(",", ".").partition(".")
    if not (_is_digits(whole) and (_is_digits(part) or not point)) or len(typed) > 2 * MOST_DIGITS:
        raise Misuse('"{value}" is no rate. Type a number such as 0.92 or 7.1234.', value=text.strip()[:40])
    if len(part) == 3 and len(whole) < 4 and not whole.startswith("0") and "," in typed and decimal != ",":
        one, other = f"{whole}.{part}", f"{whole}{part}"
        raise Misuse(
            '"{value}" could be {one} or {other}. Type one of them.',
            instead=(text.strip(), one, other),
            value=typed,
            one=one,
            other=other,
        )
    return kept_rate(whole, part, typed)


def kept_rate(whole: str, part: str, typed: str) -> str:
    """The digits before and behind the point in the form that is kept; Misuse for what no currency is worth."""
    digits, size = int(whole + part), 10 ** len(part)
    if len(str(digits)) > MOST_DIGITS:
        raise Misuse('"{value}" has more than {most} digits', value=typed, most=MOST_DIGITS)
    if digits * _FAR < size or digits > _FAR * size:
        raise Misuse("A rate of {value} cannot be: no two currencies are so far apart", value=typed)
    behind = part.rstrip("0")
    return f"{int(whole)}.{behind}" if behind else str(int(whole))


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def ratio(rate: str, currency: str, base: str) -> Ratio:
    """What minor units of the currency are multiplied with and divided by, to give minor units of the base."""
    whole, _, part = rate.partition(".")
    return int(whole + part) * scale(base), 10 ** len(part) * scale(currency)


def converted(amount: int, by: Ratio) -> int:
    """The amount in minor units of the base, a half rounded to the even side; Misuse beyond what can be kept."""
    times, divisor = by
    quotient, rest = divmod(amount * times, divisor)
    quotient += 2 * rest > divisor or (2 * rest == divisor and quotient % 2 == 1)
    if abs(quotient) > LARGEST:
        raise Misuse("An amount of {amount} minor units becomes too large in the base currency", amount=amount)
    return quotient


def spell_worth(currency: str, rate: str, base: str) -> str:
    """`1 USD = 0.92 EUR`."""
    return f"1 {currency} = {rate} {base}"
