"""Tables of text from elsewhere: CSV, TSV and their cousins, read strictly and in little memory."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from crm_cli.errors import BadData, CrmError, Misuse
from crm_cli.formats.encoding import HEAD, Reading, Source, breaks, codec_named, decide, open_source, unreadable
from crm_cli.formats.headings import Note, above, heading

CELL_LIMIT = 10 * 1024 * 1024  # characters in one cell
COLUMN_LIMIT = 2_000
SAMPLE = 1 << 16  # characters that the delimiter is decided from
SAMPLE_RECORDS = 50

_DELIMITERS = (",", ";", "\t", "|")
_NAMED = {"tab": "\t", "\\t": "\t", "pipe": "|", "comma": ",", "semicolon": ";", "space": " "}
_EXCEL_HINT = re.compile(r'\A"?sep=([^\r\n"])"?(?:\r\n|\r|\n)', re.IGNORECASE)
_QUOTED_CELL = re.compile(r'(^|[,;\t|\r\n])( *)"[^"]*(?:""[^"]*)*"')


class Refused(list[str]):
    """A record that its reader cannot take: its cells as far as they are known, one more than there are headers."""

    def __init__(self, cells: Sequence[str], sentence: str, holes: dict[str, object]) -> None:
        super().__init__(cells)
        self.sentence = sentence
        self.holes = holes


class Table(NamedTuple):
    """A table that is being read; `records` can be walked once."""

    headers: list[str]  # without byte order mark and outer spaces, as in the file; repeated names stay
    # (line where the record starts, cells): at least as many cells as headers; more only where a surplus cell
    # holds something, which is for the caller to report
    records: Iterator[tuple[int, list[str]]]
    encoding: str  # "utf-8", "utf-8-sig", "utf-16", "gb18030", ...
    delimiter: str
    header_line: int
    blank_columns: list[int]  # places in `headers` with no name, from 0
    kind: str | None = None  # what the rows are where the format itself says it, as "contacts"
    # (sentence, holes) to be told to the user: what was skipped, which sheet was read. Walking `records` may add some.
    notes: Sequence[Note] = ()
    format: str = "csv"  # what the file is: csv, xlsx, xls, json, jsonl, ...
    sheet: str | None = None  # of a workbook: the one that is read
    then: "Sequence[Table]" = ()  # records of other kinds in the same file, to be imported behind these
    create: frozenset[str] = frozenset()  # what rows name may be made without --create: the firms of an address book


class _Page(NamedTuple):
    """Where the rows come from, kept to find the spot when one cannot be read."""

    source: Source
    reading: Reading
    delimiter: str
    skip_space: bool


def read_table(source: str | Path, *, encoding: str | None = None, delimiter: str | None = None) -> Table:
    """Open a delimited file, or "-" for standard input; its encoding is checked to the last byte before this returns.

    Misuse for an unknown encoding or delimiter, FileError for a file that cannot be read, BadData for one that is
    no table; walking `records` may raise BadData too (an unclosed quote, a cell beyond CELL_LIMIT).
    """
    check_asked(encoding, delimiter)
    origin = open_source(source)
    try:
        return delimited(origin, encoding, delimiter)
    except CrmError:
        origin.file.close()
        raise
    except OSError as error:
        origin.file.close()
        raise unreadable(origin.name, error) from None


def check_asked(encoding: str | None, delimiter: str | None) -> None:
    """Misuse for an encoding or delimiter that does not exist, before any file is opened."""
    if delimiter is not None:
        delimiter_named(delimiter)
    if encoding is not None:
        codec_named(encoding)


def delimited(origin: Source, encoding: str | None, delimiter: str | None) -> Table:
    """The table in an open source of delimited text; who opened it closes it when this raises."""
    reading = decide(origin, encoding)
    return _table(origin, reading, delimiter_named(delimiter) if delimiter is not None else None)


def delimiter_named(asked: str) -> str:
    """The character that `--delimiter` means: itself, or tab, pipe, comma, semicolon, space. Misuse for others."""
    found = _NAMED.get(asked.strip().lower(), asked)
    if len(found) != 1 or found == '"' or not (found.isprintable() or found == "\t"):
        raise Misuse(
            "{delimiter} is not a delimiter.",
            hint="Type one character, or tab, comma, semicolon or pipe.",
            delimiter=repr(asked),
        )
    return found


def _table(origin: Source, reading: Reading, asked: str | None) -> Table:
    csv.field_size_limit(CELL_LIMIT)
    sample = _sample(origin, reading)
    lines = _text(origin, reading)
    base = 0
    if declared := _EXCEL_HINT.match(sample):  # Excel's own first line says the delimiter
        asked, base = asked or declared[1], 1
        sample = sample[declared.end() :]
        lines.readline()
    delimiter = asked or _delimiter_of(sample)
    page = _Page(origin, reading, delimiter, _spaces_before_quotes(sample, delimiter))
    skipped, note = _above(sample, delimiter)
    for _ in range(skipped):
        lines.readline()
    base += skipped
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=page.skip_space)
    start = base + 1
    try:
        for row in reader:
            if any(map(str.strip, row)):
                break
            start = base + reader.line_num + 1
        else:
            raise BadData("{name} is empty.", hint="A table begins with a line of column names.", name=origin.name)
    except csv.Error as error:
        raise _fault(error, page, start) from None
    if len(row) > COLUMN_LIMIT:
        raise BadData(
            "Line {line}: {columns} columns are more than the {limit} that a table may have.",
            hint="Keep the columns that you need, or say the delimiter with --delimiter.",
            line=start,
            columns=len(row),
            limit=COLUMN_LIMIT,
        )
    headers = [cell.lstrip("\ufeff").strip() for cell in row]
    return Table(
        headers=headers,
        records=_records(reader, page, lines, base, len(headers)),
        encoding=reading.label,
        delimiter=delimiter,
        header_line=start,
        blank_columns=[place for place, header in enumerate(headers) if not header],
        notes=[note] if note else [],
    )


def _records(
    reader: Any, page: _Page, lines: io.TextIOWrapper, base: int, width: int
) -> Iterator[tuple[int, list[str]]]:
    line = base + reader.line_num + 1
    try:
        for row in reader:
            if len(row) == width:
                if row[0] or any(row):
                    yield line, row
            elif any(map(str.strip, row)):
                if len(row) < width:
                    row += [""] * (width - len(row))
                while len(row) > width and not row[-1].strip():
                    del row[-1]
                yield line, row
            line = base + reader.line_num + 1
    except csv.Error as error:
        raise _fault(error, page, line) from None
    except UnicodeError:
        raise BadData("{name} was changed while it was read.", hint="Try again.", name=page.source.name) from None
    except OSError as error:
        raise unreadable(page.source.name, error) from None
    finally:
        lines.close()


def _text(origin: Source, reading: Reading) -> io.TextIOWrapper:
    origin.file.seek(reading.skip)
    return io.TextIOWrapper(origin.file, encoding=reading.codec, errors="strict", newline="")


def _sample(origin: Source, reading: Reading) -> str:
    """The beginning of the text; it may end anywhere."""
    import codecs

    head = origin.head(HEAD)[reading.skip :]
    return codecs.getincrementaldecoder(reading.codec)("replace").decode(head)[:SAMPLE]


# --- the delimiter --------------------------------------------------------------------------------------------


def _delimiter_of(sample: str) -> str:
    """The delimiter under which the header and the records after it agree best; a comma for a single column."""
    best, best_score = "", 0.0
    widths = {}
    for delimiter in _DELIMITERS:
        header, *rest = widths[delimiter] = _widths(sample, delimiter)
        if header < 2:
            continue
        agreeing = sum(1.0 if width == header else 0.5 if 1 < width < header else 0.0 for width in rest)
        score = (agreeing / len(rest) if rest else 1.0) * (1 - 1 / header) + 0.001
        if score > best_score:
            best, best_score = delimiter, score
    if best:
        return best
    # One column: `Meier, Hans` is one value where no quotes were thought of. Records that all split alike under a
    # headline are another matter; they are left to be reported as too long.
    commas = widths[","][1:]
    if commas and min(commas) > 1 and len(set(commas)) == 1 and len(commas) > 1 and commas[0] > 2:
        return ","
    return next((d for d in _DELIMITERS if max(widths[d]) == 1), ",")


def _widths(sample: str, delimiter: str) -> list[int]:
    """Cells in the header and in the first records of the sample."""
    rows = _sampled(sample, delimiter)
    return [len(row) for _, row in rows[heading([row for _, row in rows]) :]] or [1]


def _above(sample: str, delimiter: str) -> tuple[int, Note | None]:
    """How many lines stand above the headers, and what to tell about them."""
    rows = _sampled(sample, delimiter)
    place = heading([row for _, row in rows])
    return (rows[place][0], above([row for _, row in rows[:place]])) if place else (0, None)


def _sampled(sample: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """The first records of the sample that say something, each behind the number of lines above it."""
    found: list[tuple[int, list[str]]] = []
    reader = csv.reader(
        io.StringIO(sample, newline=""), delimiter=delimiter, skipinitialspace=_spaces_before_quotes(sample, delimiter)
    )
    start = 0
    try:
        for row in reader:
            if any(map(str.strip, row)):
                found.append((start, row))
            start = reader.line_num
            if len(found) > SAMPLE_RECORDS + 1:
                break
    except csv.Error:
        pass
    if len(found) > 1 and (len(sample) == SAMPLE or len(found) > SAMPLE_RECORDS + 1):
        found.pop()  # the sample may end within it
    return found


def _spaces_before_quotes(sample: str, delimiter: str) -> bool:
    """Whether the file is written like `a, "b, c"`, where the space is no part of the cell."""
    return any(cell[2] and cell[1] == delimiter for cell in _QUOTED_CELL.finditer(sample))


# --- what cannot be read --------------------------------------------------------------------------------------


def _fault(error: csv.Error, page: _Page, line: int) -> BadData:
    """The csv module's complaint about the record that starts at `line`, said with the line and the remedy."""
    told = str(error)
    opened = _line_of_quote(page, line)
    if "field larger" in told:
        return BadData(
            "Line {line}: a cell is longer than {limit} characters.",
            hint="Shorten it; a quote that opens there and never closes is the usual cause.",
            line=opened or line,
            limit=CELL_LIMIT,
        )
    if "end of data" in told:
        return BadData(
            "Line {line}: a quote opens and is never closed.",
            hint='Close it, or write a quote inside of text twice: "".',
            line=opened or line,
        )
    if "expected after" in told:
        return BadData(
            "Line {line}: text follows right after a closing quote.",
            hint='Write a quote inside of quoted text twice: "". A quote that was never closed looks like this too.',
            line=opened or line,
        )
    return BadData("Line {line}: this cannot be read as a table: {reason}.", line=line, reason=told)


def _line_of_quote(page: _Page, line: int) -> int | None:
    """The line where the quoted cell opens that spoils the record starting at `line`; None if none does."""
    lines = _text(page.source, page.reading)
    try:
        for _ in range(line - 1):
            lines.readline()
        text = lines.read(2 * CELL_LIMIT)
    finally:
        lines.detach()
    unquoted = re.compile("[" + re.escape(page.delimiter) + "\r\n]")
    place = 0
    while place < len(text):
        while page.skip_space and text.startswith(" ", place):
            place += 1
        if not text.startswith('"', place):
            end = unquoted.search(text, place)
            if not end or end[0] in "\r\n":
                return None
            place = end.end()
            continue
        opened = place
        close = text.find('"', opened + 1)
        while close >= 0 and text.startswith('"', close + 1):
            close = text.find('"', close + 2)
        after = text[close + 1 : close + 2]
        if close < 0 or close - opened > CELL_LIMIT or after not in ("", page.delimiter, "\r", "\n"):
            return line + breaks(text[:opened])
        if after != page.delimiter:
            return None
        place = close + 2
    return None
