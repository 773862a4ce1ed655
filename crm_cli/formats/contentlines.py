"""Content lines of address cards and calendars: unfolded, decoded, taken apart; what cannot be read says its line."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from crm_cli.errors import BadData
from crm_cli.formats.encoding import CHUNK, Source, codec_named, decide
from crm_cli.i18n import said

LONGEST_LINE = 10 * 1024 * 1024  # bytes of one property, folds included
_NAME = re.compile(rb"\s*(?:[A-Za-z0-9-]+\.)?([A-Za-z0-9-]+)\s*[;:]")
_QUOTED_HEAD = re.compile(r'((?:[^":]|"[^"]*")*):')
_PARAMETER = re.compile(r';\s*([^=;:"]*)(?:=((?:"[^"]*"|[^;:"])*))?')
_SOFT = re.compile(rb";\s*(?:ENCODING\s*=\s*)?QUOTED-PRINTABLE\b[^:]*:", re.IGNORECASE)
_BASE64 = re.compile(rb";\s*(?:ENCODING\s*=\s*)?(?:BASE64|B)\s*[;:]", re.IGNORECASE)
_CHARSET = re.compile(rb";\s*CHARSET\s*=\s*\"?([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_LINE_ENDS = re.compile(rb"\r*\n|\r")  # \r\r\n too: a text file that was carried over twice
_MOST_LOST = 20  # one letter in as many may be cut: phones cut Chinese letters in the middle


class Line(NamedTuple):
    """One property as it was written: where it begins, what it is called, its parameters, its value still escaped.

    `fault` says what keeps it from being read; the value is then empty.
    """

    number: int
    group: str
    name: str  # in capitals
    params: dict[str, list[str]]  # in capitals; a bare word of vCard 2.1 stands under TYPE or ENCODING
    value: str
    fault: str = ""


class Letters:
    """How the bytes of a file become text: one encoding for the whole, another where a line declares its own."""

    def __init__(self, source: Source, asked: str | None) -> None:
        head = source.head()
        marked = next(((len(mark), codec) for mark, codec in _MARKS if head.startswith(mark)), None)
        self.skip, self.codec = marked or (0, _wide(head) or "utf-8")
        self.wide = self.codec.startswith("utf-16")
        self.plain = "utf-8"  # of a line that declares nothing
        self.order: tuple[str, ...] = ("utf-8",)  # tried one after the other
        if asked is not None and not marked and not self.wide:
            self.plain = codec_named(asked)
            self.order = (self.plain, "utf-8")
        elif not self.wide and not _is_text(source, self.skip):
            self._judge(source)
        self.label = self.codec if self.wide else self.plain

    def _judge(self, source: Source) -> None:
        """No UTF-8 throughout: GB18030 where the lines that declare nothing look Chinese."""
        import io

        undeclared = io.BytesIO()
        for _, raw in _physical(source, self):
            if not raw.isascii() and not _CHARSET.search(raw):
                undeclared.write(raw + b"\n")
                if undeclared.tell() > CHUNK:
                    break
        if not undeclared.tell():
            return
        try:
            self.plain = decide(Source(source.name, undeclared)).codec
        except BadData:
            return  # the lines that declare nothing are refused one by one
        self.order = ("utf-8", self.plain)

    def text(self, raw: bytes, declared: str | None) -> str | None:
        """The text of bytes; None where their encoding is unknown or another than the one declared."""
        if raw.isascii():
            return raw.decode("ascii")
        for codec in (declared and _codec(declared), *self.order):
            try:
                if codec:
                    return raw.decode(codec)
            except (UnicodeDecodeError, LookupError):
                continue
        if declared and (named := _codec(declared)) is not None:
            with suppress(LookupError):
                text = raw.decode(named, "replace")
                return text if text.count("\ufffd") * _MOST_LOST <= len(text) else None
        return None


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark is known by the NULs of BEGIN."""
    return {b"B\0": "utf-16-le", b"\0B": "utf-16-be"}.get(head[:2])


def _codec(declared: str) -> str | None:
    """The codec that a card declares; ASCII is declared by many that hold more."""
    named = declared.strip().lower()
    return {"ascii": None, "us-ascii": None, "gb2312": "gb18030", "gbk": "gb18030"}.get(named, named)


def _is_text(source: Source, skip: int) -> bool:
    import codecs

    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in source.chunks(skip):
            decoder.decode(chunk, final=not chunk)
    except UnicodeDecodeError:
        return False
    return True


# ------------------------------------------------------------------ lines


def _physical(source: Source, letters: Letters) -> Iterator[tuple[int, bytes]]:
    """Lines as they stand in the file, whatever ends them, with their numbers."""
    rest, number = b"", 0
    for chunk in _bytes(source, letters):
        data = rest + chunk
        whole = data.rstrip(b"\r") if chunk else data
        *lines, rest = _LINE_ENDS.split(whole)
        rest += data[len(whole) :]
        for line in lines:
            number += 1
            yield number, line
        if len(rest) > LONGEST_LINE:
            raise too_long(number + 1)
    if rest:
        yield number + 1, rest


def too_long(line: int) -> BadData:
    """No card and no appointment has a line like this."""
    return BadData(
        "Line {line} is longer than {limit} MB.", hint="Take it out of the file.", line=line, limit=LONGEST_LINE >> 20
    )


