"""What to do with customers in a stage of life: words of one's own, and back to ours."""

from crm_cli.actions.change import NOTHING, Change, changed
from crm_cli.i18n import language
from crm_cli.model.sales import Setting
from crm_cli.queries.playbook import setting_of
from crm_cli.rules import names
from crm_cli.rules.text import squeeze
from crm_cli.store.writer import Work


def set_playbook(w: Work, stage: str, text: str | None) -> Change:
    """Words for a stage; None brings ours back."""
    name = setting_of(stage)
    holes = {"stage": names.shown("lifecycle", stage, language())}
    row_id = w.db.value("SELECT id FROM setting WHERE name = :name", {"name": name})
    if text is None:
        if row_id is None:
            return Change("playbook", [], NOTHING)
        w.session.delete(w.get(Setting, row_id))
        return Change("playbook", [], "The playbook of {stage} is ours again", holes)
    words = squeeze(text)
    if row_id is None:
        row = w.add(Setting(name=name, value=words, created_at=w.now, updated_at=w.now))
        return Change("playbook", [row.id], "Changed the playbook of {stage}", holes)
    if not changed(w.get(Setting, row_id), {"value": words}, w.now):
        return Change("playbook", [row_id], NOTHING)
    return Change("playbook", [row_id], "Changed the playbook of {stage}", holes)
