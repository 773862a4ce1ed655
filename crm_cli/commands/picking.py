"""`crm find` without words at a terminal: what is typed is looked for at once, and Enter shows the record chosen."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from crm_cli.commands import prompts
from crm_cli.commands.answering import hasten_escape, stops_at_escape
from crm_cli.context import App
from crm_cli.errors import CrmError
from crm_cli.i18n import t
from crm_cli.rules.passages import hits
from crm_cli.rules.text import clean, fit, pad, width

if TYPE_CHECKING:
    from crm_cli.actions.searching import Answer, Live

_PAUSE = 0.12  # seconds without a key after which the search begins
_LINES = 12  # records that are shown at once, where the window has the room
_AROUND = 3  # lines of the window that are not theirs
_MARK, _CHOSEN, _DIM = "bold underline", "reverse", "fg:ansibrightblack"
Piece = tuple[Any, ...]  # a style and a text


def pick(app: App) -> str:
    """The reference of the record that was chosen."""
    from crm_cli.actions.searching import Live

    app.assert_may_ask()
    live = Live(app.database, app.country)
    picker = _Picker(app, live)
    try:
        with prompts.tidy():
            ref = str(picker.application.run())
    finally:
        live.stop()
        picker.pool.shutdown(wait=False, cancel_futures=True)
    app.asked = True
    return ref


class _Picker:
    """The line that is typed, the records that it finds so far, and which of them is chosen."""

    def __init__(self, app: App, live: "Live") -> None:
        from prompt_toolkit.buffer import Buffer

        self.live = live
        self.pool = ThreadPoolExecutor(max_workers=1)
        self.rows: list[dict[str, Any]] = []
        self.forms: tuple[str, ...] = ()
        self.told = ""
        self.answered = ""  # the text that the rows are for
        self.chosen = self.first = 0
        self.enters = False  # Enter was pressed before the answer came
        self.task: Any = None
        self.buffer: Any = Buffer(multiline=False)
        self.buffer.on_text_changed += self._changed
        self.application: Any = self._application(app)

    # ---------------------------------------------------------------- the search

    def _changed(self, buffer: Any) -> None:
        self.enters = False
        if self.task is not None:
            self.task.cancel()
        self.live.stop()
        self.task = self.application.create_background_task(self._look(buffer.text))

    async def _look(self, text: str) -> None:
        import asyncio

        await asyncio.sleep(_PAUSE)
        answer, problem = None, ""
        if text.strip():
            try:
                answer = await asyncio.get_running_loop().run_in_executor(self.pool, self.live.look, text)
            except CrmError as error:
                problem = " ".join(error.message().split())
            if answer is None and not problem:
                return  # another search has taken its place
        if text == self.buffer.text:
            self._take(text, answer, problem)

    def _take(self, text: str, answer: "Answer | None", problem: str) -> None:
        self.answered, self.chosen, self.first = text, 0, 0
        self.rows, self.forms, self.told = [], (), problem
        if answer is not None:
            self.rows, self.forms = answer.rows, answer.forms
            if answer.near:
                self.told = t("Nothing has {what}; this comes near it", what=text.strip())
            elif not answer.rows:
                self.told = t("Nothing found.")
        if self.enters and self.rows:
            self.application.exit(result=self.rows[0]["ref"])
        self.enters = False
        self.application.invalidate()

    # ---------------------------------------------------------------- the keys

    def _keys(self) -> Any:
        from prompt_toolkit.key_binding import KeyBindings

        bindings: Any = KeyBindings()
        stops_at_escape(bindings, eager=False)

        def stop(event: Any) -> None:
            event.app.exit(exception=KeyboardInterrupt)

        def take(event: Any) -> None:
            if self.answered != self.buffer.text:
                self.enters = True
            elif self.rows:
                event.app.exit(result=self.rows[self.chosen]["ref"])

        bindings.add("c-c")(stop)
        bindings.add("c-d")(stop)
        bindings.add("enter")(take)

        def moves(step: int, *keys: str) -> None:
            def move(event: Any) -> None:
                self.chosen = max(
                    0, min(self.chosen + step * (self._room() if "page" in keys[0] else 1), len(self.rows) - 1)
                )

            for key in keys:
                bindings.add(key)(move)

        moves(-1, "up", "c-p", "s-tab")
        moves(1, "down", "c-n", "tab")
        moves(-1, "pageup")
        moves(1, "pagedown")
        return bindings

    # ---------------------------------------------------------------- the screen

    def _application(self, app: App) -> Any:
        from prompt_toolkit.application import Application
        from prompt_toolkit.layout import BufferControl, FormattedTextControl, HSplit, Layout, Window
        from prompt_toolkit.layout.processors import BeforeInput

        before = BeforeInput(lambda: [("bold", t("look for") + ": ")])
        line = Window(BufferControl(self.buffer, input_processors=[before]), height=1)
        rows = Window(FormattedTextControl(self._lines), dont_extend_height=True)
        hint = Window(FormattedTextControl(self._hint), height=1)
        application: Any = Application(
            layout=Layout(HSplit([line, rows, hint]), focused_element=line),
            key_bindings=self._keys(),
            output=prompts.stderr(app),
            erase_when_done=True,
        )
        hasten_escape(application)
        return application

    def _size(self) -> tuple[int, int]:
        size = self.application.output.get_size()
        return size.columns, size.rows

    def _room(self) -> int:
        return max(1, min(_LINES, self._size()[1] - _AROUND))

    def _hint(self) -> list[Piece]:
        told = clean(self.told) if self.told else t("Enter shows it, the arrow keys choose, Esc leaves")
        return [(_DIM, fit(told, self._size()[0] - 1))]

    def _lines(self) -> list[Piece]:
        room = self._room()
        self.first = max(min(self.first, self.chosen), self.chosen - room + 1)
        shown = self.rows[self.first : self.first + room]
        refs = max((len(row["ref"]) for row in shown), default=0)
        pieces: list[Piece] = []
        for at, row in enumerate(shown, self.first):
            pieces += [*self._line(row, refs, at == self.chosen), ("", "\n")]
        return pieces[:-1]

    def _line(self, row: dict[str, Any], refs: int, chosen: bool) -> list[Piece]:
        name = clean(row["name"] or "")
        also = [clean(row[key] or "") for key in ("customer", "snippet")]
        text = "  ".join([name, *(one for one in dict.fromkeys(also) if one and one != name)])
        head = fit(f"{'>' if chosen else ' '} {pad(row['ref'], refs)}  ", self._size()[0] - 1)
        text = fit(text, self._size()[0] - 1 - width(head))
        look = _CHOSEN if chosen else ""
        pieces, done = [(look, head)], 0
        for start, end in hits(text, self.forms):
            pieces += [(look, text[done:start]), (f"{look} {_MARK}", text[start:end])]
            done = end
        return [*pieces, (look, text[done:])]
