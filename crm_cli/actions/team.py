"""Members of the team, and the stages of pipelines."""

from typing import Any

from crm_cli.actions import moves
from crm_cli.actions.change import NOTHING, Change, changed, checked
from crm_cli.actions.reaches import cannot_clear
from crm_cli.actions.renames import STAGE, carry_segments
from crm_cli.errors import Conflict, Misuse
from crm_cli.i18n import language
from crm_cli.model.inputs import MemberInput, StageInput, name_key
from crm_cli.model.team import Member, Stage
from crm_cli.queries.bounds import member_id
from crm_cli.queries.find import find_stage, pick_row
from crm_cli.rules import names, values
from crm_cli.rules.days import to_utc_text
from crm_cli.rules.fields import field_key
from crm_cli.rules.normalise import email_key
from crm_cli.rules.text import fold, squeeze
from crm_cli.store.writer import Work


def add_member(w: Work, name: str, email: str | None) -> Change:
    """Somebody joins the team; the database is no solo one any more."""
    own = checked(MemberInput, {"name": squeeze(name), "email": email.strip() if email else None})
    key = email_key(email) if email else None
    _refuse_known_member(w, name_key(own["name"]), key, None)
    row = w.add(Member(**own, name_key=name_key(own["name"]), email_key=key, created_at=w.now, updated_at=w.now))
    return Change("member", [row.id], "Added member {id}: {name}", {"id": row.id, "name": row.name})


def _refuse_known_member(w: Work, key: str, email: str | None, own_id: int | None) -> None:
    found = w.db.row(
        "SELECT id, name FROM member WHERE removed_at IS NULL AND id IS NOT :own"
        " AND (name_key = :key OR email_key = :email)",
        {"key": key, "email": email, "own": own_id},
    )
    if found:
        raise Conflict(
            "{name} is already a member",
            hint="Change it: crm member edit {id}",
            name=found[1],
            id=found[0],
            candidates=[{"ref": f"member:{found[0]}", "kind": "member", "id": found[0], "name": found[1]}],
        )


def edit_member(w: Work, ref: str, options: dict[str, Any]) -> Change:
    """Another name or e-mail; `--clear email` takes the e-mail away."""
    row: Any = w.get(Member, member_id(w.db, fold(ref), ref, w.member_id))
    own = {"name": row.name, "email": row.email}
    if options.get("name"):
        own["name"] = squeeze(options["name"])
    for text in options.get("clear") or []:
        if text != "email":
            raise cannot_clear(text, ["email"])
        own["email"] = None
    if options.get("email"):
        own["email"] = options["email"].strip()
    own = checked(MemberInput, own)
    key = email_key(own["email"]) if own["email"] else None
    _refuse_known_member(w, name_key(own["name"]), key, row.id)
    if not changed(row, {**own, "name_key": name_key(own["name"]), "email_key": key}, w.now):
        return Change("member", [row.id], NOTHING)
    return Change("member", [row.id], "Changed member {id}: {name}", {"id": row.id, "name": row.name})


_OWNED = ("customer", "deal", "task", "sales_order")


def remove_member(w: Work, ref: str, to: str | None) -> Change:
    """Somebody leaves; what was theirs goes to another member. Interactions keep who had them.

    When the last one leaves nobody owns anything: the database is a solo one again.
    """
    own_id = member_id(w.db, fold(ref), ref, w.member_id)
    heir = member_id(w.db, fold(to), to, w.member_id) if to else None
    row: Any = w.get(Member, own_id)
    if heir == own_id:
        raise Misuse("{name} cannot hand over to themselves", hint="Name another member with --to", name=row.name)
    owned = sum(
        w.db.value(f"SELECT count(*) FROM {noun} WHERE owner_id = :id AND removed_at IS NULL", {"id": own_id})
        for noun in _OWNED
    )
    others = w.db.value("SELECT count(*) FROM member WHERE removed_at IS NULL AND id <> :id", {"id": own_id})
    if owned and heir is None and others:
        raise Conflict(
            "{name} owns {n} customers, deals and tasks",
            hint="Hand them over: crm member remove {id} --to MEMBER",
            name=row.name,
            id=own_id,
            n=owned,
        )
    for noun in _OWNED:
        w.execute(
            f"UPDATE {noun} SET owner_id = :heir, updated_at = :now WHERE owner_id = :id",
            {"heir": heir, "id": own_id, "now": to_utc_text(w.now)},
        )
    changed(row, {"removed_at": w.now}, w.now)
    holes = {"name": row.name, "n": owned, "heir": w.db.value("SELECT name FROM member WHERE id = :id", {"id": heir})}
    if heir is None or not owned:
        return Change("member", [own_id], "Removed member {name}", holes)
    return Change("member", [own_id], "Removed member {name}; {heir} owns what was theirs ({n})", holes)


