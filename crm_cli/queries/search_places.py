"""Where a search looks: the rows that an index names, and rows that no index has yet, as the same plain tuples."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from crm_cli.rules import tokens
from crm_cli.rules.tokens import Word
from crm_cli.store import fulltext
from crm_cli.store.fulltext import Place
from crm_cli.store.reader import Reader, id_list

MOST_WORDS = 3000  # words that have the letters looked for: of more, the texts themselves are read
FEW = 50  # customers of which every record is looked through
_READ = 20_000  # texts of the index that may all be read
_NEWEST = 5000  # records of more customers that are
_SHEETS = 16  # of words that are in memory at once
_SPELLED = 100  # names that the index does not have yet, and a mistyped word may spell
_ASKED = f"f.{fulltext.INDEX} MATCH :match AND f.rowid BETWEEN {{base}} + 1 AND {{base}} + :mark"
_CUSTOMER = " LEFT JOIN customer k ON k.id = x.customer_id"


class Row(NamedTuple):
    """One record: what it is called, its texts, its customer, and the moment that it is ordered by."""

    id: int
    name: str
    texts: tuple[str | None, ...]
    customer: str | None
    at: str


_COLUMNS = {
    "customer": "x.id, x.name, x.note, NULL, NULL, ''",
    "contact": "x.id, x.name, x.note, NULL, k.name, ''",
    "deal": "x.id, x.title, NULL, NULL, k.name, ''",
    "task": "x.id, x.text, NULL, NULL, k.name, ''",
    "interaction": "x.id, x.channel, x.text, x.outcome, k.name, x.at",
}
KEY = {"customer": "name_key", "contact": "name_key", "deal": "title_key", "task": "text_key"}
RECORDS = {place.table: place for place in fulltext.PLACES if place.table in _COLUMNS}
REACH = fulltext.REACH


class Index:
    """What a search asks, over one connection; without an index every row is one that it does not have."""

    def __init__(self, db: Reader) -> None:
        self.db = db
        self.has_index, self.marks = fulltext.state(db)
        self._within: dict[tuple[str, bool], list[str] | None] = {}
        self._fresh: set[str] | None = None
        self._names: str | None = None
        self._waiting: dict[int, list[int]] | None = None

    # -------------------------------------------------------- rows of a place

    def indexed(self, place: Place, match: str, words: Sequence[Word]) -> Iterator[tuple[Any, ...]]:
        """Rows that the index names, the newest first; with `match` "" those of its rows that may have the words."""
        if not self.has_index or not self.marks[place.number]:
            return iter(())
        head, rest = self._select(place)
        if not match:
            test, params = _may_have(place, words)
            sql = f"{head} FROM {place.table} x{rest} AND {test} AND x.id <= :mark ORDER BY x.id DESC"
            return self.db.stream(sql, {**params, "mark": self.marks[place.number]})
        sql = (
            f"{head} FROM {fulltext.INDEX} f CROSS JOIN {place.table} x ON x.id = f.rowid - {place.base}{rest}"
            f" AND {_ASKED.format(base=place.base)} ORDER BY f.rowid DESC"
        )
        return self.db.stream(sql, {"match": match, "mark": self.marks[place.number]})

    def unindexed(self, place: Place, words: Sequence[Word]) -> Iterator[tuple[Any, ...]]:
        """Rows that are not in the index, or not as they are now, of which one of the words may be in the text; the
        newest first."""
        head, rest = self._select(place)
        test, params = _may_have(place, words)
        sql = f"{head} FROM {place.table} x{rest} AND {test}"
        yield from self.db.stream(
            f"{sql} AND x.id > :mark ORDER BY x.id DESC", {**params, "mark": self.marks[place.number]}
        )
        changed = self._changed(place)
        if changed:
            yield from self.db.stream(f"{sql} AND x.id IN {id_list(changed)} ORDER BY x.id DESC", params)

    def of_customers(self, place: Place, match: str | None, customers: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        """Rows that belong to some customers, the newest first: all of few customers, of many those among the newest
        that the index names."""
        head, rest = self._select(place)
        own = f"x.customer_id IN {id_list(customers)}"
        if len(customers) <= FEW or not (self.has_index and match and self.marks[place.number]):
            return self.db.stream(f"{head} FROM {place.table} x{rest} AND {own} ORDER BY x.id DESC")
        return self.db.stream(
            f"{head} FROM (SELECT f.rowid AS doc FROM {fulltext.INDEX} f WHERE {_ASKED.format(base=place.base)}"
            f" ORDER BY f.rowid DESC LIMIT {_NEWEST}) CROSS JOIN {place.table} x ON x.id = doc - {place.base}{rest}"
            f" AND {own}",
            {"match": match, "mark": self.marks[place.number]},
        )

    def named(self, kind: str, words: Sequence[Word]) -> Iterator[tuple[Any, ...]]:
        """Rows with all of the words in their names, the newest first; the index of the names is all that is read."""
        head, rest = self._select(RECORDS[kind])
        params = {f"word{i}": word.forms[0] for i, word in enumerate(words)}
        test = " AND ".join(f"instr({KEY[kind]}, :{name}) > 0" for name in params)
        return self.db.stream(
            f"{head} FROM {kind} x{rest} AND x.id IN (SELECT id FROM {kind} WHERE {test}) ORDER BY x.id DESC", params
        )

    @property
    def is_large(self) -> bool:
        """Whether reading every text would keep somebody waiting."""
        return sum(self.marks.values()) > _READ

    def _select(self, place: Place) -> tuple[str, str]:
        if place is REACH:
            owner = "coalesce(r.customer_id, r.contact_id)"
            head = (
                f"SELECT {owner.replace('r.', 'x.')}, coalesce(c.name, p.name), x.value_key, x.value, k.name,"
                " CASE WHEN x.customer_id IS NULL THEN 'contact' ELSE 'customer' END"
            )
            rest = (
                " LEFT JOIN customer c ON c.id = x.customer_id AND c.removed_at IS NULL LEFT JOIN contact p"
                " ON p.id = x.contact_id AND p.removed_at IS NULL LEFT JOIN customer k ON k.id = p.customer_id"
                " WHERE (c.id IS NOT NULL OR p.id IS NOT NULL) AND x.kind <> 'phone'"
            )
            return head, rest
        join = "" if place.table == "customer" else _CUSTOMER
        return f"SELECT {_COLUMNS[place.table]}", f"{join} WHERE x.removed_at IS NULL"

    def _changed(self, place: Place) -> list[int]:
        if self._waiting is None:
            self._waiting = {}
            for (doc,) in self.db.rows("SELECT doc FROM search_pending"):
                self._waiting.setdefault(doc >> 40, []).append(doc & ((1 << 40) - 1))
        return self._waiting.get(place.number, [])

    # -------------------------------------------------------- what the index is asked

    def match(self, words: Sequence[Word]) -> str | None:
        """What finds every text that has all of the words; "" where that is any, None where there is none."""
        parts = []
        for word in words:
            part = self._word(word)
            if part is None:
                return None
            if part:
                parts.append(part)
        return " AND ".join(parts)

    def any_of(self, words: Sequence[Word]) -> str | None:
        """What finds every text that has one of the words."""
        parts = [part for part in map(self._word, words) if part is not None]
        if not parts:
            return None
        return "" if "" in parts else " OR ".join(parts)

    def _word(self, word: Word) -> str | None:
        if not self.has_index:
            return ""
        parts = []
        for form in word.forms:
            head = tokens.leading(form)
            within = self._words_with(head, len(word.forms) == 1) if head else []
            if within or within is None or not head:
                part = tokens.clause(form, within)
                if not part:
                    return ""
                parts.append(f"({part})")
            if form.isascii() and form.isalpha():
                parts += [f"({part})" for part in tokens.sound_clauses(form)]
        return "(" + " OR ".join(parts) + ")" if parts else None

    def known_words(self, words: Iterable[str]) -> set[str]:
        """Those of the words that a text has as a whole word, in the index or not."""
        import json

        wanted = list(words)
        known = {
            word
            for (word,) in self.db.rows(
                "SELECT word FROM search_word WHERE word IN (SELECT value FROM json_each(:words))",
                {"words": json.dumps(wanted)},
            )
        }
        if self._fresh is None:
            self._fresh = set()
            for place in fulltext.PLACES:
                self._fresh |= self._words_of(place)
        return known | self._fresh.intersection(wanted)

    def fresh_names(self) -> str:
        """The newest names that the index does not have, folded, beside each other."""
        if self._names is None:
            found: list[str] = []
            for place in (RECORDS["customer"], RECORDS["contact"]):
                sql = f"SELECT x.name_key FROM {place.table} x WHERE x.id > :mark ORDER BY x.id DESC LIMIT {_SPELLED}"
                found += [key for (key,) in self.db.rows(sql, {"mark": self.marks[place.number]})]
            self._names = " ".join(found)
        return self._names

    def _words_of(self, place: Place) -> set[str]:
        """The words of the newest rows that the index does not have."""
        sql = f"SELECT {place.text('x')} FROM {place.table} x WHERE x.id"
        rows = self.db.rows(f"{sql} > :mark ORDER BY x.id DESC LIMIT {_NEWEST}", {"mark": self.marks[place.number]})
        if self._changed(place):
            rows += self.db.rows(f"{sql} IN {id_list(self._changed(place)[:_NEWEST])}")
        return {word for (text,) in rows if text for word in tokens.tokens(text).words}

    def _words_with(self, head: str, inside: bool) -> list[str] | None:
        """The words that have these letters in them, or only at their beginning: where the letters are few, and where
        one word stands for many that are like it. None: too many."""
        if (head, inside) not in self._within:
            inside_them = inside and len(head) >= tokens.SHORT
            words = self._inside(head) if inside_them else self._beginning(head)
            found = list(islice(words, MOST_WORDS + 1))
            self._within[head, inside] = None if len(found) > MOST_WORDS else found
        return self._within[head, inside]

    def _beginning(self, head: str) -> Iterator[str]:
        sql = "SELECT word FROM search_word WHERE word >= :head AND word < :high"
        for (word,) in self.db.stream(sql, {"head": head, "high": head + "\U0010ffff"}):
            yield word

    def _inside(self, head: str) -> Iterator[str]:
        """Of all words beside each other: asking each by itself takes five times as long."""
        for (words,) in self.db.stream("SELECT words FROM search_sheet", ahead=_SHEETS):
            at = words.find(head)
            while at >= 0:
                end = words.index("\n", at)
                yield words[words.rindex("\n", 0, at) + 1 : end]
                at = words.find(head, end)


def _may_have(place: Place, words: Sequence[Word]) -> tuple[str, dict[str, str]]:
    """A test in SQL that every text passes in which one of the words stands: the plain ones are asked for it, text
    beyond ASCII is always looked at."""
    text = place.text("x")
    beyond = f"length({text}) <> length(CAST({text} AS BLOB))"
    plain = [form for word in words for form in word.forms if form.isascii()]
    params = {f"form{i}": form for i, form in enumerate(plain)}
    tests = [f"instr(lower({text}), :{name}) > 0" for name in params]
    return "(" + " OR ".join([*tests, beyond]) + ")", params
