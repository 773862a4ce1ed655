"""Customers whose name is nearly that of a new one: the same words with a legal form or a place behind them."""

from crm_cli.store.reader import Reader

_LOOKED_AT = 20
_LONGEST = 12  # words of a new name of which the first ones may be a known name
# Chinese names end in these without a space.
_FORMS = (
    "有限公司",
    "有限责任公司",
    "股份有限公司",
    "股份公司",
    "集团",
    "集团公司",
    "公司",
    "企业",
    "工作室",
    "科技有限公司",
)


def nearly_named(db: Reader, key: str, own_id: int) -> tuple[int, str] | None:
    """Id and name of a live customer called like the new one and more, or like its beginning; by index alone."""
    if not key:
        return None
    found = db.rows(
        "SELECT id, name, name_key FROM customer WHERE name_key > :key AND name_key < :high AND removed_at IS NULL"
        f" AND id <> :own ORDER BY name_key LIMIT {_LOOKED_AT}",
        {"key": key, "high": key + "\U0010ffff", "own": own_id},
    )
    for record_id, name, other in found:
        if _is_added(other[len(key) :]):
            return int(record_id), str(name)
    shorter = _shorter(key)
    holes = ", ".join(f":k{i}" for i in range(len(shorter)))
    row = db.row(
        f"SELECT id, name FROM customer WHERE name_key IN ({holes}) AND removed_at IS NULL AND id <> :own"
        " ORDER BY length(name_key) DESC, id LIMIT 1",
        {f"k{i}": text for i, text in enumerate(shorter)} | {"own": own_id},
    )
    return (int(row[0]), str(row[1])) if row else None


def _is_added(rest: str) -> bool:
    """Whether a name goes on with a word of its own, or a legal form."""
    return not rest[0].isalnum() or rest in _FORMS


def _shorter(key: str) -> list[str]:
    """The name without its last words, and without a legal form."""
    ends = [i for i in range(1, len(key)) if not key[i].isalnum() and key[i - 1].isalnum()]
    shorter = [key[:i] for i in ends[-_LONGEST:]]
    return shorter + [key.removesuffix(form) for form in _FORMS if key.endswith(form) and key != form]
