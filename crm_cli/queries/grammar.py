"""The query language, first half: arguments -> a tree, parsed by hand, with positions for errors.

    query  := any ("or" any)*          and binds tighter than or
    any    := one one ...
    one    := "not:" one | "(" query ")" | field:value | @segment | words

One argument is one term; one that holds a second field, `or` or parentheses is a whole query.
"""

from collections.abc import Callable
from typing import NamedTuple, Union

from crm_cli.errors import Misuse

_WIDE = str.maketrans("：＠（），＂", ':@(),"', "")
_SPACE = " \t\r\n\u3000"
_SPECIAL = ("has", "no", "is", "segment")


class Term(NamedTuple):
    """field:value at a position (1-based) of the whole query; field is "" for words."""

    field: str
    value: str
    at: int


class Not(NamedTuple):
    child: "Node"


class Group(NamedTuple):
    """Several terms joined by "and" or "or"."""

    joint: str
    children: list["Node"]


Node = Union[Term, Not, Group]  # noqa: UP007 - the classes name it in quotes
Token = tuple[str, str, int]  # kind ( ) or not term quoted, text, position
KnownField = Callable[[str], bool]


def parse(arguments: list[str], is_field: KnownField) -> Node | None:
    """The tree of a query typed as arguments; None when nothing was typed. Misuse names the position."""
    tokens: list[Token] = []
    start = 1
    for argument in arguments:
        text = argument.translate(_WIDE)
        if _is_whole_query(text, is_field):
            tokens += [("(", "(", start), *_tokens(text, start), (")", ")", start + len(text))]
        elif text.strip(_SPACE):
            tokens += _single(text.strip(_SPACE), start)
        start += len(argument) + 1
    return _Parser(tokens, is_field).whole() if tokens else None


def is_query_argument(text: str, is_field: KnownField) -> bool:
    """Whether an argument where references may stand is a query: a known field and a colon, not:, @segment."""
    text = text.translate(_WIDE).lstrip(_SPACE)
    if text.startswith(("@", "not:", "(")):
        return len(text) > 1
    head, colon, _ = text.partition(":")
    return bool(colon) and (head.lower() in _SPECIAL or is_field(head))


def join_arguments(arguments: list[str]) -> str:
    """Arguments -> one line that parses to the same tree; how a segment keeps its query."""
    return " ".join(_quoted(argument.translate(_WIDE).strip(_SPACE)) for argument in arguments)


def _quoted(text: str) -> str:
    if not any(space in text for space in _SPACE):
        return text
    head, colon, rest = text.partition(":")
    if colon and not any(space in head for space in _SPACE) and not any(mark in rest for mark in "\"':()"):
        return f'{head}:"{rest}"'
    if '"' not in text and not colon and "(" not in text and " or " not in text:
        return f'"{text}"'
    return f"({text})"


def _is_whole_query(text: str, is_field: KnownField) -> bool:
    stripped = text.strip(_SPACE)
    if stripped.startswith(("(", "not:(")):
        return True
    words = stripped.split()
    if len(words) < 2:
        return False
    return any(
        word.lower() == "or" or word.startswith("(") or (word != words[0] and is_query_argument(word, is_field))
        for word in words
    )


def _single(text: str, at: int) -> list[Token]:
    if text.lower() in ("or", "and"):
        return [(text.lower(), text, at)]
    tokens: list[Token] = []
    while text.lower().startswith("not:"):
        tokens.append(("not", "not:", at))
        text, at = text[4:].lstrip(_SPACE), at + 4
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return [*tokens, ("quoted", text[1:-1], at)]
    return [*tokens, ("term", text, at)]


def _tokens(text: str, start: int) -> list[Token]:
    tokens: list[Token] = []
    i, depth = 0, 0
    while i < len(text):
        at = start + i
        if text[i] in _SPACE:
            i += 1
        elif text[i] in "()":
            depth += 1 if text[i] == "(" else -1
            tokens.append((text[i], text[i], at))
            i += 1
        elif text[i : i + 4].lower() == "not:":
            tokens.append(("not", "not:", at))
            i += 4
        elif text[i] in "\"'":
            value, i = _read_quoted(text, i, start)
            tokens.append(("quoted", value, at))
        else:
            word, i = _read_word(text, i, start, depth)
            tokens.append((word.lower() if word.lower() in ("or", "and") else "term", word, at))
    return tokens


