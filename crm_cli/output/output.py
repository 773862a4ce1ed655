"""How the program speaks: data on stdout in the format chosen once, words on stderr."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TextIO

from crm_cli.errors import CrmError, Misuse
from crm_cli.i18n import listed, t, tn
from crm_cli.output.cells import column, field_type, heading, reach
from crm_cli.output.streams import Nowhere, columns_of, is_terminal, may_page, screen, speaking
from crm_cli.output.views import VIEWS, View, is_right
from crm_cli.rules.fields import nearest
from crm_cli.rules.text import RISKY, clean, clean_lines, guard_formula

if TYPE_CHECKING:
    from crm_cli.output.pager import Sheaf

FORMATS = ("table", "json", "jsonl", "csv", "tsv", "md", "ids")
EVERY_FORMAT = (*FORMATS, "text", "html", "ics", "vcf", "vcf4", "mutt", "xlsx")  # that some command has
_REFS = ("ref", "id", "stage", "name")  # what a record is called by, the first that it has
_AT_ONCE = 256  # lines that are looked at or written together
Record = dict[str, Any]


class Output:
    """`format` is one of FORMATS or text; `colour` and `width` hold for a terminal on stdout; `pager` names it."""

    def __init__(
        self, *, format: str = "table", quiet: bool = False, colour: bool = True, pager: Callable[[], str] = str
    ) -> None:
        self.format = format
        self.quiet = quiet
        self.pager = pager
        self._sheaf: Sheaf | None = None
        self._held: list[str] = []
        self.out: TextIO = speaking(sys.stdout)
        self.err: TextIO = speaking(sys.stderr)
        self.colour = colour and _wants_colour(self.out)
        as_json = format in ("json", "jsonl")
        if self.is_data and is_terminal(self.out):
            self.out = screen(self.out, as_json=as_json)
        if as_json and is_terminal(self.err):
            self.err = screen(self.err, as_json=True)

    # --------------------------------------------------------------- what there is to speak to

    @property
    def is_terminal(self) -> bool:
        """Whether somebody reads stdout on a screen."""
        return (is_terminal(self.out) and os.environ.get("TERM") != "dumb") or _is_forced()

    @property
    def width(self) -> int:
        """Columns of the terminal; COLUMNS decides where it is a number."""
        typed = os.environ.get("COLUMNS", "")
        if typed.isascii() and typed.isdigit() and int(typed[:6]) > 0:
            return max(20, int(typed[:6]))
        return max(20, self._measured or 80)

    @property
    def _is_sized(self) -> bool:
        return is_terminal(self.out) or bool(os.environ.get("COLUMNS")) or bool(self._measured)

    @property
    def _measured(self) -> int:
        """Columns that the system tells; 0 where it knows none, as on a serial line."""
        return columns_of(self.out) or columns_of(self.err)

    @contextmanager
    def paged(self) -> Iterator[None]:
        """What is said within is shown at the end, when nothing is open any more: a long answer by the pager."""
        terminal = self.out
        if self.is_data or not may_page(terminal):
            yield
            return
        from crm_cli.output.pager import Sheaf, show

        self._sheaf = sheaf = Sheaf(terminal)
        self.out = sheaf  # type: ignore[assignment]
        try:
            yield
        except KeyboardInterrupt:
            sheaf.drop()
            raise
        finally:
            self.out, self._sheaf = terminal, None
            missing = show(sheaf, self.pager(), colour=self.colour)
            held, self._held = self._held, []
            self._speak(held)
            if missing:
                self.say("The pager {name} cannot be started", name=missing)

    # --------------------------------------------------------------- words

    def say(self, sentence: str, /, **holes: object) -> None:
        """A sentence for the person, on stderr; --quiet keeps it back."""
        if not self.quiet:
            self.tell(t(sentence, **holes))

    def tell(self, text: str) -> None:
        """Words that are translated already; every line is cleaned."""
        lines = [line + "\n" for line in self._fitted(clean_lines(text))]
        if self._sheaf and self._sheaf.lines:  # an answer waits for its pager; these words stand below it
            self._held += lines
        else:
            self._speak(lines)

    def _fitted(self, lines: list[str]) -> list[str]:
        """On a terminal broken between words; in a pipe as they are."""
        if not is_terminal(self.err):
            return lines
        from crm_cli.output.folding import fold

        columns = columns_of(self.err)
        return [row for line in lines for row in fold(line, columns)] if columns else lines

    def _speak(self, lines: list[str]) -> None:
        """Words that cannot be said, on a full disk or to nobody, are no failure of what was asked for."""
        try:
            self.err.writelines(lines)
        except OSError:
            self.err = Nowhere()  # type: ignore[assignment]

    def error(self, error: CrmError) -> None:
        """What went wrong and what to do, as words or, where JSON was asked for, as JSON."""
        if self.format in ("json", "jsonl"):
            from crm_cli.formats.writing import to_json

            hint = clean(" ".join(filter(None, [error.advice(), *error.to_paste()])))
            body = {"error": error.kind, "message": clean(error.message()), "hint": hint or None}
            self.err.write(to_json({**body, "candidates": error.candidates}) + "\n")
            return
        self.tell("crm: " + " ".join(clean_lines(error.message())))
        if error.advice():
            self.tell(" ".join(clean_lines(error.advice())))
        for candidate in error.candidates[:20]:
            of = candidate.get("customer")
            of = f"  ({of})" if of and of != candidate.get("name") else ""
            ref = candidate.get("ref") or candidate.get("id")
            self.tell(clean(f"  {ref}  {candidate.get('name')}{of}"))
        for line in error.to_paste():
            self.tell(" ".join(clean_lines(line)))

    def print(self, text: str = "") -> None:
        """A line of data on stdout, cleaned."""
        self.out.write(clean(text) + "\n")

    def bytes(self, chunks: Iterable[bytes]) -> None:
        """What is no text, for a pipe or a file."""
        self.out.flush()
        for chunk in chunks:
            self.out.buffer.write(chunk)
        self.out.buffer.flush()

    def lines(self, lines: Iterable[str]) -> None:
        """Lines that are cleaned already."""
        for line in lines:
            self.out.write(line + "\n")

    # --------------------------------------------------------------- data

    def records(
        self,
        noun: str,
        rows: Iterable[Record],
        keys: Sequence[str] | None = None,
        *,
        nothing: str = "Nothing found.",
        marked: Sequence[str] = (),
    ) -> int:
        """A list in the chosen format; returns how many there were. `keys` picks and orders columns in every format;
        words that are `marked` stand out in the table of a terminal."""
        view = VIEWS[noun]
        if self.format in ("table", "text"):
            return self._table(view, list(rows), keys, nothing, marked)
        if self.format == "md":
            return self._markdown(view, list(rows), keys)
        return self._data(view, rows, list(keys or view.keys))

    def _data(self, view: View, rows: Iterable[Record], keys: list[str]) -> int:
        from crm_cli.formats import writing

        if self.format == "ids":
            count = 0
            for row in rows:
                self.print(str(next((row[key] for key in _REFS if row.get(key) is not None), "")))
                count += 1
            return count
        if self.format == "json":
            return writing.write_json(self.out, ({key: row.get(key) for key in keys} for row in rows))
        if self.format == "jsonl":
            return writing.write_jsonl(self.out, ({key: row.get(key) for key in keys} for row in rows))
        delimiter = "\t" if self.format == "tsv" else ","
        return writing.write_delimited(self.out, keys, rows, delimiter=delimiter, guard=True)

    def cells(self, noun: str, keys: Sequence[str], rows: Iterable[list[Any]]) -> int:
        """Rows of cells as CSV or TSV; returns how many there were."""
        from crm_cli.formats.writing import write_delimited

        words = [i for i, key in enumerate(keys) if field_type(noun, key) in ("text", "word", "list")]
        delimiter = "\t" if self.format == "tsv" else ","
        return write_delimited(self.out, list(keys), _guarded(rows, words), delimiter=delimiter, guard=False)

    def record(self, noun: str, row: Record, keys: Sequence[str] | None = None) -> None:
        """One record: an object as JSON, a list of one elsewhere."""
        if self.format in ("json", "jsonl"):
            from crm_cli.formats.writing import to_json

            self.out.write(to_json({key: row.get(key) for key in keys} if keys else row) + "\n")
        else:
            self.records(noun, [row], keys)

    def json(self, value: Any) -> None:
        """Any value as JSON."""
        from crm_cli.formats.writing import to_json

        self.out.write(to_json(value) + "\n")

    @property
    def is_data(self) -> bool:
        """Whether a machine reads: every format but the table and the letter."""
        return self.format not in ("table", "text", "md")

    def _columns(self, view: View, rows: list[Record], keys: Sequence[str] | None) -> list[tuple[str, int]]:
        if keys:
            return [(key, 0 if i == 0 or key in _REFS[:2] else 1) for i, key in enumerate(keys)]
        wide = [(key, rank) for key, rank in view.columns if key != "owner" or any(row.get("owner") for row in rows)]
        # a column that has nothing in any row tells nothing
        return [
            (k, r) for k, r in wide if r == 0 or k == "reach" or any(row.get(k) not in (None, [], "") for row in rows)
        ]

    def _cells(self, view: View, rows: list[Record], columns: list[tuple[str, int]]) -> list[list[str]]:
        told = [[reach(row) for row in rows] if key == "reach" else column(view.noun, key, rows) for key, _ in columns]
        return list(map(list, zip(*told, strict=True)))

    def _table(
        self, view: View, rows: list[Record], keys: Sequence[str] | None, nothing: str, marked: Sequence[str] = ()
    ) -> int:
        if not rows:
            if nothing:
                self.say(nothing)
            return 0
        columns = self._columns(view, rows, keys)
        headers = [heading(view.noun, key) for key, _ in columns]
        left = self.draw(
            headers,
            self._cells(view, rows, columns),
            ranks=[rank for _, rank in columns],
            right={i for i, (key, _) in enumerate(columns) if is_right(view.noun, key)},
            marked=marked,
        )
        if keys and left:
            named = listed(headers[i] for i in left)
            self.say_many("No room here for {names}", "No room here for {n} columns: {names}", len(left), names=named)
        return len(rows)

    def draw(
        self,
        headers: list[str],
        cells: list[list[str]],
        *,
        ranks: list[int],
        right: set[int],
        marked: Sequence[str] = (),
    ) -> list[int]:
        """A table of cleaned cells: on a terminal fitted to its width, in a pipe whole.

        Returns the columns that found no room.
        """
        from crm_cli.output import plain

        if self.is_terminal:
            from crm_cli.output.richtable import print_table

            # colours alone were forced: nothing is known of a screen, so nothing is cut
            room = self.width if self._is_sized else sum(plain.column_widths(headers, cells)) + 2 * len(headers)
            plan = plain.choose_columns(headers, cells, ranks, right, room)

            def table(stream: TextIO) -> None:
                print_table(headers, cells, plan, right, colour=self.colour, stream=stream, marked=marked)

            if self._sheaf:
                self._sheaf.later(len(cells) + 2, table)
            else:
                table(self.out)
            return [i for i in range(len(headers)) if i not in plan[0]]
        lines = plain.draw(headers, cells, right)
        while batch := list(islice(lines, _AT_ONCE)):
            self.out.write("\n".join([*batch, ""]))
        return []

    def _markdown(self, view: View, rows: list[Record], keys: Sequence[str] | None) -> int:
        columns = self._columns(view, rows, keys)
        heads = [heading(view.noun, key) for key, _ in columns]
        marks = ["---:" if is_right(view.noun, key) else "---" for key, _ in columns]
        self.markdown(heads, marks, self._cells(view, rows, columns))
        return len(rows)

    def markdown(self, heads: list[str], marks: list[str], cells: list[list[str]]) -> None:
        """A Markdown table; what Markdown or HTML would read as more than text is escaped."""
        for row in (heads, marks, *cells):
            shown = row if row is marks else [escape_markdown(text) for text in row]
            self.out.write("| " + " | ".join(shown) + " |\n")

    def more(self, shown: int, total: int, counted: int | None = None) -> None:
        """Says how many a limit left out; `counted` is where counting stopped."""
        left = total - shown
        if counted is not None and total > counted:
            self.say("More than {n} more: leave --limit out to see them", n=counted - shown)
        elif left > 0:
            self.say_many("{n} more: leave --limit out to see it", "{n} more: leave --limit out to see them", left)

    def say_many(self, one: str, many: str, n: int, /, **holes: object) -> None:
        """A sentence in the singular or plural."""
        if not self.quiet:
            self.tell(tn(one, many, n, **holes))

    def flush(self) -> None:
        """Everything said so far is on its way; a full disk or a closed pipe shows itself here."""
        self.out.flush()
        try:
            self.err.flush()
        except OSError:
            self.err = Nowhere()  # type: ignore[assignment]


def _guarded(rows: Iterable[list[Any]], words: list[int]) -> Iterator[list[Any]]:
    """Texts that a spreadsheet would compute are defused where they stand. A column is looked at as a whole: most have
    no such text in hundreds of rows."""
    source, first = iter(rows), itemgetter(0)
    while batch := list(islice(source, _AT_ONCE)):
        columns = list(zip(*batch, strict=True))
        for i in words:
            if RISKY.isdisjoint(map(first, filter(None, columns[i]))):
                continue
            for row in batch:
                if row[i]:
                    row[i] = guard_formula(row[i])
        yield from batch


def escape_markdown(text: str) -> str:
    """What Markdown or HTML would read as more than text, as text."""
    for mark in "\\|`*_[]<>~":
        text = text.replace(mark, "\\" + mark)
    return text.replace("&", "&amp;") if ";" in text else text


def _wants_colour(stream: TextIO) -> bool:
    environ = os.environ
    if environ.get("NO_COLOR"):
        return False
    if _is_forced():
        return True
    return environ.get("TERM") != "dumb" and environ.get("CLICOLOR") != "0" and is_terminal(stream)


def _is_forced() -> bool:
    return any(os.environ.get(name, "") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE"))


_SHEETS = ("excel", "xls", "xlsx", "spreadsheet")
# what other programs call the formats
_ELSEWHERE = {
    "excel": "xlsx", "xls": "xlsx", "spreadsheet": "xlsx", "yaml": "json", "yml": "json", "ndjson": "jsonl",
    "markdown": "md", "plain": "table", "txt": "text", "id": "ids", "html": "md", "tab": "tsv", "wide": "table",
}  # fmt: skip


def check_format(name: str, also: tuple[str, ...] = (), only: tuple[str, ...] = ()) -> str:
    """A format's name as typed; Misuse lists the known ones: those of every command and `also`, or `only` some."""
    known = only or (*FORMATS, *also)
    low = name.strip().lower()
    if low in known:
        return low
    near = _ELSEWHERE.get(low) or nearest(low, known)
    raise Misuse(
        "{format} is no format of this command",
        hint="Known here: {known}",
        instead=(name, near if near in known else "csv" if low in _SHEETS else None),
        format=name,
        known=" ".join(known),
    )
