"""A file of exchange rates as it is typed: how it is to be read, settled before anything is opened for writing."""

from crm_cli.actions.rate_tables import Rates, Reading, read_rates
from crm_cli.context import App
from crm_cli.errors import Misuse
from crm_cli.formats.opening import open_table
from crm_cli.queries.rates import base, in_use, no_base
from crm_cli.rules.currencies import parse_currency
from crm_cli.rules.quotes import columns_of

_QUOTED = ("base", "foreign")
_ORDERS = ("ymd", "dmy", "mdy")


def read(
    app: App, name: str, *, quoted: str | None, against: str | None, source: str | None, order: str | None
) -> Rates:
    """The rates of a file; Misuse, FileError and BadData as `open_table` and `read_rates`."""
    quoted, order = _one_of("--quoted", quoted, _QUOTED), _one_of("--date-order", order, _ORDERS)
    other = parse_currency(against) if against is not None else None
    with app.read() as db:
        of = base(db)
        used = in_use(db, most=20) if of is None else []
    table = open_table(name, now=app.now)
    if of is None and "base" not in columns_of(table.headers).fields:
        raise no_base(used)
    return read_rates(table, Reading(of, quoted, other, app.decimal, order, app.now, source))


def _one_of(option: str, typed: str | None, known: tuple[str, ...]) -> str | None:
    plain = typed.strip().lower() if typed is not None else None
    if plain is not None and plain not in known:
        raise Misuse("{option} is one of: {known}", option=option, known=" ".join(known))
    return plain
