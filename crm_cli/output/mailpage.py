"""A reminder as a page that a mail client shows: complete, small, styled in place, without anything to load."""

from typing import Any
from urllib.parse import quote

from crm_cli.i18n import language, t
from crm_cli.output.cells import cell
from crm_cli.output.reminders import sentence, what, who
from crm_cli.rules.text import clean

Row = dict[str, Any]
_MARKS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
_HEAD = """<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
</head>
<body style="margin:1em;max-width:40em;font-family:sans-serif;line-height:1.4">
<h1 style="font-size:1.2em">{title}</h1>
<ol style="padding-left:1.5em">
"""
_TAIL = "</ol>\n</body>\n</html>\n"


def page(rows: list[Row]) -> str:
    """The whole page; every value is escaped."""
    head = _HEAD.format(lang="zh-Hans" if language() == "zh" else "en", title=escape(sentence(rows)))
    return head + "".join(map(_item, rows)) + _TAIL


def _item(row: Row) -> str:
    lines = [
        f'<strong dir="auto">{escape(who(row) or what(row))}</strong>',
        f'<span dir="auto">{escape(what(row))}</span>' if who(row) else "",
        " · ".join([escape(cell("followup", "reason", row)), *_links(row), f"<code>{escape(row['ref'])}</code>"]),
        f'<span dir="auto" style="color:#555">{escape(_said(row))}</span>' if row["last_word"] else "",
    ]
    return '<li style="margin-bottom:1em">' + "<br>\n".join(line for line in lines if line) + "</li>\n"


def _links(row: Row) -> list[str]:
    """The phone number and the address, to be tapped."""
    found = []
    if row["phone"]:
        found.append(f'<a href="tel:{quote(str(row["dial"]), safe="+;=")}">{escape(clean(row["phone"]))}</a>')
    if row["email"]:
        # a ? or & in an address would begin a subject or a copy to somebody else
        found.append(f'<a href="mailto:{quote(row["email"], safe="@+")}">{escape(clean(row["email"]))}</a>')
    return found


def _said(row: Row) -> str:
    return t('{day}: "{text}"', day=row["last_on"], text=clean(row["last_word"]))


def escape(text: str) -> str:
    """Text that stays text between tags and within quotes."""
    return text.translate(_MARKS)