def add_stage(w: Work, options: dict[str, Any]) -> Change:
    """A stage behind another one, by default behind the last open one."""
    given = values.read(values.STAGE, options, values.Clock(w.now))
    own = checked(StageInput, {**given, "name": squeeze(given["name"])})
    _refuse_odds(own["kind"], given)
    own["probability"] = _ODDS.get(own["kind"], own["probability"])
    pipeline = pick_pipeline(w, options.get("pipeline"))
    key = name_key(own["name"])
    _refuse_known_stage(w, own["name"], pipeline, None)
    position = _make_room(w, pipeline, options.get("after"), own["kind"])
    row = w.add(Stage(**own, name_key=key, pipeline_id=pipeline, position=position, created_at=w.now, updated_at=w.now))
    return Change("stage", [row.id], *_placed(w, row))


_ODDS = {"won": 100, "lost": 0}


def _refuse_odds(kind: str, given: dict[str, Any]) -> None:
    """Won is certain and lost is hopeless; quiet is only who is still open."""
    if kind != "open" and given.get("probability") not in (None, _ODDS[kind]):
        raise Misuse(
            "A stage of kind {kind} has the probability {odds}",
            hint="Leave --probability out.",
            kind=kind,
            odds=_ODDS[kind],
        )
    if kind != "open" and given.get("quiet_after_days"):
        raise Misuse("Deals in a stage of kind {kind} are never quiet", hint="Leave --quiet-after out.", kind=kind)


def _refuse_known_stage(w: Work, name: str, pipeline: int, own_id: int | None) -> None:
    found = w.db.row(
        "SELECT id, name FROM stage WHERE pipeline_id = :p AND name_key = :key AND removed_at IS NULL"
        " AND id IS NOT :id",
        {"p": pipeline, "key": name_key(name), "id": own_id},
    )
    if found:
        raise Conflict(
            "A stage called {name} is already there",
            hint="Change it: crm stage edit {name}",
            name=found[1],
            candidates=[{"kind": "stage", "id": found[0], "name": found[1]}],
        )


def _placed(w: Work, row: Any) -> tuple[str, dict[str, Any]]:
    """Where a new stage stands."""
    before = w.db.value(
        "SELECT name FROM stage WHERE pipeline_id = :p AND position < :at AND removed_at IS NULL"
        " ORDER BY position DESC LIMIT 1",
        {"p": row.pipeline_id, "at": row.position},
    )
    if before is None:
        return "Added stage {id}: {name}", {"id": row.id, "name": row.name}
    after = names.shown("stage", before, language())
    return "Added stage {id}: {name}, after {after}", {"id": row.id, "name": row.name, "after": after}


def pick_pipeline(w: Work, text: str | None) -> int:
    """The pipeline named, else the first."""
    rows = w.db.rows("SELECT id, name, name_key FROM pipeline WHERE removed_at IS NULL ORDER BY position, id")
    if not text:
        return int(rows[0][0])
    return int(pick_row(rows, text, noun="pipeline", alias=names.canonical("pipeline", fold(text)))[0])


def _make_room(w: Work, pipeline: int, after: str | None, kind: str) -> int:
    """The position behind a stage, freed; without one behind the last open stage, or the last of all."""
    if after:
        stage_id = find_stage(w.db, after, pipeline_id=pipeline)[0]
        position = int(w.db.value("SELECT position FROM stage WHERE id = :id", {"id": stage_id})) + 1
    else:
        only = "AND kind = 'open'" if kind == "open" else ""
        last = w.db.value(
            f"SELECT coalesce(max(position), 0) FROM stage WHERE pipeline_id = :p AND removed_at IS NULL {only}",
            {"p": pipeline},
        )
        position = int(last) + 1
    w.execute(
        "UPDATE stage SET position = position + 1 WHERE pipeline_id = :p AND position >= :at",
        {"p": pipeline, "at": position},
    )
    return position


