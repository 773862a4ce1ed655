"""The sales reports on the screen: forecast, conversion, velocity, wins and losses."""

from collections.abc import Sequence
from typing import Any

from crm_cli.i18n import language, said, t, tn
from crm_cli.output import cards
from crm_cli.output.output import Output
from crm_cli.output.reports import show_bars
from crm_cli.output.views import VIEWS
from crm_cli.rules import names
from crm_cli.rules.money import format_number
from crm_cli.rules.text import clean, fit

Row = dict[str, Any]
Note = tuple[str, dict[str, Any]]


def show_forecast(
    out: Output, rows: list[Row], by: str, chosen: Sequence[str] | None, notes: Sequence[Note], total: Row | None
) -> None:
    """A row a period or owner, with a bar for what is expected; the sum of all below."""
    none = t("nobody") if by == "owner" else t("no day")
    if _drawn(out, "forecast", rows, by, chosen, said("No open deals, and none that was won in this time."), none):
        shown, values = _named(rows, by, none), [float(row["expected"] or 0) for row in rows]
        if total and len(rows) > 1:
            shown, values = [*shown, {**total, by: t("total")}], [*values, 0]
        show_bars(out, "forecast", shown, _keys("forecast", by, shown), values)
    _say(out, notes)


def show_velocity(out: Output, rows: list[Row], by: str, chosen: Sequence[str] | None, notes: Sequence[Note]) -> None:
    """The four factors and what they come to; in words for a single row."""
    none = t("nobody") if by == "owner" else t("unknown")
    if _drawn(out, "velocity", rows, by, chosen, said("No deal was closed in this time."), none):
        keys = _keys("velocity", by, rows)
        values = [float(row["velocity"] or 0) * bool(by) for row in rows]
        show_bars(out, "velocity", _named(rows, by, none), keys, values)
    if rows and not out.is_data:
        low, high = min(row["first_closed_on"] for row in rows), max(row["last_closed_on"] for row in rows)
        out.say("Deals closed from {low} to {high}", low=low, high=high)
        if len(rows) == 1:
            _tell_velocity(out, rows[0])
    _say(out, notes)


def _tell_velocity(out: Output, row: Row) -> None:
    if not row["won"]:
        out.say("None of them was won: there is no velocity.")
    elif row["average_won"] is None:
        out.say("None of those won has an amount: there is no velocity.")
    elif row["velocity"] is None:
        out.say("All were won on the day they were opened: there is no time to divide by.")
    else:
        out.say(
            "{deals} deals x {average} x {rate}% / {days} days = {velocity} a day",
            deals=row["opportunities"],
            average=format_number(row["average_won"], row["currency"]),
            rate=f"{row['win_rate']:g}",
            days=f"{row['cycle_days']:g}",
            velocity=format_number(row["velocity"], row["currency"]),
        )


def show_wins(
    out: Output, rows: list[Row], by: str, chosen: Sequence[str] | None, notes: Sequence[Note], *, won: bool
) -> None:
    """Rows of won or of lost deals, with a bar for how many."""
    none = {"owner": t("nobody"), "size": t("no amount")}.get(by, t("unknown"))
    nothing = said("No deal was won in this time.") if won else said("No deal was lost in this time.")
    if _drawn(out, "wins", rows, by, chosen, nothing, none):
        show_bars(out, "wins", _named(rows, by, none), _keys("wins", by, rows), [row["deals"] for row in rows])
    _say(out, notes)


def show_conversion(out: Output, rows: list[Row], by: str, chosen: Sequence[str] | None, notes: Sequence[Note]) -> None:
    """A row set per cohort and pipeline, with a bar for how many came so far."""
    if out.is_data:
        out.records("conversion", rows, chosen or [*([by] if by else []), *VIEWS["conversion"].keys])
        return
    if not rows:
        out.say("No deal was opened in this time.")
        return
    several = len({row["pipeline"] for row in rows}) > 1
    sets: dict[tuple[Any, str], list[Row]] = {}
    for row in rows:
        sets.setdefault((row.get(by), row["pipeline"]), []).append(row)
    for n, ((label, pipeline), part) in enumerate(sets.items()):
        words = [_label(label, by)] if by else []
        words += [names.shown("pipeline", pipeline, language())] if several else []
        words.append(tn("{n} deal", "{n} deals", part[0]["deals"]))
        words += [t("unfinished: {n} open", n=sum(row["open"] for row in part))] if part[0]["unfinished"] else []
        title = clean("  ".join(words))
        head = cards.styled(fit(title, out.width) if out.is_terminal else title, cards.HEADING, out.colour)
        out.lines([head] if n == 0 else ["", head])
        if chosen or out.format == "md":
            out.records("conversion", part, chosen)
        else:
            keys = VIEWS["conversion"].table_keys
            shown = [key for key in keys if key != "open" or part[0]["unfinished"]]
            show_bars(out, "conversion", part, shown, [row["reached"] for row in part])
    _say(out, notes)


def _label(label: Any, by: str) -> str:
    if label is None:
        return t("nobody") if by == "owner" else t("unknown")
    return str(label)


# ------------------------------------------------------------------ what they share


def _drawn(
    out: Output, noun: str, rows: list[Row], by: str, chosen: Sequence[str] | None, nothing: str, none: str
) -> bool:
    """Whether a table with bars is still to be drawn; all else is printed here."""
    if out.is_data:
        out.records(noun, rows, chosen or [*([by] if by else []), *VIEWS[noun].keys])
    elif not rows:
        out.say(nothing)
    elif chosen or out.format == "md":
        out.records(noun, _named(rows, by, none), chosen or _keys(noun, by, rows))
    else:
        return True
    return False


def _keys(noun: str, by: str, rows: Sequence[Row]) -> list[str]:
    """The columns of the table: those that say something in some row."""
    keys = [key for key, rank in VIEWS[noun].columns if rank < 2 or any(row.get(key) not in (None, 0) for row in rows)]
    return [*([by] if by else []), *keys]


def _named(rows: Sequence[Row], by: str, none: str) -> list[Row]:
    return [{**row, by: none} if by and row[by] is None else row for row in rows]


def _say(out: Output, notes: Sequence[Note]) -> None:
    for sentence, holes in notes:
        out.say(sentence, **holes)
