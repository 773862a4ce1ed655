"""crm report forecast: won to date, what open deals may bring, and what makes that doubtful."""

import pytest
from conftest import Crm, begin

KEYS = (
    "month won_deals won_amount open_deals open_amount weighted expected currency without_probability unweighted_amount"
    " overdue slipped doubtful"
).split()


@pytest.fixture
def ahead(crm: Crm, begun: dict[str, bytes]) -> Crm:
    """Won in September, October and November; open for November (late), December, January and for no day."""
    own = "--customer acme --currency EUR"
    begin(
        crm,
        begun,
        "forecast",
        ("2026-09-01", "customer add Acme"),
        ("2026-09-01", "stage add review --after proposal"),
        ("2026-09-01", f"deal add early {own} --amount 5000"),
        ("2026-09-01", f"deal add first {own} --amount 20k"),
        ("2026-09-01", f"deal add second {own} --amount 10k"),
        ("2026-09-01", f"deal add gone {own} --amount 99k"),
        ("2026-09-20", "deal win early"),
        ("2026-10-10", "deal win first"),
        ("2026-11-02", "deal win second"),
        ("2026-11-02", "deal lose gone --reason price"),
        ("2026-11-03", f"deal add late {own} --amount 8000 --stage negotiation --close 2026-11-10"),
        ("2026-11-03", f"deal add rollout {own} --amount 48k --stage proposal --close 2026-12-31"),
        ("2026-11-03", f"deal add unsure {own} --amount 7000 --stage review --close 2026-12-01"),
        ("2026-11-03", f"deal add sure {own} --amount 1000.50 --stage proposal --close 2027-01-15 --probability 90"),
        ("2026-11-03", f"deal add someday {own} --amount 5000"),
        ("2026-11-03", "deal add empty --customer acme --close 2027-01-16"),
    )
    return crm


def by_label(crm: Crm, line: str, key: str = "month") -> dict[str | None, dict]:
    return {row[key]: row for row in crm.rows(f"report forecast {line}")}


def test_each_month_says_what_is_won_and_what_is_expected(ahead: Crm) -> None:
    rows = by_label(ahead, "")
    assert list(rows) == ["2026-10", "2026-11", "2026-12", "2027-01", None]  # September is over: nothing is open there
    assert list(rows["2026-10"]) == KEYS
    assert rows["2026-10"]["expected"] == rows["2026-10"]["won_amount"] == 20_000
    november = rows["2026-11"]
    assert (november["won_amount"], november["open_amount"], november["weighted"]) == (10_000, 8000, 6000)
    assert (november["expected"], november["overdue"]) == (16_000, 1)
    assert rows[None]["weighted"] == 500  # a lead without a day, at 10 %


def test_an_unknown_probability_is_never_taken_for_certain(ahead: Crm) -> None:
    december = by_label(ahead, "")["2026-12"]
    assert (december["open_deals"], december["open_amount"]) == (2, 55_000)
    assert december["expected"] == 24_000  # half of 48,000; 7,000 of the stage without a probability stand apart
    assert (december["without_probability"], december["unweighted_amount"]) == (1, 7000)
    assert "Without a probability, left out of the weighted sum: 1" in ahead.ok("report forecast").err


def test_its_own_probability_goes_before_that_of_the_stage(ahead: Crm) -> None:
    january = by_label(ahead, "")["2027-01"]
    assert january["open_deals"] == 2
    assert january["weighted"] == 900.45


def test_by_quarter_and_by_owner(ahead: Crm) -> None:
    quarters = by_label(ahead, "--by quarter", "quarter")
    assert list(quarters) == ["2026-Q4", "2027-Q1", None]
    assert quarters["2026-Q4"]["expected"] == 30_000 + 6000 + 24_000
    ahead.ok("member add Ana")
    ahead.ok("deal edit rollout first early --owner ana --yes")
    owners = by_label(ahead, "--by owner", "owner")
    assert list(owners) == ["Ana", None]
    assert (owners["Ana"]["won_amount"], owners["Ana"]["weighted"]) == (20_000, 24_000)  # won in this quarter


def test_a_time_of_ones_own(ahead: Crm) -> None:
    rows = by_label(ahead, "--from 2026-09-01 --to 2026-12-31")
    assert list(rows) == ["2026-09", "2026-10", "2026-11", "2026-12"]
    assert rows["2026-09"]["won_amount"] == 5000
    told = ahead.rows("report forecast --from 2026-12-01 --explain")
    assert list(told) == ["formula", "source", "counted", "left_out"]
    assert told["counted"] == {"won_deals": 0, "open_deals": 4}
    assert told["left_out"] == {"without_amount": 1, "without_probability": 1, "without_close_day": 1}
    assert "formula" in ahead.ok("report forecast --explain").out


def test_a_query_narrows_it(ahead: Crm) -> None:
    assert list(by_label(ahead, "stage:review")) == ["2026-12"]
    assert ahead.rows("report forecast amount:1m..") == []
    ahead.ok("deal remove late --yes")
    assert by_label(ahead, "")["2026-11"]["open_deals"] == 0


