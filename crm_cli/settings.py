"""config.toml written: one setting set or unset, the rest of the file and its comments left as they are."""

import os
from typing import Any

from crm_cli.config import SETTINGS, Config
from crm_cli.errors import CrmError, FileError, Misuse


def check_value(name: str, value: str) -> str:
    """The value as it is kept; Misuse when the setting cannot have it."""
    text = value.strip()
    if name == "currency":
        from crm_cli.rules.money import parse_currency

        return parse_currency(text)
    if name == "country":
        from crm_cli.rules.countries import country_code

        code = country_code(text)
        if code is None:
            raise Misuse("{value} is no country", hint="Type its code, as DE or CN", value=value)
        return code
    if name == "timezone":
        from zoneinfo import ZoneInfo

        try:
            ZoneInfo(text)
        except (ValueError, OSError, LookupError):
            raise Misuse(
                "{zone} is no time zone", hint="Name one as Europe/Berlin or Asia/Shanghai.", zone=value
            ) from None
        return text
    allowed = {
        "lang": ("en", "zh"),
        "decimal": (".", ","),
        "week-start": ("mon", "sun"),
        "backup": ("on", "off"),
    }.get(name)
    if allowed and text not in allowed:
        raise Misuse("{value} is none of: {known}", value=value, known=" ".join(allowed))
    if name == "format":
        from crm_cli.output.output import check_format

        return check_format(text, ("text",))
    if name == "backup-dir" and text:
        return os.path.abspath(os.path.expanduser(text))
    if not text:
        raise Misuse("{name} may not be empty", hint="To take it away: crm config unset {name}", name=name)
    return text


def setting(name: str) -> str:
    """The name of a setting as typed; Misuse with the nearest."""
    key = name.strip().lower().replace("_", "-")
    if key in SETTINGS:
        return key
    from crm_cli.rules.fields import nearest

    near = nearest(key, list(SETTINGS))
    raise Misuse(
        "There is no setting {name}",
        hint="Did you mean {near}?" if near else "Settings: {known}",
        instead=(name, near),
        name=name,
        near=near,
        known=" ".join(SETTINGS),
    )


def set_value(config: Config, name: str, value: str | None) -> str:
    """Keep a setting (None takes it away) in config.toml, mode 0600; returns the file's path."""
    import tomllib

    path = config.path()
    old = ""
    try:
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                old = file.read()
        config.file()
        text = _edited(old, name, value)
        tomllib.loads(text)
        _replace(path, text)
    except CrmError:
        raise
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FileError("{path} cannot be written: {reason}", path=path, reason=str(error)) from None
    config._file = None
    return path


def _edited(old: str, name: str, value: str | None) -> str:
    """The file with one line set, changed or taken away; tables further down stay where they are."""
    lines = [line.removesuffix("\r") for line in old.removesuffix("\n").split("\n")] if old else []
    new = f"{name} = {_quoted(value)}" if value is not None else None
    for i, line in enumerate(lines):
        if line.lstrip().startswith("["):
            lines[i:i] = [new] if new else []
            break
        if line.split("=")[0].strip().replace("_", "-").strip('"') == name:
            lines[i : i + 1] = [new] if new else []
            break
    else:
        lines += [new] if new else []
    return "\n".join(lines) + "\n" if lines else ""


def _quoted(value: str | None) -> str:
    import json

    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _replace(path: str, text: str) -> None:
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    part = f"{path}.{os.getpid()}.part"
    descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError:
        os.unlink(part)
        raise


def settings(config: Config) -> list[dict[str, Any]]:
    """Every setting with its value and where it comes from."""
    rows = []
    for name, (variable, _, what) in SETTINGS.items():
        value, origin = config.origin(name)
        rows.append({"name": name, "value": value or None, "from": origin, "variable": variable, "what": what})
    return rows
