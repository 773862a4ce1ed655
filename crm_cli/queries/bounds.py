"""What the values of a query mean: ranges of days, numbers and money, and the ids behind names."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from crm_cli.errors import Ambiguous, Misuse, NotFound
from crm_cli.i18n import language, listed
from crm_cli.queries.sources import thousandths
from crm_cli.rules.names import canonical, shown
from crm_cli.rules.nearness import nearest_names
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
    if first and last and first > last and low[:4].isdigit() and high[:4].isdigit():
        # only days that will never change: `2026-06-01..today` may be empty until June
        raise _backwards(low, high)
    return first, last


def days_of_the_year(value: str, asker: "Asker") -> tuple[str, str] | None:
    """First and last day as 12-24 of a range around today without a year, as today..+7d; None for any other.

    One on 29 February is kept on the 28th in common years.
    """
    from crm_cli.rules.dates import parse_span

    low, high, _ = split_range(value)
    if not low or not high or any(_has_year(end) for end in (low, high)):
        return None
    first, last = parse_span(low, now=asker.now, ahead=True)[0], parse_span(high, now=asker.now, ahead=True)[1]
    if max(abs((day - asker.today).days) for day in (first, last)) > 366:
        return None
    if (last - first).days >= 365:
        return "01-01", "12-31"
    end = last.strftime("%m-%d")
    return first.strftime("%m-%d"), "02-29" if end == "02-28" else end


def _has_year(text: str) -> bool:
    """Whether four digits stand together."""
    run = 0
    for sign in text:
        run = run + 1 if sign.isdigit() else 0
        if run == 4:
            return True
    return False


def moment_range(value: str, asker: "Asker", *, ahead: bool) -> tuple[str | None, str | None]:
    """First moment, and the first one behind the last, as they are kept; ends may have a time of day."""
    low, high, _ = split_range(value)
    return (
        _moment(low, asker, ahead=ahead, last=False) if low else None,
        _moment(high, asker, ahead=ahead, last=True) if high else None,
    )


def _moment(text: str, asker: "Asker", *, ahead: bool, last: bool) -> str:
    """The beginning of the days meant, or what follows their end; a minute where a time of day was typed."""
    from crm_cli.rules.dates import parse_span, parse_when, to_utc_text

    try:
        days = parse_span(text, now=asker.now, ahead=ahead)
    except Misuse:
        at = parse_when(text, now=asker.now, ahead=ahead).at
        if at is None:
            raise
        return to_utc_text(at + timedelta(minutes=1) if last else at)
    return start_of(day_after(days[1]) if last else days[0], asker)


def start_of(day: date, asker: "Asker") -> str:
    """The first moment of a local day, as moments are kept."""
    from crm_cli.rules.dates import local_day_start, to_utc_text

    zone = asker.now.tzinfo
    assert zone is not None
    return to_utc_text(local_day_start(day, zone))


def day_after(day: date) -> date:
    """The next day; the last day of the calendar stays."""
    return day if day == date.max else day + timedelta(days=1)


def _backwards(low: str, high: str) -> Misuse:
    wrong, right = f"{low}..{high}", f"{high}..{low}"
    return Misuse("the range runs backwards", hint="Type {right}", instead=(wrong, right), right=right)


def number_range(value: str, unit: str = "") -> tuple[int | None, int | None]:
    """Whole numbers; `50%` counts as 50. A unit of `days` or `minutes` reads lengths of time too, as 2w or 1h."""
    low, high, _ = split_range(value)
    first, last = (_number(end, unit) if end else None for end in (low, high))
    if first is not None and last is not None and first > last:
        raise _backwards(low, high)
    return first, last


def _number(text: str, unit: str) -> int:
    plain = text.strip().removesuffix("%").replace("_", "")
    digits = plain.removeprefix("-").removeprefix("+")
    if digits.isascii() and digits.isdigit() and len(digits) <= 18:
        return int(plain)
    if unit:
        from crm_cli.rules.durations import parse_days, parse_minutes

        return parse_days(text) if unit == "days" else parse_minutes(text)
    raise Misuse("{number} is not a whole number", hint="Type it as 30, 10..20, 10.. or ..20", number=text)


MoneyEnd = tuple[int, str | None]


def money_range(value: str, decimal: str) -> tuple[MoneyEnd | None, MoneyEnd | None]:
    """Ends as thousandths of a unit, so that any currency's minor unit can be compared, and the currency typed."""
    low, high, _ = split_range(value)
    first, last = (_money(end, decimal) if end else None for end in (low, high))
    if first and last:
        if first[1] and last[1] and first[1] != last[1]:
            raise Misuse("the ends of the range have two currencies, {one} and {other}", one=first[1], other=last[1])
        if first[0] > last[0]:
            raise _backwards(low, high)
    return first, last


