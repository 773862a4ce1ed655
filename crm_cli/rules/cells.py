"""Cells of foreign files -> values: text, words, numbers and tags; each cell is judged alone.

A parser gives the value, None for an empty cell, or Kept where a foreign word has no place of its own: the value that
takes its place and the text, which is not lost. Misuse says what is wrong with the cell.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from crm_cli.errors import Misuse
from crm_cli.rules.names import canonical
from crm_cli.rules.places import spelled
from crm_cli.rules.spelling import category_path, tidy
from crm_cli.rules.text import fold, unguard_formula

LONGEST_TEXT = 1_000_000
LONGEST_NAME = 500
_IDEOGRAPHS = re.compile("[\u4e00-\u9fa5A-Za-z0-9 ]+")
_UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# names of which nothing can be spelled in another way: words of letters and digits with single spaces
_FINE = re.compile("[\u4e00-\u9fff\u00c0-\u017f!-~（）·—]+(?: [\u4e00-\u9fff\u00c0-\u017f!-~（）·—]+)*")
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
    """A name or title of at most 500 characters, in one spelling."""
    found = own_name(cell)
    if found is None or _FINE.fullmatch(found):
        return found
    return tidy(found)


def place(field: str) -> Callable[[str], str | None]:
    """A parser for a country, a region or a city: each in one spelling of all languages."""

    def parse(cell: str) -> str | None:
        found = text(cell)
        return None if found is None else spelled(field, found)

    return parse


def own_name(cell: str) -> str | None:
    """The same as an export of ours has it: not a sign of it is changed."""
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


# Steps of a sale in a list of customers: the status that each amounts to; the word says more and is kept.
_STEPS = {
    "new": "潜在客户 潜在 待跟进 待联系 未跟进 待分配 prospect open",
    "contacted": "已约见 已约访 已预约 已拜访 已沟通 已跟进 已接触 初步接触 初次接触 初步沟通 初步洽谈"
    " 接触中 沟通中 attempted connected",
    "qualified": "有意向 意向 高意向 意向明确 需求确认 需求明确 需求分析 需求挖掘 验证客户 方案 方案报价"
    " 方案/报价 方案呈现 方案验证 报价 已报价 谈判 商务谈判 谈判中 试用 试用中 立项 招投标 proposal negotiation",
    "unqualified": "无效线索 无效客户 非目标客户",
    "customer": "赢单 签约 已签约 成交签约 合作中 已合作 老客户 正式客户 复购客户 won",
    "closed": "输单 丢单 战败 流失 已流失 流失客户 lost",
}
_STEP_OF = {step: status for status, steps in _STEPS.items() for step in steps.split()}


def status(cell: str) -> Any:
    """The status of a customer, in either language; a step of a sale stands for one and is kept beside it."""
    found = text(cell)
    if found is None:
        return None
    plain = fold(found)
    value = canonical("status", plain)
    return value or Kept(_STEP_OF.get(plain), found)


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


def category(cell: str) -> str | None:
    """A path of categories: `Software > CRM` is Software/CRM."""
    found = text(cell)
    return category_path(found) or None if found else None


def active(cell: str) -> Any:
    """1 or 0 for yes and no, also as shops say it: on sale, discontinued; another word says nothing and is kept."""
    found = text(cell)
    if found is None:
        return None
    yes = is_yes(found)
    if yes is None:
        yes = True if fold(found) in _ON_SALE else False if fold(found) in _OFF_SALE else None
    return Kept(None, found) if yes is None else int(yes)


_ON_SALE = {"active", "on sale", "available", "in stock", "published", "在售", "上架", "启用", "有效"}
_OFF_SALE = {"inactive", "discontinued", "archived", "draft", "停售", "下架", "停用", "无效", "已下架"}


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


def is_plain_number(cell: str) -> bool:
    """Digits with at most a decimal point: an amount that is kept as it stands."""
    return cell.isascii() and cell.replace(".", "", 1).isdigit()


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


def uuid(cell: str) -> Any:
    """The uuid of a record in an export of ours; any other text in such a column is a field of one's own."""
    found = text(cell)
    if found is None:
        return None
    plain = found.lower()
    return plain if _UUID.fullmatch(plain) else Kept(None, found)


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
