"""What the sales reports share: which deals are meant, by what they are told apart, and their money in one currency."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from crm_cli.i18n import said
from crm_cli.queries.conditions import EVERYTHING, Condition
from crm_cli.queries.rates import Converter, base, no_base, rate_notes
from crm_cli.rules.money import amount_number
from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader, id_list

Note = tuple[str, dict[str, Any]]


class Chosen(NamedTuple):
    """Which deals: a condition on deal d, first and last day (ISO, ends included) of what the report goes by, a
    pipeline; and the day it is."""

    today: date
    where: Condition = EVERYTHING
    first: str | None = None
    last: str | None = None
    pipeline_id: int | None = None

    def tests(self, column: str) -> tuple[str, dict[str, Any]]:
        """SQL of a test on deal d by a day of it, and its values."""
        found = ["d.removed_at IS NULL", f"({self.where.sql})"]
        params = dict(self.where.params)
        for name, sign, day in (("day_from", ">=", self.first), ("day_to", "<=", self.last)):
            if day:
                found.append(f"d.{column} {sign} :{name}")
                params[name] = day
        return " AND ".join(found), params


class Report(NamedTuple):
    """Rows with their public keys; how they came about: sentences of the catalogue for formula and source, how many of
    what were counted and left out or apart; sentences to stand below them, and perhaps the sum of all rows."""

    rows: list[dict[str, Any]]
    formula: str
    source: str
    counted: dict[str, int]
    left_out: dict[str, int]
    notes: list[Note]
    total: dict[str, Any] | None = None


def stage_ids(db: Reader, kind: str, pipeline_id: int | None) -> str:
    """Ids of the stages of a kind, removed ones too, as an SQL list."""
    found = db.rows(
        "SELECT id FROM stage WHERE kind = :kind AND pipeline_id = coalesce(:pipeline, pipeline_id)",
        {"kind": kind, "pipeline": pipeline_id},
    )
    return id_list(row[0] for row in found)


# ------------------------------------------------------------------ by what they are told apart

_DAYS = {"month": "substr({day}, 1, 7)", "quarter": "substr({day}, 1, 7)", "year": "substr({day}, 1, 4)"}
_TEXTS = {
    "source": "coalesce(d.source, (SELECT source FROM customer WHERE id = d.customer_id))",
    "region": "(SELECT region FROM customer WHERE id = d.customer_id)",
    "industry": "(SELECT industry FROM customer WHERE id = d.customer_id)",
    "reason": "d.lost_reason",
}
IN_TIME = (said("month"), said("quarter"), said("year"))


class Labels:
    """What stands at the head of a row, for one way of telling deals apart."""

    def __init__(self, db: Reader, by: str, day: str = "closed_on") -> None:
        self.by = by
        self.sql = "NULL"
        self._names: dict[Any, Any] = {}
        if by in _DAYS:
            self.sql = _DAYS[by].format(day=f"d.{day}")
        elif by == "owner":
            self.sql = "d.owner_id"
            self._names = dict(db.rows("SELECT id, name FROM member"))
        else:
            self.sql = _TEXTS.get(by, "NULL")

    def learn(self, raw: Iterable[tuple[Any, int]]) -> None:
        """Texts that differ in case, width or accents only are one, spelled as most of them are."""
        if self.by not in _TEXTS:
            return
        spelled: dict[str, Counter[str]] = defaultdict(Counter)
        for text, n in raw:
            if text:
                spelled[fold(text)][text] += n
        best = {key: max(texts, key=lambda text: (texts[text], text)) for key, texts in spelled.items()}
        self._names = {text: best[key] for key, texts in spelled.items() for text in texts}

    def of(self, raw: Any) -> Any:
        """The label of a raw value; None where there is none."""
        if raw is None or raw == "":
            return None
        if self.by == "quarter":
            return f"{raw[:4]}-Q{(int(raw[5:7]) + 2) // 3}"
        return raw if self.by in _DAYS else self._names.get(raw)


# ------------------------------------------------------------------ money

# Of a closed deal: its amount, the currency that this is in, and the day of the rate that it still needs.
_FROZEN = "d.base_currency = :base AND d.currency <> :base"
AMOUNT = f"CASE WHEN {_FROZEN} THEN d.base_amount ELSE d.amount END"
CURRENCY = f"CASE WHEN {_FROZEN} THEN :base ELSE d.currency END"
UNFROZEN_ON = "CASE WHEN d.currency <> :base AND d.base_currency IS NOT :base THEN d.closed_on END"


class Purse:
    """Adds up amounts in the base currency, or in the only one that the deals have.

    Misuse where there are several and no base is set, and, at the amount, where a rate is missing.
    """

    def __init__(self, db: Reader, today: date) -> None:
        self.base = base(db)
        self.currency = self.base
        self._db, self._today = db, today
        self._used: set[str] = set()
        self._converter: Converter | None = None

    def meet(self, currencies: Iterable[str | None]) -> None:
        """The currencies of all amounts that will be added up."""
        self._used = {currency for currency in currencies if currency}
        if self.base is None and len(self._used) > 1:
            raise no_base(sorted(self._used))
        if self.base is None and self._used:
            self.currency = next(iter(self._used))

    def worth(self, amount: int | None, currency: str | None, on: str | None = None) -> int:
        """Minor units of the common currency, by the rate of a day, else by the newest."""
        if not amount or currency is None or currency == self.currency:
            return amount or 0
        if self._converter is None:
            self._converter = Converter(self._db, self.currency or "")
        return self._converter.convert(amount, currency, on or self._today.isoformat())

    def number(self, minor: int | None) -> Any:
        """An amount as JSON carries it; None where nothing has an amount."""
        if minor is None or self.currency is None:
            return None
        return amount_number(minor, self.currency)

    def notes(self) -> list[Note]:
        """What is to be said of rates."""
        return rate_notes(self._db, self.base, self._used, self._today) if self.base else []


# ------------------------------------------------------------------ arithmetic that never divides by zero


def rounded(value: int, divisor: int) -> int:
    """The quotient, a half rounded to the even side; the divisor is positive."""
    quotient, rest = divmod(value, divisor)
    return quotient + (2 * rest > divisor or (2 * rest == divisor and quotient % 2 == 1))


def percent(part: int, whole: int, digits: int = 1) -> float | None:
    """A share in percent; None of nothing."""
    return round(100 * part / whole, digits) if whole > 0 else None


class Ordinals:
    """Days between two ISO days; each day is read once."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def between(self, first: str, last: str) -> int:
        """How many days lie between; 0 where the second is the earlier one."""
        return max(0, self._of(last) - self._of(first))

    def _of(self, day: str) -> int:
        found = self._known.get(day)
        if found is None:
            found = self._known[day] = date.fromisoformat(day).toordinal()
        return found
