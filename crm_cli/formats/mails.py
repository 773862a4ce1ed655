"""Letters (.eml) and boxes of them (mbox) as a table of e-mail interactions; one letter at a time is in memory."""

import hashlib
import json
import re
from collections.abc import Iterator
from email.message import EmailMessage
from typing import IO, Any

from crm_cli.errors import BadData
from crm_cli.formats.encoding import Source
from crm_cli.formats.opening import Asked
from crm_cli.formats.spool import Spool, check_kind, tables
from crm_cli.formats.tabular import Table
from crm_cli.i18n import said

HEADERS = "channel at text correspondents external_source external_id custom".split()
SOURCE = "mail"
_LARGEST = 64 * 1024 * 1024  # bytes of one letter
_LONGEST_TEXT = 100_000  # letters of a text that are kept
_LONGEST_ID = 200
_MOST_PARTS = 1_000
_MOST_PEOPLE = 500
_BEGIN = re.compile(rb"From [^\r\n]*\d\d:\d\d[^\r\n]*\r?\n?\Z")
# the same where no blank line stands before it: with an address, a weekday and a year, as only a box writes it
_BEGIN_SURELY = re.compile(
    rb"From \S+ +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ 0-9]\d \d\d:\d\d[^\r\n]* \d{4}[^\r\n]*\r?\n?\Z"
)
_HEADER = re.compile(rb"[!-9;-~]+:")
_QUOTED = re.compile(rb">+From ")  # a box writes lines so that would begin a letter
_TOLD = {
    "attached": said("Attachments that were left out: {n}"),
    "cut": said("Letters that were cut at 100,000 signs: {n}"),
}


def read_mails(origin: Source, asked: Asked) -> Table:
    """The letters of a file. A letter without a date is refused; Message-ID makes a second import add nothing."""
    check_kind(asked.kind, ("interactions",), origin.name)
    spool = Spool("interactions", HEADERS)
    tally = {"attached": 0, "cut": 0}
    with origin.file:
        origin.file.seek(0)
        for line, raw in _letters(origin.file):
            _take(spool, line, raw, tally)
    if not spool.count:
        raise BadData("{name} holds no letter.", hint="A letter begins with its headers.", name=origin.name)
    return tables([spool], "mail", _TOLD, tally)


