"""crm report rfm: who bought when, how often and for how much, in classes."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, option
from crm_cli.commands.reporting import Explain, reports, split_of
from crm_cli.context import App
from crm_cli.errors import Misuse

if TYPE_CHECKING:
    from datetime import date

    from crm_cli.queries.rfm import Answer, Asked

_BY_RANK = (
    "R = days since the last order until {day}, F = orders, M = their sum less what came back. Score = ceil({bins} x"
    " rank / customers), ranks of equal values averaged; R turned round. FM = (F + M) / 2, a half rounded up. High, for"
    " the groups, is a score from 4 on."
)
_BY_BREAKS = (
    "R = days since the last order until {day}, F = orders, M = their sum less what came back. Score = 1 + how many of"
    " the quantiles (type 7) at 1/{bins}, 2/{bins}, ... lie below the value; R turned round. FM = (F + M) / 2, a half"
    " rounded up. High, for the groups, is a score from 4 on."
)
_SOURCE = "Hughes, Strategic Database Marketing (1994); Bult & Wansbeek, Marketing Science 14(4), 1995"


@reports.command("rfm")
def rfm(
    ctx: Context,
    query: p.Query = None,
    as_of: Annotated[p.Text, option("--as-of", "as it stood on this day; today by default", "D", p.WHICH)] = None,
    window: Annotated[
        p.Text, option("--window", "orders of so long only: 24m, 90d; all by default", "24m", p.WHICH)
    ] = None,
    bins: Annotated[p.Text, option("--bins", "scores from 1 to so many; 5 by default", "N", p.OUTPUT)] = None,
    ties: Annotated[
        p.Text,
        option(
            "--ties", "how equal values are cut: by their mean rank, or by quantile breaks", "rank|breaks", p.OUTPUT
        ),
    ] = None,
    by: Annotated[
        p.Text, option("--by", "a row for each class, or each of the eight groups", "class|group", p.OUTPUT)
    ] = None,
    customers: Annotated[
        bool, typer.Option("--customers", help="a row for each customer", rich_help_panel=p.OUTPUT)
    ] = False,
    columns: p.Columns = None,
    explain: Explain = False,
) -> None:
    """Show recency, frequency and money of customers in classes, with a map."""
    from crm_cli.commands.columns import columns_of
    from crm_cli.output.rfm import show_customers, show_rfm
    from crm_cli.queries import rfm as asking
    from crm_cli.queries.conditions import condition

    app = ctx.obj
    split = split_of(by, ("class", "group"), "class")
    asked = _asked(app, as_of, window, bins, _word(ties, "ties", ("rank", "breaks")))
    keys = columns_of("rfm_customer", columns) if customers else columns_of("rfm", columns, split)
    with app.read() as db:
        where = condition(db, "customer", list(query or []), app.asker(db))
        found = asking.answer(db, asked._replace(where=where))
        rows = asking.customers(db, found) if customers and not explain else asking.classes(found, split)
    if explain:
        _explain(app, found)
    elif customers:
        show_customers(app.out, rows, keys)
    else:
        show_rfm(app.out, rows, split, asking.breaks(found), asking.cells(found), keys)
    _say(app, found)


def _asked(app: App, as_of: str | None, window: str | None, bins: str | None, ties: str) -> "Asked":
    from crm_cli.commands.columns import number
    from crm_cli.commands.reports import days_of
    from crm_cli.queries.rfm import Asked
    from crm_cli.rules.rfm import BINS, FEWEST_BINS, MOST_BINS

    day = days_of(app, None, as_of)[1] or app.today
    if day > app.today:
        raise Misuse(
            "{day} has not come yet", hint="Scores stand on what was ordered until a day.", day=day.isoformat()
        )
    many = BINS if bins is None else number(bins, "bins") or 0
    if not FEWEST_BINS <= many <= MOST_BINS:
        raise Misuse("--bins takes {low} to {high}, not {n}", low=FEWEST_BINS, high=MOST_BINS, n=bins)
    return Asked(day, _since(day, window), many, ties)


def _since(day: "date", window: str | None) -> "date | None":
    """The last day before the window, None where it goes back beyond all days. Months are counted as months: 24m ends
    on the same day of the month."""
    if window is None:
        return None
    import re

    from crm_cli.rules.days import add_days, add_months
    from crm_cli.rules.durations import parse_days

    months = re.fullmatch(r"([0-9]{1,3}) ?(?:m|mo|个?月)", window.strip().lower())
    try:
        if months and int(months[1]):
            return add_months(day, -int(months[1]))
        return add_days(day, -parse_days(window))
    except OverflowError:
        return None


def _word(typed: str | None, name: str, known: tuple[str, ...]) -> str:
    """One of a few words; the first where nothing was typed."""
    if typed is None:
        return known[0]
    from crm_cli.rules.fields import nearest

    word = typed.strip().lower()
    if word not in known:
        raise Misuse(
            "--{option} takes {known}, not {value}",
            instead=(typed, nearest(word, known)),
            option=name,
            known="|".join(known),
            value=typed,
        )
    return word


def _explain(app: App, found: "Answer") -> None:
    from crm_cli.i18n import t
    from crm_cli.output.explaining import show_explanation
    from crm_cli.queries.rfm import breaks

    if found.asked.ties == "rank":
        told = t(_BY_RANK, day=found.asked.as_of.isoformat(), bins=found.asked.bins)
    else:
        told = t(_BY_BREAKS, day=found.asked.as_of.isoformat(), bins=found.asked.bins)
    counted = {"customers": len(found.customers), "orders": found.orders, "returns": found.returns}
    left_out: dict[str, Any] = {"only_returns": found.only_returns, "ordered_before_the_window": found.before}
    more = {"as_of": found.asked.as_of.isoformat(), "currency": found.currency, "breaks": breaks(found)}
    show_explanation(app.out, told, _SOURCE, counted, left_out, more)


def _say(app: App, found: "Answer") -> None:
    """What nobody should overlook: who is left out, and where shares of the customers could not be taken."""
    out, scores = app.out, found.scores
    if found.only_returns:
        out.say_many(
            "{n} customer only returned, and is left out",
            "{n} customers only returned, and are left out",
            found.only_returns,
        )
    if found.before:
        one, many = (
            "{n} customer ordered before that only, and is left out",
            "{n} customers ordered before that only, and are left out",
        )
        out.say_many(one, many, found.before)
    if scores is None:
        return
    for name, scale in (("R", scores.r), ("F", scores.f), ("M", scores.m)):
        if scale.fixed == "few":
            out.say("Fewer customers than scores: cut at fixed values, not by shares")
            return
        if scale.fixed:
            out.say("{name} is the same for everybody: cut at fixed values, not by shares", name=name)
