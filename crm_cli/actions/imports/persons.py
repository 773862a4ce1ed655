"""The people that a file of customers names beside them: 联系人 with job title, phone and e-mail become contacts."""

import re
from collections.abc import Sequence
from typing import Any

from crm_cli.actions.imports.rows import Batch, Loader, drop_rows
from crm_cli.actions.imports.run import Run
from crm_cli.rules.cells import Bad, judged, key_of
from crm_cli.rules.columns import PENDING
from crm_cli.rules.text import fold, has_cjk
from crm_cli.store.bulk import UUID

_SEVERAL = re.compile("[、;；\n]")
# What is known of a person, by the column of the contact. In a row that names nobody beside it is the customer's.
FACTS = ("title", "role", "note", "birthday")
_FIELDS = {
    "title": "contact_title", "role": "contact_role", "note": "contact_note", "birthday": "contact_birthday",
    "external_id": "contact_id", "address": "contact_address", "city": "contact_city", "region": "contact_region",
    "country": "contact_country",
}  # fmt: skip
_MOMENTS = ("created_at", "updated_at")  # of a person who has an id of the other system
_KEPT = ("address", "city", "region", "country")  # a person beside a company has no such columns: custom fields
_OF_BOTH = ("note", "birthday", "external_id", *_KEPT)
PERSON = "-person"  # behind the name of a source: ids of its people, where a person is the customer


class Persons:
    """The contacts of a batch by place: a name each, or the customer's own name where the customer is a person."""

    def __init__(self, load: Loader, batch: Batch) -> None:
        self.names: list[list[str]] = []
        self.customer: list[str | None] = []
        self.rows: list[tuple[Any, ...]] = []  # n, key, part, value, value_key, label
        self.others: dict[str, dict[int, Any]] = {}  # field of the customer -> place -> what a person without one has
        companies = load.raw(load.plan.fields["name"], batch) if "name" in load.plan.fields else [""] * len(batch)
        cells = load.column("contact", batch) or [None] * len(batch)
        parts = people_names(load, batch) or cells
        self.ids = load.column("contact_id", batch)
        for place, (company, cell) in enumerate(zip(companies, cells, strict=True)):
            names = list(dict.fromkeys(part.strip() for part in _SEVERAL.split(cell) if part.strip())) if cell else []
            if part := None if names else parts[place]:
                names = [part]
            alone = len(names) == 1 and (not company.strip() or fold(company) == fold(names[0]))
            self.customer.append(names[0] if alone else None)
            self.names.append([] if alone or not company.strip() else names)
            for name in self.names[place]:
                self.rows.append((batch.first + place, self._key(place, name), "name", name, key_of(name), ""))
        self._facts(load, batch)

    def _key(self, place: int, name: str) -> str:
        """What the person is called by within the row; two of one name are told apart by their ids."""
        ident = self.ids[place] if self.ids else None
        return f"{key_of(name)}\x1f{ident}" if ident else key_of(name)

    def one(self, place: int) -> str | None:
        """The name of the only contact of a row: whose phones and e-mails are told."""
        names = self.names[place]
        return names[0] if len(names) == 1 else None

    def reached(self, n: int, place: int, kind: str, found: tuple[str, str, str], label: str) -> bool:
        """Take down how a contact is reached; False where it is not told who it is."""
        name = self.one(place)
        if name is None:
            return False
        value, key, own = found
        self.rows.append((n, self._key(place, name), kind, value, key, own or label))
        return True

    def _facts(self, load: Loader, batch: Batch) -> None:
        """Job title, role and the like; of several people in one cell it is not told whose they are."""
        for fact, field in _FIELDS.items():
            columns = load.plan.fields.get(field)
            values = self.ids if field == "contact_id" else load.column(field, batch)
            if not columns or not values:
                continue
            for place, value in enumerate(values):
                name = self.one(place) if value else None
                if name is not None and fact not in _KEPT:
                    self.rows.append((batch.first + place, self._key(place, name), fact, value, value, ""))
                elif value and fact in _OF_BOTH and not self.names[place]:
                    self.others.setdefault(fact, {})[place] = value
                elif value and load.options.extra == "keep":
                    batch.keep(place, columns[0].header, value)

    def hand_over(self, load: Loader, batch: Batch, columns: dict[str, Sequence[Any]]) -> None:
        """What was said of a person who is the customer goes there; when a person beside was made is kept."""
        for moment in _MOMENTS:
            for place, value in enumerate(columns.get(moment, ()) if self.ids else ()):
                name = self.one(place) if value and self.ids and self.ids[place] else None
                if name is not None and not value.startswith(PENDING):
                    self.rows.append((batch.first + place, self._key(place, name), moment, value, value, ""))
        for field, found in self.others.items():
            values = list(columns.get(field) or [None] * len(batch))
            for place, value in found.items():
                if values[place] is None:
                    values[place] = value
                elif load.options.extra == "keep":
                    batch.keep(place, load.plan.fields[_FIELDS[field]][0].header, value)
            columns[field] = values
        ids = self.others.get("external_id")
        if ids:
            sources = list(columns.get("external_source") or [None] * len(batch))
            for place, value in ids.items():
                if columns["external_id"][place] == value:
                    sources[place] = sources[place] or load.options.source_name + PERSON
            columns["external_source"] = sources

    def take_custom(self, load: Loader, batch: Batch, columns: dict[str, Sequence[Any]]) -> None:
        """Columns that nobody knows are the person's, where a preset says so."""
        custom = columns.get("custom")
        if custom is None or load.plan.preset is None or load.plan.preset.rest != "contact":
            return
        left = list(custom)
        for place, text in enumerate(custom):
            name = self.one(place) if text else None
            if name is not None:
                self.rows.append((batch.first + place, self._key(place, name), "custom", text, text, ""))
                left[place] = None
        columns["custom"] = left

    def stage(self, load: Loader, batch: Batch) -> None:
        """Keep what the good rows say."""
        columns = ("n", "key", "part", "value", "value_key", "label")
        load.db.fill("s_mate", columns, load.good(batch, iter(self.rows)))