def _letters(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """(line where it begins, bytes) of each letter; what is larger than any letter loses its end, an attachment."""
    start, size, parts = 1, 0, list[bytes]()
    number, blank, boxed = 0, True, False
    ahead = file.readline(1 << 20)
    while line := ahead:
        ahead = file.readline(1 << 20)
        number += line.endswith(b"\n")
        if line.startswith(b"From ") and (
            _BEGIN.match(line) if blank else boxed and _BEGIN_SURELY.match(line) and _HEADER.match(ahead)
        ):
            if parts:
                yield start, b"".join(parts)
            start, size, parts, boxed = number, 0, [], True
        elif size < _LARGEST and (parts or line.strip()):
            parts.append(line[1:] if boxed and _QUOTED.match(line) else line)
            size += len(line)
        elif not parts and not size:
            start = number + 1
        blank = not line.strip()
    if any(part.strip() for part in parts):
        yield start, b"".join(parts)


def _take(spool: Spool, line: int, raw: bytes, tally: dict[str, int]) -> None:
    from email import policy
    from email.parser import BytesParser

    try:
        letter: EmailMessage = BytesParser(EmailMessage, policy=policy.default).parsebytes(raw)
        cells = _cells(letter, raw, tally)
    except Exception as error:
        spool.turn_away(line, said("This letter cannot be read: {reason}"), {"reason": type(error).__name__}, {})
        return
    if not cells["correspondents"] and not cells["at"]:
        spool.turn_away(line, said("There is no letter here: neither From nor To nor Date."), {}, {})
    elif not cells["at"]:
        spool.turn_away(line, said("This letter has no date that can be read."), {}, cells)
    else:
        spool.add(line, cells)


def _cells(letter: EmailMessage, raw: bytes, tally: dict[str, int]) -> dict[str, str]:
    subject = " ".join(_header(letter, "subject").split())
    body, attached = _body(letter)
    tally["attached"] += attached
    if len(body) > _LONGEST_TEXT:
        tally["cut"] += 1
        body = body[:_LONGEST_TEXT]
    people = _people(letter)
    cells = {"channel": "email", "at": _date(letter), "external_source": SOURCE, "external_id": _identity(letter, raw)}
    cells["text"] = "\n\n".join(piece for piece in (subject, body) if piece)
    cells["correspondents"] = json.dumps(people, ensure_ascii=False) if people else ""
    if attached:
        cells["custom"] = json.dumps({"attachments": attached})
    return cells


def _header(letter: EmailMessage, name: str) -> str:
    """A header as people read it: words decoded, broken bytes shown as �; one that cannot be parsed as it was."""
    try:
        value: Any = letter.get(name)
    except Exception:
        value = next((text for key, text in letter.raw_items() if key.lower() == name), "")
    return _plain(str(value or ""))


def _plain(text: str) -> str:
    """Text without lone surrogates, which undecodable bytes become, and without NUL."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\0", "")


def _identity(letter: EmailMessage, raw: bytes) -> str:
    told = _header(letter, "message-id").strip().strip("<>").strip()
    if told and len(told) <= _LONGEST_ID and not any(sign.isspace() for sign in told):
        return told
    return hashlib.sha256(raw).hexdigest()[:32]


def _date(letter: EmailMessage) -> str:
    """The moment as ISO with its offset; of a letter without one the last that a server wrote down."""
    from email.utils import parsedate_to_datetime

    stamps = [_header(letter, "date")]
    stamps += [value.rpartition(";")[2] for key, value in letter.raw_items() if key.lower() == "received"][:1]
    for stamp in stamps:
        try:
            at = parsedate_to_datetime(stamp.strip())
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return at.isoformat() + ("" if at.tzinfo else "+00:00")
    return ""


def _people(letter: EmailMessage) -> list[list[str]]:
    """Who wrote and who was written to: part, name, address."""
    found: list[list[str]] = []
    for name, part in (("from", "from"), ("sender", "from"), ("to", "to"), ("cc", "to"), ("bcc", "to")):
        if name == "sender" and found:
            continue
        found += [[part, _plain(called)[:200], _plain(address)[:254]] for called, address in _named(letter, name)]
    return found[:_MOST_PEOPLE]


def _named(letter: EmailMessage, name: str) -> list[tuple[str, str]]:
    """Names and addresses of a header; one that the library cannot take apart is searched for what looks like some."""
    try:
        headers = letter.get_all(name) or []
        pairs = [(one.display_name, one.addr_spec) for header in headers for one in header.addresses]
    except Exception:
        pairs = []
    pairs = [(called.strip(), address.strip()) for called, address in pairs if "@" in address]
    if pairs:
        return pairs
    return [("", address) for address in re.findall(r"[^\s<>,;:\"']+@[^\s<>,;:\"']+", _header(letter, name))]


# ------------------------------------------------------------------ the text


def _body(letter: EmailMessage) -> tuple[str, int]:
    """The text of a letter, and how many attachments it has: the plain text, else the HTML without its marks."""
    plain: list[str] = []
    html: list[str] = []
    attached = 0
    for number, part in enumerate(letter.walk()):
        if number > _MOST_PARTS or part.is_multipart():
            continue
        kind = part.get_content_type()
        if part.get_content_disposition() == "attachment" or part.get_filename() or kind[:5] != "text/":
            attached += 1
        elif kind == "text/html":
            html.append(_decoded(part))
        elif kind == "text/plain":
            plain.append(_decoded(part))
    text = "\n\n".join(piece for piece in map(_tidy, plain) if piece)
    return (text or _tidy("\n\n".join(map(stripped, html)))), attached


def _decoded(part: Any) -> str:
    """The letters of a part by the charset that it declares, else as UTF-8 or GB18030, whichever they are."""
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return _plain(str(part.get_payload()))
    declared = str(part.get_content_charset("") or "").lower()
    for codec in ("gb18030" if declared in ("gb2312", "gbk") else declared, "utf-8", "gb18030"):
        try:
            if codec and codec not in ("us-ascii", "ascii"):
                text = data.decode(codec).replace("\0", "")
                text.encode()  # a codec of Python's own may make half signs, which nothing can keep
                return text
        except (UnicodeError, LookupError, ValueError):
            continue
    return data.decode("latin-1").replace("\0", "")


def _tidy(text: str) -> str:
    """Without spaces at line ends and runs of empty lines."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip()


_SILENT = ("script", "style", "head", "title")
_BLOCKS = frozenset("p div br tr li h1 h2 h3 h4 h5 h6 table ul ol blockquote pre hr section article".split())


def stripped(html: str) -> str:
    """The text of a page: marks, scripts and styles off, blocks on lines of their own."""
    from html.parser import HTMLParser

    pieces: list[str] = []
    hidden: list[str] = []

    class Text(HTMLParser):
        def handle_starttag(self, tag: str, attrs: Any) -> None:
            if tag in _SILENT:
                hidden.append(tag)
            elif tag in _BLOCKS:
                pieces.append("\n")

        def handle_endtag(self, tag: str) -> None:
            if hidden and tag == hidden[-1]:
                hidden.pop()
            elif tag in _BLOCKS:
                pieces.append("\n")

        def handle_data(self, data: str) -> None:
            if not hidden:
                pieces.append(re.sub(r"\s+", " ", data))

    reader = Text(convert_charrefs=True)
    reader.feed(html[: 4 * _LONGEST_TEXT])
    reader.close()
    return re.sub(r" ?\n ?", "\n", "".join(pieces))
