"""crm remind --print-crontab: the lines that cron needs, with everything spelled out that a shell would know."""

import os
import sys
import time
from shutil import which

from crm_cli.context import App
from crm_cli.i18n import language, t

_SYSTEM_PATH = ("/usr/local/bin", "/usr/bin", "/bin")
_MORNINGS = "0 7 * * 1-5"
_ALL_DAY = "*/10 7-19 * * *"


def show_crontab(app: App, words: list[str]) -> None:
    """Settings and a job with the words typed; without any the morning's letter, and one through the day to choose."""
    from crm_cli.formats.crontab import comment, job

    program = program_line()
    lines = [
        comment(t("Reminders of crm: put these lines into the table that crontab -e opens")),
        *_settings(app, program),
    ]
    mornings = t("Monday to Friday at seven: what is late, due today or due tomorrow; no mail when nothing is")
    all_day = t("Every ten minutes through the day: each thing once, as it falls due")
    once = any(word.startswith("--since-last") for word in words)
    if words:
        typed = job(_ALL_DAY if once else _MORNINGS, [*program, "remind", *words])
        lines += [comment(all_day if once else t("Monday to Friday at seven")), typed]
    else:
        through = job(_ALL_DAY, [*program, "remind", "--since-last", "--within", "0"])
        lines += [comment(mornings), job(_MORNINGS, [*program, "remind"]), comment(all_day), f"#{through}"]
    app.out.lines(lines)
    if not os.path.exists(app.database):
        app.out.say("{path} is not there yet; the first write makes it", path=os.path.abspath(app.database))


def program_line() -> list[str]:
    """How this program is started from anywhere: the way it was started now, if that was by its name."""
    typed = sys.argv[0]
    if os.path.basename(typed) == "crm" and (found := which(typed)):
        return [os.path.abspath(found)]
    beside = os.path.join(os.path.dirname(sys.executable), "crm")
    return [beside] if os.access(beside, os.X_OK) else [sys.executable, "-m", "crm_cli.app"]


def _settings(app: App, program: list[str]) -> list[str]:
    from crm_cli.formats.crontab import setting

    folder = os.path.dirname(program[0])
    kind = "text/html" if app.out.format == "html" else "text/plain"
    values = {
        "PATH": ":".join(dict.fromkeys([folder, *_SYSTEM_PATH])),
        "CRM_DB": os.path.abspath(app.database),
        "CRM_TZ": app.config.get("timezone").strip() or _machine_zone(app.environ),
        "CRM_LANG": language(),
        "CRM_USER": app.config.get("user"),
        "CRM_CONFIG": _config(app),
        "MAILTO": _mail_to(app),
        "CONTENT_TYPE": f"{kind}; charset=UTF-8",
    }
    return [setting(name, value) for name, value in values.items() if value]


def _config(app: App) -> str:
    """The config file, where cron would not find it by itself."""
    moved = app.environ.get("CRM_CONFIG") or app.environ.get("XDG_CONFIG_HOME")
    path = os.path.abspath(app.config.path())
    return path if moved and os.path.isfile(path) else ""


def _machine_zone(environ: dict[str, str]) -> str:
    """The name of the machine's zone; empty where it has none that says more than cron knows itself."""
    named = environ.get("TZ", "").lstrip(":")
    if "/" in named and not named.startswith("/"):
        return named
    zone = os.path.realpath("/etc/localtime").partition("/zoneinfo/")[2]
    return zone or ("UTC" if time.localtime().tm_gmtoff == 0 and time.tzname[0] == "UTC" else "")


def _mail_to(app: App) -> str:
    """The address of the member that I am, else the one in force, else the login name."""
    with app.read() as db:
        address = db.value("SELECT email FROM member WHERE id = :id", {"id": db.member_of(app.user)})
    user = app.user
    return str(address or app.environ.get("MAILTO") or (user if "@" in user else app.login()))
