"""Waiting for one's turn to write. SQLite's own wait grows lazier the longer it lasts, so that among many writers some
would wait in vain; here who has waited longest asks most often, and is next."""

import sqlite3
import time

_FIRST = (0.001, 0.004, 0.01)  # seconds: most writes of others are over by then
_USUAL = 0.04
_AGEING = 4.0  # the pause is halved after a quarter of a second, a fifth after one


def begin(connection: sqlite3.Connection) -> None:
    """Open a transaction that writes; sqlite3.OperationalError (busy) after the timeout of the connection."""
    (patience,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute("PRAGMA busy_timeout=0")
    began, tries = time.monotonic(), 0
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                waited = time.monotonic() - began
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or waited * 1000 >= patience:
                    raise
            time.sleep(_FIRST[tries] if tries < len(_FIRST) else _USUAL / (1 + _AGEING * waited))
            tries += 1
    finally:
        connection.execute(f"PRAGMA busy_timeout={patience}")
