"""A reminder in the format asked for: a letter for a phone, a page for mail, a calendar, or data."""

import copy
import io
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from crm_cli.i18n import listed, t, tn
from crm_cli.output.cells import cell, reach
from crm_cli.output.letters import WIDTH
from crm_cli.output.output import Output
from crm_cli.rules.text import clean, fit, width

if TYPE_CHECKING:
    from crm_cli.formats.ics import Entry

Row = dict[str, Any]
FORMATS = ("text", "html", "ics")  # beside those of every command
_LEAST_WHO = 26  # columns of a line that the name keeps beside a long text
_INDENT = "  "


def reminder(out: Output, rows: list[Row]) -> str:
    """The whole answer as one text. Without rows it is empty for people, and an empty list for machines."""
    if out.format == "ics":
        return _calendar(rows).replace("\r\n", "\n" if out.is_terminal else "\r\n")
    if not rows and (not out.is_data or out.format == "html"):
        return ""
    if out.format == "text":
        return "".join(line + "\n" for line in letter(rows))
    if out.format == "html":
        from crm_cli.output.mailpage import page

        return page(rows)
    return _records(out, rows)


def _records(out: Output, rows: list[Row]) -> str:
    """What the call sheet would print; as Markdown with the sentence above it."""
    draft = copy.copy(out)
    draft.out = written = io.StringIO(newline="")
    if out.format == "md":
        from crm_cli.output.output import escape_markdown

        draft.lines([escape_markdown(sentence(rows)), ""])
    draft.records("followup", rows)
    return written.getvalue()


# ------------------------------------------------------------------ the letter


def letter(rows: list[Row]) -> list[str]:
    """The message in one sentence, then two lines for each; none is wider than 60 columns."""
    lines = [sentence(rows)]
    for row in rows:
        lines += [_who_and_what(row), _how_and_why(row)]
    return lines


def sentence(rows: list[Row]) -> str:
    """`3 things are due, 1 late: Acme GmbH, Globex and 1 more`, at most 60 columns wide."""
    if len(rows) == 1:
        only = t("{why}: {what}", why=who(rows[0]), what=what(rows[0])) if who(rows[0]) else what(rows[0])
        return fit(t("{n} thing is due: {names}", n=1, names=only), WIDTH)
    late = sum(1 for row in rows if row["bucket"] == "overdue")
    names = list(dict.fromkeys(clean(str(row["customer"] or row["what"])) for row in rows))
    whole = "{n} things are due, {late} late: {names}" if late else "{n} things are due: {names}"
    return t(
        whole, n=len(rows), late=late, names=_listed(names, WIDTH - width(t(whole, n=len(rows), late=late, names="")))
    )


def _listed(names: list[str], room: int) -> str:
    """As many names as there is room for, and how many more there are."""
    for shown in range(min(len(names), room // 3), 1, -1):
        joined = _joined(names, shown)
        if width(joined) <= room:
            return joined
    tail = _joined(["", *names[1:]], 1)
    return fit(names[0], room - width(tail)) + tail


def _joined(names: list[str], shown: int) -> str:
    """`Acme GmbH, Globex and 3 more`."""
    first = listed(names[:shown])
    left = len(names) - shown
    return tn("{names} and {n} more", "{names} and {n} more", left, names=first) if left else first


def who(row: Row) -> str:
    """The person and the customer."""
    return cell("followup", "customer", row)


def what(row: Row) -> str:
    """What there is to do."""
    return cell("followup", "what", row)


def number(row: Row) -> str:
    """What a phone can tap: the number without breaks, or the address where that is preferred."""
    shown = reach(row)
    if not row.get("phone") or shown != clean(str(row["phone"])):
        return shown
    dialled, _, extension = str(row["dial"]).partition(";ext=")
    return (
        t("{number} ext. {extension}", number=clean(dialled), extension=clean(extension))
        if extension
        else clean(dialled)
    )


def _who_and_what(row: Row) -> str:
    name, text = who(row), what(row)
    if not name:
        return fit(text, WIDTH)
    room = max(_LEAST_WHO, WIDTH - width(text) - 2)
    return fit(t("{why}: {what}", why=fit(name, room), what=text), WIDTH)


def _how_and_why(row: Row) -> str:
    """The number first, whole where that is possible; the reason gives way, then the reference."""
    reached, ref, room = number(row), row["ref"], WIDTH - len(_INDENT)
    if width(reached) + len(ref) + 2 > room:
        return _INDENT + fit(reached, room)
    left = room - len(ref) - (width(reached) + 4 if reached else 2)
    why = fit(cell("followup", "reason", row), left) if left >= 6 else ""
    return _INDENT + "  ".join(part for part in (reached, why, ref) if part)


# ------------------------------------------------------------------ the calendar


def _calendar(rows: list[Row]) -> str:
    from crm_cli.formats.ics import calendar

    return calendar(entries(rows), name=t("Follow-ups"))


def entries(rows: list[Row]) -> list["Entry"]:
    """Follow-ups as a calendar has them; each keeps its place there from one calendar to the next."""
    from crm_cli.formats.ics import Entry

    return [
        Entry(
            uid=row["uuid"] if row["kind"] == "task" else f"{row['uuid']}-{row['kind']}",
            revised=datetime.fromisoformat(row["updated_at"]).astimezone(UTC),
            when=datetime.fromisoformat(row["due_at"]) if row["due_at"] else date.fromisoformat(row["due_on"]),
            summary=": ".join(part for part in (who(row), what(row)) if part),
            description="\n".join(_described(row)),
            priority=row["priority"],
        )
        for row in rows
    ]


def _described(row: Row) -> list[str]:
    """How to reach her, the last word said, and the reference."""
    said = f'{row["last_on"]} "{row["last_word"]}"' if row["last_word"] else ""
    phone = number({**row, "prefers": "call"}) if row["phone"] else ""
    return [part for part in (phone, row["email"] or "", said, row["ref"]) if part]
