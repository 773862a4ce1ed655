"""What goes when customers or people go for good: the rows of every table, and the strings that they are known by."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from crm_cli.rules.cells import key_of
from crm_cli.rules.text import fold
from crm_cli.rules.traces import Traces, parts
from crm_cli.store.reader import Reader

# the tables of what can be removed and belongs to somebody
RECORDS = ("customer", "contact", "deal", "task", "interaction", "sales_order")
# table -> the columns by which its rows go with records, in an order in which they can be deleted
DEPENDENT = {
    "order_line": ("sales_order",),
    "deal_line": ("deal",),
    "interaction_contact": ("interaction", "contact"),
    "stage_change": ("deal",),
    "deal_contact": ("deal", "contact"),
    "tagging": ("customer", "contact", "deal"),
    "snooze": ("customer", "deal"),
    "consent": ("customer", "contact"),
    "merged": ("customer", "contact"),
    "reach": ("customer", "contact"),
}
# the column of a row that names its record, where that is not called as the table
_LINK = {"sales_order": "order_id"}
_SHORTEST_HANDLE = 6

Ids = dict[str, set[int]]


class Known(NamedTuple):
    """How the people that go are known: by whole strings everywhere, by parts of their names where it is about them.

    `marks` are what a new record is compared with: (kind, key).
    """

    traces: Traces
    near: Traces
    marks: set[tuple[str, str]]


def together(one: Known, other: Known) -> Known:
    """The strings that either knows of."""
    whole = Traces([*one.traces.texts, *other.traces.texts], [*one.traces.phones, *other.traces.phones])
    near = Traces([*one.near.texts, *other.near.texts], whole.phones)
    return Known(whole, near, one.marks | other.marks)


def link(record: str) -> str:
    """The column by which other rows point at a record of a table."""
    return _LINK.get(record, f"{record}_id")


def listed(ids: Iterable[int]) -> str:
    """Ids as the parameter that `IN (SELECT value FROM json_each(:ids))` reads."""
    return json.dumps(sorted(ids))


def among(name: str) -> str:
    """A set of ids given as a parameter."""
    return f"IN (SELECT value FROM json_each(:{name}))"


def tables_of(db: Reader) -> set[str]:
    """The tables that there are: a copy may be of an older version."""
    return {name for (name,) in db.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")}


def going(db: Reader, chosen: Mapping[str, Iterable[int]]) -> Ids:
    """The rows of every table that go with the records chosen, by id; those that the history alone still has too."""
    ids: Ids = {noun: set(chosen.get(noun, ())) for noun in RECORDS}
    tables = tables_of(db)
    _below(db, ids)
    if "merged" in tables:
        _formerly(db, ids)
    if "journal" in tables:
        _only_in_history(db, ids)
    params = _params(ids)
    for table, nouns in DEPENDENT.items():
        if table in tables:
            test = " OR ".join(f"{link(noun)} {among(noun)}" for noun in nouns)
            ids[table] = _ids(db, table, test, params)
    return ids


def _params(ids: Ids) -> dict[str, str]:
    return {noun: listed(ids[noun]) for noun in RECORDS}


def _ids(db: Reader, table: str, test: str, params: Mapping[str, Any]) -> set[int]:
    return {row_id for (row_id,) in db.rows(f"SELECT id FROM {table} WHERE {test}", params)}


_BELOW = {
    "sales_order": f"customer_id {among('customer')}",
    "contact": f"customer_id {among('customer')}",
    "deal": f"customer_id {among('customer')}",
    "task": f"customer_id {among('customer')} OR (deal_id {among('deal')} AND (customer_id IS NULL OR customer_id IS"
    " (SELECT d.customer_id FROM deal d WHERE d.id = task.deal_id)))",
    "interaction": f"customer_id {among('customer')} OR (customer_id IS NULL AND deal_id {among('deal')} AND"
    f" deal_id IN (SELECT id FROM deal WHERE customer_id {among('customer')}))"
    # a talk with nobody but the people that go
    f" OR (customer_id IS NULL AND deal_id IS NULL AND id IN (SELECT interaction_id FROM interaction_contact WHERE"
    f" contact_id {among('contact')}) AND id NOT IN (SELECT interaction_id FROM interaction_contact WHERE contact_id"
    f" NOT {among('contact')}))",
}


def _below(db: Reader, ids: Ids) -> None:
    tables = tables_of(db)
    for noun, test in _BELOW.items():
        if noun in tables:
            ids[noun] |= _ids(db, noun, test, _params(ids))


def _formerly(db: Reader, ids: Ids) -> None:
    """Records that were merged into these: the history alone still has them."""
    for noun in ("customer", "contact"):
        rows = db.rows(f"SELECT dropped_id FROM merged WHERE {noun}_id {among(noun)}", {noun: listed(ids[noun])})
        ids[noun] |= {row_id for (row_id,) in rows}


def _only_in_history(db: Reader, ids: Ids) -> None:
    """Records of these customers that an undo had taken away: their images are in the journal."""
    if not ids["customer"]:
        return
    tables = tables_of(db)
    for noun in tables.intersection(RECORDS[1:]):
        rows = db.rows(
            "SELECT DISTINCT row_id FROM journal WHERE record = :noun AND kind = 'D' AND last_id IS NULL AND"
            f" json_extract(before, '$.customer_id') {among('ids')} AND NOT EXISTS (SELECT 1 FROM {noun} WHERE"
            " id = row_id)",
            {"noun": noun, "ids": listed(ids["customer"])},
        )
        ids[noun] |= {row_id for (row_id,) in rows}
    for record, row in portions(db):
        if record in RECORDS[1:] and row.get("customer_id") in ids["customer"]:
            ids[record].add(row["id"])


def portions(db: Reader) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rows of lines of the journal that are the image of many: record and row."""
    for record, before in db.stream(
        "SELECT record, before FROM journal WHERE last_id IS NOT NULL AND before IS NOT NULL"
    ):
        image = json.loads(before)
        for values in image["rows"]:
            yield record, dict(zip(image["columns"], values, strict=True))


