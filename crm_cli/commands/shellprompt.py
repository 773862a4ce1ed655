"""The prompt of crm shell: completion by what TAB knows, and what was typed before."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from crm_cli.commands import prompts
from crm_cli.commands.answering import hasten_escape
from crm_cli.context import App
from crm_cli.errors import CrmError
from crm_cli.rules.lines import as_word, begins_at
from crm_cli.rules.secrets import masked

if TYPE_CHECKING:
    from crm_cli.commands.shell import Line

_PROMPT = "crm> "
_REMEMBERED = 300  # commands of earlier days that the arrow keys find


def prompted(app: App, line: "Line") -> Iterator[str]:
    """Each line that is typed, until Ctrl-D; Ctrl-C only forgets the line."""
    from crm_cli.commands.shell import greeting

    app.out.tell(greeting(app))
    app.out.flush()
    ask = _plainly(app) if prompts.is_dumb(app) else _session(app, line)
    while True:
        try:
            yield ask()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return


def _plainly(app: App) -> Any:
    """A terminal that can only print lines."""
    import sys

    def ask() -> str:
        app.out.tell(_PROMPT)
        app.out.flush()
        read = sys.stdin.readline()
        if not read:
            raise EOFError
        return read

    return ask


def _session(app: App, line: "Line") -> Any:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import InMemoryHistory

    class Remembered(InMemoryHistory):
        """Of earlier days it knows what the database has: a file of its own would keep whom a privacy erase forgot."""

        def store_string(self, string: str) -> None:
            super().store_string(masked(string))

    session: Any = PromptSession(
        history=Remembered(earlier(app)),
        completer=_completer(line.environ),
        complete_in_thread=True,
        complete_while_typing=False,
        reserve_space_for_menu=6,
        enable_history_search=True,
        output=prompts.stderr(app),
    )
    hasten_escape(session.app)

    def ask() -> str:
        with prompts.tidy():
            return str(session.prompt(_PROMPT))

    return ask


def earlier(app: App) -> list[str]:
    """Commands that I typed before, the oldest first, as the history of the database has them."""
    try:
        with app.read() as db:
            found = db.rows(
                "SELECT command FROM operation WHERE by = :me AND kind = 'do' AND erased_at IS NULL"
                " AND command LIKE 'crm %' ORDER BY id DESC LIMIT :most",
                {"me": app.user, "most": _REMEMBERED},
            )
    except CrmError:
        return []  # said when a command meets it
    commands = [command.removeprefix("crm ") for (command,) in reversed(found) if command.isprintable()]
    return list(dict.fromkeys(commands))


def offers(environ: dict[str, str], text: str) -> list[tuple[str, str]] | None:
    """What TAB offers behind a text: words and what they are; None where file names are meant."""
    from crm_cli.completion.answer import Place
    from crm_cli.completion.lines import bash_line

    inside = text.lstrip()
    typed = bash_line(inside if inside.startswith("crm ") else f"crm {inside}", "")
    return Place(typed, environ).offers()


def _completer(environ: dict[str, str]) -> Any:
    from prompt_toolkit.completion import Completer, Completion, PathCompleter
    from prompt_toolkit.document import Document

    class Words(Completer):
        def get_completions(self, document: Any, complete_event: Any) -> Iterable[Any]:
            text = document.text_before_cursor
            start = begins_at(text)
            try:
                found = offers(environ, text)
            except Exception:  # whatever goes wrong on TAB, nothing may be said in the middle of a line
                return
            if found is None:
                yield from PathCompleter(expanduser=True).get_completions(Document(text[start:]), complete_event)
                return
            for value, what in found[:200]:
                if value.isprintable():
                    yield Completion(as_word(value), start_position=start - len(text), display=value, display_meta=what)

    return Words()
