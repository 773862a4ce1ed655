"""The CrmError family: one class, one kind, one exit code, one sentence with named holes.

A sentence is English with `{holes}`; it is translated and filled only when it is shown, so that
raising costs nothing and JSON can carry the kind beside it.
"""

from typing import Any


class CrmError(Exception):
    """Something the person can act on. `sentence` has named holes, `hint` says what to do next.

    `instead` is a piece of what was typed, then what may have been meant by it (nothing: leave it out); the lines to
    paste are made of it where the whole line is known, and stand in `lines`, each behind "or", "then" or neither.
    """

    kind = "error"
    code = 1

    def __init__(
        self,
        sentence: str,
        /,
        *,
        hint: str = "",
        candidates: list[dict[str, Any]] | None = None,
        instead: tuple[str | None, ...] = (),
        lines: list[tuple[str, str]] | None = None,
        **holes: object,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint
        self.candidates = candidates or []
        self.instead = instead
        self.lines = lines or []
        self.holes = holes

    def message(self) -> str:
        """The sentence in the user's language, holes filled."""
        from crm_cli.i18n import t

        return t(self.sentence, **self.holes)

    def advice(self) -> str:
        """What to do next, in the user's language; may be empty."""
        from crm_cli.i18n import t

        return t(self.hint, **self.holes) if self.hint else ""

    def to_paste(self) -> list[str]:
        """The corrected lines, each behind a word that says so."""
        from crm_cli.i18n import t

        return [
            t("Or: {line}" if joint == "or" else "Then: {line}" if joint == "then" else "Type: {line}", line=line)
            for joint, line in self.lines
        ]

    def __str__(self) -> str:
        return self.message()


class Misuse(CrmError):
    """Asked wrongly: a bad option, value, date, amount or query."""

    kind = "usage"
    code = 2


class Unclear(Misuse):
    """The columns of a file do not tell what its rows are; `kinds` are those that they may be."""

    kinds: tuple[str, ...] = ()


class NotFound(CrmError):
    """No such record, stage, tag, field or file."""

    kind = "not_found"
    code = 3


class Ambiguous(CrmError):
    """Several records fit; the candidates name them with their ids."""

    kind = "ambiguous"
    code = 4


class Conflict(CrmError):
    """Already there, or in conflict with what is kept."""

    kind = "conflict"
    code = 4


class StoreError(CrmError):
    """The database cannot be used as asked."""

    kind = "database"
    code = 5


class Damaged(StoreError):
    """The file of a database does not hold together."""


class FileError(CrmError):
    """A file or folder cannot be read or written."""

    kind = "file"
    code = 5


class BadData(CrmError):
    """The data handed in are wrong and nothing was written."""

    kind = "data"
    code = 65


class UnclearEncoding(BadData):
    """The bytes of a file are text in several encodings; `codecs` are those that somebody may choose from."""

    codecs: tuple[str, ...] = ()


class Busy(CrmError):
    """Somebody else holds the database; trying again may work."""

    kind = "busy"
    code = 75


class Cancelled(CrmError):
    """The person stopped it; nothing was changed."""

    kind = "cancelled"
    code = 130
