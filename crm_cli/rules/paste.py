"""Words as one line to paste: quoted so that bash, zsh and fish read them back as they were, or PowerShell."""

import os
from collections.abc import Mapping, Sequence

_PLAIN = "_-./:@%+,="
_NOT_FIRST = "=%"  # zsh looks up a command behind =, older shells a job behind %
_IN_DOUBLE = frozenset('"$`\\!')  # what double quotes do not hold off
# PowerShell takes any of these for a quote, and a comma for a list
_QUOTES = "'\u2018\u2019\u201a\u201b"
_PLAIN_THERE = "_-./:+%="


def line(words: Sequence[str], environ: Mapping[str, str] | None = None) -> str:
    """Words as a line for the shell in use; `environ` tells which one that is, os.environ if left out."""
    write = _in_powershell if is_powershell(os.environ if environ is None else environ) else _in_others
    return " ".join(write(" ".join(word.split()) if not word.isprintable() else word) for word in words)


def is_powershell(environ: Mapping[str, str]) -> bool:
    """Whether the line was typed in PowerShell; it leaves its mark in the environment of a shell inside it too."""
    if not any(name.upper() == "PSMODULEPATH" for name in environ):
        return False
    try:
        with open(f"/proc/{os.getppid()}/comm", encoding="utf-8") as file:
            return file.read().startswith(("pwsh", "powershell"))
    except (OSError, ValueError):
        return True


def _in_others(word: str) -> str:
    """A form that bash, zsh and fish agree about. Fish reads a backslash in single quotes, so none stands there."""
    if word and word[0] not in _NOT_FIRST and all(char.isalnum() or char in _PLAIN for char in word):
        return word
    if "'" in word and not set(word) & _IN_DOUBLE:
        return f'"{word}"'
    return "'" + word.replace("\\", "\0").replace("'", "'\\''").replace("\0", "'\\\\'") + "'"


def _in_powershell(word: str) -> str:
    odd_first = word[:1] in "@%=" or (word[:1] == "-" and (":" in word or "." in word))
    if word and not odd_first and all(char.isalnum() or char in _PLAIN_THERE for char in word):
        return word
    return "'" + "".join(char * 2 if char in _QUOTES else char for char in word) + "'"
