"""crm icp: whom we want, how well others fit, what deals teach, and which prospect comes first."""

from datetime import date

import pytest
from conftest import Crm, begin

from crm_cli.queries.icp import fit_of, fit_scores
from crm_cli.queries.priority import priorities, priority_of
from crm_cli.rules.fit import Criterion, Measure, decayed, half_at, in_range, prospect
from crm_cli.rules.lessons import band_of, learned, proposal
from crm_cli.store.reader import open_reader

DAY = "2026-11-25"
TODAY = date(2026, 11, 25)


@pytest.fixture
def five(crm: Crm, begun: dict[str, bytes]) -> Crm:
    """Four prospects of different fit and somebody who bought."""
    begin(
        crm, begun, "icp",
        (DAY, "customer add Acme --industry machinery --size 100 --country DE --tag key"),
        (DAY, "customer add Bolt --industry machinery --size 400 --country FR"),
        (DAY, "customer add Core --size 80 --country DE"),
        (DAY, "customer add Dune"),
        (DAY, "customer add Eden --industry Food --size 60 --country DE"),
        (DAY, "order add eden --amount 100EUR --on 2026-10-01"),
    )  # fmt: skip
    return crm


def fits(crm: Crm) -> dict[int, int | None]:
    with_names = fit_scores(open_reader(str(crm.db)))
    return {customer_id: fit for customer_id, fit, _ in with_names}


def dump(crm: Crm) -> list[tuple[object, ...]]:
    return crm.sql("SELECT * FROM icp ORDER BY id")


# ------------------------------------------------------------------ rules


def test_a_size_beyond_the_range_counts_less_until_half_or_twice() -> None:
    assert [in_range(n, 50, 200) for n in (50, 200, 100, 25, 400, 1000, 0)] == [1, 1, 1, 0, 0, 0, 0]
    assert in_range(37.5, 50, 200) == 0.5
    assert in_range(250, 50, 200) == pytest.approx(0.6)
    assert in_range(10_000, 50, None) == 1


def test_what_is_unknown_counts_half_and_nothing_known_is_no_fit() -> None:
    measure = Measure([Criterion("industry", ("Machinery",), weight=3), Criterion("size", low=50, high=200)])
    assert measure.fit(["machinery", 60]) == 100
    assert measure.fit([None, 60]) == 63  # (3 / 2 + 1) / 4
    assert measure.fit(["food", None]) == 13
    assert measure.fit([None, None]) is None
    assert measure.parts(["machinery", None])[:2] == (88, 75)


def test_a_category_is_wanted_with_all_that_is_in_it() -> None:
    measure = Measure([Criterion("industry", ("software",))])
    assert [measure.fit([text]) for text in ("Software/CRM", "software", "Softwares", "")] == [100, 100, 0, None]


def test_a_missing_tag_is_no_gap() -> None:
    measure = Measure([Criterion("tag", ("key",))])
    assert [measure.fit([tags]) for tags in (("Key", "x"), ("x",), None)] == [100, 0, 0]


def test_a_touch_counts_half_after_thirty_days_and_theirs_twice() -> None:
    assert [decayed(age, incoming=False) for age in (0, 30, 60, 181, -1)] == [1, 0.5, 0.25, 0, 0]
    assert decayed(30, incoming=True) == 1
    assert [half_at(value, 100) for value in (0, 100, 300)] == [0, 0.5, 0.75]
    assert half_at(0, 0) == 0


def test_priority_is_the_sum_of_parts_that_are_known() -> None:
    assert prospect(100, 2.0, 0.5).priority == 70  # 40 + 17.5 + 12.5
    assert prospect(None, 2.0, None).parts == (("intent", 50.0, 100.0),)
    assert prospect(None, 0.0, None).priority == 0


