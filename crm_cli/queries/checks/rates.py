"""Money in the base currency: what is frozen says in which one and by the rate of which day; every code is known."""

from crm_cli.queries.checks.finding import BACKUPS, Ask, Invariant, Row
from crm_cli.queries.rates import kept_base
from crm_cli.rules.currencies import is_currency

_THAW = "UPDATE {table} SET base_amount = NULL, {more}base_currency = NULL, rate_on = NULL WHERE id = :id"
_BROKEN = (
    "(base_amount IS NOT NULL{cost} OR base_currency IS NOT NULL OR rate_on IS NOT NULL)"
    " AND (base_amount IS NULL OR base_currency IS NULL OR rate_on IS NULL OR base_currency IS currency)"
)
_NAMED = {"order": "coalesce(number, 'order:' || id)", "deal": "title"}
# Where a code stands: table, column, the record that it belongs to, what is called by it.
_CODES = (
    ("sales_order", "currency", "'order:' || id", _NAMED["order"]),
    ("sales_order", "base_currency", "'order:' || id", _NAMED["order"]),
    ("deal", "base_currency", "'deal:' || id", "title"),
    ("product", "cost_currency", "'product:' || id", "code"),
    ("product_price", "currency", "'product:' || product_id", "'product:' || product_id"),
    ("rate", "currency", "'rate:' || id", "rate_on"),
    ("rate", "base", "'rate:' || id", "rate_on"),
)


def _unknown(ask: Ask) -> list[Row]:
    """Rows in a currency that there is not; each code is looked at once."""
    found: list[Row] = []
    for table, column, ref, name in _CODES:
        used = ask.rows(f"SELECT DISTINCT {column} AS code FROM {table} WHERE {column} IS NOT NULL")
        for code in (row["code"] for row in used if not is_currency(row["code"])):
            found += ask.db.dicts(
                f"SELECT id, {ref} AS ref, {name} AS name, {column} AS currency FROM {table} WHERE {column} = :code",
                {"code": code},
            )
    return found


def _strange(ask: Ask) -> list[Row]:
    """What is frozen in another currency than the base one."""
    of = kept_base(ask.db)
    return [
        row
        for noun, table in (("order", "sales_order"), ("deal", "deal"))
        for row in ask.db.dicts(
            f"SELECT id, '{noun}:' || id AS ref, {_NAMED[noun]} AS name, base_currency AS kept, :base AS right"
            f" FROM {table} WHERE base_currency IS NOT NULL AND base_currency IS NOT :base",
            {"base": of},
        )
    ]


def _rates(ask: Ask) -> list[Row]:
    """Rates that are no numbers above zero: digits with at most one point."""
    return ask.rows(
        "SELECT id, 'rate:' || id AS ref, currency AS name, rate AS value FROM rate WHERE rate GLOB '*[^0-9.]*'"
        " OR rate GLOB '*.*.*' OR rate NOT GLOB '[0-9]*' OR rate GLOB '*.' OR rate NOT GLOB '*[1-9]*'"
    )


def _base(ask: Ask) -> list[Row]:
    rows = ask.rows("SELECT id, 'setting:' || id AS ref, name, value FROM setting WHERE name = 'base'")
    return [row for row in rows if not is_currency(row["value"])]


INVARIANTS = (
    *(
        Invariant(
            f"{noun}-frozen",
            noun,
            f"SELECT id, {_NAMED[noun]} AS name FROM {table} WHERE " + _BROKEN.format(cost=cost),
            "{name} has an amount in the base currency without its currency or the day of its rate",
            fix=(_THAW.format(table=table, more="base_cost = NULL, " if cost else ""),),
        )
        for noun, table, cost in (("order", "sales_order", " OR base_cost IS NOT NULL"), ("deal", "deal", ""))
    ),
    Invariant(
        "deal-open-frozen",
        "deal",
        "SELECT id, title AS name FROM deal WHERE closed_on IS NULL AND base_currency IS NOT NULL",
        "{name} is open but has an amount by the rate of a day",
        fix=(_THAW.format(table="deal", more=""),),
    ),
    Invariant(
        "frozen-base", "", _strange, "{name} has its amount in {kept}, not in the base currency", mend="crm rate base"
    ),
    Invariant("currency-known", "", _unknown, "{name} is in a currency that there is not: {currency}", mend=BACKUPS),
    Invariant("rate-form", "", _rates, "The rate of {name} is no number: {value}", mend="crm rate list {name}"),
    Invariant("base-known", "", _base, "The base currency is none: {value}", mend="crm rate base C"),
)
