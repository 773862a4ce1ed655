"""Presets: what the exports of other systems look like, read from small files of lines in presets/.

A line is a word and what belongs to it, with tabs between: a field and its headers, or one of the words below.
"""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from crm_cli.errors import BadData, NotFound
from crm_cli.rules.aliases import KINDS, Target, fields_of, normal
from crm_cli.rules.fields import nearest

FOLDER = Path(__file__).parent.parent / "presets"
ENDING = ".tsv"
# Fields that only a preset may name: ids of the other system, what is a person's beside a customer, and who won.
FURTHER = {
    "customers": (
        "contact_id contact_note contact_birthday contact_address contact_city contact_region contact_country".split()
    ),
    "contacts": ["customer_key", "last_contact"],
    "deals": "customer_key contact_key close_on is_won is_closed last_contact".split(),
    "interactions": "customer_key deal_key contact_key related_key".split(),
    "tasks": "customer_key deal_key contact_key related_key".split(),
    "orders": "customer_key deal_key".split(),
    "products": [],
}
_NUMBER = "[0-9]{1,2}"


# Words of a line that say one thing of the whole preset.
_SINGLE = {"called": "title", "holds": "kind", "ids": "source", "rest": "rest", "money": "currency", "date": "date"}


class Preset(NamedTuple):
    """One kind of record of one system."""

    name: str  # as the file: salesforce-leads
    title: str = ""
    kind: str = ""
    source: str = ""  # what its ids are ids of
    rest: str = "record"  # whose the columns are that nobody names: record, or contact beside a customer
    currency: str | None = None  # of its amounts, where it has only one
    date: str | None = None  # the order of days, where the system has only one
    needs: tuple[frozenset[str], ...] = ()  # one of these sets of headers tells it
    without: frozenset[str] = frozenset()  # headers that it never has
    columns: Mapping[str, Target] = MappingProxyType({})  # normal header -> field
    groups: tuple[tuple[re.Pattern[str], Target], ...] = ()  # the same for headers with a number, written as `#`
    values: Mapping[str, dict[str, str]] = MappingProxyType({})  # field -> word of the system -> word of ours
    chances: Mapping[str, int] = MappingProxyType({})  # stage -> percent
    joins: tuple[tuple[str, ...], ...] = ()  # columns of one text: lines of an address
    constants: tuple[tuple[str, str], ...] = ()  # field -> what it is in every row
    labelled: tuple[tuple[str, str], ...] = ()  # column of a value, column of its label

    @property
    def system(self) -> str:
        """salesforce, of salesforce-leads."""
        return self.name.partition("-")[0]

    def target(self, plain: str) -> Target | None:
        """What a normal header means; None where the preset does not name it."""
        if plain in self.columns or not self.groups:
            return self.columns.get(plain)
        return next((target for pattern, target in self.groups if pattern.fullmatch(plain)), None)

    def fits(self, headers: frozenset[str]) -> int:
        """How many of the headers tell that it is this one; 0 where they do not."""
        if headers & self.without:
            return 0
        return max((len(needs) for needs in self.needs if needs <= headers), default=0)


def pattern_of(header: str) -> str:
    """A pattern over normal headers: `E-mail # - Value` fits `email1value`."""
    return _NUMBER.join(re.escape(normal(part)) for part in header.split("#"))


