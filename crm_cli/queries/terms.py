"""What one term of a query means in SQL: by the type of its field, or by a named state."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from crm_cli.errors import CrmError, Misuse, NotFound
from crm_cli.queries import bounds, quiet
from crm_cli.queries.grammar import Term
from crm_cli.queries.sources import FOLDED, OPEN, SCALARS, TO_CUSTOMER, money_sums
from crm_cli.rules import names
from crm_cli.rules.fields import Field, nearest
from crm_cli.rules.text import fold

if TYPE_CHECKING:
    from crm_cli.queries.conditions import Compiler

_REACH = {"email": "email", "phone": "phone", "website": "website", "messengers": "messenger"}
_REACH |= {"emails": "email", "phones": "phone", "websites": "website"}
# never counts as longest ago here: an open lower end takes the empty ones in
_NEVER_IS_LONG_AGO = {("customer", "last_contact_on"), ("contact", "last_contact_on"), ("deal", "last_touch_on")}


def compare(c: "Compiler", field: Field, term: Term) -> str:
    """field:value or field:a..b as SQL."""
    try:
        return _BY_TYPE[field.type](c, field, term)
    except NotFound:
        raise
    except CrmError as error:
        raise Misuse(
            "{field}:{value} at {at}: {reason}",
            hint=error.hint,
            **{**error.holes, "field": term.field, "value": term.value, "at": term.at, "reason": error.message()},
        ) from error


def like(c: "Compiler", expression: str, key: str) -> str:
    """The folded expression contains the folded text; % and _ are plain characters."""
    escaped = key.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{expression} LIKE {c.bind(f'%{escaped}%')} ESCAPE '\\'"


def words(c: "Compiler", key: str) -> str:
    """Plain words: every one of them in the name, a way to reach, or the text of the record."""
    return " AND ".join(f"({_word(c, word)})" for word in key.split()) or "1"


def _word(c: "Compiler", word: str) -> str:
    noun, alias = c.noun, c.alias
    tests = [like(c, FOLDED[noun, key], word) for key in ("name", "title", "text") if (noun, key) in FOLDED]
    if noun in ("customer", "contact"):
        tests.append(_reach(c, noun, "value_key", word))
    for column in {"customer": ("note", "city"), "contact": ("title", "note")}.get(noun, ()):
        tests.append(like(c, f"fold({alias}.{column})", word))
    if noun == "interaction":
        tests += [like(c, f"fold(i.{column})", word) for column in ("text", "outcome")]
    if noun != "customer":
        tests.append(f"{TO_CUSTOMER[noun]} IN (SELECT id FROM customer WHERE {like(c, 'name_key', word)})")
    return " OR ".join(tests)


def _reach(c: "Compiler", noun: str, column: str, word: str, kind: str = "") -> str:
    only = f"kind = '{kind}' AND " if kind else ""
    return f"{c.alias}.id IN (SELECT {noun}_id FROM reach WHERE {only}{noun}_id IS NOT NULL AND {like(c, column, word)})"


def _text(c: "Compiler", field: Field, term: Term) -> str:
    key = fold(term.value)
    if field.key in _REACH:
        return _reach_text(c, _REACH[field.key], term.value)
    if field.key == "contacts":
        link = f"{c.noun}_contact"
        return (
            f"{c.alias}.id IN (SELECT x.{c.noun}_id FROM {link} x JOIN contact k ON k.id = x.contact_id"
            f" WHERE {like(c, 'k.name_key', key)})"
        )
    link = {"customer": "customer", "parent": "parent", "referred_by": "referred_by", "deal": "deal"}.get(field.key, "")
    if link and link != c.noun:
        return _linked(c, link, term.value)
    if (c.noun, field.key) in FOLDED:
        return like(c, FOLDED[c.noun, field.key], key)
    return like(c, f"fold({SCALARS[c.noun][field.key]})", key)


def _linked(c: "Compiler", link: str, value: str) -> str:
    """A field that names another record: digits are its id, else a part of its name."""
    table, column = ("deal", "title_key") if link == "deal" else ("customer", "name_key")
    own = f"{c.alias}.{link}_id"
    if value.isdigit() and value.isascii():
        return f"{own} = {c.bind(int(value[:18]))}"
    return f"{own} IN (SELECT id FROM {table} WHERE {like(c, column, fold(value))})"


def _reach_text(c: "Compiler", kind: str, value: str) -> str:
    key = fold(value)
    if kind == "phone":
        digits = "".join(ch for ch in key if ch.isdigit())
        key = digits.lstrip("0") if digits else key
    if kind == "website":
        key = key.removeprefix("https://").removeprefix("http://").removeprefix("www.").split("/")[0] or key
    return _reach(c, c.noun, "value_key", key, kind)


def _list(c: "Compiler", field: Field, term: Term) -> str:
    if field.key in _REACH:
        return _reach_text(c, _REACH[field.key], term.value)
    raise Misuse("this field can be shown, not compared", hint="Ask has:{key} or no:{key}", key=field.key)


def _word_field(c: "Compiler", field: Field, term: Term) -> str:
    key = fold(term.value)
    noun = c.noun
    if field.key == "tags":
        return f"{c.alias}.id IN (SELECT {noun}_id FROM tagging WHERE tag_id = {_tag_id(c, key, term.value)} AND {noun}_id IS NOT NULL)"
    if field.key == "owner":
        return f"{c.alias}.owner_id = {bounds.member_id(c.db, key, term.value, c.asker.member_id)}"
    if noun == "deal" and field.key in ("stage", "pipeline", "status"):
        return _stage_field(c, field.key, key, term)
    if field.key == "currency" and noun == "customer":
        return f"c.id IN (SELECT customer_id FROM deal WHERE currency = {c.bind(term.value.strip().upper())} AND removed_at IS NULL)"
    group = {"status": "status", "kind": "kind", "channel": "channel", "priority": "priority", "direction": "direction"}
    if field.key in group:
        return f"{SCALARS[noun][field.key]} = {c.bind(_known(c, group[field.key], key, term))}"
    value = names.canonical("role", key) or key if field.key == "role" else key
    value = names.canonical("channel", key) or key if field.key == "prefers" else value
    if field.key in ("role", "source"):
        _refuse_near_miss(c, field, fold(value), term)
    return f"fold({SCALARS[noun][field.key]}) = {c.bind(fold(value))}"


def _known(c: "Compiler", group: str, key: str, term: Term) -> str:
    value = names.canonical(group, key)
    if value:
        return value
    if group == "channel" and c.db.value("SELECT 1 FROM interaction WHERE channel = :v LIMIT 1", {"v": key}):
        return key
    near = nearest(key, names.values(group))
    raise NotFound(
        "No {field} is called {value}",
        hint="Did you mean {field}:{near}?" if near else "Known: {known}",
        field=term.field,
        value=term.value,
        near=near,
        known=", ".join(names.values(group)),
    )


def _refuse_near_miss(c: "Compiler", field: Field, key: str, term: Term) -> None:
    """A value of free text that nobody uses, but which is nearly one in use, is a typing error."""
    used = {fold(r[0]) for r in c.db.rows(f"SELECT DISTINCT {field.key} FROM {c.noun} WHERE {field.key} IS NOT NULL")}
    near = None if key in used else nearest(key, sorted(used))
    if near:
        raise NotFound(
            "No {field} is called {value}", hint="Did you mean {field}:{near}?", field=term.field, value=term.value, near=near
        )


def _tag_id(c: "Compiler", key: str, typed: str) -> int:
    found = c.db.value("SELECT id FROM tag WHERE name_key = :key", {"key": key})
    if found is None:
        near = nearest(key, [r[0] for r in c.db.rows("SELECT name_key FROM tag")])
        raise NotFound(
            "No tag is called {tag}", hint="Did you mean tag:{near}?" if near else "All tags: crm tag list", tag=typed, near=near
        )
    return int(found)


def _stage_field(c: "Compiler", which: str, key: str, term: Term) -> str:
    c.named.add(which)
    if which == "status":
        if key in ("any", "all", "全部"):
            return "1"
        kinds = ["won", "lost"] if key in ("closed", "已关闭") else [_known(c, "deal_status", key, term)]
        return "d.stage_id IN (SELECT id FROM stage WHERE kind IN ('" + "', '".join(kinds) + "'))"
    if which == "pipeline":
        return f"d.stage_id IN (SELECT id FROM stage WHERE pipeline_id IN {bounds.id_list(bounds.pipeline_ids(c.db, key, term.value))})"
    return f"d.stage_id IN {bounds.id_list(bounds.stage_ids(c.db, key, term.value))}"


def _number(c: "Compiler", field: Field, term: Term) -> str:
    expression = SCALARS[c.noun].get(field.key, "")
    if field.key == "days_in_stage":
        return _days_in_stage(c, term)
    low, high = bounds.number_range(term.value)
    return _between(c, expression, low, high)


def _days_in_stage(c: "Compiler", term: Term) -> str:
    """More days in a stage means an earlier day of entering it; closed deals rest in theirs."""
    low, high = bounds.number_range(term.value)
    today = c.asker.today

    def ago(days: int | None) -> str | None:
        return None if days is None else (today - timedelta(days=min(days, 700_000))).isoformat()

    return f"d.stage_id IN {OPEN} AND " + _between(c, "d.stage_since_on", ago(high), ago(low))


def _between(c: "Compiler", expression: str, low: Any, high: Any) -> str:
    tests = [f"{expression} IS NOT NULL"]
    if low is not None:
        tests.append(f"{expression} >= {c.bind(low)}")
    if high is not None:
        tests.append(f"{expression} <= {c.bind(high)}")
    return " AND ".join(tests)


def _day(c: "Compiler", field: Field, term: Term) -> str:
    low, high = bounds.day_range(term.value, c.asker, ahead=field.key in bounds.AHEAD)
    expression = SCALARS[c.noun][field.key]
    sql = _between(c, expression, low and low.isoformat(), high and high.isoformat())
    if low is None and (c.noun, field.key) in _NEVER_IS_LONG_AGO:
        return f"({sql}) OR {expression} IS NULL"
    return sql


def _moment(c: "Compiler", field: Field, term: Term) -> str:
    low, high = bounds.day_range(term.value, c.asker, ahead=field.key in bounds.AHEAD)
    expression = SCALARS[c.noun][field.key]
    tests = [f"{expression} IS NOT NULL"]
    if low is not None:
        tests.append(f"{expression} >= {c.bind(bounds.start_of(low, c.asker))}")
    if high is not None:
        tests.append(f"{expression} < {c.bind(bounds.start_of(bounds.day_after(high), c.asker))}")
    return " AND ".join(tests)


def _money(c: "Compiler", field: Field, term: Term) -> str:
    low, high = bounds.money_range(term.value, c.asker.decimal)
    if c.noun == "customer":
        kind = "won" if field.key == "won_amount" else "open"
        having = bounds.money_between(c.bind, "sum(x.amount)", "x.currency", low, high)
        grouped = money_sums(kind).replace("SELECT sum(x.amount)", "SELECT x.customer_id", 1).replace(" x.customer_id = c.id AND", "", 1)
        return f"c.id IN ({grouped} GROUP BY x.customer_id, x.currency HAVING {having})"
    expression = "d.amount" if field.key == "amount" else f"d.amount * {SCALARS['deal']['probability']} / 100"
    return "d.amount IS NOT NULL AND " + bounds.money_between(c.bind, expression, "d.currency", low, high)


_BY_TYPE: dict[str, Callable[["Compiler", Field, Term], str]] = {
    "text": _text,
    "word": _word_field,
    "number": _number,
    "percent": _number,
    "money": _money,
    "day": _day,
    "moment": _moment,
    "list": _list,
    "sums": _list,
    "json": _list,
}


def present(c: "Compiler", field: Field) -> str:
    """has:field as SQL."""
    noun = c.noun
    c.named.add("has:" + field.key)
    if field.key in _REACH:
        return f"{c.alias}.id IN (SELECT {noun}_id FROM reach WHERE kind = '{_REACH[field.key]}' AND {noun}_id IS NOT NULL)"
    if field.key == "tags":
        return f"{c.alias}.id IN (SELECT {noun}_id FROM tagging WHERE {noun}_id IS NOT NULL)"
    if field.key == "contacts":
        return f"{c.alias}.id IN (SELECT {noun}_id FROM {noun}_contact)"
    if field.key == "open_deals":
        return f"{SCALARS[noun]['open_deals']} > 0"
    if noun == "customer" and field.key in ("won", "won_amount", "open", "open_amount", "currency"):
        kinds = "'won', 'open'" if field.key == "currency" else f"'{field.key[:4].rstrip('_')}'"
        return f"c.id IN (SELECT customer_id FROM deal WHERE removed_at IS NULL AND amount IS NOT NULL AND stage_id IN (SELECT id FROM stage WHERE kind IN ({kinds})))"
    if field.key == "weighted":
        return "d.amount IS NOT NULL AND " + SCALARS["deal"]["probability"] + " IS NOT NULL"
    if field.key == "days_in_stage":
        return "1"
    return f"{SCALARS[noun][field.key]} IS NOT NULL"


def _today(c: "Compiler") -> date:
    return c.asker.today


def _overdue_task(c: "Compiler", column: str) -> str:
    return (
        f"{c.alias}.id IN (SELECT {column} FROM task WHERE done_at IS NULL AND removed_at IS NULL"
        f" AND due_on < {c.bind(_today(c).isoformat())} AND {column} IS NOT NULL)"
    )


def _deal_kind(*kinds: str) -> Callable[["Compiler"], str]:
    listed = "', '".join(kinds)
    return lambda c: f"d.stage_id IN (SELECT id FROM stage WHERE kind IN ('{listed}'))"


def _customer_deal(test: Callable[["Compiler"], str]) -> Callable[["Compiler"], str]:
    return lambda c: f"c.id IN (SELECT d.customer_id FROM deal d WHERE d.removed_at IS NULL AND {test(c)})"


def _quiet_deal(c: "Compiler") -> str:
    return quiet.quiet_deals(c.db, _today(c), c.bind)


def _stuck_deal(c: "Compiler") -> str:
    return quiet.stuck_deals(c.db, _today(c), c.bind)


def _run_out(c: "Compiler") -> str:
    return f"c.cadence_due_on <= {c.bind(_today(c).isoformat())}"


def _deal_overdue(c: "Compiler") -> str:
    late = f"d.expected_close_on < {c.bind(_today(c).isoformat())}"
    return f"d.stage_id IN {OPEN} AND ({late} OR {_overdue_task(c, 'deal_id')})"


State = Callable[["Compiler"], str]
STATES: dict[str, dict[str, State]] = {
    "customer": {
        "open": _customer_deal(_deal_kind("open")),
        "won": _customer_deal(_deal_kind("won")),
        "overdue": lambda c: _overdue_task(c, "customer_id"),
        "quiet": lambda c: f"({_run_out(c)} OR {_customer_deal(_quiet_deal)(c)})",
        "stuck": _customer_deal(_stuck_deal),
        "company": lambda c: "c.kind = 'company'",
        "person": lambda c: "c.kind = 'person'",
    },
    "contact": {},
    "deal": {
        "open": _deal_kind("open"),
        "closed": _deal_kind("won", "lost"),
        "won": _deal_kind("won"),
        "lost": _deal_kind("lost"),
        "overdue": _deal_overdue,
        "quiet": _quiet_deal,
        "stuck": _stuck_deal,
    },
    "interaction": {},
    "task": {
        "open": lambda c: "t.done_at IS NULL",
        "done": lambda c: "t.done_at IS NOT NULL",
        "overdue": lambda c: f"t.done_at IS NULL AND t.due_on < {c.bind(_today(c).isoformat())}",
        "recurring": lambda c: "t.every IS NOT NULL",
    },
}

STATE_NAMES = {
    "进行中": "open", "未完成": "open", "赢单": "won", "输单": "lost", "已关闭": "closed", "逾期": "overdue", "已逾期": "overdue",
    "久未跟进": "quiet", "安静": "quiet", "停滞": "stuck", "已完成": "done", "完成": "done", "公司": "company", "个人": "person", "重复": "recurring",
}
