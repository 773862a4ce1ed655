"""The file under the trade: what SQLite says of its pages, pointers to nothing, the schema and its triggers."""

from collections.abc import Callable, Iterable
from threading import Thread

from crm_cli.queries.checks.finding import BACKUPS, FIX, Finding
from crm_cli.store import inspection
from crm_cli.store.inspection import Reference, Thing
from crm_cli.store.reader import Reader

# rows that say only that two records belong together: without one of the two they say nothing
LINKS = ("tagging", "reach", "deal_contact", "interaction_contact", "snooze", "stage_change")
RESTORE = "crm backup restore latest"
_CONSTRAINT = " constraint failed in "
_OURS = ("trigger", "view")  # what every write compares first


def beginning(path: str) -> Callable[[], list[str]]:
    """Starts SQLite's own check of the file beside all other questions; the answer waits for its end."""
    told: list[str] = []
    failed: list[BaseException] = []

    def look() -> None:
        try:
            told.extend(inspection.damage(path))
        except BaseException as error:  # handed over to whoever waits
            failed.append(error)

    thread = Thread(target=look, daemon=True)
    thread.start()

    def wait() -> list[str]:
        thread.join()
        if failed:
            raise failed[0]
        return told

    return wait


def of_damage(complaints: Iterable[str], blamed: set[str]) -> list[Finding]:
    """Complaints of SQLite's; a constraint of a table in which rows are named already is not said twice."""
    found = []
    for text in complaints:
        table = text.rpartition(_CONSTRAINT)[2] if _CONSTRAINT in text else ""
        if table and table.strip() in blamed:
            continue
        fixable = inspection.is_of_index(text)
        found.append(
            Finding("integrity", "", "SQLite says: {reason}", {"reason": text}, FIX if fixable else RESTORE, fixable)
        )
    return found


def of_references(db: Reader) -> list[Finding]:
    """Rows that point at nothing."""
    return [
        Finding(
            "foreign-key",
            f"{one.table}:{one.row_id}",
            "{column} points at a {parent} that there is not",
            {"column": one.column, "parent": one.parent},
            FIX if is_mendable(one) else BACKUPS,
            is_mendable(one),
        )
        for one in inspection.dangling(db)
    ]


def is_mendable(one: Reference) -> bool:
    """Whether the pointer can go without anything else going."""
    return bool(one.row_id) and (not one.needed or one.table in LINKS)


def of_structure(db: Reader) -> list[Finding]:
    """What of the schema is missing, strange or not as it was made."""
    seen = inspection.structure(db)
    found = [_of_thing(one, "{kind} {name} is missing", one[0] != "table") for one in seen.missing]
    found += [_of_thing(one, "{kind} {name} is not as this program makes it", one[0] in _OURS) for one in seen.other]
    return found + [_of_thing(one, "{kind} {name} is not of this program", False) for one in seen.strange]


def _of_thing(thing: Thing, sentence: str, fixable: bool) -> Finding:
    kind, name = thing
    check = "triggers" if kind in _OURS else "schema"
    mend = FIX if fixable else BACKUPS
    return Finding(check, "", sentence, {"kind": kind, "name": name}, mend, fixable)
