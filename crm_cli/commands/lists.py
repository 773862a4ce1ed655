"""Lists: the query, the columns, the order and the limits that every list has."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from crm_cli.commands.columns import answer_key, columns_of, number
from crm_cli.commands.staleness import tell_age, typed_keys
from crm_cli.context import App
from crm_cli.errors import Misuse
from crm_cli.i18n import t
from crm_cli.output.views import VIEWS
from crm_cli.queries import openness
from crm_cli.queries.conditions import Asker, Condition, condition
from crm_cli.queries.records import Page, count_records, list_records, order_by, typed_order
from crm_cli.rules.dotted import is_through
from crm_cli.rules.fields import find_field
from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader

_MOST_HIDDEN = 10_000  # counting further would take longer than the list
_MOST_MORE = 100_000


def page_of(sort: str | None, limit: str | None, offset: str | None) -> Page:
    """Order and limits as typed."""
    if sort is not None and not typed_order(sort):
        raise Misuse("--sort names no column", hint="Sort by a column, as -name or name:desc")
    return Page(sort or "", number(limit, "limit"), number(offset, "offset") or 0)


def show_small(
    app: App,
    noun: str,
    rows: list[dict[str, Any]],
    columns: str | None = None,
    sort: str | None = None,
    limit: str | None = None,
    offset: str | None = None,
) -> None:
    """A list that is short by nature: stages, tags, segments, members."""
    keys, page = columns_of(noun, columns), page_of(sort, limit, offset)
    for key, down in reversed(_small_order(noun, page.sort)):
        rows = sorted(rows, key=lambda row: _rank(row[key]), reverse=down)
        rows.sort(key=lambda row: row[key] is None)
    end = None if page.limit is None else page.offset + page.limit
    shown = rows[page.offset : end]
    app.out.records(noun, shown, keys, nothing=_nothing(page))
    app.out.more(page.offset + len(shown), max(len(rows), page.offset))


def _small_order(noun: str, sort: str) -> list[tuple[str, bool]]:
    return [(answer_key(noun, name, ()), down) for name, down in typed_order(sort)]


def _rank(value: Any) -> tuple[bool, Any]:
    """Numbers as they are, words without regard to case, width and accents, Chinese by how it is read."""
    from crm_cli.rules.money import Exact
    from crm_cli.rules.pinyin import sort_key

    if isinstance(value, Exact):
        from decimal import Decimal

        return (False, Decimal(value))
    return (True, sort_key(fold(value))) if isinstance(value, str) else (False, value or 0)


def _nothing(page: Page) -> str:
    """What is said of a list that is empty; one that was cut to nothing is not."""
    if page.limit == 0:
        return ""
    return t("Nothing behind the first {n}", n=page.offset) if page.offset else t("Nothing found.")


class Listed(NamedTuple):
    """What is asked of a list, as typed or as a view keeps it."""

    query: Sequence[str] | None = None
    page: Page = Page()
    columns: str | None = None
    group_by: str | None = None


def show_view(
    app: App,
    noun: str,
    view: str | None,
    asked: Listed,
    *,
    mine: bool = False,
    all_: bool = False,
    removed: bool = False,
) -> None:
    """A list as typed; with a view as that one keeps it, narrowed by the words typed and changed by the options."""
    if view is not None:
        from crm_cli.commands.viewing import find_view, within

        asked = within(app, find_view(app, view), asked, noun)
    query, page, columns, group_by = asked
    show_list(app, noun, query, page, columns, mine=mine, all_=all_, removed=removed, group_by=group_by)


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
    group_by: str | None = None,
) -> None:
    """Print the records of a noun that a query holds for, or a row for each group of them."""
    if group_by is not None:
        _show_groups(app, noun, query, page, columns, group_by, mine=mine, all_=all_, removed=removed)
        return
    out, view = app.out, VIEWS[noun]
    with app.read() as db:
        keys = columns_of(noun, columns, db=db)
        asker = app.asker(db)
        order_by(noun, page.sort, db, asker)  # an unknown column is said before an unknown field
        asked = condition(db, noun, list(query or []), asker, mine=mine)
        narrow = not (all_ or removed or openness.decides(noun, asked))
        where = openness.open_ones(noun, asked) if narrow else asked
        first = narrow and noun == "deal" and asked.sql == "1" and page.limit is not None and not page.sort
        wanted = ["id"] if out.format == "ids" else keys or (view.keys if out.is_data else view.table_keys)
        chosen = openness.first_open_deals(db, page) if first else where
        shown = _print(app, db, noun, asker, chosen, wanted, page, removed=removed, picked=bool(keys))
        if page.limit is not None and shown == page.limit:
            most = shown + page.offset + _MOST_MORE
            out.more(shown + page.offset, count_records(db, noun, where, removed=removed, most=most), most)
        if narrow:
            _tell_hidden(app, noun, count_records(db, noun, openness.closed_ones(noun, asked), most=_MOST_HIDDEN))
        tell_age(app, db, asked.sql, [*(keys or ()), *typed_keys(page.sort)], noun)
    if not shown:
        _suspect(app, noun, query or [])


def _show_groups(
    app: App,
    noun: str,
    query: Sequence[str] | None,
    page: Page,
    columns: str | None,
    group_by: str,
    *,
    mine: bool,
    all_: bool,
    removed: bool,
) -> None:
    from crm_cli.commands.grouping import show_grouped

    with app.read() as db:
        asker = app.asker(db)
        asked = condition(db, noun, list(query or []), asker, mine=mine)
        narrow = not (all_ or removed or openness.decides(noun, asked))
        where = openness.open_ones(noun, asked) if narrow else asked
        groups = show_grouped(app, db, noun, asker, where, group_by, page, columns, removed=removed)
        if narrow:
            _tell_hidden(app, noun, count_records(db, noun, openness.closed_ones(noun, asked), most=_MOST_HIDDEN))
        tell_age(app, db, asked.sql, group_by.split(","), noun)
    if not groups:
        _suspect(app, noun, query or [])


_FEW = 1_000  # customers that are looked up one by one; more than these are worth reading all open tasks for


def _print(
    app: App,
    db: Reader,
    noun: str,
    asker: Asker,
    where: Condition,
    wanted: list[str],
    page: Page,
    *,
    removed: bool,
    picked: bool,
) -> int:
    """The rows in the chosen format; `picked` are columns that somebody chose. Returns how many there were."""
    out = app.out
    are_many = page.limit is None or page.limit > _FEW
    if noun == "customer" and out.format in ("csv", "tsv") and are_many and not any(map(is_through, wanted)):
        from crm_cli.queries.flat import flat_customers

        cells = flat_customers(db, asker, where=where, keys=wanted, page=page, removed=removed)
        return out.cells(noun, wanted, cells)
    keys = wanted if out.is_data else VIEWS[noun].with_currency(wanted)
    rows = list_records(db, noun, asker, where=where, keys=keys, page=page, removed=removed)
    return out.records(noun, rows, wanted if picked else None, nothing=_nothing(page))


def _tell_hidden(app: App, noun: str, hidden: int) -> None:
    words = {
        "deal": ("{n} closed deal left out: --all shows it", "{n} closed deals left out: --all shows them"),
        "task": ("{n} done task left out: --all shows it", "{n} done tasks left out: --all shows them"),
    }
    if hidden > _MOST_HIDDEN:
        many = "More than {n} closed deals left out: --all shows them"
        app.out.say(many if noun == "deal" else "More than {n} done tasks left out: --all shows them", n=_MOST_HIDDEN)
    elif hidden:
        app.out.say_many(*words[noun], hidden)


def _suspect(app: App, noun: str, query: Sequence[str]) -> None:
    """What may have become of a query that found nothing."""
    if query:
        from crm_cli.commands.nearly import refuse_file_names

        refuse_file_names(app, query)
        _suspect_the_shell(app, noun, query)


def _suspect_the_shell(app: App, noun: str, query: Sequence[str]) -> None:
    """`amount>10k` without quotes reaches us as `amount`, and finds nothing."""
    for word in query:
        field = find_field(noun, word)
        if field is not None and field.type in ("number", "money", "percent", "day", "moment"):
            app.out.say(
                "{word} alone is looked for as a word. Did the shell take a > or <? Type {word}:10.. or {word}:..10",
                word=word,
            )


def show_board(app: App, query: Sequence[str] | None, *, mine: bool) -> None:
    """Open deals by stage: drawn for a person, listed in the order of the stages for a machine."""
    from crm_cli.output.board import show_board as draw
    from crm_cli.queries.funnel import stages

    with app.read() as db:
        asker = app.asker(db)
        where = openness.open_ones("deal", condition(db, "deal", list(query or []), asker, mine=mine))
        keys = VIEWS["deal"].keys
        rows = list_records(db, "deal", asker, where=where, keys=keys, page=Page("stage,close"))
        if app.out.is_data or app.out.format == "md":
            app.out.records("deal", rows)
            return
        draw(app.out, [step.name for step in stages(db) if step.kind == "open"], list(rows))
