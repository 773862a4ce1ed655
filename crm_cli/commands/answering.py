"""How an answer is taken: the keys of a prompt, what is wrong with it said below in as many lines as it takes."""

import sys
from collections.abc import Callable
from typing import Any

from crm_cli.context import App
from crm_cli.output.folding import fold
from crm_cli.rules.text import wrap

NEXT, BACK, END = "next", "back", "end"
_ESCAPE = 0.1  # seconds after which an escape is the key, and no beginning of another one
_BELOW = 1  # where, among the parts of the prompt


def is_waiting(app: App) -> bool:
    """Whether lines lie on the terminal that nobody typed as an answer: the rest of what was pasted.

    Once a prompt was answered somebody is there, and what is typed ahead is meant for the next one.
    """
    if app.asked or not app.is_interactive:
        return False
    import select

    try:
        return bool(select.select([sys.stdin], [], [], 0)[0])
    except (OSError, ValueError):  # as on Windows, which waits for sockets only
        return False


class Answer:
    """The line that is being typed: checked when it is to be taken, the complaint gone as soon as it is changed."""

    def __init__(self, valid: Callable[[str], bool | str], *, in_form: bool) -> None:
        self.valid = valid
        self.in_form = in_form
        self.complaint = ""

    def keys(self) -> Any:
        """Enter takes it, Esc stops; in a form Shift-Tab goes a field back with what was typed, Ctrl-S to the end, and
        Alt-Enter begins a new line."""
        from prompt_toolkit.key_binding import KeyBindings

        bindings = KeyBindings()
        stops_at_escape(bindings, eager=False)

        @bindings.add("enter")
        def take(event: Any) -> None:
            if self._fits(event):
                event.current_buffer.validate_and_handle()

        if not self.in_form:
            bindings.add("escape", "enter")(_stop)
            return bindings

        @bindings.add("s-tab")
        def back(event: Any) -> None:
            event.app.exit(result=(event.current_buffer.text, BACK))

        @bindings.add("c-s")
        def end(event: Any) -> None:
            if self._fits(event):
                event.app.exit(result=(event.current_buffer.text, END))

        @bindings.add("escape", "enter")
        def new_line(event: Any) -> None:
            event.current_buffer.insert_text("\n")

        return bindings

    def _fits(self, event: Any) -> bool:
        found = self.valid(event.current_buffer.text)
        self.complaint = "" if found is True else str(found)
        return not self.complaint

    def show_in(self, application: Any) -> None:
        """A place for the complaint below the line; the toolbar of the library has one line, and cuts it."""
        from prompt_toolkit.application import get_app
        from prompt_toolkit.filters import Condition, is_done
        from prompt_toolkit.layout import ConditionalContainer, FormattedTextControl, Window

        def lines() -> Any:
            columns = get_app().output.get_size().columns
            folded = [row for line in fold(self.complaint, columns - 1) for row in wrap(line, columns - 1)]
            return [("class:validation-toolbar", "\n".join(folded))]

        place = Window(FormattedTextControl(lines), dont_extend_height=True, wrap_lines=True)
        there = Condition(lambda: bool(self.complaint)) & ~is_done
        application.layout.container.children.insert(_BELOW, ConditionalContainer(place, there))
        application.layout.current_buffer.on_text_changed += self._changed

    def _changed(self, buffer: Any) -> None:
        self.complaint = ""


def _stop(event: Any) -> None:
    event.app.exit(exception=KeyboardInterrupt, style="class:aborting")


def stops_at_escape(bindings: Any, *, eager: bool) -> None:
    """Esc leaves a prompt as Ctrl-C does; `eager` where no other key begins with it."""
    bindings.add("escape", eager=eager)(_stop)


def hasten_escape(application: Any) -> None:
    """Esc is told from the beginning of an arrow key by a short wait, not by half a second and more."""
    application.ttimeoutlen = _ESCAPE
    application.timeoutlen = _ESCAPE


def at_width(text: str) -> str:
    """A question in as many lines as the terminal needs, broken between words."""
    from prompt_toolkit.application import get_app

    return "\n".join(fold(text, get_app().output.get_size().columns - 2))
