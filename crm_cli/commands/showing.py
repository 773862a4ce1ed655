"""Everything about one record; apart from what changes records, which takes longer to load than this to answer."""

from collections.abc import Sequence

from crm_cli.context import App


def show(app: App, ref: str | None, kinds: Sequence[str], name: str) -> None:
    """Everything about one record."""
    from crm_cli.output.profile import show_record
    from crm_cli.queries.find import Finder
    from crm_cli.queries.show import show as whole

    text = ref if ref and ref.strip() and not app.is_interactive else _asked_for(app, ref, kinds, name)
    with app.read() as db:
        found = Finder(db, kinds, country=app.country).one(text)
        record = whole(db, found, app.asker(db))
    show_record(app.out, found.kind, record)


def show_portrait(app: App, ref: str | None) -> None:
    """One customer on one page."""
    from crm_cli.output.portrait import show_portrait as draw
    from crm_cli.queries.find import Finder
    from crm_cli.queries.portrait import portrait

    text = ref if ref and ref.strip() and not app.is_interactive else _asked_for(app, ref, ["customer"], "customer")
    with app.read() as db:
        found = Finder(db, ["customer"], country=app.country).one(text)
        lines = portrait(db, found.id, app.asker(db))
    known = {"customer": found.name, "customer_id": found.id, "as_of": app.today.isoformat()}
    draw(app.out, found.name, lines, known)


def _asked_for(app: App, ref: str | None, kinds: Sequence[str], name: str) -> str:
    """At a terminal the pick among several is made too."""
    from crm_cli.commands import ask

    return ask.need_ref(app, ref, name, kinds)
