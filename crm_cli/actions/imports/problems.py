"""What is wrong with rows of a file: collected with line, column, value and reason; told all at once."""

from typing import Any, NamedTuple

from crm_cli.formats.tabular import Refused
from crm_cli.rules.cells import Bad

MOST = 1000  # problems that are told one by one
_SHOWN = 200  # characters of a cell that are repeated
_TOO_WIDE = "The row has {cells} cells, and there are {width} columns; a delimiter in a text needs quotes around it."


def too_wide(row: list[str], width: int) -> tuple[str | None, Bad]:
    """What is wrong with a row of more cells than columns: a record that its reader could not take is one too."""
    if isinstance(row, Refused):
        return None, Bad(row.sentence, row.holes)
    return row[width], Bad(_TOO_WIDE, {"cells": len(row), "width": width})


class Problem(NamedTuple):
    """One cell or row that cannot be taken; the sentence is English with named holes, to be translated when shown."""

    line: int | None
    column: str | None
    value: str | None
    sentence: str
    holes: dict[str, object]

    def reason(self) -> str:
        """The sentence in English."""
        return self.sentence.format(**self.holes) if self.holes else self.sentence

    def error(self) -> dict[str, Any]:
        """As the import report has it."""
        return {"line": self.line, "column": self.column, "value": self.value, "reason": self.reason()}


class Problems:
    """Problems in the order of their finding, and which rows they spoil."""

    def __init__(self, *, with_reasons: bool) -> None:
        self.found: list[Problem] = []
        self.more = 0
        self.missing: dict[str, dict[str, None]] = {}  # stages, owners, customers -> names that --create would make
        self.rows: set[int] = set()
        # row -> all its reasons, for the file of rejected rows
        self.reasons: dict[int, list[str]] | None = {} if with_reasons else None

    def add(self, n: int, line: int, column: str | None, value: str | None, bad: Bad) -> None:
        """Row `n` of the file, which begins on this line, is spoiled."""
        self.rows.add(n)
        if len(self.found) >= MOST and self.reasons is None:
            self.more += 1
            return
        shown = value if value is None or len(value) <= _SHOWN else value[:_SHOWN] + "..."
        problem = Problem(line, column, shown, bad.sentence, bad.holes)
        if self.reasons is not None:
            told = f"line {line}, {column}: {problem.reason()}" if column else f"line {line}: {problem.reason()}"
            self.reasons.setdefault(n, []).append(told)
        if len(self.found) < MOST:
            self.found.append(problem)
        else:
            self.more += 1

    def add_note(self, line: int, column: str | None, sentence: str) -> None:
        """Something about a row that is told and does not spoil it."""
        if len(self.found) < MOST:
            self.found.append(Problem(line, column, None, sentence, {}))
        else:
            self.more += 1

    def listed(self) -> list[Problem]:
        """By line, with a last one that counts those which are not told."""
        listed = sorted(self.found, key=lambda problem: problem.line or 0)
        if self.more:
            listed.append(Problem(None, None, None, "and {more} more that are not listed", {"more": self.more}))
        return listed

    def copy(self) -> "Problems":
        """A copy that a trial may add to."""
        other = Problems(with_reasons=self.reasons is not None)
        other.missing = {kind: dict(names) for kind, names in self.missing.items()}
        other.found, other.more, other.rows = list(self.found), self.more, set(self.rows)
        if self.reasons is not None:
            other.reasons = {n: list(told) for n, told in self.reasons.items()}
        return other
