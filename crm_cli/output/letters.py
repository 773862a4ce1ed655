"""Answers as a letter: plain text for mail and phone, no table, no line over 60 columns."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from crm_cli.i18n import language, listed, t, tn
from crm_cli.output.cards import birthday_card, closing_card, why_and_what
from crm_cli.output.cells import cell, reach
from crm_cli.rules import names
from crm_cli.rules.days import spell_day
from crm_cli.rules.text import clean, fit, wrap

Row = dict[str, Any]
WIDTH = 60
_PARTS = (
    ("overdue", "Overdue"),
    ("due", "Due today"),
    ("appointments", "Appointments"),
    ("closing", "Closing within 7 days"),
    ("quiet", "Quiet"),
    ("birthdays", "Birthdays"),
)


def followups_letter(rows: list[Row], today: date) -> list[str]:
    """One sentence, then the items by bucket."""
    if not rows:
        return wrap(t("Nothing is due. Enjoy the day."), WIDTH)
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
    """Who; why and what; the number and the reference to act on; the last word."""
    who = cell("followup", "customer", row) or t("no customer")
    said = f'{row["last_on"]} "{clean(row["last_word"])}"' if row["last_word"] else ""
    return [*wrap(who, WIDTH), *_indented(why_and_what(row)), *_indented(_both(reach(row), row["ref"])), *_cut(said)]


def _both(number: str, ref: str) -> str:
    return listed([number, ref], clauses=True) if number else ref


def _indented(text: str) -> list[str]:
    return ["  " + line for line in wrap(text, WIDTH - 2)] if text else []


def _cut(text: str) -> list[str]:
    return ["  " + fit(text, WIDTH - 2)] if text else []


def today_letter(answer: dict[str, list[Row]], today: date) -> list[str]:
    """The day: what is late, what is due, then what is worth knowing."""
    counted = sum(len(rows) for rows in answer.values())
    day = spell_day(today, language())
    if not counted:
        return wrap(day + "  " + t("Nothing is due. Enjoy the day."), WIDTH)
    lines = wrap(tn("{day}: {n} thing to see to", "{day}: {n} things to see to", counted, day=day), WIDTH)
    shapes = {"closing": _closing, "birthdays": _birthday}
    for name, title in _PARTS:
        lines += _part(t(title), (shapes.get(name, item)(row) for row in answer[name]))
    return lines


def _part(title: str, items: Iterable[list[str]]) -> list[str]:
    found = [line for lines in items for line in lines]
    return ["", title.upper(), *found] if found else []


def _closing(row: Row) -> list[str]:
    card = closing_card(row)
    return [*wrap(card.who, WIDTH), *_indented(card.text), *_indented(listed(card.right, clauses=True))]


def _birthday(row: Row) -> list[str]:
    card = birthday_card(row)
    return [*wrap(card.who, WIDTH), *_indented(card.text)]


def funnel_letter(rows: list[Row], columns: int = WIDTH) -> list[str]:
    """A line for each stage, a second one for what it is worth."""
    lines = []
    for row in rows:
        name = clean(names.shown("stage", row["stage"], language()))
        share = [f"{row['share']:g}%"] if row["share"] is not None else []
        counted = listed([str(row["deals"]), *share], clauses=True)
        lines += wrap(t("{why}: {what}", why=name, what=counted), columns)
        worth = [cell("funnel", "amount", row)]
        if row["weighted"] is not None and row["kind"] == "open":
            worth.append(t("weighted {amount}", amount=cell("funnel", "weighted", row)))
        if row["conversion"] is not None:
            worth.append(t("{percent}% go on", percent=f"{row['conversion']:g}"))
        if row["median_days"] is not None:
            worth.append(t("{days} days", days=f"{row['median_days']:g}"))
        lines += ["  " + line for line in wrap(listed((text for text in worth if text), clauses=True), columns - 2)]
    return lines
