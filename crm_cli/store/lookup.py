"""Look-ups for completion: the bare driver, read-only, at most a moment; an empty answer where anything is wrong.

`store.reader` explains what is wrong and mends a journal left by a crash; both would be out of place on TAB, and its
imports cost more than the whole answer may.
"""

import os
from time import monotonic

try:
    # The driver without its converters of dates, which nobody needs here: half the cost of `import sqlite3`.
    from _sqlite3 import Error, connect
except ImportError:
    from sqlite3 import Error, connect

APPLICATION_ID = b"CRM1"  # as in store.identity, whose imports are too heavy here
_BUSY_SECONDS = 0.2
_MOST_SECONDS = 0.5
_STEPS = 20_000  # of SQLite's machine between two looks at the clock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Lookup:
    """Rows of the database at `path`, opened on the first question. A file that is missing is not made."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._connection: Any = None
        self._is_open = False
        self._end = 0.0

    def rows(self, sql: str, params: "tuple[Any, ...]" = ()) -> "list[tuple[Any, ...]]":
        """All rows; none where the database is missing, locked, damaged or not ours, or where the time is up."""
        if not self._is_open:
            self._is_open = True
            self._connection = self._opened()
        if self._connection is None:
            return []
        try:
            found: list[tuple[Any, ...]] = self._connection.execute(sql, params).fetchall()
        except Error:
            return []
        return found

    def _opened(self) -> "Any":
        try:
            if not os.path.isfile(self.path):  # also a pipe, which would never answer
                return None
            with open(self.path, "rb") as file:
                head = file.read(72)
            if head[:16] != b"SQLite format 3\0" or head[68:72] != APPLICATION_ID:
                return None
            connection = connect(_uri(self.path), uri=True, timeout=_BUSY_SECONDS, isolation_level=None)
            connection.execute("PRAGMA query_only=ON")
            connection.execute("PRAGMA trusted_schema=OFF")
            self._end = monotonic() + _MOST_SECONDS
            connection.set_progress_handler(lambda: monotonic() > self._end, _STEPS)
        except (OSError, ValueError, Error):
            return None
        return connection


def _uri(path: str) -> str:
    """Read-only; what has a meaning in a URI is written by its number."""
    name = os.path.abspath(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return f"file:{name}?mode=ro"