def _read_quoted(text: str, i: int, start: int) -> tuple[str, int]:
    end = text.find(text[i], i + 1)
    if end < 0:
        raise Misuse("The quote that opens at {at} is never closed", hint="Close it with {mark}", at=start + i, mark=text[i])
    return text[i + 1 : end], end + 1


def _read_word(text: str, i: int, start: int, depth: int) -> tuple[str, int]:
    word = ""
    while i < len(text) and text[i] not in _SPACE and not (text[i] == ")" and depth > 0):
        if text[i] in "\"'" and word.endswith((":", "..")):
            value, i = _read_quoted(text, i, start)
            word += value
        else:
            word += text[i]
            i += 1
    return word, i


class _Parser:
    """Recursive descent over the tokens."""

    def __init__(self, tokens: list[Token], is_field: KnownField) -> None:
        self.tokens = tokens
        self.is_field = is_field
        self.i = 0
        self.depth = 0

    def whole(self) -> Node:
        node = self.alternatives()
        if self.i < len(self.tokens):
            raise Misuse("A closing parenthesis at {at} has no opening one", at=self.tokens[self.i][2])
        return node

    def peek(self) -> str:
        return self.tokens[self.i][0] if self.i < len(self.tokens) else ""

    def alternatives(self) -> Node:
        children = [self.conjunction()]
        while self.peek() == "or":
            self.i += 1
            children.append(self.conjunction())
        return children[0] if len(children) == 1 else Group("or", children)

    def conjunction(self) -> Node:
        children: list[Node] = []
        while self.peek() not in ("", ")", "or"):
            if self.peek() == "and":
                self.i += 1
                continue
            children.append(self.one())
        if not children:
            at = self.tokens[min(self.i, len(self.tokens) - 1)][2]
            raise Misuse("Something is missing beside the `or` or parenthesis at {at}", at=at)
        return children[0] if len(children) == 1 else Group("and", children)

    def one(self) -> Node:
        kind, text, at = self.tokens[self.i]
        self.i += 1
        if kind == "not":
            if self.peek() in ("", ")", "or", "and"):
                raise Misuse("Nothing stands after not: at {at}", hint="Type it together: not:tag:lost", at=at)
            return Not(self.nested(self.one))
        if kind == "(":
            node = self.nested(self.alternatives)
            if self.peek() != ")":
                raise Misuse("The parenthesis that opens at {at} is never closed", at=at)
            self.i += 1
            return node
        if kind == "quoted":
            return Term("", text, at)
        return self.term(text, at)

    def nested(self, parse_child: Callable[[], Node]) -> Node:
        self.depth += 1
        if self.depth > 60:
            raise Misuse("This query is nested too deeply")
        node = parse_child()
        self.depth -= 1
        return node

    def term(self, text: str, at: int) -> Term:
        self.refuse_habits(text, at)
        if text.startswith("@"):
            return Term("segment", text[1:], at)
        head, colon, value = text.partition(":")
        if not colon or not head or head.isdigit() or value.startswith("//") or " " in head:
            return Term("", text, at)
        if not value.strip(_SPACE) and (head.lower() in _SPECIAL or self.is_field(head)):
            raise Misuse(
                "Nothing stands after {field}: at {at}",
                hint="Did the shell take a > or <? Write a range as {field}:10.. or {field}:..10",
                field=head,
                at=at,
            )
        return Term(head.lower(), value.strip(_SPACE), at)

    def refuse_habits(self, text: str, at: int) -> None:
        """Words of other query languages are answered with ours."""
        if text == "*":
            raise Misuse("* is not needed at {at}: a list without a query has everything", at=at)
        rest = text[1:]
        if text[0] in "-!^" and (rest.startswith("@") or self.is_field(rest.partition(":")[0]) and ":" in rest):
            raise Misuse("{text} at {at} is written not:{rest} here", text=text, rest=rest, at=at)
        head, mark, value = text.partition("=")
        if mark and value and ":" not in head and self.is_field(head.rstrip("!<>")):
            raise Misuse(
                "{text} at {at} is written {field}:{value} here", text=text, field=head.rstrip("!<>"), value=value, at=at
            )
        head, _, value = text.partition(":")
        if value[:1] in ("<", ">") and self.is_field(head):
            bound = value.lstrip("<>=")
            right = f"{head}:{bound}.." if value[0] == ">" else f"{head}:..{bound}"
            raise Misuse("{text} at {at} is written {right} here", text=text, right=right, at=at)
