"""--explain: how the figures of a report are worked out, after whom, what was counted and what was left out."""

from collections.abc import Mapping
from typing import Any

from crm_cli.i18n import listed, t
from crm_cli.output import cards
from crm_cli.output.cells import heading
from crm_cli.output.output import Output
from crm_cli.rules.text import clean, width


def show_explanation(
    out: Output,
    formula: str,
    source: str,
    counted: Mapping[str, Any],
    left_out: Mapping[str, Any],
    more: Mapping[str, Any] | None = None,
) -> None:
    """An object with formula, source, counted and left_out as JSON, lines of text elsewhere.

    `formula` is a sentence in the user's language; counted and left_out say how many of what; `more` is for machines.
    """
    if out.format in ("json", "jsonl"):
        told = {"formula": formula, "source": source, "counted": dict(counted), "left_out": dict(left_out)}
        out.json({**told, **(more or {})})
        return
    lines = [(t("formula"), formula), (t("source"), source)]
    lines += [(t("counted"), _counts(counted) or t("nothing")), (t("left out"), _counts(left_out) or t("nothing"))]
    indent = max(width(label) for label, _ in lines) + 2
    room = out.width if out.is_terminal else 0
    for label, text in lines:
        out.lines(cards.entry(label, clean(text), indent, room))


def _counts(numbers: Mapping[str, Any]) -> str:
    """`orders 12, customers 3`; what is none is not said."""
    return listed(f"{heading('explained', name)} {n}" for name, n in numbers.items() if n)
