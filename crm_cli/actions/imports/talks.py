"""What a file says of the last contact: an interaction of that day, from which what is kept twice follows as ever.

Other systems keep a day alone ("Last Activity Date"). It becomes a note that says where it comes from, and only where
nothing as late is known; so `crm check` finds every last contact borne out, and a second import adds nothing.
"""

from collections.abc import Sequence
from typing import Any

from crm_cli.actions.imports.binned import say_beside
from crm_cli.actions.imports.held import keep_beside
from crm_cli.actions.imports.rows import Batch, Loader
from crm_cli.actions.imports.run import Run
from crm_cli.actions.imports.touches import move_touches
from crm_cli.rules.text import has_cjk
from crm_cli.store.bulk import UUID

_FUTURE = "{value} is in the future; what is planned stands in a column of its own: next_on."
_KEPT = {"customer": "last_contact_on", "contact": "last_contact_on", "deal": "last_touch_on"}
# Interactions i of the record m.target, by noun.
_OF = {
    "customer": "i.customer_id = m.target",
    "deal": "i.deal_id = m.target",
    "contact": "EXISTS (SELECT 1 FROM interaction_contact p WHERE p.interaction_id = i.id AND p.contact_id = m.target)",
}
# What a day without a word is called: in the language of its column, so that it stays the same.
_SAID = {True: "最近一次跟进（{system}）", False: "Last activity in {system}"}


def read_talks(load: Loader, batch: Batch, columns: dict[str, Sequence[Any]]) -> None:
    """The columns of the last contact; words without a day stay custom."""
    size, fields = len(batch), load.plan.fields
    if "last_contact" not in fields and "last_said" not in fields:
        return
    moments = load.column("last_contact", batch) or [None] * size
    words = load.column("last_said", batch) or [None] * size
    for place, (at, text) in enumerate(zip(moments, words, strict=True)):
        if text and at is None:
            words[place] = None
            if load.options.extra == "keep":
                batch.keep(place, load.plan.header_of("last_said"), text)
    columns["last_contact"], columns["last_said"] = moments, words


def stage_talks(load: Loader) -> None:
    """Give interactions rows of their own, once whole columns are settled."""
    if "last_contact" in load.present:
        load.db.execute(
            "INSERT INTO s_said SELECT n, last_contact, last_said FROM s_row WHERE last_contact IS NOT NULL"
        )


def refuse_future(run: Run) -> None:
    """Nobody was spoken to on a day to come; in the export of another system such a day stays a field of its own."""
    late = run.rows(
        "SELECT r.n, r.line, local_day(s.at) FROM s_said s JOIN s_row r ON r.n = s.n WHERE local_day(s.at) > :today"
    )
    if run.plan.preset is None:
        run.spoil(late, "last_contact", _FUTURE)
        return
    if run.options.extra == "keep":
        keep_beside(run, [(n, run.plan.header_of("last_contact"), day) for n, _, day in late])
    run.db.many("DELETE FROM s_said WHERE n = ?", [(n,) for n, _, _ in late])


def know_talks(run: Run) -> None:
    """Leave only what is not there yet, and was not removed; a day without a word says nothing where one is known."""
    if not run.has("last_contact"):
        return
    run.params["said"] = _said(run)
    if run.options.on_duplicate != "new":
        gone = run.execute(
            f"DELETE FROM s_said WHERE EXISTS (SELECT 1 FROM s_match m JOIN interaction i ON {_OF[run.noun]}"
            " WHERE m.n = s_said.n AND i.removed_at IS NOT NULL AND local_day(i.at) = local_day(s_said.at)"
            " AND i.text IS coalesce(s_said.text, :said))"
        )
        say_beside(run, gone)
    known = "FROM s_match m JOIN interaction i ON " + _OF[run.noun] + " WHERE m.n = s_said.n"
    run.execute(
        f"DELETE FROM s_said WHERE EXISTS (SELECT 1 {known} AND i.removed_at IS NULL AND local_day(i.at) ="
        " local_day(s_said.at) AND (s_said.text IS NULL OR i.text IS s_said.text))"
    )
    if run.plan.preset:
        kept = _KEPT[run.noun]
        run.execute(
            "DELETE FROM s_said WHERE text IS NULL AND EXISTS (SELECT 1 FROM s_match m"
            f" JOIN {run.noun} d ON d.id = m.target WHERE m.n = s_said.n AND d.{kept} >= local_day(s_said.at))"
        )


def _said(run: Run) -> str | None:
    if run.plan.preset is None:
        return None
    system = run.plan.preset.title.replace("：", ":").partition(":")[0].strip()
    return _SAID[has_cjk(run.plan.header_of("last_contact"))].format(system=system)


def write_talks(run: Run) -> None:
    """Take down when there was talk last, with whom and about what."""
    if not run.has("last_contact"):
        return
    run.params["said"] = _said(run)
    run.execute("CREATE TABLE IF NOT EXISTS s_talk (id INTEGER PRIMARY KEY, record, at, text)")
    run.execute("DELETE FROM s_talk")
    run.counts.interactions += run.execute(
        "INSERT INTO s_talk SELECT row_number() OVER (ORDER BY s.rowid)"
        " + max(coalesce((SELECT seq FROM crm.sqlite_sequence WHERE name = 'interaction'), 0),"
        " coalesce((SELECT max(id) FROM interaction), 0)), coalesce(m.target, f.id), s.at, coalesce(s.text, :said)"
        " FROM s_said s LEFT JOIN s_match m ON m.n = s.n LEFT JOIN s_fresh f ON f.n = s.n"
        " WHERE coalesce(m.target, f.id) IS NOT NULL"
    )
    customer = "d.id" if run.noun == "customer" else "d.customer_id"
    deal = "d.id" if run.noun == "deal" else "NULL"
    owner = "NULL" if run.noun == "contact" else "d.owner_id"
    run.execute(
        "INSERT INTO interaction (id, uuid, customer_id, deal_id, channel, at, text, owner_id, created_at, updated_at)"
        f" SELECT s.id, {UUID}, {customer}, {deal}, 'note', s.at, s.text, {owner}, :now, :now"
        f" FROM s_talk s JOIN {run.noun} d ON d.id = s.record ORDER BY s.id"
    )
    if run.noun == "contact":
        run.execute(
            "INSERT INTO interaction_contact (uuid, interaction_id, contact_id, created_at)"
            f" SELECT {UUID}, id, record, :now FROM s_talk ORDER BY id"
        )
    move_touches(run, "SELECT id FROM s_talk")
