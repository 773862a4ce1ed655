"""Closing deals: what win and lose have in common."""

from collections.abc import Sequence
from datetime import date

from crm_cli.commands import ask
from crm_cli.commands.writes import write
from crm_cli.context import App


def past_day(app: App, text: str | None) -> date | None:
    """The day of --on, which looks back."""
    if text is None:
        return None
    from crm_cli.rules.dates import parse_day

    return parse_day(text, now=app.now, ahead=False)


def close(app: App, kind: str, refs: Sequence[str] | None, scope: str, *, on: str | None, reason: str | None, note: str | None) -> None:
    """Win or lose the open deals that REF... means."""
    from crm_cli.actions.deals import close_deals

    day = past_day(app, on)
    chosen = ask.Chosen(app, "deal", refs, scope=scope)
    write(app, lambda w: close_deals(w, chosen.ids(w), kind, on=day, reason=reason, note=note))
