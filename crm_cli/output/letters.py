"""Answers as a letter: plain text for mail and phone, no table, no line over 60 columns."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from crm_cli.i18n import language, t, tn
from crm_cli.output.cells import cell, reach
from crm_cli.rules import names
from crm_cli.rules.days import spell_day
from crm_cli.rules.text import clean, fit, wrap

Row = dict[str, Any]
WIDTH = 60


def followups_letter(rows: list[Row], today: date) -> list[str]:
    """One sentence, then two lines an item."""
    if not rows:
        return [t("Nothing is due.")]
    first = tn("{n} follow-up on {day}", "{n} follow-ups on {day}", len(rows), day=spell_day(today, language()))
    lines = [*wrap(first, WIDTH)]
    bucket = ""
    for row in rows:
        if row["bucket"] != bucket:
            bucket = row["bucket"]
            lines += ["", names.shown("bucket", bucket, language()).upper()]
        lines += item(row)
    return lines


def item(row: Row) -> list[str]:
    """Who and why; then what, the number, and the reference to act on."""
    who = cell("followup", "customer", row) or "-"
    why = cell("followup", "reason", row)
    what = " · ".join(text for text in (cell("followup", "what", row), reach(row), row["ref"]) if text)
    return [fit(f"{who}: {why}", WIDTH), "  " + fit(what, WIDTH - 2)]


def today_letter(answer: dict[str, list[Row]], today: date) -> list[str]:
    """The day in short."""
    counted = sum(len(rows) for rows in answer.values())
    lines = wrap(
        tn("{day}: {n} thing to see to", "{day}: {n} things to see to", counted, day=spell_day(today, language()))
        if counted
        else spell_day(today, language()) + "  " + t("Nothing is due. Enjoy the day."),
        WIDTH,
    )
    for title, rows in (("Overdue", "overdue"), ("Due today", "due"), ("Appointments", "appointments"), ("Quiet", "quiet")):
        lines += _part(t(title), (item(row) for row in answer[rows]))
    lines += _part(t("Closing this week"), (_closing(row) for row in answer["closing"]))
    return lines + _part(t("Birthdays"), (_birthday(row) for row in answer["birthdays"]))


def _part(title: str, items: Iterable[list[str]]) -> list[str]:
    found = [line for lines in items for line in lines]
    return ["", title.upper(), *found] if found else []


def _closing(row: Row) -> list[str]:
    text = f"{row['title']} ({row['customer']}), {cell('deal', 'amount', row)}, {row['expected_close_on']}"
    return [fit(clean(text), WIDTH)]


def _birthday(row: Row) -> list[str]:
    of = f" ({row['customer']})" if row["customer"] else ""
    return [fit(clean(f"{row['on']} {row['name']}{of}, {row['age']}"), WIDTH)]


def funnel_letter(rows: list[Row]) -> list[str]:
    """A line for each stage, a second one for what it is worth."""
    lines = []
    for row in rows:
        name = clean(names.shown("stage", row["stage"], language()))
        share = f", {row['share']:g}%" if row["share"] is not None else ""
        lines.append(fit(f"{name}: {row['deals']}{share}", WIDTH))
        worth = [cell("funnel", "amount", row)]
        if row["weighted"] is not None and row["kind"] == "open":
            worth.append(t("weighted {amount}", amount=cell("funnel", "weighted", row)))
        if row["conversion"] is not None:
            worth.append(t("{percent}% go on", percent=f"{row['conversion']:g}"))
        if row["median_days"] is not None:
            worth.append(t("{days} days", days=f"{row['median_days']:g}"))
        lines += ["  " + line for line in wrap(", ".join(worth), WIDTH - 2)]
    return lines
