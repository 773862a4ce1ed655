"""Terms that ask of related records as SQL: deals.stage:proposal, deals.won.amount:50k.., "deals:(is:won no:close)".

Each term holds where there is one such record; two terms may be met by two different ones. What has to be true of one
and the same stands in parentheses. Counts and sums are over all of them.
"""

from typing import TYPE_CHECKING

from crm_cli.errors import Misuse
from crm_cli.queries import bounds, states
from crm_cli.queries.grammar import Term, parse
from crm_cli.queries.sources import ALIAS, DECIDES, WEIGHTED
from crm_cli.queries.tokens import is_group
from crm_cli.rules.fields import asked_field, is_asked
from crm_cli.rules.relations import COUNT, CUSTOM, RELATIONS, find_relation, path

if TYPE_CHECKING:
    from crm_cli.queries.compiler import Compiler

_DEEPEST = 8
# what leads from a record to others: its own column, the tables of the others, and their column that is equal to it
LINKS = {
    ("customer", "contacts"): ("c.id", "contact p", "p.customer_id"),
    ("customer", "deals"): ("c.id", "deal d", "d.customer_id"),
    ("customer", "interactions"): ("c.id", "interaction i", "i.customer_id"),
    ("customer", "tasks"): ("c.id", "task t", "t.customer_id"),
    ("customer", "parent"): ("c.parent_id", "customer c", "c.id"),
    ("customer", "referred_by"): ("c.referred_by_id", "customer c", "c.id"),
    ("customer", "orders"): ("c.id", "sales_order so", "so.customer_id"),
    ("deal", "orders"): ("d.id", "sales_order so", "so.deal_id"),
    ("order", "customer"): ("so.customer_id", "customer c", "c.id"),
    ("order", "deal"): ("so.deal_id", "deal d", "d.id"),
    ("contact", "customer"): ("p.customer_id", "customer c", "c.id"),
    ("contact", "deals"): ("p.id", "deal_contact y JOIN deal d ON d.id = y.deal_id", "y.contact_id"),
    ("contact", "interactions"): (
        "p.id",
        "interaction_contact y JOIN interaction i ON i.id = y.interaction_id",
        "y.contact_id",
    ),
    ("deal", "customer"): ("d.customer_id", "customer c", "c.id"),
    ("deal", "contacts"): ("d.id", "deal_contact y JOIN contact p ON p.id = y.contact_id", "y.deal_id"),
    ("deal", "interactions"): ("d.id", "interaction i", "i.deal_id"),
    ("deal", "tasks"): ("d.id", "task t", "t.deal_id"),
    ("interaction", "customer"): ("i.customer_id", "customer c", "c.id"),
    ("interaction", "deal"): ("i.deal_id", "deal d", "d.id"),
    ("interaction", "contacts"): (
        "i.id",
        "interaction_contact y JOIN contact p ON p.id = y.contact_id",
        "y.interaction_id",
    ),
    ("task", "customer"): ("t.customer_id", "customer c", "c.id"),
    ("task", "deal"): ("t.deal_id", "deal d", "d.id"),
}
# In a deal people have a role of their own, as its list shows it.
_OWN = {("deal", "contacts"): {"role": "coalesce(y.role, p.role)"}}


class _Way:
    """From the records of a compiler to others, narrowed by the states that stand between: deals.won."""

    def __init__(self, c: "Compiler", relation: str) -> None:
        self.c = c
        self.noun, self.many = RELATIONS[c.noun][relation]
        self.own, self.tables, self.column = LINKS[c.noun, relation]
        self.inner = c.beside(self.noun, _OWN.get((c.noun, relation), {}))
        self.tests: list[str] = []
        self.has_state = False

    def states(self, rest: list[str], at: int, *, may_end: bool) -> list[str]:
        """The parts behind the states that the path begins with; `closed` at its end is the day, not the state."""
        while rest and (name := states.known(self.noun, rest[0])):
            if len(rest) == 1 and not may_end and asked_field(self.noun, rest[0]) is not None:
                break
            self.tests.append(states.state(self.inner, Term("is", name, at)))
            self.has_state = True
            rest = rest[1:]
        return rest

    def rows(self, *more: str, grouped: str = "", is_list: bool = False) -> str:
        """SELECT of the column that leads back, of the records that are there and meant; a list has no empty ones."""
        alias, tables = ALIAS[self.noun], self.tables
        tests = [f"{alias}.removed_at IS NULL", *(f"({test})" for test in (*self.tests, *more))]
        if self.noun == "task" and not self.has_state and not self.inner.named & DECIDES["task"]:
            tests.append("t.done_at IS NULL")  # what the list of the same query shows
            tables += " INDEXED BY task_due"  # open ones are few, and only they are in it
        if is_list:
            tests.append(f"+{self.column} IS NOT NULL")
        return f"SELECT {self.column} FROM {tables} WHERE {' AND '.join(tests)}{grouped}"

    def any(self, *more: str) -> str:
        """There is one."""
        return f"{self.own} IN ({self.rows(*more)})"


