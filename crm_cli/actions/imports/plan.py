"""What the columns of a file mean: headers, --map and the kind of record make a plan that every row follows."""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from crm_cli.actions.imports.ours import OWN_IDS
from crm_cli.actions.imports.shapes import (
    LENIENT,
    Shape,
    by_preset,
    further_columns,
    in_our_words,
    kept_where_odd,
    shapes_of,
)
from crm_cli.errors import BadData, Misuse, Unclear
from crm_cli.formats.presets import Preset
from crm_cli.i18n import language
from crm_cli.rules.aliases import (
    COMPUTED,
    KINDS,
    Target,
    fields_of,
    is_of_company,
    names_companies,
    normal,
    target_of,
)
from crm_cli.rules.fields import field_key, find_field, nearest
from crm_cli.rules.guessing import guess_kind
from crm_cli.rules.names import plural
from crm_cli.rules.stepdays import day_of_step

MANY = ("email", "phone", "website", "messenger", "tags", "contacts", "contact_email", "contact_phone")
IGNORE = Target("ignore")
_EXTRA = Target("extra")  # a column that nobody knows
REASON = "reason"  # the column that a file of rejected rows ends with


class ImportOptions(NamedTuple):
    """What was asked for. `maps` is header -> field, `create` names what may be made: stages owners customers.

    Without a `kind` the headers tell it.
    """

    kind: str
    maps: Mapping[str, str]
    now: datetime
    user: str
    on_duplicate: str = "update"
    rejects: str | None = None
    dry_run: bool = False
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    date_order: str | None = None
    currency: str | None = None
    create: frozenset[str] = frozenset()
    extra: str = "keep"
    source_name: str = "csv"
    country: str | None = None
    decimal: str = ""
    preset_name: str | None = None  # as --from says it
    preset: Preset | None = None  # whose headers these are: see `understand`
    preset_folder: str | None = None  # the user's own
    layout: str = ""  # of a file that somebody has looked at and agreed to: kept, so that it is not asked again
    command: str = ""  # as typed, for the history
    before_write: Callable[[], object] = bool  # called once it is known that something will be written


class Column(NamedTuple):
    """A column of the file: its place, its header made unique, and what it means."""

    place: int
    header: str
    target: Target


class Plan(NamedTuple):
    """Which columns feed which field, best first; what is left over is custom."""

    kind: str
    noun: str
    width: int
    headers: list[str]
    fields: dict[str, list[Column]]
    custom: list[Column]
    ignored: list[Column]
    own: bool  # an export of this program: its computed columns are left out
    preset: Preset | None = None
    people: bool = False  # a person stands beside a customer: see persons.py
    shapes: Sequence[Shape] = ()  # what is done with the columns of a batch before they are judged

    def understood(self) -> list[dict[str, str]]:
        """Header -> field, in the order of the file, for --explain."""
        field = {column.place: name for name, columns in self.fields.items() for column in columns}
        field |= {column.place: f"custom.{column.header}" for column in self.custom}
        labels = {c.place: c.target.label for columns in self.fields.values() for c in columns if c.target.label}
        told = []
        for place, header in enumerate(self.headers):
            meaning = field.get(place, "")
            told.append({"header": header, "field": meaning + (f" ({labels[place]})" if place in labels else "")})
        return told

    def worded(self, field: str, parse: Callable[[str], Any]) -> Callable[[str], Any]:
        """The parser of a field for which the words of a preset stand for ours."""
        if self.preset is None:
            return parse
        words = None if field in ("stage", "pipeline") else self.preset.values.get(field)  # these: see stages.py
        lenient = kept_where_odd(parse) if field in LENIENT else parse
        return in_our_words(field, words, lenient) if words else lenient

    @property
    def names_people(self) -> bool:
        """Whether rows of deals or interactions say who takes part."""
        return not self.fields.keys().isdisjoint(("contacts", "contact_key", "related_key", "correspondents"))

    def header_of(self, field: str) -> str:
        """The header that a complaint about a field names."""
        columns = self.fields.get(field)
        return columns[0].header if columns else field


def kind_of(headers: Sequence[str], options: ImportOptions, source: str) -> str:
    """The kind that was asked for, else the one that the headers tell. Unclear where they tell several, or none."""
    if not headers:
        raise BadData("There is nothing in this file: no row has a field.", hint="Look into it: {file}", file=source)
    if options.kind:
        return options.kind
    kind, likely = guess_kind(headers, {normal(header): field.strip() for header, field in options.maps.items()})
    if kind:
        return kind
    error = Unclear(
        "The columns do not tell what the rows are: {columns}",
        hint="Say it, for example: crm import {file} --as {first}. It may be one of: {kinds}",
        columns=_listed([header for header in headers if header]),
        file=quoted(source),
        first=likely[0],
        kinds=" ".join(likely),
    )
    error.kinds = tuple(likely)
    raise error


