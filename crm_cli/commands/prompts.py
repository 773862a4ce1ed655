"""The prompts themselves, on stderr: a line, one of several, yes or no; plain lines where the terminal is dumb."""

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from crm_cli.commands.answering import BACK as BACK
from crm_cli.commands.answering import END as END
from crm_cli.commands.answering import NEXT, Answer, at_width, hasten_escape, stops_at_escape
from crm_cli.commands.answering import is_waiting as is_waiting
from crm_cli.context import App
from crm_cli.errors import Cancelled, CrmError
from crm_cli.i18n import t
from crm_cli.rules.text import clean, clean_lines, fold

Check = Callable[[str], Any]
_SHOWN = 30  # names that completion offers at once
_MENU = 5  # lines kept free for them


class Offer(NamedTuple):
    """A value that completion knows, and what else it answers to."""

    text: str
    also: tuple[str, ...] = ()


Known = Sequence[str | Offer] | Callable[[str], Sequence[str | Offer]]


def line(
    app: App,
    label: str,
    *,
    check: Check | None = None,
    known: Known = (),
    default: str = "",
    must: bool = True,
    hint: str = "",
) -> str:
    """A line of text without outer spaces; what is wrong with it is said under it, and nothing typed is lost. `hint`
    stands behind the question, in brackets."""
    hint = "; ".join(filter(None, [hint, t("TAB lists") if known and not is_dumb(app) else ""]))
    return field(app, label, check=check, known=known, default=default, must=must, hint=hint)[0].strip()


def field(
    app: App,
    label: str,
    *,
    check: Check | None = None,
    known: Known = (),
    default: str = "",
    kept: str | None = None,
    must: bool = False,
    several: bool = False,
    hint: str = "",
) -> tuple[str, str]:
    """A line, and where to go from it. In a form, where `kept` is the value that needs no check, Shift-Tab goes back
    and Ctrl-S to the end. `several`: `a; b`."""
    app.assert_may_ask()
    valid = _valid(label, check, must, kept)
    if is_dumb(app):
        app.asked = True
        return _plain_line(app, f"{label} ({hint})" if hint else label, valid, default), NEXT
    import questionary

    answer = Answer(valid, in_form=kept is not None)
    asked = questionary.text(
        f"{_asking(clean(label))} ({clean(hint)})" if hint else _asking(clean(label)),
        default=default,
        completer=_completer(known, several) if known else None,
        complete_in_thread=callable(known),
        reserve_space_for_menu=_MENU if known else 0,
        key_bindings=answer.keys(),
        output=stderr(app),
    )
    answer.show_in(asked.application)
    typed = _run(asked)
    app.asked = True
    return typed if isinstance(typed, tuple) else (str(typed), NEXT)


def _valid(label: str, check: Check | None, must: bool, kept: str | None) -> Callable[[str], bool | str]:
    """`kept` is there already and needs no check."""

    def valid(typed: str) -> bool | str:
        if not typed.strip():
            return clean(t("{name} may not be empty", name=label)) if must else True
        if check is not None and typed != kept:
            try:
                check(typed.strip())
            except CrmError as error:
                return clean(wrong(error))
        return True

    return valid


def wrong(error: CrmError) -> str:
    """What is wrong with an answer, without the option that it would be typed behind."""
    said = str(error.holes["reason"]) if error.sentence == "--{option}: {reason}" else error.message()
    stop = "" if not error.advice() or said.endswith((".", "。", "?", "？")) else "."
    return f"{said}{stop} {error.advice()}".strip()


def choose(app: App, question: str, choices: Sequence[tuple[str, str]], *, default: str | None = None) -> str:
    """One of several, shown by their names: (name, value)."""
    app.assert_may_ask()
    if is_dumb(app):
        return _plain_choice(app, question, choices)
    import questionary

    shown = [questionary.Choice(clean(name), value=value) for name, value in choices]
    asked = questionary.select(
        clean(question),
        choices=shown,
        default=default,
        instruction=t("(arrow keys, Enter; Esc stops)"),
        output=stderr(app),
    )
    stops_at_escape(asked.application.key_bindings, eager=True)
    chosen = str(_run(asked))
    app.asked = True
    return chosen


def yes(app: App, question: str, *, default: bool = False) -> bool:
    """A yes or a no."""
    app.assert_may_ask()
    hint = t("(Y/n)") if default else t("(y/N)")
    if is_dumb(app):
        typed = fold(_plain_line(app, f"{question} {hint}", lambda _: True, ""))
        return typed[:1] in ("y", "是") if typed else default
    answer = bool(_run(_yes_or_no(app, clean(question), hint, default)))
    app.asked = True
    return answer


