"""What `crm score` has worked out of a customer, as the query language asks for it: tier:vip, risk:60.., clv:10k.."""

from typing import TYPE_CHECKING

from crm_cli.errors import NotFound
from crm_cli.i18n import listed
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
_TIERS = ("vip", "growing", "ordinary", "low-value", "at-risk")  # those that a new database has
_GROUPS = {"rfm_class": "rfm_class", "rfm_group": "rfm_group", "lifecycle": "lifecycle", "tier": "tier"}


def is_word(c: "Compiler", key: str, term: "Term") -> str:
    """tier:vip, rfm.class:champions, lifecycle:declining: whole values, in either language."""
    from crm_cli.queries.grammar import written
    from crm_cli.rules import names
    from crm_cli.rules.fields import nearest

    typed = fold(term.value)
    group = _GROUPS.get(key)
    known = {name: value for value in names.values(group) for name in names.names_of(group, value)} if group else {}
    value = names.canonical(group, typed) if group else None
    if value is None:
        column = _COLUMNS.get(key, key)
        used = {fold(text): text for (text,) in c.db.rows(f"SELECT DISTINCT {column} FROM score") if text}
        if key == "tier":
            used |= {fold(name): name for name in (*_TIERS, *(row[0] for row in c.db.rows("SELECT name FROM tier")))}
        value = used.get(typed) or used.get(typed.replace("_", "-").replace(" ", "-"))
        if value is None:
            near = nearest(typed, [*used, *known])
            raise NotFound(
                "No {field} is called {value}",
                hint="Did you mean {field}:{near}?" if near else "Known: {known}",
                instead=(f"{c.front}{term.field}:{term.value}", near and f"{c.front}{term.field}:{written(near)}"),
                field=c.front + term.field,
                value=term.value,
                near=near,
                known=listed([*used.values(), *(names.values(group) if group else [])]),
            )
    return f"{c.scalar(key)} = {c.bind(value)}"
