"""What goes with a product, on the screen: the solution that its links make, the sums, and who bought it."""

from typing import Any

from crm_cli.i18n import listed, t, tn
from crm_cli.output import cards
from crm_cli.output.output import Output
from crm_cli.rules.money import format_number
from crm_cli.rules.text import clean, wrap

Row = dict[str, Any]
_PARTS = {
    "included": "Included",
    "required": "Required besides",
    "recommended": "Recommended",
}


def show_solution(out: Output, record: Row) -> None:
    """The sections that stand below the facts of a product."""
    for part, title in _PARTS.items():
        if record[part]:
            cards.section(out, t(title), len(record[part]))
            _parts(out, record, record[part])
    for key, sentence in _LINKED.items():
        if record[key]:
            _say(out, t(sentence, products=listed(_named(row) for row in record[key])))
    if record["sums"] and (record["included"] or record["required"]):
        cards.section(out, t("The complete solution"))
        for one in record["sums"]:
            _say(out, _summed(record, one))
    _bought(out, record["bought"])


_LINKED = {
    "part_of": "Included in: {products}",
    "replaces": "Replaces: {products}",
    "replaced_by": "Replaced by: {products}",
}


def _named(row: Row) -> str:
    return clean(f"{row['code']} {row['name']}")


def _parts(out: Output, record: Row, rows: list[Row]) -> None:
    """A line a product: how much of it, its price, and what brings it in where that is not the product itself."""
    heads = [t(word) for word in ("quantity", "code", "name", "price", "for")]
    cells = [
        [
            clean(" ".join(filter(None, [f"{row['quantity']:,}", row["unit"], _months(row["months"])]))),
            clean(row["code"]),
            clean(row["name"]),
            listed(_money(price["amount"], price["currency"]) for price in row["prices"]),
            "" if row["by"] == record["code"] else clean(row["by"]),
        ]
        for row in rows
    ]
    kept = [i for i in range(len(heads)) if any(row[i] for row in cells)]
    heads, cells = [heads[i] for i in kept], [[row[i] for i in kept] for row in cells]
    if out.format == "md":
        out.markdown(heads, ["---"] * len(heads), cells)
    else:
        out.draw(heads, cells, ranks=[[1, 0, 0, 2, 3][i] for i in kept], right={kept.index(3)} if 3 in kept else set())


def _months(months: int | None) -> str:
    return "" if months is None else "x " + tn("{n} month", "{n} months", months)


def _money(amount: Any, currency: str) -> str:
    return format_number(amount, currency)


def _summed(record: Row, one: Row) -> str:
    """`EUR: 1,200; bought singly 1,500; required besides 300; together 1,500`, or what has no price."""
    code = one["currency"]
    told = []
    if one["price"] is not None:
        told.append(t("{product}: {amount}", product=clean(record["code"]), amount=_money(one["price"], code)))
    if one["parts"] is not None and one["parts"] != one["price"]:
        told.append(t("what is included, bought singly: {amount}", amount=_money(one["parts"], code)))
    if record["required"] and not one["missing"]:
        told.append(t("required besides: {amount}", amount=_money(one["required"], code)))
    if one["total"] is not None:
        told.append(t("together: {amount}", amount=_money(one["total"], code)))
    if one["missing"]:
        lacking = listed(clean(product) for product in one["missing"])
        told.append(t("no price in {currency}: {products}", currency=code, products=lacking))
    return listed(told, clauses=True)


def _bought(out: Output, bought: Row) -> None:
    cards.section(out, t("Bought"))
    if not bought["customers"]:
        _say(out, t("Nobody has bought it yet"))
        return
    money = listed(_money(one["amount"], one["currency"]) for one in bought["amounts"])
    told = [
        tn("{n} order", "{n} orders", bought["orders"]),
        *([tn("{n} return", "{n} returns", bought["returns"])] if bought["returns"] else []),
        tn("{n} customer", "{n} customers", bought["customers"]),
        t("quantity {quantity}", quantity=f"{bought['quantity']:,}"),
        money,
        t("last on {day}", day=bought["last_on"]),
    ]
    _say(out, listed(told, clauses=True))
    for buyer in bought["buyers"]:
        who = f"{clean(buyer['name'])} (customer:{buyer['id']})"
        _say(out, listed([buyer["last_on"], who, f"{buyer['quantity']:,}"], clauses=True))


def _say(out: Output, text: str) -> None:
    out.lines(wrap(text, out.width) if out.is_terminal else [text])
