"""Deals through their stages: moved, won, lost, reopened, each step written down with the days spent."""

from datetime import date
from typing import Any

from crm_cli.actions import touches
from crm_cli.actions.change import NOTHING, Change, Note, checked, new_words
from crm_cli.actions.rates import freeze_deal, once
from crm_cli.errors import Misuse, NotFound
from crm_cli.i18n import language, listed
from crm_cli.model.deal import Deal, StageChange
from crm_cli.model.inputs import ClosingInput
from crm_cli.queries.derived import FURTHEST
from crm_cli.queries.find import find_stage
from crm_cli.rules import names, values
from crm_cli.rules.days import spell_day
from crm_cli.rules.money import format_money
from crm_cli.store.reader import id_list
from crm_cli.store.writer import Work


def told(w: Work, row: Any, days: list[str] | None = None) -> dict[str, Any]:
    """What a sentence about a deal says: who it is for, and the facts worth repeating."""
    stage = str(w.db.value("SELECT name FROM stage WHERE id = :id", {"id": row.stage_id}))
    customer = w.db.value("SELECT name FROM customer WHERE id = :id", {"id": row.customer_id})
    amount = [format_money(row.amount, row.currency)] if row.amount is not None else []
    shown = names.shown("stage", stage, language())
    return {
        "id": row.id,
        "deal": listed([row.title, customer], clauses=True) if customer else row.title,
        "stage": shown,
        "facts": listed([*amount, shown, *(days or [])], clauses=True),
        "amount": ", ".join(amount) or "-",
    }


def enter_stage(w: Work, row: Any, before: int | None, after: int, day: date, note: str | None) -> None:
    """Write the change down with the days spent, and keep what is derived from the history."""
    spent = max(0, (day - row.stage_since_on).days) if before is not None else None
    w.session.add(
        StageChange(
            deal_id=row.id,
            from_stage_id=before,
            to_stage_id=after,
            changed_on=day,
            changed_at=w.now,
            changed_by=w.user,
            note=note,
            days_spent=spent,
        )
    )
    row.stage_id = after
    row.stage_since_on = day
    row.furthest_stage_id = _furthest(w, row.furthest_stage_id, before, after)


def _furthest(w: Work, *stage_ids: int | None) -> int | None:
    """The open stage that stands last among those a deal has been in."""
    return w.db.value(  # type: ignore[no-any-return]
        f"SELECT id FROM stage WHERE id IN {id_list(stage_ids)} AND kind = 'open'"
        " ORDER BY position DESC, id DESC LIMIT 1"
    )


def recount_furthest(w: Work, pipeline: int) -> None:
    """How far the deals of a pipeline came, after its stages got another order or kind."""
    w.execute(
        f"UPDATE deal AS d SET furthest_stage_id = {FURTHEST} WHERE furthest_stage_id IS NOT {FURTHEST}"
        " AND stage_id IN (SELECT id FROM stage WHERE pipeline_id = :pipeline)",
        {"pipeline": pipeline},
    )


def move_deals(
    w: Work, ids: list[int], stage: str, *, note: str | None, on: date | None = None, reason: str | None = None
) -> Change:
    """Put deals into another stage of their pipeline. A won or lost stage closes them."""
    said = checked(ClosingInput, {"lost_reason": reason, "note": note})
    moved: list[int] = []
    last: dict[str, Any] = {}
    of_rates: list[Note] = []
    for record_id in ids:
        row = w.get(Deal, record_id)
        pipeline = w.db.value("SELECT pipeline_id FROM stage WHERE id = :id", {"id": row.stage_id})
        target, _, kind, _ = find_stage(w.db, stage, pipeline_id=pipeline)
        if target != row.stage_id:
            refuse_reason(kind, said["lost_reason"], record_id)
            of_rates += move(w, row, target, kind, on or w.today, said["note"], said["lost_reason"])
            moved.append(record_id)
            last = told(w, row, [spell_day(on, language())] if on else None)
    if not moved:
        return Change("deal", ids, NOTHING)
    if len(moved) == 1:
        return Change("deal", moved, "Moved deal {id}: {deal} ({facts})", last, once(of_rates))
    holes = {"n": len(moved), "stage": last["stage"]}
    return Change("deal", moved, "Moved {n} deals to {stage}", holes, once(of_rates))


def refuse_reason(kind: str, reason: str | None, deal_id: int) -> None:
    """A lost deal has a reason."""
    if kind == "lost" and not reason:
        hint = "Type: crm deal lose {id} --reason price" if deal_id else "Add --reason price"
        raise Misuse("A lost deal has a reason", hint=hint, id=deal_id)


