"""Customers who are people, and contacts who look like them: told beside the duplicates, never merged."""

from typing import Any

from crm_cli.queries.dupes import SHARED
from crm_cli.queries.dupes_rows import Row, counts, in_english
from crm_cli.queries.merging import attached
from crm_cli.rules.alike import Side, weigh
from crm_cli.rules.likeness import likeness, person_key
from crm_cli.store.reader import Reader

ACROSS = "customer~contact"
Shared = list[tuple[str, str, int]]


def across_rows(db: Reader, *, least: int, first: int = 1) -> list[Row]:
    """A row for each person who is a customer and, by the same e-mail or phone, a contact too; best first.

    `id` is the customer, `other_id` the contact; there is no line that merges them. A contact of the customer itself is
    told only where both have one name: others there may share a phone.
    """
    people: dict[tuple[int, int], tuple[Side, Side, Shared]] = {}
    for *told, is_own, kind, value, holders in db.stream(_SHARING):
        one, two = _side(*told[:4]), _side(*told[4:])
        if not is_own or one.name_key == two.name_key:
            people.setdefault((one.id, two.id), (one, two, []))[2].append((kind, value, holders))
    found = []
    for one, two, shared in people.values():
        verdict = weigh(one, two, likeness(one.key, two.key), shared)
        if verdict.score >= max(1, least):
            found.append((verdict, one, two))
    found.sort(key=lambda pair: (-pair[0].score, pair[1].id, pair[2].id))
    mine = attached(db, "customer", {one.id for _, one, _ in found})
    theirs = attached(db, "contact", {two.id for _, _, two in found})
    return [
        {
            "score": verdict.score,
            "group": number,
            "kind": ACROSS,
            "id": one.id,
            "name": one.name,
            "attached": counts("customer", mine[one.id]),
            "other_id": two.id,
            "other_name": two.name,
            "other_attached": counts("contact", theirs[two.id]),
            "reasons": [in_english(reason) for reason in verdict.reasons],
            "because": verdict.reasons,
            "merge": None,
        }
        for number, (verdict, one, two) in enumerate(found, first)
    ]


def _side(number: int, name: str, key: str, birthday: Any) -> Side:
    return Side(number, name, key, person_key(name), True, None, "", {"birthday": birthday} if birthday else {})


_HOLDERS = (
    "(SELECT count(*) FROM (SELECT 1 FROM reach z WHERE z.value_key = x.value_key AND z.kind = x.kind"
    f" LIMIT {SHARED + 1}))"
)
_SHARING = (
    "SELECT c.id, c.name, c.name_key, c.birthday, k.id, k.name, k.name_key, k.birthday, k.customer_id IS c.id, x.kind,"
    f" min(x.value), {_HOLDERS} FROM customer c CROSS JOIN reach x ON x.customer_id = c.id AND x.kind IN"
    " ('email', 'phone') CROSS JOIN reach y ON y.value_key = x.value_key AND y.kind = x.kind AND y.contact_id IS NOT"
    " NULL JOIN contact k ON k.id = y.contact_id AND k.removed_at IS NULL"
    f" WHERE c.kind = 'person' AND c.removed_at IS NULL AND {_HOLDERS} <= {SHARED}"
    " GROUP BY c.id, k.id, x.kind, x.value_key ORDER BY c.id, k.id, x.kind"
)
