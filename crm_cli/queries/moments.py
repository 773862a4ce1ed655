"""Kept moments as they are published: local, with the offset of the user's zone; quick where there are thousands."""

from datetime import datetime, timedelta, tzinfo

from crm_cli.rules.days import from_utc_text

_UTC = ("UTC", "Etc/UTC", "Etc/Universal", "Etc/Zulu")


class Moments(dict[str, tuple[timedelta, str] | None]):
    """UTC day as kept -> how far local time is ahead, and the offset as text; None where clocks change on that day."""

    def __init__(self, zone: tzinfo | None) -> None:
        super().__init__()
        self.zone = zone
        self.is_utc = str(zone) in _UTC  # there only the sign for it differs

    def __missing__(self, day: str) -> tuple[timedelta, str] | None:
        begins = from_utc_text(f"{day}T00:00:00Z", self.zone)
        ends = from_utc_text(f"{day}T23:59:59Z", self.zone)
        ahead = begins.replace(tzinfo=None) - datetime.fromisoformat(day)
        later = ends.replace(tzinfo=None) - datetime.fromisoformat(f"{day}T23:59:59")
        found = (ahead, begins.isoformat()[19:]) if ahead == later else None
        self[day] = found
        return found

    def local(self, kept: str) -> str:
        """`2026-11-25T09:00:00Z` -> `2026-11-25T17:00:00+08:00`."""
        if self.is_utc and len(kept) == 20:
            return f"{kept[:-1]}+00:00"
        found = self[kept[:10]] if len(kept) == 20 else None
        if found is None:
            return from_utc_text(kept, self.zone).isoformat()
        return (datetime.fromisoformat(kept[:19]) + found[0]).isoformat() + found[1]
