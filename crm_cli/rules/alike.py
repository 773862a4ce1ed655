"""How much speaks for two records being one: what they share, weighed; and what speaks against it. Pure."""

from collections.abc import Sequence
from typing import Any, NamedTuple

Reason = tuple[str, dict[str, Any]]

# what each thing in common is worth by itself, for a company and for a person
_SHARED = {"email": (0.75, 0.75), "phone": (0.60, 0.50), "website": (0.55, 0.30), "messenger": (0.70, 0.75)}
_NAME, _NAME_PERSON, _NAME_SHORT = 0.70, 0.62, 0.50  # of two or three signs many are called the same
_BESIDE = {
    "city": (0.25, 0.12),
    "domain": (0.40, 0.35),
    "address": (0.45, 0.40),
    "birthday": (0.30, 0.45),
    "customer": (0.55, 0.55),
}
_UNLIKE, _UNLIKE_PERSON = 0.70, 0.45  # names that have nothing in common
_OTHER_BIRTHDAY, _OTHER_COUNTRY, _OTHER_CITY = 0.40, 0.80, 0.90
_FROM_ALIKE = 85.0


class Side(NamedTuple):
    """What is compared of a record: `key` is its name without what does not tell, `beside` what may bear a name out."""

    id: int
    name: str
    name_key: str
    key: str
    is_person: bool
    parent_id: int | None
    country: str
    beside: dict[str, str]


class Verdict(NamedTuple):
    """0 to 100, and why."""

    score: int
    reasons: list[Reason]


def weigh(one: Side, other: Side, name: float, shared: Sequence[tuple[str, str, int]]) -> Verdict:
    """`name` is how alike the names are; `shared` are ways to be reached that both have: kind, value, how many have it.

    A name alone is never enough; a way to be reached is not for a parent and its children, a person and a company.
    """
    person = one.is_person and other.is_person
    alike = name >= _FROM_ALIKE
    reasons: list[Reason] = []
    doubt = 1.0
    for kind, value, holders in shared:
        if alike or not _by_nature(one, other, kind):
            doubt *= 1 - _SHARED[kind][person] * _told_by(holders)
            reasons.append(_said(kind, value))
    beside = _beside(one, other, shared) if alike else []
    if alike and (reasons or beside):
        doubt *= 1 - _name_weight(one, other, name)
        reasons.append(_named(one, other, name))
    for kind in beside:
        doubt *= 1 - _BESIDE[kind][person]
        reasons.append(_said(kind, one.beside[kind]))
    if not reasons:
        return Verdict(0, [])
    return Verdict(min(99, int(100 * (1 - doubt) * _against(one, other, name, person) + 0.5)), reasons)


def _by_nature(one: Side, other: Side, kind: str) -> bool:
    """Whether they share a way to be reached without being one: a parent and its children, somebody and a company,
    people of one company behind its switchboard."""
    family = (one.parent_id is not None and one.parent_id in (other.parent_id, other.id)) or other.parent_id == one.id
    if family or one.is_person != other.is_person:
        return True
    colleagues = one.beside.get("customer") is not None and one.beside.get("customer") == other.beside.get("customer")
    return colleagues and kind in ("phone", "website")


def _beside(one: Side, other: Side, shared: Sequence[tuple[str, str, int]]) -> list[str]:
    """What bears out that they are called alike."""
    found = [kind for kind, value in one.beside.items() if kind in _BESIDE and value == other.beside.get(kind)]
    if any(kind == "email" for kind, _, _ in shared):
        return [kind for kind in found if kind != "domain"]  # the same thing once more
    return found


def _told_by(holders: int) -> float:
    """What few have tells much; what many have little."""
    return {0: 1.0, 1: 1.0, 2: 1.0, 3: 0.9, 4: 0.75}.get(holders, 0.5)


def _name_weight(one: Side, other: Side, name: float) -> float:
    """From somewhat less than half at the least likeness to the whole for the same name."""
    if one.is_person and other.is_person:
        whole = _NAME_SHORT if len(one.key) <= 3 else _NAME_PERSON
    else:
        whole = _NAME_SHORT if len(one.key) <= 2 else _NAME
    return whole if name >= 100 else whole * (0.55 + 0.40 * (name - _FROM_ALIKE) / (100 - _FROM_ALIKE))


def _said(kind: str, value: str) -> Reason:
    """What is in common, as a sentence and what fills it."""
    return {
        "email": ("same e-mail {value}", {"value": value}),
        "phone": ("same phone {value}", {"value": value}),
        "website": ("same website {value}", {"value": value}),
        "messenger": ("same handle {value}", {"value": value}),
        "city": ("same city", {}),
        "domain": ("same mail domain {value}", {"value": value}),
        "address": ("same address", {}),
        "birthday": ("same birthday {value}", {"value": value}),
        "customer": ("same customer", {}),
    }[kind]


def _named(one: Side, other: Side, name: float) -> Reason:
    if one.name_key == other.name_key:
        return "same name", {}
    if name >= 100:
        return "same name but for form, place or order", {}
    return "name {percent} % alike", {"percent": int(name)}


def _against(one: Side, other: Side, name: float, person: bool) -> float:
    """What takes from it, as a factor."""
    factor = 1.0
    if name < 50 and not _overlap(one.key, other.key):
        factor *= _UNLIKE_PERSON if person else _UNLIKE
    for kind, less in (("birthday", _OTHER_BIRTHDAY), ("city", _OTHER_CITY)):
        mine, theirs = one.beside.get(kind), other.beside.get(kind)
        factor *= less if mine and theirs and mine != theirs else 1.0
    if one.country and other.country and one.country != other.country:
        factor *= _OTHER_COUNTRY
    return factor


def _overlap(one: str, other: str) -> bool:
    """Whether a whole word is in both, or one name begins with the other."""
    if one.startswith(other) or other.startswith(one):
        return True
    return any(len(word) > 2 for word in set(one.split()) & set(other.split()))
