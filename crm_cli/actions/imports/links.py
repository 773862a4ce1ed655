"""Names in cells -> records of the database: owners, customers, deals and people; made where --create says so."""

from typing import Any

from crm_cli.actions.imports.binned import skip_of_removed
from crm_cli.actions.imports.formerly import find_merged_refs
from crm_cli.actions.imports.held import CONTACTS, CUSTOMER, DEAL, hold, keep_beside, resolve_foreign
from crm_cli.actions.imports.ours import link_ours, own_parents
from crm_cli.actions.imports.run import Note, Run
from crm_cli.errors import Misuse
from crm_cli.rules.normalise import email_key, is_email, looks_like_website, website_key
from crm_cli.store.bulk import UUID

_NO_CUSTOMER = 'No customer is called {value}; add "customers" to --create, or import the customers first.'
_NO_CUSTOMER_ID = "No customer has the id {value} of source {source}; import the customers first."
_AMBIGUOUS = "Several customers are called {value}; name one by its external id, e-mail or website."
_KEPT_OWNERS = (
    "Owners who are no members stay a field of your own, {header}: {names}. --create owners makes them members"
)
_MADE_CUSTOMERS = "Customers made since the file names them: {n}"
_MADE_OWNERS = "Members made since the file names them: {names}"
_NO_OWNER = 'No member is called {value}; add "owners" to --create, or: crm member add'


def resolve_links(run: Run) -> None:
    """Fill the ids of the staged rows; rows whose links lead nowhere are spoiled.

    The export of another system is not refused for that: its owners stay texts, companies that it names are made, and
    links by id are kept until the other file comes.
    """
    link_ours(run)
    if run.has("owner"):
        _owners(run)
    if run.plan.kind == "customers":
        _families(run)
    elif run.has("customer", "customer_key"):
        _customers(run)
    if run.has("deal", "deal_key"):
        _deals(run)
    if run.plan.fields.get("contacts") and run.plan.kind in ("deals", "interactions"):
        _people(run)
    if run.plan.preset:
        resolve_foreign(run)


# ------------------------------------------------------------------ owners


def _owners(run: Run) -> None:
    run.execute(
        "UPDATE s_owner SET id = coalesce("
        "(SELECT m.id FROM member m WHERE m.removed_at IS NULL AND m.name_key = s_owner.key),"
        " (SELECT min(m.id) FROM member m WHERE m.removed_at IS NULL AND m.email_key = s_owner.key))"
    )
    if "owners" in run.options.create:
        missing = run.rows("SELECT key, text FROM s_owner WHERE id IS NULL AND key IN (SELECT owner FROM s_row)")
        for key, text in missing:
            mail = email_key(text) if is_email(text) else None
            run.db.execute(
                "INSERT INTO member (uuid, name, name_key, email, email_key, created_at, updated_at)"
                f" VALUES ({UUID}, :text, :key, :email, :mail, :now, :now)",
                {**run.params, "text": text, "key": key, "mail": mail, "email": text if mail else None},
            )
        if missing:
            run.counts.told.append(Note(_MADE_OWNERS, {"names": _listed([text for _, text in missing])}))
        run.execute(
            "UPDATE s_owner SET id = (SELECT m.id FROM member m WHERE m.removed_at IS NULL AND m.name_key ="
            " s_owner.key)"
            " WHERE id IS NULL"
        )
    unknown = "SELECT r.n, r.line, o.text FROM s_row r JOIN s_owner o ON o.key = r.owner WHERE o.id IS NULL"
    if run.plan.preset and "owners" not in run.options.create:
        _keep_owners(run, run.rows(unknown))
    else:
        run.lack("owners", run.rows(unknown), "owner", _NO_OWNER)
    run.execute("UPDATE s_row SET owner_id = (SELECT id FROM s_owner WHERE key = s_row.owner) WHERE owner IS NOT NULL")


