"""Which noun a query is about, where no noun stands before it: `crm segment add`, `crm tag add`."""

from collections.abc import Iterator, Sequence

from crm_cli.errors import CrmError, Misuse
from crm_cli.queries.compiler import Compiler
from crm_cli.queries.conditions import Asker
from crm_cli.queries.grammar import Group, KnownField, Node, Not, Term, parse
from crm_cli.rules.fields import NOUNS, is_asked
from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader

_UNKNOWN = "Unknown field {field} at {at}"


def fields_of(noun: str) -> KnownField:
    """Whether a word is a field of the noun."""
    return lambda name: is_asked(noun, name)


def noun_of_query(
    db: Reader, query: list[str], asker: Asker, *, trail: tuple[str, ...] = (), nouns: Sequence[str] = NOUNS
) -> str:
    """The noun that a query is about: that of its segment, else the first one that has all its fields and values."""
    error: CrmError | None = None
    for noun in _ordered(db, query, nouns):
        try:
            node = parse(query, fields_of(noun))
            if node is None:
                raise Misuse("A segment needs a query", hint="As: crm segment add quiet-keys tag:key contacted:..-30d")
            Compiler(db, noun, asker, trail=trail).sql(node)
            return noun
        except CrmError as found:
            # a value that is wrong says more than a field that another noun has
            if error is None or (error.sentence == _UNKNOWN and found.sentence != _UNKNOWN):
                error = found
    assert error is not None
    raise error


def _ordered(db: Reader, query: list[str], nouns: Sequence[str]) -> list[str]:
    """The nouns to try: those of the segments named come first."""
    named = segments_of(nouns[0], " ".join(query), strict=False)
    found = db.rows("SELECT name_key, noun FROM segment WHERE removed_at IS NULL ORDER BY id") if named else []
    first = [noun for key, noun in found if key in named and noun in nouns]
    return list(dict.fromkeys([*first, *nouns]))


def segments_of(noun: str, query: str, *, strict: bool = True) -> set[str]:
    """The folded names of the segments that a query is built on."""
    try:
        node = parse([f"({query})"], fields_of(noun))
    except CrmError:
        if strict:
            raise
        return set()
    return {fold(term.value) for term in _terms(node) if term.field == "segment"} if node else set()


def broken_segments(db: Reader, asker: Asker) -> set[int]:
    """Segments whose query cannot be answered: what it names is not there any more."""
    broken = set()
    for segment_id, noun, query in db.rows("SELECT id, noun, query FROM segment WHERE removed_at IS NULL"):
        try:
            node = parse([f"({query})"], fields_of(noun))
            if node is not None:
                Compiler(db, noun, asker).sql(node)
        except CrmError:
            broken.add(segment_id)
    return broken


def _terms(node: Node) -> Iterator[Term]:
    if isinstance(node, Not):
        yield from _terms(node.child)
    elif isinstance(node, Group):
        for child in node.children:
            yield from _terms(child)
    else:
        yield node
