"""Where the words that were looked for stand in a line, and the piece of a text around the first of them."""

from collections.abc import Sequence

from crm_cli.rules import pinyin, tokens
from crm_cli.rules.text import clusters, fold

_PASSAGE = 60  # characters of a passage
_LONGEST = 400  # characters in which hits are marked
_SIGNS = 12  # of a name that letters spell
Span = tuple[int, int]


def passage(text: str, words: Sequence[str]) -> str:
    """The passage around the first hit, on one line; hits are found as the search finds them, accents off."""
    line = " ".join(text.split())
    if len(line) <= _PASSAGE:
        return line
    folded, places = _spread(line)
    hits = [at for at in (folded.find(word) for word in words) if at >= 0]
    at = places[min(hits)] if hits else 0
    start = min(max(0, at - _PASSAGE // 3), len(line) - _PASSAGE)
    end = start + _PASSAGE
    return ("…" if start else "") + line[start:end] + ("…" if end < len(line) else "")


def hits(line: str, words: Sequence[str]) -> list[Span]:
    """From where to where the words stand in a line as it is shown, in order and none within another; of a Chinese
    name the signs that Latin letters spell."""
    folded, places = _spread(line[:_LONGEST])
    found = [(at, at + len(word)) for word in words for at in tokens.where(word, folded)]
    if pinyin.has_han(folded):
        found += [span for word in words if word.isascii() and word.isalpha() for span in _spelled(word, folded)]
    spans: list[Span] = []
    for start, end in sorted(found):
        first, last = places[start], next((at for at in places[end:] if at > places[end - 1]), len(line[:_LONGEST]))
        if spans and first <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
        else:
            spans.append((first, last))
    return spans


def _spelled(letters: str, folded: str) -> list[Span]:
    for at in range(len(folded)):
        for end in range(at + 1, min(at + _SIGNS, len(folded)) + 1):
            if not pinyin.has_han(folded[end - 1]):
                break
            if len(letters) > 1 and pinyin.spells_whole(letters, folded[at:end]):
                return [(at, end)]
    return []


def _spread(line: str) -> tuple[str, list[int]]:
    """A line folded, and for each sign of that where it stands in the line."""
    if line.isascii():
        return line.lower(), list(range(len(line)))
    folded, places, at = "", [], 0
    for cluster in clusters(line):
        piece = " " if cluster == " " else fold(cluster)
        folded += piece
        places += [at] * len(piece)
        at += len(cluster)
    return folded, places
