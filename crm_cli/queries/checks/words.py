"""Belongings and saved words: each has one owner, names are there once, queries and rhythms can be read."""

from collections.abc import Callable
from typing import Any

from crm_cli.errors import CrmError
from crm_cli.queries.checks.finding import BACKUPS, Ask, Invariant, Row
from crm_cli.queries.grammar import parse
from crm_cli.queries.nouns import fields_of
from crm_cli.rules.fields import FIELDS
from crm_cli.rules.recurrence import parse_every
from crm_cli.rules.text import fold

_OWNERS = {
    "reach": ("customer", "contact"),
    "consent": ("customer", "contact"),
    "snooze": ("customer", "deal"),
    "tagging": ("customer", "contact", "deal"),
}
_NAME_OF = {
    "reach": "x.value",
    "consent": "x.channel",
    "snooze": "x.until_on",
    "tagging": "(SELECT name FROM tag WHERE id = x.tag_id)",
}


def _lonely(table: str) -> str:
    """Rows that belong to nobody, or to several."""
    owners = _OWNERS[table]
    counted = " + ".join(f"(x.{owner}_id IS NOT NULL)" for owner in owners)
    ref = " ".join(f"WHEN x.{owner}_id IS NOT NULL THEN '{owner}:' || x.{owner}_id" for owner in owners)
    return (
        f"SELECT x.id, CASE {ref} ELSE '{table}:' || x.id END AS ref, {_NAME_OF[table]} AS name, {counted} AS owners"
        f" FROM {table} x WHERE {counted} <> 1"
    )


def _firsts(owner: str) -> str:
    """Records with two first e-mails, phones, ...: which of them is used is left to chance."""
    return (
        f"SELECT k.id, k.name, r.kind FROM (SELECT {owner}_id AS id, kind, position, min(position) OVER"
        f" (PARTITION BY {owner}_id, kind) AS first FROM reach WHERE {owner}_id IS NOT NULL) r JOIN {owner} k"
        " ON k.id = r.id WHERE r.position = r.first GROUP BY k.id, r.kind HAVING count(*) > 1"
    )


def _renumber(owner: str) -> str:
    return (
        f"UPDATE reach SET position = (SELECT count(*) FROM reach o WHERE o.{owner}_id = reach.{owner}_id AND o.kind ="
        " reach.kind AND (o.position, o.id) < (reach.position, reach.id))"
        f" WHERE {owner}_id = :id AND kind = :kind"
    )


def _doubles(noun: str, within: str = "") -> Callable[[Ask], list[Row]]:
    """Live rows of one name, whatever their keys say."""
    live = "" if noun == "tag" else " WHERE removed_at IS NULL"

    def find(ask: Ask) -> list[Row]:
        seen: dict[Any, Row] = {}
        found = []
        for row in ask.rows(f"SELECT id, name, {within or 'NULL'} AS place FROM {noun}{live} ORDER BY id"):
            first = seen.setdefault((row["place"], fold(row["name"]) or row["name"]), row)
            if first is not row:
                found.append({**row, "other": f"{noun}:{first['id']}"})
        return found

    return find


def _queries(ask: Ask) -> list[Row]:
    """Segments that nobody could ask for any more. What their values name may have gone: only the form is read."""
    found = []
    for row in ask.rows("SELECT id, name, noun AS kind, query FROM segment WHERE removed_at IS NULL"):
        try:
            if row["kind"] not in FIELDS or parse([f"({row['query']})"], fields_of(row["kind"])) is None:
                found.append(row)
        except CrmError:
            found.append(row)
    return found


def _rhythms(ask: Ask) -> list[Row]:
    """Recurring tasks whose rhythm is none; each spelling is read once."""
    rules = [row["every"] for row in ask.rows("SELECT DISTINCT every FROM task WHERE every IS NOT NULL")]
    wrong = [rule for rule in rules if not _is_rhythm(rule)]
    return [
        row
        for rule in wrong
        for row in ask.db.dicts("SELECT id, text AS name, every FROM task WHERE every = :rule", {"rule": rule})
    ]


def _is_rhythm(rule: str) -> bool:
    try:
        return parse_every(rule) == rule
    except CrmError:
        return False


INVARIANTS = (
    *(
        Invariant(
            f"{table}-owner",
            table,
            _lonely(table),
            "{name} belongs to {owners} records, not to one",
            mend=BACKUPS,
        )
        for table in ("reach", "consent", "snooze")
    ),
    Invariant(
        "tagging-owner",
        "tagging",
        _lonely("tagging"),
        "Tag {name} is on {owners} records at once, not on one",
        mend=BACKUPS,
    ),
    *(
        Invariant(
            f"{owner}-reach-first",
            owner,
            _firsts(owner),
            "{name} has several that come first: {kind}",
            fix=(_renumber(owner),),
        )
        for owner in ("customer", "contact")
    ),
    *(
        Invariant(
            f"{noun}-double",
            noun,
            _doubles(noun, within),
            "{name} is there twice: it is called as {other} is",
            mend=mend,
        )
        for noun, within, mend in (
            ("tag", "", "crm tag rename NAME OTHER"),
            ("member", "", "crm member edit {id} --name NAME"),
            ("stage", "pipeline_id", "crm stage edit {id} --name NAME"),
            ("segment", "", "crm segment edit NAME --name OTHER"),
        )
    ),
    Invariant(
        "segment-query",
        "segment",
        _queries,
        "Segment {name} cannot be read: {query}",
        mend="crm segment list",
    ),
    Invariant(
        "task-rhythm",
        "task",
        _rhythms,
        "{name} comes again in no way that can be read: {every}",
        mend="crm task edit {id} --every E",
    ),
    Invariant(
        "task-anchor",
        "task",
        "SELECT id, text AS name, due_on AS right, every FROM task WHERE every IS NOT NULL AND anchor_on IS NULL"
        " AND due_on IS NOT NULL",
        "{name} comes again but counts from no day",
        fix=("UPDATE task SET anchor_on = :right WHERE id = :id",),
    ),
    Invariant(
        "task-due",
        "task",
        "SELECT id, text AS name, due_on AS day, due_at AS at FROM task WHERE due_at IS NOT NULL AND (due_on IS NULL"
        " OR due_on NOT BETWEEN date(due_at, '-12 hours') AND date(due_at, '+14 hours'))",
        "{name} is due on {day}, but its moment is {at}",
        mend="crm task edit {id} --due D",
    ),
)
