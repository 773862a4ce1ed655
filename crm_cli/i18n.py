"""t("English sentence") -> the user's language; the catalogues are the TSV files in locale/.

A catalogue line is `English<TAB>translation` with \\n and \\t escaped. Plain text instead of compiled
gettext files: nothing to build, nothing stale, and a thousand lines load in under a millisecond.
"""

import os

TYPE_CHECKING = False  # as in typing, which would take its time to load
if TYPE_CHECKING:
    from collections.abc import Iterable

LANGUAGES = ("en", "zh")
_FOLDER = os.path.join(os.path.dirname(__file__), "locale")
_lines: dict[str, str] = {}
_language = "en"


def language() -> str:
    """The language in force: "en" or "zh"."""
    return _language


def language_of(tag: str) -> str | None:
    """`zh_CN.UTF-8`, `zh-Hans`, `English` -> "zh" or "en"; None for a language that we do not speak."""
    low = tag.strip().lower().replace("_", "-")
    head = low.split(".")[0].split("-")[0]
    if head in ("zh", "chinese", "cn", "中文"):
        return "zh"
    if head in ("en", "english", "c", "posix"):
        return "en"
    return None


def set_language(name: str) -> None:
    """Choose "en" or "zh"; the catalogue is read on the first use of Chinese."""
    global _language
    _language = name if name in LANGUAGES else "en"
    if _language != "en" and not _lines:
        _lines.update(read_catalogue(_language))


def read_catalogue(name: str) -> dict[str, str]:
    """English -> translation, of the file locale/<name>.tsv."""
    lines: dict[str, str] = {}
    with open(os.path.join(_FOLDER, f"{name}.tsv"), encoding="utf-8") as file:
        text = file.read()
    for line in text.splitlines():
        english, tab, other = line.partition("\t")
        if tab and not english.startswith("#"):
            lines[english.replace("\\n", "\n")] = other.replace("\\n", "\n")
    return lines


def t(sentence: str, /, **holes: object) -> str:
    """The sentence in the user's language with its named holes filled."""
    text = _lines.get(sentence, sentence) if _language != "en" else sentence
    return text.format(**{name: _one_line(value) for name, value in holes.items()}) if holes else text


def _one_line(value: object) -> object:
    """What fills a hole is data: a line end in it may not begin a line of its own, which would look like ours."""
    return value.replace("\n", "\\n") if isinstance(value, str) and "\n" in value else value


def tn(one: str, many: str, n: int, /, **holes: object) -> str:
    """Singular or plural by `n`, which fills the hole `{n}`."""
    return t(one if n == 1 else many, n=n, **holes)


def listed(words: "Iterable[str]", *, clauses: bool = False) -> str:
    """`a, b, c`; in Chinese a、b、c, or a，b，c between parts of a sentence."""
    mark = ", " if _language == "en" else "，" if clauses else "、"
    return mark.join(words)


def from_environment(environ: "os._Environ[str] | dict[str, str]") -> str | None:
    """The language that the environment asks for: CRM_LANG, LC_ALL, LC_MESSAGES, LANG; the first that is set."""
    for key in ("CRM_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environ.get(key)
        if value:
            return language_of(value)
    return None


def said(sentence: str) -> str:
    """The sentence itself: marks one that is kept here and told elsewhere, so that its Chinese is not forgotten."""
    return sentence
