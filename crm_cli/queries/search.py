"""find: names, what was said and noted, ways to reach; best first, with the passage.

A record is found when every word stands in one of its texts or in the name of its customer, and one at least in a text
of its own. Where an index names the rows, what it names is looked at again (rules/tokens.py), so that the answer is
the same as without it. Of words that thousands have, the newest are ranked.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from crm_cli.errors import Misuse
from crm_cli.queries.find import AS_TYPED, PHONE_KEYS, TAIL, WHOLE_NUMBER, Finder, digits_typed
from crm_cli.queries.search_places import KEY, REACH, RECORDS, Index
from crm_cli.rules import pinyin, tokens
from crm_cli.rules.passages import passage
from crm_cli.rules.text import fold
from crm_cli.rules.tokens import Word
from crm_cli.store.reader import Reader

EACH = 200  # hits of one kind that are shown
RANKED = 1000  # hits of one kind that are ranked, the newest
_CUSTOMERS = 1000  # customers whose records are looked through for the other words
_KINDS = ("customer", "contact", "deal", "task", "interaction")
_NAME = {"customer": "name", "contact": "name", "deal": "title", "task": "text"}
_EXACT, _BEGINS, _WORDS, _PARTS, _BESIDE, _REACHED, _TEXT = range(7)


class Hit(NamedTuple):
    """One record that was found: how well, the newer of two first, and the passage that says why."""

    tier: int
    kind: str
    id: int
    name: str
    customer: str | None
    passage: str
    at: str = ""

    @property
    def order(self) -> tuple[int, int]:
        return self.tier, _KINDS.index(self.kind)


class Asked(NamedTuple):
    """What is looked for: the whole of it folded, and its words."""

    text: str
    key: str
    words: list[Word]


def asked(text: str) -> Asked:
    """Words as typed; Misuse where there are none."""
    key = fold(text)
    if not key:
        raise Misuse("There is nothing to look for")
    return Asked(text, key, [Word(_spellings(word)) for word in dict.fromkeys(key.split())])


APOSTROPHES = "'\u2019\u02bc\u2018`"


def _spellings(word: str) -> tuple[str, ...]:
    """o'brien: whichever apostrophe stands there, or none."""
    marks = [mark for mark in APOSTROPHES if mark in word]
    if len(marks) != 1 or word.strip(APOSTROPHES) != word:
        return (word,)
    return (word, *(word.replace(marks[0], mark) for mark in (*APOSTROPHES[:2], "") if mark != marks[0]))


def rows_of(hits: Sequence[Hit], words: Sequence[Word]) -> list[dict[str, Any]]:
    """Hits with the public keys."""
    forms = [form for word in words for form in word.forms]
    return [
        {
            "ref": f"{hit.kind}:{hit.id}",
            "kind": hit.kind,
            "id": hit.id,
            "name": hit.name,
            "customer": hit.customer,
            "snippet": passage(hit.passage, forms),
        }
        for hit in hits
    ]


def only_signs(wanted: Asked) -> bool:
    """Whether there is no letter or digit in what is looked for, so that no index leads to it."""
    return not any(tokens.pieces(form) for word in wanted.words for form in word.forms)


def named(index: Index, wanted: Asked) -> tuple[list[Hit], bool]:
    """Hits in names only, for what would have every text read."""
    return _ranked(_judged(kind, index.named(kind, wanted.words), wanted) for kind in KEY)


def found(index: Index, wanted: Asked, *, country: str | None = None) -> tuple[list[Hit], bool]:
    """Hits in the order of how well they fit; exact names, beginnings, words of names, ways to reach, texts."""
    return _ranked(_sources(index, wanted, country))


