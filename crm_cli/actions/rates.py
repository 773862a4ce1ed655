"""Rates added, changed and removed; the base currency; and amounts frozen in it by the rate of their own day.

An order, and a deal that closes, keep what they come to in the base currency: no rate that is added or changed later
moves that. What had no rate is frozen by the first one that fits. `updated_at` stays: nobody touched the record.
"""

from datetime import date
from typing import Any

from crm_cli.actions.change import NOTHING, Change, Note
from crm_cli.actions.freezing import NOUNS, freeze_missing, frozen_notes
from crm_cli.errors import Misuse, NotFound
from crm_cli.i18n import language, listed, said
from crm_cli.model.sales import Rate, Setting
from crm_cli.queries.rates import Missing, base, in_use, kept_base, no_base, rate_of, without_rate
from crm_cli.rules.currencies import parse_currency
from crm_cli.rules.days import spell_day
from crm_cli.rules.rates import OLD_DAYS, converted, parse_rate, ratio, spell_worth
from crm_cli.store.writer import Work

__all__ = ["add_rate", "freeze_deal", "freeze_missing", "freeze_order", "once", "remove_rate", "set_base", "worth_of"]

# ------------------------------------------------------------------ one record


def freeze_order(w: Work, row: Any) -> list[Note]:
    """Keep what an order comes to in the base currency by the rate of its day; call it where amount, cost, currency or
    day are new. Returns what is worth saying of the rate."""
    return _freeze(w, row, row.ordered_on, {"base_amount": row.amount, "base_cost": row.cost})


def worth_of(row: Any) -> tuple[Any, ...]:
    """What the frozen amount of an order follows from: where this is the same as before, it stays as it is."""
    return row.amount, row.cost, row.currency, row.ordered_on


def freeze_deal(w: Work, row: Any) -> list[Note]:
    """As `freeze_order` for a deal by the day it closed; an open one keeps nothing."""
    return _freeze(w, row, row.closed_on, {"base_amount": row.amount})


def _freeze(w: Work, row: Any, day: date | None, amounts: dict[str, int | None]) -> list[Note]:
    of = kept_base(w.db)  # where none was ever set there is no rate either
    whole = day is not None and row.amount is not None and row.currency is not None
    found = None
    if of and whole and day and row.currency != of:
        found = rate_of(w.db, of, row.currency, day.isoformat())
    by = ratio(found.rate, row.currency, of) if found and of else None
    for column, amount in amounts.items():
        setattr(row, column, None if by is None or amount is None else converted(amount, by))
    row.base_currency = of if found else None
    row.rate_on = date.fromisoformat(found.on) if found else None
    if not of or not whole or not day or row.currency == of:
        return []
    holes = {"currency": row.currency, "day": day.isoformat(), "base": of}
    if found is None:
        return [(said("No rate for {currency} on {day} yet: crm rate add {currency} RATE --on {day}"), holes)]
    age = (day - row.rate_on).days
    if age > OLD_DAYS:
        sentence = said("The rate for {currency} is of {on}, {days} days before {day}")
        return [(sentence, {**holes, "on": found.on, "days": age})]
    return []


def once(notes: list[Note]) -> list[Note]:
    """What is said of rates about several records: of each currency once."""
    return list({(sentence, holes["currency"]): (sentence, holes) for sentence, holes in notes}.values())


# ------------------------------------------------------------------ rates


def add_rate(w: Work, currency: str, typed: str, *, on: date, source: str | None, decimal: str) -> Change:
    """What one unit of a currency is worth from a day on. The first rate settles the base currency."""
    code, rate = parse_currency(currency), parse_rate(typed, decimal=decimal)
    of, notes = settled_base(w, code)
    row_id = w.db.value(
        "SELECT id FROM rate WHERE currency = :currency AND base = :base AND rate_on = :day",
        {"currency": code, "base": of, "day": on.isoformat()},
    )
    holes = {"worth": spell_worth(code, rate, of), "day": spell_day(on, language())}
    if row_id is None:
        row = w.add(
            Rate(currency=code, base=of, rate=rate, rate_on=on, source=source, created_at=w.now, updated_at=w.now)
        )
        if on > w.today:
            notes.append(("{day} has not come yet: it counts from then on", {"day": holes["day"]}))
        return Change(
            "rate", [row.id], "Added rate: {worth} ({day})", holes, [*notes, *frozen_notes(freeze_missing(w))]
        )
    kept: Any = w.get(Rate, row_id)
    before, kept.rate, kept.source = kept.rate, rate, source or kept.source
    if not w.session.is_modified(kept):
        return Change("rate", [row_id], NOTHING)
    kept.updated_at = w.now
    notes += [(said("What was worked out with {rate} keeps it"), {"rate": before})] if _is_used(w, kept) else []
    return Change("rate", [row_id], "Changed rate: {worth} ({day})", holes, notes)


