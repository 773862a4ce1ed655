"""Text as people see it and as the program compares it: cleaning, columns, folding, the formula guard."""

from collections.abc import Callable, Iterator
from functools import cache
from unicodedata import category, combining, east_asian_width, normalize

_ZWJ = "\u200d"
_JOINERS = "\u200c\u200d"
_EMOJI_STYLE = "\ufe0f"
_SKINS = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
_MOST_MARKS = 8  # the richest real scripts need five marks on one letter; more is vandalism
_CUT = "…"

# Signs of category Cf that are drawn: Arabic, Syriac and Kaithi number signs.
_DRAWN_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
# Letters, marks and reserved places that a terminal draws as nothing at all.
_FILLERS = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2065\u3164\uffa0\ufff0\ufff1\ufff2\ufff3\ufff4\ufff5\ufff6\ufff7\ufff8"
)
# Scripts in which a joiner changes the shape of its neighbours: Arabic to Sinhala, Myanmar, Khmer and Mongolian,
# presentation forms, the Brahmic scripts beyond the first plane.
_JOINING_SCRIPTS = (
    ("\u0600", "\u0dff"), ("\u1000", "\u109f"), ("\u1780", "\u18af"), ("\ua8e0", "\ua8ff"), ("\ufb50", "\ufdff"),
    ("\ufe70", "\ufefc"), ("\U00011000", "\U000117ff"),
)  # fmt: skip
_EMOJI_RANGES = (
    ("\u2194", "\u21aa"), ("\u231a", "\u23ff"), ("\u25aa", "\u25fe"), ("\u2600", "\u27bf"), ("\u2934", "\u2935"),
    ("\u2b05", "\u2b55"), ("\U0001f000", "\U0001f1e5"), ("\U0001f200", "\U0001faff"),
)  # fmt: skip
_LONE_EMOJI = frozenset("©®‼⁉™ℹⓂ〰〽㊗㊙")


# ------------------------------------------------------------------ kinds of characters


def _within(char: str, ranges: tuple[tuple[str, str], ...]) -> bool:
    return any(first <= char <= last for first, last in ranges)


def _is_emoji(char: str) -> bool:
    return char in _LONE_EMOJI or _within(char, _EMOJI_RANGES)


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _is_format(char: str) -> bool:
    """Invisible by nature: joiners, bidi controls, tags, fillers. Control characters are not among them."""
    if char in _FILLERS or (category(char) == "Cf" and char not in _DRAWN_FORMATS):
        return True
    return "\U000e0000" <= char <= "\U000e0fff" and category(char) == "Cn"


def _is_hidden(char: str) -> bool:
    """Controls, formats, lone surrogates, line and paragraph separators: never sent to a terminal as they are."""
    return category(char) in ("Cc", "Cs", "Zl", "Zp") or _is_format(char)


# ------------------------------------------------------------------ what may reach a terminal


def _escape(char: str) -> str:
    """`\\n`, `\\x1b`, `\\u202e`, `\\U000e0041`: the control made visible."""
    code = ord(char)
    if char in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[char]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


class _Shown(dict[int, str]):
    """Code point -> what is shown for it; learned as characters turn up, so that start-up costs nothing."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = shown = _escape(char) if _is_hidden(char) else char
        return shown


_shown = _Shown()


def _joiner_belongs(text: str, at: int) -> bool:
    """Whether the joiner at this place shapes something: an emoji family, or letters of a joining script."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if not before:
        return False
    if text[at] == _ZWJ and after and _is_emoji(after):
        base = text[max(0, at - 3) : at].rstrip(_EMOJI_STYLE + _SKINS)[-1:]
        return bool(base) and _is_emoji(base)
    if not _shapes(before):
        return False
    return (bool(after) and _shapes(after)) or combining(before) == 9  # a final virama with its joiner


def _shapes(char: str) -> bool:
    return _within(char, _JOINING_SCRIPTS) and category(char)[0] in "LM" and char not in _FILLERS


def _clean_slowly(text: str) -> str:
    """Character by character: joiners by their neighbours, at most eight marks on one base."""
    out: list[str] = []
    marks, cut = 0, False
    for at, char in enumerate(text):
        joiner = char in _JOINERS
        if not (_joiner_belongs(text, at) if joiner else category(char)[0] == "M" and char not in _FILLERS):
            out.append(_shown[ord(char)])
            marks, cut = 0, False
            continue
        marks += 1
        if not cut:
            # A joiner needs what follows it, so it may not be the last that is kept: cleaning twice changes nothing.
            cut = marks > _MOST_MARKS - joiner
            out.append(_CUT if cut else char)
    return "".join(out)


def clean(text: str) -> str:
    """One line that is safe on a terminal; everything that controls or hides becomes visible. Idempotent."""
    if text.isascii():
        return text if text.isprintable() else text.translate(_shown)
    if text.isprintable() and _measure(text) < _MARK:
        return text  # no mark, no joiner, no filler: the usual Chinese or accented name
    return _clean_slowly(text)