def _ranked(sources: Iterable[Iterator[Hit]]) -> tuple[list[Hit], bool]:
    best: dict[tuple[str, int], Hit] = {}
    more = False
    for hits in sources:
        taken = list(islice(hits, RANKED + 1))
        more |= len(taken) > RANKED
        for hit in taken[:RANKED]:
            known = best.get((hit.kind, hit.id))
            if known is None or hit.tier < known.tier:
                best[hit.kind, hit.id] = hit
    ranked = sorted(best.values(), key=lambda hit: (hit.at, hit.id), reverse=True)
    ranked.sort(key=lambda hit: hit.order)
    left = dict.fromkeys(_KINDS, EACH)
    shown = []
    for hit in ranked:
        left[hit.kind] -= 1
        if left[hit.kind] >= 0:
            shown.append(hit)
    return shown, more or len(shown) < len(ranked)


def _sources(index: Index, wanted: Asked, country: str | None) -> Iterator[Iterator[Hit]]:
    words = wanted.words
    for kind in KEY:
        yield _by_name(index.db, kind, wanted)
    match = index.match(words)
    for kind, place in RECORDS.items():
        if match is not None:
            yield _judged(kind, index.indexed(place, match, words), wanted)
        yield _judged(kind, index.unindexed(place, words), wanted)
    if len(words) > 1:
        either = index.any_of(words)
        customers = _customers(index, either, words)
        for kind, place in RECORDS.items():
            if customers and kind != "customer":
                yield _judged(kind, index.of_customers(place, either, customers), wanted)
    yield from _reached(index, wanted, match, country)


# ------------------------------------------------------------------ names and texts


def _by_name(db: Reader, kind: str, wanted: Asked) -> Iterator[Hit]:
    """Records of that name, and whose name begins so, however many others have the words."""
    customer, join = ("NULL", "") if kind == "customer" else ("k.name", " LEFT JOIN customer k ON k.id = x.customer_id")
    key = KEY[kind]
    rows = db.stream(
        f"SELECT x.id, x.{_NAME[kind]}, {customer}, x.{key} FROM {kind} x{join} WHERE x.removed_at IS NULL"
        f" AND x.{key} >= :key AND x.{key} < :high ORDER BY x.{key}, x.id DESC",
        {"key": wanted.key, "high": wanted.key + "\U0010ffff"},
    )
    if any(not tokens.has(word, wanted.key) for word in wanted.words):
        return  # other forms of the words are looked for
    for row_id, name, of, name_key in rows:
        tier = _EXACT if name_key == wanted.key else _BEGINS
        if tier == _EXACT or tokens.starts(wanted.key, name_key):
            yield Hit(tier, kind, row_id, name, of or name, name)


def _judged(kind: str, rows: Iterator[tuple[Any, ...]], wanted: Asked) -> Iterator[Hit]:
    for row in rows:
        hit = judge(kind, row, wanted)
        if hit is not None:
            yield hit


def judge(kind: str, row: tuple[Any, ...], wanted: Asked) -> Hit | None:
    """What a record is worth; None where a word stands nowhere."""
    row_id, name, first, second, customer, at = row
    name_key = "" if kind == "interaction" else fold(name)
    is_named = in_name if kind in ("customer", "contact") else tokens.has
    texts = [(text, fold(text)) for text in (first, second) if text]
    owner = None
    said, in_names, in_owner = "", 0, 0
    for word in wanted.words:
        if name_key and is_named(word, name_key):
            in_names += 1
            continue
        there = next((text for text, key in texts if tokens.has(word, key)), None)
        if there is not None:
            said = said or there
            continue
        owner = owner if owner is not None else fold(customer or "")
        if not owner or not in_name(word, owner):
            return None
        in_owner += 1
    if in_owner == len(wanted.words):
        return None
    tier = _TEXT
    if in_names == len(wanted.words):
        tier = _name_tier(name_key, wanted)
    elif in_names + in_owner == len(wanted.words):
        tier = _BESIDE
    return Hit(tier, kind, row_id, name, customer or (name if kind == "customer" else None), said or name, at)


