"""The query language, its first step: arguments as typed -> tokens, with their positions."""

from typing import NamedTuple

from crm_cli.errors import Misuse
from crm_cli.rules.fields import is_any_field
from crm_cli.rules.relations import leads_on

WIDE = str.maketrans("：＠（），＂", ':@(),"')
SPACE = " \t\r\n\u3000"
QUOTES = "\"'"
SPECIAL = ("has", "no", "is", "segment")
# The same in Chinese: 非:标签:重点 无:邮箱 地区:华东 或 地区:华南
_SPECIAL_ZH = {"有": "has", "无": "no", "没有": "no", "是": "is", "客群": "segment"}
_NEGATIONS = ("not:", "非:", "不是:", "不含:")
JOINTS = {"or": "or", "and": "and", "或": "or", "或者": "or", "且": "and", "并且": "and"}
NOT_OPENED = "A closing parenthesis at {at} has no opening one"


class Token(NamedTuple):
    """kind is ( ) or and not, term, exact (a term whose value was quoted), quoted (words in quotes).

    `head` is a field's name that was quoted: the text is its value then. `whole`: the value stood behind `:=`.
    """

    kind: str
    text: str
    at: int
    head: str = ""
    whole: bool = False


def tokens_of(argument: str, start: int) -> list[Token]:
    """The tokens of one argument, which begins at a position of the whole query."""
    text = argument.translate(WIDE)
    if is_whole_query(text):
        return [Token("(", "(", start), *_tokens(text, start), Token(")", ")", start + len(text))]
    bare = text.strip(SPACE)
    return _single(bare, start) if bare else []


def special(head: str) -> str | None:
    """has, no, is or segment, in either language."""
    return head.lower() if head.lower() in SPECIAL else _SPECIAL_ZH.get(head)


def negation(text: str, i: int = 0) -> int:
    """How long the `not:` is that begins here, in either language; 0 where none does."""
    return next((len(word) for word in _NEGATIONS if text[i : i + len(word)].lower() == word), 0)


def is_plain(text: str) -> bool:
    """Whether a text can stand in a query without quotes."""
    return bool(text) and not any(mark in text for mark in SPACE + QUOTES + "()")


def quoted(text: str) -> str:
    """A text as it stands in quotes."""
    return '"' + text.replace('"', '""') + '"'


def is_group(text: str) -> bool:
    """Whether a value is a query of its own: all of it stands in one pair of parentheses."""
    return text.startswith("(") and _matching(text, 0) == len(text) - 1


def is_whole_query(text: str) -> bool:
    """Whether one argument is more than one term; asked of the fields of all nouns, so that it hangs on none."""
    stripped = text.strip(SPACE)
    if stripped[negation(stripped) :].startswith("("):
        return True
    words = _bare(stripped).split()
    if len(words) < 2:
        return False
    return any(
        JOINTS.get(word.lower()) == "or" or word.startswith("(") or (i > 0 and _begins_a_term(word))
        for i, word in enumerate(words)
    )


def _begins_a_term(word: str) -> bool:
    if word.startswith(("@", "(")) or negation(word):
        return len(word) > 1
    head, colon, _ = word.partition(":")
    return bool(colon) and (special(head) is not None or is_any_field(head))


def _bare(text: str) -> str:
    """The text with what stands in quotes, or in the parentheses of a relation, taken for one plain word."""
    out, i = "", 0
    while i < len(text):
        end = _closing(text, i) if _opens(text, i) or _opens_name(text, i) else -1
        if end < 0 and text[i] == "(" and text[i - 1 : i] == ":" and leads_on((out[:-1].split() or [""])[-1]):
            end = _matching(text, i)
        if end > 0:
            # a quoted word before a colon is the name of a field of the user's own
            is_name = text[end + 1 : end + 2] == ":" and (not out or out[-1] in SPACE)
            out, i = out + ("custom.x" if is_name else "x"), end + 1
        else:
            out, i = out + text[i], i + 1
    return out


def _opens(text: str, i: int) -> bool:
    """Whether a quoted value begins here: at the start of a word, behind a colon or the dots of a range, behind :=."""
    before = text[i - 1] if i else " "
    return text[i] in QUOTES and (before in SPACE + ":(" or text[i - 2 : i] in ("..", ":="))


def _opens_name(text: str, i: int) -> bool:
    """Whether the quoted name of a field of the user's own begins here: custom."number of seats":100.."""
    if text[i] not in QUOTES or text[i - 1 : i] != "." or text[i - 2 : i] == "..":
        return False
    end = _closing(text, i)
    return end > 0 and text[end + 1 : end + 2] == ":"


def _closing(text: str, i: int) -> int:
    """Where the quote that opens at i is closed; a doubled one stands for itself. -1 where it never is."""
    at = i + 1
    while (at := text.find(text[i], at)) >= 0:
        if text[at + 1 : at + 2] != text[i]:
            return at
        at += 2
    return -1


def _matching(text: str, i: int) -> int:
    """Where the parenthesis that opens at i is closed, past those in quoted values; -1 where it never is."""
    depth = 0
    while i < len(text):
        if _opens(text, i) and (end := _closing(text, i)) > 0:
            i = end
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if not depth:
            return i
        i += 1
    return -1


