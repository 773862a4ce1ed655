"""Records side by side before they are merged: every field, how they are reached, what hangs on each."""

from typing import Any

from crm_cli.queries.attached import attach
from crm_cli.queries.merging import Plan, attached
from crm_cli.rules.comparison import Comparison, Fact
from crm_cli.store.reader import Reader

_SEVERAL = ("emails", "phones", "websites", "messengers", "tags")


def compare(db: Reader, noun: str, plan: Plan) -> Comparison:
    """Fields that somebody has, in their usual order; what can be several stays of all."""
    ids = [plan.group.keep, *plan.group.drops]
    facts = []
    for line in plan.lines:
        stays = [
            _is_part(line.key, value, line.result) and value not in (None, "") and value not in line.values[:i]
            for i, value in enumerate(line.values)
        ]
        facts.append(Fact(line.key, line.values, stays))
    records: list[dict[str, Any]] = [{"id": row_id, "custom": None} for row_id in ids]
    attach(db, noun, records, {*_SEVERAL, "tags"})
    several = [[record.get(key) or None for record in records] for key in _SEVERAL]
    facts[1:1] = [
        Fact(key, values, [bool(value) for value in values])
        for key, values in zip(_SEVERAL, several, strict=True)
        if any(values)
    ]
    hangs = attached(db, noun, ids)
    return Comparison(noun, [(i, plan.name(i)) for i in ids], facts, [hangs[i] for i in ids])


def _is_part(key: str, value: Any, result: Any) -> bool:
    return bool(value == result or (key == "note" and value and result and str(value).strip() in str(result)))
