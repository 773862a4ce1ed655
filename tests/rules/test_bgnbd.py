"""BG/NBD: the published digits, the paper's own formulas as a second opinion, and numbers that overflow elsewhere."""

from collections.abc import Sequence
from math import gamma, log
from time import process_time

import pytest
from cdnow import customers, needs_cdnow
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.rules.bgnbd import (
    BgNbd,
    chance_of,
    expected,
    expected_new,
    fit,
    log_likelihood,
    p_alive,
)
from crm_cli.rules.histories import History

PAIR = History(2, 30.43, 38.86)


def model(r: float, alpha: float, a: float, b: float) -> BgNbd:
    return BgNbd(r, alpha, a, b, 0.0, 0, 0, 0, 0, True, False)


PUBLISHED = model(0.243, 4.414, 0.793, 2.426)
FITTED = model(0.24259, 4.41357, 0.792906, 2.4258)  # the same with more digits, for tables made with them


def gauss(a: float, b: float, c: float, z: float) -> float:
    """2F1 by its series, added up until nothing changes."""
    term = total = 1.0
    for k in range(100_000):
        term *= (a + k) * (b + k) / ((c + k) * (k + 1)) * z
        total += term
        if abs(term) < 1e-17 * abs(total):
            return total
    raise AssertionError("no end")


def by_the_paper(m: BgNbd, history: History, t: float) -> float:
    """Equation (10) as it is printed."""
    r, alpha, a, b = m[:4]
    x, last, age = history
    far = ((alpha + age) / (alpha + age + t)) ** (r + x) * gauss(r + x, b + x, a + b + x - 1, t / (alpha + age + t))
    gone = a / (b + x - 1) * ((alpha + age) / (alpha + last)) ** (r + x) if x else 0.0
    return (a + b + x - 1) / (a - 1) * (1 - far) / (1 + gone)


def likelihood(history: History, r: float, alpha: float, a: float, b: float) -> float:
    """Equation (6) as it is printed."""
    x, last, age = history
    stayed = gamma(a + b) * gamma(b + x) / (gamma(b) * gamma(a + b + x)) / (alpha + age) ** (r + x)
    left = 0.0
    if x:
        left = gamma(a + 1) * gamma(b + x - 1) * gamma(a + b) / (gamma(a) * gamma(b) * gamma(a + b + x))
        left /= (alpha + last) ** (r + x)
    return gamma(r + x) * alpha**r / gamma(r) * (stayed + left)


@needs_cdnow
def test_the_published_fit_comes_out_in_less_than_a_second() -> None:
    histories = [customer.history for customer in customers()]
    began = process_time()
    found = fit(histories)
    assert process_time() - began < 1
    assert found is not None
    assert [round(at, 3) for at in found[:4]] == [0.243, 4.414, 0.793, 2.426]
    assert round(found.log_likelihood, 2) == -9582.43
    assert (found.customers, found.repeaters, found.converged, found.edge) == (2357, 946, True, False)
    assert log_likelihood(histories, *found[:4]) == pytest.approx(found.log_likelihood)
    assert round(expected(found, PAIR, 39), 3) == 1.226
    assert fit(reversed(histories)) == pytest.approx(found, rel=1e-6)


def test_the_published_conditional_expectation() -> None:
    assert round(expected(PUBLISHED, PAIR, 39), 3) == 1.226
    assert p_alive(FITTED, PAIR) == pytest.approx(0.7266, abs=5e-5)


@pytest.mark.parametrize(
    "weeks, repeats",
    [(1 / 7, 0.0078), (1, 0.0532), (3, 0.1506), (31.8571, 1.0405), (32, 1.0437)],
)
def test_the_published_expectations_of_a_new_customer(weeks: float, repeats: float) -> None:
    assert round(expected_new(FITTED, weeks), 4) == repeats


def test_of_the_published_series_that_was_cut_short_the_last_digit_differs() -> None:
    """The spreadsheet of the paper has 1.8576 for 78 weeks, where its series has not yet ended."""
    assert expected_new(FITTED, 78) == pytest.approx(1.8576, abs=5e-4)
    assert expected_new(FITTED, 78) == pytest.approx(by_the_paper(FITTED, History(0, 0, 0), 78), rel=1e-11)


@pytest.mark.parametrize("last, alive", [((26, 30.86, 31), 0.968916), ((6, 30.86, 31), 0.901339), ((0, 0, 31), 1.0)])
def test_the_known_chances_of_being_alive(last: tuple[int, float, float], alive: float) -> None:
    assert p_alive(PUBLISHED, History(*last)) == pytest.approx(alive, abs=5e-6)


def test_the_known_chance_of_ten_purchases() -> None:
    assert chance_of(PUBLISHED, 10, 2) == pytest.approx(1.07869e-07, rel=5e-6)


@pytest.mark.parametrize("weeks", [0.5, 2.0, 52.0])
def test_the_chances_add_up_to_one_and_their_mean_is_the_expectation(weeks: float) -> None:
    chances = [chance_of(PUBLISHED, n, weeks) for n in range(600)]
    assert sum(chances) == pytest.approx(1, abs=1e-9)
    assert sum(n * chance for n, chance in enumerate(chances)) == pytest.approx(
        expected_new(PUBLISHED, weeks), rel=1e-6
    )


