"""Orders: what customers bought and gave back; added, changed, and made from a deal that was won."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from crm_cli.actions import rates, reaches
from crm_cli.actions.change import Change, Note, changed, checked
from crm_cli.actions.customers import edited, set_custom
from crm_cli.actions.lines import Line, keep_lines, known_products, lines_of, total_cost, worth_of
from crm_cli.errors import Conflict, Misuse
from crm_cli.i18n import language, listed, said
from crm_cli.model.inputs import OrderInput
from crm_cli.model.sales import OrderLine, SalesOrder
from crm_cli.queries.bounds import member_id
from crm_cli.queries.find import Finder
from crm_cli.rules import names
from crm_cli.rules.dates import parse_day
from crm_cli.rules.days import spell_day
from crm_cli.rules.lines_of_sale import line_worth
from crm_cli.rules.money import format_money, parse_currency, parse_money, scale
from crm_cli.rules.text import fold, squeeze
from crm_cli.store.writer import Work

# statuses of somebody who has bought nothing yet
BEFORE = ("new", "contacted", "qualified")
_CLEARABLE = {"number": "number", "note": "note", "cost": "cost", "custom": "custom", "owner": "owner_id",
              "deal": "deal_id"}  # fmt: skip
_KINDS = ("line",)


def add_order(
    w: Work,
    options: dict[str, Any],
    *,
    country: str | None,
    currency: str,
    decimal: str,
    duplicate: bool = False,
) -> Change:
    """A new order from typed options; Conflict when the customer has one of that number."""
    customer = Finder(w.db, ["customer"], country=country).one(options["customer"])
    given = _read(w, options, country)
    own = {"ordered_on": w.today, "owner_id": w.member_id, **given, "customer_id": customer.id}
    _refuse_other_deal(w, own.get("deal_id"), customer.id)
    usual = [usual_currency(w, customer.id), currency or None]
    money, lines = _money(w, options, usual, decimal, known=set())
    if not money:
        raise Misuse(
            "Nothing says what was bought",
            hint="Type --line CODE:QUANTITY, or what it came to: --amount 250EUR",
        )
    own |= money
    if not duplicate:
        refuse_known(w, customer.id, own.get("number"))
    row = _new_row(w, checked(OrderInput, own))
    set_custom(row, options.get("set"))
    w.add(row)
    assert row.id is not None
    keep_lines(w, OrderLine, "order_id", row.id, lines)
    notes = [*notes_of(w, row), *rates.freeze_order(w, row)]
    return Change("order", [row.id], "Added order {id}: {order} ({facts})", told(w, row), notes)


def _new_row(w: Work, own: dict[str, Any]) -> Any:
    return SalesOrder(**own, number_key=_number_key(own.get("number")), created_at=w.now, updated_at=w.now)


def _number_key(number: str | None) -> str | None:
    return (fold(number) or number) if number else None


def _read(w: Work, options: dict[str, Any], country: str | None) -> dict[str, Any]:
    """The columns that options other than money and lines set."""
    given: dict[str, Any] = {}
    if options.get("on"):
        given["ordered_on"] = _day(w, options["on"])
    if options.get("number"):
        given["number"] = squeeze(options["number"])
    if options.get("note"):
        given["note"] = options["note"].replace("\r\n", "\n").strip()
    if options.get("deal"):
        given["deal_id"] = Finder(w.db, ["deal"], country=country).one(options["deal"]).id
    if options.get("owner"):
        given["owner_id"] = member_id(w.db, fold(options["owner"]), options["owner"], w.member_id)
    return given


def _day(w: Work, typed: str) -> date:
    try:
        return parse_day(typed, now=w.now, ahead=False)
    except Misuse as error:
        holes: dict[str, Any] = {**error.holes, "option": "on", "reason": error.message()}
        raise Misuse("--{option}: {reason}", hint=error.hint, instead=error.instead, **holes) from error


# ------------------------------------------------------------------ money


def usual_currency(w: Work, customer_id: int) -> str | None:
    """The currency of the customer's newest order, else of the newest deal."""
    found = w.db.value(
        "SELECT currency FROM sales_order WHERE customer_id = :id AND removed_at IS NULL ORDER BY id DESC LIMIT 1",
        {"id": customer_id},
    ) or w.db.value(
        "SELECT currency FROM deal WHERE customer_id = :id AND currency IS NOT NULL AND removed_at IS NULL"
        " ORDER BY id DESC LIMIT 1",
        {"id": customer_id},
    )
    return None if found is None else str(found)


