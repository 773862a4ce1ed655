"""Stages of life, replayed from days: what moves a customer on, and that the same days give the same answer."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from crm_cli.rules.lifecycle import Life, by_hand, reason_of, replay

BEGAN = date(2026, 1, 1)


def _day(n: int) -> date:
    return BEGAN + timedelta(days=n)


def _stages(life: Life, until: int, usual: float | None = None) -> list[tuple[int, str]]:
    return [((step.on - BEGAN).days, step.stage) for step in replay(life, _day(until), usual)]


def test_a_customer_is_a_prospect_until_something_happens() -> None:
    assert _stages(Life(BEGAN), 300) == [(0, "prospect")]
    assert _stages(Life(BEGAN, contact=_day(5), deal=_day(3)), 300) == [(0, "prospect"), (3, "exploring")]


def test_who_ordered_before_we_wrote_him_down_was_never_a_prospect() -> None:
    assert _stages(Life(_day(9), orders=[_day(2)]), 20) == [(2, "exploring")]


def test_orders_make_him_grow_and_mature() -> None:
    life = Life(BEGAN, orders=[_day(n) for n in (0, 30, 60, 90, 120)])
    assert _stages(life, 130) == [(0, "exploring"), (30, "growing"), (120, "mature")]


def test_silence_of_twice_and_three_times_the_own_interval() -> None:
    life = Life(BEGAN, orders=[_day(n) for n in (0, 40, 80)])
    assert _stages(life, 160)[-1] == (40, "growing")
    assert _stages(life, 161)[-1] == (161, "declining")
    assert _stages(life, 201)[-1] == (201, "lost")


def test_nobody_declines_within_two_months_however_often_he_ordered() -> None:
    life = Life(BEGAN, orders=[_day(n) for n in range(10)])
    assert _stages(life, 69)[-1][1] == "mature"
    assert _stages(life, 70)[-1] == (70, "declining")


def test_one_order_is_measured_by_the_interval_of_all_or_by_ninety_days() -> None:
    life = Life(BEGAN, orders=[BEGAN])
    assert _stages(life, 400)[1:] == [(181, "declining"), (271, "lost")]
    assert _stages(life, 400, usual=50)[1:] == [(101, "declining"), (151, "lost")]


def test_who_comes_back_after_being_lost_is_won_back_and_begins_anew() -> None:
    life = Life(BEGAN, orders=[_day(n) for n in (0, 40, 80, 300, 320)])
    assert _stages(life, 330)[-4:] == [(161, "declining"), (201, "lost"), (300, "won-back"), (320, "growing")]


def test_an_order_that_ends_a_decline_is_no_winning_back() -> None:
    life = Life(BEGAN, orders=[_day(n) for n in (0, 40, 80, 180)])
    assert _stages(life, 181)[-2:] == [(161, "declining"), (180, "growing")]


def test_orders_in_the_future_do_not_exist_yet() -> None:
    life = Life(BEGAN, orders=[_day(n) for n in (0, 40, 80)])
    later = life._replace(orders=[*life.orders, _day(900)])
    assert replay(life, _day(250)) == replay(later, _day(250))
    assert _stages(Life(BEGAN, orders=[_day(900)]), 250) == [(0, "prospect")]


def test_a_stage_set_by_hand_stays_whatever_happens() -> None:
    steps = replay(Life(BEGAN, orders=[_day(n) for n in (0, 40, 80)]), _day(300))
    held = by_hand(steps, "growing", _day(170))
    assert [(step.stage, step.reason) for step in held[-2:]] == [("declining", "silent 81 40"), ("growing", "hand")]
    sentence, holes = reason_of("silent 81 40")
    assert sentence.format(**holes) == "silent for 81 days, usually 40"


@given(
    st.lists(st.integers(0, 900), max_size=25, unique=True).map(sorted),
    st.integers(0, 900),
    st.one_of(st.none(), st.integers(0, 900)),
    st.one_of(st.none(), st.floats(1, 400)),
)
def test_each_change_begins_where_the_one_before_ended(
    orders: list[int], until: int, contact: int | None, usual: float | None
) -> None:
    life = Life(BEGAN, None if contact is None else _day(contact), None, [_day(n) for n in orders])
    steps = replay(life, _day(until), usual)
    assert steps
    assert steps[0].before is None
    for before, after in pairwise(steps):
        assert after.before == before.stage != after.stage
        assert before.on <= after.on <= _day(until)
    earlier = replay(life, _day(until // 2), usual)
    assert steps[: len(earlier)] == earlier  # what was known on a day is not told otherwise later
