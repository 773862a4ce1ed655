"""Kept moments as they are published: local, with the offset of the user's zone; quick where there are thousands."""

from datetime import tzinfo

from crm_cli.rules.days import from_utc_text

_UTC = ("UTC", "Etc/UTC", "Etc/Universal", "Etc/Zulu")
_MOST = 100_000  # hours remembered: eleven years


class Moments(dict[str, tuple[str, str]]):
    """UTC hour as kept -> the local hour and its offset; empty where the hour is no whole hour there."""

    def __init__(self, zone: tzinfo | None) -> None:
        super().__init__()
        self.zone = zone
        self.is_utc = str(zone) in _UTC  # there only the sign for it differs

    def __missing__(self, hour: str) -> tuple[str, str]:
        begins = from_utc_text(f"{hour}:00:00Z", self.zone)
        ends = from_utc_text(f"{hour}:59:59Z", self.zone)
        is_whole = begins.minute == begins.second == 0 and begins.utcoffset() == ends.utcoffset()
        text = begins.isoformat()
        found = (text[:13], text[19:]) if is_whole else ("", "")
        if len(self) > _MOST:
            self.clear()
        self[hour] = found
        return found

    def local(self, kept: str) -> str:
        """`2026-11-25T09:00:00Z` -> `2026-11-25T17:00:00+08:00`."""
        hour, offset = self[kept[:13]]
        if hour and len(kept) == 20:
            return f"{hour}{kept[13:19]}{offset}"
        return from_utc_text(kept, self.zone).isoformat()
