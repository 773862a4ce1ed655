"""Lines of a deal or an order as a table: how many of what, the price of one, the discount, the amount."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from crm_cli.i18n import t
from crm_cli.output import cards
from crm_cli.output.output import Output
from crm_cli.rules.money import format_number
from crm_cli.rules.text import clean

_HEADS = ("quantity", "code", "product", "price", "discount", "amount")
_RANKS = (1, 2, 0, 4, 3, 0)
_RIGHT = {0, 3, 4, 5}


def _price(price: Decimal) -> str:
    """What one costs, as amounts are written: 48, 18.50; with all of its decimals where there are more than two."""
    if price == price.to_integral_value():
        return f"{price:,.0f}"
    return f"{price:,.2f}" if price == round(price, 2) else f"{price.normalize():,f}"


def show_lines(out: Output, lines: Sequence[dict[str, Any]], currency: str | None) -> None:
    """The lines below a heading; columns that say nothing are left out. `currency` is that of all amounts."""
    cards.section(out, t("Lines"), len(lines))
    cells = [
        [
            f"{line['quantity']:,}",
            clean(line["code"] or ""),
            clean(line["name"] or ""),
            "" if line["price"] is None else _price(Decimal(line["price"])),
            f"{line['discount']} %" if line["discount"] else "",
            format_number(line["amount"], currency or ""),
        ]
        for line in lines
    ]
    kept = [i for i in range(len(_HEADS)) if any(row[i] for row in cells)]
    heads = [t(_HEADS[i]) for i in kept]
    shown = [[row[i] for i in kept] for row in cells]
    right = {place for place, i in enumerate(kept) if i in _RIGHT}
    if out.format == "md":
        out.markdown(heads, ["---:" if place in right else "---" for place in range(len(kept))], shown)
    else:
        out.draw(heads, shown, ranks=[_RANKS[i] for i in kept], right=right)
