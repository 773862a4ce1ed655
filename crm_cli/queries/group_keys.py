"""What records may be grouped by: a field as typed -> its SQL, and the raw values of SQL -> what a row shows."""

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from crm_cli.errors import Misuse
from crm_cli.queries import custom, dotted
from crm_cli.queries.conditions import Asker
from crm_cli.queries.moments import Moments
from crm_cli.queries.records import known_field
from crm_cli.queries.sources import ALIAS, OPEN, SCALARS, only_currency, own_value
from crm_cli.rules.fields import find_field
from crm_cli.rules.numbers import plain_number
from crm_cli.rules.pinyin import sort_key
from crm_cli.rules.relations import OWN
from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader, id_list

PERIODS = ("day", "week", "month", "quarter", "year")
_NAMED = {"日": "day", "天": "day", "周": "week", "星期": "week", "月": "month", "季": "quarter", "季度": "quarter"}
_NAMED |= {"年": "year", "年度": "year"}
_HALF = str.maketrans("，、：　", ",,: ")
_MOST = 3
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
# key -> what the id in a column stands for: table, name, what it is sorted by (None: its name)
_LINKS: dict[str, tuple[str, str, str, str | None]] = {
    "owner": ("owner_id", "member", "name", None),
    "customer": ("customer_id", "customer", "name", None),
    "stage": ("stage_id", "stage", "name", "pipeline_id * 100000 + position"),
}
_REACH = {"emails": "email", "phones": "phone", "websites": "website", "messengers": "messenger"}
_PRIORITIES = ["low", "normal", "high"]


class GroupKey(NamedTuple):
    """One field that records are grouped by. `link` names the records that the raw value is an id of; `kept_apart` is
    true where two of the same name are two; `period` cuts days."""

    key: str
    sql: str
    join: str = ""
    link: tuple[str, str, str | None] | None = None
    kept_apart: bool = False
    period: str = ""
    is_moment: bool = False


class Value(NamedTuple):
    """One raw value: what makes it one with others, what is shown, and what it is sorted by (None for nothing)."""

    key: Any
    shown: Any
    rank: Any


_NOTHING = Value(None, None, None)


def group_keys(db: Reader, noun: str, typed: str, asker: Asker) -> list[GroupKey]:
    """`owner,closed_on:quarter` -> keys; Misuse names the field that cannot be, with what can."""
    words = [word.strip() for word in typed.translate(_HALF).split(",") if word.strip()]
    if not words:
        raise Misuse("--group-by names no field", hint="As: --group-by owner or --group-by created:quarter")
    if len(words) > _MOST:
        raise Misuse("--group-by takes at most {n} fields", n=_MOST)
    keys = [_key(db, noun, word, asker, place) for place, word in enumerate(words)]
    for key in keys:
        if [other.key for other in keys].count(key.key) > 1:
            raise Misuse("--group-by names {key} twice", key=key.key)
    return keys


def _key(db: Reader, noun: str, typed: str, asker: Asker, place: int) -> GroupKey:
    name, _, size = typed.partition(":")
    period = _period(name.strip(), size.strip()) if size.strip() else ""
    through = dotted.find(db, noun, name.strip()) if "." in name else None
    if through is not None:
        return _of_others(db, through, size.strip(), asker, place)
    known = find_field(noun, name.strip())
    is_own = known is None or custom.stands_before(db, noun, known, name.strip())
    own = custom.named(db, noun, name.strip()) if is_own else []
    if own:
        return GroupKey(custom.key_of(db, noun, name.strip()) or name, own_value(noun, own), period=period)
    field = known_field(noun, name.strip(), db)
    if field.type in ("sums", "json", "money"):
        raise Misuse(
            "Records cannot be grouped by {key}",
            hint="Group by what several have in common, as owner or created:month",
            key=field.key,
        )
    if field.type in ("day", "moment"):
        return _of_days(noun, field.key, field.type, period or "month", asker)
    if period:
        raise Misuse("{key} has no days: only those go by {period}", key=field.key, period=period)
    return _of_values(noun, field.key, place)


