"""The people that a file of customers names beside them: 联系人 with job title, phone and e-mail become contacts."""

import re
from typing import Any

from crm_cli.actions.imports.rows import Batch, Loader
from crm_cli.actions.imports.run import Run
from crm_cli.rules.cells import key_of
from crm_cli.rules.text import fold
from crm_cli.store.bulk import UUID

_SEVERAL = re.compile("[、;；\n]")
_FACTS = ("title", "role")
_MANY = "This customer has several contacts called {value}: {others}; say whose row it is by an e-mail or phone of one."


class Persons:
    """The contacts of a batch by place: a name each, or the customer's own name where the customer is a person."""

    def __init__(self, load: Loader, batch: Batch) -> None:
        self.names: list[list[str]] = []
        self.customer: list[str | None] = []
        self.rows: list[tuple[Any, ...]] = []  # n, key, part, value, value_key, label
        companies = load.raw(load.plan.fields["name"], batch) if "name" in load.plan.fields else [""] * len(batch)
        cells = load.column("contact", batch) or [None] * len(batch)
        for place, (company, cell) in enumerate(zip(companies, cells, strict=True)):
            names = list(dict.fromkeys(part.strip() for part in _SEVERAL.split(cell) if part.strip())) if cell else []
            alone = len(names) == 1 and (not company.strip() or fold(company) == fold(names[0]))
            self.customer.append(names[0] if alone else None)
            self.names.append([] if alone or not company.strip() else names)
            for name in self.names[place]:
                key = key_of(name)
                self.rows.append((batch.first + place, key, "name", name, key, ""))
        self._facts(load, batch)

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
        self.rows.append((n, key_of(name), kind, value, key, own or label))
        return True

    def _facts(self, load: Loader, batch: Batch) -> None:
        """Job title and role; of several people in one cell it is not told whose they are."""
        for fact in _FACTS:
            columns = load.plan.fields.get(f"contact_{fact}")
            values = load.column(f"contact_{fact}", batch)
            if not columns or not values:
                continue
            for place, value in enumerate(values):
                name = self.one(place) if value else None
                if name is not None:
                    self.rows.append((batch.first + place, key_of(name), fact, value, value, ""))
                elif value and load.options.extra == "keep":
                    batch.keep(place, columns[0].header, value)

    def stage(self, load: Loader, batch: Batch) -> None:
        """Keep what the good rows say."""
        columns = ("n", "key", "part", "value", "value_key", "label")
        load.db.fill("s_mate", columns, load.good(batch, iter(self.rows)))


def know_persons(run: Run) -> None:
    """Find the contacts that there are, and leave of what the rows say only what is new."""
    run.execute(
        "UPDATE s_mate SET contact_id = f.id FROM (SELECT s.n, s.key, count(*) AS hits, min(c.id) AS id"
        " FROM s_mate s JOIN s_match m ON m.n = s.n JOIN contact c ON c.customer_id = m.target AND c.name_key = s.key"
        " AND c.removed_at IS NULL WHERE s.part = 'name' GROUP BY s.n, s.key) f"
        " WHERE f.n = s_mate.n AND f.key = s_mate.key AND f.hits = 1"
    )
    _choose(run)
    # of several rows about one person the last one has the word
    run.execute(
        "DELETE FROM s_mate WHERE contact_id IS NOT NULL AND part IN ('title', 'role') AND rowid NOT IN"
        " (SELECT max(rowid) FROM s_mate WHERE contact_id IS NOT NULL GROUP BY contact_id, part)"
    )
    run.execute("DELETE FROM s_mate WHERE contact_id IS NOT NULL AND part = 'name'")
    for fact in _FACTS:
        run.execute(
            f"DELETE FROM s_mate WHERE part = '{fact}' AND value IS (SELECT c.{fact} FROM contact c"
            " WHERE c.id = s_mate.contact_id)"
        )
    run.execute(
        "DELETE FROM s_mate WHERE contact_id IS NOT NULL AND EXISTS (SELECT 1 FROM reach x"
        " WHERE x.contact_id = s_mate.contact_id AND x.kind = s_mate.part AND x.value_key = s_mate.value_key)"
    )


def _choose(run: Run) -> None:
    """Of several contacts of one name the one that has an e-mail or phone of the row; else the row is refused."""
    rows = run.rows(
        "SELECT s.n, s.key, s.value, c.id, r.line, EXISTS (SELECT 1 FROM s_mate p JOIN reach x ON x.contact_id = c.id"
        " AND x.kind = p.part AND x.value_key = p.value_key WHERE p.n = s.n AND p.key = s.key)"
        " FROM s_mate s JOIN s_row r ON r.n = s.n JOIN s_match m ON m.n = s.n JOIN contact c"
        " ON c.customer_id = m.target AND c.name_key = s.key AND c.removed_at IS NULL"
        " WHERE s.part = 'name' AND s.contact_id IS NULL ORDER BY s.n, c.id"
    )
    found: dict[tuple[int, str], list[Any]] = {}
    for row in rows:
        found.setdefault((row[0], row[1]), []).append(row)
    several = []
    for (n, key), hits in found.items():
        sharing = [hit for hit in hits if hit[5]]
        if len(sharing) == 1:
            run.db.many("UPDATE s_mate SET contact_id = ? WHERE n = ? AND key = ?", [(sharing[0][3], n, key)])
        else:
            others = "; ".join(f"contact:{hit[3]} {hit[2]}" for hit in (sharing or hits)[:5])
            several.append((n, hits[0][4], hits[0][2], others))
    run.spoil(several, "contact", _MANY)


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
        "INSERT INTO contact (id, uuid, customer_id, name, name_key, title, role, created_at, updated_at)"
        f" SELECT j.id, {UUID}, j.customer_id, {said.format('name')}, j.key, {said.format('title')},"
        f" {said.format('role')}, :now, :now FROM s_join j ORDER BY j.id"
    )
    for fact in _FACTS:
        run.execute(
            f"UPDATE contact SET {fact} = s.value, updated_at = :now FROM s_mate s"
            f" WHERE s.contact_id = contact.id AND s.part = '{fact}'"
        )
    run.execute(
        "INSERT INTO reach (uuid, contact_id, kind, value, value_key, label, position, created_at, updated_at)"
        f" SELECT {UUID}, t.contact, t.part, t.value, t.value_key, t.label, row_number() OVER (PARTITION BY t.contact,"
        " t.part ORDER BY t.first) - 1 + (SELECT coalesce(max(x.position) + 1, 0) FROM reach x"
        " WHERE x.contact_id = t.contact AND x.kind = t.part), :now, :now"
        " FROM (SELECT min(s.rowid) AS first, coalesce(s.contact_id, j.id) AS contact, s.part, s.value, s.value_key,"
        " max(s.label) AS label FROM s_mate s LEFT JOIN s_join j ON j.n = s.n AND j.key = s.key"
        " WHERE s.part IN ('email', 'phone') GROUP BY 2, 3, s.value_key) t WHERE t.contact IS NOT NULL ORDER BY t.first"
    )
