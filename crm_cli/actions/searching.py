"""What find does: the index brought up to date where many texts wait, the words looked for, then what is near them."""

from typing import Any, NamedTuple

from crm_cli.errors import CrmError, Misuse
from crm_cli.queries import umlauts
from crm_cli.queries.search import Asked, Hit, asked, found, named, only_signs, rows_of
from crm_cli.queries.search_places import Index
from crm_cli.store import catching
from crm_cli.store.reader import Reader, open_reader

LONGEST, LONGEST_WORD = 1000, 200  # characters
catch_up = catching.catch_up


def ready(db: Reader) -> int:
    """How many texts are to be read into the index before a search; 0 where it can begin."""
    return catching.behind(db)


class Answer(NamedTuple):
    """Rows of ref, kind, id, name, customer, snippet; whether more would fit, whether they only come near what was
    looked for, whether names alone were looked through; and the words that they were found by."""

    rows: list[dict[str, Any]]
    more: bool = False
    near: bool = False
    names_only: bool = False
    forms: tuple[str, ...] = ()


def search(db: Reader, text: str, *, country: str | None = None) -> Answer:
    """Records that have every word, the best first."""
    if len(text) > LONGEST or max(map(len, text.split()), default=0) > LONGEST_WORD:
        raise Misuse(
            "What is looked for is longer than {n} characters, or a word of it than {word}",
            n=LONGEST,
            word=LONGEST_WORD,
        )
    wanted, index = asked(text), Index(db)
    if only_signs(wanted) and index.is_large:
        hits, more = named(index, wanted)
        return _answer(hits, more, wanted, names_only=True)
    hits, more = found(index, wanted, country=country)
    other = umlauts.otherwise(wanted)
    if other is not None:
        of_other, more_of_other = found(index, other, country=country)
        hits = umlauts.together(hits, of_other, wanted)
        more, forms = more or more_of_other, [*wanted.words, *other.words]
        if hits:
            return _answer(hits, more, wanted._replace(words=forms))
    if hits:
        return _answer(hits, more, wanted)
    from crm_cli.queries.search_near import near

    hits, more, wanted = near(index, wanted, country=country)
    return _answer(hits, more, wanted, near=bool(hits))


def _answer(hits: list[Hit], more: bool, wanted: Asked, *, near: bool = False, names_only: bool = False) -> Answer:
    forms = tuple(form for word in wanted.words for form in word.forms)
    return Answer(rows_of(hits, wanted.words), more, near, names_only, forms)


class Live:
    """One search after another beside somebody who types, each in a thread; a newer one stops the one before."""

    def __init__(self, path: str, country: str | None) -> None:
        self.path = path
        self.country = country
        self._reader: Reader | None = None
        self._stops = 0

    def look(self, text: str) -> Answer | None:
        """What is found; None where it was stopped, or where nothing is asked for."""
        stops = self._stops
        reader = open_reader(self.path)
        self._reader = reader
        try:
            return search(reader, text, country=self.country)
        except Misuse:
            return Answer([])
        except CrmError:
            if self._stops > stops:
                return None
            raise
        finally:
            self._reader = None
            reader.close()

    def stop(self) -> None:
        """The search that is going on ends, if there is one."""
        self._stops += 1
        reader = self._reader
        if reader is not None:
            reader.interrupt()
