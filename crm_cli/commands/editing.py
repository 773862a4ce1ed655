"""A text written in the editor of one's choice."""

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from crm_cli.context import App
from crm_cli.errors import FileError, Misuse
from crm_cli.i18n import t
from crm_cli.rules.text import clean

_USUAL = ("sensible-editor", "nano", "vim", "vi", "notepad.exe")
_CUT = "------------------------ >8 ------------------------"


def write_text(app: App, begun: str, below: Sequence[str]) -> str:
    """What is written above the line with the scissors; `below` it stands what helps to write it.

    A text that cannot be read back is left in its file, and the error says where.
    """
    command = _editor(app)
    folder = Path(tempfile.mkdtemp(prefix="crm-"))
    path = folder / "log.txt"
    foot = [_CUT, clean(t("What stands below this line is left out.")), *below]
    path.write_text(f"{begun}\n\n" + "\n".join(foot) + "\n", encoding="utf-8")
    _run(command, path)
    try:
        written = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise FileError("What the editor saved is not UTF-8 text; it is kept in {path}", path=str(path)) from None
    except OSError as error:
        raise FileError(
            "{path} cannot be read: {reason}", path=str(path), reason=error.strerror or str(error)
        ) from error
    shutil.rmtree(folder, ignore_errors=True)
    return written.partition(_CUT)[0].strip()


def _editor(app: App) -> list[str]:
    """VISUAL, EDITOR, else one that is usual."""
    for name in ("VISUAL", "EDITOR"):
        if app.environ.get(name, "").strip():
            try:
                return shlex.split(app.environ[name])
            except ValueError:
                raise Misuse("{name} is no command: {value}", name=name, value=app.environ[name]) from None
    found = next((path for path in map(shutil.which, _USUAL) if path), None)
    if found is None:
        raise Misuse("No editor is set", hint="Name one: export EDITOR=nano")
    return [found]


def _run(command: list[str], path: Path) -> None:
    """The editor has the terminal to itself, and Ctrl-C is its own."""
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        code = subprocess.run([*command, os.fspath(path)], check=False).returncode  # noqa: S603 - the user's own editor
    except OSError as error:
        raise FileError(
            "{command} cannot be started: {reason}", command=command[0], reason=error.strerror or str(error)
        ) from error
    finally:
        signal.signal(signal.SIGINT, before)
    if code:
        raise FileError(
            "{command} ended with {code}; what it saved is kept in {path}",
            command=command[0],
            code=code,
            path=str(path),
        )
