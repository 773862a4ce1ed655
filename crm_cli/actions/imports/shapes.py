"""Columns of a preset made ready before they are judged: labels beside values, lines of an address, won and closed."""

from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from crm_cli.errors import Misuse
from crm_cli.formats.presets import Preset, pattern_of
from crm_cli.rules.aliases import COMPUTED, Target, label_of, normal, target_of
from crm_cli.rules.cells import Kept, is_yes

if TYPE_CHECKING:
    from crm_cli.actions.imports.plan import Column

Cells = tuple[str, ...]
Shape = Callable[[list[Cells]], None]  # changes the columns of a batch, or adds one


def shapes_of(preset: Preset, headers: Sequence[str]) -> tuple[list[Shape], set[int]]:
    """What is to be done with the columns of each batch, and the places that are told by other columns then."""
    plain = [normal(header) for header in headers]
    shapes: list[Shape] = []
    told: set[int] = set()
    for value, label in preset.labelled:
        pairs = _pairs(plain, value, label)
        if pairs:
            shapes.append(_labelled(pairs))
            told |= {label_place for _, label_place in pairs}
    for lines in preset.joins:
        places = [plain.index(normal(line)) for line in lines if normal(line) in plain]
        if len(places) > 1:
            shapes.append(_joined(places))
            told |= set(places[1:])
    return shapes, told


_IGNORE, _EXTRA = Target("ignore"), Target("extra")
_LINKS = {"parent", "referred_by", "customer", "customer_key", "deal", "deal_key", "contacts", "stage", "pipeline"}


def by_preset(preset: Preset, headers: Sequence[str], taken: set[str], told: set[int]) -> dict[int, Target]:
    """Place -> target, of every column. What a preset does not name is a plain field of its name, if it is free."""
    found: dict[int, Target] = {}
    for place, header in enumerate(headers):
        target = _IGNORE if place in told else preset.target(normal(header))
        if target is not None:
            found[place] = _EXTRA if target.field in taken else target
    busy = {target.field for target in found.values()} | taken | _LINKS
    for place, header in enumerate(headers):
        if place in found:
            continue
        target = None if preset.rest == "contact" else target_of(preset.kind, header)
        free = target is not None and target.field not in busy and target.field not in COMPUTED[preset.kind]
        found[place] = target if target is not None and free and target.field != "uuid" else _EXTRA
    return found


# What is odd in these is no reason to refuse the record of another system: the text is kept.
LENIENT = set(
    "email phone website messenger birthday contact_birthday size probability duration_minutes cadence_days"
    " last_contact".split()
)


def kept_where_odd(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """A parser that keeps as text what it would refuse."""

    def parse_leniently(cell: str) -> Any:
        try:
            return parse(cell)
        except Misuse:
            return Kept(None, cell.strip())

    return parse_leniently


def in_our_words(field: str, words: dict[str, str], parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """A parser that takes the words of a system for ours; of a status the word is kept, since it often says more."""

    def parse_word(cell: str) -> Any:
        meant = words.get(normal(cell)) if cell else None
        if meant is None:
            return parse(cell)
        if not meant:
            return Kept(None, cell.strip()) if field == "status" else None
        found = parse(meant)
        return Kept(found, cell.strip()) if field == "status" and type(found) is str else found

    def parse_tags(cell: str) -> Any:
        found = parse(cell)
        meant = [words.get(normal(tag), tag) for tag in found or ()]
        return [tag for tag in meant if tag] or None

    return parse_tags if field == "tags" else parse_word


def _pairs(plain: Sequence[str], value: str, label: str) -> list[tuple[int, int]]:
    """Places of `E-mail 1 - Value` and `E-mail 1 - Label`, for each number that the file has."""
    import re

    found: list[tuple[int, int]] = []
    pattern = re.compile(pattern_of(value).replace("[0-9]{1,2}", "([0-9]{1,2})"))
    for place, header in enumerate(plain):
        match = pattern.fullmatch(header)
        other = normal(label.replace("#", match[1] if match.groups() else "")) if match else ""
        if other in plain:
            found.append((place, plain.index(other)))
    return found


def _labelled(pairs: list[tuple[int, int]]) -> Shape:
    """`* Work` beside `a@b.example` gives `work: a@b.example`; what is marked with a star comes first."""

    def shape(columns: list[Cells]) -> None:
        values = [list(columns[value]) for value, _ in pairs]
        labels = [columns[label] for _, label in pairs]
        for place in range(len(columns[pairs[0][0]])):
            row = [
                (mark.strip().startswith("*"), _with_label(cells[place], mark))
                for cells, marks in zip(values, labels, strict=True)
                if (mark := marks[place]) is not None
            ]
            row.sort(key=lambda one: not one[0] or not one[1])
            for cells, (_, cell) in zip(values, row, strict=True):
                cells[place] = cell
        for (value, _), cells in zip(pairs, values, strict=True):
            columns[value] = tuple(cells)

    return shape


def _with_label(cell: str, mark: str) -> str:
    if not cell.strip():
        return ""
    names = [one.strip().removeprefix("*").strip() for one in mark.split(":::")]
    parts = [part.strip() for part in cell.split(":::")]
    found = []
    for part, name in zip_longest(parts, names[: len(parts)], fillvalue=names[0] if len(names) == 1 else ""):
        label = label_of(name)
        found.append(f"{label}: {part}" if label and part else part)
    return "; ".join(one for one in found if one)


def _joined(places: list[int]) -> Shape:
    """The lines of an address as one text."""

    def shape(columns: list[Cells]) -> None:
        rows = zip(*(columns[place] for place in places), strict=True)
        columns[places[0]] = tuple(", ".join(line.strip() for line in row if line.strip()) for row in rows)

    return shape


def further_columns(preset: Preset, fields: dict[str, list["Column"]], width: int) -> list[Shape]:
    """Columns that the file does not have: what is the same in every row, and whether a deal was won."""
    from crm_cli.actions.imports.plan import Column

    shapes: list[Shape] = []
    for field, text in preset.constants:
        if field not in fields:
            fields[field] = [Column(width + len(shapes), field, Target(field))]
            shapes.append(constant(text))
    won, closed = (fields.pop(field, None) for field in ("is_won", "is_closed"))
    if (won or closed) and "status" not in fields:
        header = (won or closed or [])[0].header
        fields["status"] = [Column(width + len(shapes), header, Target("status"))]
        shapes.append(outcome(won[0].place if won else None, closed[0].place if closed else None))
    return shapes


def constant(text: str) -> Shape:
    """A further column that says the same in every row."""

    def shape(columns: list[Cells]) -> None:
        columns.append((text,) * (len(columns[0]) if columns else 0))

    return shape


def outcome(won: int | None, closed: int | None) -> Shape:
    """A further column: won, lost or open, of what says whether a deal was won and whether it is closed."""

    def say(is_won: str, is_closed: str) -> str:
        if is_yes(is_won):
            return "won"
        done = is_yes(is_closed)
        return "" if done is None else "lost" if done and won is not None else "" if done else "open"

    def shape(columns: list[Cells]) -> None:
        size = len(columns[0])
        empty = ("",) * size
        wins = empty if won is None else columns[won]
        ends = empty if closed is None else columns[closed]
        columns.append(tuple(map(say, wins, ends)))

    return shape
