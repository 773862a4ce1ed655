"""The query language, first half: arguments -> a tree, parsed by hand, with positions for errors.

    query  := any ("or" any)*          and binds tighter than or
    any    := one one ...
    one    := "not:" one | "(" query ")" | field:value | @segment | words

One argument is one term; one that holds a second field, `or` or parentheses is a whole query. Inside quotes a doubled
quote stands for itself.
"""

from collections.abc import Callable
from typing import NamedTuple, Union

from crm_cli.errors import Misuse
from crm_cli.queries import habits
from crm_cli.rules.fields import is_any_field

_WIDE = str.maketrans("：＠（），＂", ':@(),"')
_SPACE = " \t\r\n\u3000"
_QUOTES = "\"'"
SPECIAL = ("has", "no", "is", "segment")
# The same in Chinese: 非:标签:重点 无:邮箱 地区:华东 或 地区:华南
_SPECIAL_ZH = {"有": "has", "无": "no", "没有": "no", "是": "is", "客群": "segment"}
_NEGATIONS = ("not:", "非:", "不是:", "不含:")
_JOINTS = {"or": "or", "and": "and", "或": "or", "或者": "or", "且": "and", "并且": "and"}
_DEEPEST = 60
EMPTY = "Nothing stands after {field}: at {at}"
_NOT_OPENED = "A closing parenthesis at {at} has no opening one"


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
# kind, text, position; kinds: ( ) or and not, term, exact (a term whose value was quoted), quoted (words in quotes)
Token = tuple[str, str, int]
KnownField = Callable[[str], bool]


def parse(arguments: list[str], is_field: KnownField) -> Node | None:
    """The tree of a query typed as arguments; None when nothing was typed. Misuse names the position."""
    start, tokens = 1, list[Token]()
    for argument in arguments:
        text = argument.translate(_WIDE)
        if _is_whole_query(text):
            tokens += [("(", "(", start), *_tokens(text, start), (")", ")", start + len(text))]
        elif text.strip(_SPACE):
            tokens += _single(text.strip(_SPACE), start)
        start += len(argument) + 1
    try:
        return _Parser(tokens, is_field).whole() if tokens else None
    except Misuse as error:
        if not error.instead and len(arguments) > 1 and any(mark in text for mark in "()（）" for text in arguments):
            error.instead = _in_one_argument(arguments, is_field)
        raise


def _in_one_argument(arguments: list[str], is_field: KnownField) -> tuple[str, ...]:
    """What was typed, and the same as the one argument that parentheses need; nothing where that is no query either."""
    whole = " ".join(arguments)
    try:
        return (whole, whole.translate(_WIDE)) if parse([whole], is_field) else ()
    except Misuse:
        return ()


def is_query_argument(text: str, is_field: KnownField) -> bool:
    """Whether an argument where references may stand is a query: a known field and a colon, not:, @segment."""
    text = text.translate(_WIDE).lstrip(_SPACE)
    if text.startswith(("@", "(")) or _negation(text):
        return len(text) > 1
    head, colon, _ = text.partition(":")
    return bool(colon) and (_special(head) is not None or is_field(head))


def _special(head: str) -> str | None:
    """has, no, is or segment, in either language."""
    return head.lower() if head.lower() in SPECIAL else _SPECIAL_ZH.get(head)


def _negation(text: str, i: int = 0) -> int:
    """How long the `not:` is that begins here, in either language; 0 where none does."""
    return next((len(word) for word in _NEGATIONS if text[i : i + len(word)].lower() == word), 0)


def join_arguments(arguments: list[str]) -> str:
    """Arguments -> one line that parses to the same tree; how a segment keeps its query."""
    node = parse(arguments, is_any_field)
    return _line(node, inside=False) if node else ""


def replace_value(query: str, fields: frozenset[str], is_old: Callable[[str], bool], new: str) -> str:
    """A kept query with the values of some fields renamed; unchanged where none is the old one."""
    node = parse([f"({query})"], is_any_field)
    return _line(_renamed(node, fields, is_old, new), inside=False) if node else query


def _renamed(node: Node, fields: frozenset[str], is_old: Callable[[str], bool], new: str) -> Node:
    if isinstance(node, Not):
        return Not(_renamed(node.child, fields, is_old, new))
    if isinstance(node, Group):
        return Group(node.joint, [_renamed(child, fields, is_old, new) for child in node.children])
    return node._replace(value=new) if node.field in fields and is_old(node.value) else node


def _line(node: Node, *, inside: bool) -> str:
    if isinstance(node, Not):
        return f"not:{_line(node.child, inside=True)}"
    if isinstance(node, Group):
        text = (" or " if node.joint == "or" else " ").join(
            _line(child, inside=isinstance(child, Group)) for child in node.children
        )
        return f"({text})" if inside else text
    if node.field == "segment":
        return f"@{node.value}" if _is_plain(node.value) else f"segment:{_quoted(node.value)}"
    if node.field:
        return f"{node.field}:{written(node.value)}"
    words = _is_plain(node.value) and ":" not in node.value and node.value.lower() not in _JOINTS
    return node.value if words and not habits.looks_like_one(node.value) else _quoted(node.value)


def _is_plain(text: str) -> bool:
    return bool(text) and not any(mark in text for mark in _SPACE + _QUOTES + "()")


