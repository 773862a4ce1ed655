"""Loads a noun's module when it is typed, and holds the one `except CrmError` that turns into an exit code."""

import difflib
import importlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import typer
from typer import core, main as typer_main

from crm_cli.context import App
from crm_cli.errors import CrmError, Misuse
from crm_cli.i18n import t

class Entry(NamedTuple):
    """A line of the table of contents: module, what it is for, section of the help, names of its kind."""

    module: str
    help: str
    section: str
    is_noun: bool = False
    plural: str = ""


# What people type who come from other programs, and what they mean.
NEAR_VERBS = {
    "ls": "list", "all": "list", "new": "add", "create": "add", "insert": "add", "view": "show", "get": "show",
    "info": "show", "rm": "remove", "delete": "remove", "del": "remove", "update": "edit", "set": "edit",
    "change": "edit", "rename": "edit", "close": "win", "finish": "done", "complete": "done", "search": "list",
    "find": "list", "undelete": "restore", "won": "win", "lost": "lose",
}  # fmt: skip


def shared_options() -> list[core.TyperOption]:
    """The options that every command has, before or after it; each writes itself down in App.flags."""
    return [
        _option("--db", help="database file", metavar="PATH"),
        _option("--format", "-f", help="table, json, jsonl, csv, tsv, md or ids", metavar="F"),
        _option("--json", help="short for --format json", flag=True),
        _option("--quiet", "-q", help="say nothing but errors", flag=True),
        _option("--yes", "-y", help="answer every question with yes", flag=True),
        _option("--dry-run", help="show what would change, change nothing", flag=True),
        _option("--no-color", help="no colour", flag=True),
        _option("--lang", help="en or zh", metavar="L"),
        _option("--debug", help="show the inner error", flag=True),
    ]


def _option(*names: str, help: str, metavar: str | None = None, flag: bool = False) -> core.TyperOption:
    return core.TyperOption(
        param_decls=list(names),
        help=help,
        metavar=metavar,
        is_flag=flag,
        default=None if not flag else False,
        type=None if flag else str,
        expose_value=False,
        callback=_note,
    )


def _note(ctx: Any, param: Any, value: Any) -> Any:
    if value not in (None, False):
        name, kept = (param.name, value) if param.name != "json" else ("format", "json")
        ctx.find_root().obj.flags[name] = kept
    return value


class CrmCommand(core.TyperCommand):
    """A command with the shared options, our help, and the format chosen before it runs."""

    has_text = False

    def get_params(self, ctx: Any) -> list[Any]:
        return [*super().get_params(ctx), *_shared()]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from crm_cli.output.help import command_help

        formatter.write(command_help(ctx.command_path, self, ctx))

    def invoke(self, ctx: Any) -> Any:
        ctx.obj.choose_format(text=self.has_text)
        return super().invoke(ctx)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.obj.verb = ctx.command_path
        return super().parse_args(ctx, args)


class TextCommand(CrmCommand):
    """A command that can also answer as a letter: --format text."""

    has_text = True


_shared_made: list[core.TyperOption] = []


def _shared() -> list[core.TyperOption]:
    if not _shared_made:
        _shared_made.extend(shared_options())
    return _shared_made


class LazyGroup(core.TyperGroup):
    """A group that builds only the command that was typed."""

    allow_interspersed_args = False
    default_verb = ""

    def get_params(self, ctx: Any) -> list[Any]:
        return [*super().get_params(ctx), *_shared()]

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        command = self.get_command(ctx, args[0])
        if command is None:
            raise self.unknown(ctx, args)
        return args[0], command, args[1:]

    def unknown(self, ctx: Any, args: list[str]) -> CrmError:
        raise NotImplementedError


class NounGroup(LazyGroup):
    """The verbs of one noun; a bare noun is its list."""

    def __init__(self, noun: str, source: typer.Typer) -> None:
        super().__init__(name=noun, invoke_without_command=False, context_settings=CONTEXT)
        self.noun = noun
        self.source = source
        self.infos = {info.name or "": info for info in source.registered_commands}

    def list_commands(self, ctx: Any) -> list[str]:
        return [name for name, info in self.infos.items() if not info.hidden]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        info = self.infos.get(cmd_name)
        return build(info) if info else None

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        rest = super().parse_args(ctx, args if args and not _is_list_option(args, _shared()) else ["list", *args])
        if not ctx._protected_args:
            ctx._protected_args = ["list"]
        return rest

    def unknown(self, ctx: Any, args: list[str]) -> CrmError:
        typed = args[0]
        known = list(self.infos)
        meant = NEAR_VERBS.get(typed.lower())
        if meant == "win" and meant not in known:
            meant = "done" if "done" in known else None
        if meant not in known:
            close = difflib.get_close_matches(typed.lower(), known, n=1, cutoff=0.7)
            meant = close[0] if close else None
        if meant:
            return Misuse("There is no {noun} {verb}", hint="Type: {line}", noun=self.noun, verb=typed, line=_line(["crm", self.noun, meant, *args[1:]]))
        if ":" in typed or typed.startswith("@"):
            return Misuse("There is no {noun} {verb}", hint="Type: {line}", noun=self.noun, verb=typed, line=_line(["crm", self.noun, "list", *args]))
        if "show" in known:
            return Misuse("There is no {noun} {verb}", hint="Verbs: {verbs}. For one record type: {line}", noun=self.noun, verb=typed, verbs=" ".join(known), line=_line(["crm", self.noun, "show", *args]))
        return Misuse("There is no {noun} {verb}", hint="Verbs: {verbs}", noun=self.noun, verb=typed, verbs=" ".join(known))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from crm_cli.output.help import noun_help

        formatter.write(noun_help(self.noun, [(name, first_line(info)) for name, info in self.infos.items() if not info.hidden]))


