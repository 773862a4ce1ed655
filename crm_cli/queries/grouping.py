"""Lists by group: a row for each value of a field, with how many records have it and their sums, by GROUP BY."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from crm_cli.queries.conditions import Asker, Condition
from crm_cli.queries.group_keys import Grouped, GroupKey, Value
from crm_cli.queries.group_sums import SUMS, Source, Sums, measures, worth_of_customers
from crm_cli.queries.sources import ALIAS, TABLE
from crm_cli.rules.money import amount_number
from crm_cli.store.reader import Reader

Row = dict[str, Any]


class _Group:
    """One row while it is put together: `spelled` counts the spellings of each value."""

    def __init__(self, values: list[Value]) -> None:
        self.ranks = [value.rank for value in values]
        self.spelled: list[Counter[Any]] = [Counter() for _ in values]
        self.count = 0
        self.numbers: Counter[str] = Counter()
        self.money: dict[str, dict[str, list[int]]] = {}


class Group(NamedTuple):
    """A row as it is published, and what its group keys are sorted by."""

    row: Row
    ranks: list[Any]


def sums_of(noun: str) -> list[str]:
    """The keys of a row beside those that it is grouped by."""
    return ["count", *SUMS[noun]]


def grouped(
    db: Reader,
    noun: str,
    asker: Asker,
    where: Condition,
    keys: Sequence[GroupKey],
    wanted: Sequence[str],
    *,
    removed: bool = False,
) -> list[Group]:
    """Rows of the group keys, count and the sums `wanted`; the largest first, then by their values, None last.

    A record with several tags counts under each of them, one without under None. Texts that differ in case, width or
    accents only are one; the spelling that most have is shown.
    """
    fold = Grouped(db, noun, asker, keys)
    source = _source(noun, keys, where, removed=removed)
    numbers, by_currency = measures(noun, wanted, asker)
    params = {**where.params, **fold.params}
    rows = db.rows(_statement(noun, keys, source, numbers, by_currency), params)
    fold.learn(rows)
    groups: dict[tuple[Any, ...], _Group] = {}
    at = len(keys)
    for row in rows:
        group = _group_of(groups, fold, row, row[at + 1])
        rest = row[at + 2 :]
        for (name, _), number in zip(numbers, rest, strict=False):
            group.numbers[name] += number or 0
        _add_money(group, by_currency, row[at], rest[len(numbers) :])
    if noun == "customer":
        for name, row in worth_of_customers(db, wanted, [key.sql for key in keys], source, params):
            currency, deals, amount = row[at:]
            _add(groups[tuple(value.key for value in fold.values(row))], name, currency, amount, deals)
    return sorted((_published(group, noun, keys, wanted) for group in groups.values()), key=_usual_order)


def _source(noun: str, keys: Sequence[GroupKey], where: Condition, *, removed: bool) -> Source:
    gone = "NOT NULL" if removed else "NULL"
    joins = "".join(key.join for key in keys)
    # nearly all rows are wanted where no field is asked for: through an index they would come in no order of the file
    column = f"{ALIAS[noun]}.removed_at" if where.fields else f"+{ALIAS[noun]}.removed_at"
    return Source(joins, f"{column} IS {gone} AND {where.sql}")


def _statement(noun: str, keys: Sequence[GroupKey], source: Source, numbers: Sums, by_currency: Sums) -> str:
    """Rows of the raw values, a currency or NULL, how many, and the sums."""
    alias = ALIAS[noun]
    raw = "".join(f"{key.sql} AS k{n}, " for n, key in enumerate(keys))
    places = ", ".join(f"k{n}" for n in range(len(keys)))
    sums = "".join(f", {sql}" for _, sql in (*numbers, *by_currency))
    currency, also = (f"{alias}.currency", f", {alias}.currency") if by_currency else ("NULL", "")
    sql = f"SELECT {raw}{currency}, count(*){sums} FROM {TABLE[noun]} {alias}{source.joins} WHERE {source.test}"
    return f"{sql} GROUP BY {places}{also}"


def _group_of(groups: dict[tuple[Any, ...], _Group], fold: Grouped, row: Sequence[Any], count: int) -> _Group:
    values = fold.values(row)
    key = tuple(value.key for value in values)
    group = groups.get(key)
    if group is None:
        group = groups[key] = _Group(values)
    group.count += count
    for spelled, value in zip(group.spelled, values, strict=True):
        spelled[value.shown] += count
    return group


def _add_money(group: _Group, by_currency: Sums, currency: str | None, rest: Sequence[Any]) -> None:
    if currency is None:
        return
    for n in range(0, len(by_currency), 2):  # how many have it, then the sum of it
        if rest[n]:
            _add(group, by_currency[n][0], currency, rest[n + 1], rest[n])


def _add(group: _Group, name: str, currency: str, amount: int, deals: int) -> None:
    held = group.money.setdefault(name, {}).setdefault(currency, [0, 0])
    held[0] += amount
    held[1] += deals


def _published(group: _Group, noun: str, keys: Sequence[GroupKey], wanted: Sequence[str]) -> Group:
    row: Row = {}
    for key, spelled in zip(keys, group.spelled, strict=True):
        row[key.key] = max(spelled, key=lambda value: (spelled[value], str(value)))
    row["count"] = group.count
    for name, is_money in SUMS[noun].items():
        if name in wanted:
            row[name] = _money(group.money.get(name, {})) if is_money else group.numbers[name]
    return Group(row, group.ranks)


def _money(held: dict[str, list[int]]) -> list[Row]:
    return [
        {"amount": amount_number(amount, currency), "currency": currency, "deals": deals}
        for currency, (amount, deals) in sorted(held.items())
    ]


def _usual_order(group: Group) -> Any:
    return -group.row["count"], [in_order(rank) for rank in group.ranks]


def in_order(rank: Any) -> tuple[bool, Any]:
    """What nothing is known of comes last."""
    return rank is None, 0 if rank is None else rank
