"""One customer on the screen: what it did, what is likely to come, and every number in words."""

from operator import itemgetter
from typing import Any

from crm_cli.i18n import listed, t, tn
from crm_cli.output import cards
from crm_cli.output.cells import cell
from crm_cli.output.fits import Line, say_fit, show_lines
from crm_cli.output.output import Output
from crm_cli.rules.money import format_number
from crm_cli.rules.prediction import HORIZONS
from crm_cli.rules.text import clean

Row = dict[str, Any]


def show_prediction(out: Output, row: Row) -> None:
    """An object as JSON; for a person a line for each number, which says what it means and what it comes from."""
    if out.is_data or out.format == "md":
        out.record("predict", row)
    elif not row["orders"]:
        out.lines([clean(row["name"] or "")])
        out.say(
            "{name} has not bought yet: there is nothing to forecast from. Orders are added by crm order add",
            name=row["name"],
        )
    else:
        out.lines([clean(row["name"] or "")])
        show_lines(out, [*_history(row), *(_forecast(row) if row["alive"] is not None else [])])
    if row["orders"]:
        say_fit(out, row["fit"], [row])


def _history(row: Row) -> list[Line]:
    """What was, and the plain rule."""
    lines = [(t("orders"), _bought(row))]
    if row["interval_days"] is None:
        lines.append((t("rhythm"), t("not known: one day with an order, and no other customer to go by")))
    else:
        own = t("an order every {n} days, the median of its own intervals", n=f"{row['interval_days']:g}")
        all_ = t("an order every {n} days, as with all customers: too few of its own", n=f"{row['interval_days']:g}")
        lines.append((t("rhythm"), own if row["basis"] == "own" else all_))
        lines.append((t("plain rule"), _state(row)))
    if row["risk"] is not None:
        parts = listed((_part(part) for part in row["parts"]), clauses=True)
        lines.append((t("risk"), t("{n} of 100: {parts}", n=row["risk"], parts=parts)))
    if row["alive"] is None and row["next_order_on"]:
        lines.append((t("next order"), t("{day}, one interval after the last", day=row["next_order_on"])))
    return lines


def _bought(row: Row) -> str:
    days = tn("{n} day with an order", "{n} days with an order", row["orders"])
    if row["orders"] == 1:
        return t("{days}, {last}; {silent} days ago", days=days, last=row["last_order_on"], silent=row["silent_days"])
    return t(
        "{days} from {first} to {last}; the last {silent} days ago",
        days=days,
        first=row["first_order_on"],
        last=row["last_order_on"],
        silent=row["silent_days"],
    )


def _state(row: Row) -> str:
    return t(
        "{state}; a warning after {warn} days of silence, lost after {lost}",
        state=cell("predict", "state", row),
        warn=f"{row['warn_after_days']:g}",
        lost=f"{row['lost_after_days']:g}",
    )


def _part(part: Row) -> str:
    numbers = {name: f"{value:g}" for name, value in part["numbers"].items()}
    told = {"points": part["points"], "most": part["most"], **numbers}
    if part["name"] == "silence":
        return t("{points} of {most} for {silent} days of silence", **told)
    if part["name"] == "orders":
        return t(
            "{points} of {most} for orders, {earlier} in the first half of its time and {later} in the second", **told
        )
    return t("{points} of {most} for contact, {earlier} times in the first half and {later} in the second", **told)


def _forecast(row: Row) -> list[Line]:
    """What is to come, by the fit."""
    alive = cell("predict", "alive", row)
    lines = [(t("still a customer"), _alive(row, alive))]
    ahead = [(n, row[f"expected_{n}"], row[f"money_{n}"]) for n in HORIZONS]
    if row["within_days"] is not None:
        ahead.append((row["within_days"], row["expected"], row["money"]))
    for days, orders, money in sorted(ahead, key=itemgetter(0)):
        told = t("{orders} orders", orders=f"{orders:.3f}")
        if money is not None:
            told = t("{orders} orders, {money}", orders=f"{orders:.3f}", money=format_number(money, row["currency"]))
        lines.append((t("next {n} days", n=days), told))
    if row["spend"] is not None:
        lines += [(t("a purchase"), _purchase(row)), (t("worth"), _worth(row))]
    return [*lines, (t("next order"), _next(row))]


def _alive(row: Row, alive: str) -> str:
    if row["too_little"]:
        return t("{alive}: it bought on one day only, for which the model always says 100 %", alive=alive)
    return t(
        "{alive}, by how often it bought in {weeks} weeks and when last", alive=alive, weeks=f"{row['age_weeks']:g}"
    )


def _purchase(row: Row) -> str:
    spend = format_number(row["spend"], row["currency"])
    if row["mean"] is None:
        return t("{spend}, the mean of all customers, as it did not buy again", spend=spend)
    own = format_number(row["mean"], row["currency"])
    one = "{spend}, between its own {mean} over {n} repeat purchase and the mean of all"
    return tn(
        one,
        "{spend}, between its own {mean} over {n} repeat purchases and the mean of all",
        row["repeats"],
        spend=spend,
        mean=own,
    )


def _worth(row: Row) -> str:
    worth, discount = format_number(row["clv"], row["currency"]), f"{row['fit']['discount']:g}"
    return t("{worth} today: revenue of the next three years, at a discount of {n} % a year", worth=worth, n=discount)


def _next(row: Row) -> str:
    if row["next_order_on"]:
        return t("by {day} as likely as not, if it is still a customer", day=cards.spell_day_of(row["next_order_on"]))
    if row["alive"] < 50:
        return t("none is likely")
    return t("not within two years")
