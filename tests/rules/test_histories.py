"""Orders become purchases, purchases a history; and a forecast is held against what came, beside plain guesses."""

import csv
from datetime import date, timedelta

import pytest
from cdnow import CALIBRATED, END, FILE, customers, needs_cdnow, orders

from crm_cli.rules.histories import History, Order, gaps, median, purchases, summaries
from crm_cli.rules.holdout import ahead, by_recency, errors, same_again, split, trial

TODAY = date(2026, 11, 25)


def of(*bought: tuple[str, int]) -> list[tuple[str, int]]:
    """The purchases of one customer, as days and money."""
    ((_, found),) = purchases([(1, day, money) for day, money in bought], TODAY)
    return list(zip(map(str, found.days), found.money, strict=True))


def test_several_orders_on_a_day_are_one_purchase() -> None:
    assert of(("2026-01-05", 300), ("2026-01-05", 200), ("2026-02-01", 5)) == [("2026-01-05", 500), ("2026-02-01", 5)]


def test_a_return_is_no_purchase_and_a_free_order_is_one() -> None:
    assert of(("2026-01-05", 300), ("2026-01-09", -300), ("2026-02-01", 0)) == [("2026-01-05", 300), ("2026-02-01", 0)]
    assert of(("2026-01-05", -100), ("2026-01-05", 100)) == []
    assert of(("2026-01-05", -100), ("2026-01-05", 150)) == [("2026-01-05", 50)]


def test_an_order_of_today_counts_and_one_of_tomorrow_not_yet() -> None:
    assert of(("2026-11-25", 1), ("2026-11-26", 1)) == [("2026-11-25", 1)]
    assert of(("2026-11-26", 1)) == []


def test_who_only_returned_or_will_order_has_no_history() -> None:
    rows: list[Order] = [(1, "2026-01-05", -100), (2, "2026-12-24", 100), (3, "2026-01-05", 100)]
    assert [found.customer for found in summaries(rows, TODAY)] == [3]


def test_a_history_is_in_weeks_and_the_first_purchase_only_starts_it() -> None:
    rows = [(7, "2026-01-01", 99900), (7, "2026-01-08", 1000), (7, "2026-01-29", 2500), (7, "2026-02-01", -2500)]
    (found,) = summaries(rows, date(2026, 2, 5))
    assert found.history == History(2, 4.0, 5.0)
    assert found.mean == 1750
    assert found.money == 103400
    assert found.purchases == 3
    assert (found.first_on, found.last_on) == (date(2026, 1, 1), date(2026, 1, 29))


def test_one_purchase_has_no_repeat_and_no_mean() -> None:
    (found,) = summaries([(7, "2026-11-25", 500)], TODAY)
    assert (found.history, found.mean) == (History(0, 0.0, 0.0), None)


def test_the_day_asked_about_decides_what_is_known() -> None:
    rows = [(7, "2026-01-01", 1), (7, "2026-01-08", 1), (7, "2026-01-15", 1)]
    known = [[s.history.repeats for s in summaries(rows, date(2026, 1, day))] for day in (1, 8, 14, 15)]
    assert known == [[0], [1], [1], [2]]
    assert list(summaries(rows, date(2025, 12, 31))) == []


@pytest.mark.parametrize(
    "rows", [[(2, "2026-01-01", 1), (1, "2026-01-01", 1)], [(1, "2026-01-02", 1), (1, "2026-01-01", 1)],
             [(1, "2026-01-01", 1), (2, "2026-01-01", 1), (1, "2026-01-03", 1)]],
)  # fmt: skip
def test_orders_out_of_order_are_refused(rows: list[Order]) -> None:
    with pytest.raises(ValueError, match="sorted"):
        list(summaries(rows, TODAY))


def test_medians_and_gaps_of_few() -> None:
    assert [median([]), median([3]), median([9, 1]), median([5, 1, 3])] == [None, 3, 5, 3]
    assert gaps([date(2026, 1, 1), date(2026, 1, 4), date(2026, 2, 4)]) == [3, 31]
    assert gaps([]) == gaps([date(2026, 1, 1)]) == []


def weekly(customer: int, first: date, count: int) -> list[Order]:
    return [(customer, str(first + timedelta(weeks=i)), 1000) for i in range(count)]


