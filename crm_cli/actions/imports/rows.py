"""Rows of a file -> staged rows: read in batches, judged column by column, whole columns settled at the end."""

import json
import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from crm_cli.actions.imports.parsers import AS_IT_IS, PARSERS, done, lenient
from crm_cli.actions.imports.plan import REASON, Column, ImportOptions, Plan
from crm_cli.actions.imports.problems import Problems, too_wide
from crm_cli.actions.imports.staged import BESIDE, IDENT, REACH, STAGED
from crm_cli.actions.imports.tally import Tally
from crm_cli.errors import Misuse
from crm_cli.rules import cells, reach_cells
from crm_cli.rules.cells import Bad, Kept, Memo, judged, key_of
from crm_cli.rules.columns import PENDING, Amounts, Days
from crm_cli.store.bulk import BATCH, Staging

if TYPE_CHECKING:
    from crm_cli.actions.imports.run import Note

Record = tuple[int, list[str]]
_OUR_REASON = re.compile(r"line [0-9]+[,:] ")
_DAYS = {"next_on", "birthday", "contact_birthday", "expected_close_on", "closed_on", "close_on", "opened_on", "due_on",
         "ordered_on"}  # fmt: skip
_MOMENTS = {"last_contact", "at", "due_at", "done_at", "created_at", "updated_at"}
_AHEAD = {"next_on", "expected_close_on", "close_on", "due_on", "due_at"}
# Columns in which hardly two cells are alike: remembering them would only cost.
_UNIQUE = set("contact contact_id contact_note next_step last_said name title text note external_id address".split())
_PLACES = 1 << 24  # for what is remembered of keys: 32 megabytes
_encode = json.JSONEncoder(ensure_ascii=False).encode
_encode_sorted = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode


class Batch:
    """Rows that are judged together; `n` of the first, and what is found about them."""

    def __init__(self, first: int, lines: list[int], rows: list[list[str]], width: int) -> None:
        self.first = first
        self.lines = lines
        self.rows = rows
        self.columns: list[tuple[str, ...]] = list(zip(*rows, strict=True)) if rows else [()] * width
        self.bad: set[int] = set()  # by place in the batch
        self.extras: dict[int, dict[str, Any]] = {}  # place -> further custom fields

    def __len__(self) -> int:
        return len(self.lines)

    def keep(self, place: int, header: str, value: Any) -> None:
        """A text that finds no place of its own becomes a custom field."""
        self.extras.setdefault(place, {})[header] = value


