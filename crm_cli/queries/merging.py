"""What merging records would come to: the values that are kept, those that go, what moves along. Nothing is written."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from crm_cli.errors import Conflict, Misuse, NotFound
from crm_cli.queries.find import Finder
from crm_cli.rules.fields import field_key, find_field
from crm_cli.store.reader import Reader, id_list

# key -> column of what a record has one of; `note` is joined instead
FIELDS = {
    "customer": {
        "name": "name", "kind": "kind", "status": "status", "parent": "parent_id", "referred_by": "referred_by_id",
        "owner": "owner_id", "industry": "industry", "size": "size", "region": "region", "country": "country",
        "city": "city", "address": "address", "source": "source", "language": "language", "prefers": "prefers",
        "birthday": "birthday", "cadence_days": "cadence_days", "note": "note",
    },
    "contact": {
        "name": "name", "customer": "customer_id", "title": "title", "role": "role", "prefers": "prefers",
        "birthday": "birthday", "note": "note",
    },
}  # fmt: skip
_POINTS_AT = {"parent_id": "customer", "referred_by_id": "customer", "owner_id": "member", "customer_id": "customer"}
_SELF = ("parent_id", "referred_by_id")
# what hangs on a record: table -> its column; people are in deals and talks by tables of their own
ATTACHED = {
    "customer": dict.fromkeys(("contact", "deal", "task", "interaction", "sales_order"), "customer_id"),
    "contact": {"deal_contact": "contact_id", "interaction_contact": "contact_id"},
}
_CALLED = {"deal_contact": "deal", "interaction_contact": "interaction"}
_NOUN = {"sales_order": "order"}

Takes = dict[str, int]  # key of a field -> the id of the dropped record whose value is taken


class Group(NamedTuple):
    """Records of a noun that become one: all others go into `keep`."""

    keep: int
    drops: tuple[int, ...]
    takes: Takes = {}  # noqa: RUF012 - read only


class Line(NamedTuple):
    """One field side by side: the values of the kept record, of each dropped one, and what it will be."""

    key: str
    values: list[Any]
    result: Any


class Plan(NamedTuple):
    """What one group comes to. `sets` are columns of the kept record; `lost` are values that nobody keeps: key, value,
    id; `raw` are the rows as they are."""

    group: Group
    raw: dict[int, dict[str, Any]]
    sets: dict[str, Any]
    lines: list[Line]
    lost: list[tuple[str, Any, int]]

    def name(self, row_id: int) -> str:
        return str(self.raw[row_id]["name"])


def plans(db: Reader, noun: str, groups: Sequence[Group], *, check: bool = True) -> list[Plan]:
    """The plan of each group; with `check` Conflict where somebody would stand above himself."""
    goes_into = {drop: group.keep for group in groups for drop in group.drops}
    rows = _rows(db, noun, [row_id for group in groups for row_id in (group.keep, *group.drops)])
    found = [_plan(db, noun, group, {i: rows[i] for i in (group.keep, *group.drops)}, goes_into) for group in groups]
    if check and noun == "customer":
        _refuse_circles(db, found, goes_into)
    return found


def _rows(db: Reader, noun: str, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    return {row["id"]: row for row in db.dicts(f"SELECT * FROM {noun} WHERE id IN {id_list(ids)}")}


def _plan(db: Reader, noun: str, group: Group, raw: dict[int, dict[str, Any]], goes_into: Mapping[int, int]) -> Plan:
    order = [group.keep, *group.drops]
    sets: dict[str, Any] = {}
    lines: list[Line] = []
    lost: list[tuple[str, Any, int]] = []
    for key, column in FIELDS[noun].items():
        values = [_pointed(raw[i][column], column, group.keep, goes_into) for i in order]
        result = _chosen(values, order, group.takes.get(key))
        if key == "note" and key not in group.takes:
            result = _joined(values)
        if any(value not in (None, "") for value in values):
            lines.append(Line(key, [_shown(db, column, value) for value in values], _shown(db, column, result)))
        if key != "note" or key in group.takes:
            lost += [
                (key, _shown(db, column, value), i)
                for i, value in zip(order, values, strict=True)
                if value not in (None, "", result) and (key != "name" or i == group.keep)
            ]
        if result != raw[group.keep][column]:
            sets[column] = result
    _add_custom(group, raw, sets, lines, lost)
    _add_origin(group, raw, sets)
    if "name" in sets:
        sets["name_key"] = raw[group.takes["name"]]["name_key"]
    return Plan(group, raw, sets, lines, lost)


def _pointed(value: Any, column: str, keep: int, goes_into: Mapping[int, int]) -> Any:
    """What a link leads to once the records are merged; nobody is his own parent, and nobody refers himself."""
    if value is None or column not in _SELF:
        return value
    there = goes_into.get(value, value)
    return None if there == keep else there


def _chosen(values: Sequence[Any], order: Sequence[int], taken: int | None) -> Any:
    if taken is not None:
        return values[order.index(taken)]
    return next((value for value in values if value not in (None, "")), values[0])


def _joined(values: Sequence[Any]) -> str | None:
    """Notes one below the other, none twice."""
    texts: list[str] = []
    for value in values:
        if value and not any(value.strip() in text for text in texts):
            texts.append(value)
    return "\n\n".join(texts) or None


def _shown(db: Reader, column: str, value: Any) -> Any:
    table = _POINTS_AT.get(column)
    if table is None or value is None:
        return value
    return db.value(f"SELECT name FROM {table} WHERE id = :id", {"id": value})


def _add_custom(
    group: Group, raw: Mapping[int, dict[str, Any]], sets: dict[str, Any], lines: list[Line], lost: list[Any]
) -> None:
    """Fields of one's own: those of all, each as the kept record or the first other has it."""
    order = [group.keep, *group.drops]
    own = [json.loads(raw[i]["custom"]) if raw[i]["custom"] else {} for i in order]
    result: dict[str, Any] = {}
    for key in dict.fromkeys(key for fields in own for key in fields):
        values = [fields.get(key) for fields in own]
        result[key] = _chosen(values, order, group.takes.get(key))
        lines.append(Line(key, values, result[key]))
        lost += [(key, v, i) for i, v in zip(order, values, strict=True) if v not in (None, "", result[key])]
    if result != own[0]:
        sets["custom"] = json.dumps(result, ensure_ascii=False, separators=(",", ":"))


