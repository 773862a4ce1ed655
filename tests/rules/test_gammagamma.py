"""Gamma-Gamma: the published digits, the formula of the note, the correlation and what a customer is worth."""

from itertools import product
from math import gamma, log

import pytest
from cdnow import customers, needs_cdnow

from crm_cli.rules.bgnbd import BgNbd, expected
from crm_cli.rules.gammagamma import (
    GammaGamma,
    Spend,
    correlation,
    discount_per,
    expected_spend,
    fit,
    lifetime_value,
    log_likelihood,
)
from crm_cli.rules.histories import History

PUBLISHED = GammaGamma(6.25, 3.74, 15.44, 0.0, 946, 0, True, False)
MODEL = BgNbd(0.243, 4.414, 0.793, 2.426, 0.0, 0, 0, 0, 0, True, False)
FIRST_TEN = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]


def dollars() -> list[Spend]:
    return [(c.history.repeats, c.mean / 100) for c in customers() if c.mean is not None]


def drawn() -> list[Spend]:
    """Repeaters whose means spread from 4 to 90, without chance."""
    return [(x, 4.0 + 7 * i + x / 10) for x, i in product(range(1, 8), range(12))]


def likelihood(x: int, m: float, p: float, q: float, v: float) -> float:
    """Equation (1a) of note 025 as it is printed."""
    return (
        gamma(p * x + q)
        / (gamma(p * x) * gamma(q))
        * v**q
        * m ** (p * x - 1)
        * x ** (p * x)
        / (v + m * x) ** (p * x + q)
    )


@needs_cdnow
def test_the_published_fit_and_the_first_ten_means_come_out() -> None:
    found = fit(dollars())
    assert found is not None
    assert (round(found.p, 2), round(found.q, 2), round(found.v, 2)) == (6.25, 3.74, 15.44)
    assert round(found.log_likelihood, 2) == -4055.92
    assert (found.customers, found.converged, found.edge) == (946, True, False)
    means = [expected_spend(found, c.history.repeats, (c.mean or 0) / 100) for c in customers()[:10]]
    assert [mean and round(mean, 2) for mean in means] == FIRST_TEN


@needs_cdnow
def test_spend_has_little_to_do_with_frequency_at_cdnow() -> None:
    assert correlation(dollars()) == pytest.approx(0.1139, abs=5e-5)


def test_a_mean_is_drawn_towards_that_of_all_the_less_the_more_often_somebody_bought() -> None:
    assert expected_spend(PUBLISHED, 2, 22.35) == pytest.approx(24.66, abs=0.005)
    everyone = expected_spend(PUBLISHED)
    assert everyone == pytest.approx(35.22, abs=0.005)
    means = [expected_spend(PUBLISHED, x, 100.0) or 0 for x in (1, 2, 10, 1000)]
    assert means == sorted(means)
    assert 35.22 < means[0] < means[-1] < 100


def test_the_likelihood_is_the_one_of_the_note() -> None:
    spends = [(1, 12.5), (3, 40.0), (3, 40.0), (7, 8.25)]
    by_hand = sum(log(likelihood(x, m, 2.5, 3.1, 20)) for x, m in spends)
    assert log_likelihood(spends, 2.5, 3.1, 20) == pytest.approx(by_hand)


def test_no_point_near_the_fit_is_better() -> None:
    found = fit(drawn())
    assert found is not None
    assert found.converged
    assert log_likelihood(drawn(), *found[:3]) == pytest.approx(found.log_likelihood)
    for i in range(3):
        for step in (0.98, 1.02):
            near = [at * (step if i == j else 1) for j, at in enumerate(found[:3])]
            assert log_likelihood(drawn(), *near) < found.log_likelihood


@pytest.mark.ci
@pytest.mark.parametrize("unit", [0.01, 100, 1e9])
def test_in_another_unit_of_money_only_v_is_another(unit: float) -> None:
    one, other = fit(drawn()), fit((x, mean * unit) for x, mean in drawn())
    assert one is not None
    assert other is not None
    assert [other.p, other.q, other.v / unit] == pytest.approx([one.p, one.q, one.v], rel=1e-4)
    mean = expected_spend(one, 3, 30.0)
    assert mean is not None
    assert expected_spend(other, 3, 30.0 * unit) == pytest.approx(mean * unit, rel=1e-4)


def test_too_few_or_equal_spends_are_not_fitted() -> None:
    assert fit([]) is None
    assert fit([], fewest=0) is None
    assert fit(drawn()[:29]) is None
    assert fit([(2, 30.0)] * 100) is None
    assert fit([(3, 0.0), (0, 12.0), (2, -5.0)] * 100) is None


def test_who_bought_once_or_for_nothing_is_left_out() -> None:
    assert fit([*drawn(), (0, 50.0), (4, 0.0)]) == fit(drawn())


def test_where_the_model_has_no_mean_there_is_none() -> None:
    heavy = PUBLISHED._replace(q=0.9)
    assert expected_spend(heavy) is None
    assert expected_spend(heavy, 1, 20.0) is not None


def test_the_correlation_is_one_minus_one_or_nothing() -> None:
    assert correlation((x, 2.0 * x) for x in range(1, 9)) == pytest.approx(1)
    assert correlation((x, 9.0 - x) for x in range(1, 9)) == pytest.approx(-1)
    assert correlation([(3, 5.0), (3, 7.0)]) is None
    assert correlation([(3, 0.1), (4, 0.1), (5, 0.1)]) is None
    assert correlation([(3, 5.0)]) is None
    assert correlation([]) is None
    assert correlation([(0, 5.0), (1, 2.0), (2, 4.0)]) == pytest.approx(1)


def test_a_value_without_discount_is_what_is_bought_times_what_stays() -> None:
    pair = History(2, 30.43, 38.86)
    value = lifetime_value(MODEL, pair, 24.66, periods=3, weeks=13, margin=0.3, discount=0)
    assert value == pytest.approx(0.3 * 24.66 * expected(MODEL, pair, 39))
    assert value == pytest.approx(0.3 * 24.66 * 1.226, abs=0.001)


def test_a_discount_takes_from_each_period_by_how_far_it_is_away() -> None:
    pair = History(2, 30.43, 38.86)
    first, both = expected(MODEL, pair, 26), expected(MODEL, pair, 52)
    value = lifetime_value(MODEL, pair, 10, periods=2, weeks=26, margin=1, discount=0.05)
    assert value == pytest.approx(10 * (first / 1.05 + (both - first) / 1.05**2))
    assert lifetime_value(MODEL, pair, 10, periods=0, weeks=26, margin=1, discount=0.05) == 0


def test_the_discount_of_a_period_comes_to_that_of_the_year() -> None:
    assert (1 + discount_per(365.25 / 7 / 12, 0.1)) ** 12 == pytest.approx(1.1)
    assert discount_per(13, 0) == 0