# ------------------------------------------------------------------ how they are known


def known_of(db: Reader, ids: Ids) -> Known:
    """The strings of the customers and people among the rows, now and formerly, but what somebody who stays has too."""
    named, reaches = _names(db, ids), _reaches(db, ids)
    texts, phones = {name for name, _ in named}, set()
    for kind, value, key in reaches:
        if kind == "phone":
            phones |= {value, key}
        elif kind == "email" or (kind == "messenger" and len(key) >= _SHORTEST_HANDLE):
            texts |= {value, key}
    marks = {(kind, key) for kind, _, key in reaches if kind in ("email", "phone")}
    marks |= {("name", f"{key_of(name)}\n{company}") for name, company in named}
    shared = _staying(db, ids, texts, {key for _, _, key in reaches})
    whole = Traces((text for text in texts if text.casefold() not in shared), phones - shared)
    words = {word for name, _ in named for word in parts(name)} - {word for name in shared for word in parts(name)}
    near = Traces([*whole.texts, *words], whole.phones)
    return Known(whole, near, {mark for mark in marks if mark[1] not in shared})


def _names(db: Reader, ids: Ids) -> set[tuple[str, str]]:
    """What they are called and were called once, each name with the folded one of the company that they were at."""
    params = _params(ids)
    customers = db.rows(f"SELECT name FROM customer WHERE id {among('customer')}", params)
    found = {(name, "") for (name,) in customers}
    found |= set(
        db.rows(
            "SELECT p.name, coalesce(k.name_key, '') FROM contact p LEFT JOIN customer k ON k.id = p.customer_id"
            f" WHERE p.id {among('contact')}",
            params,
        )
    )
    if "journal" not in tables_of(db):
        return found
    found |= set(
        db.rows(
            "SELECT DISTINCT json_extract(j.before, '$.name'), coalesce(k.name_key, '') FROM journal j"
            " LEFT JOIN contact p ON p.id = j.row_id AND j.record = 'contact'"
            " LEFT JOIN customer k ON j.record = 'contact' AND k.id ="
            " coalesce(json_extract(j.before, '$.customer_id'), p.customer_id) WHERE j.last_id IS NULL AND"
            f" json_type(j.before, '$.name') = 'text' AND ((j.record = 'customer' AND j.row_id {among('customer')})"
            f" OR (j.record = 'contact' AND j.row_id {among('contact')}))",
            params,
        )
    )
    for record, row in portions(db):
        if record in ("customer", "contact") and row["id"] in ids[record]:
            at = row.get("customer_id") if record == "contact" else None
            company = db.value("SELECT name_key FROM customer WHERE id = :id", {"id": at}) if at else None
            found.add((row["name"], company or ""))
    return found


def _reaches(db: Reader, ids: Ids) -> set[tuple[str, str, str]]:
    """How they are reached and were reached once: kind, value, key."""
    test = f"customer_id {among('customer')} OR contact_id {among('contact')}"
    found = set(db.rows(f"SELECT kind, value, value_key FROM reach WHERE {test}", _params(ids)))
    if "journal" not in tables_of(db):
        return found
    rows = db.rows(
        "SELECT coalesce(json_extract(before, '$.kind'), ''), json_extract(before, '$.value'),"
        " json_extract(before, '$.value_key') FROM journal WHERE record = 'reach' AND last_id IS NULL AND"
        f" (row_id {among('reach')} OR (kind = 'D' AND (json_extract(before, '$.customer_id') {among('customer')}"
        f" OR json_extract(before, '$.contact_id') {among('contact')})))",
        {**_params(ids), "reach": listed(ids["reach"])},
    )
    found |= {(kind or _kind_of(value), value, key or value) for kind, value, key in rows if value}
    for record, row in portions(db):
        if record == "reach" and (row["customer_id"] in ids["customer"] or row["contact_id"] in ids["contact"]):
            found.add((row["kind"], row["value"], row["value_key"]))
    return found


def _kind_of(value: str) -> str:
    if "@" in value:
        return "email"
    return "messenger" if any(char.isalpha() for char in value) else "phone"


def _staying(db: Reader, ids: Ids, texts: Iterable[str], keys: Iterable[str]) -> set[str]:
    """Those of the names, e-mails and numbers that somebody who stays has too, in any form."""
    shared: set[str] = set()
    asked = {"names": json.dumps(sorted({fold(text) for text in texts})), "keys": json.dumps(sorted(keys))}
    for noun in ("customer", "contact"):
        rows = db.rows(
            f"SELECT name, name_key FROM {noun} WHERE name_key {among('names')} AND id NOT {among('ids')}",
            {**asked, "ids": listed(ids[noun])},
        )
        shared |= {text.casefold() for row in rows for text in row}
    rows = db.rows(
        f"SELECT value, value_key FROM reach WHERE value_key {among('keys')} AND id NOT {among('ids')}",
        {**asked, "ids": listed(ids["reach"])},
    )
    shared |= {text for value, key in rows for text in (value, value.casefold(), key)}
    for row in db.rows("SELECT name, name_key, coalesce(email, ''), coalesce(email_key, '') FROM member"):
        shared |= {text.casefold() for text in row if text}
    return shared
