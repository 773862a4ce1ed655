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


def nearest(word: str, known: Iterable[str], cutoff: float = 0.7) -> str:
    """The known word most like this one, or an empty string."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, known, n=1, cutoff=cutoff)), "")
