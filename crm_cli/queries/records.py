"""Lists of records: one statement for the rows, one for each kind of thing that hangs on them, a chunk at a time."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

from crm_cli.errors import Misuse
from crm_cli.queries import attached
from crm_cli.queries.conditions import EVERYTHING, Asker, Condition
from crm_cli.queries.moments import Moments
from crm_cli.queries.sources import ALIAS, FOLDED, SCALARS, TABLE, is_words, shown, sort_expression
from crm_cli.rules.dotted import is_through
from crm_cli.rules.fields import FIELDS, Field, find_field, keys_of, nearest
from crm_cli.rules.money import amount_number, weighted
from crm_cli.rules.relations import own_name
from crm_cli.store.reader import Reader

_CHUNK = 2000
_USUAL_SIZE = 20_000  # rows
# Scalars that are computed from others after the row is read.
_NEEDS: dict[str, tuple[str, ...]] = {
    "weighted": ("amount", "currency", "probability"),
    "days_in_stage": ("stage_since_on", "status"),
    "amount": ("currency",),
    "price": ("currency",),
    "lines": ("currency",),
    "cost": ("currency", "cost_currency"),
    **dict.fromkeys(("revenue", "margin", "clv"), ("currency", "score_currency")),
}
# Amounts that a row carries in minor units, and the key that says of which currency.
_MINOR = {
    "deal": {"amount": "currency"},
    "order": dict.fromkeys(("amount", "cost", "margin"), "currency"),
    "product": {"price": "currency", "cost": "cost_currency"},
    "customer": dict.fromkeys(("revenue", "margin", "clv"), "score_currency"),
}
MOMENTS = {noun: [field.key for field in fields if field.type == "moment"] for noun, fields in FIELDS.items()}
_DEFAULT_SORT = {
    "customer": "c.name_key, c.id",
    "contact": "p.name_key, p.id",
    "deal": "d.expected_close_on NULLS LAST, d.id",
    "interaction": "i.at DESC, i.id DESC",
    "task": "t.due_on NULLS LAST, t.due_at NULLS LAST, t.id",
    "order": "so.ordered_on DESC, so.id DESC",
    "product": "pr.code_key, pr.id",
}


class Page(NamedTuple):
    """Which rows of a list: sort as typed (`-spent,name` or `spent:desc`), limit and offset."""

    sort: str = ""
    limit: int | None = None
    offset: int = 0


def list_records(
    db: Reader,
    noun: str,
    asker: Asker,
    *,
    where: Condition = EVERYTHING,
    keys: Sequence[str] | None = None,
    page: Page = Page(),  # noqa: B008 - an immutable tuple
    removed: bool = False,
    ids: Sequence[int] | None = None,
) -> Iterator[dict[str, Any]]:
    """Records as dicts of the public keys asked for (all without `keys`), streamed in the order of the list."""
    wanted = list(keys) if keys is not None else keys_of(noun)
    scalars = _scalars(noun, wanted)
    order = order_by(noun, page.sort, db, asker)
    through = [key for key in wanted if is_through(key)]
    sql = _statement(noun, scalars, where, page, order, removed=removed, ids=ids)
    rows = db.stream(sql, where.params, ahead=_CHUNK if ids is not None else read_ahead(db, noun, page))
    moments = Moments(asker.now.tzinfo)
    while chunk := list(islice(rows, _CHUNK)):
        records = [dict(zip(scalars, row, strict=True)) for row in chunk]
        attached.attach(db, noun, records, set(wanted))
        if through:
            from crm_cli.queries.dotted import attach

            attach(db, noun, records, through, asker)
        for record in records:
            yield _finished(record, noun, wanted, asker, moments)


def read_ahead(db: Reader, noun: str, page: Page) -> int:
    """How many rows of a list to read before any is printed: all of a table of usual size, so that who prints slowly
    keeps nobody from writing; few of a very large one, so that memory stays flat."""
    if page.limit is not None and page.limit <= _CHUNK:
        return _CHUNK
    return _CHUNK if (db.value(f"SELECT max(id) FROM {TABLE[noun]}") or 0) > _USUAL_SIZE else _USUAL_SIZE


# How a count goes through the rows: by the index of the list, or by the table itself, whatever the planner thinks.
_COUNT_ORDER = {"customer": "c.name_key", "contact": "p.name_key", "interaction": "i.at", "task": "t.due_on NULLS LAST"}


def count_records(db: Reader, noun: str, where: Condition, *, removed: bool = False, most: int | None = None) -> int:
    """How many records a condition holds for; beyond `most`, one more than that."""
    alias = ALIAS[noun]
    gone = "NOT NULL" if removed else "NULL"
    rows = f"SELECT 1 FROM {TABLE[noun]} {alias} WHERE {alias}.removed_at IS {gone} AND {where.sql}"
    if noun in _COUNT_ORDER:
        by_table = "t.done_at IS NOT NULL" in where.sql
        rows += f" ORDER BY {f'{alias}.id' if by_table else _COUNT_ORDER[noun]}"
    limit = f" LIMIT {int(most) + 1}" if most is not None else ""
    return int(db.value(f"SELECT count(*) FROM ({rows}{limit})", where.params))


def ids_of(db: Reader, noun: str, where: Condition, *, extra: str = "1", removed: bool = False) -> list[int]:
    """Ids of the records that a condition holds for, in the order of their making."""
    alias = ALIAS[noun]
    gone = "NOT NULL" if removed else "NULL"
    sql = f"SELECT {alias}.id FROM {TABLE[noun]} {alias} WHERE {alias}.removed_at IS {gone} AND {extra} AND {where.sql}"
    return [row[0] for row in db.rows(f"{sql} ORDER BY {alias}.id", where.params)]


def one_record(db: Reader, noun: str, record_id: int, asker: Asker, *, removed: bool = False) -> dict[str, Any]:
    """All public keys of one record."""
    return next(list_records(db, noun, asker, ids=[record_id], removed=removed))


def _scalars(noun: str, wanted: Sequence[str]) -> list[str]:
    known = SCALARS[noun]
    chosen = ["id"]
    for key in wanted:
        for need in (key, *_NEEDS.get(key, ())):
            if (need in known or own_name(need) is not None) and need not in chosen:
                chosen.append(need)
    return chosen


def _statement(
    noun: str, scalars: list[str], where: Condition, page: Page, order: str, *, removed: bool, ids: Sequence[int] | None
) -> str:
    alias = ALIAS[noun]
    columns = ", ".join(shown(noun, key) for key in scalars)
    gone = "NOT NULL" if removed else "NULL"
    only = f" AND {alias}.id IN ({', '.join(str(int(i)) for i in ids)})" if ids is not None else ""
    sql = f"SELECT {columns} FROM {TABLE[noun]} {alias} WHERE {alias}.removed_at IS {gone}{only} AND {where.sql}"
    sql += f" ORDER BY {order}"
    if page.limit is not None or page.offset:
        sql += f" LIMIT {-1 if page.limit is None else int(page.limit)} OFFSET {int(page.offset)}"
    return sql


_HALF = str.maketrans("，、：－＋　", ",,:-+ ")  # full-width marks count as ASCII
_DIRECTIONS = {"": False, "asc": False, "up": False, "升序": False, "desc": True, "down": True, "降序": True}


def typed_order(sort: str) -> list[tuple[str, bool]]:
    """The columns that a list is to be sorted by, the first one first, and whether it falls."""
    found = []
    for typed in sort.translate(_HALF).split(","):
        name, _, direction = typed.strip().partition(":")
        bare = name.strip().lstrip("-+")
        if direction.strip().lower() not in _DIRECTIONS:
            hint = "Sort by {name}:asc or {name}:desc"
            raise Misuse("{direction} is no direction", hint=hint, direction=direction, name=bare)
        if name:
            found.append((bare, name.startswith("-") or _DIRECTIONS[direction.strip().lower()]))
    return found


def order_by(noun: str, sort: str, db: Reader, asker: Asker) -> str:
    """ORDER BY of `-spent,name` or `spent:desc`; empty values last in both directions."""
    parts: list[str] = []
    down = False
    for name, down in typed_order(sort):
        if not _is_field(noun, name, db):
            through = _through(noun, name, db, asker)
            if through:
                parts.append(f"{through}{' DESC' if down else ''} NULLS LAST")
                continue
            from crm_cli.queries import custom

            own = custom.named(db, noun, name)
            if own:
                parts += custom.sort_parts(noun, own, falls=down)
                continue
        field = known_field(noun, name, db)
        expression = sort_expression(noun, field.key, is_text=field.type in ("text", "word"))
        never_empty = expression in FOLDED.values() or field.key in _NEVER_EMPTY
        if field.type in ("text", "word", "list") and is_words(noun, field.key):
            expression = _by_reading(db, noun, expression)
        # a stage entered earlier is more days in it
        falls = not down if field.key == "days_in_stage" else down
        parts.append(f"{expression}{' DESC' if falls else ''}{'' if never_empty else ' NULLS LAST'}")
    if not parts:
        return _DEFAULT_SORT[noun]
    return ", ".join([*parts, f"{ALIAS[noun]}.id{' DESC' if down else ''}"])


def _through(noun: str, name: str, db: Reader, asker: Asker) -> str:
    """What a list is sorted by for a dotted name, customer.region; empty where the name leads to no other records."""
    if "." not in name:
        return ""
    from crm_cli.queries import dotted

    to = dotted.find(db, noun, name)
    if to is None:
        return ""
    value = dotted.sort_value(db, to, asker)
    return f"collated({value})" if dotted.is_words(to) else value


def _by_reading(db: Reader, noun: str, expression: str) -> str:
    """Latin letters first, then Chinese by how it is read. Names have an index by their letters: that gives the order
    where none begins with Chinese."""
    if expression in FOLDED.values():
        column = expression.partition(".")[2]
        begins = f"{column} >= '\u4e00' AND {column} < '\ua000' AND removed_at IS NULL"
        if db.value(f"SELECT 1 FROM {TABLE[noun]} WHERE {begins} LIMIT 1") is None:
            return expression
    return f"collated({expression})"


_NEVER_EMPTY = {"id", "at", "created_at", "updated_at"}  # an index may give their order


def _is_field(noun: str, name: str, db: Reader) -> bool:
    """Whether a name is that of a field, and no field of the user's own stands before a score of that name."""
    field = find_field(noun, name)
    if field is None or not field.on_request:
        return field is not None
    from crm_cli.queries import custom

    return not custom.stands_before(db, noun, field, name)


