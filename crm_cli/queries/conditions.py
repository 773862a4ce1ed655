"""The query language, first and last step: arguments -> one SQL condition with bound values, for whoever asks."""

from datetime import date, datetime
from typing import Any, NamedTuple

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


def condition(db: Reader, noun: str, arguments: list[str], asker: Asker, *, mine: bool = False) -> Condition:
    """The condition of a query typed as arguments, over the noun's own table; `mine` narrows it to what I own.

    Misuse and NotFound say where. Most lists are asked without a query: what reads one is loaded when there is one.
    """
    if not arguments and not mine:
        return EVERYTHING
    from crm_cli.queries.compiler import compiled

    return compiled(db, noun, arguments, asker, mine=mine)
