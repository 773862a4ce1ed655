"""Orders from rows: which rows are one order, whose it is, what it comes to, and whether it is there already."""

from typing import Any

from crm_cli.actions.imports.links import resolve_links
from crm_cli.actions.imports.orders_buyers import find_buyers
from crm_cli.actions.imports.orders_money import find_products, reckon
from crm_cli.actions.imports.rows import drop_rows
from crm_cli.actions.imports.run import Note, Run

_NO_BUYER = "There is no customer in this row, and no order has the number {value}; import the orders first."
_NOBODY = "There is no customer in this row: who bought?"
_SEVERAL = "Several orders have the number {value}; a column with the customer would tell which one is meant."
_NO_DAY = "There is no date in this row: when was it ordered?"
_TWO_DAYS = "Rows of one order have two dates: {value} and {others}."
_TWO_CODES = "Rows of one order are in two currencies: {value} and {others}."
_OTHER_ROW = "Another row of the order {value} cannot be taken, and an order is taken whole."
_KNOWN = "This record is already there: {others}."
_LEFT_OUT = "Rows about orders that were removed, left out: {n}. To load them as new ones: --on-duplicate new"
_AHEAD = "Orders of days that have not come yet, which no report counts before: {n}"
_NO_MONEY = "The rows of these orders have no money; they are worth nothing: {n}"


def resolve_orders(run: Run) -> None:
    """Find out which orders the rows make, and which rows cannot be taken."""
    run.params["lines"] = int(not run.plan.fields.keys().isdisjoint(("product", "code", "lines")))
    _drop_broken(run)
    _own_customers(run)
    find_buyers(run)
    _share_buyers(run)
    run.execute(
        "UPDATE s_row SET customer_id = (SELECT b.customer_id FROM s_buyer b WHERE b.id = s_row.buyer)"
        " WHERE buyer IS NOT NULL AND customer_id IS NULL"
    )
    _by_number_alone(run)
    resolve_links(run)
    _group(run)
    _shared(run)
    find_products(run)
    reckon(run)
    _sum(run)
    _match(run)
    _duplicates(run)
    _drop_parts(run)
    _tell(run)


def _own_customers(run: Run) -> None:
    """In an export of ours the customer by the id beside the name: namesakes keep apart."""
    if run.has("own_customer") and run.has("named"):
        run.execute(
            "UPDATE s_row SET customer_id = (SELECT c.id FROM customer c WHERE c.id = s_row.own_customer"
            " AND c.name_key = s_row.named AND c.removed_at IS NULL) WHERE own_customer IS NOT NULL"
        )


def _drop_broken(run: Run) -> None:
    """Rows of orders of which another row was refused while the file was read."""
    rows = run.rows(
        "SELECT n, line, number FROM s_row WHERE number_key IN (SELECT number_key FROM s_broken) ORDER BY n"
    )
    run.spoil(rows, "number", _OTHER_ROW)


def _drop_parts(run: Run) -> None:
    """The same once the database has been asked: an order is taken whole, or not at all."""
    rows = run.rows(
        "SELECT r.n, r.line, r.number FROM s_row r JOIN s_order o ON o.gid = r.gid WHERE o.rows <>"
        " (SELECT count(*) FROM s_row x WHERE x.gid = o.gid)"
    )
    run.spoil(rows, "number", _OTHER_ROW)
    run.execute("DELETE FROM s_order WHERE gid NOT IN (SELECT gid FROM s_row)")


# ------------------------------------------------------------------ which rows are one order


def _share_buyers(run: Run) -> None:
    """What the first row of an order says, such as who bought, goes for its other rows too where they are empty."""
    if not run.db.value("SELECT 1 FROM s_row WHERE buyer IS NULL AND number_key IS NOT NULL LIMIT 1"):
        return
    run.execute("CREATE INDEX IF NOT EXISTS s_row_number ON s_row (number_key)")
    run.execute(
        "UPDATE s_row SET buyer = (SELECT x.buyer FROM s_row x WHERE x.number_key = s_row.number_key"
        " AND x.buyer IS NOT NULL ORDER BY x.n LIMIT 1) WHERE buyer IS NULL AND number_key IS NOT NULL"
    )