def _of_others(db: Reader, to: dotted.Dotted, size: str, asker: Asker, place: int) -> GroupKey:
    """customer.region of deals: what the records that they lead to may be grouped by, where there is one value each."""
    inner = GroupKey("", "1") if to.many else _key(db, to.noun, f"{to.end}:{size}" if size else to.end, asker, place)
    if to.many or inner.join:
        raise Misuse(
            "Records cannot be grouped by {key}",
            hint="Group by what several have in common, as owner or created:month",
            key=to.key,
        )
    return inner._replace(key=to.key, sql=dotted.group_value(db, to, asker, inner.sql))


def _period(name: str, size: str) -> str:
    found = _NAMED.get(size, size.lower())
    if found not in PERIODS:
        raise Misuse(
            "{size} is no part of a year",
            hint="Known here: {known}",
            instead=(f"{name}:{size}", None),
            size=size,
            known=" ".join(PERIODS),
        )
    return found


def _of_days(noun: str, key: str, type_: str, period: str, asker: Asker) -> GroupKey:
    value = SCALARS[noun][key]
    if type_ == "moment":
        return GroupKey(key, f"substr({value}, 1, {_hour_digits(asker)})", period=period, is_moment=True)
    is_coarse = period in ("month", "quarter", "year") and key != "birthday"  # a birthday may have no year
    return GroupKey(key, f"substr({value}, 1, 7)" if is_coarse else value, period=period)


def _hour_digits(asker: Asker) -> int:
    """Moments are kept in UTC: those of an hour are one day here, unless the zone is half an hour off."""
    zone = asker.now.tzinfo
    offsets = (asker.now.replace(month=month, day=1, tzinfo=zone).utcoffset() for month in (1, 7))
    return 13 if all((offset or timedelta()) % timedelta(hours=1) == timedelta() for offset in offsets) else 16


def _of_values(noun: str, key: str, place: int) -> GroupKey:
    alias, other = ALIAS[noun], f"g{place}"
    if key in _LINKS and key in SCALARS[noun]:
        column, table, name, order = _LINKS[key]
        return GroupKey(key, f"{alias}.{column}", link=(table, name, order), kept_apart=key == "customer")
    if key == "tags":
        join = f" LEFT JOIN tagging {other} ON {other}.{noun}_id = {alias}.id"
        return GroupKey(key, f"{other}.tag_id", join, ("tag", "name", None))
    if key == "contacts":
        pairs = f"{noun}_contact"
        live = f"SELECT x.{noun}_id AS rid, x.contact_id AS value FROM {pairs} x JOIN contact k ON k.id = x.contact_id"
        join = f" LEFT JOIN ({live} AND k.removed_at IS NULL) {other} ON {other}.rid = {alias}.id"
        return GroupKey(key, f"{other}.value", join, ("contact", "name", None), kept_apart=True)
    if key in _REACH:
        own = f"SELECT r.{noun}_id AS rid, min(r.value) AS value FROM reach r WHERE r.kind = '{_REACH[key]}'"
        own += f" AND r.{noun}_id IS NOT NULL GROUP BY r.{noun}_id, r.value_key"
        return GroupKey(key, f"{other}.value", f" LEFT JOIN ({own}) {other} ON {other}.rid = {alias}.id")
    if f"{key}s" in _REACH:
        first = f"SELECT r.value FROM reach r WHERE r.{noun}_id = {alias}.id AND r.kind = '{key}'"
        return GroupKey(key, f"({first} ORDER BY r.position, r.id LIMIT 1)")
    if key == "days_in_stage":
        days = "max(0, CAST(julianday(:group_today) - julianday(d.stage_since_on) AS INTEGER))"
        return GroupKey(key, f"CASE WHEN d.stage_id IN {OPEN} THEN {days} END")
    if key == "currency" and noun == "customer":
        return GroupKey(key, only_currency())
    return GroupKey(key, SCALARS[noun][key])