def holds(c: "Compiler", term: Term) -> str | None:
    """A term whose field leads to other records as SQL; None where it leads nowhere."""
    way, rest = _begin(c, term.field, term.at, may_end=is_group(term.value))
    if way is None:
        return None
    if not rest:
        return _query(way, term)
    if way.many and rest in ([word] for word in COUNT):
        return _count(way, term)
    name = ".".join(rest)
    way.inner.front = c.front + term.field.removesuffix(name)
    field = asked_field(way.noun, name)
    if way.has_state and field is not None and field.type == "money" and way.noun == "deal":
        return _sum(way, term, WEIGHTED if field.key == "weighted" else "d.amount")
    return way.any(way.inner.term(term._replace(field=name)))


def present(c: "Compiler", name: str, at: int) -> str | None:
    """has:deals, has:deals.won, has:contacts.email as SQL; None where the name leads nowhere."""
    way, rest = _begin(c, name, at, may_end=True)
    if way is None:
        return None
    if not rest:
        return way.any()
    way.inner.front = c.front + name.removesuffix(".".join(rest))
    return way.any(way.inner.has(Term("has", ".".join(rest), at)))


def _begin(c: "Compiler", name: str, at: int, *, may_end: bool) -> tuple[_Way | None, list[str]]:
    parts = path(name)
    relation = find_relation(c.noun, parts[0]) if all(parts) and parts[0] not in CUSTOM else None
    if relation is None:
        return None, []
    if len(parts) > _DEEPEST:
        raise Misuse("This query is nested too deeply")
    way = _Way(c, relation)
    return way, way.states(parts[1:], at, may_end=may_end)


def _query(way: _Way, term: Term) -> str:
    """deals:rollout, "deals:(stage:proposal amount:10k..)": a query over them, true of one and the same."""
    if not term.value:
        raise Misuse("Nothing stands after {field}: at {at}", field=term.field, at=term.at)
    if term.value.startswith("(") and not is_group(term.value):
        at = term.at + len(term.field) + 1
        raise Misuse("The parenthesis that opens at {at} is never closed", at=at)
    if not is_group(term.value):
        return way.any(way.inner.term(term._replace(field="")))
    if term.value.count("(") > 60:
        raise Misuse("This query is nested too deeply")
    start = term.at + len(term.field) + 1
    node = parse([term.value], lambda name: is_asked(way.noun, name), start)
    return way.any(way.inner.sql(node)) if node is not None else way.any()


def _count(way: _Way, term: Term) -> str:
    """How many there are; none is a number too."""
    low, high = way.c.told(term, lambda: bounds.number_range(term.value))
    tests = [f"count(*) >= {way.c.bind(low)}"] if low is not None and low > 1 else []
    if high is not None and high < 0:
        return "0"
    grouped = f" GROUP BY +{way.column} HAVING "
    if (low is None or low <= 0) and high is not None:
        more = f"{grouped}count(*) > {way.c.bind(high)}" if high else ""
        return f"{way.own} NOT IN ({way.rows(grouped=more, is_list=True)})"
    if low is None or low <= 0:
        return "1"
    if high is not None:
        tests.append(f"count(*) <= {way.c.bind(high)}")
    return f"{way.own} IN ({way.rows(grouped=grouped + ' AND '.join(tests) if tests else '')})"


def _sum(way: _Way, term: Term, amount: str) -> str:
    """Their amounts together, by currency: one currency in the range is enough, as in won_amount."""
    low, high = way.c.told(term, lambda: bounds.money_range(term.value, way.c.asker.decimal))
    having = bounds.money_between(way.c.bind, f"sum({amount})", "d.currency", low, high)
    grouped = f" GROUP BY +{way.column}, d.currency HAVING {having}"
    return f"{way.own} IN ({way.rows('d.amount IS NOT NULL', grouped=grouped)})"