class Root(LazyGroup):
    """The whole program: nouns and words of the daily work, loaded when typed."""

    def __init__(self, entries: dict[str, Entry], bare: str) -> None:
        super().__init__(name="crm", invoke_without_command=False, context_settings=CONTEXT)
        self.entries = entries
        self.plurals = {entry.plural: name for name, entry in entries.items() if entry.plural}
        self.bare = bare

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.entries)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        name = self.plurals.get(cmd_name, cmd_name)
        entry = self.entries.get(name)
        return load(name, entry) if entry else None

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args[:1] == ["help"]:
            args = [*args[1:], "--help"]
        rest = super().parse_args(ctx, args)
        if not ctx._protected_args:
            ctx._protected_args = [self.bare]
        return rest

    def unknown(self, ctx: Any, args: list[str]) -> CrmError:
        typed = args[0]
        known = [*self.entries, *self.plurals]
        swapped = args[1] if len(args) > 1 else ""
        if typed.lower() in {*NEAR_VERBS, "add", "list", "edit", "remove", "move", "win", "lose"} and swapped.rstrip("s") in self.entries:
            verb = NEAR_VERBS.get(typed.lower(), typed.lower())
            line = _line(["crm", swapped.rstrip("s"), verb, *args[2:]])
            return Misuse("{word} comes after its noun", hint="Type: {line}", word=typed, line=line)
        meant = NEAR_WORDS.get(typed.lower())
        if not meant:
            close = difflib.get_close_matches(typed.lower(), known, n=1, cutoff=0.7)
            meant = close[0] if close else None
        if meant:
            return Misuse("There is no command {word}", hint="Type: {line}", word=typed, line=_line(["crm", *meant.split(), *args[1:]]))
        return Misuse("There is no command {word}", hint="All commands: crm --help. To look something up: {line}", word=typed, line=_line(["crm", "find", *args]))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from crm_cli.output.help import root_help

        formatter.write(root_help(self.entries, shared_options()))


NEAR_WORDS = {
    "company": "customer", "companies": "customer", "account": "customer", "accounts": "customer", "client": "customer",
    "lead": "customer", "leads": "customer", "person": "contact", "people": "contact", "opportunity": "deal",
    "opportunities": "deal", "pipeline": "funnel", "activity": "interaction", "activities": "interaction",
    "call": "log call", "email": "log email", "meeting": "log meeting", "note": "log note", "visit": "log visit",
    "todo": "task", "todos": "task", "reminder": "task", "search": "find", "view": "show", "finish": "done",
    "complete": "done", "agenda": "today", "due": "followups", "user": "member", "team": "member", "settings": "config",
    "win": "deal win", "lose": "deal lose", "move": "deal move",
}  # fmt: skip

CONTEXT = {"help_option_names": ["--help", "-h"], "terminal_width": 100}


def _is_list_option(args: Sequence[str], shared: list[core.TyperOption]) -> bool:
    """Whether a bare noun is followed by options of its list: `crm deal --limit 5`."""
    names = {name for option in shared for name in option.opts} | {"--help", "-h"}
    head = args[0].split("=")[0]
    return head.startswith("-") and head not in names and not any(head.startswith(n) and len(n) == 2 for n in names)


def _line(words: Sequence[str]) -> str:
    """Words as a line to paste."""
    return " ".join(word if word and not set(word) & _NEEDS_QUOTES else "'" + word.replace("'", "'\\''") + "'" for word in words)


_NEEDS_QUOTES = set(" \t\n'\"\\$`!*?()[]{}<>|&;#~")


def build(info: Any) -> Any:
    """One command of Typer's from what was registered; nothing else of its app is built."""
    info.cls = info.cls if info.cls is not None and issubclass(info.cls, CrmCommand) else CrmCommand
    info.context_settings = CONTEXT
    return typer_main.get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode=None)


def first_line(info: Any) -> str:
    """The sentence that a command's docstring begins with."""
    return (info.callback.__doc__ or "").strip().split("\n")[0]


