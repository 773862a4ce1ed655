"""The purchases at CDNOW that the papers were written about; skips where CRM_REAL_DATA is not set."""

import os
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from crm_cli.rules.histories import Order, Summary, summaries

CALIBRATED = date(1997, 9, 30)
END = date(1998, 6, 30)
FILE = Path(os.environ.get("CRM_REAL_DATA", "/nowhere")) / "rfm/cdnow/CDNOW_sample.txt"
needs_cdnow = pytest.mark.skipif(not FILE.is_file(), reason="needs CRM_REAL_DATA")


@cache
def orders() -> list[Order]:
    """Customer, day and cents, as the file has them."""
    rows = [line.split() for line in FILE.read_text("ascii").splitlines()]
    return [(int(who), f"{on[:4]}-{on[4:6]}-{on[6:]}", round(float(money) * 100)) for _, who, on, _, money in rows]


@cache
def customers() -> list[Summary]:
    """What was known at the end of the 39 weeks of calibration."""
    return list(summaries(orders(), CALIBRATED))
