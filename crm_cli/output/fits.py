"""A fit on the screen: its parameters, and what speaks for and against it; also below what stands on it."""

from collections.abc import Callable, Sequence
from typing import Any

from crm_cli.i18n import language, listed, t, tn
from crm_cli.output import cards
from crm_cli.output.cells import cell
from crm_cli.output.explaining import show_explanation
from crm_cli.output.output import Output
from crm_cli.rules import names
from crm_cli.rules.fields import ANSWER_KEYS
from crm_cli.rules.money import format_number
from crm_cli.rules.prediction import FEWEST_REPEATERS
from crm_cli.rules.text import clean, width

Row = dict[str, Any]
Line = tuple[str, str]


# ------------------------------------------------------------------ a fit


def show_fit(out: Output, result: Row, *, trial: bool = False) -> None:
    """The parameters and what speaks for and against them; an object where JSON is asked for."""
    if out.is_data:
        out.record("predict_fit", result, ANSWER_KEYS["predict_fit"])
    elif out.format == "md":
        out.records("predict_fit", [result], [key for key in ANSWER_KEYS["predict_fit"] if key not in _NESTED])
    elif result["too_little"]:
        show_lines(out, _plain_rule(result))
    else:
        show_lines(out, _fit_lines(result))
        if result["holdout"]:
            _show_errors(out, result["holdout"])
    if result["too_little"]:
        out.say(
            "Too little data for a forecast: {n} bought again, and it takes {needed}. The plain rule: crm predict list",
            n=result["repeaters"],
            needed=FEWEST_REPEATERS,
        )
    elif trial:
        out.say("Trial, nothing was kept")
    else:
        out.say("Kept: crm predict list, crm predict show CUSTOMER")


_NESTED = ("holdout", "rhythm")  # what no cell of a page can hold


def _fit_lines(result: Row) -> list[Line]:
    lines = [
        (t("fitted to"), _whose(result)),
        (t("how often"), t("{parameters}; log likelihood {value} (BG/NBD, alpha in weeks)", **_often(result))),
        (t("how much"), _spend(result)),
        (t("correlation"), _correlation(result["correlation"])),
        (t("convergence"), listed(_search(result), clauses=True)),
        (t("usual interval"), t("{n} days", n=f"{result['interval_days']:g}")),
        (t("yearly discount"), t("{n} %", n=f"{result['discount']:g}")),
    ]
    return [*lines, (t("hold-out"), _tried(result["holdout"]))]


def _tried(tried: Row | None) -> str:
    if tried is None:
        return t("none: too few orders, or too short a time, to hold a part of them out")
    span = {"low": tried["from"], "high": tried["until"]}
    counts = {"n": f"{tried['customers']:,}", "orders": f"{tried['orders']:,}"}
    if tried["fitted_apart"]:
        return t("{n} customers from {low} to {high}, {orders} orders, by a fit to what was before", **span, **counts)
    return t("{n} customers from {low} to {high}, {orders} orders", **span, **counts)


def _whose(result: Row) -> str:
    """How many customers, until when, and whether they were chosen."""
    counts = {"n": f"{result['customers']:,}", "again": f"{result['repeaters']:,}", "day": result["as_of"]}
    if result["chosen"]:
        return t("{n} customers with orders until {day}, {again} of whom bought again; chosen by a query", **counts)
    return t("{n} customers with orders until {day}, {again} of whom bought again", **counts)


def _often(result: Row) -> dict[str, str]:
    parameters = ", ".join(f"{name} {result[name]:.3f}" for name in ("r", "alpha", "a", "b"))
    return {"parameters": parameters, "value": f"{result['log_likelihood']:.1f}"}