def _add_origin(group: Group, raw: Mapping[int, dict[str, Any]], sets: dict[str, Any]) -> None:
    """The id of another system where the kept record has none, and the earlier day it was made."""
    kept = raw[group.keep]
    if kept["external_id"] is None:
        first = next((raw[i] for i in group.drops if raw[i]["external_id"] is not None), None)
        if first is not None:
            sets |= {"external_source": first["external_source"], "external_id": first["external_id"]}
    made = min(row["created_at"] for row in raw.values())
    if made != kept["created_at"]:
        sets["created_at"] = made


def _refuse_circles(db: Reader, found: Sequence[Plan], goes_into: Mapping[int, int]) -> None:
    """Nobody may come to stand above himself by it."""
    above = {plan.group.keep: plan.sets.get("parent_id", plan.raw[plan.group.keep]["parent_id"]) for plan in found}
    for start in above:
        step, seen = above[start], set()
        while step is not None and step not in seen:
            seen.add(step)
            if step == start:
                name = next(plan.name(start) for plan in found if plan.group.keep == start)
                raise Conflict(
                    "{name} would stand above itself: a company between them has one for its parent and the other for"
                    " its child",
                    hint="First: crm customer edit {id} --clear parent",
                    name=name,
                    id=start,
                )
            parent = (
                above[step]
                if step in above
                else db.value("SELECT parent_id FROM customer WHERE id = :id", {"id": step})
            )
            step = goes_into.get(parent, parent)


def attached(db: Reader, noun: str, ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """How many live people, deals, tasks and interactions hang on each record, by noun; what there is none of is left
    out."""
    wanted = list(ids)
    found: dict[int, dict[str, int]] = {row_id: {} for row_id in wanted}
    params = {"ids": json.dumps(wanted)}
    for table, column in ATTACHED[noun].items():
        called = _CALLED.get(table, table)
        live = (
            f" JOIN {called} y ON y.id = x.{called}_id AND y.removed_at IS NULL"
            if table != called
            else " WHERE x.removed_at IS NULL"
        )
        link = " AND " if table == called else " WHERE "
        sql = f"SELECT x.{column}, count(*) FROM {table} x{live}{link}x.{column} IN (SELECT value FROM json_each(:ids))"
        for row_id, n in db.rows(f"{sql} GROUP BY 1", params):
            found[row_id][_NOUN.get(called, called)] = n
    return found


def parse_takes(
    db: Reader, noun: str, typed: Sequence[str], group: Group, names: Iterable[str], country: str | None
) -> Takes:
    """`--take city=12`: the key of a field and the dropped record whose value is taken. `names` are fields of one's
    own that one of them has."""
    own = set(names)
    takes: Takes = {}
    for text in typed:
        name, mark, ref = text.replace("＝", "=").partition("=")
        if not mark or not name.strip() or not ref.strip():
            raise Misuse(
                "--take {text} does not say what to take from whom", hint="Type --take FIELD=DROP: city=12", text=text
            )
        field = find_field(noun, name)
        key = field.key if field else field_key(name)
        if key not in FIELDS[noun] and name.strip() in own:
            key = name.strip()
        elif key not in FIELDS[noun]:
            known = " ".join([*FIELDS[noun], *sorted(own)])
            raise Misuse("{field} cannot be taken", hint="What can: {known}", field=name.strip(), known=known)
        takes[key] = _dropped(db, noun, ref.strip(), group, country)
    return takes


def _dropped(db: Reader, noun: str, ref: str, group: Group, country: str | None) -> int:
    scope = {noun: f"x.id IN {id_list(group.drops)}"}
    try:
        return Finder(db, [noun], scope=scope, country=country).one(ref).id
    except NotFound:
        known = " ".join(str(row_id) for row_id in group.drops)
        raise NotFound("{ref} is none of those that go: {known}", ref=ref, known=known) from None


def own_fields(db: Reader, noun: str, ids: Iterable[int]) -> set[str]:
    """Names of the fields of one's own that some of the records have."""
    rows = db.rows(f"SELECT DISTINCT k.key FROM {noun} x, json_each(x.custom) k WHERE x.id IN {id_list(ids)}")
    return {name for (name,) in rows}
