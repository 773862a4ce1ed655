"""Lists: the query, the columns, the order and the limits that every list has."""

from collections.abc import Sequence

from crm_cli.context import App
from crm_cli.errors import Misuse
from crm_cli.output.views import VIEWS
from crm_cli.queries.conditions import Condition, condition
from crm_cli.queries.records import Page, count_records, known_field, list_records, order_by
from crm_cli.store.reader import Reader

# a query that names one of these decides itself whether closed ones are meant
_DECIDES = {
    "deal": {"status", "stage", "closed_on", "lost_reason", "id", "segment", "has:closed_on", "has:lost_reason"},
    "task": {"status", "done_at", "id", "segment", "has:done_at"},
}
_OPEN = {"deal": "d.stage_id IN (SELECT id FROM stage WHERE kind = 'open')", "task": "t.done_at IS NULL"}
_CLOSED = {
    "deal": "d.stage_id IN (SELECT id FROM stage WHERE kind IN ('won', 'lost'))",
    "task": "t.done_at IS NOT NULL",
}


def number(text: str | None, name: str) -> int | None:
    """A count typed as an option."""
    if text is None:
        return None
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit()) or len(plain) > 15:
        raise Misuse("--{option} takes a whole number, not {value}", option=name, value=text)
    return int(plain)


def page_of(sort: str | None, limit: str | None, offset: str | None) -> Page:
    """Order and limits as typed."""
    return Page(sort or "", number(limit, "limit"), number(offset, "offset") or 0)


def columns_of(noun: str, typed: str | None) -> list[str] | None:
    """Keys of --columns; None without it."""
    if typed is None:
        return None
    names = [name.strip() for name in typed.replace("，", ",").split(",")]
    keys = [known_field(noun, name).key for name in names if name]
    if not keys:
        raise Misuse("--columns names no column", hint="All columns: crm fields {noun}", noun=noun)
    return list(dict.fromkeys(keys))


def show_list(
    app: App,
    noun: str,
    query: Sequence[str] | None,
    page: Page,
    columns: str | None,
    *,
    mine: bool = False,
    all_: bool = False,
    removed: bool = False,
) -> None:
    """Print the records of a noun that a query holds for."""
    keys = columns_of(noun, columns)
    order_by(noun, page.sort)  # an unknown column is said before the database is opened
    out = app.out
    with app.read() as db:
        asker = app.asker(db)
        asked = condition(db, noun, list(query or []), asker, mine=mine)
        where, hidden = _only_open(db, noun, asked, all_=all_, removed=removed)
        wanted = keys or (
            ["id"] if out.format == "ids" else VIEWS[noun].keys if out.is_data else VIEWS[noun].table_keys
        )
        needed = wanted if out.is_data else VIEWS[noun].with_currency(wanted)
        rows = list_records(db, noun, asker, where=where, keys=needed, page=page, removed=removed)
        shown = out.records(noun, rows, keys)
        if page.limit is not None and shown == page.limit:
            out.more(shown + page.offset, count_records(db, noun, where, removed=removed))
        if hidden:
            _tell_hidden(app, noun, hidden)


def _only_open(db: Reader, noun: str, where: Condition, *, all_: bool, removed: bool) -> tuple[Condition, int]:
    """Deals and tasks: open ones unless the query says otherwise; also how many that leaves out."""
    if all_ or removed or noun not in _OPEN or where.fields & _DECIDES[noun]:
        return where, 0
    narrowed = Condition(f"{_OPEN[noun]} AND {where.sql}", where.params, where.fields)
    closed = Condition(f"{_CLOSED[noun]} AND {where.sql}", where.params, where.fields)
    return narrowed, count_records(db, noun, closed)


def _tell_hidden(app: App, noun: str, hidden: int) -> None:
    if noun == "deal":
        app.out.say_many(
            "{n} closed deal left out: --all shows it", "{n} closed deals left out: --all shows them", hidden
        )
    else:
        app.out.say_many("{n} done task left out: --all shows it", "{n} done tasks left out: --all shows them", hidden)
