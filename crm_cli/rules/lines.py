"""A line of our own shell as words: quotes and backslashes as in bash, and nothing else means anything."""

import shlex
from collections.abc import Sequence

from crm_cli.errors import Misuse

# what would lead elsewhere in a shell of the system; here nothing stands behind it
_ELSEWHERE = ("|", "||", "&", "&&", ";", ">", ">>", "<", "<<", "2>", "2>&1")


def words_of(line: str) -> list[str]:
    """The words of a line without the program's name; none for an empty line and for a comment. Misuse for a quote
    that does not close, and for a pipe or a redirection."""
    if line.lstrip().startswith("#"):
        return []
    try:
        words = _split(line)
    except ValueError:
        raise Misuse(
            "A quote opens and does not close", hint='An apostrophe stands within double quotes: "O\'Neill"'
        ) from None
    refuse_plumbing(words)
    return words[1:] if words[:1] == ["crm"] else words


def _split(line: str) -> list[str]:
    reader = shlex.shlex(line, posix=True, punctuation_chars=False)
    reader.whitespace_split = True
    reader.commenters = ""
    return list(reader)


def refuse_plumbing(words: Sequence[str]) -> None:
    """Misuse where a word would be a pipe or a redirection elsewhere."""
    for word in words:
        if word in _ELSEWHERE:
            raise Misuse(
                "{word} means nothing here: pipes and files belong to the shell outside",
                hint="Leave with exit, or write to a file with crm export ... -o FILE",
                word=word,
            )


def begins_at(text: str) -> int:
    """Where the word begins that a text ends in, quotes included."""
    start, quote, skip, inside = 0, "", False, False
    for i, sign in enumerate(text):
        if skip:
            skip = False
        elif sign == "\\" and quote != "'":
            skip = True
        elif quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign.isspace():
            inside = False
            continue
        if not inside:
            start, inside = i, True
    return start if inside else len(text)


def as_word(value: str) -> str:
    """The value as one word of such a line."""
    return value if value and not set(value) & set(" \t'\"\\#") else shlex.quote(value)
