"""Products from rows: laid out, matched by id, code or name, and written with their list prices."""

import json
from typing import Any

from crm_cli.actions.imports.changes import compared
from crm_cli.actions.imports.outlook import remember
from crm_cli.actions.imports.rows import Batch, Loader, drop_rows, key_or_none
from crm_cli.actions.imports.run import Note, Run, merge_custom
from crm_cli.actions.imports.write import number_rows, uuid_of
from crm_cli.errors import Misuse
from crm_cli.rules.cells import Bad, Memo, judged
from crm_cli.rules.codes import made_code
from crm_cli.rules.columns import PENDING
from crm_cli.rules.decimals import Decimals, Number, worth
from crm_cli.rules.lines_of_sale import ONE
from crm_cli.store.bulk import UUID, Staging

SIMPLE = "kind category unit audience note active discontinued".split()
_TAKEN = (
    "code code_key name name_key category unit cost cost_currency audience note external_source external_id custom"
).split()
_SAID = ("name", "kind", "category", "unit", "cost", "cost_currency", "audience", "active", "note", "currency")
_NO_NAME = "There is no name in this row."
_NO_CURRENCY = (
    "{value} has no currency: add --currency EUR, or a column with the currencies; once for all: crm config set"
    " currency EUR."
)
_SEVERAL = "Several products are called {value}; a column with the code would tell which one is meant."
_KNOWN = "This record is already there: {others}."
_TAKEN_CODE = "Another product has the code {value}: {others}."
_LEFT_OUT = "Rows about products that were removed, left out: {n}. To load them as new ones: --on-duplicate new"
_CODES = "Products without a code got one made of their name: {n}"


class ProductReader:
    """What reading the rows of products keeps between two batches."""

    def __init__(self, load: Loader) -> None:
        self.decimals = Decimals(decimal=load.options.decimal)
        self.memos = {field: Memo(self.price) for field in ("price", "cost")}

    def price(self, cell: str) -> Number | None:
        """The number of a cell, not below zero."""
        found = self.decimals.parse(cell)
        if found and found[0].lstrip(PENDING).startswith("-"):
            raise Misuse("{value} is below zero.", value=found[0].lstrip(PENDING))
        return found


def create_tables(db: Staging) -> None:
    """The staged table that only products have: their prices, texts until the whole column is read."""
    db.connection.executescript(
        "CREATE TABLE s_price (n INTEGER, text, currency, amount); CREATE INDEX s_price_n ON s_price (n);"
    )


# ------------------------------------------------------------------ rows laid out


def lay_products(load: Loader, batch: Batch, columns: dict[str, Any]) -> None:
    """The columns of s_row, and the prices of a batch."""
    if load.products is None:
        load.products = ProductReader(load)
    size = len(batch)
    names = load.column("name", batch) or [None] * size
    codes = load.column("code", batch) or [None] * size
    for place, (name, code) in enumerate(zip(names, codes, strict=True)):
        if name is None and code is None and place not in batch.bad:
            load.refuse(batch, place, "name" if "name" in load.plan.fields else "code", None, _NO_NAME)
        names[place] = name if name is not None else code
    columns["name"], columns["code"] = names, codes
    columns["name_key"] = [key_or_none(name) for name in names]
    columns["code_key"] = [key_or_none(code) for code in codes]
    gone = columns.pop("discontinued", None)
    if gone is not None:
        active = columns.get("active") or [None] * size
        columns["active"] = [
            known if known is not None else None if over is None else int(not over)
            for known, over in zip(active, gone, strict=True)
        ]
    columns["currency"] = load.column("currency", batch) or [None] * size
    prices = _own_prices(load, batch) if "prices" in load.plan.fields else _prices(load, batch, columns["currency"])
    load.db.fill("s_price", ("n", "text", "currency"), load.good(batch, iter(prices)))
    costs = _numbers(load, batch, "cost", [column.place for column in load.plan.fields.get("cost", [])][:1])
    own = load.column("cost_currency", batch) or [None] * size
    columns["cost_text"] = [cost and cost[0] for cost in costs]
    columns["cost_currency"] = [cost and (cost[1] or code) for cost, code in zip(costs, own, strict=True)]


def _prices(load: Loader, batch: Batch, codes: list[str | None]) -> list[tuple[int, str, str | None]]:
    """(n, number, currency) of each column of prices; a header may say the currency of its column."""
    found = []
    for column in sorted(load.plan.fields.get("price", [])):  # in the order of the file
        for place, price in enumerate(_numbers(load, batch, "price", [column.place])):
            if price:
                found.append((batch.first + place, price[0], price[1] or column.target.label or codes[place]))
    return found