def _unquoted(text: str) -> str:
    return text[1:-1].replace(text[0] * 2, text[0])


def _head(text: str, i: int) -> tuple[str, int]:
    """A quoted name of a field that begins here, and where its value does: `"number of seats":100..`."""
    if text[i] in QUOTES:
        end = _closing(text, i)
        if end > i + 1 and text[end + 1 : end + 2] == ":":
            return _unquoted(text[i : end + 1]), end + 2
        return "", i
    at = i
    while at < len(text) and text[at] not in SPACE + ":()":
        if _opens_name(text, at):
            end = _closing(text, at)
            return text[i:at] + _unquoted(text[at : end + 1]), end + 2
        at += 1
    return "", i


def _is_whole(text: str, i: int) -> bool:
    """Whether `=` stands here, right behind the colon of a field, and is no operator of another language."""
    return text[i : i + 1] == "=" and text[i + 1 : i + 2] not in ("=", "~", "")


def _single(text: str, at: int) -> list[Token]:
    """The tokens of an argument that is one term."""
    if text.lower() in JOINTS:
        return [Token(JOINTS[text.lower()], text, at)]
    tokens: list[Token] = []
    while size := negation(text):
        tokens.append(Token("not", "not:", at))
        rest = text[size:].lstrip(SPACE)
        text, at = rest, at + len(text) - len(rest)
    if not text:
        return tokens
    if text[0] in QUOTES and _closing(text, 0) == len(text) - 1:
        return [*tokens, Token("quoted", _unquoted(text), at)]
    return [*tokens, _single_term(text, at)]


def _single_term(text: str, at: int) -> Token:
    head, i = _head(text, 0)
    if not head and text[0] == '"':
        _read_quoted(text, 0, at)
    colon = i - 1 if head else text.find(":")
    whole = colon > 0 and _is_whole(text, colon + 1)
    if whole:
        text = text[: colon + 1] + text[colon + 2 :]
    if not whole and colon > 0 and is_group(text[colon + 1 :]) and leads_on(head or text[:colon]):
        return Token("exact", text[colon + 1 :] if head else text, at, head)
    bare = _without_quotes(text, from_=i)
    value = bare[i:] if head else bare
    return Token("term" if bare == text and not head else "exact", value, at, head, whole)


def _without_quotes(text: str, from_: int = 0) -> str:
    """`name:"Acme Corp"` and `close:"end of month".."24 dec"` without the quotes round their values."""
    out, i = text[:from_], from_
    while i < len(text):
        end = _closing(text, i) if i and _opens(text, i) and text[i - 1] not in SPACE + "(" else -1
        if end > 0 and (end + 1 == len(text) or text[end + 1 : end + 3] == ".."):
            out, i = out + _unquoted(text[i : end + 1]), end + 1
        else:
            out, i = out + text[i], i + 1
    return out


def _tokens(text: str, start: int) -> list[Token]:
    """The tokens of an argument that is a whole query."""
    tokens: list[Token] = []
    i = depth = 0
    while i < len(text):
        at = start + i
        if text[i] in SPACE:
            i += 1
        elif text[i] in "()":
            depth += 1 if text[i] == "(" else -1
            if depth < 0:
                raise Misuse(NOT_OPENED, at=at)
            tokens.append(Token(text[i], text[i], at))
            i += 1
        elif size := negation(text, i):
            tokens.append(Token("not", "not:", at))
            i += size
        elif not _head(text, i)[0] and (text[i] == '"' or (text[i] in QUOTES and _closing(text, i) > 0)):
            value, i = _read_quoted(text, i, start)
            tokens.append(Token("quoted", value, at))
        else:
            token, i = _read_word(text, i, start)
            tokens.append(token)
    return tokens


def _read_quoted(text: str, i: int, start: int) -> tuple[str, int]:
    end = _closing(text, i)
    if end < 0:
        raise Misuse(
            "The quote that opens at {at} is never closed", hint="Close it with {mark}", at=start + i, mark=text[i]
        )
    return _unquoted(text[i : end + 1]), end + 1


def _read_word(text: str, first: int, start: int) -> tuple[Token, int]:
    """A word up to a space or a parenthesis that it did not open itself: `name:Acme(China)` is one."""
    head, i = _head(text, first)
    name, word, opened, exact, whole = head, "", 0, bool(head), False
    if head and _is_whole(text, i):
        whole, i = True, i + 1
    while i < len(text) and text[i] not in SPACE and (text[i] != ")" or opened):
        if text[i] in QUOTES and (word.endswith((":", "..")) or (head and not word)):
            value, i = _read_quoted(text, i, start)
            word, exact = word + value, True
            continue
        if text[i] == "(" and (word.endswith(":") or (head and not word)) and leads_on(name or word[:-1]):
            end = _matching(text, i)
            if end > 0:
                word, exact, i = word + text[i : end + 1], True, end + 1
                continue
        opened += {"(": 1, ")": -1}.get(text[i], 0)
        word, i = word + text[i], i + 1
        if not name and word.endswith(":"):
            name = word[:-1]
            if name and _is_whole(text, i):
                whole, i = True, i + 1
    kind = "exact" if exact else JOINTS.get(word.lower(), "term")
    return Token(kind, word, start + first, head, whole), i
