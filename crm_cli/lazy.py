"""Loads a noun's module when it is typed, and holds the one `except CrmError` that turns into an exit code."""

import importlib
from typing import Any, NamedTuple

import typer
from typer import core
from typer import main as typer_main

from crm_cli.context import App
from crm_cli.errors import CrmError, FileError, Misuse
from crm_cli.misuse import (
    NEAR_WORDS,
    asked_format,
    lines_of,
    refuse_json_keys,
    unknown_command,
    unknown_verb,
    verb_alone,
    without_noun,
)
from crm_cli.options import VERSION, behind_shared, shared, shared_options, with_list
from crm_cli.stopping import hearing, stopped


class Entry(NamedTuple):
    """A line of the table of contents: module, what it is for, section of the help, names of its kind."""

    module: str
    help: str
    section: str
    is_noun: bool = False
    plural: str = ""


# commands whose answer goes through the pager at a terminal when it is longer than the screen
LONG = {
    "list", "show", "board", "today", "followups", "find", "funnel", "fields", "history", "check", "dupes", "demo",
}  # fmt: skip


class CrmCommand(core.TyperCommand):
    """A command with the shared options, our help, and the format chosen before it runs."""

    also: tuple[str, ...] = ()  # formats beyond those of every command
    only: tuple[str, ...] = ()  # the formats of a command that has not even all of those
    usual = "table"  # the format where none was asked for

    def get_params(self, ctx: Any) -> list[Any]:
        return [*super().get_params(ctx), *shared()]

    def get_help_option(self, ctx: Any) -> Any:
        return _paged_help(super().get_help_option(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from crm_cli.output.help import command_help

        _in_utf8(ctx)
        formatter.write(command_help(ctx.command_path, self, ctx))

    def invoke(self, ctx: Any) -> Any:
        out = ctx.obj.choose_format(self.also, self.usual, self.only)
        if self.name not in LONG:
            return super().invoke(ctx)
        with out.paged():
            return super().invoke(ctx)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.obj.verb = ctx.command_path
        ctx.obj.with_value = {n for p in self.get_params(ctx) if not getattr(p, "is_flag", True) for n in p.opts}
        if "--json" in args:
            refuse_json_keys(ctx.obj.arguments, ctx.obj.with_value)
        return super().parse_args(ctx, args)


class TextCommand(CrmCommand):
    """A command that can also answer as a letter: --format text."""

    also: tuple[str, ...] = ("text",)


def _paged_help(option: Any) -> Any:
    """--help, with a page longer than the screen going through the pager."""

    def show(ctx: Any, param: Any, value: bool) -> None:
        if value and not ctx.resilient_parsing:
            out = ctx.find_root().obj.out
            with out.paged():
                out.lines(ctx.get_help().split("\n"))
            ctx.exit()

    if option is not None:
        option.callback = show
    return option


def _in_utf8(ctx: Any) -> None:
    """Help is printed by Typer: making our output sets the streams to UTF-8 before it does."""
    _ = ctx.find_root().obj.out


class LazyGroup(core.TyperGroup):
    """A group that builds only the command that was typed."""

    allow_interspersed_args = False
    default_verb = ""

    def get_params(self, ctx: Any) -> list[Any]:
        return [*super().get_params(ctx), *shared()]

    def get_help_option(self, ctx: Any) -> Any:
        return _paged_help(super().get_help_option(ctx))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        command = self.get_command(ctx, args[0])
        if command is None:
            raise self.unknown(ctx, args)
        return command.name or args[0], command, args[1:]

    def unknown(self, ctx: Any, args: list[str]) -> CrmError:
        raise NotImplementedError


class NounGroup(LazyGroup):
    """The verbs of one noun; a bare noun is its list."""

    def __init__(self, noun: str, source: typer.Typer, what: str = "") -> None:
        super().__init__(name=noun, invoke_without_command=False, context_settings=CONTEXT)
        self.noun = noun
        self.what = what
        self.source = source
        self.infos = {info.name or "": info for info in source.registered_commands}

    def list_commands(self, ctx: Any) -> list[str]:
        return [name for name, info in self.infos.items() if not info.hidden]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        info = self.infos.get(cmd_name)
        return build(info) if info else None

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args[:1] == ["help"] or not (args or "list" in self.infos):
            return super().parse_args(ctx, [*args[1:], "--help"])
        return super().parse_args(ctx, with_list(args) if "list" in self.infos else args)

    def unknown(self, ctx: Any, args: list[str]) -> CrmError:
        return unknown_verb(self.noun, args, [name for name, info in self.infos.items() if not info.hidden])

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from crm_cli.output.help import noun_help

        _in_utf8(ctx)
        verbs = [(name, first_line(info)) for name, info in self.infos.items() if not info.hidden]
        formatter.write(noun_help(self.noun, verbs, self.what))


class Root(LazyGroup):
    """The whole program: nouns and words of the daily work, loaded when typed."""

    def __init__(self, entries: dict[str, Entry], bare: str) -> None:
        super().__init__(name="crm", invoke_without_command=False, context_settings=CONTEXT)
        self.entries = entries
        self.plurals = {entry.plural: name for name, entry in entries.items() if entry.plural}
        self.bare = bare
        self.topic = ""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.entries)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        name = self.plurals.get(cmd_name, cmd_name)
        entry = self.entries.get(name)
        return load(name, entry) if entry else None

    def get_params(self, ctx: Any) -> list[Any]:
        return [*super().get_params(ctx), VERSION]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        at = behind_shared(args)
        if args[at : at + 1] == ["help"]:
            asked = [word for word in args[at + 1 :] if word != "help"]
            self.topic = self._topic(asked)
            args = [*args[:at], *asked[bool(self.topic) :], "--help"]
        rest = super().parse_args(ctx, args)
        if not ctx._protected_args:
            ctx._protected_args = [self.bare]
        return rest

    def _topic(self, words: list[str]) -> str:
        """`crm help dates` is a page of its own, where no command has that name."""
        from crm_cli.output.manual import topic_of

        word = words[0] if words else ""
        return "" if word in self.entries or word in self.plurals else topic_of(word) or ""

    def unknown(self, ctx: Any, args: list[str]) -> CrmError:
        verb = verb_alone(args[0], self.plurals)
        behind = args[1].lower() if len(args) > 1 else ""
        if not verb or NEAR_WORDS.get(behind, self.plurals.get(behind, behind)) in self.entries:
            return unknown_command(args, self.entries, self.plurals)
        from crm_cli.commands.nearly import with_noun

        nouns = [name for name, entry in self.entries.items() if entry.is_noun and verb in load(name, entry).infos]
        if not nouns:
            return unknown_command(args, self.entries, self.plurals)
        return without_noun(args, verb, nouns, with_noun(ctx.obj, verb, args[1:], nouns))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from crm_cli.output.help import root_help, topic_help

        _in_utf8(ctx)
        formatter.write(topic_help(self.topic, shared_options()) if self.topic else root_help(self.entries))


CONTEXT = {"help_option_names": ["--help", "-h"], "terminal_width": 100}


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
        return NounGroup(name, module.nouns[name], entry.help)
    info = next(info for info in module.words.registered_commands if info.name == name)
    return build(info)


def run(root: Root, arguments: list[str], app: App) -> int:
    """Runs the program; every way it can end becomes an exit code here."""
    app.arguments = list(arguments)
    try:
        with hearing():
            code = _invoke(root, arguments, app)
        app.warn_of_place()
        app.out.flush()
        return code
    except CrmError as error:
        return _fail(app, error)
    except (KeyboardInterrupt, EOFError, typer.Abort) as stop:
        return _fail(app, stopped(stop))
    except BrokenPipeError:
        return _hush(app)
    except OSError as error:
        return _stream_failed(app, error)
    except RecursionError:
        return _fail(app, Misuse("This input is nested too deeply"))
    except Exception as error:  # the last resort: a bug is said in one sentence
        if app.flags.get("debug"):
            raise
        return _fail(
            app,
            CrmError(
                "This is a bug in crm: {name}",
                hint="Please report it; --debug shows where it happened.",
                name=type(error).__name__,
            ),
        )


def _invoke(root: Root, arguments: list[str], app: App) -> int:
    """Parses and runs. Typer's own `main` is passed by: it would take Ctrl-C, closed pipes and completion into its
    own hands."""
    _refuse_bytes(arguments)
    try:
        with root.make_context("crm", list(arguments), obj=app) as ctx:
            result = root.invoke(ctx)
    except typer.Exit as stop:
        return int(stop.exit_code)
    except CLICK_USAGE as error:
        from crm_cli.misplaced import misuse_of

        raise misuse_of(error, arguments, getattr(app, "verb", "crm")) from error
    return int(result) if isinstance(result, int) else 0


CLICK_USAGE: Any = typer_main._click.exceptions.UsageError  # type: ignore[attr-defined]


def _refuse_bytes(arguments: list[str]) -> None:
    for argument in arguments:
        try:
            argument.encode("utf-8")
        except UnicodeEncodeError:
            raise Misuse(
                "An argument is not valid UTF-8: {text}",
                hint="Check the terminal's encoding.",
                text=ascii(argument)[:60],
            ) from None


def _fail(app: App, error: CrmError) -> int:
    if app.flags.get("debug"):
        import traceback

        traceback.print_exc()
    try:
        _choose_words(app)
        error.lines = error.lines or lines_of(error, app.arguments)
        app.out.error(error)
        app.out.flush()
    except BrokenPipeError:
        _hush(app)
    except (OSError, ValueError):
        pass
    except CrmError:
        app.speaker("table").error(error)
    return error.code


def _choose_words(app: App) -> None:
    """An error before the format was chosen: JSON where it was typed or is usual."""
    if app.flags.get("format"):
        return
    valued = {name for option in shared() if not option.is_flag for name in option.opts}
    asked = asked_format(app.arguments, getattr(app, "with_value", valued)) or app.config.get("format").strip().lower()
    if asked in ("json", "jsonl"):
        app.flags["format"] = asked


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

    if error.errno in (errno.EPIPE, errno.EBADF):
        return _hush(app)
    if error.errno == errno.ENOSPC:
        return _fail(app, FileError("The output could not be written: the disk is full"))
    return _fail(app, FileError("The system refused: {reason}", reason=error.strerror or str(error)))
