"""Ideal customers: made, changed by a further version, removed, restored, made of what deals teach."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crm_cli.actions import reaches
from crm_cli.actions.change import NOTHING, Change, Note, checked, label
from crm_cli.actions.words import plain_name
from crm_cli.errors import Conflict, Misuse
from crm_cli.i18n import listed
from crm_cli.model.inputs import WantedInput, name_key
from crm_cli.model.insight import Icp
from crm_cli.queries.bounds import split_range
from crm_cli.queries.custom import bare_name
from crm_cli.queries.icp import find_icp, newest, versions
from crm_cli.rules import values
from crm_cli.rules.fit import FIELDS, OWN, Criterion, Ideal
from crm_cli.rules.numbers import plain_number
from crm_cli.rules.text import fold
from crm_cli.store.writer import Work

_NO_NAME = "{name} is no name for an ideal customer"
_HEAVIEST = 100
_NO_CLOCK = values.Clock(datetime.min)  # a number of people has no day
_LATER: Note = ("Fit is worked out for all by the next: crm score", {})


def add_icp(w: Work, name: str, options: dict[str, Any]) -> Change:
    """The first version of an ideal customer; Misuse where it asks for nothing."""
    plain = plain_name(name, _NO_NAME)
    _refuse_known(w, plain)
    criteria = _edited(w, [], options)
    row = _add_version(w, plain, 1, criteria)
    holes = {"name": plain, "criteria": _spelled(criteria)}
    return Change("icp", [row.id], "Added ideal customer {name}: {criteria}", holes, [*_unknown(w, criteria), _LATER])


def edit_icp(w: Work, name: str, options: dict[str, Any]) -> Change:
    """A further version with what the options say; a new name alone makes none, for it asks for the same."""
    before = find_icp(w.db, name)
    if options.get("name"):
        return _rename(w, before, plain_name(options["name"], _NO_NAME), options)
    return _next_version(w, before, _edited(w, before.criteria, options))


def _next_version(w: Work, before: Ideal, criteria: list[Criterion]) -> Change:
    if criteria == before.criteria:
        return Change("icp", [before.id], NOTHING)
    row = _add_version(w, before.name, before.version + 1, criteria)
    holes = {"name": before.name, "version": row.version, "criteria": _spelled(criteria)}
    sentence = "Ideal customer {name} has version {version}: {criteria}"
    return Change("icp", [row.id], sentence, holes, [*_unknown(w, criteria), _LATER])


def _rename(w: Work, before: Ideal, name: str, options: dict[str, Any]) -> Change:
    if set(options) - {"name"}:
        raise Misuse("A new name stands alone", hint="Rename it first, then change what it asks for")
    if name_key(name) != before.key:
        _refuse_known(w, name)
    elif name == before.name:
        return Change("icp", [before.id], NOTHING)
    for one in _all_versions(w, before):
        row: Any = w.get(Icp, one.id)
        row.name, row.name_key, row.updated_at = name, name_key(name), w.now
    return Change("icp", [before.id], "Renamed ideal customer {old} to {new}", {"old": before.name, "new": name})


def apply_learned(w: Work, name: str, criteria: list[Criterion]) -> Change:
    """What deals taught as an ideal customer, as a further version where there is one of that name."""
    plain = plain_name(name, _NO_NAME)
    known = next((one for one in newest(w.db) if one.key == name_key(plain)), None)
    if known:
        return _next_version(w, known, criteria)
    _refuse_known(w, plain)
    row = _add_version(w, plain, 1, criteria)
    holes = {"name": plain, "criteria": _spelled(criteria)}
    return Change("icp", [row.id], "Added ideal customer {name}: {criteria}", holes, [_LATER])


def remove_icp(w: Work, name: str) -> Change:
    """Hide an ideal customer with all its versions; no fit is counted against it any more."""
    return _hide(w, find_icp(w.db, name), "Removed ideal customer {name}", removed_at=w.now)


def restore_icp(w: Work, name: str) -> Change:
    """Bring a removed one back with all its versions."""
    return _hide(w, find_icp(w.db, name, removed=True), "Restored ideal customer {name}", removed_at=None)


def _hide(w: Work, one: Ideal, sentence: str, *, removed_at: Any) -> Change:
    for version in _all_versions(w, one):
        row: Any = w.get(Icp, version.id)
        row.removed_at, row.updated_at = removed_at, w.now
    return Change("icp", [one.id], sentence, {"name": one.name}, [_LATER])


def _all_versions(w: Work, one: Ideal) -> list[Ideal]:
    return [each for each in versions(w.db) if each.key == one.key]


def _add_version(w: Work, name: str, version: int, criteria: Sequence[Criterion]) -> Any:
    kept = {one.field: one.kept() for one in criteria}
    return w.add(
        Icp(name=name, name_key=name_key(name), version=version, criteria=kept, created_at=w.now, updated_at=w.now)
    )


def _refuse_known(w: Work, name: str) -> None:
    taken = next((one for one in versions(w.db) if one.key == name_key(name)), None)
    if taken is None:
        return
    if taken.removed:
        raise Conflict(
            "An ideal customer called {name} was removed",
            hint="Bring it back: crm icp restore {name}",
            name=taken.name,
        )
    raise Conflict(
        "An ideal customer called {name} is already there",
        hint="Change it: crm icp edit {name} --help",
        name=taken.name,
        candidates=[{"kind": "icp", "id": taken.id, "name": taken.name}],
    )


# ------------------------------------------------------------------ what is asked


def _edited(w: Work, before: Sequence[Criterion], options: dict[str, Any]) -> list[Criterion]:
    """The criteria with what was typed: a field replaces what was asked of it, and keeps its weight."""
    found = {one.field: one for one in before}
    for field in options.get("clear") or []:
        if found.pop(field, None) is None:
            raise Misuse("Nothing is asked of {field}", hint="See: crm icp show", field=_typed(field))
    for one in [*_fields(w, options), *_own_fields(options.get("set") or [])]:
        kept = found.get(one.field)
        found[one.field] = one._replace(weight=kept.weight if kept else 1)
    for field, weight in _weights(options.get("weight") or []):
        if field not in found:
            raise Misuse(
                "Nothing is asked of {field}, so it has no weight",
                hint="Say what is wanted too, as --industry machinery --weight industry=3",
                field=_typed(field),
            )
        found[field] = found[field]._replace(weight=weight)
    if not any(one.weight for one in found.values()):
        raise Misuse(
            "Nothing says whom is wanted", hint="As: crm icp add core --industry machinery --size 50..200 --region DACH"
        )
    order = [*FIELDS, *sorted(field for field in found if field not in FIELDS)]
    return [found[field] for field in order if field in found]


def _fields(w: Work, options: dict[str, Any]) -> list[Criterion]:
    found = []
    for field in FIELDS:
        typed = options.get(field)
        if not typed:
            continue
        if field == "size":
            found.append(_size(str(typed)))
        elif field == "tag":
            found.append(_words(field, reaches.tag_names(typed)))
        else:
            texts = [typed] if isinstance(typed, str) else typed
            column = values.CUSTOMER[field][0]
            read = [
                values.read({field: values.CUSTOMER[field]}, {field: text}, values.Clock(w.now))[column]
                for text in texts
            ]
            found.append(_words(field, read))
    return found


def _words(field: str, wanted: Sequence[str]) -> Criterion:
    """Each word once, by its first spelling; Misuse for what no field could hold."""
    for word in wanted:
        checked(WantedInput, {"field": _typed(field), "value": word})
    return Criterion(field, tuple({fold(word): word for word in reversed(wanted)}.values())[::-1])


def _size(text: str) -> Criterion:
    low, high = (_count(end) if end else None for end in _ends(text, "size"))
    return _range("size", low, high, text)


def _count(text: str) -> int:
    number: int = values.read({"size": values.CUSTOMER["size"]}, {"size": text}, _NO_CLOCK)["size"]
    return number


def _ends(text: str, option: str) -> tuple[str, str]:
    try:
        low, high, _ = split_range(text)
    except Misuse as error:
        raise Misuse("--{option}: {reason}", hint=error.hint, option=option, reason=error.message()) from error
    return low, high


def _range(field: str, low: float | None, high: float | None, text: str) -> Criterion:
    if low is not None and high is not None and low > high:
        raise Misuse("{text} runs backwards", instead=(text, f"{high:g}..{low:g}"), text=text)
    return Criterion(field, low=low, high=high)


def _own_fields(pairs: Sequence[str]) -> list[Criterion]:
    """`seats=50..200` and `erp=SAP` of the user's own fields; several values of one are all wanted."""
    by_name: dict[str, list[str]] = {}
    for text in pairs:
        for name, value in values.pairs([text]).items():
            by_name.setdefault(OWN + bare_name(name), []).append(value)
    found = []
    for field, wanted in by_name.items():
        ends = [plain_number(end) if end else None for end in wanted[0].partition("..")[::2]]
        if len(wanted) == 1 and ".." in wanted[0] and any(end is not None for end in ends):
            low, high = _ends(wanted[0], "set")
            if all(plain_number(end) is not None for end in (low, high) if end):
                found.append(_range(field, ends[0], ends[1], wanted[0]))
                continue
        found.append(_words(field, wanted))
    return found


