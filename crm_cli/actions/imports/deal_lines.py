"""Rows of deals that name a product: it becomes a line of the deal, one piece for the amount of the deal."""

from crm_cli.actions.imports.run import Note, Run
from crm_cli.rules.lines_of_sale import in_units, kept_price
from crm_cli.store.bulk import UUID

_TEXTS = "Products that are not there stay texts: {n} ({names}). --create products makes them"
_MADE = "Products made since the file names them: {n}"
_SHOWN, _LONGEST = 5, 60
# A deal of somebody who has written several lines keeps them.
_FEW = "(SELECT count(*) FROM deal_line x WHERE x.deal_id = m.target) <= 1"
_SAME = "l.product_id IS r.product_id AND (r.product_id IS NOT NULL OR l.text = r.product)"


def find_products(run: Run) -> None:
    """The products that rows name: by code, else by a name that one product has, spaces or not; made on request."""
    if not run.has("product"):
        return
    run.execute("CREATE TABLE IF NOT EXISTS s_sold (key PRIMARY KEY, text, product_id) WITHOUT ROWID")
    run.execute("DELETE FROM s_sold")
    run.execute("INSERT OR IGNORE INTO s_sold SELECT product_key, product, NULL FROM s_row WHERE product_key NOT NULL")
    for test in (
        "p.code_key = s_sold.key",
        "p.name_key = s_sold.key",
        "replace(p.name_key, ' ', '') = replace(s_sold.key, ' ', '')",
    ):
        run.execute(
            "UPDATE s_sold SET product_id = (SELECT min(p.id) FROM product p WHERE p.removed_at IS NULL AND"
            f" {test} HAVING count(*) = 1) WHERE product_id IS NULL"
        )
    find_removed(run, "s_sold", "code_key", "s_sold.key")
    find_removed(run, "s_sold", "name_key", "s_sold.key")
    if "products" in run.options.create:
        _create(run)
    run.execute(
        "UPDATE s_row SET product_id = (SELECT product_id FROM s_sold WHERE key = s_row.product_key)"
        " WHERE product_key IS NOT NULL"
    )
    lost = [text for (text,) in run.rows("SELECT text FROM s_sold WHERE product_id IS NULL ORDER BY key")]
    tell_texts(run, lost)


def find_removed(run: Run, table: str, column: str, key: str) -> None:
    """Products that are removed, for what no other one fits: a file says what was sold, also what is sold no more."""
    run.execute(
        f"UPDATE {table} SET product_id = g.id FROM (SELECT p.{column} AS key, max(p.id) AS id FROM product p"
        f" WHERE p.removed_at IS NOT NULL GROUP BY 1) g WHERE {table}.product_id IS NULL AND g.key = {key}"
    )


def tell_texts(run: Run, lost: list[str]) -> None:
    """Say which products of the file stay texts, if any do."""
    if lost:
        names = ", ".join(text[:_LONGEST] for text in lost[:_SHOWN]) + (", ..." if len(lost) > _SHOWN else "")
        run.counts.told.append(Note(_TEXTS, {"n": len(lost), "names": names}))


def tell_made(run: Run, made: int) -> None:
    """Say how many products were made since the file names them, if any were."""
    if made:
        run.counts.told.append(Note(_MADE, {"n": made}))


def _create(run: Run) -> None:
    made = run.execute(
        "INSERT INTO product (uuid, code, code_key, name, name_key, kind, is_active, created_at, updated_at)"
        f" SELECT {UUID}, text, key, text, key, 'product', 1, :now, :now FROM s_sold WHERE product_id IS NULL"
        " AND length(text) <= 500 ORDER BY key"
    )
    run.execute(
        "UPDATE s_sold SET product_id = (SELECT id FROM product WHERE code_key = s_sold.key AND removed_at IS NULL)"
        " WHERE product_id IS NULL"
    )
    tell_made(run, made)


def note_lines(run: Run) -> None:
    """Known deals that get a line, or another product in the one that they have."""
    if run.has("product"):
        run.execute(
            "INSERT OR IGNORE INTO s_changed SELECT m.n FROM s_match m JOIN s_row r ON r.n = m.n"
            f" WHERE r.product_key IS NOT NULL AND {_FEW} AND NOT EXISTS"
            f" (SELECT 1 FROM deal_line l WHERE l.deal_id = m.target AND {_SAME})"
        )


def _price(amount: int | None, currency: str | None) -> str | None:
    return None if amount is None or currency is None else kept_price(in_units(amount, currency))


def write_lines(run: Run) -> None:
    """The lines, once the deals stand with their amounts."""
    if not run.has("product"):
        return
    run.db.function("price_text", 2, _price)
    line = {
        "product_id": "r.product_id",
        "text": "CASE WHEN r.product_id IS NULL THEN r.product END",
        "price": "price_text(d.amount, d.currency)",
        "amount": "coalesce(d.amount, 0)",
        "cost": "(SELECT p.cost FROM product p WHERE p.id = r.product_id AND p.cost_currency = d.currency)",
    }
    listed = ", ".join(f"{value} AS {column}" for column, value in line.items())
    known = "FROM s_changed c JOIN s_match m ON m.n = c.n JOIN s_row r ON r.n = c.n JOIN deal d ON d.id = m.target"
    known += f" WHERE r.product_key IS NOT NULL AND {_FEW}"
    sets = ", ".join(f"{column} = y.{column}" for column in line)
    run.execute(
        f"UPDATE deal_line SET {sets} FROM (SELECT m.target, {listed} {known}) y WHERE deal_line.deal_id = y.target"
        " AND deal_line.quantity = 1000 AND deal_line.discount = 0"
    )
    columns = f"uuid, deal_id, quantity, discount, position, {', '.join(line)}"
    for source, target in (
        (f"{known} AND NOT EXISTS (SELECT 1 FROM deal_line x WHERE x.deal_id = m.target) ORDER BY c.n", "m.target"),
        (
            "FROM s_fresh f JOIN s_row r ON r.n = f.n JOIN deal d ON d.id = f.id WHERE r.product_key IS NOT NULL"
            " ORDER BY f.n",
            "f.id",
        ),
    ):
        run.execute(f"INSERT INTO deal_line ({columns}) SELECT {UUID}, {target}, 1000, 0, 1, {listed} {source}")
