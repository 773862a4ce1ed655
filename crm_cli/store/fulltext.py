"""The full-text index: which texts it has, how it is kept up behind the writes, and what a search asks of it.

The index is made of what `rules/tokens.py` says of each text, so that it folds as everything else does; triggers can
call no function of ours, and other programs write too. So triggers only note what is to be done: a row above the mark
of its table is not in the index yet, one that changed since stands in `search_pending` with the text that the index
has of it. A search reads those rows themselves; a write that finds many of them brings some in, and whatever adds
thousands brings in all. Inserts cost nothing this way, and the answers are whole at any moment.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from crm_cli.rules.tokens import VERSION, Tokens, quoted, tokens
from crm_cli.store import turn

if TYPE_CHECKING:
    from crm_cli.store.reader import Reader


class Place(NamedTuple):
    """Texts of one table that are searched together; `base` is what their ids count from in the index."""

    number: int
    table: str
    columns: tuple[str, ...]
    sounds: bool = False
    only: str = ""

    @property
    def base(self) -> int:
        return self.number << 40

    def text(self, row: str) -> str:
        """The text of a row (an alias, NEW or OLD) in SQL, as the index has it."""
        whole = " || char(10) || ".join(f"coalesce({row}.{column}, '')" for column in self.columns)
        return f"CASE WHEN {row}.{self.only} THEN {whole} END" if self.only else whole


CUSTOMER = Place(0, "customer", ("name", "note"), sounds=True)
CONTACT = Place(1, "contact", ("name", "note"), sounds=True)
DEAL = Place(2, "deal", ("title",))
TASK = Place(3, "task", ("text",))
INTERACTION = Place(4, "interaction", ("text", "outcome"))
REACH = Place(5, "reach", ("value_key",), only="kind <> 'phone'")
PLACES = (CUSTOMER, CONTACT, DEAL, TASK, INTERACTION, REACH)

TABLES = ("search_mark", "search_pending", "search_word", "search_sheet")  # of schema.sql; no model describes them
INDEX = "search_index"
MADE_LATER = {INDEX, *(f"{INDEX}_{part}" for part in ("data", "idx", "config"))}  # when there is much to put into it
MANY = 256  # rows that are waited for before a write brings them in
_SLICE = 1000  # rows that one write brings in at most
_AT_ONCE = 20_000  # rows of a transaction that does nothing else
_MAKE = (
    f"CREATE VIRTUAL TABLE IF NOT EXISTS {INDEX} USING fts5(words, content='', columnsize=0, detail=none,"
    " tokenize='ascii')"
)
_SHEET = 3000  # characters: a sheet that has fewer takes the next words too
# all words on sheets anew; a sheet has a line end before its first word and behind each
SHEETS = (
    "INSERT INTO search_sheet (words) SELECT char(10) || group_concat(word, char(10)) || char(10) FROM search_word"
    " GROUP BY substr(word, 1, 2)"
)
_ASK = f"SELECT 1 FROM {INDEX} WHERE {INDEX} MATCH ? LIMIT 1"
_KEY = 100  # the line of search_mark that says of which version of the tokens the index is


# ------------------------------------------------------------------ triggers


def triggers() -> dict[str, str]:
    """Name -> text of the triggers that note what the index does not have right any more."""
    return {f"search_{place.table}_{event}": _trigger(place, event) for place in PLACES for event in _EVENTS}


def of_inserts() -> list[str]:
    """Those that have nothing to note for new rows, since they come above the mark."""
    return [f"search_{place.table}_insert" for place in PLACES]


_EVENTS = ("insert", "update", "delete")


def _trigger(place: Place, event: str) -> str:
    row = "NEW" if event == "insert" else "OLD"
    when = f"{row}.id <= (SELECT last_id FROM search_mark WHERE place = {place.number})"
    of, before = "", "NULL"
    if event != "insert":
        before = place.text("OLD")
    if event == "update":
        of = f" OF {', '.join(place.columns)}"
        when += " AND " + " || char(10) || ".join(f"coalesce(OLD.{column}, '')" for column in place.columns)
        when += " IS NOT " + " || char(10) || ".join(f"coalesce(NEW.{column}, '')" for column in place.columns)
    doc = f"{place.base} + {row}.id" if place.number else f"{row}.id"
    return (
        f"CREATE TRIGGER search_{place.table}_{event} AFTER {event.upper()}{of} ON {place.table} WHEN {when}"
        f" BEGIN INSERT INTO search_pending (doc, before) SELECT {doc}, {before}"
        f" WHERE NOT EXISTS (SELECT 1 FROM search_pending WHERE doc = {doc}); END"
    )


# ------------------------------------------------------------------ keeping up


def begin(connection: sqlite3.Connection) -> None:
    """Marks of a database that has none: everything is still to be brought in."""
    marks = [(place.number, 0) for place in PLACES] + [(_KEY, VERSION)]
    connection.executemany("INSERT OR IGNORE INTO search_mark (place, last_id) VALUES (?, ?)", marks)


def waiting(connection: sqlite3.Connection) -> int:
    """How many rows the index does not have right, at most; all of them where it is of another version."""
    ours = f"EXISTS (SELECT 1 FROM search_mark WHERE place = {_KEY} AND last_id = {VERSION})"
    newest = " + ".join(
        f"max(0, (SELECT coalesce(max(id), 0) FROM {place.table})"
        f" - coalesce((SELECT last_id FROM search_mark WHERE place = {place.number} AND {ours}), 0))"
        for place in PLACES
    )
    (count,) = connection.execute(f"SELECT {newest} + (SELECT count(*) FROM search_pending)").fetchone()
    return int(count)


def keep_up(connection: sqlite3.Connection) -> None:
    """Within a write, before it is committed: bring in some of many rows that wait."""
    if waiting(connection) >= MANY:
        bring_in(connection, _SLICE)


def catch_up(connection: sqlite3.Connection) -> None:
    """Bring in all that waits if it is much, in transactions of their own: others write in between."""
    while waiting(connection) >= MANY:
        turn.begin(connection)
        is_there = bring_in(connection, _AT_ONCE)
        connection.execute("COMMIT")
        if not is_there:
            return


def bring_in(connection: sqlite3.Connection, most: int) -> bool:
    """Put rows that wait into the index, changed ones first; False where this SQLite has no FTS5."""
    if not _ready(connection):
        return False
    gone: set[str] = set()
    new: set[str] = set()
    left = most - _bring_changed(connection, most, gone, new)
    for place in PLACES:
        if left > 0:
            left -= _bring_new(connection, place, left, new)
    _keep_words(connection, new)
    _drop_words(connection, gone - new)
    return True


def _ready(connection: sqlite3.Connection) -> bool:
    row = connection.execute("SELECT last_id FROM search_mark WHERE place = ?", (_KEY,)).fetchone()
    try:
        if row is None or row[0] != VERSION or not _is_made(connection):
            empty(connection)
            connection.execute(_MAKE)
        connection.execute(_ASK, ("a",)).fetchone()
    except sqlite3.OperationalError as error:
        if "no such module" in str(error):
            return False
        raise
    return True


def _is_made(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (INDEX,)).fetchone() is not None


def empty(connection: sqlite3.Connection) -> None:
    """Take everything out of it: all rows wait again, and nothing of any text is left in it."""
    for table in _tables(connection):
        connection.execute(f"DELETE FROM {table}")
    begin(connection)
    try:
        connection.execute(f"DROP TABLE IF EXISTS {INDEX}")
    except sqlite3.OperationalError:  # a SQLite without FTS5 cannot: the next one that has it makes it anew
        for part in ("data", "idx"):
            connection.execute(f"DELETE FROM {INDEX}_{part}")
        connection.execute("DELETE FROM search_mark WHERE place = ?", (_KEY,))


def _tables(connection: sqlite3.Connection) -> list[str]:
    """Those that there are: a copy of an older version has fewer."""
    listed = "', '".join(TABLES)
    return [name for (name,) in connection.execute(f"SELECT name FROM sqlite_schema WHERE name IN ('{listed}')")]


def forget(connection: sqlite3.Connection) -> None:
    """Within a write that wipes: what its rows had leaves the index too, and no page keeps a word of it."""
    there = _tables(connection)
    if "search_pending" not in there:
        return  # a copy of an older version
    if not connection.execute("SELECT 1 FROM search_pending LIMIT 1").fetchone():
        return
    if len(there) < len(TABLES) or not _ready(connection):
        empty(connection)
        return
    gone: set[str] = set()
    new: set[str] = set()
    while _bring_changed(connection, _AT_ONCE, gone, new):
        pass
    _keep_words(connection, new)
    _drop_words(connection, gone - new)
    connection.execute(f"INSERT INTO {INDEX} ({INDEX}) VALUES ('optimize')")


def _bring_changed(connection: sqlite3.Connection, most: int, gone: set[str], new: set[str]) -> int:
    rows = connection.execute("SELECT doc, before FROM search_pending ORDER BY doc LIMIT ?", (most,)).fetchall()
    for doc, before in rows:
        place, row_id = PLACES[doc >> 40], doc & ((1 << 40) - 1)
        if before is not None:
            had = tokens(before, sounds=place.sounds)
            gone |= had.words
            connection.execute(
                f"INSERT INTO {INDEX} ({INDEX}, rowid, words) VALUES ('delete', ?, ?)", (doc, _joined(had))
            )
        row = connection.execute(f"SELECT {place.text('x')} FROM {place.table} x WHERE x.id = ?", (row_id,)).fetchone()
        if row is not None and row[0] is not None:
            has = tokens(row[0], sounds=place.sounds)
            new |= has.words
            connection.execute(f"INSERT INTO {INDEX} (rowid, words) VALUES (?, ?)", (doc, _joined(has)))
    connection.executemany("DELETE FROM search_pending WHERE doc = ?", [(doc,) for doc, _ in rows])
    return len(rows)


def _bring_new(connection: sqlite3.Connection, place: Place, most: int, new: set[str]) -> int:
    (mark,) = connection.execute("SELECT last_id FROM search_mark WHERE place = ?", (place.number,)).fetchone()
    rows = connection.execute(
        f"SELECT x.id, {place.text('x')} FROM {place.table} x WHERE x.id > ? ORDER BY x.id LIMIT ?", (mark, most)
    ).fetchall()
    if not rows:
        return 0
    connection.executemany(f"INSERT INTO {INDEX} (rowid, words) VALUES (?, ?)", _lines(rows, place, new))
    connection.execute("UPDATE search_mark SET last_id = ? WHERE place = ?", (rows[-1][0], place.number))
    return len(rows)


def _lines(rows: Iterable[tuple[int, str | None]], place: Place, new: set[str]) -> Iterator[tuple[int, str]]:
    base, sounds = place.base, place.sounds
    for row_id, text in rows:
        if text is not None:
            has = tokens(text, sounds=sounds)
            new |= has.words
            yield base + row_id, _joined(has)


def _joined(has: Tokens) -> str:
    return " ".join(has.words | has.others)


def _keep_words(connection: sqlite3.Connection, words: set[str]) -> None:
    """Words that texts have now."""
    import json

    asked = "SELECT word FROM search_word WHERE word IN (SELECT value FROM json_each(?))"
    new = sorted(words.difference(word for (word,) in connection.execute(asked, (json.dumps(list(words)),))))
    if not new:
        return
    connection.executemany("INSERT INTO search_word (word) VALUES (?)", [(word,) for word in new])
    lines = "".join(f"{word}\n" for word in new)
    newest = "id = (SELECT max(id) FROM search_sheet)"
    added = f"UPDATE search_sheet SET words = words || ? WHERE {newest} AND length(words) < {_SHEET}"
    if not connection.execute(added, (lines,)).rowcount:
        connection.execute("INSERT INTO search_sheet (words) VALUES (?)", (f"\n{lines}",))


def _drop_words(connection: sqlite3.Connection, words: Iterable[str]) -> None:
    """Words that no text has any more."""
    dead = {word for word in words if not connection.execute(_ASK, (quoted(word),)).fetchone()}
    if not dead:
        return
    connection.executemany("DELETE FROM search_word WHERE word = ?", [(word,) for word in dead])
    for sheet, had in connection.execute("SELECT id, words FROM search_sheet").fetchall():
        known = had[1:-1].split("\n")
        if not dead.isdisjoint(known):
            left = "".join(f"{word}\n" for word in known if word not in dead)
            connection.execute("UPDATE search_sheet SET words = ? WHERE id = ?", (f"\n{left}", sheet))


# ------------------------------------------------------------------ asked by a search


def can_be_made(connection: sqlite3.Connection) -> bool:
    """Whether this SQLite has FTS5; without it every search reads the texts."""
    return connection.execute("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'").fetchone() is not None


def state(db: "Reader") -> tuple[bool, dict[int, int]]:
    """Whether there is an index that can be asked, and up to which id it has each place; 0 where it has nothing."""
    marks = dict.fromkeys((place.number for place in PLACES), 0)
    found: dict[int, int] = dict(db.rows("SELECT place, last_id FROM search_mark"))
    try:
        if found.get(_KEY) != VERSION or not _is_made(db.connection):
            return False, marks
        db.connection.execute(_ASK, ("a",)).fetchone()
    except sqlite3.OperationalError:
        return False, marks
    return True, marks | {place: last for place, last in found.items() if place in marks}
