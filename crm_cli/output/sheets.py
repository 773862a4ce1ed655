"""Whole answers on one screen: the day, the call sheet, the funnel, one record; and their letters."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from crm_cli.i18n import language, t, tn
from crm_cli.output import cards
from crm_cli.output.cells import cell, heading
from crm_cli.output.output import Output
from crm_cli.output.views import VIEWS, is_right
from crm_cli.rules import names
from crm_cli.rules.days import spell_day
from crm_cli.rules.text import clean, clean_lines, fit, width, wrap

Row = dict[str, Any]
_WIDEST = 100  # further apart, the eye loses the line between a name and its number


def welcome(out: Output) -> None:
    """Three lines on how to begin."""
    ways = (
        ('crm customer add "Acme GmbH"', t("type in a customer")),
        ("crm import customers.csv --as customers", t("load a file of another system")),
        ("crm demo", t("play with a made-up company")),
    )
    columns = out.width if out.is_terminal else 80
    out.lines(wrap(t("Nothing here yet. Three ways to begin:"), columns))
    for line, what in ways:
        out.lines(cards.entry(line, what, 41, columns))


def title(out: Output, line: str) -> None:
    """The command that says what follows."""
    text = f"$ {line}"
    out.lines(["", f"## {line}", ""] if out.format == "md" else ["", cards.styled(text, cards.DIM, out.colour)])


def section(out: Output, title: str, count: int) -> None:
    """A heading over one part of an answer."""
    text = clean(f"{title} ({count})")
    out.lines(["", cards.styled(fit(text, out.width) if out.is_terminal else text, cards.HEADING, out.colour)])


def _is_screen(out: Output) -> bool:
    """Whether a person looks: cards that show every number whole, where a table would cut it."""
    return out.format == "table" and out.is_terminal


# ------------------------------------------------------------------ today

SECTIONS = ("overdue", "due", "appointments", "closing", "quiet", "birthdays")
TITLES = {
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
    day = spell_day(today, language())
    if not any(answer[name] for name in SECTIONS):
        day += "  " + t("Nothing is due. Enjoy the day.")
    lines = wrap(day, out.width) if out.is_terminal else [day]
    out.lines(cards.styled(line, cards.BOLD, out.colour) for line in lines)
    for name in SECTIONS:
        if answer[name]:
            section(out, t(TITLES[name]), len(answer[name]))
            _today_section(out, name, answer[name])


def _today_section(out: Output, name: str, rows: list[Row]) -> None:
    if _is_screen(out):
        _cards(out, _CARDS.get(name, cards.followup_card), rows)
    elif name == "closing":
        out.records("deal", rows, ["id", "title", "customer", "stage", "amount", "expected_close_on", "next_step"])
    elif name == "birthdays":
        cells = [[row["on"], clean(row["name"]), clean(row["customer"] or ""), str(row["age"])] for row in rows]
        heads = [t(word) for word in ("on", "name", "customer", "age")]
        if out.format == "md":
            out.markdown(heads, ["---", "---", "---", "---:"], cells)
        else:
            out.draw(heads, cells, ranks=[1, 0, 2, 3], right={3})
    else:
        out.records("followup", rows)


_CARDS = {"closing": cards.closing_card, "birthdays": cards.birthday_card}


def _cards(out: Output, card: Callable[[Row], cards.Card], rows: Sequence[Row]) -> None:
    for row in rows:
        out.lines(card(row).lines(min(out.width, _WIDEST), out.colour))


def today_data(answer: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """The six arrays with their public keys."""
    sheets = {name: published("followup", answer[name]) for name in ("overdue", "due", "appointments", "quiet")}
    return {name: sheets.get(name, answer[name]) for name in SECTIONS}


def published(noun: str, rows: Sequence[Row]) -> list[Row]:
    """Rows with the public keys of an answer and nothing else."""
    keys = VIEWS[noun].keys
    return [{key: row.get(key) for key in keys} for row in rows]


def _today_data(out: Output, answer: dict[str, list[Row]]) -> None:
    if out.format == "json":
        out.json(today_data(answer))
        return
    keys = VIEWS["followup"].keys
    rows = [{"section": name, **{key: row.get(key) for key in keys}} for name in SECTIONS for row in answer[name]]
    if out.format == "ids":
        rows = [row for row in rows if row["ref"]]
    out._data(VIEWS["followup"], rows, ["section", *keys])


# ------------------------------------------------------------------ the call sheet


def show_followups(out: Output, rows: list[Row], today: date) -> None:
    """The call sheet; on a screen with its buckets as headings."""
    if out.format == "text":
        from crm_cli.output.letters import followups_letter

        out.lines(followups_letter(rows, today))
    elif not out.is_data and not rows:
        out.say("Nothing is due. Enjoy the day.")
    elif not _is_screen(out):
        out.records("followup", rows)
    else:
        for bucket in names.values("bucket"):
            part = [row for row in rows if row["bucket"] == bucket]
            if part:
                section(out, names.shown("bucket", bucket, language()).capitalize(), len(part))
                _cards(out, cards.followup_card, part)


# ------------------------------------------------------------------ the funnel

_BAR = 24
_SHORTEST_BAR = 6
_GIVES_WAY = ("median_days", "share", "conversion", "weighted")  # what a narrow screen leaves out, in this order


def show_funnel(out: Output, rows: list[Row], by: str) -> None:
    """A row set per currency (and per owner or month), with bars where a person looks."""
    keys = [*VIEWS["funnel"].keys, *([by] if by else [])]
    if out.is_data:
        out.records("funnel", rows, keys)
        return
    if not any(row["deals"] for row in rows):
        out.say("No deals here. Begin with: crm deal add TITLE --customer REF")
        return
    several = len({row["pipeline"] for row in rows}) > 1
    for n, (title, part) in enumerate(_row_sets(rows, by, several)):
        _funnel_set(out, title, part, is_first=n == 0)
    _tell_unweighted(out, rows)


def _funnel_set(out: Output, title: str, rows: list[Row], *, is_first: bool) -> None:
    if title:
        limit = 60 if out.format == "text" else out.width if out.is_terminal else width(clean(title))
        head = cards.styled(fit(clean(title), limit), cards.HEADING, out.colour and out.format == "table")
        out.lines([head] if is_first else ["", head])
    if out.format == "md":
        out.records("funnel", rows)
    elif out.format == "text":
        from crm_cli.output.letters import WIDTH, funnel_letter

        out.lines(funnel_letter(rows, WIDTH))
    else:
        _funnel_table(out, rows)


def _row_sets(rows: list[Row], by: str, several: bool) -> list[tuple[str, list[Row]]]:
    sets: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        sets.setdefault((row.get(by) if by else None, row["currency"], row["pipeline"]), []).append(row)
    found = []
    for (label, currency, pipeline), part in sets.items():
        words = [str(label) if label is not None else t("nobody") if by == "owner" else ""]
        words.append(currency or "")
        words.append(names.shown("pipeline", pipeline, language()) if several else "")
        found.append(("  ".join(word for word in words if word) if len(sets) > 1 else "", part))
    return found


def _funnel_table(out: Output, rows: list[Row]) -> None:
    """What there is room for, with bars in what is left of the line."""
    from crm_cli.output.plain import GAP, bars, column_widths

    keys = [key for key, _ in VIEWS["funnel"].columns]
    room = 0
    while True:
        heads = [heading("funnel", key) for key in keys]
        cells = [[cell("funnel", key, row) for key in keys] for row in rows]
        taken = sum(column_widths(heads, cells)) + GAP * (len(keys) - 1)
        room = out.width - taken if out.is_terminal else _BAR + GAP
        left = [key for key in _GIVES_WAY if key in keys]
        if room - GAP >= _SHORTEST_BAR or not left:
            break
        keys.remove(left[0])
    if room < 0 and out.is_terminal:
        from crm_cli.output.letters import funnel_letter

        out.lines(funnel_letter(rows, out.width))
        return
    drawn = bars([row["deals"] for row in rows], max(0, min(_BAR, room - GAP)))
    if room - GAP >= _SHORTEST_BAR:
        heads.append("")
        cells = [[*line, bar] for line, bar in zip(cells, drawn, strict=True)]
    ranks = [{"stage": 0, "deals": 1, "amount": 0}.get(key, 2) for key in keys] + [3] * (len(heads) - len(keys))
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

_NESTED = ("tasks", "deals", "contacts", "interactions", "stage_changes")
_NAME_KEY = {"customer": "name", "contact": "name", "deal": "title", "task": "text", "interaction": "channel"}
_QUIET_KEYS = {"id", "uuid", "customer_id", "deal_id", "parent_id", "external_source", "removed_at", "currency"}
_SINGLES = {"email": "emails", "phone": "phones", "website": "websites", "won_amount": "won", "open_amount": "open"}
_NEWEST = 8  # interactions and stage changes on a screen; a pipe gets them all
_PLANS: dict[str, list[tuple[str, int]]] = {
    "contacts": [("id", 5), ("name", 0), ("title", 3), ("role", 2), ("phone", 1), ("email", 4)],
    "deals": [("id", 4), ("title", 0), ("stage", 2), ("amount", 1), ("expected_close_on", 3), ("closed_on", 5)],
    "tasks": [("id", 2), ("due_on", 1), ("text", 0), ("done_at", 3), ("priority", 4)],
    "interactions": [("id", 4), ("at", 1), ("channel", 2), ("text", 0), ("deal", 3), ("owner", 5)],
}


def show_record(out: Output, noun: str, record: Row) -> None:
    """Everything about one record: its facts, then what belongs to it, what is to be done first."""
    if out.format in ("json", "jsonl"):
        out.json(record)
        return
    if out.format in ("csv", "tsv", "ids"):
        out.records(noun, [record])
        return
    columns = out.width if out.is_terminal else 0
    kind = names.shown("noun", noun, language())
    name = cell(noun, _NAME_KEY[noun], record) if noun == "interaction" else clean(str(record[_NAME_KEY[noun]]))
    title = f"{name}  ({kind} {record['id']})"
    out.lines(cards.styled(line, cards.BOLD, out.colour) for line in (wrap(title, columns) if columns else [title]))
    found = _facts(noun, record)
    out.lines(cards.facts(found, columns) if columns else _whole(found))
    for part in _NESTED:
        rows = record.get(part)
        if not rows or (noun == "deal" and part == "contacts"):
            continue
        if columns and part == "contacts":
            section(out, t(_PARTS[part]), len(rows))
            _cards(out, cards.contact_card, sorted(rows, key=lambda row: row["role"] != "decision-maker"))
        elif columns and part != "deals":
            _newest(out, noun, record, part, rows)
        else:
            section(out, t(_PARTS[part]), len(rows))
            _nested(out, part, rows)


_PARTS = {
    "tasks": "Tasks",
    "deals": "Deals",
    "contacts": "Contacts",
    "interactions": "Interactions",
    "stage_changes": "Stage changes",
}


def _whole(found: list[tuple[str, str]]) -> list[str]:
    return [line for label, text in found for line in cards.entry(label, text, max(12, width(label) + 2), 0)]


def _facts(noun: str, record: Row) -> list[tuple[str, str]]:
    facts = []
    for key in VIEWS[noun].keys:
        if key in _QUIET_KEYS or key == _NAME_KEY[noun] or key in _SINGLES or (key in _NESTED and noun != "deal"):
            continue
        if key in _NESTED and key != "contacts":
            continue
        if key == "updated_at" and record.get(key) == record.get("created_at"):
            continue
        is_long = key in ("note", "address", "text") and record.get(key)
        text = "\n".join(clean_lines(str(record[key]))) if is_long else cell(noun, key, record)
        if text and not (key == "open_deals" and text == "0"):
            facts.append((heading(noun, key), text))
    return facts


def _newest(out: Output, noun: str, record: Row, part: str, rows: list[Row]) -> None:
    """What happened and what is to be done, as lines of a diary; the newest only, and how to see the rest."""
    shown = [row for row in rows if not row["done_at"]] if part == "tasks" else rows
    shown = shown[-_NEWEST:] if part == "stage_changes" else shown[:_NEWEST]
    left = len(rows) - len(shown)
    if shown:
        section(out, t(_PARTS[part]), len(shown) if part == "tasks" else len(rows))
    indent = max((width(_diary(part, row)[0]) for row in shown), default=0) + 2
    for row in shown:
        label, text = _diary(part, row)
        out.lines(cards.entry(label, text, indent, out.width))
    if left and part == "tasks" and noun == "contact":
        out.lines(_more(out, t("{n} done", n=left)))
    elif left and part == "tasks":
        line = f"crm task list --all {noun}_id:{record['id']}"
        out.lines(_more(out, t("{n} done: {line}", n=left, line=line)))
    elif left and part == "interactions":
        line = f"crm interaction list {_query(noun, record)}"
        out.lines(_more(out, t("{n} more: {line}", n=left, line=clean(line))))


def _query(noun: str, record: Row) -> str:
    """What finds the interactions of the record, ready to paste."""
    if noun != "contact":
        return f"{noun}_id:{record['id']}"
    import shlex

    return shlex.quote(f'contact:"{record["name"]}"')


def _more(out: Output, text: str) -> list[str]:
    return [cards.styled(line, cards.DIM, out.colour) for line in wrap(text, out.width)]


def _diary(part: str, row: Row) -> tuple[str, str]:
    """The day with what it was, and the words."""
    if part == "tasks":
        time = cell("task", "due_at", row)[11:]
        label = " ".join(word for word in (row["due_on"] or t("no due day"), time) if word)
        priority = "" if row["priority"] == "normal" else f" ({names.shown('priority', row['priority'], language())})"
        return label, f"{clean(row['text'])}{priority}, task:{row['id']}"
    if part == "stage_changes":
        ends = [clean(names.shown("stage", row[end], language())) for end in ("from", "to") if row[end]]
        days = tn("after {n} day", "after {n} days", row["days_spent"]) if row["days_spent"] is not None else ""
        return row["on"], ", ".join(text for text in (" -> ".join(ends), days, clean(row["by"] or "")) if text)
    channel = clean(names.shown("channel", row["channel"], language()))
    outcome = f"({row['outcome']})" if row["outcome"] else ""
    text = " ".join(clean_lines(f"{row['text'] or ''} {outcome}".strip()))
    return f"{row['at'][:10]} {channel}", text or "-"


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
        if out.format == "md":
            out.markdown(heads, ["---", "---", "---", "---:", "---"], cells)
        else:
            out.draw(heads, cells, ranks=[0, 1, 0, 2, 3], right={3})
        return
    noun = part.rstrip("s")
    plan = [(key, rank) for key, rank in _PLANS[part] if any(row.get(key) for row in rows)]
    if out.format == "md":
        out.records(noun, list(rows), [key for key, _ in plan])
        return
    right = {i for i, (key, _) in enumerate(plan) if is_right(noun, key)}
    heads = [heading(noun, key) for key, _ in plan]
    cells = [[cell(noun, key, row) for key, _ in plan] for row in rows]
    out.draw(heads, cells, ranks=[rank for _, rank in plan], right=right)