_PATIENCE = ("quiet_after", "quiet_after_days")


def edit_stage(w: Work, ref: str, options: dict[str, Any]) -> Change:
    """Another name, probability, place or patience; deals stay where they are."""
    stage_id, before, kind, pipeline = find_stage(w.db, ref)
    given = values.read(values.STAGE, options, values.Clock(w.now))
    for text in options.get("clear") or []:
        key = field_key(text)
        if key not in ("probability", *_PATIENCE) or (key == "probability" and kind != "open"):
            raise cannot_clear(text, ["probability", "quiet-after"] if kind == "open" else ["quiet-after"])
        given["quiet_after_days" if key in _PATIENCE else key] = None
    new_kind = given.get("kind", kind)
    _refuse_odds(new_kind, given)
    if new_kind != kind:
        _refuse_new_kind(w, stage_id, kind, pipeline)
        given.update({"probability": _ODDS[new_kind], "quiet_after_days": None} if new_kind != "open" else {})
    row: Any = w.get(Stage, stage_id)
    own = checked(StageInput, {**{column: getattr(row, column) for column in StageInput.model_fields}, **given})
    own["name"] = squeeze(own["name"])
    _refuse_known_stage(w, own["name"], pipeline, stage_id)
    differs = changed(row, {**own, "name_key": name_key(own["name"])}, w.now)
    if options.get("after"):
        if find_stage(w.db, options["after"], pipeline_id=pipeline)[0] == stage_id:
            raise Misuse("{name} cannot stand after itself", hint="Name another stage with --after", name=row.name)
        differs |= changed(row, {"position": _make_room(w, pipeline, options["after"], new_kind)}, w.now)
    if not differs:
        return Change("stage", [stage_id], NOTHING)
    if options.get("after") or new_kind != kind:
        moves.recount_furthest(w, pipeline)
    notes = carry_segments(w, STAGE, before, row.name) if row.name != before else []
    return Change("stage", [stage_id], "Changed stage {id}: {name}", {"id": stage_id, "name": row.name}, notes)


def _refuse_new_kind(w: Work, stage_id: int, kind: str, pipeline: int) -> None:
    """What has deals in it, and the last of its kind, stay what they are."""
    deals = w.db.value("SELECT count(*) FROM deal WHERE stage_id = :id", {"id": stage_id})
    if deals:
        raise Conflict("Deals stand in this stage: its kind stays {kind}", hint="Move them first.", kind=kind)
    _refuse_last(w, stage_id, kind, pipeline)


def _refuse_last(w: Work, stage_id: int, kind: str, pipeline: int) -> None:
    left = w.db.value(
        "SELECT count(*) FROM stage WHERE pipeline_id = :p AND kind = :kind AND removed_at IS NULL AND id <> :id",
        {"p": pipeline, "kind": kind, "id": stage_id},
    )
    if not left:
        raise Conflict(
            "It is the last stage of kind {kind}, and every pipeline has one",
            hint="Add another one first: crm stage add NAME --kind {kind}",
            kind=kind,
        )


def remove_stage(w: Work, ref: str, move_to: str | None) -> Change:
    """Hide a stage; deals in it are moved first, or it is refused."""
    stage_id, name, kind, pipeline = find_stage(w.db, ref)
    _refuse_last(w, stage_id, kind, pipeline)
    deals = w.db.value("SELECT count(*) FROM deal WHERE stage_id = :id", {"id": stage_id})
    if deals and not move_to:
        raise Conflict(
            "{n} deals stand in {name}, removed ones too",
            hint="Move them along: crm stage remove {id} --move-to STAGE",
            n=deals,
            name=name,
            id=stage_id,
        )
    moved: list[int] = []
    if move_to:
        target, _, _, _ = find_stage(w.db, move_to, pipeline_id=pipeline)
        if target == stage_id:
            raise Misuse("{name} goes: its deals need another stage", hint="Name it with --move-to", name=name)
        moved = moves.empty_stage(w, stage_id, target)
    changed(w.get(Stage, stage_id), {"removed_at": w.now}, w.now)
    holes = {"id": stage_id, "name": name, "n": len(moved)}
    sentence, with_deals = "Removed stage {id}: {name}", "Removed stage {id}: {name}; deals moved: {n}"
    return Change("stage", [stage_id], with_deals if moved else sentence, holes)
