"""The strings that a person is known by, found in any text and taken out of it: names, e-mails, phones, handles."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from crm_cli.rules.text import fold, has_cjk

ERASED = "[erased]"
_CJK = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = f"[^\\W_{_CJK}]"
_TOKEN = re.compile(f"[{_CJK}]|{_WORD}+")
_DIGIT = re.compile(r"\D+")
_BETWEEN = r"[\s().\-/\u00a0\u2010-\u2015]*"  # what stands between the digits of a phone number
_SHORTEST = 3  # letters: what is shorter would be found in half of all texts
_SHORTEST_CJK = 2
_SHORTEST_PHONE = 5
_FEW = 60  # numbers that are looked for one by one


class Traces:
    """Whole strings only, blind to case: `Jane Doe` is in `JANE DOE's`, not in `Jane Doerr`. A phone number is its
    digits, whatever stands between them."""

    def __init__(self, texts: Iterable[str], phones: Iterable[str] = ()) -> None:
        spelled = {form for text in texts for form in (" ".join(text.split()), fold(text)) if _tells(form)}
        self.texts = sorted(spelled, key=len, reverse=True)
        digits = {_DIGIT.sub("", phone.partition(";")[0]) for phone in phones}
        self.phones = sorted((one for one in digits if len(one) >= _SHORTEST_PHONE), key=len, reverse=True)
        by_token: dict[str, list[str]] = {}
        for text in self.texts:
            first = _TOKEN.search(text)
            by_token.setdefault(first[0].lower() if first else "", []).append(text)
        self._patterns = {token: re.compile("|".join(map(_pattern, found)), re.I) for token, found in by_token.items()}
        self._known_phones = set(self.phones)
        self._lengths = sorted({len(phone) for phone in self.phones})

    def __bool__(self) -> bool:
        return bool(self.texts or self.phones)

    def found(self, text: str) -> bool:
        """Whether one of the strings stands in a text."""
        return any(pattern.search(text) for pattern in self._near(text))

    def wiped(self, text: str) -> str:
        """The text without them."""
        for pattern in self._near(text):
            text = pattern.sub(ERASED, text)
        return text

    def _near(self, text: str) -> list[re.Pattern[str]]:
        """The patterns that may fit: most texts have none, and are passed by quickly."""
        low = text.lower()
        near = []
        if self._patterns:
            tokens = set(_TOKEN.findall(low))
            near = [pattern for token, pattern in self._patterns.items() if token in tokens]
            if "" in self._patterns:
                near.append(self._patterns[""])
        return near + [_of_digits(phone) for phone in self._dialled(low)]

    def _dialled(self, text: str) -> list[str]:
        if not self.phones:
            return []
        digits = _DIGIT.sub("", text)
        if len(digits) < self._lengths[0]:
            return []
        if len(self.phones) <= _FEW:
            return [phone for phone in self.phones if phone in digits]
        runs = (digits[at : at + n] for n in self._lengths for at in range(len(digits) - n + 1))
        return sorted(self._known_phones.intersection(runs), key=len, reverse=True)

    def in_bytes(self) -> "re.Pattern[bytes] | None":
        """The same in the bytes of a file, for a few strings; None where there are too many."""
        if not self or len(self.texts) + len(self.phones) > _FEW:
            return None
        pieces = [re.escape(text.encode()) for text in self.texts]
        pieces += [rb"[ ().\-/]*".join(digit.encode() for digit in phone) for phone in self.phones]
        return re.compile(b"|".join(pieces), re.I)


def _tells(text: str) -> bool:
    return len(text) >= (_SHORTEST_CJK if has_cjk(text) else _SHORTEST)


def _pattern(text: str) -> str:
    body = r"\s+".join(re.escape(word) for word in text.split(" "))
    if "@" in text:
        return rf"(?<![\w.+\-]){body}(?![\w\-]|\.\w)"
    before = f"(?<!{_WORD})" if re.match(_WORD, text[0]) else ""
    behind = f"(?!{_WORD})" if re.match(_WORD, text[-1]) else ""
    return before + body + behind


def _of_digits(phone: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\d)(?:\+|00)?{_BETWEEN.join(phone)}(?!\d)")


def parts(name: str) -> list[str]:
    """The words of a name that are names by themselves: who was in a talk is called by one of them there."""
    return [word for word in fold(name).split() if len(word) >= _SHORTEST and not has_cjk(word)]


def read(text: str) -> str:
    """Texts within JSON as they are meant, one a line; other text as it is."""
    if "\\" not in text or text[:1] not in "{[":
        return text
    try:
        return "\n".join(_texts(json.loads(text)))
    except ValueError:
        return text


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield read(value)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def in_json(value: Any, wipe: Callable[[str], str]) -> Any:
    """A JSON value with every text in it passed through `wipe`, keys and JSON within texts included."""
    if isinstance(value, str):
        if value[:1] == "{" and value[-1:] == "}":
            try:
                inner = json.loads(value)
            except ValueError:
                return wipe(value)
            return json.dumps(in_json(inner, wipe), ensure_ascii=False, sort_keys=True)
        return wipe(value)
    if isinstance(value, dict):
        return {wipe(key): in_json(one, wipe) for key, one in value.items()}
    if isinstance(value, list):
        return [in_json(one, wipe) for one in value]
    return value