class Loader:
    """Fills the staged tables from the records of a file."""

    def __init__(self, db: Staging, plan: Plan, options: ImportOptions, problems: Problems) -> None:
        self.db = db
        self.plan = plan
        self.options = options
        self.problems = problems
        self.read = 0
        self.tally = Tally()
        self.told: list[Note] = []  # what of the file is no record
        self.persons = 0  # rows whose contact stands for the customer
        self.filled: list[str] = []  # columns that became custom fields, where a cell says something
        self.days: dict[str, Days] = {}
        self.amounts = Amounts(decimal=options.decimal)
        self.parsers: dict[str, Callable[[str], Any]] = {}
        self.memos: dict[str, Memo] = {}
        self.money = Memo(lambda pair: self.amounts.parse(pair[0], pair[1]))
        self.custom_memos = [Memo(plan.worded("custom", cells.long_text)) for _ in plan.custom]
        self.seen = array("H", bytes(2 * _PLACES))
        self.others: set[int] = set()
        self.present: set[str] = set()  # staged columns that the file fills
        self.orders: Any = None  # what reading orders keeps: see orders_layout.py
        self.products: Any = None  # the same of products: see products.py

    def load(self, records: Iterator[Record]) -> None:
        """Stage all rows; what is wrong with them goes to the problems."""
        from crm_cli.actions.imports.layout import stage_batch
        from crm_cli.actions.imports.steps import stage_steps
        from crm_cli.actions.imports.sums import without_sums
        from crm_cli.actions.imports.talks import stage_talks

        width = self.plan.width
        self.db.execute("BEGIN")
        alone = {kind: self.plan.fields[kind][0] for kind in REACH if len(self.plan.fields.get(kind, ())) == 1}
        self.db.fill("s_kind", ("kind", "label"), [(kind, column.target.label) for kind, column in alone.items()])
        ahead = list(islice(records, BATCH))
        while chunk := ahead:
            ahead = list(islice(records, BATCH))
            if not ahead:
                chunk, self.told = without_sums(chunk, self.plan)
                if not chunk:
                    break
            lines = [line for line, _ in chunk]
            rows = [row for _, row in chunk]
            wide = [place for place, row in enumerate(rows) if len(row) > width]
            batch = Batch(self.read + 1, lines, [row[:width] for row in rows] if wide else rows, width)
            self.read += len(chunk)
            for place in wide:
                self._refuse(batch, place, None, *too_wide(rows[place], width))
            stage_batch(self, batch)
            self._drop_bad(batch, rows)
        self._settle()
        if self.plan.kind == "customers":
            stage_steps(self)
        stage_talks(self)
        if self.plan.kind in ("customers", "contacts"):
            self.db.execute(f"UPDATE s_reach SET ident = {IDENT}")
            self._clear_suspects()
        self.db.execute("COMMIT")

    def forget(self) -> None:
        """Give back the memory that only loading needs."""
        told = zip(self.plan.custom, self.custom_memos, strict=True)
        self.filled = [column.header for column, memo in told if any(memo.values())]
        self.memos.clear()
        self.custom_memos.clear()
        self.money.clear()
        if self.orders:
            self.orders.forget()
        self.seen = array("H")
        self.others.clear()

    def readings(self) -> dict[str, Any]:
        """How the days of each column were read, and the decimal mark of the amounts, where a cell told it."""
        orders = {field: days.order or _only(days.only) for field, days in self.days.items()}
        return {
            "dates": {field: order for field, order in orders.items() if order},
            "decimal": self.amounts.decimal or _only(self.amounts.marks),
        }

    # -------------------------------------------------------------- columns

    def column(self, field: str, batch: Batch) -> list[Any] | None:
        """The values of a field for every row of a batch; None when the file has no such column."""
        columns = self.plan.fields.get(field)
        if not columns:
            return None
        taken = self.raw(columns, batch)
        found = self.values(field, columns[0].header, taken, batch)
        self.tally.note(field, taken, found)
        return found

    def raw(self, columns: list[Column], batch: Batch) -> Sequence[str]:
        """The cells of a field: of several columns the first that says something, the others are kept."""
        first, *others = columns
        taken: Sequence[str] = self._without_reasons(first, batch.columns[first.place])
        for column in others:
            merged = list(taken)
            for place, cell in enumerate(batch.columns[column.place]):
                if not cell or cell.isspace():
                    continue
                if not merged[place].strip():
                    merged[place] = cell
                elif merged[place].strip() != cell.strip() and self.options.extra == "keep":
                    batch.keep(place, column.header, cell.strip())
            taken = merged
        return taken

    def _without_reasons(self, column: Column, taken: Sequence[str]) -> Sequence[str]:
        """The column of reasons that a file of rejected rows has is not data."""
        if column.header.lower() != REASON:
            return taken
        return ["" if _OUR_REASON.match(cell) else cell for cell in taken]

    def values(self, field: str, header: str, taken: Sequence[str], batch: Batch) -> list[Any]:
        """Cells -> values; a bad one spoils its row, a kept text becomes a custom field."""
        if field in _UNIQUE:
            parse = self.parser(field)
            try:
                return [parse(cell) for cell in taken]
            except Misuse:
                found = [judged(parse, cell) for cell in taken]
                return self.sifted(header, found, taken, batch)
        memo = self.memos.get(field)
        if memo is None:
            memo = self.memos[field] = Memo(self.parser(field))
        found = list(map(memo.__getitem__, taken))
        return self.sifted(header, found, taken, batch) if memo.odd else found

    def sifted(self, header: str, found: list[Any], taken: Sequence[str], batch: Batch) -> list[Any]:
        """The values without Bad and Kept."""
        for place, value in enumerate(found):
            if type(value) is Bad:
                self._refuse(batch, place, header, taken[place], value)
                found[place] = None
            elif type(value) is Kept:
                if self.options.extra == "keep":
                    batch.keep(place, header, value.text)
                found[place] = value.value
        return found

    def refuse(
        self, batch: Batch, place: int, field: str, value: str | None, sentence: str, /, **holes: object
    ) -> None:
        """Spoil a row for what is not there or does not fit together."""
        self._refuse(batch, place, self.plan.header_of(field), value, Bad(sentence, holes))

    def _refuse(self, batch: Batch, place: int, header: str | None, value: str | None, bad: Bad) -> None:
        batch.bad.add(place)
        self.problems.add(batch.first + place, batch.lines[place], header, value, bad)

    def parser(self, field: str) -> Callable[[str], Any]:
        if field not in self.parsers:
            self.parsers[field] = self.plan.worded(field, self._make_parser(field))
        return self.parsers[field]

    def _make_parser(self, field: str) -> Callable[[str], Any]:
        kind, options = self.plan.kind, self.options
        if self.plan.own and field in AS_IT_IS:
            return AS_IT_IS[field]
        if field in _DAYS | _MOMENTS:
            return self._day_parser(field, options.now)
        if field == "kind" and kind == "products":
            return cells.word("product_kind")
        if field == "phone":
            return reach_cells.phones(options.country or None)
        if field == "tags":
            return lambda cell: cells.tags(cell, own=self.plan.own)
        if field == "status":
            return {"customers": cells.status, "deals": cells.word("deal_status")}.get(kind, cells.done)
        if field == "text":
            return cells.long_text
        return PARSERS.get(field, cells.text)

    def _day_parser(self, field: str, now: datetime) -> Callable[[str], Any]:
        shape = "either" if field in ("due_on", "due_at", "next_on") else "moment" if field in _MOMENTS else "day"
        days = Days(now=now, order=self.options.date_order, ahead=field in _AHEAD, shape=shape)
        self.days[field] = days
        if field in ("created_at", "updated_at"):
            return lambda cell: lenient(days.parse, cell)
        if field == "done_at":
            return lambda cell: done(days.parse, cell)
        return days.parse

    def suspect(self, keys: list[str]) -> None:
        """Note keys that may have been seen before; what only looks alike by chance is told apart at the end.

        A key leaves 16 bits of its hash in a place that the other bits name; where the place is taken, the whole hash.
        """
        seen, others = self.seen, self.others
        doubtful = []
        for key, mark in zip(keys, map(hash, keys), strict=True):
            place = mark & _PLACES - 1
            bits = mark >> 40 & 0xFFFF or 1
            if not seen[place]:
                seen[place] = bits
            elif seen[place] == bits or mark in others:
                doubtful.append((key,))
            else:
                others.add(mark)
        if doubtful:
            self.db.fill("s_suspect", ("key",), doubtful)

    def _clear_suspects(self) -> None:
        """Keep only the keys that really stand in several rows."""
        if not self.db.value("SELECT 1 FROM s_suspect LIMIT 1"):
            return
        name = "coalesce(firm_key, name_key)" if self.plan.kind == "customers" else "name_key"
        filled = [f"{kind}_key" for kind in REACH[:3] if f"{kind}_key" in self.present]
        filled += [field for field in ("external_id", "uuid") if field in self.present]
        beside = "".join(f" UNION ALL SELECT {column} FROM s_row" for column in filled)
        self.db.execute(
            "DELETE FROM s_suspect WHERE key NOT IN (SELECT key FROM (SELECT key FROM s_reach UNION ALL"
            f" SELECT {name} FROM s_row{beside})"
            " WHERE key IN (SELECT key FROM s_suspect) GROUP BY key HAVING count(*) > 1)"
        )

    # -------------------------------------------------------------- custom fields

    def custom(self, batch: Batch) -> list[str | None] | None:
        """The custom fields of every row as JSON with sorted keys; None when no row has any."""
        columns = sorted(zip(self.plan.custom, self.custom_memos, strict=True), key=lambda pair: pair[0].header)
        if not columns and not batch.extras:
            return None
        keys = [_encode(column.header) + ": " for column, _ in columns]
        found = []
        for column, memo in columns:
            taken = self._without_reasons(column, batch.columns[column.place])
            values = list(map(memo.__getitem__, taken))
            found.append(self.sifted(column.header, values, taken, batch) if memo.odd else values)
        rows = zip(*found, strict=True) if found else iter([()] * len(batch))
        texts: list[str | None] = []
        for place, row in enumerate(rows):
            extra = batch.extras.get(place)
            if extra is not None:
                whole = {column.header: value for (column, _), value in zip(columns, row, strict=True) if value} | extra
                texts.append(_encode_sorted(whole) if whole else None)
            else:
                texts.append(
                    "{" + ", ".join([key + _encode(value) for key, value in zip(keys, row, strict=True) if value]) + "}"
                )
        return [None if text == "{}" else text for text in texts]

    # -------------------------------------------------------------- rows that are spoiled

    def _drop_bad(self, batch: Batch, rows: list[list[str]]) -> None:
        if self.options.rejects is not None and batch.bad:
            self.db.fill(
                "s_reject", ("n", "raw"), [(batch.first + place, _encode(rows[place])) for place in sorted(batch.bad)]
            )

    def good(self, batch: Batch, rows: Iterator[Any]) -> Iterator[Any]:
        """Staged rows without those of spoiled ones; each begins with its n."""
        if not batch.bad:
            return rows
        bad = {batch.first + place for place in batch.bad}
        return (row for row in rows if row[0] not in bad)

    # -------------------------------------------------------------- whole columns

    def _settle(self) -> None:
        """Decide what could only be decided by the whole column."""
        self._share_order()
        for field, days in self.days.items():
            if days.pending and field in (*STAGED[self.plan.kind], *BESIDE):
                self._settle_column(field, partial(_settle_day, days))
        if self.amounts.pending:
            self._settle_column("amount", self._settled_amount)
        if self.plan.kind == "tasks":
            self.db.execute(
                "UPDATE s_row SET due_on = coalesce(due_on, due_at), due_at = NULL WHERE length(due_at) = 10"
            )
            self.db.execute("UPDATE s_row SET due_at = coalesce(due_at, due_on) WHERE length(due_on) = 20")
            self.db.execute(
                "UPDATE s_row SET due_on = local_day(due_at) WHERE due_at IS NOT NULL AND length(due_on) IS NOT 10"
            )

    def _share_order(self) -> None:
        """A column of days that fits both orders has the one that the others prove; a file is written in one."""
        proven = {order for days in self.days.values() for order in days.only}
        if len(proven) == 1:
            for days in self.days.values():
                days.only = days.only or set(proven)

    def _settled_amount(self, pending: str, code: str | None) -> tuple[Any, Any]:
        return self.amounts.settle(pending, code or "")

    def _settle_column(self, field: str, settle: Callable[[str, str | None], tuple[Any, Any]]) -> None:
        money = field == "amount"
        beside = "currency" if money else "NULL"
        rows = self.db.rows(f"SELECT n, line, {field}, {beside} FROM s_row WHERE {field} LIKE '{PENDING}%'")
        bad: list[int] = []
        settled: list[tuple[Any, ...]] = []
        for n, line, pending, code in rows:
            value = judged(partial(_settle_one, settle, code), pending)
            if type(value) is Bad:
                told = pending[len(PENDING) :].split("|")[-1]
                self.problems.add(n, line, self.plan.header_of(field), told, value)
                bad.append(n)
            elif money:
                amount, found = value
                settled.append((amount if found else None, None if found else amount, found or None, n))
            else:
                settled.append((value[0], n))
        sets = "amount = ?, milli = ?, currency = ?" if money else f"{field} = ?"
        self.db.many(f"UPDATE s_row SET {sets} WHERE n = ?", settled)
        drop_rows(self.db, bad)


