"""Every fact behind a customer's tier, stage of life and risk, with its day and the rule that it met."""

from collections.abc import Iterator
from typing import Any

from crm_cli.errors import CrmError
from crm_cli.i18n import said
from crm_cli.queries import rates, scoring
from crm_cli.queries.conditions import Asker
from crm_cli.queries.tiers import all_tiers, condition_of
from crm_cli.rules import lifecycle
from crm_cli.rules.facts import Fact
from crm_cli.rules.money import amount_number
from crm_cli.rules.rhythm import Part
from crm_cli.store.reader import Reader

# name of a part of the risk -> what it says, and the rule
_PARTS = {
    "silence": (
        said("silent for {silent} days, usually {interval}"),
        said("nothing up to one interval, all of it from three on"),
    ),
    "orders": (
        said("{later} orders in the later half of the time, {earlier} in the earlier one"),
        said("how far the later half falls behind"),
    ),
    "contact": (
        said("{later} conversations in the later half of the time, {earlier} in the earlier one"),
        said("how far the later half falls behind"),
    ),
}


def why(db: Reader, customer_id: int, asker: Asker) -> list[Fact]:
    """The facts of one customer as they are now; what only all customers together can tell, as it was scored last."""
    today, ids = asker.today, (customer_id, customer_id)
    score = _score(db, customer_id)
    # to find the only currency of millions of orders takes a second; the last run has done it
    currency = rates.kept_base(db) or score.get("currency") or rates.base(db)
    of = scoring.orders_of(db, currency, today, ids).get(customer_id) or scoring.Orders()
    talks = scoring.conversations(db, ids)
    its = scoring.began(db, asker, ids, talks)[customer_id]
    against = scoring.Population(currency, scoring.usual_now(db, currency, asker) if of.days else None, None, 0)
    return [
        *_tiers(db, customer_id, score, asker),
        *_orders(of, currency),
        *_rfm(score),
        *_lifecycle(its, of, against, asker),
        *_risk(of, against, talks.get(customer_id, []), asker),
        *_forecast(score),
        *_fit(score),
    ]


def _score(db: Reader, customer_id: int) -> dict[str, Any]:
    rows = db.dicts("SELECT * FROM score WHERE customer_id = :id", {"id": customer_id})
    return rows[0] if rows else {}


def _tiers(db: Reader, customer_id: int, score: dict[str, Any], asker: Asker) -> Iterator[Fact]:
    """Every rule that was tried, and the first that holds."""
    on = score.get("computed_on")
    if not score:
        yield Fact("tier", said("not scored yet: crm score"), None)
        return
    for tier in all_tiers(db):
        try:
            where = condition_of(db, tier, asker)
        except CrmError as error:
            yield Fact("tier", said("{name} cannot be asked: {problem}"), None, on, "{query}",
                       {"name": tier.name, "problem": error.message(), "query": tier.query})  # fmt: skip
            continue
        sql = f"SELECT 1 FROM customer c WHERE c.id = :why_id AND {where.sql}"
        holes = {"name": tier.name, "query": tier.query}
        if db.value(sql, {**where.params, "why_id": customer_id}):
            yield Fact("tier", said("is {name}, the first rule that holds"), tier.name, on, "{query}", holes)
            return
        yield Fact("tier", said("is not {name}"), None, on, "{query}", holes)
    yield Fact("tier", said("no rule holds"), None, on)


def _orders(of: scoring.Orders, currency: str | None) -> Iterator[Fact]:
    if not (of.orders or of.returns):
        yield Fact("orders", said("never ordered"), 0)
        return
    if of.orders:
        yield Fact("orders", said("first order"), None, of.first_on)
        yield Fact("orders", said("last order"), None, of.last_on)
    yield Fact("orders", said("orders"), of.orders)
    if of.returns:
        yield Fact("orders", said("returns"), of.returns)
    if of.millionths is None:
        yield Fact("orders", said("money is not known: an order has no rate"), None)
        return
    if currency is None:
        return
    for fact, minor, rule in (
        (said("revenue"), of.revenue, said("what was bought less what came back")),
        (said("margin"), of.margin, said("revenue less cost, of orders whose cost is known")),
        (said("revenue of the last 365 days"), of.year, ""),
        (said("revenue of the 365 days before"), of.before, ""),
    ):
        if minor is not None:
            yield Fact("orders", fact, amount_number(minor, currency), rule=rule, unit=currency)
    if of.growth is not None:
        yield Fact("orders", said("growth in percent"), of.growth, rule=said("one year against the one before"))


