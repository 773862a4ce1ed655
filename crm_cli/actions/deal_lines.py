"""Lines of a deal: what would be sold. The amount of the deal is their sum where none was typed."""

from collections.abc import Sequence
from typing import Any

from crm_cli.actions.lines import Line, keep_lines, known_products, lines_of, worth_of
from crm_cli.errors import Conflict
from crm_cli.model.sales import DealLine
from crm_cli.store.writer import Work


def read(
    w: Work,
    typed: Sequence[str],
    own: dict[str, Any],
    usual: Sequence[str | None],
    decimal: str,
    *,
    deal_id: int | None = None,
) -> tuple[list[Line], dict[str, Any]]:
    """The lines typed, and amount and currency of the deal. `own` may have an amount and a currency that were typed;
    `deal_id` is the deal whose lines these replace: what stands in it already may stay, though it is not sold now."""
    known = known_products(w.db, "deal_line", "deal_id", deal_id) if deal_id is not None else set[int]()
    currency, lines = lines_of(
        w.db, typed, currency=own.get("currency"), usual=usual, decimal=decimal or None, known=known
    )
    amount = own["amount"] if own.get("amount") is not None else worth_of(lines).amount
    return lines, {"amount": amount, "currency": currency}


def keep(w: Work, deal_id: int, lines: Sequence[Line] | None) -> bool:
    """These lines instead of those that the deal has; None leaves them. Whether they differ."""
    return lines is not None and keep_lines(w, DealLine, "deal_id", deal_id, lines)


def refuse_other_currency(w: Work, row: Any, currency: str | None) -> None:
    """A deal with lines does not get another currency without them."""
    if currency is None or currency == row.currency:
        return
    if w.db.value("SELECT 1 FROM deal_line WHERE deal_id = :id", {"id": row.id}):
        raise Conflict(
            "The lines of {title} are in {currency}",
            hint="Type them again with --line, or take them away: --clear lines",
            title=row.title,
            currency=row.currency,
        )
