"""A customer's own rhythm: who is silent for too long, who orders and talks less, and what the risk is made of."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.rules.histories import purchases
from crm_cli.rules.rhythm import Rhythm, rhythm, usual_interval

TODAY = date(2026, 11, 25)


def ago(*days: int) -> list[date]:
    return [TODAY - timedelta(days=n) for n in days]


def parts(found: Rhythm) -> dict[str, tuple[int, int]]:
    return {part.name: (part.points, part.most) for part in found.parts}


@pytest.mark.parametrize(
    "silent, state", [(0, "steady"), (30, "steady"), (60, "steady"), (61, "warn"), (90, "warn"), (91, "lost")]
)
def test_twice_the_own_interval_is_a_warning_and_three_times_is_lost(silent: int, state: str) -> None:
    found = rhythm(ago(*(silent + 30 * i for i in range(6))), TODAY)
    assert (found.state, found.silent, found.interval, found.basis) == (state, silent, 30, "own")
    assert (found.warn_after, found.lost_after) == (60, 90)


def test_the_interval_is_the_median_so_that_one_long_pause_does_not_hide_a_loss() -> None:
    assert rhythm(ago(100, 130, 160, 700, 730), TODAY).interval == 30
    assert rhythm(ago(100, 130, 160, 700, 730), TODAY).state == "lost"


def test_who_never_ordered_has_no_rhythm_and_no_risk() -> None:
    found = rhythm([], TODAY, contact_days=ago(3, 5, 7), usual=30)
    assert (found.orders, found.state, found.risk, found.parts, found.silent) == (0, "none", None, (), None)


def test_one_order_is_measured_by_all_customers_or_not_at_all() -> None:
    alone = rhythm(ago(100), TODAY)
    assert (alone.state, alone.risk, alone.silent, alone.basis) == ("unknown", None, 100, None)
    beside = rhythm(ago(100), TODAY, usual=40)
    assert (beside.state, beside.basis, beside.interval, beside.warn_after) == ("warn", "all", 40, 80)
    assert parts(beside) == {"silence": (75, 100)}


def test_two_orders_are_measured_by_all_customers_or_else_by_their_one_interval() -> None:
    beside = rhythm(ago(20, 22), TODAY, usual=40)
    assert (beside.state, beside.basis, beside.interval) == ("steady", "all", 40)
    alone = rhythm(ago(100, 130), TODAY)
    assert (alone.state, alone.basis, alone.interval) == ("lost", "own", 30)


def test_a_daily_customer_is_not_lost_after_a_long_weekend() -> None:
    found = rhythm(ago(4, 5, 6, 7, 8), TODAY)
    assert (found.state, found.interval, found.warn_after, found.lost_after) == ("steady", 1, 14, 21)


def test_future_orders_and_contacts_do_not_count() -> None:
    days, talks = ago(10, 40, 70, 100), ago(4, 30, 80, 90)
    with_future = rhythm([*days, *ago(-1, -400)], TODAY, contact_days=[*talks, *ago(-3)])
    assert with_future == rhythm(days, TODAY, contact_days=talks)
    assert rhythm(ago(-1), TODAY).state == "none"


def test_only_returns_are_no_orders() -> None:
    ((_, bought),) = purchases([(1, "2026-01-05", -100), (1, "2026-03-05", -100)], TODAY)
    assert rhythm(bought.days, TODAY).state == "none"


def test_several_orders_on_a_day_and_any_order_of_days_are_one_rhythm() -> None:
    assert rhythm(ago(70, 10, 40, 10, 40), TODAY) == rhythm(ago(10, 40, 70), TODAY)


def test_every_part_of_the_risk_says_its_numbers_and_they_add_up() -> None:
    # the time is 400 days from the first order: four repeats before the middle, one after; contact 400 days, 3 and 1
    found = rhythm(ago(400, 370, 340, 310, 280, 75), TODAY, contact_days=ago(400, 380, 300, 250, 10))
    assert [part.numbers for part in found.parts] == [
        {"silent": 75, "interval": 30},
        {"earlier": 4, "later": 1},
        {"earlier": 3, "later": 1},
    ]
    assert parts(found) == {"silence": (45, 60), "orders": (19, 25), "contact": (10, 15)}
    assert found.risk == 74


def test_without_contact_the_other_parts_share_the_points() -> None:
    found = rhythm(ago(400, 370, 340, 310, 280), TODAY)
    assert parts(found) == {"silence": (71, 71), "orders": (29, 29)}
    assert found.risk == 100


def test_more_orders_and_more_contact_than_before_take_nothing_and_give_nothing() -> None:
    found = rhythm(ago(400, 100, 70, 40, 10), TODAY, contact_days=ago(300, 20, 10, 5))
    assert parts(found) == {"silence": (0, 60), "orders": (0, 25), "contact": (0, 15)}
    assert found.risk == 0


def test_two_contacts_are_too_few_to_speak_of_a_fall() -> None:
    assert "contact" not in parts(rhythm(ago(10, 40, 70, 100), TODAY, contact_days=ago(100, 90)))


def test_a_steady_rhythm_falls_nowhere() -> None:
    found = rhythm(ago(*range(0, 365, 7)), TODAY, contact_days=ago(*range(0, 365, 7)))
    assert (found.state, found.risk) == ("steady", 0)


def test_the_usual_interval_counts_each_customer_once() -> None:
    weekly, monthly, yearly = ago(*range(0, 350, 7)), ago(10, 40, 70), ago(1, 366)
    assert usual_interval([weekly, monthly, yearly, ago(5), []]) == 30
    assert usual_interval([ago(5), ago(3, 3), []]) is None


@given(
    st.lists(st.integers(-50, 3000), max_size=20), st.lists(st.integers(-50, 3000), max_size=20),
    st.one_of(st.none(), st.floats(1, 500)),
)  # fmt: skip
def test_whatever_the_days_the_risk_is_between_0_and_100(
    orders: list[int], contacts: list[int], usual: float | None
) -> None:
    found = rhythm(ago(*orders), TODAY, contact_days=ago(*contacts), usual=usual)
    if found.risk is None:
        assert found.state in ("none", "unknown")
        return
    assert 0 <= found.risk <= 100
    assert found.risk == sum(part.points for part in found.parts)
    assert sum(part.most for part in found.parts) == 100
    assert all(0 <= part.points <= part.most for part in found.parts)