def _by_number_alone(run: Run) -> None:
    """Rows without a customer are lines of an order that is there already, by its number."""
    if not run.db.value("SELECT 1 FROM s_row WHERE buyer IS NULL LIMIT 1"):
        return
    nobody = "SELECT n, line, NULL FROM s_row WHERE buyer IS NULL AND customer_id IS NULL AND number_key IS NULL"
    run.spoil(run.rows(nobody), "customer", _NOBODY)
    run.execute("CREATE TABLE IF NOT EXISTS s_number (number_key PRIMARY KEY, customer_id, hits) WITHOUT ROWID")
    run.execute("DELETE FROM s_number")
    run.execute(
        "INSERT INTO s_number SELECT o.number_key, min(o.customer_id), count(*) FROM sales_order o WHERE o.number_key"
        " IN (SELECT number_key FROM s_row WHERE buyer IS NULL) AND o.removed_at IS NULL GROUP BY 1"
    )
    several = (
        "SELECT r.n, r.line, r.number FROM s_row r JOIN s_number x ON x.number_key = r.number_key AND x.hits > 1"
        " WHERE r.buyer IS NULL"
    )
    run.spoil(run.rows(several), "number", _SEVERAL)
    run.execute(
        "UPDATE s_row SET customer_id = (SELECT x.customer_id FROM s_number x WHERE x.number_key = s_row.number_key)"
        " WHERE buyer IS NULL"
    )
    lost = "SELECT n, line, number FROM s_row WHERE buyer IS NULL AND customer_id IS NULL"
    run.spoil(run.rows(lost), "number", _NO_BUYER)


def _group(run: Run) -> None:
    """Rows with the number of one customer are one order; a row without a number is one by itself."""
    run.execute("UPDATE s_row SET gid = n")
    if run.has("number") and run.db.value("SELECT 1 FROM s_row WHERE number_key IS NOT NULL LIMIT 1"):
        run.execute("CREATE TABLE IF NOT EXISTS s_numbered (number_key, customer_id, gid,"
                    " PRIMARY KEY (number_key, customer_id)) WITHOUT ROWID")  # fmt: skip
        run.execute("DELETE FROM s_numbered")
        run.execute(
            "INSERT INTO s_numbered SELECT number_key, customer_id, min(n) FROM s_row WHERE number_key IS NOT NULL"
            " GROUP BY 1, 2"
        )
        run.execute(
            "UPDATE s_row SET gid = (SELECT x.gid FROM s_numbered x WHERE x.number_key = s_row.number_key"
            " AND x.customer_id = s_row.customer_id) WHERE number_key IS NOT NULL"
        )
    run.execute("CREATE INDEX IF NOT EXISTS s_row_gid ON s_row (gid)")
    run.execute(
        "INSERT INTO s_order (gid, number_key, customer_id, ordered_on, currency, owner_id, deal_id, rows)"
        " SELECT gid, number_key, customer_id, min(ordered_on), min(currency), min(owner_id), min(deal_id), count(*)"
        " FROM s_row GROUP BY gid"
    )


def _shared(run: Run) -> None:
    """An order has one day and one currency; those that its rows do not say it may have already."""
    for field, sentence in (("ordered_on", _TWO_DAYS), ("currency", _TWO_CODES)):
        if run.has("number"):
            odd = (
                f"SELECT r.n, r.line, o.{field}, r.{field} FROM s_row r JOIN s_order o ON o.gid = r.gid"
                f" WHERE r.{field} <> o.{field}"
            )
            run.spoil(run.rows(odd), field, sentence)
    known = (
        "(SELECT x.{} FROM sales_order x WHERE x.number_key = s_order.number_key AND x.customer_id ="
        " s_order.customer_id AND x.removed_at IS NULL ORDER BY x.id LIMIT 1)"
    )
    for field in ("ordered_on", "currency"):
        run.execute(
            f"UPDATE s_order SET {field} = {known.format(field)} WHERE {field} IS NULL AND number_key IS NOT NULL"
        )
    run.execute("UPDATE s_order SET currency = :currency WHERE currency IS NULL")
    lost = "SELECT r.n, r.line, NULL FROM s_order o JOIN s_row r ON r.gid = o.gid WHERE o.ordered_on IS NULL"
    run.spoil(run.rows(lost), "ordered_on", _NO_DAY)


def _sum(run: Run) -> None:
    """What each order comes to: the amount that its rows say of it, else the sum of its lines.

    Rows that each have an amount of their own are added up, but for one that only repeats that of the order beside its
    lines.
    """
    run.execute(
        "UPDATE s_order SET amount = x.own, rest = x.own_rest, own_amount = 1 FROM (SELECT gid,"
        " CASE WHEN :lines AND min(own) = max(own) THEN min(own) ELSE sum(own) END AS own,"
        " CASE WHEN :lines AND min(own) = max(own) THEN min(own_rest) ELSE sum(own_rest) END AS own_rest"
        " FROM s_row WHERE own IS NOT NULL GROUP BY gid) x WHERE s_order.gid = x.gid"
    )
    if run.params["lines"]:
        run.execute(
            "UPDATE s_order SET amount = CASE WHEN own_amount THEN s_order.amount ELSE x.amount END,"
            " rest = CASE WHEN own_amount AND s_order.amount <> x.amount THEN s_order.rest ELSE x.rest END,"
            " cost = x.cost FROM"
            " (SELECT r.gid, sum(l.amount) AS amount, sum(l.rest) AS rest,"
            " CASE WHEN count(l.cost) = count(*) THEN sum(l.cost) END AS cost"
            " FROM s_row r JOIN s_line l ON l.n = r.n GROUP BY r.gid) x WHERE s_order.gid = x.gid"
        )
    run.execute(
        "UPDATE s_order SET cost = x.cost FROM (SELECT gid, sum(own_cost) AS cost FROM s_row WHERE own_cost IS NOT NULL"
        " GROUP BY gid) x WHERE s_order.gid = x.gid"
    )
    run.execute("UPDATE s_order SET amount = 0, rest = 0, fate = 'empty' WHERE amount IS NULL")