def _numbers(load: Loader, batch: Batch, field: str, places: list[int]) -> list[Any]:
    """A column of numbers: (plain decimal, currency) each."""
    if not places:
        return [None] * len(batch)
    taken = batch.columns[places[0]]
    memo = load.products.memos[field]
    found = list(map(memo.__getitem__, taken))
    return load.sifted(load.plan.headers[places[0]], found, taken, batch) if memo.odd else found


def _own_prices(load: Loader, batch: Batch) -> list[tuple[int, str, str | None]]:
    """The JSON of an export of ours."""
    found: list[tuple[int, str, str | None]] = []
    for place, cell in enumerate(load.raw(load.plan.fields["prices"], batch)):
        try:
            prices = json.loads(cell, parse_float=str, parse_int=str) if cell.strip() else []
            found += [(batch.first + place, str(one["amount"]), str(one["currency"])) for one in prices]
        except (ValueError, TypeError, KeyError):
            load.refuse(batch, place, "prices", cell, "This is no list of prices as crm export writes it.")
    return found


# ------------------------------------------------------------------ which product a row is about


def resolve_products(run: Run) -> None:
    """Settle the numbers, and find out which product every row is about."""
    _settle(run)
    _match(run)
    if run.options.on_duplicate != "new":
        _leave_removed(run)
    _merge(run)
    _duplicates(run)
    _refuse_taken_codes(run)
    _make_codes(run)


def _settle(run: Run) -> None:
    """Prices and costs in minor units; rows of which one has two readings or no currency are refused."""
    prices = run.rows(
        "SELECT p.rowid, r.n, r.line, p.text, p.currency FROM s_price p JOIN s_row r ON r.n = p.n ORDER BY p.rowid"
    )
    settled = _settled(run, "price", prices)
    run.db.many("UPDATE s_price SET amount = ?, currency = ? WHERE rowid = ?", settled)
    costs = run.rows(
        "SELECT n, n, line, cost_text, coalesce(cost_currency, currency, (SELECT p.currency FROM s_price p WHERE p.n ="
        " s_row.n ORDER BY p.rowid LIMIT 1)) FROM s_row WHERE cost_text IS NOT NULL"
    )
    run.db.many("UPDATE s_row SET cost = ?, cost_currency = ? WHERE n = ?", _settled(run, "cost", costs))


def _settled(run: Run, field: str, rows: list[Any]) -> list[tuple[int, str, int]]:
    """(minor units, currency, key) of rows (key, n, line, number, currency)."""
    found, spoiled = [], []
    for key, n, line, text, code in rows:
        money = judged(lambda pair: _minor(run, *pair), (text, code))
        if type(money) is Bad:
            run.problems.add(n, line, run.plan.header_of(field), text.lstrip(PENDING), money)
            spoiled.append(n)
        else:
            found.append((*money, key))
    drop_rows(run.db, spoiled)
    return found


def _minor(run: Run, text: str, code: str | None) -> tuple[int, str]:
    number, beside = run.products.decimals.settle(text) if text.startswith(PENDING) else (text, None)
    known = beside or code or run.options.currency
    if known is None:
        raise Misuse(_NO_CURRENCY, value=number)
    amount, rest = worth(ONE, number, 0, known)
    if rest:
        raise Misuse("{value} has more decimals than the currency allows.", value=number)
    return amount, known


def _match(run: Run) -> None:
    """By the uuid of an export of ours, the id of the other system, the code; without a code by the name."""
    live = "d.removed_at IS NULL"
    unknown = "NOT EXISTS (SELECT 1 FROM s_match m WHERE m.n = r.n)"
    tests = [("uuid", "d.uuid = r.uuid")] * run.has("uuid")
    if run.has("external_id"):
        tests.append(("id", "d.external_id = r.external_id AND d.external_source = r.external_source"))
    tests.append(("code", "d.code_key = r.code_key"))
    for _, test in tests:
        run.execute(
            f"INSERT INTO s_match SELECT r.n, min(d.id) FROM s_row r JOIN product d ON {test} AND {live}"
            f" WHERE {unknown} GROUP BY r.n"
        )
    named = f"FROM s_row r JOIN product d ON d.name_key = r.name_key AND {live} WHERE r.code_key IS NULL AND {unknown}"
    run.execute(f"INSERT INTO s_match SELECT r.n, min(d.id) {named} GROUP BY r.n HAVING count(*) = 1")
    run.spoil(run.rows(f"SELECT DISTINCT r.n, r.line, r.name {named}"), "name", _SEVERAL)


