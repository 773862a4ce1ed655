"""Help pages in a layout of our own: no Rich, no noun loaded for the list of nouns."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from crm_cli.i18n import t
from crm_cli.output import manual
from crm_cli.rules.text import pad, width, wrap

_LEFT = 26


_LEAST_TEXT = 22  # columns: with fewer beside the names, what they are stands below them
_LAST = "Output"  # the group of options that comes last
_WORD = r"""(?:"[^"]*"|'[^']*'|[^\s"'])+"""
_UNITS = re.compile(rf"--{_WORD} (?!-){_WORD}|{_WORD}")  # an option stays with its value


def columns() -> int:
    """How wide a page may be."""
    import os

    typed = os.environ.get("COLUMNS", "")
    if typed.isascii() and typed.isdigit() and int(typed[:6]) > 0:
        return max(20, min(100, int(typed[:6])))
    try:
        return max(20, min(100, os.get_terminal_size(1).columns))
    except (OSError, ValueError):
        return 100


def _pairs(pairs: Iterable[tuple[str, str]], left: int = _LEFT) -> list[str]:
    """Two columns, a name and what it is; a long name has a line of its own, on a narrow screen each has."""
    lines = []
    room = columns() - left - 2
    indent = left + 2
    stacked = room < _LEAST_TEXT
    if stacked:
        room, indent = columns() - 6, 6
    for name, text in pairs:
        pieces = wrap(text, room) if text else []
        if stacked or width(name) > left - 2:
            heads = wrap(name, columns() - 4)
            lines += [f"  {heads[0]}", *(f"    {piece}" for piece in heads[1:])]
        else:
            lines.append(f"  {pad(name, left)}{pieces.pop(0) if pieces else ''}".rstrip())
        lines += [" " * indent + piece for piece in pieces]
    return lines


def _hanging(head: str, text: str) -> list[str]:
    """A paragraph behind its head, the further lines a little to the right."""
    pieces = wrap(f"{head} {text}" if head.isascii() else f"{head}{text}", columns() - 2)
    return [pieces[0], *(f"  {piece}" for piece in pieces[1:])]


def _typed(line: str) -> list[str]:
    """A line to type; a wide one is broken between words with a \\, so that it can still be pasted."""
    room = columns() - 4
    rows = [""]
    for word in _UNITS.findall(line):
        longer = f"{rows[-1]} {word}".lstrip()
        if rows[-1] and width(longer) > room - 2:
            rows.append(word)
        else:
            rows[-1] = longer
    lines = [row + (" \\" if i + 1 < len(rows) else "") for i, row in enumerate(rows)]
    heads = ["  $ ", *["    "] * (len(lines) - 1)]
    return [
        (head if i == 0 else "    ") + piece
        for head, row in zip(heads, lines, strict=True)
        for i, piece in enumerate(wrap(row, room))
    ]


def _page(lines: Iterable[str]) -> str:
    """The lines of a page, what is too long wrapped."""
    return (
        "\n".join(piece for line in lines for piece in ([line] if width(line) <= columns() else wrap(line, columns())))
        + "\n"
    )


def _ending(command: str) -> list[str]:
    """Examples of a command, and what to read next to it."""
    lines: list[str] = []
    for example in manual.examples_of(command):
        lines += ["", *(f"  {piece}" for piece in wrap(f"# {example.what}", columns() - 2)), *_typed(example.line)]
    if lines:
        lines = ["", t("Examples"), *lines[1:]]
    also = ", ".join(f"crm {name}" for name in manual.see_also(command))
    return [*lines, "", *_hanging(t("See also:"), also)] if also else lines


