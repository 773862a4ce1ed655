"""Somebody who was erased is not added again without being asked about."""

from typing import Any

from crm_cli.actions.privacy_marks import coder
from crm_cli.actions.reaches import normalised
from crm_cli.errors import Conflict
from crm_cli.rules.cells import key_of
from crm_cli.store.writer import Work


def refuse_erased(w: Work, name: str, company: str, options: dict[str, Any], country: str | None) -> None:
    """Conflict where somebody with this e-mail, phone or name at the company was erased."""
    coded = coder(w.db)
    if coded is None:
        return
    keys = [
        (kind, normalised(kind, text, country)[1]) for kind in ("email", "phone") for text in options.get(kind) or []
    ]
    if company or not keys:  # a name alone tells nobody apart from others of that name who can be reached
        keys.append(("name", f"{key_of(name)}\n{key_of(company) if company else ''}"))
    for kind, key in keys:
        day = w.db.value("SELECT erased_on FROM tombstone WHERE mark = :mark", {"mark": coded(kind, key)})
        if day:
            raise Conflict(
                "{name} was erased for privacy on {day}",
                hint="If they came back by themselves: --duplicate",
                name=name,
                day=day,
            )
