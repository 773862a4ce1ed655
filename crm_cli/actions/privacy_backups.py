"""The copies of a database that still hold somebody who is erased: found, and rewritten without them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from crm_cli.actions.privacy import Chosen, erase_rows, uuids_of
from crm_cli.errors import CrmError, NotFound, StoreError
from crm_cli.queries.find import Finder
from crm_cli.queries.privacy_ghosts import KINDS, Subject
from crm_cli.queries.privacy_scope import Known, among, going, known_of, together
from crm_cli.store.backups import Backup, listed
from crm_cli.store.copy import reading
from crm_cli.store.reader import Reader, prepare
from crm_cli.store.rewriting import holds, rewriting


class Copy(NamedTuple):
    """What became of one copy; `problem` says why it still holds the person."""

    name: str
    rewritten: bool
    problem: CrmError | None


def holding(database: str, elsewhere: str, uuids: Sequence[str], known: Known) -> list[Backup]:
    """The copies that hold them, newest first."""
    pattern = known.traces.in_bytes()
    return [one for one in listed(database, elsewhere) if holds(one.path, uuids, pattern)]


def rewrite(
    copies: Sequence[Backup], chosen: Chosen, uuids: Sequence[str], known: Known, *, now: datetime, secret: str
) -> Iterator[Copy]:
    """Erase the same in each of the copies; one that fails stays as it is, and the others go on."""
    for one in copies:
        try:
            with rewriting(one.path) as db:
                ids = going(db, _same(db, chosen, uuids))
                erase_rows(db, ids, together(known, known_of(db, ids)), everywhere=True, now=now, secret=secret)
        except CrmError as error:
            yield Copy(one.name, False, error)
        else:
            yield Copy(one.name, True, None)


def _same(db: Reader, chosen: Chosen, uuids: Sequence[str]) -> Mapping[str, Sequence[int]]:
    """Those of the records that a copy has too: ids are never used again, but a copy may be of another database."""

    asked: dict[str, Any] = {"uuids": json.dumps(list(uuids))}
    found = dict(chosen)
    for noun in ("customer", "contact"):
        rows = db.rows(f"SELECT id FROM {noun} WHERE uuid {among('uuids')}", asked)
        found[noun] = [row_id for (row_id,) in rows]
    return found


class FromCopy(NamedTuple):
    """Somebody whom only a copy still knows."""

    found: Subject
    known: Known
    uuids: list[str]


def known_by(database: str, elsewhere: str, typed: str, country: str | None) -> FromCopy | None:
    """Whom a reference means in the newest copy that has such a record."""
    for one in listed(database, elsewhere):
        try:
            with reading(one.path) as connection:
                prepare(connection)
                db = Reader(connection, one.path)
                subject = _there(db, typed, country)
                if subject is None:
                    continue
                ids = going(db, {subject.noun: [subject.id]})
                return FromCopy(subject, known_of(db, ids), uuids_of(db, ids))
        except StoreError:
            continue  # damaged, or newer
    return None


def _there(db: Reader, typed: str, country: str | None) -> Subject | None:
    for removed in (False, True):
        try:
            found = Finder(db, KINDS, removed=removed, country=country).one(typed)
        except NotFound:
            continue
        return Subject(found.kind, found.id, found.name)
    return None
