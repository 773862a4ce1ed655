"""Where each public key comes from: SQL expressions over the noun's own table, named once for all queries."""

from crm_cli.queries.scored import SCORES
from crm_cli.rules.currencies import THREE_DIGITS, ZERO_DIGITS

# The alias that a noun's table has in every statement.
ALIAS = {"customer": "c", "contact": "p", "deal": "d", "interaction": "i", "task": "t", "order": "so", "product": "pr"}
# The table of each noun: ORDER is a word of SQL.
TABLE = {noun: noun for noun in ALIAS} | {"order": "sales_order"}

OPEN = "(SELECT id FROM stage WHERE kind = 'open')"


def _name(table: str, column: str, field: str = "name") -> str:
    return f"(SELECT {field} FROM {table} WHERE id = {column})"


def _live(table: str, field: str, alias: str, column: str) -> str:
    """The name of what a record points at: not of what was removed, but where the record went with it."""
    there = f"(o.removed_at IS NULL OR {alias}.removed_at IS NOT NULL)"
    return f"(SELECT o.{field} FROM {table} o WHERE o.id = {alias}.{column} AND {there})"


def _own(alias: str, columns: str) -> dict[str, str]:
    return {column: f"{alias}.{column}" for column in columns.split()}


def _price(field: str) -> str:
    """The list price that was given first."""
    return f"(SELECT x.{field} FROM product_price x WHERE x.product_id = pr.id ORDER BY x.id LIMIT 1)"


SCALARS: dict[str, dict[str, str]] = {
    "customer": {
        **_own(
            "c",
            "id uuid name kind status parent_id industry size region country city address source language prefers"
            " birthday cadence_days note last_contact_on created_at updated_at removed_at external_source external_id"
            " custom",
        ),
        "parent": _live("customer", "name", "c", "parent_id"),
        "referred_by": _live("customer", "name", "c", "referred_by_id"),
        "owner": _name("member", "c.owner_id"),
        "next_task_on": "(SELECT min(x.due_on) FROM task x WHERE x.customer_id = c.id AND x.due_on IS NOT NULL"
        " AND x.done_at IS NULL AND x.removed_at IS NULL)",
        "open_deals": f"(SELECT count(*) FROM deal x WHERE x.customer_id = c.id AND x.stage_id IN {OPEN}"
        " AND x.removed_at IS NULL)",
    },
    "contact": {
        **_own(
            "p",
            "id uuid name customer_id title role prefers birthday note last_contact_on created_at updated_at"
            " external_source external_id custom",
        ),
        "customer": _name("customer", "p.customer_id"),
    },
    "deal": {
        **_own(
            "d",
            "id uuid title customer_id amount currency expected_close_on opened_on closed_on source risk lost_reason"
            " created_at updated_at external_id custom last_touch_on slips",
        ),
        "customer": _name("customer", "d.customer_id"),
        "stage": _name("stage", "d.stage_id"),
        "pipeline": "(SELECT l.name FROM stage s JOIN pipeline l ON l.id = s.pipeline_id WHERE s.id = d.stage_id)",
        "status": _name("stage", "d.stage_id", "kind"),
        # won counts whole and lost nothing, whatever the deal's own probability said while it was open
        "probability": "(SELECT CASE s.kind WHEN 'won' THEN 100 WHEN 'lost' THEN 0"
        " ELSE coalesce(d.probability, s.probability) END FROM stage s WHERE s.id = d.stage_id)",
        "next_step": "(SELECT x.text FROM task x WHERE x.deal_id = d.id AND x.done_at IS NULL AND x.removed_at IS NULL"
        " ORDER BY x.due_on IS NULL, x.due_on, x.id LIMIT 1)",
        "next_step_on": "(SELECT min(x.due_on) FROM task x WHERE x.deal_id = d.id AND x.due_on IS NOT NULL"
        " AND x.done_at IS NULL AND x.removed_at IS NULL)",
        "owner": _name("member", "d.owner_id"),
        "stage_since_on": "d.stage_since_on",
    },
    "interaction": {
        **_own(
            "i",
            "id uuid channel direction at text outcome duration_minutes customer_id deal_id created_at updated_at"
            " external_source external_id custom",
        ),
        "customer": _name("customer", "i.customer_id"),
        "deal": _live("deal", "title", "i", "deal_id"),
        "owner": _name("member", "i.owner_id"),
    },
    "task": {
        **_own(
            "t",
            "id uuid text due_on due_at priority every done_at customer_id deal_id created_at updated_at"
            " external_source external_id custom",
        ),
        "customer": _name("customer", "t.customer_id"),
        "deal": _live("deal", "title", "t", "deal_id"),
        "owner": _name("member", "t.owner_id"),
    },
    "order": {
        **_own(
            "so",
            "id uuid number customer_id deal_id ordered_on amount currency cost note created_at updated_at"
            " external_source external_id custom",
        ),
        "customer": _name("customer", "so.customer_id"),
        "deal": _live("deal", "title", "so", "deal_id"),
        "margin": "so.amount - so.cost",
        "owner": _name("member", "so.owner_id"),
    },
    "product": {
        **_own(
            "pr",
            "id uuid code name kind category unit cost cost_currency audience note created_at updated_at"
            " external_source external_id custom",
        ),
        "price": _price("amount"),
        "currency": _price("currency"),
        "active": "pr.is_active",
    },
}
SCALARS["customer"] |= SCORES

