"""What every typed date, span or amount passes first: a bound on its length, full-width forms, Chinese numerals."""

from collections.abc import Iterable

from crm_cli.errors import Misuse

LONGEST = 64
_FOLDS = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_FOLDS |= dict.fromkeys((0x09, 0xA0, 0x2007, 0x2009, 0x200A, 0x202F, 0x3000), 0x20)
_FOLDS |= {0x2212: 0x2D, 0x2019: 0x27, 0xFFE1: 0xA3, 0xFFE5: 0xA5, 0xFFE6: 0x20A9, 0x3002: 0x2E}
# The traditional forms of the few words that the grammar knows.
_SIMPLER = str.maketrans("週點後號個兩禮鐘時這間萬億圓幣歐國內", "周点后号个两礼钟时这间万亿圆币欧国内")
_DIGITS = {sign: n for n, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
NUMERAL = "(?:[0-9]+|[一二两三四五六七八九]?十[一二三四五六七八九]?|[零〇一二两三四五六七八九])"


def fold(text: str) -> str:
    """The text stripped, its full-width forms as ASCII, single spaces; Misuse beyond 64 characters.

    It is the part of NFKC that keyboards produce. The whole of NFKC would read `12²` as 122.
    """
    bare = text.strip()
    if len(bare) > LONGEST:
        raise Misuse(
            '"{value}" is too long for a date, a duration or an amount. Type at most {longest} characters.',
            value=bare[:24] + "...",
            longest=LONGEST,
        )
    if not bare.isascii():
        bare = bare.translate(_FOLDS).translate(_SIMPLER)
    return " ".join(bare.split(" ")) if "  " not in bare else " ".join(bare.split())


def number(numeral: str) -> int:
    """The value of a NUMERAL: ASCII digits, or Chinese ones from 零 to 九十九."""
    if numeral.isascii():
        return int(numeral)
    tens, ten, ones = numeral.rpartition("十")
    if not ten:
        return _DIGITS[numeral]
    return 10 * (_DIGITS[tens] if tens else 1) + (_DIGITS[ones] if ones else 0)


_PLACES = {"十": 10, "百": 100, "千": 1000}
_SECTIONS = (("亿", 10**8), ("万", 10**4))
_SPELLED = "[零〇一二两三四五六七八九十百千万亿]+"


def spelled_amount(text: str) -> str:
    """The text with an amount in Chinese numerals as digits: 五万元 is 50000元, 三万五 and 3万5千 are 35000."""
    import re

    found = re.search(_SPELLED, text)
    if found and not re.search("[0-9]", text):
        value = _spelled(found[0])
        return text if value is None else text[: found.start()] + str(value) + text[found.end() :]
    mixed = re.search("([0-9]{1,5})万([0-9])千?(?![0-9.,])", text)
    if not mixed:
        return text
    return text[: mixed.start()] + str(int(mixed[1]) * 10_000 + int(mixed[2]) * 1000) + text[mixed.end() :]


def _spelled(numerals: str) -> int | None:
    """一百二十万 -> 1200000, 三万五 -> 35000, 一万零五 -> 10005; None for what is no number."""
    for sign, size in _SECTIONS:
        before, section, behind = numerals.rpartition(sign)
        if section:
            head = _spelled(before)
            tail = _tail(behind, size)
            return None if not head or tail is None or tail >= size else head * size + tail
    return _below_ten_thousand(numerals)


def _tail(behind: str, size: int) -> int | None:
    """What stands behind 万 or 亿: nothing, a number, or one numeral that counts tenths, as in 三万五."""
    if not behind:
        return 0
    if len(behind) == 1 and _DIGITS.get(behind):
        return _DIGITS[behind] * size // 10
    return _spelled(behind)


def _below_ten_thousand(numerals: str) -> int | None:
    total, digit, last, gap = 0, None, 10_000, False
    for place, sign in enumerate(numerals):
        if sign in "零〇":
            if digit is not None or gap:
                return None
            gap = True
        elif sign in _DIGITS:
            if digit is not None:
                return None
            digit = _DIGITS[sign]
        else:
            size = _PLACES[sign]
            if size >= last or (digit is None and (sign != "十" or place)):
                return None
            total, digit, last, gap = total + (1 if digit is None else digit) * size, None, size, False
    if digit is None:
        return total if total and not gap else None
    return total + digit * (last // 10 if 10 < last < 10_000 and not gap else 1)


def nearest(word: str, known: Iterable[str], cutoff: float = 0.7) -> str:
    """The known word most like this one, or an empty string."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, known, n=1, cutoff=cutoff)), "")


def spelled_out(text: str) -> str | None:
    """`1k`, `1.5k`, 2万 and -5 as the digits of a count; None for what is none."""
    from crm_cli.rules.money import parse_money

    try:
        found = parse_money(text.strip().removeprefix("-"))
    except Misuse:
        return None
    return str(found.amount // 100) if found.currency is None and found.amount % 100 == 0 else None
