"""Time zones of calendars: names of IANA and of Windows, zones that a file describes itself, offsets."""

import re
from datetime import timedelta, timezone, tzinfo
from functools import lru_cache

_WINDOWS = {
    "utc": "UTC", "gmt standard time": "Europe/London", "greenwich standard time": "Atlantic/Reykjavik",
    "w. europe standard time": "Europe/Berlin", "romance standard time": "Europe/Paris",
    "central europe standard time": "Europe/Budapest", "central european standard time": "Europe/Warsaw",
    "e. europe standard time": "Europe/Chisinau", "fle standard time": "Europe/Kiev",
    "gtb standard time": "Europe/Bucharest", "russian standard time": "Europe/Moscow",
    "turkey standard time": "Europe/Istanbul", "israel standard time": "Asia/Jerusalem",
    "egypt standard time": "Africa/Cairo", "south africa standard time": "Africa/Johannesburg",
    "arab standard time": "Asia/Riyadh", "arabian standard time": "Asia/Dubai", "iran standard time": "Asia/Tehran",
    "pakistan standard time": "Asia/Karachi", "india standard time": "Asia/Kolkata",
    "bangladesh standard time": "Asia/Dhaka", "se asia standard time": "Asia/Bangkok",
    "china standard time": "Asia/Shanghai", "singapore standard time": "Asia/Singapore",
    "taipei standard time": "Asia/Taipei", "w. australia standard time": "Australia/Perth",
    "tokyo standard time": "Asia/Tokyo", "korea standard time": "Asia/Seoul",
    "aus eastern standard time": "Australia/Sydney", "e. australia standard time": "Australia/Brisbane",
    "new zealand standard time": "Pacific/Auckland", "hawaiian standard time": "Pacific/Honolulu",
    "alaskan standard time": "America/Anchorage", "pacific standard time": "America/Los_Angeles",
    "mountain standard time": "America/Denver", "us mountain standard time": "America/Phoenix",
    "central standard time": "America/Chicago", "eastern standard time": "America/New_York",
    "atlantic standard time": "America/Halifax", "argentina standard time": "America/Buenos_Aires",
    "e. south america standard time": "America/Sao_Paulo", "sa pacific standard time": "America/Bogota",
}  # fmt: skip
_OFFSET = re.compile(r"(?:.*?\b)?(?:UTC|GMT)?\s*([+-])(\d\d?):?(\d\d)?\)?(?:\D.*)?", re.IGNORECASE)
_WANTED = ("TZID", "DTSTART", "RRULE", "RDATE", "TZOFFSETFROM", "TZOFFSETTO", "TZNAME")


@lru_cache(maxsize=512)
def named(name: str) -> tzinfo | None:
    """A zone by its name: of IANA, also at the end of a path as programs write it, of Windows, or `GMT +01:00`."""
    plain = name.strip().strip('"')
    for words in (plain, _WINDOWS.get(plain.lower(), ""), *_tails(plain)):
        found = _iana(words)
        if found is not None:
            return found
    offset = _OFFSET.fullmatch(plain)
    if offset and int(offset[2]) <= 14:
        away = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return timezone(-away if offset[1] == "-" else away)
    return None


def _tails(name: str) -> list[str]:
    """`/freeassociation.sourceforge.net/Europe/Vienna` -> Europe/Vienna, and what stands behind the last slash."""
    pieces = [piece for piece in name.split("/") if piece]
    return ["/".join(pieces[-size:]) for size in (3, 2, 1) if len(pieces) >= size] if "/" in name else []


def _iana(name: str) -> tzinfo | None:
    from zoneinfo import ZoneInfo

    if not name or not re.fullmatch(r"[A-Za-z0-9_+/-]+", name) or name[0] == "/":
        return None
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None


def described(lines: list[str]) -> tzinfo | None:
    """The zone of a VTIMEZONE, given as its content lines; None where it cannot be reckoned with."""
    from io import StringIO

    from dateutil.tz import tzical

    kept = [line for line in lines if re.split("[:;]", line, maxsplit=1)[0].upper() in (*_WANTED, "BEGIN", "END")]
    try:
        calendar = tzical(StringIO("\r\n".join(kept) + "\r\n"))
        names = list(calendar.keys())
        return calendar.get(names[0]) if names else None
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError):
        return None
