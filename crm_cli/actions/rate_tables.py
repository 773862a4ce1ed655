"""Tables of exchange rates from banks: read whole, judged cell by cell, kept all or not at all."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import insert

from crm_cli.actions.change import NOTHING, Change, Note
from crm_cli.actions.freezing import freeze_missing, frozen_notes
from crm_cli.actions.rates import keep_base, settled_base
from crm_cli.errors import BadData, Misuse
from crm_cli.formats.tabular import Table
from crm_cli.i18n import listed, said
from crm_cli.model.identity import new_uuid
from crm_cli.model.sales import Rate
from crm_cli.queries.rates import base as base_of
from crm_cli.rules.columns import PENDING, Days
from crm_cli.rules.currencies import parse_currency
from crm_cli.rules.quotes import Cell, Columns, Quote, columns_of, decimal_mark, is_nothing, spell, worths
from crm_cli.rules.rates import parse_rate, spell_worth
from crm_cli.store.writer import Work

_SHOWN = 5  # wrong cells that are named
_TOLD = 5  # rates that are said again in words
Kept = dict[tuple[str, str, str], str]  # (currency, base, ISO day) -> rate


class Reading(NamedTuple):
    """How a table is read: the currency of reports, which way round its numbers stand, and what they are against."""

    base: str | None
    quoted: str | None  # base: what one unit of the foreign currency is worth; foreign: the other way round
    against: str | None
    decimal: str
    order: str | None
    now: datetime
    source: str | None


class Rates(NamedTuple):
    """What a table says: rates by currency, base and day, the source of each day, and what was left out."""

    kept: Kept
    sources: dict[tuple[str, str, str], str | None]
    base: str
    empty: int
    strange: list[str]


class _Problems:
    """Cells that cannot be taken, in the order of the file."""

    def __init__(self) -> None:
        self.found: list[tuple[int, str, Misuse]] = []

    def add(self, line: int, header: str, error: Misuse) -> None:
        self.found.append((line, header, error))

    def refuse(self) -> None:
        """BadData with the first of them, and where the next ones are."""
        if not self.found:
            return
        self.found.sort(key=lambda one: one[0])
        line, header, error = self.found[0]
        more = [f"{line} ({header})" for line, header, _ in self.found[1:_SHOWN]]
        hint = said("Nothing was loaded. Wrong cells: {n}; the next ones are in lines {more}")
        raise BadData(
            "Line {line}, column {column}: {problem}",
            hint=hint if more else said("Nothing was loaded."),
            line=line,
            column=header,
            problem=error.message(),
            n=len(self.found),
            more=listed(more),
        )


def read_rates(table: Table, how: Reading) -> Rates:
    """All rates of a table. BadData names the line and column of what is none; Misuse where nothing says which way
    round the numbers stand, or what they are against."""
    columns = columns_of(table.headers)
    _refuse_unclear(table, columns, how)
    cells, empty = _cells(table, columns, how)
    problems = _Problems()
    days = _days(cells, table.headers[columns.fields["date"]], how, problems)
    mark = how.decimal or decimal_mark(cell.number for cell in cells)
    numbers: dict[str, Decimal | Misuse] = {}
    quotes: list[Quote] = []
    for cell in cells:
        for text in (cell.number, cell.units):
            if text not in numbers:
                numbers[text] = _number(text, mark)
        number, units, day = numbers[cell.number], numbers[cell.units], days[cell.day]
        if isinstance(number, Misuse) or isinstance(units, Misuse):
            problems.add(cell.line, cell.header, number if isinstance(number, Misuse) else units)  # type: ignore[arg-type]
        elif isinstance(day, str):
            quotes.append(Quote(cell.line, day, cell.one, cell.other, number / units if units != 1 else number))
    kept = _own(quotes, problems) if "base" in columns.fields else _resolved(quotes, how.base or "", problems)
    problems.refuse()
    if not kept:
        raise BadData("There is no rate in this file for {base}", hint="Look into it", base=how.base or "-")
    by_day = {days[cell.day]: cell.source or how.source for cell in cells}
    return Rates(
        kept, {key: by_day.get(key[2]) for key in kept}, how.base or next(iter(kept))[1], empty, columns.strange
    )


def _refuse_unclear(table: Table, columns: Columns, how: Reading) -> None:
    """Nothing is guessed: a table without days or currencies is none, one that could be read both ways is refused."""
    if "date" not in columns.fields or not (columns.wide or {"one", "number"} <= columns.fields.keys()):
        raise BadData(
            "These are no columns of exchange rates: {columns}",
            hint="Columns: date,currency,rate or date,USD,JPY,...",
            columns=listed([header for header in table.headers if header][:12]),
        )
    if columns.says_both or not columns.wide:
        return
    if how.quoted is None:
        code = columns.wide[0][2]
        raise Misuse(
            "Nothing in the file says what its numbers are",
            hint="--quoted foreign: 1 {base} is so many {code}, as the ECB has it; --quoted base: 1 {code} is so many"
            " {base}. Where they are against another currency: --against C",
            base=how.against or how.base or "EUR",
            code=code,
        )


def _cells(table: Table, columns: Columns, how: Reading) -> tuple[list[Cell], int]:
    """Every quote of the file as it stands there, and how many cells hold none."""
    problems, found, empty = _Problems(), [], 0
    codes: dict[str, str | Misuse] = {}
    for line, row in table.records:
        for cell in _of_row(line, row, table.headers, columns, how):
            if is_nothing(cell.number):
                empty += 1
                continue
            for name in {cell.one, cell.other}:
                if name not in codes:
                    codes[name] = _code(name)
            one, other = codes[cell.one], codes[cell.other]
            if isinstance(one, str) and isinstance(other, str):
                found.append(cell._replace(one=one, other=other))
            else:
                header = table.headers[columns.fields["one"]] if columns.fields.get("one") is not None else cell.header
                problems.add(line, header, one if isinstance(one, Misuse) else other)  # type: ignore[arg-type]
    problems.refuse()
    return found, empty


def _of_row(line: int, row: list[str], headers: list[str], columns: Columns, how: Reading) -> Iterator[Cell]:
    fields, against = columns.fields, how.against or how.base or ""
    day = row[fields["date"]]
    if not any(cell.strip() for cell in row):
        return
    for place, units, one, other in columns.wide:
        ends = (one, other) if other else (against, one) if how.quoted == "foreign" else (one, against)
        yield Cell(line, headers[place], day, *ends, row[place], units)
    if columns.wide:
        return
    text = {field: row[place].strip() for field, place in fields.items()}
    other = text.get("other") or text.get("base") or against
    ends = (text["one"], other)
    if how.quoted == "foreign" and not columns.says_both:
        ends = (other, text["one"])
    units = text.get("units") or "1"
    yield Cell(line, headers[fields["number"]], day, *ends, text["number"], units, text.get("source", ""))


def _code(name: str) -> str | Misuse:
    try:
        return parse_currency(name)
    except Misuse as error:
        return error


def _number(text: str, mark: str) -> Decimal | Misuse:
    try:
        return Decimal(parse_rate(text, decimal=mark))
    except Misuse as error:
        return error


def _days(cells: Iterable[Cell], header: str, how: Reading, problems: _Problems) -> dict[str, str | None]:
    """Each text of the column of days as an ISO day; what is none is a problem where it stands first."""
    column = Days(now=how.now, order=how.order, ahead=False, shape="day")
    found: dict[str, str | None] = {}
    where: dict[str, int] = {}
    for cell in cells:
        if cell.day not in found:
            where[cell.day] = cell.line
            found[cell.day] = _day(column.parse, cell.day, cell.line, header, problems)
    for text, day in found.items():
        if day is not None and day.startswith(PENDING):
            found[text] = _day(column.settle, day, where[text], header, problems)
    return found


def _day(read: Any, text: str, line: int, header: str, problems: _Problems) -> str | None:
    try:
        day: str | None = read(text)
        if day is None:
            raise Misuse("The day is missing")
        return day
    except Misuse as error:
        problems.add(line, header, error)
        return None


def _own(quotes: Iterable[Quote], problems: _Problems) -> Kept:
    """Rates that name their own base currency, as our list has them."""
    kept: Kept = {}
    lines: dict[tuple[str, str, str], int] = {}
    for quote in quotes:
        if quote.one != quote.other:
            _keep(kept, lines, (quote.one, quote.other, quote.day), spell(quote.number), quote.line, problems)
        elif quote.number != 1:
            problems.add(quote.line, quote.one, _not_one(quote.one))
    return kept


def _resolved(quotes: list[Quote], base: str, problems: _Problems) -> Kept:
    """Rates in the base currency, of each day by itself."""
    kept: Kept = {}
    lines: dict[tuple[str, str, str], int] = {}
    by_day: dict[str, list[Quote]] = {}
    for quote in quotes:
        if quote.one == quote.other:
            if quote.number != 1:
                problems.add(quote.line, quote.one, _not_one(quote.one))
            continue
        by_day.setdefault(quote.day, []).append(quote)
    for day, several in by_day.items():
        seen: dict[tuple[str, str], Quote] = {}
        for quote in several:
            first = seen.setdefault((quote.one, quote.other), quote)
            if first.number != quote.number:
                problems.add(quote.line, quote.one, _twice(quote.one, day, spell(first.number), first.line))
        for currency, (number, line) in worths(several, base).items():
            _keep(kept, lines, (currency, base, day), spell(number), line, problems)
    return kept


def _keep(
    kept: Kept,
    lines: dict[tuple[str, str, str], int],
    key: tuple[str, str, str],
    rate: str,
    line: int,
    problems: _Problems,
) -> None:
    try:
        checked = parse_rate(rate, decimal=".") if len(rate) > 12 else rate
    except Misuse as error:
        problems.add(line, key[0], error)
        return
    if kept.setdefault(key, checked) != checked:
        problems.add(line, key[0], _twice(key[0], key[2], kept[key], lines[key]))
    lines.setdefault(key, line)


def _twice(currency: str, day: str, rate: str, line: int) -> Misuse:
    return Misuse(
        "{currency} has another rate on {day} in line {line}: {rate}", currency=currency, day=day, line=line, rate=rate
    )


def _not_one(currency: str) -> Misuse:
    return Misuse("{currency} in itself is 1", currency=currency)


# ------------------------------------------------------------------ kept


def load_rates(w: Work, found: Rates, read: dict[str, Any]) -> Change:
    """Add what is new, change what is different, freeze what had no rate; `read` is filled with the counts."""
    bases = {base for _, base, _ in found.kept}
    notes: list[Note] = []
    if base_of(w.db) is None:
        keep_base(w, found.base)
        notes.append((said("{base} is the base currency from now on: crm rate base"), {"base": found.base}))
    else:
        notes += settled_base(w)[1]
    known = {
        (currency, base, day): (row_id, rate)
        for base in bases
        for currency, day, row_id, rate in w.db.rows(
            "SELECT currency, rate_on, id, rate FROM rate WHERE base = :base", {"base": base}
        )
    }
    new = {key: rate for key, rate in found.kept.items() if key not in known}
    other = {key: rate for key, rate in found.kept.items() if key in known and known[key][1] != rate}
    _insert(w, new, found)
    for key, rate in other.items():
        row: Any = w.get(Rate, known[key][0])
        row.rate, row.source, row.updated_at = rate, found.sources[key] or row.source, w.now
    notes += _told(found)
    frozen = freeze_missing(w)
    notes += frozen_notes(frozen)
    read.update(_counted(found, len(new), len(other)))
    if not new and not other:
        return Change("rates_read", [], NOTHING, {}, notes)
    holes = {"n": len(new), "changed": len(other), "first": read["from"], "last": read["to"]}
    return Change("rates_read", [], "Loaded rates: {n} new, {changed} changed ({first} to {last})", holes, notes)


def _insert(w: Work, new: Kept, found: Rates) -> None:
    stamp = {"created_at": w.now, "updated_at": w.now}
    rows = [
        {
            "uuid": new_uuid(),
            "currency": currency,
            "base": base,
            "rate": rate,
            "rate_on": date.fromisoformat(day),
            "source": found.sources[currency, base, day],
            **stamp,
        }
        for (currency, base, day), rate in sorted(new.items(), key=lambda item: (item[0][2], item[0]))
    ]
    if rows:
        w.session.execute(insert(Rate), rows)


def _counted(found: Rates, new: int, changed: int) -> dict[str, Any]:
    days = [day for _, _, day in found.kept]
    return {
        "read": len(found.kept),
        "added": new,
        "changed": changed,
        "unchanged": len(found.kept) - new - changed,
        "empty": found.empty,
        "left_out": found.strange,
        "currencies": sorted({currency for currency, _, _ in found.kept}),
        "base": found.base,
        "from": min(days),
        "to": max(days),
    }


def _told(found: Rates) -> list[Note]:
    """The newest rates in words, so that a table read the wrong way round is seen; and what was left out."""
    last = max(day for _, _, day in found.kept)
    newest = [(currency, base, rate) for (currency, base, day), rate in found.kept.items() if day == last]
    shown = listed([spell_worth(currency, rate, base) for currency, base, rate in newest[:_TOLD]])
    notes: list[Note] = [(said("On {day}: {rates}"), {"day": last, "rates": shown})]
    if found.strange:
        notes.append((said("Left out, no currency today: {columns}"), {"columns": listed(found.strange)}))
    return notes
