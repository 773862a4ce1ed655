"""The script of each shell: read from shells/, printed by `crm completion SHELL`, written to completions/."""

import os

# shell -> the file's name where shells look
FILES = {"bash": "crm.bash", "zsh": "_crm", "fish": "crm.fish", "powershell": "crm.ps1"}
_OTHERS = {"pwsh": "powershell", "ps1": "powershell", "ps": "powershell"}
_FOLDER = os.path.join(os.path.dirname(__file__), "shells")


def shell_of(word: str) -> str | None:
    """`/bin/zsh`, `-bash`, `pwsh.exe` -> the shell meant; None for one that we have no script for."""
    name = os.path.basename(word.strip().replace("\\", "/")).lower().removeprefix("-").removesuffix(".exe")
    name = _OTHERS.get(name, name)
    return name if name in FILES else None


def script(shell: str) -> str:
    """The script of a shell."""
    with open(os.path.join(_FOLDER, FILES[shell]), encoding="utf-8") as file:
        return file.read()
