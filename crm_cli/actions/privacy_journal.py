"""The history without somebody: lines of rows that are gone, images and command lines that name them."""

import json
import shlex
from collections.abc import Iterable

from crm_cli.queries.privacy_scope import DEPENDENT, RECORDS, Ids, Known, among, link, listed, tables_of
from crm_cli.rules import paste
from crm_cli.rules.traces import ERASED, Traces, in_json, read
from crm_cli.store.writer import Plain

_OWNED = {
    "contact": ("customer",),
    "deal": ("customer",),
    "task": ("customer",),
    "interaction": ("customer",),
    "sales_order": ("customer",),
    **DEPENDENT,
}
_NOUNS = {*RECORDS, "order", "product", "tag", "segment", "view", "privacy"}
_MANY = 20  # changes of an operation that is about more than one person


class Cleared:
    """How many lines of the history went or were changed, and in which operations."""

    def __init__(self) -> None:
        self.lines = 0
        self.operations: set[int] = set()

    def note(self, rows: Iterable[tuple[int, int | None]]) -> list[int]:
        found = list(rows)
        self.lines += len(found)
        self.operations |= {operation for _, operation in found if operation is not None}
        return [line for line, _ in found]


def forget_rows(db: Plain, ids: Ids) -> Cleared:
    """Take the lines of these rows out of the journal; their operations can no longer be undone."""
    cleared = Cleared()
    if "journal" not in tables_of(db):
        return cleared
    for record in (*RECORDS, *DEPENDENT):
        _delete(db, cleared, f"record = '{record}' AND row_id {among('ids')}", {"ids": listed(ids.get(record, ()))})
    for record, owners in _OWNED.items():
        for owner in owners:
            if ids[owner]:
                test = f"record = '{record}' AND kind = 'D' AND json_extract(before, '$.{link(owner)}') {among('ids')}"
                _delete(db, cleared, test, {"ids": listed(ids[owner])})
    _thin_portions(db, cleared, ids)
    mark_erased(db, cleared)
    return cleared


def _delete(db: Plain, cleared: Cleared, test: str, params: dict[str, str]) -> None:
    rows = db.rows(f"SELECT id, operation_id FROM journal WHERE last_id IS NULL AND {test}", params)
    db.many("DELETE FROM journal WHERE id = ?", [(line,) for line in cleared.note((a, b) for a, b in rows)])


def _thin_portions(db: Plain, cleared: Cleared, ids: Ids) -> None:
    """Rows out of the lines that are the image of many."""
    changed = []
    for line, operation, record, before in db.rows(
        "SELECT id, operation_id, record, before FROM journal WHERE last_id IS NOT NULL AND before IS NOT NULL"
    ):
        image = json.loads(before)
        columns = image["columns"]
        owners = [(columns.index(link(owner)), ids[owner]) for owner in _OWNED.get(record, ())]
        place, own = columns.index("id"), ids.get(record, set())
        rows = [
            row for row in image["rows"] if row[place] not in own and not any(row[at] in gone for at, gone in owners)
        ]
        if len(rows) < len(image["rows"]):
            changed.append((_encoded({**image, "rows": rows}), line))
            cleared.note([(line, operation)])
    db.many("UPDATE journal SET before = ? WHERE id = ?", changed)


def _encoded(image: object) -> str:
    return json.dumps(image, ensure_ascii=False, separators=(",", ":"))


def mark_erased(db: Plain, cleared: Cleared) -> None:
    """Note of operations that they lack lines: they are refused when somebody undoes them."""
    db.many(
        "UPDATE operation SET erased_at = (SELECT at FROM operation WHERE id = ?) WHERE id = ? AND erased_at IS NULL",
        [(db.operation, number) for number in cleared.operations],
    )


# ------------------------------------------------------------------ by their strings


def wipe_images(db: Plain, cleared: Cleared, known: Known, talks: Iterable[int]) -> None:
    """Strings out of the images that are left; of the talks that somebody took part in, parts of the name too."""
    if "journal" not in tables_of(db):
        return
    near = set(talks)
    changed = []
    for line, operation, record, row_id, before in db.stream(
        "SELECT id, operation_id, record, row_id, before FROM journal WHERE before IS NOT NULL"
    ):
        traces = known.near if record == "interaction" and row_id in near else known.traces
        if traces.found(read(before)):
            image = json.loads(before)
            wiped = {key: in_json(value, traces.wiped) for key, value in image.items()}
            if wiped != image:
                changed.append((_encoded(wiped), line))
                cleared.note([(line, operation)])
    db.many("UPDATE journal SET before = ? WHERE id = ?", changed)
    mark_erased(db, cleared)


def wipe_commands(db: Plain, by_id: set[int], known: Known) -> int:
    """Command lines: of what was done to the person alone the first words stay, of others all but the strings."""
    if "operation" not in tables_of(db):
        return 0
    changed = []
    for number, command, changes in db.stream("SELECT id, command, changes FROM operation"):
        if number in by_id and changes <= _MANY:
            told = _beginning(command)
        else:
            told = _wiped_line(command, known.near if number in by_id else known.traces)
        if told != command:
            changed.append((told, number))
    return db.many("UPDATE operation SET command = ? WHERE id = ?", changed) if changed else 0


def _beginning(command: str) -> str:
    """`crm contact edit`, and that there was more."""
    words = command.split(" ")
    keep = 1
    if len(words) > 1 and words[1].isascii() and words[1].isalpha():
        keep = 3 if words[1] in _NOUNS and words[2:3] and words[2].isascii() and words[2].isalpha() else 2
    if len(words) <= keep:
        return command
    return " ".join([*words[:keep], ERASED])


def _wiped_line(command: str, traces: Traces) -> str:
    try:
        words = shlex.split(command)
    except ValueError:  # cut in the middle of a quoted word
        return traces.wiped(command)
    if not traces.found(" ".join(words)):
        return command
    wiped = [traces.wiped(word) for word in words]
    text = traces.wiped(" ".join(words))
    # a name that was typed as several words
    return paste.line(wiped, {}) if text == " ".join(wiped) else text
