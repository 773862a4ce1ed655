"""One term of a query as SQL: words, field:value, field:a..b, by the type of the field."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from crm_cli.errors import Misuse, NotFound
from crm_cli.queries import bought, bounds, exact, scored
from crm_cli.queries.grammar import EMPTY, Term, written
from crm_cli.queries.sources import FOLDED, OPEN, TABLE, TO_CUSTOMER, WEIGHTED, deals_of_customers
from crm_cli.queries.states import REACH, STATES
from crm_cli.rules import names
from crm_cli.rules.fields import Field, nearest
from crm_cli.rules.text import fold
from crm_cli.store.reader import id_list

if TYPE_CHECKING:
    from crm_cli.queries.compiler import Compiler

# never counts as longest ago here: an open lower end takes the empty ones in
_NEVER_IS_LONG_AGO = {("customer", "last_contact_on"), ("contact", "last_contact_on"), ("deal", "last_touch_on")}
_LENGTHS = {"cadence_days": "days", "days_in_stage": "days", "duration_minutes": "minutes"}
_LONGEST = 1000  # characters of what is searched for


def compare(c: "Compiler", field: Field, term: Term) -> str:
    """field:value or field:a..b as SQL."""
    return c.told(term, lambda: _compared(c, field, term))


def _compared(c: "Compiler", field: Field, term: Term) -> str:
    if not term.value:
        raise Misuse(EMPTY, field=term.field, at=term.at)
    if term.whole and ".." in term.value and field.type not in ("text", "word", "list"):
        raise Misuse("one value stands behind :=, no range", hint="Type {right}", right=f"{term.field}:{term.value}")
    if field.key in ("bought", "product"):
        return bought.has_product(c, term)
    if term.whole and (field.type == "text" or field.key in REACH):
        return exact.is_text(c, field, term)
    return _BY_TYPE[field.type](c, field, term)


def contains(c: "Compiler", expression: str, key: str) -> str:
    """The folded expression contains the folded text."""
    return f"instr({expression}, {c.bind(key)}) > 0"


def words(c: "Compiler", term: Term) -> str:
    """Plain words: every one of them in the name, a way to reach, or the text of the record."""
    found = _searched(term).split()
    if not found:
        raise Misuse("There is nothing to look for at {at}", at=term.at)
    c.count(len(found) - 1)
    return " AND ".join(f"({_word(c, word)})" for word in found)


def _searched(term: Term) -> str:
    key = fold(term.value)
    if len(key) > _LONGEST:
        raise Misuse("What is looked for at {at} is longer than {n} characters", at=term.at, n=_LONGEST)
    return key


_OWN_WORDS: dict[str, tuple[str, ...]] = {
    "customer": ("note", "city"),
    "contact": ("title", "note"),
    "interaction": ("text", "outcome"),
    "order": ("note",),
    "product": ("category", "note"),
}
_INDEXED = ("note", "text", "outcome")  # of those
_SEARCHED = ("customer", "contact", "interaction")


_NAMES = ("name", "title", "text", "number", "code")


def _word(c: "Compiler", word: str) -> str:
    noun = c.noun
    tests = [
        contains(c, FOLDED[noun, key], word)
        for key in ("name", "title", "text", "number", "code")
        if (noun, key) in FOLDED
    ]
    if noun in ("customer", "contact"):
        tests.append(_reach(c, word))
    tests += _own_words(c, word)
    if noun not in ("customer", "product"):
        tests.append(f"{TO_CUSTOMER[noun]} IN (SELECT id FROM customer WHERE {contains(c, 'name_key', word)})")
    return " OR ".join(tests)


def _own_words(c: "Compiler", word: str) -> list[str]:
    """Texts are folded for each row: those of the full-text index only where it says that the word may be in them."""
    own = _OWN_WORDS.get(c.noun, ())
    tests = {column: contains(c, f"fold({c.alias}.{column})", word) for column in own}
    indexed = [tests.pop(column) for column in _INDEXED if column in tests and c.noun in _SEARCHED]
    if indexed:
        from crm_cli.queries.search_lists import may_have

        narrowed = may_have(c.db, c.noun, f"{c.alias}.id", word, c.bind)
        indexed = [f"{narrowed} AND ({' OR '.join(indexed)})"] if narrowed else indexed
    return [*tests.values(), *indexed]


def _reach(c: "Compiler", word: str, kind: str = "") -> str:
    only = f"kind = '{kind}' AND " if kind else ""
    column = f"{c.noun}_id"
    has_word = f"{only}{column} IS NOT NULL AND {contains(c, 'value_key', word)}"
    return f"{c.alias}.id IN (SELECT {column} FROM reach WHERE {has_word})"


# ------------------------------------------------------------------ text


def _text(c: "Compiler", field: Field, term: Term) -> str:
    key = _searched(term)
    if field.key in REACH:
        return _reach(c, _reach_key(REACH[field.key], key), REACH[field.key])
    if field.key == "contacts":
        return (
            f"{c.alias}.id IN (SELECT x.{c.noun}_id FROM {c.noun}_contact x JOIN contact k ON k.id = x.contact_id"
            f" WHERE k.removed_at IS NULL AND {contains(c, 'k.name_key', key)})"
        )
    link = field.key if field.key in ("customer", "parent", "referred_by", "deal") else ""
    if link and link != c.noun:
        return _linked(c, link, key)
    if (c.noun, field.key) in FOLDED:
        return contains(c, FOLDED[c.noun, field.key], key)
    expression = c.scalar(field.key)
    if field.key == "country" and (whole := exact.is_country(c, expression, key)):
        return whole
    found = [contains(c, f"fold({expression})", one) for one in _spellings(field, key)]
    return f"{expression} IS NOT NULL AND ({' OR '.join(found)})"


def _spellings(field: Field, key: str) -> list[str]:
    """A place in the spelling that is kept, whatever language it is asked for in, and as it is asked for."""
    if field.key not in ("region", "city"):
        return [key]
    from crm_cli.rules.places import spelled

    return list(dict.fromkeys((fold(spelled(field.key, key)), key)))


def _linked(c: "Compiler", link: str, key: str) -> str:
    """A field that names another record: digits are its id, else a part of its name."""
    table, column = ("deal", "title_key") if link == "deal" else ("customer", "name_key")
    own = f"{c.alias}.{link}_id"
    if key.isdigit() and key.isascii():
        return f"{own} = {c.bind(int(key[:18]))}"
    return f"{own} IN (SELECT id FROM {table} WHERE {contains(c, column, key)})"


def _reach_key(kind: str, key: str) -> str:
    """What to look for in the normalised form: the digits of a phone, the host of a website."""
    if kind == "phone":
        digits = "".join(ch for ch in key if ch.isdigit())
        return digits.lstrip("0") or digits or key
    if kind == "website":
        bare = key.removeprefix("https://").removeprefix("http://").removeprefix("www.")
        return bare.split("/")[0] or key
    return key


def _list(c: "Compiler", field: Field, term: Term) -> str:
    if field.key in REACH:
        return _text(c, field, term)
    if field.type == "sums":
        raise Misuse(
            "this field can be shown, not compared", hint="Ask {key}_amount:1000.. or has:{key}", key=field.key
        )
    raise Misuse("this field can be shown, not compared", hint="Ask has:{key} or no:{key}", key=field.key)


# ------------------------------------------------------------------ words that match whole


def _word_field(c: "Compiler", field: Field, term: Term) -> str:
    key, noun = fold(term.value), c.noun
    if field.key == "tags":
        tag = _tag_id(c, key.lstrip("#"), term.value)
        return f"{c.alias}.id IN (SELECT {noun}_id FROM tagging WHERE tag_id = {tag} AND {noun}_id IS NOT NULL)"
    if field.key == "owner":
        return f"{c.alias}.owner_id = {bounds.owner_id(c.db, key, term.value, c.asker.member_id)}"
    if (noun, field.key) in _SCORED:
        return scored.is_word(c, field.key, term)
    if noun == "product" and field.key == "kind":
        return f"pr.kind = {c.bind(_known(c, 'product_kind', key, term))}"
    if noun in ("deal", "task") and field.key in ("stage", "pipeline", "status"):
        return _stage_field(c, field.key, key, term)
    if field.key == "currency":
        return _currency(c, term)
    if field.key in ("status", "kind", "channel", "priority", "direction"):
        return f"{c.scalar(field.key)} = {c.bind(_known(c, field.key, key, term))}"
    group = {"role": "role", "prefers": "channel"}.get(field.key)
    value = (names.canonical(group, key) or key) if group else key
    if not group or value == key:
        _refuse_near_miss(c, field, value, term)
    return f"fold({c.scalar(field.key)}) = {c.bind(fold(value))}"


_SCORED = {("customer", key) for key in ("rfm_class", "rfm_group", "tier", "lifecycle")}


def _known(c: "Compiler", group: str, key: str, term: Term) -> str:
    value = names.canonical(group, key)
    if value:
        return value
    if group == "channel" and c.db.value("SELECT 1 FROM interaction WHERE channel = :v LIMIT 1", {"v": key}):
        return key
    near = nearest(key, [name for known in names.values(group) for name in names.names_of(group, known)])
    if term.field == "status" and key in STATES[c.noun]:
        raise NotFound(
            "No {field} is called {value}",
            hint="Did you mean is:{value}?",
            instead=(f"{c.front}{term.field}:{term.value}", f"{c.front}is:{key}"),
            field=c.front + term.field,
            value=term.value,
        )
    from crm_cli.queries.unknown import unknown_value

    raise unknown_value(c, term, near, names.values(group))


def _refuse_near_miss(c: "Compiler", field: Field, key: str, term: Term) -> None:
    """A value of free text that nobody uses, but which is nearly one in use, is a typing error."""
    used = {
        fold(r[0]) for r in c.db.rows(f"SELECT DISTINCT {field.key} FROM {TABLE[c.noun]} WHERE {field.key} IS NOT NULL")
    }
    if field.key == "role":
        used |= {fold(r[0]) for r in c.db.rows("SELECT DISTINCT role FROM deal_contact WHERE role IS NOT NULL")}
    known = names.values("role") if field.key == "role" else []
    near = None if key in {*used, *known} else nearest(key, sorted({*used, *known}))
    if near:
        from crm_cli.queries.unknown import unknown_value

        raise unknown_value(c, term, near)


def _tag_id(c: "Compiler", key: str, typed: str) -> int:
    found = c.db.value("SELECT id FROM tag WHERE name_key = :key", {"key": key})
    if found is None:
        near = nearest(key, [r[0] for r in c.db.rows("SELECT name_key FROM tag")])
        raise NotFound(
            "No tag is called {tag}",
            hint="Did you mean tag:{near}?" if near else "All tags: crm tag list",
            instead=(typed, near and written(near)),
            tag=typed,
            near=near,
        )
    return int(found)


def _stage_field(c: "Compiler", which: str, key: str, term: Term) -> str:
    if which == "status":
        return _status(c, key, term)
    if which == "pipeline":
        pipelines = id_list(bounds.pipeline_ids(c.db, key, term.value))
        return f"d.stage_id IN (SELECT id FROM stage WHERE pipeline_id IN {pipelines})"
    return f"d.stage_id IN {id_list(bounds.stage_ids(c.db, key, term.value))}"


def _status(c: "Compiler", key: str, term: Term) -> str:
    """open, won, lost, closed or any of deals; open, done or any of tasks."""
    if key in ("any", "all", "全部", "任意"):
        return "1"
    if c.noun == "task":
        known = _known(c, "task_status", key, term)
        return f"t.done_at IS {'NULL' if known == 'open' else 'NOT NULL'}"
    kinds = ["won", "lost"] if key in ("closed", "已关闭") else [_known(c, "deal_status", key, term)]
    return "d.stage_id IN (SELECT id FROM stage WHERE kind IN ('" + "', '".join(kinds) + "'))"


def _currency(c: "Compiler", term: Term) -> str:
    code = c.bind(bounds.currency_code(term.value))
    if c.noun != "customer":
        return f"{c.scalar('currency')} = {code}"
    sums = (
        f"c.id IN (SELECT x.customer_id {deals_of_customers(kind)} AND x.currency = {code})" for kind in ("won", "open")
    )
    return " OR ".join(sums)


# ------------------------------------------------------------------ ranges


def _number(c: "Compiler", field: Field, term: Term) -> str:
    low, high = bounds.number_range(term.value, _LENGTHS.get(field.key, ""))
    if field.key == "days_in_stage":
        return _days_in_stage(c, low, high)
    return _between(c, c.scalar(field.key), low, high)


def _days_in_stage(c: "Compiler", low: int | None, high: int | None) -> str:
    """More days in a stage means an earlier day of entering it; what is closed is in none."""

    def ago(days: int) -> str:
        return (c.asker.today - timedelta(days=min(days, 700_000))).isoformat()

    tests = [f"d.stage_id IN {OPEN}"]
    if high is not None:
        tests.append(f"d.stage_since_on >= {c.bind(ago(high))}" if high >= 0 else "0")
    if low is not None and low > 0:
        tests.append(f"d.stage_since_on <= {c.bind(ago(low))}")
    return " AND ".join(tests)


def _between(c: "Compiler", expression: str, low: Any, high: Any) -> str:
    tests = [f"{expression} IS NOT NULL"]
    if low is not None:
        tests.append(f"{expression} >= {c.bind(low)}")
    if high is not None:
        tests.append(f"{expression} <= {c.bind(high)}")
    return " AND ".join(tests)


def _day(c: "Compiler", field: Field, term: Term) -> str:
    expression = c.scalar(field.key)
    if field.key == "birthday" and not term.whole:
        days = bounds.days_of_the_year(term.value, c.asker)
        if days is not None:
            return _each_year(c, expression, *days)
    low, high = bounds.day_range(term.value, c.asker, ahead=field.key in bounds.AHEAD)
    sql = _between(c, expression, low and low.isoformat(), high and high.isoformat())
    if low is None and (c.noun, field.key) in _NEVER_IS_LONG_AGO:
        return f"({sql}) OR {expression} IS NULL"
    return sql


def _each_year(c: "Compiler", expression: str, first: str, last: str) -> str:
    """Days as 12-24 whatever the year, past its end where the last one comes before the first."""
    day = f"substr({expression}, 6)"
    begins, ends = f"{day} >= {c.bind(first)}", f"{day} <= {c.bind(last)}"
    return f"{expression} IS NOT NULL AND ({begins} {'AND' if first <= last else 'OR'} {ends})"


def _moment(c: "Compiler", field: Field, term: Term) -> str:
    low, high = bounds.moment_range(term.value, c.asker, ahead=field.key in bounds.AHEAD)
    expression = c.scalar(field.key)
    tests = [f"{expression} IS NOT NULL"]
    if low is not None:
        tests.append(f"{expression} >= {c.bind(low)}")
    if high is not None:
        tests.append(f"{expression} < {c.bind(high)}")
    return " AND ".join(tests)


def _money(c: "Compiler", field: Field, term: Term) -> str:
    low, high = bounds.money_range(term.value, c.asker.decimal)
    if field.type == "worth":
        return bounds.money_between(c.bind, c.scalar(field.key), scored.CURRENCY, low, high)
    if c.noun == "customer":
        having = bounds.money_between(c.bind, "sum(x.amount)", "x.currency", low, high)
        deals = deals_of_customers(field.key.removesuffix("_amount"))
        return f"c.id IN (SELECT x.customer_id {deals} GROUP BY x.customer_id, x.currency HAVING {having})"
    if field.key == "weighted":
        return bounds.money_between(c.bind, WEIGHTED, "d.currency", low, high)
    currency = "pr.cost_currency" if (c.noun, field.key) == ("product", "cost") else c.scalar("currency")
    return bounds.money_between(c.bind, f"({c.scalar(field.key)})", currency, low, high)


_BY_TYPE: dict[str, Callable[["Compiler", Field, Term], str]] = {
    "text": _text,
    "word": _word_field,
    "number": _number,
    "percent": _number,
    "money": _money,
    "worth": _money,
    "day": _day,
    "moment": _moment,
    "list": _list,
    "sums": _list,
    "json": _list,
}
