"""Lines of a crontab: settings, comments and jobs, quoted as cron and the shell behind it read them."""

from collections.abc import Sequence
from shlex import join

from crm_cli.errors import Misuse
from crm_cli.rules.text import clean


def setting(name: str, value: str) -> str:
    """`NAME="value"`: cron takes what stands between the quotes as it is, a % too, and knows no escape."""
    quote = next((mark for mark in "\"'" if mark not in value), "")
    if not value.isprintable() or (not quote and value[:1] in "\"'"):
        raise Misuse(
            "{name} cannot stand in a crontab: {value}",
            hint="Give the file a name without quotes and control characters.",
            name=name,
            value=value,
        )
    return f"{name}={quote}{value}{quote}"


def comment(text: str) -> str:
    """A line for whoever reads it."""
    return f"# {clean(text)}"


def job(schedule: str, words: Sequence[str]) -> str:
    """A schedule and a command; cron ends a line at a bare % and takes the backslash off an escaped one."""
    line = join(words)
    if not line.isprintable():
        raise Misuse("This cannot stand in a crontab: {value}", value=line)
    return f"{schedule} {line}".replace("%", "\\%")
