"""The installed program at a terminal: what is typed, and what stands on the screen of an emulator."""

import os
import sys
from pathlib import Path

import pexpect
import pyte
from conftest import Crm

CRM = Path(sys.prefix) / "bin" / "crm"
CTRL_C = "\x03"
CTRL_D = "\x04"
CTRL_S = "\x13"
CTRL_U = "\x15"
SHIFT_TAB = "\x1b[Z"
DOWN = "\x1b[B"
_LONGEST = 20  # seconds that a screen is waited for


class Terminal:
    """The installed program at a terminal, 80 x 24 unless said otherwise."""

    def __init__(
        self,
        crm: Crm,
        *words: str,
        out: Path | None = None,
        env: dict[str, str] | None = None,
        columns: int = 80,
        rows: int = 24,
        program: str = str(CRM),
    ) -> None:
        environ = {**os.environ, **crm.environ, "TERM": "xterm-256color", **(env or {})}
        environ = {key: value for key, value in environ.items() if key not in ("COLUMNS", "LINES")}
        arguments = [program, *words]
        if out is not None:
            arguments = ["/bin/sh", "-c", f'exec "$0" "$@" >"{out}"', *arguments]
        self.child = pexpect.spawn(
            arguments[0], arguments[1:], env=environ, dimensions=(rows, columns), timeout=_LONGEST, encoding="utf-8"
        )
        self.screen = pyte.HistoryScreen(columns, rows, history=1000)
        self.stream = pyte.Stream(self.screen)
        self.seen = ""

    def expect(self, text: str) -> "Terminal":
        """Wait until the text stands on the screen."""
        while text not in self.shown():
            try:
                chunk = self.child.read_nonblocking(4096, timeout=_LONGEST)
            except (pexpect.EOF, pexpect.TIMEOUT) as error:
                raise AssertionError(f"{text!r} never came; the screen:\n" + self.shown()) from error
            self._feed(chunk)
        return self

    def shown(self) -> str:
        """The screen as it stands."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def type(self, text: str) -> "Terminal":
        self.child.send(text)
        return self

    def resize(self, columns: int, rows: int) -> "Terminal":
        self.screen.resize(rows, columns)
        self.child.setwinsize(rows, columns)
        return self

    def end(self) -> int:
        """Read on until the program ends; its exit code."""
        while True:
            try:
                self._feed(self.child.read_nonblocking(4096, timeout=_LONGEST))
            except pexpect.EOF:
                break
        self.child.close()
        assert self.child.exitstatus is not None, self.child.signalstatus
        return int(self.child.exitstatus)

    def _feed(self, chunk: str) -> None:
        self.seen += chunk
        self.stream.feed(chunk)
        if "\x1b[6n" in chunk:  # the prompt asks where the cursor is, as it would ask any terminal
            self.child.send(f"\x1b[{self.screen.cursor.y + 1};{self.screen.cursor.x + 1}R")
