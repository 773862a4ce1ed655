"""Recency, frequency and money of customers from their orders, their classes, and what each class is worth."""

from datetime import date
from typing import Any, NamedTuple

from crm_cli.queries import rates
from crm_cli.queries.conditions import EVERYTHING, Condition
from crm_cli.rules import rfm
from crm_cli.rules.currencies import scale
from crm_cli.rules.money import amount_number
from crm_cli.store.reader import Reader

MILLION = 1_000_000  # `rest` of an order is in millionths of a minor unit


class Asked(NamedTuple):
    """What the report is about: orders until `as_of`, those after `since` where there is a window; `where` is on
    customer c, `ties` "rank" or "breaks"."""

    as_of: date
    since: date | None = None
    bins: int = rfm.BINS
    ties: str = "rank"
    where: Condition = EVERYTHING


class Customer(NamedTuple):
    """One who ordered; `money` in millionths of a minor unit of the base currency."""

    id: int
    facts: rfm.Facts
    money: int
    last_on: str


class Answer(NamedTuple):
    """All customers who ordered, the scales, and how many were left out: who only returned, who ordered before."""

    asked: Asked
    currency: str | None
    customers: list[Customer]
    scores: rfm.Scores | None
    orders: int
    returns: int
    only_returns: int
    before: int

    def of(self, one: Customer) -> tuple[int, int, int]:
        """R, F and M of a customer."""
        assert self.scores is not None
        facts, scales = one.facts, self.scores
        return scales.r.score[facts.recency], scales.f.score[facts.frequency], scales.m.score[facts.monetary]

    def five(self, one: Customer) -> tuple[int, int, int]:
        """The same as scores of five, which the names are made for."""
        r, f, m = (rfm.of_five(score, self.asked.bins) for score in self.of(one))
        return r, f, m


def answer(db: Reader, asked: Asked) -> Answer:
    """Every customer with an order; Misuse where orders in several currencies cannot be added up."""
    currency = rates.need_base(db)
    source, params = _orders(asked)
    if currency is not None:
        test = source.partition(" WHERE ")[2]
        rates.refuse_without_rate(db, currency, where=test, params=params)
    amount = rates.order_amount(currency)
    rows = db.rows(
        "SELECT so.customer_id, max(CASE WHEN so.amount >= 0 THEN so.ordered_on END), sum(so.amount >= 0), count(*),"
        f" sum({amount}), sum(CASE WHEN so.currency = :base THEN so.rest ELSE 0 END) {source} GROUP BY so.customer_id",
        {**params, "base": currency},
    )
    found, orders, returns = [], 0, 0
    today, recency = asked.as_of, dict[str, int]()
    for customer_id, last_on, bought, all_, minor, rest in rows:
        orders, returns = orders + bought, returns + all_ - bought
        if last_on is None:
            continue
        days = recency.get(last_on)
        if days is None:
            days = recency[last_on] = (today - date.fromisoformat(last_on)).days
        money = (minor or 0) * MILLION + rest
        found.append(Customer(customer_id, rfm.Facts(days, bought, half_even(money)), money, last_on))
    unit = scale(currency) if currency else 1
    scores = rfm.scored([one.facts for one in found], bins=asked.bins, ties=asked.ties, unit=unit) if found else None
    before = _before(db, asked) if asked.since else 0
    return Answer(asked, currency, found, scores, orders, returns, len(rows) - len(found), before)


def half_even(millionths: int) -> int:
    """Minor units, a half going to the even one."""
    whole, left = divmod(millionths, MILLION)
    return whole + (2 * left > MILLION or (2 * left == MILLION and whole % 2 == 1))


def _orders(asked: Asked) -> tuple[str, dict[str, Any]]:
    """FROM and WHERE of the orders that count, and what is bound in them."""
    tests, params = ["so.removed_at IS NULL", "so.ordered_on <= :as_of"], {"as_of": asked.as_of.isoformat()}
    if asked.since is not None:
        tests.append("so.ordered_on > :since")
        params["since"] = asked.since.isoformat()
    if asked.where.sql != "1":
        wanted = f"SELECT c.id FROM customer c WHERE c.removed_at IS NULL AND {asked.where.sql}"
        tests.append(f"so.customer_id IN ({wanted})")
        params |= asked.where.params
    return f"FROM sales_order so WHERE {' AND '.join(tests)}", params


