"""A long answer on a terminal goes through a pager; a short one stays on the screen as it is."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from subprocess import Popen

Draw = Callable[[TextIO], None]
_TEXT_IN_PAGER = {"LESSCHARSET": "utf-8", "LV": "-c"}  # what we write is UTF-8, whatever the locale says


class Sheaf:
    """Keeps an answer until the database is closed; a table is drawn only when it is read, row by row."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.pieces: list[str | Draw] = []
        self.lines = 0

    def write(self, text: str) -> int:
        if text:
            self.pieces.append(text)
            self.lines += text.count("\n")
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def later(self, lines: int, draw: Draw) -> None:
        """So many lines that `draw` writes to the stream that it is given."""
        self.pieces.append(draw)
        self.lines += lines

    def drop(self) -> None:
        """Nobody is to see it."""
        self.pieces.clear()
        self.lines = 0

    def release(self, stream: TextIO) -> None:
        """Everything in the order in which it was said."""
        for piece in self.pieces:
            if isinstance(piece, str):
                stream.write(piece)
            else:
                piece(stream)

    def flush(self) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def show(sheaf: Sheaf, command: str, *, colour: bool) -> str:
    """The answer on the screen, through the pager where it is longer; returns a pager that could not be started."""
    words = _words(command) if sheaf.lines >= _height(sheaf.stream) else []
    if not words:
        sheaf.release(sheaf.stream)
        return ""
    sheaf.stream.flush()
    started = _start(words, colour)
    if started is None:
        sheaf.release(sheaf.stream)
        return "" if words == ["less"] else command
    with _left_to_the_pager():
        _feed(sheaf, started)
    return ""


def _words(command: str) -> list[str]:
    """The program and its arguments, split as a shell would but never given to one; `cat` is no pager."""
    import shlex

    try:
        words = shlex.split(command)
    except ValueError:
        words = [command]
    return [] if words == ["cat"] else words


def _height(stream: TextIO) -> int:
    typed = os.environ.get("LINES", "")
    if typed.isascii() and typed.isdigit() and int(typed[:6]) > 0:
        return int(typed[:6])
    try:
        return os.get_terminal_size(stream.fileno()).lines or 24
    except (OSError, ValueError):
        return 24


def _start(words: list[str], colour: bool) -> "Popen[str] | None":
    import subprocess

    if colour and os.path.basename(words[0]) == "less":
        words = [words[0], "-R", *words[1:]]  # somebody's own LESS may lack it, and colours would be read as signs
    environ = {"LESS": "FRX", **os.environ, **_TEXT_IN_PAGER}
    try:
        # the program is the person's own choice; no shell reads it
        return subprocess.Popen(words, stdin=subprocess.PIPE, env=environ, encoding="utf-8", errors="backslashreplace")  # noqa: S603
    except (OSError, ValueError):
        return None


def _feed(sheaf: Sheaf, pager: "Popen[str]") -> None:
    """Hands the answer over; who closes the pager early has seen enough."""
    pipe = cast("TextIO", pager.stdin)
    try:
        sheaf.release(pipe)
    except BrokenPipeError:
        pass
    finally:
        try:
            pipe.close()
        except BrokenPipeError:
            pass
        pager.wait()


@contextmanager
def _left_to_the_pager() -> Iterator[None]:
    """Ctrl-C is the pager's: less stops reading with it and stays."""
    import signal

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