def quoted(text: str) -> str:
    """A word of a line to be pasted into a shell: in double quotes where these are enough."""
    if text and all(sign.isalnum() or sign in "._-/+=@,:" for sign in text):
        return text
    return f'"{text}"' if not set(text) & set('"$`\\!') and text.isprintable() else shlex.quote(text)


def make_plan(headers: Sequence[str], options: ImportOptions, source: str = "FILE") -> Plan:
    """The plan for the headers of a file. Misuse for a wrong --map, BadData where a required column is missing."""
    kind = options.kind
    if kind not in KINDS:
        raise Misuse("{kind} cannot be imported; it is one of {kinds}.", kind=kind, kinds=", ".join(KINDS))
    names = _unique(headers)
    own = {"id", "uuid"} <= set(names)
    mapped = _mapped(names, options)
    taken = {target.field for target in mapped.values()} - set(MANY)
    preset = options.preset
    shapes, told = shapes_of(preset, names) if preset else ([], set())
    meanings = by_preset(preset, headers, taken, told) if preset else {}
    fields: dict[str, list[Column]] = {}
    custom: list[Column] = []
    ignored: list[Column] = []
    for place, header in enumerate(names):
        target = mapped.get(place) or meanings.get(place) or _meaning(kind, header, own, taken)
        column = Column(place, header, target)
        if target.field == "ignore":
            ignored.append(column)
        elif target.field == "extra":
            (custom if options.extra == "keep" else ignored).append(column)
        else:
            fields.setdefault(target.field, []).append(column)
    for columns in fields.values():
        columns.sort(key=lambda column: (column.target.rank, column.place))
    if preset:
        shapes += further_columns(preset, fields, len(names))
    people = kind == "customers" and _has_people(fields, preset)
    if kind == "customers":
        if preset is None:
            _find_day_of_step(fields, custom, ignored)
        custom += _divide(fields, people, preset) if options.extra == "keep" else []
        custom.sort(key=lambda column: column.place)
    plan = Plan(kind, KINDS[kind], len(names), names, fields, custom, ignored, own, preset, people, shapes)
    _require(plan, headers, source)
    return plan


def _has_people(fields: dict[str, list[Column]], preset: Preset | None) -> bool:
    """Whether rows of customers name a person beside: in one column, or by first and last name beside a company."""
    if "contact" in fields:
        return True
    if fields.keys().isdisjoint(("first_name", "last_name")):
        return False
    return preset is not None or ("name" in fields and names_companies(fields["name"][0].header))


def _find_day_of_step(fields: dict[str, list[Column]], custom: list[Column], ignored: list[Column]) -> None:
    """Beside a next step `Due` or 日期 is its day; what --map calls a field of one's own stays that."""
    if "next_step" not in fields or "next_on" in fields:
        return
    free = {column.place: column for column in (*custom, *ignored) if column.target == _EXTRA}
    headers = {place: column.header for place, column in free.items()}
    place = day_of_step(headers, fields["next_step"][0].place)
    if place is None:
        return
    column = free[place]
    (custom if column in custom else ignored).remove(column)
    fields["next_on"] = [column._replace(target=Target("next_on"))]


def _divide(fields: dict[str, list[Column]], people: bool, preset: Preset | None) -> list[Column]:
    """Tell apart what is the customer's and what the contact's; give back the columns that are nobody's.

    Beside a contact the phones and e-mails behind it are the contact's, and mobile phones wherever they stand; a column
    that says so is the company's, and so is a plain one where others are called those of the contact.
    """
    lone = {"contact_email": "email", "contact_phone": "phone"}
    if not people:
        for field, own in lone.items():
            fields.setdefault(own, []).extend(fields.pop(field, ()))
            if not fields[own]:
                del fields[own]
        return [*fields.pop("contact_title", ()), *fields.pop("contact_role", ())]
    if preset:
        return []
    parts = ("contact",) if "contact" in fields else ("first_name", "last_name")
    place = min(column.place for part in parts for column in fields.get(part, ()))
    for field, own in lone.items():
        named = field in fields
        theirs = [column for column in fields.get(own, ()) if _is_theirs(column, place, named)]
        if theirs:
            fields.setdefault(field, []).extend(theirs)
            fields[own] = [column for column in fields[own] if column not in theirs]
            if not fields[own]:
                del fields[own]
    return []


def _is_theirs(column: Column, contact: int, named: bool) -> bool:
    """Whether a column of phones or e-mails is that of the contact; what was mapped stays as it was mapped."""
    if column.target.rank < 0 or is_of_company(column.header):
        return False
    return column.target.label == "mobile" or (column.place > contact and not named)


def _unique(headers: Sequence[str]) -> list[str]:
    """Headers as names of their own: a repeated one is numbered, an empty one says where it stands."""
    seen: set[str] = set()
    names = []
    for place, header in enumerate(headers, 1):
        name = header or f"column {place}"
        number = 2
        while name in seen:
            name, number = f"{header} {number}", number + 1
        seen.add(name)
        names.append(name)
    return names