def known_key(noun: str, name: str, db: Reader) -> str:
    """The key of a column as typed, `custom.seats` for a field of the user's own; Misuse with the nearest."""
    if not _is_field(noun, name, db):
        if "." in name:
            from crm_cli.queries.dotted import find

            to = find(db, noun, name)
            if to is not None:
                return to.key
        from crm_cli.queries import custom

        own = custom.key_of(db, noun, name)
        if own:
            return own
    return known_field(noun, name, db).key


def known_field(noun: str, name: str, db: Reader) -> Field:
    """The field that a column or sort name means; Misuse with the nearest."""
    field = find_field(noun, name)
    if field is None:
        from crm_cli.queries import custom

        known = [f.key for f in FIELDS[noun]] + [f.short for f in FIELDS[noun] if f.short]
        known += custom.names_in_use(db, noun)
        near = nearest(name, [*known, *(f.chinese for f in FIELDS[noun])])
        raise Misuse(
            "Unknown column {name}",
            hint="Did you mean {near}? All columns: crm fields {noun}" if near else "All columns: crm fields {noun}",
            instead=(name, near),
            name=name,
            near=near,
            noun=noun,
        )
    return field


def _finished(record: dict[str, Any], noun: str, wanted: list[str], asker: Asker, moments: Moments) -> dict[str, Any]:
    """Keys in the order asked for, values as they are published: money in units, moments with an offset."""
    if noun == "deal":
        if "weighted" in wanted:
            record["weighted"] = _weighted(record)
        if "days_in_stage" in wanted:
            record["days_in_stage"] = _days(record, asker.today)
    for key, currency in _MINOR.get(noun, {}).items():
        if key in wanted and record[key] is not None:
            record[key] = amount_number(record[key], record[currency] or "")
    if "active" in wanted and noun == "product":
        record["active"] = bool(record["active"])
    for key in MOMENTS[noun]:
        if record.get(key) is not None:
            record[key] = moments.local(record[key])
    return {key: record.get(key) for key in wanted}


def _weighted(record: dict[str, Any]) -> Any:
    if record["amount"] is None or record["probability"] is None:
        return None
    return amount_number(weighted(record["amount"], record["probability"]), record["currency"])


def _days(record: dict[str, Any], today: date) -> int | None:
    """Days in the stage so far; what is closed is in none."""
    if record["status"] != "open":
        return None
    return max(0, (today - date.fromisoformat(record["stage_since_on"])).days)
