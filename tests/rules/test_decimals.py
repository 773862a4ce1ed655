"""Numbers of whole columns: read exactly, undecided until the column says which mark is the decimal one."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.errors import Misuse
from crm_cli.rules.decimals import Decimals, Discounts, thousandths, worth
from crm_cli.rules.lines_of_sale import line_worth


@pytest.mark.parametrize(
    ("cell", "read"),
    [("14.00", "14"), ("-5", "-5"), ("1,234.50", "1234.5"), ("(50.00)", "-50"), ("1.5k", "1500"), ("", None)],
)
def test_a_cell_is_read_exactly(cell: str, read: str | None) -> None:
    found = Decimals(decimal="").parse(cell)
    assert (found and found[0]) == read


def test_three_digits_behind_a_mark_wait_for_the_column() -> None:
    column = Decimals(decimal="")
    pending = column.parse("1.234")
    assert pending is not None
    assert column.pending
    column.parse("2,5")
    assert column.settle(pending[0]) == ("1234", None)
    lone = Decimals(decimal="")
    undecided = lone.parse("1.234")
    assert undecided is not None
    with pytest.raises(Misuse):
        lone.settle(undecided[0])


def test_discounts_are_parts_of_one_unless_one_is_above_it() -> None:
    parts, percents = Discounts(), Discounts()
    half = parts.parse("0.5")
    assert half is not None
    assert parts.settle(half) == 5000
    again = percents.parse("0.5")
    assert percents.parse("20") == 2000
    assert again is not None
    assert percents.settle(again) == 50
    assert Discounts().parse("7.5 %") == 750
    with pytest.raises(Misuse):
        Discounts().parse("101")


def test_a_quantity_has_three_decimals_at_most() -> None:
    assert (thousandths("-0.5"), thousandths("2")) == (-500, 2000)
    with pytest.raises(Misuse):
        thousandths("1.2345")


@given(
    st.integers(-(10**9), 10**9).filter(bool),
    st.decimals(-(10**6), 10**6, places=4),
    st.integers(0, 10_000),
    st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_integers_come_to_the_same_as_decimals(quantity: int, price: Decimal, discount: int, code: str) -> None:
    assert worth(quantity, f"{price:f}", discount, code) == tuple(line_worth(quantity, price, discount, code))
