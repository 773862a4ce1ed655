"""The options that every command has, before or after it, and where they end in a line."""

from collections.abc import Sequence
from typing import Any

from typer import core

from crm_cli.errors import Misuse
from crm_cli.i18n import LANGUAGES, language_of


def shared_options() -> list[core.TyperOption]:
    """The options that every command has, before or after it; each writes itself down in App.flags."""
    return [
        _option("--db", help="database file; by default CRM_DB, then the data folder", metavar="PATH"),
        _option("--format", "-f", help="table, json, jsonl, csv, tsv, md or ids; table by default", metavar="F"),
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
        if param.name == "lang" and language_of(value) is None:
            raise Misuse(
                "{option} cannot be {value}",
                hint="Known: {known}",
                option="--lang",
                value=value,
                known=" ".join(LANGUAGES),
            )
        name, kept = (param.name, value) if param.name != "json" else ("format", "json")
        ctx.find_root().obj.flags[name] = kept
    return value


def _show_version(ctx: Any, param: Any, value: Any) -> Any:
    if value:
        from crm_cli import __version__

        ctx.find_root().obj.out.print(f"crm {__version__}")
        ctx.exit()
    return value


VERSION = core.TyperOption(
    param_decls=["--version", "-V"],
    is_flag=True,
    expose_value=False,
    callback=_show_version,
    hidden=True,
    default=False,
)


_made: list[core.TyperOption] = []


def shared() -> list[core.TyperOption]:
    """The same options, made once a run."""
    if not _made:
        _made.extend(shared_options())
    return _made


def behind_shared(args: Sequence[str]) -> int:
    """How many words at the beginning are options that every command has, with their values."""
    i = 0
    while i < len(args):
        head, equals, _ = args[i].partition("=")
        option = next((o for o in shared() if head in o.opts), None)
        if option is None and args[i][:2] in ("-f", "-q", "-y") and args[i][1:2] != "-":
            i += 1  # -fjson, -qy
        elif option is None:
            break
        else:
            i += 1 if option.is_flag or equals else 2
    return min(i, len(args))


def with_list(args: list[str]) -> list[str]:
    """A bare noun is its list, also with options before it or behind: `crm deal --limit 5`."""
    at = behind_shared(args)
    is_option = at < len(args) and args[at].startswith("-") and args[at] not in ("--help", "-h")
    return [*args[:at], "list", *args[at:]] if at == len(args) or is_option else args
