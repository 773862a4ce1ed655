"""How a cell of each field is read; what whole columns decide, such as days, is read in rows.py."""

from collections.abc import Callable
from functools import partial
from typing import Any

from crm_cli.actions.imports.ours import STAGED as OURS
from crm_cli.actions.imports.ours import plain_id
from crm_cli.rules import cells, reach_cells
from crm_cli.rules.cells import Bad, Kept, judged

PARSERS: dict[str, Callable[[str], Any]] = {
    "name": cells.name,
    "title": cells.name,
    "note": cells.long_text,
    "risk": cells.long_text,
    "outcome": cells.long_text,
    "kind": cells.kind,
    "category": cells.category,
    "active": cells.active,
    "discontinued": cells.active,
    "contact": cells.name,
    "contact_role": cells.word("role", own=True),
    "next_step": cells.long_text,
    "last_said": cells.long_text,
    "prefers": cells.word("channel", own=True),
    "role": cells.word("role", own=True),
    "direction": cells.word("direction"),
    "channel": cells.word("channel"),
    "priority": cells.word("priority"),
    "size": cells.size,
    "cadence_days": cells.days,
    "duration_minutes": cells.minutes,
    "probability": cells.percent,
    "every": cells.every,
    "currency": cells.currency,
    "external_id": cells.external,
    "uuid": cells.uuid,
    **dict.fromkeys(OURS, plain_id),
    **{field: cells.place(field) for field in ("country", "region", "city")},
    "email": reach_cells.emails,
    "website": reach_cells.websites,
    "messenger": reach_cells.messengers,
}
# An export of ours is not spelled anew: it comes out as it went in.
AS_IT_IS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("name", "title", "contact"), cells.own_name),
    **dict.fromkeys(("country", "region", "city"), cells.text),
    "website": partial(reach_cells.websites, own=True),
}


def lenient(parse: Callable[[str], Any], cell: str) -> Any:
    """When a foreign record was made is worth knowing, but not worth refusing the row for."""
    value = judged(parse, cell)
    return Kept(None, cell.strip()) if type(value) is Bad else value


def done(parse: Callable[[str], Any], cell: str) -> Any:
    """The moment when a task was done; a mere yes is said as True."""
    yes = cells.is_yes(cell)
    if yes is not None:
        return yes or None
    return parse(cell)
