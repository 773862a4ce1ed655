"""Orders and their lines go into the database: new ones in two statements, changed ones with all their lines anew."""

from contextlib import nullcontext

from crm_cli.actions.freezing import freeze_missing
from crm_cli.actions.imports.outlook import remember
from crm_cli.actions.imports.run import Note, Run
from crm_cli.store.bulk import UUID

_MANY = 20_000  # new orders from which on it is worth while to build an index anew
_NOW_CUSTOMERS = "Customers who have bought now, and are no prospects any more: {n}"
_WHAT = "Orders: {added} added, {updated} changed, {lines} lines"
_INDEXES = (
    *(f"sales_order_{name}" for name in ("customer", "day", "currency", "number", "external")),
    *("order_line_order", "order_line_product"),
)
# what an order comes to in the base currency stays, unless its money or its day is another one
_SAME = (
    "x.ordered_on IS sales_order.ordered_on AND coalesce(x.cost, sales_order.cost) IS sales_order.cost AND"
    " (NOT x.says OR (x.amount, x.currency) IS (sales_order.amount, sales_order.currency))"
)
_THAWED = ", ".join(
    f"{column} = CASE WHEN {_SAME} THEN sales_order.{column} END"
    for column in ("base_amount", "base_cost", "base_currency", "rate_on")
)
_LINE = "order_id, uuid, product_id, text, quantity, price, discount, amount, cost, position"
# The values of the first row of an order that says one.
_TAKEN = ("note", "custom", "owner_id", "deal_id", "number", "external_source", "external_id")


def write_orders(run: Run) -> None:
    """Write what was resolved."""
    _number(run)
    _changed(run)
    new = int(run.db.value("SELECT count(*) FROM s_order WHERE fate = 'new'"))
    updated = int(run.db.value("SELECT count(*) FROM s_order WHERE fate = 'changed'"))
    for fate, counter in (("new", "added"), ("changed", "updated"), ("same", "unchanged")):
        rows = run.db.value("SELECT coalesce(sum(rows), 0) FROM s_order WHERE fate = :fate", {"fate": fate})
        setattr(run.counts, counter, getattr(run.counts, counter) + int(rows))
    if not (new or updated):
        return
    if not run.options.dry_run:
        run.options.before_write()
    many = new >= _MANY and new > int(run.db.value("SELECT count(*) FROM sales_order"))
    with run.db.rebuilt(*_INDEXES) if many else nullcontext():
        _insert(run)
        lines = _lines(run, "new")
    if updated:
        lines += _update(run)
    remember_orders(run)
    run.counts.told.append(Note(_WHAT, {"added": new, "updated": updated, "lines": lines}))
    _promote(run)
    freeze_missing(run.db)


def remember_orders(run: Run) -> None:
    """The layout of the file, where somebody has agreed to it."""
    run.execute("INSERT OR IGNORE INTO s_fresh SELECT gid, id FROM s_order WHERE fate = 'new'")
    run.execute("INSERT OR IGNORE INTO s_changed SELECT gid FROM s_order WHERE fate = 'changed'")
    remember(run)


def _number(run: Run) -> None:
    """The ids of new orders, in the order of the file; those of an export of ours where nothing was ever here."""
    own = run.has("own_id") and not run.db.value(
        "SELECT 1 FROM crm.sqlite_sequence WHERE name = 'sales_order' AND seq > 0 UNION ALL SELECT 1 FROM sales_order"
        " LIMIT 1"
    )
    if own and run.db.value("SELECT count(*) = count(DISTINCT own_id) FROM s_row"):
        run.execute("UPDATE s_order SET id = (SELECT own_id FROM s_row WHERE n = s_order.gid)")
    else:
        first = "max(coalesce((SELECT seq FROM crm.sqlite_sequence WHERE name = 'sales_order'), 0),"
        first += " coalesce((SELECT max(id) FROM sales_order), 0))"
        run.execute(
            f"UPDATE s_order SET id = f.id FROM (SELECT gid, {first} + row_number() OVER (ORDER BY gid) AS id"
            " FROM s_order WHERE target IS NULL) f WHERE f.gid = s_order.gid"
        )
    run.execute("UPDATE s_order SET fate = CASE WHEN target IS NULL THEN 'new' ELSE 'same' END")


