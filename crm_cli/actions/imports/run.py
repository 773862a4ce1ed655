"""One trial or one real run of an import against a database: what its steps share."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from crm_cli.actions.imports.plan import ImportOptions, Plan
from crm_cli.actions.imports.problems import Problems
from crm_cli.actions.imports.rows import drop_rows
from crm_cli.rules.cells import Bad
from crm_cli.rules.dates import from_utc_text, local_day_start, to_utc_text
from crm_cli.store.bulk import Staging, uuid_head


class Note(NamedTuple):
    """A sentence about an import, with its holes, to be told in the user's language."""

    sentence: str
    holes: dict[str, object]


class Counts:
    """Rows of the file by what became of them; those of rows that were merged into another one are added here."""

    def __init__(self) -> None:
        self.added = self.updated = self.unchanged = self.skipped = 0
        self.removed = 0  # of those skipped: rows about what was removed
        # made beside the records of the rows
        self.contacts = self.tasks = self.interactions = 0
        self.told: list[Note] = []  # sentences about what was made, kept, or waits
        self.operation: int | None = None  # of the journal, once it is kept

    def beside(self) -> dict[str, int]:
        """As the import report has it."""
        return {"contacts": self.contacts, "tasks": self.tasks, "interactions": self.interactions}


class Run:
    """The staged rows, the attached database, and the parameters that every statement may use."""

    def __init__(
        self, db: Staging, plan: Plan, options: ImportOptions, problems: Problems, present: frozenset[str]
    ) -> None:
        self.db = db
        self.plan = plan
        self.noun = plan.noun
        self.options = options
        self.problems = problems
        self.present = present  # staged columns that the file fills
        self.products: Any = None  # what reading products kept: see products.py
        self.orders: Any = None  # how the numbers of orders are read: see orders_layout.py
        self.counts = Counts()
        self._held: list[int] | None = None
        self.gains_reach = plan.kind in ("customers", "contacts")
        self.params: dict[str, Any] = {
            "now": to_utc_text(options.now),
            "today": options.now.date().isoformat(),
            "user": options.user,
            "source": options.source_name,
            "person": "-person",  # behind it: a customer who is a person there
            "currency": options.currency,
            "uuid_head": uuid_head(),
        }

    def execute(self, sql: str) -> int:
        """A statement with the parameters of the run."""
        return self.db.execute(sql, self.params)

    def rows(self, sql: str) -> list[Any]:
        """Rows of a statement with the parameters of the run."""
        return self.db.rows(sql, self.params)

    def has(self, *columns: str) -> bool:
        """Whether the file fills one of these staged columns."""
        return any(column in self.present for column in columns)

    def spoil(self, rows: Iterable[Any], field: str, sentence: str, **holes: object) -> None:
        """Refuse rows given as (n, line, value) or (n, line, value, others), which fill the holes of those names."""
        header = self.plan.header_of(field)
        bad = []
        for n, line, value, *others in rows:
            told = None if value is None else str(value)
            filled = {**holes, "value": told} | ({"others": others[0]} if others else {})
            self.problems.add(n, line, header, told, Bad(sentence, filled))
            bad.append(n)
        if self._held is None:
            drop_rows(self.db, bad)
        else:
            self._held += bad

    def lack(self, kind: str, rows: list[Any], field: str, sentence: str) -> None:
        """Refuse rows for names that --create would make."""
        if names := {row[2]: None for row in rows if row[2]}:
            self.problems.missing.setdefault(kind, {}).update(names)
        self.spoil(rows, field, sentence)

    @contextmanager
    def telling_all(self) -> Iterator[None]:
        """Rows that are refused within stay until the end, so that all that is wrong with them is told at once."""
        self._held = []
        yield
        held, self._held = self._held, None
        drop_rows(self.db, sorted(set(held)))


def add_functions(db: Staging, options: ImportOptions) -> None:
    """What SQL cannot say by itself: local days, the moment of a stage change, custom fields of two rows as one."""
    now, today = options.now, options.now.date().isoformat()

    @lru_cache(maxsize=4096)
    def local_day(moment: str) -> str:
        return from_utc_text(moment, now.tzinfo).date().isoformat()

    @lru_cache(maxsize=4096)
    def moment_of(day: str) -> str:
        if day == today:
            return to_utc_text(now)
        start = local_day_start(datetime.fromisoformat(day).date(), now.tzinfo or UTC)
        return to_utc_text(start.replace(hour=12))

    db.function("local_day", 1, lambda moment: None if moment is None else local_day(moment))
    db.function("moment_of", 1, lambda day: None if day is None else moment_of(day))
    db.function("merge_custom", 2, merge_custom)


def merge_custom(old: str | None, new: str | None) -> str | None:
    """The custom fields of a record with those of a row over them, as JSON with sorted keys."""
    if not new or new == old:
        return old
    if not old:
        return new
    import json

    before = json.loads(old)
    after = {**before, **json.loads(new)}
    return old if after == before else json.dumps(after, ensure_ascii=False, sort_keys=True)