def clean_lines(text: str) -> list[str]:
    """As `clean`, but line ends split and a tab is four spaces: for notes and letters."""
    lines = text.replace("\r\n", "\n").split("\n")
    return [clean(line.replace("\t", "    ")) for line in lines]


# ------------------------------------------------------------------ columns


class _Columns(dict[str, int]):
    """Character -> terminal columns when it stands alone; learned as characters turn up."""

    def __missing__(self, char: str) -> int:
        self[char] = columns = _columns_of(char)
        return columns


_columns = _Columns()


def _columns_of(char: str) -> int:
    if "\u4e00" <= char <= "\u9fff" or "\u00ae" <= char <= "\u02ff":  # most that are not ASCII
        return 2 if char > "\u02ff" else 1
    kind = category(char)
    if kind[0] == "M" or _is_format(char) or "\u1160" <= char <= "\u11ff" or "\ud7b0" <= char <= "\ud7ff":
        return 0  # the last two: vowels and finals of decomposed Hangul, drawn into their syllable
    if kind == "Cn":  # newer than our tables: emoji and ideographs are wide, all else is not
        return 2 if "\U0001f000" <= char <= "\U0001faff" or "\U00020000" <= char <= "\U0003fffd" else 1
    return 2 if east_asian_width(char) in "WF" else 1


def _continues(text: str, start: int, at: int) -> bool:
    """Whether the character at `at` belongs to the cluster that began at `start`."""
    char, before = text[at], text[at - 1]
    if char < "\u0300":
        return False
    if not _columns[char]:
        return True
    if char in _SKINS:
        return before not in _SKINS and (_is_emoji(before) or (before == _EMOJI_STYLE and _is_emoji(text[start])))
    if before == _ZWJ:
        return _is_emoji(char) and _is_emoji(text[start])
    return at - start == 1 and _is_flag_half(char) and _is_flag_half(before)


def clusters(text: str) -> Iterator[str]:
    """The characters as a person counts them: a base with its marks, an emoji family, a flag."""
    start = 0
    for at in range(1, len(text)):
        if not _continues(text, start, at):
            yield text[start:at]
            start = at
    if text:
        yield text[start:]


def _cluster_width(cluster: str) -> int:
    base = cluster[0]
    if len(cluster) == 1:
        return _columns[base]
    second = cluster[1]
    if _is_flag_half(base) and _is_flag_half(second):
        return 2
    if second == _EMOJI_STYLE and base in "0123456789#*":
        return 2
    if _is_emoji(base) and (_EMOJI_STYLE in cluster or _ZWJ in cluster or second in _SKINS):
        return 2
    return _columns[base]


_MARK = 1 << 32  # added for a character without columns of its own
_ODD = 1 << 56  # and for one that is wider or narrower beside others


class _Measures(dict[str, int]):
    """Character -> its columns, or one of the two above; learned as characters turn up."""

    def __missing__(self, char: str) -> int:
        is_odd = char in (_EMOJI_STYLE, _ZWJ) or char >= "\U0001f1e6"
        self[char] = measure = _ODD if is_odd else _columns[char] or _MARK
        return measure


_measures = _Measures()
_measured: dict[str, int] = {}  # a cell is measured when it is cleaned, when its column is and when it is padded
_MOST_MEASURED, _SHORT = 10_000, 200


def _measure(text: str) -> int:
    """The columns of its characters in the low 32 bits, above them what some of them ask for; one pass tells all."""
    if text in _measured:
        return _measured[text]
    found = sum(map(_measures.__getitem__, text))
    if len(_measured) >= _MOST_MEASURED:
        _measured.clear()
    if len(text) <= _SHORT:
        _measured[text] = found
    return found


def width(text: str) -> int:
    """Terminal columns of a cleaned text; ambiguous characters count as one."""
    if text.isascii():
        return len(text)
    found = _measure(text)
    return found % _MARK if found < _ODD else sum(map(_cluster_width, clusters(text)))


def _head(text: str, n: int) -> tuple[str, str]:
    """The longest beginning of at most n columns that ends between two clusters, and the rest."""
    used = end = 0
    for cluster in clusters(text):
        used += _cluster_width(cluster)
        if used > n:
            break
        end += len(cluster)
    return text[:end], text[end:]


def fit(text: str, n: int) -> str:
    """At most n columns; what is cut ends with `…`."""
    if n < 1:
        return ""
    if width(text) <= n:
        return text
    return (text[: n - 1] if text.isascii() else _head(text, n - 1)[0]) + _CUT


def pad(text: str, n: int, right: bool = False) -> str:
    """Filled with spaces to n columns; `right` puts the text at the right edge. Never cuts."""
    if text.isascii():
        return text.rjust(n) if right else text.ljust(n)
    space = " " * (n - width(text))
    return space + text if right else text + space


