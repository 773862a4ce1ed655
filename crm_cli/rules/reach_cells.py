"""Cells of foreign files -> ways to reach somebody: e-mails, phones, websites, messengers, several in one cell too."""

import re
from collections.abc import Callable, Sequence

from crm_cli.errors import Misuse
from crm_cli.rules.cells import text
from crm_cli.rules.normalise import email_key, email_shown, messenger_key, phone_key, split_label, website_key
from crm_cli.rules.social import handle_of

# value as typed, its key, its label ("" for the label of the column)
Reach = tuple[str, str, str]
_PLAIN_EMAIL = re.compile(
    r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,60}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
_PLAIN_HOST = re.compile(r"(?:https?://)?((?:[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?\.)+[a-z]{2,24})/?")
# An international number of which nothing is left to be asked: no trunk zero, no extension.
_PLAIN_PHONE = re.compile(r"\+[1-9][0-9 .()-]{6,24}[0-9]")
_TRUNK_ZERO = re.compile(r"\+[0-9]{1,3}[^0-9]+0|.*\(0")
_SEPARATORS = str.maketrans("", "", " .()-")
_SEVERAL = re.compile(r"[;；\n、]|:::")


def _parts(cell: str, commas: bool) -> list[str]:
    """The values of a cell that may hold several, joined by `; ` as an export does, by ` ::: ` or by lines."""
    parts = _SEVERAL.split(cell)
    if commas and len(parts) == 1 and ("," in cell or "，" in cell):
        parts = re.split("[,，]", cell)
    return [part.strip() for part in parts if part.strip()]


def emails(cell: str) -> list[Reach] | None:
    """The e-mail addresses of a cell; Misuse when one of them is none."""
    if _PLAIN_EMAIL.fullmatch(cell) and len(cell) < 255:
        return [(cell, cell.lower(), "")]
    found = text(cell)
    if found is None:
        return None
    values = []
    for part in _parts(found, True):
        value, label = split_label(part) if ":" in part or "：" in part else (part, "")
        value = email_shown(value)
        values.append((value, email_key(value), label))
    return values or None


_EMAILS = re.compile(f"(?:{_PLAIN_EMAIL.pattern})?")
_PHONES = re.compile(f"(?:{_PLAIN_PHONE.pattern})?")
_HOSTS = re.compile(f"(?:{_PLAIN_HOST.pattern})?")


def plain_column(kind: str, column: Sequence[str]) -> list[str] | None:
    """The keys of a column of e-mails, phones or websites, where every cell is plain or empty; None where one is not.

    It says what `emails`, `phones` and `websites` say of each cell, for the many files in which nothing is odd.
    """
    if not column or max(map(len, column)) > 250:
        return None
    if kind == "email":
        return [cell.lower() for cell in column] if all(map(_EMAILS.fullmatch, column)) else None
    if kind == "phone":
        if not all(map(_PHONES.fullmatch, column)) or any(map(_TRUNK_ZERO.match, column)):
            return None
        keys = [cell.translate(_SEPARATORS) for cell in column]
        return keys if all(9 <= len(key) <= 16 or not key for key in keys) else None
    if kind == "website":
        found = list(map(_HOSTS.fullmatch, column))
        if not all(found):
            return None
        hosts = [(match[1] or "").removeprefix("www.") for match in found if match]
        return hosts if all("." in host or not host for host in hosts) else None
    return None


def phones(country: str | None) -> Callable[[str], list[Reach] | None]:
    """A parser for the phone numbers of a cell; what has no digit at all is refused, the rest is kept as typed."""

    def parse(cell: str) -> list[Reach] | None:
        if _PLAIN_PHONE.fullmatch(cell):
            key = cell.translate(_SEPARATORS)
            if 9 <= len(key) <= 16 and ("0" not in cell or not _TRUNK_ZERO.match(cell)):
                return [(cell, key, "")]
        found = text(cell)
        if found is None:
            return None
        parts = [found]
        if _SEVERAL.search(found) or (("," in found or "，" in found) and _all_long(found)):
            parts = _parts(found, True)
        values = []
        for part in parts:
            value, label = split_label(part) if ":" in part or "：" in part else (part, "")
            values.append((value, _phone_key(value, country), label))
        return values

    return parse


def _all_long(cell: str) -> bool:
    """Whether every part between commas is a number of its own, and not an extension."""
    return all(sum(sign.isdigit() for sign in part) >= 7 for part in re.split("[,，]", cell))


def _phone_key(value: str, country: str | None) -> str:
    try:
        return phone_key(value, country=country)
    except Misuse:
        digits = "".join(str(int(sign)) for sign in value if sign.isdecimal())
        if not digits:
            raise
        return digits


def websites(cell: str, *, own: bool = False) -> list[Reach] | None:
    """The websites of a cell; Misuse when one of them is none. In an export of ours a link is what it was there."""
    plain = _PLAIN_HOST.fullmatch(cell)
    if plain and len(plain[1]) < 254:
        bare = plain[1].removeprefix("www.")
        return [(cell, bare if "." in bare else plain[1], "")]
    found = text(cell)
    if found is None:
        return None
    parts = [found] if "://" in found and not re.search(r"[;；\n]\s*(?:https?:|www\.)", found) else _parts(found, True)
    return [(part, website_key(part), "") if own else _website(part) for part in parts] or None


def _website(part: str) -> Reach:
    """A website; a link to somebody's profile is a messenger handle, and has its label."""
    found = handle_of(part) if "/" in part or ":" in part else None
    return (part, messenger_key(found[1]), found[0]) if found else (part, website_key(part), "")


def messengers(cell: str) -> list[Reach] | None:
    """The messenger handles of a cell, `wechat:zhangwei` with its label."""
    found = text(cell)
    if found is None:
        return None
    values = []
    for part in _parts(found, False):
        value, label = split_label(part)
        link = None if label else handle_of(value)
        values.append((value, messenger_key(value), link[0] if link else label))
    return values or None