def _first(run: Run, column: str) -> str:
    """A value of an order: that of its first row where an order is a row, else of the first row that has one."""
    if column not in run.present and column not in ("owner_id", "deal_id", "number", "custom"):
        return "NULL"
    if not run.has("number"):
        return f"r.{column}"
    return (
        f"coalesce(r.{column}, (SELECT x.{column} FROM s_row x WHERE x.gid = o.gid AND x.{column} IS NOT NULL LIMIT 1))"
    )


def _insert(run: Run) -> None:
    taken = {column: _first(run, column) for column in _TAKEN}
    uuid = UUID
    if run.has("uuid"):
        run.execute("INSERT OR IGNORE INTO s_known SELECT uuid FROM sales_order WHERE uuid IN (SELECT uuid FROM s_row)")
        uuid = f"coalesce(CASE WHEN r.uuid NOT IN (SELECT uuid FROM s_known) THEN r.uuid END, {UUID})"
    dates = [f"coalesce(r.{column}, :now)" for column in ("created_at", "updated_at")]
    run.execute(
        f"INSERT INTO sales_order (id, uuid, number_key, customer_id, ordered_on, amount, currency, rest, cost,"
        f" created_at, updated_at, {', '.join(taken)}) SELECT o.id, {uuid}, o.number_key, o.customer_id, o.ordered_on,"
        f" o.amount, o.currency, o.rest, o.cost, {', '.join(dates)}, {', '.join(taken.values())} FROM s_order o"
        " JOIN s_row r ON r.n = o.gid WHERE o.fate = 'new' ORDER BY o.gid"
    )


def _lines(run: Run, fate: str) -> int:
    """The lines of orders, in the order of the file."""
    if not run.params["lines"]:
        return 0
    return run.execute(
        f"INSERT INTO order_line ({_LINE}) SELECT coalesce(o.target, o.id), {UUID}, l.product_id, l.text, l.quantity,"
        " l.price, l.discount, l.amount, l.cost, row_number() OVER (PARTITION BY o.gid ORDER BY l.n, l.place)"
        f" FROM s_order o JOIN s_row r ON r.gid = o.gid JOIN s_line l ON l.n = r.n WHERE o.fate = '{fate}'"
        " ORDER BY o.gid, l.n, l.place"
    )


# ------------------------------------------------------------------ orders that are there already


def _changed(run: Run) -> None:
    """Which known orders the rows change: a value that they say and that differs, or other lines."""
    if not run.db.value("SELECT 1 FROM s_order WHERE target IS NOT NULL LIMIT 1"):
        return
    tests = [f"(x.{column} IS NOT d.{column})" for column in ("ordered_on", "customer_id")]
    tests.append("(x.says AND (x.amount, x.rest, x.currency) IS NOT (d.amount, d.rest, d.currency))")
    tests.append("(x.cost IS NOT NULL AND x.cost IS NOT d.cost)")
    tests += [
        f"(x.{column} IS NOT NULL AND x.{column} IS NOT d.{column})" for column in ("note", "owner_id", "deal_id")
    ]
    if run.has("custom"):
        tests.append("(merge_custom(d.custom, x.custom) IS NOT d.custom)")
    says = "(o.own_amount IS NOT NULL OR EXISTS (SELECT 1 FROM s_row y JOIN s_line l ON l.n = y.n WHERE y.gid = o.gid))"
    taken = ", ".join(f"{_first(run, column)} AS {column}" for column in ("note", "owner_id", "deal_id", "custom"))
    run.execute("CREATE TABLE IF NOT EXISTS s_said_order (gid INTEGER PRIMARY KEY, target, ordered_on, customer_id,"
                " amount, rest, currency, cost, says, note, owner_id, deal_id, custom)")  # fmt: skip
    run.execute("DELETE FROM s_said_order")
    run.execute(
        "INSERT INTO s_said_order SELECT o.gid, o.target, o.ordered_on, o.customer_id, o.amount, o.rest, o.currency,"
        f" o.cost, {says}, {taken} FROM s_order o JOIN s_row r ON r.n = o.gid WHERE o.target IS NOT NULL"
    )
    run.execute(
        "UPDATE s_order SET fate = 'changed' WHERE gid IN (SELECT x.gid FROM s_said_order x JOIN sales_order d"
        f" ON d.id = x.target WHERE {' OR '.join(tests)})"
    )
    if run.params["lines"]:
        _other_lines(run)


