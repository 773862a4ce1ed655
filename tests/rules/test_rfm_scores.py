"""Scores, classes and groups: equal values score alike, every cell has one name, few customers are cut at fixed values."""

from fractions import Fraction
from itertools import product

from crm_cli.rules import names, rfm
from crm_cli.rules.rfm import Facts


def _recencies(*days: int) -> list[Facts]:
    return [Facts(day, 1, 100) for day in days]


def test_about_a_fifth_of_the_customers_has_each_score() -> None:
    scale = rfm.scored(_recencies(*range(1, 11))).r
    assert [scale.score[day] for day in range(1, 11)] == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert scale.spans == {5: (1, 2), 4: (3, 4), 3: (5, 6), 2: (7, 8), 1: (9, 10)}


def test_equal_values_have_equal_scores_by_their_mean_rank() -> None:
    facts = [Facts(1, orders, 1) for orders in (1, 1, 1, 1, 1, 1, 2, 3, 4, 5)]
    scale = rfm.scored(facts).f
    assert scale.score == {1: 2, 2: 4, 3: 4, 4: 5, 5: 5}  # ranks 1 to 6 average to 3.5: ceil(5 x 3.5 / 10) = 2


def test_a_value_equal_to_a_break_falls_into_the_lower_bin() -> None:
    facts = [Facts(1, orders, 1) for orders in (1, 2, 3, 4, 5, 6)]
    assert rfm.scored(facts, ties="breaks").f.score == {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 5}


def test_the_quantile_of_type_seven_is_exact() -> None:
    assert rfm.quantile([1, 2, 3, 4], Fraction(1, 5)) == Fraction(8, 5)
    assert rfm.quantile([10], Fraction(4, 5)) == 10


def test_too_few_customers_are_cut_at_fixed_values() -> None:
    scores = rfm.scored([Facts(20, 6, 250_000), Facts(200, 1, 5_000)])
    assert (scores.r.fixed, scores.f.fixed, scores.m.fixed) == ("few", "few", "few")
    assert scores.r.score == {20: 5, 200: 1}
    assert scores.f.score == {6: 5, 1: 1}
    assert scores.m.score == {250_000: 3, 5_000: 1}  # 2,500 and 50 units


def test_what_is_the_same_for_everybody_is_cut_at_fixed_values_alone() -> None:
    scores = rfm.scored(_recencies(*range(1, 11)))
    assert (scores.r.fixed, scores.f.fixed) == ("", "constant")
    assert set(scores.f.score.values()) == {1}


def test_every_cell_has_one_name_and_every_name_a_cell() -> None:
    cells = {(r, fm): rfm.class_of(r, fm, fm) for r, fm in product(range(1, 6), repeat=2)}
    assert len(cells) == 25
    assert set(cells.values()) == set(rfm.CLASSES) == set(names.values("rfm_class"))
    assert cells[5, 5] == "champions"
    assert cells[1, 5] == "cant-lose"
    assert cells[3, 1] == cells[2, 2] == "about-to-sleep"


def test_frequency_and_money_are_one_with_a_half_rounded_up() -> None:
    assert rfm.fm(4, 3) == 4
    assert rfm.class_of(5, 4, 3) == "champions"


def test_the_eight_groups_are_high_from_a_score_of_four() -> None:
    found = {rfm.group_of(r, f, m) for r, f, m in product((3, 4), repeat=3)}
    assert found == set(rfm.GROUPS) == set(names.values("rfm_group"))
    assert rfm.group_of(4, 4, 4) == "key-value"
    assert rfm.group_of(3, 3, 5) == "key-retain"


def test_scores_of_other_scales_are_named_as_scores_of_five() -> None:
    for bins in range(rfm.FEWEST_BINS, rfm.MOST_BINS + 1):
        fives = [rfm.of_five(score, bins) for score in range(1, bins + 1)]
        assert (fives[0], fives[-1]) == (1, 5)
        assert fives == sorted(fives)
