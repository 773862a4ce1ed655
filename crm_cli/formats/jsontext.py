"""JSON read value by value from a file of any size: no more is held than a value needs, and faults have a place."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from crm_cli.errors import BadData
from crm_cli.formats.encoding import CHUNK, Reading, Source

VALUE_LIMIT = 1 << 24  # characters of one record
LONG = 1 << 20  # an object of more is looked through for arrays instead of being held
_BLANK = re.compile(r"[ \t\r\n]*")
_NO_NUMBER = re.compile(r"-?\b(?:NaN|Infinity)\b")
_HINT = "Mend it there, or export the file again."
_FAULTS = {
    "Expecting value": "Line {line}, column {column}: a value is missing here.",
    "Expecting ',' delimiter": "Line {line}, column {column}: a comma or a closing bracket is missing here.",
    "Expecting ':' delimiter": "Line {line}, column {column}: a colon is missing here.",
    "Expecting property name": "Line {line}, column {column}: a key in double quotes is missing here.",
    "Illegal trailing comma": "Line {line}, column {column}: nothing follows this comma.",
    "Unterminated string": "Line {line}, column {column}: a text begins here and never ends.",
    "Invalid control": "Line {line}, column {column}: a line end or control character stands in a text as it is.",
    "Invalid \\": "Line {line}, column {column}: there is no such escape with a backslash.",
}
_OTHER = "Line {line}, column {column}: this is no JSON."


class Number(str):
    """A number as it is written, to its last digit."""


class _Twice(Exception):
    """A key that stands twice in one object."""


class _NoNumber(Exception):
    """NaN or Infinity, which JSON does not have."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        raise _Twice(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return found


def _refuse_constant(_: str) -> NoReturn:
    raise _NoNumber


_decode = json.JSONDecoder(
    parse_float=Number, parse_int=Number, parse_constant=_refuse_constant, object_pairs_hook=_pairs
).raw_decode


class Text:
    """The text of a file with a place in it."""

    def __init__(self, origin: Source, reading: Reading) -> None:
        self.name = origin.name
        self.chunks = origin.chunks(reading.skip)
        self.decode = codecs.getincrementaldecoder(reading.codec)("strict").decode
        self.buffer, self.at, self.ended = "", 0, False
        self.several = False  # whether one object stands behind another
        self.line, self.margin = 1, 0  # of `at`; where in the buffer its line begins, below zero once that is gone

    def peek(self) -> str:
        """The next character that is no white space, which is not taken; "" at the end."""
        while True:
            blank = _BLANK.match(self.buffer, self.at)
            assert blank is not None
            self._pass(blank.end())
            if self.at < len(self.buffer):
                return self.buffer[self.at]
            if not self._fill():
                return ""

    def ahead(self) -> str:
        """The character behind the next one, white space left out; neither is taken."""
        self.peek()
        while True:
            blank = _BLANK.match(self.buffer, self.at + 1)
            assert blank is not None
            if blank.end() < len(self.buffer):
                return self.buffer[blank.end()]
            if not self._fill():
                return ""

    def take(self, sign: str) -> bool:
        """Take the next character where it is this one."""
        if self.peek() != sign:
            return False
        self._pass(self.at + 1)
        return True

    def value(self) -> Any:
        """The next value, whole. BadData where it is broken or too long."""
        self.peek()
        step = CHUNK
        while True:
            start = self.at  # reading on moves it
            try:
                value, end = _decode(self.buffer, start)
            except json.JSONDecodeError as error:
                if not self._more(step):
                    self._fault(error.msg, error.pos - start)
            except _Twice as error:
                told = "Line {line}, column {column}: the key {key} stands twice in this object."
                self.complain(told, key=error.args[0])
            except _NoNumber:
                found = _NO_NUMBER.search(self.buffer, self.at)
                self._pass(found.start() if found else self.at)
                self.complain("Line {line}, column {column}: NaN and Infinity are no numbers in JSON.")
            except RecursionError:
                self.complain("Line {line}, column {column}: objects lie too deep within each other.")
            else:
                if end < len(self.buffer) or not self._more(step):
                    self._pass(self.at + end - start)
                    return value
            step *= 2

    def is_long(self) -> bool:
        """Whether the value that begins here is very long; nothing is taken."""
        start = self.at
        try:
            _decode(self.buffer, start)
        except json.JSONDecodeError:
            if len(self.buffer) - start > LONG:
                return True
            return self._more(LONG) and self.is_long()
        except (_Twice, _NoNumber, RecursionError):
            pass
        return False

    def array(self) -> Iterator[tuple[int, Any]]:
        """The values of an array, each with its line."""
        self.take("[")
        if self.take("]"):
            return
        while True:
            self.peek()
            line = self.line
            yield line, self.value()
            if not self.take(","):
                break
        if not self.take("]"):
            self.complain("Line {line}, column {column}: a comma or a closing bracket is missing here.")

    def members(self) -> Iterator[str]:
        """The keys of an object, one after the other; who walks them takes the value behind each."""
        self.take("{")
        if self.take("}"):
            return
        while True:
            if self.peek() != '"':
                self.complain("Line {line}, column {column}: a key in double quotes is missing here.")
            key = self.value()
            if not self.take(":"):
                self.complain("Line {line}, column {column}: a colon is missing here.")
            yield key
            if not self.take(","):
                break
        if not self.take("}"):
            self.complain("Line {line}, column {column}: a comma or a closing bracket is missing here.")

    def complain(self, sentence: str, **holes: Any) -> NoReturn:
        """BadData that names this place."""
        raise BadData(sentence, hint=_HINT, line=self.line, column=self.at - self.margin + 1, **holes)

    # ------------------------------------------------------------------ the buffer

    def _fault(self, told: str, place: int) -> NoReturn:
        """BadData for what the decoder says of a place behind this one."""
        if not self.ended and len(self.buffer) - self.at > VALUE_LIMIT and place > VALUE_LIMIT // 2:
            self.complain(
                "Line {line}, column {column}: a record is longer than {limit} characters.", limit=VALUE_LIMIT
            )
        self._pass(self.at + place)
        self.complain(next((sentence for begin, sentence in _FAULTS.items() if told.startswith(begin)), _OTHER))

    def _more(self, size: int) -> bool:
        """Read on by some characters; False at the end, and once more is held than a record may have."""
        if len(self.buffer) - self.at > VALUE_LIMIT:
            return False
        target = len(self.buffer) - self.at + size
        grown = False
        while len(self.buffer) - self.at < target and self._fill():
            grown = True
        return grown

    def _fill(self) -> bool:
        text = ""
        while not text and not self.ended:  # a chunk may end within its only character
            chunk = next(self.chunks)
            self.ended = not chunk
            text = self.decode(chunk, not chunk)
        self.margin -= self.at
        self.buffer, self.at = self.buffer[self.at :] + text, 0
        return bool(text)

    def _pass(self, end: int) -> None:
        """Go on to a place in the buffer."""
        found = self.buffer.count("\n", self.at, end)
        if found:
            self.line += found
            self.margin = self.buffer.rindex("\n", self.at, end) + 1
        self.at = end
