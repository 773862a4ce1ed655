"""crm completion: the script that makes a shell ask crm on TAB, and how to install it."""

from typing import Annotated

import typer

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, noun
from crm_cli.context import App

words = noun()


@words.command("completion")
def completion(
    ctx: Context,
    shell: Annotated[p.Text, typer.Argument(metavar="[SHELL]", help="bash, zsh, fish or powershell")] = None,
) -> None:
    """Print what makes your shell complete crm on TAB."""
    from crm_cli.completion.scripts import FILES, script, shell_of
    from crm_cli.errors import NotFound
    from crm_cli.rules.fields import nearest

    app = ctx.obj
    if shell is None:
        _tell(app, _shell_in_use(app))
        return
    name = shell_of(shell)
    if name is None:
        near = nearest(shell.strip().lower(), list(FILES))
        raise NotFound(
            "There is no completion for {shell}",
            hint="Did you mean {near}? Known: {known}" if near else "Known: {known}",
            shell=shell,
            near=near,
            known=" ".join(FILES),
        )
    app.out.lines(script(name).splitlines())


def _shell_in_use(app: App) -> str:
    """The shell that started us where the system tells, else the login shell, else bash."""
    import os

    from crm_cli.completion.scripts import shell_of

    try:
        with open(f"/proc/{os.getppid()}/comm", encoding="utf-8", errors="replace") as file:
            parent = file.read()
    except OSError:
        parent = ""
    usual = "powershell" if os.name == "nt" else "bash"
    return shell_of(parent) or shell_of(app.environ.get("SHELL", "")) or usual


def _tell(app: App, shell: str) -> None:
    """How to install it, for one shell; the others are named."""
    from crm_cli.completion.scripts import FILES
    from crm_cli.i18n import t

    lines = {
        "bash": ("~/.bashrc", 'eval "$(crm completion bash)"'),
        "zsh": ("~/.zshrc", 'eval "$(crm completion zsh)"'),
        "fish": ("~/.config/fish/config.fish", "crm completion fish | source"),
        "powershell": ("$PROFILE", "crm completion powershell | Out-String | Invoke-Expression"),
    }
    place, line = lines[shell]
    if shell == "zsh":
        how = "For {shell}, put this line at the end of {place}; it starts compinit where nothing else does:"
        app.out.print(t(how, shell=shell, place=place))
    else:
        app.out.print(t("For {shell}, put this line into {place}:", shell=shell, place=place))
    app.out.print(f"  {line}")
    others = " ".join(name for name in FILES if name != shell)
    app.out.print(t("It works in the next shell that you open. Other shells: {others}", others=others))
