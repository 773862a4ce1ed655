"""The answer to a value that a field does not have: the nearest one, and the term as it would be right."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crm_cli.errors import NotFound
from crm_cli.i18n import listed
from crm_cli.queries.grammar import Term, written

if TYPE_CHECKING:
    from crm_cli.queries.compiler import Compiler


def unknown_value(c: "Compiler", term: Term, near: str | None, known: Sequence[str] = ()) -> NotFound:
    """The error to raise; `known` are the values to choose from where none is near."""
    return NotFound(
        "No {field} is called {value}",
        hint="Did you mean {field}:{near}?" if near else "Known: {known}",
        instead=(f"{c.front}{term.field}:{term.value}", near and f"{c.front}{term.field}:{written(near)}"),
        field=c.front + term.field,
        value=term.value,
        near=near,
        known=listed(known),
    )
