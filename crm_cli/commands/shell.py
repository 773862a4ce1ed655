"""crm shell: a prompt for the same commands, which pays for starting once; or a script of them on stdin."""

import io
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import typer

from crm_cli.commands.params import Context, noun
from crm_cli.context import App
from crm_cli.errors import BadData, Misuse
from crm_cli.i18n import t
from crm_cli.rules.lines import words_of

words = noun()
_LEAVING = ("exit", "quit", "logout", "bye", "q", ":q")
_DUE = 10  # `remind --exit-code`: something is due, which is no error


@words.command("shell")
def shell(ctx: Context) -> None:
    """Open a prompt that answers the same commands at once, or run a script of them from stdin."""
    app = ctx.obj
    if app.environ.get("CRM_SHELL"):
        raise Misuse("This is the shell already", hint="exit leaves it")
    line = Line(app)
    if app.is_interactive:
        from crm_cli.commands.shellprompt import prompted

        code = _talk(line, prompted(app, line))
    elif _is_terminal(sys.stdin):
        raise Misuse(
            "crm shell shows its prompt on stderr, which is no terminal", hint="A script: crm shell < commands.txt"
        )
    else:
        code = _play(line, _script())
    raise typer.Exit(code)


def _is_terminal(stream: Any) -> bool:
    try:
        return bool(stream and stream.isatty())
    except ValueError:
        return False


class Line:
    """Runs one line after another, each as a program of its own that begins with nothing but what was typed."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.environ = {**app.environ, "CRM_SHELL": "1", **_kept(app)}
        self.before = [f"--{name.replace('_', '-')}" for name in _SWITCHES if app.flags.get(name)]

    def run(self, typed: list[str]) -> int:
        """The exit code of the words of one line; a script's further lines are not theirs to read."""
        if typed[:1] == ["?"]:
            typed = ["help", *typed[1:]]
        return self.app.again([*self.before, *typed], dict(self.environ))


_SWITCHES = ("quiet", "yes", "no_color", "dry_run", "debug")


def _kept(app: App) -> dict[str, str]:
    """What was said to the shell holds for each of its lines, until a line says otherwise."""
    flags = app.flags
    kept = {"CRM_DB": app.config.database() if flags.get("db") else "", "CRM_LANG": flags.get("lang") or ""}
    kept["CRM_FORMAT"] = flags.get("format") or ""
    return {name: str(value) for name, value in kept.items() if value}


def _script() -> Iterator[tuple[int, str]]:
    """The lines of stdin with their numbers. BadData for what is no UTF-8."""
    source = getattr(sys.stdin, "buffer", None)
    lines: Iterable[bytes] = source if source is not None else ()
    for number, raw in enumerate(lines, 1):
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise BadData("Line {line} is not valid UTF-8", line=number) from None
        yield number, text.rstrip("\r\n")


def _play(line: Line, lines: Iterator[tuple[int, str]]) -> int:
    """A script: it stops at the first line that fails, and says which. What stood before it is kept."""
    from crm_cli.errors import CrmError

    for number, text in lines:
        try:
            typed = words_of(text)
        except CrmError as error:
            error.sentence, error.holes = "Line {line}: {reason}", {"line": number, "reason": error.message()}
            raise
        if typed[:1] and typed[0] in _LEAVING:
            return 0
        code = _undisturbed(line, typed) if typed else 0
        if code not in (0, _DUE):
            line.app.out.say("Stopped at line {n}: {line}", n=number, line=text)
            return code
    return 0


def _undisturbed(line: Line, typed: list[str]) -> int:
    """One line of a script; `-` and prompts find nothing on stdin, which is the script."""
    script, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    try:
        return line.run(typed)
    finally:
        sys.stdin = script


def _talk(line: Line, lines: Iterator[str]) -> int:
    """A person: what fails is said, and the next line is asked for."""
    from crm_cli.errors import CrmError
    from crm_cli.output.streams import nobody_reads

    out = line.app.out
    for text in lines:
        try:
            typed = words_of(text)
        except CrmError as error:
            out.error(error)
            continue
        if typed[:1] and typed[0] in _LEAVING:
            break
        if typed:
            code = line.run(typed)
            if code > 128 and code != 130:  # asked to end by a signal
                return code
            if nobody_reads():
                break
    return 0


def greeting(app: App) -> str:
    """The line above the first prompt."""
    return t(
        "{database}; exit or Ctrl-D leaves, TAB completes, help lists the commands", database=app.config.database()
    )
