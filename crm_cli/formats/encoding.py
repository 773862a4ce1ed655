"""Which encoding a foreign file is in: decided from all of its bytes before one row is believed."""

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

from crm_cli.errors import BadData, FileError, Misuse, UnclearEncoding
from crm_cli.formats.scripts import ENOUGH, looks_chinese, looks_japanese, looks_taiwanese
from crm_cli.i18n import listed

CHUNK = 1 << 20
HEAD = 1 << 18
LINE_LIMIT = 16 * 1024 * 1024  # characters between two line ends: what a reader by lines must hold at once

# (the mark, the codec that reads what follows it, what the encoding is called)
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32-le", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32-be", "utf-32"),
    (b"\xff\xfe", "utf-16-le", "utf-16"),
    (b"\xfe\xff", "utf-16-be", "utf-16"),
    (b"\x84\x31\x95\x33", "gb18030", "gb18030"),
)
_BINARY = (
    (b"PK\x03\x04", "ZIP, XLSX, ODS"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "XLS, DOC"),
    (b"SQLite format 3\0", "SQLite"),
    (b"\x89PNG\r\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"%PDF-", "PDF"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh9", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a", "RAR"),
    (b"\x7fELF", "ELF"),
)
_CONTROLS = bytes(b for b in range(32) if b not in b"\t\n\r\x0b\x0c\x1a") + b"\x7f"
_NO_FILE_CODECS = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "charmap", "mbcs", "oem"}
_LINE_END = re.compile("[\r\n]")
_CANDIDATES = ("cp1252", "gb18030", "big5", "shift_jis")


class Reading(NamedTuple):
    """How to read a file: the codec, what it is called, and the bytes of the mark to leave out."""

    codec: str
    label: str
    skip: int


class Source:
    """Bytes that can be read several times; what cannot go back (stdin, a pipe) stands in a private temporary file."""

    def __init__(self, name: str, file: IO[bytes]) -> None:
        self.name = name
        self.file = file

    def head(self, size: int = HEAD) -> bytes:
        """The first bytes."""
        self.file.seek(0)
        return self.file.read(size)

    def chunks(self, skip: int = 0) -> Iterator[bytes]:
        """All bytes from `skip` on; the last chunk is empty."""
        self.file.seek(skip)
        while True:
            chunk = self.file.read(CHUNK)
            yield chunk
            if not chunk:
                return


class _Undecodable(Exception):
    """A byte that the codec refuses: its place in the file, its line, its value."""

    def __init__(self, offset: int, line: int, byte: int) -> None:
        super().__init__(offset)
        self.offset = offset
        self.line = line
        self.byte = f"0x{byte:02X}"


def open_source(source: str | Path) -> Source:
    """Open a path, or "-" for standard input. FileError when it cannot be read."""
    import stat

    if str(source) == "-":
        if sys.stdin is None:
            raise FileError("There is nothing to read: standard input is closed.")
        return Source("stdin", _spooled("stdin", sys.stdin.buffer))
    name = str(source)
    try:
        mode = Path(source).stat().st_mode
        if stat.S_ISDIR(mode):
            raise FileError("{name} is a folder, not a file.", hint="Name a file in it.", name=name)
        file = open(source, "rb")  # noqa: SIM115
        if stat.S_ISREG(mode):
            return Source(name, file)
        with file:
            return Source(name, _spooled(name, file))
    except (FileNotFoundError, NotADirectoryError):
        raise FileError("There is no file {name}.", hint="Check the name and the folder.", name=name) from None
    except PermissionError:
        raise FileError("{name} may not be read by you.", hint="Check its permissions.", name=name) from None
    except (OSError, ValueError) as error:
        raise unreadable(name, error) from None


def unreadable(name: str, error: Exception) -> FileError:
    """What to say when reading fails for a reason that only the system knows."""
    reason = (getattr(error, "strerror", None) or str(error)).rstrip(".")
    return FileError("{name} cannot be read: {reason}.", name=name, reason=reason)


def _spooled(name: str, stream: IO[bytes]) -> IO[bytes]:
    """A private copy (mode 0600, nameless where the system can) that disappears when it is closed."""
    import tempfile

    spool = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        while chunk := stream.read(CHUNK):
            spool.write(chunk)
        spool.flush()
    except (OSError, ValueError) as error:
        raise unreadable(name, error) from None
    return spool


