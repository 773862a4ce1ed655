"""The point of no return: from a commit on nothing stops the program, so that what is kept is also said to be."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")


@contextmanager
def unstoppable() -> Iterator[None]:
    """Signals that would end the program are passed over within the block: heard behind a commit, they would have it
    say that nothing was changed."""
    numbers = [getattr(signal, name) for name in _ENDING if hasattr(signal, name)]
    try:
        before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    except ValueError:  # only the main thread hears signals
        before = {}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
