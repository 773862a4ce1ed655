"""Likely duplicates: pairs that share a way to be reached, or a name and something that bears it out, weighed.

Nothing is compared with everything: records meet in blocks, those with the same key or with the same city, domain or
birthday and the same beginning or end of the name. What too many share makes no block.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from crm_cli.queries.dupes_sides import Sides, load
from crm_cli.rules.alike import Reason, Side, weigh
from crm_cli.rules.likeness import ALIKE, is_misspelt, likeness
from crm_cli.store.reader import Reader

SHARED = 12  # a way to be reached that more have, such as a switchboard, says nothing
_ALL = 25  # records of a block that are compared with each other; in a larger one each with its neighbours
_NEIGHBOURS = 12
_PART = 3  # signs at the beginning or end of a name; two of Chinese
_MOST_GROUP = 20

Pairs = dict[tuple[int, int], list[tuple[str, str, int]]]


class Pair(NamedTuple):
    """Two records that are likely one, the lower id first."""

    score: int
    one: int
    other: int
    reasons: list[Reason]


def likely_pairs(db: Reader, noun: str, *, least: int, among: set[int] | None = None) -> list[Pair]:
    """The pairs of a noun that score at least so much, best first; with `among` one of both is of these."""
    sides = load(db, noun)
    pairs = _reached_alike(sides)
    for place, other in _named_alike(sides, among):
        pairs.setdefault((place, other), [])
    known = set(db.rows("SELECT low_id, high_id FROM not_duplicate WHERE noun = :noun", {"noun": noun}))
    found = []
    for (place, other), shared in pairs.items():
        one, two = sides.rows[place], sides.rows[other]
        if (one.id, two.id) in known or (among is not None and one.id not in among and two.id not in among):
            continue
        name = likeness(one.key, two.key)
        if name >= ALIKE and not is_misspelt(one.key, two.key):
            name = ALIKE - 1
        score, reasons = weigh(one, two, name, shared)
        if score >= max(1, least):
            found.append(Pair(score, one.id, two.id, reasons))
    return sorted(found, key=lambda pair: (-pair.score, pair.one, pair.other))


# ------------------------------------------------------------------ who is compared with whom


def _reached_alike(sides: Sides) -> Pairs:
    """Places of records that share an e-mail, a phone, a website or a handle, with what they share."""
    pairs: Pairs = {}
    for (kind, value), places in sides.reached.items():
        if not 1 < len(places) <= SHARED:
            continue
        for i, place in enumerate(places):
            for other in places[i + 1 :]:
                pairs.setdefault((place, other), []).append((kind, value, len(places)))
    return pairs


def _named_alike(sides: Sides, among: set[int] | None) -> Iterator[tuple[int, int]]:
    """Places of records whose names are alike and that have something beside it in common; some twice."""
    for kind in sides.kinds:
        blocks: dict[int, list[int]] = {}
        for place, side in enumerate(sides.rows):
            value = side.beside.get(kind)
            if value:
                for part in _parts(side.key):
                    blocks.setdefault(hash((value, part)), []).append(place)
        for block in blocks.values():
            if len(block) < 2 or (among is not None and not any(sides.rows[place].id in among for place in block)):
                continue
            for one, other in _meetings(block, sides.rows):
                left, right = sides.rows[one], sides.rows[other]
                if is_misspelt(left.key, right.key) and left.beside.get(kind) == right.beside.get(kind):
                    yield (one, other) if one < other else (other, one)


def _parts(key: str) -> Iterable[str]:
    """The beginning and the end of a name: a slip of the hand leaves one of them."""
    n = _PART if key.isascii() else 2
    return (f"^{key[:n]}", f"{key[-n:]}$") if len(key) > n else (f"^{key}",)


def _meetings(block: list[int], rows: list[Side]) -> Iterator[tuple[int, int]]:
    """Each with each; in a large block each with its neighbours by name, read from either end."""
    if len(block) <= _ALL:
        for i, one in enumerate(block):
            for other in block[i + 1 :]:
                yield one, other
        return
    for backwards in (False, True):
        step = -1 if backwards else 1
        ordered = sorted(block, key=lambda place: (rows[place].key[::step], place))
        for i, one in enumerate(ordered):
            for other in ordered[i + 1 : i + 1 + _NEIGHBOURS]:
                yield one, other


# ------------------------------------------------------------------ groups


def groups(pairs: list[Pair]) -> list[list[Pair]]:
    """Pairs by group, best first: a group are records each of which is likely the same as each other one. A pair
    between two groups stands alone: merging one of them comes first."""
    scored = {(pair.one, pair.other): pair for pair in pairs}
    group_of: dict[int, list[int]] = {}
    left = []
    for pair in pairs:
        one, other = (group_of.setdefault(row_id, [row_id]) for row_id in (pair.one, pair.other))
        if one is other:
            continue
        whole = len(one) + len(other) <= _MOST_GROUP and all(
            (min(a, b), max(a, b)) in scored for a in one for b in other
        )
        if not whole:
            left.append(pair)
            continue
        one += other
        for row_id in other:
            group_of[row_id] = one
    found: dict[int, list[Pair]] = {}
    alone = {(pair.one, pair.other) for pair in left}
    for pair in pairs:
        if (pair.one, pair.other) not in alone:
            found.setdefault(id(group_of[pair.one]), []).append(pair)
    return sorted([*found.values(), *([pair] for pair in left if _between(pair, group_of))], key=lambda g: -g[0].score)


def _between(pair: Pair, group_of: dict[int, list[int]]) -> bool:
    """Whether it still leads from one group to another, now that all are known."""
    return group_of[pair.one] is not group_of[pair.other]
