"""Amounts as people type them, and as the program writes them."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.errors import Misuse
from crm_cli.rules import money
from crm_cli.rules.currencies import _CODES
from crm_cli.rules.money import Money, parse_money


@pytest.mark.parametrize(
    "text, amount, currency",
    [
        ("12000", 1200000, None), ("12k", 1200000, None), ("12K", 1200000, None), ("1.5m", 150000000, None),
        ("2bn", 200000000000, None), ("€12k", 1200000, "EUR"), ("12kEUR", 1200000, "EUR"), ("12k eur", 1200000, "EUR"),
        ("EUR 12,000.00", 1200000, "EUR"), ("12.000,00 EUR", 1200000, "EUR"), ("1'000", 100000, None),
        ("1 000,50", 100050, None), ("1\u202f000,50 €", 100050, "EUR"), ("1.2万", 1200000, None), ("3亿", 30000000000, None),
        ("12万元", 12000000, "CNY"), ("3百万", 300000000, None), ("5000块", 500000, "CNY"), ("100美元", 10000, "USD"),
        ("1,234,567", 123456700, None), ("1.234.567", 123456700, None), ("1.234.567,8", 123456780, None),
        ("12,34,567.00", 123456700, None), ("12.34", 1234, None), ("12,5", 1250, None), ("12.50000", 1250, None),
        ("1234,56", 123456, None), ("0.12", 12, None), ("0", 0, None), ("￥５００", 50000, "CNY"), ("$5", 500, "USD"),
        ("US$5", 500, "USD"), ("£5", 500, "GBP"), ("RMB 5", 500, "CNY"), ("5 zł", 500, "PLN"), ("€5 EUR", 500, "EUR"),
        ("12mxn", 1200, "MXN"), ("5bnd", 500, "BND"), ("5mdl", 500, "MDL"), ("12k KWD", 12000000, "KWD"),
        ("1.2345 KWD", None, None), ("100 JPY", 100, "JPY"), ("1.23456万", 1234560, None),
        ("90000000000000", 9 * 10**15, None),
    ],
)  # fmt: skip
def test_amounts_are_read(text: str, amount: int | None, currency: str | None) -> None:
    if amount is None:
        with pytest.raises(Misuse, match="more decimals"):
            parse_money(text)
    else:
        assert parse_money(text) == Money(amount, currency)


NO_AMOUNTS = """NaN|inf|1_000|١٢|1e5|9e15|12²|1.|.5|5 apples|--5|+5|12-|(5)|1,2,3|12,34,56|1 2|12,000.5.5|1,000'000|12,000 000|12 EUX
    |12 eur usd|EUR|EUR 5 USD|kr 5|5 kr|-5|-€5|€-5|90000000000001|0x10|1/2|５％|12k万|12 k k|€ € 5|100.5 JPY|0.125|1234,567
    |99999999999999999999999999999999bn|"""


@pytest.mark.parametrize("text", [text.strip() for text in NO_AMOUNTS.split("|")])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Misuse) as refused:
        parse_money(text)
    assert refused.value.message()


@pytest.mark.parametrize(
    "text, readings",
    [
        ("12,000", ["12000", "12.00"]),
        ("12.000", ["12000", "12.00"]),
        ("€12,500", ["12500", "12.50"]),
        ("1.234k", ["1234000", "1234.00"]),
        ("12.345 EUR", ["12345", "12.34"]),
        ("12,000 JPY", ["12000", "12"]),
        ("12.345 KWD", ["12345", "12.3450"]),
    ],
)
def test_one_mark_before_three_digits_has_two_readings(text: str, readings: list[str]) -> None:
    with pytest.raises(Misuse) as refused:
        parse_money(text)
    words = refused.value.message().replace(",", " ").replace(". ", " ").rstrip(".").split()
    assert [reading for reading in readings if reading not in words] == []
    for reading in readings:
        parse_money(reading, currency="KWD" if "KWD" in text else "EUR")


def test_the_decimal_mark_settles_it() -> None:
    assert parse_money("12,000", decimal=".").amount == 1200000
    assert parse_money("12,000", decimal=",").amount == 1200
    assert parse_money("12.000", decimal=".").amount == 1200
    assert parse_money("12.000", decimal=",").amount == 1200000
    assert parse_money("EUR 12.000,50", decimal=".").amount == 1200050


def test_the_typed_currency_wins_over_the_argument() -> None:
    assert parse_money("5", currency="EUR") == Money(500, "EUR")
    assert parse_money("5", currency="eur") == Money(500, "EUR")
    assert parse_money("5 USD", currency="EUR") == Money(500, "USD")
    assert parse_money("¥5", currency="JPY") == Money(5, "JPY")
    assert parse_money("5元", currency="JPY") == Money(5, "JPY")
    assert parse_money("¥5", currency="EUR") == Money(500, "CNY")
    assert parse_money("$5", currency="CAD") == Money(500, "CAD")
    with pytest.raises(Misuse):
        parse_money("5", currency="XXQ")


def test_below_zero_only_where_it_is_allowed() -> None:
    for text in ("-5", "-€5", "€-5", "EUR -5"):
        assert parse_money(text, allow_negative=True).amount == -500
        with pytest.raises(Misuse, match="minus sign"):
            parse_money(text)


def test_an_unknown_code_names_the_nearest() -> None:
    with pytest.raises(Misuse, match="EUR"):
        parse_money("5 EUU")
    with pytest.raises(Misuse, match="SEK, NOK"):
        parse_money("5 kr")


def test_digits_of_a_currency() -> None:
    assert [money.minor_digits(code) for code in ("EUR", "JPY", "KWD")] == [2, 0, 3]
    assert [money.scale(code) for code in ("EUR", "JPY", "KWD")] == [100, 1, 1000]
    assert money.is_currency("EUR") and not money.is_currency("eur") and not money.is_currency("XYZ")
    assert money.parse_currency("€") == money.parse_currency("eur") == "EUR"
    assert len(_CODES) > 150 and all(len(code) == 3 for code in _CODES)
    with pytest.raises(Misuse):
        money.scale("XYZ")


@pytest.mark.parametrize(
    "amount, currency, shown, plain, number, short",
    [
        (4800000, "EUR", "EUR 48,000", "48000", 48000, "EUR 48k"),
        (4800050, "EUR", "EUR 48,000.50", "48000.50", 48000.5, "EUR 48k"),
        (-120000, "EUR", "EUR -1,200", "-1200", -1200, "EUR -1.2k"),
        (-5, "EUR", "EUR -0.05", "-0.05", -0.05, "EUR -0.05"),
        (96000, "EUR", "EUR 960", "960", 960, "EUR 960"),
        (99995000, "EUR", "EUR 999,950", "999950", 999950, "EUR 1m"),
        (96000000, "EUR", "EUR 960,000", "960000", 960000, "EUR 960k"),
        (4800, "JPY", "JPY 4,800", "4800", 4800, "JPY 4.8k"),
        (1250, "KWD", "KWD 1.250", "1.250", 1.25, "KWD 1.250"),
        (0, "EUR", "EUR 0", "0", 0, "EUR 0"),
    ],
)
def test_amounts_are_written(amount: int, currency: str, shown: str, plain: str, number: float, short: str) -> None:
    assert money.format_money(amount, currency) == shown
    assert money.plain_amount(amount, currency) == plain
    assert json.dumps(money.amount_number(amount, currency)) == json.dumps(number)
    assert money.short_money(amount, currency) == short


@pytest.mark.parametrize(
    "amount, probability, expected",
    [
        (1000, 10, 100),
        (50, 1, 0),
        (150, 1, 2),
        (250, 1, 2),
        (-150, 1, -2),
        (5, 50, 2),
        (15, 50, 8),
        (7, None, 0),
        (7, 0, 0),
        (7, 100, 7),
    ],
)
def test_weighted_is_half_even(amount: int, probability: int | None, expected: int) -> None:
    assert money.weighted(amount, probability) == expected


AMOUNTS = st.integers(-money.LARGEST, money.LARGEST)
CODES = st.sampled_from(sorted(_CODES))


@given(AMOUNTS, CODES)
def test_what_is_written_is_read_again(amount: int, code: str) -> None:
    shown = money.format_money(amount, code)
    assert parse_money(shown, decimal=".", allow_negative=True) == Money(amount, code)
    plain = money.plain_amount(amount, code)
    assert parse_money(plain, currency=code, decimal=".", allow_negative=True) == Money(amount, code)
    if money.minor_digits(code) != 3:
        assert parse_money(plain, currency=code, allow_negative=True) == Money(amount, code)


@given(st.integers(-(10**15) + 1, 10**15 - 1), CODES)
def test_a_json_number_is_exact(amount: int, code: str) -> None:
    written = json.dumps(money.amount_number(amount, code))
    assert Decimal(written) * money.scale(code) == amount


@given(AMOUNTS, st.integers(0, 100))
def test_weighted_agrees_with_decimal(amount: int, probability: int) -> None:
    exact = (Decimal(amount) * probability / 100).quantize(Decimal(1), "ROUND_HALF_EVEN")
    assert money.weighted(amount, probability) == exact


PIECES = "0 1 12 123 000 . , ' - + € $ ¥ kr EUR usd k m bn 万 亿 元 _ e ٣ ²"
TYPED = st.one_of(
    st.text(max_size=70),
    st.lists(st.sampled_from([*PIECES.split(), " "]), max_size=9).map("".join),
)


@given(TYPED, st.sampled_from([None, "EUR", "JPY", "KWD"]), st.sampled_from([None, ".", ","]), st.booleans())
def test_any_text_is_an_amount_or_a_misuse(
    text: str, currency: str | None, decimal: str | None, negative: bool
) -> None:
    try:
        found = parse_money(text, currency=currency, decimal=decimal, allow_negative=negative)
    except Misuse as error:
        assert error.message()
        error.advice()
        return
    assert abs(found.amount) <= money.LARGEST
    assert found.currency is None or money.is_currency(found.currency)


def test_reading_the_rules_loads_nothing_heavy() -> None:
    import subprocess
    import sys

    code = (
        "import sys, crm_cli.rules.dates, crm_cli.rules.money, crm_cli.rules.recurrence;"
        "print([m for m in ('dateutil', 'pydantic', 'rich', 'sqlmodel', 'decimal', 'calendar', 'dataclasses', 'difflib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
