"""Members of the team, and the stages of pipelines."""

from typing import Any

from crm_cli.actions.change import Change, changed, checked
from crm_cli.errors import Conflict, Misuse
from crm_cli.model.inputs import MemberInput, StageInput, name_key
from crm_cli.model.team import Member, Stage
from crm_cli.queries.bounds import member_id
from crm_cli.queries.find import find_stage, pick_row
from crm_cli.rules import values
from crm_cli.rules.normalise import email_key
from crm_cli.rules.text import fold, squeeze
from crm_cli.store.writer import Work


def add_member(w: Work, name: str, email: str | None) -> Change:
    """Somebody joins the team; the database is no solo one any more."""
    own = checked(MemberInput, {"name": squeeze(name), "email": email})
    key = email_key(email) if email else None
    _refuse_known_member(w, name_key(own["name"]), key, None)
    row = w.add(Member(**own, name_key=name_key(own["name"]), email_key=key, created_at=w.now, updated_at=w.now))
    return Change("member", [row.id], "Added member {id}: {name}", {"id": row.id, "name": row.name})


def _refuse_known_member(w: Work, key: str, email: str | None, own_id: int | None) -> None:
    found = w.db.row(
        "SELECT id, name FROM member WHERE removed_at IS NULL AND id IS NOT :own AND (name_key = :key OR email_key = :email)",
        {"key": key, "email": email, "own": own_id},
    )
    if found:
        raise Conflict("{name} is already a member", name=found[1], candidates=[{"ref": f"member:{found[0]}", "id": found[0], "name": found[1]}])


def edit_member(w: Work, ref: str, name: str | None, email: str | None) -> Change:
    """Another name or e-mail."""
    row: Any = w.get(Member, member_id(w.db, fold(ref), ref, w.member_id))
    own = checked(MemberInput, {"name": squeeze(name) if name else row.name, "email": email or row.email})
    key = email_key(own["email"]) if own["email"] else None
    _refuse_known_member(w, name_key(own["name"]), key, row.id)
    changed(row, {**own, "name_key": name_key(own["name"]), "email_key": key}, w.now)
    return Change("member", [row.id], "Changed member {id}: {name}", {"id": row.id, "name": row.name})


_OWNED = ("customer", "deal", "task", "interaction")


def remove_member(w: Work, ref: str, to: str | None) -> Change:
    """Somebody leaves; what was theirs goes to another member. Interactions keep who had them."""
    own_id = member_id(w.db, fold(ref), ref, w.member_id)
    heir = member_id(w.db, fold(to), to, w.member_id) if to else None
    if heir == own_id:
        raise Misuse("Nobody can hand over to themselves", hint="Name another member with --to")
    row: Any = w.get(Member, own_id)
    owned = sum(w.db.value(f"SELECT count(*) FROM {noun} WHERE owner_id = :id AND removed_at IS NULL", {"id": own_id}) for noun in _OWNED[:3])
    if owned and heir is None:
        raise Conflict("{name} owns {n} records", hint="Hand them over: crm member remove {name} --to MEMBER", name=row.name, n=owned)
    for noun in _OWNED[:3] if heir is not None else ():
        w.execute(f"UPDATE {noun} SET owner_id = :heir WHERE owner_id = :id", {"heir": heir, "id": own_id})
    changed(row, {"removed_at": w.now}, w.now)
    return Change("member", [own_id], "Removed member {name}; {n} records handed over", {"name": row.name, "n": owned})


def add_stage(w: Work, options: dict[str, Any]) -> Change:
    """A stage behind another one, by default behind the last open one."""
    given = values.read(values.STAGE, options, values.Clock(w.now))
    own = checked(StageInput, given)
    pipeline = pick_pipeline(w, options.get("pipeline"))
    key = name_key(own["name"])
    if w.db.value("SELECT 1 FROM stage WHERE pipeline_id = :p AND name_key = :key AND removed_at IS NULL", {"p": pipeline, "key": key}):
        raise Conflict("A stage called {name} is already there", name=own["name"])
    position = _make_room(w, pipeline, options.get("after"), own["kind"])
    if own["kind"] != "open":
        own["probability"] = 100 if own["kind"] == "won" else 0
    row = w.add(Stage(**own, name_key=key, pipeline_id=pipeline, position=position, created_at=w.now, updated_at=w.now))
    return Change("stage", [row.id], "Added stage {name} at {position}", {"name": row.name, "position": position})


