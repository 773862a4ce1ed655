"""Records hidden, and brought back with what went with them."""

from datetime import timedelta

from crm_cli.actions import touches
from crm_cli.actions.change import Change
from crm_cli.errors import Conflict
from crm_cli.i18n import listed, tn
from crm_cli.queries.sources import TABLE
from crm_cli.rules.days import to_utc_text
from crm_cli.rules.text import fit, squeeze
from crm_cli.store.writer import Work

_ATTACHED = {
    "customer": {
        "contact": "customer_id = :id",
        "deal": "customer_id = :id",
        "task": "(customer_id = :id OR deal_id IN (SELECT id FROM deal WHERE customer_id = :id))",
        "interaction": "customer_id = :id",
        "order": "customer_id = :id",
    },
    "deal": {"task": "deal_id = :id"},
}
_NAME = {
    "customer": "name",
    "contact": "name",
    "deal": "title",
    "task": "text",
    "interaction": "coalesce(text, channel)",
    "product": "name",
    "order": "coalesce(number, ordered_on)",
}
# What has to be there before a record can come back.
_ABOVE = {"contact": ["customer"], "deal": ["customer"], "task": ["customer", "deal"], "interaction": ["customer"],
          "order": ["customer"]}  # fmt: skip


def remove_records(w: Work, noun: str, ids: list[int]) -> Change:
    """Hide records and what belongs to them; restore brings back what went with them."""
    gone: dict[str, int] = {}
    for record_id in ids:
        at = _moment(w, noun, record_id)
        for table, test in {noun: "id = :id", **_ATTACHED.get(noun, {})}.items():
            gone[table] = gone.get(table, 0) + w.execute(
                f"UPDATE {TABLE[table]} SET removed_at = :at, updated_at = :at WHERE removed_at IS NULL AND {test}",
                {"id": record_id, "at": at},
            )
        touches.recount_after(w, noun, record_id)
    gone.pop(noun)
    holes = {
        "noun": noun,
        "command": noun,
        "id": ids[0],
        "n": len(ids),
        "name": name_of(w, noun, ids[0]),
        "with": listed(_counted(table, n) for table, n in gone.items() if n),
    }
    if len(ids) > 1:
        several = "Removed {n} records"
        with_more = "Removed {n} records, with {with}"
        return Change(noun, ids, with_more if holes["with"] else several, holes)
    one = "Removed {noun} {id}: {name}"
    with_others = "Removed {noun} {id}: {name}, with {with}"
    return Change(noun, ids, with_others if holes["with"] else one, holes)


def _moment(w: Work, noun: str, record_id: int) -> str:
    """Now, or a little later where something that hangs on the record was removed at that very second: what goes in
    one stroke has one moment, and nothing else has it."""
    moment = w.now
    tests = _ATTACHED.get(noun, {}).items()
    while any(
        w.db.value(
            f"SELECT 1 FROM {TABLE[table]} WHERE removed_at = :at AND {test}",
            {"id": record_id, "at": to_utc_text(moment)},
        )
        for table, test in tests
    ):
        moment += timedelta(seconds=1)
    return to_utc_text(moment)


def _counted(table: str, n: int) -> str:
    """`2 deals`, of what went along."""
    if table == "contact":
        return tn("{n} contact", "{n} contacts", n)
    if table == "deal":
        return tn("{n} deal", "{n} deals", n)
    if table == "task":
        return tn("{n} task", "{n} tasks", n)
    if table == "order":
        return tn("{n} order", "{n} orders", n)
    return tn("{n} interaction", "{n} interactions", n)


def name_of(w: Work, noun: str, record_id: int) -> str:
    """What a sentence calls a record: its name, a long text cut."""
    return fit(
        squeeze(str(w.db.value(f"SELECT {_NAME[noun]} FROM {TABLE[noun]} WHERE id = :id", {"id": record_id}))), 60
    )


def restore_records(w: Work, noun: str, ids: list[int]) -> Change:
    """Bring removed records back, with what was removed in the same stroke."""
    for record_id in ids:
        _refuse_under_removed(w, noun, record_id)
        at = w.db.value(f"SELECT removed_at FROM {TABLE[noun]} WHERE id = :id", {"id": record_id})
        for table, test in {noun: "id = :id", **_ATTACHED.get(noun, {})}.items():
            w.execute(
                f"UPDATE {TABLE[table]} SET removed_at = NULL, updated_at = :now WHERE removed_at = :at AND {test}",
                {"id": record_id, "at": at, "now": to_utc_text(w.now)},
            )
        touches.recount_after(w, noun, record_id)
    holes = {"noun": noun, "id": ids[0], "n": len(ids), "name": name_of(w, noun, ids[0])}
    return Change(noun, ids, "Restored {noun} {id}: {name}" if len(ids) == 1 else "Restored {n} records", holes)


def _refuse_under_removed(w: Work, noun: str, record_id: int) -> None:
    """A record does not come back under one that is still away: nobody would find it."""
    for above in _ABOVE.get(noun, []):
        name = _NAME[above]
        found = w.db.row(
            f"SELECT a.id, a.{name} FROM {TABLE[noun]} x JOIN {above} a ON a.id = x.{above}_id"
            " WHERE x.id = :id AND a.removed_at IS NOT NULL",
            {"id": record_id},
        )
        if found:
            raise Conflict(
                "{name} is removed too, and comes first",
                hint="Type: crm {above} restore {id}",
                name=found[1],
                above=above,
                id=found[0],
            )
