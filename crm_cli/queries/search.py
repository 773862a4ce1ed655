"""find: names, ways to reach, and what was said; best first, with the passage. A scan until it has its index."""

from typing import Any

from crm_cli.errors import Misuse
from crm_cli.queries.find import PHONE_DIGITS, Finder, digits_typed
from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader

EACH = 200  # hits of one kind in one place that are ranked
_PASSAGE = 60  # characters of a passage
_KINDS = ("customer", "contact", "deal", "task", "interaction")
_KEY = {"customer": "name_key", "contact": "name_key", "deal": "title_key", "task": "text_key"}
_NAME = {"customer": "name", "contact": "name", "deal": "title", "task": "text", "interaction": "channel"}
_TEXTS = {"customer": ("note",), "contact": ("note",), "interaction": ("text", "outcome")}
Hit = tuple[Any, ...]  # id, name, customer, folded name, passage


def search(db: Reader, text: str, *, country: str | None = None) -> tuple[list[dict[str, Any]], bool]:
    """Rows of ref, kind, id, name, customer, snippet for records that have every word; and whether more would fit.

    Exact names first, then beginnings, names with every word, ways to reach, at last texts, the newest first.
    """
    key = fold(text)
    if not key:
        raise Misuse("There is nothing to look for")
    words = key.split()
    hits: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {}
    more = False
    for place, kind, rows in _places(db, text, key, words, country):
        more |= len(rows) > EACH
        for i, (record_id, name, customer, name_key, passage) in enumerate(rows[:EACH]):
            rank = (_nearness(name_key, key, words), place, _KINDS.index(kind), i)
            ref = f"{kind}:{record_id}"
            row = {
                "ref": ref,
                "kind": kind,
                "id": record_id,
                "name": name,
                "customer": customer,
                "snippet": snippet(passage or name, words),
            }
            if ref not in hits or rank < hits[ref][0]:
                hits[ref] = (rank, row)
    return [row for _, row in sorted(hits.values(), key=lambda hit: hit[0])], more


def _nearness(name_key: str, key: str, words: list[str]) -> int:
    """0 the name itself, 1 its beginning, 2 words in it, 3 elsewhere."""
    if name_key == key:
        return 0
    if name_key.startswith(key):
        return 1
    return 2 if all(word in name_key for word in words) else 3


def _every(words: list[str], *expressions: str) -> str:
    """Each word is in one of the expressions, the first has at least one; words are bound as w0, w1, ..."""
    each = [" OR ".join(f"instr({expression}, :w{i}) > 0" for expression in expressions) for i in range(len(words))]
    first = " OR ".join(f"instr({expressions[0]}, :w{i}) > 0" for i in range(len(words)))
    return " AND ".join(f"({test})" for test in ([*each, first] if len(expressions) > 1 else each))


def _places(db: Reader, text: str, key: str, words: list[str], country: str | None) -> list[tuple[int, str, list[Hit]]]:
    """Hits by place and kind: 0 names, 1 ways to reach, 2 texts."""
    params: dict[str, Any] = {f"w{i}": word for i, word in enumerate(words)}
    params |= {"key": key, "high": key + "\U0010ffff", "most": EACH + 1}
    found = [(0, kind, db.rows(_names(kind, words), params)) for kind in _KEY]
    for kind in ("customer", "contact"):
        found.append((1, kind, db.rows(_reach(kind, words), params)))
        found.append((1, kind, _same_reach(db, kind, text, country)))
        if digits := digits_typed(text):
            found.append((1, kind, db.rows(_phones(kind), {"digits": digits, "bare": digits.lstrip("0"), **params})))
    for kind, columns in _TEXTS.items():
        for column in columns:
            found.append((2, kind, db.rows(_texts(kind, column, words), params)))
    return found


def _of(kind: str) -> tuple[str, str]:
    """The customer's name, and how it is joined."""
    if kind == "customer":
        return "x.name", ""
    return "k.name", " LEFT JOIN customer k ON k.id = x.customer_id"


def _names(kind: str, words: list[str]) -> str:
    """Records whose name has every word; a word may be the customer's, and then at least one is in the name."""
    customer, join = _of(kind)
    name = f"x.{_KEY[kind]}"
    test = _every(words, name, "coalesce(k.name_key, '')") if join and len(words) > 1 else _every(words, name)
    passage = f"x.{_NAME[kind]}"
    return (
        f"SELECT x.id, {passage}, {customer}, {name}, {passage} FROM {kind} x{join}"
        f" WHERE x.removed_at IS NULL AND {test}"
        f" ORDER BY {name} <> :key, NOT ({name} >= :key AND {name} < :high), x.id DESC LIMIT :most"
    )


def _reach(kind: str, words: list[str]) -> str:
    customer, join = _of(kind)
    return (
        f"SELECT x.id, x.name, {customer}, x.name_key, r.value FROM reach r JOIN {kind} x ON x.id = r.{kind}_id{join}"
        f" WHERE x.removed_at IS NULL AND {_every(words, 'r.value_key')} ORDER BY x.id DESC LIMIT :most"
    )


def _phones(kind: str) -> str:
    """Records with a phone that has these digits, as it was typed or as it is dialled from abroad."""
    customer, join = _of(kind)
    return (
        f"SELECT x.id, x.name, {customer}, x.name_key, r.value FROM reach r JOIN {kind} x ON x.id = r.{kind}_id{join}"
        f" WHERE x.removed_at IS NULL AND r.kind = 'phone' AND (instr({PHONE_DIGITS}, :digits) > 0"
        " OR (:bare <> '' AND instr(r.value_key, :bare) > 0)) ORDER BY x.id DESC LIMIT :most"
    )


def _same_reach(db: Reader, kind: str, text: str, country: str | None) -> list[Hit]:
    """A phone, an e-mail or a website in another spelling."""
    found = Finder(db, [kind], country=country).by_reach(kind, text)
    return [(hit.id, hit.name, hit.customer or hit.name, fold(hit.name), text.strip()) for hit in found]


def _texts(kind: str, column: str, words: list[str]) -> str:
    customer, join = _of(kind)
    key = f"x.{_KEY[kind]}" if kind in _KEY else "''"
    order = "x.at DESC, x.id DESC" if kind == "interaction" else "x.id DESC"
    return (
        f"SELECT x.id, x.{_NAME[kind]}, {customer}, {key}, x.{column} FROM {kind} x{join}"
        f" WHERE x.removed_at IS NULL AND x.{column} IS NOT NULL AND {_every(words, f'fold(x.{column})')}"
        f" ORDER BY {order} LIMIT :most"
    )


def snippet(text: str, words: list[str]) -> str:
    """The passage around the first hit, on one line; hits are found as the search finds them, accents off."""
    line = " ".join(text.split())
    if len(line) <= _PASSAGE:
        return line
    folded, places = "", []
    for i, sign in enumerate(line):
        piece = " " if sign == " " else fold(sign)
        folded += piece
        places += [i] * len(piece)
    found = [at for at in (folded.find(word) for word in words) if at >= 0]
    at = places[min(found)] if found else 0
    start = min(max(0, at - _PASSAGE // 3), len(line) - _PASSAGE)
    end = start + _PASSAGE
    return ("…" if start else "") + line[start:end] + ("…" if end < len(line) else "")