class Grouped:
    """Reads the raw values of rows that a statement gave: names for ids, periods for days, one spelling for texts."""

    def __init__(self, db: Reader, noun: str, asker: Asker, keys: Sequence[GroupKey]) -> None:
        self.db = db
        self.keys = keys
        self.params = {"group_today": asker.today.isoformat()} if any(":group_today" in k.sql for k in keys) else {}
        self._moments = Moments(asker.now.tzinfo)
        self._known: list[dict[Any, Value]] = [{None: _NOTHING, "": _NOTHING} for _ in keys]
        self._readers: list[Callable[[Any], Value]] = [self._reader(key) for key in keys]

    def learn(self, rows: Sequence[Sequence[Any]]) -> None:
        """The names of all linked records that the rows have, looked up at once."""
        for place, key in enumerate(self.keys):
            if key.link is None:
                continue
            table, name, order = key.link
            ids = sorted({row[place] for row in rows if row[place] is not None})
            for start in range(0, len(ids), 5000):
                some = id_list(ids[start : start + 5000])
                found = self.db.rows(f"SELECT id, {name}, {order or 'NULL'} FROM {table} WHERE id IN {some}")
                for row_id, text, rank in found:
                    value = text_value(text)
                    is_one = row_id if key.kept_apart else value.key
                    self._known[place][row_id] = Value(is_one, text, value.rank if rank is None else (0, rank))

    def values(self, row: Sequence[Any]) -> list[Value]:
        """What the raw values at the head of a row stand for."""
        found = []
        for place, read in enumerate(self._readers):
            known, raw = self._known[place], row[place]
            value = known.get(raw) if type(raw) is not float else None
            if value is None:
                value = read(raw)
                if type(raw) is not float:
                    known[raw] = value
            found.append(value)
        return found

    def _reader(self, key: GroupKey) -> Callable[[Any], Value]:
        if key.is_moment:
            return lambda raw: _day_value(self._local_day(raw), key.period)
        if key.period:
            return lambda raw: _day_value(str(raw), key.period)
        if OWN in key.key:
            return own_text
        if key.key.endswith("priority"):
            return lambda raw: Value(raw, raw, (0, _PRIORITIES.index(raw)))
        return text_value

    def _local_day(self, raw: str) -> str:
        return self._moments.local(f"{raw}:00:00Z" if len(raw) == 13 else f"{raw}:00Z")[:10]


def text_value(raw: Any) -> Value:
    """A text is one with others that differ in case, width and accents; numbers stand before words."""
    if raw is None or raw == "":
        return _NOTHING
    if isinstance(raw, (int, float)):
        return Value((0, raw), raw, (0, raw))
    key = fold(str(raw))
    return Value((1, key), raw, (1, sort_key(key)))


def own_text(raw: Any) -> Value:
    """Fields of the user's own are kept as typed: what is a number is taken for one, as queries do."""
    number = plain_number(raw)
    return text_value(raw) if number is None else Value((0, number), raw, (0, number))


def _day_value(day: str, period: str) -> Value:
    """The period that a day, or a month where that is enough, lies in; nothing where it is none."""
    shown = _label(day, period)
    return _NOTHING if shown is None else Value(shown, shown, (0, shown))


def _label(day: str, period: str) -> str | None:
    if day.startswith("--"):  # a birthday without a year
        return day if period == "day" else day[:4] if period == "month" else None
    if len(day) > 10 or not _DAY.fullmatch(day if len(day) > 7 else f"{day}-01"):
        return _label(day[:10], period) if _DAY.match(day) else None
    if period == "quarter":
        return f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}"
    if period == "week":
        try:
            found = date.fromisoformat(day)
        except ValueError:
            return None
        return (found - timedelta(days=found.weekday())).isoformat()
    return day[: {"year": 4, "month": 7}.get(period, 10)]
