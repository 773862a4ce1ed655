"""The query language, second half: a tree -> one SQL condition with bound values."""

from datetime import date, datetime
from typing import Any, NamedTuple

from crm_cli.errors import Misuse, NotFound
from crm_cli.queries import terms
from crm_cli.queries.grammar import Group, Node, Not, Term, parse
from crm_cli.queries.sources import ALIAS, TO_CUSTOMER
from crm_cli.rules.fields import FIELDS, Field, field_key, find_field, nearest
from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader


class Asker(NamedTuple):
    """Who asks and when: `now` is aware and local, `member_id` is who `me` is, `decimal` the decimal mark or ""."""

    now: datetime
    member_id: int | None = None
    decimal: str = ""

    @property
    def today(self) -> date:
        return self.now.date()


class Condition(NamedTuple):
    """`sql` is true for the records meant; `fields` are the keys that the query names."""

    sql: str
    params: dict[str, Any]
    fields: frozenset[str]


EVERYTHING = Condition("1", {}, frozenset())


def condition(db: Reader, noun: str, arguments: list[str], asker: Asker) -> Condition:
    """The condition of a query typed as arguments, over the noun's own table. Misuse and NotFound say where."""
    node = parse(arguments, lambda name: find_field(noun, name) is not None)
    if node is None:
        return EVERYTHING
    compiler = Compiler(db, noun, asker)
    return Condition(compiler.sql(node), compiler.params, frozenset(compiler.named))


class Compiler:
    """Turns one tree into SQL; collects the bound values and the fields named."""

    def __init__(self, db: Reader, noun: str, asker: Asker, *, trail: tuple[str, ...] = ()) -> None:
        self.db = db
        self.noun = noun
        self.alias = ALIAS[noun]
        self.asker = asker
        self.trail = trail  # segments being opened, to refuse cycles
        self.params: dict[str, Any] = {}
        self.named: set[str] = set()
        self.prefix = f"q{len(trail)}{noun[0]}" if trail else "q"

    def bind(self, value: Any) -> str:
        """The placeholder of a bound value."""
        name = f"{self.prefix}_{len(self.params)}"
        self.params[name] = value
        return f":{name}"

    def sql(self, node: Node) -> str:
        if isinstance(node, Not):
            return f"NOT coalesce({self.sql(node.child)}, 0)"
        if isinstance(node, Group):
            return "(" + f" {node.joint.upper()} ".join(self.sql(child) for child in node.children) + ")"
        return f"({self.term(node)})"

    def term(self, term: Term) -> str:
        if not term.field:
            return terms.words(self, fold(term.value))
        special = {"has": self.has, "no": self.lacks, "is": self.state, "segment": self.segment}.get(term.field)
        if special:
            return special(term)
        field = self.field(term.field, term.at)
        self.named.add(field.key)
        return terms.compare(self, field, term)

    def field(self, name: str, at: int) -> Field:
        field = find_field(self.noun, name)
        if field is None:
            known = [f.key for f in FIELDS[self.noun]] + [f.short for f in FIELDS[self.noun] if f.short]
            near = nearest(field_key(name), [*known, "has", "no", "is", "not", "segment"])
            raise Misuse(
                "Unknown field {field} at {at}",
                hint="Did you mean {near}: ? All fields: crm fields {noun}" if near else "All fields: crm fields {noun}",
                field=name,
                at=at,
                near=near,
                noun=self.noun,
            )
        if not field.ask and field.type not in ("list", "sums", "json"):
            raise Misuse("{field} at {at} can be shown but not asked for", field=name, at=at)
        return field

    def has(self, term: Term) -> str:
        field = self.field(term.value, term.at)
        return terms.present(self, field)

    def lacks(self, term: Term) -> str:
        return f"NOT coalesce({self.has(term)}, 0)"

    def state(self, term: Term) -> str:
        word = fold(term.value)
        known = terms.STATES[self.noun]
        state = terms.STATE_NAMES.get(word, word)
        if state not in known:
            near = nearest(word, list(known))
            raise Misuse(
                "Unknown state is:{state} at {at}",
                hint="Did you mean is:{near}? Known here: {known}" if near else "Known here: {known}",
                state=term.value,
                at=term.at,
                near=near,
                known=" ".join(f"is:{name}" for name in known) or "-",
            )
        self.named.add("status")
        return known[state](self)

    def segment(self, term: Term) -> str:
        """A saved query, opened in place: over its own noun, linked by the customer where that is another one."""
        name = fold(term.value)
        row = self.db.row(
            "SELECT name, noun, query FROM segment WHERE name_key = :key AND removed_at IS NULL", {"key": name}
        )
        if row is None:
            known = [r[0] for r in self.db.rows("SELECT name FROM segment WHERE removed_at IS NULL")]
            near = nearest(name, [fold(k) for k in known])
            raise NotFound(
                "No segment is called {name}",
                hint="Did you mean @{near}?" if near else "All segments: crm segment list",
                name=term.value,
                near=near,
            )
        self.named.add("segment")
        return self.open_segment(*row)

    def open_segment(self, name: str, noun: str, query: str) -> str:
        if name in self.trail:
            raise Misuse("Segment {name} leads back to itself: {trail}", name=name, trail=" > ".join([*self.trail, name]))
        if len(self.trail) > 20:
            raise Misuse("Segments are nested too deeply: {trail}", trail=" > ".join(self.trail))
        inner = Compiler(self.db, noun, self.asker, trail=(*self.trail, name))
        inner.prefix = f"{self.prefix}_{len(self.params)}s"
        node = parse([f"({query})"], lambda text: find_field(noun, text) is not None)
        sql = inner.sql(node) if node else "1"
        self.params.update(inner.params)
        if noun == self.noun:
            return sql
        return (
            f"{TO_CUSTOMER[self.noun]} IN (SELECT {TO_CUSTOMER[noun]} FROM {noun} {ALIAS[noun]}"
            f" WHERE {ALIAS[noun]}.removed_at IS NULL AND {sql})"
        )
