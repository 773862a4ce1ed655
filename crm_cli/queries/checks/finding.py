"""One invariant by its name, and one finding: which record breaks it, what is wrong, what mends it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from crm_cli.i18n import t
from crm_cli.rules.days import to_utc_text
from crm_cli.store.reader import Reader

FIX = "crm check --fix"
BACKUPS = "crm backup list"  # where nothing can be typed that mends it: an earlier copy may have it
Row = dict[str, Any]


class Ask:
    """Who looks: over which connection, when, and in which country numbers without a prefix are."""

    def __init__(self, db: Reader, now: datetime, country: str | None = None) -> None:
        self.db = db
        self.now = now
        self.country = country
        # a day is left for clocks that do not agree
        self.params = {"now": to_utc_text(now), "later": to_utc_text(now + timedelta(days=1))}
        self._any: dict[str, bool] = {}

    def rows(self, sql: str) -> list[Row]:
        """Rows of a query by column name; it may use `:now` and `:later`."""
        return self.db.dicts(sql, self.params)

    def any(self, sql: str) -> bool:
        """Whether a query has a row; asked once, for several invariants that would walk over the same table."""
        if sql not in self._any:
            self._any[sql] = self.db.row(sql, self.params) is not None
        return self._any[sql]


class Invariant(NamedTuple):
    """`find` gives the rows that break it: the id, and what fills the holes of the sentence. A row may say its own
    `noun` or `ref`, where it belongs to a record of another kind.

    `mend` is the line to type, with holes; with `fix` it is `crm check --fix`. `fix` is one statement for each row, or
    several, with the columns of the row as parameters, and `:now` and `:uuid`. Without a row of `guard` there is none
    of `find`: what one look can answer for several invariants is not asked of each.
    """

    name: str
    noun: str
    find: str | Callable[[Ask], Iterable[Row]]
    sentence: str
    mend: str = "crm history {ref}"
    fix: tuple[str, ...] = ()
    guard: str = ""


class Finding(NamedTuple):
    """One row that breaks an invariant."""

    check: str
    ref: str
    sentence: str
    holes: Mapping[str, Any]
    mend: str
    fixable: bool

    def as_row(self) -> Row:
        """With the keys of `crm check`."""
        return {
            "check": self.check,
            "ref": self.ref or None,
            "message": t(self.sentence, **{key: "-" if value is None else value for key, value in self.holes.items()}),
            "mend": self.mend,
            "fixable": self.fixable,
        }


def found_by(invariant: Invariant, ask: Ask) -> list[Row]:
    """The rows that break it now, each with its reference."""
    if invariant.guard and not ask.any(invariant.guard):
        return []
    rows = ask.rows(invariant.find) if isinstance(invariant.find, str) else list(invariant.find(ask))
    for row in rows:
        row.setdefault("ref", f"{row.get('noun') or invariant.noun}:{row['id']}")
    return rows


def finding(invariant: Invariant, row: Row) -> Finding:
    """What is said of one row."""
    mend = FIX if invariant.fix else invariant.mend.format(**row)
    return Finding(invariant.name, row["ref"], invariant.sentence, row, mend, bool(invariant.fix))
