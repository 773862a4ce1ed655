"""The full-text index brought up to date beside everything else: in short transactions, and only where nobody minds."""

import sqlite3
from contextlib import suppress

from crm_cli.errors import CrmError
from crm_cli.store import fulltext
from crm_cli.store.reader import Reader, uri

MUCH = 5000  # rows that a search would have to read one by one
_PATIENCE = 0.3  # seconds; whoever writes goes first, and the search reads the rows itself


def behind(db: Reader) -> int:
    """How many rows the index does not have, where that is worth bringing them in first; else 0."""
    count = fulltext.waiting(db.connection)
    return count if count >= MUCH and fulltext.can_be_made(db.connection) else 0


def waits(db: Reader) -> bool:
    """Whether there is enough for a job of the night to bring in."""
    return fulltext.waiting(db.connection) >= fulltext.MANY and fulltext.can_be_made(db.connection)


def catch_up(path: str) -> None:
    """Bring in what waits. Where the file may not be written, or is being written, it is left for another time."""
    from crm_cli.store.journal import refuse_strangers

    with suppress(sqlite3.Error, CrmError):
        connection = sqlite3.connect(uri(path, "rw"), uri=True, timeout=_PATIENCE, isolation_level=None)
        try:
            connection.executescript("PRAGMA trusted_schema=OFF; PRAGMA synchronous=FULL; PRAGMA cache_size=-64000;")
            refuse_strangers(connection, path)
            fulltext.catch_up(connection)
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            connection.close()
