"""Fields of the user's own: which names are in use, and what a query compares, sorts by and shows of them."""

from typing import TYPE_CHECKING, Any

from crm_cli.errors import CrmError, Misuse
from crm_cli.queries import bounds
from crm_cli.queries.grammar import EMPTY, Term
from crm_cli.queries.sources import TABLE, own_value
from crm_cli.rules.fields import Field
from crm_cli.rules.relations import CUSTOM, OWN, path
from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader

if TYPE_CHECKING:
    from crm_cli.queries.compiler import Compiler

_NEWEST = 500  # records that are looked at first
_MOST_NAMES = 1000
_LONGEST = 1000
_DATED = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*"


def bare_name(text: str) -> str:
    """`custom.seats` -> seats; a name without that stays."""
    parts = path(text)
    return parts[1] if len(parts) == 2 and parts[0] in CUSTOM else text


def names_in_use(db: Reader, noun: str, *, newest: int | None = None) -> list[str]:
    """Names of the fields of their own that records of a noun have; of the newest ones only where that is said."""
    rows = f"SELECT custom FROM {TABLE[noun]} WHERE removed_at IS NULL"
    if newest is not None:
        rows += f" ORDER BY id DESC LIMIT {int(newest)}"
    found = db.rows(
        f"SELECT DISTINCT e.key FROM ({rows}) r, json_each(r.custom) e WHERE r.custom IS NOT NULL"
        f" ORDER BY 1 LIMIT {_MOST_NAMES}"
    )
    return [row[0] for row in found]


def named(db: Reader, noun: str, typed: str, *, at_a_glance: bool = False) -> list[str]:
    """The names in use that a typed one means, as they are kept; none for one that nobody has."""
    key = fold(bare_name(typed))
    if not key:
        return []
    for newest in (_NEWEST,) if at_a_glance else (_NEWEST, None):
        found = [name for name in names_in_use(db, noun, newest=newest) if fold(name) == key]
        if found:
            return found
    return []


def stands_before(db: Reader, noun: str, field: Field, typed: str) -> bool:
    """Whether a name means a field of the user's own and not the score of that name: who imported a column `revenue`
    goes on asking that."""
    return field.on_request and bool(named(db, noun, typed, at_a_glance=True))


def key_of(db: Reader, noun: str, typed: str) -> str | None:
    """The key of a column, `custom.seats`; None where nobody has such a field."""
    found = named(db, noun, typed)
    name = bare_name(typed)
    return OWN + (name if name in found else found[0]) if found else None


def sort_parts(noun: str, names: list[str], *, falls: bool) -> list[str]:
    """Numbers by their size, then words; empty ones last."""
    value = own_value(noun, names)
    down = " DESC" if falls else ""
    return [f"numeric({value}){down} NULLS LAST", f"collated(fold({value})){down} NULLS LAST"]


def present(c: "Compiler", name: str) -> str | None:
    """has:seats as SQL; None where nobody has such a field."""
    found = named(c.db, c.noun, name)
    return f"{own_value(c.noun, found)} IS NOT NULL" if found else None


def holds(c: "Compiler", term: Term) -> str | None:
    """A term on a field of the user's own as SQL; None where nobody has such a field."""
    found = named(c.db, c.noun, term.field)
    if not found:
        return None
    if not term.value:
        raise Misuse(EMPTY, instead=(f"{term.field}:", f"has:{term.field}"), field=term.field, at=term.at)
    if len(term.value) > _LONGEST:
        raise Misuse("What is looked for at {at} is longer than {n} characters", at=term.at, n=_LONGEST)
    value = own_value(c.noun, found)
    if ".." in term.value and not term.whole:
        return c.told(term, lambda: _within(c, value, term.value))
    return _same(c, value, term)


def _same(c: "Compiler", value: str, term: Term) -> str:
    """Numbers and days by what they are, all else by the words in it; behind `:=` by the whole of it."""
    key = fold(term.value)
    words = f"fold({value}) = {c.bind(key)}" if term.whole else f"instr(fold({value}), {c.bind(key)}) > 0"
    number = _number(term.value, c.asker.decimal)
    if number is not None:
        bound = c.bind(number)
        return f"CASE WHEN numeric({value}) IS NOT NULL THEN numeric({value}) = {bound} ELSE {words} END"
    try:
        first, last = bounds.day_range(term.value, c.asker, ahead=False)
    except CrmError:
        return words
    days = f"substr({value}, 1, 10) BETWEEN {c.bind(str(first))} AND {c.bind(str(last))}"
    return f"CASE WHEN {value} GLOB '{_DATED}' THEN {days} ELSE {words} END"


def _within(c: "Compiler", value: str, typed: str) -> str:
    """A range of numbers, of days, or of both where its ends can be either: 2024..2026."""
    low, high, _ = bounds.split_range(typed)
    tests = []
    ends = [_number(end, c.asker.decimal) if end else None for end in (low, high)]
    if all(number is not None for end, number in zip((low, high), ends, strict=True) if end):
        tests.append(_between(c, f"numeric({value})", f"numeric({value}) IS NOT NULL", ends[0], ends[1]))
    problem: CrmError | None = None
    try:
        first, last = bounds.day_range(typed, c.asker, ahead=False)
        day = f"substr({value}, 1, 10)"
        tests.append(_between(c, day, f"{value} GLOB '{_DATED}'", first and str(first), last and str(last)))
    except CrmError as error:
        problem = error
    if not tests and problem is not None:
        raise problem
    return " OR ".join(f"({test})" for test in tests)


def _between(c: "Compiler", value: str, there: str, low: Any, high: Any) -> str:
    tests = [there]
    if low is not None:
        tests.append(f"{value} >= {c.bind(low)}")
    if high is not None:
        tests.append(f"{value} <= {c.bind(high)}")
    return " AND ".join(tests)


def _number(text: str, decimal: str) -> float | None:
    """The number that is typed: 100, 2.5, 10k, 1.5万; None for what is none."""
    from crm_cli.rules.money import parse_money
    from crm_cli.rules.numbers import plain_number

    plain = plain_number(text)
    if plain is not None:
        return plain
    try:
        first, other = (
            parse_money(text, currency=code, decimal=decimal or None, allow_negative=True) for code in ("BHD", "KWD")
        )
    except Misuse:
        return None
    return first.amount / 1000 if first.currency != other.currency else None