def _bytes(source: Source, letters: Letters) -> Iterator[bytes]:
    if not letters.wide:
        yield from source.chunks(letters.skip)
        return
    import codecs

    decoder = codecs.getincrementaldecoder(letters.codec)("replace")
    for chunk in source.chunks(letters.skip):
        yield decoder.decode(chunk, final=not chunk).encode("utf-8", "replace")
    yield b""


def _unfolded(source: Source, letters: Letters, heavy: frozenset[bytes]) -> Iterator[tuple[int, bytes, bool]]:
    """Whole properties: (line, bytes, whether it was cut). Pictures and keys, which `heavy` names, keep their head."""
    start, parts, size = 0, [b""], 0
    soft = coded = light = False
    for number, raw in _physical(source, letters):
        stripped = raw.strip()
        goes_on = soft or (raw[:1] in (b" ", b"\t") and bool(parts[0]))
        if coded and stripped and b":" not in stripped and not goes_on:
            goes_on = True  # base64 of old programs is not indented
        if goes_on:
            piece = raw if soft else raw[1:]
            if soft and parts[-1].endswith(b"="):
                parts[-1] = parts[-1][:-1]
            if not light and size < LONGEST_LINE:
                parts.append(piece)
            size += len(piece)
        else:
            if parts[0]:
                yield start, b"".join(parts), size > LONGEST_LINE
            start, parts, size = number, [raw], len(raw)
            named = _NAME.match(raw)
            light = named is not None and named[1].upper() in heavy
            coded = _BASE64.search(raw) is not None
            if light:
                parts = [raw[:200]]
        soft = raw.endswith(b"=") and _SOFT.search(parts[0]) is not None
        if not stripped:
            coded = False
    if parts[0]:
        yield start, b"".join(parts), size > LONGEST_LINE


def content_lines(source: Source, letters: Letters, heavy: frozenset[bytes] = frozenset()) -> Iterator[Line]:
    """Every property of the file; blank lines are left out."""
    for number, raw, cut in _unfolded(source, letters, heavy):
        if not raw.strip():
            continue
        if cut:
            yield Line(number, "", _name(raw), {}, "", said("This line is longer than 10 MB."))
            continue
        declared = _CHARSET.search(raw.partition(b":")[0]) if b"CHARSET" in raw[:200].upper() else None
        charset = declared[1].decode() if declared else None
        text = letters.text(raw, charset)
        if text is None:
            yield Line(number, "", _name(raw), {}, "", _UNKNOWN_LETTERS)
            continue
        yield _parsed(number, text, charset, letters)


_UNKNOWN_LETTERS = said("These letters are in no encoding that is known here; say it with --encoding, as cp1252")


def _name(raw: bytes) -> str:
    found = _NAME.match(raw)
    return found[1].decode("ascii").upper() if found else ""


def _parsed(number: int, text: str, charset: str | None, letters: Letters) -> Line:
    head, colon, rest = text.partition(":")
    if '"' in head and (found := _QUOTED_HEAD.match(text)):  # a quoted parameter may hold a colon
        head, rest = found[1], text[found.end() :]
    value = rest if colon else None
    name, mark, tail = head.partition(";")
    group, _, bare = name.rpartition(".")
    name = bare.strip().upper()
    if value is None:
        return Line(number, "", name, {}, "", said("This line has no colon: it is no property."))
    params = _parameters(";" + tail) if mark else {}
    if params.get("ENCODING", [""])[0].upper() == "QUOTED-PRINTABLE":
        import quopri

        decoded = letters.text(quopri.decodestring(value.encode("utf-8")), charset)
        if decoded is None:
            return Line(number, group, name, params, "", _UNKNOWN_LETTERS)
        value = decoded.replace("\r\n", "\n").replace("\r", "\n")
    return Line(number, group.strip(), name, params, value)


_ENCODINGS = ("QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT", "B")


def _parameters(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for part in _PARAMETER.finditer(text):
        key, value = part[1].strip().upper(), part[2]
        if value is None:
            if key:
                found.setdefault("ENCODING" if key in _ENCODINGS else "TYPE", []).append(key)
            continue
        values = [value[1:-1]] if value.count('"') == 2 and value[0] == value[-1] == '"' else value.split(",")
        if key == "TYPE":
            values = [one for value in values for one in value.split(",")]
        found.setdefault(key, []).extend(_careted(one.strip().strip('"')) for one in values)
    return found


def _careted(value: str) -> str:
    """RFC 6868: what a parameter cannot hold stands behind a caret."""
    if "^" not in value:
        return value
    return re.sub(r"\^([n^'])", lambda found: {"n": "\n", "^": "^", "'": '"'}[found[1]], value)


# ------------------------------------------------------------------ values

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def unescape(value: str, *, old: bool = False) -> str:
    """A value of type TEXT; in vCard 2.1 a backslash before n is only a backslash: there it is a path of Windows."""
    if "\\" not in value:
        return value

    def plain(found: "re.Match[str]") -> str:
        sign = found[1]
        if sign in "nN":
            return found[0] if old else "\n"
        return sign if sign in ";,:\\\"'" else found[0]

    return _ESCAPED.sub(plain, value)


def parts(value: str, mark: str) -> list[str]:
    """The pieces between marks that no backslash stands before, still escaped."""
    if "\\" not in value:
        return value.split(mark)
    return [piece.replace("\0", "\\\\") for piece in re.split(rf"(?<!\\){mark}", value.replace("\\\\", "\0"))]