def move(w: Work, row: Any, target: int, kind: str, day: date, note: str | None, reason: str | None) -> list[Note]:
    """One deal into one stage on a day that has come and is not before it was opened; returns what is worth saying of
    the rate that it is frozen with."""
    if day > w.today:
        raise Misuse("{day} has not come yet", hint="Leave --on out for today.", day=spell_day(day, language()))
    if day < row.opened_on:
        raise Misuse(
            "{title} was opened on {opened}, after {day}",
            hint="Another first day: crm deal edit {id} --opened {day}",
            title=row.title,
            opened=row.opened_on.isoformat(),
            day=day.isoformat(),
            id=row.id,
        )
    enter_stage(w, row, row.stage_id, target, day, note)
    row.closed_on = day if kind != "open" else None
    row.lost_reason = reason if kind == "lost" else None
    row.updated_at = w.now
    notes = freeze_deal(w, row)
    w.session.flush()
    touches.touch_deal(w, row.id, day)
    return notes


def close_deals(w: Work, ids: list[int], kind: str, *, on: date | None, reason: str | None, note: str | None) -> Change:
    """Win or lose open deals: each goes to the won or lost stage of its pipeline."""
    why = values.word(reason) if reason else None
    said = checked(ClosingInput, {"lost_reason": why, "note": note})
    last: dict[str, Any] = {}
    of_rates: list[Note] = []
    for record_id in ids:
        row = w.get(Deal, record_id)
        target = _closing_stage(w, row.stage_id, kind)
        of_rates += move(w, row, target, kind, on or w.today, said["note"], said["lost_reason"])
        last = told(w, row)
    notes = [*new_words(w, "deal", ids, said, ["lost_reason"]), *once(of_rates)]
    day = spell_day(on or w.today, language())
    if kind == "won":
        one, many = "Won deal {id}: {deal}, {amount} ({day})", "Won {n} deals ({day})"
    else:
        one, many = "Lost deal {id}: {deal}, {amount} ({day}, {reason})", "Lost {n} deals ({day}, {reason})"
    holes = {**last, "n": len(ids), "day": day, "reason": said["lost_reason"]}
    return Change("deal", ids, one if len(ids) == 1 else many, holes, notes)


def _closing_stage(w: Work, stage_id: int, kind: str) -> int:
    found = w.db.value(
        "SELECT id FROM stage WHERE kind = :kind AND removed_at IS NULL"
        " AND pipeline_id = (SELECT pipeline_id FROM stage WHERE id = :id) ORDER BY position LIMIT 1",
        {"kind": kind, "id": stage_id},
    )
    if found is None:
        raise NotFound(
            "The pipeline has no stage of kind {kind}", hint="Add one: crm stage add NAME --kind {kind}", kind=kind
        )
    return int(found)


def reopen_deals(w: Work, ids: list[int]) -> Change:
    """Closed deals go back to the open stage they came from, else to the first one of their pipeline."""
    last: dict[str, Any] = {}
    for record_id in ids:
        row = w.get(Deal, record_id)
        target = w.db.value(
            "SELECT s.id FROM stage_change x JOIN stage s ON s.id = x.from_stage_id"
            " WHERE x.deal_id = :id AND s.kind = 'open' AND s.removed_at IS NULL ORDER BY x.id DESC LIMIT 1",
            {"id": record_id},
        )
        move(w, row, target or _closing_stage(w, row.stage_id, "open"), "open", w.today, None, None)
        last = told(w, row)
    if len(ids) == 1:
        return Change("deal", ids, "Reopened deal {id}: {deal} ({facts})", last)
    return Change("deal", ids, "Reopened {n} deals", {"n": len(ids)})


def empty_stage(w: Work, stage_id: int, target: int) -> list[int]:
    """Every deal of a stage, also removed ones, into another stage; returns those that are not removed.

    A closed deal that stays closed in the same way keeps its day and its reason.
    """
    kinds: dict[int, str] = dict(
        w.db.rows("SELECT id, kind FROM stage WHERE id IN (:a, :b)", {"a": stage_id, "b": target})
    )
    found = w.db.rows("SELECT id, removed_at IS NULL FROM deal WHERE stage_id = :id ORDER BY id", {"id": stage_id})
    for record_id, _ in found:
        row = w.get(Deal, record_id)
        if kinds[stage_id] == kinds[target] != "open":
            since = row.stage_since_on
            enter_stage(w, row, stage_id, target, since, None)
            row.updated_at = w.now
            w.session.flush()
            touches.touch_deal(w, record_id, since)
        else:
            refuse_reason(kinds[target], row.lost_reason, record_id)
            move(w, row, target, kinds[target], w.today, None, row.lost_reason)
    return [record_id for record_id, live in found if live]
