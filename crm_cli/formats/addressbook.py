"""Names and addresses for the mail programs of a terminal: the answer that mutt, neomutt and aerc ask for."""

from collections.abc import Sequence
from typing import Any, TextIO

from crm_cli.formats.outward import Sheet
from crm_cli.i18n import tn
from crm_cli.rules.text import clean


def write_mutt(stream: TextIO, sheet: Sheet) -> int:
    """A line that the mail program shows, then `address<TAB>name<TAB>more` for each address; returns how many."""
    rows = [{**row, "email": reach["value"]} for row in sheet.rows for reach in row["emails"]]
    stream.write(answer(rows))
    return len(rows)


def answer(rows: Sequence[dict[str, Any]]) -> str:
    """The whole answer for rows of one address each."""
    lines = [tn("{n} address found", "{n} addresses found", len(rows)), *map(_line, rows)]
    return "".join(f"{line}\n" for line in lines)


def _line(row: dict[str, Any]) -> str:
    more = ", ".join(str(row[key]) for key in ("title", "customer") if row.get(key))
    return "\t".join(map(_cell, (row["email"], row["name"], more)))


def _cell(text: str) -> str:
    """Without what ends a cell or a line, and without what no terminal should get."""
    return clean(" ".join(text.split()))
