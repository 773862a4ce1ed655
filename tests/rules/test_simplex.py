"""The lowest point of a function: found, the same each time, and honest about not having got there."""

from math import inf, nan

import pytest

from crm_cli.rules.simplex import Point, minimise


def valley(point: Point) -> float:
    x, y = point
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


def test_the_end_of_a_bent_valley_is_found() -> None:
    found = minimise(valley, (-1.2, 1.0))
    assert found.converged
    assert found.point == pytest.approx((1, 1), abs=1e-4)
    assert found.value < 1e-8


def test_four_numbers_are_found_far_from_the_start() -> None:
    found = minimise(lambda p: sum((at - i) ** 2 * 10**i for i, at in enumerate(p)), (20.0, -20.0, 20.0, -20.0))
    assert found.point == pytest.approx((0, 1, 2, 3), abs=1e-3)


def test_two_runs_are_equal() -> None:
    assert minimise(valley, (-1.2, 1.0)) == minimise(valley, (-1.2, 1.0))


def test_a_search_cut_short_says_so_and_keeps_what_it_has() -> None:
    found = minimise(valley, (-1.2, 1.0), most=10)
    assert not found.converged
    assert found.iterations == 10
    assert found.value < valley((-1.2, 1.0))


def test_where_the_function_is_not_defined_is_not_gone_to() -> None:
    assert minimise(lambda p: p[0] if p[0] >= 1 else inf, (5.0,)).point == pytest.approx((1,), abs=1e-5)
    assert minimise(lambda p: (p[0] - 3) ** 2 if p[0] < 4 else nan, (3.9,)).point == pytest.approx((3,), abs=1e-4)


def test_a_plain_is_the_lowest_point_everywhere() -> None:
    found = minimise(lambda p: 7.0, (1.0, 2.0))
    assert (found.value, found.converged) == (7.0, True)
