"""Words on a terminal broken between words, so that it does not break them anywhere itself."""

import re

from crm_cli.rules.text import pieces, width

# a line to type behind its colon, up to where the sentence goes on
_WORD = r"""(?:"[^"]*"|'[^']*'|\\.|[^\s"'\\；，。])+(?=[\s；，。]|$)"""
_COMMAND = re.compile(rf"(?:(?<=[:：] )|(?<=[:：]))crm(?: {_WORD}(?<![.,;)]))*(?: {_WORD})?")
_NARROWEST = 20


def fold(line: str, columns: int) -> list[str]:
    """A cleaned line as several of at most so many columns; what would be typed, and a word, are never broken."""
    columns = max(columns, _NARROWEST)
    if width(line) <= columns or line.lstrip().startswith("crm "):
        return [line]
    text = line.lstrip(" ")
    indent = line[: len(line) - len(text)]
    lines: list[str] = []
    row, space = "", ""
    for piece in _units(text):
        if piece == " ":
            space = " "
            continue
        if row and width(indent + row + space + piece) > columns:
            lines.append(indent + row)
            row, space = "", ""
        row, space = row + space + piece, ""
    return [*lines, indent + row]


def _units(text: str) -> list[str]:
    """What may stand on a line of its own: words, wide characters, and lines to type as a whole."""
    found: list[str] = []
    at = 0
    for match in _COMMAND.finditer(text):
        typed = match[0].rstrip()
        found += _pieces(text[at : match.start()])
        found.append(typed)
        at = match.start() + len(typed)
    return [*found, *_pieces(text[at:])]


def _pieces(text: str) -> list[str]:
    found = list(pieces(text))
    return [*found, " "] if text[-1:].isspace() else found
