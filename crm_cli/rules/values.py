"""Typed text -> values of columns, for the options that add and edit share. Errors name the option."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple

from crm_cli.errors import CrmError, Misuse
from crm_cli.i18n import listed
from crm_cli.rules import names
from crm_cli.rules.dates import parse_day, parse_days, parse_minutes, parse_moment, parse_when
from crm_cli.rules.fields import nearest
from crm_cli.rules.places import spelled
from crm_cli.rules.spelling import category_path, tidy
from crm_cli.rules.text import fold, squeeze
from crm_cli.rules.typed import spelled_out


class Clock(NamedTuple):
    """What relative words count from: aware and local."""

    now: datetime


def plain(text: str, clock: Clock) -> str:
    """Text without outer spaces, line ends as \\n."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def name(text: str, clock: Clock | None = None) -> str:
    """A name in the spelling in which it is kept."""
    return tidy(text)


def place(field: str) -> Callable[[str, Clock], str]:
    """A country, region or city in the one spelling of all languages."""

    def parse(text: str, clock: Clock) -> str:
        return spelled(field, text)

    return parse


def word(text: str, clock: Clock | None = None) -> str:
    """A short text: inner spaces are squeezed."""
    return squeeze(text)


def one_of(group: str) -> Callable[[str, Clock], str]:
    """A word of a fixed set, in either language."""

    def parse(text: str, clock: Clock) -> str:
        value = names.canonical(group, fold(text))
        if value is None:
            near = nearest(fold(text), names.values(group))
            raise Misuse(
                "{value} is not known here",
                hint="Did you mean {near}? Known: {known}" if near else "Known: {known}",
                instead=(text.strip(), near),
                value=text,
                near=near,
                known=listed(names.values(group)),
            )
        return value

    return parse


def role(text: str, clock: Clock | None = None) -> str:
    """A role: one of the usual ones in either language, else as typed."""
    return names.canonical("role", fold(text)) or squeeze(text)


def channel(text: str, clock: Clock) -> str:
    """A channel that somebody prefers: phone counts as call."""
    return names.canonical("channel", fold(text)) or squeeze(text)


def coming_day(text: str, clock: Clock) -> date:
    return parse_day(text, now=clock.now, ahead=True)


def day_that_was(text: str, clock: Clock) -> date:
    """A day that has come: a birthday, the day a deal was opened or closed."""
    day = parse_day(text, now=clock.now, ahead=False)
    if day > clock.now.date():
        raise Misuse("{day} has not come yet", day=day.isoformat())
    return day


def moment(text: str, clock: Clock) -> datetime:
    return parse_moment(text, now=clock.now, ahead=False)


def days(text: str, clock: Clock) -> int:
    return parse_days(text)


def minutes(text: str, clock: Clock) -> int:
    return parse_minutes(text)


def count(text: str, clock: Clock) -> int:
    """A whole number that is not negative; thousands marks of one kind are taken out."""
    digits = text.strip().replace(" ", "").replace("_", "")
    for mark in (",", "."):
        head, *groups = digits.split(mark)
        if groups and head and len(head) <= 3 and all(len(group) == 3 for group in groups):
            digits = head + "".join(groups)
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 15:
        raise Misuse(
            "{value} is not a whole number",
            hint="Type digits, as 250",
            instead=(text.strip(), spelled_out(text)),
            value=text,
        )
    return int(digits)


def percent(text: str, clock: Clock) -> int:
    """0 to 100, with or without a percent sign."""
    digits = text.strip().removesuffix("%").strip()
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 3 or int(digits) > 100:
        raise Misuse("{value} is not a percentage from 0 to 100", hint="Type it as 60", value=text)
    return int(digits)


def category(text: str, clock: Clock | None = None) -> str:
    """A path of categories."""
    return category_path(text)


def every(text: str, clock: Clock) -> str:
    from crm_cli.rules.recurrence import parse_every

    return parse_every(text)


Parser = Callable[[str, Clock], Any]

