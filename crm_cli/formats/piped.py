"""A zip on standard input: kept as a file, since a zip is read from its end."""

import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def packed_stdin() -> Iterator[str | None]:
    """The path of a copy; None where standard input begins otherwise, and nothing was taken from it."""
    stream = None if sys.stdin is None else sys.stdin.buffer
    if stream is None or not _begins_packed(stream):
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="crm-", ignore_cleanup_errors=True) as folder:
        path = os.path.join(folder, "stdin")
        with open(path, "xb") as copy:
            shutil.copyfileobj(stream, copy)
        yield path


def put_back(path: str) -> None:
    """Let whoever reads standard input next have what was taken from it: a workbook is a zip too."""
    sys.stdin = io.TextIOWrapper(open(path, "rb"), encoding="utf-8")  # noqa: SIM115


def _begins_packed(stream: Any) -> bool:
    try:
        if stream.seekable():
            at = stream.tell()
            head = stream.read(4)
            stream.seek(at)
        else:
            head = stream.peek(4)[:4]
    except (OSError, ValueError, AttributeError):
        return False  # whoever reads it says what is wrong
    return bool(head == b"PK\x03\x04")