def _money(text: str, decimal: str) -> MoneyEnd:
    from crm_cli.rules.money import parse_money, scale

    # read as a currency of three decimals, which has room for those of every other one; a second one tells whether
    # it was typed
    first, second = (
        parse_money(text, currency=code, decimal=decimal or None, allow_negative=True) for code in ("BHD", "KWD")
    )
    typed = first.currency if first.currency == second.currency else None
    return first.amount * 1000 // scale(first.currency or "BHD"), typed


_LARGEST = 2**63 - 1  # what SQLite can bind


def money_between(
    bind: Callable[[Any], str], amount: str, currency: str, low: MoneyEnd | None, high: MoneyEnd | None
) -> str:
    """A test of an amount in minor units beside its currency, in units of whatever currency that is."""
    units = thousandths(amount, currency)
    tests = [f"{amount} IS NOT NULL"]
    if low is not None:
        tests.append(f"{units} >= {bind(max(-_LARGEST, min(low[0], _LARGEST)))}")
    if high is not None:
        tests.append(f"{units} <= {bind(max(-_LARGEST, min(high[0], _LARGEST)))}")
    typed = {end[1] for end in (low, high) if end and end[1]}
    return " AND ".join([*tests, *(f"{currency} = {bind(code)}" for code in sorted(typed))])


def currency_code(typed: str) -> str:
    """The code of `eur`, `€` or 欧元; NotFound with the nearest."""
    from crm_cli.rules.money import parse_currency
    from crm_cli.rules.typed import fold

    try:
        return parse_currency(fold(typed))
    except Misuse as error:
        holes: dict[str, Any] = dict(error.holes)
        raise NotFound(error.sentence, hint=error.hint, instead=error.instead, **holes) from None


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
    """The exact name decides, then what answers to the same word in the other language."""
    exact = [row[0] for row in rows if row[1] == key]
    if exact:
        return exact
    value = canonical(group, key)
    return [row[0] for row in rows if value is not None and canonical(group, row[1]) == value]


def owner_id(db: Reader, key: str, typed: str, me: int | None) -> int:
    """A member by the whole name, e-mail or id, never by a part; `me` is who asks."""
    if key in ("me", "我"):
        return member_id(db, key, typed, me)
    rows = db.rows("SELECT id, name_key, email_key FROM member WHERE removed_at IS NULL ORDER BY id")
    for place in (1, 2):
        hit = next((row[0] for row in rows if row[place] == key), None)
        if hit is not None:
            return int(hit)
    hit = next((row[0] for row in rows if str(row[0]) == key), None)
    if hit is None:
        _unknown("member", typed, key, [row[1] for row in rows])
    return int(hit)


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
    return _unknown("member", typed, key, [r[1] for r in rows])


def _unknown(noun: str, typed: str, key: str, known: list[str]) -> NoReturn:
    near = next(iter(nearest_names(key, known)), None)
    raise NotFound(
        {"stage": "No stage is called {name}", "pipeline": "No pipeline is called {name}"}.get(
            noun, "No member is called {name}"
        ),
        hint="Did you mean {near}?"
        if near
        else "Known: {known}"
        if known
        else "There is none yet: crm {noun} add NAME",
        instead=(typed, near),
        name=typed,
        near=near,
        noun=noun,
        known=listed(shown(noun, name, language()) for name in list(dict.fromkeys(known))[:12]),
    )
