"""What a fit says of customers: the same as the formulas one by one, and read back as it was published."""

import json
import random
from datetime import date

import pytest

from crm_cli.rules import bgnbd, gammagamma
from crm_cli.rules.bgnbd import BgNbd
from crm_cli.rules.gammagamma import GammaGamma
from crm_cli.rules.histories import History, Summary
from crm_cli.rules.prediction import HORIZONS, PERIOD, PERIODS, Fit, fit_of, fitted, predict_all
from crm_cli.rules.simplex import minimise_of_many

CDNOW = BgNbd(0.243, 4.414, 0.793, 2.426, -9582.4, 2357, 946, 1016, 128, True, False)
SPEND = GammaGamma(6.25, 3.74, 15.44, -4055.9, 946, 93, True, False)
FIT = Fit(date(1997, 9, 30), "USD", CDNOW, SPEND, 35.08, 0.11, 42.5)
TODAY = date(1997, 9, 30)
FIRST = Summary(1, date(1997, 1, 1), date(1997, 8, 2), History(2, 30.43, 38.86), 2235.0, 7402)
ONCE = Summary(2, date(1997, 1, 1), date(1997, 1, 1), History(0, 0.0, 38.86), None, 1000)
GONE = Summary(3, date(1997, 1, 1), date(1997, 2, 1), History(9, 4.43, 38.86), 2000.0, 9000)


def test_a_customer_is_told_by_the_formulas_of_the_papers() -> None:
    told = next(predict_all(FIT, [FIRST], TODAY, days=(*HORIZONS, 273)))
    assert told.alive == bgnbd.p_alive(CDNOW, FIRST.history)
    assert told.expected[-1] == pytest.approx(1.226, abs=0.001)
    assert told.expected[0] == pytest.approx(bgnbd.expected(CDNOW, FIRST.history, 30 / 7))
    assert told.spend == 2466  # 24.66 by the published parameters
    rate = gammagamma.discount_per(PERIOD, 0.1)
    spend = gammagamma.expected_spend(SPEND, 2, 22.35)
    assert spend is not None
    worth = gammagamma.lifetime_value(
        CDNOW, FIRST.history, spend, periods=PERIODS, weeks=PERIOD, margin=1, discount=rate
    )
    assert told.clv == round(100 * worth)
    assert told.money[0] == round(told.expected[0] * spend * 100)
    assert not told.too_little


def test_one_purchase_is_too_little_and_is_priced_at_the_mean_of_all() -> None:
    told = next(predict_all(FIT, [ONCE], TODAY))
    assert (told.too_little, told.alive) == (True, 1.0)
    assert told.spend == round(100 * 6.25 * 15.44 / 2.74)
    assert told.next_on is None  # the median lies beyond two years


def test_who_is_likely_gone_has_no_likely_day() -> None:
    told = next(predict_all(FIT, [GONE], TODAY))
    assert told.alive < 0.5
    assert told.next_on is None


def test_the_likely_day_is_where_the_chance_of_none_is_one_half() -> None:
    told = next(predict_all(FIT, [FIRST], TODAY))
    weeks = bgnbd.next_purchase(CDNOW, FIRST.history)
    begins = CDNOW.alpha + FIRST.history.age
    assert (begins / (begins + weeks)) ** (CDNOW.r + 2) == pytest.approx(0.5)
    assert told.next_on is not None
    assert 0 <= (told.next_on - TODAY).days - weeks * 7 < 1
    assert bgnbd.next_purchase(CDNOW._replace(r=1e-4), ONCE.history) == float("inf")


def test_without_a_currency_there_is_no_money_and_without_a_model_of_it_the_mean() -> None:
    poor = next(predict_all(FIT._replace(currency=None), [FIRST], TODAY))
    assert (poor.spend, poor.clv, poor.money) == (None, None, (None, None, None))
    plain = next(predict_all(FIT._replace(spend=None), [FIRST], TODAY))
    assert plain.spend == 3508


def test_a_fit_is_read_back_as_it_was_published() -> None:
    back = fit_of(json.loads(json.dumps(FIT.published())))
    assert back._replace(model=CDNOW, spend=SPEND) == FIT
    assert list(predict_all(back, [FIRST, ONCE, GONE], TODAY)) == list(predict_all(FIT, [FIRST, ONCE, GONE], TODAY))
    bare = FIT._replace(spend=None, mean=None, correlation=None)
    assert fit_of(json.loads(json.dumps(bare.published()))).spend is None
    with pytest.raises(KeyError):
        fit_of({"as_of": "2026-01-01"})


def test_fewer_than_fifty_who_bought_again_are_not_fitted() -> None:
    few = [FIRST._replace(customer=n) for n in range(49)] + [ONCE._replace(customer=n) for n in range(50, 200)]
    assert fitted(few, TODAY, currency="USD", interval=None, discount=0.1) is None
    found = fitted([*few, FIRST], TODAY, currency="USD", interval=7.0, discount=0.1)
    assert found is not None
    assert found.model.repeaters == 50
    assert found.spend is None  # everybody spends the same
    assert found.mean == pytest.approx(22.35)


def test_many_data_are_searched_from_where_a_sample_ends() -> None:
    data = [float(n % 7) for n in range(40_000)]
    sizes: list[int] = []

    def function_of(some: object) -> object:
        numbers = list(some)  # type: ignore[call-overload]
        sizes.append(len(numbers))
        mean = sum(numbers) / len(numbers)
        return lambda point: (point[0] - mean) ** 2 + 1

    found = minimise_of_many(data, function_of, (0.0,), (9.0,), tolerance=1e-11, spread=1e-6, most=500)  # type: ignore[arg-type]
    assert sizes == [5_000, 40_000]
    assert found.point[0] == pytest.approx(sum(data) / len(data), abs=1e-3)
    sizes.clear()
    minimise_of_many(data[:29_999], function_of, (0.0,), (9.0,), tolerance=1e-11, spread=1e-6, most=500)  # type: ignore[arg-type]
    assert sizes == [29_999]


@pytest.mark.ci
def test_many_simulated_customers_give_back_what_they_were_drawn_from() -> None:
    chance = random.Random(3)
    people = []
    for _ in range(30_000):  # enough for a search that begins with a sample
        age, rate, leaves = chance.randint(30, 1000), chance.gammavariate(1.5, 1 / 56), chance.betavariate(0.8, 6)
        day, last, repeats = chance.expovariate(rate), 0, 0
        while day <= age:
            if int(day) > last:
                last, repeats = int(day), repeats + 1
            if chance.random() < leaves:
                break
            day += chance.expovariate(rate)
        people.append(History(repeats, last / 7, age / 7))
    found = bgnbd.fit(people)
    assert found is not None
    assert found.converged
    assert not found.edge
    assert (found.r, found.alpha, found.a, found.b) == pytest.approx((1.5, 8, 0.8, 6), rel=0.12)
