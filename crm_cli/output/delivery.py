"""Hands a finished letter over, all of it or an error, in a process that a kill does not part from its claim.

A letter that is told once must be written and claimed together, though no system call does both. So the run forks: the
process that was started only waits, and one that no signal to the first or to its group reaches does the work, a few
milliseconds long. Killed before, nothing is written and nothing claimed; killed later, both are.
"""

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable
from typing import Any

from crm_cli.errors import Cancelled, FileError
from crm_cli.output.output import Output
from crm_cli.output.streams import Nowhere, Screen

_PIECE = 4096  # what a pipe that is ready for writing takes without waiting
_PIPE = 65536  # what an ordinary pipe holds
_LARGEST_PIPE = 1 << 20
_HELD = (signal.SIGINT, signal.SIGTERM)
Begin = Callable[[], None]


def apart(out: Output, work: Callable[[Begin], int]) -> int:
    """Does the work in a process of its own and returns its exit code; the work calls `begin` before it hands over.

    Without a file behind stdout, or on a system that cannot fork, it is done here.
    """
    if isinstance(out.out, Nowhere):
        raise FileError("Nothing was told: standard output is closed")
    if _descriptor(out) is None or not hasattr(os, "fork"):
        return work(lambda: None)
    out.flush()
    starter = os.getpid()
    worker = os.fork()
    if worker:
        return _wait(worker)
    os.setsid()
    return work(lambda: _begin(starter))


def _begin(starter: int) -> None:
    """From here to the end nothing stops us; when the run that asked is gone already, nothing is begun."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _HELD)
    if os.getppid() != starter:
        raise Cancelled("Stopped; nothing was changed")


def _wait(worker: int) -> int:
    try:
        return _ended(worker)
    except KeyboardInterrupt:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, signal.SIGTERM)
        code = _ended(worker)
        if code != 128 + signal.SIGTERM:
            return code  # it had begun, and is told
        raise


def _ended(worker: int) -> int:
    _, status = os.waitpid(worker, 0)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def sealed(out: Output, text: str) -> bytes:
    """The letter as it goes out: in UTF-8 whatever the locale, harmless on a terminal."""
    shown = out.out.safe(text) if isinstance(out.out, Screen) else text
    return shown.encode("utf-8", "backslashreplace")


def hand_over(out: Output, letter: bytes, seconds: float | None = None) -> bytes:
    """Writes the letter; returns what the reader has not taken within so many seconds, without them nothing.

    Raises what the system says when nobody reads or the disk is full.
    """
    fd = _descriptor(out)
    if fd is None or not hasattr(select, "poll"):
        out.out.write(letter.decode())
        out.out.flush()
        return b""
    _make_room(fd, len(letter))
    until = time.monotonic() + seconds if seconds is not None else None
    ready = select.poll()
    ready.register(fd, select.POLLOUT)
    while letter:
        patience = None if until is None else max(0.0, (until - time.monotonic()) * 1000)
        if not ready.poll(patience):
            break
        with contextlib.suppress(BlockingIOError):
            letter = letter[os.write(fd, letter[:_PIECE]) :]
    return letter


def _make_room(fd: int, size: int) -> None:
    """A long letter fits whole into a pipe that was made larger (Linux)."""
    if size > _PIPE:
        with contextlib.suppress(ImportError, AttributeError, OSError):
            import fcntl

            fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, min(size + _PIECE, _LARGEST_PIPE))


def _descriptor(out: Output) -> int | None:
    stream: Any = out.out
    try:
        return int(stream.fileno())
    except (OSError, ValueError, AttributeError):
        return None
