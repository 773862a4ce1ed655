"""Records side by side, as plain data: what the screen draws of what was asked."""

from typing import Any, NamedTuple


class Fact(NamedTuple):
    """One line: a public key, the value of each record, and which of them stay."""

    key: str
    values: list[Any]
    stays: list[bool]


class Comparison(NamedTuple):
    """Records of a noun, the kept one first, each with its id and name; and `attached`: what hangs on each, by noun."""

    noun: str
    heads: list[tuple[int, str]]
    facts: list[Fact]
    attached: list[dict[str, int]]
