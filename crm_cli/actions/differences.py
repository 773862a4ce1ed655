"""Pairs that look alike and are not the same: remembered, so that nobody is asked about them again, and forgotten."""

from collections.abc import Sequence

from crm_cli.errors import Misuse
from crm_cli.model.identity import new_uuid
from crm_cli.store.writer import Plain


def tell_apart(db: Plain, noun: str, ids: Sequence[int], now: str) -> int:
    """Each two of the records are not the same; returns how many pairs that is news for."""
    pairs = [(low, high) for low in sorted(ids) for high in sorted(ids) if low < high]
    if not pairs:
        raise Misuse("It takes two records to tell them apart")
    return db.many(
        "INSERT OR IGNORE INTO not_duplicate (uuid, noun, low_id, high_id, created_at) VALUES (?, ?, ?, ?, ?)",
        [(new_uuid(), noun, low, high, now) for low, high in pairs],
    )
