"""Whom a privacy erase took away: keyed codes of e-mails, phones and names, which say nothing without the key."""

import hmac
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime

from crm_cli.store.reader import Reader
from crm_cli.store.writer import Plain


def coder(db: Reader) -> Callable[[str, str], str] | None:
    """What makes the code of a kind and a key; None where nobody was ever erased."""
    if not db.value("SELECT 1 FROM tombstone LIMIT 1"):
        return None
    secret = str(db.value("SELECT secret FROM tombstone_key"))
    return lambda kind, key: code(secret, kind, key)


def code(secret: str, kind: str, key: str) -> str:
    """HMAC-SHA256 of one key."""
    return hmac.digest(bytes.fromhex(secret), f"{kind}\n{key}".encode(), "sha256").hex()


def put_up(db: Plain, marks: Iterable[tuple[str, str]], now: datetime, secret: str = "") -> str:
    """Keep the codes of erased people; returns the key, which is made with the first of them."""
    kept = db.value("SELECT secret FROM tombstone_key")
    if kept is None:
        kept = secret or secrets.token_hex(32)
        db.execute("INSERT INTO tombstone_key (id, secret) VALUES (1, ?)", (kept,))
    day = now.date().isoformat()
    rows = [(kind, code(kept, kind, key), day) for kind, key in sorted(marks)]
    db.many("INSERT OR IGNORE INTO tombstone (kind, mark, erased_on) VALUES (?, ?, ?)", rows)
    return str(kept)
