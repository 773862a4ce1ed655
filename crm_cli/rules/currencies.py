"""The currencies of ISO 4217 that are in use, their minor digits, and the signs and names that people type for them."""

from crm_cli.errors import Misuse
from crm_cli.rules.typed import nearest

_IN_USE = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
    CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
    GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT
    LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR
    NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP
    STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD
    XCG XOF XPF YER ZAR ZMW ZWG
"""
_CODES = frozenset(_IN_USE.split())
_WITHOUT_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
ZERO_DIGITS = frozenset(_WITHOUT_DECIMALS.split())
THREE_DIGITS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
_COMMON = ("AUD", "CAD", "CHF", "CNY", "EUR", "GBP", "HKD", "INR", "JPY", "SEK", "SGD", "USD")
_DOLLARS = "USD AUD CAD NZD SGD HKD TWD MXN CLP COP ARS BBD BMD BND BSD BZD FJD GYD JMD KYD LRD NAD SBD SRD TTD XCD"
# What people type -> the currencies it can stand for: the default currency when it is among them, else the first.
_SIGNS = {
    "$": _DOLLARS, "us$": "USD", "a$": "AUD", "c$": "CAD", "ca$": "CAD", "hk$": "HKD", "nt$": "TWD", "nz$": "NZD",
    "s$": "SGD", "mx$": "MXN", "r$": "BRL", "€": "EUR", "£": "GBP", "¥": "CNY JPY", "₹": "INR", "₩": "KRW",
    "₽": "RUB", "₺": "TRY", "₴": "UAH", "₫": "VND", "₪": "ILS", "₦": "NGN", "฿": "THB", "₱": "PHP", "₸": "KZT",
    "₾": "GEL", "₼": "AZN", "₲": "PYG", "₡": "CRC", "₵": "GHS", "₮": "MNT", "₭": "LAK", "zł": "PLN", "kč": "CZK",
    "rmb": "CNY", "cnh": "CNY", "元": "CNY JPY TWD HKD SGD MOP", "圆": "CNY JPY", "块": "CNY", "块钱": "CNY",
    "人民币": "CNY", "元人民币": "CNY", "美元": "USD", "美金": "USD", "欧元": "EUR", "英镑": "GBP", "日元": "JPY",
    "円": "JPY", "港币": "HKD", "港元": "HKD", "台币": "TWD", "新台币": "TWD", "澳元": "AUD", "加元": "CAD",
    "新加坡元": "SGD", "新币": "SGD", "韩元": "KRW", "瑞士法郎": "CHF", "瑞郎": "CHF", "卢布": "RUB",
}  # fmt: skip
_SEVERAL = {"kr": "SEK, NOK, DKK, ISK", "kr.": "DKK, SEK, NOK, ISK", "₨": "INR, PKR, LKR, NPR", "rs": "INR, PKR, LKR"}


# of the countries whose salespeople are likeliest to type an amount without one
_OF_COUNTRY = {
    **dict.fromkeys("AT BE DE ES FI FR GR IE IT LU NL PT SI SK EE LV LT HR MT CY".split(), "EUR"),
    "CH": "CHF", "GB": "GBP", "US": "USD", "CA": "CAD", "AU": "AUD", "CN": "CNY", "HK": "HKD", "JP": "JPY", "IN": "INR",
    "SG": "SGD", "SE": "SEK", "NO": "NOK", "DK": "DKK", "PL": "PLN", "CZ": "CZK", "TW": "TWD", "BR": "BRL", "MX": "MXN",
}  # fmt: skip


def usual_currencies() -> tuple[str, ...]:
    """The ones that are asked for most, for completion."""
    return _COMMON


def currency_of(country: str | None) -> str:
    """What a country (DE) pays in, "" where that is not known."""
    return _OF_COUNTRY.get((country or "").strip().upper(), "")


def is_currency(code: str) -> bool:
    """Whether this is an ISO 4217 code in use, in capitals."""
    return code in _CODES


def minor_digits(currency: str) -> int:
    """How many decimals an amount of the currency has: EUR 2, JPY 0, KWD 3. Misuse for an unknown code."""
    if currency not in _CODES:
        raise _unknown(currency)
    return 0 if currency in ZERO_DIGITS else 3 if currency in THREE_DIGITS else 2


def scale(currency: str) -> int:
    """Minor units in one unit of the currency: EUR 100, JPY 1. Misuse for an unknown code."""
    return (1, 10, 100, 1000)[minor_digits(currency)]


def parse_currency(text: str, *, default: str | None = None) -> str:
    """The code of `eur`, `€`, `RMB`, 美元; Misuse for what is unknown or stands for several."""
    code = find_currency(text.strip(), default)
    if code is None:
        raise _unknown(text.strip())
    return code


def find_currency(word: str, default: str | None = None) -> str | None:
    """The code that a word or sign stands for, None when it is unknown; Misuse when it stands for several."""
    upper = word.upper()
    if upper in _CODES:
        return upper
    low = word.lower()
    if low in _SEVERAL:
        raise Misuse(
            '"{value}" stands for several currencies. Type the code of one: {codes}.',
            value=word,
            codes=_SEVERAL[low],
        )
    codes = _SIGNS.get(low, "").split()
    if not codes:
        return None
    return default if default in codes else codes[0]


def _unknown(word: str) -> Misuse:
    """The error for a code that is none, with the nearest one."""
    shown = word if len(word) <= 24 else word[:24] + "..."
    known = (_COMMON, sorted(_CODES)) if len(word) <= 8 else ()
    meant = next((code for codes in known if (code := nearest(word.upper(), codes, 0.6))), "")
    if meant:
        instead = (word, meant)
        return Misuse('"{value}" is not a currency. Did you mean {meant}?', instead=instead, value=shown, meant=meant)
    return Misuse('"{value}" is not a currency. Type its code of three letters, such as EUR or CNY.', value=shown)
