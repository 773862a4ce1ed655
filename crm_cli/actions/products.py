"""Products: added and changed, with their list prices. What goes with them is in bundles.py."""

from collections.abc import Sequence
from typing import Any

from crm_cli.actions import reaches
from crm_cli.actions.change import Change, Note, changed, checked, new_words
from crm_cli.actions.customers import EMPTIED, edited, set_custom
from crm_cli.actions.removal import restore_records
from crm_cli.errors import Conflict, Misuse
from crm_cli.i18n import language, listed, t
from crm_cli.model.inputs import ProductInput, name_key
from crm_cli.model.sales import Product, ProductPrice
from crm_cli.rules import names, values
from crm_cli.rules.codes import made_code
from crm_cli.rules.money import Money, format_money, parse_currency, parse_money
from crm_cli.rules.text import fold
from crm_cli.store.writer import Work

_WORDS = ("category", "unit")
_CLEARABLE = {key: key for key in "category unit cost note custom".split()} | {"audience": "audience"}
_LONGEST_CODE = 20


def add_product(w: Work, options: dict[str, Any], *, currency: str, decimal: str) -> Change:
    """A new product from typed options; Conflict when one has its code. Without a code one is made of its name."""
    given = values.read(values.PRODUCT, options, values.Clock(w.now))
    made = "code" not in given
    given.setdefault("code", free_code(w, made_code(given["name"])) if made else "")
    own = checked(ProductInput, {**given, "is_active": not options.get("inactive")})
    refuse_known(w, own["code"])
    prices = prices_of(options, currency, decimal)
    cost = cost_of(options, prices[0].currency if prices else None, currency, decimal)
    row = Product(
        **own,
        **cost,
        code_key=name_key(own["code"]),
        name_key=name_key(own["name"]),
        created_at=w.now,
        updated_at=w.now,
    )
    set_custom(row, options.get("set"))
    w.add(row)
    assert row.id is not None
    set_prices(w, row.id, prices)
    facts = [names.shown("product_kind", row.kind, language()), *(_told(price) for price in prices)]
    facts += [] if row.is_active else [t("not sold")]
    notes: list[Note] = [("The code {code} was made from the name", {"code": row.code})] if made else []
    notes += [*_same_name(w, row), *new_words(w, "product", [row.id], given, _WORDS)]
    if not prices:
        notes.append(("No price yet: crm product edit {code} --price 100EUR", {"code": row.code}))
    holes = {"id": row.id, "code": row.code, "name": row.name, "facts": listed(facts, clauses=True)}
    return Change("product", [row.id], "Added product {id}: {code} {name} ({facts})", holes, notes)


def _told(price: Money) -> str:
    return format_money(price.amount, price.currency or "")


def free_code(w: Work, code: str) -> str:
    """The code, or with a number behind it where another product has it."""
    taken = {
        row[0]
        for row in w.db.rows(
            "SELECT code_key FROM product WHERE removed_at IS NULL AND code_key >= :low AND code_key < :high",
            {"low": name_key(code), "high": name_key(code) + "\U0010ffff"},
        )
    }
    n, found = 1, code
    while name_key(found) in taken:
        n += 1
        found = f"{code}-{n}"
    return found


def refuse_known(w: Work, code: str, own: int | None = None) -> None:
    """Conflict when another product has the code."""
    row = w.db.row(
        "SELECT id, code, name FROM product WHERE code_key = :key AND removed_at IS NULL AND id IS NOT :own",
        {"key": name_key(code), "own": own},
    )
    if row:
        raise Conflict(
            "{name} has the code {code} already",
            hint="A code is of one product, so there is no --duplicate. Give this one another --code, or change that"
            " one: crm product edit {ref}",
            name=row[2],
            code=row[1],
            ref=row[1] if fold(row[1]) == row[1].lower() and " " not in row[1] else f"product:{row[0]}",
        )


def _same_name(w: Work, row: Any) -> list[Note]:
    """Another product of that name: said, and not refused."""
    found = w.db.row(
        "SELECT id, code, name FROM product WHERE name_key = :key AND removed_at IS NULL AND id <> :id"
        " ORDER BY id LIMIT 1",
        {"key": row.name_key, "id": row.id},
    )
    return [("There is {name} as well ({ref})", {"name": found[2], "ref": found[1]})] if found else []


# ------------------------------------------------------------------ prices


def prices_of(options: dict[str, Any], currency: str, decimal: str) -> list[Money]:
    """The list prices typed, one a currency."""
    found: list[Money] = []
    typed = options.get("price") or []
    for text in [typed] if isinstance(typed, str) else typed:  # a form has the first one only
        price = money_of("--price", text, currency, decimal)
        if any(price.currency == other.currency for other in found):
            raise Misuse("There are two prices in {currency}", hint="One price a currency", currency=price.currency)
        found.append(price)
    return found