def root_help(entries: Mapping[str, Any]) -> str:
    """The table of contents."""
    lines = [t("Usage: crm COMMAND ..."), ""]
    sections: dict[str, list[tuple[str, str]]] = {}
    for name, entry in entries.items():
        sections.setdefault(entry.section, []).append((name, t(entry.help)))
    for section, pairs in sections.items():
        lines += [t(section), *_pairs(pairs, 14), ""]
    lines += _hanging(t("More:"), f"crm log --help, crm deal move --help, crm help TOPIC: {' '.join(manual.TOPICS)}")
    lines += _hanging(t("New here?"), t("crm help start. A made-up company to look at: crm demo"))
    return _page(lines)


def noun_help(noun: str, verbs: Sequence[tuple[str, str]], what: str = "") -> str:
    """The verbs of a noun."""
    lines = [t("Usage: crm {noun} VERB ...", noun=noun), "", *([t(what), ""] if what else [])]
    lines += [*_pairs([(name, t(text)) for name, text in verbs], 14), ""]
    if any(name == "list" for name, _ in verbs):
        lines.append(t("A bare `crm {noun}` is its list. More: crm {noun} VERB --help", noun=noun))
    else:
        lines.append(t("More: crm {noun} VERB --help", noun=noun))
    return _page([*lines, *_ending(noun)])


def command_help(path: str, command: Any, ctx: Any) -> str:
    """One command: usage, what it does, arguments, options by what they are about, examples, and where to read on."""
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and not p.hidden]
    usage = " ".join(
        [path, *(p.metavar or p.name.upper() for p in arguments), t("[options]") if options else ""]
    ).rstrip()
    lines = [t("Usage: {line}", line=usage), "", t((command.help or "").split("\n")[0])]
    if arguments:
        lines += ["", *_pairs([(p.metavar or p.name.upper(), t(p.help or "")) for p in arguments])]
    for group, members in _groups(options):
        lines += ["", t(group) if group else t("Options"), *_pairs(_option_pairs(members))]
    lines += _ending(path.removeprefix("crm "))
    shared = " ".join(_names_of_shared(ctx, command))
    return _page([*lines, "", *_hanging(t("Every command also has:"), shared)])


def topic_help(name: str, shared: Sequence[Any]) -> str:
    """A topic page."""
    lines: list[str] = []
    for is_pair, group in groupby(manual.topic(name), key=lambda line: "\t" in line):
        if is_pair:
            lines += _columns_of([(left, right) for left, _, right in (line.partition("\t") for line in group)])
        else:
            lines += [piece for line in group for piece in (_typed(line[2:]) if line.startswith("$ ") else [line])]
    if name == "options":
        lines += ["", *_pairs([*_option_pairs(shared), ("--version", t("show the version"))])]
    return _page(
        [*lines, "", *_hanging(t("Other topics:"), " ".join(other for other in manual.TOPICS if other != name))]
    )


def _columns_of(pairs: list[tuple[str, str]]) -> list[str]:
    """Pairs of a page, the left column as wide as its names."""
    return _pairs(pairs, min(32, max(width(left) for left, _ in pairs) + 2))


def _groups(options: Sequence[Any]) -> Iterator[tuple[str, list[Any]]]:
    """The options by what they are about, in the order of their first; what shapes the output comes last."""
    groups: dict[str, list[Any]] = {}
    for option in options:
        groups.setdefault(getattr(option, "rich_help_panel", None) or "", []).append(option)
    yield from sorted(groups.items(), key=lambda group: group[0] == _LAST)


def _names_of_shared(ctx: Any, command: Any) -> list[str]:
    own = {id(p) for p in command.params}
    # the names of the help option come in no order
    return ["/".join(sorted(p.opts, key=len, reverse=True)) for p in command.get_params(ctx) if id(p) not in own]


def _option_pairs(options: Sequence[Any]) -> list[tuple[str, str]]:
    pairs = []
    for option in options:
        name = ", ".join(option.opts)
        if option.metavar and not option.is_flag:
            name += option.metavar if option.metavar.startswith("[=") else f" {option.metavar}"
        pairs.append((name, t(option.help or "")))
    return pairs
