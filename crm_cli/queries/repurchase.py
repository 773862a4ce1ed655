"""Who bought again, by when he bought first: cohorts, and how many of each came back within so many days."""

from datetime import date
from typing import Any, NamedTuple

from crm_cli.queries.conditions import Condition
from crm_cli.rules.days import add_days, month_length
from crm_cli.store.reader import Reader

WITHIN = (30, 90, 180, 365)  # days


class Bought(NamedTuple):
    """Cohorts, and what they rest on: who ordered, and whose first order lies outside the days asked for."""

    rows: list[dict[str, Any]]
    customers: int
    outside: int


def repurchase(
    db: Reader, where: Condition, span: tuple[date | None, date | None], today: date, *, by: str = "month"
) -> Bought:
    """Rows of cohort (2026-03 or 2026-Q1), customers, in_30 .. in_365 (percent that bought again within so many days;
    None while they have not passed for all of the cohort), again (how many, until today), rate (percent).

    Again is an order on a later day. Orders below zero and those in the future do not count.
    """
    live = "o.customer_id = c.id AND o.removed_at IS NULL AND o.amount >= 0 AND o.ordered_on <= :today"
    first = f"(SELECT min(o.ordered_on) FROM sales_order o WHERE {live})"
    second = f"(SELECT min(o.ordered_on) FROM sales_order o WHERE {live} AND o.ordered_on > f.day)"
    rows = db.rows(
        f"SELECT f.day, {second.replace('c.id', 'f.id')}, count(*) FROM (SELECT c.id, {first} AS day FROM customer c"
        f" WHERE c.removed_at IS NULL AND {where.sql}) f WHERE f.day IS NOT NULL GROUP BY 1, 2",
        {**where.params, "today": today.isoformat()},
    )
    low, high = (day.isoformat() if day else None for day in span)
    held: dict[str, list[tuple[int | None, int]]] = {}
    customers = outside = 0
    for began, again, n in rows:
        if (low and began < low) or (high and began > high):
            outside += n
            continue
        customers += n
        days = (date.fromisoformat(again) - date.fromisoformat(began)).days if again else None
        held.setdefault(_cohort(began, by), []).append((days, n))
    return Bought([_row(name, held[name], by, today) for name in sorted(held)], customers, outside)


def _cohort(day: str, by: str) -> str:
    return day[:7] if by == "month" else f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}"


def _last_day(cohort: str, by: str) -> date:
    year = int(cohort[:4])
    month = int(cohort[5:]) if by == "month" else 3 * int(cohort[-1])
    return date(year, month, month_length(year, month))


def _row(name: str, held: list[tuple[int | None, int]], by: str, today: date) -> dict[str, Any]:
    everybody = sum(n for _, n in held)
    again = sum(n for days, n in held if days is not None)
    row: dict[str, Any] = {"cohort": name, "customers": everybody}
    ended = _last_day(name, by)
    for within in WITHIN:
        bought = sum(n for days, n in held if days is not None and days <= within)
        passed = add_days(ended, within) <= today
        row[f"in_{within}"] = round(100 * bought / everybody, 1) if passed else None
    return {**row, "again": again, "rate": round(100 * again / everybody, 1)}
