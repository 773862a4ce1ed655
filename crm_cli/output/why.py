"""Why a customer stands where it stands: facts in sections, each with its value, its day and the rule."""

from itertools import groupby
from typing import Any

from crm_cli.i18n import language, listed, t
from crm_cli.output import cards
from crm_cli.output.output import Output
from crm_cli.rules import names
from crm_cli.rules.facts import Fact
from crm_cli.rules.money import format_number
from crm_cli.rules.text import clean, width

_GROUP = {"tier": "tier", "lifecycle": "lifecycle"}


def show_why(out: Output, name: str, facts: list[Fact], known: dict[str, Any]) -> None:
    """An object with the customer and its facts as JSON, rows elsewhere, sections for a person."""
    if out.format in ("json", "jsonl"):
        out.json({**known, "facts": [fact.published() for fact in facts]})
        return
    if out.is_data or out.format == "md":
        out.records("why", [fact.published() for fact in facts])
        return
    columns = out.width if out.is_terminal else 0
    out.lines([cards.styled(clean(name), cards.BOLD, out.colour)])
    for about, group in groupby(facts, key=lambda fact: fact.about):
        lines = [(_value(fact), _text(fact)) for fact in group]
        out.lines(["", cards.styled(_title(about), cards.HEADING, out.colour)])
        indent = max(width(label) for label, _ in lines) + 2
        for label, text in lines:
            out.lines("  " + line for line in cards.entry(label, text, max(indent, 4), max(0, columns - 2)))


def _title(about: str) -> str:
    return {
        "tier": t("Tier"),
        "orders": t("Orders"),
        "rfm": "RFM",
        "lifecycle": t("Stage of life"),
        "risk": t("Risk"),
        "forecast": t("Forecast"),
        "fit": t("Fit"),
    }[about]


def _value(fact: Fact) -> str:
    value = fact.value
    if isinstance(value, str):
        group = _GROUP.get(fact.about) or f"rfm_{fact.fact}"
        return clean(names.shown(group, value, language()))
    if value is None:
        return "-" if fact.on is None or fact.about == "tier" else fact.on
    if fact.unit:
        return format_number(value, fact.unit)
    return f"{value:g}"


def _text(fact: Fact) -> str:
    """The sentence, its day where it does not stand in front already, and the rule."""
    holes = dict(fact.holes)
    if fact.about == "tier" and "name" in holes:
        holes["name"] = names.shown("tier", holes["name"], language())
    text = t(fact.fact, **holes) if holes else t(fact.fact)
    if fact.on and fact.value is not None and fact.about in ("lifecycle", "risk"):
        text = listed([text, fact.on], clauses=True)
    rule = t(fact.rule, **holes) if fact.rule else ""
    return clean(f"{text} ({rule})" if rule else text)