def _money(
    w: Work, options: dict[str, Any], usual: Sequence[str | None], decimal: str, *, known: set[int]
) -> tuple[dict[str, Any], list[Line]]:
    """amount, currency, rest and cost as the options say them, and the lines; nothing where none of them is typed.

    An amount that is typed stands, whatever the lines come to.
    """
    typed = options.get("currency")
    lines: list[Line] = []
    found: dict[str, Any] = {}
    if options.get("line"):
        asked = typed
        if not asked and options.get("amount"):
            asked = parse_money(options["amount"], decimal=decimal or None, allow_negative=True).currency
        code, lines = lines_of(w.db, options["line"], currency=asked, usual=usual, decimal=decimal, known=known)
        worth = worth_of(lines)
        found = {"amount": worth.amount, "rest": worth.rest, "currency": code, "cost": total_cost(lines)}
        usual = [code]
    if options.get("amount") is not None:
        amount, code = _typed_money(options["amount"], typed, usual, decimal, "--amount")
        found |= {"amount": amount, "rest": 0, "currency": code}
    if options.get("cost") is not None:
        if not found and not usual:
            raise Misuse("--cost needs an amount", hint="Add --amount")
        code = found.get("currency") or next(one for one in usual if one)
        cost, its = _typed_money(options["cost"], None, [code], decimal, "--cost")
        if its != code:
            raise Misuse("{option} {amount} is not in {currency}", option="--cost", amount=options["cost"],
                         currency=code)  # fmt: skip
        found["cost"] = cost
    return found, lines


def _typed_money(
    text: str, typed: str | None, usual: Sequence[str | None], decimal: str, option: str
) -> tuple[int, str]:
    code = parse_currency(typed) if typed else next((one for one in usual if one), None)
    money = parse_money(text, currency=code, decimal=decimal or None, allow_negative=True)
    if money.currency is None:
        raise Misuse(
            "{amount} has no currency",
            hint="Type {option} {amount}EUR, or add --currency EUR. Once for all: crm config set currency EUR",
            amount=text,
            option=option,
        )
    if typed and money.currency != code:
        raise Misuse("{option} {amount} is not in {currency}", option=option, amount=text, currency=code)
    return money.amount, money.currency


# ------------------------------------------------------------------ what is refused, what is said


def refuse_known(w: Work, customer_id: int, number: str | None, order_id: int | None = None) -> None:
    """Conflict where the customer has an order of that number already."""
    found = w.db.row(
        "SELECT id, number FROM sales_order WHERE number_key = :key AND customer_id = :customer AND removed_at IS NULL"
        " AND id IS NOT :own ORDER BY id LIMIT 1",
        {"key": _number_key(number), "customer": customer_id, "own": order_id},
    )
    if found:
        raise reaches.already("order", found[0], found[1], found[1])


def _refuse_other_deal(w: Work, deal_id: int | None, customer_id: int) -> None:
    """The deal of an order is one of its customer."""
    found = w.db.row(
        "SELECT d.title, c.name FROM deal d JOIN customer c ON c.id = d.customer_id WHERE d.id = :id"
        " AND d.customer_id <> :customer",
        {"id": deal_id, "customer": customer_id},
    )
    if found:
        raise Conflict(
            "{deal} is a deal of {customer}, not of this customer",
            hint="See: crm deal list customer_id:{id}",
            deal=found[0],
            customer=found[1],
            id=customer_id,
        )


