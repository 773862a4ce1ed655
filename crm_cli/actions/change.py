"""What every action works with: the answer it gives, and the check of an input before a row is made of it."""

from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from crm_cli.errors import Misuse
from crm_cli.model.inputs import Input

Model = TypeVar("Model", bound=Input)


class Change(NamedTuple):
    """Which records were made or changed, and the sentence that says so (English, with holes)."""

    noun: str
    ids: list[int]
    sentence: str
    holes: dict[str, Any] = {}
    notes: list[tuple[str, dict[str, Any]]] = []


def check(model: type[Model], values: dict[str, Any]) -> Model:
    """The validated input; Misuse names the field and what is wrong with it."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else "value"
        kind = first["type"]
        if kind == "string_too_short":
            raise Misuse("{field} may not be empty", field=field) from None
        if kind == "string_too_long":
            longest = first.get("ctx", {}).get("max_length")
            raise Misuse("{field} is longer than {longest} characters", field=field, longest=longest) from None
        raise Misuse("{field} cannot be that: {reason}", field=field, reason=first["msg"]) from None


def checked(model: type[Model], values: dict[str, Any]) -> dict[str, Any]:
    """The validated values as a plain dict."""
    return check(model, values).model_dump()


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
