"""Closing deals: what move, win and lose have in common."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from crm_cli.commands import ask, keeping, nearly
from crm_cli.commands.writes import write
from crm_cli.context import App
from crm_cli.errors import Misuse, NotFound
from crm_cli.queries.find import OPEN_DEALS
from crm_cli.store.writer import Work

if TYPE_CHECKING:  # the models load with the action
    from crm_cli.actions.change import Change


def spoken(app: App, **typed: str | None) -> dict[str, Any]:
    """What --on, --reason and --note say."""
    from crm_cli.rules import values

    read = values.read(values.CLOSING, typed, values.Clock(app.now))
    return {"on": None, "reason": None, "note": None, **read}


def close(
    app: App,
    kind: str,
    refs: Sequence[str] | None,
    *,
    on: str | None,
    reason: str | None,
    note: str | None,
    order: bool | None = None,
    number: str | None = None,
) -> None:
    """Win or lose the open deals that REF... means; `order` makes an order of each that is won."""
    from crm_cli.actions.moves import close_deals

    if number and not order:
        raise Misuse("--number is that of an order", hint="Add --order to make one.")
    words = spoken(app, on=on, reason=reason, note=note)
    try:
        chosen = ask.Chosen(app, "deal", refs, scope=OPEN_DEALS, does=kind)
    except NotFound:
        nearly.refuse_stage_word(app, kind, refs or [])
        raise
    verb = "win" if kind == "won" else "lose"

    def deed(w: Work) -> "Change":
        change = close_deals(w, chosen.ids(w), kind, **words)
        if not order:
            return change
        from crm_cli.actions.orders import order_deals

        return order_deals(w, change, on=words["on"], number=number)

    with keeping.nothing_lost(app, lambda: line(verb, chosen.refs, {**words, "order": order, "number": number})):
        write(app, deed)


def line(verb: str, words: Sequence[str], said: dict[str, Any]) -> list[str]:
    """The words of the command again, with what was asked for."""
    given = {name: value for name, value in said.items() if value is not None}
    return keeping.line_words(["deal", verb], {"words": list(words), **given}, "words")
