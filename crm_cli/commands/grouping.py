"""Behind --group-by: a list as one row a group, in the order and with the columns asked for."""

from collections.abc import Sequence
from typing import Any

from crm_cli.context import App
from crm_cli.errors import Misuse
from crm_cli.output.cells import heading
from crm_cli.output.groups import refuse_ids, show_groups
from crm_cli.queries.conditions import Asker, Condition
from crm_cli.queries.group_keys import GroupKey, group_keys, text_value
from crm_cli.queries.group_sums import SUMS
from crm_cli.queries.grouping import Group, grouped, in_order, sums_of
from crm_cli.queries.records import Page, known_key, typed_order
from crm_cli.rules.fields import field_key, find_field, nearest
from crm_cli.store.reader import Reader

Order = list[tuple[str, bool]]


def show_grouped(
    app: App,
    db: Reader,
    noun: str,
    asker: Asker,
    where: Condition,
    typed: str,
    page: Page,
    columns: str | None,
    *,
    removed: bool,
) -> int:
    """Print a row for each group of the records; returns how many groups there are."""
    refuse_ids(app.out)
    keys = group_keys(db, noun, typed, asker)
    known = [*(key.key for key in keys), *sums_of(noun)]
    shown = _chosen(db, noun, columns, known)
    order = [(_known(db, noun, name, known), down) for name, down in typed_order(page.sort)]
    wanted = {*shown, *(key for key, _ in order)}
    groups = _sorted(grouped(db, noun, asker, where, keys, sorted(wanted), removed=removed), keys, order)
    end = None if page.limit is None else page.offset + page.limit
    some = groups[page.offset : end]
    first = next((key for key, _ in order if key in SUMS[noun] or key == "count"), "count")
    if some or app.out.is_data:
        show_groups(app.out, noun, [group.row for group in some], shown, [_size(group.row[first]) for group in some])
    elif not groups:
        app.out.say("Nothing found.")
    app.out.more(page.offset + len(some), max(len(groups), page.offset))
    return len(groups)


def check_grouped(db: Reader, noun: str, asker: Asker, typed: str, page: Page, columns: str | None) -> None:
    """Misuse where a list by group cannot have these groups, this order or these columns."""
    known = [*(key.key for key in group_keys(db, noun, typed, asker)), *sums_of(noun)]
    _chosen(db, noun, columns, known)
    for name, _ in typed_order(page.sort):
        _known(db, noun, name, known)


def _chosen(db: Reader, noun: str, columns: str | None, known: list[str]) -> list[str]:
    if columns is None:
        return known
    names = [name.strip() for name in columns.replace("，", ",").replace("、", ",").split(",")]
    chosen = [_known(db, noun, name, known) for name in names if name]
    if not chosen:
        raise Misuse("--columns names no column", hint="Known here: {known}", known=" ".join(known))
    return list(dict.fromkeys(chosen))


def _known(db: Reader, noun: str, name: str, known: list[str]) -> str:
    """The key of a grouped list by its name, its short or its Chinese one."""
    by_name = {heading("", key): key for key in known} | {key: key for key in known}
    found = by_name.get(field_key(name)) or by_name.get(name)
    if found is None:
        is_own = find_field(noun, name) is None and any(key.startswith("custom.") for key in known)
        key = known_key(noun, name, db) if is_own or find_field(noun, name) is not None else name
        if key in known:
            return key
        near = nearest(field_key(name), by_name)
        hint = "Did you mean {near}? Known here: {known}" if near else "Known here: {known}"
        raise Misuse("Unknown column {name}", hint=hint, name=name, near=near, known=" ".join(known))
    return found


def _sorted(groups: list[Group], keys: Sequence[GroupKey], order: Order) -> list[Group]:
    """By the keys asked for, the last one first, for each sort keeps the one before; None last in both directions."""
    places = {key.key: place for place, key in enumerate(keys)}
    for key, down in reversed(order):
        ranks = [group.ranks[places[key]] if key in places else _rank(group.row[key]) for group in groups]
        there = [n for n, rank in enumerate(ranks) if rank is not None]
        there.sort(key=lambda n: in_order(ranks[n]), reverse=down)
        groups = [groups[n] for n in [*there, *(n for n, rank in enumerate(ranks) if rank is None)]]
    return groups


def _rank(value: Any) -> Any:
    return text_value(_size(value)).rank if value != [] else None


def _size(value: Any) -> float:
    """A number, or of sums the largest: 500 yen before 8 euros, as in a list."""
    if not isinstance(value, list):
        return float(value)
    return max((float(one["amount"]) for one in value), default=0.0)
