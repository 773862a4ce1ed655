"""Who bought: the customers that rows of orders name, by id, e-mail or name; made where --create says so."""

from typing import Any

from crm_cli.actions.imports.rows import drop_rows
from crm_cli.actions.imports.run import Note, Run
from crm_cli.actions.privacy_marks import coder
from crm_cli.store.bulk import UUID

_NO_CUSTOMER = 'No customer is called {value}; add "customers" to --create, or import the customers first.'
_AMBIGUOUS = "Several customers are called {value}; name one by its external id, e-mail or website."
_REMOVED = (
    "Rows of customers who were removed, left out: {n} ({names}). To bring them back: crm customer restore NAME; to"
    " load the rows nevertheless: --on-duplicate new"
)
_ERASED = "This person was erased for privacy and stays away."
_MADE = "Customers made since the file names them: {n}"
_SHOWN = 5
_TEXT = "coalesce(b.name, b.key, b.email)"
# How a customer is found, surest first: the join of a buyer b with customers c.
_WAYS = (
    "c.external_id = b.key AND c.external_source IN (:source, :source || :person)",
    "c.external_id = b.key",
    "c.id IN (SELECT m.customer_id FROM merged m WHERE m.external_id = b.key)",
    "c.id IN (SELECT x.customer_id FROM reach x WHERE x.kind = 'email' AND x.value_key = b.email_key)",
    "c.name_key = b.name_key",
    "b.name_key IS NULL AND c.name_key = fold(b.key)",
)


def find_buyers(run: Run) -> None:
    """Fill the customers of s_buyer; rows of somebody who is not there are refused, left out, or make a customer."""
    run.execute("UPDATE s_buyer SET customer_id = NULL")
    merged = run.db.value("SELECT 1 FROM merged WHERE external_id IS NOT NULL LIMIT 1")
    for way in (way for way in _WAYS if merged or " merged " not in way):
        run.execute(
            "UPDATE s_buyer SET customer_id = f.id FROM (SELECT b.id AS buyer, CASE count(DISTINCT c.id) WHEN 1 THEN"
            f" min(c.id) ELSE -1 END AS id FROM s_buyer b CROSS JOIN customer c ON {way} AND c.removed_at IS NULL"
            " WHERE b.customer_id IS NULL GROUP BY b.id) f WHERE s_buyer.id = f.buyer"
        )
    _refuse_ambiguous(run)
    if run.options.on_duplicate != "new":
        _leave_removed(run)
    if "customers" in run.options.create:
        _leave_erased(run)
        _create(run)
    lost = (
        f"SELECT r.n, r.line, {_TEXT} FROM s_row r JOIN s_buyer b ON b.id = r.buyer WHERE b.customer_id IS NULL"
        " AND r.customer_id IS NULL ORDER BY r.n"
    )
    run.lack("customers", run.rows(lost), _field(run), _NO_CUSTOMER)


def _field(run: Run) -> str:
    """The field that a complaint about the customer names."""
    named = ("customer", "customer_key", "email", "first_name", "last_name", "number")
    return next((field for field in named if field in run.plan.fields), "customer")


def _refuse_ambiguous(run: Run) -> None:
    rows = run.rows(
        f"SELECT r.n, r.line, {_TEXT} FROM s_row r JOIN s_buyer b ON b.id = r.buyer WHERE b.customer_id = -1"
        " AND r.customer_id IS NULL"
    )
    run.spoil(rows, _field(run), _AMBIGUOUS)


def _leave_removed(run: Run) -> None:
    """Nobody is made anew who was removed."""
    if not run.db.value("SELECT 1 FROM customer WHERE removed_at IS NOT NULL LIMIT 1"):
        return
    run.execute("CREATE TABLE IF NOT EXISTS s_gone_who (kind, key, id, PRIMARY KEY (kind, key)) WITHOUT ROWID")
    run.execute("DELETE FROM s_gone_who")
    for kind, key, also in (
        ("key", "c.external_id", ""),
        ("email_key", "x.value_key", " JOIN reach x ON x.customer_id = c.id AND x.kind = 'email'"),
        ("name_key", "c.name_key", ""),
    ):
        run.execute(
            f"INSERT OR IGNORE INTO s_gone_who SELECT '{kind}', {key}, c.id FROM customer c{also}"
            f" WHERE c.removed_at IS NOT NULL AND {key} IS NOT NULL"
        )
    found: dict[int, str] = {}
    for test in (*(f"g.kind = '{kind}' AND g.key = b.{kind}" for kind in ("key", "email_key", "name_key")),
                 "b.name_key IS NULL AND g.kind = 'name_key' AND g.key = fold(b.key)"):  # fmt: skip
        for buyer, name in run.rows(
            f"SELECT b.id, c.name FROM s_buyer b CROSS JOIN s_gone_who g ON {test} JOIN customer c ON c.id = g.id"
            " WHERE b.customer_id IS NULL"
        ):
            found.setdefault(buyer, name)
    rows = _rows_of(run, list(found))
    if rows:
        names = list(dict.fromkeys(found.values()))
        listed = ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
        run.counts.removed += len(rows)
        run.counts.told.append(Note(_REMOVED, {"n": len(rows), "names": listed}))
        _skip(run, rows)


