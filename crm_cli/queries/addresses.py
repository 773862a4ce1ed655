"""E-mail addresses by words of a name, a firm or the address itself: what mail programs ask while somebody types."""

from collections.abc import Sequence
from typing import Any

from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader

Row = dict[str, Any]
_MOST = 1_000  # what a menu can still show


def find_addresses(db: Reader, words: Sequence[str]) -> list[Row]:
    """name, email, title, customer; all words fit somewhere. Names that begin as typed come first."""
    folded = [word for typed in words for word in fold(typed).split()]
    tests, values = ["x.kind = 'email'"], {"first": _escaped(folded[0]) + "%" if folded else "%", "most": _MOST}
    for place, word in enumerate(folded):
        values[f"w{place}"] = f"%{_escaped(word)}%"
        fits = " OR ".join(
            f"{text} LIKE :w{place} ESCAPE '\\'"
            for text in ("coalesce(p.name_key, c.name_key)", "coalesce(f.name_key, '')", "x.value_key")
        )
        tests.append(f"({fits})")
    rows = db.rows(
        "SELECT coalesce(p.name, c.name), x.value, p.title, f.name FROM reach x"
        " LEFT JOIN contact p ON p.id = x.contact_id LEFT JOIN customer c ON c.id = x.customer_id"
        " LEFT JOIN customer f ON f.id = p.customer_id"
        " WHERE coalesce(p.removed_at, c.removed_at) IS NULL AND coalesce(p.name, c.name) IS NOT NULL"
        f" AND {' AND '.join(tests)}"
        " ORDER BY coalesce(p.name_key, c.name_key) NOT LIKE :first ESCAPE '\\', coalesce(p.name_key, c.name_key),"
        " x.position, x.id LIMIT :most",
        values,
    )
    return [dict(zip(("name", "email", "title", "customer"), row, strict=True)) for row in rows]


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