_YES, _NO = "yｙ是好", "nｎ否不"


def _yes_or_no(app: App, question: str, hint: str, default: bool) -> Any:
    """One key answers; the answer is left standing behind the question, in the user's language."""
    import questionary
    from prompt_toolkit import PromptSession
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.keys import Keys
    from questionary.styles import merge_styles_default

    said = [""]
    bindings = KeyBindings()
    stops_at_escape(bindings, eager=True)

    def answer(event: Any, value: bool) -> None:
        said[0] = t("yes") if value else t("no")
        event.app.exit(result=value)

    @bindings.add(Keys.Any)
    def pressed(event: Any) -> None:
        key = event.data.casefold()
        if key and (key in _YES or key in _NO):
            answer(event, key in _YES)

    @bindings.add("enter", eager=True)
    def kept(event: Any) -> None:
        answer(event, default)

    @bindings.add(Keys.BracketedPaste)
    def pasted(event: Any) -> None:
        """What is pasted is no answer."""

    def message() -> Any:
        told = ("class:answer", said[0]) if said[0] else ("class:instruction", f"{hint} ")
        return [("class:qmark", "?"), ("class:question", f" {at_width(question)} "), told]

    session: Any = PromptSession(message, key_bindings=bindings, style=merge_styles_default([]), output=stderr(app))
    return questionary.Question(session.app)


# ------------------------------------------------------------------ how they run


def stderr(app: App) -> Any:
    """Prompts are words: they go where words go, so that stdout stays data."""
    from prompt_toolkit.output import create_output

    return create_output(stdout=app.out.err)


def is_dumb(app: App) -> bool:
    """A terminal that can only print lines."""
    return app.environ.get("TERM", "").strip().lower() in ("dumb", "unknown", "")


def _run(asked: Any) -> Any:
    hasten_escape(asked.application)
    with tidy():
        answer = asked.unsafe_ask()
    if answer is None:
        raise Cancelled("Stopped; nothing was changed")
    return answer


@contextmanager
def tidy() -> Iterator[None]:
    """A signal that ends the program first gives the terminal back as it was."""

    def end(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _completer(known: Known, several: bool) -> Any:
    """Names in use, found by any part of them in either language; of `a; b` the last one is completed."""
    from prompt_toolkit.completion import Completer, Completion

    class Names(Completer):
        def get_completions(self, document: Any, complete_event: Any) -> Iterator[Completion]:
            typed = document.text_before_cursor
            if several:
                typed = typed.replace("；", ";").rpartition(";")[2].lstrip()
            for text in offered(known, typed):
                yield Completion(text, start_position=-len(typed))

    return Names()


def offered(known: Known, typed: str) -> list[str]:
    """What completion offers for what was typed so far: what begins so comes first."""
    key = fold(typed)
    found: dict[str, bool] = {}
    for entry in known(typed) if callable(known) else known:
        offer = entry if isinstance(entry, Offer) else Offer(entry)
        places = [fold(name).find(key) for name in (offer.text, *offer.also)]
        if max(places) >= 0 and clean(offer.text) == offer.text:
            found.setdefault(offer.text, 0 not in places)
    return sorted(found, key=lambda text: found[text])[:_SHOWN]


def _asking(label: str) -> str:
    """What stands before the answer: no colon behind a question mark, nor behind what hangs on one."""
    return label if label.endswith(("?", "？", "?)", "？）")) else f"{label}:"


# ------------------------------------------------------------------ a dumb terminal


def _plain_line(app: App, label: str, valid: Callable[[str], bool | str], default: str) -> str:
    """A line read as the terminal gives it; Enter keeps what is there, `-` empties it."""
    shown = " ".join(clean_lines(default))
    question = t("{label} [{value}; - for nothing]:", label=label, value=shown) if default else _asking(label)
    while True:
        app.out.tell(question)
        app.out.flush()
        read = sys.stdin.readline()
        if not read:
            raise EOFError
        typed = read.strip()
        if typed == "\x1b":
            raise KeyboardInterrupt
        answer = default if default and not typed else "" if default and typed == "-" else typed
        problem = valid(answer)
        if problem is True:
            return answer
        app.out.tell(str(problem))


def _plain_choice(app: App, question: str, choices: Sequence[tuple[str, str]]) -> str:
    for number, (name, _) in enumerate(choices, 1):
        app.out.tell(f"{number}  {clean(name)}")

    def valid(typed: str) -> bool | str:
        fits = typed.isascii() and typed.isdigit() and 1 <= int(typed[:6]) <= len(choices)
        return fits or t("Type a number from 1 to {n}", n=len(choices))

    return choices[int(_plain_line(app, question, valid, "")) - 1][1]
