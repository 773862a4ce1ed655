"""What a dotted name shows, sorts and groups by: customer.region of a deal, deals.won.amount of a customer.

To one record leads its value; to several their number (deals.count), their money by currency, or the list of what they
have. Which records are meant is what a query of the same name means: tasks are open ones unless a state says otherwise.
"""

from typing import Any, NamedTuple

from crm_cli.queries import states
from crm_cli.queries.compiler import Compiler
from crm_cli.queries.conditions import Asker
from crm_cli.queries.grammar import Term
from crm_cli.queries.related import LINKS
from crm_cli.queries.sources import ALIAS, SCALARS, TABLE, WEIGHTED, shown, sort_expression, thousandths
from crm_cli.queries.sources import is_words as by_words
from crm_cli.rules.dotted import end_of, is_count, step
from crm_cli.rules.fields import find_field
from crm_cli.rules.money import amount_number
from crm_cli.store.reader import Reader, id_list

Record = dict[str, Any]
_COUNT = "count"


class Dotted(NamedTuple):
    """`key` as it is published; from `own` of a record to others of `noun` over `column` of `tables`, those of the
    `states` only; `end` is a key of that noun, dotted again perhaps, or count."""

    key: str
    noun: str
    many: bool
    own: str
    tables: str
    column: str
    states: tuple[str, ...]
    end: str

    @property
    def is_sum(self) -> bool:
        """Whether it is the money of several records."""
        field = find_field(self.noun, self.end)
        return self.many and field is not None and field.type == "money" and "currency" in SCALARS[self.noun]


def find(db: Reader, noun: str, name: str) -> Dotted | None:
    """What a dotted name leads to; None where it leads nowhere. Misuse for what is no field there, with the nearest."""
    from crm_cli.queries.records import known_key

    begun = step(noun, name)
    if begun is None:
        return None
    rest, kept = list(begun.rest), []
    while len(rest) > 1 and (state := states.known(begun.noun, rest[0])):
        kept.append(state)
        rest = rest[1:]
    end = _COUNT if begun.many and is_count(rest) else known_key(begun.noun, ".".join(rest), db)
    key = ".".join([begun.relation, *kept, end])
    return Dotted(key, begun.noun, begun.many, *LINKS[noun, begun.relation], tuple(kept), end)


def _there(db: Reader, to: Dotted, asker: Asker) -> str:
    """The test of the records meant."""
    inner = _Spelled(db, to.noun, asker)
    tests = [f"{ALIAS[to.noun]}.removed_at IS NULL"]
    tests += [f"({states.state(inner, Term('is', name, 0))})" for name in to.states]
    if to.noun == "task" and not to.states:
        tests.append("t.done_at IS NULL")
    return " AND ".join(tests)


class _Spelled(Compiler):
    """A compiler whose values stand in the SQL itself: days and numbers of ours, nothing that was typed."""

    def bind(self, value: Any) -> str:
        return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def _of_each(db: Reader, to: Dotted, asker: Asker, value: str, *, more: str = "") -> str:
    """Rows k, v: the record that leads there, and a value of what is there. It stands in a FROM, where the alias of the
    records outside, which may be the same, does not reach."""
    return f"SELECT {to.column} AS k, {value} AS v{more} FROM {to.tables} WHERE {_there(db, to, asker)}"


# ------------------------------------------------------------------ sorted by


def sort_value(db: Reader, to: Dotted, asker: Asker) -> str:
    """The expression that a list is sorted by: of several values the least, of several currencies the largest sum."""
    if to.end == _COUNT:
        return f"(SELECT count(*) FROM ({_of_each(db, to, asker, '1')}) z WHERE z.k = {to.own})"
    if to.is_sum:
        alias = ALIAS[to.noun]
        rows = _of_each(db, to, asker, _minor_units(to), more=f", {alias}.currency AS u")
        size = thousandths("sum(z.v)", "z.u")
        return (
            f"(SELECT {size} FROM ({rows}) z WHERE z.k = {to.own} AND z.v IS NOT NULL"
            " GROUP BY z.u ORDER BY 1 DESC LIMIT 1)"
        )
    rows = _of_each(db, to, asker, _sorted_inside(db, to, asker))
    return f"(SELECT min(z.v) FROM ({rows}) z WHERE z.k = {to.own})"