def _other_lines(run: Run) -> None:
    """Orders whose lines in the file are not those that they have."""
    told = "coalesce({0}product_id, '') || '/' || coalesce({0}text, '') || '/' || {0}quantity || '/' ||"
    told += " coalesce({0}price, '') || '/' || {0}discount || '/' || {0}amount"
    run.execute("CREATE TABLE IF NOT EXISTS s_lines_of (target INTEGER PRIMARY KEY, ours, theirs)")
    run.execute("DELETE FROM s_lines_of")
    run.execute(
        f"INSERT INTO s_lines_of (target, ours) SELECT target, group_concat(told, char(10)) FROM (SELECT o.target,"
        f" {told.format('l.')} AS told FROM s_order o JOIN s_row r ON r.gid = o.gid JOIN s_line l ON l.n = r.n"
        " WHERE o.target IS NOT NULL ORDER BY o.target, l.n, l.place) GROUP BY target"
    )
    run.execute(
        f"UPDATE s_lines_of SET theirs = (SELECT group_concat(told, char(10)) FROM (SELECT {told.format('l.')} AS told"
        " FROM order_line l WHERE l.order_id = s_lines_of.target ORDER BY l.position, l.id))"
    )
    run.execute(
        "UPDATE s_order SET fate = 'changed' WHERE target IN (SELECT target FROM s_lines_of WHERE ours IS NOT theirs)"
    )


def _update(run: Run) -> int:
    """Set what the rows say; an empty cell leaves what is there, lines replace all lines. Returns how many lines."""
    run.execute(
        "UPDATE sales_order SET ordered_on = x.ordered_on, customer_id = x.customer_id,"
        " amount = CASE WHEN x.says THEN x.amount ELSE sales_order.amount END,"
        " rest = CASE WHEN x.says THEN x.rest ELSE sales_order.rest END,"
        " currency = CASE WHEN x.says THEN x.currency ELSE sales_order.currency END,"
        " cost = coalesce(x.cost, sales_order.cost), note = coalesce(x.note, sales_order.note),"
        " owner_id = coalesce(x.owner_id, sales_order.owner_id), deal_id = coalesce(x.deal_id, sales_order.deal_id),"
        f" custom = merge_custom(sales_order.custom, x.custom), {_THAWED}, updated_at = :now"
        " FROM s_said_order x JOIN s_order o ON o.gid = x.gid WHERE sales_order.id = x.target AND o.fate = 'changed'"
    )
    if not run.params["lines"]:
        return 0
    changed = "SELECT target FROM s_lines_of WHERE ours IS NOT theirs"
    run.execute(f"DELETE FROM order_line WHERE order_id IN ({changed})")
    run.execute(f"UPDATE s_order SET fate = 'lines' WHERE target IN ({changed})")
    lines = _lines(run, "lines")
    run.execute("UPDATE s_order SET fate = 'changed' WHERE fate = 'lines'")
    return lines


def _promote(run: Run) -> None:
    """Who has bought is no prospect any more."""
    now = run.execute(
        "UPDATE customer SET status = 'customer', updated_at = :now WHERE status IN ('new', 'contacted', 'qualified')"
        " AND id IN (SELECT customer_id FROM s_order WHERE fate IN ('new', 'changed') AND amount > 0 AND ordered_on <="
        " :today)"
    )
    if now:
        run.counts.told.append(Note(_NOW_CUSTOMERS, {"n": now}))