def label(w: Work, row: Any) -> str:
    """What a sentence calls an order: its number and whose it is."""
    customer = str(w.db.value("SELECT name FROM customer WHERE id = :id", {"id": row.customer_id}))
    return listed([row.number, customer], clauses=True) if row.number else customer


def told(w: Work, row: Any) -> dict[str, Any]:
    """The order, its amount and its day."""
    facts = [format_money(row.amount, row.currency), spell_day(row.ordered_on, language())]
    return {"id": row.id, "order": label(w, row), "facts": listed(facts, clauses=True)}


def notes_of(w: Work, row: Any) -> list[Note]:
    """Who buys becomes a customer, as in other systems, and that is said; a day that has not come is said too."""
    notes: list[Note] = []
    if row.ordered_on > w.today:
        day = spell_day(row.ordered_on, language())
        notes.append(("{day} has not come yet: no report counts it before", {"day": day}))
    elif (was := become_customer(w, row)) is not None:
        notes.append((said("{name} is a customer now, no longer {was}"), was))
    return notes


def become_customer(w: Work, row: Any) -> dict[str, Any] | None:
    """Who has bought is no prospect any more: name and status before; None where nothing had to change."""
    found = w.db.row("SELECT name, status FROM customer WHERE id = :id", {"id": row.customer_id})
    if row.amount <= 0 or found is None or found[1] not in BEFORE:
        return None
    from crm_cli.model.customer import Customer

    changed(w.get(Customer, row.customer_id), {"status": "customer"}, w.now)
    return {"name": found[0], "was": names.shown("status", found[1], language())}


# ------------------------------------------------------------------ changed


def edit_orders(
    w: Work, ids: list[int], options: dict[str, Any], *, country: str | None, currency: str, decimal: str
) -> Change:
    """Change the options given on every one of the orders; lines are replaced by those typed."""
    given = _read(w, options, country)
    if options.get("customer"):
        given["customer_id"] = Finder(w.db, ["customer"], country=country).one(options["customer"]).id
    emptied, kinds = reaches.cleared("order", options.get("clear") or [], _CLEARABLE, _KINDS)
    given.update(emptied)
    if given.get("number") and len(ids) > 1:
        raise Misuse("One number cannot be that of several orders", hint="Name one order")
    touched: list[int] = []
    notes: list[Note] = []
    row: Any = None
    for record_id in ids:
        row = w.get(SalesOrder, record_id)
        before = rates.worth_of(row)
        if _edit(w, row, given, kinds, options, decimal):
            row.updated_at = w.now
            notes += notes_of(w, row)
            notes += rates.freeze_order(w, row) if rates.worth_of(row) != before else []
            touched.append(record_id)
    facts = _echo(w, row, options) if len(ids) == 1 else []
    return edited("order", ids, touched, name=label(w, row), facts=facts, notes=notes)


def _edit(w: Work, row: Any, given: dict[str, Any], kinds: list[str], options: dict[str, Any], decimal: str) -> bool:
    """One order, its amount and its lines."""
    known = known_products(w.db, "order_line", "order_id", row.id)
    money, lines = _money(w, options, [row.currency], decimal, known=known)
    money |= _other_currency(w, row, options, money)
    whole = {column: getattr(row, column) for column in OrderInput.model_fields}
    new = checked(OrderInput, {**whole, **given, **money})
    if {"customer_id", "deal_id"} & set(given):
        _refuse_other_deal(w, new["deal_id"], new["customer_id"])
    if {"customer_id", "number"} & set(given):
        refuse_known(w, new["customer_id"], new["number"], row.id)
    differs = changed(row, {**new, "number_key": _number_key(new["number"])}, w.now)
    differs |= set_custom(row, options.get("set"))
    if lines or "line" in kinds:
        differs |= keep_lines(w, OrderLine, "order_id", row.id, lines)
    return differs


