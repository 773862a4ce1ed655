"""Who wrote, was written to or took part, by e-mail: letters and appointments find their customers and contacts."""

import json
from typing import Any

from crm_cli.actions.imports.rows import Batch, Loader, drop_rows
from crm_cli.actions.imports.run import Note, Run
from crm_cli.errors import Misuse
from crm_cli.i18n import said
from crm_cli.rules.cells import key_of
from crm_cli.rules.normalise import email_key, is_email
from crm_cli.store.bulk import UUID

FIELD = "correspondents"  # a column of [["from", name, address], ["to", name, address], ...] as JSON
_NOBODY = said(
    "Letters to and from addresses that nobody has, left out: {n}. --create customers makes customers of them"
)
_LONGEST_NAME = 500


def stage_correspondents(load: Loader, batch: Batch) -> None:
    """The addresses of a batch; what is no address is nobody's."""
    rows: list[tuple[Any, ...]] = []
    for place, cell in enumerate(batch.columns[load.plan.fields[FIELD][0].place]):
        for part, name, address in json.loads(cell) if cell else ():
            try:
                rows.append((batch.first + place, part, name, address, email_key(address)))
            except Misuse:
                continue
    load.db.fill("s_mail", ("n", "part", "name", "address", "key"), load.good(batch, iter(rows)))


def link_correspondents(run: Run) -> None:
    """Give rows the customer and the contacts of their addresses; a letter of nobody known is left out and counted."""
    _find(run)
    if "customers" in run.options.create:
        _create(run)
    run.execute("CREATE INDEX IF NOT EXISTS s_mail_n ON s_mail (n)")
    run.execute(
        "UPDATE s_row SET customer_id = (SELECT m.customer_id FROM s_mail m WHERE m.n = s_row.n"
        " AND m.customer_id IS NOT NULL AND NOT m.mine ORDER BY m.rowid LIMIT 1) WHERE customer_id IS NULL"
    )
    run.present = run.present | {"customer"}
    if run.noun != "interaction":
        return
    _direct(run)
    run.execute(
        "INSERT INTO s_person (n, header, text, key, contact_id) SELECT m.n, :field, m.name, m.key, m.contact_id"
        " FROM s_mail m JOIN s_row r ON r.n = m.n WHERE m.contact_id IS NOT NULL AND m.customer_id IS r.customer_id"
    )
    strange = [n for (n,) in run.rows("SELECT n FROM s_row WHERE channel = 'email' AND customer_id IS NULL")]
    if strange:
        run.counts.skipped += len(strange)
        drop_rows(run.db, strange, rejected=False)
        run.counts.told.append(Note(_NOBODY, {"n": len(strange)}))


def _find(run: Run) -> None:
    """Which addresses are those of the team, of contacts, of customers."""
    user = run.options.user
    run.params |= {"me": email_key(user) if is_email(user) else None, "field": FIELD}
    run.execute(
        "UPDATE s_mail SET mine = 1 WHERE key = :me OR key IN (SELECT email_key FROM member WHERE removed_at IS NULL"
        " AND email_key IS NOT NULL)"
    )
    for noun, customer in (("contact", "d.customer_id"), ("customer", "d.id")):
        run.execute(
            "CREATE TABLE IF NOT EXISTS s_whose (key PRIMARY KEY, id, customer_id, hits) WITHOUT ROWID",
        )
        run.execute("DELETE FROM s_whose")
        run.execute(
            f"INSERT INTO s_whose SELECT x.value_key, min(d.id), min({customer}), count(DISTINCT {customer})"
            f" FROM (SELECT DISTINCT key FROM s_mail WHERE customer_id IS NULL AND NOT mine) k JOIN reach x"
            f" ON x.value_key = k.key AND x.kind = 'email' JOIN {noun} d ON d.id = x.{noun}_id"
            f" AND d.removed_at IS NULL WHERE {customer} IS NOT NULL GROUP BY x.value_key"
        )
        sets = "customer_id = w.customer_id" + (", contact_id = w.id" if noun == "contact" else "")
        run.execute(f"UPDATE s_mail SET {sets} FROM s_whose w WHERE w.key = s_mail.key AND s_mail.customer_id IS NULL")


def _create(run: Run) -> None:
    """Customers for those who wrote to us or were written to by us, and whom nobody has."""
    wanted = run.rows(
        "SELECT m.key, m.name, m.address FROM s_mail m WHERE m.customer_id IS NULL AND NOT m.mine"
        " AND (m.part = 'from' OR EXISTS (SELECT 1 FROM s_mail f WHERE f.n = m.n AND f.part = 'from' AND f.mine))"
        " ORDER BY m.rowid"
    )
    seen: dict[str, tuple[str, str]] = {}
    for key, name, address in wanted:
        known = seen.get(key)
        if known is None or (not known[0] and name):
            seen[key] = ((name or "").strip()[:_LONGEST_NAME], address)
    for key, (name, address) in seen.items():
        called = name or address
        values = {**run.params, "name": called, "key": key_of(called), "mail": address, "mail_key": key}
        run.db.execute(
            "INSERT INTO customer (uuid, name, name_key, kind, status, created_at, updated_at)"
            f" VALUES ({UUID}, :name, :key, 'person', 'new', :now, :now)",
            values,
        )
        values["id"] = int(run.db.value("SELECT last_insert_rowid()"))
        run.db.execute(
            "INSERT INTO reach (uuid, customer_id, kind, value, value_key, label, position, created_at, updated_at)"
            f" VALUES ({UUID}, :id, 'email', :mail, :mail_key, '', 0, :now, :now)",
            values,
        )
        run.db.execute("UPDATE s_mail SET customer_id = :id WHERE key = :mail_key", values)


def _direct(run: Run) -> None:
    """What somebody of the team wrote went out, and so did what nobody else known wrote; the rest came in."""
    writer = "SELECT 1 FROM s_mail m WHERE m.n = s_row.n AND m.part = 'from'"
    run.execute(
        f"UPDATE s_row SET direction = CASE WHEN EXISTS ({writer} AND m.mine) THEN 'out'"
        f" WHEN EXISTS ({writer} AND m.customer_id IS NOT NULL) THEN 'in'"
        " WHEN customer_id IS NOT NULL THEN 'out' END WHERE channel = 'email'"
    )
    run.present = run.present | {"direction"}