def _spend(result: Row) -> str:
    """The Gamma-Gamma model, or what takes its place."""
    mean = None if result["mean_spend"] is None else format_number(round(result["mean_spend"], 2), result["currency"])
    if result["p"] is None:
        return (
            t("no model of its own: everybody spends the mean, {mean}", mean=mean) if mean else t("no money is known")
        )
    return t(
        "{parameters}; log likelihood {value}, {n} customers, on average {mean} (Gamma-Gamma, v in {currency})",
        parameters=", ".join(f"{name} {result[name]:.2f}" for name in ("p", "q", "v")),
        value=f"{result['spend_log_likelihood']:.1f}",
        n=f"{result['spend_customers']:,}",
        mean=mean,
        currency=result["currency"],
    )


def _correlation(value: float | None) -> str:
    if value is None:
        return t("of how often and how much: not known, as one of them is the same for all")
    return t(
        "{value} of how often and how much, which the model of money takes for 0", value=f"{round(value, 2) + 0.0:.2f}"
    )


def _search(result: Row) -> list[str]:
    """What the searches for the parameters say of themselves."""
    settled = result["converged"] and result["spend_converged"] is not False
    at_edge = result["edge"] or result["spend_edge"]
    return [
        t("converged") if settled else t("did not converge: take the numbers with care"),
        t("a parameter ran to the edge of its range, where customers hardly differ")
        if at_edge
        else t("no parameter at the edge of its range"),
    ]


def _show_errors(out: Output, tried: Row) -> None:
    """The model beside the two plain guesses, and whether one of them came nearer."""
    out.lines([""])
    heads = [t("forecast by"), t("mean error"), t("root mean square"), t("orders"), t("off")]
    called = {"model": t("model"), "same_again": t("same again"), "recency": t("recency")}
    cells = [[name, *_errors_of(tried[key])] for key, name in called.items()]
    out.draw(heads, cells, ranks=[0, 0, 2, 1, 1], right={1, 2, 3, 4})
    out.lines(_fitted_in(out, verdict(tried)))


def _errors_of(its: Row) -> list[str]:
    off = "" if its["total_error"] is None else f"{its['total_error']:+.1f}%"
    return [f"{its['mae']:.3f}", f"{its['rmse']:.3f}", f"{its['forecast']:,.0f}", off]


def verdict(tried: Row) -> str:
    """Whether the model beats the plain guesses, and where it does not by which measures."""
    called = {"same_again": t("same again"), "recency": t("recency")}
    measures = {"mae": t("mean error"), "rmse": t("root mean square"), "total": t("number of orders")}
    better = [
        t("{guess} (by {measures})", guess=called[guess], measures=listed(measures[name] for name in by))
        for guess, by in tried["nearer"].items()
        if by
    ]
    if not better:
        return t("The model is nearer than both plain guesses by every measure.")
    return t("A plain guess came nearer than the model: {better}. Trust it the less.", better=listed(better))


def _plain_rule(result: Row) -> list[Line]:
    counts = result["rhythm"]
    lines = [(t("customers"), _whose(result))]
    if counts["interval_days"] is not None:
        lines.append((t("usual interval"), t("{n} days", n=f"{counts['interval_days']:g}")))
    states = [f"{cell('predict', 'state', {'state': name})} {counts[name]:,}" for name in _STATES if counts[name]]
    return [*lines, (t("plain rule"), listed(states) or t("nobody has ordered yet"))]


_STATES = ("steady", "warn", "lost", "unknown")


# ------------------------------------------------------------------ cells


def _alive(row: Row, value: Any) -> str:
    """A chance that nothing speaks for but a first purchase does not stand alone."""
    return t("{n}% (too little data)", n=f"{value:g}") if row.get("too_little") else f"{value:g}%"


def _state(row: Row, value: Any) -> str:
    words = {
        "none": t("no order"),
        "unknown": t("too little data"),
        "steady": t("steady"),
        "warn": t("silent for long"),
        "lost": names.shown("lifecycle", "lost", language()),
    }
    return words[value]


CELLS: dict[str, Callable[[Row, Any], str]] = {"alive": _alive, "state": _state}


# ------------------------------------------------------------------ a list


def say_left_out(out: Output, left_out: int) -> None:
    """Who has no row."""
    if left_out:
        one, many = (
            "{n} customer has not bought yet, and is left out",
            "{n} customers have not bought yet, and are left out",
        )
        out.say_many(one, many, left_out)