def in_name(word: Word, key: str) -> bool:
    """Whether a word stands in a folded name, or spells Chinese signs of it."""
    return tokens.has(word, key) or any(tokens.sounds_like(form, key) for form in word.forms)


def _name_tier(key: str, wanted: Asked) -> int:
    if key == wanted.key:
        return _EXACT
    if key.startswith(wanted.key) or any(pinyin.spells_whole(one, key) for one in _joined(wanted)):
        return _BEGINS
    if all(any(tokens.starts(form, key) for form in word.forms) for word in wanted.words):
        return _WORDS
    return _PARTS


def _joined(wanted: Asked) -> list[str]:
    """The letters that may spell a whole name: of all words together, or of another form of the only one."""
    return [wanted.key.replace(" ", "")] if len(wanted.words) > 1 else list(wanted.words[0].forms)


def _customers(index: Index, match: str | None, words: Sequence[Word]) -> list[int]:
    """The newest customers with one of the words in their names."""
    place = RECORDS["customer"]
    rows = index.unindexed(place, words)
    sources = [rows] if match is None else [index.indexed(place, match, words), rows]
    ids: set[int] = set()
    for source in sources:
        fit = (row[0] for row in source if any(in_name(word, fold(row[1])) for word in words))
        ids.update(islice(fit, _CUSTOMERS))
    return sorted(ids, reverse=True)[:_CUSTOMERS]


# ------------------------------------------------------------------ ways to reach


def _reached(index: Index, wanted: Asked, match: str | None, country: str | None) -> Iterator[Iterator[Hit]]:
    if match is not None:
        yield _reach_hits(index.indexed(REACH, match, wanted.words), wanted)
    yield _reach_hits(index.unindexed(REACH, wanted.words), wanted)
    for kind in ("customer", "contact"):
        yield _same_reach(index.db, kind, wanted.text, country)
    digits = digits_typed(wanted.text)
    if digits:
        hits = _phones(index.db, digits)
        yield from (iter([hit for hit in hits if hit.kind == kind]) for kind in ("customer", "contact"))


def _reach_hits(rows: Iterator[tuple[Any, ...]], wanted: Asked) -> Iterator[Hit]:
    for row_id, name, key, value, customer, kind in rows:
        if all(tokens.has(word, key) for word in wanted.words):
            yield Hit(_REACHED, kind, row_id, name, customer or (name if kind == "customer" else None), value)


def _phones(db: Reader, digits: str) -> list[Hit]:
    """Records with a phone that has these digits, as it is dialled from abroad or as it was typed; the newest first."""
    hit = f"SELECT id FROM reach WHERE {PHONE_KEYS} AND instr(value_key, :piece) > 0"
    if len(digits) >= WHOLE_NUMBER:
        hit += f" UNION SELECT r.id FROM reach r WHERE {AS_TYPED}"
    rows = db.rows(
        f"WITH hit AS ({hit}) SELECT 'customer', x.id, x.name, x.name, r.value FROM hit JOIN reach r ON r.id = hit.id"
        " JOIN customer x ON x.id = r.customer_id WHERE x.removed_at IS NULL"
        " UNION ALL SELECT 'contact', x.id, x.name, k.name, r.value FROM hit JOIN reach r ON r.id = hit.id"
        " JOIN contact x ON x.id = r.contact_id LEFT JOIN customer k ON k.id = x.customer_id WHERE x.removed_at IS NULL"
        " ORDER BY 2 DESC",
        {"piece": digits.lstrip("0") or digits, "digits": digits, "tail": digits[-TAIL:]},
    )
    return [Hit(_REACHED, *row) for row in rows]


def _same_reach(db: Reader, kind: str, text: str, country: str | None) -> Iterator[Hit]:
    """A phone, an e-mail or a website in another spelling."""
    for hit in Finder(db, [kind], country=country).by_reach(kind, text):
        yield Hit(_REACHED, kind, hit.id, hit.name, hit.customer or hit.name, text.strip())
