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
from crm_cli.queries.tokens import (
    JOINTS,
    NOT_OPENED,
    SPACE,
    WIDE,
    Token,
    is_group,
    is_plain,
    negation,
    quoted,
    special,
    tokens_of,
)
from crm_cli.rules.fields import is_any_field
from crm_cli.rules.relations import leads_on, path

_DEEPEST = 60
EMPTY = "Nothing stands after {field}: at {at}"


class Term(NamedTuple):
    """field:value at a position (1-based) of the whole query; field is "" for words, `whole` stands for `:=`."""

    field: str
    value: str
    at: int
    whole: bool = False


class Not(NamedTuple):
    child: "Node"


class Group(NamedTuple):
    """Several terms joined by "and" or "or"."""

    joint: str
    children: list["Node"]


Node = Union[Term, Not, Group]  # noqa: UP007 - the classes name it in quotes
KnownField = Callable[[str], bool]


def parse(arguments: list[str], is_field: KnownField, start: int = 1) -> Node | None:
    """The tree of a query typed as arguments; None when nothing was typed. Misuse names the position."""
    tokens: list[Token] = []
    for argument in arguments:
        tokens += tokens_of(argument, start)
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
        return (whole, whole.translate(WIDE)) if parse([whole], is_field) else ()
    except Misuse:
        return ()


def is_query_argument(text: str, is_field: KnownField) -> bool:
    """Whether an argument where references may stand is a query: a known field and a colon, not:, @segment."""
    text = text.translate(WIDE).lstrip(SPACE)
    if text.startswith(("@", "(")) or negation(text):
        return len(text) > 1
    head, colon, _ = text.partition(":")
    return bool(colon) and (special(head) is not None or is_field(head))


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
    *front, last = path(node.field) if node.field else [""]
    if (front or leads_on(node.field)) and is_group(node.value):
        return node._replace(value=f"({replace_value(node.value, fields, is_old, new)})")
    return node._replace(value=new) if last in fields and is_old(node.value) else node


def _line(node: Node, *, inside: bool) -> str:
    if isinstance(node, Not):
        return f"not:{_line(node.child, inside=True)}"
    if isinstance(node, Group):
        text = (" or " if node.joint == "or" else " ").join(
            _line(child, inside=isinstance(child, Group)) for child in node.children
        )
        return f"({text})" if inside else text
    if node.field == "segment":
        return f"@{node.value}" if is_plain(node.value) else f"segment:{quoted(node.value)}"
    if node.field:
        return _field_line(node)
    words = is_plain(node.value) and ":" not in node.value and node.value.lower() not in JOINTS
    return node.value if words and not habits.looks_like_one(node.value) else quoted(node.value)


def _field_line(term: Term) -> str:
    head = term.field if is_plain(term.field) and ":" not in term.field else quoted(term.field)
    if not term.whole and leads_on(term.field) and is_group(term.value):
        return f"{head}:{term.value}"
    return f"{head}:{'=' if term.whole else ''}{written(term.value)}"


def written(value: str) -> str:
    """A value as it stands behind a field: in quotes where it needs them."""
    return value if is_plain(value) and value[0] not in habits.FIRST else quoted(value)


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
            raise Misuse(NOT_OPENED, at=self.tokens[self.i].at)
        return node

    def peek(self) -> str:
        return self.tokens[self.i].kind if self.i < len(self.tokens) else ""

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
            at = self.tokens[min(self.i, len(self.tokens) - 1)].at
            raise Misuse("Something is missing beside the `or` or parenthesis at {at}", at=at)
        return children[0] if len(children) == 1 else Group("and", children)

    def one(self) -> Node:
        token = self.tokens[self.i]
        kind, at = token.kind, token.at
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
            return Term("", token.text, at)
        return self.term(token)

    def nested(self, parse_child: Callable[[], Node]) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise Misuse("This query is nested too deeply")
        node = parse_child()
        self.depth -= 1
        return node

    def term(self, token: Token) -> Term:
        text, at = token.text, token.at
        following = self.tokens[self.i].text if self.peek() in ("term", "exact", "quoted", "(") else ""
        if token.kind != "exact" and not token.whole:
            habits.refuse(text, at, following)
        if token.head:
            return self.asked(token.head, text, token, "")
        if text.startswith("@") and text[1:].strip(SPACE):
            return Term("segment", text[1:], at)
        if text.startswith("@"):
            raise Misuse(EMPTY, hint="All segments: crm segment list", field="segment", at=at)
        head, colon, value = text.partition(":")
        if not colon or not head or head.isdigit() or value.startswith("//") or not is_plain(head):
            return Term("", text, at)
        return self.asked(head, value, token, following)

    def asked(self, head: str, value: str, token: Token, following: str) -> Term:
        """A field and its value; Misuse for nothing behind the colon."""
        known, text = special(head), token.text
        if value == "=" and token.kind != "exact":
            value = ""
        if not value.strip(SPACE) and (known or self.is_field(head)):
            asked = () if known else (text, f"has:{head}", f"no:{head}")
            raise Misuse(
                EMPTY,
                hint="Did the shell take a > or <? Write a range as {field}:10.. or {field}:..10",
                instead=(f"{text} {following}", f"{text}{following}") if following else asked,
                field=head,
                at=token.at,
            )
        if known and token.whole:  # a name that begins so: a segment has no exact value
            return Term(known, f"={value.strip(SPACE)}", token.at)
        return Term(known or head.lower(), value.strip(SPACE), token.at, token.whole)