def say_fit(out: Output, fit: Row | None, rows: Sequence[Row]) -> None:
    """What the forecasts stand on, below them; where there is no fit, what that means."""
    if out.quiet:
        return
    if fit is None:
        out.say("Nothing is fitted yet, so this is the plain rule alone: crm predict fit")
        return
    for sentence in _stands_on(fit):
        out.tell(sentence)
    if any(row["currency"] != fit["currency"] for row in rows[:1]):
        out.say(
            "The fit counts money in {old}, and the base is another now: crm predict fit", old=fit["currency"] or "-"
        )


def _stands_on(fit: Row) -> list[str]:
    """The fit in a few sentences."""
    age = tn("fitted {n} day ago", "fitted {n} days ago", fit["age_days"]) if fit["age_days"] > 0 else t("fitted today")
    told = t("{parameters}; log likelihood {value} (BG/NBD, alpha in weeks)", **_often(fit))
    found = [t("{customers} ({age})", customers=_whose(fit), age=age), told, _spend(fit)]
    found.append(t("correlation {value}", value=_correlation(fit["correlation"])))
    found.append(listed(_search(fit), clauses=True))
    tried = fit["holdout"]
    if tried:
        errors = {key: f"{tried[key]['mae']:.3f}" for key in ("model", "same_again", "recency")}
        found.append(
            t(
                "hold-out, mean error in {days} days: model {model}, same again {same_again}, recency {recency}",
                days=tried["days"],
                **errors,
            )
        )
    found.append(t("clv: revenue of the next three years, at a discount of {n} % a year", n=f"{fit['discount']:g}"))
    return found


def explain(out: Output, fit: Row | None, rows: Sequence[Row], left_out: int) -> None:
    """How the columns come about, after whom, and who is left out."""
    plain = t(
        "risk: silent for how many of its intervals (60 points); fewer orders (25) and less contact (15) in the second"
        " half of its time than in the first. What is not known gives its points to the others. A warning after 2"
        " intervals, lost after 3. An interval is the median of the days between its orders, from 3 orders on, else"
        " that of all."
    )
    model = t(
        "alive = 1 / (1 + a / (b + x - 1) * ((alpha + T) / (alpha + t))^(r + x)), 1 where x = 0; x repeat purchases, t"
        " and T weeks from the first to the last and to today. expected = alive * the mean over p of"
        " (1 - (1 + p * w / (alpha + T))^-(r + x)) / p, p ~ Beta(a, b + x), w weeks. money = expected * p * (v + x * m)"
        " / (p * x + q - 1), m the mean of a repeat purchase. clv = the sum over n = 1 to 12 times 13 weeks of their"
        " money / (1 + d)^n, d the discount of 13 weeks. next order = (alpha + T) * (2^(1 / (r + x)) - 1) weeks from"
        " today, none where alive is below one half."
    )
    source = (
        "Fader, Hardie & Lee, Marketing Science 24(2) 2005 (BG/NBD); Fader & Hardie, note 025, 2013 (Gamma-Gamma);"
        " Fader, Hardie & Lee, Journal of Marketing Research 42(4) 2005"
    )
    formula = f"{plain} {model}" if fit else plain
    counted = {"customers": len(rows), "orders": sum(row["orders"] for row in rows)}
    show_explanation(out, formula, source if fit else "-", counted, {"without_orders": left_out}, {"fit": fit})


def show_lines(out: Output, lines: Sequence[Line]) -> None:
    """Labels with their texts, wrapped on a screen."""
    indent = max(width(label) for label, _ in lines) + 2
    room = out.width if out.is_terminal else 0
    for label, text in lines:
        out.lines(cards.entry(label, clean(text), indent, room))


def _fitted_in(out: Output, text: str) -> list[str]:
    from crm_cli.rules.text import wrap

    return wrap(text, out.width) if out.is_terminal else [text]
