"""Ideal customers: their versions, how well customers fit, and what won and lost deals say of them."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from crm_cli.errors import NotFound
from crm_cli.queries.conditions import Condition
from crm_cli.queries.custom import named
from crm_cli.queries.find import pick_row
from crm_cli.queries.sources import own_value
from crm_cli.rules.fit import FIELDS, OWN, Best, Ideal, Measure, criteria_of
from crm_cli.rules.lessons import Lesson, band_of, learned
from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader, id_list


def versions(db: Reader) -> list[Ideal]:
    """Every version of every ideal customer, removed ones too: by name, the oldest first, its newest version first."""
    rows = db.rows(
        "SELECT id, uuid, name, version, criteria, created_at, removed_at, name_key FROM icp"
        " ORDER BY (SELECT min(o.id) FROM icp o WHERE o.name_key = icp.name_key), version DESC"
    )
    return [
        Ideal(row[0], row[1], row[2], row[3], criteria_of(_object(row[4])), row[5], row[6] is not None, row[7])
        for row in rows
    ]


def _object(text: str | None) -> dict[str, Any]:
    """The criteria as they are kept; nothing where another program wrote what is none."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def newest(db: Reader, *, removed: bool = False) -> list[Ideal]:
    """The version of each that counts, of those that are (not) removed."""
    found = [next(group) for _, group in groupby(versions(db), key=lambda one: one.key)]
    return [one for one in found if one.removed == removed]


def find_icp(db: Reader, name: str, *, removed: bool = False) -> Ideal:
    """The newest version of an ideal customer by its name, its beginning or a part of it."""
    rows = [(one.id, one.name, one, one.key) for one in newest(db, removed=removed)]
    found: Ideal = pick_row(rows, name, noun="icp")[2]
    return found


def published(one: Ideal, *, versions: int, zone: Any) -> dict[str, Any]:
    """A version with its public keys; `criteria` as they are typed."""
    from crm_cli.queries.moments import Moments

    return {
        "id": one.id,
        "uuid": one.uuid,
        "name": one.name,
        "version": one.version,
        "versions": versions,
        "criteria": [
            {
                "field": each.field,
                "want": list(each.want) or None,
                "from": each.low,
                "to": each.high,
                "weight": each.weight,
            }
            for each in one.criteria
        ],
        "created_at": Moments(zone).local(one.created_at),
    }


def listed(db: Reader, zone: Any, *, ids: Sequence[int] | None = None, removed: bool = False) -> list[dict[str, Any]]:
    """The ideal customers in force, or some versions by their ids, with their public keys."""
    counts: dict[str, int] = dict(db.rows("SELECT name_key, count(*) FROM icp GROUP BY 1"))
    chosen = newest(db, removed=removed) if ids is None else [one for one in versions(db) if one.id in ids]
    return [published(one, versions=counts[one.key], zone=zone) for one in chosen]


def one_version(db: Reader, name: str, version: int | None, zone: Any) -> dict[str, Any]:
    """One version, the newest unless said, with its public keys and `history`: all versions, the newest first."""
    found = find_icp(db, name)
    own = [one for one in versions(db) if one.key == found.key]
    chosen = next((one for one in own if version in (None, one.version)), None)
    if chosen is None:
        raise NotFound(
            "{name} has no version {version}",
            hint="It has: {known}",
            name=found.name,
            version=version,
            known=", ".join(str(one.version) for one in reversed(own)),
        )
    rows = [published(one, versions=len(own), zone=zone) for one in own]
    history = [{key: row[key] for key in ("version", "created_at", "criteria")} for row in rows]
    return {**rows[own.index(chosen)], "history": history}


# ------------------------------------------------------------------ fit


def fit_scores(db: Reader) -> Iterator[tuple[int, int | None, str]]:
    """Customer, fit and the ideal customer that it fits best, of all that are not removed; nothing without any."""
    ideals = newest(db)
    measures = [Measure(one.criteria) for one in ideals]
    if not any(measure.criteria for measure in measures):
        return
    fields, rows = _facts(db, measures)
    places = [[fields.index(one.field) for one in measure.criteria] for measure in measures]
    for customer_id, values in rows:
        best, name = None, ideals[0].name
        for ideal, measure, own in zip(ideals, measures, places, strict=True):
            fit = measure.fit([values[at] for at in own])
            if fit is not None and (best is None or fit > best):
                best, name = fit, ideal.name
        yield customer_id, best, name


def fits_of(db: Reader, customer_id: int) -> list[Best]:
    """How well one customer fits each of the ideal customers, the best first."""
    ideals = [one for one in newest(db) if one.criteria]
    measures = [Measure(one.criteria) for one in ideals]
    fields, rows = _facts(db, measures, f"c.id = {int(customer_id)}")
    values = next(rows, None)
    if values is None:
        return []
    found = []
    for ideal, measure in zip(ideals, measures, strict=True):
        own = [values[1][fields.index(one.field)] for one in measure.criteria]
        found.append(Best(ideal, measure.parts(own)))
    return sorted(found, key=lambda one: -1 if one.fit.fit is None else one.fit.fit, reverse=True)