def _keep_owners(run: Run, unknown: list[Any]) -> None:
    """Nobody becomes a member unasked: a database of one person stays one."""
    if not unknown:
        return
    header = run.plan.header_of("owner")
    keep_beside(run, [(n, header, text) for n, _, text in unknown])
    names = list(dict.fromkeys(text for _, _, text in unknown))
    run.counts.told.append(Note(_KEPT_OWNERS, {"names": _listed(names), "header": header}))


def _listed(names: list[str]) -> str:
    return ", ".join(names[:10]) + (", ..." if len(names) > 10 else "")


# ------------------------------------------------------------------ customers


def _find_refs(run: Run) -> None:
    """Ids of the customers that cells refer to; -1 for a name that several have."""
    run.execute(
        "UPDATE s_ref SET id = (SELECT min(c.id) FROM customer c WHERE c.external_id = s_ref.text"
        " AND c.external_source IN (:source, :source || :person) AND c.removed_at IS NULL)"
    )
    find_merged_refs(run)
    run.execute(
        "UPDATE s_ref SET id = f.id FROM (SELECT x.key, CASE count(*) WHEN 1 THEN min(c.id) ELSE -1 END AS id"
        " FROM s_ref x JOIN customer c ON c.name_key = x.key AND c.removed_at IS NULL"
        " WHERE x.kind = 'name' AND x.id IS NULL GROUP BY x.key) f WHERE s_ref.kind = 'name' AND s_ref.key = f.key"
    )
    rest = run.rows("SELECT key, text FROM s_ref WHERE kind = 'name' AND id IS NULL AND key LIKE '%.%'")
    found = []
    for key, text in rest:
        for kind, test, normal in (("email", is_email, email_key), ("website", looks_like_website, website_key)):
            try:
                value = normal(text) if test(text) else None
            except Misuse:
                value = None
            if value:
                hits = run.db.rows(
                    "SELECT DISTINCT c.id FROM reach x JOIN customer c ON c.id = x.customer_id AND c.removed_at IS NULL"
                    " WHERE x.value_key = :value AND x.kind = :kind LIMIT 2",
                    {"value": value, "kind": kind},
                )
                if hits:
                    found.append((hits[0][0] if len(hits) == 1 else -1, key))
                    break
    run.db.many("UPDATE s_ref SET id = ? WHERE kind = 'name' AND key = ?", found)


def _create_refs(run: Run, wanted: str) -> int:
    """Customers for the names that nobody has and that `wanted`, a query for keys, still refers to."""
    made = run.execute(
        "INSERT INTO customer (uuid, name, name_key, kind, status, created_at, updated_at)"
        f" SELECT {UUID}, text, key, 'company', 'new', :now, :now FROM s_ref"
        f" WHERE kind = 'name' AND id IS NULL AND length(text) <= 500 AND key IN ({wanted}) ORDER BY key"
    )
    run.execute(
        "UPDATE s_ref SET id = (SELECT max(c.id) FROM customer c WHERE c.name_key = s_ref.key AND c.removed_at IS NULL)"
        f" WHERE kind = 'name' AND id IS NULL AND key IN ({wanted})"
    )
    return made


def _customers(run: Run) -> None:
    _find_refs(run)
    skip_of_removed(run)
    by_key = "(SELECT id FROM s_ref WHERE kind = 'id' AND key = s_row.customer_key)"
    by_name = "(SELECT id FROM s_ref WHERE kind = 'name' AND key = s_row.customer)"
    if run.plan.preset:
        _create_keyed(run)
    if "customers" in run.options.create or run.plan.preset:
        made = _create_refs(run, f"SELECT customer FROM s_row WHERE customer IS NOT NULL AND {by_key} IS NULL")
        if made and run.plan.preset:
            run.counts.told.append(Note(_MADE_CUSTOMERS, {"n": made}))
    run.execute(
        f"UPDATE s_row SET customer_id = coalesce(customer_id, {by_key}, {by_name})"
        " WHERE customer IS NOT NULL OR customer_key IS NOT NULL"
    )
    text = "(SELECT text FROM s_ref WHERE kind = 'name' AND key = s_row.customer)"
    run.spoil(run.rows(f"SELECT n, line, {text} FROM s_row WHERE customer_id = -1"), "customer", _AMBIGUOUS)
    lost = f"SELECT n, line, {text} FROM s_row WHERE customer_id IS NULL AND customer IS NOT NULL"
    run.lack("customers", run.rows(lost), "customer", _NO_CUSTOMER)
    lost = (
        "SELECT n, line, customer_key FROM s_row WHERE customer_id IS NULL AND customer IS NULL"
        " AND customer_key IS NOT NULL"
    )
    if run.plan.preset:
        hold(run, CUSTOMER, [(n, key) for n, _, key in run.rows(lost)])
    else:
        run.spoil(run.rows(lost), "customer_key", _NO_CUSTOMER_ID, source=run.options.source_name)