def _meaning(kind: str, header: str, own: bool, taken: set[str]) -> Target:
    target = target_of(kind, header)
    if target is None:
        return Target("extra")
    if target.field == "uuid":
        return target
    if own and header in OWN_IDS:
        return Target(OWN_IDS[header])
    if own and (header == "id" or header in COMPUTED[kind]):
        return IGNORE
    if target.field in taken or (target.field in COMPUTED[kind]):
        return Target("extra")
    return target


def _mapped(names: list[str], options: ImportOptions) -> dict[int, Target]:
    """Place -> target, of what --map says."""
    found: dict[int, Target] = {}
    for header, field in options.maps.items():
        place = _place(names, header)
        found[place] = _typed_target(options.kind, field)._replace(rank=len(found) - 1000)
    return found


def _place(names: list[str], header: str) -> int:
    for test in (str, normal):
        hits = [place for place, name in enumerate(names) if test(name) == test(header)]
        if hits:
            return hits[0]
    near = nearest(header, names)
    raise Misuse(
        "The file has no column {header}.",
        hint="Did you mean {near}?" if near else "Its columns are: {columns}",
        header=header,
        near=near,
        columns=_listed(names),
    )


def _typed_target(kind: str, field: str) -> Target:
    asked = field.strip()
    if asked in ("", "-", "ignore", "skip"):
        return IGNORE
    if asked == "custom":
        return Target("extra")
    target = target_of(kind, asked)
    known = fields_of(kind)
    if target is None or target.field in COMPUTED[kind]:
        near = _MEANT.get(field_key(asked), "") if kind == "customers" else ""
        near = near or nearest(asked, known) or ""
        raise Misuse(
            "{field} is no field that {kind} can be given.",
            hint="Did you mean {near}? Fields are: {known}" if near else "Fields are: {known}",
            field=asked,
            kind=kind,
            near=near,
            known=", ".join(known),
        )
    return target


# What is computed of a customer, or is a task's, and the column that makes it.
_MEANT = {
    "next": "next_on", "next_task_on": "next_on", "due": "next_on", "due_on": "next_on", "due_at": "next_on",
    "task": "next_step", "text": "next_step", "contacted": "last_contact", "last_contact_on": "last_contact",
}  # fmt: skip

_REQUIRED: dict[str, tuple[str, tuple[str, ...]]] = {
    "customers": ("name", ("name", "first_name", "last_name", "contact")),
    "contacts": ("name", ("name", "first_name", "last_name", "email")),
    "deals": ("title", ("title", "external_id", "customer")),
    "interactions": ("at", ("at", "created_at")),
    "tasks": ("text", ("text",)),
    "orders": ("ordered_on", ("ordered_on", "number")),
    "products": ("name", ("name", "code")),
}


def _require(plan: Plan, headers: Sequence[str], source: str) -> None:
    field, enough = _REQUIRED[plan.kind]
    if any(name in plan.fields for name in (*enough, *(("email", "contact_email") if plan.preset else ()))):
        return
    free = [header for header in plan.headers if not _looks_like_id(header)]
    telling = _DATING if field.endswith("_on") else _NAMING
    named = next((header for header in free if any(word in normal(header) for word in telling)), None)
    spare = quoted(f"{named or plan.headers[0]}={field}")
    can_be_called = named is None and field in ("name", "title") and _looks_like_id(plan.headers[0])
    raise BadData(
        "The file has no column for the {field} of {rows}; its columns are: {columns}",
        hint="It has no names. Its numbers can stand for them: crm import {file} --as {kind} --map {spare}"
        if can_be_called
        else "Say which one it is, for example: crm import {file} --as {kind} --map {spare}",
        field=_shown_field(plan, field),
        kind=plan.kind,
        rows=plural(plan.kind, language()),
        columns=_listed([header for header in headers if header]),
        file=quoted(source),
        spare=spare if spare[0] in "\"'" else f'"{spare}"',
    )


_NAMING = ("name", "title", "firm", "company", "subject", "名", "标题", "主题", "公司", "单位", "内容")
_DATING = ("date", "datum", "fecha", "日期", "时间", "时刻")
_ID = re.compile("(?:.*(?:id|number|no|nr|key)|.*(?:编号|编码|序号|号码|工号|号))")


def _looks_like_id(header: str) -> bool:
    """Whether a column numbers its rows rather than naming them: 客户编号, `Customer No.`."""
    return _ID.fullmatch(normal(header)) is not None


def _shown_field(plan: Plan, field: str) -> str:
    """The field as the user's language calls it."""
    found = find_field(plan.noun, field)
    return found.chinese if found and language() == "zh" else field


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:40]) + (", ..." if len(names) > 40 else "")
