"""Which contacts the people are whom a file of customers names beside them: by id, by e-mail or phone, by name."""

from typing import Any

from crm_cli.actions.imports.beside import SHARED
from crm_cli.actions.imports.binned import skip_removed_persons
from crm_cli.actions.imports.persons import FACTS
from crm_cli.actions.imports.run import Run
from crm_cli.rules.likeness import ALIKE, likeness

_MANY = "This customer has several contacts called {value}: {others}; say whose row it is by an e-mail or phone of one."
# Mailboxes that several people read: what comes from one does not tell who wrote it.
_SHARED_BOXES = frozenset(
    "info sales office kontakt contact admin support mail hello service team billing accounting buchhaltung einkauf"
    " vertrieb verkauf marketing hr jobs post zentrale sekretariat enquiries inquiries orders help".split()
)


def know_persons(run: Run) -> None:
    """Find the contacts that there are, and leave of what the rows say only what is new."""
    if run.db.value("SELECT 1 FROM s_mate WHERE part = 'external_id' LIMIT 1"):
        run.execute(
            "UPDATE s_mate SET contact_id = f.id FROM (SELECT s.n, s.key, min(c.id) AS id FROM s_mate s"
            " JOIN contact c ON c.external_id = s.value AND c.external_source = :source AND c.removed_at IS NULL"
            " WHERE s.part = 'external_id' GROUP BY s.n, s.key) f WHERE f.n = s_mate.n AND f.key = s_mate.key"
        )
    _know_by_reach(run)
    run.execute(
        "UPDATE s_mate SET contact_id = f.id FROM (SELECT s.n, s.key, count(*) AS hits, min(c.id) AS id"
        " FROM s_mate s JOIN s_match m ON m.n = s.n JOIN contact c ON c.customer_id = m.target"
        f" AND c.name_key = s.value_key AND c.removed_at IS NULL{_SAME_ID} WHERE s.part = 'name'"
        " AND s.contact_id IS NULL GROUP BY s.n, s.key) f"
        " WHERE f.n = s_mate.n AND f.key = s_mate.key AND f.hits = 1"
    )
    _choose(run)
    skip_removed_persons(run)
    # of several rows about one person the last one has the word
    run.execute(
        "DELETE FROM s_mate WHERE contact_id IS NOT NULL AND part NOT IN ('email', 'phone', 'custom') AND rowid NOT IN"
        " (SELECT max(rowid) FROM s_mate WHERE contact_id IS NOT NULL GROUP BY contact_id, part)"
    )
    run.execute(
        "DELETE FROM s_mate WHERE contact_id IS NOT NULL AND (part = 'updated_at' OR (part = 'created_at' AND value >="
        " (SELECT c.created_at FROM contact c WHERE c.id = s_mate.contact_id)))"
    )
    run.execute(
        "DELETE FROM s_mate WHERE contact_id IS NOT NULL AND part = 'name' AND value_key IS (SELECT c.name_key"
        " FROM contact c WHERE c.id = s_mate.contact_id)"
    )
    for fact in (*FACTS, "external_id"):
        run.execute(
            f"DELETE FROM s_mate WHERE part = '{fact}' AND value IS (SELECT c.{fact} FROM contact c"
            " WHERE c.id = s_mate.contact_id)"
        )
    run.execute(
        "DELETE FROM s_mate WHERE part = 'custom' AND contact_id IS NOT NULL AND (SELECT merge_custom(c.custom,"
        " s_mate.value) IS c.custom FROM contact c WHERE c.id = s_mate.contact_id)"
    )
    run.execute(
        "DELETE FROM s_mate WHERE contact_id IS NOT NULL AND EXISTS (SELECT 1 FROM reach x"
        " WHERE x.contact_id = s_mate.contact_id AND x.kind = s_mate.part AND x.value_key = s_mate.value_key)"
    )


# Another id of the same source says that it is somebody else of this name.
_SAME_ID = (
    " AND NOT EXISTS (SELECT 1 FROM s_mate o WHERE o.n = s.n AND o.key = s.key AND o.part = 'external_id'"
    " AND c.external_source = :source AND c.external_id <> o.value)"
)


def _know_by_reach(run: Run) -> None:
    """People who have an e-mail or a phone of one contact of the customer, who is called otherwise: married, misspelt,
    or by another form of the name. A number or mailbox that several share does not tell who it is by itself."""
    rows = run.rows(
        "SELECT s.n, s.key, w.value_key, c.id, c.name_key, s.part, s.value_key FROM s_mate s"
        " JOIN s_match m ON m.n = s.n JOIN s_mate w ON w.n = s.n AND w.key = s.key AND w.part = 'name'"
        " CROSS JOIN reach x ON x.value_key = s.value_key AND x.kind = s.part"
        " JOIN contact c ON c.id = x.contact_id AND c.customer_id = m.target AND c.removed_at IS NULL"
        f" WHERE s.part IN ('email', 'phone') AND s.contact_id IS NULL AND c.name_key <> w.value_key{_SAME_ID}"
        " AND (SELECT count(*) FROM (SELECT 1 FROM reach y WHERE y.value_key = x.value_key AND y.kind = x.kind"
        f" AND y.contact_id IS NOT NULL LIMIT {SHARED + 1})) <= {SHARED}"
        # who has the name and is reached so too, is it
        " AND NOT EXISTS (SELECT 1 FROM contact o JOIN reach z ON z.contact_id = o.id AND z.kind = s.part"
        " AND z.value_key = s.value_key WHERE o.customer_id = m.target AND o.name_key = w.value_key"
        " AND o.removed_at IS NULL)"
    )
    found: dict[tuple[int, str], set[int]] = {}
    for n, key, name, contact, known, kind, value in rows:
        if _is_one(kind, value, name, known):
            found.setdefault((n, key), set()).add(contact)
    taken = [(contacts.pop(), n, key) for (n, key), contacts in found.items() if len(contacts) == 1]
    run.db.many("UPDATE s_mate SET contact_id = ? WHERE n = ? AND key = ?", taken)


def _is_one(kind: str, value: str, name: str, known: str) -> bool:
    """Whether a shared e-mail or phone tells that two names are those of one person."""
    if kind == "email" and value.partition("@")[0] not in _SHARED_BOXES:
        return True
    return bool(set(name.split()) & set(known.split())) or likeness(name, known, ALIKE) >= ALIKE


def _choose(run: Run) -> None:
    """Of several contacts of one name the one that has an e-mail or phone of the row; else the row is refused."""
    rows = run.rows(
        "SELECT s.n, s.key, s.value, c.id, r.line, EXISTS (SELECT 1 FROM s_mate p JOIN reach x ON x.contact_id = c.id"
        " AND x.kind = p.part AND x.value_key = p.value_key WHERE p.n = s.n AND p.key = s.key)"
        " FROM s_mate s JOIN s_row r ON r.n = s.n JOIN s_match m ON m.n = s.n JOIN contact c"
        f" ON c.customer_id = m.target AND c.name_key = s.value_key AND c.removed_at IS NULL{_SAME_ID}"
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
