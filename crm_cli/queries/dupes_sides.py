"""What the search for duplicates reads of every record: its name without what does not tell, what may bear it out."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from crm_cli.rules.alike import Side
from crm_cli.rules.companies import company_key
from crm_cli.rules.likeness import person_key
from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader

# whoever has an address with one of these has it from a provider of addresses
_PROVIDERS = frozenset(
    "gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com icloud.com me.com"
    " mac.com aol.com"
    " gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de posteo.de mailbox.org proton.me"
    " protonmail.com mail.com"
    " yandex.ru yandex.com mail.ru orange.fr free.fr laposte.net libero.it comcast.net verizon.net att.net qq.com"
    " foxmail.com 163.com 126.com yeah.net vip.163.com sina.com sina.cn sohu.com 139.com 189.cn aliyun.com"
    " 21cn.com naver.com"
    " hanmail.net daum.net hotmail.co.uk yahoo.co.uk yahoo.co.jp yahoo.de hotmail.de live.de outlook.de".split()
)
# hosts where many have a page
_PORTALS = frozenset(
    "facebook.com linkedin.com twitter.com x.com instagram.com youtube.com xing.com github.com wixsite.com taobao.com"
    " 1688.com weibo.com tmall.com google.com sites.google.com wordpress.com blogspot.com".split()
)
_KINDS = {
    "customer": ("city", "domain", "address", "birthday"),
    "contact": ("customer", "domain", "birthday"),
}
_CITY_ENDS = ("市", " city", " stadt")


class Sides(NamedTuple):
    """The records in the order of their ids, who of them has which way to be reached, and what may bear a"
    " name out."""

    rows: list[Side]
    reached: dict[tuple[str, str], list[int]]
    kinds: tuple[str, ...]


def load(db: Reader, noun: str) -> Sides:
    """Everything that is compared of the live records of a noun."""
    rows = list(_customers(db) if noun == "customer" else _contacts(db))
    places = {side.id: place for place, side in enumerate(rows)}
    reached: dict[tuple[str, str], list[int]] = {}
    for owner, kind, value in db.stream(
        f"SELECT {noun}_id, kind, value_key FROM reach WHERE {noun}_id IS NOT NULL ORDER BY {noun}_id"
    ):
        place = places.get(owner)
        if place is None or (kind == "website" and value.removeprefix("www.") in _PORTALS):
            continue
        holders = reached.setdefault((kind, value), [])
        if not holders or holders[-1] != place:
            holders.append(place)
        domain = value.rpartition("@")[2] if kind == "email" else ""
        if domain and domain not in _PROVIDERS:
            rows[place].beside.setdefault("domain", domain)
    return Sides(rows, reached, _KINDS[noun])


def _customers(db: Reader) -> Iterator[Side]:
    for row_id, name, name_key, kind, parent, country, city, address, birthday in db.stream(
        "SELECT id, name, name_key, kind, parent_id, country, city, address, birthday FROM customer"
        " WHERE removed_at IS NULL ORDER BY id"
    ):
        person = kind == "person"
        beside = {"city": _city(city), "address": _plain(address), "birthday": birthday or ""}
        key = person_key(name) if person else company_key(name)
        yield Side(row_id, name, name_key, key, person, parent, country or "", _filled(beside))


def _contacts(db: Reader) -> Iterator[Side]:
    for row_id, name, name_key, customer, birthday in db.stream(
        "SELECT id, name, name_key, customer_id, birthday FROM contact WHERE removed_at IS NULL ORDER BY id"
    ):
        beside = {"customer": str(customer or ""), "birthday": birthday or ""}
        yield Side(row_id, name, name_key, person_key(name), True, None, "", _filled(beside))


def _filled(beside: dict[str, str]) -> dict[str, str]:
    return {kind: value for kind, value in beside.items() if value}


_cities: dict[str, str] = {}


def _city(typed: str | None) -> str:
    """上海市 and 上海 are one."""
    if not typed:
        return ""
    known = _cities.get(typed)
    if known is None:
        known = fold(typed)
        for end in _CITY_ENDS:
            known = known.removesuffix(end)
        _cities[typed] = known
    return known


def _plain(address: Any) -> str:
    """An address without what is typed in many ways; a short one tells nothing."""
    text = "".join(sign for sign in fold(str(address or "")) if sign.isalnum())
    return text if len(text) >= 8 else ""