def test_what_deals_teach_is_naive_bayes_with_laplace_smoothing() -> None:
    rows = learned({"industry": {"food": (6, 2), "wood": (2, 6)}})
    food = rows[0]
    # P(food | won) = 7 / 10, P(food | lost) = 3 / 10, base one half
    assert (food.value, food.seen, food.win_rate) == ("food", 8, 75)
    assert food.smoothed == pytest.approx(70)
    assert food.lift == pytest.approx(1.4)
    assert food.proposed and not rows[1].proposed


def test_a_value_that_every_deal_has_teaches_nothing() -> None:
    assert not any(row.proposed for row in learned({"kind": {"company": (50, 10)}}))
    assert learned({"kind": {"company": (50, 0)}}) == []


def test_bands_that_lie_together_are_one_range() -> None:
    rows = learned({"size": {"50..249": (30, 5), "250..999": (30, 6), "1..9": (5, 60)}})
    (size,) = proposal(rows)
    assert (size.low, size.high, size.weight) == (50, 999, 10)
    assert [band_of(n) for n in (1, 9, 10, 249, 999, 5000)] == [
        "1..9", "1..9", "10..49", "50..249", "250..999", "1000..",
    ]  # fmt: skip


# ------------------------------------------------------------------ made and changed


def test_an_edit_makes_a_version_and_the_newest_counts(five: Crm) -> None:
    told = five.ok("icp add core --industry machinery --size 50..200 --country Deutschland --weight industry=2").err
    assert "Added ideal customer core: industry machinery (2), size 50..200, country Germany" in told
    assert fits(five) == {1: 100, 2: 50, 3: 75, 4: None, 5: 50}
    five.ok("icp edit core --size 300..500 --clear country")
    shown = five.rows("icp show core")
    assert (shown["version"], shown["versions"], len(shown["history"])) == (2, 2, 2)
    assert [one["field"] for one in shown["criteria"]] == ["industry", "size"]
    assert five.rows("icp show core --version 1")["criteria"][2]["want"] == ["Germany"]
    assert fits(five)[2] == 100
    assert five("icp show core --version 3").code == 3
    assert "Nothing to change" in five.ok("icp edit core --size 300..500").err


def test_undo_of_everything_gives_the_same_rows(five: Crm) -> None:
    five.ok("icp add core --industry machinery --set seats=5..20")
    for line in (
        "icp edit core --size 5..", "icp edit core --name heart", "icp remove core", "icp add other --region DACH",
    ):  # fmt: skip
        before = dump(five)
        five.ok(line)
        assert dump(five) != before
        five.ok("undo")
        assert dump(five) == before
    five.ok("icp remove core")
    before = dump(five)
    five.ok("icp restore core")
    five.ok("undo")
    assert dump(five) == before


def test_a_removed_one_counts_no_more_until_it_is_restored(five: Crm) -> None:
    five.ok("icp add core --industry machinery")
    five.ok("icp edit core --industry Food")
    five.ok("icp remove core")
    assert fits(five) == {}
    assert five.rows("icp list") == []
    assert [row["name"] for row in five.rows("icp list --removed")] == ["core"]
    assert "crm icp restore core" in five("icp add core --industry wood").err
    five.ok("icp restore core")
    assert fits(five)[5] == 100


@pytest.mark.ci
@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("icp add x", 2, "Nothing says whom is wanted"),
        ("icp add x --size 200..50", 2, "50..200"),
        ("icp add x --size ..", 2, "a range needs at least one end"),
        ("icp add x --size many", 2, "--size"),
        ("icp add x --kind firm", 2, "--kind"),
        ("icp add x --industry food --weight food=3", 2, "Nothing is asked of food"),
        ("icp add x --industry food --weight industry=-1", 2, "whole number from 0 to 100"),
        ("icp add x --industry food --weight industry=0", 2, "Nothing says whom is wanted"),
        ("icp add 'a b' --industry food", 2, "is no name for an ideal customer"),
        (f"icp add x --industry {'x' * 501}", 2, "longer than 500"),
        (f"icp add x --set {'x' * 101}=1", 2, "longer than 100"),
        ("icp show nobody", 3, "No ideal customer is called nobody"),
        ("icp fit nobody", 3, "nobody"),
        ("icp learn --apply x", 2, "Too little to learn from"),
        ("icp learn --min few", 2, "whole number"),
        ("followups --sort size", 2, "--sort priority"),
    ],
)
def test_what_is_asked_wrongly_is_said(five: Crm, line: str, code: int, words: str) -> None:
    result = five(line)
    assert (result.code, words in result.err) == (code, True), result


