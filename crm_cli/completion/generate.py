"""Writes down for TAB what the commands say of themselves: a table in each language, read by table.py.

    deal move <plural> <what it does> <kinds of its arguments> <option>...      a command; a noun has no option
    *         <> <> <> <option>...                                              the options of every command
    @GROUP    value/中文 ...                                                     the words of a group
    ?NOUN     key|short|中文|kind ...                                            the fields of a noun
    !NOUN     state ...                                                          what is: knows
    %         setting|what it is ...

Cells are divided by tabs; an option is `--name,-n|mark|kind|what it is`, its mark empty for a flag, 1 for a value,
+ for several. `python -m pytest tests/test_completion.py --rewrite` runs it; a test finds a table that is not fresh.
"""

from typing import Any

from crm_cli import i18n
from crm_cli.app import NOUNS
from crm_cli.completion.kinds import kind_of_field, kind_of_option, kinds_of_arguments
from crm_cli.config import SETTINGS
from crm_cli.i18n import t
from crm_cli.lazy import Entry, build, first_line, load
from crm_cli.options import shared_options
from crm_cli.output.output import FORMATS
from crm_cli.queries.states import STATES
from crm_cli.rules import names
from crm_cli.rules.fields import ANSWER_KEYS, FIELDS, TASK_STATUS

HEAD = "# Written by `python -m pytest tests/test_completion.py --rewrite`; see generate.py"
GROUPS = (
    "kind status deal_status task_status stage_kind channel direction priority role stage noun basis lifecycle tier"
    " rfm_class rfm_group product_kind product_link"
).split()


def words(language: str) -> str:
    """The table of a language: "en" or "zh"."""
    before = i18n.language()
    i18n.set_language(language)
    try:
        lines = [HEAD, *_commands(), *_groups(), *_fields()]
        lines.append("\t".join(["%", *(f"{name}|{t(what)}" for name, (_, _, what) in SETTINGS.items())]))
    finally:
        i18n.set_language(before)
    return "\n".join(lines) + "\n"


def commands() -> list[tuple[str, Entry, Any]]:
    """Every command as it is typed, its line in the table of contents, and Typer's object; a noun's own is None."""
    found: list[tuple[str, Entry, Any]] = []
    for name, line in NOUNS.items():
        entry = Entry(*line)
        loaded = load(name, entry)
        if not entry.is_noun:
            found.append((name, entry, loaded))
            continue
        found.append((name, entry, None))
        found += [(f"{name} {verb}", entry, build(info)) for verb, info in loaded.infos.items() if not info.hidden]
    return found


def sentence_of(path: str, entry: Entry, command: Any) -> str:
    """What a command says of itself, in English."""
    if " " in path:
        return first_line(type("Info", (), {"callback": command.callback}))
    return entry.help


def _commands() -> list[str]:
    lines = []
    shared = {option.opts[0]: option for option in shared_options()}
    for path, entry, command in commands():
        plural = entry.plural if command is None else ""
        sentence = sentence_of(path, entry, command)
        cells = [path, plural, t(sentence)]
        if command is not None:
            metavars = [p.metavar or "" for p in command.params if p.param_type_name == "argument"]
            cells.append(kinds_of_arguments(path, metavars))
            cells += [_option(path, p) for p in options_of(command)]
            if command.also:
                formats = ",".join(command.only or [*FORMATS, *command.also])
                cells.append(_option(path, shared["--format"], f"={formats}"))
        lines.append("\t".join(cells))
    cells = [_option("*", p) for p in shared.values()]
    cells.append(f"--help,-h|||{t('show the help of the command')}")
    return [*lines, "\t".join(["*", "", "", "", *cells])]


def options_of(command: Any) -> list[Any]:
    """A command's own options that help shows."""
    return [p for p in command.params if p.param_type_name == "option" and not p.hidden]


def _option(path: str, option: Any, kind: str = "") -> str:
    opts = sorted(option.opts, key=len, reverse=True)
    kind = kind or ("" if option.is_flag else kind_of_option(path, opts))
    mark = "" if option.is_flag else "+" if option.multiple else "1"
    return "|".join([",".join(opts), mark, kind, t(option.help or "").replace("|", "/")])


def _groups() -> list[str]:
    lines = []
    for group in GROUPS:
        cells = ["/".join([value, names.names_of(group, value)[1]]) for value in names.values(group)]
        lines.append("\t".join([f"@{group}", *cells]))
    return lines


def _fields() -> list[str]:
    lines = []
    for noun, fields in FIELDS.items():
        asked = [*fields, TASK_STATUS] if noun == "task" else fields
        cells = ["|".join([f.key, f.short, f.chinese, kind_of_field(noun, f) if f.ask else "-"]) for f in asked]
        lines.append("\t".join([f"?{noun}", *cells]))
        lines.append("\t".join([f"!{noun}", *STATES[noun]]))
    lines += ["\t".join([f"?{name}", *(f"{key}|||-" for key in keys)]) for name, keys in ANSWER_KEYS.items()]
    return lines
