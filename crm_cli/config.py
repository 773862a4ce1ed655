"""Where each setting comes from: flag, environment, config.toml, default; and where files live.

Completion reads settings too and may cost next to nothing: what most runs do not need is imported where it is needed.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# setting -> (environment variable, default, what it is)
SETTINGS: dict[str, tuple[str, str, str]] = {
    "db": ("CRM_DB", "", "path of the database"),
    "user": ("CRM_USER", "", "who I am; matched to a member"),
    "currency": ("CRM_CURRENCY", "", "currency of amounts typed without one"),
    "country": ("CRM_COUNTRY", "", "country of phone numbers typed without one, as DE or CN"),
    "timezone": ("CRM_TZ", "", "zone of days and times, as Europe/Berlin"),
    "lang": ("CRM_LANG", "", "en or zh"),
    "decimal": ("CRM_DECIMAL", "", "decimal mark of amounts: . or ,"),
    "week-start": ("CRM_WEEK_START", "mon", "first day of the week: mon or sun"),
    "channels": ("CRM_CHANNELS", "", "further channels, separated by commas"),
    "format": ("CRM_FORMAT", "", "output format where a command has it"),
    "pager": ("CRM_PAGER", "", "program that long answers at a terminal go through"),
    "backup": ("CRM_BACKUP", "on", "copy the database before an import or a change by query: on or off"),
    "backup-dir": ("CRM_BACKUP_DIR", "", "folder of the copies; by default backups beside the database"),
}


class Config:
    """Settings of this run. `flags` are the options typed, by setting name."""

    def __init__(self, environ: dict[str, str], flags: dict[str, str] | None = None) -> None:
        self.environ = environ
        self.flags = flags or {}
        self._file: dict[str, Any] | None = None

    def get(self, name: str) -> str:
        """The value in force; empty when nothing sets it."""
        return self.origin(name)[0]

    def origin(self, name: str) -> tuple[str, str]:
        """The value in force and where it comes from: flag, environment, file, default."""
        variable, default, _ = SETTINGS[name]
        if self.flags.get(name):
            return self.flags[name], "flag"
        if self.environ.get(variable):
            return self.environ[variable], "environment"
        kept = self.file().get(name, self.file().get(name.replace("-", "_")))
        if kept is not None and str(kept) != "":
            return str(kept), "file"
        return default, "default"

    def program(self, name: str) -> str:
        """A program that config.toml names; empty where somebody else could have written that."""
        value, origin = self.origin(name)
        if origin != "file" or not hasattr(os, "getuid"):
            return value.strip()
        kept = os.stat(self.path())
        return value.strip() if kept.st_uid in (os.getuid(), 0) and not kept.st_mode & 0o022 else ""

    def file(self) -> "dict[str, Any]":
        """What config.toml says; read once, an unreadable one is named."""
        if self._file is None:
            self._file = self._read()
        return self._file

    def _read(self) -> "dict[str, Any]":
        path = self.path()
        if not os.path.isfile(path):
            return {}
        try:
            with open(path, encoding="utf-8", newline="") as file:
                text = file.read()
            plain = _plain_lines(text)
            if plain is not None:
                return plain
        except (OSError, UnicodeDecodeError):
            pass  # said below, in the same words as for any other
        return _by_library(path)

    def path(self) -> str:
        """config.toml; CRM_CONFIG names another."""
        return self.environ.get("CRM_CONFIG") or os.path.join(self._folder("config"), "config.toml")

    def database(self) -> str:
        """Path of the database in force."""
        named = self.get("db")
        if named.startswith(("postgresql:", "postgres:")):
            from crm_cli.errors import Misuse

            raise Misuse("PostgreSQL is not supported yet", hint="Name a file: --db crm.db")
        if named.startswith("sqlite:"):
            named = named.removeprefix("sqlite:").removeprefix("//")
            named = named.removeprefix("/") if not named.startswith("//") else named[1:]
        return os.path.expanduser(named) if named else os.path.join(self._folder("data"), "crm.db")

    def _folder(self, which: str) -> str:
        """The folder of the XDG rules; other systems' rules come from platformdirs."""
        system: str = sys.platform
        if system.startswith("linux") or self.environ.get(f"XDG_{which.upper()}_HOME"):
            base = self.environ.get(f"XDG_{which.upper()}_HOME", "")
            home = self.environ.get("HOME") or os.path.expanduser("~")
            fallback = os.path.join(home, ".config" if which == "config" else ".local/share")
            return os.path.join(base if os.path.isabs(base) else fallback, "crm")
        import platformdirs

        dirs = platformdirs.PlatformDirs("crm", appauthor=False)
        return str(dirs.user_config_dir if which == "config" else dirs.user_data_dir)


def _plain_lines(text: str) -> "dict[str, Any] | None":
    """A file of nothing but `name = "text"`, as `config set` writes it; None for all else, which the library reads."""
    found: dict[str, Any] = {}
    for line in text.split("\n"):
        if not line or line.startswith("#"):
            if line.isprintable():
                continue
            return None
        name, mark, value = line.partition(" = ")
        plain = len(value) > 1 and value[0] == value[-1] == '"' and '"' not in value[1:-1] and "\\" not in value
        key = name.replace("_", "").replace("-", "")
        if not (mark and plain and line.isprintable() and key.isascii() and key.isalnum()) or name in found:
            return None
        found[name] = value[1:-1]
    return found


def _by_library(path: str) -> "dict[str, Any]":
    import tomllib

    from crm_cli.errors import Misuse

    try:
        with open(path, "rb") as file:
            return tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misuse(
            "{path} cannot be read: {reason}", hint="Mend the file or remove it.", path=path, reason=str(error)
        ) from None