# A query over deals or tasks that names one of these decides itself whether closed ones are meant.
DECIDES = {
    "deal": {"status", "stage", "closed_on", "lost_reason", "id", "segment", "has:closed_on", "has:lost_reason"},
    "task": {"status", "done_at", "id", "segment", "has:done_at"},
}

# Text columns whose folded form is kept beside them: asking these needs no folding per row.
FOLDED = {
    ("customer", "name"): "c.name_key",
    ("contact", "name"): "p.name_key",
    ("deal", "title"): "d.title_key",
    ("task", "text"): "t.text_key",
    ("order", "number"): "so.number_key",
    ("product", "code"): "pr.code_key",
    ("product", "name"): "pr.name_key",
}

# The column that leads from a noun to its customer; the customer itself by its id.
TO_CUSTOMER = {
    "customer": "c.id",
    "contact": "p.customer_id",
    "deal": "d.customer_id",
    "interaction": "i.customer_id",
    "task": "t.customer_id",
    "order": "so.customer_id",
    "product": "NULL",
}


# Text that a name of another record stands for: sorted and compared by the folded name there.
_LINKED_KEY = {
    "parent": "(SELECT up.name_key FROM customer up WHERE up.id = c.parent_id)",
    "referred_by": "(SELECT rb.name_key FROM customer rb WHERE rb.id = c.referred_by_id)",
    "customer": "(SELECT k.name_key FROM customer k WHERE k.id = {alias}.customer_id)",
    "deal": "(SELECT k.title_key FROM deal k WHERE k.id = {alias}.deal_id)",
    "owner": "(SELECT m.name_key FROM member m WHERE m.id = {alias}.owner_id)",
}

# Half-even in minor units, as it is shown: amounts are never below zero.
_HUNDREDFOLD = f"d.amount * {SCALARS['deal']['probability']}"
WEIGHTED = f"(({_HUNDREDFOLD} + 50) / 100 - ({_HUNDREDFOLD} % 200 = 50))"


def thousandths(amount: str, currency: str) -> str:
    """Minor units of whatever currency as thousandths of its unit, so that 500 yen come before 800 euros."""
    zero, three = ("', '".join(sorted(codes)) for codes in (ZERO_DIGITS, THREE_DIGITS))
    return f"{amount} * CASE WHEN {currency} IN ('{zero}') THEN 1000 WHEN {currency} IN ('{three}') THEN 1 ELSE 10 END"


def deals_of_customers(kind: str) -> str:
    """FROM and WHERE of the deals x with an amount whose stage is of a kind (open, won), for sums by customer."""
    return (
        "FROM deal x WHERE x.removed_at IS NULL AND x.amount IS NOT NULL"
        f" AND x.stage_id IN (SELECT id FROM stage WHERE kind = '{kind}')"
    )


def _largest_sum(kind: str) -> str:
    return (
        f"(SELECT {thousandths('sum(x.amount)', 'x.currency')} {deals_of_customers(kind)} AND x.customer_id = c.id"
        " GROUP BY x.currency ORDER BY 1 DESC LIMIT 1)"
    )


def only_currency() -> str:
    """The currency of a customer's open and won deals where there is one only."""
    return (
        "(SELECT CASE WHEN min(x.currency) = max(x.currency) THEN min(x.currency) END FROM deal x"
        " WHERE x.customer_id = c.id AND x.removed_at IS NULL AND x.amount IS NOT NULL"
        " AND x.stage_id IN (SELECT id FROM stage WHERE kind IN ('open', 'won')))"
    )