def cost_of(options: dict[str, Any], usual: str | None, currency: str, decimal: str) -> dict[str, Any]:
    """cost and cost_currency of --cost; without a currency typed that of the first price."""
    if options.get("cost") is None:
        return {}
    cost = money_of("--cost", options["cost"], usual or currency, decimal)
    return {"cost": cost.amount, "cost_currency": cost.currency}


def money_of(option: str, text: str, currency: str, decimal: str) -> Money:
    """An amount with a currency; Misuse where none is known."""
    money = parse_money(text, currency=currency or None, decimal=decimal or None)
    if money.currency is None:
        raise Misuse(
            "{amount} has no currency",
            hint="Type {option} {amount}EUR. Once for all: crm config set currency EUR",
            amount=text,
            option=option,
        )
    return money


def set_prices(w: Work, product_id: int, prices: Sequence[Money]) -> bool:
    """The list price in each of these currencies; whether one is new or differs."""
    differs = False
    for price in prices:
        assert price.currency is not None
        found = w.db.value(
            "SELECT id FROM product_price WHERE product_id = :id AND currency = :currency",
            {"id": product_id, "currency": price.currency},
        )
        if found is None:
            w.add(
                ProductPrice(
                    product_id=product_id,
                    amount=price.amount,
                    currency=price.currency,
                    created_at=w.now,
                    updated_at=w.now,
                )
            )
            differs = True
        else:
            differs |= changed(w.get(ProductPrice, found), {"amount": price.amount}, w.now)
    return differs


# ------------------------------------------------------------------ changed


def edit_products(w: Work, ids: list[int], options: dict[str, Any], *, currency: str, decimal: str) -> Change:
    """Change the options given on every one of the products; --price sets the price in its currency."""
    given = values.read(values.PRODUCT, options, values.Clock(w.now))
    if "code" in given and len(ids) > 1:
        raise Misuse("A code is of one product, and several are meant")
    if options.get("active") is not None:
        given["is_active"] = bool(options["active"])
    emptied, kinds = reaches.cleared("product", options.get("clear") or [], _CLEARABLE, ("price",))
    given.update(emptied)
    wanted = reaches.drops("product", options.get("drop") or [], ("price",))
    prices = prices_of(options, currency, decimal)
    met: set[reaches.Drop] = set()
    touched = []
    row: Any = None
    for record_id in ids:
        row = w.get(Product, record_id)
        differs = _edit(w, row, given, options, currency, decimal)
        if kinds:
            differs |= w.execute("DELETE FROM product_price WHERE product_id = :id", {"id": record_id}) > 0
        gone = {one for one in wanted if _drop_price(w, record_id, one.value)}
        differs |= set_prices(w, record_id, prices) or bool(gone)
        met |= gone
        if differs:
            row.updated_at = w.now
            touched.append(record_id)
    reaches.refuse_missing(wanted, met)
    notes = new_words(w, "product", ids, given, _WORDS)
    return edited("product", ids, touched, name=row.name, facts=[_told(price) for price in prices], notes=notes)


def _edit(w: Work, row: Any, given: dict[str, Any], options: dict[str, Any], currency: str, decimal: str) -> bool:
    """The columns of one product."""
    whole = {column: getattr(row, column) for column in ProductInput.model_fields}
    own = {column: value for column, value in given.items() if column in whole}
    new = checked(ProductInput, {**whole, **own}, hint=EMPTIED)
    if name_key(new["code"]) != row.code_key:
        refuse_known(w, new["code"], row.id)
    first = w.db.value("SELECT currency FROM product_price WHERE product_id = :id ORDER BY id LIMIT 1", {"id": row.id})
    cost = cost_of(options, row.cost_currency or first, currency, decimal)
    if "cost" in given:
        cost = {"cost": None, "cost_currency": None}
    elif "custom" in given:
        cost["custom"] = None
    keys = {"code_key": name_key(new["code"]), "name_key": name_key(new["name"])}
    return changed(row, {**new, **keys, **cost}, w.now) | set_custom(row, options.get("set"))


def _drop_price(w: Work, product_id: int, typed: str) -> bool:
    """`--drop price=USD`: the list price in a currency goes away."""
    found = {"id": product_id, "currency": parse_currency(typed)}
    return w.execute("DELETE FROM product_price WHERE product_id = :id AND currency = :currency", found) > 0


def restore_products(w: Work, ids: list[int]) -> Change:
    """Bring removed products back; Conflict beside another one of the same code."""
    for record_id in ids:
        refuse_known(w, str(w.get(Product, record_id).code), record_id)
    return restore_records(w, "product", ids)
