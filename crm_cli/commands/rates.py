"""crm rate: what one currency is worth in another, by day; and the base currency of all reports."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, noun, option, sets
from crm_cli.context import App

if TYPE_CHECKING:  # reading needs no models
    from crm_cli.actions.change import Change
    from crm_cli.commands.writes import Rows
    from crm_cli.store.reader import Reader
    from crm_cli.store.writer import Work

rates = noun()
nouns = {"rate": rates}

Code = Annotated[p.Text, typer.Argument(metavar="CURRENCY", help="its code, as USD; signs and names will do")]
OneCode = Annotated[p.Text, typer.Argument(metavar="[CURRENCY]", help="its code, as USD; signs and names will do")]
Day = Annotated[p.Text, sets("--on", "the day from which it holds; today by default", "D")]
RateSource = Annotated[p.Text, sets("--source", "where it came from, as ECB", "T")]


def _write(
    app: App, action: Callable[["Work"], "Change"], rows: Callable[["Reader", "Change"], "Rows"], *, single: bool = True
) -> None:
    """As `writes.write`, for records that are no nouns of queries."""
    from crm_cli.commands.writes import tell

    with app.write() as w:
        change = action(w)
        found = rows(w.db, change)
    tell(app, change, found, single=single, undoable=bool(w.changes))


def _of_ids(db: "Reader", change: "Change") -> "Rows":
    from crm_cli.queries.rates import rates as all_rates

    return [("rate", row) for row in all_rates(db, ids=change.ids)]


@rates.command("add")
def add_rate(
    ctx: Context,
    currency: Code = None,
    rate: Annotated[p.Text, typer.Argument(metavar="RATE", help="what one unit is worth in the base currency")] = None,
    on: Day = None,
    source: RateSource = None,
) -> None:
    """Add what one unit of a currency is worth in the base currency, from a day on."""
    from crm_cli.actions.rates import add_rate as add
    from crm_cli.commands import ask
    from crm_cli.rules.currencies import parse_currency, usual_currencies
    from crm_cli.rules.rates import parse_rate

    app = ctx.obj
    code = ask.need(app, currency, "currency", check=parse_currency, known=list(usual_currencies()))
    worth = ask.need(app, rate, "rate", check=lambda text: parse_rate(text, decimal=app.decimal))
    day = _day(app, on)
    _write(app, lambda w: add(w, code, worth, on=day, source=source, decimal=app.decimal), _of_ids)


def _day(app: App, typed: str | None) -> Any:
    from crm_cli.rules.dates import parse_day

    return app.today if typed is None else parse_day(typed, now=app.now, ahead=False)


@rates.command("list")
def list_rates(
    ctx: Context,
    currency: OneCode = None,
    columns: p.Columns = None,
    sort: p.Sort = None,
    limit: p.Limit = None,
    offset: p.Offset = None,
) -> None:
    """List rates by currency, the newest first."""
    from crm_cli.commands.lists import show_small
    from crm_cli.queries.rates import rates as all_rates
    from crm_cli.rules.currencies import parse_currency

    code = parse_currency(currency) if currency is not None else None
    with ctx.obj.read() as db:
        show_small(ctx.obj, "rate", all_rates(db, currency=code), columns, sort, limit, offset)


@rates.command("remove")
def remove_rate(
    ctx: Context,
    currency: Code = None,
    on: Annotated[p.Text, option("--on", "the day of the rate", "D", p.WHICH)] = None,
) -> None:
    """Remove the rate of a day; what was worked out with it stays."""
    from crm_cli.actions.rates import remove_rate as remove
    from crm_cli.commands import ask

    app = ctx.obj
    code = ask.need(app, currency, "currency")
    day = _day(app, ask.need(app, on, "day", option="--on"))
    _write(app, lambda w: remove(w, code, on=day), _of_ids, single=False)


@rates.command("base")
def base_currency(ctx: Context, currency: OneCode = None) -> None:
    """Show the base currency, in which reports add up, or set it: frozen amounts are worked out anew."""
    from crm_cli.i18n import listed
    from crm_cli.queries.rates import overview

    app = ctx.obj
    if currency is not None:
        from crm_cli.actions.rates import set_base

        code = currency
        _write(app, lambda w: set_base(w, code), lambda db, _: [("base", overview(db, app.today))])
        return
    with app.read() as db:
        row = overview(db, app.today)
    if row["base"] is None and not app.out.is_data:
        said = "No base currency is set yet; amounts are in {used}" if row["used"] else "No base currency is set yet"
        app.out.say(said, used=listed(row["used"]))
        return
    app.out.record("base", row)
    if not app.out.is_data:
        for one in row["others"]:
            if one["rate"] is None:
                app.out.say("No rate for {currency} yet: crm rate add {currency} RATE", currency=one["currency"])


@rates.command("import")
def import_rates(
    ctx: Context,
    file: Annotated[p.Text, typer.Argument(metavar="FILE|-", help="CSV, XLSX or JSON; - reads stdin")] = None,
    quoted: Annotated[
        p.Text, option("--quoted", "base: 1 USD is so many EUR; foreign: 1 EUR is so many USD, as the ECB", "HOW")
    ] = None,
    against: Annotated[
        p.Text, option("--against", "the currency that its numbers are against; the base by default", "C")
    ] = None,
    source: RateSource = None,
    date_order: Annotated[
        p.Text, option("--date-order", "how days such as 05/06/2026 read: ymd, dmy or mdy", "D")
    ] = None,
) -> None:
    """Load rates from a table: date,currency,rate or a column for each currency."""
    from crm_cli.actions.rate_tables import load_rates
    from crm_cli.commands import ask, rate_files

    app = ctx.obj
    name = ask.need(app, file, "FILE")
    found = rate_files.read(app, name, quoted=quoted, against=against, source=source, order=date_order)
    counts: dict[str, Any] = {}
    _write(app, lambda w: load_rates(w, found, counts), lambda *_: [("rates_read", counts)])
