"""One screen and one key: drawn again when the window changes, and the key pressed; what walks have in common."""

import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from unicodedata import normalize

from crm_cli.output import cards
from crm_cli.output.output import Output
from crm_cli.rules.text import pad, width, wrap

_ENDLESS = 1000  # lines, where a window has no height

# columns, rows, colour, whether keys are pressed and not answered yet -> the lines of the screen
Draw = Callable[[int, int, bool, bool], list[str]]


class Keys(NamedTuple):
    """key -> (its name, what it does); other keys that mean the same; arrows; the last line of the help. All words are
    translated already."""

    known: Mapping[str, tuple[str, str]]
    also: Mapping[str, str]
    arrows: Mapping[str, str]
    closing: str

    def of(self, typed: str) -> str:
        """A key as pressed, full-width or upper-case too -> a known one, or "" for a key that means nothing."""
        plain = normalize("NFKC", typed).casefold() if typed != " " else " "
        plain = {"？": "?", "　": " "}.get(typed, plain)
        found = self.also.get(plain, plain)
        return found if found in self.known else ""

    def hint(self, columns: int, colour: bool) -> list[str]:
        """`l log  d done ...`, in as few lines as it takes."""
        lines: list[str] = []
        line = plain = ""
        for key, (name, _) in self.known.items():
            entry = f"{key} {name}"
            shown = f"{cards.styled(key, cards.BOLD, colour)} {name}"
            if plain and width(plain) + 2 + width(entry) > columns:
                lines.append(line)
                line, plain = shown, entry
            else:
                line, plain = (f"{line}  {shown}", f"{plain}  {entry}") if plain else (shown, entry)
        return [*lines, line]

    def help(self, columns: int) -> list[str]:
        """Every key with what it does."""
        lines = [""]
        for key, (name, what) in self.known.items():
            lines += cards.entry(pad(f"{key}  {name}", 12), what, 13, max(columns, 10))
        return [*lines, *wrap(self.closing, columns)]


def press(out: Output, draw: Draw, keys: Keys, *, dumb: bool) -> str:
    """Draw, wait, and return the known key that was pressed."""
    return _plain_press(out, draw, keys) if dumb else _live_press(out, draw, keys)


def _live_press(out: Output, draw: Draw, known: Keys) -> str:
    from prompt_toolkit.application import Application, get_app
    from prompt_toolkit.formatted_text import ANSI
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.keys import Keys
    from prompt_toolkit.layout import FormattedTextControl, Layout, Window
    from prompt_toolkit.output import create_output

    class Screen(Application[str]):
        """After a resize nothing of the old lines is left, however the terminal has broken them."""

        def _on_resize(self) -> None:
            self.renderer.clear()
            self._redraw()

    bindings = KeyBindings()
    helps = [False]

    def act(event: Any, key: str) -> None:
        if helps[0] or key == "?":
            helps[0] = not helps[0]
        elif key:
            event.app.exit(result=key)

    @bindings.add(Keys.Any)
    def pressed(event: Any) -> None:
        act(event, known.of(event.data))

    for arrow, meant in known.arrows.items():
        bindings.add(arrow)(lambda event, key=meant: act(event, key))

    @bindings.add(Keys.BracketedPaste)
    def pasted(event: Any) -> None:
        """What is pasted is no command."""

    @bindings.add("c-c")
    @bindings.add("<sigint>")
    def stopped(event: Any) -> None:
        event.app.exit(exception=KeyboardInterrupt)

    @bindings.add("c-d")
    def left(event: Any) -> None:
        event.app.exit(result="q")

    def text() -> ANSI:
        size = get_app().output.get_size()
        keys = not get_app().is_done
        lines = known.help(size.columns) if helps[0] else draw(size.columns, size.rows, out.colour, keys)
        return ANSI("\n".join(lines))

    window = Window(FormattedTextControl(text, show_cursor=False), wrap_lines=False, dont_extend_height=True)
    app = Screen(layout=Layout(window), key_bindings=bindings, output=create_output(stdout=out.err))
    return app.run()


def _plain_press(out: Output, draw: Draw, known: Keys) -> str:
    """A terminal that can only print lines: a letter and Enter."""
    for line in draw(out.width, _ENDLESS, False, True):
        out.tell(line)
    while True:
        out.flush()
        typed = sys.stdin.readline()
        if not typed:
            return "q"
        key = known.of(typed.strip()[:1] or " ")
        if key == "?":
            for line in known.help(out.width):
                out.tell(line)
        elif key:
            return key