def drop_rows(db: Staging, bad: list[int], *, rejected: bool = True) -> None:
    """Take rows out of the staged tables; what the file of rejected rows needs of spoiled ones stays."""
    if not bad:
        return
    db.execute("DELETE FROM s_bad")
    db.fill("s_bad", ("n",), [(n,) for n in bad])
    if rejected:
        db.execute(
            "INSERT OR IGNORE INTO s_reject (n, raw) SELECT r.n, r.raw FROM s_row r JOIN s_bad b ON b.n = r.n"
            " WHERE r.raw IS NOT NULL"
        )
    for table in ("s_row", "s_reach", "s_tag", "s_person", "s_match", "s_hit", "s_mate", "s_step", "s_said"):
        db.execute(f"DELETE FROM {table} WHERE n IN (SELECT n FROM s_bad)")


def _only(found: set[str]) -> str | None:
    """What a column can only mean."""
    return next(iter(found)) if len(found) == 1 else None


def _settle_day(days: Days, pending: str, _: str | None) -> tuple[Any, Any]:
    return days.settle(pending), None


def _settle_one(settle: Callable[[str, str | None], Any], code: str | None, pending: str) -> Any:
    return settle(pending, code)


def key_or_none(value: str | None) -> str | None:
    """The folded form of a name that may be missing."""
    return None if value is None else key_of(value)