def _create_keyed(run: Run) -> None:
    """Customers for ids that come with a name: when their own file comes, it finds them by the id."""
    if not (run.has("customer") and run.has("customer_key")):
        return
    made = run.execute(
        "INSERT INTO customer (uuid, name, name_key, kind, status, external_source, external_id, created_at,"
        f" updated_at) SELECT {UUID}, x.text, x.key, 'company', 'new', :source, t.customer_key, :now, :now"
        " FROM (SELECT r.customer_key, min(r.customer) AS customer FROM s_row r JOIN s_ref k ON k.kind = 'id'"
        " AND k.key = r.customer_key AND k.id IS NULL WHERE r.customer IS NOT NULL GROUP BY 1) t"
        " JOIN s_ref x ON x.kind = 'name' AND x.key = t.customer AND length(x.text) <= 500"
        " LEFT JOIN customer c ON c.id = x.id WHERE x.id IS NULL OR x.id = -1 OR (c.external_id IS NOT NULL"
        " AND c.external_source = :source) ORDER BY t.customer_key"
    )
    if made:
        run.counts.told.append(Note(_MADE_CUSTOMERS, {"n": made}))
        run.execute(
            "UPDATE s_ref SET id = (SELECT min(c.id) FROM customer c WHERE c.external_id = s_ref.key AND"
            " c.external_source = :source AND c.removed_at IS NULL) WHERE kind = 'id' AND id IS NULL"
        )


def _families(run: Run) -> None:
    """Parents and those who referred somebody: in the database, or in any row of the same file."""
    fields = [field for field in ("parent", "referred_by") if run.has(field)]
    if not fields:
        return
    _find_refs(run)
    ids = "SELECT external_id FROM s_row WHERE external_id IS NOT NULL"
    in_file = f"(x.key IN (SELECT name_key FROM s_row) OR x.text IN ({ids}))"
    for field in fields:
        own = f"SELECT n, line, {field} FROM s_row WHERE ({field} = name_key OR {field} = external_id)"
        if field == "parent":  # a namesake may
            own += " AND (own_parent IS NULL OR own_parent = own_id)"
        run.spoil(run.rows(own), field, "{value} cannot stand above itself.")
        shared = (
            f"SELECT r.n, r.line, x.text FROM s_row r JOIN s_ref x ON x.kind = 'name' AND x.key = r.{field}"
            f" WHERE x.id = -1 AND r.{field}_id IS NULL"
        )
        run.spoil(run.rows(shared), field, _AMBIGUOUS)
        if "customers" in run.options.create:
            run.execute(f"UPDATE s_ref AS x SET id = -2 WHERE x.id IS NULL AND {in_file}")
            _create_refs(run, f"SELECT {field} FROM s_row WHERE {field} IS NOT NULL")
            run.execute("UPDATE s_ref SET id = NULL WHERE id = -2")
    lost = True
    while lost:  # a row that falls may be the parent of another
        lost = False
        for field in fields:
            rows = run.rows(
                f"SELECT r.n, r.line, x.text FROM s_row r JOIN s_ref x ON x.kind = 'name' AND x.key = r.{field}"
                f" WHERE x.id IS NULL AND NOT {in_file}"
            )
            lost = lost or bool(rows)
            run.lack("customers", rows, field, _NO_CUSTOMER)
        _set_families(run, fields)


