"""Lists of the small nouns: stages, tags, members."""

from typing import Any

from crm_cli.store.reader import Reader


def stages(db: Reader, *, pipeline_id: int | None = None, ids: list[int] | None = None) -> list[dict[str, Any]]:
    """Stages in the order of their pipelines, with how many deals stand in each."""
    rows = db.dicts(
        "SELECT s.id, s.uuid, s.name, l.name AS pipeline, s.position, s.kind, s.probability, s.quiet_after_days,"
        " (SELECT count(*) FROM deal d WHERE d.stage_id = s.id AND d.removed_at IS NULL) AS deals, s.pipeline_id"
        " FROM stage s JOIN pipeline l ON l.id = s.pipeline_id WHERE s.removed_at IS NULL OR s.id = :one"
        " ORDER BY l.position, l.id, s.position, s.id",
        {"one": ids[0] if ids else None},
    )
    return [
        row
        for row in rows
        if (pipeline_id is None or row["pipeline_id"] == pipeline_id) and (ids is None or row["id"] in ids)
    ]


def tags(db: Reader, *, ids: list[int] | None = None) -> list[dict[str, Any]]:
    """Tags by name, with how many records of each noun have them."""
    counted = {noun: _tagged(db, noun) for noun in ("contact", "deal")}
    # customers have most of them, and are what the others leave: that index is read in the order of the tags
    left: dict[int, int] = dict(db.rows("SELECT tag_id, count(*) FROM tagging GROUP BY tag_id"))
    counted = {
        "customer": {tag: n - sum(found.get(tag, 0) for found in counted.values()) for tag, n in left.items()}
    } | counted
    gone = {noun: _tagged_and_removed(db, noun) for noun in counted}
    return [
        {"id": tag, "name": name}
        | {f"{noun}s": found.get(tag, 0) - gone[noun].get(tag, 0) for noun, found in counted.items()}
        for tag, name in db.rows("SELECT id, name FROM tag ORDER BY name_key")
        if ids is None or tag in ids
    ]


def _tagged(db: Reader, noun: str) -> dict[int, int]:
    """Tag -> how many records of a noun have it, removed ones too; from an index alone."""
    index = f"tagging INDEXED BY tagging_{noun} WHERE {noun}_id IS NOT NULL"
    return dict(db.rows(f"SELECT tag_id, count(*) FROM {index} GROUP BY tag_id"))


def _tagged_and_removed(db: Reader, noun: str) -> dict[int, int]:
    """Of the removed ones, which are few."""
    tagged = f"{noun} r CROSS JOIN tagging x ON x.{noun}_id = r.id"
    return dict(db.rows(f"SELECT x.tag_id, count(*) FROM {tagged} WHERE r.removed_at IS NOT NULL GROUP BY x.tag_id"))


def members(db: Reader, *, ids: list[int] | None = None) -> list[dict[str, Any]]:
    """Members by name, with their open deals and tasks."""
    rows = db.dicts(
        "SELECT m.id, m.uuid, m.name, m.email,"
        " (SELECT count(*) FROM deal d WHERE d.owner_id = m.id AND d.removed_at IS NULL"
        "  AND d.stage_id IN (SELECT id FROM stage WHERE kind = 'open')) AS open_deals,"
        " (SELECT count(*) FROM task t WHERE t.owner_id = m.id AND t.removed_at IS NULL"
        "  AND t.done_at IS NULL) AS open_tasks"
        " FROM member m WHERE m.removed_at IS NULL OR m.id = :one ORDER BY m.name_key",
        {"one": ids[0] if ids else None},
    )
    return [row for row in rows if ids is None or row["id"] in ids]
