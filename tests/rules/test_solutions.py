"""The solution that follows from links: quantities down the bundle, requirements once, sums per currency."""

from crm_cli.rules.solutions import Link, Part, Priced, solution, sums


def included(other: int, quantity: int = 1, months: int | None = None) -> Link:
    return Link("included", other, quantity * 1000, months)


def requires(other: int, quantity: int = 1) -> Link:
    return Link("requires", other, quantity * 1000, None)


def test_quantities_multiply_down_and_two_ways_to_a_product_add_up() -> None:
    links = {1: [included(2, 2), included(3, 3)], 2: [included(4, 5)], 3: [included(4, 7)]}
    assert {part.product: part.quantity for part in solution(1, links).included} == {2: 2000, 3: 3000, 4: 31_000}


def test_months_hold_for_what_a_service_includes() -> None:
    links = {1: [included(2, 1, 12)], 2: [included(3), included(4, 1, 3)]}
    assert {part.product: part.months for part in solution(1, links).included} == {2: 12, 3: 12, 4: 3}


def test_what_is_required_is_there_once_in_the_largest_quantity_and_brings_what_it_requires() -> None:
    links = {1: [included(2, 5), requires(3, 2)], 2: [requires(3, 4), requires(1)], 3: [requires(4), included(5, 2)]}
    found = solution(1, links)
    assert [(part.product, part.quantity, part.by) for part in found.required] == [
        (3, 4000, 2), (5, 8000, 3), (4, 1000, 3),
    ]  # fmt: skip


def test_what_is_there_is_not_recommended() -> None:
    links = {1: [included(2), Link("recommended", 2, 1000, None), Link("recommended", 3, 1000, None)]}
    assert [part.product for part in solution(1, links).recommended] == [3]


def test_a_circle_past_the_guard_ends() -> None:
    links = {1: [included(2)], 2: [included(1)]}
    assert [part.product for part in solution(1, links).included] == [2]


def test_a_ladder_of_doubled_bundles_is_no_endless_work() -> None:
    links = {n: [included(n + 1), included(n + 1)] for n in range(1, 60)}
    found = solution(1, links)
    assert found.included[-1] == Part(60, 2**59 * 1000, None, 59)
    assert (
        sums(1, found, {n: Priced({"EUR": 1} if n == 60 else {}, None) for n in range(1, 61)}, links)[0].price == 2**59
    )


def test_sums_name_what_has_no_price() -> None:
    links = {1: [included(2, 2), requires(3)]}
    priced = {
        1: Priced({"EUR": 5000}, None),
        2: Priced({"EUR": 3000, "USD": 3100}, None),
        3: Priced({"EUR": 1000}, None),
    }
    euro, dollar = sums(1, solution(1, links), priced, links)
    assert (euro.price, euro.parts, euro.required, euro.total, euro.missing) == (5000, 6000, 1000, 6000, [])
    assert (dollar.price, dollar.required, dollar.total, dollar.missing) == (6200, 0, None, [3])


def test_a_unit_that_is_a_month_counts_once_for_each() -> None:
    links = {1: [included(2, 1, 12), included(3, 1, 12)]}
    priced = {1: Priced({}, None), 2: Priced({"EUR": 100}, "seat / month"), 3: Priced({"EUR": 100}, "licence")}
    assert sums(1, solution(1, links), priced, links)[0].price == 1300