def test_a_name_that_is_taken_is_refused(five: Crm) -> None:
    five.ok("icp add core --industry food")
    assert five("icp add CORE --industry wood").code == 4


def test_a_word_that_nobody_has_is_said(five: Crm) -> None:
    assert "No customer has industry machinry yet" in five.ok("icp add core --industry machinry").err


# ------------------------------------------------------------------ fit


def test_the_best_of_several_counts_and_is_named(five: Crm) -> None:
    five.ok("icp add metal --industry machinery")
    five.ok("icp add kitchen --industry food --size 50..70")
    db = open_reader(str(five.db))
    named = {customer_id: (fit, name) for customer_id, fit, name in fit_scores(db)}
    assert named[1] == (100, "metal") and named[5] == (100, "kitchen")
    best = fit_of(db, 5)
    assert best and best.ideal.name == "kitchen"
    told = five.rows("icp fit eden")
    assert (told["fit"], told["icp"], told["known"]) == (100, "kitchen", 100)
    assert told["others"] == [{"icp": "metal", "fit": 0}]
    assert [part["state"] for part in five.rows("icp fit bolt")["parts"]] == ["matched"]


def test_own_fields_are_measured_as_numbers_and_words(five: Crm) -> None:
    five.ok("customer edit acme --set seats=12 --set ERP=SAP")
    five.ok("icp add seats --set seats=10..20 --set erp=sap --weight seats=3")
    parts = five.rows("icp fit acme")["parts"]
    assert {part["field"]: part["state"] for part in parts} == {"custom.erp": "matched", "custom.seats": "matched"}
    assert five.rows("icp fit bolt")["fit"] is None


def test_fit_says_so_where_there_is_no_ideal_customer(five: Crm) -> None:
    assert "There is no ideal customer to measure against" in five.ok("icp fit acme").err
    assert five.rows("icp fit acme")["fit"] is None


def test_scores_keep_fit_and_priority(five: Crm) -> None:
    five.ok("icp add core --industry machinery --size 50..200")
    five.ok("score")
    rows = five.rows("customer list --columns id,fit,priority --sort id")
    assert [row["fit"] for row in rows] == [100, 50, 75, None, 50]
    assert rows[4]["priority"] is None  # has bought
    assert rows[0]["priority"] > rows[1]["priority"] > rows[3]["priority"] == 0
    assert [row["id"] for row in five.rows("customer list fit:75..")] == [1, 3]


def test_criteria_that_another_hand_spoilt_stop_nothing(five: Crm) -> None:
    five.ok("icp add core --industry machinery")
    import sqlite3

    with sqlite3.connect(five.db) as connection:
        connection.execute(
            'UPDATE icp SET criteria = \'{"size": {"range": "x"}, "city": 3, "kind": {"want": ["company"]}}\''
        )
    connection.close()
    assert fits(five)[4] == 100


# ------------------------------------------------------------------ priority


