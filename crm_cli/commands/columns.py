"""The columns and numbers that lists and answers take as options."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crm_cli.errors import Misuse
from crm_cli.output.cells import heading
from crm_cli.rules.fields import ANSWER_KEYS, FIELDS, field_key, nearest

if TYPE_CHECKING:
    from crm_cli.store.reader import Reader


def number(text: str | None, name: str) -> int | None:
    """A count typed as an option."""
    if text is None:
        return None
    from crm_cli.rules.typed import spelled_out

    plain = text.strip()
    if not (plain.isascii() and plain.isdigit()) or len(plain) > 15:
        instead = (text, spelled_out(text))
        raise Misuse("--{option} takes a whole number, not {value}", instead=instead, option=name, value=text)
    return int(plain)


def columns_of(noun: str, typed: str | None, *more: str, db: "Reader | None" = None) -> list[str] | None:
    """Keys of --columns; None without it. An answer that is no list of records may have `more` of them.

    A list of records may show fields of the user's own: which there are, the database knows.
    """
    if typed is None:
        return None
    names = [name.strip() for name in typed.replace("，", ",").replace("、", ",").split(",")]
    is_record = noun in FIELDS and db is not None
    keys = [_key(noun, name, more, db) for name in names if name]
    if not keys and is_record:
        raise Misuse("--columns names no column", hint="All columns: crm fields {noun}", noun=noun)
    if not keys:
        known = " ".join([*ANSWER_KEYS[noun], *more])
        raise Misuse("--columns names no column", hint="Known here: {known}", known=known)
    return list(dict.fromkeys(keys))


def _key(noun: str, name: str, more: Sequence[str], db: "Reader | None") -> str:
    if db is None or noun not in FIELDS:
        return answer_key(noun, name, more)
    from crm_cli.queries.records import known_key

    return known_key(noun, name, db)


def answer_key(noun: str, name: str, more: Sequence[str]) -> str:
    """The key of an answer by its name or by what stands above its column; Misuse with the nearest."""
    keys = [*ANSWER_KEYS[noun], *more]
    by_name = {heading(noun, key): key for key in keys} | {key: key for key in keys}
    found = by_name.get(field_key(name)) or by_name.get(name)
    if found is None:
        near = nearest(field_key(name), by_name)
        hint = "Did you mean {near}? Known here: {known}" if near else "Known here: {known}"
        raise Misuse("Unknown column {name}", hint=hint, name=name, near=near, known=" ".join(keys))
    return found
