"""Which kind of record a file holds, told by its headers alone; where they fit several kinds, nobody guesses."""

from collections.abc import Mapping, Sequence

from crm_cli.rules.aliases import COMPUTED, KINDS, names_people, normal, target_of
from crm_cli.rules.fields import keys_of
from crm_cli.rules.stepdays import day_of_step

# Without one of these the rows can be no record of that kind.
_NEEDED = {
    "customers": ("name", "first_name", "last_name", "contact"),
    "contacts": ("name", "first_name", "last_name"),
    "deals": ("title", "amount", "stage"),
    "interactions": ("text", "channel"),
    "tasks": ("text",),
    "orders": ("ordered_on", "number"),
    "products": ("name", "code"),
}
# Fields that hardly any other kind has say more than those that several have.
_TELLING = {
    "customers": "kind status parent industry size region website contact contact_phone contact_email contact_title"
    " next_step next_on last_contact cadence_days".split(),
    "contacts": "title role".split(),
    "deals": "stage pipeline amount probability expected_close_on closed_on close_on lost_reason".split(),
    "interactions": "channel direction at outcome duration_minutes".split(),
    "tasks": "due_on due_at priority every done_at".split(),
    "orders": "number ordered_on quantity price code product line_amount discount lines".split(),
    "products": "code category unit price prices cost active discontinued audience".split(),
}
# Fields that mean little by themselves: every list has them.
_WEAK = ("note", "created_at", "updated_at", "external_id", "external_source", "tags", "owner")
_CUSTOMER_IDS = ("客户编号", "客户id", "客户号", "customerid", "customernumber", "customerno")
_MARGIN = 2


def guess_kind(headers: Sequence[str], maps: Mapping[str, str]) -> tuple[str | None, list[str]]:
    """The kind, or None and the kinds that are likely. `maps` is normal header -> field, as --map says it."""
    own = _own(headers)
    if own:
        return own, [own]
    points = {kind: _points(kind, headers, maps) for kind in KINDS}
    best = max(points.values())
    if not best:
        # customers by number alone are told which column to map; what is nothing at all is asked about
        named = bool(headers) and normal(headers[0]) in _CUSTOMER_IDS
        return ("customers", ["customers"]) if named else (None, list(KINDS))
    rivals = sorted((kind for kind in KINDS if best - points[kind] < _MARGIN), key=lambda kind: -points[kind])
    if set(rivals) == {"customers", "contacts"}:
        rivals = [_people_or_customers(headers, maps)]
    return (rivals[0], rivals) if len(rivals) == 1 else (None, rivals)


def _people_or_customers(headers: Sequence[str], maps: Mapping[str, str]) -> str:
    """People of a company are its contacts; those without one, and companies with a contact, are customers."""
    meant = _meant("contacts", headers, maps)
    if "customer" not in meant:
        return "contacts" if meant & {"title", "role"} else "customers"
    by_name = bool(meant & {"first_name", "last_name"}) or any(map(names_people, headers))
    return "customers" if not by_name and "contact" in _meant("customers", headers, maps) else "contacts"


def _own(headers: Sequence[str]) -> str | None:
    """The noun whose public keys all headers are, where there are several and only one noun has them all."""
    fits = [kind for kind, noun in KINDS.items() if set(headers) <= set(keys_of(noun))]
    whole = [kind for kind in fits if {"id", "uuid"} <= set(headers)]
    return whole[0] if len(whole) == 1 else None


def _meant(kind: str, headers: Sequence[str], maps: Mapping[str, str]) -> set[str]:
    """The fields of a kind that the headers mean."""
    found = set()
    for header in headers:
        typed = maps.get(normal(header))
        target = target_of(kind, typed if typed is not None else header)
        if target and target.field not in COMPUTED[kind]:
            found.add(target.field)
    if kind == "customers" and "next_step" in found and "next_on" not in found:
        targets = [target_of(kind, maps.get(normal(header), header)) for header in headers]
        free = {place: headers[place] for place, target in enumerate(targets) if target is None}
        step = next(place for place, target in enumerate(targets) if target and target.field == "next_step")
        found |= {"next_on"} if day_of_step(free, step) is not None else set()
    if kind == "customers" and "contact" not in found:
        found -= {"contact_title", "contact_role", "contact_email", "contact_phone"}
    return found


def _sum(meant: set[str], kind: str) -> int:
    telling = _TELLING[kind]
    return sum(0 if field in _WEAK else 2 if field in telling else 1 for field in meant)


def _points(kind: str, headers: Sequence[str], maps: Mapping[str, str]) -> int:
    """How well the headers fit a kind: 0 where what it needs is missing, or --map names what it has not."""
    if any(target_of(kind, field) is None for field in maps.values() if field not in ("", "-", "ignore", "skip")):
        return 0
    meant = _meant(kind, headers, maps)
    if not meant & set(_NEEDED[kind]):
        return 0
    if kind in ("tasks", "interactions", "deals") and not meant & set(_TELLING[kind]):
        return 0
    if kind == "orders" and not _are_orders(meant):
        return 0
    if kind == "products" and not _are_products(headers, maps):
        return 0
    return _sum(meant, kind) + 1


def _are_orders(meant: set[str]) -> bool:
    """A day, somebody who bought, and the number of an order or what was bought for how much."""
    bought = {"quantity", "price"} <= meant or bool(meant & {"lines", "line_amount"})
    numbered = "number" in meant and bool(meant & {"amount", "price", "quantity"})
    return "ordered_on" in meant and bool(meant & {"customer", "customer_key", "email"}) and (bought or numbered)


def _are_products(headers: Sequence[str], maps: Mapping[str, str]) -> bool:
    """A name or code that is said to be a product's, what it costs or is, and nothing of a sale or of people."""
    others = [header for header in headers if target_of("products", header) is None]
    sold = _meant("orders", others, maps) & {"ordered_on", "number", "quantity", "customer", "customer_key", "email"}
    people = _meant("customers", others, maps) & {"email", "phone", "contact", "first_name", "last_name"}
    of_deals = _meant("deals", others, maps) & {"stage", "probability", "customer", "closed_on", "expected_close_on"}
    named = any(normal(header).startswith(_OF_PRODUCTS) or normal(header) in _CODES for header in headers)
    told = _meant("products", headers, maps) & set(_TELLING["products"])
    return named and bool(told) and not (sold or people or of_deals)


_OF_PRODUCTS = ("product", "item", "sku", "产品", "商品", "货号", "品名")
_CODES = ("code", "stockcode", "articleno", "listprice", "salesprice", "unitprice", "costprice")