def fit_of(db: Reader, customer_id: int) -> Best | None:
    """The ideal customer that one fits best, with the parts; None where there is none."""
    return next(iter(fits_of(db, customer_id)), None)


def _facts(
    db: Reader, measures: Sequence[Measure], where: str = "1"
) -> tuple[list[str], Iterator[tuple[int, list[Any]]]]:
    """The fields that are asked about, and each customer with its values of them."""
    fields = list(dict.fromkeys(one.field for measure in measures for one in measure.criteria))
    columns = ", ".join(["c.id", *(_column(db, field) for field in fields)])
    tags = _tags(db, measures) if "tag" in fields else {}
    at = fields.index("tag") if tags else None

    def rows() -> Iterator[tuple[int, list[Any]]]:
        live = f"SELECT {columns} FROM customer c WHERE c.removed_at IS NULL AND {where} ORDER BY c.id"
        for customer_id, *values in db.stream(live):
            if at is not None:
                values[at] = tags.get(customer_id)
            yield customer_id, values

    return fields, rows()


def _column(db: Reader, field: str) -> str:
    """SQL of a field of customer c; NULL for tags, which are read apart, and for what nobody has."""
    if field.startswith(OWN):
        names = named(db, "customer", field)
        return own_value("customer", names) if names else "NULL"
    return f"c.{field}" if field in FIELDS and field != "tag" else "NULL"


def _tags(db: Reader, measures: Sequence[Measure]) -> dict[int, tuple[str, ...]]:
    """Of the tags that are asked about, those that each customer has."""
    wanted = {fold(word) for measure in measures for one in measure.criteria if one.field == "tag" for word in one.want}
    known = {row_id: name for row_id, name, key in db.rows("SELECT id, name, name_key FROM tag") if key in wanted}
    rows = db.rows(
        f"SELECT customer_id, tag_id FROM tagging WHERE tag_id IN {id_list(known)} AND customer_id IS NOT NULL"
        " ORDER BY customer_id, tag_id"
    )
    return {
        customer_id: tuple(known[tag_id] for _, tag_id in group)
        for customer_id, group in groupby(rows, key=itemgetter(0))
    }


# ------------------------------------------------------------------ what deals teach


def learn(db: Reader, where: Condition, *, fewest: int) -> Lesson:
    """What the customers of won deals have that those of lost deals have not; the deals that a query holds for."""
    counted = _Counts()
    plain = [field for field in FIELDS if field != "tag"]
    rows = db.rows(
        f"SELECT s.kind = 'won', {', '.join(f'c.{field}' for field in plain)} {_CLOSED}"
        f" WHERE d.removed_at IS NULL AND c.id IS NOT NULL AND {where.sql}",
        where.params,
    )
    columns = list(zip(*rows, strict=True))
    for field, values in zip(plain, columns[1:], strict=False):
        for (is_won, value), n in Counter(zip(columns[0], values, strict=True)).items():
            if value is not None and (field != "size" or value > 0):
                counted.add(field, band_of(value) if field == "size" else str(value), is_won, n)
    won = sum(columns[0]) if columns else 0
    alone = f"SELECT count(*) {_CLOSED} WHERE d.removed_at IS NULL AND c.id IS NULL AND {where.sql}"
    left_out = int(db.value(alone, where.params))
    # a customer has several tags or none: each is counted for itself
    tagged = db.rows(
        f"SELECT s.kind = 'won', g.name, count(*) {_CLOSED} JOIN tagging y ON y.customer_id = c.id"
        f" JOIN tag g ON g.id = y.tag_id WHERE d.removed_at IS NULL AND {where.sql} GROUP BY 1, 2",
        where.params,
    )
    for is_won, name, n in tagged:
        counted.add("tag", name, is_won, n)
    return Lesson(won, len(rows) - won, left_out, learned(counted.counts, fewest=fewest))


_CLOSED = (
    "FROM deal d JOIN stage s ON s.id = d.stage_id AND s.kind IN ('won', 'lost')"
    " LEFT JOIN customer c ON c.id = d.customer_id AND c.removed_at IS NULL"
)


class _Counts:
    """Deals won and lost by field and value; a value is called by its first spelling."""

    def __init__(self) -> None:
        self.counts: dict[str, dict[str, tuple[int, int]]] = {}
        self._spelled: dict[tuple[str, str], str] = {}

    def add(self, field: str, value: str, is_won: int, n: int) -> None:
        text = self._spelled.setdefault((field, fold(value)), value)
        own = self.counts.setdefault(field, {})
        won, lost = own.get(text, (0, 0))
        own[text] = (won + n, lost) if is_won else (won, lost + n)
