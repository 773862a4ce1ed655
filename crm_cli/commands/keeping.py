"""What was typed at prompts is not lost where a write is refused: it is shown as a line, to be mended."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from crm_cli.context import App
from crm_cli.errors import Cancelled, CrmError
from crm_cli.rules import paste


@contextmanager
def nothing_lost(app: App, words: Callable[[], list[str]]) -> Iterator[None]:
    """Where prompts were answered, the history keeps the line that says the same; where the write is refused it is
    shown, to be mended."""
    if app.asked:
        app.said = paste.line(words(), app.environ)
    try:
        yield
    except Cancelled:
        raise
    except CrmError:
        if app.asked:
            app.out.say("What you typed, as a line: {line}", line=paste.line(words(), app.environ))
        raise


@contextmanager
def step(app: App, *lines: Sequence[str]) -> Iterator[None]:
    """What is written within is kept in the history as `crm next: crm done task:7`."""
    app.said = "crm next: " + "; ".join(paste.line(line, app.environ) for line in lines)
    try:
        yield
    finally:
        app.said = ""


def line_words(verb: Sequence[str], options: dict[str, Any], first: str = "") -> list[str]:
    """The words of a command from its options; `first` names those that stand without an option."""
    words, plain = ["crm", *verb], []
    for name, value in options.items():
        texts = [str(text) for text in value] if isinstance(value, list | tuple) else [str(value)]
        if name == "refs":
            continue
        if name in first.split():
            plain += texts
        elif value is True:
            words.append(f"--{name.replace('_', '-')}")
        else:
            words += [word for text in texts for word in (_OPTION.get(name, f"--{name.replace('_', '-')}"), text)]
    dashed = any(text.startswith("-") for text in plain)
    return [*words, "--", *plain] if dashed else [*words[: 1 + len(verb)], *plain, *words[1 + len(verb) :]]


_OPTION = {"lost_reason": "--reason", "done_task": "--done", "audience": "--for"}
