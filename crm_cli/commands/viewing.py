"""Behind crm view and --view: a view by its name, whether it still holds, and a list as it keeps it."""

from collections.abc import Sequence

from crm_cli.commands.columns import columns_of
from crm_cli.commands.grouping import check_grouped
from crm_cli.commands.lists import Listed, page_of
from crm_cli.context import App
from crm_cli.errors import CrmError, Misuse
from crm_cli.i18n import language, listed
from crm_cli.queries.conditions import Asker, condition
from crm_cli.queries.find import pick_row
from crm_cli.queries.records import order_by
from crm_cli.queries.views import Kept, all_views
from crm_cli.rules import names
from crm_cli.rules.fields import NOUNS
from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader

EMPTY = Listed()


def find_view(app: App, name: str) -> Kept:
    """A view by name, beginning or part."""
    with app.read() as db:
        rows = [(view.id, view.name, view, view.name_key) for view in all_views(db)]
    return Kept(*pick_row(rows, name.lstrip("@＠"), noun="view")[2])


def kind_of(typed: str) -> str:
    """`customers` or 客户 -> customer; Misuse with those that there are."""
    word = fold(typed)
    found = names.canonical("noun", word) or names.canonical("noun", word.removesuffix("s"))
    if found is None:
        known = listed(names.plural(f"{noun}s", language()) for noun in NOUNS)
        raise Misuse("A view is of {known}, not of {kind}", known=known, kind=typed)
    return found


def within(app: App, kept: Kept, asked: Listed, noun: str) -> Listed:
    """What a view keeps, narrowed by the words typed; options typed stand instead of its own."""
    if kept.noun != noun:
        raise Misuse(
            "View {name} is of another kind: {kind}",
            hint="Type: crm view show {name}",
            name=kept.name,
            kind=names.plural(f"{kept.noun}s", language()),
        )
    with app.read() as db:
        broken = problem(db, kept, app.asker(db))
    if broken is not None:
        raise Misuse(
            "View {name} does not hold any more: {reason}",
            hint="Change it: crm view edit {name} --help",
            name=kept.name,
            reason=broken.message(),
        ) from broken
    query = [f"({kept.query})"] if kept.query else []
    group_by = asked.group_by if asked.group_by is not None else kept.group_by
    is_its_own = group_by == kept.group_by  # its columns and order are those of its own rows
    page = asked.page
    if not page.sort and kept.sort and is_its_own:
        page = page._replace(sort=kept.sort)
    columns = asked.columns if asked.columns is not None else kept.columns if is_its_own else None
    return Listed([*query, *(asked.query or [])], page, columns, group_by)


def problem(db: Reader, kept: Kept, asker: Asker) -> CrmError | None:
    """Why a view cannot be shown; None where it can."""
    try:
        check(db, kept, asker)
    except CrmError as error:
        return error
    return None


def check(db: Reader, kept: Kept, asker: Asker) -> None:
    """Its query, columns, order and groups are such that a list can have them."""
    condition(db, kept.noun, [f"({kept.query})"] if kept.query else [], asker)
    page = page_of(kept.sort or None, None, None)
    if kept.group_by:
        check_grouped(db, kept.noun, asker, kept.group_by, page, kept.columns)
        return
    columns_of(kept.noun, kept.columns, db=db)
    order_by(kept.noun, page.sort, db, asker)


def typed_columns(typed: str | None) -> str | None:
    """Columns as they are kept: without the spaces between them."""
    if typed is None:
        return None
    parts: Sequence[str] = typed.replace("，", ",").replace("、", ",").split(",")
    return ",".join(part.strip() for part in parts if part.strip()) or None
