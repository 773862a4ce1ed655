"""The query language, second half: a tree -> one SQL condition with bound values."""

from datetime import date, datetime
from typing import Any, NamedTuple

from crm_cli.errors import CrmError, Misuse, NotFound
from crm_cli.i18n import language, listed
from crm_cli.queries import bounds, states, terms
from crm_cli.queries.grammar import SPECIAL, Group, Node, Not, Term, parse
from crm_cli.queries.sources import ALIAS, TO_CUSTOMER
from crm_cli.rules.fields import FIELDS, Field, asked_field, field_key, nearest
from crm_cli.rules.names import shown
from crm_cli.rules.nearness import nearest_names
from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader

_MOST_TERMS = 1000


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


def condition(db: Reader, noun: str, arguments: list[str], asker: Asker, *, mine: bool = False) -> Condition:
    """The condition of a query typed as arguments, over the noun's own table; `mine` narrows it to what I own.

    Misuse and NotFound say where.
    """
    node = parse(arguments, lambda name: asked_field(noun, name) is not None)
    if node is None and not mine:
        return EVERYTHING
    compiler = Compiler(db, noun, asker)
    tests = [f"({compiler.sql(node)})"] if node is not None else []
    if mine:
        tests.append(f"{compiler.alias}.owner_id = {bounds.owner_id(db, 'me', 'me', asker.member_id)}")
    return Condition(" AND ".join(tests), compiler.params, frozenset(compiler.named))


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
        self.counted = [0]  # terms so far, those of opened segments too

    def bind(self, value: Any) -> str:
        """The placeholder of a bound value."""
        name = f"{self.prefix}_{len(self.params)}"
        self.params[name] = value
        return f":{name}"

    def sql(self, node: Node) -> str:
        """A test that may stand beside AND."""
        if isinstance(node, Not):
            return f"NOT coalesce({self.sql(node.child)}, 0)"
        if isinstance(node, Group):
            return _joined([self.sql(child) for child in node.children], f" {node.joint.upper()} ")
        return f"({self.term(node)})"

    def count(self, terms: int) -> None:
        """A limit on how much one query may ask, far below what SQLite would refuse with a riddle."""
        self.counted[0] += terms
        if self.counted[0] > _MOST_TERMS:
            raise Misuse("This query has more than {n} terms", n=_MOST_TERMS)

    def term(self, term: Term) -> str:
        self.count(1)
        if not term.field:
            return terms.words(self, term)
        special = {"has": self.has, "no": self.lacks, "is": self.state, "segment": self.segment}.get(term.field)
        if special:
            return special(term)
        field = self.field(term.field, term.at, term.value)
        self.named.add(field.key)
        return terms.compare(self, field, term)

    def field(self, name: str, at: int, value: str = "") -> Field:
        """The field of a name; of what it may have meant, one that can have the value is offered first."""
        field = asked_field(self.noun, name)
        if field is not None:
            return field
        others = [noun for noun in FIELDS if asked_field(noun, name) is not None]
        if others:
            raise Misuse(
                "Unknown field {field} at {at}",
                hint="It is a field of: {nouns}. All fields: crm fields {noun}",
                instead=(self.noun, others[0]),
                field=name,
                at=at,
                nouns=listed(shown("noun", noun, language()) for noun in others),
                noun=self.noun,
            )
        known = [f.key for f in FIELDS[self.noun]] + [f.short for f in FIELDS[self.noun] if f.short]
        known += [*SPECIAL, "not", *(f.chinese for f in FIELDS[self.noun])]
        near = self._taking(value, nearest_names(field_key(name), known)) or nearest(field_key(name), known)
        raise Misuse(
            "Unknown field {field} at {at}",
            hint="Did you mean {near}: ? All fields: crm fields {noun}" if near else "All fields: crm fields {noun}",
            instead=(name, near),
            field=name,
            at=at,
            near=near,
            noun=self.noun,
        )

    def _taking(self, value: str, near: list[str]) -> str | None:
        """The first of some names whose field can be compared with a value; None where there is no choice."""
        for name in near if value and len(near) > 1 else []:
            field = asked_field(self.noun, name)
            try:
                if field is not None:
                    terms.compare(Compiler(self.db, self.noun, self.asker), field, Term(name, value, 0))
                    return name
            except CrmError:
                continue
        return None

    def has(self, term: Term) -> str:
        return states.present(self, self.field(term.value, term.at))

    def lacks(self, term: Term) -> str:
        return f"NOT coalesce({self.has(term)}, 0)"

    def state(self, term: Term) -> str:
        return states.state(self, term)

    def segment(self, term: Term) -> str:
        """A saved query, opened in place: over its own noun, linked by the customer where that is another one."""
        name = fold(term.value)
        row = self.db.row(
            "SELECT name, noun, query FROM segment WHERE name_key = :key AND removed_at IS NULL", {"key": name}
        )
        if row is None:
            known = [r[0] for r in self.db.rows("SELECT name_key FROM segment WHERE removed_at IS NULL")]
            near = nearest(name, known)
            raise NotFound(
                "No segment is called {name}",
                hint="Did you mean @{near}?" if near else "All segments: crm segment list",
                instead=(term.value, near),
                name=term.value,
                near=near,
            )
        self.named.add("segment")
        return self.open_segment(*row)

    def open_segment(self, name: str, noun: str, query: str) -> str:
        if name in self.trail:
            raise Misuse(
                "Segment {name} leads back to itself: {trail}", name=name, trail=" > ".join([*self.trail, name])
            )
        if len(self.trail) > 20:
            raise Misuse("Segments are nested too deeply: {trail}", trail=" > ".join(self.trail))
        inner = Compiler(self.db, noun, self.asker, trail=(*self.trail, name))
        inner.prefix = f"{self.prefix}_{len(self.params)}s"
        inner.counted = self.counted
        node = parse([f"({query})"], lambda text: asked_field(noun, text) is not None)
        sql = inner.sql(node) if node else "1"
        self.params.update(inner.params)
        if noun == self.noun:
            return sql
        return (
            f"{TO_CUSTOMER[self.noun]} IN (SELECT {TO_CUSTOMER[noun]} FROM {noun} {ALIAS[noun]}"
            f" WHERE {ALIAS[noun]}.removed_at IS NULL AND {sql})"
        )


def _joined(tests: list[str], joint: str) -> str:
    """The tests in balanced pairs: a chain of hundreds would be deeper than SQLite lets an expression be."""
    while len(tests) > 8:
        tests = [f"({joint.join(tests[i : i + 8])})" for i in range(0, len(tests), 8)]
    return f"({joint.join(tests)})"