def _set_families(run: Run, fields: list[str]) -> None:
    for field in fields:
        run.execute(
            f"UPDATE s_row SET {field}_id = (SELECT id FROM s_ref WHERE kind = 'name' AND key = s_row.{field})"
            f" WHERE {field} IS NOT NULL AND ({field}_id IS NULL OR own_parent IS NULL)"
        )


def late_families(run: Run) -> None:
    """Parents that this import adds itself: their ids are known once the new rows have theirs."""
    own_parents(run)
    for field in ("parent", "referred_by"):
        if not run.has(field):
            continue
        run.execute(
            f"UPDATE s_row SET {field}_id = (SELECT coalesce(m.target, f.id) FROM s_ref x JOIN s_row p"
            " ON p.name_key = x.key OR p.external_id = x.text LEFT JOIN s_match m ON m.n = p.n"
            f" LEFT JOIN s_fresh f ON f.n = p.n WHERE x.kind = 'name' AND x.key = s_row.{field}"
            f" AND p.n <> s_row.n LIMIT 1) WHERE {field} IS NOT NULL AND {field}_id IS NULL"
        )


# ------------------------------------------------------------------ deals


def _deals(run: Run) -> None:
    """The deal of an interaction or a task, by the id of the other system or by its title within the customer."""
    run.execute(
        "UPDATE s_row SET deal_id = (SELECT min(d.id) FROM deal d WHERE d.external_id = s_row.deal_key"
        " AND d.external_source = :source AND d.removed_at IS NULL) WHERE deal_key IS NOT NULL"
    )
    rows = run.rows(
        "SELECT r.n, r.line, r.deal, count(*), min(d.id), sum(s.kind = 'open'), min(CASE s.kind WHEN 'open' THEN"
        " d.id END)"
        " FROM s_row r JOIN deal d ON d.title_key = r.deal AND d.removed_at IS NULL"
        " AND (r.customer_id IS NULL OR d.customer_id = r.customer_id) JOIN stage s ON s.id = d.stage_id"
        " WHERE r.deal_id IS NULL GROUP BY r.n"
    )
    several = [(n, line, deal) for n, line, deal, hits, _, still_open, _ in rows if hits > 1 and still_open != 1]
    one = [
        (first if hits == 1 else alive, n)
        for n, _, _, hits, first, still_open, alive in rows
        if hits == 1 or still_open == 1
    ]
    run.db.many("UPDATE s_row SET deal_id = ? WHERE n = ?", one)
    run.spoil(several, "deal", "Several deals are called {value}; name its customer too, or the external id.")
    for field in ("deal", "deal_key"):
        lost = f"SELECT n, line, {field} FROM s_row WHERE deal_id IS NULL AND {field} IS NOT NULL"
        if run.plan.preset:
            hold(run, DEAL, [(n, key) for n, _, key in run.rows(lost)])
            continue
        run.spoil(run.rows(lost), field, "No deal of this customer is called {value}; import the deals first.")
    run.execute(
        "UPDATE s_row SET customer_id = (SELECT d.customer_id FROM deal d WHERE d.id = s_row.deal_id)"
        " WHERE customer_id IS NULL AND deal_id IS NOT NULL"
    )


# ------------------------------------------------------------------ people


def _people(run: Run) -> None:
    """People named in a row are linked where the customer has one contact of that name; others become custom."""
    run.execute(
        "UPDATE s_person SET contact_id = f.id FROM (SELECT p.rowid AS place, min(c.id) AS id FROM s_person p"
        " JOIN s_row r ON r.n = p.n JOIN contact c ON c.name_key = p.key AND c.removed_at IS NULL"
        " AND c.customer_id IS r.customer_id GROUP BY p.rowid HAVING count(*) = 1) f WHERE s_person.rowid = f.place"
    )
    rows = run.rows("SELECT n, header, text FROM s_person WHERE contact_id IS NULL ORDER BY n, rowid")
    if run.plan.preset:
        hold(run, CONTACTS, [(n, text) for n, _, text in rows])
    elif run.options.extra == "keep":
        keep_beside(run, rows)
