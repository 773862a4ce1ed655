"""Where REF... stands: references, one record each, or one query; never both."""

from collections.abc import Sequence
from typing import NamedTuple

from crm_cli.errors import Misuse
from crm_cli.queries import custom, openness
from crm_cli.queries.conditions import Asker, condition
from crm_cli.queries.find import Finder
from crm_cli.queries.grammar import is_query_argument
from crm_cli.queries.records import ids_of
from crm_cli.queries.sources import ALIAS
from crm_cli.rules.fields import is_asked
from crm_cli.store.reader import Reader


class Targets(NamedTuple):
    """The ids meant, and whether a query meant them."""

    ids: list[int]
    by_query: bool


def is_query(noun: str, arguments: Sequence[str], db: Reader | None = None) -> bool:
    """Whether the arguments are a query; a mix with references is refused. The database knows fields of its own."""

    def is_field(name: str) -> bool:
        return is_asked(noun, name) or (db is not None and bool(custom.named(db, noun, name, at_a_glance=True)))

    marks = [is_query_argument(text, is_field) for text in arguments]
    if any(marks) and not all(marks):
        words = [
            text for text, mark in zip(arguments, marks, strict=True) if not mark and text.lower() not in ("or", "and")
        ]
        if words:
            raise Misuse(
                "A query and references do not go together: {words}",
                hint="Type either one. Words within a query: put it all into one quoted argument.",
                words=" ".join(words),
            )
    return any(marks)


def targets(
    db: Reader,
    noun: str,
    arguments: Sequence[str],
    asker: Asker,
    *,
    scope: str = "",
    removed: bool = False,
    country: str | None = None,
) -> Targets:
    """The records of a noun that the arguments mean; `scope` (alias x) is what the verb can act on."""
    if is_query(noun, arguments, db):
        where = condition(db, noun, list(arguments), asker)
        if not scope and not removed and not openness.decides(noun, where):
            where = openness.open_ones(noun, where)  # what the list of the same query shows
        extra = scope.replace("x.", f"{ALIAS[noun]}.") if scope else "1"
        return Targets(ids_of(db, noun, where, extra=extra, removed=removed), True)
    finder = Finder(db, [noun], scope={noun: scope} if scope else None, removed=removed, country=country)
    ids = [finder.one(text).id for text in arguments]
    return Targets(list(dict.fromkeys(ids)), False)