def _leave_removed(run: Run) -> None:
    """Rows that fit no product but a removed one: what somebody put away stays away."""
    test = "d.code_key = r.code_key OR (r.code_key IS NULL AND d.name_key = r.name_key)"
    if run.has("external_id"):
        test += " OR (d.external_id = r.external_id AND d.external_source = r.external_source)"
    rows = run.rows(
        f"SELECT DISTINCT r.n FROM s_row r JOIN product d ON ({test}) AND d.removed_at IS NOT NULL"
        " WHERE NOT EXISTS (SELECT 1 FROM s_match m WHERE m.n = r.n)"
    )
    if rows:
        run.counts.removed += len(rows)
        run.counts.skipped += len(rows)
        run.counts.told.append(Note(_LEFT_OUT, {"n": len(rows)}))
        drop_rows(run.db, [n for (n,) in rows], rejected=False)


def _merge(run: Run) -> None:
    """Rows of one product become one row: a later one says more, or says it anew."""
    columns = [*_SAID, "custom", "external_id", "external_source", "code", "code_key"]
    prices: dict[int, dict[str, int]] = {}
    for n, code, amount in run.rows("SELECT n, currency, amount FROM s_price ORDER BY rowid"):
        prices.setdefault(n, {})[code] = amount
    heads: dict[Any, int] = {}
    known: dict[int, dict[str, Any]] = {}
    later: list[int] = []
    for n, target, key, name_key, *values in run.rows(
        f"SELECT r.n, m.target, r.code_key, r.name_key, {', '.join(f'r.{column}' for column in columns)}"
        " FROM s_row r LEFT JOIN s_match m ON m.n = r.n ORDER BY r.n"
    ):
        same = ("id", target) if target is not None else ("code", key) if key is not None else ("name", name_key)
        head = heads.setdefault(same, n)
        row = dict(zip(columns, values, strict=True))
        if head == n:
            known[n] = row
            continue
        later.append(n)
        said = {column: value for column, value in row.items() if value is not None}
        if "custom" in said:
            said["custom"] = merge_custom(known[head]["custom"], said["custom"])
        differs = any(known[head][column] != value for column, value in said.items())
        before = prices.setdefault(head, {})
        differs |= any(before.get(code) != amount for code, amount in prices.get(n, {}).items())
        before |= prices.get(n, {})
        run.counts.updated += differs
        run.counts.unchanged += not differs
        known[head] |= said
        run.db.execute("UPDATE s_price SET n = :head WHERE n = :n", {"head": head, "n": n})
    if later:
        sets = ", ".join(f"{column} = ?" for column in columns)
        run.db.many(f"UPDATE s_row SET {sets} WHERE n = ?", [(*row.values(), n) for n, row in known.items()])
        drop_rows(run.db, later, rejected=False)
    run.execute(  # of two prices in a currency the later one counts
        "DELETE FROM s_price WHERE EXISTS (SELECT 1 FROM s_price x WHERE x.n = s_price.n AND x.currency ="
        " s_price.currency AND x.rowid > s_price.rowid)"
    )


def _duplicates(run: Run) -> None:
    """What --on-duplicate says about rows of known products."""
    known = "FROM s_match m JOIN s_row r ON r.n = m.n JOIN product d ON d.id = m.target"
    if run.options.on_duplicate == "skip":
        rows = run.rows(f"SELECT r.n {known}")
        run.counts.skipped += len(rows)
        drop_rows(run.db, [n for (n,) in rows], rejected=False)
    elif run.options.on_duplicate in ("new", "fail"):
        told = f"SELECT r.n, r.line, coalesce(r.code, r.name), 'product:' || d.id || ' ' || d.code {known}"
        run.spoil(run.rows(told), "code" if run.has("code") else "name", _KNOWN)


def _refuse_taken_codes(run: Run) -> None:
    """A known product does not get the code of another one."""
    taken = run.rows(
        "SELECT r.n, r.line, r.code, 'product:' || d.id || ' ' || d.name FROM s_row r JOIN s_match m ON m.n = r.n"
        " JOIN product d ON d.code_key = r.code_key AND d.removed_at IS NULL AND d.id <> m.target"
    )
    run.spoil(taken, "code", _TAKEN_CODE)


def _make_codes(run: Run) -> None:
    """New products without a code get one made of their name."""
    rows = run.rows(
        "SELECT r.n, r.name FROM s_row r WHERE r.code IS NULL AND NOT EXISTS (SELECT 1 FROM s_match m WHERE m.n = r.n)"
        " ORDER BY r.n"
    )
    if not rows:
        return
    taken = {key for (key,) in run.rows("SELECT code_key FROM product WHERE removed_at IS NULL")}
    taken |= {key for (key,) in run.rows("SELECT code_key FROM s_row WHERE code_key IS NOT NULL")}
    made, numbers = [], dict[str, int]()
    for n, name in rows:
        base = code = made_code(name)
        while key_or_none(code) in taken:
            numbers[base] = numbers.get(base, 1) + 1
            code = f"{base}-{numbers[base]}"
        taken.add(str(key_or_none(code)))
        made.append((code, key_or_none(code), n))
    run.db.many("UPDATE s_row SET code = ?, code_key = ? WHERE n = ?", made)
    run.counts.told.append(Note(_CODES, {"n": len(made)}))