def settled_base(w: Work, other: str | None = None) -> tuple[str, list[Note]]:
    """The base currency for a rate of another one; where it only followed from the records it is set now."""
    of = base(w.db)
    if of is None:
        raise no_base(in_use(w.db, most=20))
    if of == other:
        raise Misuse(
            "{currency} is the base currency: its rate is 1",
            hint="Another base currency: crm rate base C",
            currency=other,
        )
    if kept_base(w.db):
        return of, []
    keep_base(w, of)
    return of, [(said("{base} is the base currency from now on: crm rate base"), {"base": of})]


def _is_used(w: Work, row: Any) -> bool:
    """Whether something was frozen with a rate."""
    asked = {"currency": row.currency, "base": row.base, "day": row.rate_on.isoformat()}
    frozen = "currency = :currency AND base_currency = :base AND rate_on = :day"
    return any(w.db.value(f"SELECT 1 FROM {table} WHERE {frozen} LIMIT 1", asked) for _, table in NOUNS)


def remove_rate(w: Work, currency: str, *, on: date) -> Change:
    """Take a rate away; what was frozen with it keeps its amount."""
    code, of = parse_currency(currency), base(w.db) or ""
    asked = {"currency": code, "base": of}
    days = [(row_id, day) for row_id, day in w.db.rows(
        "SELECT id, rate_on FROM rate WHERE currency = :currency AND base = :base ORDER BY rate_on DESC", asked
    )]  # fmt: skip
    row_id = next((row_id for row_id, day in days if day == on.isoformat()), None)
    if row_id is None:
        near = sorted((day for _, day in days), key=lambda day: abs((date.fromisoformat(day) - on).days))[:3]
        hint = said("Its rates next to that day: {days}") if near else said("See: crm rate list")
        raise NotFound(
            "There is no rate for {currency} of {day}", hint=hint, currency=code, day=on.isoformat(), days=listed(near)
        )
    row: Any = w.get(Rate, row_id)
    holes = {"worth": spell_worth(code, row.rate, of), "day": spell_day(on, language())}
    notes: list[Note] = (
        [(said("What was worked out with {rate} keeps it"), {"rate": row.rate})] if _is_used(w, row) else []
    )
    w.session.delete(row)
    return Change("rate", [], "Removed rate: {worth} ({day})", holes, notes)


# ------------------------------------------------------------------ the base currency


def keep_base(w: Work, code: str) -> None:
    """Write the base currency down; what is frozen is left as it is."""
    row_id = w.db.value("SELECT id FROM setting WHERE name = 'base'")
    if row_id is None:
        w.add(Setting(name="base", value=code, created_at=w.now, updated_at=w.now))
        return
    row: Any = w.get(Setting, row_id)
    row.value, row.updated_at = code, w.now


def set_base(w: Work, typed: str) -> Change:
    """Count in another currency: frozen amounts are worked out anew, each by the rate of its day in that currency."""
    code = parse_currency(typed)
    before = kept_base(w.db)
    if before == code:
        return Change("base", [], NOTHING)
    keep_base(w, code)
    counts = freeze_missing(w)
    notes: list[Note] = [*frozen_notes(counts)] if before is None else _anew(w, code, counts)
    for noun, _ in NOUNS:
        for missing in without_rate(w.db, code, noun=noun):
            notes.append(_lacking(noun, missing, code))
    return Change("base", [], "The base currency is {base}", {"base": code}, notes)


def _anew(w: Work, code: str, counts: dict[str, int]) -> list[Note]:
    """How many amounts were worked out anew, when the base currency became another one."""
    frozen = sum(
        w.db.value(f"SELECT count(*) FROM {table} WHERE base_currency = :base", {"base": code}) for _, table in NOUNS
    )
    return [(said("Amounts worked out anew: {n}"), {"n": frozen})] if frozen and counts else []


def _lacking(noun: str, missing: Missing, code: str) -> Note:
    holes = {"n": missing.records, "currency": missing.currency, "base": code, "day": missing.on}
    if noun == "order":
        return said("Orders in {currency} without a rate: {n}; crm rate add {currency} RATE --on {day}"), holes
    return said("Closed deals in {currency} without a rate: {n}; crm rate add {currency} RATE --on {day}"), holes
