"""Rows of a file that holds several kinds of records: read once, set down by kind, walked later in little memory."""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence

from crm_cli.errors import Misuse
from crm_cli.formats.tabular import Refused, Table

_IN_MEMORY = 8 * 1024 * 1024  # bytes of a kind that need no file


class Spool:
    """The rows of one kind of record."""

    def __init__(self, kind: str, headers: Sequence[str]) -> None:
        self.kind = kind
        self.headers = list(headers)
        self.count = 0
        self._place = {header: place for place, header in enumerate(headers)}
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed when it was walked

    def add(self, line: int, cells: dict[str, str]) -> None:
        """A row; what a kind has no column for must not be handed in."""
        row = [""] * len(self.headers)
        for header, cell in cells.items():
            row[self._place[header]] = cell
        self._write([line, row])

    def turn_away(self, line: int, sentence: str, holes: dict[str, object], cells: dict[str, str]) -> None:
        """A record that cannot be taken; what is known of it goes to the file of rejected rows."""
        row = [""] * len(self.headers)
        for header, cell in cells.items():
            if header in self._place:
                row[self._place[header]] = cell
        self._write([line, row, sentence, holes])

    def _write(self, row: list[object]) -> None:
        self.count += 1
        self._file.write(json.dumps(row, ensure_ascii=True).encode() + b"\n")

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """The rows in the order of their coming; a refused one is a Refused."""
        self._file.seek(0)
        with self._file:
            for text in self._file:
                line, row, *why = json.loads(text)
                yield line, (Refused([*row, ""], *why) if why else row)


def check_kind(asked: str | None, known: Sequence[str], name: str) -> None:
    """Misuse where --as wants what such a file does not hold."""
    if asked is not None and asked not in known:
        raise Misuse("{name} holds no {kind}: it can be read as {known}.", name=name, kind=asked, known=" ".join(known))


def tables(
    spools: Sequence[Spool],
    encoding: str,
    told: Mapping[str, str],
    tally: Mapping[str, int],
    create: frozenset[str] = frozenset(),
) -> Table:
    """The first kind that has rows as a table, the others behind it in `then`. What was left out is told: what ->
    sentence, and how often."""
    notes: list[tuple[str, dict[str, object]]] = [(told[what], {"n": tally[what]}) for what in told if tally.get(what)]
    filled = [spool for spool in spools if spool.count] or list(spools[:1])
    made = [
        Table(
            headers=spool.headers,
            records=spool.records(),
            encoding=encoding,
            delimiter=",",
            header_line=0,
            blank_columns=[],
            kind=spool.kind,
            create=create,
        )
        for spool in filled
    ]
    return made[0]._replace(then=made[1:], notes=notes)