# option -> (column, how its text is read)
CUSTOMER: dict[str, tuple[str, Parser]] = {
    "name": ("name", name),
    "kind": ("kind", one_of("kind")),
    "status": ("status", one_of("status")),
    "industry": ("industry", word),
    "size": ("size", count),
    "region": ("region", place("region")),
    "country": ("country", place("country")),
    "city": ("city", place("city")),
    "address": ("address", plain),
    "source": ("source", word),
    "language": ("language", word),
    "prefers": ("prefers", channel),
    "birthday": ("birthday", day_that_was),
    "cadence": ("cadence_days", days),
    "lifecycle": ("lifecycle", one_of("lifecycle")),
    "note": ("note", plain),
}
CONTACT: dict[str, tuple[str, Parser]] = {
    "name": ("name", name),
    "title": ("title", word),
    "role": ("role", role),
    "prefers": ("prefers", channel),
    "birthday": ("birthday", day_that_was),
    "note": ("note", plain),
}
DEAL: dict[str, tuple[str, Parser]] = {
    "title": ("title", name),
    "close": ("expected_close_on", coming_day),
    "opened": ("opened_on", day_that_was),
    "probability": ("probability", percent),
    "source": ("source", word),
    "risk": ("risk", word),
    "lost_reason": ("lost_reason", word),
}
PRODUCT: dict[str, tuple[str, Parser]] = {
    "name": ("name", name),
    "code": ("code", word),
    "kind": ("kind", one_of("product_kind")),
    "category": ("category", category),
    "unit": ("unit", word),
    "audience": ("audience", word),
    "note": ("note", plain),
}
CLOSING: dict[str, tuple[str, Parser]] = {
    "on": ("on", day_that_was),
    "reason": ("reason", word),
    "note": ("note", plain),
}
INTERACTION: dict[str, tuple[str, Parser]] = {
    "text": ("text", plain),
    "outcome": ("outcome", word),
    "direction": ("direction", one_of("direction")),
    "at": ("at", moment),
    "duration": ("duration_minutes", minutes),
}
TASK: dict[str, tuple[str, Parser]] = {
    "text": ("text", plain),
    "priority": ("priority", one_of("priority")),
    "every": ("every", every),
}
STAGE: dict[str, tuple[str, Parser]] = {
    "name": ("name", plain),
    "probability": ("probability", percent),
    "kind": ("kind", one_of("stage_kind")),
    "quiet_after": ("quiet_after_days", days),
}


def read(table: dict[str, tuple[str, Parser]], options: dict[str, Any], clock: Clock) -> dict[str, Any]:
    """The columns that the options given set; what is not given is left out."""
    values: dict[str, Any] = {}
    for option, (column, parse) in table.items():
        text = options.get(option)
        if text is None:
            continue
        try:
            values[column] = parse(text, clock)
        except CrmError as error:
            holes = _holes(error, option.replace("_", "-"))
            sentence = "--{option}: {reason}" if option not in ("name", "title", "text") else "{reason}"
            raise Misuse(sentence, hint=error.hint, instead=error.instead, **holes) from error
    if "region" in values and "country" in values:
        values["region"] = spelled("region", values["region"], values["country"])
    return values


def _holes(error: CrmError, option: str) -> dict[str, Any]:
    """What the hint of an error says, and the option that it happened at."""
    return {**error.holes, "option": option, "reason": error.message()}


def due(text: str, clock: Clock, *, option: str = "due") -> tuple[date, datetime | None]:
    """A day, or a moment of it, that lies ahead. `option` is where it was typed, if not by place."""
    try:
        when = parse_when(text, now=clock.now, ahead=True)
    except CrmError as error:
        if not option:
            raise
        holes = _holes(error, option)
        raise Misuse("--{option}: {reason}", hint=error.hint, instead=error.instead, **holes) from error
    return when.day, when.at


def pairs(texts: list[str]) -> dict[str, str]:
    """`--set key=value`, several: the keys and values of custom fields."""
    found: dict[str, str] = {}
    for text in texts:
        key, mark, value = text.partition("=")
        if not mark or not key.strip():
            raise Misuse("{text} is no key=value", hint="Type it as --set contract=A-17", text=text)
        found[key.strip()] = value.strip()
    return found
