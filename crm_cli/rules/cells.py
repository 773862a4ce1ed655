"""Cells of foreign files -> values: text, words, numbers and ways to reach somebody; each cell is judged alone.

A parser gives the value, None for an empty cell, or Kept where a foreign word has no place of its own: the value that
takes its place and the text, which is not lost. Misuse says what is wrong with the cell.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from crm_cli.errors import Misuse
from crm_cli.rules.names import canonical
from crm_cli.rules.normalise import email_key, messenger_key, phone_key, split_label, website_key
from crm_cli.rules.text import fold, unguard_formula

LONGEST_TEXT = 1_000_000
LONGEST_NAME = 500
_IDEOGRAPHS = re.compile("[\u4e00-\u9fa5A-Za-z0-9 ]+")
_MEMO = 4096  # cells of one column that are remembered: most columns repeat themselves


class Kept(NamedTuple):
    """A value, and the text of the cell that says more than the value does."""

    value: Any
    text: str


class Bad(NamedTuple):
    """What is wrong with a cell: an English sentence with named holes."""

    sentence: str
    holes: dict[str, object]


class Memo(dict[Any, Any]):
    """Cell -> value, each different cell parsed once; `odd` once a Bad or a Kept was among them."""

    def __init__(self, parse: Callable[[Any], Any]) -> None:
        super().__init__()
        self.parse = parse
        self.odd = False

    def __missing__(self, cell: Any) -> Any:
        if len(self) >= _MEMO:
            self.clear()
        self[cell] = value = judged(self.parse, cell)
        if type(value) is Bad or type(value) is Kept:
            self.odd = True
        return value


def judged(parse: Callable[[Any], Any], cell: Any) -> Any:
    """The value of a cell, or a Bad where the parser refuses it."""
    try:
        return parse(cell)
    except Misuse as error:
        return Bad(error.sentence, error.holes)


# ------------------------------------------------------------------ text


def text(cell: str) -> str | None:
    """The text without the guard against formulas and without outer spaces; what is inside stays as it is."""
    if not cell:
        return None
    if cell[0] == "'":
        cell = unguard_formula(cell)
    cell = cell.strip()
    if len(cell) > LONGEST_TEXT:
        raise Misuse("The text is longer than {longest} characters.", longest=f"{LONGEST_TEXT:,}")
    if "\0" in cell:
        raise Misuse("The text has a NUL character in it.")
    return cell or None


def long_text(cell: str) -> str | None:
    """The same for notes, where a line ends with a line feed alone."""
    found = text(cell)
    return found.replace("\r\n", "\n") if found and "\r" in found else found


def name(cell: str) -> str | None:
    """A name or title: a text of at most 500 characters."""
    found = text(cell)
    if found and len(found) > LONGEST_NAME:
        raise Misuse(
            "A name of {length} characters is too long; the most is {longest}.", length=len(found), longest=LONGEST_NAME
        )
    return found


def key_of(value: str) -> str:
    """The folded name; of a name that folds to nothing the name itself."""
    if not value.isascii() and _IDEOGRAPHS.fullmatch(value):  # nothing to fold in most Chinese names
        return " ".join(value.lower().split())
    return fold(value) or value


# ------------------------------------------------------------------ words


def word(group: str, *, own: bool = False) -> Callable[[str], Any]:
    """A parser for the fixed words of a group in both languages; with `own` other words are kept as they are."""

    def parse(cell: str) -> Any:
        found = text(cell)
        if found is None:
            return None
        value = canonical(group, fold(found))
        return value or (found if own else Kept(None, found))

    return parse


_YES = {
    "1",
    "true",
    "yes",
    "y",
    "x",
    "是",
    "done",
    "completed",
    "complete",
    "closed",
    "finished",
    "held",
    "完成",
    "已完成",
    "√",
    "✓",
}
_NO = {"0", "false", "no", "n", "否", "open", "not started", "未完成", "待办"}


def kind(cell: str) -> Any:
    """company or person; `Is a company` of Odoo says 1 or 0."""
    found = text(cell)
    if found is None:
        return None
    plain = fold(found)
    if plain in ("1", "true", "yes"):
        return "company"
    if plain in ("0", "false", "no"):
        return "person"
    return canonical("kind", plain) or Kept(None, found)


def done(cell: str) -> Any:
    """True or None from the status of a task; what says more is kept."""
    found = text(cell)
    if found is None:
        return None
    plain = fold(found)
    if plain in _YES:
        return True
    return None if plain in _NO else Kept(None, found)


def is_yes(cell: str) -> bool | None:
    """Whether a cell only says yes or no; None when it says something else."""
    plain = fold(cell)
    return True if plain in _YES else False if plain in _NO else None


# ------------------------------------------------------------------ numbers


def size(cell: str) -> Any:
    """A number of people: `1,234`, `350.0`; of a band such as `51-200` the lower end, and the band is kept."""
    found = text(cell)
    if found is None:
        return None
    plain = fold(found).replace(" ", "")
    if plain.isdigit() and len(plain) < 16:
        return int(plain)
    if re.fullmatch(r"[0-9]{1,12}\.0{1,2}", plain):
        return int(plain.partition(".")[0])
    if re.fullmatch(r"[0-9]{1,3}(?:[,.'][0-9]{3})+", plain) and len(plain) < 16:
        return int(re.sub("[,.']", "", plain))
    lower = re.match(r"(?:[^0-9-]*)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})", plain)
    return Kept(int(lower[1].replace(",", "")) if lower else None, found)


def percent(cell: str) -> int | None:
    """`50`, `50%`, `50.0`, and 0.5 as the half that it is; 0 to 100."""
    found = text(cell)
    if found is None:
        return None
    plain = fold(found).replace(" ", "").removesuffix("%").replace(",", ".")
    if not re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{1,6})?", plain):
        raise Misuse("{value} is not a percentage; type it as 50 or 50%.", value=found[:40])
    number = float(plain)
    value = round(number * 100 if 0 < number < 1 and "%" not in found else number)
    if value > 100:
        raise Misuse("{value} is above 100 percent.", value=found[:40])
    return value


def days(cell: str) -> int | None:
    """A cadence in days: `30`, `2w`."""
    from crm_cli.rules.durations import parse_days

    found = text(cell)
    return None if found is None else parse_days(found)


def minutes(cell: str) -> Any:
    """How long it took: `15`, `1h30`, `00:15:30`; nothing of a length of zero."""
    from crm_cli.rules.durations import parse_minutes

    found = text(cell)
    if found is None:
        return None
    clock = re.fullmatch(r"([0-9]{1,3}):([0-9]{2}):([0-9]{2})", found)
    if clock:
        return int(clock[1]) * 60 + int(clock[2]) + (int(clock[3]) >= 30)
    if not found.strip("0.:"):
        return None
    try:
        return parse_minutes(found.removesuffix(".0"))
    except Misuse:
        return Kept(None, found)


def every(cell: str) -> str | None:
    """A recurrence in the form that is kept."""
    from crm_cli.rules.recurrence import parse_every

    found = text(cell)
    return None if found is None else parse_every(found)


def currency(cell: str) -> str | None:
    """The code of a currency."""
    from crm_cli.rules.money import parse_currency

    found = text(cell)
    return None if found is None else parse_currency(found)


def external(cell: str) -> str | None:
    """The id of another system, as it is written there."""
    found = text(cell)
    if found and len(found) > LONGEST_NAME:
        raise Misuse(
            "An id of {length} characters is too long; the most is {longest}.", length=len(found), longest=LONGEST_NAME
        )
    return found


# ------------------------------------------------------------------ ways to reach somebody

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
        shown = re.fullmatch(r"(?:[^<>]*)<\s*([^<>\s]+@[^<>\s]+)\s*>", value)
        value = shown[1] if shown else value
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


def websites(cell: str) -> list[Reach] | None:
    """The websites of a cell; Misuse when one of them is none."""
    plain = _PLAIN_HOST.fullmatch(cell)
    if plain and len(plain[1]) < 254:
        bare = plain[1].removeprefix("www.")
        return [(cell, bare if "." in bare else plain[1], "")]
    found = text(cell)
    if found is None:
        return None
    parts = [found] if "://" in found and not re.search(r"[;；\n]\s*(?:https?:|www\.)", found) else _parts(found, True)
    return [(part, website_key(part), "") for part in parts] or None


def messengers(cell: str) -> list[Reach] | None:
    """The messenger handles of a cell, `wechat:zhangwei` with its label."""
    found = text(cell)
    if found is None:
        return None
    values = []
    for part in _parts(found, False):
        value, label = split_label(part)
        values.append((value, messenger_key(value), label))
    return values or None


def tags(cell: str, *, own: bool) -> list[str] | None:
    """The tags of a cell: joined by `; ` in an export of ours, by commas too in others."""
    found = text(cell)
    if found is None:
        return None
    parts = found.split("; ") if own else re.split(r"[;；,，、|\n]|:::", found)
    named = [part.strip().removeprefix("* ").strip() for part in parts]
    for one in named:
        if len(one) > LONGEST_NAME:
            raise Misuse(
                "A name of {length} characters is too long; the most is {longest}.",
                length=len(one),
                longest=LONGEST_NAME,
            )
    return [one for one in named if one] or None