def test_a_split_knows_nothing_of_what_came_after_the_cut() -> None:
    rows = [*weekly(1, date(2026, 1, 1), 10), (2, "2026-03-01", 5), (3, "2026-01-15", 1)]
    first, third = split(rows, date(2026, 3, 5), 28)  # the cut is 5 February
    assert (first.summary.history, first.before, first.after) == (History(5, 5.0, 5.0), 4, 4)
    assert first.gaps == [7] * 5
    assert (third.summary.customer, third.before, third.after) == (3, 0, 0)


def test_the_first_guess_repeats_the_days_before() -> None:
    held = split([*weekly(1, date(2026, 1, 1), 10), (3, "2026-01-15", 1)], date(2026, 3, 5), 28)
    assert same_again(held) == [4.0, 0.0]


def test_the_second_guess_takes_those_who_were_here_lately_at_one_rate() -> None:
    rows = [*weekly(1, date(2026, 1, 1), 6), (2, "2026-01-01", 1), (3, "2026-02-02", 1)]
    held = split(rows, date(2026, 3, 5), 28)
    rate = 5 / (5 + 3 / 7)  # five repeats over the weeks of the first and the third; the second is silent for 35 days
    assert by_recency(held, 28) == pytest.approx([4 * rate, 0, 4 * rate])
    assert by_recency(split([(1, "2026-01-01", 1)], date(2026, 3, 5), 28), 28) == [0.0]
    assert by_recency([], 28) == []


def test_errors_are_those_of_the_textbook() -> None:
    found = errors([1.0, 0.0, 5.0], [2, 0, 2])
    assert (found.mae, found.forecast, found.actual, found.total_error) == pytest.approx((4 / 3, 6, 4, 50))
    assert found.rmse == pytest.approx((10 / 3) ** 0.5)
    assert errors([1.0], [0]).total_error is None
    with pytest.raises(ValueError):
        errors([], [])
    with pytest.raises(ValueError):
        errors([1.0], [1, 2])


def test_a_guess_that_is_nearer_by_one_measure_is_named_with_it() -> None:
    wild, tame = errors([0.0, 0.0, 9.0], [0, 0, 3]), errors([2.5, 2.5, 1.0], [0, 0, 3])
    assert ahead(wild, tame) == ["mae"]
    assert ahead(tame, wild) == ["rmse", "total"]
    assert ahead(tame, tame) == []


def test_a_trial_of_too_few_is_none() -> None:
    assert trial(weekly(1, date(2026, 1, 1), 10), TODAY, 28) is None
    assert trial([], TODAY, 28) is None


@needs_cdnow
def test_at_cdnow_the_model_beats_both_guesses_by_every_measure() -> None:
    found = trial(orders(), END, 39 * 7)
    assert found is not None
    assert found.cut == CALIBRATED
    assert found.bgnbd.actual == 1882
    for guess in (found.same_again, found.recency):
        assert ahead(guess, found.bgnbd) == []
        assert ahead(found.bgnbd, guess) == ["mae", "rmse", "total"]
    assert (found.bgnbd.mae, found.bgnbd.rmse) == pytest.approx((0.785, 1.608), abs=0.001)
    assert found.bgnbd.total_error == pytest.approx(-12.1, abs=0.1)
    assert (found.same_again.mae, found.same_again.rmse) == pytest.approx((0.897, 1.971), abs=0.001)
    assert (found.recency.mae, found.recency.rmse) == pytest.approx((0.838, 2.053), abs=0.001)


@needs_cdnow
def test_every_history_at_cdnow_is_the_published_one() -> None:
    with open(FILE.parent / "cdnow_customers_summary_with_transactions.csv", encoding="ascii", newline="") as file:
        published = list(csv.DictReader(file))
    assert len(published) == len(customers())
    for row, found in zip(published, customers(), strict=True):
        assert (int(row["ID"]), int(row["x"])) == (found.customer, found.history.repeats)
        assert (float(row["t_x"]), float(row["T"])) == pytest.approx(
            (found.history.last, found.history.age), abs=0.0051
        )
        assert float(row["zbar"]) == pytest.approx((found.mean or 0) / 100, abs=0.0051)
