"""App: what one run of the program carries: settings, clock, output, and the database made on first use."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from crm_cli import i18n
from crm_cli.config import Config
from crm_cli.errors import CrmError, Misuse

if TYPE_CHECKING:
    from crm_cli.output.output import Output
    from crm_cli.queries.conditions import Asker
    from crm_cli.store.reader import Reader
    from crm_cli.store.writer import Work


_DAY = 86_400  # seconds


def _stamp(clock: datetime) -> float:
    """The seconds since 1970 if this clock were the one of UTC."""
    return (clock.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()


class LocalZone(tzinfo):
    """The machine's own zone, by the C library: no zone files are opened for it. As text it is UTC where it is that."""

    def _clock(self, moment: datetime) -> time.struct_time:
        """As PEP 495 has it: of an hour that comes twice the first without fold; one that is left out by the clock
        before it without fold."""
        stamp = _stamp(moment)
        before, after = time.localtime(stamp - _DAY), time.localtime(stamp + _DAY)
        if before.tm_gmtoff == after.tm_gmtoff:
            return before
        first, second = (time.localtime(stamp - clock.tm_gmtoff) for clock in (before, after))
        is_first, is_second = first.tm_gmtoff == before.tm_gmtoff, second.tm_gmtoff == after.tm_gmtoff
        if is_first and (not is_second or not moment.fold):
            return first
        if is_second:
            return second
        return after if moment.fold else before

    def utcoffset(self, moment: datetime | None) -> timedelta:
        return timedelta(seconds=self._clock(moment).tm_gmtoff) if moment else timedelta(0)

    def dst(self, moment: datetime | None) -> timedelta | None:
        return None

    def tzname(self, moment: datetime | None) -> str:
        return self._clock(moment).tm_zone if moment else "local"

    def fromutc(self, moment: datetime) -> datetime:
        stamp = _stamp(moment)
        ahead = time.localtime(stamp).tm_gmtoff
        offset = timedelta(seconds=ahead)
        found = (moment.replace(tzinfo=None) + offset).replace(tzinfo=self)
        if time.localtime(stamp - _DAY).tm_gmtoff == ahead or found.utcoffset() == offset:
            return found
        return found.replace(fold=1)

    def __str__(self) -> str:
        return "local" if time.daylight or time.timezone else time.tzname[0]