_CLOSING = frozenset("，。、；：？！）】》」』”’…·％,.;:?!)]}%")


def pieces(text: str) -> Iterator[str]:
    """What a line may be broken between: words, single wide characters with the stop that follows, and `" "`."""
    piece, wide, spaced = "", False, False
    for cluster in clusters(text):
        if cluster.isspace() and cluster not in "\u00a0\u2007\u202f":
            if piece:
                yield piece
            piece, wide, spaced = "", False, True
            continue
        is_wide = _cluster_width(cluster) == 2 and cluster not in _CLOSING
        if piece and (is_wide or (wide and cluster not in _CLOSING)):
            yield piece
            piece = ""
        if spaced:
            yield " "
        piece, wide, spaced = piece + cluster, is_wide or (wide and bool(piece)), False
    if piece:
        yield piece


def wrap(text: str, n: int) -> list[str]:
    """Lines of at most n columns (a wide character needs two): words, then hard breaks; at least one line."""
    n = max(n, 1)
    lines: list[str] = []
    line, used, space = "", 0, ""
    for piece in pieces(text):
        if piece == " ":
            space = " "
            continue
        size = width(piece)
        if line and used + len(space) + size > n:
            lines.append(line)
            line, used, space = "", 0, ""
        line, used, space = line + space + piece, used + len(space) + size, ""
        while used > n:
            head, rest = _head(line, n)
            if not head:  # one character wider than the line stands alone
                head = next(clusters(line))
                rest = line[len(head) :]
            if not rest:
                break
            lines.append(head)
            line, used = rest, width(rest)
    return [*lines, line] if line or not lines else lines


# ------------------------------------------------------------------ comparing

_STROKED = {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe"}
# Marks of Latin, Greek and Cyrillic letters; the vowels of Hebrew, Arabic, Thai or Hindi carry meaning and stay.
_ACCENTED = (
    "([A-Za-z\u00aa-\u052f\u1d00-\u1dbf\u1e00-\u1fff\u2c60-\u2c7f\ua640-\ua66e\ua680-\ua69d\ua722-\ua7ff\uab30-\uab6f])"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)


class _Folded(dict[int, str]):
    """Code point -> its part of a look-up key; what cannot be seen has none."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        variation = "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"
        self[code] = part = "" if variation or _is_format(char) else _STROKED.get(char, char)
        return part


_folded = _Folded()


def _fold_once(text: str) -> str:
    import re

    text = normalize("NFKC", text).casefold().translate(_folded)
    bare = re.sub(_ACCENTED, r"\1", normalize("NFD", text))
    return " ".join(normalize("NFKC", bare).split())


# Signs of which each folds by itself: Chinese text of today has no others, and is folded twenty times as fast.
_SINGLE = "。、“”‘’《》【】—"
_WIDE = str.maketrans("，！？：；（）％＋－／＆＠", ",!?:;()%+-/&@")


@cache
def _is_usual_chinese() -> Callable[[str], object]:
    import re

    return re.compile(f"[\x00-\x7f\u4e00-\u9fff{_SINGLE}{''.join(map(chr, _WIDE))}]*").fullmatch


def fold(text: str) -> str:
    """The key for look-ups: case, accents, width, hidden characters and runs of spaces do not count. Idempotent."""
    if not text.isascii() and _is_usual_chinese()(text):
        return " ".join(text.translate(_WIDE).lower().split())
    while not text.isascii():
        # Composing can bring forth a character that folds again, so until nothing changes: once for most names.
        again = _fold_once(text)
        if again == text:
            return text
        text = again
    return " ".join(text.lower().split())


def squeeze(text: str) -> str:
    """Outer spaces off, inner runs of white space to one space."""
    return " ".join(text.split())


def has_cjk(text: str) -> bool:
    """Chinese, Japanese or Korean somewhere in it."""
    if text.isascii():
        return False
    return any("\u2e80" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7af" or "\uf900" <= c <= "\ufaff"
               or "\U00020000" <= c <= "\U0003ffff" for c in text)  # fmt: skip


# ------------------------------------------------------------------ spreadsheets

RISKY = frozenset("=+-@\t\r\n＝＋－＠'")  # what may make a formula of a text; guard_formula decides
_DIALLED = frozenset("0123456789 ")


def guard_formula(cell: str) -> str:
    """A text cell that no spreadsheet computes: a leading `'` where it would. A phone `+49 30 12` is left as it is."""
    if cell[:1] not in RISKY or not cell:
        return cell
    # Digits and spaces compute nothing; brackets, dots and dashes would: `+49-30` is 19.
    is_phone = cell[0] == "+" and cell.isascii() and cell[1:2].isdigit() and _DIALLED.issuperset(cell[1:])
    return cell if is_phone else "'" + cell


def unguard_formula(cell: str) -> str:
    """Takes exactly the guard of `guard_formula` off; `'hello` stays."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in RISKY and len(cell) > 1 else cell
