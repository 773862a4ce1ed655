"""Signals that end the program: heard as Ctrl-C is, so that what is open is rolled back and said to be unchanged."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from crm_cli.errors import Cancelled

_ENDING = ("SIGTERM", "SIGHUP")


class Stop(KeyboardInterrupt):
    """Asked to end by another signal than Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def _stop(number: int, frame: object) -> None:
    raise Stop(number)


@contextmanager
def hearing() -> Iterator[None]:
    """Within the block SIGTERM and SIGHUP end the program tidily; where they are ignored (nohup) they stay so."""
    before = {}
    try:
        for name in _ENDING:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, _stop)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def stopped(stop: BaseException) -> Cancelled:
    """What is said of it, with the exit code that a shell gives to that signal."""
    error = Cancelled("Stopped; nothing was changed")
    if isinstance(stop, Stop):
        error.code = 128 + stop.number
    return error