def _other_currency(w: Work, row: Any, options: dict[str, Any], money: dict[str, Any]) -> dict[str, Any]:
    """Another currency alone keeps the number, not the minor units; lines and costs have theirs, and stay."""
    code = parse_currency(options["currency"]) if options.get("currency") else row.currency
    if code == row.currency or "amount" in money:
        return {}
    if row.cost is not None or w.db.value("SELECT 1 FROM order_line WHERE order_id = :id LIMIT 1", {"id": row.id}):
        raise Misuse(
            "The order has lines or a cost in {currency}", hint="Type them anew: --line, --cost", currency=row.currency
        )
    amount, rest = divmod(row.amount * scale(code), scale(row.currency))
    if rest:
        raise Misuse("The amount has more decimals than {currency} allows", hint="Add --amount", currency=code)
    return {"amount": amount, "rest": 0, "currency": code}


def _echo(w: Work, row: Any, options: dict[str, Any]) -> list[str]:
    """The amount and the day as they were understood."""
    told_ = [format_money(row.amount, row.currency)] if {"amount", "currency", "line"} & set(options) else []
    return told_ + ([spell_day(row.ordered_on, language())] if options.get("on") else [])


# ------------------------------------------------------------------ from a deal


def order_deals(w: Work, change: Change, *, on: date | None, number: str | None) -> Change:
    """An order of each deal that was just won: its lines, else its amount."""
    if number and len(change.ids) > 1:
        raise Misuse("One number cannot be that of several orders", hint="Win one deal at a time")
    made: list[int] = []
    notes = list(change.notes)
    for deal_id in change.ids:
        row = _of_deal(w, deal_id, on or w.today, squeeze(number) if number else None)
        made.append(row.id)
        notes.append(("Added order {id}: {order} ({facts})", told(w, row)))
        notes += [*notes_of(w, row), *rates.freeze_order(w, row)]
    return change._replace(notes=notes, others=[*change.others, ("order", made)])


def _of_deal(w: Work, deal_id: int, day: date, number: str | None) -> Any:
    customer_id, owner_id, amount, currency, title = w.db.rows(
        "SELECT customer_id, owner_id, amount, currency, title FROM deal WHERE id = :id", {"id": deal_id}
    )[0]
    lines = _lines_of_deal(w, deal_id, currency)
    if customer_id is None:
        raise Misuse(
            "{title} has no customer: no order can be made of it",
            hint="Type: crm deal edit {id} --customer NAME",
            title=title,
            id=deal_id,
        )
    if amount is None and not lines:
        raise Misuse(
            "{title} has no amount: no order can be made of it",
            hint="Type: crm deal edit {id} --amount 250EUR",
            title=title,
            id=deal_id,
        )
    worth = worth_of(lines)
    money = {"amount": worth.amount, "rest": worth.rest, "cost": total_cost(lines)} if lines else {"amount": amount}
    refuse_known(w, customer_id, number)
    own = {
        "customer_id": customer_id,
        "deal_id": deal_id,
        "owner_id": owner_id,
        "number": number,
        "ordered_on": day,
        "currency": currency,
        **money,
    }
    row = _new_row(w, checked(OrderInput, own))
    w.add(row)
    keep_lines(w, OrderLine, "order_id", row.id, lines)
    return row


def _lines_of_deal(w: Work, deal_id: int, currency: str | None) -> list[Line]:
    """The lines of a deal, with what rounding left off."""
    rows = w.db.rows(
        "SELECT product_id, text, quantity, price, discount, amount, cost FROM deal_line WHERE deal_id = :id"
        " ORDER BY position, id",
        {"id": deal_id},
    )
    found = []
    for product_id, text, quantity, price, discount, amount, cost in rows:
        rest = 0
        if price is not None and currency:
            worth = line_worth(quantity, Decimal(price), discount, currency)
            rest = worth.rest if worth.amount == amount else 0
        found.append(Line(product_id, text, quantity, price, discount, amount, cost, rest))
    return found
