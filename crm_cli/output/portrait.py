"""A customer on one page: lines in sections, each with the record that it comes from and its day."""

from itertools import groupby
from typing import Any

from crm_cli.i18n import language, listed, t
from crm_cli.output import cards
from crm_cli.output.output import Output
from crm_cli.rules import names
from crm_cli.rules.portrait import MONTHS, Line, Named, Sentence
from crm_cli.rules.text import clean, clean_lines, fit, width

_NARROW = 60  # columns below which a source stands on the line after its fact


def show_portrait(out: Output, name: str, lines: list[Line], known: dict[str, Any]) -> None:
    """An object with its lines as JSON, rows elsewhere, sections for a person."""
    if out.format in ("json", "jsonl"):
        out.json({**known, "lines": [line.published() for line in lines]})
        return
    if out.is_data or out.format == "md":
        out.records("portrait", [line.published() for line in lines])
        return
    columns = out.width if out.is_terminal else 0
    title = f"{clean(name)}  ({names.shown('noun', 'customer', language())} {known['customer_id']})"
    out.lines([cards.styled(fit(title, columns) if columns else title, cards.BOLD, out.colour)])
    indent = max(width(_title(line.about)) for line in lines) + 2
    for about, group in groupby(lines, key=lambda line: line.about):
        for n, line in enumerate(group):
            out.lines(_drawn(out, _title(about) if n == 0 else "", line, indent, columns))


def _drawn(out: Output, label: str, line: Line, indent: int, columns: int) -> list[str]:
    text, source = _text(line), _source(line)
    if columns and columns < _NARROW:
        indent, label_lines = 2, ([cards.styled(label, cards.HEADING, out.colour)] if label else [])
        room = columns - indent
        shown = [fit(text, room)] if line.quoted else cards.entry("", text, indent, columns)
        shown = [" " * indent + shown[0].strip(), *shown[1:]]
        tail = [" " * indent + cards.styled(fit(source, room), cards.DIM, out.colour)] if source else []
        return [*label_lines, *shown, *tail]
    if columns and line.quoted:
        text = fit(text, columns - indent - (width(source) + 2 if source else 0))
    whole = cards.entry(label, text, indent, columns)
    if not source:
        return whole
    told = cards.styled(source, cards.DIM, out.colour)
    if not columns or width(whole[-1]) + 2 + width(source) <= columns:
        return [*whole[:-1], f"{whole[-1]}  {told}"]
    return [*whole, " " * indent + told]  # whole, so that it can be copied


def _title(about: str) -> str:
    return {
        "who": t("who"),
        "buying": t("buys"),
        "needs": t("noted"),
        "people": t("people"),
        "reach": t("reach"),
        "risks": t("risks"),
        "next": t("next"),
    }[about]


def _source(line: Line) -> str:
    told = [part for part in (line.ref, line.on) if part]
    return f"[{', '.join(told)}]" if told else ""


def _text(line: Line) -> str:
    holes = {name: _shown(value) for name, value in line.holes.items()}
    return " ".join(clean_lines(t(line.fact, **holes) if holes else t(line.fact)))


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return listed(_shown(one) for one in value)
    if isinstance(value, Sentence):
        holes = {name: _shown(own) for name, own in value.holes.items()}
        return t(value.text, **holes) if holes else t(value.text)
    if not isinstance(value, Named):
        return str(value)
    return _named(value.group, value.value)


def _named(group: str, value: str) -> str:
    from crm_cli.rules.countries import country_shown
    from crm_cli.rules.places import region_shown

    if group == "people":
        return t("{n} people", n=value)
    if group == "month":
        return MONTHS[int(value) - 1] if language() == "en" else t("month {n}", n=value)
    if group == "prefers":
        return t("prefers {channel}", channel=names.shown("channel", value, language()))
    if group == "speaks":
        return t("speaks {language}", language=value)
    if group == "country":
        return country_shown(value, language())
    if group == "region":
        return region_shown(value, language())
    return t(value) if group == "step" else names.shown(group, value, language())
