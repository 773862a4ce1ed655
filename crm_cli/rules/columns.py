"""Columns whose cells are only clear together: days whose month may stand first or second, amounts with one mark.

A cell that has two readings is given as a Pending text; when the whole column is read, `settle` decides by what the
other cells can only mean, or refuses with both readings.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

from crm_cli.errors import Misuse
from crm_cli.rules.cells import text
from crm_cli.rules.clock import time_alone
from crm_cli.rules.dates import FIRST_DAY, LAST_DAY, parse_when, to_utc_text
from crm_cli.rules.days import local
from crm_cli.rules.money import parse_money, scale
from crm_cli.rules.typed import fold

PENDING = "~"  # how a staged text begins that is not settled yet; no day and no amount does
_NUMERIC = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})(?:[ t,]+(.+))?")
_ZONED = re.compile(r"([0-9][^+z-]*)(z|([+-])([0-9]{2}):?([0-9]{2})?)")
_COMPACT = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NOON = time(12)
# A day as a spreadsheet counts it, from 1927 to 2099; a fraction is the time of day. Smaller numbers may be years.
_SERIAL = re.compile(r"([1-6][0-9]{4}|7[0-2][0-9]{3})(?:\.([0-9]{1,15}))?")
_SERIAL_FROM = datetime(1899, 12, 30)


class Days:
    """A column of days or of moments.

    `shape` is "day", "moment" (local noon stands for a day alone) or "either". `order` is ymd, dmy or mdy where it
    was typed; otherwise the column decides.
    """

    def __init__(self, *, now: datetime, order: str | None, ahead: bool, shape: str) -> None:
        self.now = now
        self.order = order
        self.ahead = ahead
        self.shape = shape
        self.only: set[str] = set()  # orders that at least one cell can only be read in
        self.pending = False

    def parse(self, cell: str) -> str | None:
        """The day as ISO, the moment as it is kept in UTC, or a Pending text."""
        if _ISO.fullmatch(cell) and "0001-01-01" < cell < "9999-12-31":
            return self._iso(cell)
        found = text(cell)
        if found is None:
            return None
        typed = fold(found).lower()
        if not typed.strip("0/.-: "):  # Outlook writes 0/0/00 where there is no day
            return None
        numeric = _NUMERIC.fullmatch(typed)
        if numeric:
            return self._numeric(numeric, typed)
        compact = _COMPACT.fullmatch(typed)
        if compact:
            return self._iso("-".join(compact.groups()))
        serial = _SERIAL.fullmatch(typed)
        if serial:
            return self._counted(int(serial[1]), serial[2])
        if typed.isdigit():
            raise Misuse('"{value}" is a plain number, not a date. Type it as 2026-12-01.', value=typed)
        return self._kept(*parse_when(found, now=self.now, ahead=self.ahead))

    def _iso(self, typed: str) -> str:
        try:
            return self._kept(date.fromisoformat(typed), None)
        except ValueError:
            when = parse_when(typed, now=self.now, ahead=self.ahead)  # raises, and says which day there is
            return self._kept(*when)

    def _kept(self, day: date, at: datetime | None) -> str:
        if self.shape == "day" or (self.shape == "either" and at is None):
            return day.isoformat()
        return to_utc_text(at or local(day, _NOON, self.now.tzinfo))

    def _counted(self, days: int, fraction: str | None) -> str:
        """46235 is 2026-08-01, and 46235.5 its noon."""
        minutes = round(float(f"0.{fraction or 0}") * 24 * 60)
        wall = _SERIAL_FROM + timedelta(days=days, minutes=minutes)
        return self._clocked(wall.date(), wall.time() if minutes else None)

    def _numeric(self, found: "re.Match[str]", typed: str) -> str:
        first, mark, second, year, clock = found.groups()
        hour = _hour(clock) if clock else None
        if clock and hour is None:
            raise Misuse('"{value}" is not a date. Type it as 2026-12-01 or 2026-12-01 14:00.', value=typed)
        readings = self._readings(int(first), int(second), year)
        order = self.order or ("dmy" if mark == "." else None)
        if order:
            day = readings.get(order)
            if day is None:
                raise Misuse(
                    '"{value}" is no date in the order {order}. Type it as 2026-12-01.', value=typed, order=order
                )
            return self._clocked(day, hour)
        readings.pop("ymd", None)
        if not readings:
            raise Misuse('"{value}" does not exist in the calendar. Type it as 2026-12-01.', value=typed)
        if len(set(readings.values())) == 1:
            if len(readings) == 1:
                self.only.update(readings)
            return self._clocked(next(iter(readings.values())), hour)
        self.pending = True
        both = [self._clocked(readings[way], hour) for way in ("dmy", "mdy")]
        return f"{PENDING}{both[0]}|{both[1]}|{typed}"

    def _clocked(self, day: date, hour: time | None) -> str:
        if hour is None:
            return self._kept(day, None)
        if hour.tzinfo:
            at = datetime.combine(day, hour).astimezone(self.now.tzinfo)
        else:
            at = local(day, hour, self.now.tzinfo)
        return self._kept(at.date(), at)

    def _readings(self, first: int, second: int, year: str) -> dict[str, date]:
        """The days that the numbers can mean, by order; a year of two digits lies at most 20 years ahead."""
        full = int(year)
        if len(year) == 2:
            full += 2000 if full <= (self.now.year + 20) % 100 else 1900
        found: dict[str, date] = {}
        ways = {"dmy": (full, second, first), "mdy": (full, first, second)}
        if len(year) == 2:
            ways["ymd"] = (2000 + first, second, int(year))
        for way, numbers in ways.items():
            try:
                day = date(*numbers)
            except ValueError:
                continue
            if FIRST_DAY <= day <= LAST_DAY:
                found[way] = day
        return found

    def settle(self, pending: str) -> str:
        """The reading that the whole column allows; Misuse with both where it allows both."""
        dmy, mdy, typed = pending[len(PENDING) :].split("|", 2)
        if len(self.only) == 1:
            return dmy if "dmy" in self.only else mdy
        raise Misuse(
            '"{value}" could be {one} or {other}; say which order the file has with --date-order dmy or mdy.',
            value=typed,
            one=dmy[:10],
            other=mdy[:10],
        )


def _hour(clock: str) -> time | None:
    """The time of day, in the zone whose distance from UTC stands behind it: `02:14:45+0800`, `14:00z`."""
    zoned = _ZONED.fullmatch(clock)
    if not zoned:
        return time_alone(clock)
    hour = time_alone(zoned[1].strip())
    if hour is None or zoned[2] == "z":
        return hour and hour.replace(tzinfo=UTC)
    distance = timedelta(hours=int(zoned[4]), minutes=int(zoned[5] or 0))
    if distance >= timedelta(days=1):
        return None
    return hour.replace(tzinfo=timezone(-distance if zoned[3] == "-" else distance))


class Amounts:
    """A column of amounts, each beside the code of its currency ("" where none is known yet).

    `parse` gives (minor units, code), (thousandths of a unit, "") while there is no currency, or (Pending text, code).
    """

    def __init__(self, *, decimal: str) -> None:
        self.decimal = decimal or None
        self.marks: set[str] = set()  # decimal marks that at least one cell can only have
        self.pending = False

    def parse(self, cell: str, code: str) -> tuple[Any, str] | None:
        """The amount of a cell; Misuse for what is none, or is below zero."""
        found = text(cell)
        if found is None:
            return None
        try:
            read = self._read(found, code, self.decimal)
        except Misuse:
            if self.decimal or not self._readings(found, code):
                raise
            self.pending = True
            return PENDING + found, code
        if not self.decimal:
            self._learn(found)
        return read

    def _read(self, found: str, code: str, decimal: str | None) -> tuple[int, str]:
        if code:
            typed = parse_money(found, currency=code, decimal=decimal)
            return typed.amount, typed.currency or code
        bare = parse_money(found, currency="BHD", decimal=decimal)
        unknown = bare.currency == "BHD" and "bhd" not in found.lower()
        return bare.amount, "" if unknown else bare.currency or ""

    def _readings(self, found: str, code: str) -> bool:
        """Whether the cell is an amount once it is known which mark is the decimal one."""
        for mark in ".,":
            try:
                self._read(found, code, mark)
                return True
            except Misuse:
                continue
        return False

    def _learn(self, found: str) -> None:
        marks = [sign for sign in found if sign in ".,"]
        if not marks:
            return
        last = marks[-1]
        other = "," if last == "." else "."
        if marks.count(last) > 1:
            self.marks.add(other)
        else:
            self.marks.add(last)

    def settle(self, pending: str, code: str) -> tuple[int, str]:
        """The amount, read with the mark that the other cells have; Misuse with both readings where none tells."""
        found = pending[len(PENDING) :]
        if len(self.marks) == 1:
            return self._read(found, code, next(iter(self.marks)))
        try:
            return self._read(found, code, None)
        except Misuse as error:
            raise self._two_readings(found, code, error) from None

    def _two_readings(self, found: str, code: str, error: Misuse) -> Misuse:
        """Both readings, with the setting that decides for the whole file; the error itself where there is one."""
        try:
            one, other = (self._read(found, code, mark)[0] for mark in ",.")
        except Misuse:
            return error
        units = scale(code) if code else 1000  # without a currency amounts are in thousandths
        plain = [_plain(amount, units, has_mark) for amount, has_mark in ((one, "," in found), (other, "." in found))]
        return Misuse(
            '"{value}" could be {one} or {other}: crm config set decimal , for the first, crm config set decimal . for'
            " the second.",
            value=found,
            one=plain[0],
            other=plain[1],
        )


def _plain(amount: int, units: int, has_fraction: bool) -> str:
    """12000 or 12.00, as it would be typed."""
    whole, rest = divmod(amount, units)
    digits = len(str(units)) - 1
    fraction = f"{rest:0{digits}}" if digits else ""
    fraction = fraction[:2] + fraction[2:].rstrip("0")
    return f"{whole}.{fraction}" if fraction and (has_fraction or rest) else f"{whole}"


def minor_units(thousandths: int, code: str) -> int | None:
    """Thousandths of a unit as minor units of a currency; None when it has not so many decimals."""
    units, rest = divmod(thousandths * scale(code), 1000)
    return None if rest else units