def pick_pipeline(w: Work, text: str | None) -> int:
    """The pipeline named, else the first."""
    rows = w.db.rows("SELECT id, name, name_key FROM pipeline WHERE removed_at IS NULL ORDER BY position, id")
    return int(pick_row(rows, text, noun="pipeline")[0]) if text else int(rows[0][0])


def _make_room(w: Work, pipeline: int, after: str | None, kind: str) -> int:
    if after:
        stage_id = find_stage(w.db, after, pipeline_id=pipeline)[0]
        position = int(w.db.value("SELECT position FROM stage WHERE id = :id", {"id": stage_id})) + 1
    else:
        only = "AND kind = 'open'" if kind == "open" else ""
        position = int(w.db.value(f"SELECT coalesce(max(position), 0) FROM stage WHERE pipeline_id = :p AND removed_at IS NULL {only}", {"p": pipeline})) + 1
    w.execute("UPDATE stage SET position = position + 1 WHERE pipeline_id = :p AND position >= :at", {"p": pipeline, "at": position})
    return position


def edit_stage(w: Work, ref: str, options: dict[str, Any]) -> Change:
    """Another name, probability, place or patience; deals stay where they are."""
    stage_id, _, kind, pipeline = find_stage(w.db, ref)
    given = values.read(values.STAGE, options, values.Clock(w.now))
    for option in options.get("clear") or []:
        if option not in ("probability", "quiet-after", "quiet_after", "quiet_after_days"):
            raise Misuse("{field} cannot be cleared", hint="What can: {known}", field=option, known="probability quiet-after")
        given["probability" if option == "probability" else "quiet_after_days"] = None
    if kind != "open" and given.get("probability") not in (None, 100 if kind == "won" else 0):
        raise Misuse("A stage of kind {kind} has a probability of its own", kind=kind)
    if given.get("kind") not in (None, kind) and w.db.value("SELECT 1 FROM deal WHERE stage_id = :id LIMIT 1", {"id": stage_id}):
        raise Conflict("Deals stand in this stage: its kind stays {kind}", kind=kind)
    row: Any = w.get(Stage, stage_id)
    own = checked(StageInput, {**{column: getattr(row, column) for column in StageInput.model_fields}, **given})
    own["name_key"] = name_key(own["name"])
    if w.db.value("SELECT 1 FROM stage WHERE pipeline_id = :p AND name_key = :key AND id <> :id AND removed_at IS NULL", {"p": pipeline, "key": own["name_key"], "id": stage_id}):
        raise Conflict("A stage called {name} is already there", name=own["name"])
    changed(row, own, w.now)
    if options.get("after"):
        changed(row, {"position": _make_room(w, pipeline, options["after"], kind)}, w.now)
    return Change("stage", [stage_id], "Changed stage {name}", {"name": row.name})


def remove_stage(w: Work, ref: str, move_to: str | None, now_moved: Any) -> Change:
    """Hide a stage; deals in it are moved first, or it is refused. `now_moved(ids, stage)` moves them."""
    stage_id, name, kind, pipeline = find_stage(w.db, ref)
    left = w.db.value(
        "SELECT count(*) FROM stage WHERE pipeline_id = :p AND kind = :kind AND removed_at IS NULL AND id <> :id",
        {"p": pipeline, "kind": kind, "id": stage_id},
    )
    if not left:
        raise Conflict("{name} is the last stage of kind {kind}", name=name, kind=kind)
    ids = [r[0] for r in w.db.rows("SELECT id FROM deal WHERE stage_id = :id AND removed_at IS NULL", {"id": stage_id})]
    if ids and not move_to:
        raise Conflict("{n} deals stand in {name}", hint="Move them: crm stage remove {name} --move-to STAGE", n=len(ids), name=name)
    if ids:
        now_moved(ids, move_to)
    changed(w.get(Stage, stage_id), {"removed_at": w.now}, w.now)
    return Change("stage", [stage_id], "Removed stage {name}; {n} deals moved", {"name": name, "n": len(ids)})
