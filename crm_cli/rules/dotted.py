"""Columns through other records: the noun and the key that `deals.won.amount` or `customer.region` ends in."""

from typing import NamedTuple

from crm_cli.rules.relations import COUNT, CUSTOM, RELATIONS, find_relation, own_name, path


class Step(NamedTuple):
    """One step of a dotted name: from the noun by its relation to other records, then what is asked of those."""

    relation: str
    noun: str
    many: bool
    rest: list[str]


def step(noun: str, name: str) -> Step | None:
    """The first step of a dotted name; None where it leads to no other records."""
    parts = path(name) if noun in RELATIONS else []
    relation = find_relation(noun, parts[0]) if len(parts) > 1 and all(parts) and parts[0] not in CUSTOM else None
    if relation is None:
        return None
    return Step(relation, *RELATIONS[noun][relation], parts[1:])


def is_through(key: str) -> bool:
    """Whether a known key leads to other records: one of the user's own may have dots too."""
    return "." in key and own_name(key) is None


def is_count(rest: list[str]) -> bool:
    """Whether nothing but their number is asked for."""
    return len(rest) == 1 and rest[0] in COUNT


def end_of(noun: str, key: str) -> tuple[str, str]:
    """The noun and its key that a known dotted key ends in, its states left out: (deal, amount)."""
    while (found := step(noun, key)) is not None:
        noun = found.noun
        at = next((i for i in range(len(found.rest) - 1) if find_relation(noun, found.rest[i])), len(found.rest) - 1)
        key = ".".join(found.rest[at:])
    return noun, key