def people_names(load: Loader, batch: Batch) -> list[str | None] | None:
    """First, middle and last names as one: `Jane Doe`, 张伟."""
    parts = {field: load.column(field, batch) for field in ("first_name", "middle_name", "last_name")}
    if not any(parts.values()):
        return None
    empty = [None] * len(batch)
    first, middle, last = (parts[field] or empty for field in ("first_name", "middle_name", "last_name"))
    return [_joined(*three) for three in zip(first, middle, last, strict=True)]


def _joined(first: str | None, middle: str | None, last: str | None) -> str | None:
    if first and last and has_cjk(first) and has_cjk(last):
        return last + first
    return " ".join(part for part in (first, middle, last) if part)[:500] or None


def settle_persons(load: Loader) -> None:
    """Birthdays that only their whole column decides."""
    days = load.days.get("contact_birthday")
    if days is None or not days.pending:
        return
    rows = load.db.rows(
        "SELECT m.rowid, m.n, r.line, m.value FROM s_mate m JOIN s_row r ON r.n = m.n WHERE m.part = 'birthday'"
        f" AND m.value LIKE '{PENDING}%'"
    )
    bad, settled = [], []
    for place, n, line, pending in rows:
        value = judged(days.settle, pending)
        if type(value) is Bad:
            load.problems.add(n, line, load.plan.header_of("contact_birthday"), pending.split("|")[-1], value)
            bad.append(n)
        else:
            settled.append((value, value, place))
    load.db.many("UPDATE s_mate SET value = ?, value_key = ? WHERE rowid = ?", settled)
    drop_rows(load.db, bad)


def _tell_known(run: Run) -> None:
    """What is new of people who are there already."""
    for fact in FACTS:
        run.execute(
            f"UPDATE contact SET {fact} = s.value, updated_at = :now FROM s_mate s"
            f" WHERE s.contact_id = contact.id AND s.part = '{fact}'"
        )
    for part, sets in (
        ("name", "name = s.value, name_key = s.value_key"),
        ("external_id", "external_id = s.value, external_source = :source"),
        ("created_at", "created_at = s.value"),  # the older one
        ("custom", "custom = merge_custom(contact.custom, s.value)"),
    ):
        run.execute(
            f"UPDATE contact SET {sets}, updated_at = :now FROM s_mate s WHERE s.contact_id = contact.id"
            f" AND s.part = '{part}'"
        )


def write_persons(run: Run) -> None:
    """Add the new contacts with all that is told of them, and to known ones what is new."""
    run.execute("CREATE TABLE IF NOT EXISTS s_join (id INTEGER PRIMARY KEY, n, key, customer_id)")
    run.execute("DELETE FROM s_join")
    run.execute(
        "INSERT INTO s_join (id, n, key, customer_id) SELECT row_number() OVER (ORDER BY t.first)"
        " + max(coalesce((SELECT seq FROM crm.sqlite_sequence WHERE name = 'contact'), 0),"
        " coalesce((SELECT max(id) FROM contact), 0)), t.n, t.key, coalesce(m.target, f.id)"
        " FROM (SELECT n, key, min(rowid) AS first FROM s_mate WHERE contact_id IS NULL GROUP BY n, key) t"
        " LEFT JOIN s_match m ON m.n = t.n LEFT JOIN s_fresh f ON f.n = t.n"
        " WHERE coalesce(m.target, f.id) IS NOT NULL"
    )
    run.counts.contacts += int(run.db.value("SELECT count(*) FROM s_join"))
    said = (
        "(SELECT s.value FROM s_mate s WHERE s.n = j.n AND s.key = j.key AND s.part = '{}'"
        " ORDER BY s.rowid DESC LIMIT 1)"
    )
    run.execute(
        "INSERT INTO contact (id, uuid, customer_id, name, name_key, title, role, note, birthday, external_id,"
        " external_source, custom, created_at, updated_at)"
        f" SELECT j.id, {UUID}, j.customer_id, {said.format('name')},"
        f" {said.format('name').replace('s.value', 's.value_key')}, {said.format('title')},"
        f" {said.format('role')}, {said.format('note')}, {said.format('birthday')}, {said.format('external_id')},"
        f" CASE WHEN {said.format('external_id')} IS NOT NULL THEN :source END, {said.format('custom')},"
        f" coalesce({said.format('created_at')}, :now), coalesce({said.format('updated_at')}, :now)"
        " FROM s_join j ORDER BY j.id"
    )
    _tell_known(run)
    run.execute(
        "INSERT INTO reach (uuid, contact_id, kind, value, value_key, label, position, created_at, updated_at)"
        f" SELECT {UUID}, t.contact, t.part, t.value, t.value_key, t.label, row_number() OVER (PARTITION BY t.contact,"
        " t.part ORDER BY t.first) - 1 + (SELECT coalesce(max(x.position) + 1, 0) FROM reach x"
        " WHERE x.contact_id = t.contact AND x.kind = t.part), :now, :now"
        " FROM (SELECT min(s.rowid) AS first, coalesce(s.contact_id, j.id) AS contact, s.part, s.value, s.value_key,"
        " max(s.label) AS label FROM s_mate s LEFT JOIN s_join j ON j.n = s.n AND j.key = s.key"
        " WHERE s.part IN ('email', 'phone') GROUP BY 2, 3, s.value_key) t WHERE t.contact IS NOT NULL ORDER BY t.first"
    )