def decide(source: Source, asked: str | None = None, *, by_lines: bool = True) -> Reading:
    """The reading under which every byte of the file is text; BadData or Misuse when there is none.

    A mark at the start decides; else UTF-16 by its NULs, strict UTF-8, strict GB18030 that looks Chinese, Shift-JIS
    with kana and everyday Big5. Nothing else is guessed: cp1252 and the like must be asked for. With `by_lines` a line
    that never ends is refused.
    """
    head = source.head()
    if not head:
        raise _empty(source)
    for magic, kind in _BINARY:
        if head.startswith(magic):
            raise BadData(
                "{name} is not a table of text: it looks like {kind}.",
                hint="Save it as CSV first.",
                name=source.name,
                kind=kind,
            )
    marked = next((Reading(codec, label, len(mark)) for mark, codec, label in _MARKS if head.startswith(mark)), None)
    if asked is not None:
        reading = _asked(source, asked, marked, head)
    elif marked:
        reading = marked
    elif order := _utf16_order(head):
        reading = Reading(order, order, 0)
    else:
        if (strange := len(head) - len(head.translate(None, _CONTROLS))) >= 8 and strange * 50 >= len(head):
            raise BadData(
                "{name} is not a table of text: it is full of control characters.",
                hint="Export it as CSV; if it is text, say its encoding with --encoding.",
                name=source.name,
            )
        reading = Reading("utf-8", "utf-8", 0)
    try:
        _check(source, reading, by_lines=by_lines)
    except _Undecodable as fault:
        if asked is None and not marked and reading.codec == "utf-8":
            return _national(source, fault)
        raise BadData(
            "Line {line}: byte {byte} is not {encoding}.",
            hint="Say the encoding of the file with --encoding, for example gb18030, big5 or cp1252.",
            line=fault.line,
            byte=fault.byte,
            encoding=reading.label,
        ) from None
    return reading


def codec_named(asked: str) -> str:
    """The codec that `--encoding` means; GBK and GB2312 are read as GB18030, which holds both. Misuse if unknown."""
    import codecs

    try:
        info = codecs.lookup(asked.strip().lower())
        name = info.name.replace("_", "-") if getattr(info, "_is_text_encoding", True) else ""
    except (LookupError, ValueError):
        name = ""
    if not name or name in _NO_FILE_CODECS:
        raise Misuse(
            "There is no encoding called {encoding}.",
            hint="For example utf-8, utf-16, gb18030, big5, shift_jis or cp1252.",
            encoding=asked,
        )
    return "gb18030" if name in ("gbk", "gb2312") else name


def _asked(source: Source, asked: str, marked: Reading | None, head: bytes) -> Reading:
    codec = codec_named(asked)
    if marked:
        if codec.startswith(marked.label.removesuffix("-sig")):
            return marked
        raise Misuse(
            "{name} begins with the mark of {found}, so it is not {encoding}.",
            hint="Leave --encoding out.",
            name=source.name,
            found=marked.label,
            encoding=asked,
        )
    if codec == "utf-16":
        codec = _utf16_order(head) or "utf-16-le"
    elif codec == "utf-32":
        codec = "utf-32-le"
    return Reading("utf-8" if codec == "utf-8-sig" else codec, codec.removesuffix("-sig"), 0)


def _utf16_order(head: bytes) -> str | None:
    """UTF-16 without a mark: NULs on one side only, often, and text with line ends or separators if read so."""
    import codecs

    low, high = head[0::2].count(0), head[1::2].count(0)
    nuls = low + high
    if nuls < 2 or (low and high) or nuls * 40 < len(head):
        return None
    codec = "utf-16-le" if high else "utf-16-be"
    try:
        text = codecs.getincrementaldecoder(codec)().decode(head)
    except UnicodeDecodeError:
        return None
    return codec if "\0" not in text and re.search("[\n\r,;\t|]", text) else None


def _check(source: Source, reading: Reading, *, by_lines: bool = True) -> None:
    """Decode the whole file in chunks: refuses what is no text, NUL, lines without end, and nothing at all."""
    import codecs

    decode = codecs.getincrementaldecoder(reading.codec)("strict").decode
    fed, line, run, blank, after_cr = reading.skip, 1, 0, True, False
    for chunk in source.chunks(reading.skip):
        try:
            text = decode(chunk, not chunk)
        except UnicodeDecodeError as error:
            before = error.object[: error.start].decode(reading.codec, "replace")
            offset = fed + len(chunk) - len(error.object) + error.start
            line += breaks(before) - (after_cr and before.startswith("\n"))
            raise _Undecodable(offset, line, error.object[error.start]) from None
        except UnicodeError:  # stateful codecs say no more than that
            raise _Undecodable(fed, line, chunk[0] if chunk else 0) from None
        fed += len(chunk)
        if not text:
            continue
        if "\0" in text:
            raise BadData(
                "Line {line}: there is a NUL character in the text.",
                hint="Take it out, or export the file again; a file in UTF-16 needs --encoding utf-16.",
                line=line + breaks(text[: text.index("\0")]) - (after_cr and text.startswith("\n")),
            )
        blank = blank and not text.strip("\ufeff \t\r\n\x0b\x0c\x1a")
        found = breaks(text)
        first = end.start() if (end := _LINE_END.search(text)) else len(text)
        if by_lines and run + first > LINE_LIMIT:
            raise BadData(
                "Line {line}: the line is longer than {limit} characters; this does not look like a table.",
                hint="Export the file again with one record a line.",
                line=line,
                limit=LINE_LIMIT,
            )
        line += found - (after_cr and text.startswith("\n"))
        run = len(text) - max(text.rfind("\n"), text.rfind("\r")) - 1 if found else run + len(text)
        after_cr = text.endswith("\r")
    if blank:
        raise _empty(source)


