"""The streams that answers are written to: UTF-8 always, harmless on a terminal, never missing."""

import os
import sys
from collections.abc import Iterable
from typing import Any, TextIO
from unicodedata import category

from crm_cli.rules.text import clean

_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


class Screen:
    """Data for machines that a person looks at: what would control the terminal is written as an escape.

    In JSON that is `\\u001b`, which reads back as the same text; elsewhere it is spelled as in a table.
    """

    def __init__(self, stream: TextIO, *, as_json: bool) -> None:
        self.stream = stream
        self.safe = _escaped if as_json else _spelled

    def write(self, text: str) -> int:
        return self.stream.write(text if text.isascii() and text.isprintable() else self.safe(text))

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def screen(stream: TextIO, *, as_json: bool) -> TextIO:
    """The stream of a terminal, with what would control it taken out of what is written."""
    return Screen(stream, as_json=as_json)  # type: ignore[return-value]


def _escaped(text: str) -> str:
    return "\n".join(line if line.isprintable() else "".join(map(_as_json, line)) for line in text.split("\n"))


def _as_json(char: str) -> str:
    if char.isprintable() or category(char) not in _UNSEEN:
        return char
    code = ord(char)
    if code < 0x10000:
        return f"\\u{code:04x}"
    return f"\\u{0xD7C0 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def _spelled(text: str) -> str:
    return "\n".join("\t".join(map(clean, line.split("\t"))) for line in text.split("\n"))


class Nowhere:
    """Stands for a descriptor that was closed before we started: what is written to it goes nowhere."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        return None

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        raise OSError("closed")


def speaking(stream: Any) -> TextIO:
    """The stream in UTF-8 whatever the locale says."""
    if stream is None:
        return Nowhere()  # type: ignore[return-value]
    if hasattr(stream, "reconfigure") and not str(stream.encoding).lower().startswith("utf-8"):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    elif hasattr(stream, "reconfigure") and stream.errors == "strict":
        stream.reconfigure(errors="backslashreplace")
    return stream  # type: ignore[no-any-return]


def nobody_reads() -> bool:
    """Whether the reader of our output has gone, so that what is said goes nowhere."""
    return sys.stdout is None or sys.stdout.closed or getattr(sys.stdout, "name", "") == os.devnull


def is_terminal(stream: Any) -> bool:
    """Whether a person reads what is written there."""
    try:
        return bool(stream.isatty())
    except (ValueError, AttributeError):
        return False


def columns_of(stream: Any) -> int:
    """Columns that the system tells of a terminal; 0 where it knows none, as on a serial line."""
    try:
        return max(0, os.get_terminal_size(stream.fileno()).columns)
    except (OSError, ValueError, AttributeError):
        return 0


def may_page(stream: TextIO) -> bool:
    """Whether somebody sits at a terminal on both sides; a pager that nobody can close would wait for ever."""
    return os.environ.get("TERM") != "dumb" and is_terminal(stream) and is_terminal(sys.stdin)