# ------------------------------------------------------------------ written


def write_products(run: Run) -> None:
    """New products, what changed of known ones, and list prices: one that is there in a currency is set anew."""
    number_rows(run)
    _note_changes(run)
    if not run.options.dry_run and run.rows("SELECT 1 FROM s_fresh UNION ALL SELECT 1 FROM s_changed LIMIT 1"):
        run.options.before_write()
    new = int(run.db.value("SELECT count(*) FROM s_fresh"))
    changed = int(run.db.value("SELECT count(*) FROM s_changed"))
    run.counts.added += new
    run.counts.updated += changed
    run.counts.unchanged += int(run.db.value("SELECT count(*) FROM s_match")) - changed
    values = {column: f"r.{column}" for column in _TAKEN} | {
        "kind": "coalesce(r.kind, 'product')",
        "is_active": "coalesce(r.active, 1)",
        "created_at": "coalesce(r.created_at, :now)",
        "updated_at": "coalesce(r.updated_at, :now)",
    }
    run.execute(
        f"INSERT INTO product (id, uuid, {', '.join(values)}) SELECT f.id, {uuid_of(run)}, {', '.join(values.values())}"
        " FROM s_fresh f JOIN s_row r ON r.n = f.n ORDER BY f.n"
    )
    if changed:
        _update(run)
    _write_prices(run)
    remember(run)


_PRICES = "s_price p JOIN s_match m ON m.n = p.n LEFT JOIN product_price x ON x.product_id = m.target AND x.currency ="
_PRICES += " p.currency"


def _note_changes(run: Run) -> None:
    tests = [f"(r.{staged} IS NOT NULL AND r.{staged} IS NOT d.{column})" for column, staged in _pairs(run)]
    if run.has("custom"):
        tests.append("(r.custom IS NOT NULL AND merge_custom(d.custom, r.custom) IS NOT d.custom)")
    if run.has("external_id"):
        tests.append("(r.external_id IS NOT NULL AND d.external_id IS NULL)")
    run.execute(
        "INSERT INTO s_changed SELECT m.n FROM s_match m JOIN s_row r ON r.n = m.n JOIN product d ON d.id = m.target"
        f" WHERE {' OR '.join(tests)}"
    )
    run.execute(f"INSERT OR IGNORE INTO s_changed SELECT p.n FROM {_PRICES} WHERE x.amount IS NOT p.amount")


def _pairs(run: Run) -> list[tuple[str, str]]:
    """Columns of a product that the file may change, and the staged ones that they come from."""
    renamed = {"is_active": "active"}
    return [(column, renamed.get(column, column)) for column in compared(run)]


def _update(run: Run) -> None:
    sets = {column: f"coalesce(x.{staged}, product.{column})" for column, staged in _pairs(run)}
    if run.has("custom"):
        sets["custom"] = "merge_custom(product.custom, x.custom)"
    if run.has("external_id"):
        source = "CASE WHEN product.external_id IS NULL THEN x.external_source ELSE product.external_source END"
        sets |= {"external_source": source, "external_id": "coalesce(product.external_id, x.external_id)"}
    sets["updated_at"] = ":now"
    listed = ", ".join(f"{column} = {value}" for column, value in sets.items())
    run.execute(
        f"UPDATE product SET {listed} FROM (SELECT m.target, r.* FROM s_changed c JOIN s_match m ON m.n = c.n"
        " JOIN s_row r ON r.n = c.n) x WHERE product.id = x.target"
    )


def _write_prices(run: Run) -> None:
    run.execute(
        "UPDATE product_price SET amount = y.amount, updated_at = :now FROM (SELECT x.id, p.amount FROM"
        f" {_PRICES} WHERE x.amount <> p.amount) y WHERE product_price.id = y.id"
    )
    columns = "uuid, product_id, amount, currency, created_at, updated_at"
    run.execute(
        f"INSERT INTO product_price ({columns}) SELECT {UUID}, m.target, p.amount, p.currency, :now, :now"
        f" FROM {_PRICES} WHERE x.id IS NULL ORDER BY p.rowid"
    )
    run.execute(
        f"INSERT INTO product_price ({columns}) SELECT {UUID}, f.id, p.amount, p.currency, :now, :now FROM s_price p"
        " JOIN s_fresh f ON f.n = p.n ORDER BY p.rowid"
    )
