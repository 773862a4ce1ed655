"""The formats that records go out in: a line each says who writes it, for which records, and what it needs of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from typing import Any, NamedTuple

RECORDS = ("customer", "contact", "deal", "interaction", "task", "product", "order")

PEOPLE = ("customer", "contact")
_CARD = "uuid name emails phones birthday tags note external_source external_id updated_at custom".split()
CARD_KEYS = {
    "customer": [*_CARD, *"kind websites messengers address city region country language".split()],
    "contact": [*_CARD, "customer", "title", "role"],
}

_TIME = "uuid text customer deal external_source external_id created_at updated_at custom".split()
TIME_KEYS = {
    "task": [*_TIME, "due_on", "due_at", "priority", "every", "done_at"],
    "interaction": [*_TIME, "channel", "direction", "at", "duration_minutes", "outcome"],
}
BOOK_KEYS = {"customer": ["name", "emails"], "contact": ["name", "emails", "title", "customer"]}


class Sheet(NamedTuple):
    """What a writer is handed: records of one noun, streamed, as dicts of `keys` or as sequences in their order.

    `guard` is false where a machine reads the cells. `now` is the moment of the export, aware. What the format cannot
    hold the writer adds to `notes`: a sentence with its holes, said when all is written.
    """

    noun: str
    keys: list[str]
    rows: Iterable[Any]
    guard: bool = True
    now: datetime | None = None
    notes: list[tuple[str, dict[str, Any]]] | None = None

    def note(self, sentence: str, **holes: Any) -> None:
        """Something to tell the user."""
        if self.notes is not None:
            self.notes.append((sentence, holes))


class Format(NamedTuple):
    """One format. `writer` is `module:function`, called with the stream and a Sheet; it returns how many were written.

    `binary` says what kind of stream it wants. `nouns` are those that it has a form for. `keys` are what it carries
    of each noun, where the format and not the user says that: then --columns means nothing. `endings` are those of
    files beside the name itself.
    """

    name: str
    writer: str
    binary: bool = False
    nouns: Sequence[str] = RECORDS
    keys: Mapping[str, list[str]] | None = None
    endings: tuple[str, ...] = ()

    def write(self, stream: Any, sheet: Sheet) -> int:
        """Write the sheet; the module is loaded now."""
        module, _, function = self.writer.partition(":")
        run: Callable[[Any, Sheet], int] = getattr(import_module(f"crm_cli.formats.{module}"), function)
        return run(stream, sheet)


_LINES = (
    Format("csv", "writing:write_csv"),
    Format("tsv", "writing:write_tsv", endings=("tab",)),
    Format("json", "writing:write_json_sheet"),
    Format("jsonl", "writing:write_jsonl_sheet", endings=("ndjson",)),
    Format("vcf", "cardwriting:write_vcf", nouns=PEOPLE, keys=CARD_KEYS, endings=("vcard",)),
    Format("vcf4", "cardwriting:write_vcf4", nouns=PEOPLE, keys=CARD_KEYS, endings=()),
    Format("ics", "calendarwriting:write_ics", nouns=("task", "interaction"), keys=TIME_KEYS, endings=("ical",)),
    Format("mutt", "addressbook:write_mutt", nouns=PEOPLE, keys=BOOK_KEYS),
    Format("xlsx", "spreadsheets:write_xlsx", binary=True),
)
FORMATS = {line.name: line for line in _LINES}
_ENDINGS = {ending: line.name for line in _LINES for ending in (line.name, *line.endings)}


def by_ending(ending: str) -> str:
    """The format of a file's ending, "" where it names none."""
    return _ENDINGS.get(ending.lower().lstrip("."), "")
