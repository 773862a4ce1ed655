"""Everything that hangs on dropped records is hung on the kept ones, by statements over all groups at once. The
deletion of the dropped rows comes last: a link that was forgotten would stop it."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm_cli.model.identity import new_uuid
from crm_cli.store.writer import Plain

Dropped = Sequence[tuple[int, int]]  # each dropped id and the kept one that it goes into, in the order typed

_INTO = "(SELECT m.keep_id FROM temp.merging m WHERE m.drop_id = {column})"
_GOING = "(SELECT drop_id FROM temp.merging)"
# table, column, whether the row says when it was changed
_MOVED = {
    "customer": (
        ("contact", "customer_id", True),
        ("deal", "customer_id", True),
        ("task", "customer_id", True),
        ("interaction", "customer_id", True),
        ("sales_order", "customer_id", True),
        ("customer", "parent_id", True),
        ("customer", "referred_by_id", True),
        ("merged", "customer_id", False),
    ),
    "contact": (("merged", "contact_id", False),),
}
# rows of which a record has one each: by tag, by deal; the double goes
_ONCE = {
    "customer": ("tagging", "snooze"),
    "contact": ("tagging", "deal_contact", "interaction_contact"),
}


def move_all(db: Plain, noun: str, dropped: Dropped, now: str, today: str) -> list[tuple[int, str, int]]:
    """Move everything and delete the dropped rows. Returns where a withdrawn consent was kept against a newer given
    one: kept id, channel, dropped id."""
    db.execute("CREATE TEMP TABLE IF NOT EXISTS merging (drop_id INTEGER PRIMARY KEY, keep_id INTEGER, place INTEGER)")
    db.execute("DELETE FROM temp.merging")
    db.many(
        "INSERT INTO temp.merging VALUES (?, ?, ?)", [(drop, keep, place) for place, (drop, keep) in enumerate(dropped)]
    )
    own = f"{noun}_id"
    stricter = _move_consents(db, own, now, today)
    _move_reaches(db, own, now)
    if noun == "contact":
        _fill_roles(db, now)
    for table in _ONCE[noun]:
        into = _INTO.format(column=f"{table}.{own}")
        db.execute(f"UPDATE OR IGNORE {table} SET {own} = {into} WHERE {own} IN {_GOING}")
        db.execute(f"DELETE FROM {table} WHERE {own} IN {_GOING}")
    for table, column, dated in _MOVED[noun]:
        changed = ", updated_at = :now" if dated else ""
        into = _INTO.format(column=f"{table}.{column}")
        db.execute(
            f"UPDATE {table} SET {column} = {into}{changed} WHERE {column} IN {_GOING}", {"now": now} if dated else {}
        )
    _remember(db, noun, now)
    _move_differences(db, noun, dict(dropped), now)
    db.execute(f"DELETE FROM {noun} WHERE id IN {_GOING}")
    return stricter


def _move_reaches(db: Plain, own: str, now: str) -> None:
    """Behind those of the kept record, in the order typed; what it has already goes, but for a label that it lacks."""
    rows = db.rows(
        f"SELECT r.id, coalesce(m.keep_id, r.{own}), m.drop_id, r.kind, r.value_key, r.label, r.position FROM reach r"
        f" LEFT JOIN temp.merging m ON m.drop_id = r.{own} WHERE r.{own} IN {_GOING} OR r.{own} IN (SELECT keep_id FROM"
        " temp.merging) ORDER BY 2, coalesce(m.place, -1), r.kind, r.position, r.id"
    )
    known: dict[tuple[int, str, str], int] = {}
    labels: dict[int, str] = {}
    behind: dict[tuple[int, str], int] = {}
    moved, gone, named = [], [], []
    for row_id, keep, drop, kind, key, label, position in rows:
        first = known.setdefault((keep, kind, key), row_id)
        if drop is not None and first != row_id:
            gone.append((row_id,))
            if label and not labels[first]:
                labels[first] = label
                named.append((label, now, first))
            continue
        labels[row_id] = label
        place = position if drop is None else behind.get((keep, kind), 0)
        behind[keep, kind] = max(place + 1, behind.get((keep, kind), 0))
        if drop is not None:
            moved.append((keep, place, now, row_id))
    db.many("DELETE FROM reach WHERE id = ?", gone)
    db.many(f"UPDATE reach SET {own} = ?, position = ?, updated_at = ? WHERE id = ?", moved)
    db.many("UPDATE reach SET label = ?, updated_at = ? WHERE id = ?", named)


def _fill_roles(db: Plain, now: str) -> None:
    """In a deal that both are in, a role that only the dropped one has."""
    role = (
        "(SELECT d.role FROM temp.merging m JOIN deal_contact d ON d.contact_id = m.drop_id WHERE m.keep_id ="
        " deal_contact.contact_id AND d.deal_id = deal_contact.deal_id AND d.role IS NOT NULL ORDER BY m.place LIMIT 1)"
    )
    db.execute(
        f"UPDATE deal_contact SET role = {role}, updated_at = :now WHERE role IS NULL AND contact_id IN"
        f" (SELECT keep_id FROM temp.merging) AND {role} IS NOT NULL",
        {"now": now},
    )


_IN_FORCE = (
    "SELECT x.id, x.channel, x.status, x.decided_on FROM (SELECT c.{own} AS id, c.channel, c.status, c.decided_on,"
    " row_number() OVER (PARTITION BY c.{own}, c.channel ORDER BY c.decided_on DESC, c.id DESC) AS n FROM consent c"
    " WHERE c.{own} IN {going} OR c.{own} IN (SELECT keep_id FROM temp.merging)) x WHERE x.n = 1 ORDER BY 1, 2"
)


def _move_consents(db: Plain, own: str, now: str, today: str) -> list[tuple[int, str, int]]:
    """Every decision is kept. Who had withdrawn has withdrawn, also where another one of them agreed later: that is
    written down as a decision of its own."""
    sql = _IN_FORCE.format(own=own, going=_GOING)
    before = db.rows(sql)
    db.execute(f"UPDATE consent SET {own} = {_INTO.format(column=f'consent.{own}')} WHERE {own} IN {_GOING}")
    now_in_force = {(row_id, channel): (status, day) for row_id, channel, status, day in db.rows(sql)}
    into: Mapping[int, int] = dict(db.rows("SELECT drop_id, keep_id FROM temp.merging"))
    noun = own.removesuffix("_id")
    found: dict[tuple[int, str], tuple[int, str]] = {}
    for row_id, channel, status, _ in before:
        keep = into.get(row_id, row_id)
        given, day = now_in_force[keep, channel]
        if status == "withdrawn" and given == "given":
            found.setdefault((keep, channel), (row_id, max(day, today)))
    for (keep, channel), (row_id, day) in found.items():
        db.execute(
            f"INSERT INTO consent (uuid, {own}, channel, status, source, decided_on, created_at)"
            " VALUES (?, ?, ?, 'withdrawn', ?, ?, ?)",
            (new_uuid(), keep, channel, f"{noun}:{row_id}", day, now),
        )
    return [(keep, channel, row_id) for (keep, channel), (row_id, _) in found.items()]


def _remember(db: Plain, noun: str, now: str) -> None:
    """Under which ids the dropped records were known."""
    rows: list[tuple[Any, ...]] = db.rows(
        f"SELECT m.keep_id, x.id, x.uuid, x.name, x.external_source, x.external_id FROM temp.merging m JOIN {noun} x"
        " ON x.id = m.drop_id ORDER BY m.place"
    )
    db.many(
        f"INSERT INTO merged (uuid, {noun}_id, dropped_id, dropped_uuid, name, external_source, external_id,"
        " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(new_uuid(), *row, now) for row in rows],
    )


def _move_differences(db: Plain, noun: str, into: Mapping[int, int], now: str) -> None:
    """Who was no duplicate of the dropped one is none of the kept one; between those that become one it goes."""
    rows = db.rows(
        f"SELECT id, low_id, high_id FROM not_duplicate WHERE noun = :noun AND (low_id IN {_GOING} OR high_id IN"
        f" {_GOING}) ORDER BY id",
        {"noun": noun},
    )
    db.many("DELETE FROM not_duplicate WHERE id = ?", [(row_id,) for row_id, _, _ in rows])
    pairs = {tuple(sorted((into.get(low, low), into.get(high, high)))) for _, low, high in rows}
    db.many(
        "INSERT OR IGNORE INTO not_duplicate (uuid, noun, low_id, high_id, created_at) VALUES (?, ?, ?, ?, ?)",
        [(new_uuid(), noun, low, high, now) for low, high in sorted(pairs) if low != high],
    )
