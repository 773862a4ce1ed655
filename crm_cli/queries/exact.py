"""field:=value on a field of text: the whole of it, still blind to case, width and accents."""

from typing import TYPE_CHECKING

from crm_cli.queries.grammar import Term
from crm_cli.queries.sources import FOLDED
from crm_cli.queries.states import REACH
from crm_cli.rules.fields import Field
from crm_cli.rules.text import fold

if TYPE_CHECKING:
    from crm_cli.queries.compiler import Compiler


def is_text(c: "Compiler", field: Field, term: Term) -> str:
    """A name, a way to reach or a text that is the value and nothing more."""
    key = fold(term.value)
    if field.key in REACH:
        return _reach(c, REACH[field.key], term.value, key)
    if field.key == "contacts":
        return (
            f"{c.alias}.id IN (SELECT x.{c.noun}_id FROM {c.noun}_contact x JOIN contact k ON k.id = x.contact_id"
            f" WHERE k.removed_at IS NULL AND k.name_key = {c.bind(key)})"
        )
    if field.key in ("customer", "parent", "referred_by", "deal") and field.key != c.noun:
        table, column = ("deal", "title_key") if field.key == "deal" else ("customer", "name_key")
        named = f"SELECT id FROM {table} WHERE removed_at IS NULL AND {column} = {c.bind(key)}"
        return f"{c.alias}.{field.key}_id IN ({named})"
    if (c.noun, field.key) in FOLDED:
        return f"{FOLDED[c.noun, field.key]} = {c.bind(key)}"
    if field.key == "country" and (found := is_country(c, c.scalar(field.key), key)):
        return found
    if field.key in ("region", "city"):
        from crm_cli.rules.places import spelled

        kept = fold(spelled(field.key, key))
        return f"fold({c.scalar(field.key)}) IN ({c.bind(kept)}, {c.bind(key)})"
    return f"fold({c.scalar(field.key)}) = {c.bind(key)}"


def is_country(c: "Compiler", expression: str, key: str) -> str:
    """A known country in whatever language, or as it is asked for: never a part of another, as `de` of Sweden.

    An empty text for what is no country.
    """
    from crm_cli.rules.countries import country_name

    kept = country_name(key)
    return f"fold({expression}) IN ({c.bind(fold(kept))}, {c.bind(key)})" if kept else ""


def _reach(c: "Compiler", kind: str, typed: str, key: str) -> str:
    """By the form that look-ups use, in which one number or address has one spelling."""
    from crm_cli.errors import Misuse
    from crm_cli.rules.normalise import reach_key

    column = f"{c.noun}_id"
    digits = "".join(sign for sign in key if sign.isdigit()).lstrip("0")
    if kind == "phone" and len(digits) > 3 and not key.startswith(("+", "00")):
        test = f"substr(value_key, -{len(digits)}) = {c.bind(digits)}"  # a number without its country: that of any
    else:
        try:
            test = f"value_key = {c.bind(reach_key(kind, typed, country=None))}"
        except Misuse:
            test = f"value_key = {c.bind(key)}"
    return f"{c.alias}.id IN (SELECT {column} FROM reach WHERE kind = '{kind}' AND {test} AND {column} IS NOT NULL)"