# ------------------------------------------------------------------ what is there already


def _match(run: Run) -> None:
    """Orders that are there: by uuid, by the id of the other system, by number within the customer; those without a
    number by customer, day and amount, the first such row being the first such order, and so on."""
    if not run.db.value("SELECT 1 FROM sales_order LIMIT 1"):
        return
    for column, also in (("uuid", ""), ("external_id", " AND d.external_source = r.external_source")):
        if run.has(column):
            run.execute(
                f"UPDATE s_order SET target = (SELECT min(d.id) FROM s_row r JOIN sales_order d ON d.{column} ="
                f" r.{column}{also} WHERE r.gid = s_order.gid) WHERE target IS NULL"
            )
    run.execute(
        "UPDATE s_order SET target = (SELECT d.id FROM sales_order d WHERE d.number_key = s_order.number_key"
        " AND d.customer_id = s_order.customer_id ORDER BY d.removed_at IS NOT NULL, d.id LIMIT 1)"
        " WHERE target IS NULL AND number_key IS NOT NULL"
    )
    same = "PARTITION BY {0}customer_id, {0}ordered_on, {0}amount, {0}currency"
    run.execute(
        "UPDATE s_order SET target = x.id FROM ("
        f"SELECT o.gid, o.customer_id, o.ordered_on, o.amount, o.currency, row_number() OVER ({same.format('o.')}"
        " ORDER BY o.gid) AS place FROM s_order o WHERE o.target IS NULL AND o.number_key IS NULL) f JOIN ("
        f"SELECT d.id, d.customer_id, d.ordered_on, d.amount, d.currency, row_number() OVER ({same.format('d.')}"
        " ORDER BY d.removed_at IS NOT NULL, d.id) AS place FROM sales_order d WHERE d.number_key IS NULL) x"
        " ON x.customer_id = f.customer_id AND x.ordered_on = f.ordered_on AND x.amount = f.amount"
        " AND x.currency = f.currency AND x.place = f.place WHERE s_order.gid = f.gid"
    )


def _duplicates(run: Run) -> None:
    """What --on-duplicate says about orders that are there; what was removed stays away."""
    mode = run.options.on_duplicate
    if mode == "new":
        run.execute("UPDATE s_order SET target = NULL WHERE target IS NOT NULL AND number_key IS NULL")
        run.execute(
            "UPDATE s_order SET target = NULL WHERE target IN (SELECT id FROM sales_order WHERE removed_at IS NOT NULL)"
        )
    _leave_removed(run)
    known = "FROM s_order o JOIN s_row r ON r.gid = o.gid JOIN sales_order d ON d.id = o.target"
    if mode == "skip":
        _leave(run, run.rows(f"SELECT r.n {known}"))
    elif mode in ("new", "fail"):
        told = "'order:' || d.id || ' ' || coalesce(d.number, d.ordered_on)"
        run.spoil(run.rows(f"SELECT r.n, r.line, r.number, {told} {known}"), "number", _KNOWN)


def _leave_removed(run: Run) -> None:
    rows = run.rows(
        "SELECT r.n FROM s_order o JOIN s_row r ON r.gid = o.gid JOIN sales_order d ON d.id = o.target"
        " WHERE d.removed_at IS NOT NULL"
    )
    if rows:
        run.counts.removed += len(rows)
        run.counts.told.append(Note(_LEFT_OUT, {"n": len(rows)}))
        _leave(run, rows)


def _leave(run: Run, rows: list[Any]) -> None:
    run.counts.skipped += len(rows)
    drop_rows(run.db, [n for (n,) in rows], rejected=False)
    run.execute("DELETE FROM s_order WHERE gid NOT IN (SELECT gid FROM s_row)")


def _tell(run: Run) -> None:
    for sentence, test in ((_AHEAD, "ordered_on > :today"), (_NO_MONEY, "fate = 'empty' AND target IS NULL")):
        n = run.rows(f"SELECT count(*) FROM s_order WHERE {test}")[0][0]
        if n:
            run.counts.told.append(Note(sentence, {"n": n}))
