"""Tiers: made, changed, put in another order, taken away, brought back to those that every database begins with."""

from typing import Any

from crm_cli.actions.change import NOTHING, Change, Note, changed, checked
from crm_cli.actions.words import plain_name
from crm_cli.errors import Conflict
from crm_cli.model.inputs import TierInput, name_key
from crm_cli.model.insight import Tier
from crm_cli.queries.bounds import member_id
from crm_cli.queries.conditions import Asker
from crm_cli.queries.grammar import join_arguments
from crm_cli.queries.tiers import condition_of, find_tier
from crm_cli.rules import tiers as rules
from crm_cli.rules.durations import parse_days
from crm_cli.rules.text import fold
from crm_cli.store.writer import Work

_NO_NAME = "{name} is no name for a tier"
_FIELDS = ("name", "query", "position", "cadence_days", "owner_id", "playbook", "asks_risk")
_LATER: Note = ("Customers are sorted into it by the next: crm score", {})


def add_tier(w: Work, name: str, options: dict[str, Any], asker: Asker) -> Change:
    """A further rule, tried last unless `position` says otherwise; its query is checked now."""
    _make_rows(w)
    own = _read(w, options, asker)
    plain = plain_name(name, _NO_NAME)
    _refuse_known(w, plain, None)
    last = int(w.db.value("SELECT max(position) FROM tier") or 0) + 1
    values = checked(TierInput, {"name": plain, "position": last, **own})
    position = values.pop("position")
    row = w.add(Tier(**values, position=last, name_key=name_key(plain), created_at=w.now, updated_at=w.now))
    _move(w, row, position)
    return Change("tier", [row.id], "Added tier {name}: {query}", {"name": plain, "query": row.query}, [_LATER])


def edit_tier(w: Work, name: str, options: dict[str, Any], asker: Asker) -> Change:
    """Another rule, another place, another service."""
    _make_rows(w)
    row = _row(w, name)
    own = _read(w, options, asker)
    if options.get("name"):
        own["name"] = plain_name(options["name"], _NO_NAME)
        _refuse_known(w, own["name"], row.id)
    values = checked(TierInput, {**{key: getattr(row, key) for key in _FIELDS}, **own})
    position = values.pop("position")
    differs = changed(row, {**values, "name_key": name_key(values["name"])}, w.now)
    if not (_move(w, row, position) or differs):
        return Change("tier", [row.id], NOTHING)
    rule = {"query", "position", "name"} & set(own)
    return Change("tier", [row.id], "Changed tier {name}", {"name": row.name}, [_LATER] if rule else [])


def remove_tier(w: Work, name: str) -> Change:
    """Take a rule away; the last one stays."""
    _make_rows(w)
    row = _row(w, name)
    if w.db.value("SELECT count(*) FROM tier") == 1:
        raise Conflict("The last tier stays", hint="The first five again: crm tier reset")
    w.session.delete(row)
    _move(w, None, 0)
    return Change("tier", [], "Removed tier {name}", {"name": row.name}, [_LATER])


def reset_tiers(w: Work) -> Change:
    """Back to the rules that every database begins with."""
    for row_id in [row[0] for row in w.db.rows("SELECT id FROM tier ORDER BY id")]:
        w.session.delete(w.get(Tier, row_id))
    return Change("tier", [], "The tiers are those of the beginning again", notes=[_LATER])


def _row(w: Work, name: str) -> Any:
    row_id = find_tier(w.db, name).id
    assert row_id is not None  # those of the beginning are rows by now
    return w.get(Tier, row_id)


def _make_rows(w: Work) -> None:
    """The rules that hold as long as nobody has changed one become rows with the first change."""
    if w.db.value("SELECT 1 FROM tier LIMIT 1"):
        return
    for one in rules.DEFAULTS:
        own = {key: getattr(one, key) for key in ("name", "position", "query", "cadence_days", "playbook", "asks_risk")}
        w.add(Tier(**own, name_key=name_key(one.name), created_at=w.now, updated_at=w.now))


def _read(w: Work, options: dict[str, Any], asker: Asker) -> dict[str, Any]:
    """The columns that the options set; the errors of a query that cannot be asked say where."""
    own: dict[str, Any] = {}
    if options.get("query"):
        own["query"] = join_arguments(list(options["query"]))
        condition_of(w.db, rules.Tier("", 0, own["query"], None, None, False), asker)
    if options.get("cadence"):
        own["cadence_days"] = parse_days(options["cadence"])
    if options.get("owner"):
        own["owner_id"] = member_id(w.db, fold(options["owner"]), options["owner"], w.member_id)
    for key in ("playbook", "position", "asks_risk"):
        if options.get(key) is not None:
            own[key] = options[key]
    for key in options.get("clear") or []:
        own[key] = None
    return own


def _refuse_known(w: Work, name: str, own_id: int | None) -> None:
    taken = w.db.row(
        "SELECT id, name FROM tier WHERE name_key = :key AND id IS NOT :id", {"key": name_key(name), "id": own_id}
    )
    if taken:
        raise Conflict(
            "A tier called {name} is already there",
            hint="Change it: crm tier edit {name} --help",
            name=taken[1],
            candidates=[{"kind": "tier", "id": taken[0], "name": taken[1]}],
        )


def _move(w: Work, row: Any, position: int) -> bool:
    """Put a tier in its place among the others, which are numbered from 1 again; whether anything moved."""
    w.session.flush()
    ids = [r[0] for r in w.db.rows("SELECT id FROM tier ORDER BY position, id")]
    if row is not None:
        ids.remove(row.id)
        ids.insert(min(max(position, 1), len(ids) + 1) - 1, row.id)
    moved = False
    for n, row_id in enumerate(ids, 1):
        moved |= changed(w.get(Tier, row_id), {"position": n}, w.now)
    return moved
