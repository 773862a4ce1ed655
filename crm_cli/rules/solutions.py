"""The complete solution that follows from the links of a product: what is included, what it takes besides, the sums.

Included products multiply down the bundle: two packs of three are six. What is required is there once, in the largest
quantity that one of its links asks for, however many pieces ask; what is included already is not asked for again.
Quantities are in thousandths; months stand beside a service that runs on, and hold for all that it includes.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

ONE = 1000
_PER_MONTH = ("month", "months", "mo", "monat", "月", "个月")


class Link(NamedTuple):
    """What one product leads to; quantity in thousandths."""

    kind: str
    other: int
    quantity: int
    months: int | None


class Part(NamedTuple):
    """A product of a solution: how much of it, for how long, and which product brings it in."""

    product: int
    quantity: int
    months: int | None
    by: int


class Solution(NamedTuple):
    """What a product takes: included in it, required besides (with what those include), and recommended."""

    included: list[Part]
    required: list[Part]
    recommended: list[Part]


Links = Mapping[int, Sequence[Link]]


def solution(root: int, links: Links) -> Solution:
    """The solution of one piece of the root. Circles, which the program refuses, are not followed."""
    included = _included(Part(root, ONE, None, root), links)
    have = [Part(root, ONE, None, root), *included]
    there = {part.product for part in have}
    required: list[Part] = []
    asking = have
    while asking:
        wanted: dict[int, Part] = {}
        for part in asking:
            for link in links.get(part.product, ()):
                if link.kind != "requires" or link.other in there:
                    continue
                new = Part(link.other, link.quantity, link.months or part.months, part.product)
                if link.other not in wanted or wanted[link.other].quantity < new.quantity:
                    wanted[link.other] = new
        asking = [one for part in wanted.values() for one in [part, *_included(part, links)]]
        required += asking
        there |= {part.product for part in asking}
    recommended = {
        link.other: Part(link.other, link.quantity, link.months, part.product)
        for part in reversed([*have, *required])
        for link in reversed(links.get(part.product, ()))
        if link.kind == "recommended" and link.other not in there
    }
    return Solution(included, required, list(reversed(recommended.values())))


def _included(top: Part, links: Links) -> list[Part]:
    """All that a product includes, each after what it is in; one met by two ways stands once with both quantities."""
    found: dict[int, dict[int | None, Part]] = {top.product: {top.months: top}}
    order = _in_order(top.product, links)
    for product in order:
        for part in list(found[product].values()):
            for inner in _inner(part, links):
                before = found.setdefault(inner.product, {}).get(inner.months)
                if before is not None:
                    inner = before._replace(quantity=before.quantity + inner.quantity)
                found[inner.product][inner.months] = inner
    return [part for product in order[1:] for part in found[product].values()]


def _inner(part: Part, links: Links) -> list[Part]:
    """What a part includes itself."""
    return [
        Part(link.other, _times(part.quantity, link.quantity), link.months or part.months, part.product)
        for link in links.get(part.product, ())
        if link.kind == "included"
    ]


def _in_order(root: int, links: Links) -> list[int]:
    """The products under one, each after all that include it."""
    order: list[int] = []
    seen: set[int] = set()
    stack: list[tuple[int, bool]] = [(root, False)]
    while stack:
        product, is_done = stack.pop()
        if is_done:
            order.append(product)
        elif product not in seen:
            seen.add(product)
            stack.append((product, True))
            stack += [(link.other, False) for link in links.get(product, ()) if link.kind == "included"]
    return order[::-1]


def _times(quantity: int, factor: int) -> int:
    return _half_even(Decimal(quantity) * factor / ONE)


def _half_even(number: Decimal) -> int:
    return int(number.to_integral_value(ROUND_HALF_EVEN))


# ------------------------------------------------------------------ money


class Priced(NamedTuple):
    """What is known of a product's price: minor units by currency, and the unit that it is for."""

    prices: Mapping[str, int]
    unit: str | None


class Sum(NamedTuple):
    """What a solution comes to in one currency, minor units: the product itself, what it includes bought singly, what
    it requires besides, both together; `missing` are products without a price in it."""

    currency: str
    price: int | None
    parts: int | None
    required: int
    total: int | None
    missing: list[int]


def sums(root: int, found: Solution, priced: Mapping[int, Priced], links: Links) -> list[Sum]:
    """One sum for each currency that a product of the solution has a price in.

    A bundle without a price of its own costs what it includes. A unit that is a month counts once for each month.
    """
    top = Part(root, ONE, None, root)
    asked = [part for part in found.required if not _came_along(part, found.required, links)]
    own = [root, *(part.product for part in [*found.included, *found.required])]
    result = []
    for code in sorted({code for product in own for code in priced[product].prices}):
        missing: list[int] = []
        price = _worth(top, code, priced, links, missing)
        required = [_worth(part, code, priced, links, missing) for part in asked]
        besides = sum(one for one in required if one is not None)
        whole = None if price is None or None in required else price + besides
        parts = _worth(top, code, priced, links, [], singly=True) if found.included else None
        result.append(Sum(code, price, parts, besides, whole, list(dict.fromkeys(missing))))
    return result


def _came_along(part: Part, required: Sequence[Part], links: Links) -> bool:
    """Whether a required part is there because another required one includes it."""
    included = {link.other for link in links.get(part.by, ()) if link.kind == "included"}
    return part.product in included and any(other.product == part.by for other in required)


def _worth(
    top: Part, code: str, priced: Mapping[int, Priced], links: Links, missing: list[int], *, singly: bool = False
) -> int | None:
    """Its own price, else that of what it includes; None where a price is missing, which is noted.

    `singly` passes over the price of the top itself. Each price times its quantity is rounded half-even.
    """
    total, lacks = 0, False
    amounts: dict[int, dict[int | None, Part]] = {top.product: {top.months: top}}
    for product in _in_order(top.product, links):
        for part in list(amounts.get(product, {}).values()):
            known, inner = priced[product], _inner(part, links)
            if code in known.prices and not (singly and product == top.product):
                months = part.months if part.months and _is_month(known.unit) else 1
                total += _half_even(Decimal(known.prices[code]) * part.quantity * months / ONE)
            elif inner:
                for one in inner:
                    several = amounts.setdefault(one.product, {})
                    before = several.get(one.months)
                    several[one.months] = one._replace(quantity=before.quantity + one.quantity) if before else one
            else:
                missing.append(product)
                lacks = True
    return None if lacks else total


def _is_month(unit: str | None) -> bool:
    """Whether a price is for one month: seat/month, 月."""
    last = (unit or "").lower().replace("／", "/").split("/")[-1].split()[-1:]
    return bool(last) and (last[0] in _PER_MONTH or last[0].endswith("月"))
