"""What every action works with: the answer it gives, and the check of an input before a row is made of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from crm_cli.errors import Misuse
from crm_cli.i18n import language
from crm_cli.model.inputs import Input
from crm_cli.queries.sources import TABLE
from crm_cli.rules.days import spell_day
from crm_cli.rules.fields import FIELDS, nearest
from crm_cli.rules.text import fold
from crm_cli.store.reader import id_list
from crm_cli.store.writer import Work

Model = TypeVar("Model", bound=Input)
Note = tuple[str, dict[str, Any]]

# How a column is typed, where that is not its own name.
_TYPED = {"lost_reason": "reason"}


class Change(NamedTuple):
    """Which records were made or changed, and the sentence that says so (English, with holes).

    `notes` are further sentences; `others` are records of further nouns that the same command changed.
    """

    noun: str
    ids: list[int]
    sentence: str
    holes: Mapping[str, Any] = MappingProxyType({})
    notes: Sequence[Note] = ()
    others: Sequence[tuple[str, list[int]]] = ()


NOTHING = "Nothing to change: it is so already"


def check(model: type[Model], values: dict[str, Any], *, hint: str = "") -> Model:
    """The validated input; Misuse names the field and what is wrong with it. `hint` helps where a text is empty."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        column = str(first["loc"][0]) if first["loc"] else "value"
        field = _TYPED.get(column, column)
        kind = first["type"]
        if kind == "string_too_short":
            raise Misuse("{field} may not be empty", hint=hint, field=field) from None
        if kind == "string_too_long":
            longest = first.get("ctx", {}).get("max_length")
            raise Misuse("{field} is longer than {longest} characters", field=field, longest=longest) from None
        if kind == "value_error":
            raise Misuse("{field} holds a NUL character, which no text has", field=field) from None
        raise Misuse("{field} cannot be that: {reason}", field=field, reason=first["msg"]) from None


def checked(model: type[Model], values: dict[str, Any], *, hint: str = "") -> dict[str, Any]:
    """The validated values as a plain dict."""
    return check(model, values, hint=hint).model_dump()


def changed(row: Any, values: dict[str, Any], now: Any) -> bool:
    """Set the columns that differ; the moment of change moves only when something did."""
    differs = False
    for column, value in values.items():
        if getattr(row, column) != value:
            setattr(row, column, value)
            differs = True
    if differs:
        row.updated_at = now
    return differs


def label(noun: str, column: str) -> str:
    """What a column is called in a sentence: its short name, or its Chinese one."""
    field = next((f for f in FIELDS[noun] if f.key == column), None)
    if field is None:
        return column
    return field.chinese if language() == "zh" else (field.short or field.key).replace("_", " ")


def understood(noun: str, given: dict[str, Any], *skip: str) -> list[str]:
    """The days among what was typed, each with its weekday: `close Thu 2026-12-31`."""
    days = [(key, value) for key, value in given.items() if isinstance(value, date) and key not in skip]
    return [f"{label(noun, key)} {spell_day(day, language())}" for key, day in days]


def new_words(w: Work, noun: str, ids: Iterable[int], given: dict[str, Any], columns: Iterable[str]) -> list[Note]:
    """Texts that no other record has: said, so that a slip is seen; with the nearest one in use."""
    own = id_list(ids)
    notes: list[Note] = []
    for column in columns:
        value = given.get(column)
        others = f"FROM {TABLE[noun]} WHERE {column} IS NOT NULL AND removed_at IS NULL AND id NOT IN {own}"
        if value is None or w.db.value(f"SELECT 1 {others} AND {column} = :value LIMIT 1", {"value": value}):
            continue
        known: dict[str, str] = {}
        for (text,) in w.db.rows(f"SELECT {column} {others} GROUP BY 1 ORDER BY count(*) DESC, min(id)"):
            known.setdefault(fold(text), text)
        if fold(value) in known:
            continue
        near = nearest(fold(value), list(known))
        notes.append(
            (
                "New {field}: {value}. Did you mean {near}?" if near else "New {field}: {value}",
                {"field": label(noun, column), "value": value, "near": known.get(near or "")},
            )
        )
    return notes