@given(
    st.floats(0.1, 3), st.floats(1, 20), st.floats(0.1, 3), st.floats(0.5, 5), st.integers(0, 12), st.floats(0, 1),
    st.floats(1, 200), st.floats(0.5, 60),
)  # fmt: skip
def test_the_expectation_is_the_one_of_the_paper(
    r: float, alpha: float, a: float, b: float, x: int, part: float, age: float, t: float
) -> None:
    if abs(a - 1) < 0.01 or abs(a + b - 1) < 0.01:  # there the printed form divides by nothing
        return
    m, history = model(r, alpha, a, b), History(x, part * age if x else 0.0, age)
    assert expected(m, history, t) == pytest.approx(by_the_paper(m, history, t), rel=1e-8)


def test_there_is_no_step_where_the_printed_form_divides_by_nothing() -> None:
    around = [expected_new(model(0.5, 5, a, 2), 52) for a in (1 - 1e-9, 1, 1 + 1e-9)]
    assert around == pytest.approx([around[1]] * 3, rel=1e-8)


@pytest.mark.parametrize(
    "history, weeks, known",
    [
        # equation (10) reckoned with 60 digits by mpmath
        (History(2000, 300.0, 300.14285714285714), 520.0, 2210.87262033762),
        (History(2000, 100.0, 300.0), 52.0, 0.0),
        (History(0, 0.0, 0.0), 100_000.0, 29.607861654555),
        (History(1, 0.14285714285714285, 1500.0), 5200.0, 0.00630356504701825),
    ],
)
def test_many_purchases_and_long_times_stay_exact(history: History, weeks: float, known: float) -> None:
    assert expected(PUBLISHED, history, weeks) == pytest.approx(known, rel=1e-8, abs=1e-12)


def test_the_likelihood_is_the_one_of_the_paper() -> None:
    histories = [History(0, 0, 5), History(1, 2, 9), History(4, 30, 39), History(12, 3, 60), History(0, 0, 5)]
    at = (0.6, 3.0, 0.9, 2.2)
    assert log_likelihood(histories, *at) == pytest.approx(sum(log(likelihood(one, *at)) for one in histories))


def drawn(people: int) -> list[History]:
    """Customers of several kinds, without chance: some regular, some gone, some who never came again."""
    kinds: Sequence[tuple[int, float]] = [(0, 0), (0, 0), (1, 0.1), (2, 0.9), (5, 0.5), (3, 1.0), (9, 0.95), (1, 0.7)]
    ages = [20 + i % 37 for i in range(people)]
    return [
        History(x, round(part * age * 7) / 7, float(age)) for (x, part), age in zip(kinds * people, ages, strict=False)
    ]


def test_no_point_near_the_fit_is_better() -> None:
    found = fit(drawn(400))
    assert found is not None
    assert found.converged
    for i in range(4):
        for step in (0.98, 1.02):
            near = [at * (step if i == j else 1) for j, at in enumerate(found[:4])]
            assert log_likelihood(drawn(400), *near) < found.log_likelihood


def test_in_days_instead_of_weeks_only_alpha_is_another() -> None:
    weeks, days = fit(drawn(200)), fit(History(x, last * 7, age * 7) for x, last, age in drawn(200))
    assert weeks is not None
    assert days is not None
    assert days.alpha / 7 == pytest.approx(weeks.alpha, rel=1e-3)
    assert [days.r, days.a, days.b] == pytest.approx([weeks.r, weeks.a, weeks.b], rel=1e-3)


def test_too_few_customers_or_no_repeats_are_not_fitted() -> None:
    assert fit([]) is None
    assert fit([], fewest=0) is None
    assert fit(drawn(49)) is None
    assert fit(drawn(50)) is not None
    assert fit([History(0, 0.0, 30.0)] * 100) is None


def test_customers_who_are_all_alike_are_at_the_edge_and_forecast_their_rate() -> None:
    """Nobody left and all bought once a week: that the rates differ, or that anybody leaves, cannot be told."""
    found = fit([History(20, 20.0, 20.0)] * 100)
    assert found is not None
    assert found.edge
    assert expected(found, History(20, 20.0, 20.0), 10) == pytest.approx(10, rel=0.02)


def test_the_longer_the_silence_the_less_likely_alive() -> None:
    chances = [p_alive(PUBLISHED, History(5, 20.0, age)) for age in (20, 25, 40, 80, 400, 10_000)]
    assert chances == sorted(chances, reverse=True)
    assert p_alive(PUBLISHED, History(2000, 1.0, 5000.0)) == 0.0
    assert expected(PUBLISHED, History(5, 20.0, 40.0), 0) == 0
    assert chance_of(PUBLISHED, 0, 0) == 1


@pytest.mark.ci
def test_many_distinct_histories_are_fitted_in_seconds() -> None:
    histories = [
        History(i % 13, (i * 7919 % (age * 7)) / 7 if i % 13 else 0.0, float(age))
        for i in range(60_000)
        if (age := 10 + i * 31 % 200)
    ]
    began = process_time()
    found = fit(histories)
    assert found is not None
    assert process_time() - began < 15