def _rows_of(run: Run, buyers: list[int]) -> list[Any]:
    if not buyers:
        return []
    run.execute("CREATE TABLE IF NOT EXISTS s_away (id INTEGER PRIMARY KEY)")
    run.execute("DELETE FROM s_away")
    run.db.fill("s_away", ("id",), [(buyer,) for buyer in buyers])
    return run.rows("SELECT n, line FROM s_row WHERE buyer IN (SELECT id FROM s_away) AND customer_id IS NULL")


def _skip(run: Run, rows: list[Any]) -> None:
    run.counts.skipped += len(rows)
    drop_rows(run.db, [row[0] for row in rows], rejected=False)


def _leave_erased(run: Run) -> None:
    """Who was erased for privacy does not come back with an old list of orders."""
    coded = coder(run.db)
    if coded is None:
        return
    marks = {mark for (mark,) in run.db.rows("SELECT mark FROM tombstone")}
    away = [
        buyer
        for buyer, mail, name in run.rows("SELECT id, email_key, name_key FROM s_buyer WHERE customer_id IS NULL")
        if (mail and coded("email", mail) in marks) or (not mail and name and coded("name", f"{name}\n") in marks)
    ]
    rows = _rows_of(run, away)
    for _, line in rows:
        run.problems.add_note(line, run.plan.header_of(_field(run)), _ERASED)
    _skip(run, rows)


def _create(run: Run) -> None:
    """Customers for those whom nobody is: one for each id, else for each e-mail, else for each name."""
    run.execute("CREATE TABLE IF NOT EXISTS s_made (who PRIMARY KEY, buyer, id) WITHOUT ROWID")
    run.execute("DELETE FROM s_made")
    who = "coalesce('i' || b.key, 'm' || b.email_key, 'n' || b.name_key)"
    run.execute(
        f"INSERT INTO s_made (who, buyer) SELECT {who}, min(b.id) FROM s_buyer b WHERE b.customer_id IS NULL"
        " AND b.id IN (SELECT buyer FROM s_row WHERE customer_id IS NULL)"
        f" AND length({_TEXT}) <= 500 AND {who} IS NOT NULL GROUP BY 1"
    )
    first = "max(coalesce((SELECT seq FROM crm.sqlite_sequence WHERE name = 'customer'), 0),"
    first += " coalesce((SELECT max(id) FROM customer), 0))"
    run.execute(
        f"UPDATE s_made SET id = f.id FROM (SELECT who, {first} + row_number() OVER (ORDER BY buyer) AS id FROM s_made)"
        " f"
        " WHERE f.who = s_made.who"
    )
    made = run.execute(
        "INSERT INTO customer (id, uuid, name, name_key, kind, status, external_source, external_id, created_at,"
        f" updated_at) SELECT t.id, {UUID}, {_TEXT}, coalesce(b.name_key, fold({_TEXT})), b.kind, 'customer',"
        " CASE WHEN b.key IS NOT NULL THEN :source END, b.key, :now, :now FROM s_made t JOIN s_buyer b ON b.id ="
        " t.buyer ORDER BY t.id"
    )
    run.execute(
        "INSERT INTO reach (uuid, customer_id, kind, value, value_key, label, position, created_at, updated_at)"
        f" SELECT {UUID}, t.id, 'email', b.email, b.email_key, '', 0, :now, :now FROM s_made t JOIN s_buyer b"
        " ON b.id = t.buyer WHERE b.email_key IS NOT NULL ORDER BY t.id"
    )
    run.execute(
        f"UPDATE s_buyer AS b SET customer_id = (SELECT t.id FROM s_made t WHERE t.who = {who})"
        " WHERE customer_id IS NULL"
    )
    if made:
        run.counts.told.append(Note(_MADE, {"n": made}))
