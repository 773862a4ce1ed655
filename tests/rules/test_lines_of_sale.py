"""Lines of a sale: what can be typed, what it comes to, exactly; and amounts split without a cent lost."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.errors import Misuse
from crm_cli.rules.lines_of_sale import (
    Worth,
    cost_of,
    in_units,
    kept_price,
    line_worth,
    parse_line,
    percent_hundredths,
    quantity_number,
    shown_line,
    split,
    summed,
)


@pytest.mark.parametrize(
    ("text", "code", "quantity", "price", "currency", "discount"),
    [
        ("CRM-10", "CRM-10", 1000, None, None, 0),
        ("CRM:3", "CRM", 3000, None, None, 0),
        ("CRM:1.5@99.50", "CRM", 1500, "99.50", None, 0),
        ("CRM:3@€99.50-10%", "CRM", 3000, "99.50", "EUR", 1000),
        ("CRM:3@99,5EUR-12,5%", "CRM", 3000, "99.5", "EUR", 1250),
        ("A:B:-2", "A:B", -2000, None, None, 0),
        ("企业版：2＠1.2万－５％", "企业版", 2000, "12000", None, 500),
        ("CRM:-2-10%", "CRM", -2000, None, None, 1000),
        ("CRM:3@0.0125", "CRM", 3000, "0.0125", None, 0),
    ],
)
def test_a_line_is_taken_apart(
    text: str, code: str, quantity: int, price: str | None, currency: str | None, discount: int
) -> None:
    found = parse_line(text)
    assert (found.code, found.quantity, found.currency, found.discount) == (code, quantity, currency, discount)
    assert found.price == (None if price is None else Decimal(price))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no line"), (":3", "no line"), ("CRM-10%", "no line"), ("CRM:@4", "how many"), ("CRM:0", "zero"),
        ("CRM:3@", "no price"), ("CRM:3@-4", "below zero"), ("CRM:3-101%", "0 to 100"), ("CRM:3EUR", "quantity"),
        ("CRM:x", "CRM:x"), ("CRM:1.0001@3", "three decimals"), ("CRM:1,125", "could be"), ("A:9e9", "A:9e9"),
        ("CRM:99999999999999999", "too large"), ("x" * 700 + ":1", "no line"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_line_is_said(text: str, says: str) -> None:
    with pytest.raises(Misuse) as error:
        parse_line(text)
    assert says in error.value.message()


def test_the_mark_of_the_setting_decides_three_digits() -> None:
    assert parse_line("CRM:1,125", decimal=",").quantity == 1125
    assert parse_line("CRM:1,125", decimal=".").quantity == 1_125_000


def test_an_amount_is_rounded_once_to_the_even_side_and_the_rest_kept() -> None:
    assert line_worth(1000, Decimal("0.125"), 0, "EUR") == Worth(12, 500_000)
    assert line_worth(1000, Decimal("0.135"), 0, "EUR") == Worth(14, -500_000)
    assert line_worth(-3000, Decimal("99.995"), 1000, "EUR") == Worth(-26999, 350_000)
    assert line_worth(1500, Decimal("100"), 0, "JPY") == Worth(150, 0)
    with pytest.raises(Misuse):
        line_worth(10**15, Decimal("9" * 13), 0, "EUR")


@given(st.integers(-(10**9), 10**9), st.decimals(0, 10**6, places=4), st.integers(0, 10_000))
def test_amount_and_rest_make_the_exact_product(quantity: int, price: Decimal, discount: int) -> None:
    amount, rest = line_worth(quantity, price, discount, "EUR")
    exact = Decimal(quantity) * price * (10_000 - discount) * 100 / Decimal(10**7)
    assert abs(Decimal(amount) + Decimal(rest) / 10**6 - exact) <= Decimal("0.0000005")
    assert abs(rest) <= 500_000


@given(st.integers(-(10**15), 10**15), st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=8))
def test_a_split_amount_is_whole_again(amount: int, parts: list[int]) -> None:
    assert sum(split(amount, parts)) == amount


def test_lines_add_up_as_they_are_shown() -> None:
    assert summed([Worth(100, 400_000), Worth(100, 400_000)]) == Worth(200, 800_000)


def test_prices_and_quantities_come_back_as_typed() -> None:
    assert [kept_price(Decimal(text)) for text in ("99.50", "1E+3", "0.0100", "100")] == ["99.5", "1000", "0.01", "100"]
    assert (in_units(9950, "EUR"), in_units(100, "JPY"), in_units(1, "KWD")) == (
        Decimal("99.50"), Decimal(100), Decimal("0.001"),
    )  # fmt: skip
    assert shown_line("CRM", -1500, "99.5", 1250) == "CRM:-1.5@99.5-12.5%"
    assert (quantity_number(2000), quantity_number(-1500)) == (2, -1.5)
    assert cost_of(2500, 3) == 8
    assert percent_hundredths("12.5") == 1250
