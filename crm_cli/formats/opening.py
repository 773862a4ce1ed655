"""Any foreign file as a table: the reader is chosen by the first bytes, then by the ending of the name."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, cast

from crm_cli.errors import CrmError, Misuse
from crm_cli.formats.encoding import Source, open_source, unreadable
from crm_cli.formats.tabular import Table, check_asked, delimited
from crm_cli.rules.text import unguard_formula


class Asked(NamedTuple):
    """What was typed about the file; a reader for which an option means nothing leaves it alone."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    kind: str | None = None  # of --as; a format of several kinds makes this one of what it can
    now: datetime | None = None  # aware; what is past and what is to come, where that makes the kind


class Format(NamedTuple):
    """A kind of foreign file: how it is recognised, and `module:function` of its reader, a Reader."""

    name: str
    begins: Callable[[bytes, str], bool]  # (first bytes, ending of the name in lower case without the dot)
    reader: str


# A reader is given the open source and what was asked; it reads `source.file` from wherever it likes, and closes it
# when `records` were walked to the end. When it raises, the source is closed for it.
Reader = Callable[[Source, Asked], Table]

# The first that fits reads the file; what none claims is delimited text. First bytes come before endings.
FORMATS: tuple[Format, ...] = (
    Format("xlsx", lambda head, ending: is_packed_sheet(head, ending), "workbooks:read_workbook"),
    Format("xls", lambda head, ending: head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "workbooks:read_workbook"),
    Format("vcf", lambda head, ending: _starts(head, "BEGIN:VCARD") or ending in ("vcf", "vcard"), "vcards:read_cards"),
    Format(
        "ics", lambda head, ending: is_calendar(head) or ending in ("ics", "ical", "vcs"), "calendars:read_calendar"
    ),
    Format("mail", lambda head, ending: is_mail(head, ending), "mails:read_mails"),
    Format("json", lambda head, ending: is_json(head) or ending in ("json", "jsonl", "ndjson"), "jsons:read_json"),
)
_OPENED = re.compile(r'\{\s*(?:"|\}|\Z)|\[\s*(?:[\]{]|\Z)')

_COMPONENT = re.compile(r"BEGIN:V(?:CALENDAR|EVENT|TODO|TIMEZONE|JOURNAL|FREEBUSY)\b", re.IGNORECASE)
_MAILBOX = re.compile(rb"From [^\r\n,;\t]*\d\d:\d\d[^\r\n,;\t]*\r?\n[!-9;-~]+:")
_HEADERS = re.compile(
    rb"(?:Return-Path|Received|Delivered-To|From|Date|Message-ID|MIME-Version|Subject|X-[A-Za-z-]+|DKIM-Signature):"
    rb" ?[^\n]*\n"
    rb"(?:[!-9;-~]+:[^\n]*\n|[ \t][^\n]*\n){2}",
    re.IGNORECASE,
)


def _starts(head: bytes, word: str) -> bool:
    """Whether a file begins with a word, whatever mark, width and white space stand before or within it."""
    return head[:200].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").upper().startswith(word.encode())


def is_calendar(head: bytes) -> bool:
    """Whether the first bytes are those of a calendar or of a part of one."""
    text = head[:200].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").decode("latin-1")
    return _COMPONENT.match(text) is not None


def is_packed_sheet(head: bytes, ending: str) -> bool:
    """Whether an archive is one that a spreadsheet wrote."""
    return head.startswith(b"PK\x03\x04") and (ending in ("xlsx", "xlsm", "xltx") or b"xl/" in head)


def is_json(head: bytes) -> bool:
    """Whether a file begins with an object, or with an array of them."""
    text = head[:4000].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").decode("latin-1")
    return _OPENED.match(text) is not None


def is_mail(head: bytes, ending: str) -> bool:
    """Whether it is a letter or a box of letters."""
    return ending in ("eml", "mbox", "mbx") or bool(_MAILBOX.match(head)) or bool(_HEADERS.match(head))


_EXACT = ("json", "jsonl", "xlsx", "xls")


def _unguarded(table: Table) -> Table:
    """In these formats no text has the guard of a CSV cell: one that looks as if it had gets it, and so keeps its mark
    when guards are taken off."""
    if table.format not in _EXACT:
        return table

    def kept(cell: str) -> str:
        return f"'{cell}" if cell[:1] == "'" and unguard_formula(cell) != cell else cell

    def records() -> Iterator[tuple[int, list[str]]]:
        for line, cells in table.records:
            yield line, [kept(cell) if cell[:1] == "'" else cell for cell in cells]

    return table._replace(records=records(), then=[_unguarded(one) for one in table.then])


def open_table(
    source: str | Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    kind: str | None = None,
    now: datetime | None = None,
) -> Table:
    """Open a foreign file, or "-" for standard input, as a table.

    Misuse for an option that means nothing, FileError for a file that cannot be read, BadData for one that is no
    table; walking `records` may raise BadData too.
    """
    check_asked(encoding, delimiter)
    asked = Asked(encoding, delimiter, sheet, kind, now)
    origin = open_source(source)
    try:
        return _unguarded(reader_of(origin)(origin, asked))
    except CrmError:
        origin.file.close()
        raise
    except OSError as error:
        origin.file.close()
        raise unreadable(origin.name, error) from None


def reader_of(origin: Source) -> Reader:
    """The reader for an open source."""
    head, ending = origin.head(), Path(origin.name).suffix.lower().lstrip(".")
    for one in FORMATS:
        if one.begins(head, ending):
            module, _, function = one.reader.partition(":")
            return cast(Reader, getattr(import_module(f"crm_cli.formats.{module}"), function))
    return _text


def _text(origin: Source, asked: Asked) -> Table:
    if asked.sheet is not None:
        raise Misuse("{name} has no sheets; --sheet is for XLSX and XLS.", name=origin.name)
    return delimited(origin, asked.encoding, asked.delimiter)
