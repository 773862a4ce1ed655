"""The query language, second half: a tree -> SQL."""

from collections.abc import Callable
from typing import Any, TypeVar

from crm_cli.errors import Ambiguous, CrmError, Misuse, NotFound
from crm_cli.i18n import language, listed
from crm_cli.queries import bounds, custom, related, states, terms
from crm_cli.queries.conditions import EVERYTHING, Asker, Condition
from crm_cli.queries.grammar import Group, Node, Not, Term, parse
from crm_cli.queries.sources import ALIAS, SCALARS, TABLE, TO_CUSTOMER
from crm_cli.queries.tokens import SPECIAL, is_group
from crm_cli.rules.fields import FIELDS, Field, asked_field, field_key, is_asked, nearest
from crm_cli.rules.names import shown
from crm_cli.rules.nearness import nearest_names
from crm_cli.rules.relations import OWN, RELATIONS, path
from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader

Asked = TypeVar("Asked")
_MOST_TERMS = 1000
_DEEPEST = 8


def compiled(db: Reader, noun: str, arguments: list[str], asker: Asker, *, mine: bool = False) -> Condition:
    """What `condition` answers."""
    node = parse(arguments, lambda name: is_asked(noun, name))
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
        self.depth = 0  # of queries over related records
        self.front = ""  # what led here from the query as typed: deals.won.
        self.own: dict[str, str] = {}  # key -> what stands for it here instead of the record's own

    def beside(self, noun: str, own: dict[str, str]) -> "Compiler":
        """A compiler of a query over other records within this one, which shares its bound values."""
        inner = Compiler(self.db, noun, self.asker, trail=self.trail)
        inner.params, inner.prefix, inner.counted, inner.own = self.params, self.prefix, self.counted, own
        inner.depth = self.depth + 1
        if inner.depth > _DEEPEST:
            raise Misuse("This query is nested too deeply")
        return inner

    def scalar(self, key: str) -> str:
        """The expression of a key."""
        return self.own.get(key) or SCALARS[self.noun][key]

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
        field = asked_field(self.noun, term.field)
        if field is not None and custom.stands_before(self.db, self.noun, field, term.field):
            field = None
        if field is None or (is_group(term.value) and not term.whole and field.key in RELATIONS[self.noun]):
            test = related.holds(self, term) or custom.holds(self, term)
            if test is not None:
                return test
            field = self.field(term.field, term.at, term.value)
        self.named.add(field.key)
        return terms.compare(self, field, term)

    def told(self, term: Term, asked: Callable[[], Asked]) -> Asked:
        """What is asked, its error with the term and where it stands."""
        try:
            return asked()
        except (NotFound, Ambiguous):
            raise
        except CrmError as error:
            value = f"={term.value}" if term.whole else term.value
            holes: dict[str, Any] = {**error.holes, "field": self.front + term.field, "value": value, "at": term.at}
            holes["reason"] = error.message()
            raise Misuse(
                "{field}:{value} at {at}: {reason}", hint=error.hint, instead=error.instead, **holes
            ) from error

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
                field=self.front + name,
                at=at,
                nouns=listed(shown("noun", noun, language()) for noun in others),
                noun=self.noun,
            )
        known = [f.key for f in FIELDS[self.noun]] + [f.short for f in FIELDS[self.noun] if f.short]
        known += [*SPECIAL, "not", *(f.chinese for f in FIELDS[self.noun]), *RELATIONS[self.noun]]
        known += custom.names_in_use(self.db, self.noun)
        if path(name)[0] == "custom":
            known = [OWN + own for own in custom.names_in_use(self.db, self.noun)]
        alike = nearest_names(field_key(name), known)
        near = self._taking(value, alike) or nearest(field_key(name), known) or (alike[0] if len(alike) == 1 else None)
        raise Misuse(
            "Unknown field {field} at {at}",
            hint="Did you mean {near}: ? All fields: crm fields {noun}" if near else "All fields: crm fields {noun}",
            instead=(self.front + name, near and self.front + near),
            field=self.front + name,
            at=at,
            near=near and self.front + near,
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
        if asked_field(self.noun, term.value) is None:
            test = related.present(self, term.value, term.at) or custom.present(self, term.value)
            if test is not None:
                return test
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
        node = parse([f"({query})"], lambda text: is_asked(noun, text))
        sql = inner.sql(node) if node else "1"
        self.params.update(inner.params)
        if noun == self.noun:
            return sql
        return (
            f"{TO_CUSTOMER[self.noun]} IN (SELECT {TO_CUSTOMER[noun]} FROM {TABLE[noun]} {ALIAS[noun]}"
            f" WHERE {ALIAS[noun]}.removed_at IS NULL AND {sql})"
        )


def _joined(tests: list[str], joint: str) -> str:
    """The tests in balanced pairs: a chain of hundreds would be deeper than SQLite lets an expression be."""
    while len(tests) > 8:
        tests = [f"({joint.join(tests[i : i + 8])})" for i in range(0, len(tests), 8)]
    return f"({joint.join(tests)})"
