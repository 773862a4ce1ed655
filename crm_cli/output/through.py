"""Columns of what other records have, deals.won.amount: their cells and what stands above them."""

from typing import Any

from crm_cli.i18n import language, t
from crm_cli.output.cells import cell, heading, sums
from crm_cli.rules.dotted import end_of, step
from crm_cli.rules.relations import CHINESE


def cell_through(noun: str, key: str, value: Any) -> str:
    """A cell as the list of those records shows it; of several, side by side."""
    last_noun, last = end_of(noun, key)
    if isinstance(value, list) and value and isinstance(value[0], dict) and "currency" in value[0]:
        return sums(value)
    if isinstance(value, list):
        return ", ".join(cell(last_noun, last, {last: one}) for one in value)
    return cell(last_noun, last, {last: value})


def heading_through(noun: str, key: str) -> str:
    """As it is typed; in Chinese with the Chinese names that can be typed too."""
    found = step(noun, key)
    if found is None or language() != "zh":
        return key
    last = found.rest[-1]
    own = t("count") if last == "count" else heading(found.noun, last) if len(found.rest) == 1 else ".".join(found.rest)
    return f"{CHINESE[found.relation]}.{own}"
