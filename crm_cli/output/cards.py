"""Items on a screen of any width: a follow-up in two or three lines, a label with its text beside or below it."""

from collections.abc import Callable, Iterable
from typing import Any

from crm_cli.i18n import language, listed, t
from crm_cli.output.cells import cell, reach
from crm_cli.output.output import Output
from crm_cli.rules import names
from crm_cli.rules.days import spell_day
from crm_cli.rules.text import clean, fit, pad, width, wrap

Row = dict[str, Any]
BOLD, DIM, HEADING = "1", "2", "1;36"
_SAID = 60  # from this width on there is room for the last word
_LONGEST = 240  # what is said of one item does not fill the screen
_WIDEST = 100  # further apart, the eye loses the line between a name and its number
_BESIDE = 24  # a text stands beside its label where it has at least this room


def styled(text: str, code: str, colour: bool) -> str:
    """The text in bold, dim or the colour of a heading."""
    return f"\x1b[{code}m{text}\x1b[0m" if colour and text else text


class Card:
    """One item: `who`, her number and the reference to act on, why and what, the last word."""

    def __init__(self, who: str, number: str, ref: str, text: str, said: str = "") -> None:
        self.who = who
        self.right = [part for part in (number, ref) if part]
        self.text = text
        self.said = said

    def lines(self, columns: int, colour: bool) -> list[str]:
        """No line wider than `columns`; numbers and references are never cut short."""
        found = self._head(columns, colour)
        body = wrap(fit(self.text, _LONGEST), columns - 2) if self.text else [""]
        room = columns - 4 - width(body[-1])
        found += ["  " + line for line in body if line]
        if not self.said or columns < _SAID:
            return found
        if len(body) == 1 and width(self.said) <= room:
            found[-1] += "  " + styled(self.said, DIM, colour)
        else:
            found.append("  " + styled(fit(self.said, columns - 2), DIM, colour))
        return found

    def _head(self, columns: int, colour: bool) -> list[str]:
        right = "  ".join(self.right)
        room = columns - width(right) - 2
        if width(self.who) <= room:
            return [styled(self.who, BOLD, colour) + " " * (columns - width(self.who) - width(right)) + right]
        head = [styled(line, BOLD, colour) for line in wrap(fit(self.who, _LONGEST), columns)]
        if width(right) <= columns - 2:
            return [*head, "  " + right]
        return [*head, *("  " + line for part in self.right for line in wrap(part, columns - 2))]


def why_and_what(row: Row) -> str:
    """`due yesterday: send the quote`."""
    why, what = cell("followup", "reason", row), cell("followup", "what", row)
    return t("{why}: {what}", why=why, what=what) if what else why


def followup_card(row: Row) -> Card:
    """A row of the call sheet."""
    who = cell("followup", "customer", row) or t("no customer")
    said = f'{row["last_on"]} "{clean(row["last_word"])}"' if row["last_word"] else ""
    return Card(who, reach(row), row["ref"], why_and_what(row), said)


def closing_card(row: Row) -> Card:
    """A deal that is expected to close."""
    title = clean(f"{row['title']} ({row['customer']})" if row["customer"] else row["title"])
    stage = clean(names.shown("stage", row["stage"], language()))
    day = spell_day_of(row["expected_close_on"])
    text = t("closes {day}, in {stage}", day=day, stage=stage)
    if row["next_step"]:
        text = t("{why}: {what}", why=text, what=clean(row["next_step"]))
    return Card(title, cell("deal", "amount", row), f"deal:{row['id']}", text)


def birthday_card(row: Row) -> Card:
    """A person who has a birthday."""
    who = clean(f"{row['name']} ({row['customer']})" if row["customer"] else row["name"])
    day = spell_day_of(row["on"])
    text = (
        t("has a birthday on {day}", day=day)
        if row["age"] is None
        else t("turns {age} on {day}", age=row["age"], day=day)
    )
    return Card(who, "", f"{row['kind']}:{row['id']}", text)


def contact_card(row: Row) -> Card:
    """A person at a customer."""
    words = [clean(row["title"] or ""), cell("contact", "role", row), cell("contact", "email", row)]
    phone = cell("contact", "phone", row)
    return Card(clean(row["name"]), phone, f"contact:{row['id']}", listed(word for word in words if word))


def spell_day_of(day: str) -> str:
    """A kept day, spelled with its weekday."""
    from datetime import date

    return spell_day(date.fromisoformat(day), language())


def entry(label: str, text: str, indent: int, columns: int) -> list[str]:
    """`label  text`: wrapped beside its label, below it where the screen is narrow, whole without `columns`."""
    pieces = text.split("\n")
    if not columns:
        lines = pieces
    elif columns - indent < _BESIDE:
        lines = [piece for line in pieces for piece in wrap(line, columns - 2)]
        return [fit(label, columns), *("  " + line for line in lines)]
    else:
        lines = [piece for line in pieces for piece in wrap(line, columns - indent)]
    return [(pad(label, indent) + lines[0]).rstrip(), *(" " * indent + line for line in lines[1:])]


def facts(found: list[tuple[str, str]], columns: int) -> list[str]:
    """Labels with their values, two beside each other where both are short and the screen is wide enough."""
    indent = max((width(label) for label, _ in found), default=0) + 2
    half = (columns - 2) // 2
    is_wide = half - indent >= _BESIDE // 2 and columns >= _SAID
    lines: list[str] = []
    waiting = ""
    for label, text in found:
        single = pad(label, indent) + text
        if is_wide and "\n" not in text and width(single) <= half:
            if waiting:
                lines.append(pad(waiting, half + 2) + single)
            waiting = "" if waiting else single
            continue
        lines += [waiting] if waiting else []
        waiting = ""
        lines += entry(label, text, indent, columns)
    return [*lines, waiting] if waiting else lines


# ------------------------------------------------------------------ spoken


def title(out: Output, line: str) -> None:
    """The command that says what follows."""
    text = f"$ {line}"
    out.lines(["", f"## {line}", ""] if out.format == "md" else ["", styled(text, DIM, out.colour)])


def section(out: Output, title: str, count: int | None = None) -> None:
    """A heading over one part of an answer."""
    text = clean(title if count is None else f"{title} ({count})")
    out.lines(["", styled(fit(text, out.width) if out.is_terminal else text, HEADING, out.colour)])


def is_screen(out: Output) -> bool:
    """Whether a person looks: cards that show every number whole, where a table would cut it."""
    return out.format == "table" and out.is_terminal


def show(out: Output, card: Callable[[Row], Card], rows: Iterable[Row]) -> None:
    """Rows as cards, on a screen."""
    for row in rows:
        out.lines(card(row).lines(min(out.width, _WIDEST), out.colour))