def _before(db: Reader, asked: Asked) -> int:
    """How many ordered before the window only."""
    source, params = _orders(asked._replace(since=None))
    bought = f"SELECT so.customer_id {source} AND so.amount >= 0 GROUP BY 1 HAVING max(so.ordered_on) <= :since"
    assert asked.since is not None
    return int(db.value(f"SELECT count(*) FROM ({bought})", {**params, "since": asked.since.isoformat()}))


def classes(found: Answer, by: str = "class") -> list[dict[str, Any]]:
    """A row for each class, or each of the eight groups: class or group, customers, share, money, money_share,
    currency, and the means recency (days), frequency (orders), monetary. All of them, in their order."""
    names = rfm.CLASSES if by == "class" else rfm.GROUPS
    name_of = rfm.class_of if by == "class" else rfm.group_of
    held: dict[str, list[Customer]] = {name: [] for name in names}
    for one in found.customers:
        held[name_of(*found.five(one))].append(one)
    everything = sum(one.money for one in found.customers)
    return [{by: name, **_row(found, held[name], everything)} for name in names]


def _row(found: Answer, held: list[Customer], everything: int) -> dict[str, Any]:
    n, money, currency = len(held), sum(one.money for one in held), found.currency
    facts = [one.facts for one in held]
    return {
        "customers": n,
        "share": round(100 * n / len(found.customers), 1) if found.customers else None,
        "money": amount_number(half_even(money), currency) if currency else None,
        # where returns outweigh what was bought there is no whole that this could be a share of
        "money_share": round(100 * money / everything, 1) if everything > 0 else None,
        "currency": currency,
        "recency": round(sum(one.recency for one in facts) / n, 1) if n else None,
        "frequency": round(sum(one.frequency for one in facts) / n, 2) if n else None,
        "monetary": amount_number(half_even(money // n), currency) if n and currency else None,
    }


def cells(found: Answer) -> dict[tuple[int, int], int]:
    """How many customers stand in each cell (R, FM) of the map, both of 1 to 5."""
    counts = {(r, fm): 0 for r in range(1, 6) for fm in range(1, 6)}
    for one in found.customers:
        r, f, m = found.five(one)
        counts[r, rfm.fm(f, m)] += 1
    return counts


def customers(db: Reader, found: Answer) -> list[dict[str, Any]]:
    """A row a customer: id, name, recency, frequency, monetary, currency, last_order_on, r, f, m, class, group; the
    best first."""
    names: dict[int, str] = dict(db.rows("SELECT id, name FROM customer"))
    rows: list[dict[str, Any]] = []
    for one in found.customers:
        r, f, m = found.of(one)
        five, facts, currency = found.five(one), one.facts, found.currency
        rows.append(
            {
                "id": one.id,
                "name": names.get(one.id),
                "recency": facts.recency,
                "frequency": facts.frequency,
                "monetary": amount_number(facts.monetary, currency) if currency else None,
                "currency": currency,
                "last_order_on": one.last_on,
                "r": r,
                "f": f,
                "m": m,
                "class": rfm.class_of(*five),
                "group": rfm.group_of(*five),
            }
        )
    rows.sort(key=lambda row: (-(row["r"] + row["f"] + row["m"]), row["recency"], row["id"]))
    return rows


def breaks(found: Answer) -> list[dict[str, Any]]:
    """What the scores were cut by: a row a score, the highest first, with the span of each as [lowest, highest].

    recency in days, frequency in orders, monetary in units; None where nobody has that score."""
    if found.scores is None:
        return []
    rows = []
    for score in range(found.asked.bins, 0, -1):
        money = found.scores.m.spans.get(score)
        rows.append(
            {
                "score": score,
                "recency": _span(found.scores.r.spans.get(score)),
                "frequency": _span(found.scores.f.spans.get(score)),
                "monetary": [amount_number(end, found.currency) for end in money] if money and found.currency else None,
            }
        )
    return rows


def _span(ends: tuple[int, int] | None) -> list[int] | None:
    return list(ends) if ends else None