class App:
    """Handed to every command as ctx.obj. `flags` are the global options typed, by name."""

    def __init__(self, environ: dict[str, str], flags: dict[str, Any] | None = None) -> None:
        self.environ = environ
        self.flags: dict[str, Any] = flags if flags is not None else {}
        self.arguments: list[str] = []
        self._config: Config | None = None
        self._out: Output | None = None
        self._now: datetime | None = None
        self._writing = False
        self._missing = ""  # the database, where none was yet when it was first named
        # another run of the program, in this process: what `crm shell` does with each line
        self.again: Callable[[list[str], dict[str, str]], int] = lambda arguments, environ: 0
        self.asked = False  # whether somebody has answered a prompt in this run
        self.said: str = ""  # the line that says what was asked for, where prompts or keys said it

    # --------------------------------------------------------------- settings

    @property
    def config(self) -> Config:
        if self._config is None:
            named = {name: str(self.flags[name]) for name in ("db", "lang", "format") if self.flags.get(name)}
            self._config = Config(self.environ, named)
        return self._config

    @property
    def typed(self) -> str:
        """The line as typed, for the history, or the one that says what prompts and keys said; secrets are starred
        out."""
        from crm_cli.rules.paste import line
        from crm_cli.rules.secrets import masked

        return masked(self.said or line(["crm", *self.arguments]))

    @property
    def user(self) -> str:
        """Who I am: CRM_USER, config, login name."""
        named = self.config.get("user")
        if named:
            return named
        return self.login()

    def login(self) -> str:
        """The name that the system knows me by."""
        named = self.environ.get("LOGNAME") or self.environ.get("USER")
        if named:
            return named
        try:
            import pwd

            return pwd.getpwuid(os.getuid()).pw_name
        except (ImportError, KeyError):
            return "unknown"

    @property
    def out(self) -> "Output":
        """Made when the format is known; before that, words go out as plain words."""
        if self._out is None:
            self._out = self.speaker(self.flags.get("format") or "table")
        return self._out

    def speaker(self, format_: str) -> "Output":
        from crm_cli.output.output import Output

        colour = not self.flags.get("no_color")
        return Output(format=format_, quiet=bool(self.flags.get("quiet")), colour=colour, pager=self.pager)

    def pager(self) -> str:
        """What shows a long answer: CRM_PAGER, config, PAGER, else less; set to nothing it is off."""
        if "CRM_PAGER" in self.environ:
            return self.environ["CRM_PAGER"].strip()
        return self.config.program("pager") or self.environ.get("PAGER", "less").strip()

    def usual_format(self) -> str:
        """CRM_FORMAT or the config's; one that no command has is refused, but not where it can be mended."""
        wished, origin = self.config.origin("format")
        wished = wished.strip().lower()
        from crm_cli.output.output import EVERY_FORMAT

        if wished in ("", *EVERY_FORMAT) or getattr(self, "verb", "").startswith("crm config"):
            return wished
        raise Misuse(
            "{where} is {value}, which is no format",
            hint="Known: {known}. To take it out of the file: crm config unset format"
            if origin == "file"
            else "Known: {known}",
            where="CRM_FORMAT" if origin == "environment" else self.config.path(),
            value=wished,
            known=" ".join(EVERY_FORMAT),
        )

    def choose_format(self, also: tuple[str, ...] = (), usual: str = "table", only: tuple[str, ...] = ()) -> "Output":
        """The format of this command: typed, else CRM_FORMAT or config where the command has it, else its own."""
        from crm_cli.output.output import FORMATS, check_format

        typed = self.flags.get("format")
        if typed:
            self._out = self.speaker(check_format(typed, also, only))
        else:
            wished = self.usual_format()
            self._out = self.speaker(wished if wished in (only or (*FORMATS, *also)) else usual)
        return self._out

    @property
    def dry_run(self) -> bool:
        return bool(self.flags.get("dry_run"))

    @property
    def yes(self) -> bool:
        return bool(self.flags.get("yes"))

    @property
    def decimal(self) -> str:
        mark = self.config.get("decimal").strip()
        if mark not in ("", ".", ","):
            raise Misuse("decimal is {mark}, but only . or , can be the decimal mark", mark=mark)
        return mark

    @property
    def country(self) -> str | None:
        return self.config.get("country").strip().upper() or None

    # --------------------------------------------------------------- clock

    @property
    def zone(self) -> tzinfo:
        """CRM_TZ, config, machine."""
        name = self.config.get("timezone").strip()
        if not name:
            return LocalZone()
        if name.upper() == "UTC":
            return UTC
        from zoneinfo import ZoneInfo

        try:
            return ZoneInfo(name)
        except (ValueError, OSError, LookupError):
            raise Misuse(
                "{zone} is no time zone", hint="Name one as Europe/Berlin or Asia/Shanghai.", zone=name
            ) from None

    @property
    def now(self) -> datetime:
        """The moment of this run, aware and local; CRM_NOW fixes it."""
        if self._now is None:
            fixed = self.environ.get("CRM_NOW", "").strip()
            self._now = self._fixed(fixed) if fixed else datetime.now(UTC).astimezone(self.zone)
        return self._now

    def tick(self) -> None:
        """Look at the clock again: what lasts, as a walk does, has a moment for each of its steps."""
        self._now = None

    def _fixed(self, text: str) -> datetime:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise Misuse(
                "CRM_NOW is {value}, which is no moment", hint="Write it as 2026-11-27T09:00", value=text
            ) from None
        return moment.replace(tzinfo=self.zone) if moment.tzinfo is None else moment.astimezone(self.zone)

    @property
    def today(self) -> date:
        return self.now.date()

    # --------------------------------------------------------------- database

    @property
    def database(self) -> str:
        path = self.config.database()
        if not os.path.lexists(path):
            self._missing = path
        return path

    def warn_of_place(self) -> None:
        """Said once, when a database has just been made: that it lies where other machines may write it too."""
        if not self._missing or not os.path.exists(self._missing):
            return
        from crm_cli.store.environment import dangers, warning

        for danger in dangers(self._missing):
            self.out.say("Warning: {what}", what=warning(danger))

    @contextmanager
    def read(self) -> Iterator["Reader"]:
        """A connection that cannot write."""
        from crm_cli.store.reader import open_reader

        reader = open_reader(self.database)
        try:
            yield reader
        finally:
            reader.close()

    @contextmanager
    def write(self) -> Iterator["Work"]:
        """One transaction; nothing can be asked while it is open."""
        from crm_cli.store.writer import writing

        self._writing = True
        try:
            with writing(self.database, now=self.now, user=self.user, command=self.typed, dry_run=self.dry_run) as work:
                yield work
                self._count_segments(work)
        finally:
            self._writing = False

    def _count_segments(self, work: "Work") -> None:
        """The first write of a day also writes down who is in which segment, where that costs nothing to speak of."""
        from crm_cli.queries.conditions import Asker
        from crm_cli.queries.segments import is_due

        asker = Asker(self.now, work.member_id, self.decimal)
        if is_due(work.db, asker, cheap=True):
            from crm_cli.actions.segment_days import count_segments

            count_segments(work.db, work, asker)

    def asker(self, db: "Reader") -> "Asker":
        """Who asks, and when."""
        from crm_cli.queries.conditions import Asker

        return Asker(self.now, db.member_of(self.user), self.decimal)

    # --------------------------------------------------------------- people

    @property
    def is_interactive(self) -> bool:
        """Whether somebody can be asked: a terminal on both sides."""
        import sys

        try:
            return bool(sys.stdin and sys.stderr and sys.stdin.isatty() and sys.stderr.isatty())
        except ValueError:
            return False

    def assert_may_ask(self) -> None:
        """A prompt while a write is open would hold everybody up."""
        if self._writing:
            raise AssertionError("a prompt while a write is open")


def choose_language(arguments: list[str], environ: dict[str, str]) -> None:
    """Peek at --lang before Typer is loaded: help is written at import."""
    chosen = None
    for i, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument.startswith("--lang="):
            chosen = argument[7:]
        elif argument == "--lang" and i + 1 < len(arguments):
            chosen = arguments[i + 1]
    # CRM_LANG says more about crm than the config does, and the config more than the machine's LANG
    wish = chosen or environ.get("CRM_LANG") or _kept_language(environ)
    i18n.set_language((i18n.language_of(wish) if wish else None) or i18n.from_environment(environ) or "en")


def _kept_language(environ: dict[str, str]) -> str:
    """What the config says; a config that cannot be read is complained about where it is needed."""
    try:
        return Config(environ).get("lang")
    except CrmError:
        return ""
