"""crm predict: who is slipping away, what customers are likely to order next, and what they are worth."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, noun, option
from crm_cli.commands.reporting import Explain
from crm_cli.context import App
from crm_cli.errors import Misuse

if TYPE_CHECKING:
    from crm_cli.queries.predictions import Kept

predicts = noun()
nouns = {"predict": predicts}

Within = Annotated[
    p.Text, option("--within", "orders and money in so long too, beside 30, 90 and 365 days: 26w", "39w", p.OUTPUT)
]


@predicts.command("fit")
def fit(
    ctx: Context,
    query: p.Query = None,
    holdout: Annotated[
        p.Text, option("--holdout", "fit without the orders of the last so long, and hold it against them: 26w", "26w")
    ] = None,
    discount: Annotated[
        p.Text, option("--discount", "what money to come loses in a year; 10% by default", "10%")
    ] = None,
) -> None:
    """Fit the models of purchase to the orders of all customers, or of some, and keep the fit."""
    from crm_cli.actions.predictions import keep_fit
    from crm_cli.output.fits import show_fit
    from crm_cli.queries.conditions import condition
    from crm_cli.queries.fits import fit as fitted
    from crm_cli.store.writer import transaction

    app, typed = ctx.obj, list(query or [])
    yearly, days = _discount(discount), _days(holdout)
    with app.read() as db:
        asker = app.asker(db)
        where = condition(db, "customer", typed, asker)
        result = fitted(db, asker, where, hold_out=days, discount=yearly)
    result["chosen"] = bool(typed)  # not by which words: no privacy erase would find a name in them
    if not (app.dry_run or result["too_little"]):
        with transaction(app.database) as hand:
            keep_fit(hand, result, app.now)
    show_fit(app.out, result, trial=app.dry_run)


@predicts.command("list")
def list_(
    ctx: Context,
    query: p.Query = None,
    columns: p.Columns = None,
    sort: p.Sort = None,
    limit: p.Limit = None,
    offset: p.Offset = None,
    within: Within = None,
    explain: Explain = False,
) -> None:
    """List customers by what is to be expected of them: still one, orders, money, worth, next order, risk."""
    from crm_cli.commands.columns import columns_of
    from crm_cli.commands.lists import page_of, show_small
    from crm_cli.output.fits import explain as show_explanation
    from crm_cli.output.fits import say_fit, say_left_out
    from crm_cli.queries import predictions as asking
    from crm_cli.queries.conditions import condition

    app = ctx.obj
    columns_of("predict", columns)  # a slip is said before anything is worked out
    page_of(sort, limit, offset)
    days = _days(within)
    with app.read() as db:
        asker = app.asker(db)
        where = condition(db, "customer", list(query or []), asker)
        found = asking.kept(db)
        answer = asking.predictions(db, asker, where, found, within=days)
    if explain:
        show_explanation(app.out, _published(app, found), answer.rows, answer.left_out)
        return
    show_small(app, "predict", answer.rows, columns, sort or "-clv,-risk", limit, offset)
    say_left_out(app.out, answer.left_out)
    say_fit(app.out, _published(app, found), answer.rows)


@predicts.command("show")
def show(
    ctx: Context,
    customer: Annotated[
        p.Text, typer.Argument(metavar="CUSTOMER", help="a customer: id, name, e-mail or phone")
    ] = None,
    within: Within = None,
) -> None:
    """Show what is to be expected of one customer, with every number explained."""
    from crm_cli.commands import ask
    from crm_cli.output.predictions import show_prediction
    from crm_cli.queries.find import Finder
    from crm_cli.queries.predictions import kept, prediction_of

    app, days = ctx.obj, _days(within)
    text = ask.need_ref(app, customer, "customer", ["customer"])
    with app.read() as db:
        one = Finder(db, ["customer"], country=app.country).one(text)
        row = prediction_of(db, app.asker(db), one.id, one.name, kept(db), within=days)
    show_prediction(app.out, row)


def _published(app: App, found: "Kept | None") -> dict[str, Any] | None:
    return found.published(app.today) if found else None


def _days(typed: str | None) -> int | None:
    if typed is None:
        return None
    from crm_cli.rules.durations import parse_days

    return parse_days(typed)


def _discount(typed: str | None) -> float:
    """A part of 1 for a year."""
    from crm_cli.rules.prediction import DISCOUNT

    if typed is None:
        return DISCOUNT
    plain = typed.strip().replace("％", "%").removesuffix("%").strip().replace(",", ".")
    whole, _, part = plain.partition(".")
    if not (plain.isascii() and whole.isdigit() and (part or "0").isdigit()) or len(whole) > 3 or float(plain) > 100:
        raise Misuse("{value} is not a percentage from 0 to 100", hint="Type it as 10% or 12.5%", value=typed)
    return float(plain) / 100
