"""Words of other query languages, answered with ours: never a silent empty list."""

from crm_cli.errors import Misuse
from crm_cli.rules.fields import is_any_field

_MARKS = (">=", "<=", "!=", "==", "=~", ":=", "=", ">", "<", "~")
_DASHES = ("--", "－－", "——", "—", "–", "－")  # of a keyboard, of a Chinese one, and of a word processor
_ALL_DASHES = "-－—–"
FIRST = "=<>~!*"  # what a value may begin with only in quotes


def refuse(text: str, at: int, following: str) -> None:
    """Misuse with the right form for `-tag:x`, `!tag:x`, `*`, `field=value`, `amount>10k`, `field:>10k`, `not x`."""
    if text == "*":
        raise Misuse("* is not needed at {at}: a list without a query has everything", instead=(text, ""), at=at)
    if text.lower() == "not" and following:
        raise _written(f"{text} {following}", f"not:{following}", at)
    if text.startswith(_DASHES) and text.lstrip(_ALL_DASHES)[:1].isalpha():
        right = "--" + text.lstrip(_ALL_DASHES)
        raise Misuse(
            "{text} at {at} is no word to search for, but an option",
            hint="To search for it all the same, put it in quotes within quotes.",
            instead=(text, right),
            text=text,
            at=at,
        )
    rest = text[1:]
    turned = len(rest) > 1 if rest[:1] == "@" else ":" in rest and is_any_field(rest.partition(":")[0])
    if text[0] in "-!^" and turned:
        raise _written(text, f"not:{rest}", at)
    right = _compared(text)
    if right:
        raise _written(text, right, at)


def _written(text: str, right: str, at: int) -> Misuse:
    return Misuse("{text} at {at} is written {right} here", instead=(text, right), text=text, right=right, at=at)


def looks_like_one(text: str) -> bool:
    """Whether a word must be quoted to be taken for a plain word."""
    return text in ("*", "not") or text[0] in "-!^@" or any(mark in text for mark in "=<>~")


def _compared(text: str) -> str:
    """Our form of `field=value`, `field>value`, `field:>value`, `field:*`; empty where it is none of them."""
    found = min(((text.find(mark), -len(mark), mark) for mark in (":", *_MARKS) if mark in text), default=None)
    if found is None or not is_any_field(text[: found[0]]):
        return ""
    field, rest = text[: found[0]], text[found[0] + len(found[2]) :]
    mark = found[2]
    if mark in (":", ":="):
        if rest.strip() == "*":
            return f"has:{field}"
        mark = next((m for m in (*_MARKS, "!") if rest.startswith(m)), "=" if mark == ":=" else "")
        rest = rest[len(mark) :] if found[2] == ":" else rest
    value = rest.strip()
    return _ours(field, mark, value) if value and mark else ""


def _ours(field: str, mark: str, value: str) -> str:
    if mark in (">", ">="):
        return f"{field}:{value}.."
    if mark in ("<", "<="):
        return f"{field}:..{value}"
    return f"not:{field}:{value}" if mark in ("!=", "!") else f"{field}:{value}"
