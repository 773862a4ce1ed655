"""What somebody agreed to be sent: every decision, and who may be written to by a channel."""

from typing import Any

from crm_cli.rules.days import from_utc_text
from crm_cli.store.reader import Reader

# channel -> the kind of address that it goes to; of others nothing is asked
_ADDRESS = {"email": "email", "call": "phone", "sms": "phone", "message": "messenger", "wechat": "messenger"}


def consents_of(db: Reader, noun: str, record_id: int, zone: Any = None) -> list[dict[str, Any]]:
    """Every decision of a customer or contact with the keys of `crm privacy consent`, newest first of a channel;
    `in_force` says which one is in force."""
    rows = db.dicts(
        'SELECT channel, status, basis, source, decided_on AS "on", created_at AS recorded_at FROM consent'
        f" WHERE {noun}_id = :id ORDER BY channel, decided_on DESC, id DESC",
        {"id": record_id},
    )
    seen = set()
    for row in rows:
        row["ref"] = f"{noun}:{record_id}"
        row["in_force"] = row["channel"] not in seen
        seen.add(row["channel"])
        row["recorded_at"] = from_utc_text(row["recorded_at"], zone).isoformat()
    return rows


def may_be_sent(noun: str, alias: str, channel: str) -> tuple[str, dict[str, Any]]:
    """A condition and its parameters: who agreed and has not withdrawn since, can be reached that way, and shares the
    address with nobody who has withdrawn. Who was never asked is left out."""
    newest = (
        "(SELECT s.status FROM consent s WHERE s.channel = :sent_by AND {test}"
        " ORDER BY s.decided_on DESC, s.id DESC LIMIT 1)"
    )
    own = newest.format(test=f"s.{noun}_id = {alias}.id")
    sql = f"{own} = 'given'"
    kind = _ADDRESS.get(channel)
    if kind:
        theirs = newest.format(test="(s.customer_id = o.customer_id OR s.contact_id = o.contact_id)")
        sql += (
            f" AND EXISTS (SELECT 1 FROM reach a WHERE a.{noun}_id = {alias}.id AND a.kind = '{kind}')"
            f" AND NOT EXISTS (SELECT 1 FROM reach a JOIN reach o ON o.value_key = a.value_key AND o.kind = a.kind"
            f" WHERE a.{noun}_id = {alias}.id AND a.kind = '{kind}' AND {theirs} = 'withdrawn')"
        )
    return f"({sql})", {"sent_by": channel}