def load(name: str, entry: Entry) -> Any:
    """The command of a line of the table of contents."""
    module = importlib.import_module(f"crm_cli.commands.{entry.module}")
    if entry.is_noun:
        return NounGroup(name, module.nouns[name])
    info = next(info for info in module.words.registered_commands if info.name == name)
    return build(info)


def run(root: Root, arguments: list[str], app: App) -> int:
    """Runs the program; every way it can end becomes an exit code here."""
    try:
        code = _invoke(root, arguments, app)
        app.out.flush()
        return code
    except CrmError as error:
        return _fail(app, error)
    except KeyboardInterrupt:
        return _fail(app, _interrupted())
    except BrokenPipeError:
        return _hush(app)
    except (EOFError, typer.Abort):
        return _fail(app, _interrupted())
    except OSError as error:
        return _stream_failed(app, error)
    except RecursionError:
        return _fail(app, Misuse("This input is nested too deeply"))
    except Exception as error:  # noqa: BLE001 - the last resort: a bug is said in one sentence
        if app.flags.get("debug"):
            raise
        return _fail(
            app,
            CrmError("This is a bug in crm: {name}", hint="Please report it; --debug shows where it happened.", name=type(error).__name__),
        )


def _invoke(root: Root, arguments: list[str], app: App) -> int:
    _refuse_bytes(arguments)
    if "--json" in arguments:
        app.flags.setdefault("format", "json")
    try:
        result = root.main(arguments, prog_name="crm", standalone_mode=False, obj=app, windows_expand_args=False)
    except typer.Exit as stop:
        return int(stop.exit_code)
    except CLICK_USAGE as error:
        raise misuse_of(error, arguments) from error
    return int(result) if isinstance(result, int) else 0


CLICK_USAGE = typer_main._click.exceptions.UsageError


def misuse_of(error: Any, arguments: list[str]) -> Misuse:
    """Typer's complaint in our words, with the line that shows how."""
    ctx = error.ctx
    where = ctx.command_path if ctx else "crm"
    name = type(error).__name__
    if name == "NoSuchOption":
        option = str(error.option_name)
        near = sorted(error.possibilities or ()) or _near_options(option, ctx)
        if near:
            return Misuse("{where} has no option {option}", hint="Did you mean {near}?", where=where, option=option, near=" ".join(near[:3]))
        if option[1:2].isdigit():
            return Misuse("{option} looks like an option", hint="Write text that begins with - behind --, and a day back as a date.", option=option)
        return Misuse("{where} has no option {option}", hint="See: {where} --help", where=where, option=option)
    if name == "MissingParameter":
        return Misuse("{name} is missing", hint="See: {where} --help", name=_param_name(error), where=where)
    if name == "BadOptionUsage":
        return Misuse("{option} needs a value", hint="See: {where} --help", option=error.option_name, where=where)
    if name == "BadParameter":
        return Misuse("{name} cannot take that: {reason}", hint="See: {where} --help", name=_param_name(error), reason=error.message, where=where)
    if "extra argument" in error.message:
        extra = error.message.partition("(")[2].rstrip(")")
        return Misuse("{extra} is one word too many", hint="Quote a name of several words. See: {where} --help", extra=extra, where=where)
    return Misuse("{reason}", hint="See: {where} --help", reason=error.message, where=where)


def _near_options(option: str, ctx: Any) -> list[str]:
    known = [name for param in ctx.command.get_params(ctx) for name in param.opts] if ctx else []
    return difflib.get_close_matches(option, known, n=2, cutoff=0.6)


def _param_name(error: Any) -> str:
    param = error.param
    if param is None:
        return t("a value")
    return str(param.opts[0] if param.param_type_name == "option" else param.metavar or param.name)


def _refuse_bytes(arguments: list[str]) -> None:
    for argument in arguments:
        try:
            argument.encode("utf-8")
        except UnicodeEncodeError:
            raise Misuse("An argument is not valid UTF-8: {text}", hint="Check the terminal's encoding.", text=ascii(argument)[:60]) from None


def _interrupted() -> CrmError:
    from crm_cli.errors import Cancelled

    return Cancelled("Stopped; nothing was changed")


def _fail(app: App, error: CrmError) -> int:
    if app.flags.get("debug"):
        import traceback

        traceback.print_exc()
    try:
        app.out.error(error)
        app.out.flush()
    except (OSError, ValueError):
        pass
    except CrmError:
        app.speaker("table").error(error)
    return error.code


def _hush(app: App) -> int:
    """The reader of a pipe has gone: that is how `| head` ends, and no fault."""
    import os
    import sys

    try:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - lives until the end
    except OSError:
        pass
    return 0


def _stream_failed(app: App, error: OSError) -> int:
    import errno

    from crm_cli.errors import FileError

    if error.errno in (errno.EPIPE, errno.EBADF):
        return _hush(app)
    if error.errno == errno.ENOSPC:
        return _fail(app, FileError("The output could not be written: the disk is full"))
    return _fail(app, FileError("The system refused: {reason}", reason=error.strerror or str(error)))


Command = Callable[..., Any]
