"""The tiers that a database begins with: what a customer is worth, and the service that this asks for."""

from typing import NamedTuple

from crm_cli.i18n import said
from crm_cli.rules.warning import AT_RISK


class Tier(NamedTuple):
    """A rule as it is tried: the first by position whose query holds for a customer is the customer's tier."""

    name: str
    position: int
    query: str
    cadence_days: int | None
    playbook: str | None
    asks_risk: bool
    owner: str | None = None
    id: int | None = None


DEFAULTS = (
    Tier(
        "at-risk",
        1,
        f"risk:{AT_RISK}.. rfm.m:3..",
        7,
        said("Ask what changed before offering anything; settle what is open; a reason to order again this month."),
        True,
    ),
    Tier(
        "vip",
        2,
        "rfm.f:4.. rfm.m:5 not:margin:..0",
        14,
        said("The one who knows them best calls in person; offers before anyone else; problems the same day."),
        True,
    ),
    Tier(
        "growing",
        3,
        "growth:20..",
        30,
        said("Find what else they could use; agree on a plan for the year; show them what others like them buy."),
        False,
    ),
    Tier(
        "low-value",
        4,
        "rfm.f:..2 rfm.m:..2",
        None,
        said("Serve by mail and catalogue; no visits; combine small orders."),
        False,
    ),
    Tier(
        "ordinary",
        5,
        "has:last_order_on",
        90,
        said("Once a quarter a call with one useful thing; watch for a second need."),
        False,
    ),
)

# stage of life -> what to do with a customer in it; `crm lifecycle edit STAGE --playbook T` puts another in its place
PLAYBOOK = {
    "prospect": said("Find the person who decides; say in one sentence what we do for firms like theirs."),
    "exploring": said("Make the first order easy: a small trial, a clear price, an answer within a day."),
    "growing": said("Show what goes with what they have; ask how the last delivery went."),
    "mature": said("Keep them: a review twice a year, news before others hear it, a second person who knows us."),
    "declining": said("Call before the month is over and ask what changed; do not begin with a discount."),
    "lost": said("Ask once why they left, and write it down; try again after half a year with something new."),
    "won-back": said("Mend what made them leave; be in touch after each of the next three orders."),
}
