"""Orders and closed deals without an amount in the base currency, frozen by the rates of their days.

By statements alone, without a session, so that an import has it too.
"""

from typing import TYPE_CHECKING, Any

from crm_cli.errors import Misuse
from crm_cli.i18n import said
from crm_cli.queries.rates import kept_base, rate_of
from crm_cli.rules.rates import Ratio, converted, ratio
from crm_cli.store.reader import Reader
from crm_cli.store.updating import list_rows, update_rows
from crm_cli.store.writer import Work

if TYPE_CHECKING:  # an import has it loaded
    from crm_cli.store.bulk import Staging

Note = tuple[str, dict[str, Any]]
NOUNS = (("order", "sales_order"), ("deal", "deal"))
# the day whose rate counts, the amounts that are frozen, and which rows have one
_TABLES = {
    "sales_order": ("ordered_on", ("amount", "cost"), "1"),
    "deal": ("closed_on", ("amount",), "amount IS NOT NULL"),
}


def freeze_missing(hand: "Work | Staging") -> dict[str, int]:
    """Freeze what is not frozen in the base currency and has a rate now; how many orders and deals those were.

    One walk finds the distinct days without one, a second, only where some have a rate now, freezes them: a million
    orders take seconds. What is frozen in the base currency already is never touched.
    """
    db = hand.db if isinstance(hand, Work) else hand
    of = kept_base(db)
    if of is None:
        return {}
    frozen = {noun: n for noun, table in NOUNS if (n := _freeze_table(db, of, table))}
    if frozen and isinstance(hand, Work):
        hand.session.expire_all()
    return frozen


def _freeze_table(db: Reader, of: str, table: str) -> int:
    """The rows of one table: as `freeze_missing`; those that are frozen in another base are frozen in this one, or are
    not any more."""
    day, amounts, whole = _TABLES[table]
    loose = (
        f"base_currency IS NOT :base AND {day} IS NOT NULL AND {whole} AND (currency <> :base OR rate_on IS NOT NULL)"
    )
    by: list[Ratio | None] = []
    pairs: list[tuple[str, str, int, str | None]] = []
    for currency, on, frozen in db.rows(
        f"SELECT currency, {day}, max(base_currency) FROM {table} WHERE {loose} GROUP BY 1, 2", {"base": of}
    ):
        rate = rate_of(db, of, currency, on) if currency != of else None
        if rate or frozen:
            pairs.append((currency, on, len(by), rate.on if rate else None))
            by.append(ratio(rate.rate, currency, of) if rate else None)
    if not pairs:
        return 0
    too_large: list[Misuse] = []  # what a function says within a statement would be lost

    def worth(amount: int | None, place: int) -> int | None:
        times = by[place]
        try:
            return None if times is None or amount is None else converted(amount, times)
        except Misuse as error:
            too_large.append(error)
            return None

    db.function("crm_worth", 2, worth)
    sets = {
        f"base_{column}": (
            f"crm_worth({table}.{column}, f.place)",
            f"({table}.{column} IS NOT NULL OR {table}.base_{column} IS NOT NULL)",
        )
        for column in amounts
    }
    sets["base_currency"] = ("CASE WHEN f.rate_on IS NOT NULL THEN :base END", "1")
    sets["rate_on"] = ("f.rate_on", f"{table}.rate_on IS NOT f.rate_on")
    source = (
        f"temp.freezing f WHERE f.currency = {table}.currency AND f.day = {table}.{day} AND {whole}"
        f" AND {table}.base_currency IS NOT :base AND ({table}.base_currency IS NOT NULL OR f.rate_on IS NOT NULL)"
    )
    list_rows(db, "freezing", "currency, day, place, rate_on", "currency, day", pairs)
    changed = update_rows(db, table, source, sets, {"base": of})
    if too_large:
        raise too_large[0]
    return changed


def frozen_notes(counts: dict[str, int]) -> list[Note]:
    """How many orders and deals have an amount in the base currency now that had none."""
    words = {
        "order": (said("{n} order has its amount in the base currency now"),
                  said("{n} orders have their amount in the base currency now")),
        "deal": (said("{n} closed deal has its amount in the base currency now"),
                 said("{n} closed deals have their amount in the base currency now")),
    }  # fmt: skip
    return [(words[noun][n != 1], {"n": n}) for noun, n in counts.items()]