def test_a_close_put_off_is_counted_and_undone(ahead: Crm) -> None:
    def slips() -> int:
        return ahead.rows("deal list rollout --columns slips")[0]["slips"]

    ahead.ok("deal edit rollout --close 2027-01-31")
    ahead.ok("deal edit rollout --close 2026-12-15")  # earlier is no slip
    ahead.ok("deal edit rollout --risk budget")
    assert slips() == 1
    ahead.ok("undo 3")
    assert slips() == 0
    assert ahead.rows("deal list rollout")[0]["expected_close_on"] == "2026-12-31"
    ahead.ok("deal edit first --close 2030-01-01")  # it was won
    assert ahead.rows("deal list first --all --columns slips") == [{"slips": 0}]


def test_three_times_put_off_is_not_believable(ahead: Crm) -> None:
    ahead.ok("deal edit rollout --close 2027-01-10")
    ahead.ok("deal edit rollout --close 2027-01-20")
    assert by_label(ahead, "")["2027-01"]["slipped"] == 1
    assert by_label(ahead, "")["2027-01"]["doubtful"] == 0
    file = "title,customer,close\nrollout,Acme,2027-01-30\nsomeday,Acme,2027-02-01\nlate,Acme,2026-11-01\n"
    ahead.ok("import", "-", "--as", "deals", stdin=file)
    assert by_label(ahead, "")["2027-01"]["doubtful"] == 1
    assert [row["title"] for row in ahead.rows("deal list slips:1..")] == ["rollout"]
    said = ahead.ok("report forecast").err
    assert "Put off three times or more, not believable: 1 (crm deal list slips:3..)" in said
    ahead.ok("import", "-", "--as", "deals", stdin=file)
    assert ahead.rows("deal list slips:1.. --columns slips") == [{"slips": 3}]
    ahead.ok("undo")
    assert ahead.rows("deal list slips:1.. --columns slips") == [{"slips": 2}]


@pytest.mark.ci
def test_two_currencies_need_a_base_and_rates(ahead: Crm) -> None:
    ahead.ok("deal add abroad --customer acme --amount 1000 --currency USD --stage proposal --close 2026-12-20")
    ahead.ok("deal add sold --customer acme --amount 100 --currency USD")
    refused = ahead("report forecast")
    assert refused.code == 2
    assert "no base currency" in refused.err
    assert by_label(ahead, "currency:USD")["2026-12"]["currency"] == "USD"  # these alone are in one
    ahead.ok("rate base EUR")
    refused = ahead("report forecast")
    assert (refused.code, "No rate for USD" in refused.err) == (2, True)
    ahead.ok("rate add USD 0.5 --on 2026-11-01")
    ahead.ok("deal win sold")
    ahead.ok("rate add USD 0.9 --on 2026-11-25")
    rows = by_label(ahead, "")
    assert rows["2026-12"]["weighted"] == 24_000 + 450  # open: by the newest rate
    assert rows["2026-11"]["won_amount"] == 10_000 + 50  # won: by the rate of its day, frozen
    assert rows["2026-11"]["currency"] == "EUR"


@pytest.mark.ci
def test_nothing_and_deals_without_money(crm: Crm) -> None:
    assert crm.rows("report forecast") == []
    assert crm.ok("report forecast").err == "No open deals, and none that was won in this time.\n"
    crm.ok("customer add Acme")
    crm.ok("deal add only --customer acme --close 2026-12-01")
    row = crm.rows("report forecast")[0]
    assert (row["open_deals"], row["open_amount"], row["expected"], row["currency"]) == (1, None, None, None)
    assert "nan" not in crm.ok("report forecast").out.lower()


@pytest.mark.ci
def test_it_fits_the_screen_in_both_languages(ahead: Crm) -> None:
    lines = ahead.ok("report forecast").out.splitlines()
    assert lines[0].split()[:3] == ["month", "won", "amount"]
    assert lines[-1].split()[0] == "total"
    assert lines[3].endswith("█" * 24)
    for width in ("40", "80"):
        shown = ahead.ok("report forecast --lang zh", env={"COLUMNS": width, "FORCE_COLOR": "1", "NO_COLOR": "1"}).out
        assert "预计" in shown
        assert "总计" in shown
    assert ahead.ok("report forecast --by 季度 --format csv").out.startswith("quarter,won_deals")
    assert ahead.ok("report forecast --columns month,expected --format tsv").out.splitlines()[0] == "month\texpected"
    assert ahead.ok("report forecast --format md").out.startswith("| month |")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("report forecast --by colour", "Split it by: month quarter owner"),
        ("report forecast --columns colour", "Unknown column colour"),
        ("report forecast --from 2026-12-01 --to 2026-11-01", "2026-11-01 lies before 2026-12-01"),
        ("report forecast colour:red", "Unknown field colour"),
    ],
)
def test_what_cannot_be_meant(crm: Crm, line: str, said: str) -> None:
    result = crm(line)
    assert result.code == 2
    assert said in result.err
