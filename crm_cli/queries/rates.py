"""What money is worth in the base currency: frozen amounts as SQL, open ones by the newest rate, and what has no rate.

A rate says what ONE unit of a currency is worth in the base currency; that of a day is the newest on or before it.
Orders and closed deals keep their amount by the rate of their own day (actions/rates.py), so that no later rate moves
a report of the past.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from crm_cli.errors import Misuse
from crm_cli.i18n import listed, said
from crm_cli.rules.currencies import is_currency
from crm_cli.rules.money import Exact
from crm_cli.rules.rates import OLD_DAYS, converted, ratio
from crm_cli.store.reader import Reader, id_list

Note = tuple[str, dict[str, Any]]
# Where frozen amounts stand: alias, the condition under which there is one, the column of its day.
FROZEN = {
    "order": ("sales_order so", "+so.removed_at IS NULL", "so.ordered_on"),
    "deal": ("deal d", "d.removed_at IS NULL AND d.closed_on IS NOT NULL AND d.amount IS NOT NULL", "d.closed_on"),
}


class Rate(NamedTuple):
    """A rate as it is kept: the digits, and the day from which it holds."""

    rate: str
    on: str


class Missing(NamedTuple):
    """A currency that has amounts without a rate: their first day, and how many there are."""

    currency: str
    on: str
    records: int


# ------------------------------------------------------------------ the base currency


def kept_base(db: Reader) -> str | None:
    """The base currency that was set; None as long as nobody had to."""
    found = db.value("SELECT value FROM setting WHERE name = 'base'")
    return found if found and is_currency(found) else None


def base(db: Reader) -> str | None:
    """What reports count in: the currency that was set, else the only one of orders that are not removed, where there
    are none the only one of deals; None where there is no money at all, or several and none is set."""
    kept = kept_base(db)
    if kept:
        return kept
    used = _currencies(db, _ORDERS, [], 2) or _currencies(db, _DEALS, [], 2)
    return used[0] if len(used) == 1 else None


def need_base(db: Reader) -> str | None:
    """As `base`; Misuse where there are several currencies and none is set."""
    found = base(db)
    if found is None and (used := in_use(db, most=20)):
        raise no_base(used)
    return found


def base_of_orders(db: Reader) -> str | None:
    """What reports about orders alone count in, whatever deals are in: the currency that was set, else the only one of
    orders; None where there are none, Misuse where there are several."""
    used = [kept] if (kept := kept_base(db)) else _currencies(db, _ORDERS, [], 2)
    if len(used) > 1:
        raise no_base(in_use(db, most=20))
    return used[0] if used else None


def no_base(used: Iterable[str]) -> Misuse:
    """The refusal to add up several currencies without a base one."""
    named = list(used)
    if not named:
        return Misuse("No base currency is set", hint="Set it: crm rate base EUR")
    return Misuse(
        "Amounts are in {currencies}, and no base currency is set",
        hint="Set it, then give the others a rate: crm rate base {first}",
        currencies=listed(named),
        first=named[0],
    )


_DEALS = "deal WHERE amount IS NOT NULL AND removed_at IS NULL"
_ORDERS = "sales_order WHERE removed_at IS NULL"


def in_use(db: Reader, *, most: int = 200) -> list[str]:
    """Currencies of deals with an amount and of orders, none of them removed; at most so many."""
    return sorted(_currencies(db, _ORDERS, _currencies(db, _DEALS, [], most), most))


def _currencies(db: Reader, source: str, found: list[str], most: int) -> list[str]:
    """Those found and those of a source, one look for each: from one to the next, as an index has them."""
    last = ""
    while len(found) < most:
        code = db.value(f"SELECT currency FROM {source} AND currency > :last ORDER BY currency LIMIT 1", {"last": last})
        if code is None:
            break
        last = code
        if code not in found and is_currency(code):
            found = [*found, code]
    return found


# ------------------------------------------------------------------ frozen amounts, in SQL


def order_amount(base: str | None) -> str:
    """What an order `so` comes to, in minor units of the base; NULL without a rate. A part of an SQL statement."""
    return _worth("so", "amount", base)


def order_cost(base: str | None) -> str:
    """What an order `so` cost us, as `order_amount`."""
    return _worth("so", "cost", base)


def deal_amount(base: str | None) -> str:
    """What a closed deal `d` comes to, as `order_amount`; NULL for an open one in another currency: see Converter."""
    return _worth("d", "amount", base)


def _worth(alias: str, column: str, base: str | None) -> str:
    if base is None or not is_currency(base):
        return "NULL"
    return (
        f"CASE WHEN {alias}.currency = '{base}' THEN {alias}.{column}"
        f" WHEN {alias}.base_currency = '{base}' THEN {alias}.base_{column} END"
    )


# ------------------------------------------------------------------ what has no rate


def without_rate(
    db: Reader, base: str, *, noun: str = "order", where: str = "1", params: Mapping[str, Any] | None = None
) -> list[Missing]:
    """Currencies of orders (alias so) or of closed deals (alias d) that have no amount in the base, by first day.

    `where` narrows the records, with its values in `params`.
    """
    table, live, day = FROZEN[noun]
    alias = table.split()[1]
    rows = db.rows(
        f"SELECT {alias}.currency, min({day}), count(*) FROM {table} WHERE {live} AND {alias}.currency <> :rate_base"
        f" AND {alias}.base_currency IS NOT :rate_base AND ({where}) GROUP BY 1 ORDER BY 2, 1",
        {**(params or {}), "rate_base": base},
    )
    return [Missing(*row) for row in rows]


def refuse_without_rate(
    db: Reader, base: str, *, noun: str = "order", where: str = "1", params: Mapping[str, Any] | None = None
) -> None:
    """Misuse that names the first amount without a rate, where there is one: a sum without it would be wrong."""
    missing = without_rate(db, base, noun=noun, where=where, params=params)
    if missing:
        raise no_rate(missing[0].currency, missing[0].on, base)


def no_rate(currency: str, on: str, base: str) -> Misuse:
    """The refusal to count what nobody knows the worth of, with the line to type."""
    return Misuse(
        "No rate for {currency} on {day}: what 1 {currency} was worth in {base}",
        hint="Add it: crm rate add {currency} RATE --on {day}",
        currency=currency,
        day=on,
        base=base,
    )


# ------------------------------------------------------------------ one amount on one day


def rate_of(db: Reader, base: str, currency: str, on: str) -> Rate | None:
    """The newest rate of a currency on or before a day."""
    row = db.row(
        "SELECT rate, rate_on FROM rate WHERE currency = :currency AND base = :base AND rate_on <= :day"
        " ORDER BY rate_on DESC LIMIT 1",
        {"currency": currency, "base": base, "day": on},
    )
    return Rate(*row) if row else None


class Converter:
    """Amounts that are not frozen, in the base currency: each (currency, day) is looked up once."""

    def __init__(self, db: Reader, base: str) -> None:
        self.db = db
        self.base = base
        self.used: dict[str, str] = {}  # currency -> the day of the oldest rate that something was converted by
        self._known: dict[tuple[str, str], Rate | None] = {}

    def rate(self, currency: str, on: str) -> Rate | None:
        """The newest rate on or before an ISO day; None where there is none."""
        key = currency, on
        if key not in self._known:
            self._known[key] = rate_of(self.db, self.base, currency, on)
        return self._known[key]

    def convert(self, amount: int, currency: str, on: str) -> int:
        """Minor units of a currency on an ISO day -> minor units of the base, half-even; Misuse without a rate."""
        if currency == self.base:
            return amount
        found = self.rate(currency, on)
        if found is None:
            raise no_rate(currency, on, self.base)
        self.used[currency] = min(self.used.get(currency, found.on), found.on)
        return converted(amount, ratio(found.rate, currency, self.base))


# ------------------------------------------------------------------ what is said of rates


def rate_notes(db: Reader, base: str, currencies: Iterable[str], today: date) -> list[Note]:
    """Sentences below a report that adds up several currencies: the base, the newest rates, which of them are old.

    `currencies` are those of what was added up. Nothing is said where there is the base only.
    """
    newest = {code: rate_of(db, base, code, today.isoformat()) for code in sorted(set(currencies) - {base})}
    days = [f"{code} {found.on}" for code, found in newest.items() if found]
    if not newest:
        return []
    notes: list[Note] = [
        (
            said("Amounts are in {base}: closed ones by the rate of their day, open ones by the newest: {days}"),
            {"base": base, "days": listed(days)},
        )
    ]
    for code, found in newest.items():
        age = (today - date.fromisoformat(found.on)).days if found else 0
        if age > OLD_DAYS:
            sentence = said("The newest rate for {currency} is {days} days old: crm rate add {currency} RATE")
            notes.append((sentence, {"currency": code, "days": age}))
    return notes


# ------------------------------------------------------------------ lists


def rates(
    db: Reader, *, currency: str | None = None, ids: Iterable[int] | None = None, limit: int | None = None
) -> list[dict[str, Any]]:
    """Rates by currency, the newest first, with their public keys."""
    wanted = "" if ids is None else f" AND id IN {id_list(ids)}"
    rows = db.dicts(
        'SELECT id, uuid, currency, rate, base, rate_on AS "on", source FROM rate'
        f" WHERE currency = coalesce(:currency, currency){wanted} ORDER BY currency, base, rate_on DESC LIMIT :most",
        {"currency": currency, "most": -1 if limit is None else limit},
    )
    for row in rows:
        row["rate"] = Exact(row["rate"])
    return rows


def overview(db: Reader, today: date) -> dict[str, Any]:
    """The base currency with its public keys: whether it was set, and of each other currency in use the newest rate."""
    of, used = base(db), in_use(db)
    others = []
    for code in used if of else []:
        if code != of:
            found = rate_of(db, of or "", code, today.isoformat())
            age = (today - date.fromisoformat(found.on)).days if found else None
            rate = Exact(found.rate) if found else None
            others.append({"currency": code, "rate": rate, "on": found and found.on, "age": age})
    return {"base": of, "set": kept_base(db) is not None, "used": used, "others": others}
