"""The funnel against an earlier day, and split by what deals and customers are like."""

import pytest
from conftest import Crm

pytestmark = pytest.mark.ci


@pytest.fixture
def month(acme: Crm) -> Crm:
    """On 25 November Acme rollout stands in proposal; then a month goes by."""
    acme.ok('customer add "Beta AG" --region Nord --source fair')
    acme.ok("deal add pilot --customer beta --amount 1k --currency EUR")
    acme.ok("deal add plain --customer beta --tag hot --tag new")
    december = acme.at("2026-12-10T09:00:00")
    december.ok("deal move rollout negotiation")
    december.ok("deal lose pilot --reason price")
    december.ok("deal add late --customer acme --amount 2k --currency EUR")
    december.ok("deal move late qualified")
    return december


def test_what_moved_since_a_day(month: Crm) -> None:
    rows = {row["stage"]: row for row in month.rows("funnel --compare 2026-11-30")}
    keys = ("before", "entered", "left", "to_won", "to_lost", "change", "deals")
    found = {stage: tuple(row[key] for key in keys) for stage, row in rows.items()}
    assert found == {
        "lead": (2, 1, 2, 0, 1, -1, 1),
        "qualified": (0, 1, 0, 0, 0, 1, 1),
        "proposal": (1, 0, 1, 0, 0, -1, 0),
        "negotiation": (0, 1, 0, 0, 0, 1, 1),
        "won": (0, 0, 0, 0, 0, 0, 0),
        "lost": (0, 1, 0, 0, 0, 1, 1),
    }


def test_the_day_may_be_said_as_a_span_that_is_over(month: Crm) -> None:
    expected = month.rows("funnel --compare 2026-11-30")
    for typed in ("last-month", "2026-11", "上月"):
        assert month.rows("funnel", "--compare", typed) == expected
    assert month("funnel --compare never").code == 2


def test_a_person_reads_a_table_of_it(month: Crm) -> None:
    table = month.ok("funnel --compare last-month").out.splitlines()
    assert table[0].split() == ["stage", "deals", "before", "entered", "left", "to", "won", "to", "lost", "change"]
    assert table[1].split() == ["lead", "1", "2", "1", "2", "0", "1", "-1"]
    chinese = month.ok("funnel --compare last-month --lang zh").out.splitlines()
    assert chinese[0].split() == ["阶段", "商机数", "此前", "进入", "离开", "赢单", "输单", "变更"]


@pytest.mark.parametrize(
    ("by", "labels"),
    [
        ("source", {"fair": 2, None: 2}),
        ("region", {"Nord": 2, "DACH": 2}),
        ("tag", {"hot": 1, "new": 1, None: 3}),
        ("month", {"2026-11": 3, "2026-12": 1}),
    ],
)
def test_split_by(month: Crm, by: str, labels: dict[str | None, int]) -> None:
    counted: dict[str | None, int] = {}
    for row in month.rows(f"funnel --by {by}"):
        counted[row[by]] = counted.get(row[by], 0) + row["deals"]
    assert counted == labels


def test_split_by_what_is_not_known_is_refused(month: Crm) -> None:
    result = month("funnel --by colour")
    assert result.code == 2
    assert "owner month source region tag" in result.err
