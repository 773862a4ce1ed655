"""Customers who are about to leave, or left a short while ago, and whose tier asks that somebody turns to them."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from crm_cli.rules.warning import AT_RISK, SHORTEST, WARN
from crm_cli.store.reader import Reader

REST = 14  # days after a talk in which nobody is sent there again
MOST = 50  # on one call sheet: those that most money came from
GIVEN_UP = 90  # days after which who was lost is a case for winning back: lifecycle:lost


def slipping(db: Reader, today: date, bind: Callable[[Any], str]) -> str:
    """FROM and WHERE of such customers c with their score z; empty where there are none.

    The index score_leaving has who is at risk, by their money: its test has to stand in the statement as it is there.
    """
    if db.value("SELECT 1 FROM score LIMIT 1") is None:
        return ""
    from crm_cli.queries.tiers import asking_risk

    names = [bind(name) for name in asking_risk(db)]
    if not names:
        return ""
    rest, given_up = today - timedelta(days=REST), today - timedelta(days=GIVEN_UP)
    return (
        "FROM score z JOIN customer c ON c.id = z.customer_id WHERE c.removed_at IS NULL"
        f" AND z.tier IN ({', '.join(names)}) AND z.risk >= {AT_RISK} AND z.last_order_on IS NOT NULL"
        f" AND (c.last_contact_on IS NULL OR c.last_contact_on <= {bind(rest.isoformat())})"
        f" AND (z.lifecycle IS NOT 'lost' OR z.lifecycle_since_on >= {bind(given_up.isoformat())})"
    )


def warned_on(last_order: str, interval: int | None, today: date) -> date:
    """The day on which silence became a warning; today where it is something else that falls."""
    if interval is None:
        return today
    return min(date.fromisoformat(last_order) + timedelta(days=WARN * max(interval, SHORTEST)), today)