def _weights(typed: Sequence[str]) -> list[tuple[str, int]]:
    found = []
    for text in typed:
        name, _, number = text.replace("＝", "=").partition("=")
        weight = plain_number(number.strip())
        if not isinstance(weight, int) or not 0 <= weight <= _HEAVIEST:
            raise Misuse(
                "--weight takes a field and a whole number from 0 to {most}, not {text}",
                hint="As: --weight industry=3",
                most=_HEAVIEST,
                text=text,
            )
        found.append((field_of(name), weight))
    return found


def field_of(typed: str) -> str:
    """The field of a criterion by its name in either language; another one is the user's own."""
    from crm_cli.rules.fields import find_field

    plain = typed.strip()
    known = find_field("customer", plain)
    key = {"tags": "tag"}.get(known.key, known.key) if known else plain
    return key if key in FIELDS else OWN + bare_name(plain)


def _typed(field: str) -> str:
    return field.removeprefix(OWN)


def _spelled(criteria: Sequence[Criterion]) -> str:
    """`industry machinery (3), size 50..200`: with the weight where it is not 1."""
    told = []
    for one in criteria:
        field = label("customer", {"tag": "tags"}.get(one.field, _typed(one.field)))
        told.append(f"{field} {one.spelled()}" + (f" ({one.weight})" if one.weight != 1 else ""))
    return listed(told, clauses=True)


def _unknown(w: Work, criteria: Sequence[Criterion]) -> list[Note]:
    """Words that no customer has: said, so that a slip is seen."""
    notes: list[Note] = []
    for one in criteria:
        if one.field in ("size", "kind", "tag") or one.field.startswith(OWN):
            continue
        rows = w.db.rows(f"SELECT DISTINCT {one.field} FROM customer WHERE removed_at IS NULL")
        known = {fold(text) for (text,) in rows if text}
        for word in one.want:
            key = fold(word)
            if known and not any(text == key or text.startswith(f"{key}/") for text in known):
                notes.append(
                    ("No customer has {field} {value} yet", {"field": label("customer", one.field), "value": word})
                )
    return notes
