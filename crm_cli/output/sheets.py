"""Whole answers on one screen: the day, the call sheet, the funnel, one record; and their letters for mail and phone."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from crm_cli.i18n import language, t
from crm_cli.output.cells import cell, heading
from crm_cli.output.output import Output
from crm_cli.output.views import VIEWS
from crm_cli.rules import names
from crm_cli.rules.days import spell_day
from crm_cli.rules.text import clean, clean_lines, pad, width, wrap

Row = dict[str, Any]
_LETTER = 60  # columns of a letter: what a phone shows without turning


def welcome(out: Output) -> None:
    """Three lines on how to begin."""
    out.print(t("Nothing here yet. Three ways to begin:"))
    out.print("  crm customer add \"Acme GmbH\" --email sales@acme.example")
    out.print("  crm import customers.csv --as customers")
    out.print(f"  crm demo    {t('a made-up company to play with')}")


def section(out: Output, title: str, count: int) -> None:
    """A heading over one part of an answer."""
    text = f"{title} ({count})"
    out.lines(["", f"\x1b[1m{clean(text)}\x1b[0m" if out.colour else clean(text)])


# ------------------------------------------------------------------ today

_SECTIONS = ("overdue", "due", "appointments", "closing", "quiet", "birthdays")
_TITLES = {
    "overdue": "Overdue",
    "due": "Due today",
    "appointments": "Appointments",
    "closing": "Closing this week",
    "quiet": "Quiet",
    "birthdays": "Birthdays",
}


def show_today(out: Output, answer: dict[str, list[Row]], today: date) -> None:
    """Sections that have something; as data, all of them."""
    if out.is_data:
        _today_data(out, answer)
        return
    if out.format == "text":
        from crm_cli.output.letters import today_letter

        out.lines(today_letter(answer, today))
        return
    counted = sum(len(answer[name]) for name in _SECTIONS)
    out.print(spell_day(today, language()) + ("" if counted else "  " + t("Nothing is due. Enjoy the day.")))
    for name in _SECTIONS:
        if answer[name]:
            section(out, t(_TITLES[name]), len(answer[name]))
            _today_section(out, name, answer[name])


def _today_section(out: Output, name: str, rows: list[Row]) -> None:
    if name == "closing":
        out.records("deal", rows, ["id", "title", "customer", "stage", "amount", "expected_close_on"])
    elif name == "birthdays":
        cells = [[row["on"], clean(row["name"]), clean(row["customer"] or ""), str(row["age"])] for row in rows]
        heads = [t(word) for word in ("on", "name", "customer", "age")]
        out.draw(heads, cells, ranks=[1, 0, 2, 3], right={3})
    else:
        out.records("followup", rows)


def _today_data(out: Output, answer: dict[str, list[Row]]) -> None:
    keys = VIEWS["followup"].keys
    plain = {
        name: [{key: row.get(key) for key in keys} for row in rows] if rows and "reason" in rows[0] else rows
        for name, rows in answer.items()
    }
    if out.format == "json":
        out.json(plain)
        return
    rows = [{"section": name, **{key: row.get(key) for key in keys}} for name in _SECTIONS for row in answer[name]]
    if out.format == "ids":
        rows = [row for row in rows if row["ref"]]
    out._data(VIEWS["followup"], rows, ["section", *keys])


# ------------------------------------------------------------------ the call sheet


def show_followups(out: Output, rows: list[Row], today: date) -> None:
    """The call sheet; on a screen with its buckets as headings."""
    if out.format == "text":
        from crm_cli.output.letters import followups_letter

        out.lines(followups_letter(rows, today))
        return
    if out.is_data or not out.is_terminal or not rows:
        out.records("followup", rows)
        return
    for bucket in names.values("bucket"):
        part = [row for row in rows if row["bucket"] == bucket]
        if part:
            section(out, names.shown("bucket", bucket, language()).capitalize(), len(part))
            out.records("followup", part)


# ------------------------------------------------------------------ the funnel

_BAR = 24


def show_funnel(out: Output, rows: list[Row], by: str) -> None:
    """A row set per currency (and per owner or month), with bars where a person looks."""
    keys = [*VIEWS["funnel"].keys, *([by] if by else [])]
    if out.is_data:
        out.records("funnel", rows, keys)
        return
    several = len({row["pipeline"] for row in rows}) > 1
    for title, part in _row_sets(rows, by, several):
        if title:
            out.lines(["", clean(title)])
        if out.format == "md":
            out.records("funnel", part)
        elif out.format == "text":
            from crm_cli.output.letters import funnel_letter

            out.lines(funnel_letter(part))
        else:
            _funnel_table(out, part)
    _tell_unweighted(out, rows)


def _row_sets(rows: list[Row], by: str, several: bool) -> list[tuple[str, list[Row]]]:
    sets: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        sets.setdefault((row.get(by) if by else None, row["currency"], row["pipeline"]), []).append(row)
    found = []
    for (label, currency, pipeline), part in sets.items():
        words = [str(label) if label is not None else t("nobody") if by == "owner" else "" if by else ""]
        words.append(currency or "")
        words.append(names.shown("pipeline", pipeline, language()) if several else "")
        found.append(("  ".join(word for word in words if word) if len(sets) > 1 else "", part))
    return found


def _funnel_table(out: Output, rows: list[Row]) -> None:
    from crm_cli.output.plain import bars

    view = VIEWS["funnel"]
    most = max((row["deals"] for row in rows), default=0)
    drawn = bars([row["deals"] for row in rows], _BAR if most else 0)
    keys = [key for key, _ in view.columns]
    cells = [[cell("funnel", key, row) for key in keys] + [bar] for row, bar in zip(rows, drawn, strict=True)]
    ranks = [rank for _, rank in view.columns] + [5]
    heads = [heading("funnel", key) for key in keys] + [""]
    out.draw(heads, cells, ranks=ranks, right=set(range(1, len(keys))))


def _tell_unweighted(out: Output, rows: list[Row]) -> None:
    left = sum(row["without_probability"] for row in rows)
    stages = sorted({row["stage"] for row in rows if row["without_probability"]})
    if left:
        out.say(
            "{n} deals without a probability are left out of the weighted sum: {stages}",
            n=left,
            stages=", ".join(names.shown("stage", stage, language()) for stage in stages),
        )


# ------------------------------------------------------------------ one record

_NESTED = ("contacts", "deals", "tasks", "interactions", "stage_changes")
_NAME_KEY = {"customer": "name", "contact": "name", "deal": "title", "task": "text", "interaction": "channel"}
_QUIET_KEYS = {"id", "uuid", "customer_id", "deal_id", "parent_id", "external_source", "removed_at", "currency"}
_SINGLES = {"email": "emails", "phone": "phones", "website": "websites", "won_amount": "won", "open_amount": "open"}


def show_record(out: Output, noun: str, record: Row) -> None:
    """Everything about one record: its facts, then what belongs to it."""
    if out.format in ("json", "jsonl"):
        out.json(record)
        return
    if out.format in ("csv", "tsv", "ids"):
        out.records(noun, [record])
        return
    name = clean(str(record[_NAME_KEY[noun]]))
    kind = names.shown("noun", noun, language())
    title = f"{name}  ({kind} {record['id']})"
    out.lines([f"\x1b[1m{title}\x1b[0m" if out.colour else title])
    for label, text in _facts(noun, record):
        _fact(out, label, text)
    for part in _NESTED:
        rows = record.get(part)
        if rows and not (noun == "deal" and part == "contacts"):
            section(out, t(part.replace("_", " ").capitalize()), len(rows))
            _nested(out, part, rows)


def _facts(noun: str, record: Row) -> list[tuple[str, str]]:
    facts = []
    for key in VIEWS[noun].keys:
        if key in _QUIET_KEYS or key == _NAME_KEY[noun] or key in _SINGLES or (key in _NESTED and noun != "deal"):
            continue
        if key in _NESTED and key != "contacts":
            continue
        text = "\n".join(clean_lines(str(record[key]))) if key in ("note", "address") and record.get(key) else cell(noun, key, record)
        if text and not (key == "open_deals" and text == "0"):
            facts.append((heading(noun, key), text))
    return facts


def _fact(out: Output, label: str, text: str) -> None:
    """`label  text`, the text wrapped beside its label on a screen and whole in a pipe."""
    indent = max(12, width(label) + 2)
    room = max(10, out.width - indent) if out.is_terminal else 0
    lines = [piece for line in text.split("\n") for piece in (wrap(line, room) if room else [line])]
    out.lines([pad(label, indent) + lines[0], *(" " * indent + line for line in lines[1:])])


def _nested(out: Output, part: str, rows: Sequence[Row]) -> None:
    if part == "stage_changes":
        heads = [t(word) for word in ("on", "from", "to", "days", "by")]
        cells = [
            [
                row["on"], *(clean(names.shown("stage", row[end] or "", language())) for end in ("from", "to")),
                "" if row["days_spent"] is None else str(row["days_spent"]), clean(row["by"] or ""),
            ]
            for row in rows
        ]  # fmt: skip
        out.draw(heads, cells, ranks=[0, 1, 0, 2, 3], right={3})
        return
    noun = part.rstrip("s")
    hidden = {"customer"}
    keys = [key for key, _ in VIEWS[noun].columns if key not in hidden and any(row.get(key) for row in rows)]
    if noun == "task":
        keys = [key for key in ("id", "due_on", "text", "done_at", "priority") if any(row.get(key) for row in rows)]
    if noun == "deal":
        keys = [key for key in ("id", "title", "stage", "amount", "expected_close_on", "closed_on") if any(row.get(key) for row in rows)]
    out.records(noun, list(rows), keys)