def breaks(text: str) -> int:
    """How many line ends: CR LF, LF or CR alone."""
    return text.count("\n") + (text.count("\r") - text.count("\r\n") if "\r" in text else 0)


def _empty(source: Source) -> BadData:
    return BadData("{name} is empty.", hint="A table begins with a line of column names.", name=source.name)


def _national(source: Source, fault: _Undecodable) -> Reading:
    """A file that is not UTF-8: what its characters make certain, else BadData with the readings to choose from."""
    from crm_cli.formats.mixed import refuse_mixed

    if _mostly_utf8(source):
        raise BadData(
            "Line {line}: byte {byte} is not UTF-8, while the rest of {name} is.",
            hint="Mend that line, or say the encoding of the file with --encoding.",
            line=fault.line,
            byte=fault.byte,
            name=source.name,
        )
    refuse_mixed(source.file, source.name, fault.line)
    fits = []
    for codec, is_certain in _CERTAIN:
        if _fits(source, codec):
            if is_certain(source.chunks()):
                return Reading(codec, codec, 0)
            fits.append(codec)
    sample = _sample(source, fault.offset)
    readings, codecs = [], []
    for codec in _CANDIDATES:
        try:
            if codec == "cp1252" or codec in fits:
                readings.append(f'{codec} "{sample.decode(codec)}"')
                codecs.append(codec)
        except UnicodeDecodeError:
            pass
    if not readings:
        raise BadData(
            "Line {line}: byte {byte} is not UTF-8, and the encoding of {name} is not known.",
            hint="Say it with --encoding, for example gb18030, big5, shift_jis or cp1252.",
            line=fault.line,
            byte=fault.byte,
            name=source.name,
        )
    error = UnclearEncoding(
        "{name} is not UTF-8 and its encoding is not certain. Line {line} could be: {readings}.",
        hint="Choose the one that reads well, for example --encoding cp1252 or --encoding gb18030.",
        name=source.name,
        line=fault.line,
        readings=listed(readings),
    )
    error.codecs = tuple(codecs)
    raise error


# What is certain by its characters; what only decodes is no more than a candidate.
_CERTAIN: tuple[tuple[str, Callable[[Iterable[bytes]], bool]], ...] = (
    ("gb18030", looks_chinese),
    ("shift_jis", looks_japanese),
    ("big5", looks_taiwanese),
)


def _fits(source: Source, codec: str) -> bool:
    """Whether every byte of the file is good in an encoding."""
    try:
        _check(source, Reading(codec, codec, 0))
    except _Undecodable:
        return False
    return True


def _mostly_utf8(source: Source) -> bool:
    """Whether most of what is beyond ASCII is good UTF-8: then a few bytes are damaged, and it is nothing else."""
    import codecs

    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    good = bad = 0
    for chunk in source.chunks():
        text = decode(chunk, not chunk)
        bad += (wrong := text.count("\ufffd"))
        good += len(text) - len(text.encode("ascii", "ignore")) - wrong
        if good + bad > ENOUGH:
            break
    return good >= 4 * bad


def _sample(source: Source, offset: int) -> bytes:
    """The words around a byte, cut where every encoding that we know has a boundary."""
    begin = max(0, offset - 24)
    source.file.seek(begin)
    piece = source.file.read(56)
    at = offset - begin
    start = max((i + 1 for i in range(at) if piece[i] < 0x30 and piece[i] != 0x20), default=0)
    end = next((i for i in range(at, len(piece)) if piece[i] in b"\r\n"), None)
    if end is None:
        end = max((i for i in range(at, len(piece)) if piece[i] < 0x30), default=len(piece))
    return piece[start:end].strip()
