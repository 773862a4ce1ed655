"""Files that were put together of two encodings: under the one, lines of the other would be read as other words."""

import re
from typing import IO

from crm_cli.errors import BadData

_UTF8_HAN = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}){2}")  # two Chinese signs


def refuse_mixed(file: IO[bytes], name: str, line: int) -> None:
    """BadData for a file with Chinese lines of good UTF-8 in it, though `line` is none."""
    file.seek(0)
    found = [number for number, raw in enumerate(file, 1) if not raw.isascii() and _is_utf8(raw)]
    if found:
        raise BadData(
            "{name} was put together of two encodings: line {line} is UTF-8, line {other} is not.",
            hint="Save all of it in one, best in UTF-8. Lines in UTF-8: {n}.",
            name=name,
            line=found[0],
            other=line,
            n=len(found),
        )


def _is_utf8(raw: bytes) -> bool:
    if not _UTF8_HAN.search(raw):
        return False
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
