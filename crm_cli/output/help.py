"""Help pages in a layout of our own: no Rich, no noun loaded for the list of nouns."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crm_cli.i18n import t
from crm_cli.rules.text import pad, width, wrap

_LEFT = 26


_LEAST_TEXT = 22  # columns: with fewer beside the names, what they are stands below them


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
            heads = wrap(name, columns() - 2)
            lines += [f"  {heads[0]}", *(f"    {piece}" for piece in heads[1:])]
        else:
            lines.append(f"  {pad(name, left)}{pieces.pop(0) if pieces else ''}".rstrip())
        lines += [" " * indent + piece for piece in pieces]
    return lines


def _page(lines: Iterable[str]) -> str:
    """The lines of a page, what is too long wrapped."""
    return (
        "\n".join(piece for line in lines for piece in ([line] if width(line) <= columns() else wrap(line, columns())))
        + "\n"
    )


def root_help(entries: Mapping[str, Any], shared: Sequence[Any]) -> str:
    """The table of contents."""
    lines = [t("Usage: crm COMMAND ..."), "", t("Customers, deals and follow-ups on the command line."), ""]
    sections: dict[str, list[tuple[str, str]]] = {}
    for name, entry in entries.items():
        sections.setdefault(entry.section, []).append((name, t(entry.help)))
    for section, pairs in sections.items():
        lines += [t(section), *_pairs(pairs, 14), ""]
    lines += [
        t("Options of every command"),
        *_pairs(_option_pairs(shared)),
        *_pairs([("--version", t("show the version"))]),
        "",
    ]
    lines.append(t("More: crm NOUN --help, crm NOUN VERB --help. A first look: crm demo"))
    return _page(lines)


def noun_help(noun: str, verbs: Sequence[tuple[str, str]]) -> str:
    """The verbs of a noun."""
    lines = [t("Usage: crm {noun} VERB ...", noun=noun), "", *_pairs([(name, t(text)) for name, text in verbs], 14), ""]
    lines.append(t("A bare `crm {noun}` is its list. More: crm {noun} VERB --help", noun=noun))
    return _page(lines)


def command_help(path: str, command: Any, ctx: Any) -> str:
    """One command: usage, what it does, arguments, options, and where to read on."""
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and not p.hidden]
    usage = " ".join(
        [path, *(p.metavar or p.name.upper() for p in arguments), t("[options]") if options else ""]
    ).rstrip()
    lines = [t("Usage: {line}", line=usage), "", t((command.help or "").split("\n")[0])]
    if arguments:
        lines += ["", *_pairs([(p.metavar or p.name.upper(), t(p.help or "")) for p in arguments])]
    if options:
        lines += ["", t("Options"), *_pairs(_option_pairs(options))]
    lines += ["", t("Every command also has: {options}", options=" ".join(_names_of_shared(ctx, command)))]
    return _page(lines)


def _names_of_shared(ctx: Any, command: Any) -> list[str]:
    own = {id(p) for p in command.params}
    # the names of the help option come in no order
    return ["/".join(sorted(p.opts, key=len, reverse=True)) for p in command.get_params(ctx) if id(p) not in own]


def _option_pairs(options: Sequence[Any]) -> list[tuple[str, str]]:
    pairs = []
    for option in options:
        name = ", ".join(option.opts)
        pairs.append(
            (f"{name} {option.metavar}" if option.metavar and not option.is_flag else name, t(option.help or ""))
        )
    return pairs
