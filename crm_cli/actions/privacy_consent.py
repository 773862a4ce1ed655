"""What somebody agreed to be sent, or withdrew, taken down with the ground, the source and the day."""

from collections.abc import Sequence
from datetime import date

from crm_cli.errors import Misuse
from crm_cli.i18n import language
from crm_cli.model.privacy import Consent
from crm_cli.rules.days import spell_day
from crm_cli.store.writer import Work


def decide(
    w: Work,
    noun: str,
    record_id: int,
    channels: Sequence[str],
    *,
    basis: str | None,
    source: str | None,
    on: date,
    withdrawn: bool,
) -> int:
    """A row for each channel, unless it says what the newest one says; returns how many are new."""
    if on > w.today:
        raise Misuse("{day} has not come yet: a consent says what has happened", day=spell_day(on, language()))
    status = "withdrawn" if withdrawn else "given"
    new = 0
    for channel in channels:
        newest = w.db.row(
            f"SELECT status, basis, source, decided_on FROM consent WHERE {noun}_id = :id AND channel = :channel"
            " ORDER BY decided_on DESC, id DESC LIMIT 1",
            {"id": record_id, "channel": channel},
        )
        if newest == (status, basis, source, on.isoformat()):
            continue
        row = Consent(channel=channel, status=status, basis=basis, source=source, decided_on=on, created_at=w.now)
        setattr(row, f"{noun}_id", record_id)
        w.add(row)
        new += 1
    return new
