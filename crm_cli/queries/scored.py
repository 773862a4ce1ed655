"""What `crm score` has worked out of a customer, as the query language asks for it: tier:vip, risk:60.., clv:10k.."""

from typing import TYPE_CHECKING

from crm_cli.rules.text import fold

if TYPE_CHECKING:
    from crm_cli.queries.compiler import Compiler
    from crm_cli.queries.grammar import Term

# key -> its column in the table of scores
_COLUMNS = {
    key: key
    for key in (
        "first_order_on last_order_on revenue margin growth rfm_class rfm_group tier lifecycle_since_on risk alive clv"
        " next_order_on fit priority"
    ).split()
} | {"order_count": "orders", "rfm_r": "r", "rfm_f": "f", "rfm_m": "m"}


def _of(column: str) -> str:
    return f"(SELECT z.{column} FROM score z WHERE z.customer_id = c.id)"


SCORES = {key: _of(column) for key, column in _COLUMNS.items()}
# what a person has set stands above what was worked out
SCORES["lifecycle"] = f"coalesce(c.lifecycle, {_of('lifecycle')})"
CURRENCY = _of("currency")
SCORES["score_currency"] = CURRENCY


def is_word(c: "Compiler", key: str, term: "Term") -> str:
    """tier:vip, rfm.class:champions, lifecycle:declining: whole values, in either language."""
    from crm_cli.rules import names

    typed = fold(term.value)
    value = names.canonical(key, typed)
    if value is None:
        own = _own_values(c, key)
        value = own.get(typed) or own.get(typed.replace("_", "-").replace(" ", "-"))
    if value is None:
        from crm_cli.queries.unknown import unknown_value
        from crm_cli.rules.fields import nearest

        ours = names.values(key)
        near = nearest(typed, [*own, *(name for known in ours for name in names.names_of(key, known))])
        raise unknown_value(c, term, near, list(dict.fromkeys([*ours, *own.values()])))
    return f"{c.scalar(key)} = {c.bind(value)}"


def _own_values(c: "Compiler", key: str) -> dict[str, str]:
    """Folded -> as it is kept: what customers were scored as, and the tiers that somebody has made."""
    rows = c.db.rows(f"SELECT DISTINCT {_COLUMNS.get(key, key)} FROM score")
    if key == "tier":
        rows += c.db.rows("SELECT name FROM tier")
    return {fold(text): text for (text,) in rows if text}
