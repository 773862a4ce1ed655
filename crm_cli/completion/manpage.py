"""The man page crm(1), from what commands and help topics say of themselves; written by the tests' --rewrite."""

from typing import Any

from crm_cli import __version__, i18n
from crm_cli.completion.generate import commands, options_of, sentence_of
from crm_cli.completion.scripts import FILES
from crm_cli.options import shared_options
from crm_cli.output.manual import examples_of, topic

HEAD = '.\\" Written by `python -m pytest tests/test_man.py --rewrite`; see crm_cli/completion/manpage.py'
# topic of `crm help` -> its section here
_TOPICS = {
    "references": "REFERENCES",
    "queries": "QUERIES",
    "dates": "DATES",
    "money": "AMOUNTS",
    "formats": "FORMATS",
    "settings": "ENVIRONMENT AND SETTINGS",
    "exit-codes": "EXIT STATUS",
}
_ABOUT = (
    "A CRM in one SQLite file: customers, contacts, deals, tasks and talks, whom to call today and why. Made for a "
    "terminal, for scripts and for cron, in English and Chinese.",
    "A bare noun is its list; plurals are accepted. What may mean several records is never guessed: at a terminal you "
    "pick, in a script it is exit status 4. Data go to stdout, words to stderr.",
)


def manpage() -> str:
    """The whole page in roff, in English."""
    before = i18n.language()
    i18n.set_language("en")
    try:
        lines = [HEAD, f'.TH CRM 1 "" "crm {__version__}" "User Commands"', *_begin(), *_commands()]
        lines += [".SH OPTIONS", "Every command has these, before or after it."]
        for option in shared_options():
            lines += _option(option)
        lines += [".TP", _bold("--version"), "show the version"]
        for name, section in _TOPICS.items():
            lines += [f".SH {section}", *_topic(topic(name)[1:])]
        lines += [*_end()]
    finally:
        i18n.set_language(before)
    return "\n".join(lines) + "\n"


def _begin() -> list[str]:
    lines = [".SH NAME", "crm \\- customers, deals and follow\\-ups on the command line", ".SH SYNOPSIS", ".nf"]
    lines += [f"{_bold('crm')} {_text('NOUN VERB [options]')}", f"{_bold('crm')} {_text('COMMAND [options]')}"]
    lines += [f"{_bold('crm help')} {_text('[NOUN] [VERB]')}", ".fi", ".SH DESCRIPTION"]
    for paragraph in _ABOUT:
        lines += [_text(paragraph), ".PP"]
    return lines[:-1]


def _commands() -> list[str]:
    lines = [".SH COMMANDS"]
    section = ""
    for path, entry, command in commands():
        if entry.section != section:
            section = entry.section
            lines.append(f".SS {_text(section)}")
        if command is not None:
            lines += _command(path, sentence_of(path, entry, command), command)
    return lines


def _command(path: str, sentence: str, command: Any) -> list[str]:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    usage = " ".join(p.metavar or (p.name or "").upper() for p in arguments)
    lines = [".TP", f"{_bold(f'crm {path}')} {_text(usage)}".rstrip(), _text(sentence)]
    options = options_of(command)
    if options:
        lines.append(".RS")
        for option in options:
            lines += _option(option)
        lines.append(".RE")
    examples = examples_of(path)[:2]
    if examples:
        lines += [".RS", ".PP", ".nf"]
        lines += [_text(f"$ {example.line}") for example in examples]
        lines += [".fi", ".RE"]
    return lines


def _option(option: Any) -> list[str]:
    names = ", ".join(_bold(name) for name in option.opts)
    value = f" \\fI{_text(option.metavar)}\\fR" if option.metavar and not option.is_flag else ""
    return [".TP", names + value, _text(option.help or "")]


def _topic(lines: list[str]) -> list[str]:
    """A page of `crm help`: pairs, typed lines and paragraphs."""
    found: list[str] = []
    for line in lines:
        if not line.strip():
            continue
        name, tab, text = line.partition("\t")
        if tab:
            found += [".TP", _bold(name), _text(text)]
        elif line.startswith("$ "):
            found += [".PP", _text(line)]
        else:
            found += [".PP", _text(line)]
    return found[1:] if found[:1] == [".PP"] else found


def _end() -> list[str]:
    lines = [".SH FILES"]
    for name, text in (
        ("~/.local/share/crm/crm.db", "the database, unless --db, CRM_DB or the config file names another"),
        ("~/.config/crm/config.toml", "settings; see crm config"),
    ):
        lines += [".TP", f"\\fI{_text(name)}\\fR", _text(text)]
    lines += [".SH COMPLETION"]
    lines += [
        _text(f"crm completion SHELL prints the script for {', '.join(FILES)}; crm completion says how to use it.")
    ]
    lines += [".SH SEE ALSO", f"{_text('sqlite3')}(1), {_text('crontab')}(5)"]
    return lines


def _bold(text: str) -> str:
    return f"\\fB{_text(text)}\\fR"


def _text(text: str) -> str:
    """Text that roff takes as it stands."""
    safe = (
        text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga").replace("'", "\\(aq").replace("^", "\\(ha")
    )
    safe = safe.replace("~", "\\(ti").replace('"', "\\(dq")
    return f"\\&{safe}" if safe[:1] == "." else safe
