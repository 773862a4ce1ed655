"""Whole answers on one screen: the day, the call sheet, the funnel."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from crm_cli.i18n import language, listed, t
from crm_cli.output import cards
from crm_cli.output.cells import cell, heading
from crm_cli.output.output import Output
from crm_cli.output.views import VIEWS
from crm_cli.rules import names
from crm_cli.rules.days import spell_day
from crm_cli.rules.text import clean, fit, width, wrap

Row = dict[str, Any]


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


# ------------------------------------------------------------------ today

SECTIONS = ("overdue", "due", "appointments", "closing", "quiet", "birthdays")
TITLES = {
    "overdue": "Overdue",
    "due": "Due today",
    "appointments": "Appointments",
    "closing": "Closing within 7 days",
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
            cards.section(out, t(TITLES[name]), len(answer[name]))
            _today_section(out, name, answer[name])


def _today_section(out: Output, name: str, rows: list[Row]) -> None:
    if cards.is_screen(out):
        cards.show(out, _CARDS.get(name, cards.followup_card), rows)
    elif name == "closing":
        out.records("deal", rows, ["id", "title", "customer", "stage", "amount", "expected_close_on", "next_step"])
    elif name == "birthdays":
        cells = [[row["on"], clean(row["name"]), clean(row["customer"] or ""), str(row["age"] or "")] for row in rows]
        heads = [t(word) for word in ("on", "name", "customer", "age")]
        if out.format == "md":
            out.markdown(heads, ["---", "---", "---", "---:"], cells)
        else:
            out.draw(heads, cells, ranks=[1, 0, 2, 3], right={3})
    else:
        out.records("followup", rows)


_CARDS = {"closing": cards.closing_card, "birthdays": cards.birthday_card}


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


def show_followups(
    out: Output,
    rows: list[Row],
    today: date,
    keys: Sequence[str] | None = None,
    *,
    narrowed: bool = False,
    ranked: bool = False,
) -> None:
    """The call sheet; on a screen with its buckets as headings. `narrowed`: only some were asked for; `ranked`: in an
    order of its own, which no headings break."""
    if out.format == "text":
        from crm_cli.output.letters import followups_letter

        out.lines(followups_letter(rows, today))
    elif not out.is_data and not rows:
        out.say("Nobody on the call sheet fits that." if narrowed else "Nothing is due. Enjoy the day.")
    elif keys or not cards.is_screen(out):
        out.records("followup", rows, keys)
    elif ranked:
        cards.show(out, cards.followup_card, rows)
    else:
        for bucket in names.values("bucket"):
            part = [row for row in rows if row["bucket"] == bucket]
            if part:
                cards.section(out, names.shown("bucket", bucket, language()).capitalize(), len(part))
                cards.show(out, cards.followup_card, part)


# ------------------------------------------------------------------ the funnel

_GIVES_WAY = ("median_days", "share", "conversion", "weighted")  # what a narrow screen leaves out, in this order


def show_funnel(
    out: Output, rows: list[Row], by: str, chosen: Sequence[str] | None = None, *, moved: Sequence[str] = ()
) -> None:
    """A row set per currency (and per owner, month, ...), with bars where a person looks; `moved` are the keys of a
    comparison, which stand in the place of the rest."""
    if out.is_data:
        out.records("funnel", rows, chosen or [*VIEWS["funnel"].keys, *([by] if by else []), *moved])
        return
    if moved and not chosen and out.format != "text":
        chosen = ["stage", "deals", *moved]
    if not any(row["deals"] or row.get("left") for row in rows):
        out.say("No deals here. Begin with: crm deal add TITLE --customer REF")
        return
    several = len({row["pipeline"] for row in rows}) > 1
    for n, (title, part) in enumerate(_row_sets(rows, by, several)):
        _funnel_set(out, title, part, chosen, is_first=n == 0)
    _tell_unweighted(out, rows)


def _funnel_set(out: Output, title: str, rows: list[Row], chosen: Sequence[str] | None, *, is_first: bool) -> None:
    if title:
        limit = 60 if out.format == "text" else out.width if out.is_terminal else width(clean(title))
        head = cards.styled(fit(clean(title), limit), cards.HEADING, out.colour and out.format == "table")
        out.lines([head] if is_first else ["", head])
    if chosen or out.format == "md":
        out.records("funnel", rows, chosen)
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
        words = [str(label) if label is not None else t("nobody") if by == "owner" else t("none") if by else ""]
        words.append(currency or "")
        words.append(names.shown("pipeline", pipeline, language()) if several else "")
        found.append(("  ".join(word for word in words if word) if len(sets) > 1 else "", part))
    return found


def _funnel_table(out: Output, rows: list[Row]) -> None:
    """What there is room for, with bars in what is left of the line."""
    from crm_cli.output.plain import GAP, LONGEST_BAR, SHORTEST_BAR, bars, column_widths

    keys = [key for key, _ in VIEWS["funnel"].columns]
    room = 0
    while True:
        heads = [heading("funnel", key) for key in keys]
        cells = [[cell("funnel", key, row) for key in keys] for row in rows]
        taken = sum(column_widths(heads, cells)) + GAP * (len(keys) - 1)
        room = out.width - taken if out.is_terminal else LONGEST_BAR + GAP
        left = [key for key in _GIVES_WAY if key in keys]
        if room - GAP >= SHORTEST_BAR or not left:
            break
        keys.remove(left[0])
    if room < 0 and out.is_terminal:
        from crm_cli.output.letters import funnel_letter

        out.lines(funnel_letter(rows, out.width))
        return
    drawn = bars([row["deals"] for row in rows], max(0, min(LONGEST_BAR, room - GAP)))
    if room - GAP >= SHORTEST_BAR:
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
            stages=listed(names.shown("stage", stage, language()) for stage in stages),
        )
