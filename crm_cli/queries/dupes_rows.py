"""Likely duplicates as they are told: which one to keep, what hangs on either, why, and the line that merges them."""

from collections.abc import Iterable, Sequence
from typing import Any

from crm_cli.queries.dupes import Pair, groups, likely_pairs
from crm_cli.queries.merging import Group, attached
from crm_cli.rules.alike import Reason
from crm_cli.store.reader import Reader, id_list

Row = dict[str, Any]
_PLURAL = {"contact": "contacts", "deal": "deals", "task": "tasks", "interaction": "interactions"}
_HANGS = {"customer": ("contact", "deal", "task", "interaction"), "contact": ("deal", "interaction")}


def dupe_rows(db: Reader, noun: str, *, least: int, among: set[int] | None = None, first: int = 1) -> list[Row]:
    """A row for each record that is likely the same as the one to keep, the best group first; groups are numbered
    from `first`. `because` is `reasons` before it is put into words."""
    found = groups(likely_pairs(db, noun, least=least, among=among))
    ids = {row_id for group in found for pair in group for row_id in (pair.one, pair.other)}
    names: dict[int, str] = dict(db.rows(f"SELECT id, name FROM {noun} WHERE id IN {id_list(ids)}"))
    hangs = attached(db, noun, ids)
    rows = []
    for number, group in enumerate(found, first):
        chosen = to_merge(group, hangs)
        line = " ".join(["crm", noun, "merge", *(str(row_id) for row_id in (chosen.keep, *chosen.drops))])
        for pair in group:
            if chosen.keep in (pair.one, pair.other):
                other = pair.other if pair.one == chosen.keep else pair.one
                rows.append(_row(noun, number, pair, (chosen.keep, other), names, hangs) | {"merge": line})
    return rows


def to_merge(group: Sequence[Pair], hangs: dict[int, dict[str, int]]) -> Group:
    """What most hangs on is kept, of equals the older one."""
    ids = sorted({row_id for pair in group for row_id in (pair.one, pair.other)})
    keep = max(ids, key=lambda row_id: (sum(hangs[row_id].values()), -row_id))
    return Group(keep, tuple(row_id for row_id in ids if row_id != keep))


def _row(
    noun: str, number: int, pair: Pair, ids: tuple[int, int], names: dict[int, str], hangs: dict[int, dict[str, int]]
) -> Row:
    keep, other = ids
    return {
        "score": pair.score,
        "group": number,
        "kind": noun,
        "id": keep,
        "name": names[keep],
        "attached": counts(noun, hangs[keep]),
        "other_id": other,
        "other_name": names[other],
        "other_attached": counts(noun, hangs[other]),
        "reasons": [in_english(reason) for reason in pair.reasons],
        "because": pair.reasons,
    }


def counts(noun: str, found: dict[str, int]) -> dict[str, int]:
    """What hangs on a record, by the plural of its noun; also what is none."""
    return {_PLURAL[kind]: found.get(kind, 0) for kind in _HANGS[noun]}


def in_english(reason: Reason) -> str:
    """As data says it, in every language."""
    sentence, holes = reason
    return sentence.format(**holes)


def groups_of(rows: Iterable[Row]) -> dict[str, list[Group]]:
    """The groups to merge, by noun. Whoever is in a group already is in none that scores less."""
    found: dict[str, dict[int, Group]] = {}
    used: set[tuple[str, int]] = set()
    numbers: dict[int, bool] = {}
    for row in rows:
        noun, number = row["kind"], row["group"]
        ends = {(noun, row["id"]), (noun, row["other_id"])}
        if number not in numbers:
            numbers[number] = not used & ends
        if not numbers[number]:
            continue
        group = found.setdefault(noun, {}).get(number, Group(row["id"], ()))
        found[noun][number] = group._replace(drops=(*group.drops, row["other_id"]))
        used |= ends
    return {noun: list(by_number.values()) for noun, by_number in found.items()}


def dismissed(db: Reader, noun: str) -> list[Row]:
    """Pairs that were said to be no duplicates, newest first, with the operation that said so."""
    return db.dicts(
        f"SELECT '{noun}' AS kind, a.id, a.name, b.id AS other_id, b.name AS other_name, n.created_at AS at,"
        " (SELECT j.operation_id FROM journal j WHERE j.record = 'not_duplicate' AND j.row_id = n.id AND j.kind = 'I'"
        f" ORDER BY j.id DESC LIMIT 1) AS op FROM not_duplicate n JOIN {noun} a ON a.id = n.low_id AND a.removed_at IS"
        f" NULL JOIN {noun} b ON b.id = n.high_id AND b.removed_at IS NULL WHERE n.noun = :noun ORDER BY n.id DESC",
        {"noun": noun},
    )