def _first_of_several(noun: str, key: str) -> str:
    """What a list of ways to reach, tags or people is sorted by; empty where the key is no such list."""
    alias = ALIAS[noun]
    kind = key.removesuffix("s")
    if kind in ("email", "phone", "website", "messenger"):
        return (
            f"(SELECT r.value_key FROM reach r WHERE r.{noun}_id = {alias}.id AND r.kind = '{kind}'"
            " ORDER BY r.position, r.id LIMIT 1)"
        )
    if key == "tags":
        return f"(SELECT min(g.name_key) FROM tagging x JOIN tag g ON g.id = x.tag_id WHERE x.{noun}_id = {alias}.id)"
    if key == "contacts":
        return (
            f"(SELECT min(k.name_key) FROM {noun}_contact x JOIN contact k ON k.id = x.contact_id"
            f" WHERE x.{noun}_id = {alias}.id AND k.removed_at IS NULL)"
        )
    return ""


_BY_KEY = {
    ("customer", "won"): _largest_sum("won"),
    ("customer", "won_amount"): _largest_sum("won"),
    ("customer", "open"): _largest_sum("open"),
    ("customer", "open_amount"): _largest_sum("open"),
    ("customer", "currency"): only_currency(),
    ("deal", "amount"): thousandths("d.amount", "d.currency"),
    ("deal", "weighted"): thousandths(WEIGHTED, "d.currency"),
    ("deal", "stage"): "(SELECT s.pipeline_id * 100000 + s.position FROM stage s WHERE s.id = d.stage_id)",
    ("deal", "days_in_stage"): f"CASE WHEN d.stage_id IN {OPEN} THEN d.stage_since_on END",
    ("order", "amount"): thousandths("so.amount", "so.currency"),
    ("order", "cost"): thousandths("so.cost", "so.currency"),
    ("order", "margin"): thousandths("(so.amount - so.cost)", "so.currency"),
    ("order", "lines"): "(SELECT count(*) FROM order_line l WHERE l.order_id = so.id)",
    ("product", "prices"): thousandths(_price("amount"), _price("currency")),
    ("product", "price"): thousandths(_price("amount"), _price("currency")),
    ("product", "cost"): thousandths("pr.cost", "pr.cost_currency"),
    ("task", "priority"): "CASE t.priority WHEN 'low' THEN 0 WHEN 'normal' THEN 1 ELSE 2 END",
}


def is_words(noun: str, key: str) -> bool:
    """Whether what a key is sorted by is made of words: a stage goes by its place, a currency and a priority too."""
    return (noun, key) not in _BY_KEY


def shown(noun: str, key: str) -> str:
    """The expression of a key that a row is read by, one of the user's own too."""
    from crm_cli.rules.relations import own_name

    name = own_name(key)
    return SCALARS[noun][key] if name is None else own_value(noun, [name])


def own_value(noun: str, names: list[str]) -> str:
    """The value of a field of the user's own by its name, or by names that differ in case only."""
    column = f"{ALIAS[noun]}.custom"
    values = [_own_value(column, name) for name in names]
    return values[0] if len(values) == 1 else f"coalesce({', '.join(values)})"


def _own_value(column: str, name: str) -> str:
    if any(mark in '"\\' or mark < " " for mark in name):
        return f"(SELECT value FROM json_each({column}) WHERE key = {_literal(name)})"
    path = _literal('$."' + name + '"')
    return f"json_extract({column}, {path})"


def _literal(text: str) -> str:
    """A text as SQL has it."""
    inside = text.replace("'", "''").replace("\0", "'||char(0)||'")
    return f"('{inside}')"


def sort_expression(noun: str, key: str, *, is_text: bool) -> str:
    """What a list is sorted by for a key; words without regard to case, width and accents."""
    if (noun, key) in FOLDED:
        return FOLDED[noun, key]
    if (noun, key) in _BY_KEY:
        return _BY_KEY[noun, key]
    several = _first_of_several(noun, key)
    if several:
        return several
    if key in _LINKED_KEY and key in SCALARS[noun]:
        return _LINKED_KEY[key].format(alias=ALIAS[noun])
    return f"fold({SCALARS[noun][key]})" if is_text else SCALARS[noun][key]
