"""What help shows beside the options: examples, where to read on, topic pages; read from locale/ when asked for.

`locale/examples.tsv` has a line for each example: the command, the line to type, what it does, and the same two in
Chinese (an empty Chinese line is the English one). A line whose second cell is `see` names what to read next to it.
`locale/topics/NAME.LANGUAGE.txt` is a page: its first line is the title, a line with a tab is a pair, a line that
begins with `$ ` is typed, and any other line is a paragraph.
"""

from pathlib import Path
from typing import NamedTuple

from crm_cli.i18n import language

_FOLDER = Path(__file__).parent.parent / "locale"

# name -> what else it is asked for by
TOPICS: dict[str, tuple[str, ...]] = {
    "start": ("begin", "tutorial", "quickstart", "入门", "开始"),
    "references": ("reference", "refs", "ref", "引用"),
    "queries": ("query", "search", "查询"),
    "duplicates": ("duplicate", "dedupe", "merging", "merge", "重复", "去重", "合并"),
    "dates": ("date", "days", "day", "日期"),
    "money": ("amounts", "amount", "currency", "currencies", "金额"),
    "formats": ("format", "formatting", "json", "output", "格式"),
    "exit-codes": ("exit-code", "exit", "codes", "errors", "退出码"),
    "settings": ("environment", "variables", "设置"),
    "options": ("option", "flags", "选项"),
}


class Example(NamedTuple):
    """A line as it is typed, and what it does."""

    line: str
    what: str


def topic_of(word: str) -> str | None:
    """The topic that a word means, None when it is none."""
    low = word.strip().lower().replace("_", "-")
    return next((name for name, others in TOPICS.items() if low == name or low in others), None)


def _rows(command: str) -> list[list[str]]:
    text = (_FOLDER / "examples.tsv").read_text(encoding="utf-8")
    head = command + "\t"
    return [line.split("\t") for line in text.splitlines() if line.startswith(head)]


def examples_of(command: str) -> list[Example]:
    """The examples of a command (`deal move`) in the user's language."""
    rows = [row for row in _rows(command) if row[1] != "see"]
    if language() == "zh":
        return [Example(line_zh or line, what_zh) for _, line, _, line_zh, what_zh in rows]
    return [Example(line, what) for _, line, what, _, _ in rows]


def see_also(command: str) -> list[str]:
    """What to read next to a command: `deal list`, `help money`."""
    return [name.strip() for row in _rows(command) if row[1] == "see" for name in row[2].split(",")]


def topic(name: str) -> list[str]:
    """The lines of a topic page in the user's language."""
    path = _FOLDER / "topics" / f"{name}.{language()}.txt"
    return path.read_text(encoding="utf-8").rstrip("\n").split("\n")