def test_priority_counts_money_by_the_newest_rate_and_recent_touches(five: Crm) -> None:
    five.ok("rate base EUR")
    five.ok("deal add Big --customer dune --amount 1000EUR")
    five.ok("deal add Dear --customer core --amount 1000USD")  # no rate: what it is worth is not known
    five.ok("log call core 'wants it' --direction in --at 2026-10-26")
    db = open_reader(str(five.db))
    dune, core = priority_of(db, TODAY, 4, None), priority_of(db, TODAY, 3, 75)
    assert dune and {name: points for name, points, _ in dune.parts}["capacity"] == pytest.approx(100 * 12.5 / 60)
    assert core and [name for name, _, _ in core.parts] == ["fit", "intent", "capacity"]
    assert core.parts[1][1] == pytest.approx(35 / 3)  # one of theirs thirty days ago is 1 of 1 + 2


def test_who_bought_is_no_prospect_until_a_deal_is_open(five: Crm) -> None:
    db = open_reader(str(five.db))
    assert [customer_id for customer_id, _ in priorities(db, TODAY, {})] == [1, 2, 3, 4]
    five.ok("order add dune --amount 5EUR --on 2026-12-24")  # ahead: nothing is bought yet
    five.ok("order add core --amount -5EUR --on 2026-11-01")  # a return alone is no purchase
    five.ok("deal add More --customer eden")
    five.ok("customer edit bolt --status unqualified")
    assert [customer_id for customer_id, _ in priorities(db, TODAY, {})] == [1, 3, 4, 5]


def test_the_call_sheet_can_be_sorted_by_priority(five: Crm) -> None:
    five.ok("icp add core --industry machinery")
    five.ok("task add first --customer eden --due 2026-11-01")
    five.ok("task add second --customer bolt --due 2026-11-02")
    five.ok("task add third --customer acme --due 2026-11-03")
    assert [row["what"] for row in five.rows("followups")] == ["first", "second", "third"]
    told = five.ok("followups --sort priority --format json")
    assert "There are no scores yet" in told.err
    assert [row["what"] for row in told.rows] == ["first", "second", "third"]
    five.ok("score")
    assert [row["what"] for row in five.rows("followups --sort priority")][-1] == "first"


# ------------------------------------------------------------------ learning


@pytest.fixture
def taught(crm: Crm, begun: dict[str, bytes]) -> Crm:
    """Forty customers with a closed deal each: food wins four of five, wood one of four."""
    lines = []
    for n in range(40):
        industry, is_won = ("food", n % 10 != 0) if n % 2 == 0 else ("wood", n % 8 == 1)
        lines.append(f"customer add C{n} --industry {industry} --size {20 + 5 * (n % 4)} --tag t{n % 3}")
        stage = "won" if is_won else "lost --reason price"
        lines.append(f"deal add D{n} --customer C{n} --amount {100 + n}EUR --stage {stage}")
    begin(crm, begun, "taught", *((DAY, line) for line in lines))
    return crm


@pytest.mark.ci
def test_learning_counts_and_proposes_what_sets_won_deals_apart(taught: Crm) -> None:
    told = taught.rows("icp learn")
    assert (told["won"], told["lost"], told["enough"]) == (21, 19, True)
    food = next(row for row in told["values"] if row["value"] == "food")
    # base 21/40; P(food|won) = 17/23, P(food|lost) = 5/21
    assert (food["won"], food["lost"], food["win_rate"], food["proposed"]) == (16, 4, 80.0, True)
    ratio = (21 / 40 * 17 / 23) / (21 / 40 * 17 / 23 + 19 / 40 * 5 / 21)
    assert food["smoothed"] == pytest.approx(100 * ratio, abs=0.05)
    assert [one["field"] for one in told["proposed"]] == ["industry"]
    taught.ok("icp learn --apply taught")
    assert taught.rows("icp show taught")["criteria"][0]["want"] == ["food"]
    assert taught.ok("icp learn --apply taught").err.startswith("Nothing to change")
    assert "Too little to learn from: 16 won and 4 lost" in taught.ok("icp learn customer.industry:food").err


def test_learning_from_nothing_says_so(crm: Crm) -> None:
    told = crm.ok("icp learn")
    assert "Nothing to learn from." in told.out + told.err and "Too little" in told.err