def is_words(to: Dotted) -> bool:
    """Whether it is sorted by words, which have an order of their own."""
    noun, key = end_of(to.noun, to.end)
    field = find_field(noun, key)
    return to.end != _COUNT and field is not None and field.type in ("text", "word", "list") and by_words(noun, key)


def _minor_units(to: Dotted) -> str:
    return WEIGHTED if (to.noun, to.end) == ("deal", "weighted") else SCALARS[to.noun][to.end]


def _sorted_inside(db: Reader, to: Dotted, asker: Asker) -> str:
    further = find(db, to.noun, to.end)
    if further is not None:
        return sort_value(db, further, asker)
    field = find_field(to.noun, to.end)
    if field is None:
        return f"fold({shown(to.noun, to.end)})"
    return sort_expression(to.noun, field.key, is_text=field.type in ("text", "word"))


# ------------------------------------------------------------------ shown


def attach(db: Reader, noun: str, records: list[Record], keys: list[str], asker: Asker) -> None:
    """Add dotted keys to records that have their ids: one statement for who leads where, one list of what is there."""
    for key in keys:
        to = find(db, noun, key)
        if to is None:
            continue
        if to.end == _COUNT:
            _attach_counts(db, noun, records, to, asker)
        elif to.is_sum:
            _attach_sums(db, noun, records, to, asker)
        else:
            _attach_values(db, noun, records, to, asker)


def _pairs(db: Reader, noun: str, records: list[Record], to: Dotted, rows: str, what: str, end: str) -> list[Any]:
    """Rows that begin with the id of a record of the chunk; from those records to what they lead to, never back."""
    outside = f"(SELECT {ALIAS[noun]}.id AS id, {to.own} AS own FROM {TABLE[noun]} {ALIAS[noun]}"
    outside += f" WHERE {ALIAS[noun]}.id IN {id_list(record['id'] for record in records)}) o"
    return db.rows(f"SELECT o.id, {what} FROM {outside} CROSS JOIN ({rows}) z ON z.k = o.own{end}")


def _attach_counts(db: Reader, noun: str, records: list[Record], to: Dotted, asker: Asker) -> None:
    found = dict(_pairs(db, noun, records, to, _of_each(db, to, asker, "1"), "count(*)", " GROUP BY o.id"))
    for record in records:
        record[to.key] = found.get(record["id"], 0)


def _attach_sums(db: Reader, noun: str, records: list[Record], to: Dotted, asker: Asker) -> None:
    """As won and open of a customer are: [{amount, currency, deals}], by currency."""
    rows = _of_each(db, to, asker, _minor_units(to), more=f", {ALIAS[to.noun]}.currency AS u")
    sums: dict[int, list[Record]] = {}
    grouped = " WHERE z.v IS NOT NULL GROUP BY o.id, z.u ORDER BY o.id, z.u"
    for record_id, currency, amount, many in _pairs(db, noun, records, to, rows, "z.u, sum(z.v), count(*)", grouped):
        entry = {"amount": amount_number(amount, currency), "currency": currency, f"{to.noun}s": many}
        sums.setdefault(record_id, []).append(entry)
    for record in records:
        record[to.key] = sums.get(record["id"], [])


def _attach_values(db: Reader, noun: str, records: list[Record], to: Dotted, asker: Asker) -> None:
    from crm_cli.queries.records import list_records

    rows = _of_each(db, to, asker, f"{ALIAS[to.noun]}.id")
    pairs = _pairs(db, noun, records, to, rows, "z.v", " ORDER BY o.id, z.v")
    ids = sorted({found for _, found in pairs})
    values = {row["id"]: row[to.end] for row in list_records(db, to.noun, asker, ids=ids, keys=["id", to.end])}
    if not to.many:
        one_of = dict(pairs)
        for record in records:
            record[to.key] = values.get(one_of.get(record["id"]))
        return
    of_each: dict[int, list[Any]] = {}
    for record_id, found in pairs:
        value = values.get(found)
        listed = value if isinstance(value, list) else [value]
        of_each.setdefault(record_id, []).extend(one for one in listed if one is not None)
    for record in records:
        mine = of_each.get(record["id"], [])
        record[to.key] = [one for n, one in enumerate(mine) if one not in mine[:n]]


# ------------------------------------------------------------------ grouped by


def group_value(db: Reader, to: Dotted, asker: Asker, value: str) -> str:
    """The raw value that records are grouped by, of the one record that each leads to."""
    return f"(SELECT z.v FROM ({_of_each(db, to, asker, value)}) z WHERE z.k = {to.own})"