def written(value: str) -> str:
    """A value as it stands behind a field: in quotes where it needs them."""
    return value if _is_plain(value) and value[0] not in habits.FIRST else _quoted(value)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _is_whole_query(text: str) -> bool:
    """Whether one argument is more than one term; asked of the fields of all nouns, so that it hangs on none."""
    stripped = text.strip(_SPACE)
    if stripped[_negation(stripped) :].startswith("("):
        return True
    words = _bare(stripped).split()
    if len(words) < 2:
        return False
    return any(
        _JOINTS.get(word.lower()) == "or" or word.startswith("(") or (i and is_query_argument(word, is_any_field))
        for i, word in enumerate(words)
    )


def _bare(text: str) -> str:
    """The text with what stands in quotes taken for one plain word."""
    out, i = "", 0
    while i < len(text):
        if _opens(text, i):
            end = _closing(text, i)
            if end > 0:
                out, i = out + "x", end + 1
                continue
        out += text[i]
        i += 1
    return out


def _opens(text: str, i: int) -> bool:
    """Whether a quoted value begins here: at the start of a word, after a colon or after the dots of a range."""
    return text[i] in _QUOTES and (i == 0 or text[i - 1] in _SPACE + ":(" or text[i - 2 : i] == "..")


def _closing(text: str, i: int) -> int:
    """Where the quote that opens at i is closed; a doubled one stands for itself. -1 where it never is."""
    at = i + 1
    while (at := text.find(text[i], at)) >= 0:
        if text[at + 1 : at + 2] != text[i]:
            return at
        at += 2
    return -1


def _single(text: str, at: int) -> list[Token]:
    """The tokens of an argument that is one term."""
    if text.lower() in _JOINTS:
        return [(_JOINTS[text.lower()], text, at)]
    tokens: list[Token] = []
    while size := _negation(text):
        tokens.append(("not", "not:", at))
        rest = text[size:].lstrip(_SPACE)
        text, at = rest, at + len(text) - len(rest)
    if not text:
        return tokens
    if text[0] in _QUOTES and _closing(text, 0) == len(text) - 1:
        return [*tokens, ("quoted", _unquoted(text), at)]
    if text[0] == '"':
        _read_quoted(text, 0, at)
    bare = _without_quotes(text)
    return [*tokens, ("term" if bare == text else "exact", bare, at)]


def _unquoted(text: str) -> str:
    return text[1:-1].replace(text[0] * 2, text[0])


def _without_quotes(text: str) -> str:
    """`name:"Acme Corp"` and `close:"end of month".."24 dec"` without the quotes round their values."""
    out, i = "", 0
    while i < len(text):
        end = _closing(text, i) if i and _opens(text, i) and text[i - 1] not in _SPACE + "(" else -1
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
        if text[i] in _SPACE:
            i += 1
        elif text[i] in "()":
            depth += 1 if text[i] == "(" else -1
            if depth < 0:
                raise Misuse(_NOT_OPENED, at=at)
            tokens.append((text[i], text[i], at))
            i += 1
        elif size := _negation(text, i):
            tokens.append(("not", "not:", at))
            i += size
        elif text[i] == '"' or (text[i] in _QUOTES and _closing(text, i) > 0):
            value, i = _read_quoted(text, i, start)
            tokens.append(("quoted", value, at))
        else:
            word, end = _read_word(text, i, start)
            kind = "term" if word == text[i:end] else "exact"
            tokens.append((_JOINTS.get(word.lower(), kind), word, at))
            i = end
    return tokens


def _read_quoted(text: str, i: int, start: int) -> tuple[str, int]:
    end = _closing(text, i)
    if end < 0:
        raise Misuse(
            "The quote that opens at {at} is never closed", hint="Close it with {mark}", at=start + i, mark=text[i]
        )
    return _unquoted(text[i : end + 1]), end + 1


def _read_word(text: str, i: int, start: int) -> tuple[str, int]:
    """A word up to a space or a parenthesis that it did not open itself: `name:Acme(China)` is one."""
    word, opened = "", 0
    while i < len(text) and text[i] not in _SPACE and (text[i] != ")" or opened):
        if text[i] in _QUOTES and word.endswith((":", "..")):
            value, i = _read_quoted(text, i, start)
            word += value
            continue
        opened += {"(": 1, ")": -1}.get(text[i], 0)
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
            raise Misuse(_NOT_OPENED, at=self.tokens[self.i][2])
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
        return self.term(text, at, exact=kind == "exact")

    def nested(self, parse_child: Callable[[], Node]) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise Misuse("This query is nested too deeply")
        node = parse_child()
        self.depth -= 1
        return node

    def term(self, text: str, at: int, *, exact: bool) -> Term:
        following = self.tokens[self.i][1] if self.peek() in ("term", "exact", "quoted", "(") else ""
        if not exact:
            habits.refuse(text, at, following)
        if text.startswith("@") and text[1:].strip(_SPACE):
            return Term("segment", text[1:], at)
        if text.startswith("@"):
            raise Misuse(EMPTY, hint="All segments: crm segment list", field="segment", at=at)
        head, colon, value = text.partition(":")
        if not colon or not head or head.isdigit() or value.startswith("//") or not _is_plain(head):
            return Term("", text, at)
        special = _special(head)
        if not value.strip(_SPACE) and (special or self.is_field(head)):
            asked = () if special else (text, f"has:{head}", f"no:{head}")
            raise Misuse(
                EMPTY,
                hint="Did the shell take a > or <? Write a range as {field}:10.. or {field}:..10",
                instead=(f"{text} {following}", f"{text}{following}") if following else asked,
                field=head,
                at=at,
            )
        return Term(special or head.lower(), value.strip(_SPACE), at)
