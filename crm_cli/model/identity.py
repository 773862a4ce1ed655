"""Identifiers made by the program; apart from the tables, so that a bulk write needs no SQLModel."""

import os
import time


def new_uuid() -> str:
    """A version 7 UUID: ordered by time, so that indexes on it grow at one end."""
    raw = bytearray((time.time_ns() // 1_000_000).to_bytes(6, "big") + os.urandom(10))
    raw[6] = (raw[6] & 0x0F) | 0x70
    raw[8] = (raw[8] & 0x3F) | 0x80
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
