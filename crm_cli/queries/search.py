"""find: names, ways to reach, and the text of what was said; best first, with the passage. A scan until it has its index."""

from typing import Any

from crm_cli.errors import Misuse
from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader

_EACH = 200  # hits of one kind that are ranked
_PASSAGE = 60  # characters of a passage


def search(db: Reader, text: str, *, country: str | None = None) -> list[dict[str, Any]]:
    """Rows of ref, kind, id, name, customer, snippet for records that have every word; exact names first."""
    key = fold(text)
    if not key:
        raise Misuse("There is nothing to look for")
    words = key.split()
    hits: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {}
    for order, (kind, rows) in enumerate(_candidates(db, words)):
        for record_id, name, customer, name_key, passage in rows:
            rank = (_nearness(name_key, key, words), order, -record_id)
            ref = f"{kind}:{record_id}"
            row = {
                "ref": ref, "kind": kind, "id": record_id, "name": name, "customer": customer,
                "snippet": _snippet(passage or name, words),
            }  # fmt: skip
            if ref not in hits or rank < hits[ref][0]:
                hits[ref] = (rank, row)
    return [row for _, row in sorted(hits.values(), key=lambda hit: hit[0])]


def _nearness(name_key: str, key: str, words: list[str]) -> int:
    """0 the name itself, 1 its beginning, 2 words in it, 3 elsewhere."""
    if name_key == key:
        return 0
    if name_key.startswith(key):
        return 1
    return 2 if all(word in name_key for word in words) else 3


def _every(expression: str, words: list[str], params: dict[str, Any]) -> str:
    tests = []
    for i, word in enumerate(words):
        params[f"w{i}"] = word
        tests.append(f"instr({expression}, :w{i}) > 0")
    return " AND ".join(tests)


def _candidates(db: Reader, words: list[str]) -> list[tuple[str, list[tuple[Any, ...]]]]:
    params: dict[str, Any] = {}
    every = {column: _every(column, words, params) for column in ("x.name_key", "x.title_key", "x.text_key")}
    folded = {column: _every(f"fold({column})", words, params) for column in ("x.note", "x.text")}
    reach = _every("r.value_key", words, params)
    limit = f"ORDER BY x.id DESC LIMIT {_EACH}"
    alive = "x.removed_at IS NULL"
    of = "LEFT JOIN customer k ON k.id = x.customer_id"
    statements = [
        ("customer", f"SELECT x.id, x.name, x.name, x.name_key, NULL FROM customer x WHERE {alive} AND {every['x.name_key']} {limit}"),
        ("customer", f"SELECT x.id, x.name, x.name, x.name_key, r.value FROM reach r JOIN customer x ON x.id = r.customer_id WHERE {alive} AND {reach} {limit}"),
        ("contact", f"SELECT x.id, x.name, k.name, x.name_key, NULL FROM contact x {of} WHERE x.removed_at IS NULL AND {every['x.name_key']} {limit}"),
        ("contact", f"SELECT x.id, x.name, k.name, x.name_key, r.value FROM reach r JOIN contact x ON x.id = r.contact_id {of} WHERE x.removed_at IS NULL AND {reach} {limit}"),
        ("deal", f"SELECT x.id, x.title, k.name, x.title_key, NULL FROM deal x {of} WHERE x.removed_at IS NULL AND {every['x.title_key']} {limit}"),
        ("task", f"SELECT x.id, x.text, k.name, x.text_key, x.text FROM task x {of} WHERE x.removed_at IS NULL AND {every['x.text_key']} {limit}"),
        ("customer", f"SELECT x.id, x.name, x.name, x.name_key, x.note FROM customer x WHERE {alive} AND x.note IS NOT NULL AND {folded['x.note']} {limit}"),
        ("contact", f"SELECT x.id, x.name, k.name, x.name_key, x.note FROM contact x {of} WHERE x.removed_at IS NULL AND x.note IS NOT NULL AND {folded['x.note']} {limit}"),
        ("interaction", f"SELECT x.id, x.channel, k.name, '', x.text FROM interaction x {of} WHERE x.removed_at IS NULL AND x.text IS NOT NULL AND {folded['x.text']} ORDER BY x.at DESC LIMIT {_EACH}"),
    ]  # fmt: skip
    return [(kind, db.rows(sql, params)) for kind, sql in statements]


def _snippet(text: str, words: list[str]) -> str:
    """The passage around the first hit, on one line."""
    line = " ".join(text.split())
    low = line.lower()
    at = min((low.find(word) for word in words if word in low), default=0)
    start = max(0, at - _PASSAGE // 3)
    end = min(len(line), start + _PASSAGE)
    return ("…" if start else "") + line[start:end] + ("…" if end < len(line) else "")
