"""What must not be kept or shown of a line as typed: the password in a database's address."""

import re

_PASSWORD = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@]*):[^\s@]*@", re.IGNORECASE)
_LONGEST = 2000  # characters; a line made by a script may name thousands of ids


def masked(line: str) -> str:
    """The line with passwords starred out, cut where it is very long."""
    plain = _PASSWORD.sub(r"\1:***@", line)
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"
