"""has:field, no:field and is:open, is:overdue, is:quiet, is:stuck, ... as SQL."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from crm_cli.errors import Misuse
from crm_cli.queries import quiet
from crm_cli.queries.grammar import Term
from crm_cli.queries.sources import OPEN, SCALARS, deals_of_customers
from crm_cli.rules.fields import Field, nearest
from crm_cli.rules.text import fold

if TYPE_CHECKING:
    from crm_cli.queries.compiler import Compiler

# key -> the kind of rows that hold it
REACH = {"email": "email", "phone": "phone", "website": "website", "messengers": "messenger"}
REACH |= {"emails": "email", "phones": "phone", "websites": "website"}


def present(c: "Compiler", field: Field) -> str:
    """has:field as SQL."""
    noun, alias, key = c.noun, c.alias, field.key
    c.named.add("has:" + key)
    if key in REACH:
        return f"{alias}.id IN (SELECT {noun}_id FROM reach WHERE kind = '{REACH[key]}' AND {noun}_id IS NOT NULL)"
    if key == "tags":
        return f"{alias}.id IN (SELECT {noun}_id FROM tagging WHERE {noun}_id IS NOT NULL)"
    if key == "contacts":
        return (
            f"{alias}.id IN (SELECT x.{noun}_id FROM {noun}_contact x JOIN contact k ON k.id = x.contact_id"
            " WHERE k.removed_at IS NULL)"
        )
    if key == "open_deals":
        return f"{SCALARS[noun]['open_deals']} > 0"
    if noun == "customer" and key in ("won", "won_amount", "open", "open_amount"):
        return f"c.id IN (SELECT x.customer_id {deals_of_customers(key.split('_')[0])})"
    if noun == "customer" and key == "currency":
        kinds = " OR ".join(f"c.id IN (SELECT x.customer_id {deals_of_customers(kind)})" for kind in ("won", "open"))
        return f"({kinds})"
    if key == "weighted":
        return "d.amount IS NOT NULL AND " + SCALARS["deal"]["probability"] + " IS NOT NULL"
    if key == "days_in_stage":
        return f"d.stage_id IN {OPEN}"
    if noun == "task" and key == "status":
        return "1"
    if key in ("bought", "product"):
        return {
            "customer": "c.id IN (SELECT x.customer_id FROM order_line l JOIN sales_order x ON x.id = l.order_id"
            " WHERE x.removed_at IS NULL)",
            "order": "so.id IN (SELECT l.order_id FROM order_line l)",
            "deal": "d.id IN (SELECT l.deal_id FROM deal_line l)",
        }[noun]
    if key == "lines":
        return "so.id IN (SELECT l.order_id FROM order_line l)"
    if key == "prices":
        return "pr.id IN (SELECT x.product_id FROM product_price x)"
    return f"{c.scalar(key)} IS NOT NULL"


def state(c: "Compiler", term: Term) -> str:
    """is:state as SQL; Misuse with the nearest one that the noun has."""
    states = STATES[c.noun]
    name = known(c.noun, term.value)
    if name is None:
        near = nearest(_NAMES.get(fold(term.value), fold(term.value)), list(states))
        raise Misuse(
            "Unknown state is:{state} at {at}",
            hint="Did you mean is:{near}? Known here: {known}" if near else "Known here: {known}",
            instead=(f"is:{term.value}", near and f"is:{near}"),
            state=term.value,
            at=term.at,
            near=near,
            known=" ".join(f"is:{word}" for word in states) or "-",
        )
    if name in ("open", "won", "lost", "closed", "done"):
        c.named.add("status")
    return states[name](c)


def known(noun: str, text: str) -> str | None:
    """The state of a noun by its name in either language; None when it has none of that name."""
    word = fold(text)
    name = _NAMES.get(word, word)
    return name if name in STATES[noun] else None


def _today(c: "Compiler") -> str:
    return c.bind(c.asker.today.isoformat())


def _overdue_task(c: "Compiler", column: str) -> str:
    return (
        f"{c.alias}.id IN (SELECT {column} FROM task WHERE done_at IS NULL AND removed_at IS NULL"
        f" AND due_on < {_today(c)} AND {column} IS NOT NULL)"
    )


def deal_kind(*kinds: str) -> Callable[["Compiler"], str]:
    """Deals d whose stage is of one of the kinds."""
    listed = "', '".join(kinds)
    return lambda c: f"d.stage_id IN (SELECT id FROM stage WHERE kind IN ('{listed}'))"


def _customer_deal(test: Callable[["Compiler"], str]) -> Callable[["Compiler"], str]:
    return lambda c: f"c.id IN (SELECT d.customer_id FROM deal d WHERE d.removed_at IS NULL AND {test(c)})"


def _quiet_deal(c: "Compiler") -> str:
    return quiet.quiet_deals(c.db, c.asker.today, c.bind)


def _stuck_deal(c: "Compiler") -> str:
    return quiet.stuck_deals(c.db, c.asker.today, c.bind)


def _run_out(c: "Compiler") -> str:
    return f"c.cadence_due_on <= {_today(c)}"


def _deal_overdue(c: "Compiler") -> str:
    late = f"d.expected_close_on < {_today(c)}"
    return f"d.stage_id IN {OPEN} AND ({late} OR {_overdue_task(c, 'deal_id')})"


State = Callable[["Compiler"], str]
STATES: dict[str, dict[str, State]] = {
    "customer": {
        "open": _customer_deal(deal_kind("open")),
        "won": _customer_deal(deal_kind("won")),
        "lost": _customer_deal(deal_kind("lost")),
        "overdue": lambda c: _overdue_task(c, "customer_id"),
        "quiet": lambda c: f"({_run_out(c)} OR {_customer_deal(_quiet_deal)(c)})",
        "stuck": _customer_deal(_stuck_deal),
        "company": lambda c: "c.kind = 'company'",
        "person": lambda c: "c.kind = 'person'",
    },
    "contact": {},
    "deal": {
        "open": deal_kind("open"),
        "closed": deal_kind("won", "lost"),
        "won": deal_kind("won"),
        "lost": deal_kind("lost"),
        "overdue": _deal_overdue,
        "quiet": _quiet_deal,
        "stuck": _stuck_deal,
    },
    "interaction": {},
    "task": {
        "open": lambda c: "t.done_at IS NULL",
        "done": lambda c: "t.done_at IS NOT NULL",
        "overdue": lambda c: f"t.done_at IS NULL AND t.due_on < {_today(c)}",
        "recurring": lambda c: "t.every IS NOT NULL",
    },
    "order": {
        "returned": lambda c: "so.amount < 0",
        "future": lambda c: f"so.ordered_on > {_today(c)}",
    },
    "product": {
        "active": lambda c: "pr.is_active = 1",
        "inactive": lambda c: "pr.is_active = 0",
        "product": lambda c: "pr.kind = 'product'",
        "service": lambda c: "pr.kind = 'service'",
    },
}

_NAMES = {
    "进行中": "open", "未完成": "open", "赢单": "won", "输单": "lost", "已关闭": "closed", "逾期": "overdue",
    "已逾期": "overdue", "久未跟进": "quiet", "安静": "quiet", "停滞": "stuck", "已完成": "done", "完成": "done",
    "公司": "company", "个人": "person", "重复": "recurring",
    "退货": "returned", "未来": "future", "在售": "active", "停售": "inactive", "产品": "product", "服务": "service",
}  # fmt: skip
