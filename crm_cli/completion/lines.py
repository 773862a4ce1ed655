"""Between the shells and us: the line that bash hands over taken apart, and answers as each shell wants them.

An answer is a line that says how to take it, then a candidate a line. The first line is `words`; `open` where no space
may follow; `list` where nothing may be inserted, because the candidates have less in common than was typed; `files`
where the shell completes file names itself.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

Offer = tuple[str, str]  # the whole word, and what it is ("" for nothing to say)

_BARE = frozenset("_-./:@%+,=")  # beside letters and digits: what bash takes as it stands
_LISTING = ("63", "33")  # COMP_TYPE: bash shows the candidates and inserts at most what they have in common


class Typed:
    """What stands before the cursor: `before` whole words, then `word`, of which bash leaves `kept` alone."""

    def __init__(self, before: list[str], word: str, kept: str = "", quote: str = "", is_file: bool = False) -> None:
        self.before = before
        self.word = word
        self.kept = kept
        self.quote = quote
        self.is_file = is_file


def bash_line(line: str, breaks: str) -> Typed:
    """A line up to the cursor, by the rules of bash, nothing expanded; the first word is the program and left out.

    Behind an unclosed quote or one of `breaks` (COMP_WORDBREAKS) bash inserts; what stands before it is kept.
    """
    words: list[str] = []
    word, kept, quote = "", "", ""
    inside = is_target = False
    i = 0
    while i < len(line):
        char, following = line[i], line[i + 1 : i + 2]
        i += 1
        if quote:
            if char == quote:
                quote, kept = "", word
            elif quote == '"' and char == "\\" and following and following in '\\"$`':
                word, i = word + following, i + 1
            else:
                word += char
        elif char == "\\":
            word, inside, i = word + following, True, i + 1
        elif char in "'\"":
            quote, inside, kept = char, True, word
        elif char in " \t\n" or char in "<>;|&()":
            if inside and not is_target and not (char in "<>" and word.isdigit()):
                words.append(word)
            if char in "<>":
                is_target = True
            elif inside or char in ";|&()":
                is_target = False
            if char in ";|&()":
                words = []
            word, kept, inside = "", "", False
        else:
            word, inside = word + char, True
            if char in breaks:
                kept = word
    while words and _is_assignment(words[0]):
        words = words[1:]
    return Typed(words[1:], word, kept, quote, is_target)


def _is_assignment(word: str) -> bool:
    """`CRM_DB=x.db`, before the program."""
    name, equals, _ = word.partition("=")
    return bool(equals) and name.replace("_", "a").isalnum() and not name[0].isdigit()


def quoted(text: str, quote: str) -> str:
    """A text for bash: within the open quote, else with backslashes. Nothing in it has a meaning then."""
    if quote == "'":
        return text.replace("'", "'\\''")
    if quote == '"':
        text = "".join("\\" + char if char in '\\"$`' else char for char in text)
        return text.replace("!", "\"'!'\"")  # no backslash keeps ! from the history within double quotes
    return "".join(char if not char.isascii() or char.isalnum() or char in _BARE else "\\" + char for char in text)


def in_common(words: "Iterable[str]") -> str:
    """The beginning that all have."""
    found = list(words)
    first, last = min(found), max(found)
    end = 0
    while end < len(first) and end < len(last) and first[end] == last[end]:
        end += 1
    return first[:end]


def mode_of(typed: Typed, offers: list[Offer], is_within: bool) -> str:
    """How the answer is to be taken; `is_within` says that what was typed is found in what they have in common."""
    if len(offers) == 1:
        return "open" if offers[0][0][-1:] in (":", "=") else "words"
    return "words" if is_within else "list"


def for_bash(typed: Typed, offers: list[Offer], mode: str, comp_type: str) -> list[str]:
    """The candidates as bash inserts them: behind what it keeps, quoted for the place."""
    listing = comp_type in _LISTING and len(offers) > 1
    lines = []
    for value, text in offers:
        line = quoted(value[len(typed.kept) :], typed.quote)
        if typed.quote and line.endswith(typed.quote) and len(offers) == 1:
            line += typed.quote  # bash takes a quote at the end for the closing one, and adds none
        lines.append(f"{line}  ({text})" if listing and text else line)
    # bash inserts what the candidates have in common, were it less than was typed: with one more they have nothing
    return [*lines, " "] if mode == "list" else lines


def for_others(offers: list[Offer]) -> list[str]:
    """The whole words, and behind a tab what each is."""
    return [f"{value}\t{text}" if text else value for value, text in offers]
