"""The code of a product that was given none."""

import re

from crm_cli.rules.pinyin import readings, syllables
from crm_cli.rules.text import fold

_LETTERS, _PIECES = 4, 3  # of each word, and words


def made_code(name: str) -> str:
    """A short code of a name: CRM licence, yearly -> CRM-LICE-YEAR, 企业版 -> QYB."""
    plain = fold(name)
    for run in syllables(plain):
        letters = "".join(reading[0] for sign in run for reading in readings(sign)[:1])
        plain = plain.replace(run, f" {letters} ", 1)
    pieces = re.findall("[a-z0-9]+", plain)[:_PIECES]
    return "-".join(piece[:_LETTERS] for piece in pieces).upper() or "P"