def _rfm(score: dict[str, Any]) -> Iterator[Fact]:
    if score.get("rfm_class") is None:
        return
    on = score["computed_on"]
    for key, fact in (("r", said("recency score")), ("f", said("frequency score")), ("m", said("money score"))):
        yield Fact("rfm", fact, score[key], on, said("1 to 5, about a fifth of the customers each"))
    yield Fact("rfm", said("class"), score["rfm_class"], on, said("R {r}, FM {fm}"), _fm(score))
    yield Fact("rfm", said("group"), score["rfm_group"], on, said("high is a score from 4 on"))


def _fm(score: dict[str, Any]) -> dict[str, Any]:
    from crm_cli.rules.rfm import fm

    return {"r": score["r"], "fm": fm(score["f"], score["m"])}


def _lifecycle(its: scoring.Began, of: scoring.Orders, against: scoring.Population, asker: Asker) -> Iterator[Fact]:
    """The changes of stage, the newest last."""
    for step in scoring.steps_of(its, of, against, asker.today):
        sentence, holes = lifecycle.reason_of(step.reason)
        rule = "" if step.reason == "hand" else _RULES[step.stage]
        yield Fact("lifecycle", sentence, step.stage, step.on.isoformat(), rule, holes)


_RULES = {
    "prospect": said("known, and nothing happened yet"),
    "exploring": said("talks to us, has a deal or one order"),
    "growing": said("ordered again"),
    "mature": said("orders on 5 days or more"),
    "declining": said("silent for more than 2 times the usual interval, 60 days at least"),
    "lost": said("silent for more than 3 times the usual interval, 90 days at least"),
    "won-back": said("ordered again after being lost"),
}


def _risk(of: scoring.Orders, against: scoring.Population, talks: list[str], asker: Asker) -> Iterator[Fact]:
    beat = scoring.rhythm_of(of, against, talks, asker.today)
    if beat.risk is None:
        yield Fact("risk", said("no risk is known without orders at intervals"), None)
        return
    basis = said("median of all customers") if beat.basis == "all" else said("median of its own intervals")
    yield Fact("risk", said("usual interval in days"), beat.interval, rule=basis)
    for part in beat.parts:
        sentence, rule = _PARTS[part.name]
        yield Fact("risk", sentence, part.points, rule=rule, holes=_numbers(part))
    yield Fact("risk", said("risk, 0 to 100"), beat.risk, asker.today.isoformat(), said("the sum of its parts"))


def _numbers(part: Part) -> dict[str, Any]:
    return {name: f"{number:g}" for name, number in part.numbers.items()}


def _forecast(score: dict[str, Any]) -> Iterator[Fact]:
    on = score.get("computed_on")
    if score.get("alive") is not None:
        yield Fact("forecast", said("still a customer, in percent"), score["alive"], on, "BG/NBD")
    for days in (30, 90, 365):
        expected = score.get(f"expected_{days}")
        if expected is not None:
            fact = said("orders to be expected in {days} days")
            yield Fact("forecast", fact, expected / 1000, on, "BG/NBD", {"days": days})
    if score.get("clv") is not None and score["currency"]:
        value = amount_number(score["clv"], score["currency"])
        yield Fact("forecast", said("lifetime value"), value, on, "Gamma-Gamma", unit=score["currency"])
    if score.get("next_order_on") is not None:
        yield Fact("forecast", said("likely day of the next order"), None, score["next_order_on"])


def _fit(score: dict[str, Any]) -> Iterator[Fact]:
    """How well it fits the ideal customer, and its priority as a prospect."""
    for key, fact in (("fit", said("fit with the ideal customer")), ("priority", said("priority"))):
        if score.get(key) is not None:
            rule, holes = said("in parts: crm icp fit {id}"), {"id": score["customer_id"]}
            yield Fact("fit", fact, score[key], score["computed_on"], rule, holes)
