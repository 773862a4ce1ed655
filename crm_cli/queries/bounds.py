"""What the values of a query mean: ranges of days, numbers and money, and the ids behind names."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from crm_cli.errors import Ambiguous, Misuse, NotFound
from crm_cli.rules.fields import nearest
from crm_cli.rules.names import canonical
from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader

if TYPE_CHECKING:
    from crm_cli.queries.conditions import Asker

# Fields of what is to come: a weekday there looks ahead.
AHEAD = {"due_on", "due_at", "expected_close_on", "next_step_on", "next_task_on"}


def split_range(value: str) -> tuple[str, str, bool]:
    """`a..b` -> its ends (either may be empty) and True; a single value -> itself twice and False."""
    low, dots, high = value.partition("..")
    if dots:
        if not low.strip() and not high.strip():
            raise Misuse("a range needs at least one end", hint="Type 10..20, 10.. or ..20")
        return low.strip(), high.strip(), True
    return value, value, False


def day_range(value: str, asker: "Asker", *, ahead: bool) -> tuple[date | None, date | None]:
    """First and last day meant; None for an open end."""
    from crm_cli.rules.dates import parse_span

    low, high, _ = split_range(value)
    first = parse_span(low, now=asker.now, ahead=ahead)[0] if low else None
    last = parse_span(high, now=asker.now, ahead=ahead)[1] if high else None
    return first, last


def start_of(day: date, asker: "Asker") -> str:
    """The first moment of a local day, as moments are kept."""
    from crm_cli.rules.dates import local_day_start, to_utc_text

    zone = asker.now.tzinfo
    assert zone is not None
    return to_utc_text(local_day_start(day, zone))


def day_after(day: date) -> date:
    """The next day; the last day of the calendar stays."""
    return day if day == date.max else day + timedelta(days=1)


def number_range(value: str) -> tuple[int | None, int | None]:
    """Whole numbers; `50%` counts as 50."""
    low, high, _ = split_range(value)
    return (_number(low) if low else None), (_number(high) if high else None)


def _number(text: str) -> int:
    plain = text.strip().removesuffix("%").removesuffix("天").removesuffix("d").replace("_", "")
    digits = plain.removeprefix("-").removeprefix("+")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
        raise Misuse("{number} is not a whole number", hint="Type it as 30, 10..20, 10.. or ..20", number=text)
    return int(plain)


def money_range(value: str, decimal: str) -> tuple[Any, Any]:
    """Ends as (units, currency or None): exact fractions of the currency's unit."""
    low, high, _ = split_range(value)
    return (_money(low, decimal) if low else None), (_money(high, decimal) if high else None)


def _money(text: str, decimal: str) -> tuple[int, str | None]:
    """Thousandths of a unit, so that any currency's minor unit can be compared, and the currency typed."""
    from crm_cli.rules.money import parse_money

    typed = parse_money(text, currency=None, decimal=decimal or None, allow_negative=True)
    if typed.currency:
        from crm_cli.rules.money import scale

        return typed.amount * 1000 // scale(typed.currency), typed.currency
    return parse_money(text, currency="BHD", decimal=decimal or None, allow_negative=True).amount, None


def money_between(
    bind: Callable[[Any], str], amount: str, currency: str, low: tuple[int, str | None] | None, high: tuple[int, str | None] | None
) -> str:
    """Amounts are minor units of their own currency: one comparison for each number of decimals there is."""
    from crm_cli.rules.money import THREE_DIGITS, ZERO_DIGITS

    tests = []
    for codes, factor in ((ZERO_DIGITS, 1), (THREE_DIGITS, 1000), (None, 100)):
        known = sorted(ZERO_DIGITS | THREE_DIGITS) if codes is None else sorted(codes)
        listed = "', '".join(known)
        test = [f"{currency} {'NOT ' if codes is None else ''}IN ('{listed}')"]
        if low is not None:
            test.append(f"{amount} * 1000 >= {bind(low[0] * factor)}")
        if high is not None:
            test.append(f"{amount} * 1000 <= {bind(high[0] * factor)}")
        tests.append(" AND ".join(test))
    typed = {end[1] for end in (low, high) if end and end[1]}
    only = "".join(f" AND {currency} = {bind(code)}" for code in sorted(typed))
    return "(" + " OR ".join(tests) + ")" + only


def id_list(ids: list[int]) -> str:
    """`(1, 2, 3)` of integers that come from the database."""
    return "(" + ", ".join(str(int(i)) for i in ids) + ")"


def stage_ids(db: Reader, key: str, typed: str) -> list[int]:
    """Stages of any pipeline that answer to a name in either language; NotFound with the nearest."""
    rows = db.rows("SELECT id, name_key FROM stage WHERE removed_at IS NULL ORDER BY pipeline_id, position")
    ids = _answering(rows, key, "stage")
    if not ids:
        _unknown("stage", typed, key, [r[1] for r in rows])
    return ids


def pipeline_ids(db: Reader, key: str, typed: str) -> list[int]:
    """Pipelines that answer to a name."""
    rows = db.rows("SELECT id, name_key FROM pipeline WHERE removed_at IS NULL ORDER BY position")
    ids = _answering(rows, key, "pipeline")
    if not ids:
        _unknown("pipeline", typed, key, [r[1] for r in rows])
    return ids


def _answering(rows: list[tuple[Any, ...]], key: str, group: str) -> list[int]:
    exact = [row[0] for row in rows if row[1] == key]
    if exact:
        return exact
    value = canonical(group, key)
    return [row[0] for row in rows if value is not None and row[1] == value]


def member_id(db: Reader, key: str, typed: str, me: int | None) -> int:
    """A member by id, name, e-mail or a part of the name; `me` is who asks."""
    if key in ("me", "我"):
        if me is None:
            raise NotFound(
                "You are not a member of this database",
                hint="Add yourself: crm member add NAME, then: crm config set user NAME",
            )
        return me
    rows = db.rows("SELECT id, name_key, email_key, name FROM member WHERE removed_at IS NULL ORDER BY id")
    steps: list[Callable[[tuple[Any, ...]], bool]] = [
        lambda r: key.isdigit() and str(r[0]) == key,
        lambda r: r[1] == key,
        lambda r: r[2] == key,
        lambda r: r[1].startswith(key),
        lambda r: key in r[1],
    ]
    for step in steps:
        hits = [row for row in rows if step(row)]
        if len(hits) > 1:
            raise Ambiguous(
                "{typed} may be several members",
                typed=typed,
                candidates=[{"ref": f"member:{r[0]}", "kind": "member", "id": r[0], "name": r[3]} for r in hits],
            )
        if hits:
            return int(hits[0][0])
    _unknown("member", typed, key, [r[1] for r in rows])
    raise AssertionError


def _unknown(noun: str, typed: str, key: str, known: list[str]) -> None:
    near = nearest(key, known)
    raise NotFound(
        {"stage": "No stage is called {name}", "pipeline": "No pipeline is called {name}"}.get(
            noun, "No member is called {name}"
        ),
        hint="Did you mean {near}?" if near else "Known: {known}" if known else "There is none yet: crm {noun} add NAME",
        name=typed,
        near=near,
        noun=noun,
        known=", ".join(list(dict.fromkeys(known))[:12]),
    )


def today_text(now: datetime) -> str:
    """The local day as it is kept."""
    return now.date().isoformat()