def read_preset(path: Path) -> Preset:
    """One file; BadData with the line for what it does not say right."""
    found: dict[str, object] = {"name": path.stem}
    columns: list[tuple[str, Target]] = []
    lists: dict[str, list[tuple[str, ...]]] = {}
    values: dict[str, dict[str, str]] = {}
    chances: dict[str, int] = {}
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadData("{path} cannot be read: {reason}", path=str(path), reason=str(error)) from None
    for number, line in enumerate(lines, 1):
        word, *rest = [part.strip() for part in re.split("\t+", line.strip())]
        if not word or word.startswith("#"):
            continue
        if not rest:
            raise _wrong(path, number, line)
        if word in _SINGLE:
            found[_SINGLE[word]] = rest[0]
        elif word == "value" and len(rest) > 1:
            values.setdefault(rest[0], {}).update({normal(one): rest[1].strip("-") for one in rest[2:]})
        elif word == "chance" and len(rest) == 2 and rest[1].isdigit():
            chances[normal(rest[0])] = int(rest[1])
        elif word in ("needs", "without", "join", "labelled", "constant"):
            lists.setdefault(word, []).append(tuple(rest))
        elif word in ("drop", "custom"):
            target = Target("ignore" if word == "drop" else "extra")
            columns += [(header, target) for header in rest]
        else:
            columns += _field(path, number, str(found.get("kind", "")), word, rest)
    if found.get("kind") not in KINDS or not (lists.get("needs") or not path.is_relative_to(FOLDER)):
        raise _wrong(path, len(lines), f"holds\t{found.get('kind', '')}")
    return Preset(
        **{"title": path.stem, "source": path.stem, **found},  # type: ignore[arg-type]
        needs=tuple(frozenset(map(normal, one)) for one in lists.get("needs", ())),
        without=frozenset(normal(one) for several in lists.get("without", ()) for one in several),
        columns={normal(header): target for header, target in reversed(columns) if "#" not in header},
        groups=tuple((re.compile(pattern_of(header)), target) for header, target in columns if "#" in header),
        values=values,
        chances=chances,
        joins=tuple(lists.get("join", ())),
        constants=tuple((one[0], one[1]) for one in lists.get("constant", ()) if len(one) == 2),
        labelled=tuple((one[0], one[1]) for one in lists.get("labelled", ()) if len(one) == 2),
    )


def _field(path: Path, number: int, kind: str, word: str, headers: Sequence[str]) -> list[tuple[str, Target]]:
    field, _, label = word.partition("/")
    if kind not in KINDS or field not in (*fields_of(kind), *FURTHER[kind]):
        raise _wrong(path, number, word)
    return [(header, Target(field, label, rank)) for rank, header in enumerate(headers)]


def _wrong(path: Path, number: int, told: str) -> BadData:
    return BadData(
        "{path}, line {line}: a preset cannot say this: {told}",
        hint="A line is a word and what belongs to it, with tabs between: holds customers, needs HEADER HEADER,"
        " FIELD HEADER HEADER. Fields stand in docs/importing.md.",
        path=str(path),
        line=number,
        told=told.strip()[:100],
    )


@cache
def _read(path: str, changed: int) -> Preset:
    return read_preset(Path(path))


def presets(folder: str | None = None) -> list[Preset]:
    """All presets: those of the user's folder before those of the program, each by name."""
    paths: dict[str, str] = {}
    for home in (FOLDER, folder):
        if home is None or not os.path.isdir(home):
            continue
        for entry in sorted(os.listdir(home), reverse=True):
            if entry.endswith(ENDING) and not entry.startswith("."):
                paths.pop(entry, None)
                paths[entry] = os.path.join(home, entry)
    return [_read(path, os.stat(path).st_mtime_ns) for path in reversed(paths.values())]


def recognise(headers: Iterable[str], folder: str | None = None, kinds: Sequence[str] = ()) -> Preset | None:
    """The preset whose headers these are; of several the one that asks for most, then that knows most of them."""
    plain = frozenset(normal(header) for header in headers if header)
    best, points = None, (0, 0)
    for preset in presets(folder):
        fit = preset.fits(plain)
        if not fit or (kinds and preset.kind not in kinds):
            continue
        told = (fit, sum(preset.target(one) is not None for one in plain))
        if told > points:
            best, points = preset, told
    return best


def preset_named(name: str, headers: Sequence[str], folder: str | None = None) -> Preset:
    """A preset by its name, or by its system where the headers tell which of its kinds; NotFound with what there is."""
    asked = name.strip().lower()
    known = presets(folder)
    for preset in known:
        if preset.name.lower() == asked:
            return preset
    own = [preset for preset in known if preset.system.lower() == asked]
    if own:
        plain = frozenset(map(normal, headers))
        best = max(own, key=lambda one: (one.fits(plain), sum(one.target(header) is not None for header in plain)))
        if best.fits(plain) or sum(best.target(header) is not None for header in plain) > len(plain) // 3:
            return best
    near = nearest(asked, [one.name for one in known])
    listed = " ".join(sorted(one.name for one in own or known))
    raise NotFound(
        "These columns are none that {name} exports." if own else "No preset and no mapping is called {name}",
        hint="Did you mean {near}? There is: {known}" if near and not own else "There is: {known}",
        name=name,
        near=near or "",
        known=listed,
    )
